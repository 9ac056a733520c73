"""What the functions of an evaluation hand to each other, and where it is kept."""
