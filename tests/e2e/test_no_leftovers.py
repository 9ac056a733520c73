"""A sandbox that is stopped is gone."""

import io
import json
import socket
import zipfile

import pytest

from sandbox import server
from sandbox.server import Sandbox, running
from tests.e2e.patience import until
from tests.e2e.processes import processes_of

pytestmark = pytest.mark.sandbox


def test_neither_a_process_nor_a_file_is_left_of_a_sandbox_whose_functions_ran() -> None:
    with running() as sandbox:
        invoke_a_function(sandbox)
        alive = processes_of(sandbox.folder)
        assert any("sandbox.emulator" in command for command in alive.values()), alive
        assert any("worker" in command for command in alive.values()), alive

    until(lambda: not processes_of(sandbox.folder), seconds=5)
    assert not sandbox.folder.exists()


def test_a_port_that_somebody_takes_meanwhile_is_left_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = iter([taken.getsockname()[1], server.free_port()])
        monkeypatch.setattr(server, "free_port", lambda: next(ports))
        with running() as sandbox:
            assert sandbox.control("clock")["now"]
    assert list(ports) == []


def invoke_a_function(sandbox: Sandbox) -> None:
    """Make a function, run it, and leave its worker waiting for more."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return {'heard': event}\n")
    role = sandbox.client("iam").create_role(RoleName="runs", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions = sandbox.client("lambda")
    functions.create_function(
        FunctionName="echo",
        Runtime="python3.14",
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": code.getvalue()},
    )
    answer = functions.invoke(FunctionName="echo", Payload=json.dumps("hello"))
    assert json.loads(answer["Payload"].read()) == {"heard": "hello"}
