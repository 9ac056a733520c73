"""What `tune deploy` adds to the CDK CLI."""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions import evaluation_await, quality_gate
from bedrock_lifecycle.decisions.actions import Refuse
from bedrock_lifecycle.decisions.evaluation_run import EvaluationRun
from bedrock_lifecycle.decisions.gate_verdict import GateVerdict
from bedrock_lifecycle.decisions.table import decide
from settings import Notifications, Organization
from tests.support.messages import saying, says
from tests.unit.settings.evaluation_files import written
from tests.unit.tune.aws_stand_in import (
    FOUNDATION,
    OLD_PREFIX,
    ROOT,
    SERVING,
    THEIRS,
    TRAINING,
    Bedrock,
    Cli,
    CloudFormation,
    Lines,
    target,
)
from tests.unit.tune.test_evaluation_progress import GOING
from tests.unit.tune.test_recipients import LISTED, MADE, PENDING, TOPIC_ARN, Topic, confirmed
from tune.account import ownership
from tune.deployment.cdk_cli import environment
from tune.deployment.deploy import NAMED, StackDeployment
from tune.deployment.model_deployment import BESIDE, NOBODY_TO_ASK, OVERTAKEN
from tune.evaluation.facts import EvaluationFacts
from tune.evaluation.observe import EvaluationObserver
from tune.exports import gate
from tune.terminal.environments import DeployTarget, find
from tune.terminal.exit_codes import ExitCode


class Training(Bedrock):
    """A Bedrock whose one job has these statuses, one after the other; it stays in the last."""

    def __init__(self, *statuses: str) -> None:
        super().__init__({})
        self._statuses = list(statuses)

    def get_model_customization_job(self, *, jobIdentifier: str) -> Any:  # noqa: N803 - the API's name
        now = datetime(2024, 11, 15, 2, tzinfo=UTC)
        status = self._statuses.pop(0) if len(self._statuses) > 1 else self._statuses[0]
        return {"jobName": jobIdentifier, "status": status, "creationTime": now, "endTime": now}


class Failing(CloudFormation):
    """Has one event: a rung that gave up."""

    def get_paginator(self, operation: str) -> Any:
        if operation != "describe_stack_events":
            return super().get_paginator(operation)
        pages: list[dict[str, Any]] = [
            {"StackEvents": []},
            {"StackEvents": [event("training x is still running after 5 h 0 min")]},
        ]
        return Paginated(pages, self)


class Paginated:
    """No event before the CLI ran, one after."""

    def __init__(self, pages: list[dict[str, Any]], owner: CloudFormation) -> None:
        self._pages = pages
        self._owner = owner

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return [self._pages["deployed" in self._owner.calls]]


class Ticking(Cli):
    """A CLI during which the training is looked at a few times."""

    def __init__(self, cloudformation: CloudFormation, code: int = 0, ticks: int = 3) -> None:
        super().__init__(cloudformation, code)
        self._cloudformation.calls.append("started")
        self._ticks = ticks

    def run(self, arguments: list[str], tick: Any = None) -> int:
        self._cloudformation.calls.append("deployed")
        for _ in range(self._ticks):
            tick()
        return super().run(arguments)


def event(reason: str) -> dict[str, str]:
    return {"EventId": "1", "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": reason, "ResourceType": "X"}


def deploy(
    cloudformation: CloudFormation,
    bedrock: Bedrock,
    cli: Cli,
    of: DeployTarget | None = None,
    extra: tuple[str, ...] = (),
    **more: Any,
) -> tuple[int, list[str]]:
    screen = Lines()
    clients: dict[str, Any] = {"cloudformation": cloudformation, "bedrock": bedrock, **more}
    any_cli: Any = cli
    deployment = StackDeployment(
        of or target(),
        clients.__getitem__,
        any_cli,
        screen,
        look_every_seconds=0,
        sleep=lambda _: unblock(cloudformation),
    )
    return deployment.run(extra), screen.said


def unblock(cloudformation: CloudFormation) -> None:
    for name in cloudformation.statuses:
        cloudformation.statuses[name] = "CREATE_COMPLETE"


