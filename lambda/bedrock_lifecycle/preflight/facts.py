"""What a preflight knows. A fact is known, or was not checked and says why. No client is imported here."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Known(Generic[T]):
    """AWS told it."""

    value: T


@dataclass(frozen=True)
class NotChecked:
    """It could not be read, and so stops nothing: what it would have shown is left to Bedrock."""

    why: str


Fact = Known[T] | NotChecked


@dataclass(frozen=True)
class TargetLocation:
    """Where something is created."""

    partition: str
    region: str
    account: str

    @classmethod
    def of(cls, arn: str) -> "TargetLocation":
        """Return the place of an ARN that has a Region and an account."""
        _, partition, _, region, account, _ = arn.split(":", 5)
        return cls(partition, region, account)


@dataclass(frozen=True)
class BaseModel:
    """A base model as `GetFoundationModel` tells it. `customizations` is None where it does not tell them."""

    status: str
    end_of_life: datetime | None
    customizations: tuple[str, ...] | None
    legacy: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Base:
    """The base model that is asked for, what Bedrock says of it, and the active ones, which a refusal names.

    `customization_type` is how it is to be customized; None where models are served that are customized already.
    """

    id: str
    customization_type: str | None
    found: Fact[BaseModel | None]
    active: Fact[tuple[str, ...]]
    now: datetime


@dataclass(frozen=True)
class ModelAvailability:
    """What `GetFoundationModelAvailability` says of a model, in its own words."""

    agreement: str
    authorization: str
    entitlement: str
    region: str
    agreement_error: str = ""


@dataclass(frozen=True)
class Quota:
    """An applied value of Service Quotas."""

    code: str
    name: str
    value: float
    adjustable: bool


@dataclass(frozen=True)
class ThroughputFacts:
    """A Provisioned Throughput of the account, and the model units that it holds."""

    name: str
    model_units: int
    of_custom_model: bool
    committed: bool


@dataclass(frozen=True)
class KeyFacts:
    """A KMS key."""

    state: str
    usage: str
    spec: str


@dataclass(frozen=True)
class CustomModelFacts:
    """A custom model: the key that it is under, None for one that AWS owns, and when it was made, None: not told."""

    key_arn: str | None
    created: datetime | None


@dataclass(frozen=True, kw_only=True)
class Customized:
    """When the model was customized that is to be deployed, and from which day on one has to be; None: not limited."""

    model: str
    since: date | None
    created: Fact[datetime]


@dataclass(frozen=True, kw_only=True)
class ModelKey:
    """The key that a custom model is under, None for one that AWS owns; and the keys whose models may be served."""

    model: str
    found: Fact[str | None]
    served: Fact[tuple[str, ...]]


@dataclass(frozen=True)
class Permission:
    """An action on a resource; `via` is the service through which a role uses a key, `s3` or `bedrock`."""

    action: str
    resource: str
    via: str = ""


@dataclass(frozen=True)
class DataObject:
    """A data file in the bucket. `local` is the file that a deployment would copy there, when one is at hand.

    `checked` is the version of the object that the deployment checked, and how many records it found in it; None where
    it did not tell. `version` is the one that is there now, None for none.
    """

    uri: str
    exists: Fact[bool]
    local: str = ""
    use: str = "training"
    checked: str | None = None
    version: Fact[str | None] = NotChecked("nothing to compare it with")
    records: int | None = None


@dataclass(frozen=True)
class RecordSum:
    """How many records training and validation data may have together.

    `least` and `most` are what the base model documents; `quota`, by its code, is what the account has for `most`.
    """

    least: int | None
    most: int | None
    quota_code: str | None
    quota: Fact[Quota]


@dataclass(frozen=True, kw_only=True)
class Units:
    """A purchase of model units: what is asked for, the quotas, and what the account holds."""

    throughput_name: str
    model_units: int
    committed: bool
    of_one: Fact[Quota]
    without_commitment: Fact[Quota]
    held: Fact[tuple[ThroughputFacts, ...]]


@dataclass(frozen=True, kw_only=True)
class Deployments:
    """An on-demand deployment: its name, the quota, and the names of those that the account has."""

    deployment_name: str
    quota: Fact[Quota]
    held: Fact[tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class JobFacts:
    """Everything that decides whether a customization job is created.

    `units` and `deployments` tell how its model is to be served, None when it is not served that way: what serving
    lacks is told before the training is paid. `reads_data`, `writes_metrics` and `uses_key` have the permissions that
    the service role's own policies do not give.
    """

    place: TargetLocation
    name: str
    base: Base
    access: Fact[ModelAvailability]
    jobs_quota: Fact[Quota]
    running_jobs: Fact[tuple[str, ...]]
    models_quota: Fact[Quota]
    models: Fact[int]
    model_of_this_name: Fact[bool]
    units: Units | None
    deployments: Deployments | None
    role_arn: str
    trust_policy: Fact[object]
    reads_data: Fact[tuple[Permission, ...]]
    writes_metrics: Fact[tuple[Permission, ...]]
    uses_key: Fact[tuple[Permission, ...]]
    data: tuple[DataObject, ...]
    record_sum: RecordSum
    key_arn: str
    key: Fact[KeyFacts | None]


@dataclass(frozen=True, kw_only=True)
class PromotedModelFacts:
    """Everything that decides whether another environment's model is taken; `buys`: it is served by throughput."""

    base: Base
    buys: bool
    key_arn: str
    key: Fact[KeyFacts | None]


@dataclass(frozen=True)
class AskedModel:
    """A model that an evaluation asks, besides the tuned one: what Bedrock says of it, and of the account's access."""

    id: str
    found: Fact[BaseModel | None]
    access: Fact[ModelAvailability]


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """Everything that decides whether a run of an evaluation is started; `deployments`: None without a candidate."""

    asked: tuple[AskedModel, ...]
    deployments: Deployments | None
    data: tuple[DataObject, ...]
    max_tokens: int
    max_output_tokens: int
    now: datetime


@dataclass(frozen=True, kw_only=True)
class ServedFacts:
    """What decides alike however a model is to be served."""

    model_key: ModelKey
    key_arn: str
    key: Fact[KeyFacts | None]


@dataclass(frozen=True, kw_only=True)
class PurchaseFacts(ServedFacts):
    """Everything that decides whether a Provisioned Throughput is bought."""

    base: Base
    model_is_given: bool
    units: Units


@dataclass(frozen=True, kw_only=True)
class DeploymentFacts(ServedFacts):
    """Everything that decides whether an on-demand deployment is created.

    What has become of the base model does not: models customized before it was legacy are deployed (Bedrock user guide,
    "Model lifecycle").
    """

    customized: Customized
    deployments: Deployments
