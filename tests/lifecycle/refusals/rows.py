"""What is refused before it costs anything: each row is measured on the code that runs, never stated."""

import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bedrock_lifecycle.contract import TAG_BAKE
from sandbox.bedrock import Role
from settings import Model, SettingsError, load_model
from tests.lifecycle.refusals import evaluations, promotions
from tests.lifecycle.refusals.measured import Measured, Row, creates, deployed
from tests.support.environment import HAIKU, NOVA, NOVA_RECORDS, SERVING, TRAINING, Account, Wanted
from tests.support.lifecycle import BUCKET, KEY_ARN, RECORDS, ROLE_ARN
from tests.support.quick import quick

WANTED: Final = Wanted(rungs=1)
ON_DEMAND: Final = Wanted(rungs=1, base_model=NOVA, data=NOVA_RECORDS, on_demand=True, model_units=None)
COMMITTED: Final = ON_DEMAND.but(on_demand=False, model_units=1, commitment_duration="OneMonth", asks=NOVA_RECORDS)
_SCHEDULED_JOBS: Final = 10


# --- at synth ----------------------------------------------------------------------------------------------------

_ENVIRONMENT: Final = """
account = "111122223333"
region = "{region}"
allow.buy = true
"""
_MODEL: Final = """
[training]
base_model = "{base_model}"

[training.hyper_parameters]
{hyper_parameters}

[data]
train = {{ path = "../train.jsonl" }}

[serving.provisioned_throughput]
model_units = 1
"""


def synthesize(
    region: str = "us-west-2", base_model: str = HAIKU, hyper_parameters: str = "epochCount = 2"
) -> Measured:
    """Load settings as the app does, and deploy what it says when it is not refused."""
    account = Account(settings=quick())
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder) / "prod"
        environment.mkdir()
        (Path(folder) / "train.jsonl").write_bytes(RECORDS)
        (environment / "environment.toml").write_text(_ENVIRONMENT.format(region=region), encoding="utf-8")
        text = _MODEL.format(base_model=base_model, hyper_parameters=hyper_parameters)
        (environment / "faq.toml").write_text(text, encoding="utf-8")
        try:
            model = load_model(Path(folder), "prod", "faq")
        except SettingsError as refused:
            return Measured("synth", creates(account), " ".join(str(refused).split()))
    return deployed(account, lambda: account.deploy(_wanted(model)))


def _wanted(model: Model) -> Wanted:
    training = model.training
    assert training is not None
    return WANTED.but(base_model=training.base_model, hyper_parameters=dict(training.hyper_parameters))


# --- by the preflight --------------------------------------------------------------------------------------------


def before_training(
    prepare: Callable[[Account], object], *, data_is_there: bool = True, wanted: Wanted = WANTED
) -> Callable[[], Measured]:
    """Return how to measure a first deployment to an account that was prepared for it."""

    def measure() -> Measured:
        account = Account(settings=quick(), region=wanted.region)
        if data_is_there:
            account.lifecycle.put(f"train/{wanted.sha256}.jsonl", wanted.data)
        prepare(account)
        return deployed(account, lambda: account.cloudformation.deploy(TRAINING, wanted.training()))

    return measure


def before_serving(prepare: Callable[[Account], object], *, wanted: Wanted = WANTED) -> Callable[[], Measured]:
    """Return how to measure the purchase or the deployment after a training that went well."""

    def measure() -> Measured:
        account = Account(settings=quick(), region=wanted.region)
        account.deploy(wanted.but(model_units=None, on_demand=False, given_model=None, key_arn=KEY_ARN))
        prepare(account)
        return deployed(account, lambda: account.cloudformation.deploy(SERVING, wanted.serving()))

    return measure


def _at(year: int, month: int, day: int) -> Callable[[Account], object]:
    def turn(account: Account) -> None:
        account.lifecycle.clock.advance(datetime(year, month, day, tzinfo=UTC) - account.lifecycle.now)

    return turn


def _role(**changes: bool) -> Callable[[Account], object]:
    jobs = "arn:aws:bedrock:us-west-2:111122223333:model-customization-job/*"

    def change(account: Account) -> None:
        role = Role(source_account="111122223333", source_arn=jobs)
        for name, value in changes.items():
            setattr(role, name, value)
        account.lifecycle.world.roles[ROLE_ARN] = role

    return change


def _quotas(**values: int) -> Callable[[Account], object]:
    return lambda account: account.lifecycle.simulated.handle_control("quotas", {"set": values})


def _other_jobs(account: Account) -> None:
    for number in range(_SCHEDULED_JOBS):
        _make_job(account, job_name=f"other-{number}", model_name=f"other-{number}")


def _model_of_another_job(account: Account) -> None:
    _make_job(account, job_name="another", model_name=WANTED.training_name)
    account.lifecycle.clock.advance(timedelta(hours=1))
    account.lifecycle.simulated.settle()


