"""Whether a role's trust policy lets Bedrock in for the customization jobs of one account and Region.

Evaluated is what can be known for certain: IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements:
Condition operators". A condition key or operator that is not known here is not judged.
"""

from collections.abc import Mapping
from typing import Any, Final

from bedrock_lifecycle.preflight import patterns
from bedrock_lifecycle.preflight.facts import NotChecked, TargetLocation
from bedrock_lifecycle.preflight.report import Passed, Problem, Verdict

_SERVICE: Final = "bedrock.amazonaws.com"
_ACTION: Final = "sts:AssumeRole"
_ACCOUNT_KEY: Final = "aws:sourceaccount"
_ARN_KEY: Final = "aws:sourcearn"
# Stands for any text that Bedrock may put at the end of a job's ARN: no policy has this character.
_ANYTHING: Final = "\0"

# Whether something holds; None when that cannot be told.
_Holds = bool | None


def judge(policy: object, role_arn: str, place: TargetLocation) -> Verdict:
    """Judge a trust policy as `GetRole` gives it, for `CreateModelCustomizationJob` in a place."""
    statements = _listed(policy.get("Statement")) if isinstance(policy, Mapping) else []
    allowing = [_holds(each, place) for each in statements if _effect(each) == "Allow"]
    denying = [_holds(each, place) for each in statements if _effect(each) == "Deny"]
    if True in denying or not any(each is not False for each in allowing):
        return Problem(_refusal(role_arn, place))
    if None in denying or True not in allowing:
        return NotChecked(f"the trust policy of {role_arn} has conditions that only Bedrock can judge")
    return Passed(f"{role_arn} trusts {_SERVICE} for this account's customization jobs")


def _refusal(role_arn: str, place: TargetLocation) -> str:
    return (
        f"role {role_arn} cannot be assumed by {_SERVICE}: its trust policy does not allow sts:AssumeRole for "
        f"aws:SourceAccount {place.account} and aws:SourceArn {job_arns(place)}; correct the trust policy"
    )


def job_arns(place: TargetLocation) -> str:
    """Return the ARNs of all customization jobs of a place, as a pattern."""
    return f"arn:{place.partition}:bedrock:{place.region}:{place.account}:model-customization-job/*"


def _holds(statement: Any, place: TargetLocation) -> _Holds:
    return _all([_names_bedrock(statement), _names_action(statement), *_conditions(statement, place)])


def _names_bedrock(statement: Any) -> _Holds:
    principal = statement.get("Principal")
    if not isinstance(principal, Mapping):  # NotPrincipal, or everybody
        return None
    if _SERVICE in _listed(principal.get("Service")):
        return True
    # Whether "everybody" has services in it depends on what else the policy says.
    return None if "*" in _listed(principal.get("AWS")) else False


def _names_action(statement: Any) -> _Holds:
    if "Action" not in statement:
        return None
    named = _listed(statement["Action"])
    return any(patterns.matches(str(each).lower(), _ACTION.lower()) for each in named)


def _conditions(statement: Any, place: TargetLocation) -> list[_Holds]:
    conditions = statement.get("Condition") or {}
    return [
        _condition(str(operator).removesuffix("IfExists"), str(key).lower(), _listed(values), place)
        for operator, keys in conditions.items()
        for key, values in keys.items()
    ]


def _condition(operator: str, key: str, values: list[Any], place: TargetLocation) -> _Holds:
    """Tell whether a condition holds: for one of its values, as IAM has it."""
    compare = _OPERATORS.get((operator, key))
    if compare is None:
        return None
    held = [compare(str(value), place) for value in values]
    return True if True in held else None if None in held else False


def _account_equals(value: str, place: TargetLocation) -> _Holds:
    return value == place.account


def _account_like(value: str, place: TargetLocation) -> _Holds:
    return patterns.matches(value, place.account)


def _arn_equals(value: str, place: TargetLocation) -> _Holds:
    """Compare a literal: it can be the ARN of one job, which is not known before there is one.

    A wildcard is no wildcard here, and no ARN has one: a common mistake, with which nothing is ever allowed.
    """
    if "*" in value or "?" in value:
        return False
    return None if patterns.matches(job_arns(place), value) else False


def _arn_like(value: str, place: TargetLocation) -> _Holds:
    """Compare a pattern, which holds when it covers every job, and does not when it covers none."""
    if patterns.matches(value, job_arns(place).replace("*", _ANYTHING * 3)):
        return True
    return None if patterns.overlap(value, job_arns(place)) else False


def _arn_parts_like(value: str, place: TargetLocation) -> _Holds:
    """Compare as the Arn operators do: each of the six parts of an ARN for itself."""
    parts, wanted = value.split(":", 5), job_arns(place).split(":", 5)
    if len(parts) != len(wanted):
        return None
    if all(patterns.matches(part, its.replace("*", _ANYTHING * 3)) for part, its in zip(parts, wanted, strict=True)):
        return True
    overlapping = (patterns.overlap(part, its) for part, its in zip(parts, wanted, strict=True))
    return None if all(overlapping) else False


_OPERATORS: Final = {
    ("StringEquals", _ACCOUNT_KEY): _account_equals,
    ("StringEqualsIgnoreCase", _ACCOUNT_KEY): _account_equals,
    ("StringLike", _ACCOUNT_KEY): _account_like,
    ("StringEquals", _ARN_KEY): _arn_equals,
    ("StringLike", _ARN_KEY): _arn_like,
    ("ArnEquals", _ARN_KEY): _arn_parts_like,
    ("ArnLike", _ARN_KEY): _arn_parts_like,
}


def _all(parts: list[_Holds]) -> _Holds:
    return False if False in parts else None if None in parts else True


def _effect(statement: Any) -> str:
    return str(statement.get("Effect")) if isinstance(statement, Mapping) else ""


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
