"""`tune deploy --detach`: what each run begins, from nothing but what CloudFormation says of the stacks."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.messages import says
from tests.unit.settings.settings_files import changed, write
from tests.unit.tune.aws_stand_in import Bedrock, CloudFormation, Lines
from tests.unit.tune.test_deploy import refusal
from tests.unit.tune.test_evaluation_progress import GOING
from tune.account import operations
from tune.deployment import detached
from tune.deployment.commit import commit_of
from tune.deployment.deploy import NAMED
from tune.deployment.detached import DetachedDeployment, NotDetached
from tune.deployment.model_deployment import NOBODY_TO_ASK
from tune.terminal.environments import find
from tune.terminal.exit_codes import ExitCode
from tune.terminal.problems import NoAssembly

DONE, FAILED, GOES_ON = ExitCode.DONE, ExitCode.FAILED, ExitCode.GOES_ON
STACK = "bedrock-tuning-dev-{}"
FOUNDATION = STACK.format("Foundation")
STILL_RUNNING = "training x is still running after 5 h 0 min"


class ChangeSets(CloudFormation):
    """Takes change sets; an operation goes on until `settle`. `templates` are those that stacks have."""

    def __init__(self) -> None:
        super().__init__({})
        self.prepared: dict[tuple[str, str], dict[str, Any]] = {}
        self.templates: dict[str, str] = {}
        self.executed: list[tuple[str, str]] = []
        self.of_stack: dict[str, list[dict[str, Any]]] = {}
        self.lost: list[str] = []

    def prepare(self, stack: str, name: str) -> None:
        self.statuses.setdefault(stack, "REVIEW_IN_PROGRESS")
        status = "FAILED" if self.templates.get(stack) == name else "CREATE_COMPLETE"
        arn = f"arn:changeSet/{name}/{stack}-{len(self.executed)}"
        its = {"ChangeSetName": name, "ChangeSetId": arn, "Status": status, "Tags": self._tags(stack)}
        self.prepared[stack, name] = its

    def describe_change_set(self, *, StackName: str, ChangeSetName: str) -> dict[str, Any]:  # noqa: N803 - the API's name
        if (StackName, ChangeSetName) not in self.prepared:
            raise gone("DescribeChangeSet")
        return self.prepared[StackName, ChangeSetName]

    def delete_change_set(self, *, StackName: str, ChangeSetName: str) -> None:  # noqa: N803
        del self.prepared[StackName, ChangeSetName]

    def execute_change_set(self, *, StackName: str, ChangeSetName: str, ClientRequestToken: str) -> None:  # noqa: N803
        (name,) = (its["ChangeSetName"] for its in self.prepared.values() if its["ChangeSetId"] == ChangeSetName)
        self.prepared = {key: its for key, its in self.prepared.items() if key[0] != StackName}
        self.executed.append((StackName, name))
        self.templates[StackName] = name
        new = self.statuses[StackName] == "REVIEW_IN_PROGRESS"
        self.statuses[StackName] = f"{'CREATE' if new else 'UPDATE'}_IN_PROGRESS"
        self.of_stack[StackName] = [event(self.statuses[StackName], ClientRequestToken)]
        if StackName in self.lost:  # the request has taken effect, and its answer never arrives
            raise ClientError({"Error": {"Code": "InvalidChangeSetStatus"}}, "ExecuteChangeSet")

    def settle(self, *failures: str) -> None:
        """End what is in progress, with these reasons why it failed."""
        for name, status in self.statuses.items():
            if not status.endswith("_IN_PROGRESS") or status == "REVIEW_IN_PROGRESS":
                continue
            if not failures:
                self.statuses[name] = status.replace("IN_PROGRESS", "COMPLETE")
                continue
            self.statuses[name] = "ROLLBACK_COMPLETE" if status.startswith("CREATE") else "UPDATE_ROLLBACK_COMPLETE"
            token = self.of_stack[name][0]["ClientRequestToken"]
            failed = event("CREATE_FAILED", token, "Custom::Any")
            reasons = [{**failed, "ResourceStatusReason": each} for each in failures]
            self.of_stack[name] = [event(self.statuses[name], token), *reasons, *self.of_stack[name]]
            del self.templates[name]

    def get_paginator(self, operation: str) -> Any:
        if operation == "describe_stack_events":
            return Pages(lambda StackName: [{"StackEvents": self.of_stack.get(StackName, [])}])  # noqa: N803
        return super().get_paginator(operation)

    def _changes(self, name: str) -> list[str]:
        return [its["ChangeSetName"] for (stack, _), its in self.prepared.items() if stack == name]


class Pages:
    def __init__(self, pages: Any) -> None:
        self._pages = pages

    def paginate(self, **which: str) -> Iterator[dict[str, Any]]:
        return iter(self._pages(**which))


def event(status: str, token: str, kind: str = "AWS::CloudFormation::Stack") -> dict[str, Any]:
    return {"EventId": f"{status}-{token}", "ResourceStatus": status, "ResourceType": kind, "ClientRequestToken": token}


def gone(operation: str) -> ClientError:
    return ClientError({"Error": {"Code": "ChangeSetNotFound"}}, operation)


class Cli:
    """A CDK CLI that prepares change sets; `codes` by the stack's id."""

    output = "cdk.out"

    def __init__(self, cloudformation: ChangeSets) -> None:
        self.cloudformation = cloudformation
        self.runs: list[list[str]] = []
        self.codes: dict[str, int] = {}
        self.said = ""

    def beside(self, _screen: Any) -> "Cli":
        return self

    def has_said(self, text: str) -> bool:
        return text in self.said

    def run(self, arguments: Sequence[str], _tick: Any = None) -> int:
        self.runs.append(list(arguments))
        if arguments[0] == "synth":
            return self.codes.get("synth", 0)
        stack = STACK.format(arguments[1].removeprefix("dev/"))
        if self.cloudformation.statuses.get(stack) == "ROLLBACK_COMPLETE":
            del self.cloudformation.statuses[stack]
        name = arguments[arguments.index("--change-set-name") + 1]
        self.cloudformation.prepare(stack, name)
        return self.codes.get(arguments[1], 0)


