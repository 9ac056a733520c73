"""`tune metrics`, on the simulated Bedrock and a real S3 client."""

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Final
from xml.etree import ElementTree as ET

import pytest

from tests.support.lifecycle import BUCKET
from tests.support.messages import says
from tests.unit.tune.metrics.deployed import TRAINING_FILE, VALIDATION_FILE, WANTED, Folder, csv, other
from tests.unit.tune.metrics.losses import PUBLISHED, SCENARIOS

STOPPING: Final = {"epochCount": "10", "earlyStoppingPatience": "2", "earlyStoppingThreshold": "0"}
_SVG: Final = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    return Folder(tmp_path, monkeypatch)


@pytest.fixture
def trained(folder: Folder) -> Folder:
    folder.train()
    return folder


def test_it_shows_the_curve_of_the_newest_training(trained: Folder) -> None:
    result = trained.run()
    assert result.exit_code == 0
    assert says(result.output, WANTED.training_name, "Completed")
    assert says(result.output, "All 2 epochs")
    assert "● training" in result.output
    assert f"s3://{BUCKET}/{trained.folder()}" in result.output


def test_it_changes_nothing_and_acts_as_who_runs_it(trained: Folder) -> None:
    trained.aws.changes.clear()
    before = trained.stored()
    assert trained.run().exit_code == 0
    assert trained.aws.changes == []
    assert trained.roles == [None]
    assert trained.stored() == before


@pytest.mark.parametrize(("threshold", "patience", "stopped", "best"), SCENARIOS)
def test_the_published_examples_as_pictures(
    threshold: float, patience: int, stopped: int, best: int, folder: Folder
) -> None:
    parameters = {"earlyStoppingThreshold": f"{threshold}", "earlyStoppingPatience": f"{patience}"}
    wanted = other(epochCount="10", **parameters)
    folder.train(wanted)
    files = {
        TRAINING_FILE: csv("training_loss", *(1.0 - number / 100 for number in range(stopped * 3)), each=3),
        VALIDATION_FILE: csv("validation_loss", *PUBLISHED[:stopped]),
    }
    folder.leave(files, wanted)
    svg = folder.path / "loss.svg"
    result = folder.run("dev", "faq", "--svg", str(svg))
    assert says(result.output, f"epoch {stopped} of 10", f"epoch {best}", PUBLISHED[best - 1])
    assert "★" in result.output
    root = ET.fromstring(svg.read_text(encoding="utf-8"))
    places = [
        re.findall(r"[\d.]+", its.attrib["transform"])
        for its in root.iter(f"{_SVG}path")
        if its.attrib["class"] == "mark m1"
    ][:-1]
    (ring,) = root.findall(f"{_SVG}circle")
    assert len(places) == stopped
    assert [ring.attrib["cx"], ring.attrib["cy"]] == places[best - 1]
    words = [its.text for its in root.iter(f"{_SVG}text")]
    assert f"lowest: epoch {best} ({PUBLISHED[best - 1]})" in words


@pytest.mark.parametrize(
    "folder_of",
    [
        "validation_artifacts/post_fine_tuning_validation/",
        "validation_artifacts/post_fine_tuning_validation/validation/",
        "validation_artifacts/",
    ],
)
def test_each_known_layout_is_read(folder_of: str, trained: Folder) -> None:
    trained.leave(
        {
            TRAINING_FILE: csv("training_loss", 1.0, 0.8),
            f"{folder_of}validation_metrics.csv": csv("validation_loss", 0.9, 0.7),
        }
    )
    (its,) = trained.document()["trainings"]
    assert its["epochs"][1] == {"epoch": 2, "trainingLoss": 0.8, "validationLoss": 0.7}
    assert its["bestEpoch"] == 2


def test_epochs_that_are_counted_from_0_are_all_there(folder: Folder) -> None:
    wanted = other(epochCount="3")
    folder.train(wanted)
    rows = "".join(f"{step},{(step - 1) // 2},{2.0 / step}\n" for step in range(1, 7))
    folder.leave({TRAINING_FILE: f"step_number,epoch_number,training_loss\n{rows}"}, wanted)
    assert says(folder.run().output, "All 3 epochs")
    (its,) = folder.document()["trainings"]
    assert [each["epoch"] for each in its["epochs"]] == [1, 2, 3]


