"""One file for each command: how it is called, its help, and how it ends.

What it works with is imported when it runs, so that help and usage errors wait for no library.
"""
