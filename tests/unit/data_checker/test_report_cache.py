"""What was found in data files is found again without reading them, for the same bytes, limits and rules alone."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bedrock_lifecycle.contract import FINE_TUNING, Split
from bedrock_lifecycle.dataset import rules
from bedrock_lifecycle.dataset.rules.findings import FileFindings
from bedrock_tuning import BaseModelProfile, base_model
from bedrock_tuning.base_models import Bounds
from bedrock_tuning.common import cache
from bedrock_tuning.common.cache import Cache
from bedrock_tuning.data import checker
from bedrock_tuning.data.checker import FilesReport, report_cache
from bedrock_tuning.data.sources import FileSource
from tests.support.profiles import fine_tuned_with, fine_tuning
from tests.unit.dataset_rules.samples import any_record, lines

HAIKU = base_model("anthropic.claude-3-haiku-20240307-v1:0:200k")
CANARY = "canary-in-the-training-data"
GOOD = lines(*[any_record(system=f"{CANARY} {number}") for number in range(32)])
BAD = GOOD + lines({CANARY: 1}) + b"\n"


class Checked:
    """Verdicts with a cache of their own, and how often files were read for them."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.cache = Cache(folder / "cache")
        self.reads = 0
        self.before_reading: Callable[[], object] = lambda: None
        real: Callable[..., FilesReport] = checker.check_files

        def counted(*arguments: Any) -> FilesReport:
            self.reads += 1
            self.before_reading()
            return real(*arguments)

        monkeypatch.setattr(checker, "check_files", counted)

    def __call__(self, files: Mapping[Split, bytes], base_model: BaseModelProfile = HAIKU) -> dict[Split, FileFindings]:
        sources = {split: FileSource(self.folder / f"{split}-{self.reads}.jsonl") for split in files}
        for split, source in sources.items():
            source.path.write_bytes(files[split])
        return report_cache.verdicts(sources, base_model, FINE_TUNING, self.cache)

    def stored(self) -> list[Path]:
        return [path for path in (self.folder / "cache").rglob("*.json") if path.parent.name == "verdicts"]


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checked:
    return Checked(tmp_path, monkeypatch)


@pytest.mark.parametrize("data", [GOOD, BAD], ids=["good", "bad"])
def test_the_same_bytes_are_judged_once_under_every_name(checked: Checked, data: bytes) -> None:
    first, second = checked({"train": data}), checked({"train": data})
    assert checked.reads == 1
    assert first.keys() == second.keys() == {"train"}
    for name in ("findings", "counts", "records", "bytes", "sha256", "characters", "accepted"):
        assert getattr(first["train"], name) == getattr(second["train"], name)


@pytest.mark.parametrize(
    "changes",
    [{"train": GOOD + GOOD}, {"validation": BAD}, {"test": GOOD * 2}],
    ids=["other bytes", "another file beside it", "another use beside it"],
)
def test_other_files_are_judged_anew(checked: Checked, changes: dict[Split, bytes]) -> None:
    checked({"train": GOOD})
    checked({"train": GOOD, **changes})
    assert checked.reads == 2


def test_the_same_bytes_for_another_use_are_judged_anew(checked: Checked) -> None:
    checked({"train": GOOD})
    checked({"validation": GOOD})
    assert checked.reads == 2


def test_other_limits_judge_anew(checked: Checked) -> None:
    records = fine_tuning(HAIKU).data.records.model_copy(update={"train": Bounds(min=33)})
    other = fine_tuned_with(HAIKU, data=fine_tuning(HAIKU).data.model_copy(update={"records": records}))
    assert checked({"train": GOOD})["train"].accepted
    assert not checked({"train": GOOD}, other)["train"].accepted


def test_other_rules_judge_anew(checked: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    checked({"train": GOOD})
    monkeypatch.setattr(report_cache, "rules_version", lambda: "another")
    checked({"train": GOOD})
    assert checked.reads == 2


def test_a_change_of_one_character_of_the_rules_is_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = report_cache.rules_version.__wrapped__
    before = version()
    assert version() == before
    copy = tmp_path / "rules"
    copy.mkdir()
    for path in Path(str(rules.__file__)).parent.glob("*.py"):
        (copy / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(rules, "__file__", str(copy / "__init__.py"))
    assert version() == before
    (copy / "strict_json.py").write_bytes((copy / "strict_json.py").read_bytes() + b"\n")
    assert version() != before


def test_nothing_of_the_data_is_kept(checked: Checked) -> None:
    checked({"train": BAD})
    (path,) = checked.stored()
    assert json.loads(path.read_text())["document"]["train"]["counts"]
    assert CANARY not in path.read_text()


@pytest.mark.parametrize("train", [None, [], {}, {"findings": [[1]]}, {"findings": 1}, {"findings": [], "records": 1}])
def test_a_document_of_another_form_is_not_believed(checked: Checked, train: Any) -> None:
    checked({"train": GOOD})
    (path,) = checked.stored()
    kept = {"train": train}
    path.write_text(json.dumps({"sha256": cache._digest(kept), "document": kept}))
    assert checked({"train": GOOD})["train"].accepted
    assert checked.reads == 2


def test_a_file_that_changed_since_its_digest_was_taken_is_judged_as_it_is_and_forgotten(checked: Checked) -> None:
    checked.before_reading = lambda: (checked.folder / "train-0.jsonl").write_bytes(BAD)
    assert not checked({"train": GOOD})["train"].accepted
    assert checked.stored() == []
    checked.before_reading = lambda: None
    assert checked({"train": GOOD})["train"].accepted
    assert checked.reads == 2


def test_without_a_cache_every_look_reads(checked: Checked) -> None:
    checked.cache = Cache(None)
    assert checked({"train": GOOD}) == checked({"train": GOOD})
    assert checked.reads == 2
