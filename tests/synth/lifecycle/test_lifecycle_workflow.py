"""The engine's parts: how they are wired, and who of them may do what."""

import ast
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from bedrock_lifecycle import contract
from bedrock_lifecycle.preflight import tables
from bedrock_lifecycle.preflight.report import Check
from bedrock_tuning.lifecycle.lifecycle_function import LifecycleFunction
from tests.conftest import ROOT
from tests.support.imports import packages
from tests.synth.foreign import ACCOUNT, REGION, ForeignStack
from tests.synth.templates import (
    Grant,
    Json,
    all_grants,
    condition,
    grants,
    logical_id,
    properties,
    readable,
    resource,
    resources_of_type,
)

LAST_RESORT: Final = ROOT / "lambda" / "bedrock_lifecycle" / "last_resort.py"
# Lambda, CreateFunction: the code of a function in a template has at most 4,096 characters.
MOST_INLINE_CHARACTERS: Final = 4096


class Engine:
    """The workflow of a foreign stack with its functions by role, and what each of them may do."""

    def __init__(self, foreign: ForeignStack) -> None:
        self.foreign = foreign
        self.workflow = foreign.workflow
        self.template = foreign.template()
        self.functions = {
            "front door": self._part("FrontDoor"),
            "responder": self._part("Responder"),
            "last resort": self._part("LastResort"),
            "training": foreign.training.function,
            "serving": foreign.serving.function,
        }
        self.table = self._arn(foreign.ledger.table)
        self.data_key = self._arn(foreign.data_store.key)
        self.operations_key = self._arn(foreign.operations_key)

    def _part(self, construct_id: str) -> LifecycleFunction:
        part = self.workflow.node.find_child(construct_id)
        assert isinstance(part, LifecycleFunction)
        return part

    def _arn(self, construct: IConstruct) -> str:
        return f"<{logical_id(construct)}.Arn>"

    def function_arn(self, name: str) -> str:
        return self._arn(self.functions[name].function)

    def function(self, name: str) -> Json:
        found: Json = readable(properties(self.template, self.functions[name].function))
        return found

    def held(self, name: str) -> set[Grant]:
        """Return what a function may do besides writing its own log."""
        function = self.functions[name]
        own_log = self._arn(function.node.find_child("Logs"))
        log = {Grant("logs:CreateLogStream", own_log), Grant("logs:PutLogEvents", own_log)}
        held = grants(self.template, function.role)
        assert log <= held
        return held - log

    def holders(self, action: str) -> set[str]:
        """Return the names of the functions that may do this."""
        names = {logical_id(function.role): name for name, function in self.functions.items()}
        return {names.get(role, role) for role, grant in all_grants(self.template) if grant.action == action}

    def use_of_ledger(self) -> set[Grant]:
        return {
            Grant("dynamodb:GetItem", self.table),
            Grant("dynamodb:UpdateItem", self.table),
            *use_of_key(self.operations_key, "dynamodb", "Decrypt", "GenerateDataKey"),
        }


def use_of_key(key: str, via: str, *actions: str) -> set[Grant]:
    through = condition(StringEquals={"kms:ViaService": f"{via}.{REGION}.amazonaws.com"})
    return {Grant(f"kms:{action}", key, through) for action in actions}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(ForeignStack(tmp_path_factory.mktemp("engine")))


# --- who may do what ---------------------------------------------------------------------------------------------


def test_front_door_may_write_the_ledger_and_start_the_workflow_and_no_more(engine: Engine) -> None:
    last_resort = engine.function_arn("last resort")
    assert engine.held("front door") == {
        *engine.use_of_ledger(),
        Grant("states:StartExecution", f"<{logical_id(engine.workflow.state_machine)}>"),
        # What Lambda needs for handing a failed invocation on.
        Grant("lambda:InvokeFunction", last_resort),
        Grant("lambda:InvokeFunction", f"{last_resort}:*"),
    }


def test_responder_may_do_nothing_in_aws(engine: Engine) -> None:
    assert engine.held("responder") == set()


def test_last_resort_may_only_read_executions_of_this_machine(engine: Engine) -> None:
    name = properties(engine.template, engine.workflow.state_machine)["StateMachineName"]
    assert engine.held("last resort") == {
        Grant("states:DescribeExecution", f"arn:aws:states:{REGION}:{ACCOUNT}:execution:{name}:*"),
        *use_of_key(engine.operations_key, "states", "Decrypt"),
    }


