"""`tune dataset stats`: what data files are like in numbers, and what training on them comes to."""

import json
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

import typer

from tune.commands.dataset.arguments import BaseModel, Environment, Model, TestFile, Train, ValidationFile
from tune.endings import ending_in_words
from tune.terminal.arguments import Folder
from tune.terminal.exit_codes import refuse
from tune.terminal.folders import DEFAULT_FOLDER

Epochs = Annotated[
    int | None,
    typer.Option(
        "--epochs", metavar="NUMBER", min=1, help="Passes over the data. Default: ENV's, else the base model's."
    ),
]
Price = Annotated[
    str | None, typer.Option("--price-per-million-tokens", metavar="NUMBER", help="Your price, in your currency.")
]
Output = Annotated[Literal["text", "json"], typer.Option("--format", help="For people, or for tools.")]


@ending_in_words(interrupted="Nothing was changed.")
def stats(
    train: Train = None,
    validation: ValidationFile = None,
    test: TestFile = None,
    base_model: BaseModel = None,
    environment: Environment = None,
    model: Model = None,
    folder: Folder = DEFAULT_FOLDER,
    epochs: Epochs = None,
    price_per_million_tokens: Price = None,
    output: Output = "text",
) -> None:
    """Show data files in numbers, and estimate what a training run bills.

    Tokens are estimated from characters; the output says on what basis. The project knows no prices: give the one
    of your account and Region.

    Exit codes: 0 shown, even of data with errors; 2 it could not read, or an option is wrong.

    python -m tune dataset stats train.jsonl --environment dev
    python -m tune dataset stats --environment dev --price-per-million-tokens 1.50
    """
    from tune.dataset.checking import measured, of_other_shapes
    from tune.dataset.epochs import epochs_of
    from tune.dataset.formats import other_format
    from tune.dataset.reports.numbers import bill_of, document, lines
    from tune.dataset.subject import files_of, rules_of

    price = _price(price_per_million_tokens)
    rules = rules_of(base_model, environment, model, folder)
    paths = files_of(train, validation, test, rules.model)
    files = measured(paths, rules, digest=output == "json")
    bill = bill_of(files, epochs_of(epochs, rules), price)
    if output == "json":
        typer.echo(json.dumps(document(files, bill), indent=2))
    else:
        others = of_other_shapes(each.file for each in files)
        advice = (other_format(path, rules) for path in others)
        typer.echo("\n".join((*lines(files, bill), *filter(None, advice))))
    if "validation" in paths and rules.unused_validation:
        typer.echo(f"warning: {rules.unused_validation}", err=True)


def _price(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal(-1)
    if not price.is_finite() or price < 0:
        refuse(f"--price-per-million-tokens: {text!r} is not a price: write a number such as 1.50")
    return price
