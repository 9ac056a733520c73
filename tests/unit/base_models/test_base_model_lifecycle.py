"""A base model's life: what of the published dates has passed on some day, and what can be tuned instead."""

import datetime as dt

import pytest

from bedrock_tuning.base_models import BaseModels, base_model
from tests.support.messages import says
from tests.unit.settings.settings_files import HAIKU, NOVA_MICRO

LLAMA_3_2 = "meta.llama3-2-1b-instruct-v1:0:128k"
LLAMA_3_3 = "meta.llama3-3-70b-instruct-v1:0:128k"


def passed(base_model_id: str, day: str) -> str | None:
    lifecycle = base_model(base_model_id).lifecycle
    assert lifecycle
    event = lifecycle.passed(dt.date.fromisoformat(day))
    return event.says if event else None


@pytest.mark.parametrize(
    ("base_model_id", "day", "named"),
    [
        (HAIKU, "2026-03-09", None),
        (HAIKU, "2026-03-10", ("Legacy", "2026-03-10", "Provisioned Throughput")),
        (HAIKU, "2026-09-09", ("Legacy", "2026-03-10", "Provisioned Throughput")),
        (HAIKU, "2026-09-10", ("end of life", "2026-09-10")),
        (LLAMA_3_2, "2026-07-06", None),
        (LLAMA_3_2, "2026-07-07", ("end of life", "2026-07-07")),
        (LLAMA_3_3, "2024-11-15", None),
        (LLAMA_3_3, "2026-11-23", ("Legacy", "2026-11-23", "Provisioned Throughput")),
        (LLAMA_3_3, "2027-03-30", ("end of life", "2027-03-30")),
        (NOVA_MICRO, "2026-11-23", None),
    ],
)
def test_says_what_has_passed(base_model_id: str, day: str, named: tuple[str, ...] | None) -> None:
    told = passed(base_model_id, day)
    assert told is None if named is None else says(told, *named)


@pytest.mark.parametrize(
    ("day", "region", "names"),
    [
        ("2026-11-23", "us-east-1", {"Amazon Nova 2 Lite", "Amazon Nova Lite", "Amazon Nova Micro", "Amazon Nova Pro"}),
        ("2026-11-23", "us-west-2", set()),
        ("2026-11-23", "eu-central-1", set()),
        ("2026-07-07", "us-west-2", {f"Llama 3.{size} Instruct" for size in ("1 8B", "1 70B", "3 70B")}),
    ],
)
def test_knows_what_can_be_tuned_on_a_day(day: str, region: str, names: set[str]) -> None:
    found = BaseModels.shipped().tunable(region, dt.date.fromisoformat(day))
    assert {each.name for each in found} == names
