"""From a reply of AWS to an answer."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.assumptions.register import register
from tune.probe import verdicts
from tune.probe.reads import Refused, Reply, Told, Unanswered

NOW = datetime(2026, 11, 28, tzinfo=UTC)
DENIED = Unanswered("bedrock:Any is denied to these credentials")
NOT_FOUND = Refused("ResourceNotFoundException")
NOTHING = Told({})


def model(*customizations: str, status: str = "ACTIVE", end: datetime | None = None) -> Told:
    lifecycle = {"status": status, "endOfLifeTime": end} if end else {"status": status}
    return Told({"modelDetails": {"customizationsSupported": list(customizations), "modelLifecycle": lifecycle}})


def available(authorization: str, agreement: str = "AVAILABLE") -> Told:
    return Told(
        {
            "agreementAvailability": {"status": agreement},
            "authorizationStatus": authorization,
            "entitlementAvailability": "AVAILABLE",
            "regionAvailability": "AVAILABLE",
        }
    )


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "ValidationException", "SomethingNew"])
def test_an_error_is_told_as_it_is(code: str) -> None:
    assert verdicts.error_of(Refused(code)) == code


def test_a_name_that_is_there_after_all_is_no_answer() -> None:
    assert isinstance(verdicts.error_of(NOTHING), Unanswered)


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([NOTHING], "found"),
        ([NOTHING, DENIED], "found"),
        ([NOTHING, NOT_FOUND], "not-found"),
        ([DENIED], DENIED),
        ([DENIED, NOT_FOUND], "not-found"),
    ],
)
def test_found_by_name(looks: list[Reply], expected: object) -> None:
    assert verdicts.found_by_name(looks) == expected


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ({"one": Told({"one": []}), "two": Told({"two": []})}, "told"),
        ({"one": Told({"one": []}), "two": NOTHING}, "left-out"),
        ({"one": Told({"one": []}), "two": DENIED}, "told"),
        ({"one": DENIED}, DENIED),
    ],
)
def test_empty_lists(replies: dict[str, Reply], expected: object) -> None:
    assert verdicts.empty_lists(replies) == expected


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        ([Told({"baseModelArn": "any"})], "told"),
        ([Told({"baseModelArn": "any"}), NOTHING], "left-out"),
        ([NOT_FOUND, Told({"baseModelArn": "any"})], "told"),
        ([DENIED], DENIED),
    ],
)
def test_base_model_arn(models: list[Reply], expected: object) -> None:
    assert verdicts.base_model_arn(models) == expected


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ([available("AUTHORIZED")], "authorized"),
        ([available("AUTHORIZED"), available("NOT_AUTHORIZED")], "not-authorized"),
        # Of a model without an agreement the field says no for a reason.
        ([available("AUTHORIZED"), available("NOT_AUTHORIZED", "NOT_AVAILABLE")], "authorized"),
        ([DENIED], DENIED),
    ],
)
def test_authorization(replies: list[Reply], expected: object) -> None:
    assert verdicts.authorization(replies) == expected


def test_an_account_without_access_says_nothing_of_its_authorization() -> None:
    assert isinstance(verdicts.authorization([available("NOT_AUTHORIZED", "NOT_AVAILABLE")]), Unanswered)


@pytest.mark.parametrize(
    ("variant", "whole", "expected"),
    [
        (model("FINE_TUNING"), model(), "listed"),
        (model("DISTILLATION"), model(), "not-listed"),
        (model(), model("FINE_TUNING"), "not-listed"),
        (NOT_FOUND, model(), "not-found"),
        (DENIED, model(), DENIED),
    ],
)
def test_variant_tunable(variant: Reply, whole: Reply, expected: object) -> None:
    assert verdicts.variant_tunable({"any": variant}, {"any": whole}) == expected


@pytest.mark.parametrize(
    ("variant", "whole"),
    [(model(status="LEGACY"), model(status="LEGACY")), (NOT_FOUND, NOT_FOUND), (NOT_FOUND, model(status="LEGACY"))],
)
def test_what_is_not_active_says_nothing_of_variants(variant: Reply, whole: Reply) -> None:
    assert isinstance(verdicts.variant_tunable({"any": variant}, {"any": whole}), Unanswered)


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ([NOT_FOUND], "ResourceNotFoundException"),
        ([Refused("ValidationException")], "ValidationException"),
        ([model(status="LEGACY", end=datetime(2026, 9, 10, tzinfo=UTC))], "told"),
        ([DENIED, NOT_FOUND], "ResourceNotFoundException"),
        ([DENIED], DENIED),
    ],
)
def test_end_of_life_read(replies: list[Reply], expected: object) -> None:
    assert verdicts.end_of_life_read(replies, NOW) == expected


@pytest.mark.parametrize("end", [None, datetime(2027, 1, 1, tzinfo=UTC)])
def test_a_life_that_bedrock_knows_to_go_on_is_no_answer(end: datetime | None) -> None:
    assert isinstance(verdicts.end_of_life_read([model(end=end)], NOW), Unanswered)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Told({"ServiceNames": ["com.amazonaws.us-east-1.servicequotas"]}), "there"),
        (Refused("InvalidServiceName"), "not-there"),
        (DENIED, DENIED),
    ],
)
def test_quota_endpoint(reply: Reply, expected: object) -> None:
    assert verdicts.quota_endpoint(reply) == expected


@pytest.mark.parametrize("reply", [Refused("OptInRequired"), NOTHING, Told({"ServiceNames": []})])
def test_what_says_neither_is_no_answer_about_an_endpoint(reply: Reply) -> None:
    assert isinstance(verdicts.quota_endpoint(reply), Unanswered)


REPLIES = st.one_of(
    st.sampled_from([NOTHING, NOT_FOUND, DENIED, model("FINE_TUNING"), model(status="LEGACY"), model(end=NOW)]),
    st.builds(available, st.sampled_from(["AUTHORIZED", "NOT_AUTHORIZED"]), st.sampled_from(["AVAILABLE", "PENDING"])),
)


@given(st.lists(REPLIES))
def test_whatever_is_replied_the_answer_is_one_of_the_entry_s_or_none(replies: list[Reply]) -> None:
    by_name = {str(number): each for number, each in enumerate(replies)}
    found: dict[str, Any] = {
        "found-by-name": verdicts.found_by_name(replies),
        "empty-lists": verdicts.empty_lists(by_name),
        "base-model-arn": verdicts.base_model_arn(replies),
        "authorization": verdicts.authorization([each for each in replies if each is not NOTHING]),
        "variant-tunable": verdicts.variant_tunable(by_name, by_name),
        "end-of-life-read": verdicts.end_of_life_read(replies, NOW),
    }
    for name, verdict in found.items():
        assert isinstance(verdict, Unanswered) or register()[name].takes(verdict)
