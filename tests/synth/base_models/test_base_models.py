"""Base models at synth: what is past its time is a warning, what cannot be is an error, and a file is all it takes."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Annotations, Match

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import FINE_TUNING
from bedrock_tuning import BaseModelProfile, BaseModels, base_model
from bedrock_tuning.base_models import profiles
from bedrock_tuning.checks.base_model import HYPER_PARAMETER_WARNING, PURCHASE_REGION_WARNING, TODAY, check_serving_mode
from settings import load_environments
from stacks.environment_stage import EnvironmentStage
from tests.conftest import ROOT
from tests.support.messages import saying, says
from tests.synth.foreign import HAIKU, NOVA_MICRO, ForeignStack
from tests.synth.stages import stacks_of, stage_of, templates_of
from tests.synth.templates import resources_of_type
from tests.unit.base_models.base_model_files import OWN_ID, write_base_model
from tests.unit.settings.settings_files import changed, write

Foreign = Callable[..., ForeignStack]
CODE = ("constructs", "lambda", "settings", "stacks", "tune")
NOVA_2_LITE = base_model("amazon.nova-2-lite-v1:0:256k")
LLAMA_3_3 = base_model("meta.llama3-3-70b-instruct-v1:0:128k")
NOVA_IN_US_EAST_1 = ", ".join(
    f"amazon.nova-{name}" for name in ("2-lite-v1:0:256k", "lite-v1:0:300k", "micro-v1:0:128k")
)


def warnings(stack: Stack) -> list[str]:
    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    return [str(each.entry.data) for each in found]


def warned(
    foreign_stack: Foreign, base_model: BaseModelProfile, day: str, region: str | None = "us-west-2"
) -> list[str]:
    foreign = foreign_stack(region=region, context={TODAY: day})
    foreign.customization(base_model=base_model)
    return [warning for warning in warnings(foreign.stack) if "bedrock-tuning:data-" not in warning]


# --- what is past its time ---------------------------------------------------------------------------------------


def test_warns_of_an_end_of_life_with_date_source_and_what_can_be_tuned_elsewhere(foreign_stack: Foreign) -> None:
    (warning,) = warned(foreign_stack, HAIKU, "2026-11-23")
    assert says(warning, HAIKU.id, "2026-09-10", "model-lifecycle-legacy.html", "us-west-2", NOVA_IN_US_EAST_1)
    assert warning.endswith("[ack: bedrock-tuning:base-model-lifecycle]")


def test_warns_of_a_legacy_model_with_what_can_be_tuned_in_its_region(foreign_stack: Foreign) -> None:
    (warning,) = warned(foreign_stack, HAIKU, "2026-03-10")
    assert says(warning, HAIKU.id, "Legacy", "2026-03-10")
    assert says(warning, "us-west-2: meta.llama3-1-70b-instruct-v1:0:128k, meta.llama3-1-8b-instruct-v1:0:128k")
    assert "us-east-1" not in warning


def test_warns_of_a_model_that_is_known_to_be_legacy_and_not_since_when(foreign_stack: Foreign) -> None:
    (warning,) = warned(foreign_stack, LLAMA_3_3, "2026-11-23")
    assert says(warning, LLAMA_3_3.id, "Legacy", "2026-11-23")


@pytest.mark.parametrize(
    ("base_model", "day", "region"),
    [
        (HAIKU, "2026-03-09", "us-west-2"),
        (LLAMA_3_3, "2026-11-22", "us-west-2"),
        (NOVA_MICRO, "2026-11-23", "us-east-1"),
    ],
    ids=lambda value: str(getattr(value, "name", value)),
)
def test_warns_of_nothing_that_has_not_passed(
    foreign_stack: Foreign, base_model: BaseModelProfile, day: str, region: str
) -> None:
    assert warned(foreign_stack, base_model, day, region) == []


def test_warns_also_where_the_region_is_known_only_at_deployment(foreign_stack: Foreign) -> None:
    foreign = foreign_stack(region=None, account=None, context={TODAY: "2026-11-23"})
    foreign.customization()
    (warning,) = warnings(foreign.stack)
    assert says(warning, "us-east-1", NOVA_IN_US_EAST_1)


def test_the_day_is_that_of_the_synthesis_unless_the_context_has_another(
    foreign_stack: Foreign, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day, expected in ((dt.date(2026, 3, 9), 0), (dt.date(2026, 3, 10), 1)):
        monkeypatch.setattr("bedrock_tuning.checks.base_model.utc_today", lambda day=day: day)
        foreign = foreign_stack()
        foreign.customization()
        assert len(warnings(foreign.stack)) == expected


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", 20261123])
def test_refuses_a_day_that_is_none(foreign_stack: Foreign, day: object) -> None:
    with pytest.raises(ValueError, match=saying(TODAY, repr(day), "2026-11-23")):
        foreign_stack(context={TODAY: day}).customization()


def test_templates_are_the_same_whatever_the_day(tmp_path: Path, context: dict[str, Any]) -> None:
    written = []
    for day in ("2024-11-15", "2026-11-23", "2027-12-31"):
        folder = tmp_path / day
        app = App(builtin_cloud_formation_validation=False, context={**context, TODAY: day}, outdir=str(folder))
        stages = [
            EnvironmentStage(app, each)
            for each in load_environments(ROOT / "environments", today=dt.date.fromisoformat(day))
        ]
        app.synth()
        written.append({path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.template.json")})
        trainings = [stacks_of(stage)["Training"] for stage in stages]
        assert any(warnings(stack) for stack in trainings) == (day != "2024-11-15")
    assert len(written[0]) >= 6
    assert written[0] == written[1] == written[2]


# --- what cannot be ----------------------------------------------------------------------------------------------


def test_refuses_a_region_with_the_reason_and_what_it_tunes(foreign_stack: Foreign) -> None:
    foreign = foreign_stack(region="us-east-1", context={TODAY: "2026-11-23"})
    with pytest.raises(ValueError, match=saying("us-east-1", "Claude 3 Haiku")) as caught:
        foreign.customization()
    assert says(caught.value, "us-west-2", "base model", f"us-east-1: {NOVA_IN_US_EAST_1}")


def test_refuses_a_model_that_no_region_tunes_any_more(foreign: ForeignStack) -> None:
    titan = base_model("amazon.titan-text-express-v1:0:8k")
    with pytest.raises(ValueError, match=saying("choose another base model", "Region")):
        foreign.customization(base_model=titan)


def test_refuses_a_serving_mode_with_what_is_served_so(foreign_stack: Foreign) -> None:
    stack = foreign_stack(region="us-east-1", context={TODAY: "2026-11-23"}).stack
    with pytest.raises(ValueError, match=saying("on_demand", "Claude 3 Haiku", "provisioned_throughput")) as one:
        check_serving_mode(stack, HAIKU, "on_demand", None)
    assert says(one.value, f"us-east-1: {NOVA_IN_US_EAST_1}")
    with pytest.raises(ValueError, match=saying("provisioned_throughput", "Llama")):
        check_serving_mode(stack, LLAMA_3_3, "provisioned_throughput", None)
    check_serving_mode(stack, NOVA_MICRO, "on_demand", None)


def test_proposes_the_base_models_that_it_is_given(foreign_stack: Foreign) -> None:
    foreign = foreign_stack(context={TODAY: "2026-11-23"})
    own = NOVA_MICRO.model_copy(update={"id": "amazon.nova-micro-v1:0:own", "regions": ("us-west-2",)})
    foreign.customization(base_models=BaseModels([HAIKU, own]))
    (warning,) = warnings(foreign.stack)
    assert says(warning, "us-west-2: amazon.nova-micro-v1:0:own [ack")


# --- a file is all it takes --------------------------------------------------------------------------------------


def test_a_base_model_is_added_by_one_file_and_no_code(tmp_path: Path, context: dict[str, Any]) -> None:
    write_base_model(tmp_path)
    choices = (
        ("region", "eu-central-1"),
        ("training.base_model", OWN_ID),
        ("training.hyper_parameters", {"epochCount": 3}),
    )
    write(tmp_path, changed(*choices))
    (settings,) = load_environments(tmp_path)
    templates = templates_of(stage_of(settings, tmp_path / "cdk.out", context))
    (job,) = resources_of_type(templates["Training"], contract.MODEL_CUSTOMIZATION).values()
    assert job["Properties"]["BaseModel"] == OWN_ID
    assert job["Properties"]["HyperParameters"] == {"epochCount": "3"}
    copies = resources_of_type(templates["Training"], contract.DATASET).values()
    (train,) = (each["Properties"] for each in copies if each["Properties"]["DestinationKey"].startswith("train/"))
    assert (train["MinRecords"], train["MaxRecords"], train["ReservedWords"]) == ("2", "50", '["<secret>"]')
    (bought,) = resources_of_type(templates["Serving"], contract.PROVISIONED_THROUGHPUT).values()
    assert bought["Properties"]["BaseModel"] == OWN_ID


def test_no_code_names_a_base_model() -> None:
    ids = {each for profile in profiles() for each in (profile.id, profile.foundation_model_id, *profile.untunable_ids)}
    files = [ROOT / "app.py", *(path for name in CODE for path in (ROOT / name).rglob("*.py"))]
    named = {(path.name, each) for path in files for each in ids if each in path.read_text(encoding="utf-8")}
    assert named == set()
    assert any(each in (ROOT / "environments" / "dev" / "docstrings.toml").read_text(encoding="utf-8") for each in ids)


@pytest.mark.parametrize(
    ("base_model", "region", "doubtful"),
    [(NOVA_MICRO, "eu-central-1", True), (NOVA_MICRO, "us-east-1", False), (HAIKU, "eu-central-1", False)],
    ids=["listed elsewhere", "listed", "listed nowhere"],
)
def test_warns_of_a_purchase_in_a_region_that_no_page_lists(
    foreign_stack: Foreign, base_model: BaseModelProfile, region: str, doubtful: bool
) -> None:
    foreign = foreign_stack(region=region)
    check_serving_mode(foreign.stack, base_model, "provisioned_throughput", None)
    found = warnings(foreign.stack)
    assert len(found) == doubtful
    assert all(says(each, base_model.name, region, "us-east-1", PURCHASE_REGION_WARNING) for each in found)


# --- hyper-parameters that no page lists ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base_model", "name", "meant"),
    [
        (NOVA_2_LITE, "epochcount", "epochCount"),
        (NOVA_2_LITE, "epochs", "epochCount"),
        (NOVA_2_LITE, "learning_rate", "learningRate"),
        (NOVA_2_LITE, "learningRateMultiplier", "learningRate"),
        (LLAMA_3_3, "batch_size", "batchSize"),
    ],
)
def test_warns_of_a_name_that_is_like_a_known_one(
    foreign_stack: Foreign, base_model: BaseModelProfile, name: str, meant: str
) -> None:
    assert says(*hyper_parameter_warnings(foreign_stack, base_model, {name: 1}), name, base_model.name, meant)


@pytest.mark.parametrize(
    ("base_model", "name"),
    [
        (NOVA_2_LITE, "epochCount"),
        (NOVA_2_LITE, "batchSize"),
        (NOVA_2_LITE, "temperature"),
        (LLAMA_3_3, "epochCount"),
        (NOVA_MICRO, "epochCount"),
    ],
)
def test_warns_of_no_name_that_is_known_or_like_none(
    foreign_stack: Foreign, base_model: BaseModelProfile, name: str
) -> None:
    assert hyper_parameter_warnings(foreign_stack, base_model, {name: 1}) == []


def test_a_name_that_jobs_have_sent_and_no_page_lists_is_sent_with_a_warning(foreign_stack: Foreign) -> None:
    assert says(*hyper_parameter_warnings(foreign_stack, NOVA_MICRO, {"batchSize": 1}), "batchSize", NOVA_MICRO.name)
    assert NOVA_MICRO.canonical_hyper_parameters({"batchSize": 1}, FINE_TUNING) == {"batchSize": "1"}


def hyper_parameter_warnings(
    foreign_stack: Foreign, base_model: BaseModelProfile, values: dict[str, object]
) -> list[str]:
    foreign = foreign_stack(region=base_model.regions[0], context={TODAY: "2026-01-01"})
    foreign.customization(base_model=base_model, hyper_parameters=values)
    return [each for each in warnings(foreign.stack) if HYPER_PARAMETER_WARNING in each]
