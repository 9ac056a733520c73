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
from tune.deployment import access
from tune.terminal.environments import find

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
_MODEL: Final = """
[promotion]
from = "dev"
training = "{training}"
base_model = "{base_model}"
train_sha256 = "{sha256}"
kms_key_arn = "{key_arn}"

[promotion.hyper_parameters]
epochCount = {epochs}

[serving.on_demand]

[[access]]
account = "{application}"
principals = ["arn:aws:iam::{application}:role/answers"]
"""
_APPLICATION: Final = "222222222222"
_STRANGER: Final = "333333333333"
_KEY_ARN: Final = PROMOTED.key_arn.replace("us-west-2", PROMOTED.region)
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


def _written(folder: Path, dev: str | None) -> None:
    """Write the files of an environment to which a model is promoted, and those of the giving one."""
    for name, text in (("dev", dev), ("prod", _TAKING)):
        if text:
            (folder / name).mkdir()
            (folder / name / "environment.toml").write_text(text, encoding="utf-8")
    model = _MODEL.format(
        training=f"{PROMOTED.training_id}-{PROMOTED.attempt}",
        base_model=PROMOTED.base_model,
        sha256=PROMOTED.sha256,
        key_arn=_KEY_ARN,
        epochs=PROMOTED.hyper_parameters["epochCount"],
        application=_APPLICATION,
    )
    (folder / "prod" / "faq.toml").write_text(model, encoding="utf-8")


def _unnamed() -> Measured:
    """Deploy what an application's account has, of an account that nobody named."""
    with tempfile.TemporaryDirectory() as folder:
        _written(Path(folder), _PLACE.format(account="111122223333"))
        target = find(Path(folder), "prod")
        assert access.in_account(target, _APPLICATION).models == target.models
        try:
            access.in_account(target, _STRANGER)
        except access.NoAccess as refused:
            return Measured("synth", 0, str(refused))
    return Measured("nobody", 0, "")


def _settings(dev: str | None) -> Callable[[], Measured]:
    """Return how to measure settings whose giving environment is somewhere, or nowhere; deploy where they are taken."""

    def measure() -> Measured:
        account = Account(settings=quick(), region=PROMOTED.region)
        account.deploy(PROMOTED.given)
        with tempfile.TemporaryDirectory() as folder:
            _written(Path(folder), dev)
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
        "a promotion under a key that the roles may not use",
        "synth",
        _settings(f'{_PLACE.format(account="111122223333")}organization.key_arn = "{_KEY_ARN}"\n'),
        (_KEY_ARN, "dev", "model_key_arns"),
        ("giving environment's own key",),
    ),
    Row(
        "an application's account that is not named",
        "synth",
        _unnamed,
        (_STRANGER, _APPLICATION, "[[access]]", "prod/faq.toml"),
        ("application",),
    ),
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
        (PROMOTED.training_name, TAG_BAKE, FAILED, "promote another model"),
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
