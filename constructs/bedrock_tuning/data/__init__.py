"""The bucket and the datasets in it; what is checked of a file before it is sent."""
