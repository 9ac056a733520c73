"""`tune evaluate`: one model's evaluation, and nothing else of it."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from tune.endings import ending_in_words
from tune.terminal.arguments import Extra, Folder, Json, Name, OnlyModel, model_and_cdk_arguments
from tune.terminal.exit_codes import ExitCode, refuse
from tune.terminal.folders import DEFAULT_FOLDER
from tune.terminal.signals import stoppable

if TYPE_CHECKING:
    from tune.terminal.environments import DeployTarget


def evaluate(
    name: Name,
    model: OnlyModel = None,
    extra: Extra = None,
    folder: Folder = DEFAULT_FOLDER,
    estimate: Annotated[
        bool,
        typer.Option(
            "--estimate", help="Show which models would be called, and the most questions, tokens and time; do nothing."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Evaluate a trained model by its [evaluation], and show the numbers.

    It deploys Foundation, where that differs, and the model's Evaluation stack alone: nothing is trained, bought or
    moved. Answers of earlier runs are reused. While it waits it shows how many records each model has
    answered. Arguments after two hyphens go to the CDK CLI.

    --estimate deploys nothing and asks no model. It reads the test data, and what AWS has of earlier runs; without
    credentials it estimates a first run. Tokens are estimated too high rather than too low. The time is that of the
    quotas alone: throttling, the judge and the deployment add to it.

    Exit codes: 0 evaluated, and a gate has passed; 1 it failed, or --estimate finds that it would be refused; 2
    settings or credentials are wrong, AWS does not answer, or CloudFormation would refuse; 3 nothing failed, and the
    evaluation is still in progress; 4 the gate refuses the model.

    python -m tune evaluate dev docstrings --estimate
    python -m tune evaluate dev docstrings
    python -m tune evaluate dev docstrings --json
    """
    from tune.account.clients import clients
    from tune.deployment.cdk_cli import CdkCli
    from tune.deployment.deploy import LOST, StackDeployment
    from tune.evaluation import json_document, text
    from tune.evaluation.observe import EvaluationObserver
    from tune.terminal.screen import screen_of
    from tune.terminal.targets import target_of

    model, given = model_and_cdk_arguments(model, extra)
    target = _of_one(target_of(folder, name, model, command="evaluate"))
    if estimate:
        if given:
            refuse("--estimate deploys nothing: leave out the arguments for the CDK CLI")
        _estimate(target, as_json=as_json)
    screen = screen_of(Console(stderr=as_json))
    with ending_in_words(interrupted="Nothing was started.", screen=screen), stoppable():
        aws, cdk = clients(target, "deploy"), CdkCli(screen, os.environ, target.assembly)
        deployment = StackDeployment(target, aws, cdk, screen)
        with ending_in_words(interrupted=deployment.goes_on, lost=LOST, screen=screen):
            code = deployment.run(given)
            stacks, now = target.stacks("Evaluation"), datetime.now(UTC)
            observer, inputs = EvaluationObserver(aws, target), target.settings[0].evaluation_inputs
            found = next(observer.look(stacks, now), None) if code == ExitCode.DONE else None
            if code == ExitCode.FAILED and inputs:
                found = observer.failed(inputs.id)
    if as_json:
        told = json_document.evaluation(found) if found else None
        typer.echo(json.dumps({"environment": name, "model": target.models[0], "evaluation": told}, indent=2))
    elif found and code == ExitCode.DONE:
        for line in text.lines(found):
            typer.echo(line)
    elif found:
        # Its scores would say more of the errors than of the model; `tune report` has them.
        typer.echo(text.standing(found))
    raise typer.Exit(code)


def _estimate(target: "DeployTarget", *, as_json: bool) -> NoReturn:
    from tune.account.clients import answered, clients
    from tune.evaluation import json_document, text
    from tune.evaluation.estimating import estimate
    from tune.terminal.screen import working

    with ending_in_words(), working("reading the test data, and what AWS has of earlier runs"):
        aws, why_not = answered(lambda: clients(target, "lookup"))
        found = estimate(target, aws, why_not)
    if as_json:
        told = {"environment": target.name, "model": target.models[0], "estimate": json_document.estimate(found)}
        typer.echo(json.dumps(told, indent=2))
    else:
        typer.echo("\n".join(text.estimated(found)))
    raise typer.Exit(ExitCode.FAILED if found.refusal else ExitCode.DONE)


def _of_one(target: "DeployTarget") -> "DeployTarget":
    """Return the target about the Evaluation stack of its one model; end where it has none."""
    model = target.model
    if model.evaluation is None:
        refuse(f"{target.file_of(model.name)} has no [evaluation]: add it, see docs/how-to/evaluation.md")
    return replace(target.only(model), named=model.name, kinds=("Foundation", "Evaluation"))