class Jobs(Bedrock):
    """Has a job that is running, while `running` says so."""

    running = False

    def get_model_customization_job(self, *, jobIdentifier: str) -> Any:  # noqa: N803
        if not self.running:
            return super().get_model_customization_job(jobIdentifier=jobIdentifier)
        now = datetime(2024, 11, 15, 2, tzinfo=UTC)
        return {"jobName": jobIdentifier, "status": "InProgress", "creationTime": now, "endTime": now}


class Scene:
    """Environment dev with models a and a-b, an assembly of them, and AWS; each run knows nothing of those before."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (folder / "environments").mkdir()
        for name in ("a", "a-b"):
            write(folder / "environments", changed(("name", name)))
        self.folder = folder / "environments"
        self.assembly = folder / "assembly"
        self.assembly.mkdir()
        self.cloudformation = ChangeSets()
        self.cli = Cli(self.cloudformation)
        self.bedrock = Jobs({})
        self.screen = Lines()
        self.synthesize("1")
        monkeypatch.setattr(detached, "run_all", lambda runs: [cli.run(arguments) for cli, arguments in runs])
        monkeypatch.setattr("tune.exports.gate.check", lambda *_: None)

    def synthesize(self, version: str, *only: str) -> None:
        """Write the assembly; another version is another template of the stacks that are named, or of all."""
        ids = ("Foundation", *(f"{name}-{kind}" for name in ("a", "a-b") for kind in ("Training", "Serving")))
        for each in only or ids:
            (self.assembly / f"{each}.json").write_text(json.dumps({"version": version}), encoding="utf-8")
        artifacts = {
            each: {
                "type": "aws:cloudformation:stack",
                "properties": {"stackName": STACK.format(each), "templateFile": f"{each}.json"},
            }
            for each in ids
        }
        (self.assembly / "manifest.json").write_text(json.dumps({"artifacts": artifacts}), encoding="utf-8")

    def deployment(self, model: str | None = "a", *, retry: bool = False) -> DetachedDeployment:
        clients: dict[str, Any] = {"cloudformation": self.cloudformation, "bedrock": self.bedrock}
        cli: Any = self.cli
        target = find(self.folder, "dev", model)
        return DetachedDeployment(target, clients.__getitem__, cli, self.screen, retry=retry)

    def run(self, model: str | None = "a", *extra: str, retry: bool = False) -> ExitCode:
        return self.deployment(model, retry=retry).run(("--app", str(self.assembly), *extra))

    def until_done(self, model: str | None = "a") -> list[ExitCode]:
        """Run again and again; return how each run has ended."""
        codes: list[ExitCode] = []
        while not codes or codes[-1] is GOES_ON:
            codes.append(self.run(model))
            assert len(codes) < 9
            self.cloudformation.settle()
        return codes

    @property
    def executed(self) -> list[str]:
        return [stack.removeprefix(STACK.format("")) for stack, _ in self.cloudformation.executed]

    @property
    def said(self) -> str:
        return "\n".join(self.screen.said)


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(tmp_path, monkeypatch)


def test_runs_deploy_from_nothing_one_stack_after_the_other(scene: Scene) -> None:
    assert scene.until_done() == [GOES_ON] * 3 + [DONE]
    assert scene.executed == ["Foundation", "a-Training", "a-Serving"]
    assert says(scene.said, "python -m tune status dev a")


def test_models_are_taken_further_side_by_side(scene: Scene) -> None:
    assert scene.until_done(None) == [GOES_ON] * 3 + [DONE]
    assert scene.executed == ["Foundation", "a-Training", "a-b-Training", "a-Serving", "a-b-Serving"]


def test_a_stack_in_progress_is_left_alone_and_nothing_after_it_is_prepared(scene: Scene) -> None:
    assert scene.run() is GOES_ON
    before = len(scene.cli.runs)
    assert scene.run() is GOES_ON
    assert len(scene.cli.runs) == before
    scene.cloudformation.settle()
    assert scene.run() is GOES_ON
    scene.bedrock.running = True
    assert scene.run() is GOES_ON
    assert scene.executed == ["Foundation", "a-Training"]
    assert says(scene.screen.said[-1], STACK.format("a-Training"), "CREATE_IN_PROGRESS", "0 min")
    assert not any("dev/a-Serving" in each for each in scene.cli.runs)


def test_what_has_not_changed_is_not_executed_and_its_change_set_is_deleted(scene: Scene) -> None:
    scene.until_done()
    scene.cloudformation.prepared[FOUNDATION, "of-somebody-else"] = {"ChangeSetName": "of-somebody-else"}
    scene.cloudformation.prepared[FOUNDATION, f"tune-{'0' * 16}"] = {"ChangeSetName": f"tune-{'0' * 16}"}
    executed = list(scene.executed)
    assert scene.run() is DONE
    assert scene.executed == executed
    assert list(scene.cloudformation.prepared) == [(FOUNDATION, "of-somebody-else")]


def test_another_template_is_another_change_set_and_only_its_stack_is_updated(scene: Scene) -> None:
    scene.until_done()
    scene.synthesize("2", "a-Serving")
    assert scene.until_done() == [GOES_ON, DONE]
    assert scene.executed[3:] == ["a-Serving"]
    names = [name for stack, name in scene.cloudformation.executed if stack == STACK.format("a-Serving")]
    assert len({*names}) == 2


def test_what_failed_is_told_and_not_begun_again_until_its_template_changes_or_somebody_asks(scene: Scene) -> None:
    scene.run()
    scene.cloudformation.settle()
    scene.run()
    scene.cloudformation.settle("no capacity")
    begun = len(scene.cli.runs)
    for _ in range(2):
        assert scene.run() is FAILED
        assert says(scene.screen.said[-1], "no capacity")
        assert says(scene.screen.said[-2], STACK.format("a-Training"), "ROLLBACK_COMPLETE", "--retry")
    # Foundation is looked at, and nothing else.
    assert {run[1] for run in scene.cli.runs[begun:]} == {"dev/Foundation"}
    assert scene.run(retry=True) is GOES_ON
    scene.cloudformation.settle("no capacity")
    assert scene.run() is FAILED
    scene.synthesize("2", "a-Training")
    assert scene.until_done() == [GOES_ON, GOES_ON, DONE]
    assert scene.executed == ["Foundation", *["a-Training"] * 3, "a-Serving"]


def test_a_failure_of_a_deploy_that_waited_is_begun_again_as_that_would(scene: Scene) -> None:
    scene.run()
    scene.cloudformation.settle()
    scene.cloudformation.statuses[STACK.format("a-Training")] = "ROLLBACK_COMPLETE"
    scene.cloudformation.of_stack[STACK.format("a-Training")] = [event("ROLLBACK_COMPLETE", "exec-of-the-cdk")]
    assert scene.run() is GOES_ON
    assert scene.executed == ["Foundation", "a-Training"]


def test_a_training_that_needs_more_time_is_waited_for_and_then_adopted(scene: Scene) -> None:
    scene.run()
    scene.cloudformation.settle()
    scene.run()
    scene.cloudformation.settle(STILL_RUNNING)
    scene.bedrock.running = True
    assert scene.run() is GOES_ON
    assert scene.executed == ["Foundation", "a-Training"]
    scene.bedrock.running = False
    assert scene.until_done() == [GOES_ON, GOES_ON, DONE]
    assert scene.executed == ["Foundation", "a-Training", "a-Training", "a-Serving"]


@pytest.mark.parametrize(("others", "code"), [((), ExitCode.REFUSED), (("no such role",), FAILED)])
def test_what_a_gate_alone_refuses_ends_with_4_as_where_somebody_waits(
    scene: Scene, others: tuple[str, ...], code: ExitCode
) -> None:
    scene.run()
    scene.cloudformation.settle()
    scene.run()
    scene.cloudformation.settle(refusal("failed"), *others)
    deployment = scene.deployment()
    assert deployment.run(("--app", str(scene.assembly))) is code
    assert deployment.document(code)["models"] == {"a": code.name.lower()}
    assert says(scene.said, "rouge_l 0.41")
    assert scene.executed == ["Foundation", "a-Training"]


def test_an_evaluation_that_needs_more_time_is_left_until_it_ends(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.run()
    scene.cloudformation.settle()
    scene.run()
    scene.cloudformation.settle(f"evaluation run {GOING.id}-1 is still under way and continues in the background")
    with monkeypatch.context() as patch:
        patch.setattr("tune.evaluation.watch.EvaluationWatch.look", lambda _: GOING)
        assert scene.run() is GOES_ON
    assert says(scene.screen.said[-1], GOING.id, "tuned 250 of 1,000", "1,234 of at most 3,000,000 tokens")
    assert scene.executed == ["Foundation", "a-Training"]
    assert scene.run() is GOES_ON
    assert scene.executed == ["Foundation", "a-Training", "a-Training"]


def test_a_failure_beside_a_training_that_needs_more_time_is_told(scene: Scene) -> None:
    scene.run()
    scene.cloudformation.settle()
    scene.run()
    scene.cloudformation.settle("no such role", STILL_RUNNING)
    assert scene.run() is FAILED
    assert says(scene.said, "no such role")
    assert says(scene.said, STILL_RUNNING)


def test_while_foundation_is_in_progress_nothing_is_synthesized(scene: Scene) -> None:
    scene.run()
    scene.cli.output = str(scene.assembly)
    assert scene.deployment().run() is GOES_ON
    assert [run[0] for run in scene.cli.runs] == ["deploy"]


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_FAILED", "DELETE_FAILED"])
def test_a_stack_that_takes_no_change_set_is_told_with_its_repair(scene: Scene, status: str) -> None:
    scene.until_done()
    scene.cloudformation.statuses[STACK.format("a-Serving")] = status
    assert scene.run() is FAILED
    assert says(scene.said, STACK.format("a-Serving"), status, "docs/how-to/stuck.md")
    assert scene.executed == ["Foundation", "a-Training", "a-Serving"]


def test_one_model_that_fails_keeps_no_other_from_going_on(scene: Scene) -> None:
    scene.run(None)
    scene.cloudformation.settle()
    scene.cli.codes = {"dev/a-Training": 1}
    scene.cli.said = NOBODY_TO_ASK
    deployment = scene.deployment(None)
    code = deployment.run(("--app", str(scene.assembly)))
    assert code is FAILED
    assert deployment.outcomes == {"a": FAILED, "a-b": GOES_ON}
    assert scene.executed == ["Foundation", "a-b-Training"]
    assert deployment.document(code)["models"] == {"a": "failed", "a-b": "goes_on"}
    assert says(scene.said, "--require-approval never")


def test_what_nobody_agreed_to_is_not_executed_by_the_next_run_either(scene: Scene) -> None:
    scene.cli.codes = {"dev/Foundation": 1}
    assert [scene.run(), scene.run()] == [FAILED, FAILED]
    assert scene.executed == []
    assert scene.cloudformation.statuses == {FOUNDATION: "REVIEW_IN_PROGRESS"}
    scene.cli.codes = {}
    assert scene.run() is GOES_ON


def test_a_request_whose_answer_is_lost_has_begun(scene: Scene) -> None:
    scene.cloudformation.lost = [FOUNDATION]
    assert scene.run() is GOES_ON
    assert says(scene.screen.said[-1], "another run", "CREATE_IN_PROGRESS")


def test_a_change_set_that_another_run_deleted_begins_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scene.cloudformation, "prepare", lambda *_: None)
    with pytest.raises(ClientError, match="ChangeSetNotFound"):
        scene.run()
    assert scene.executed == []


@pytest.mark.parametrize("option", detached._OF_EXECUTION)
def test_arguments_that_say_how_to_execute_are_refused(scene: Scene, option: str) -> None:
    for given in (option, f"{option}=x"):
        with pytest.raises(NotDetached, match=given):
            scene.run("a", given)
    assert scene.cli.runs == []


def test_without_an_assembly_it_is_synthesized_once(scene: Scene) -> None:
    scene.cli.output = str(scene.assembly)
    given = ("-c", "x=y", "--context=z=1", "--require-approval", "never")
    assert scene.deployment().run(given) is GOES_ON
    synthesis, deploy = scene.cli.runs
    context = [*find(scene.folder, "dev", "a").context_of_it, *NAMED, "-c", "x=y", "--context=z=1"]
    stacks = ["dev/Foundation", "dev/a-Training", "dev/a-Serving"]
    assert synthesis == ["synth", *stacks, "--exclusively", "--quiet", *context]
    assert deploy[-7:] == ["--app", str(scene.assembly), *given]


def test_a_synthesis_that_fails_and_an_app_that_is_no_assembly_begin_nothing(scene: Scene) -> None:
    scene.cli.codes = {"synth": 1}
    with pytest.raises(NoAssembly):
        scene.deployment().run()
    with pytest.raises(NoAssembly, match=r"python app\.py"):
        scene.deployment().run(("--app", "python app.py"))
    assert scene.cloudformation.statuses == {}


# --- what a token says ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("commit", "told"), [("0123456789ab", "0123456789ab"), ("0123456789ab-changed",) * 2, ("unknown", "")]
)
def test_the_token_of_an_execution_tells_what_was_deployed(commit: str, told: str) -> None:
    name = f"tune-{'a' * 16}"
    token = operations.token_of(change_set="arn:x", name=name, commit=commit)
    assert token == operations.token_of(change_set="arn:x", name=name, commit=commit)
    assert token != operations.token_of(change_set="arn:y", name=name, commit=commit)
    cloudformation: Any = ChangeSets()
    cloudformation.of_stack["x"] = [event("CREATE_COMPLETE", token)]
    assert operations.latest(cloudformation, "x") == operations.Operation(name, told)
    # The bounds that the API reference gives of ClientRequestToken.
    assert len(token) <= 128
    assert token.replace("-", "").isalnum()


@pytest.mark.parametrize("token", ["", "exec1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed", "Console-CreateStack-7f59c3cf"])
def test_the_token_of_something_else_tells_nothing(token: str) -> None:
    cloudformation: Any = ChangeSets()
    cloudformation.of_stack["x"] = [event("CREATE_COMPLETE", token)]
    assert operations.latest(cloudformation, "x") == operations.Operation()


def test_the_commit_is_that_of_the_checkout_and_says_when_files_were_changed(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        own = ("-c", "user.name=x", "-c", "user.email=x@example.com")
        return subprocess.run(["git", *own, "-C", str(tmp_path), *arguments], capture_output=True, text=True).stdout

    assert commit_of(tmp_path) == "unknown"
    git("init", "-q")
    (tmp_path / "file").write_text("1", encoding="utf-8")
    git("add", ".")
    git("commit", "-q", "-m", "x")
    head = git("rev-parse", "HEAD")[:12]
    (tmp_path / "report").write_text("not tracked", encoding="utf-8")
    assert commit_of(tmp_path) == head
    (tmp_path / "file").write_text("2", encoding="utf-8")
    assert commit_of(tmp_path) == f"{head}-changed"


def test_no_git_is_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit_of(tmp_path) == "unknown"
