"""Finds the trainings of a model, which Bedrock never forgets, and reads what they left. Every call only reads."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.resources import training_metrics as metrics
from settings import SettingsError
from settings.folder import model_file
from settings.toml_file import read_toml, table
from tune.account.aws import Aws
from tune.metrics.training import TrainingLosses, training_of
from tune.pictures.lines import MOST_LINES
from tune.terminal.environments import EnvironmentRef
from tune.terminal.exit_codes import ExitCode
from tune.terminal.problems import CannotBeDone

EVERY: Final = "all"


class NoTraining(CannotBeDone):
    """There is no such training; the message names those there are, or what to do."""

    code = ExitCode.FAILED


class Trainings:
    """The trainings of one model in one environment, by their ids, the newest first."""

    def __init__(self, aws: Aws, ref: EnvironmentRef, model: str) -> None:
        self._bedrock = aws("bedrock")
        self._s3 = aws("s3")
        self._prefix = contract.name_prefix(model, ref.name)
        self._ref, self._model = ref, model
        self.ids = tuple(self._ids())

    def one(self, id_: str | None = None) -> TrainingLosses:
        """Return a training by its id or its name; the newest where none is named. Raises NoTraining."""
        if not self.ids:
            raise NoTraining(self._none())
        return self._read(self._known(id_) if id_ else self.ids[0])

    def beside(self, first: TrainingLosses, others: Sequence[str]) -> tuple[TrainingLosses, ...]:
        """Return a training and others, as many as can be drawn; EVERY is all of them, the newest first."""
        ids = [each for each in (self.ids if EVERY in others else map(self._known, others)) if each != first.id]
        most = MOST_LINES - 1
        if len(ids) > most and EVERY not in others:
            raise CannotBeDone(f"at most {most} training runs can be compared with one (got {len(ids)}): name fewer")
        return (first, *(self._read(each) for each in dict.fromkeys(ids[:most])))

    def left_out(self, shown: Sequence[TrainingLosses]) -> tuple[str, ...]:
        """Return the ids of the trainings that are not among those shown."""
        ids = {its.id for its in shown}
        return tuple(each for each in self.ids if each not in ids)

    def _ids(self) -> Iterator[str]:
        pages = self._bedrock.get_paginator("list_model_customization_jobs").paginate(
            nameContains=self._prefix, sortBy="CreationTime", sortOrder="Descending"
        )
        for page in pages:
            for its in page.get("modelCustomizationJobSummaries", ()):
                if contract.is_name_of(its["jobName"], model=self._model, environment=self._ref.name):
                    yield its["jobName"].removeprefix(self._prefix)

    def _known(self, named: str) -> str:
        id_ = named.removeprefix(self._prefix)
        if id_ not in self.ids:
            there_are = f"there are {', '.join(self.ids)}" if self.ids else self._none()
            raise NoTraining(f"no training run of {self._model} in {self._ref.name} is named {named!r}: {there_are}")
        return id_

    def _read(self, id_: str) -> TrainingLosses:
        job = self._bedrock.get_model_customization_job(jobIdentifier=f"{self._prefix}{id_}")
        bucket, folder = metrics.place(job["outputDataConfig"]["s3Uri"], job["jobArn"])
        training = training_of(job, id_, f"s3://{bucket}/{folder}")
        found = metrics.look(self._s3, bucket, folder, is_finished=not training.is_running)
        return replace(training, losses=found.losses, has_file=bool(found.training_key or found.validation_key))

    def _none(self) -> str:
        """Say why there is no training, as far as the model's file tells."""
        ref, model = self._ref, self._model
        giver = _giver(model_file(ref.folder, ref.name, model))
        here = f"{ref.name} has no training run of {model} in account {ref.account}, {ref.region}"
        if giver:
            return f"{here}: it serves the model of {giver}, so run python -m tune metrics {giver} {model}{ref.option}"
        return f"{here}: train it with python -m tune deploy {ref.arguments_of(model)}, or correct the model's name"


def _giver(file: Path) -> str:
    """Return the environment whose model a file serves; nothing where it trains, is wrong, or does not exist."""
    try:
        giver = table(read_toml(file), "promotion").get("from")
    except SettingsError:
        return ""
    return giver if isinstance(giver, str) else ""
