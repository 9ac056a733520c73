"""The team's prices: exact money of quantities, a word for each that is missing, one line for a file that is wrong."""

import dataclasses
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.messages import says
from tests.unit.tune.review.test_documents import of
from tune.review.document import document
from tune.review.findings import ReviewFinding, dearest_first
from tune.review.markdown import CommentContext, comment
from tune.spending import prices
from tune.spending.cost import NO_TERM, Cost
from tune.spending.prices import Prices, PricesRefused

NOVA = "amazon.nova-micro-v1:0:128k"
HEAD = 'currency = "EUR"\ndate = 2026-11-02\nsource = "contract 7 | page 3"\n'
FILE = f"""{HEAD}
custom_model_month = 3
[training_tokens_per_1000]
"{NOVA}" = 0.0007
[model_unit_hour."{NOVA}"]
no_commitment = 20.05
OneMonth = 10
"""
TOKENS = Cost("once", "tokens", 56_460, "training-tokens", (NOVA,))
UNITS = Cost("hourly", "model units", 2, "model-units", (NOVA, NO_TERM))
MODEL = Cost("monthly", "custom model stored", 1, "custom-models")
KEYS = Cost("monthly", "keys", 2, "keys")


def read(folder: Path, text: str = FILE) -> Prices:
    file = folder / "prices.toml"
    file.write_text(text, encoding="utf-8")
    return prices.read(file)


@pytest.mark.parametrize(
    ("cost", "amount"),
    [
        (TOKENS, Decimal("39.522") / 1000),
        (UNITS, Decimal("40.10")),
        (MODEL, Decimal(3)),
        (KEYS, None),
        (Cost("once", "tokens", None, "training-tokens", (NOVA,)), None),
        (Cost("use", "tokens of each invocation"), None),
    ],
)
def test_money_is_the_quantity_times_the_price_exactly(cost: Cost, amount: Decimal | None, tmp_path: Path) -> None:
    assert read(tmp_path).amount(cost) == amount


@pytest.mark.parametrize(
    ("cost", "missing"),
    [
        (KEYS, "kms_key_month"),
        (Cost("once", "tokens", 5, "training-tokens", ("other.model",)), 'training_tokens_per_1000."other.model"'),
        (Cost("hourly", "unit", 1, "model-units", (NOVA, "SixMonths")), f'model_unit_hour."{NOVA}".SixMonths'),
        (TOKENS, None),
        (Cost("monthly", "keys", None, "keys"), None),
        (Cost("use", "tokens of each invocation"), None),
    ],
)
def test_a_price_that_is_missing_is_named_by_its_key(cost: Cost, missing: str | None, tmp_path: Path) -> None:
    found = read(tmp_path)
    assert found.missing(cost) == missing
    assert ("no price of" in found.told(cost)) is (missing is not None)


