"""Arguments that several dataset commands take."""

from pathlib import Path
from typing import Annotated

import typer

Train = Annotated[
    Path | None, typer.Argument(metavar="TRAIN", help="Training data; without it the files of ENV's settings.")
]
ValidationFile = Annotated[Path | None, typer.Option("--validation", metavar="FILE", help="Validation data.")]
TestFile = Annotated[Path | None, typer.Option("--test", metavar="FILE", help="Test data.")]
BaseModel = Annotated[
    str | None, typer.Option("--base-model", metavar="ID", help="The base model whose rules the data must meet.")
]
Environment = Annotated[
    str | None,
    typer.Option("--environment", metavar="ENV", help="In place of ID: the base model of a model in an environment."),
]
Model = Annotated[
    str | None, typer.Option("--model", metavar="MODEL", help="Which model of ENV, where it has several.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there already.")]
