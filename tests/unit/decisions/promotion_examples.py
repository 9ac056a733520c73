"""Examples of what happens to a model that another environment gives."""

from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions.actions import Done, Hold, Refuse, Release, Wait
from bedrock_lifecycle.decisions.observed import Model
from bedrock_lifecycle.decisions.promoted_model import Facts, Held
from tests.unit.decisions.examples import OWNER, Example, job

_NAME: Final = "any-dev-0123456789ab-1"
_DIGEST: Final = "d" * 64
_TAGS: Final = {
    contract.TAG_OWNER: OWNER,
    contract.TAG_FOUNDATION: "foundation",
    contract.TAG_ENVIRONMENT: "dev",
    contract.TAG_MODEL: "any",
    contract.TAG_TRAINING_ID: "0123456789ab",
}


def _model(status: str = "Active", **changes: Any) -> Model:
    told = {"base_model": "base", "training_data_uri": f"s3://bucket/train/{_DIGEST}.jsonl", "key_arn": "key"}
    return Model("model", status, **(told | changes))


def _held(number: int, *, serves: bool = False) -> Held:
    return Held(arn=f"model-{number}", name=f"any-dev-{number}", since=f"2024-11-{number:02}T12:00:00Z", serves=serves)


NEWEST: Final = Held(arn="model", name=_NAME, since="2024-11-15T12:00:00Z")


def promoted(event: Any = "Create", **changes: Any) -> Facts:
    values: dict[str, Any] = {
        "event": event,
        "name": _NAME,
        "model_name": "any",
        "giver": "dev",
        "foundation": "foundation",
        "training_id": "0123456789ab",
        "base_model": "base",
        "train_key": f"train/{_DIGEST}.jsonl",
        "key_arn": "key",
        "model": _model(),
        "tags": _TAGS,
    }
    return Facts(**(values | changes))


def _without(key: str) -> dict[str, str]:
    return {name: value for name, value in _TAGS.items() if name != key}


PROMOTION: Final = (
    Example("promoted-delete-release", promoted("Delete", held=(NEWEST,)), Release),
    Example("promoted-delete-release", promoted("Delete", held=(_held(1), _held(2, serves=True))), Release),
    Example("promoted-delete", promoted("Delete"), Done),
    Example("promoted-delete", promoted("Delete", model=None, rolling_back=True), Done),
    Example("promoted-delete", promoted("Delete", held=(_held(2, serves=True),)), Done, ("any-dev-2",)),
    Example("promoted-rollback", promoted("Update", rolling_back=True), Done),
    Example("promoted-rollback", promoted("Update", rolling_back=True, model=None, model_may_appear=True), Done),
    Example("promoted-model-unseen", promoted(model=None, job=job("Completed"), model_may_appear=True), Wait, (_NAME,)),
    Example("promoted-no-model", promoted(model=None), Refuse, (_NAME, "dev", "tune promote dev")),
    Example("promoted-no-model", promoted(model=None, tags={}, tags_may_appear=True), Refuse),
    Example("promoted-no-model", promoted(model=None, job=job("Completed")), Refuse, ("tune promote dev",)),
    Example("promoted-no-model", promoted("Update", model=None, job=job(), job_ran="2 h"), Refuse, ("2 h", "again")),
    Example(
        "promoted-no-model", promoted(model=None, job=job("Failed", failure_message="no room")), Refuse, ("no room",)
    ),
    Example("promoted-tags-unseen", promoted(tags={}, tags_may_appear=True), Wait, (_NAME,)),
    Example("promoted-foreign", promoted(tags={}), Refuse, (_NAME, "foundation", "deploy dev")),
    *(
        Example(
            "promoted-foreign", promoted(tags={**_TAGS, key: "other"}, tags_may_appear=True), Refuse, (key, "other")
        )
        for key in _TAGS
        if key != contract.TAG_OWNER
    ),
    Example("promoted-foreign", promoted(tags=_without(contract.TAG_TRAINING_ID)), Refuse, ("0123456789ab",)),
    Example("promoted-differs", promoted(model=_model(base_model="other")), Refuse, ("other", "base")),
    Example(
        "promoted-differs", promoted(model=_model(training_data_uri="s3://bucket/train/e.jsonl")), Refuse, (_DIGEST,)
    ),
    Example("promoted-differs", promoted(model=_model(key_arn="other")), Refuse, ("other", "key")),
    Example("promoted-differs", promoted(key_arn=""), Refuse, ("key",)),
    Example(
        "promoted-differs",
        promoted(model=_model("Failed", key_arn="other"), tags={**_TAGS, contract.TAG_BAKE: "failed"}),
        Refuse,
    ),
    *(
        Example("promoted-not-passed", promoted(tags={**_TAGS, key: "failed"}), Refuse, (key, "failed"))
        for key in (contract.TAG_BAKE, contract.TAG_VERDICT)
    ),
    Example("promoted-not-passed", promoted(is_baked_there=True), Refuse, (contract.TAG_BAKE, "none", "deploy dev")),
    Example("promoted-hold", promoted(is_baked_there=True, tags={**_TAGS, contract.TAG_BAKE: "passed"}), Hold),
    Example("promoted-not-passed", promoted(is_gated_there=True), Refuse, (contract.TAG_VERDICT, "none", "deploy dev")),
    Example("promoted-hold", promoted(is_gated_there=True, tags={**_TAGS, contract.TAG_VERDICT: "passed"}), Hold),
    Example("promoted-model-failed", promoted(model=_model("Failed")), Refuse, (_NAME,)),
    Example("promoted-model-creating", promoted(model=_model("Creating")), Wait, (_NAME,)),
    Example("promoted-hold", promoted(), Hold),
    Example("promoted-hold", promoted(model=Model("model", "Active")), Hold),
    Example("promoted-hold", promoted(tags={**_TAGS, contract.TAG_BAKE: "passed"}), Hold),
    # Another one was promoted since, so it does not count as the newest.
    Example("promoted-hold", promoted("Update", held=(NEWEST, _held(16))), Hold),
    Example("promoted-release", promoted("Update", held=(NEWEST, _held(1), _held(2), _held(3))), Release),
    Example("promoted-release", promoted(held=(_held(1), _held(2), _held(3, serves=True), NEWEST)), Release),
    Example("promoted-done", promoted(held=(NEWEST,)), Done),
    Example("promoted-done", promoted("Update", held=(NEWEST, _held(2), _held(3))), Done),
    Example("promoted-done", promoted("Update", held=(NEWEST, _held(1, serves=True), _held(2), _held(3))), Done),
)
