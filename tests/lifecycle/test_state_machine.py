"""The same histories as a property-based state machine, which shrinks a failing one to its shortest form."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from sandbox.bedrock.faults import DeploymentFault, JobFault, ThroughputFault
from sandbox.bedrock.phases import Phase
from tests.lifecycle.conditions import CONDITIONS, Condition
from tests.lifecycle.deployment_scenarios import DEPLOYMENT_FAULTS, ON_DEMAND
from tests.lifecycle.invariants import violations
from tests.lifecycle.persons import deploy_as_told
from tests.lifecycle.watch import Watch
from tests.support.calls import Call, Calls, Fault
from tests.support.cloudformation import Variant
from tests.support.environment import Account, Wanted
from tests.support.quick import quick

_QUICK = quick(units=4)
_FIRST = (Wanted(rungs=1), ON_DEMAND, ON_DEMAND.but(on_demand=False, model_units=1))


class OneEnvironment(RuleBasedStateMachine):
    """Deploys, cancels and destroys one environment, and switches how it serves, while single calls fail."""

    @initialize(carries_new=st.booleans(), draws_delete=st.booleans(), first=st.sampled_from(_FIRST))
    def begin(self, carries_new: bool, draws_delete: bool, first: Wanted) -> None:
        self.fault: tuple[int, Fault] | None = None
        self.condition: Condition | None = None
        variant = Variant(carries_new, draws_delete)
        self.account = Account(variant, settings=_QUICK, calls=Calls(self.chaos), region=first.region)
        self.watch = Watch(self.account)
        self.wanted = first
        self.asked_for = [self.wanted]

    def chaos(self, call: Call) -> Fault | None:
        if self.fault and call.number >= self.fault[0] and call.mutating:
            fault, self.fault = self.fault[1], None
            return fault
        return None

    @rule(after=st.integers(0, 120), fault=st.sampled_from(Fault))
    def a_call_will_fail(self, after: int, fault: Fault) -> None:
        self.fault = (len(self.account.lifecycle.calls.made) + after, fault)

    @rule(phase=st.sampled_from(Phase))
    def the_next_job_will_fail(self, phase: Phase) -> None:
        self.account.lifecycle.simulated.faults.add(JobFault(phase, "it broke"))

    @rule(outcome=st.sampled_from(("stuck", "failed")))
    def the_next_throughput_will_not_come(self, outcome: Literal["stuck", "failed"]) -> None:
        self.account.lifecycle.simulated.faults.add(ThroughputFault(outcome))

    @rule(fault=st.sampled_from(DEPLOYMENT_FAULTS))
    def the_next_deployment_will_not_come(self, fault: Callable[[], DeploymentFault]) -> None:
        self.account.lifecycle.simulated.faults.add(fault())

    @rule(condition=st.sampled_from(CONDITIONS), epochs=st.sampled_from("123"), seconds=st.sampled_from((5, 30, None)))
    def deploy_under_a_condition(self, condition: Condition, epochs: str, seconds: int | None) -> None:
        self.end_the_condition()
        self.condition = condition
        condition.begin(self.account)
        self.want(hyper_parameters={"epochCount": epochs})
        if seconds:
            self.account.cloudformation.cancel_at = self.account.lifecycle.now + timedelta(seconds=seconds)
        self.account.deploy(self.wanted)
        self.account.cloudformation.cancel_at = None

    @precondition(lambda self: self.condition is not None)
    @rule()
    def the_condition_ends(self) -> None:
        self.end_the_condition()

    def end_the_condition(self) -> None:
        if self.condition:
            self.condition.end(self.account)
        self.condition = None

    @rule(epochs=st.sampled_from("123"))
    def train_otherwise(self, epochs: str) -> None:
        self.want(hyper_parameters={"epochCount": epochs})

    @rule(units=st.sampled_from((1, 2)))
    def serve_by_the_hour(self, units: int) -> None:
        self.want(on_demand=False, model_units=units)

    @precondition(lambda self: self.wanted.base_model == ON_DEMAND.base_model)
    @rule()
    def serve_on_demand(self) -> None:
        self.want(on_demand=True, model_units=None)

    def want(self, **changes: Any) -> None:
        self.wanted = self.wanted.but(**changes)
        self.asked_for.append(self.wanted)

    @rule()
    def deploy(self) -> None:
        self.account.deploy(self.wanted)

    @rule(seconds=st.sampled_from((0, 5, 30, 90)))
    def cancel_a_deployment(self, seconds: int) -> None:
        self.account.cloudformation.cancel_at = self.account.lifecycle.now + timedelta(seconds=seconds)
        self.account.deploy(self.wanted)
        self.account.cloudformation.cancel_at = None

    @rule()
    def destroy(self) -> None:
        self.account.destroy()

    def teardown(self) -> None:
        self.fault = None
        self.account.lifecycle.simulated.faults.clear()
        self.end_the_condition()
        self.account.lifecycle.pass_time(timedelta(hours=2))
        assert self.deploys(), self.account.reason
        assert violations(self.account, self.asked_for) == []
        self.account.destroy()
        self.account.lifecycle.pass_time(timedelta(hours=7))
        assert self.account.serving_names() == []
        assert self.watch.wrong == []

    def deploys(self) -> bool:
        return deploy_as_told(self.account, self.wanted, self.asked_for.append) is not None


TestOneEnvironment = pytest.mark.slow(OneEnvironment.TestCase)
TestOneEnvironment.settings = settings(
    max_examples=300, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
