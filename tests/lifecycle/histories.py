"""Random histories: a seed gives a history of deployments with everything that may go wrong in them."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, get_args

from bedrock_lifecycle.engine.physical_id import PhysicalId
from sandbox.bedrock import Durations, Quotas, Settings
from sandbox.bedrock.faults import JobFault, ThroughputFault
from sandbox.bedrock.lasting_faults import DeletionFault, Kind, UnseenFault, Where
from sandbox.bedrock.phases import Phase
from tests.lifecycle.conditions import CONDITIONS, Condition
from tests.lifecycle.deployment_scenarios import DEPLOYMENT_FAULTS, GIVEN, ON_DEMAND, THEIRS, make_theirs
from tests.lifecycle.invariants import violations
from tests.lifecycle.persons import deploy_as_told
from tests.lifecycle.watch import Watch
from tests.support.calls import Call, Calls, Fault
from tests.support.cloudformation import Variant
from tests.support.environment import Account, Wanted
from tests.support.lifecycle import ROLE_ARN

_ALL_FAULTS = tuple(Fault)
_UNITS = (1, 2, 3)
_NOT_NOW = ("ConflictException", "ValidationException")
_SHOWN_AS: tuple[Literal["", "Deleting"], ...] = ("", "Deleting")
_TIGHT = {"custom_model_units": 1, "deployments": 1}
_AMPLE = {"custom_model_units": 10, "deployments": 10}


@dataclass
class History:
    """One history. `log` tells what was done, for whoever has to understand a failure."""

    seed: int
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.rate = self.random.choice((0.0, 0.003, 0.01, 0.04))
        new_id, draws, backwards = (self.random.random() < 0.5 for _ in range(3))
        # An old id in a rollback that goes forward is a case of its own: see test_updates.
        variant = Variant(new_id, draws, rollback_goes_backwards=backwards or not new_id)
        first = self._first()
        self.switches = first.base_model == ON_DEMAND.base_model
        self.account = Account(variant, settings=self._settings(), calls=Calls(self._chaos), region=first.region)
        self.account.lifecycle.world.alarms["errors"] = "OK"
        self.account.cloudformation.redeliver = self._redeliver
        self.account.lifecycle.hold_for = lambda: timedelta(seconds=self.random.choice((1, 10, 25)))
        self.watch = Watch(self.account)
        self.wanted = first.but(rungs=self.random.choice((1, 2, 4)))
        self.asked_for = [self.wanted]
        self.given: tuple[str, ...] = ()
        self.condition: Condition | None = None
        if self.switches:
            make_theirs(self.account)
            self.given = (THEIRS.training_name,)
            self.asked_for.append(THEIRS)

    def run(self) -> list[str]:
        """Play the history to its end, put everything right again, destroy; return what was wrong."""
        for _ in range(self.random.randint(1, 5)):
            self._something_happens()
        self._calm_down()
        wrong = self._violations()
        if not self._deploys_again():
            wrong.append(f"cannot be deployed any more: {self.account.reason}")
        wrong += self._violations()
        statuses = self._destroy_all()
        self.account.lifecycle.pass_time(timedelta(hours=7))
        if left := sorted({*self.account.serving_names()} - self._kept()):
            wrong.append(f"after destroy ({statuses}) something stands: {left}")
        return [*wrong, *self._violations(), *self.watch.wrong]

    def _first(self) -> Wanted:
        """Return what is deployed first, if anything is."""
        return self.random.choice((Wanted(), ON_DEMAND, ON_DEMAND.but(on_demand=False, model_units=1)))

    def _happenings(self) -> tuple[Callable[[], None], ...]:
        """Return what may happen, each as often as it is likely."""
        return (
            self._deploy, self._deploy, self._deploy, self._change_and_deploy, self._change_and_deploy,
            self._renamed_deploy, self._cancelled_deploy, self._trouble, self._trouble, self._destroy,
            self._time_passes,
        )  # fmt: skip

    def _destroy_all(self) -> list[str]:
        return self.account.destroy()

    def _kept(self) -> set[str]:
        """Return the names of what a policy has kept, and no resource holds."""
        return {known.name for each in self.account.cloudformation.kept if (known := PhysicalId.parse(each))}

    def _gone(self) -> set[str]:
        """Return the names of what a policy has kept, and does not exist."""
        return self._kept() - {*self.account.serving_names()}

    def _violations(self) -> list[str]:
        wrong = [f"{name} was kept, and is gone" for name in sorted(self._gone())]
        return [*wrong, *violations(self.account, self.asked_for, given=self.given, retained=self._kept())]

    def _settings(self) -> Settings:
        minutes = self.random.choice((1, 10, 59, 61, 150))
        return Settings(
            durations=Durations(
                validation=timedelta(minutes=minutes / 10),
                data_processing=timedelta(minutes=minutes / 10),
                training=timedelta(minutes=minutes),
                throughput_creation=timedelta(minutes=self.random.choice((1, 5, 20, 48))),
                throughput_update=timedelta(minutes=self.random.choice((1, 5, 20))),
                deployment_creation=timedelta(minutes=self.random.choice((1, 5, 20, 48))),
                deployment_update=timedelta(minutes=self.random.choice((1, 5, 20))),
            ),
            quotas=Quotas(custom_model_units=4),
        )

    def _chaos(self, _call: Call) -> Fault | None:
        return self.random.choice(_ALL_FAULTS) if self.random.random() < self.rate else None

    def _redeliver(self, _event: object) -> list[timedelta]:
        if self.random.random() > 0.1:
            return []
        return [timedelta(seconds=self.random.choice((1, 30, 300, 3600)))]

    def _something_happens(self) -> None:
        happening = self.random.choice(self._happenings())
        self.log.append(happening.__name__.strip("_"))
        happening()

    def _deploy(self) -> None:
        self.log.append(f"  {self.account.deploy(self.wanted)} {self.account.reason}")

    def _renamed_deploy(self) -> None:
        """Deploy with another logical ID for what serves: refused, unless what has the old one is lost."""
        renamed = self.wanted.but(renamed="" if self.wanted.renamed else "Renamed")
        status = self.account.deploy(renamed)
        self.log.append(f"  {status} {self.account.reason}")
        if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            self.wanted = renamed

    def _change_and_deploy(self) -> None:
        epochs, tag = self.random.choice("123"), self.random.choice(("a", "b"))
        first = self.asked_for[0]
        data = self.random.choice((first.data, first.data.replace(b"valve", b"pump")))
        self.wanted = self.wanted.but(
            hyper_parameters={"epochCount": epochs},
            tags={"CostCentre": tag},
            data=data,
            **self._way_to_serve(),
            **self._bake(data),
        )
        self.asked_for.append(self.wanted)
        self._deploy()

    def _way_to_serve(self) -> dict[str, Any]:
        if not self.switches:
            return {"model_units": self.random.choice(_UNITS)}
        on_demand, given = self.random.random() < 0.5, self.random.random() < 0.2
        units = None if on_demand else self.random.choice(_UNITS)
        return {"on_demand": on_demand, "model_units": units, "given_model": GIVEN.given_model if given else None}

    def _bake(self, data: bytes) -> dict[str, Any]:
        """Return a bake that the model passes, one that it cannot pass, or none."""
        asks = self.random.choice((None, None, data, data.replace(b"is shut", b"is open")))
        watched = self.random.random() < 0.3
        return {"asks": asks, "questions": 2, "right": 2, "alarms": ("errors",) * watched, "minutes": 5 * watched}

    def _cancelled_deploy(self) -> None:
        soon = timedelta(seconds=self.random.choice((0, 5, 60, 600, 2400)))
        self.account.cloudformation.cancel_at = self.account.lifecycle.now + soon
        self._change_and_deploy()
        self.account.cloudformation.cancel_at = None

    def _trouble(self) -> None:
        faults = self.account.lifecycle.simulated.faults
        trouble = self.random.choice(
            ("job", "throughput", "deployment", "role", "quota", "condition", "condition", "unseen", "shown", "alarm")
        )
        self.log.append(f"  {trouble}")
        match trouble:
            case "condition":
                self._condition()
            case "unseen":
                self._unseen()
            case "shown":
                seconds, error = self.random.choice((5, 60, 600)), self.random.choice(_NOT_NOW)
                faults.add(DeletionFault(seconds, self.random.choice(_SHOWN_AS), error))
            case "job":
                faults.add(JobFault(self.random.choice(list(Phase)), "it broke"))
            case "throughput":
                faults.add(ThroughputFault(self.random.choice(("stuck", "failed"))))
            case "deployment":
                faults.add(self.random.choice(DEPLOYMENT_FAULTS)())
            case "role" | "alarm":
                self._in_the_world(trouble)
            case _:
                self.account.lifecycle.simulated.handle_control("quotas", {"set": _TIGHT})
        self._deploy()

    def _in_the_world(self, trouble: str) -> None:
        world = self.account.lifecycle.world
        if trouble == "alarm":
            world.alarms["errors"] = self.random.choice(("ALARM", "INSUFFICIENT_DATA"))
        else:
            world.roles[ROLE_ARN].may_read = False

    def _condition(self) -> None:
        """Let a condition hold from now on, in place of the one before."""
        self.condition = self.random.choice(CONDITIONS)
        self.log.append(f"    {self.condition.name}")
        self.condition.begin(self.account)

    def _unseen(self) -> None:
        seconds = self.random.choice((5, 60, 240))
        # What is there has been seen, and stays so.
        self.account.lifecycle.pass_time(timedelta(seconds=seconds))
        where, kind = self.random.choice(get_args(Where)), self.random.choice(get_args(Kind))
        self.account.lifecycle.simulated.faults.add(UnseenFault(where, seconds, kind))

    def _destroy(self) -> None:
        self.log.append(f"  {self.account.destroy()}")

    def _time_passes(self) -> None:
        self.account.lifecycle.pass_time(timedelta(minutes=self.random.choice((1, 30, 300))))

    def _calm_down(self) -> None:
        self.rate = 0.0
        lifecycle = self.account.lifecycle
        lifecycle.simulated.faults.clear()
        if self.condition:
            self.condition.end(self.account)
        lifecycle.world.roles[ROLE_ARN].may_read = True
        lifecycle.world.alarms["errors"] = "OK"
        if self.wanted.asks is not None:
            # What serves the wanted model passes; of a given one nobody knows what it was trained on.
            self.wanted = self.wanted.but(asks=None if self.wanted.given_model else self.wanted.data)
            self.asked_for.append(self.wanted)
        lifecycle.simulated.handle_control("quotas", {"set": _AMPLE})
        lifecycle.pass_time(timedelta(hours=2))

    def _deploys_again(self) -> bool:
        return deploy_as_told(self.account, self.wanted, self._deployed) is not None

    def _deployed(self, wanted: Wanted) -> None:
        self.asked_for.append(wanted)
        self.log.append(f"  {self.account.cloudformation.reasons or 'deployed'}")
