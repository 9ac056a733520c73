"""Every command of this project that a page shows does what is asked of it, in this process.

Those that ask AWS run in an account of the simulated Bedrock in which a model is deployed; the pages' names dev and
docstrings are prod and faq there.
"""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner, Result

from tests.conftest import ROOT
from tests.docs import shown
from tests.docs.fences import fences, words
from tests.docs.test_makefile import told
from tests.support.bedrock_client import ACCOUNT
from tests.support.messages import saying
from tests.unit.settings.evaluation_files import written
from tests.unit.tune import test_evaluate, test_pipeline, test_promote
from tests.unit.tune.aws_stand_in import ANCHOR, CloudFormation
from tests.unit.tune.dataset.data import conversation, conversations, pair
from tests.unit.tune.dataset.data import write as write_data
from tests.unit.tune.scenarios import EVALUATED, SCENARIOS, WANTED, Scenario, playing
from tests.unit.tune.test_cli import Account
from tune import cli
from tune.account import clients
from tune.account.location import Location
from tune.pipeline.digest import digest_of

COMMANDS: Final = sorted(
    {
        command
        for fence in fences()
        if fence.page not in shown.PAGES_READ and fence.place not in shown.READ and not fence.is_usage
        for command in fence.commands
        if command not in {**shown.RUN, **shown.NOT_RUN} and not command.startswith("aws ")
    }
)
# The scenario in which a command runs: the first of whose words it has all.
_SCENARIOS: Final = {
    ("plan",): "plan",
    ("preflight",): "preflight",
    ("deploy", "--detach"): "deploy --detach",
    ("deploy",): "deploy",
    ("status", "--all"): "status --all",
    ("status",): "status",
    ("metrics",): "metrics",
    ("report",): "report",
    ("destroy",): "destroy",
    ("purge",): "purge",
    ("probe",): "probe",
    ("review",): "review",
    ("dataset", "push"): "push",
}
_THERE: Final = {
    "dev": "prod",
    "staging": "prod",
    "docstrings": "faq",
    "4ffdfb6d1c2a-1": f"{WANTED.training_id}-1",
    "56af50fa73e1": EVALUATED.evaluation_inputs.id,
    "cdk.base": "base",
    "cdk.out": "head",
}
# What is told by another code there: something bills that no stack holds, a change goes on, an answer differs.
_CODES: Final = {("plan", "--fail-on-orphans"): 1, ("deploy", "--detach"): 3, ("probe", "dev"): 1}


