"""Puts the simulated Bedrock behind MiniStack's port: the place that reaches into MiniStack.

It holds for the pinned version. What it adds: Service Quotas, which MiniStack does not have. What it replaces: the
handlers of `bedrock` and `bedrock-runtime`, IAM's policy simulator (see `policy_simulator`), the `Date` of their
responses and of DynamoDB's (the lifecycle reckons its deadlines by those, so one clock rules both; the CDK CLI
sets its own clock by the `Date` of other services, which therefore stay as they are), the action that Converse is
authorized by, the resource that a request to Bedrock, Service Quotas or the policy simulator is authorized on, the tags
of resource and request that conditions on Bedrock ask for, what CloudFormation lets pass in an update (see
`stack_updates`), and what STS does (see `sessions`).
"""

import asyncio
import json
import threading
from collections.abc import Callable
from email.utils import format_datetime
from typing import Any, Final

from ministack import app
from ministack.core import iam_actions, iam_evaluator, responses, router
from ministack.core.router import extract_access_key_id
from ministack.services import tagging

from sandbox import bucket_properties, oidc_provider, policy_simulator, role_properties, stack_updates
from sandbox.access_log import AccessLog
from sandbox.bedrock.clock import Clock
from sandbox.bedrock.service import SimulatedBedrock
from sandbox.bedrock.service_quotas import service as service_quotas
from sandbox.bedrock.wire.models import Service
from sandbox.iam_resources import quota, request_tags, tagged_at_creation, through_profile, touched
from sandbox.options import CONTROL_PREFIX
from sandbox.sessions import Sessions

_SETTLE_EVERY_SECONDS: Final = 0.2
_QUOTAS_NAMESPACE: Final = "servicequotas"

_ACCESSES: Final = AccessLog()

Answer = tuple[int, dict[str, str], bytes]
# Controls of MiniStack's part; the others are the simulated Bedrock's.
_CONTROLS: Final[dict[str, Callable[[Any], dict[str, Any]]]] = {
    "accesses": lambda _: {"accesses": _ACCESSES.accesses()}
}


def install(simulated: SimulatedBedrock, clock: Clock, sessions: Sessions) -> None:
    """Replace MiniStack's Bedrock; to be called before its server starts."""
    _authorize_on_resources()
    _authorize_converse()
    _authorize_by_tags(simulated)
    bucket_properties.install()
    role_properties.install()
    stack_updates.install()
    oidc_provider.install()
    sessions.install()
    _ACCESSES.install()
    _CONTROLS["token"] = lambda asked: {"token": sessions.token(**asked)}
    services: tuple[Service, ...] = ("bedrock", "bedrock-runtime")
    for service in services:
        app.SERVICE_HANDLERS[service] = _dated(_handler(simulated, service), clock)
    policy_simulator.install()
    _add_service_quotas(simulated)
    app.SERVICE_HANDLERS["dynamodb"] = _dated(app.SERVICE_HANDLERS["dynamodb"], clock)
    threading.Thread(target=_settle_for_ever, args=(simulated,), name="bedrock", daemon=True).start()


def _handler(simulated: SimulatedBedrock, service: Service) -> Any:
    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
        # Off the event loop: the simulation reads from S3 over this very port.
        return await asyncio.to_thread(_serve, simulated, service, method, path, headers, body, query)

    return handle


def _add_service_quotas(simulated: SimulatedBedrock) -> None:
    name = service_quotas.SERVICE
    router.SERVICE_PATTERNS[name] = {"target_prefixes": [service_quotas.TARGET_PREFIX]}
    iam_actions.SERVICE_TO_IAM_NAMESPACE[name] = _QUOTAS_NAMESPACE

    async def handle(_method: str, _path: str, headers: dict[str, str], body: bytes, _query: dict[str, Any]) -> Answer:
        account, region = responses.get_account_id(), responses.get_region()
        answer = simulated.handle_service_quotas(headers, body, account, region)
        return answer.status, dict(answer.headers), answer.body

    app.SERVICE_HANDLERS[name] = handle


