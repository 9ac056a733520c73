"""Arguments that several dataset commands take."""

from pathlib import Path
from typing import Annotated

import typer

from tune.terminal.completion import environment_names, model_names

Train = Annotated[
    Path | None, typer.Argument(metavar="TRAIN", help="Training data. Default: the files in ENV's settings.")
]
ValidationFile = Annotated[Path | None, typer.Option("--validation", metavar="FILE", help="Validation data.")]
TestFile = Annotated[Path | None, typer.Option("--test", metavar="FILE", help="Test data.")]
BaseModel = Annotated[str | None, typer.Option("--base-model", metavar="ID", help="The base model whose rules apply.")]
Environment = Annotated[
    str | None,
    typer.Option(
        "--environment",
        metavar="ENV",
        autocompletion=environment_names,
        help="Take the base model from a model of this environment.",
    ),
]
Model = Annotated[
    str | None,
    typer.Option("--model", metavar="MODEL", autocompletion=model_names, help="Which model of ENV, if it has several."),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite existing files.")]