@pytest.mark.parametrize("name", ["training", "serving"])
def test_reconcilers_write_the_ledger_and_use_the_key_through_services_alone(engine: Engine, name: str) -> None:
    held = engine.held(name)
    assert engine.use_of_ledger() <= held
    services = {"bedrock", "cloudformation", "dynamodb", "iam", "kms", "s3", "servicequotas"}
    assert {each.action.partition(":")[0] for each in held} <= services
    for each in held:
        if each.action.startswith("kms:"):
            assert each.resource == engine.operations_key if "dynamodb" in each.condition else engine.data_key
            # The preflight looks at the key itself; that discloses nothing that it encrypts.
            assert "kms:ViaService" in each.condition or each.action == "kms:DescribeKey"


def test_serving_may_use_the_key_as_bedrock_needs_it_for_an_encrypted_model(engine: Engine) -> None:
    through_bedrock = use_of_key(engine.data_key, "bedrock", "Decrypt", "GenerateDataKey", "CreateGrant")
    held = {each for each in engine.held("serving") if each.action.startswith("kms:")}
    looked_at = {Grant("kms:DescribeKey", engine.data_key)}
    of_ledger = use_of_key(engine.operations_key, "dynamodb", "Decrypt", "GenerateDataKey")
    assert held == through_bedrock | looked_at | of_ledger


@pytest.mark.parametrize(
    ("name", "checks"),
    [("training", tables.TRAINING), ("serving", tables.PURCHASE), ("serving", tables.DEPLOYMENT)],
)
def test_a_reconciler_may_read_what_its_preflight_looks_at(
    engine: Engine, name: str, checks: Sequence[Check[Any]]
) -> None:
    needed = {action for check in checks for action in check.actions}
    assert needed <= {each.action for each in engine.held(name)}


def test_a_preflight_reads_the_service_role_and_bedrock_s_quotas_and_no_others(engine: Engine) -> None:
    held = engine.held("training") | engine.held("serving")
    role = f"<{logical_id(engine.foreign.service_role)}.Arn>"
    assert {each.resource for each in held if each.action in ("iam:GetRole", "iam:SimulatePrincipalPolicy")} == {role}
    quotas = {each for each in held if each.action.startswith("servicequotas:")}
    assert quotas == {Grant("servicequotas:GetServiceQuota", f"arn:aws:servicequotas:{REGION}:{ACCOUNT}:bedrock/*")}


def test_only_one_function_may_change_each_thing_in_bedrock(engine: Engine) -> None:
    reading = ("bedrock:Get", "bedrock:List")
    changing = {
        grant.action
        for _, grant in all_grants(engine.template)
        if grant.action.startswith("bedrock:") and not grant.action.startswith(reading)
    }
    assert {action: engine.holders(action) for action in changing} == {
        "bedrock:CreateModelCustomizationJob": {"training"},
        "bedrock:StopModelCustomizationJob": {"training"},
        "bedrock:DeleteCustomModel": {"serving"},
        "bedrock:CreateProvisionedModelThroughput": {"serving"},
        "bedrock:UpdateProvisionedModelThroughput": {"serving"},
        "bedrock:DeleteProvisionedModelThroughput": {"serving"},
        "bedrock:CreateCustomModelDeployment": {"serving"},
        "bedrock:UpdateCustomModelDeployment": {"serving"},
        "bedrock:DeleteCustomModelDeployment": {"serving"},
        "bedrock:TagResource": {"training", "serving"},
        "bedrock:UntagResource": {"training", "serving"},
    }


def test_nobody_may_touch_bedrock_beyond_this_account_and_region(engine: Engine) -> None:
    own = f"arn:aws:bedrock:{REGION}:"
    reaching = {grant for _, grant in all_grants(engine.template) if grant.action.startswith("bedrock:")}
    assert reaching
    at_large = {grant.action for grant in reaching if not grant.resource.startswith(own)}
    # Lists support no resource types, and neither does the availability of a model.
    lists = {action for action in at_large if action.startswith("bedrock:List")}
    assert at_large - lists == {"bedrock:GetFoundationModelAvailability"}
    accounts = {grant.resource.split(":")[4] for grant in reaching if grant.resource.startswith(own)}
    assert accounts == {"", ACCOUNT}


