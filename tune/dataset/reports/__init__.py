"""What a check found, in the words of people and of tools. Content of a record is in none of them."""
