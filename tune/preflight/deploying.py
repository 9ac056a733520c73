"""What a deploy itself needs, before any of it is sent: the CDK's bootstrap, stacks that no other app has, and
Foundation's ledger. Reads only."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.preflight.facts import NotChecked
from bedrock_lifecycle.preflight.report import CheckResult, Passed, Problem, Verdict
from tune.account import ownership, stack_states
from tune.account.aws import Aws
from tune.account.location import Location
from tune.terminal.environments import EnvironmentRef

_TABLE: Final = "AWS::DynamoDB::Table"
# What the CDK calls the parameter of a template that names the SSM parameter with the version of the bootstrap stack.
_BOOTSTRAP: Final = "BootstrapVersion"


def bootstrap_parameters(bodies: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Return the SSM parameters in which a deploy of these templates looks for the bootstrap stack's version."""
    found = (body.get("Parameters", {}).get(_BOOTSTRAP, {}).get("Default") for body in bodies.values())
    return {name for name in found if name}


def findings(
    aws: Aws, place: Location, of: EnvironmentRef, bootstrap: Iterable[str], stacks: Iterable[str]
) -> Iterator[CheckResult]:
    """Yield what was found for each of them; of stacks that no other app has, and of a Foundation that is not deployed
    nothing. `stacks` has the names of those that are to be deployed.
    """
    for name in sorted(bootstrap):
        yield CheckResult("bootstrap", "bootstrap of the CDK", _bootstrap(aws, place, name))
    if told := _taken(aws, of, stacks):
        yield CheckResult("stacks", "names of the stacks", told)
    for table in stack_states.resources(aws("cloudformation"), of.foundation):
        if table["ResourceType"] == _TABLE and table.get("PhysicalResourceId"):
            yield CheckResult("ledger", "ledger", _ledger(aws, table["PhysicalResourceId"]))


def _bootstrap(aws: Aws, place: Location, name: str) -> Verdict:
    try:
        version = aws("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    except ClientError as error:
        if aws_errors.code(error) == "ParameterNotFound":
            return Problem(
                f"account {place.account} is not bootstrapped for the CDK in {place.region} (no SSM parameter {name}): "
                f"cdk bootstrap aws://{place.account}/{place.region}"
            )
        return _unread(error)
    return Passed(f"version {version}")


def _taken(aws: Aws, of: EnvironmentRef, stacks: Iterable[str]) -> Verdict | None:
    try:
        cloudformation = aws("cloudformation")
        taken = ownership.taken(cloudformation, of, sorted(stacks)) or ownership.moved(cloudformation, of)
    except ClientError as error:
        return _unread(error)
    return Problem(taken) if taken else None


def _ledger(aws: Aws, table: str) -> Verdict:
    try:
        aws("dynamodb").describe_table(TableName=table)
    except ClientError as error:
        if aws_errors.is_not_found(error):
            return Problem(
                f"table {table}, which Foundation made, does not exist, and without it every request fails; "
                'create it again, see "Restore something that was lost" in docs/how-to/stuck.md'
            )
        return _unread(error)
    return Passed(table)


def _unread(error: ClientError) -> Verdict:
    if aws_errors.is_denied(error):
        return NotChecked(aws_errors.sentence(error))
    raise error
