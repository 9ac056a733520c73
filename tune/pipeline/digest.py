"""The digest of a cloud assembly: what one job synthesizes and another deploys is the same to the byte."""

import hashlib
import json
from pathlib import Path

from tune.terminal.problems import NoAssembly


def digest_of(folder: Path) -> str:
    """Return the SHA-256 over the paths and contents of all files of an assembly, hidden ones included.

    Another, changed, missing or renamed file is another digest. Times, permissions and empty folders do not matter.

    Raises NoAssembly.
    """
    if not (folder / "manifest.json").is_file():
        remedy = "make one with cdk synth --quiet --output FOLDER"
        raise NoAssembly(f"{folder} is no cloud assembly: it has no manifest.json; {remedy}")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    listed = [(path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()
