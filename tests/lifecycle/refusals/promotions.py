"""Promotions that are refused before anything is made."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from bedrock_lifecycle.contract import FAILED, TAG_BAKE, TAG_FOUNDATION
from sandbox.bedrock.lasting_faults import LegacyFault
from settings import SettingsError, load_environment
from tests.lifecycle.refusals.measured import Measured, Row, deployed
from tests.support.environment import NOVA, NOVA_RECORDS, Account, Wanted
from tests.support.quick import quick

PROMOTED: Final = Wanted(
    rungs=1, base_model=NOVA, data=NOVA_RECORDS, on_demand=True, model_units=None, giver="dev", name="faq"
)
_BOUGHT: Final = PROMOTED.but(on_demand=False, model_units=1)
_OTHER: Final = "d" * 64
_TAKING: Final = """
account = "111122223333"
region = "us-east-1"
allow = { train = false, promote_from = ["dev"] }
"""
_PLACE: Final = 'account = "{account}"\nregion = "us-east-1"\n'


def _promotion(
    prepare: Callable[[Account], object], wanted: Wanted = PROMOTED, **properties: Any
) -> Callable[[], Measured]:
    """Return how to measure a promotion of a model that the giving environment has trained."""

    def measure() -> Measured:
        account = Account(settings=quick(), region=wanted.region)
        account.deploy(wanted.given)
        prepare(account)
        return _deployed(account, wanted, properties)

    return measure


def _unfinished() -> Measured:
    account, given = Account(settings=quick(), region=PROMOTED.region), PROMOTED.given
    account.lifecycle.put(f"train/{given.sha256}.jsonl", given.data)
    account.cloudformation.deploy(given.stack("Training"), {"Job": given.training()["Job"]})
    return _deployed(account, PROMOTED, {})


def _deployed(account: Account, wanted: Wanted, properties: dict[str, Any]) -> Measured:
    ((logical_id, resource),) = wanted.promotion().items()
    template = {logical_id: type(resource)(resource.type, {**resource.properties, **properties})}

    def deploy() -> str:
        status = account.cloudformation.deploy(wanted.stack("Promotion"), template)
        return (
            status if "ROLLBACK" in status else account.cloudformation.deploy(wanted.stack("Serving"), wanted.serving())
        )

    return deployed(account, deploy)


def _settings(dev: str | None) -> Callable[[], Measured]:
    """Return how to measure settings whose giving environment is somewhere, or nowhere; deploy where they are taken."""

    def measure() -> Measured:
        account = Account(settings=quick(), region=PROMOTED.region)
        account.deploy(PROMOTED.given)
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (("dev", dev), ("prod", _TAKING)):
                if text:
                    (Path(folder) / name).mkdir()
                    (Path(folder) / name / "environment.toml").write_text(text, encoding="utf-8")
            try:
                load_environment(Path(folder), "prod")
            except SettingsError as refused:
                return Measured("synth", 0, " ".join(str(refused).split()))
        return _deployed(account, PROMOTED, {})

    return measure


def _take_the_tag(account: Account) -> None:
    model = account.lifecycle.client.get_custom_model(modelIdentifier=PROMOTED.training_name)
    account.lifecycle.client.untag_resource(resourceARN=model["modelArn"], tagKeys=[TAG_FOUNDATION])
    account.lifecycle.pass_time(timedelta(hours=1))


def _fail_the_bake(account: Account) -> None:
    model = account.lifecycle.client.get_custom_model(modelIdentifier=PROMOTED.training_name)
    tags = [{"key": TAG_BAKE, "value": FAILED}]
    account.lifecycle.client.tag_resource(resourceARN=model["modelArn"], tags=tags)


def _disable_key(account: Account) -> None:
    account.lifecycle.world.disabled_keys.add(PROMOTED.key_arn)


def _turn_legacy(account: Account) -> None:
    account.lifecycle.simulated.faults.add(LegacyFault(model=NOVA, has_turned=True))


def _nothing(_account: Account) -> None:
    pass


ROWS: Final[tuple[Row, ...]] = (
    Row(
        "a promotion in a folder without the giving environment",
        "synth",
        _settings(None),
        ("allow.promote_from", "'dev'"),
        ("giving environment",),
    ),
    Row(
        "a promotion from another account",
        "synth",
        _settings(_PLACE.format(account="999922223333")),
        ("'999922223333'", "tune promote dev prod --again"),
        ("giving environment",),
    ),
    Row(
        "a promotion of a training that has not finished",
        "decision",
        _unfinished,
        (PROMOTED.training_name, "deploy again"),
        ("promoted-no-model",),
    ),
    Row(
        "a promotion with another digest",
        "decision",
        _promotion(_nothing, TrainSha256=_OTHER),
        (PROMOTED.training_name, _OTHER, "promote again"),
        ("promoted-differs",),
    ),
    Row(
        "a promotion of what the giving environment's tag is not on",
        "decision",
        _promotion(_take_the_tag),
        (PROMOTED.training_name, TAG_FOUNDATION, "deploy dev"),
        ("promoted-foreign",),
    ),
    Row(
        "a promotion of a model that has failed its bake",
        "decision",
        _promotion(_fail_the_bake),
        (PROMOTED.training_name, TAG_BAKE, FAILED, "promote another one"),
        ("promoted-not-passed",),
    ),
    Row(
        "a promotion to throughput of a model whose base model is legacy",
        "preflight",
        _promotion(_turn_legacy, _BOUGHT),
        (NOVA, "LEGACY", "serve on demand"),
        ("base-model",),
    ),
    Row(
        "a promotion under an unusable key",
        "preflight",
        _promotion(_disable_key),
        (PROMOTED.key_arn,),
        ("key",),
    ),
)
