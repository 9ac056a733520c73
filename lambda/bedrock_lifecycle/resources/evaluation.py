"""Drives `Custom::BedrockEvaluation`: starts and stops runs of its workflow, and waits for none of them."""

from collections.abc import Mapping
from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import EVALUATION_ID, EXECUTION, NO_EXECUTION, EvaluationProperties
from bedrock_lifecycle.contract.evaluation_store import plan_key, summary_key
from bedrock_lifecycle.decisions import evaluation as table
from bedrock_lifecycle.decisions.actions import Create, Delete, Done, Refuse, Stop, Wait
from bedrock_lifecycle.decisions.evaluation_run import EvaluationRun
from bedrock_lifecycle.decisions.table import decide
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.outcome import Failed, Outcome, Refusal, Settled, Waiting
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.preflight.desired import DesiredEvaluation
from bedrock_lifecycle.preflight.facts import TargetLocation
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.preflight.readers.reading import Patience
from bedrock_lifecycle.resources.attempts import elapsed, model_may_appear
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.candidates import Candidates
from bedrock_lifecycle.resources.evaluation_planning import plan_of
from bedrock_lifecycle.resources.evaluation_runs import EvaluationRuns, newest

KIND: Final = "evaluation"


def physical_id(request: Request) -> PhysicalId:
    # Constant: another evaluation is no replacement, whose cleanup would stop what a rollback goes back to.
    properties = EvaluationProperties(request.properties)
    return PhysicalId(KIND, f"{properties.name}-{properties.environment}")