def _make_job(account: Account, *, job_name: str, model_name: str) -> None:
    account.lifecycle.client.create_model_customization_job(
        jobName=job_name,
        customModelName=model_name,
        roleArn=ROLE_ARN,
        baseModelIdentifier=HAIKU,
        trainingDataConfig={"s3Uri": account.lifecycle.put("train/other.jsonl")},
        outputDataConfig={"s3Uri": f"s3://{BUCKET}/output/"},
        hyperParameters={},
    )


def _job_of_another(account: Account) -> None:
    _make_job(account, job_name=WANTED.training_name, model_name="another")
    account.lifecycle.clock.advance(timedelta(hours=1))


def _throughput_of_another(account: Account) -> None:
    account.lifecycle.client.create_provisioned_model_throughput(
        provisionedModelName=WANTED.throughput_name, modelId=WANTED.training_name, modelUnits=1
    )
    account.lifecycle.clock.advance(timedelta(hours=1))


def _deployment_of_another(account: Account) -> None:
    model = account.lifecycle.client.get_custom_model(modelIdentifier=ON_DEMAND.training_name)
    account.lifecycle.client.create_custom_model_deployment(
        modelDeploymentName=ON_DEMAND.deployment_name, modelArn=model["modelArn"]
    )
    account.lifecycle.clock.advance(timedelta(hours=1))


def _disable_key(account: Account) -> None:
    account.lifecycle.world.disabled_keys.add(KEY_ARN)


def _deny_access(account: Account) -> None:
    account.lifecycle.simulated.handle_control("access", {"deny": [HAIKU.rpartition(":")[0]]})


def _swap_data(account: Account) -> None:
    account.lifecycle.put(f"train/{WANTED.sha256}.jsonl", WANTED.data.replace(b"shut", b"open"))


def _nothing(_account: Account) -> None:
    pass


_OTHER_KEY: Final = KEY_ARN.replace("5a0c1e37", "ffffffff")
_TOO_MANY_RECORDS: Final = 10_001
_NO_MODEL: Final = "arn:aws:bedrock:us-east-1:111122223333:custom-model/amazon.nova-micro-v1:0:128k/aaaaaaaaaaaa"


# Its profile has no table for Provisioned Throughput.
_NOT_SERVED_SO: Final = "meta.llama3-3-70b-instruct-v1:0:128k"

