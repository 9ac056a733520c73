"""Finds an evaluation of a model in the environment's bucket, and reads what a report shows. Every call only reads."""

import ipaddress
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import EvaluationProperties, GateProperties, QualityGateProperties
from bedrock_lifecycle.contract.evaluation_identity import EvaluationInputs
from bedrock_lifecycle.contract.evaluation_store import SUMMARIES, failed_summary_key, plan_key, summary_key
from bedrock_lifecycle.contract.properties import BadProperty, Properties
from bedrock_lifecycle.decisions.gate_verdict import GateVerdict
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.evaluation.stored.summary import Summary
from bedrock_lifecycle.resources.gate_reading import judged_gate
from settings import Model, SettingsError
from settings.promotion import named_givers
from tune.account import inventory
from tune.account.aws import Aws
from tune.account.clients import answered
from tune.account.evaluation_place import find_place
from tune.account.location import place_of
from tune.account.stacks import StackReader, known_values
from tune.account.templates import Template, of_type, resolved
from tune.metrics.observe import Trainings
from tune.metrics.training import TrainingLosses
from tune.report.facts import Asked, GateFacts, Report
from tune.report.outcomes import outcomes
from tune.report.words_of_records import contents
from tune.terminal.environments import EnvironmentRef, find
from tune.terminal.exit_codes import ExitCode
from tune.terminal.problems import CannotBeDone

_MOST_NAMED: Final = 10


class NoEvaluation(CannotBeDone):
    """There is no such evaluation; the message names those there are, or what to do."""

    code = ExitCode.FAILED


