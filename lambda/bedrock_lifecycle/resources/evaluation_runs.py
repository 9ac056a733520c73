"""The runs of an environment's evaluations, which Step Functions keeps by name."""

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions.evaluation_run import Run
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.outcome import Again

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

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

    def listed(self) -> dict[str, Run]:
        """Return the runs of all evaluations by name; what each came to is not told."""
        pages = self._step_functions.get_paginator("list_executions").paginate(stateMachineArn=self._workflow)
        found = (each for page in pages for each in page["executions"])
        return {each["name"]: Run(each["name"], each["executionArn"], each["status"]) for each in found}

    def described(self, arn: str) -> Run | None:
        """Return one run with what it came to; None where it is not seen, or was forgotten."""
        try:
            found = self._step_functions.describe_execution(executionArn=arn)
        except ClientError as error:
            if aws_errors.code(error) != _UNKNOWN:
                raise
            return None
        told = json.loads(found.get("output") or "{}")
        outcome, reason = (str(told.get(name, "")) for name in ("outcome", "reason"))
        return Run(found.get("name", arn.rpartition(":")[2]), arn, found["status"], outcome, reason)

    def start(self, run: str, evaluation_id: str) -> str:
        """Start a run and return its ARN.

        Raises:
            Again: When the name is taken, by a start whose answer was lost or by another request: look again.
        """
        try:
            started = self._step_functions.start_execution(
                stateMachineArn=self._workflow, name=run, input=json.dumps({"evaluation": evaluation_id})
            )
        except self._step_functions.exceptions.ExecutionAlreadyExists:
            raise Again(f"evaluation run {run} was started before and is not seen yet") from None
        return started["executionArn"]

    def stop(self, run: Run) -> None:
        """Stop a run; one that is over stays so."""
        try:
            self._step_functions.stop_execution(executionArn=run.arn, cause="superseded, or its stack is deleted")
        except ClientError as error:
            if aws_errors.code(error) not in _IS_OVER:
                raise


def newest(runs: dict[str, Run], evaluation_id: str) -> int:
    """Return the number of the newest run of an evaluation; 0 without any."""
    return max((contract.run_number(name, evaluation_id) for name in runs), default=0)