def test_may_tag_only_what_each_reconciler_makes(engine: Engine) -> None:
    def tagged(name: str) -> set[str]:
        held = engine.held(name)
        actions = {"bedrock:TagResource", "bedrock:UntagResource"}
        return {each.resource.split(":")[-1] for each in held if each.action in actions}

    assert tagged("training") == {"model-customization-job/*", "custom-model/*"}
    assert tagged("serving") == {"provisioned-model/*", "custom-model-deployment/*"}


def test_only_training_may_pass_a_role_and_only_the_one_and_only_to_bedrock(engine: Engine) -> None:
    passing = [(role, grant) for role, grant in all_grants(engine.template) if grant.action == "iam:PassRole"]
    assert passing == [
        (
            logical_id(engine.functions["training"].role),
            Grant(
                "iam:PassRole",
                f"<{logical_id(engine.foreign.service_role)}.Arn>",
                condition(StringEquals={"iam:PassedToService": "bedrock.amazonaws.com"}),
            ),
        )
    ]


def test_nobody_may_read_or_write_data_in_the_bucket(engine: Engine) -> None:
    service_role = logical_id(engine.foreign.service_role)
    training = logical_id(engine.functions["training"].role)
    touching = {(role, grant) for role, grant in all_grants(engine.template) if grant.action.startswith("s3:")}
    listed = condition(StringLike={"s3:prefix": ["train/*", "validation/*"]})
    bucket = f"<{logical_id(engine.foreign.data_store.bucket)}.Arn>"
    # The preflight sees whether a data file is there, and in which version.
    assert {each for each in touching if each[0] != service_role} == {
        (training, Grant("s3:ListBucket", bucket, listed)),
        (training, Grant("s3:GetObject", f"{bucket}/train/*")),
        (training, Grant("s3:GetObject", f"{bucket}/validation/*")),
    }
    # Nothing can be read so: the objects are encrypted, and the key is not to be used through S3.
    assert not engine.held("training") & use_of_key(engine.data_key, "s3", "Decrypt", "GenerateDataKey")


def test_nobody_holds_an_action_with_a_wildcard(engine: Engine) -> None:
    held = [grant.action for _, grant in all_grants(engine.template)]
    assert held
    assert not [action for action in held if "*" in action]


def test_functions_are_run_by_lambda_alone(engine: Engine) -> None:
    for function in engine.functions.values():
        trust = properties(engine.template, function.role)["AssumeRolePolicyDocument"]["Statement"]
        assert trust == [
            {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
        ]


# --- functions ---------------------------------------------------------------------------------------------------


def test_functions_run_on_the_newest_python(engine: Engine) -> None:
    functions = resources_of_type(engine.template, "AWS::Lambda::Function")
    assert len(functions) == len(engine.functions)
    assert {each["Properties"]["Runtime"] for each in functions.values()} == {"python3.14"}


def test_functions_share_one_asset_and_have_a_log_group_each(engine: Engine) -> None:
    shared = [engine.function(name) for name in engine.functions if name != "last resort"]
    assert len({each["Code"]["S3Key"] for each in shared}) == 1
    groups = {engine.function(name)["LoggingConfig"]["LogGroup"] for name in engine.functions}
    assert len(groups) == len(engine.functions)
    logs = resources_of_type(engine.template, "AWS::Logs::LogGroup")
    assert {each["Properties"]["RetentionInDays"] for each in logs.values()} == {30}


def test_functions_have_handlers_that_exist(engine: Engine) -> None:
    for name in engine.functions.keys() - {"last resort"}:
        module, _, function = engine.function(name)["Handler"].rpartition(".")
        path = ROOT / "lambda" / Path(*module.split(".")).with_suffix(".py")
        defined = [node for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)]
        assert function in {each.name for each in defined}, name


@pytest.mark.parametrize("name", ["training", "serving"])
def test_a_turn_ends_before_its_lease_does(engine: Engine, name: str) -> None:
    turn = engine.function(name)
    assert turn["Timeout"] < int(turn["Environment"]["Variables"][contract.LEASE_SECONDS_VARIABLE])


def test_front_door_knows_the_ledger_and_the_workflow(engine: Engine) -> None:
    assert engine.function("front door")["Environment"]["Variables"] == {
        contract.STATE_MACHINE_VARIABLE: f"<{logical_id(engine.workflow.state_machine)}>",
        contract.LEDGER_TABLE_VARIABLE: f"<{logical_id(engine.foreign.ledger.table)}>",
        contract.LEASE_SECONDS_VARIABLE: str(contract.LEASE_SECONDS),
    }


