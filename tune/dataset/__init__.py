"""`tune dataset`: what is done with data files on this machine, before anything is paid for."""
