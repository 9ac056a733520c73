"""The process of the local AWS: MiniStack with the simulated Bedrock. Started by `sandbox.server`."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ministack import app

from sandbox.bedrock.assumed import Assumed
from sandbox.bedrock.catalogue import load_catalogue
from sandbox.bedrock.clock import DEFAULT_START, Clock
from sandbox.bedrock.service import SimulatedBedrock
from sandbox.bedrock.settings import Durations, Quotas, Settings
from sandbox.ministack_adapter import install
from sandbox.ministack_world import MiniStackWorld
from sandbox.options import OPTIONS_VARIABLE
from sandbox.sessions import Sessions


def main() -> None:
    """Run until ended. Options come as JSON in an environment variable, see `sandbox.options`."""
    options = json.loads(os.environ.get(OPTIONS_VARIABLE, "{}"))
    start = datetime.fromisoformat(options["start"]).replace(tzinfo=UTC) if "start" in options else DEFAULT_START
    clock = Clock(start, rate=options.get("rate", 1.0))
    settings = Settings(
        durations=Durations(**{name: timedelta(minutes=value) for name, value in options.get("minutes", {}).items()}),
        quotas=Quotas(**options.get("quotas", {})),
        assumed=Assumed(options.get("answers")),
    )
    catalogue = load_catalogue(*map(Path, options.get("catalogue", ())))
    simulated = SimulatedBedrock(clock, MiniStackWorld(), settings, catalogue=catalogue)
    install(simulated, clock, Sessions(clock if options.get("simulated_sessions") else None))
    app.main()


if __name__ == "__main__":
    main()
