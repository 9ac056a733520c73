"""`tune destroy`: what serves first, then the rest; afterwards what AWS says is left."""