def test_money_is_told_by_its_nature_with_date_and_source(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert says(found.told(UNITS), "40.10 EUR an hour", "29,273.00 EUR in a month of 730 hours")
    assert says(found.told(TOKENS), "0.04 EUR")
    assert says(found.told(MODEL), "3.00 EUR a month")
    assert says(found.told(Cost("once", "tokens", 1, "training-tokens", (NOVA,))), "less than 0.01 EUR")
    bought = ReviewFinding(finding_class="buys", says="it buys", environment="dev", costs=(UNITS, KEYS))
    text = comment(of(bought), "main", "head", CommentContext(prices=found))
    assert "prices of 2026-11-02, EUR, from contract 7 \\| page 3" in text
    assert "no price of kms\\_key\\_month in prices.toml" in text
    assert "EUR" not in comment(of(bought), "main", "head")


def test_a_quantity_that_is_a_floor_has_money_that_is_one(tmp_path: Path) -> None:
    found = read(tmp_path)
    for cost in (TOKENS, UNITS, MODEL):
        assert not found.told(cost).endswith("or more")
        assert found.told(dataclasses.replace(cost, is_floor=True)) == f"{found.told(cost)} or more"


def test_no_quantity_is_too_large_for_money(tmp_path: Path) -> None:
    found = read(tmp_path, FILE.replace("20.05", "1e9"))
    assert "0.00 EUR an hour" in found.told(dataclasses.replace(UNITS, quantity=10**40))


def test_the_document_has_the_money_and_what_is_missing(tmp_path: Path) -> None:
    bought = ReviewFinding(finding_class="buys", says="it buys", environment="dev", costs=(UNITS, KEYS))
    units, keys = document(of(bought), "m", "h", read(tmp_path))["environments"][0]["findings"][0]["costs"]
    assert units["money"] == {
        "amount": "40.10",
        "currency": "EUR",
        "date": "2026-11-02",
        "source": "contract 7 | page 3",
    }
    assert (units["what"], units["of"], units["missing"]) == ("model-units", [NOVA, NO_TERM], None)
    assert (keys["money"], keys["missing"]) == (None, "kms_key_month")


def test_with_prices_the_dearest_is_first_and_an_unknown_one_before_it(tmp_path: Path) -> None:
    def bought(says: str, *costs: Cost) -> ReviewFinding:
        return ReviewFinding(finding_class="buys", says=says, environment="dev", costs=costs)

    many = bought("many cheap", Cost("hourly", "units", 3, "model-units", (NOVA, "OneMonth")))
    few = bought("few dear", UNITS)
    unknown = bought("unknown", Cost("hourly", "units", 1, "model-units", ("other.model", NO_TERM)))
    review = of(few, many, unknown)
    assert [its.says for its in review.findings] == ["many cheap", "few dear", "unknown"]
    found = dearest_first(review.findings, read(tmp_path).first_month)
    assert [its.says for its in found] == ["unknown", "few dear", "many cheap"]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (FILE.replace('currency = "EUR"', ""), "currency"),
        (FILE.replace('"EUR"', '"Euro"'), "currency"),
        (FILE.replace("2026-11-02", '"last week"'), "date"),
        (FILE.replace("2026-11-02", "2026-11-02T10:00:00Z"), "date"),
        (FILE.replace("0.0007", '"0.0007"'), f"training_tokens_per_1000.{NOVA}"),
        (FILE.replace("0.0007", "-1"), f"training_tokens_per_1000.{NOVA}"),
        (FILE.replace("0.0007", "1e27"), f"training_tokens_per_1000.{NOVA}"),
        (FILE.replace("0.0007", "1e400"), f"training_tokens_per_1000.{NOVA}"),
        (FILE.replace("0.0007", "1e-400"), f"training_tokens_per_1000.{NOVA}"),
        (FILE.replace("0.0007", "inf"), f"training_tokens_per_1000.{NOVA}"),
        (FILE.replace("0.0007", "true"), f"training_tokens_per_1000.{NOVA}"),
        (FILE.replace("0.0007", "nan"), f"training_tokens_per_1000.{NOVA}"),
        (FILE.replace("OneMonth", "TwoMonths"), f"model_unit_hour.{NOVA}.TwoMonths"),
        (FILE.replace("custom_model_month", "custom_model_year"), "custom_model_year"),
        (FILE.replace("contract 7", "a\\nb"), "source"),
        ("currency = EUR", "line 1"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line_with_file_and_field(text: str, field: str, tmp_path: Path) -> None:
    with pytest.raises(PricesRefused) as refused:
        read(tmp_path, text)
    assert says(refused.value, "prices.toml", field)
    assert len(str(refused.value).splitlines()) == 1


def test_prices_beside_the_environments_are_taken_and_none_are_made_up(tmp_path: Path) -> None:
    environments = tmp_path / "environments"
    environments.mkdir()
    assert prices.of(None, environments) is None
    with pytest.raises(PricesRefused):
        prices.of(tmp_path / "prices.toml", environments)
    read(tmp_path)
    found = prices.of(None, environments)
    assert found
    assert found.currency == "EUR"
