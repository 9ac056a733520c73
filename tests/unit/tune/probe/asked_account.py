"""An account that `tune probe` can ask: the simulated Bedrock through real clients, and EC2 as far as it is asked."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from sandbox.bedrock import Clock, Quotas, Settings
from sandbox.bedrock.assumed import Assumed
from tests.unit.simulated_bedrock.scenario import NOVA_TUNABLE, Account
from tests.unit.simulated_bedrock.test_deployments import NovaAccount
from tune.probe.probing import Probed, probe

ASKED: Final = datetime(2026, 11, 28, tzinfo=UTC)
MODEL: Final = "canary-model"
SERVING: Final = "canary-serving"
# Claude 3 Haiku, which can be tuned in us-west-2 alone, has reached its end of life.
LATE: Final = datetime(2026, 10, 1, tzinfo=UTC)


class Asked:
    """The services of an account, and the calls that were made: service, operation, parameters."""

    def __init__(self, account: Account, *, ec2_answers: bool = True) -> None:
        self.calls: list[tuple[str, str, Mapping[str, Any]]] = []
        self.clients: dict[str, Any] = {"bedrock": account.bedrock, "ec2": _ec2(account.region, answers=ec2_answers)}
        for service, client in self.clients.items():
            client.meta.events.register("provide-client-params.*.*", self._noted(service))

    def __call__(self, service: str) -> Any:
        return self.clients[service]

    def _noted(self, service: str) -> Any:
        def note(params: Mapping[str, Any], model: Any, **_: Any) -> None:
            self.calls.append((service, model.name, dict(params)))

        return note


def furnished(answers: Mapping[str, str] | None = None) -> NovaAccount:
    """Return an account that has a job, a model, a throughput and a deployment; `answers` say how it behaves."""
    account = NovaAccount(Settings(quotas=Quotas(custom_model_units=1), assumed=Assumed(answers)))
    job = account.create_job(MODEL, baseModelIdentifier=NOVA_TUNABLE, validationDataConfig=None)
    account.pass_time()
    model = account.job(job)["outputModelArn"]
    account.in_service(model, SERVING)
    account.active(model, SERVING)
    return account


def late(answers: Mapping[str, str] | None = None) -> Account:
    """Return an account in which a base model has reached its end of life."""
    return Account(Settings(assumed=Assumed(answers)), clock=Clock(LATE, rate=0))


def asked(account: Account) -> Probed:
    """Probe an account."""
    return probe(Asked(account), account.region, ASKED)


def _ec2(region: str, *, answers: bool) -> Any:
    """Return a client that answers once, or cannot reach its service."""
    once = Config(retries={"total_max_attempts": 1})
    client = boto3.client(
        "ec2", region_name=region, aws_access_key_id="testing", aws_secret_access_key="testing", config=once
    )
    if answers:
        stubber = Stubber(client)
        stubber.add_response(
            "describe_vpc_endpoint_services", {"ServiceNames": [f"com.amazonaws.{region}.servicequotas"]}
        )
        stubber.activate()
        return client

    def lose(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url=client.meta.endpoint_url)

    client.meta.events.register("before-send.ec2", lose)
    return client