BROKEN: Final[dict[str, tuple[dict[str, str], tuple[object, ...]]]] = {
    "no file": ({}, ("no metrics file",)),
    "empty file": ({TRAINING_FILE: ""}, ("step_wise_training_metrics.csv", "empty")),
    "no column": ({TRAINING_FILE: csv("perplexity", 1.0)}, ("training_loss", "perplexity")),
    "no rows": ({TRAINING_FILE: csv("training_loss")}, ("step_wise_training_metrics.csv", "no loss")),
    "no loss": ({TRAINING_FILE: csv("training_loss", -1.0)}, ("line 2", -1.0)),
    "no CSV": ({TRAINING_FILE: '{"a": 1}'}, ("training_loss",)),
}


@pytest.mark.parametrize(("files", "told"), BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_read_is_told_and_ends_with_1(
    files: dict[str, str], told: tuple[object, ...], trained: Folder
) -> None:
    trained.leave(files)
    result = trained.run("dev", "--svg", str(trained.path / "loss.svg"))
    assert result.exit_code == 1
    first, *others = told
    assert says(result.output, first, *others)
    assert not (trained.path / "loss.svg").exists()
    (its,) = trained.document()["trainings"]
    assert (its["epochs"], its["bestEpoch"], its["ending"]) == ([], None, None)
    assert its["nothingBecause"]


def test_a_file_that_is_being_written_is_shown_without_its_last_line(folder: Folder) -> None:
    folder.train()
    folder.leave({TRAINING_FILE: csv("training_loss", 1.0, 0.8, 0.7, each=1).rstrip("\n") + "\n3,4,0.1"})
    job = next(iter(folder.account.region.jobs.values()))
    job.status = type(job.status)("InProgress")
    result = folder.run()
    assert result.exit_code == 0
    assert says(result.output, "last line", "being written")
    assert says(result.output, "InProgress", "3")


def test_a_failed_training_says_why(folder: Folder) -> None:
    folder.train()
    folder.leave({})
    job = next(iter(folder.account.region.jobs.values()))
    job.status, job.failure_message = type(job.status)("Failed"), "Data validation failed."
    result = folder.run()
    assert result.exit_code == 1
    assert says(result.output, "Failed", "Data validation failed")


def test_trainings_side_by_side(trained: Folder) -> None:
    wanted = other()
    first, second = f"{WANTED.training_id}-1", trained.train(wanted)
    result = trained.run("dev", "faq", "--compare", first)
    assert result.exit_code == 0
    assert f"● {second}" in result.output
    assert f"■ {first}" in result.output
    assert says(result.output, "epochCount")
    document = trained.document("--compare", first)
    assert [its["id"] for its in document["trainings"]] == [second, first]
    assert trained.document("--compare", "all")["trainings"] == document["trainings"]


def test_an_older_training_is_shown_by_its_id_or_its_name(trained: Folder) -> None:
    trained.train(other())
    for named in (f"{WANTED.training_id}-1", WANTED.training_name):
        (its,) = trained.document("--training", named)["trainings"]
        assert its["name"] == WANTED.training_name


def test_all_trainings_are_as_many_as_can_be_told_apart_and_the_others_are_named(trained: Folder) -> None:
    oldest = f"{WANTED.training_id}-1"
    newer = [trained.train(other(batchSize=str(size))) for size in range(4, 10)]
    result = trained.run("dev", "--compare", "all")
    assert says(result.output, "Not shown", oldest)
    assert trained.document("--compare", "all")["notRead"] == [oldest]
    refused = trained.run("dev", *(part for each in [oldest, *newer[:5]] for part in ("--compare", each)))
    assert refused.exit_code == 2
    assert says(refused.output, 5, 6)


def test_an_unknown_training_names_those_there_are(trained: Folder) -> None:
    result = trained.run("dev", "--training", "0-1")
    assert result.exit_code == 1
    assert says(result.output, "'0-1'", f"{WANTED.training_id}-1")


def test_a_model_without_a_training_says_what_to_do(folder: Folder) -> None:
    result = folder.run()
    assert result.exit_code == 1
    assert says(result.output, "dev", "faq", "python -m tune deploy")


def test_a_promoted_model_says_where_it_was_trained(folder: Folder) -> None:
    (folder.path / "dev" / "faq.toml").write_text('[promotion]\nfrom = "lab"\n', encoding="utf-8")
    assert says(folder.run().output, "lab", "python -m tune metrics lab faq")


def test_one_of_several_models_must_be_named(folder: Folder) -> None:
    (folder.path / "dev" / "faq-b.toml").write_text("[training]\n", encoding="utf-8")
    result = folder.run()
    assert result.exit_code == 2
    assert says(result.output, "faq", "faq-b")


def test_trainings_of_a_model_whose_name_begins_alike_are_not_its(folder: Folder) -> None:
    folder.train(WANTED.but(name="faq-dev"))
    assert folder.run("dev", "faq").exit_code == 1


def test_the_same_training_is_the_same_picture_byte_for_byte(trained: Folder) -> None:
    one, two = trained.path / "one.svg", trained.path / "two.svg"
    assert trained.run("dev", "--svg", str(one)).exit_code == trained.run("dev", "--svg", str(two)).exit_code == 0
    assert one.read_bytes() == two.read_bytes()
    assert trained.run("dev", "--svg", str(one)).exit_code == 0  # a picture is replaced


@pytest.mark.parametrize("content", ["{}\n", "", "<svg><!-- somebody else's --></svg>"])
def test_what_is_no_picture_of_ours_is_not_replaced(content: str, trained: Folder) -> None:
    file = trained.path / "train.jsonl"
    file.write_text(content, encoding="utf-8")
    result = trained.run("dev", "--svg", str(file))
    assert result.exit_code == 2
    assert says(result.output, "train.jsonl", "name another file")
    assert file.read_text(encoding="utf-8") == content


def test_a_place_where_nothing_can_be_written_is_told(trained: Folder) -> None:
    result = trained.run("dev", "--svg", str(trained.path / "none" / "loss.svg"))
    assert result.exit_code == 2
    assert says(result.output, "loss.svg", "cannot be written")


def test_without_the_package_a_png_says_what_installs_it(trained: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    result = trained.run("dev", "--png", str(trained.path / "loss.png"))
    assert result.exit_code == 2
    assert says(result.output, "python -m pip install resvg-py")


def test_without_a_font_a_png_is_refused(trained: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    blind = ModuleType("resvg_py")
    blind.svg_to_bytes = lambda **_: b"\x89PNG"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "resvg_py", blind)
    result = trained.run("dev", "--png", str(trained.path / "loss.png"))
    assert result.exit_code == 2
    assert says(result.output, "font", "--svg")


def test_a_png_is_the_picture_with_its_words(trained: Folder) -> None:
    pytest.importorskip("resvg_py")
    file = trained.path / "loss.png"
    assert trained.run("dev", "--png", str(file)).exit_code == 0
    content = file.read_bytes()
    assert content.startswith(b"\x89PNG")
    assert int.from_bytes(content[16:20], "big") == 2 * 560


@pytest.mark.parametrize("columns", [40, 80, 120, 200])
def test_it_fits_the_terminal(columns: int, trained: Folder) -> None:
    picture = [row for row in trained.run("dev", COLUMNS=str(columns)).output.splitlines() if "┤" in row or "│" in row]
    assert picture
    assert max(map(len, picture)) <= min(columns, 120)


def test_no_color_is_asked_for_and_none_is_written(trained: Folder) -> None:
    colored = trained.run("dev", FORCE_COLOR="1", TERM="xterm-256color").output
    plain = trained.run("dev", FORCE_COLOR="1", TERM="xterm-256color", NO_COLOR="1").output
    assert re.search(r"\x1b\[[\d;]*3\dm|\x1b\[[\d;]*9\dm", colored)
    assert not re.search(r"\x1b\[[\d;]*3\dm|\x1b\[[\d;]*9\dm", plain)
