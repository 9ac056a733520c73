"""The project's own CDK CLI, run against a sandbox."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sandbox.server import ACCOUNT, REGION, Sandbox

_ROOT: Final = Path(__file__).resolve().parents[1]
# What the CDK gives by itself where it trusts nobody else.
_EVERYTHING: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
CDK: Final = str(_ROOT / "node_modules" / ".bin" / "cdk")


def environment(sandbox: Sandbox, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a CDK CLI that reaches nothing but the sandbox, with this interpreter's Node first."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    return {**os.environ, "PATH": path, **sandbox.environment(), **(extra or {})}


def bootstrap(
    sandbox: Sandbox,
    region: str = REGION,
    *,
    trusted: str | None = None,
    account: str = ACCOUNT,
    variables: Mapping[str, str] | None = None,
) -> None:
    """Run `cdk bootstrap`; raise RuntimeError with its output when it fails.

    Args:
        sandbox: Where.
        region: The Region to be deployed to.
        trusted: Another account that may deploy. Default: none.
        account: The account to be deployed to.
        variables: What else the CLI finds in its environment. Default: nothing.
    """
    trust = ("--trust", trusted, "--cloudformation-execution-policies", _EVERYTHING) if trusted else ()
    done = subprocess.run(
        [CDK, "bootstrap", f"aws://{account}/{region}", *trust],
        # Away from the project, so that its app is not synthesized for what needs no app.
        cwd=sandbox.folder,
        env=environment(sandbox, {"AWS_ACCESS_KEY_ID": account, **(variables or {})}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"cdk bootstrap failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