def test_deploys_the_one_environment_and_hands_arguments_on() -> None:
    cloudformation = CloudFormation({})
    cli = Cli(cloudformation)
    assert deploy(cloudformation, Bedrock({}), cli, extra=("--require-approval", "never"))[0] == 0
    (command,) = cli.runs
    own = ["local/Foundation", "local/docstrings-Training", "local/docstrings-Serving", "--exclusively"]
    assert command == [
        "deploy", *own, "--progress", "events", "-c", "only=local", *NAMED, "--require-approval", "never"
    ]  # fmt: skip


def test_before_a_new_training_it_says_how_many_tokens_that_bills(tmp_path: Path) -> None:
    cloudformation = CloudFormation({})
    _, said = deploy(cloudformation, Bedrock({}), Cli(cloudformation))
    (told,) = (line for line in said if "billed once" in line)
    assert says(told, str(target().settings[0].training_name), "tokens in 10 epochs", "early stopping")
    assert not any("costs" in line for line in said)
    _, said = deploy(cloudformation, Training("Completed"), Cli(cloudformation))
    assert not any("billed once" in line for line in said)


def test_with_prices_it_says_what_a_new_training_costs(tmp_path: Path) -> None:
    cloudformation = CloudFormation({})
    of = dataclasses.replace(target(), folder=tmp_path / "environments")
    head = 'currency = "EUR"\ndate = 2026-11-02\nsource = "x"\n[training_tokens_per_1000]\n'
    (tmp_path / "prices.toml").write_text(f'{head}"{of.settings[0].profile.id}" = 9\n', encoding="utf-8")
    _, said = deploy(cloudformation, Bedrock({}), Cli(cloudformation), of)
    assert any(says(line, "costs", "EUR to", "2026-11-02") for line in said)
    (tmp_path / "prices.toml").write_text("currency = 1\n", encoding="utf-8")
    cli = Cli(cloudformation)
    code, said = deploy(cloudformation, Bedrock({}), cli, of)
    assert any(says(line, "prices.toml", "currency") for line in said)
    assert (code, len(cli.runs)) == (0, 1)


def test_a_training_of_which_bedrock_does_not_tell_is_not_called_new() -> None:
    class Denied(Bedrock):
        def get_model_customization_job(self, *, jobIdentifier: str) -> Any:  # noqa: N803 - the API's name
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetModelCustomizationJob")

    cloudformation = CloudFormation({})
    _, said = deploy(cloudformation, Denied({}), Cli(cloudformation))
    assert not any("billed once" in line for line in said)


@pytest.mark.parametrize(
    ("email", "found", "told"),
    [
        ("a@example.com", Topic(PENDING), ("1 of 3", LISTED)),
        ("a@example.com", Topic(refusal="AuthorizationError"), ("not checked", "AuthorizationError")),
        ("a@example.com", Topic(refusal="Throttling", http_status=400), ("not checked", "Throttling")),
        ("a@example.com", Topic(refusal="ExpiredToken"), ("not checked", "ExpiredToken")),
        ("a@example.com", Topic(*confirmed(3)), None),
        (None, Topic(PENDING), None),
    ],
)
def test_it_says_which_addresses_must_confirm_still(
    email: str | None, found: Topic, told: tuple[str, ...] | None
) -> None:
    topic = None if email else TOPIC_ARN
    notifications = Notifications.model_validate({"email": [email] if email else None, "topic_arn": topic})
    of = target()
    of = dataclasses.replace(of, environment=of.environment.model_copy(update={"notifications": notifications}))
    cloudformation = CloudFormation({})
    cloudformation.held[FOUNDATION] = list(MADE)
    _, said = deploy(cloudformation, Bedrock({}), Cli(cloudformation), of, sns=found("sns"))
    about = [line for line in said if says(line, "Notifications")]
    assert bool(about) is bool(told)
    assert told is None or says(about[0], *told)


def test_another_folder_reaches_the_app() -> None:
    elsewhere = dataclasses.replace(target(), folder=target().folder / "x")
    assert elsewhere.context == ("-c", f"environments={elsewhere.folder}")
    assert elsewhere.context_of_it == (*elsewhere.context, "-c", "only=local")
    assert target().context == ()


