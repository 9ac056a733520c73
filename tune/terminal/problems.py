"""What keeps a command from doing what it was asked, for whoever reads its one line."""


class CannotBeDone(Exception):
    """The message says what is wrong, and what to do; a command ends with it and with the code 2."""
