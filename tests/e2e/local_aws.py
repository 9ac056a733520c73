"""A local AWS that the CDK CLI can deploy to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sandbox import cdk
from sandbox.options import Options
from sandbox.server import REGION, Sandbox, running
from tests.e2e.patience import until
from tests.e2e.processes import processes_of
from tests.e2e.project import QUICK

# At a hundred times the real time the deadline of a request (52 minutes) is half a minute, which a busy machine keeps;
# what takes minutes is soon over. Tests about hours turn the clock.
RATE: Final = 100.0
MINUTES: Final = {
    "validation": 1.0,
    "data_processing": 1.0,
    "training": 3.0,
    "stopping": 1.0,
    "throughput_creation": 1.0,
    "throughput_update": 1.0,
    "deployment_creation": 1.0,
    "deployment_update": 1.0,
}
QUOTAS: Final = {"custom_model_units": 100}


@contextmanager
def bootstrapped(options: Options, region: str = REGION, *, trusted: str | None = None) -> Iterator[Sandbox]:
    """Run a sandbox that the CDK CLI can deploy to, also from a trusted account; see that nothing is left of it."""
    with running(options) as sandbox:
        cdk.bootstrap(sandbox, region, trusted=trusted, variables=QUICK)
        yield sandbox
    assert not sandbox.folder.exists()
    until(lambda: not processes_of(sandbox.folder), seconds=5)
