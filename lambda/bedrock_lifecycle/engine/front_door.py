"""Where CloudFormation's requests come in: written down, given their physical id, and handed to the workflow."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.properties import BadProperty, Received
from bedrock_lifecycle.engine import response
from bedrock_lifecycle.engine.ledger import Ledger
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.record import Entry
from bedrock_lifecycle.engine.request import Request

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

PhysicalIdOf = Callable[[Request], PhysicalId]


class FrontDoor:
    def __init__(
        self,
        ledger: Ledger,
        step_functions: "SFNClient",
        state_machine_arn: str,
        physical_id_of: PhysicalIdOf,
        send: response.Send = response.send,
    ) -> None:
        self._ledger = ledger
        self._step_functions = step_functions
        self._state_machine_arn = state_machine_arn
        self._physical_id_of = physical_id_of
        self._send = send

    def accept(self, event: Mapping[str, Any]) -> None:
        """Start the workflow of one request.

        What can never work (an unknown resource, a property that is missing) is answered here at once, because a front
        door that stays silent leaves CloudFormation waiting for its hour. What may pass by itself is raised: Lambda
        delivers the event again, twice, and then the last resort answers. To answer such a failure at once would be
        wrong: CloudFormation never repeats the delete with which it cleans up, and what it was about would bill on.
        """
        physical_id = str(event.get("PhysicalResourceId") or "none")
        try:
            request = Request.parse(event)
            physical_id = choose_physical_id(request, self._physical_id_of)
            self._check(request)
        except BadProperty as error:
            # A delete for what was refused like this has nothing to delete.
            nothing_made = event.get("RequestType") == "Delete" and PhysicalId.parse(physical_id) is None
            status, verb = (
                ("SUCCESS", "nothing was created") if nothing_made else ("FAILED", "the request is not valid")
            )
            body = response.compose(event=event, status=status, physical_id=physical_id, reason=f"{verb}: {error}")
            self._send(str(event["ResponseURL"]), body)
            return
        entry = self._ledger.register(request)
        self._start(request, event, entry, physical_id)

    def _check(self, request: Request) -> None:
        """Raise `BadProperty` for what no reconciler could serve."""
        if request.request_type == "Delete" and PhysicalId.parse(request.physical_id):
            return
        self._physical_id_of(request)
        properties = Received(request.properties)
        if request.request_type == "Delete" or Received.contract_version not in properties:
            return
        version = properties.contract_version
        known = contract.LATEST_CONTRACT_VERSION
        if version > int(known):
            raise BadProperty(
                f"property {Received.contract_version.name}: must be {known} or lower for this Foundation "
                f"(got {version}); deploy the Foundation stack first"
            )

    def _start(self, request: Request, event: Mapping[str, Any], entry: Entry, physical_id: str) -> None:
        state = {"event": dict(event), "generation": entry.generation, "physicalId": physical_id}
        try:
            self._step_functions.start_execution(
                stateMachineArn=self._state_machine_arn,
                name=execution_name(request),
                input=json.dumps(state),
            )
        except self._step_functions.exceptions.ExecutionAlreadyExists:
            # A duplicate delivery: the first one's execution serves the request.
            return


def choose_physical_id(request: Request, physical_id_of: PhysicalIdOf) -> str:
    """Return the id to answer with: on a delete the one received, also a foreign one, else what the properties give."""
    if request.request_type == "Delete" and request.physical_id:
        return request.physical_id
    return str(physical_id_of(request))


def execution_name(request: Request) -> str:
    """Return the name of the workflow execution: one per request, the siblings of a resource share the prefix.

    At most 80 characters (Step Functions, StartExecution); this one has 53 with CloudFormation's UUIDs.
    """
    return f"{hashlib.sha256(request.resource_key.encode()).hexdigest()[:16]}-{request.request_id}"[:80]
