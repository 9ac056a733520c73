"""The command line: `python -m tune deploy dev`, `python -m tune destroy dev`, `python -m tune demo`."""
