"""`tune sandbox`: a local AWS in the foreground, for as long as somebody wants to try things on it."""

import shlex
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Final

from botocore.exceptions import BotoCoreError

from sandbox import cdk
from sandbox.assumptions.answers import AssumptionAnswers
from sandbox.options import Options
from sandbox.server import ACCOUNT, REGION, Sandbox, running
from tune.demo import processes
from tune.terminal.screen import Screen
from tune.terminal.signals import stoppable, unstoppable

MODEL_UNITS: Final = 10
_LOOK_EVERY_SECONDS: Final = 1.0
_TAIL_LINES: Final = 30
_FAILED: Final = 1


def run(
    screen: Screen,
    *,
    rate: float,
    answers: Mapping[str, str] = MappingProxyType({}),
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Keep a local AWS until an interrupt, which is its normal end; return 1 when it ends by itself or cannot start."""
    sandbox: Sandbox | None = None
    options = Options(rate=rate, quotas={"custom_model_units": MODEL_UNITS}, answers=dict(answers))
    code = 0
    try:
        with stoppable(), running(options) as sandbox:
            try:
                code = _keep(sandbox, screen, sleep)
            finally:
                unstoppable()
    except KeyboardInterrupt:
        screen.status(None)
    except RuntimeError as problem:
        screen.status(None)
        screen.say(str(problem))
        code = _FAILED
    return code or _nothing_is_left(sandbox, screen)


def exports(variables: Mapping[str, str]) -> str:
    """Return the lines of a shell that set the variables."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


def _keep(sandbox: Sandbox, screen: Screen, sleep: Callable[[float], None]) -> int:
    screen.status("local AWS: cdk bootstrap")
    cdk.bootstrap(sandbox)
    screen.status(None)
    _introduce(sandbox, screen)
    while sandbox.is_alive:
        with suppress(BotoCoreError, ValueError):  # it is busy, or has just ended
            clock = sandbox.control("clock")["now"][:16].replace("T", " ")
            screen.status(f"the local AWS runs at {sandbox.url}; its Bedrock plays {clock} UTC; Ctrl-C ends it")
        sleep(_LOOK_EVERY_SECONDS)
    screen.status(None)
    screen.say("The local AWS has ended by itself; the end of its log:")
    screen.say("\n".join(sandbox.log().splitlines()[-_TAIL_LINES:]))
    return _FAILED


def _introduce(sandbox: Sandbox, screen: Screen) -> None:
    variables = exports(sandbox.environment())
    file = sandbox.folder / "environment.sh"
    file.write_text(variables, encoding="utf-8")
    screen.say(
        f"A local AWS with a simulated Bedrock: IAM and TLS enforced, bootstrapped for the CDK in {REGION}, it costs "
        "nothing.\n"
        f"{sandbox.options.rate:g} simulated seconds pass in a second; the account may buy {MODEL_UNITS} model units."
        " What it does not prove: docs/explanation/sandbox.md.\n\n"
        "In another terminal, in this folder:\n"
    )
    screen.say(variables)
    if otherwise := AssumptionAnswers(sandbox.options.answers).differing():
        screen.say(f"Its Bedrock differs from what is assumed: {', '.join(sorted(otherwise))}.\n")
    screen.say(
        f"or, to do the same:  . {file}\n\nThen\n\n"
        "  make deploy ENV=local     and, in the same way, preflight, plan, status, destroy and purge\n"
        f"  cdk bootstrap aws://{ACCOUNT}/us-east-1     before an environment in another Region, account {ACCOUNT}\n\n"
        "A synthesis warns that Claude 3 Haiku has reached its end of life: it goes by today's date, and the local AWS "
        "plays an earlier one.\n"
        "Everything in it ends with it. Ctrl-C ends it.\n"
    )


def _nothing_is_left(sandbox: Sandbox | None, screen: Screen) -> int:
    found = processes.of_group(sandbox.process_group) if sandbox else []
    if sandbox and (found or sandbox.folder.exists()):
        screen.say(f"Something of the local AWS is left: processes {found or 'none'}, folder {sandbox.folder}")
        return _FAILED
    screen.say("The local AWS is stopped; no process and no file of it is left.")
    return 0
