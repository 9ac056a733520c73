"""The simulated Amazon Bedrock behind its HTTP interface."""

import itertools
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.bedrock.catalogue import Catalogue, load_catalogue
from sandbox.bedrock.clock import Clock
from sandbox.bedrock.control import Control
from sandbox.bedrock.errors import ServiceError, not_simulated
from sandbox.bedrock.faults import FaultPlan
from sandbox.bedrock.lifecycle.ticker import DEFAULT_PATIENCE_SECONDS, Ticker
from sandbox.bedrock.names import Scope
from sandbox.bedrock.operations import OPERATIONS
from sandbox.bedrock.operations.call import Call
from sandbox.bedrock.operations.performing import perform
from sandbox.bedrock.service_quotas import service as service_quotas
from sandbox.bedrock.settings import Settings
from sandbox.bedrock.simulation import Simulation
from sandbox.bedrock.wire import requests, responses, routing
from sandbox.bedrock.wire.models import Service
from sandbox.bedrock.wire.responses import Response
from sandbox.bedrock.world import World


class SimulatedBedrock:
    """Amazon Bedrock's control plane and runtime, as far as fine-tuning and serving a model need them.

    Deterministic: the same calls at the same simulated times give the same answers, ARNs and files. State lives
    in memory, per account and region. Time passes only by the clock; what is due happens when a request comes, or
    at `settle`, which a server calls now and then so that events go out when nobody asks.

    May be used from several threads. `patience_seconds` (real ones) bounds how long a thread waits for another that
    is reading or writing the world.
    """

    def __init__(
        self,
        clock: Clock,
        world: World,
        settings: Settings | None = None,
        *,
        catalogue: Catalogue | None = None,
        patience_seconds: float = DEFAULT_PATIENCE_SECONDS,
    ) -> None:
        self._simulation = Simulation(clock, world, settings or Settings(), catalogue or load_catalogue())
        self._ticker = Ticker(self._simulation, patience_seconds)
        self._control = Control(self._simulation, self.settle)
        self._request_numbers = itertools.count(1)

    @property
    def clock(self) -> Clock:
        """The simulation's clock."""
        return self._simulation.clock

    @property
    def faults(self) -> FaultPlan:
        """The failures on demand."""
        return self._simulation.faults

    def settle(self) -> None:
        """Let everything happen that is due by now, and deliver the events of it."""
        self._ticker.settle()

    def tags(self, account: str, region: str, arn: str) -> dict[str, str]:
        """Return the tags of a thing as IAM's conditions see them: from the moment of its creation."""
        return dict(self._simulation.region(Scope(account, region)).tags.get(arn, {}))

    def handle_control(self, path: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a request to the simulation itself (see `sandbox.bedrock.control`); raise `ControlError`."""
        return self._control.handle(path, request)

    def handle(
        self,
        service: Service,
        method: str,
        path: str,
        query: requests.Query,
        headers: Mapping[str, str],
        body: bytes,
        account: str,
        region: str,
        caller_arn: str,
    ) -> Response:
        """Answer an HTTP request to the service.

        `path` is without the query, and may be percent-encoded or not. Who the caller is and whether IAM allows the
        operation at all has been settled before: here only `iam:PassRole` is asked for.
        """
        self.settle()
        call = Call(self._simulation, Scope(account, region), caller_arn, self._simulation.now())
        try:
            response = self._answer(call, service, method, path, query, headers, body)
        except ServiceError as error:
            response = responses.render_error(error)
        self._simulation.outbox.deliver()
        return self._stamped(response, call.now)

    def handle_service_quotas(self, headers: Mapping[str, str], body: bytes, account: str, region: str) -> Response:
        """Answer an HTTP request to Service Quotas."""
        response = service_quotas.handle(self._simulation, headers, body, Scope(account, region))
        return self._stamped(response, self._simulation.now())

    def _stamped(self, response: Response, now: datetime) -> Response:
        request_id = uuid.uuid5(uuid.NAMESPACE_URL, f"sandbox-bedrock/{next(self._request_numbers)}")
        return responses.stamped(response, now, str(request_id))

    def _answer(
        self,
        call: Call,
        service: Service,
        method: str,
        path: str,
        query: requests.Query,
        headers: Mapping[str, str],
        body: bytes,
    ) -> Response:
        match = routing.match(service, method, path)
        if match is None:
            raise not_simulated(f"{method} {path} of {service}")
        name = match.operation.name
        if name not in OPERATIONS[service]:
            raise not_simulated(f"the operation {name} of {service}")
        self._simulation.count(name)
        params = requests.parse(match, query, headers, body)
        with self._simulation.lock:
            return responses.render(match.operation, perform(service, name, call, params))
