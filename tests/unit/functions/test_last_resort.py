"""The last resort answers when nothing else does, and needs nothing else to do so."""

import ast
import importlib.util
import json
import sys
import traceback
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from bedrock_lifecycle.engine.front_door import execution_name
from bedrock_lifecycle.engine.request import Request
from tests.conftest import ROOT
from tests.support.events import any_event
from tests.support.https_server import AnswerServer
from tests.support.messages import saying

SOURCE = ROOT / "lambda" / "bedrock_lifecycle" / "last_resort.py"
EXECUTIONS = "arn:aws:states:us-west-2:111122223333:execution:any:*"
EXECUTION = EXECUTIONS.replace("*", execution_name(Request.parse(any_event())))


@pytest.fixture
def index() -> ModuleType:
    spec = importlib.util.spec_from_file_location("last_resort_index", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def step_functions(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client("stepfunctions", "us-west-2", aws_access_key_id="any", aws_secret_access_key="any")
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    monkeypatch.setenv("EXECUTIONS_ARN", EXECUTIONS)
    monkeypatch.setattr(boto3, "client", lambda *_arguments, **_options: client)
    with Stubber(client) as stubber:
        yield stubber


def failed_invocation(stubber: Stubber, server: AnswerServer, *, served: bool = False) -> dict[str, Any]:
    """Return what Lambda sends to the destination of a front door that failed."""
    if served:
        stubber.add_response("describe_execution", described(server), {"executionArn": EXECUTION})
    else:
        stubber.add_client_error(
            "describe_execution", "ExecutionDoesNotExist", expected_params={"executionArn": EXECUTION}
        )
    return {
        "version": "1.0",
        "requestContext": {"condition": "RetriesExhausted", "approximateInvokeCount": 3},
        "requestPayload": any_event(ResponseURL=server.url),
        "responsePayload": {"errorType": "Runtime.ImportModuleError"},
    }


def described(server: AnswerServer, **changes: Any) -> dict[str, Any]:
    state = {"event": any_event(ResponseURL=server.url, **changes), "generation": 1, "physicalId": "derived"}
    return {
        "executionArn": EXECUTION,
        "stateMachineArn": "arn:aws:states:us-west-2:111122223333:stateMachine:any",
        "status": "FAILED",
        "startDate": 0,
        "input": json.dumps(state),
    }


def died_execution(stubber: Stubber, server: AnswerServer, **changes: Any) -> dict[str, Any]:
    """Return what EventBridge sends of an encrypted execution: nothing of its input."""
    stubber.add_response("describe_execution", described(server, **changes), {"executionArn": EXECUTION})
    detail = {"executionArn": EXECUTION, "status": "TIMED_OUT", "input": None}
    return {"detail-type": "Step Functions Execution Status Change", "source": "aws.states", "detail": detail}


def test_an_execution_that_died_is_answered_with_the_id_it_had(
    index: ModuleType, server: AnswerServer, step_functions: Stubber
) -> None:
    index.on_event(died_execution(step_functions, server), None)
    (body,) = server.bodies
    answer = json.loads(body)
    event = any_event()
    assert answer["Status"] == "FAILED"
    assert answer["PhysicalResourceId"] == "derived"
    assert [answer[name] for name in ("StackId", "RequestId", "LogicalResourceId")] == [
        event[name] for name in ("StackId", "RequestId", "LogicalResourceId")
    ]
    step_functions.assert_no_pending_responses()


def test_the_id_that_cloudformation_knows_goes_before_the_derived_one(
    index: ModuleType, server: AnswerServer, step_functions: Stubber
) -> None:
    index.on_event(died_execution(step_functions, server, RequestType="Update", PhysicalResourceId="known"), None)
    assert json.loads(server.bodies[0])["PhysicalResourceId"] == "known"


def test_a_front_door_that_could_not_start_is_answered(
    index: ModuleType, server: AnswerServer, step_functions: Stubber
) -> None:
    index.on_event(failed_invocation(step_functions, server), None)
    answer = json.loads(server.bodies[0])
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", "none")


def test_a_duplicate_that_could_not_start_is_left_to_the_workflow_that_the_first_one_started(
    index: ModuleType, server: AnswerServer, step_functions: Stubber
) -> None:
    index.on_event(failed_invocation(step_functions, server, served=True), None)
    assert server.bodies == []
    step_functions.assert_no_pending_responses()


def test_the_reason_says_where_to_look(index: ModuleType, server: AnswerServer, step_functions: Stubber) -> None:
    index.on_event(failed_invocation(step_functions, server), None)
    reason = json.loads(server.bodies[0])["Reason"]
    assert "execution" in reason
    assert "logs" in reason


def test_the_content_type_is_there_and_empty_because_the_url_is_signed_so(
    index: ModuleType, server: AnswerServer, step_functions: Stubber
) -> None:
    index.on_event(failed_invocation(step_functions, server), None)
    assert [value for name, value in server.headers[0] if name.lower() == "content-type"] == [""]


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_request_that_was_answered_already_is_no_error(
    index: ModuleType, server: AnswerServer, step_functions: Stubber, status: int
) -> None:
    server.status = status
    index.on_event(failed_invocation(step_functions, server), None)
    assert len(server.bodies) == 1


@pytest.mark.parametrize("status", [400, 500, 503])
def test_an_answer_that_is_refused_is_raised_so_that_it_is_tried_again(
    index: ModuleType, server: AnswerServer, step_functions: Stubber, status: int
) -> None:
    server.status = status
    with pytest.raises(RuntimeError, match=saying(status)) as refused:
        index.on_event(failed_invocation(step_functions, server), None)
    assert "secret" not in "".join(traceback.format_exception(refused.value))


def test_a_connection_that_is_refused_is_raised_without_the_url(index: ModuleType, step_functions: Stubber) -> None:
    nobody = AnswerServer(port=1)
    with pytest.raises(RuntimeError, match=saying("URLError")) as refused:
        index.on_event(failed_invocation(step_functions, nobody), None)
    assert "secret" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://any.example/an object?X-Amz-Signature=secret", "InvalidURL"),
        ("https://any.example:secret/any", "InvalidURL"),
        ("secret", "ValueError"),
    ],
)
def test_a_url_that_cannot_be_sent_to_is_raised_without_it(
    index: ModuleType, server: AnswerServer, step_functions: Stubber, url: str, name: str
) -> None:
    event = failed_invocation(step_functions, server)
    event["requestPayload"]["ResponseURL"] = url
    with pytest.raises(RuntimeError, match=saying(name)) as refused:
        index.on_event(event, None)
    assert "secret" not in "".join(traceback.format_exception(refused.value))


def test_it_is_short_enough_to_be_deployed_inline() -> None:
    # The bound of the CDK (`Code.from_inline`), and of CloudFormation for a long time.
    assert len(SOURCE.read_text(encoding="utf-8")) < 4096


def test_it_shares_no_code_with_what_it_stands_in_for() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    imported = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported - set(sys.stdlib_module_names) == {"boto3", "botocore"}