ROWS: Final[tuple[Row, ...]] = (
    Row(
        "a wrong Region",
        "synth",
        lambda: synthesize(region="eu-central-1"),
        ("eu-central-1", "Claude 3 Haiku", "us-west-2"),
        ("region",),
    ),
    Row(
        "an unsupported hyper-parameter",
        "synth",
        lambda: synthesize(hyper_parameters="learningRate = 0.1"),
        ("learningRate", "Claude 3 Haiku", "learningRateMultiplier"),
        ("hyper-parameters",),
    ),
    Row(
        "an unsupported serving mode",
        "synth",
        lambda: synthesize(base_model=_NOT_SERVED_SO),
        ("serving.provisioned_throughput", "Llama 3.3 70B Instruct", "on_demand"),
        ("serving mode",),
    ),
    Row(
        "a retired base model",
        "preflight",
        before_training(_at(2026, 9, 11)),
        (HAIKU, "base model"),
        ("base-model",),
    ),
    Row(
        "a legacy base model",
        "preflight",
        before_training(_at(2026, 3, 11)),
        (HAIKU, "LEGACY", "base model"),
        ("base-model",),
    ),
    Row(
        "no access to the base model",
        "preflight",
        before_training(_deny_access),
        (HAIKU, "agreement NOT_AVAILABLE", "model catalog"),
        ("model-access",),
    ),
    Row(
        "a quota of zero model units",
        "preflight",
        before_training(_quotas(custom_model_units=0)),
        ("L-EF415EF6", "L-BE77399C", "1 needed", "Service Quotas"),
        ("units-of-one", "units-without-commitment"),
    ),
    Row(
        "a quota of deployments that is used up",
        "preflight",
        before_training(_quotas(deployments=0), wanted=ON_DEMAND),
        ("L-1EF80F3E", "0 deployments", "aws bedrock delete-custom-model-deployment"),
        ("deployments",),
    ),
    Row(
        "too many scheduled jobs",
        "preflight",
        before_training(_other_jobs),
        ("L-0406044C", "10 customization jobs", "deploy"),
        ("scheduled-jobs",),
    ),
    Row(
        "as many custom models as there may be",
        "preflight",
        before_training(_quotas(custom_models=0)),
        ("L-CB5B847D", "aws bedrock delete-custom-model"),
        ("custom-models",),
    ),
    Row(
        "data that the role may not read",
        "preflight",
        before_training(_role(may_read=False)),
        (ROLE_ARN, f"s3:GetObject on arn:aws:s3:::{BUCKET}/train/"),
        ("role-reads-data",),
    ),
    Row(
        "data that is not there",
        "preflight",
        before_training(_nothing, data_is_there=False),
        (f"s3://{BUCKET}/train/{WANTED.sha256}.jsonl", "push", "reconcile"),
        ("data",),
    ),
    Row(
        "data that was swapped after its check",
        "preflight",
        before_training(_swap_data),
        (f"s3://{BUCKET}/train/{WANTED.sha256}.jsonl", "version", "reconcile"),
        ("data-unchanged",),
    ),
    Row(
        "more records than the quota allows",
        "preflight",
        before_training(_nothing, wanted=WANTED.but(data=RECORDS.splitlines(keepends=True)[0] * _TOO_MANY_RECORDS)),
        ("10001", "10000", "L-679179D2"),
        ("records",),
    ),
    Row(
        "metrics that the role may not write",
        "preflight",
        before_training(_role(may_write=False)),
        (ROLE_ARN, f"s3:PutObject on arn:aws:s3:::{BUCKET}/output/"),
        ("role-writes-metrics",),
    ),
    Row(
        "a key that the role may not use",
        "preflight",
        before_training(_role(may_use_keys=False)),
        (ROLE_ARN, "kms:CreateGrant through bedrock"),
        ("role-uses-key",),
    ),
    Row(
        "an unusable key",
        "preflight",
        before_training(_disable_key),
        (KEY_ARN, "Disabled", "aws kms enable-key"),
        ("key",),
    ),
    Row(
        "an unassumable role",
        "preflight",
        before_training(_role(trusts_bedrock=False)),
        (ROLE_ARN, "bedrock.amazonaws.com", "trust policy"),
        ("role-trust",),
    ),
    Row(
        "a taken name",
        "preflight",
        before_training(_model_of_another_job),
        (WANTED.training_name, "name", "attempt"),
        ("name",),
    ),
    Row(
        "model units that were taken back, at the purchase",
        "preflight",
        before_serving(_quotas(custom_model_units=0)),
        ("L-EF415EF6", "L-BE77399C", "1 needed"),
        ("units-of-one", "units-without-commitment"),
    ),
    Row(
        "a base model that has become legacy, at the purchase",
        "preflight",
        before_serving(_at(2026, 3, 11)),
        ("LEGACY", "Provisioned Throughput"),
        ("base-model",),
    ),
    Row(
        "a key that was disabled, at the purchase",
        "preflight",
        before_serving(_disable_key),
        (KEY_ARN, "Disabled", "aws kms enable-key"),
        ("key",),
    ),
    Row(
        "a model under the key of another environment, at the purchase",
        "preflight",
        before_serving(_nothing, wanted=WANTED.but(key_arn=_OTHER_KEY)),
        (KEY_ARN, _OTHER_KEY, "model_key_arns"),
        ("model-key",),
    ),
    Row(
        "a quota of deployments that was used up meanwhile, at the deployment",
        "preflight",
        before_serving(_quotas(deployments=0), wanted=ON_DEMAND),
        ("L-1EF80F3E", "0 deployments"),
        ("deployments",),
    ),
    Row(
        "a model that is older than what is deployed on demand",
        "preflight",
        before_serving(_nothing, wanted=ON_DEMAND.but(customized_from="2099-07-16")),
        ("custom-model/", "2099-07-16", "Provisioned Throughput"),
        ("customized-from",),
    ),
    Row(
        "a key that was disabled, at the deployment",
        "preflight",
        before_serving(_disable_key, wanted=ON_DEMAND),
        (KEY_ARN, "Disabled", "aws kms enable-key"),
        ("key",),
    ),
    Row(
        "a model under the key of another environment, at the deployment",
        "preflight",
        before_serving(_nothing, wanted=ON_DEMAND.but(key_arn=_OTHER_KEY)),
        (KEY_ARN, _OTHER_KEY, "model_key_arns"),
        ("model-key",),
    ),
    Row(
        "a taken name, of a job",
        "decision",
        before_training(_job_of_another),
        (WANTED.training_name, "name", "attempt"),
        ("customization-unknown",),
    ),
    Row(
        "a taken name, at the purchase",
        "decision",
        before_serving(_throughput_of_another),
        (WANTED.throughput_name, "name"),
        ("throughput-foreign",),
    ),
    Row(
        "a taken name, at the deployment",
        "decision",
        before_serving(_deployment_of_another, wanted=ON_DEMAND),
        (ON_DEMAND.deployment_name, "name"),
        ("deployment-foreign",),
    ),
    Row(
        "a commitment for a model that has passed no bake",
        "decision",
        before_serving(_nothing, wanted=COMMITTED),
        (COMMITTED.training_name, TAG_BAKE, "commitment_duration"),
        ("throughput-not-baked",),
    ),
    Row(
        "a given model that does not exist",
        "decision",
        before_serving(_nothing, wanted=ON_DEMAND.but(given_model=_NO_MODEL)),
        (_NO_MODEL, "model_arn"),
        ("deployment-no-model",),
    ),
    *promotions.ROWS,
    *evaluations.ROWS,
)


def measured() -> Iterator[tuple[Row, Measured]]:
    """Measure every row."""
    for row in ROWS:
        yield row, row.measure()
