"""What several of the folders beside it need."""
