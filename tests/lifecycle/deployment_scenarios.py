"""Operations on a custom model deployment."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from sandbox.bedrock.faults import DeploymentFault
from sandbox.bedrock.names import Scope
from tests.lifecycle.scenarios import (
    Scenario,
    broken,
    cancelled,
    deploy,
    destroy,
    duplicated,
    in_turn,
    nothing,
    taken_back,
)
from tests.support.bedrock_client import ACCOUNT
from tests.support.environment import NOVA, NOVA_RECORDS, Account, Wanted
from tests.support.lifecycle import BUCKET, ROLE_ARN

ON_DEMAND: Final = Wanted(
    rungs=1, base_model=NOVA, data=NOVA_RECORDS, on_demand=True, model_units=None, served_model="ServedModel"
)
RETRAINED: Final = ON_DEMAND.but(hyper_parameters={"epochCount": "3"})
RENAMED: Final = RETRAINED.but(renamed="Renamed")
RETRAINED_AGAIN: Final = ON_DEMAND.but(hyper_parameters={"epochCount": "4"}, keep_models=1)
OTHER_BASE: Final = ON_DEMAND.but(base_model="amazon.nova-lite-v1:0:300k")
# A model that this project did not make, and an environment that serves it.
THEIRS: Final = ON_DEMAND.but(name="theirs", environment="lab")


def arn_of(wanted: Wanted) -> str:
    """Return the ARN of the model that a training makes in the simulated Bedrock."""
    scope = Scope(ACCOUNT, wanted.region)
    base_model = wanted.base_model
    return scope.arn(f"custom-model/{base_model}/{scope.generated_id('model', wanted.training_name)}")


# Not an update that never ends: the simulated Bedrock lets nobody out of that one, as far as is known rightly.
DEPLOYMENT_FAULTS: Final[tuple[Callable[[], DeploymentFault], ...]] = (
    lambda: DeploymentFault("stuck"),
    lambda: DeploymentFault("failed"),
    lambda: DeploymentFault("failed", on="update"),
)
GIVEN: Final = ON_DEMAND.but(given_model=arn_of(THEIRS))
_ALL: Final = (ON_DEMAND, RETRAINED, RETRAINED_AGAIN, OTHER_BASE, THEIRS)
_TRAINED: Final = ON_DEMAND.but(on_demand=False)


def make_theirs(account: Account) -> None:
    """Have a model that somebody trained by hand; no call of the lifecycle's."""
    account.lifecycle.client.create_model_customization_job(
        jobName=THEIRS.training_name,
        customModelName=THEIRS.training_name,
        roleArn=ROLE_ARN,
        baseModelIdentifier=THEIRS.base_model,
        trainingDataConfig={"s3Uri": account.lifecycle.put(f"train/{THEIRS.sha256}.jsonl", THEIRS.data)},
        outputDataConfig={"s3Uri": f"s3://{BUCKET}/output/"},
        hyperParameters=dict(THEIRS.hyper_parameters),
        customModelTags=[{"key": "team", "value": "theirs"}],
    )
    account.lifecycle.pass_time(timedelta(hours=4))
    account.lifecycle.simulated.settle()


def _update_fails() -> DeploymentFault:
    return DeploymentFault("failed", on="update")


_GIVEN: Final = frozenset({THEIRS.training_name})

SCENARIOS: Final = (
    Scenario("on demand: create", nothing, deploy(ON_DEMAND), ON_DEMAND, _ALL),
    Scenario("on demand: retrain and swap", deploy(ON_DEMAND), deploy(RETRAINED), RETRAINED, _ALL),
    Scenario("on demand: failed swap", deploy(ON_DEMAND), broken(RETRAINED, _update_fails), ON_DEMAND, _ALL),
    Scenario(
        "on demand: cancelled swap",
        deploy(ON_DEMAND, RETRAINED.but(on_demand=False)),
        cancelled(RETRAINED),
        ON_DEMAND,
        _ALL,
    ),
    Scenario(
        "on demand: swap and retire", deploy(ON_DEMAND, RETRAINED), deploy(RETRAINED_AGAIN), RETRAINED_AGAIN, _ALL
    ),
    Scenario("on demand: replace", deploy(ON_DEMAND), deploy(OTHER_BASE), OTHER_BASE, _ALL),
    Scenario(
        "on demand: cancelled replace",
        deploy(OTHER_BASE.but(on_demand=False), ON_DEMAND),
        cancelled(OTHER_BASE),
        ON_DEMAND,
        _ALL,
        rolls_back=True,
    ),
    Scenario(
        "on demand: replace, taken back",
        deploy(OTHER_BASE.but(on_demand=False), ON_DEMAND),
        taken_back(OTHER_BASE),
        ON_DEMAND,
        _ALL,
    ),
    Scenario("on demand: renamed", deploy(ON_DEMAND), deploy(RENAMED), ON_DEMAND, _ALL),
    Scenario("on demand: delete", deploy(ON_DEMAND), destroy, None, _ALL),
    Scenario("on demand: duplicate delivery", nothing, duplicated(ON_DEMAND), ON_DEMAND, _ALL),
    Scenario("on demand: cancelled create", deploy(_TRAINED), cancelled(ON_DEMAND), ON_DEMAND, _ALL),
    Scenario(
        "on demand: destroy and redeploy", in_turn(deploy(ON_DEMAND), destroy), deploy(ON_DEMAND), ON_DEMAND, _ALL
    ),
    Scenario("given model: create", make_theirs, deploy(GIVEN), GIVEN, _ALL, _GIVEN),
    Scenario(
        "given model: swap and back",
        in_turn(make_theirs, deploy(ON_DEMAND)),
        deploy(GIVEN, ON_DEMAND.but(keep_models=1)),
        ON_DEMAND,
        _ALL,
        _GIVEN,
    ),
    Scenario("given model: delete", in_turn(make_theirs, deploy(GIVEN)), destroy, None, _ALL, _GIVEN),
)
