"""The commands on data files, one file each."""
