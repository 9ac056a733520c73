"""`SimulatePrincipalPolicy` of MiniStack's IAM, with what its own leaves out: the context that the caller gives.

Without it every statement with a condition looks as if it did not hold. Asked is about one resource at a time.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.sax.saxutils import escape

from ministack.core import iam_evaluator, responses
from ministack.services import iam

_DECISIONS: Final = {"Allow": "allowed", "Deny": "explicitDeny", "ImplicitDeny": "implicitDeny"}
Params = Mapping[str, Any]


def install() -> None:
    """Replace MiniStack's operation."""
    iam._IAM_HANDLERS["SimulatePrincipalPolicy"] = _simulate


def principal(params: Params) -> str:
    """Return the ARN of the principal that a request asks about, on which it must be allowed."""
    return _text(params, "PolicySourceArn")


def _simulate(params: Params) -> Any:
    arn = principal(params)
    kind, _, path = arn.rpartition(":")[2].partition("/")
    role = path.rsplit("/", 1)[-1]
    if kind != "role" or role not in iam._roles:
        return iam._error(404, "NoSuchEntity", f"The entity {arn} cannot be found.", ns="iam")
    policies = iam_evaluator._gather_role_policies(role, responses.get_account_id())
    resource = next(_members(params, "ResourceArns"), "*")
    context = dict(_context(params))
    evaluated = "".join(_member(action, resource, arn, context, policies) for action in _members(params, "ActionNames"))
    body = f"<EvaluationResults>{evaluated}</EvaluationResults><IsTruncated>false</IsTruncated>"
    name = "SimulatePrincipalPolicy"
    return iam._xml(200, f"{name}Response", f"<{name}Result>{body}</{name}Result>")


def _member(action: str, resource: str, arn: str, context: Mapping[str, Any], policies: list[Any]) -> str:
    asked = iam_evaluator.EvalContext(
        principal_arn=arn,
        principal_type="AssumedRole",
        principal_account=responses.get_account_id(),
        action=action,
        resource_arn=resource,
        region=responses.get_region(),
        service_context=dict(context),
    )
    decision = _DECISIONS[iam_evaluator.evaluate(asked, policies).decision]
    missing = (
        "" if decision == "allowed" else "".join(f"<member>{escape(key)}</member>" for key in _missing(asked, policies))
    )
    return (
        f"<member><EvalActionName>{escape(action)}</EvalActionName>"
        f"<EvalResourceName>{escape(resource)}</EvalResourceName><EvalDecision>{decision}</EvalDecision>"
        f"<ResourceSpecificResults><member><EvalResourceName>{escape(resource)}</EvalResourceName>"
        f"<EvalResourceDecision>{decision}</EvalResourceDecision><MissingContextValues>{missing}</MissingContextValues>"
        "</member></ResourceSpecificResults></member>"
    )


def _missing(asked: Any, policies: list[Any]) -> list[str]:
    """Return the condition keys for which the caller gives no value, of statements about the action and resource."""
    about = (
        statement
        for statements in policies
        for statement in statements
        if iam_evaluator._action_matches(asked.action, statement.actions, statement.not_actions)
        and iam_evaluator._resource_matches(asked.resource_arn, statement.resources, statement.not_resources)
    )
    keys = {key for statement in about for tested in statement.conditions.values() for key in tested}
    return sorted(key for key in keys if key.lower() not in asked.service_context)


def _context(params: Params) -> Iterator[tuple[str, Any]]:
    number = 1
    while name := _text(params, f"ContextEntries.member.{number}.ContextKeyName"):
        values = list(_members(params, f"ContextEntries.member.{number}.ContextKeyValues"))
        yield name.lower(), values[0] if len(values) == 1 else values
        number += 1


def _members(params: Params, name: str) -> Iterator[str]:
    number = 1
    while value := _text(params, f"{name}.member.{number}"):
        yield value
        number += 1


def _text(params: Params, name: str) -> str:
    return str(iam._p(params, name))
