"""Files and what the operating system says of them, as messages name them."""

from pathlib import Path

from settings.toml_file import label


def name_of(path: Path) -> str:
    """Return a path as messages show it, on one line whatever its name holds."""
    text = label(path)
    return text if text.isprintable() else repr(text)


def reason(error: OSError | ValueError) -> str:
    """Return why the operating system refuses, without the path that its own message repeats."""
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else "not a possible path"