def test_waits_for_a_stack_in_progress_before_the_cli_is_started() -> None:
    cloudformation = CloudFormation({TRAINING: "CREATE_IN_PROGRESS"})
    _, said = deploy(cloudformation, Training("InProgress", "Completed"), Ticking(cloudformation))
    assert says(said[0], "status", TRAINING, "CREATE_IN_PROGRESS", "docstrings")


def test_asks_before_the_cli_is_started_whether_cloudformation_will_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_cloudformation: Any, of: DeployTarget, extra: Any, _say: Any) -> None:
        assert (of.name, extra) == ("local", ("--app", "x"))
        raise gate.ExportsInUse("what to do")

    monkeypatch.setattr(gate, "check", refuse)
    cloudformation = CloudFormation({FOUNDATION: "UPDATE_COMPLETE"})
    cli = Cli(cloudformation)
    with pytest.raises(gate.ExportsInUse):
        deploy(cloudformation, Bedrock({}), cli, extra=("--app", "x"))
    assert cli.runs == []


def test_a_first_deployment_has_no_exports_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "check", pytest.fail)
    cloudformation = CloudFormation({})
    assert deploy(cloudformation, Bedrock({}), Cli(cloudformation))[0] == 0


def test_what_is_kept_for_one_deployment_is_looked_at_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(gate, "check", lambda _cloudformation, of, *_: looked.append(of.name))
    own = target()
    organization = Organization.model_validate({"role_path": "/a/", "keep": {"service_role": "/"}})
    kept = dataclasses.replace(own, environment=own.environment.model_copy(update={"organization": organization}))
    cloudformation = CloudFormation({})
    _, said = deploy(cloudformation, Bedrock({}), Cli(cloudformation), of=kept)
    assert looked == ["local"]
    assert says(said[-1], "[organization.keep]", "deploy again")


def test_shows_a_training_while_it_runs_and_its_end_once() -> None:
    cloudformation = CloudFormation({})
    _, said = deploy(cloudformation, Training("InProgress", "InProgress", "Completed"), Ticking(cloudformation))
    assert sum("InProgress" in line for line in said) == 1
    assert sum("Completed after" in line for line in said) == 1


def test_says_nothing_of_a_training_that_was_finished_before() -> None:
    cloudformation = CloudFormation({})
    _, said = deploy(cloudformation, Training("Completed"), Ticking(cloudformation))
    assert not any("training" in line for line in said)


def test_says_that_the_training_goes_on_when_that_is_why_it_failed() -> None:
    cloudformation = Failing({})
    code, said = deploy(cloudformation, Bedrock({}), Ticking(cloudformation, code=1))
    assert code == ExitCode.GOES_ON
    assert says("\n".join(said), "docstrings-local", "same command")


def test_a_failure_beside_a_training_that_goes_on_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    reasons = ["training x is still running after 5 h 0 min", "no such role"]
    monkeypatch.setattr("tune.account.stack_states.failures_since", lambda *_: reasons)
    cloudformation = CloudFormation({})
    code, said = deploy(cloudformation, Bedrock({}), Cli(cloudformation, code=1))
    assert code == ExitCode.FAILED
    assert says("\n".join(said), "docstrings-local", "same command")


def refusal(verdict: str) -> str:
    told = GateVerdict(evaluation="56af50fa73e1", verdict=verdict, told="rouge_l 0.41, must be at least 0.75")
    refused = decide(quality_gate.ROWS, quality_gate.Facts(event="Create", gate=told))
    assert isinstance(refused, Refuse)
    return f"Received response status [FAILED] from custom resource. Message returned: {refused.reason}"


