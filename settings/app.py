"""`app.toml`: whose stacks these are."""

from typing import Final

from settings.fields import AppName
from settings.problems import Table

DEFAULT_APP: Final = "bedrock-tuning"


class App(Table):
    """`app.toml`: whose stacks these are.

    app: 1 to 40 letters, digits and hyphens, a letter first; a tag of every stack. Another app's stacks are never
        updated or deleted, whatever their names. Default: bedrock-tuning.
    """

    app: AppName = DEFAULT_APP
