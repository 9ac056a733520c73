"""What a sandbox knows of the evaluations of an environment: numbers, runs, and who was asked how often."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from bedrock_lifecycle.contract import EVALUATION_PREFIX, evaluated_by
from bedrock_lifecycle.contract.evaluation_store import CONFIDENTIAL, RUBRICS, counter_key, summary_key
from bedrock_lifecycle.evaluation.stored.summary import Summary
from sandbox.server import Sandbox
from tests.e2e.account import Account
from tests.e2e.settings_file import NAME

_TUNED: Final = ":custom-model-deployment/"
_SERVED: Final = ":provisioned-model/"


class Evaluations:
    """The evaluations of one environment."""

    def __init__(self, account: Account, region: str) -> None:
        self.account = account
        self.region = region
        self._dynamodb = account.sandbox.client("dynamodb", region)
        self._workflows = account.sandbox.client("stepfunctions", region)

    def id(self) -> str:
        """Return the evaluation that the stack asks for."""
        return self.account.outputs("Evaluation")["EvaluationId"]

    def summary(self, evaluation: str) -> Summary:
        """Return the numbers of an evaluation."""
        key = summary_key(evaluation)
        return Summary.from_json(self.account.objects(self.account.data_bucket())[key])

    def forget(self, evaluation: str) -> None:
        """Delete all that evaluations keep, with the counter of one; but rubrics, which a stack has put there, stay."""
        bucket = self.account.data_bucket()
        for key in self.account.objects(bucket):
            if key.startswith(EVALUATION_PREFIX) and not key.startswith(RUBRICS):
                self.account.s3.delete_object(Bucket=bucket, Key=key)
        (ledger,) = self.account.physical_ids("Foundation", "AWS::DynamoDB::Table")
        self._dynamodb.delete_item(TableName=ledger, Key={"Resource": {"S": counter_key(evaluation)}})

    def candidates(self) -> list[bool]:
        """Return of each deployment that was made for an evaluation whether it is deleted."""
        every = self.account.sandbox.control("meter")["deployments"]
        return [
            each["deleted"]
            for each in every
            if evaluated_by(each["modelDeploymentName"], name=NAME, environment=self.account.environment)
        ]

    def runs(self) -> list[dict[str, Any]]:
        """Return the runs of the workflow, oldest first."""
        arn = self.account.workflow("Evaluation")
        found = self._workflows.list_executions(stateMachineArn=arn)["executions"] if arn else []
        return sorted(found, key=lambda each: each["startDate"])


class Asked:
    """Who was asked how often since this was made, as the meter counts it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._before = self._now()

    def by_target(self) -> dict[str, int]:
        """Return the answers by target; whatever serves or stands in for the tuned model is `tuned`."""
        return {name: number for name, number in sorted((self._now() - self._before).items()) if number}

    def _now(self) -> Counter[str]:
        counted: Counter[str] = Counter()
        for each in self._sandbox.control("meter")["invocations"]:
            target = each["target"]
            counted["tuned" if _TUNED in target or _SERVED in target else target] += each["requests"]
        return counted


def numbers(summary: Summary) -> Summary:
    """Return a summary without what depends on when and how often somebody was asked."""
    targets = tuple(replace(each, latency_p50=None, latency_p95=None) for each in summary.targets)
    return replace(summary, made="", tokens=0, throttled=0, targets=targets)


def told(sandbox: Sandbox, region: str) -> Iterator[tuple[str, str]]:
    """Yield everything that a Region's services show to whoever may look, with the service's name.

    Not the objects of buckets: see `numbers_kept`.
    """
    yield from (("logs", text) for text in _logs(sandbox.client("logs", region)))
    yield from (("states", text) for text in _histories(sandbox.client("stepfunctions", region)))
    yield from (("cloudformation", text) for text in _stacks(sandbox.client("cloudformation", region)))
    yield from (("dynamodb", text) for text in _items(sandbox.client("dynamodb", region)))


def numbers_kept(account: Account) -> Iterator[tuple[str, bytes]]:
    """Yield the objects of evaluations that are not confidential, which stay."""
    for key, body in account.objects(account.data_bucket()).items():
        if key.startswith(EVALUATION_PREFIX) and not key.startswith(CONFIDENTIAL):
            yield key, body


def _logs(logs: Any) -> Iterator[str]:
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            events = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
            yield from (event["message"] for found in events for event in found["events"])


def _histories(workflows: Any) -> Iterator[str]:
    for machine in workflows.list_state_machines()["stateMachines"]:
        arn = machine["stateMachineArn"]
        yield workflows.describe_state_machine(stateMachineArn=arn)["definition"]
        for run in _executions(workflows, stateMachineArn=arn):
            yield from _history(workflows, run)
            for map_run in workflows.list_map_runs(executionArn=run)["mapRuns"]:
                for child in _executions(workflows, mapRunArn=map_run["mapRunArn"]):
                    yield from _history(workflows, child)


def _executions(workflows: Any, **of: str) -> Iterator[str]:
    for page in workflows.get_paginator("list_executions").paginate(**of):
        yield from (each["executionArn"] for each in page["executions"])


def _history(workflows: Any, execution: str) -> Iterator[str]:
    yield str(workflows.describe_execution(executionArn=execution))
    for page in workflows.get_paginator("get_execution_history").paginate(
        executionArn=execution, includeExecutionData=True
    ):
        yield from map(str, page["events"])


def _stacks(cloudformation: Any) -> Iterator[str]:
    for stack in cloudformation.describe_stacks()["Stacks"]:
        yield str(stack)
        yield str(cloudformation.get_template(StackName=stack["StackName"])["TemplateBody"])
        for page in cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack["StackName"]):
            yield from map(str, page["StackEvents"])


def _items(dynamodb: Any) -> Iterator[str]:
    for table in dynamodb.list_tables()["TableNames"]:
        yield from map(str, dynamodb.scan(TableName=table)["Items"])
