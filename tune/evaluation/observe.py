"""Looks at the evaluations of an environment: what stacks ask for, and what goes on. Every call only reads."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import EvaluationProperties, QualityGateProperties
from bedrock_lifecycle.contract.properties import Properties
from tune.account import candidates
from tune.account.aws import Aws
from tune.account.evaluation_place import EvaluationPlace, find_place
from tune.account.location import place_of
from tune.account.stacks import StackReader, known_values
from tune.account.templates import Template, of_type, resolved
from tune.evaluation.facts import Ending, EvaluationFacts, State
from tune.evaluation.reader import EvaluationReader, seen
from tune.terminal.environments import EnvironmentRef


class EvaluationObserver:
    """Looks at the evaluations of one environment's models, as often as it is asked."""

    def __init__(self, aws: Aws, of: EnvironmentRef) -> None:
        self._aws = aws
        self._of = of
        self._place: EvaluationPlace | None = None

    def look(self, stacks: Iterable[str], now: datetime) -> Iterator[EvaluationFacts]:
        """Yield the evaluation that each of some Evaluation stacks asks for, and those whose runs go on besides."""
        cloudformation = StackReader(self._aws("cloudformation"))
        going, unseen = self._going(cloudformation)
        known = known_values(cloudformation.find(self._of.foundation), place_of(self._of))
        for name in stacks:
            template, why_not = seen(lambda name=name: cloudformation.template(name))  # type: ignore[misc]
            if template is None:
                yield EvaluationFacts(id="", training=name, state="not seen", unseen=why_not)
                continue
            found, why_not = seen(partial(self._wanted, template, known, going, now, unseen))
            if why_not:
                yield EvaluationFacts(id="", training=name, state="not seen", unseen=why_not)
            if found:
                going = [each for each in going if each != found.id]
                yield found
        for evaluation in going:
            if found := self._under_way(evaluation, self._of.stacks("Evaluation")):
                yield found

    def under_way(self, evaluation: str) -> EvaluationFacts | None:
        """Return an evaluation by its id; None unless a run of it goes on, and that is seen."""
        going, _ = self._going(StackReader(self._aws("cloudformation")))
        return self._under_way(evaluation) if evaluation in going else None

    def failed(self, evaluation: str) -> EvaluationFacts | None:
        """Return an evaluation by its id, whether or not a stack has it; None unless its last run lacked answers."""
        going, _ = self._going(StackReader(self._aws("cloudformation")))
        if self._place is None or evaluation in going:
            return None
        reader = EvaluationReader(self._aws, self._place, evaluation)
        ending, numbers, where = reader.ended()
        if ending != "failed":
            return None
        return EvaluationFacts(
            id=evaluation,
            training=numbers.model if numbers else "",
            state=ending,
            numbers=numbers,
            numbers_at=where,
            is_wanted=False,
            unseen=reader.unseen,
        )

    def _going(self, stacks: StackReader) -> tuple[list[str], str]:
        """Return the evaluations whose runs go on, and why that was not seen."""
        why_not = ""
        if self._place is None:
            self._place, why_not = seen(lambda: find_place(stacks, self._of.foundation))
        if self._place is None:
            return [], why_not
        runs, why_not = seen(lambda: candidates.going(self._aws, self._of.foundation))
        return [*dict.fromkeys(contract.evaluation_of(run.name) for run in runs or ())], why_not

    def _wanted(
        self, template: Template, known: Mapping[str, str], going: Sequence[str], now: datetime, unseen: str
    ) -> EvaluationFacts | None:
        """Return the evaluation of a template; None where it asks for none."""
        found = list(of_type(template, contract.EVALUATION).values())
        if not found:
            return None
        its = EvaluationProperties(Properties(resolved(found[0].properties, known)))
        its_id, training = its.evaluation_id, its.training_name
        if self._place is None:
            return EvaluationFacts(id=its_id, training=training, state="not seen", unseen=unseen)
        reader = EvaluationReader(self._aws, self._place, its_id)
        ending, numbers, where = reader.ended(goes_on=its_id in going)
        is_going = its_id in going and ending != "complete"
        plan = reader.plan() if is_going else None
        gates = of_type(template, contract.QUALITY_GATE).values()
        gate = next((QualityGateProperties(Properties(resolved(each.properties, known))) for each in gates), None)
        return EvaluationFacts(
            id=its_id,
            training=training,
            max_tokens=its.max_tokens,
            numbers=numbers,
            numbers_at=where,
            gate=reader.gate(gate, now) if gate else None,
            asked=reader.asked(plan) if plan else (),
            tokens=None if ending == "complete" else reader.tokens(its.max_tokens),
            unseen="; ".join(filter(None, (reader.unseen, unseen))),
            state=_state(ending, is_going=is_going, unseen=reader.unseen or unseen),
        )

    def _under_way(self, evaluation: str, stacks: Sequence[str] | None = None) -> EvaluationFacts | None:
        """Return an evaluation that goes on, by its plan; None for one that none of the stacks has asked for."""
        if self._place is None:
            return None
        reader = EvaluationReader(self._aws, self._place, evaluation)
        plan = reader.plan()
        if plan is None and stacks is not None and self._of.named:
            return None  # it may be another model's
        if plan is None:
            return EvaluationFacts(id=evaluation, training="", state="under way", is_wanted=False, unseen=reader.unseen)
        if stacks is not None and plan.owner.rpartition("/")[2] not in stacks:
            return None
        return EvaluationFacts(
            id=evaluation,
            training=plan.tuned.model,
            state="under way",
            max_tokens=plan.max_tokens,
            asked=reader.asked(plan),
            tokens=reader.tokens(plan.max_tokens),
            is_wanted=stacks is None,
            unseen=reader.unseen,
        )


def _state(ending: Ending | None, *, is_going: bool, unseen: str) -> State:
    if is_going:
        return "under way"
    if ending:
        return ending
    return "not seen" if unseen else "not complete"
