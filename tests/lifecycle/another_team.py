"""What somebody else has in the same account and Region."""

from datetime import UTC, datetime
from typing import Final

from sandbox.bedrock.catalogue import load_catalogue
from sandbox.bedrock.faults import ApiFault
from sandbox.bedrock.names import Scope
from sandbox.bedrock.phases import DeploymentStatus, ThroughputStatus
from sandbox.bedrock.resources.deployment import Deployment
from sandbox.bedrock.resources.throughput import Throughput
from tests.support.bedrock_client import ACCOUNT
from tests.support.environment import NOVA, NOVA_REGION, Account

NAMES: Final = ("search-lab-0123456789", "search-lab-base")
_LONG_AGO: Final = datetime(2025, 9, 1, tzinfo=UTC)


def settle_in(account: Account) -> None:
    """Let another team serve a model in both ways; who is not of it may not read the tags."""
    scope = Scope(ACCOUNT, account.lifecycle.region)
    base = load_catalogue().find(NOVA, NOVA_REGION, _LONG_AGO)
    assert base
    model_arn = scope.arn(f"custom-model/{NOVA}/{scope.generated_id('model', NAMES[0])}")
    throughput = Throughput(
        scope=scope,
        arn=scope.arn(f"provisioned-model/{scope.generated_id('throughput', NAMES[0])}"),
        name=NAMES[0],
        created_as=NAMES[0],
        model_units=1,
        model_arn=model_arn,
        desired_model_arn=model_arn,
        base=base,
        # What is bought for a base model leaves the quota of the account's own models alone.
        of_custom_model=False,
        client_request_token=None,
        commitment=None,
        created=_LONG_AGO,
        modified=_LONG_AGO,
        due=None,
        status=ThroughputStatus.IN_SERVICE,
    )
    deployment = Deployment(
        scope=scope,
        arn=scope.arn(f"custom-model-deployment/{scope.generated_id('deployment', NAMES[1])}"),
        name=NAMES[1],
        model_arn=model_arn,
        base=base,
        description=None,
        client_request_token=None,
        created=_LONG_AGO,
        modified=_LONG_AGO,
        due=None,
        status=DeploymentStatus.ACTIVE,
    )
    region = account.region
    region.throughputs[throughput.arn], region.deployments[deployment.arn] = throughput, deployment
    for arn in (throughput.arn, deployment.arn):
        region.tags[arn] = {"team": "search"}
        account.lifecycle.simulated.faults.add(
            ApiFault("ListTagsForResource", "AccessDeniedException", resource=arn, times=0)
        )
    account.theirs.update(NAMES)
