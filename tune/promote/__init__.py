"""`tune promote`: writes into an environment's file which model of another one it serves."""