@pytest.mark.parametrize("verdict", ["failed", "inconclusive", ""])
@pytest.mark.parametrize(
    ("others", "code"), [([], ExitCode.REFUSED), (["no such role"], ExitCode.FAILED)], ids=["alone", "beside"]
)
def test_what_a_gate_alone_refuses_ends_with_4(
    verdict: str, others: list[str], code: ExitCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tune.account.stack_states.failures_since", lambda *_: [refusal(verdict), *others])
    cloudformation = CloudFormation({})
    assert deploy(cloudformation, Bedrock({}), Cli(cloudformation, code=1))[0] == code


def test_how_far_an_evaluation_is_is_shown_while_its_stack_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dev").mkdir()
    written(tmp_path)
    its = find(tmp_path, "dev", "docstrings")
    (model,) = its.settings
    assert model.evaluation_inputs is not None
    asked: list[str] = []

    def under_way(_: EvaluationObserver, evaluation: str) -> EvaluationFacts:
        asked.append(evaluation)
        return GOING

    monkeypatch.setattr(EvaluationObserver, "under_way", under_way)
    cloudformation = CloudFormation({})
    _, said = deploy(cloudformation, Bedrock({}), Ticking(cloudformation), its)
    assert {*asked} == {model.evaluation_inputs.id}
    assert says("\n".join(said), "status", GOING.id, "tuned 250 of 1,000", "1,234 of at most 3,000,000 tokens")


def test_an_evaluation_that_goes_on_is_told_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dev").mkdir()
    written(tmp_path)
    monkeypatch.setattr(EvaluationObserver, "under_way", lambda *_: GOING)
    monkeypatch.setattr("tune.account.stack_states.failures_since", lambda *_: [f"{evaluation_await.CONTINUES}"])
    cloudformation = CloudFormation({})
    its = find(tmp_path, "dev", "docstrings")
    code, said = deploy(cloudformation, Bedrock({}), Cli(cloudformation, code=1), its)
    assert code == ExitCode.GOES_ON
    assert says("\n".join(said), GOING.id, "Run the same command", "no request is sent twice")


def test_an_evaluation_that_nobody_waits_for_any_more_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    run = EvaluationRun("56af50fa73e1-1", "arn:of-the-run", "RUNNING")
    facts = evaluation_await.Facts(event="Create", evaluation="56af50fa73e1", run=run, overdue=True, last_rung=True)
    refused = decide(evaluation_await.ROWS, facts)
    assert isinstance(refused, Refuse)
    monkeypatch.setattr("tune.account.stack_states.failures_since", lambda *_: [refused.reason])
    cloudformation = CloudFormation({})
    assert deploy(cloudformation, Bedrock({}), Cli(cloudformation, code=1))[0] == ExitCode.GOES_ON


def test_says_nothing_of_it_when_something_else_failed() -> None:
    cloudformation = CloudFormation({})
    code, said = deploy(cloudformation, Bedrock({}), Cli(cloudformation, code=1))
    assert code == 1
    assert not any(says(line, "same command") for line in said)


def test_warns_of_a_serving_stack_that_the_settings_no_longer_have() -> None:
    unserved = without_serving(target())
    cloudformation = CloudFormation({SERVING: "CREATE_COMPLETE"})
    _, said = deploy(cloudformation, Bedrock({}), Cli(cloudformation), of=unserved)
    assert says(said[-1], "python -m tune destroy local --serving-only", "local/docstrings.toml")


class Serving(Bedrock):
    """Has a deployment, until somebody deletes it."""

    def __init__(self, found: ClientError | dict[str, Any]) -> None:
        super().__init__({"arn": []})
        self._found = found

    def get_custom_model_deployment(self, **_: str) -> dict[str, Any]:
        if isinstance(self._found, ClientError):
            raise self._found
        return self._found


HELD = {
    "LogicalResourceId": "ServedModelDeployment1",
    "ResourceType": contract.CUSTOM_MODEL_DEPLOYMENT,
    "PhysicalResourceId": "custom-model-deployment/v1/docstrings-local-1",
    "ResourceStatus": "CREATE_COMPLETE",
}
FOUND = {
    "customModelDeploymentArn": "arn",
    "modelDeploymentName": "docstrings-local-1",
    "status": "Active",
    "modelArn": "m",
}


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (FOUND, 0),
        (ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetCustomModelDeployment"), 1),
        # Who deploys need not be allowed to look into Bedrock.
        (ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetCustomModelDeployment"), 0),
    ],
)
def test_a_deploy_that_changes_nothing_and_ends_with_nothing_serving_says_so(
    found: ClientError | dict[str, Any], code: int
) -> None:
    cloudformation = CloudFormation({SERVING: "UPDATE_COMPLETE"}, [HELD])
    ended, said = deploy(cloudformation, Serving(found), Cli(cloudformation))
    assert ended == code
    goes_on = ("python -m tune status local", "python -m tune destroy local --serving-only")
    assert any(says(line, *goes_on) for line in said) == (code == 0)
    assert any(
        says(line, "Nothing", "docstrings-local-1", "reconcile", "local/docstrings.toml") for line in said
    ) is bool(code)


def without_serving(of: DeployTarget) -> DeployTarget:
    return dataclasses.replace(of, settings=tuple(its.model_copy(update={"serving": None}) for its in of.settings))


@pytest.mark.parametrize("app", [THEIRS, None])
@pytest.mark.parametrize("stack", [FOUNDATION, TRAINING, SERVING])
@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS"])
def test_another_app_s_stack_of_that_name_is_not_taken_over(stack: str, status: str, app: str | None) -> None:
    cloudformation = CloudFormation({stack: status})
    cloudformation.apps[stack] = app
    cli = Cli(cloudformation)
    named = (app or contract.TAG_APP, "app.toml", "environment.toml")
    with pytest.raises(ownership.NameTaken, match=saying(stack, status, "another app", *named)):
        deploy(cloudformation, Bedrock({}), cli)
    assert cli.runs == []


@pytest.mark.parametrize(
    ("stack", "tag", "value"),
    [
        (FOUNDATION, contract.TAG_ENVIRONMENT, "bedrock-local"),
        (FOUNDATION, contract.TAG_MODEL, "any"),
        (TRAINING, contract.TAG_ENVIRONMENT, "local-docstrings"),
        (SERVING, contract.TAG_MODEL, "local-docstrings"),
        (SERVING, contract.TAG_MODEL, ""),
    ],
)
def test_nor_is_one_of_this_app_s_that_is_another_environment_s_or_model_s(stack: str, tag: str, value: str) -> None:
    cloudformation = CloudFormation({stack: "CREATE_COMPLETE"})
    cloudformation.tags[stack] = {tag: value}
    cli = Cli(cloudformation)
    with pytest.raises(ownership.NameTaken, match=saying(stack, value, "environment.toml")):
        deploy(cloudformation, Bedrock({}), cli)
    assert cli.runs == []


@pytest.mark.parametrize("kind", ["Foundation", "docstrings-Serving", "gone-Training"])
def test_an_environment_that_stands_under_another_prefix_is_not_made_beside_it(kind: str) -> None:
    standing = f"{OLD_PREFIX}local-{kind}"
    cloudformation = CloudFormation({standing: "UPDATE_COMPLETE", f"{OLD_PREFIX}dev-Foundation": "CREATE_COMPLETE"})
    cli = Cli(cloudformation)
    told = (standing, FOUNDATION, f"stack_prefix = '{OLD_PREFIX}'", "python -m tune destroy local")
    with pytest.raises(ownership.NameTaken, match=saying(*told)):
        deploy(cloudformation, Bedrock({}), cli)
    assert cli.runs == []
    cloudformation.apps[standing] = THEIRS
    assert deploy(cloudformation, Bedrock({}), cli)[0] == 0


def test_a_change_set_of_another_app_has_the_name_too() -> None:
    cloudformation = CloudFormation({TRAINING: "REVIEW_IN_PROGRESS"})
    cloudformation.change_sets[TRAINING] = ["theirs"]
    cloudformation.apps[TRAINING] = THEIRS
    with pytest.raises(ownership.NameTaken, match=saying(TRAINING)):
        deploy(cloudformation, Bedrock({}), Cli(cloudformation))


@pytest.mark.parametrize("change_sets", [[], ["of-a-first-deploy"]])
def test_a_stack_that_nobody_has_agreed_to_is_not_another_app_s(change_sets: list[str]) -> None:
    cloudformation = CloudFormation({TRAINING: "REVIEW_IN_PROGRESS"})
    cloudformation.change_sets[TRAINING] = change_sets
    cli = Cli(cloudformation)
    assert deploy(cloudformation, Bedrock({}), cli)[0] == 0
    assert len(cli.runs) == 1


def test_another_app_s_stack_that_is_not_asked_for_is_neither_in_the_way_nor_called_ours() -> None:
    unserved = without_serving(target())
    cloudformation = CloudFormation({SERVING: "CREATE_COMPLETE"})
    cloudformation.apps[SERVING] = THEIRS
    code, said = deploy(cloudformation, Bedrock({}), Cli(cloudformation), of=unserved)
    assert code == 0
    assert not any(SERVING in line for line in said)


def test_whose_a_stack_is_need_not_be_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(**_: str) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeChangeSet")

    cloudformation = CloudFormation({TRAINING: "REVIEW_IN_PROGRESS"})
    cloudformation.change_sets[TRAINING] = ["any"]
    monkeypatch.setattr(cloudformation, "describe_change_set", denied)
    cli = Cli(cloudformation)
    unserved = without_serving(target())
    cloudformation.statuses[SERVING] = "CREATE_COMPLETE"
    code, said = deploy(cloudformation, Bedrock({}), cli, of=unserved)
    assert (code, len(cli.runs)) == (0, 1)
    assert says(said[-1], SERVING, "--serving-only")
    assert any(says(line, TRAINING, "AccessDenied") for line in said)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("UPDATE_IN_PROGRESS", "same command"),
        ("REVIEW_IN_PROGRESS", "python -m tune destroy local --all"),
    ],
)
def test_what_a_failed_deploy_leaves_in_the_way_is_told_with_what_to_do(status: str, told: str) -> None:
    cloudformation = CloudFormation({})

    class Refused(Cli):
        def run(self, arguments: list[str], tick: Any = None) -> int:
            cloudformation.statuses[FOUNDATION] = status
            return 1

    _, said = deploy(cloudformation, Bedrock({}), Refused(cloudformation))
    assert any(says(line, FOUNDATION, told) for line in said), said


