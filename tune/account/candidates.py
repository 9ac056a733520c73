"""The deployments that answer for models during evaluations: whether a run still needs one, and which runs go on."""

from collections.abc import Iterable, Iterator
from typing import Final

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions.evaluation_run import EvaluationRun
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.resources.evaluation_runs import EvaluationRuns
from tune.account import denied, stack_states
from tune.account.aws import Aws
from tune.account.bedrock_resources import BedrockResource
from tune.account.items import InventoryItem, run_item
from tune.account.location import place_of
from tune.terminal.environments import EnvironmentRef

_MACHINE: Final = "AWS::StepFunctions::StateMachine"
# The construct of the workflow; the lifecycle has one of its own.
_OF_EVALUATIONS: Final = "Evaluation"
_GONE: Final = "StateMachineDoesNotExist"


def workflow_of(aws: Aws, foundation: str) -> str | None:
    """Return the ARN of the workflow of evaluations in a Foundation; None without one, or before it is made."""
    for each in stack_states.resources(aws("cloudformation"), foundation):
        if each["ResourceType"] == _MACHINE and each["LogicalResourceId"].startswith(_OF_EVALUATIONS):
            return each.get("PhysicalResourceId")
    return None


def going(aws: Aws, foundation: str) -> list[EvaluationRun]:
    """Return the runs that go on in a Foundation; none in one that is gone, or evaluates nothing."""
    workflow = workflow_of(aws, foundation)
    try:
        found = EvaluationRuns(aws("stepfunctions"), workflow).listed() if workflow else {}
    except ClientError as error:
        if aws_errors.code(error) != _GONE:
            raise
        return []
    return [run for run in found.values() if run.is_going]


def is_in_use(aws: Aws, candidate: BedrockResource) -> bool | None:
    """Tell whether a run is under way that a candidate answers for, and that deletes it; None where that is not seen.

    A Foundation that is gone has taken its runs along.
    """
    foundation = candidate.tags.get(contract.TAG_FOUNDATION, "").rpartition("/")[2]
    if not foundation:
        return None
    try:
        runs = going(aws, foundation)
    except ClientError as error:
        if not aws_errors.is_denied(error):
            raise
        return None
    return any(contract.run_number(run.name, candidate.evaluation) for run in runs)


def evaluating(aws: Aws, anchor: EnvironmentRef) -> Iterator[InventoryItem]:
    """Yield the runs of evaluations that go on, with or without their stack; of a model that is named its own."""
    try:
        for run in going(aws, anchor.foundation):
            if anchor.named is None or _is_of(aws, anchor, run):
                yield run_item(run.name, run.arn)
    except ClientError as error:
        if not aws_errors.is_denied(error):
            raise
        yield InventoryItem("Runs of", anchor.foundation, f"not looked at: {denied.told(error)}", "")


def without_needed(deployed: Iterable[InventoryItem], runs: Iterable[InventoryItem]) -> list[InventoryItem]:
    """Return what is deployed, without the candidates that runs need, which delete them."""
    needed = tuple(f"-{contract.evaluation_of(run.name)}" for run in runs)
    return [its for its in deployed if not its.name.endswith(needed)]


def _is_of(aws: Aws, anchor: EnvironmentRef, run: EvaluationRun) -> bool:
    described = EvaluationRuns(aws("stepfunctions"), "").described(run.arn)
    owners = [place_of(anchor).stack_owner(stack) for stack in anchor.stacks("Evaluation")]
    return described is not None and described.owner in owners
