"""Facts of a training in which nothing stands in the way, to be changed one at a time."""

import dataclasses
from datetime import UTC, datetime
from typing import Any, Final

from bedrock_lifecycle.preflight.facts import (
    AskedModel,
    Base,
    BaseModel,
    DataObject,
    Deployments,
    JobFacts,
    KeyFacts,
    Known,
    ModelAvailability,
    ModelKey,
    NotChecked,
    PurchaseFacts,
    Quota,
    RecordSum,
    RunFacts,
    ThroughputFacts,
    Units,
)
from tests.unit.preflight.trusting import PLACE, ROLE, policy, statement

NOW: Final = datetime(2026, 11, 23, tzinfo=UTC)
KEY_ARN: Final = "arn:aws:kms:us-west-2:111122223333:key/one"
UNREAD: Final = NotChecked("GetSomething: AccessDenied")
BASE: Final = Base(
    id="any.model-v1:0:8k",
    customization_type="FINE_TUNING",
    found=Known(BaseModel("ACTIVE", None, ("FINE_TUNING",))),
    active=NotChecked("not asked for"),
    now=NOW,
)
ACCESS: Final = Known(ModelAvailability("AVAILABLE", "AUTHORIZED", "AVAILABLE", "AVAILABLE"))
KEY: Final[Known[KeyFacts | None]] = Known(KeyFacts("Enabled", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"))


def quota(value: float, *, adjustable: bool = True, code: str = "L-1", name: str = "Some quota") -> Known[Quota]:
    return Known(Quota(code, name, value, adjustable))


def units(**changes: Any) -> Units:
    facts = Units(
        throughput_name="wanted",
        model_units=1,
        committed=False,
        of_one=quota(1, code="L-ONE", name="Units of one"),
        without_commitment=quota(1, code="L-ALL", name="Units of all"),
        held=Known(()),
    )
    return dataclasses.replace(facts, **changes)


def held(name: str, model_units: int, *, of_custom_model: bool = True, committed: bool = False) -> ThroughputFacts:
    return ThroughputFacts(name, model_units, of_custom_model, committed)


def deployments(**changes: Any) -> Deployments:
    facts = Deployments(deployment_name="wanted", quota=quota(10), held=Known(("one",)))
    return dataclasses.replace(facts, **changes)


def data_object(**changes: Any) -> DataObject:
    facts = DataObject("s3://bucket/train/one.jsonl", Known(value=True), checked="v1", version=Known("v1"), records=32)
    return dataclasses.replace(facts, **changes)


def record_sum(**changes: Any) -> RecordSum:
    facts = RecordSum(least=None, most=10_000, quota_code="L-SUM", quota=quota(10_000, code="L-SUM"))
    return dataclasses.replace(facts, **changes)


def training(**changes: Any) -> JobFacts:
    facts = JobFacts(
        place=PLACE,
        name="faq-prod-123-1",
        base=BASE,
        access=ACCESS,
        jobs_quota=quota(10, adjustable=False, name="Scheduled customization jobs"),
        running_jobs=Known(()),
        models_quota=quota(100),
        models=Known(0),
        model_of_this_name=Known(value=False),
        units=None,
        deployments=None,
        role_arn=ROLE,
        trust_policy=Known(policy(statement())),
        reads_data=Known(()),
        writes_metrics=Known(()),
        uses_key=Known(()),
        data=(data_object(),),
        record_sum=record_sum(),
        key_arn=KEY_ARN,
        key=KEY,
    )
    return dataclasses.replace(facts, **changes)


def model_key(**changes: Any) -> ModelKey:
    facts = ModelKey(model="faq-prod-123-1", found=Known(KEY_ARN), served=Known((KEY_ARN,)))
    return dataclasses.replace(facts, **changes)


def purchase(**changes: Any) -> PurchaseFacts:
    return dataclasses.replace(
        PurchaseFacts(base=BASE, model_is_given=False, units=units(), model_key=model_key(), key_arn=KEY_ARN, key=KEY),
        **changes,
    )


def asked_model(name: str = "any.model", *, end_of_life: datetime | None = None, **changes: Any) -> AskedModel:
    facts = AskedModel(name, Known(BaseModel("LEGACY", end_of_life, None)), ACCESS)
    return dataclasses.replace(facts, **changes)


def evaluation(**changes: Any) -> RunFacts:
    facts = RunFacts(
        asked=(asked_model(),),
        deployments=deployments(),
        data=(data_object(use="test"),),
        max_tokens=1_000,
        max_output_tokens=100,
        now=NOW,
    )
    return dataclasses.replace(facts, **changes)
