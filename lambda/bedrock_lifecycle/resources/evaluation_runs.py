"""The runs of an environment's evaluations, which Step Functions keeps by name."""

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions.evaluation_run import EvaluationRun
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.outcome import Again

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

# What a run is told besides its evaluation: whose it is, which no ledger knows once a stack was made again.
_OWNER = "owner"
_UNKNOWN = "ExecutionDoesNotExist"
# With which code a run is refused to be stopped that is over already is not documented.
_IS_OVER = frozenset({_UNKNOWN, "ValidationException"})


class EvaluationRuns:
    """`workflow` is the ARN of the state machine.

    What is listed and described may be some time old (Step Functions API reference, ListExecutions and
    DescribeExecution), so a run is told from all others by its name, which Step Functions takes once.
    """

    def __init__(self, step_functions: "SFNClient", workflow: str) -> None:
        self._step_functions = step_functions
        self._workflow = workflow

    def listed(self) -> dict[str, EvaluationRun]:
        """Return the runs of all evaluations by name; what each came to is not told."""
        pages = self._step_functions.get_paginator("list_executions").paginate(stateMachineArn=self._workflow)
        found = (each for page in pages for each in page["executions"])
        return {each["name"]: EvaluationRun(each["name"], each["executionArn"], each["status"]) for each in found}

    def described(self, arn: str) -> EvaluationRun | None:
        """Return one run with what it came to and whose it is; None where it is not seen, or was forgotten."""
        try:
            found = self._step_functions.describe_execution(executionArn=arn)
        except ClientError as error:
            if aws_errors.code(error) != _UNKNOWN:
                raise
            return None
        told, asked = _texts(found.get("output")), _texts(found.get("input"))
        outcome, reason = told.get("outcome", ""), told.get("reason", "")
        name = found.get("name", arn.rpartition(":")[2])
        return EvaluationRun(name, arn, found["status"], outcome, reason, asked.get(_OWNER, ""))

    def start(self, run: str, evaluation_id: str, owner: str) -> str:
        """Start a run for a stack, which its owner tag names, and return its ARN.

        Raises:
            Again: When the name is taken, by a start whose answer was lost or by another request: look again.
        """
        try:
            started = self._step_functions.start_execution(
                stateMachineArn=self._workflow, name=run, input=json.dumps({"evaluation": evaluation_id, _OWNER: owner})
            )
        except self._step_functions.exceptions.ExecutionAlreadyExists:
            raise Again(f"evaluation run {run} was started before and is not seen yet") from None
        return started["executionArn"]

    def stop(self, run: EvaluationRun) -> None:
        """Stop a run; one that is over stays so."""
        try:
            self._step_functions.stop_execution(executionArn=run.arn, cause="superseded, or its stack is deleted")
        except ClientError as error:
            if aws_errors.code(error) not in _IS_OVER:
                raise


def _texts(document: str | None) -> dict[str, str]:
    """Return the members of an input or an output; of what somebody has started by hand it may be anything."""
    told = json.loads(document or "{}")
    return {name: str(its) for name, its in told.items()} if isinstance(told, dict) else {}


def newest(runs: dict[str, EvaluationRun], evaluation_id: str) -> int:
    """Return the number of the newest run of an evaluation; 0 without any."""
    return max((contract.run_number(name, evaluation_id) for name in runs), default=0)