def test_front_door_is_the_service_token(engine: Engine) -> None:
    token = readable(engine.foreign.stack.resolve(engine.workflow.service_token))
    assert token == engine.function_arn("front door")


# --- when something dies -----------------------------------------------------------------------------------------


def test_front_door_that_cannot_run_is_answered_by_the_last_resort(engine: Engine) -> None:
    (invocation,) = resources_of_type(engine.template, "AWS::Lambda::EventInvokeConfig").values()
    assert readable(invocation["Properties"]) == {
        "DestinationConfig": {"OnFailure": {"Destination": engine.function_arn("last resort")}},
        "FunctionName": f"<{logical_id(engine.functions['front door'].function)}>",
        # An event that is older must not be acted on: its stack may have gone on.
        "MaximumEventAgeInSeconds": 300,
        "MaximumRetryAttempts": 2,
        "Qualifier": "$LATEST",
    }


def test_front_door_is_over_long_before_its_event_is_too_old_to_be_tried_again(engine: Engine) -> None:
    assert engine.function("front door")["Timeout"] == 30


def test_executions_of_this_machine_that_die_are_answered_by_the_last_resort(engine: Engine) -> None:
    (rule_id, rule), *others = resources_of_type(engine.template, "AWS::Events::Rule").items()
    assert not others
    given = readable(rule["Properties"])
    assert given["State"] == "ENABLED"
    assert given["EventPattern"] == {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {
            "stateMachineArn": [f"<{logical_id(engine.workflow.state_machine)}>"],
            "status": ["FAILED", "TIMED_OUT", "ABORTED"],
        },
    }
    assert [each["Arn"] for each in given["Targets"]] == [engine.function_arn("last resort")]
    (permission,) = resources_of_type(engine.template, "AWS::Lambda::Permission").values()
    assert readable(permission["Properties"]) == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": engine.function_arn("last resort"),
        "Principal": "events.amazonaws.com",
        "SourceArn": f"<{rule_id}.Arn>",
    }


def test_last_resort_is_in_the_template_and_runs_what_stands_there(engine: Engine) -> None:
    function = engine.function("last resort")
    assert function["Code"] == {"ZipFile": LAST_RESORT.read_text("utf-8")}
    assert function["Handler"] == "index.on_event"
    assert len(function["Code"]["ZipFile"]) < MOST_INLINE_CHARACTERS


def test_last_resort_needs_nothing_of_the_code_that_it_stands_in_for() -> None:
    tree = ast.parse(LAST_RESORT.read_text("utf-8"))
    assert packages(tree.body) <= sys.stdlib_module_names
    assert packages(ast.walk(tree)) - sys.stdlib_module_names == {"boto3", "botocore"}


# --- the state machine as a resource -----------------------------------------------------------------------------


def test_execution_history_is_encrypted_with_the_key(engine: Engine) -> None:
    machine = readable(properties(engine.template, engine.workflow.state_machine))
    assert machine["EncryptionConfiguration"] == {
        "Type": "CUSTOMER_MANAGED_KMS_KEY",
        "KmsKeyId": engine.operations_key,
        "KmsDataKeyReusePeriodSeconds": 900,
    }


def test_executions_are_logged_without_their_data_and_traced(engine: Engine) -> None:
    machine = readable(properties(engine.template, engine.workflow.state_machine))
    logs = logical_id(engine.workflow.node.find_child("WorkflowLogs"))
    assert machine["LoggingConfiguration"] == {
        "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": f"<{logs}.Arn>"}}],
        "IncludeExecutionData": False,
        "Level": "ALL",
    }
    assert machine["TracingConfiguration"] == {"Enabled": True}
    group = engine.template["Resources"][logs]["Properties"]["LogGroupName"]
    assert readable(group) == f"/aws/vendedlogs/states/{machine['StateMachineName']}"


def test_workflow_may_run_its_own_functions_and_no_others(engine: Engine) -> None:
    machine_role = engine.workflow.state_machine.role
    assert isinstance(machine_role, iam.Role)
    held = {each.resource for each in grants(engine.template, machine_role) if each.action == "lambda:InvokeFunction"}
    functions = {engine.function_arn(name) for name in ("training", "serving", "responder")}
    assert held == functions | {f"{arn}:*" for arn in functions}


def test_workflow_is_deleted_with_its_stack(engine: Engine) -> None:
    machine = resource(engine.template, engine.workflow.state_machine)
    assert machine["DeletionPolicy"] == "Delete"
