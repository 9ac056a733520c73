"""A base model's life: what of the published dates has passed on some day, and what can be tuned instead."""

import datetime as dt

import pytest

from bedrock_tuning.base_models import BaseModelProfile, BaseModels
from tests.settings.settings_files import HAIKU, NOVA_MICRO

LLAMA_3_2 = "meta.llama3-2-1b-instruct-v1:0:128k"
LLAMA_3_3 = "meta.llama3-3-70b-instruct-v1:0:128k"
NOTHING_NEW = "it takes no new training and no new Provisioned Throughput"


def passed(base_model: str, day: str) -> str | None:
    lifecycle = BaseModelProfile.of(base_model).lifecycle
    assert lifecycle
    event = lifecycle.passed(dt.date.fromisoformat(day))
    return event.says if event else None


@pytest.mark.parametrize(
    ("base_model", "day", "says"),
    [
        (HAIKU, "2026-03-09", None),
        (HAIKU, "2026-03-10", f"is Legacy since 2026-03-10: {NOTHING_NEW}"),
        (HAIKU, "2026-09-09", f"is Legacy since 2026-03-10: {NOTHING_NEW}"),
        (HAIKU, "2026-09-10", "reached its end of life on 2026-09-10: requests to it fail"),
        (LLAMA_3_2, "2026-07-06", None),
        (LLAMA_3_2, "2026-07-07", "reached its end of life on 2026-07-07: requests to it fail"),
        (LLAMA_3_3, "2024-11-15", None),
        (
            LLAMA_3_3,
            "2026-11-23",
            "was Legacy by 2026-11-23: it takes no new training and no new Provisioned Throughput",
        ),
        (LLAMA_3_3, "2027-03-30", "reached its end of life on 2027-03-30: requests to it fail"),
        (NOVA_MICRO, "2026-11-23", None),
    ],
)
def test_says_what_has_passed(base_model: str, day: str, says: str | None) -> None:
    assert passed(base_model, day) == says


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
