"""`tune status`: where a training and what serves its model stand."""
