"""A bake as a resource: what serves is asked, and alarms are read, before a deployment counts as good."""

from collections.abc import Sequence
from math import ceil

from aws_cdk import CustomResource
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.serving_bake import HAS_BAKED, ServingBakeProperties
from bedrock_tuning.common.remedies import Remedies
from bedrock_tuning.data.data_store import DataStore
from bedrock_tuning.lifecycle.lifecycle_workflow import LifecycleWorkflow
from bedrock_tuning.serving.served_model import ServedModel
from bedrock_tuning.spending.metadata import tell_spending
from bedrock_tuning.spending.words import Spending, bake_spending


class ServingBake(Construct):
    """Asks what serves some questions, then reads alarms for some minutes. If it fails, CloudFormation rolls back.

    The new model answers meanwhile, and after the rollback the one before it. It bakes whenever the stack changes the
    model or what serves it, or the bake itself. A question is a record of a data file in the format of the base model,
    and the answer is right if it contains the record's. Neither gets into a log, an event, a message or a history.

    A model of this environment that has passed carries the tag `bedrock-tuning:bake` with `passed`, one that has not
    with `failed`. What was bought with a commitment in the same deployment is not baked: set `commit_baked_only` of the
    `ProvisionedThroughput`, so that it is only bought for a model that has passed. Foundation needs `allow_baking`.

    Args:
        served_model: What serves the model.
        data_store: The data store that has the questions at `test/<sha256>.jsonl`, where a `Dataset` of the split
            `test` puts them.
        workflow: The lifecycle that manages it.
        questions_sha256: SHA-256 of the file with the questions, which has at most 4 MiB.
        questions: How many of its records are asked, from the first on, 1 to 50.
        max_output_tokens: The most output tokens of an answer, 1 to 1,000. No default, because it bounds what a bake
            costs.
        right: How many answers must be right. Default: all.
        alarms: At most 10 alarms of this account and Region; one in ALARM fails the bake. Default: none.
        minutes: How long the alarms are watched, 0 to 720. Default: 30 with alarms, otherwise 0.
        reconcile: Raise it by one to bake again. Default: 0.
        remedies: Your app's commands, for the message about questions that are not there. Default: none.

    Attributes:
        resources: The custom resources, one for each 45 minutes.
        spending: What it asks and how that is billed, as texts by name, for your own outputs.

    Raises:
        ValueError: For values out of bounds, or a commitment without `commit_baked_only`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        served_model: ServedModel,
        data_store: DataStore,
        workflow: LifecycleWorkflow,
        questions_sha256: str,
        questions: int,
        max_output_tokens: int,
        right: int | None = None,
        alarms: Sequence[cloudwatch.IAlarm] = (),
        minutes: int | None = None,
        reconcile: int = 0,
        remedies: Remedies | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        _check("questions", questions, 1, contract.MAX_BAKE_QUESTIONS)
        _check("max_output_tokens", max_output_tokens, 1, contract.MAX_BAKE_OUTPUT_TOKENS)
        right = questions if right is None else right
        _check("right", right, 1, questions)
        minutes = (contract.BAKE_MINUTES if alarms else 0) if minutes is None else minutes
        _check("minutes", minutes, 0, contract.MAX_BAKE_MINUTES)
        if len(alarms) > contract.MAX_BAKE_ALARMS:
            raise ValueError(f"`alarms` must be at most {contract.MAX_BAKE_ALARMS} alarms (got {len(alarms)})")
        if served_model.commitment_duration and not served_model.commit_baked_only:
            why = "what is bought with a commitment cannot be given back by a bake that fails"
            raise ValueError(f"`served_model` must have `commit_baked_only` set beside a commitment: {why}")
        # Last of all that serves, the parameter that applications read among it.
        self.node.add_dependency(served_model)
        self.spending: Spending = bake_spending(
            questions=questions, right=right, max_output_tokens=max_output_tokens, alarms=len(alarms), minutes=minutes
        )
        self.resources: list[CustomResource] = []
        steps = max(ceil(minutes / contract.RUNG_MINUTES), 1)
        for step in range(1, steps + 1):
            asks = step == 1
            resource = workflow.custom_resource(
                self,
                f"Bake{step}",
                resource_type=contract.SERVING_BAKE,
                properties=ServingBakeProperties.write(
                    served_arn=served_model.model_id,
                    model=served_model.model,
                    commitment_duration=served_model.commitment_duration,
                    questions_uri=data_store.uri(contract.data_key("test", questions_sha256)) if asks else None,
                    questions_sha256=questions_sha256 if asks else None,
                    push=remedies.push if remedies else None,
                    questions=questions,
                    right=right,
                    max_output_tokens=max_output_tokens,
                    alarms=[each.alarm_name for each in alarms],
                    minutes=min(minutes - (step - 1) * contract.RUNG_MINUTES, contract.RUNG_MINUTES),
                    step=step,
                    steps=steps,
                    first_has_baked=None if asks else self.resources[0].get_att_string(HAS_BAKED),
                    reconcile=reconcile,
                ),
            )
            if self.resources:
                resource.node.add_dependency(self.resources[-1])
            self.resources.append(resource)
        tell_spending(self.resources[0], self.spending)


def _check(name: str, value: int, minimum: int, maximum: int) -> None:
    if not minimum <= value <= maximum:
        raise ValueError(f"`{name}` must be {minimum} to {maximum} (got {value})")
