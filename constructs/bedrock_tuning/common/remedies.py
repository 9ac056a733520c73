"""The commands and settings of an app, for messages of the library that help by naming one."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Remedies:
    """Commands and settings of your app; messages name only those that are set.

    Args:
        status: Shows the state of training runs and why one failed. Default: none.
        check: Shows every finding in the data files. Default: none.
        push: Pushes data files of this machine to the data store. Default: none.
        source_key: The setting for the key that encrypts a data file to copy. Default: none.
    """

    status: str | None = None
    check: str | None = None
    push: str | None = None
    source_key: str | None = None
