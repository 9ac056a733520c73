"""Starts and stops the local AWS, and tells its address to whoever is to use it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

from sandbox import certificates
from sandbox.options import CONTROL_PREFIX, OPTIONS_VARIABLE, Options

ACCOUNT: Final = "000000000000"
REGION: Final = "us-west-2"
_ROOT: Final = Path(__file__).resolve().parents[1]
_START_TIMEOUT_SECONDS: Final = 30
# Whoever else starts something may take the port between the look for a free one and its use. MiniStack says so in its
# own words when it looks first, and the operating system when it is too late for that: these are in both.
_PORT_TAKEN: Final = "already in use"


class Sandbox:
    """A running local AWS. Use `running`, which also stops it."""

    def __init__(self, port: int, folder: Path, process: "subprocess.Popen[bytes]", options: Options) -> None:
        self.url = f"https://localhost:{port}"
        self.folder = folder
        self.options = options
        self._process = process

    @property
    def process_group(self) -> int:
        """The process group of the emulator and of its Lambda workers."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the emulator runs."""
        return self._process.poll() is None

    def environment(self) -> dict[str, str]:
        """Return the environment variables with which AWS clients and the CDK CLI reach the sandbox, and only it."""
        return _client_environment(self.url, self.folder / "authority.pem", REGION)

    def client(self, service: str, region: str = REGION, *, account: str = ACCOUNT) -> Any:
        """Return a boto3 client of a service of the sandbox, as the root of an account: any twelve digits are one."""
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=account,
            aws_secret_access_key="test",  # noqa: S106 - the emulator's root
            verify=str(self.folder / "authority.pem"),
        )

    def control(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the simulated Bedrock for what AWS does not have: its clock, quotas, faults, meter."""
        url = f"{self.url}{CONTROL_PREFIX}{path}"
        request = AWSRequest(method="POST", url=url, data=json.dumps(body or {}).encode())
        SigV4Auth(Credentials("test", "test"), "bedrock", REGION).add_auth(request)
        # A path is allowed, which the stubs do not know.
        session = URLLib3Session(verify=str(self.folder / "authority.pem"))  # type: ignore[arg-type]
        answer = session.send(request.prepare())
        content: dict[str, Any] = json.loads(answer.content)
        if answer.status_code != 200:
            raise ValueError(f"sandbox control {path}: {content.get('message', answer.status_code)}")
        return content

    def log(self) -> str:
        """Return what the emulator has printed so far."""
        return _log(self.folder)


@contextmanager
def running(options: Options | None = None) -> Iterator[Sandbox]:
    """Start a local AWS on a free loopback port, and leave no process and no file of it behind."""
    given = options or Options()
    folder = Path(tempfile.mkdtemp(prefix="bedrock-sandbox-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        made = certificates.make(folder)
        (folder / "tmp").mkdir()
        while True:
            port = free_port()
            process = _start(port, folder, made, given)
            if _is_ready(port, process, folder):
                break
            if _PORT_TAKEN not in _log(folder):
                raise RuntimeError(f"the sandbox did not start; the end of its log:\n{_log(folder)[-2000:]}")
        yield Sandbox(port, folder, process, given)
    finally:
        if process:
            _stop(process)
        shutil.rmtree(folder, ignore_errors=True)


def _start(port: int, folder: Path, made: certificates.Certificates, options: Options) -> "subprocess.Popen[bytes]":
    scratch = folder / "tmp"
    environment = {
        **_without_aws(os.environ),
        **_client_environment(f"https://localhost:{port}", made.authority, REGION),
        # The Lambda workers inherit this: plain urllib trusts the authority too.
        "SSL_CERT_FILE": str(made.authority),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "AUTH": "true",
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(made.certificate),
        "MINISTACK_SSL_KEY": str(made.key),
        "MINISTACK_REGION": REGION,
        "SFN_WAIT_SCALE": str(1 / options.rate),
        "TMPDIR": str(scratch),
        "PYTHONDONTWRITEBYTECODE": "1",
        OPTIONS_VARIABLE: json.dumps(options.for_emulator()),
        **options.environment,
    }
    with (folder / "emulator.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "sandbox.emulator"],
            cwd=_ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # A group of its own, so that its Lambda workers can be ended with it.
            start_new_session=True,
        )


def _client_environment(url: str, authority: Path, region: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CA_BUNDLE": str(authority),
        "NODE_EXTRA_CA_CERTS": str(authority),
        # Nothing of the machine's own AWS set-up may be read or reached.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "1",
    }


def _without_aws(environment: Any) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith("AWS_")}


def free_port() -> int:
    """Return a loopback port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _is_ready(port: int, process: "subprocess.Popen[bytes]", folder: Path) -> bool:
    """Wait until it answers; return False when it has ended or takes too long."""
    session = URLLib3Session(verify=str(folder / "authority.pem"), timeout=2)  # type: ignore[arg-type]
    until = time.monotonic() + _START_TIMEOUT_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            session.send(AWSRequest(method="GET", url=f"https://localhost:{port}/_ministack/health").prepare())
        except Exception:  # noqa: BLE001 - botocore wraps whatever a server that is not up yet gives
            time.sleep(0.1)
        else:
            return True
    return False


def _log(folder: Path) -> str:
    return (folder / "emulator.log").read_text(encoding="utf-8", errors="replace")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End the emulator and its workers. Asking alone is not enough: open connections keep it up for half a minute."""
    for how, patience in ((signal.SIGTERM, 1.0), (signal.SIGKILL, 5.0)):
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            continue
    process.wait(timeout=5)
