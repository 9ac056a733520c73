"""A digest takes the place of a path, and nothing else of a settings file changes."""

import tomllib

import pytest

from tests.support.messages import saying
from tests.unit.tune.dataset.data import ROOT
from tune.dataset.upload.pinning import CannotPin, pinned

SHA = "ab" * 32
TRAIN, BAKE = ("data", "train"), ("serving", "bake")


@pytest.mark.parametrize("name", ["dev", "local"])
def test_every_other_line_of_the_project_s_own_settings_stays(name: str) -> None:
    before = (ROOT / "environments" / name / "docstrings.toml").read_text(encoding="utf-8")
    after = pinned(before, {TRAIN: SHA, ("data", "validation"): SHA})
    changed = [(old, new) for old, new in zip(before.split("\n"), after.split("\n"), strict=True) if old != new]
    assert [new.partition("}")[0] for _, new in changed] == [
        f'train = {{ sha256 = "{SHA}" ',
        f'validation = {{ sha256 = "{SHA}" ',
    ]
    # What follows an entry on its line stays as well.
    assert all(old.partition("}")[2] == new.partition("}")[2] for old, new in changed)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[data]\ntrain={path="a"}# why\n', f'[data]\ntrain={{ sha256 = "{SHA}" }}# why\n'),
        ('[data]\ntrain = {path = "a", sha256 = "0"}', f'[data]\ntrain = {{ sha256 = "{SHA}" }}'),
        ('[data]\r\ntrain = { path = "a" }  # why\r\n', f'[data]\r\ntrain = {{ sha256 = "{SHA}" }}  # why\r\n'),
        ('[data]\ntrain.path = "a"   # why\n', f'[data]\ntrain.sha256 = "{SHA}"   # why\n'),
        ('data.train.path = "a"\n[x]\n', f'data.train.sha256 = "{SHA}"\n[x]\n'),
        (
            "[data.train] # here\n# the\npath = 'a'\t# why\n\n[x]\n",
            f'[data.train] # here\n# the\nsha256 = "{SHA}"\t# why\n\n[x]\n',
        ),
        ('[data.train]\r\npath = """a"""\r\n', f'[data.train]\r\nsha256 = "{SHA}"\r\n'),
        ('[data.train]\npath = "a"\nsha256 = "0"\n', f'[data.train]\nsha256 = "{SHA}"\n'),
        ('data = { train = { path = "a" } }\n', f'data = {{ train = {{ sha256 = "{SHA}" }} }}\n'),
        ('\ufeff[data]\ntrain = { path = "a" }\n', f'\ufeff[data]\ntrain = {{ sha256 = "{SHA}" }}\n'),
        ('["data"]\n"train" = { "path" = "a" }\n', f'["data"]\n"train" = {{ sha256 = "{SHA}" }}\n'),
    ],
)
def test_an_entry_may_be_written_in_any_way(before: str, after: str) -> None:
    assert pinned(before, {TRAIN: SHA}) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '[serving.bake]  # asks\nquestions = 3\npath = "a"  # mine\nright = 2\n',
            f'[serving.bake]  # asks\nquestions = 3\nsha256 = "{SHA}"  # mine\nright = 2\n',
        ),
        ('serving.bake.path = "a"\n', f'serving.bake.sha256 = "{SHA}"\n'),
        (
            '[serving]\non_demand = {}\nbake = {path="a", questions = 3}  # asks\n',
            f'[serving]\non_demand = {{}}\nbake = {{ sha256 = "{SHA}", questions = 3 }}  # asks\n',
        ),
    ],
)
def test_the_questions_of_a_bake_are_named_beside_what_else_it_says(before: str, after: str) -> None:
    assert pinned(before, {BAKE: SHA}) == after


def test_the_numbers_and_dates_of_others_are_kept_as_they_are_written() -> None:
    before = 'a = 1_000\nb = 0x1F\nc = 1.50\nd = 1979-05-27 07:32:00Z\n[data]\ntrain = { path = "a" }\n'
    assert pinned(before, {TRAIN: SHA}).splitlines()[:4] == before.splitlines()[:4]


def test_a_file_that_would_change_otherwise_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tomlkit.dumps", lambda document: tomllib_broken(document.as_string()))
    with pytest.raises(CannotPin, match=saying(f'data.train.sha256 = "{SHA}"')):
        pinned('x = 1\n[data]\ntrain = { path = "a" }\n', {TRAIN: SHA})


def tomllib_broken(text: str) -> str:
    assert tomllib.loads(text)
    return text.replace("x = 1", "x = 2")
