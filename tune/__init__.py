"""The command line: `python -m tune deploy dev`, and `plan`, `destroy`, `demo`."""
