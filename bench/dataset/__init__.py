"""How fast data files are checked: `make bench-dataset`."""
