"""The commands and settings of an app, for messages of the library that help by naming one."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Remedies:
    """Commands and settings that your app has; a message names one only if it is given here.

    Args:
        status: Tells where trainings stand and why one failed. Default: none is named.
        check: Tells every finding in the data files. Default: none is named.
        push: Brings data files of this machine to the data store. Default: none is named.
        source_key: Where your users name the key that encrypts a data file which is copied. Default: none is named.
    """

    status: str | None = None
    check: str | None = None
    push: str | None = None
    source_key: str | None = None
