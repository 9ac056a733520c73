"""The look before spending: what would make a job, a purchase or a deployment fail, told together and beforehand."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from bedrock_lifecycle.preflight import report, tables
from bedrock_lifecycle.preflight.checks import base_model
from bedrock_lifecycle.preflight.desired import (
    DesiredDeployment,
    DesiredEvaluation,
    DesiredPromotion,
    DesiredThroughput,
    DesiredTraining,
)
from bedrock_lifecycle.preflight.facts import Base, NotChecked, TargetLocation
from bedrock_lifecycle.preflight.gather import Gatherer, base_of
from bedrock_lifecycle.preflight.readers.bedrock import BedrockReader
from bedrock_lifecycle.preflight.readers.reading import READ_FOR_SECONDS, Aws, Patience, Reading
from bedrock_lifecycle.preflight.report import PreflightReport, Verdict

_NOT_PATIENT: Final = Patience()


class Preflight:
    """Reads, and changes nothing. `aws` gives a client by the service's name; `seconds` bounds the reading."""

    def __init__(self, aws: Aws, *, seconds: float = READ_FOR_SECONDS) -> None:
        self._aws = aws
        self._seconds = seconds

    def base_model(self, base_model_id: str, customization_type: str, now: datetime) -> Verdict:
        """Look at the base model of a customization job alone."""
        bedrock = BedrockReader(self._reading())
        base = base_of(bedrock, base_model_id, customization_type, now, base_model.for_training)
        return base_model.for_training(base)

    def warning_of_promotion(self, base_model_id: str, now: datetime, *, buys: bool) -> str:
        """Look at the base model of what is to be promoted alone; return what is wrong with it or ahead of it."""
        found = BedrockReader(self._reading()).base_model(base_model_id)
        unread = NotChecked("not requested")
        base = Base(id=base_model_id, customization_type=None, found=found, active=unread, now=now)
        return base_model.warning(base, buys=buys)

    def training(
        self, asked: DesiredTraining, place: TargetLocation, now: datetime, patience: Patience = _NOT_PATIENT
    ) -> PreflightReport:
        """Look before a customization job."""
        gatherer = Gatherer(self._reading(patience), place)
        found = report.run(tables.TRAINING, gatherer.training(asked, now))
        return report.PreflightReport((*found.findings, *_not_looked_at(asked)))

    def purchase(
        self, asked: DesiredThroughput, place: TargetLocation, now: datetime, patience: Patience = _NOT_PATIENT
    ) -> PreflightReport:
        """Look before a Provisioned Throughput is bought."""
        gatherer = Gatherer(self._reading(patience), place)
        return report.run(tables.PURCHASE, gatherer.purchase(asked, now))

    def deployment(
        self, asked: DesiredDeployment, place: TargetLocation, patience: Patience = _NOT_PATIENT
    ) -> PreflightReport:
        """Look before a custom model is deployed on demand."""
        gatherer = Gatherer(self._reading(patience), place)
        return report.run(tables.DEPLOYMENT, gatherer.deployment(asked))

    def promotion(
        self, asked: DesiredPromotion, place: TargetLocation, now: datetime, patience: Patience = _NOT_PATIENT
    ) -> PreflightReport:
        """Look before another environment's model is taken."""
        gatherer = Gatherer(self._reading(patience), place)
        return report.run(tables.PROMOTION, gatherer.promotion(asked, now))

    def evaluation(
        self, asked: DesiredEvaluation, place: TargetLocation, now: datetime, patience: Patience = _NOT_PATIENT
    ) -> PreflightReport:
        """Look before a run of an evaluation is started."""
        gatherer = Gatherer(self._reading(patience), place)
        return report.run(tables.EVALUATION, gatherer.evaluation(asked, now))

    def _reading(self, patience: Patience = _NOT_PATIENT) -> Reading:
        return Reading(self._aws, patience=patience, seconds=self._seconds)


def _not_looked_at(asked: DesiredTraining) -> Iterator[report.CheckResult]:
    """Yield what the job will meet and nothing here reads: it is named, so that nobody takes it for checked."""
    if network := (*asked.subnet_ids, *asked.security_group_ids):
        why = (
            f"nothing checks {', '.join(network)}: make sure that they exist, are in one VPC and let the job reach "
            "Amazon S3"
        )
        yield report.CheckResult("network", "the job's network", NotChecked(why))