def _dated(handler: Any, clock: Clock) -> Any:
    async def handle(*request: Any) -> Answer:
        status, headers, body = await handler(*request)
        return status, {**headers, "Date": format_datetime(clock.now(), usegmt=True)}, body

    return handle


def _serve(
    simulated: SimulatedBedrock,
    service: Service,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    query: dict[str, Any],
) -> Answer:
    caller = extract_access_key_id(headers, query) or ""
    account, region = responses.get_account_id(), responses.get_region()
    if path.startswith(CONTROL_PREFIX):
        return _control(simulated, path.removeprefix(CONTROL_PREFIX), body)
    # The first one MiniStack has asked about.
    action = iam_actions.extract_iam_action(service, method, path, headers, body, query)
    checks = [(action, arn) for arn in touched(service, method, path, body, region, account)[1:]]
    new = tagged_at_creation(service, method, path, body, region, account)
    checks += [("bedrock:TagResource", arn) for arn in new]
    for action, arn in checks:
        context = {**request_tags(body), **through_profile(service, method, path, region, account)}
        if denied := iam_evaluator.enforce(caller, action, service, region, resource_arn=arn, service_context=context):
            message = (
                f"User: {getattr(denied, 'principal_arn', caller)} is not authorized to perform: {action} on {arn}"
            )
            return 403, {"x-amzn-ErrorType": "AccessDeniedException"}, json.dumps({"message": message}).encode()
    answer = simulated.handle(service, method, path, query, headers, body, account, region, caller)
    return answer.status, dict(answer.headers), answer.body


def _control(simulated: SimulatedBedrock, path: str, body: bytes) -> Answer:
    try:
        asked = json.loads(body or b"{}")
        answer = _CONTROLS[path](asked) if path in _CONTROLS else simulated.handle_control(path, asked)
    except (ValueError, TypeError) as error:
        return 400, {"Content-Type": "application/json"}, json.dumps({"message": str(error)}).encode()
    return 200, {"Content-Type": "application/json"}, json.dumps(answer, default=str).encode()


def _authorize_on_resources() -> None:
    original = iam_actions.extract_resource_arn

    def extract(service: str, method: str, path: str, headers: Any, body: bytes, query: Any, *rest: str) -> str:
        region, account = rest
        if service in ("bedrock", "bedrock-runtime"):
            return touched(service, method, path, body, region, account)[0]
        if service == service_quotas.SERVICE:
            return quota(body, region, account)
        if service == "iam" and "PolicySourceArn" in query:
            return policy_simulator.principal(query)
        return str(original(service, method, path, headers, body, query, region, account))

    iam_actions.extract_resource_arn = extract


def _authorize_converse() -> None:
    """Let Converse need what it needs on AWS: it has no action of its own (API reference, Converse)."""
    original = iam_actions.extract_iam_action

    def extract(service: str, *request: Any) -> str:
        action = str(original(service, *request))
        return "bedrock:InvokeModel" if action == "bedrock:Converse" else action

    iam_actions.extract_iam_action = extract


def _authorize_by_tags(simulated: SimulatedBedrock) -> None:
    """Let conditions know the tags of what a request to Bedrock names by its ARN, and those that it gives."""
    of_request, of_resource = iam_actions.request_tag_context, tagging.resource_tags

    def given(service: str, action: str, body: bytes, params: Any) -> Any:
        return request_tags(body) if service == "bedrock" else of_request(service, action, body, params)

    def held(arn: str) -> Any:
        _, _, service, region, account, *_ = f"{arn}:::::".split(":")
        return simulated.tags(account, region, arn) if service == "bedrock" else of_resource(arn)

    iam_actions.request_tag_context = given
    tagging.resource_tags = held


def _settle_for_ever(simulated: SimulatedBedrock) -> None:
    """Let things happen on time, so that their events are emitted also when nobody asks."""
    pause = threading.Event()
    while not pause.wait(_SETTLE_EVERY_SECONDS):
        simulated.settle()
