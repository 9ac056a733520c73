"""The demo's environment with somebody's own data in it."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import tomlkit

from bedrock_lifecycle.contract import Split
from bedrock_lifecycle.dataset.rules.catalogue import Level
from bedrock_lifecycle.dataset.rules.foreign_shapes import OWN
from bedrock_tuning.data.checker.limits import limits_of
from settings.folder import APP_FILE, BASE_MODELS, model_file
from tune.dataset.checking import checked
from tune.dataset.convert import convert_file
from tune.dataset.files import Unusable
from tune.dataset.formats import recognised
from tune.dataset.reports.checked import CheckedFile
from tune.dataset.reports.refused import DataRefused
from tune.dataset.shares import Shares, out_of_bounds
from tune.dataset.split import split_file
from tune.dataset.subject import Rules, rules_of_model
from tune.demo.progress import Progress
from tune.terminal.counting import counted
from tune.terminal.environments import DeployTarget, find
from tune.terminal.labels import name_of

# What is held back for early stopping and for the demo's questions; for those alone where there is little.
_SHARES: Final = Shares.read(validation="10%", test="10%")
_SHARES_OF_LITTLE: Final = Shares.read(validation="0%", test="10%")


@contextmanager
def environment_with(data: Path, like: DeployTarget, story: Progress) -> Iterator[DeployTarget]:
    """Make an environment that is like another, with a file of one's own converted, split and checked.

    Everything is written into a folder that is gone after the block.

    Raises:
        DataRefused: When the base model would refuse the data.
        Unusable: When the file cannot be used at all.
    """
    model = like.model
    rules = rules_of_model(model)
    with TemporaryDirectory(prefix="bedrock-tuning-") as name:
        folder = Path(name)
        story.begin("your data")
        whole, words = _in_its_format(data, folder, rules)
        _refuse_wrong_lines(data, whole, rules)
        counts = _split(whole, folder, rules)
        whole.unlink()
        if problems := list(out_of_bounds(counts, rules)):
            raise Unusable(f"{name_of(data)}, split for the demo: {'; '.join(problems)}")
        warnings = _checked({split: folder / f"{split}.jsonl" for split in counts}, rules)
        shares = ", ".join(f"{count:,} {split}" for split, count in counts.items())
        story.done(f"{name_of(data)}: {words}; {shares}; no errors, {counted(warnings, 'warning')}")
        environments = folder / "environments"
        copy_settings(like, environments)
        path = model_file(environments, like.name, model.name)
        path.write_text(_settings(path, folder, counts, rules), encoding="utf-8")
        yield find(environments, like.name, like.named)


def copy_settings(of: DeployTarget, to: Path) -> None:
    """Copy an environment, and what it follows from beside it: the app's name and the team's own base models."""
    shutil.copytree(of.folder / of.name, to / of.name)
    if (app := of.folder / APP_FILE).exists():
        shutil.copyfile(app, to / APP_FILE)
    if (base_models := of.folder / BASE_MODELS).exists():
        shutil.copytree(base_models, to / BASE_MODELS)


def _in_its_format(data: Path, folder: Path, rules: Rules) -> tuple[Path, str]:
    """Write the data in the base model's format; tell in words what was done."""
    whole, shape, takes = folder / "all.jsonl", recognised(data), rules.record_format
    if shape and OWN.get(shape) is takes:
        shutil.copyfile(data, whole)
        return whole, f"in the {takes.value} format"
    count, _ = convert_file(data, whole, takes)
    return whole, f"{counted(count, 'record')} converted to the {takes.value} format"


def _split(whole: Path, folder: Path, rules: Rules) -> dict[Split, int]:
    if rules.unused_validation:
        return split_file(whole, folder, _SHARES_OF_LITTLE)
    counts = split_file(whole, folder, _SHARES)
    if counts["validation"] >= limits_of(rules.base_model, "validation", rules.customization_type).min_records:
        return counts
    (folder / "validation.jsonl").unlink()
    return split_file(whole, folder, _SHARES_OF_LITTLE, force=True)


def _refuse_wrong_lines(data: Path, whole: Path, rules: Rules) -> None:
    """Tell what is wrong with records before they are split, while they have the line numbers of the file as given."""
    report = checked({"train": whole}, rules)["train"].report
    if any(finding.line and finding.level is Level.ERROR for finding in report.findings):
        raise DataRefused([CheckedFile(data, report, "train")])


def _checked(files: Mapping[Split, Path], rules: Rules) -> int:
    """Return the number of warnings; raise DataRefused when there are errors."""
    found = list(checked(files, rules).values())
    if any(each.report.error_count for each in found):
        raise DataRefused(found)
    return sum(each.report.warning_count for each in found)


def _settings(like: Path, folder: Path, splits: Mapping[Split, int], rules: Rules) -> str:
    document = tomlkit.parse(like.read_text(encoding="utf-8"))
    if "validation" not in splits:
        hyper_parameters = document["training"].get("hyper_parameters", {})
        for name in rules.base_model.needing_validation_data(hyper_parameters, rules.customization_type):
            del hyper_parameters[name]
    data = tomlkit.table()
    for split in splits:
        data[split] = {"path": str(folder / f"{split}.jsonl")}
    document["data"] = data
    return tomlkit.dumps(document)