def test_where_nobody_can_be_asked_it_says_what_to_give() -> None:
    cli = Cli(CloudFormation({}), code=1)
    assert not any("--require-approval" in line for line in deploy(CloudFormation({}), Bedrock({}), cli)[1])
    cli.said = NOBODY_TO_ASK
    _, said = deploy(CloudFormation({}), Bedrock({}), cli)
    assert any("make deploy ENV=local CDK_ARGS='--require-approval never'" in line for line in said)
    _, said = deploy(CloudFormation({}), Bedrock({}), cli, of=target("local", "docstrings"))
    assert any("make deploy ENV=local MODEL=docstrings CDK_ARGS='--require-approval never'" in line for line in said)


@pytest.mark.parametrize("said", BESIDE)
def test_a_deploy_beside_another_one_says_what_it_met(said: str) -> None:
    cloudformation = CloudFormation({})
    cli = Cli(cloudformation, code=1)
    beside = ("local", "this checkout", "same command")
    assert not any(says(line, *beside) for line in deploy(cloudformation, Bedrock({}), cli)[1])
    cli.said = f"any {said} any"
    assert any(says(line, *beside) for line in deploy(cloudformation, Bedrock({}), cli)[1])


def test_a_deploy_that_another_one_elsewhere_has_overtaken_says_so() -> None:
    cloudformation = CloudFormation({})
    cli = Cli(cloudformation, code=1)
    cli.said = f"{OVERTAKEN}Exception: ChangeSet any is in EXECUTE_IN_PROGRESS status"
    told = ("local", "elsewhere", "same command", "twice")
    assert any(says(line, *told) for line in deploy(cloudformation, Bedrock({}), cli)[1])


def test_what_the_pinned_cli_says_then_is_known() -> None:
    words = (ROOT / "node_modules" / "aws-cdk" / "lib" / "index.js").read_text(encoding="utf-8")
    assert [said for said in (NOBODY_TO_ASK, *BESIDE) if said not in words] == []


def test_each_environment_is_synthesized_into_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CDK_OUTPUT", raising=False)
    folders = {name: target(name).assembly for name in ("local", "dev")}
    folders["models/dev/docstrings"] = target("dev", "docstrings").assembly
    assert len(set(folders.values())) == 3
    for name, folder in folders.items():
        assert folder.relative_to(ROOT / "cdk.out") == Path(name if "/" in name else f"environments/{name}")
        assert environment({}, folder)["CDK_OUTPUT"] == str(folder)
    assert environment({"CDK_OUTPUT": "mine"}, folder)["CDK_OUTPUT"] == "mine"