@pytest.mark.parametrize("command", COMMANDS)
def test_it_does_what_is_asked_of_it(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = arguments(command, tmp_path)
    assert line, "it is no command of this project, and tests/docs/shown.py does not have it"
    result = run(line, tmp_path, monkeypatch)
    assert not isinstance(result.exception, Exception), result.exc_info
    assert result.exit_code == expected(line), result.output
    assert "--json" not in line or json.loads(result.stdout)


def test_a_command_without_a_scenario_is_told_where_to_name_one() -> None:
    with pytest.raises(pytest.fail.Exception, match=saying("fly dev", "_SCENARIOS", "test_shown_commands.py")):
        scenario_of(("fly", "dev"))


def arguments(command: str, folder: Path) -> tuple[str, ...]:
    """Return what `python -m tune` gets from a command, from make too; nothing from another program."""
    found = words(command)
    if found[0] == "make":
        found = ["python", *json.loads(told(folder, *found[1:]).stdout)["told"].split()]
    return tuple(found[3:]) if found[0].endswith("python") and found[1:3] == ["-m", "tune"] else ()


def expected(line: tuple[str, ...]) -> int:
    return next((code for has, code in _CODES.items() if set(has) <= set(line)), 0)


def run(line: tuple[str, ...], folder: Path, patch: pytest.MonkeyPatch) -> Result:
    match line:
        case ("promote", *_):
            return promoted(line, folder, patch)
        case ("evaluate", *_):
            return evaluated(line, folder, patch)
        case ("dataset", ("check" | "stats" | "convert" | "split"), *_) | (("pipeline" | "policy" | "completion"), *_):
            return with_files(line, folder, patch)
        case _:
            return in_account(line, folder, patch)


def in_account(line: tuple[str, ...], folder: Path, patch: pytest.MonkeyPatch) -> Result:
    """Run it where a model is deployed, and type what it asks for."""
    scenario = scenario_of(line)
    there = tuple(_THERE.get(word, word) for word in line)
    asked = "model" if "docstrings" in line else "all" if "--all" in line else ""
    typed = {("destroy", ""): "y", ("destroy", "model"): "y", ("purge", "model"): "faq"}.get((line[0], asked), "prod")
    # A revision is the state before; nothing is synthesized.
    patch.setattr("tune.review.run.commit_of", lambda _revision: "0" * 40)
    patch.setattr("tune.review.run.assembly_of", lambda *_: (Path("base"), []))
    patch.setattr("tune.review.run.synthesize", lambda *_, **__: None)
    patch.setattr("tune.report.files.ROOT", folder)
    with playing(replace(scenario, line=there, typed=f"{typed}\n"), folder) as play:
        aws = clients.clients(ANCHOR, None)
        patch.setattr("tune.account.ambient.ambient", lambda: (aws, Location(ACCOUNT, scenario.region)))
        return play()[0]


def scenario_of(line: tuple[str, ...]) -> Scenario:
    """Return the scenario that is named for a command."""
    name = next((name for has, name in _SCENARIOS.items() if set(has) <= set(line)), None)
    if name is None:
        pytest.fail(
            f"python -m tune {' '.join(line)}: no scenario is named for it; name one of tests/unit/tune/scenarios.py "
            "in _SCENARIOS of tests/docs/test_shown_commands.py, or give a command that asks no account a case in run()"
        )
    found = next((each for each in SCENARIOS if each.name == name), None)
    if found is None:
        pytest.fail(f"_SCENARIOS of tests/docs/test_shown_commands.py: {name!r} is not in tests/unit/tune/scenarios.py")
    return found


def promoted(line: tuple[str, ...], folder: Path, patch: pytest.MonkeyPatch) -> Result:
    """Run it where dev has trained, staging takes dev's models, prod takes staging's, and elsewhere trains."""
    its = test_promote.Folder(folder)
    patch.setattr("tune.account.clients.clients", lambda _anchor, role: its.clients(role))
    assert its.account.deploy(test_promote.DEV) == "CREATE_COMPLETE"
    shutil.copytree(folder / "dev", folder / "elsewhere")
    (folder / "elsewhere" / "faq.toml").unlink()
    if line[1] == "staging":
        assert its.promote("dev", "staging")[0] == 0
    there = ["faq" if word == "docstrings" else word for word in line]
    return CliRunner().invoke(cli.app, [*there, "--environments", str(folder)])


def evaluated(line: tuple[str, ...], folder: Path, patch: pytest.MonkeyPatch) -> Result:
    """Run it where the CDK CLI deploys whatever it is asked, and the gate passes."""
    account = Account("111122223333", CloudFormation({}))
    patch.setattr("tune.account.clients.clients", lambda *_: account)
    patch.setattr("tune.evaluation.observe.EvaluationObserver.look", lambda *_: iter([test_evaluate.FOUND]))
    patch.setattr("tune.deployment.cdk_cli.CdkCli.run", lambda *_: 0)
    (folder / "dev").mkdir()
    written(folder)
    write_data(folder / "dev" / "test.jsonl", conversation())
    return CliRunner().invoke(cli.app, [*line, "--environments", str(folder)])


def with_files(line: tuple[str, ...], folder: Path, patch: pytest.MonkeyPatch) -> Result:
    """Run it in a checkout of its own, with the files that the pages name."""
    for name in ("environments", "examples"):
        shutil.copytree(ROOT / name, folder / name)
    with (folder / "environments" / "app.toml").open("a", encoding="utf-8") as app:
        app.write(test_pipeline.PIPELINE.replace('"dev", "prod"', '"dev"'))
    (folder / "data").mkdir()
    for name in ("train", "all", "data/train", "data/validation"):
        conversations(folder / f"{name}.jsonl", 100, start=100 * len(name))
    write_data(folder / "pairs.jsonl", *map(pair, range(100)))
    (folder / "faq.csv").write_text("prompt,completion\nwhat,that\n", encoding="utf-8")
    (folder / "system.txt").write_text("Answer briefly.\n", encoding="utf-8")
    for name in ("assembly", "cdk.out"):
        (folder / name).mkdir()
        (folder / name / "manifest.json").write_text("{}", encoding="utf-8")
    match line[:2]:
        case ("dataset", "convert"):
            (folder / "all.jsonl").unlink()
        case ("dataset", "split"):
            shutil.rmtree(folder / "data")
    patch.chdir(folder)
    patch.setattr("tune.terminal.folders.ROOT", folder)
    patch.setattr("tune.terminal.folders.DEFAULT_FOLDER", folder / "environments")
    return CliRunner().invoke(cli.app, [digest_of(folder / "cdk.out") if word == "$DIGEST" else word for word in line])
