"""The workflow of an evaluation, walked: its deployment is deleted on every path, and no record is in any input."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.synth.evaluation.walk import RUN, Failure, Functions, Walk
from tests.synth.foreign import ForeignStack
from tests.synth.templates import Json, logical_id, properties, resources_of_type

ID = "9c1f6a0b2d3e"
PREPARED = {
    "next": "go",
    "run": RUN,
    "needsCandidate": True,
    "judges": False,
    "shards": [0, 1, 2],
    "targets": [
        {"target": 0, "concurrency": 2, "pace": 0.5, "adapts": False, "shards": [0, 1, 2]},
        {"target": 1, "concurrency": 1, "pace": 20, "adapts": True, "shards": [2]},
    ],
}


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> ForeignStack:
    made = ForeignStack(tmp_path_factory.mktemp("machine"), evaluate_with=["base"])
    assert made.workflow
    return made


@pytest.fixture(scope="module")
def machine(foreign: ForeignStack) -> Json:
    return properties(foreign.template(), foreign.evaluations.state_machine)


class Calls:
    """Functions that answer as told, and what they were asked, by state."""

    def __init__(self, **answers: Any) -> None:
        self._answers = {
            "Prepare": PREPARED,
            "Stand": {"next": "ready", "arn": "arn:candidate"},
            "Gone after asking": {"next": "gone"},
            "Gone after failure": {"next": "gone"},
            "Ask": {"next": "done"},
            "Judge": {"next": "done"},
            "Score": {"next": "done"},
            "Reduce": {"next": "done", "outcome": "complete", "reason": ""},
            "Why": {"next": "unknown"},
            **{name.replace("_", " "): answer for name, answer in answers.items()},
        }
        self.asked: dict[str, list[Json]] = {name: [] for name in self._answers}

    @property
    def functions(self) -> Functions:
        return {name: self._of(name) for name in self._answers}

    def _of(self, name: str) -> Callable[[Json], Json]:
        def call(given: Json) -> Json:
            self.asked[name].append(given)
            answer = self._answers[name]
            if isinstance(answer, list):
                answer = answer[min(len(self.asked[name]), len(answer)) - 1]
            if isinstance(answer, Exception):
                raise answer
            return dict(answer)

        return call


def walked(machine: Json, calls: Calls) -> tuple[Walk, Json]:
    walk = Walk(machine, calls.functions)
    return walk, walk.run({"evaluation": ID})


def test_every_shard_of_every_target_is_asked_then_scored_then_added_up(machine: Json) -> None:
    calls = Calls()
    walk, output = walked(machine, calls)
    assert output == {"next": "done", "outcome": "complete", "reason": ""}
    asked = [(each["target"], each["shard"], each["pace"], each["arn"]) for each in calls.asked["Ask"]]
    assert asked == [(0, shard, 0.5, "arn:candidate") for shard in (0, 1, 2)] + [(1, 2, 20, "arn:candidate")]
    assert [each["shard"] for each in calls.asked["Score"]] == [0, 1, 2]
    assert calls.asked["Judge"] == []
    assert walk.states.index("Gone after asking") < walk.states.index("Score")
    assert walk.states[-1] == "Reduce"


def test_with_a_judge_every_shard_is_judged_before_it_is_scored(machine: Json) -> None:
    calls = Calls(Prepare={**PREPARED, "judges": True})
    walk, _ = walked(machine, calls)
    assert [each["shard"] for each in calls.asked["Judge"]] == [0, 1, 2]
    assert walk.states.index("Judge") < walk.states.index("Score")


def test_without_a_candidate_none_is_made(machine: Json) -> None:
    calls = Calls(Prepare={**PREPARED, "needsCandidate": False})
    walked(machine, calls)
    assert calls.asked["Stand"] == []
    assert {each["arn"] for each in calls.asked["Ask"]} == {""}


def test_what_is_refused_asks_nobody_and_is_no_failure(machine: Json) -> None:
    calls = Calls(Prepare={"next": "refused", "reason": "too dear"})
    _, output = walked(machine, calls)
    assert output == {"outcome": "refused", "reason": "too dear"}
    assert not any(its for name, its in calls.asked.items() if name != "Prepare")


def test_what_needs_more_time_is_run_again(machine: Json) -> None:
    again = [{"next": "again", "seconds": 3}, {"next": "done"}]
    calls = Calls(
        Prepare=[{"next": "again"}, PREPARED],
        Stand=[{"next": "wait", "seconds": 5}, {"next": "ready", "arn": "arn:candidate"}],
        Gone_after_asking=[{"next": "wait", "seconds": 5}, {"next": "gone"}],
        Ask=again,
        Score=again,
    )
    _, output = walked(machine, calls)
    assert output["outcome"] == "complete"
    counted = {name: len(its) for name, its in calls.asked.items()}
    assert (counted["Prepare"], counted["Stand"], counted["Gone after asking"]) == (2, 2, 2)
    assert (counted["Ask"], counted["Score"]) == (4 + 1, 3 + 1)


@pytest.mark.parametrize(
    "answers",
    [
        {"Stand": Failure("Lambda.Unknown")},
        {"Stand": {"next": "something else"}},
        {"Ask": Failure("Lambda.Unknown")},
    ],
    ids=str,
)
def test_whatever_fails_while_there_is_a_candidate_it_is_seen_gone_and_the_run_fails(
    machine: Json, answers: dict[str, Any]
) -> None:
    calls = Calls(**answers, Gone_after_failure=[{"next": "wait", "seconds": 5}, {"next": "gone"}])
    walk = Walk(machine, calls.functions)
    with pytest.raises(Failure):
        walk.run({"evaluation": ID})
    assert len(calls.asked["Gone after failure"]) == 2
    assert calls.asked["Score"] == calls.asked["Reduce"] == []
    assert walk.states[-1] == "Failed"


@pytest.mark.parametrize("step", ["Ask", "Judge", "Score"])
def test_what_no_further_try_can_help_ends_the_run_with_the_reason(machine: Json, step: str) -> None:
    told = {"next": "done", "outcome": "failed", "reason": "nobody may ask it"}
    calls = Calls(Prepare={**PREPARED, "judges": True}, Why=told, **{step: {"next": "cannot"}})
    _, output = walked(machine, calls)
    assert output == told
    assert calls.asked["Why"] == [{"evaluation": ID, "run": RUN, "step": "why"}]
    assert len(calls.asked["Gone after failure"] + calls.asked["Gone after asking"]) == 1
    # The first child that cannot go on is the last one.
    assert len(calls.asked[step]) == 1
    assert calls.asked["Reduce"] == []


@pytest.mark.parametrize("step", ["Ask", "Judge", "Score"])
def test_what_fails_without_a_known_reason_is_a_failed_run(machine: Json, step: str) -> None:
    calls = Calls(Prepare={**PREPARED, "judges": True}, **{step: Failure("Lambda.Unknown")})
    with pytest.raises(Failure) as failed:
        walked(machine, calls)
    assert failed.value.error == "States.ExceedToleratedFailureThreshold"


def test_a_candidate_that_cannot_be_deployed_is_told_with_the_reason(machine: Json) -> None:
    calls = Calls(Stand={"next": "failed", "reason": "no quota"})
    _, output = walked(machine, calls)
    assert output == {"outcome": "failed", "reason": "no quota"}
    assert len(calls.asked["Gone after failure"]) == 1
    assert calls.asked["Ask"] == []


def test_every_call_says_which_evaluation_and_run_and_nothing_of_it(machine: Json) -> None:
    calls = Calls(
        Prepare={**PREPARED, "judges": True},
        Ask=[{"next": "again", "seconds": 1}, {"next": "done"}],
        Score={"next": "cannot"},
    )
    with pytest.raises(Failure):
        walked(machine, calls)
    known = {"evaluation", "run", "step", "target", "shard", "pace", "adapts", "arn"}
    for given in (each for its in calls.asked.values() for each in its):
        assert (given["evaluation"], given["run"]) == (ID, RUN)
        assert given.keys() <= known


def test_the_parent_stays_far_below_25_000_events(machine: Json) -> None:
    calls = Calls(Prepare={**PREPARED, "shards": [*range(4_000)], "targets": []})
    walk, _ = walked(machine, calls)
    # Children of a map have histories of their own; each state of the parent has at most some five events.
    parent = [state for state in walk.states if state not in ("Score", "Score again?", "Score done")]
    assert len(parent) < 30


def test_no_data_of_an_execution_is_logged_and_its_history_is_encrypted(machine: Json) -> None:
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False
    assert machine["EncryptionConfiguration"]["Type"] == "CUSTOMER_MANAGED_KMS_KEY"
    assert machine["TracingConfiguration"]["Enabled"] is True


def test_after_a_run_that_died_the_candidate_goes(foreign: ForeignStack) -> None:
    template = foreign.template()
    candidate = logical_id(foreign.evaluations.functions.candidate.function)
    (rule,) = (
        each["Properties"]
        for each in resources_of_type(template, "AWS::Events::Rule").values()
        if each["Properties"]["Targets"][0]["Arn"] == {"Fn::GetAtt": [candidate, "Arn"]}
    )
    assert rule["EventPattern"]["detail"]["status"] == ["FAILED", "TIMED_OUT", "ABORTED"]
    machine = logical_id(foreign.evaluations.state_machine)
    assert rule["EventPattern"]["detail"]["stateMachineArn"] == [{"Ref": machine}]
    # An encrypted input is in no event, so the name of the run says which evaluation it was.
    (target,) = rule["Targets"]
    assert target["InputTransformer"] == {
        "InputPathsMap": {"detail-name": "$.detail.name"},
        "InputTemplate": '{"run":<detail-name>,"step":"gone"}',
    }
