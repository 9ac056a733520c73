"""The tokens of a training: bounds from what is known of its data, and the team's money for both."""

import dataclasses
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from settings import Model
from tests.support.messages import says
from tests.unit.settings.settings_files import HAIKU, changed, load_file, training_of, write
from tests.unit.tune.dataset.data import write as write_data
from tests.unit.tune.scenarios import record
from tune.account import inventory
from tune.account.inventory import FoundationStore
from tune.spending import prices
from tune.spending.data import estimate
from tune.spending.tokens import Volume, estimated
from tune.terminal.environments import DeployTarget, find

SHA256: Final = "a" * 64
PRICES: Final = f"""currency = "EUR"
date = 2026-11-02
source = "contract 7"
[training_tokens_per_1000]
"{HAIKU}" = 500
"""
PUSHED: Final = ("data", {"train": {"sha256": SHA256}})


def model(folder: Path, *changes: tuple[str, object]) -> Model:
    return load_file(write(folder, changed(*changes)))


def target(folder: Path, *changes: tuple[str, object]) -> DeployTarget:
    write(folder, changed(*changes))
    return find(folder, "dev")


class Bucket:
    """A bucket with the training data, and with a report on it where there is one."""

    def __init__(self, report: object = None, size: int | None = 900, error: str = "AccessDenied") -> None:
        self._report, self._size, self._error = report, size, error

    def __call__(self, service: str) -> "Bucket":
        assert service == "s3"
        return self

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - the API's names
        assert (Bucket, Key) == ("ours", contract.dataset_report_key("train", SHA256, HAIKU, contract.FINE_TUNING))
        if self._report is None:
            raise ClientError({"Error": {"Code": self._error}}, "GetObject")
        return {"Body": io.BytesIO(json.dumps(self._report).encode())}

    def list_objects_v2(self, *, Bucket: str, Prefix: str, MaxKeys: int) -> dict[str, Any]:  # noqa: N803
        if self._size is None:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "ListObjectsV2")
        return {"Contents": [{"Key": Prefix, "Size": self._size}]}


@pytest.fixture
def _foundation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "store_of", lambda *_: FoundationStore(buckets=("ours", "logs")))


def test_the_bounds_are_those_of_all_epochs(tmp_path: Path) -> None:
    found = estimated(Volume(characters=605, bytes=1000), training_of(model(tmp_path)))
    assert (found.low, found.high, found.epochs) == (200, 668, 2)
    assert says(str(found), "200 to 668 tokens in 2 epochs", "6 characters", "3 bytes")


def test_a_bound_that_is_not_known_is_told_as_none(tmp_path: Path) -> None:
    training = training_of(model(tmp_path))
    assert says(str(estimated(Volume(bytes=3000), training)), "at most 2,000 tokens in 2 epochs")
    assert "characters" not in str(estimated(Volume(bytes=3000), training))
    assert says(str(estimated(Volume(characters=6000), training)), "2,000 tokens or more")
    assert says(str(estimated(Volume(), training)), "not estimated")


def test_without_a_number_of_epochs_the_default_counts_and_is_named(tmp_path: Path) -> None:
    known = training_of(model(tmp_path, ("training.hyper_parameters", {})))
    found = estimated(Volume(characters=600, bytes=900), known)
    default = known.profile.customization(known.customization_type).hyper_parameters.known["epochCount"].default
    assert (found.epochs, default is not None) == (default, True)
    assert says(str(found), "the default of Claude 3 Haiku")


def test_training_that_may_stop_early_says_so(tmp_path: Path) -> None:
    its = model(tmp_path, ("training.hyper_parameters", {"epochCount": 2, "earlyStoppingPatience": 2}))
    assert "early stopping" in str(estimated(Volume(6, 6), training_of(its)))
    assert "early stopping" not in str(estimated(Volume(6, 6), training_of(model(tmp_path))))


@pytest.mark.parametrize(
    ("volume", "words"),
    [
        (Volume(characters=6000, bytes=9000), "1,000.00 EUR to 3,000.00 EUR, by your prices of 2026-11-02"),
        (Volume(characters=6000), "1,000.00 EUR or more, by"),
        (Volume(bytes=9000), "at most 3,000.00 EUR, by"),
    ],
)
def test_money_is_by_the_prices_of_the_team(volume: Volume, words: str, tmp_path: Path) -> None:
    (tmp_path / "prices.toml").write_text(PRICES, encoding="utf-8")
    money = prices.read(tmp_path / "prices.toml")
    found = estimated(volume, training_of(model(tmp_path)))
    assert found.money(money).startswith(words)


def test_a_price_that_is_missing_is_named_and_nothing_is_told_of_an_unknown_number(tmp_path: Path) -> None:
    (tmp_path / "prices.toml").write_text(PRICES, encoding="utf-8")
    money = prices.read(tmp_path / "prices.toml")
    found = estimated(Volume(6000, 9000), training_of(model(tmp_path)))
    assert says(dataclasses.replace(found, base_model="own.model").money(money), 'training_tokens_per_1000."own.model"')
    unknown = estimated(Volume(), training_of(model(tmp_path)))
    assert (unknown.money(money), unknown.document(money)["moneyHigh"]) == ("", None)
    document = found.document(money)
    assert (document["low"], document["high"]) == (2000, 6000)
    assert (Decimal(document["moneyLow"]), document["currency"]) == (Decimal(1000), "EUR")
    assert (found.document(None)["moneyLow"], found.document(None)["currency"]) == (None, None)


def test_a_file_of_this_machine_is_counted(tmp_path: Path) -> None:
    of = target(tmp_path)
    write_data(tmp_path / "dev" / "train.jsonl", *map(record, range(40)))
    write_data(tmp_path / "dev" / "validation.jsonl", *(record(100 + each) for each in range(40)))
    of = find(tmp_path, "dev")
    found = estimate(of.settings[0], of, Bucket())
    characters = sum(len(f"anyquestion {each}answer {each}") for each in range(40))
    size = (tmp_path / "dev" / "train.jsonl").stat().st_size
    assert found is not None
    assert (found.low, found.high) == (characters // 6 * 2, -(-size // 3) * 2)


def test_data_with_errors_are_not_counted(tmp_path: Path) -> None:
    of = target(tmp_path)
    found = estimate(of.settings[0], of, Bucket())
    assert found is not None
    assert (found.low, found.high) == (None, None)


@pytest.mark.parametrize(
    ("bucket", "bounds"),
    [
        (Bucket({"characters": 600, "bytes": 1200}), (200, 800)),
        (Bucket({"bytes": 1200}), (None, 800)),
        (Bucket(None), (None, 600)),
        (Bucket(None, error="NoSuchKey"), (None, 600)),
        (Bucket(["no", "report"]), (None, 600)),
        (Bucket(None, size=None), (None, None)),
    ],
)
@pytest.mark.usefixtures("_foundation")
def test_pushed_data_is_counted_by_its_report_or_else_by_its_size(
    bucket: Bucket, bounds: tuple[int | None, int | None], tmp_path: Path
) -> None:
    of = target(tmp_path, PUSHED)
    found = estimate(of.settings[0], of, bucket)
    assert found is not None
    assert (found.low, found.high) == bounds


def test_without_a_bucket_nothing_is_known_of_pushed_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "store_of", lambda *_: FoundationStore())
    of = target(tmp_path, PUSHED)
    found = estimate(of.settings[0], of, Bucket())
    assert found is not None
    assert (found.low, found.high) == (None, None)