class Evaluation:
    """The runs of one model's evaluations, and what they leave in Bedrock."""

    def __init__(self, bedrock: Bedrock, preflight: Preflight, runs: EvaluationRuns, store: Store) -> None:
        self._bedrock = bedrock
        self._preflight = preflight
        self._runs = runs
        self._store = store
        self._candidates = Candidates(bedrock)

    def reconcile(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        desired = EvaluationProperties(turn.request.properties)
        listed = {} if turn.is_rollback else self._runs.listed()
        facts = self._facts(turn, desired, listed)
        match decide(table.ROWS, facts):
            case Refuse(reason):
                return Failed(reason)
            case Wait(detail):
                return Waiting(detail)
            case Stop():
                return self._stop(turn, facts.others)
            case Delete():
                return self._remove(turn, facts.left)
            case Create():
                return self._start(turn, desired, facts, newest(listed, desired.evaluation_id))
            case Done(detail) if facts.going:
                return self._follow(turn, desired, facts, facts.going, detail)
            case Done(detail):
                return _settled(desired, facts.ended.arn if facts.ended else NO_EXECUTION, detail)
        raise AssertionError("an evaluation starts, stops, deletes, waits, refuses or is done")

    def undo(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        raise Refusal("a run is never undone: it is paid for, and will be followed")

    def _facts(self, turn: Turn, desired: EvaluationProperties, listed: Mapping[str, EvaluationRun]) -> table.Facts:
        event, wanted = turn.request.request_type, desired.evaluation_id
        if turn.is_rollback:
            # A rollback reads nothing that it does not need: it must not fail.
            return table.Facts(event=event, evaluation=wanted, rolling_back=True)
        going = {name: run for name, run in listed.items() if run.is_going}
        own = {name for name in going if contract.run_number(name, wanted)}
        known = own | {name for name, run in going.items() if name not in own and self._is_ours(turn, run)}
        unseen = turn.known.unseen(turn.now) - listed.keys()
        needed = {contract.evaluation_of(name) for name in known | unseen}
        if event == "Delete":
            ends = bool(known or unseen) and turn.stack_goes_for_good()
            return table.Facts(
                event=event,
                evaluation=wanted,
                stack_goes_for_good=ends,
                others=tuple(going[name] for name in sorted(known)),
                unseen=tuple(sorted(unseen)),
                left=self._candidates.left(turn, desired, needed=() if ends else needed),
            )
        is_complete = self._store.has(summary_key(wanted))
        return table.Facts(
            event=event,
            evaluation=wanted,
            is_complete=is_complete,
            going=going[contract.evaluation_run(wanted, newest(going, wanted))] if own else None,
            ended=listed.get(turn.entry.asked),
            others=tuple(going[name] for name in sorted(known - own)),
            unseen=tuple(sorted(name for name in unseen if contract.evaluation_of(name) != wanted)),
            left=self._candidates.left(turn, desired, needed=needed | (set() if is_complete else {wanted})),
            **self._model_facts(turn, desired.complete()),
        )

    def _is_ours(self, turn: Turn, run: EvaluationRun) -> bool:
        """Tell whether this resource started a run, or one of an earlier stack of this name did, and left it."""
        if run.name in turn.known.set_out:
            return True
        described = self._runs.described(run.arn)
        return described is not None and described.owner == turn.request.stack_owner

    def _model_facts(self, turn: Turn, desired: EvaluationProperties) -> dict[str, Any]:
        name = desired.training_name
        model = self._bedrock.model(name)
        job = self._bedrock.job(name) if model is None else None
        return {
            "training_name": name,
            "giver": desired.model_environment or "",
            "model": model,
            "job": job,
            "job_ran": elapsed(job, turn.now) if job else "",
            "job_is_late": job is not None and job.is_late(turn.now),
            "model_may_appear": job is not None and model_may_appear(job, turn.now, turn.entry.began),
        }

    def _start(self, turn: Turn, desired: EvaluationProperties, facts: table.Facts, last: int) -> Outcome:
        patience = Patience(fresh=turn.is_fresh, again=turn.looks() == 0)
        place = TargetLocation.of(turn.request.stack_id)
        looked = self._preflight.evaluation(
            DesiredEvaluation.read(desired, self._store.bucket), place, turn.now, patience
        )
        if looked.problems:
            return Failed(f"{looked.refusal()}; no request was sent to a model")
        self._write_plan(turn, desired, facts)
        evaluation = desired.evaluation_id
        # One that this request set out to start and nobody sees may be there: then its name is taken.
        run = turn.entry.asked or contract.evaluation_run(evaluation, last + 1)
        turn.has_asked_for(run)
        turn.about_to_create(run, undoes=False)
        return _settled(desired, self._runs.start(run, evaluation, turn.request.stack_owner), looked.remark())

    def _follow(
        self, turn: Turn, desired: EvaluationProperties, facts: table.Facts, going: EvaluationRun, detail: str
    ) -> Settled:
        if facts.model:
            self._write_plan(turn, desired, facts)
        turn.expects(going.name)
        return _settled(desired, going.arn, detail)

    def _write_plan(self, turn: Turn, desired: EvaluationProperties, facts: table.Facts) -> None:
        plan = plan_of(
            desired,
            model_arn=facts.model.arn if facts.model else "",
            owner=turn.request.stack_owner,
            foundation=self._bedrock.foundation,
        )
        self._store.write(plan_key(plan.id), plan.to_json().encode())

    def _stop(self, turn: Turn, runs: tuple[EvaluationRun, ...]) -> Waiting:
        for run in runs:
            # Before, so that what the run may yet make is looked for.
            turn.about_to_delete(run.name)
            self._runs.stop(run)
        return Waiting(f"evaluation run {', '.join(run.name for run in runs)} is stopping")

    def _remove(self, turn: Turn, names: tuple[str, ...]) -> Waiting:
        details = [
            outcome.detail for name in names if isinstance(outcome := self._candidates.remove(turn, name), Waiting)
        ]
        return Waiting("; ".join(details) or "candidates are gone")


def _settled(desired: EvaluationProperties, execution: str, detail: str) -> Settled:
    return Settled({EVALUATION_ID: desired.evaluation_id, EXECUTION: execution}, detail)
