"""`AWS::IAM::OIDCProvider`, which MiniStack's CloudFormation does not have; its IAM does.

It holds for the pinned version, like `sandbox.ministack_adapter`.
"""

from collections.abc import Mapping
from typing import Any, Final

from ministack.core import responses
from ministack.services import iam
from ministack.services.cloudformation import provisioners

from sandbox.web_identity import provider_name

_TYPE: Final = "AWS::IAM::OIDCProvider"


def install() -> None:
    """Have CloudFormation make, update and delete it; another URL is another provider."""
    provisioners._RESOURCE_HANDLERS[_TYPE] = {"create": _create, "update": _update, "delete": _delete}
    provisioners._REPLACING_PROPERTIES[_TYPE] = ("Url",)
    provisioners._STACK_TAG_PROPERTY[_TYPE] = ("Tags", "list")


def _create(_logical_id: str, props: Mapping[str, Any], _stack: str) -> tuple[str, dict[str, str]]:
    arn = f"arn:aws:iam::{responses.get_account_id()}:oidc-provider/{provider_name(props['Url'])}"
    if arn in iam._oidc_providers:
        raise ValueError(f"Provider with url {props['Url']} already exists.")
    iam._oidc_providers[arn] = {"Url": props["Url"], "Arn": arn, "CreateDate": iam._now(), **_changeable(props)}
    return arn, {"Arn": arn}


def _update(arn: str, _old: Any, props: Mapping[str, Any], _stack: str) -> tuple[str, dict[str, str]]:
    iam._oidc_providers[arn].update(_changeable(props))
    return arn, {"Arn": arn}


def _delete(arn: str, _props: Any) -> None:
    iam._oidc_providers.pop(arn, None)


def _changeable(props: Mapping[str, Any]) -> dict[str, Any]:
    # CloudFormation writes the first of these otherwise than IAM does.
    return {
        "ClientIDList": props.get("ClientIdList", []),
        "ThumbprintList": props.get("ThumbprintList", []),
        "Tags": props.get("Tags", []),
    }
