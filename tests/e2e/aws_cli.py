"""The AWS CLI for `aws SERVICE OPERATION --name value …`, where a test need not install it."""

import sys
from pathlib import Path
from typing import Final

_PROGRAM: Final = f"""#!{sys.executable}
import json, pathlib, sys
import boto3

service, operation, *given = sys.argv[1:]
names = ["".join(word.title() for word in name.removeprefix("--").split("-")) for name in given[::2]]
values = [pathlib.Path(each[7:]).read_text() if each.startswith("file://") else each for each in given[1::2]]
answer = getattr(boto3.client(service), operation.replace("-", "_"))(**dict(zip(names, values, strict=True)))
del answer["ResponseMetadata"]
print(json.dumps(answer, default=str))
"""


def install(folder: Path) -> Path:
    """Write the program into a folder, which is to be on the path."""
    folder.mkdir()
    (folder / "aws").write_text(_PROGRAM, encoding="utf-8")
    (folder / "aws").chmod(0o755)
    return folder
