"""`tune purge`: removes for good what a destroyed environment has left on purpose."""
