"""What every part of the simulation shares."""

import threading
from collections import Counter
from datetime import datetime

from sandbox.bedrock.catalogue import Catalogue
from sandbox.bedrock.clock import Clock
from sandbox.bedrock.events import Outbox
from sandbox.bedrock.faults import FaultPlan
from sandbox.bedrock.invocations.throttle import Throttle
from sandbox.bedrock.invocations.usage import UsageBook
from sandbox.bedrock.names import Scope
from sandbox.bedrock.quality.judge import Judge
from sandbox.bedrock.quality.quality import Quality
from sandbox.bedrock.quotas import QuotaBook
from sandbox.bedrock.resources.region import Region
from sandbox.bedrock.settings import Settings
from sandbox.bedrock.world import World


class Simulation:
    """Clock, world, knobs and state.

    `lock` guards the state and is never held while the world reads, writes or emits.
    """

    def __init__(self, clock: Clock, world: World, settings: Settings, catalogue: Catalogue) -> None:
        self.clock = clock
        self.world = world
        self.settings = settings
        self.catalogue = catalogue
        self.quotas = QuotaBook(settings.quotas)
        self.assumed = settings.assumed
        self.faults = FaultPlan(self.assumed.lasting)
        self.outbox = Outbox(world, self.faults)
        self.regions: dict[Scope, Region] = {}
        # Foundation models, without a context length, for which the accounts have no agreement.
        self.without_access: set[str] = set()
        self.calls: Counter[str] = Counter()
        self.quality = Quality()
        self.judge = Judge()
        self.usage = UsageBook()
        self.throttle = Throttle(
            sliding=self.assumed.minute_slides, counts_throttled=self.assumed.counts_throttled_requests
        )
        self.lock = threading.RLock()

    def reset(self) -> None:
        """Forget all resources, faults, raised quotas and what was asked; the clock runs on."""
        with self.lock:
            self.regions.clear()
            self.faults.clear()
            self.quotas.reset()
            self.without_access.clear()
            self.calls.clear()
            self.quality.clear()
            self.judge.clear()
            self.usage.clear()
            self.throttle.clear()

    def count(self, operation: str) -> None:
        """Note that an operation of the service was asked for, whatever became of it."""
        with self.lock:
            self.calls[operation] += 1

    def may_use(self, model_id: str) -> bool:
        """Tell whether the accounts have access to a foundation model, or to a variant of one."""
        return not any(model_id == each or model_id.startswith(f"{each}:") for each in self.without_access)

    def now(self) -> datetime:
        """Return the time, in the whole milliseconds that the service tells it in."""
        now = self.clock.now()
        below = now.microsecond % 1000
        return now.replace(microsecond=now.microsecond - below) if below else now

    def region(self, scope: Scope) -> Region:
        """Return the state of an account in a region, empty at first."""
        return self.regions.get(scope) or self.regions.setdefault(scope, Region())