class Evaluations:
    """The evaluations of one model in one environment, whose numbers are stored."""

    def __init__(self, aws: Aws, ref: EnvironmentRef, model: str) -> None:
        self._aws, self._ref, self._model = aws, ref, model
        place = find_place(StackReader(aws("cloudformation")), ref.foundation)
        # What was found stays where it is when nothing is evaluated any more.
        bucket = inventory.bucket_of(aws, ref, place.bucket if place else None)
        if bucket is None:
            raise NoEvaluation(f"{ref.foundation} does not exist, or has no bucket: {self._how_to_evaluate()}")
        self._store = Store(aws("s3"), bucket)

    def report(self, evaluation: str | None, now: datetime, *, with_content: bool) -> Report:
        """Return the report of an evaluation, by default of the newest; raise NoEvaluation, or `Expired`."""
        key, numbers = self._one(evaluation)
        template, known = self._stack()
        settings = self._settings(numbers)
        asked = self._asked(numbers, template, known, settings)
        training, why_not = answered(lambda: self._training(numbers))
        return Report(
            environment=self._ref.name,
            model=self._model,
            numbers=numbers,
            has_failed=key == failed_summary_key(numbers.evaluation),
            asked=asked,
            gate=self._gate(key, numbers, template, known, settings, now),
            outcomes=outcomes(self._store, asked.inputs, numbers) if asked else (),
            training=training,
            no_training=why_not,
            is_simulated=_is_local(self._aws("s3")),
            contents=contents(self._store, asked.inputs if asked else None, numbers) if with_content else None,
        )

    def _one(self, evaluation: str | None) -> tuple[str, Summary]:
        others: list[str] = []
        for key in self._newest_first():
            numbers = Summary.from_json(self._store.read(key))
            if not self._is_ours(numbers):
                continue
            if evaluation in (None, numbers.evaluation):
                return key, numbers
            others.append(numbers.evaluation)
        if not others:
            raise NoEvaluation(
                f"{self._ref.name} has no numbers of an evaluation of {self._model}: {self._how_to_evaluate()}"
            )
        there_are = ", ".join(list(dict.fromkeys(others))[:_MOST_NAMED])
        raise NoEvaluation(
            f"no evaluation of {self._model} in {self._ref.name} is named {evaluation!r}: the newest are {there_are}"
        )

    def _newest_first(self) -> Iterator[str]:
        pages = self._aws("s3").get_paginator("list_objects_v2").paginate(Bucket=self._store.bucket, Prefix=SUMMARIES)
        found = [each for page in pages for each in page.get("Contents", ())]
        # One that stopped at its bound is older than the numbers of all records, if these are there.
        return (each["Key"] for each in sorted(found, key=lambda its: (its["LastModified"], its["Key"]), reverse=True))

    def _is_ours(self, numbers: Summary) -> bool:
        environments = (self._ref.name, *named_givers(self._ref.folder, self._ref.name))
        return any(contract.is_name_of(numbers.model, model=self._model, environment=each) for each in environments)

    def _stack(self) -> tuple[Template, dict[str, str]]:
        """Return what the stack that evaluates was deployed from, and the values of its references."""
        stacks = StackReader(self._aws("cloudformation"))
        (name,) = self._ref.about([self._model]).stacks("Evaluation")
        known = known_values(stacks.find(self._ref.foundation), place_of(self._ref))
        return stacks.template(name) if stacks.find(name) else {}, known

    def _settings(self, numbers: Summary) -> Model | None:
        """Return the settings that ask for this evaluation: a stack that the gate has refused is rolled back."""
        try:
            (found,) = find(self._ref.folder, self._ref.name, self._model).settings
        except (SettingsError, CannotBeDone):
            return None
        inputs = found.evaluation_inputs
        return found if inputs and inputs.id == numbers.evaluation else None

    def _asked(
        self, numbers: Summary, template: Template, known: dict[str, str], settings: Model | None
    ) -> Asked | None:
        for its in of_type(template, contract.EVALUATION).values():
            wanted = EvaluationProperties(Properties(resolved(its.properties, known)))
            # A template of other code may say it otherwise.
            with suppress(BadProperty):
                if wanted.evaluation_id == numbers.evaluation:
                    return Asked(inputs=wanted.inputs, max_tokens=wanted.max_tokens)
        if settings and settings.evaluation and settings.evaluation_inputs:
            return Asked(inputs=settings.evaluation_inputs, max_tokens=settings.evaluation.max_tokens)
        # Last, since who may read numbers need not be allowed to read what lies beside questions and answers.
        body, _ = answered(lambda: self._store.found(plan_key(numbers.evaluation)))
        if body is None:
            return None
        plan = EvaluationPlan.from_json(body)
        inputs = EvaluationInputs(
            questions=plan.questions,
            targets=plan.targets,
            max_output_tokens=plan.max_output_tokens,
            metrics=plan.metrics,
            judge=plan.judge,
        )
        return Asked(inputs=inputs, max_tokens=plan.max_tokens)

    def _gate(
        self,
        key: str,
        numbers: Summary,
        template: Template,
        known: dict[str, str],
        settings: Model | None,
        now: datetime,
    ) -> GateFacts | None:
        try:
            required = _deployed_gate(numbers, template, known) or _gate_of(numbers, settings)
            if required is None:
                return None
            complete = numbers if key == summary_key(numbers.evaluation) else None
            verdict, judged = judged_gate(self._store, required, numbers.model, now, complete)
        except BadProperty as problem:  # a template of other code may say it otherwise
            return GateFacts(verdict=GateVerdict(evaluation=numbers.evaluation, told=str(problem)), judged=None)
        return GateFacts(verdict=verdict, judged=judged)

    def _training(self, numbers: Summary) -> TrainingLosses:
        return Trainings(self._aws, self._ref, self._model).one(numbers.model)

    def _how_to_evaluate(self) -> str:
        return f"evaluate it with python -m tune evaluate {self._ref.arguments_of(self._model)}"


def _deployed_gate(numbers: Summary, template: Template, known: dict[str, str]) -> GateProperties | None:
    for its in of_type(template, contract.QUALITY_GATE).values():
        found = QualityGateProperties(Properties(resolved(its.properties, known)))
        if found.gate_evaluation_id == numbers.evaluation:
            return found
    return None


def _gate_of(numbers: Summary, settings: Model | None) -> GateProperties | None:
    if settings is None or settings.gate is None:
        return None
    gate = settings.gate
    written = GateProperties.write_gate(
        evaluation_id=numbers.evaluation,
        requirements=[each.to_text() for each in gate.require],
        confidence=gate.confidence,
        accepted=gate.accept.evaluation if gate.accept else None,
        accepted_until=gate.accept.until.isoformat() if gate.accept else None,
    )
    return GateProperties(Properties(written))


def _is_local(client: Any) -> bool:
    """Tell whether a client speaks with this machine, where only a simulation answers."""
    host = urlsplit(getattr(getattr(client, "meta", None), "endpoint_url", "")).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
