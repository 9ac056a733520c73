"""Tells people that a training run has ended, also when no deployment waits for it any more."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_tuning.common.naming import check_environment
from bedrock_tuning.common.remedies import Remedies
from bedrock_tuning.common.types import GivenKey, GivenRole, GivenTopic
from bedrock_tuning.training.training_reconciler import TrainingReconciler

# Amazon Bedrock user guide, "Monitor Amazon Bedrock job state changes using Amazon EventBridge".
_SOURCE: Final = "aws.bedrock"
_STATE_CHANGE: Final = "Model Customization Job State Change"
_ENDED: Final = ("Completed", "Failed", "Stopped")


class TrainingNotifications(Construct):
    """Publishes one message to an SNS topic when a training run of one environment has ended, or does not start.

    Put it into the stack of the service role: a training run outlives the deployment that waits for it, and the stack
    that started it may be rolled back in the meantime. Bedrock sends these events as best effort, so a message can be
    missing; the lifecycle depends on none of them. The message has the job's name and status but no reason, since
    Bedrock's reason may quote the data.

    Args:
        environment: The environment, as for `ModelCustomization`; it publishes for the training runs of all its models.
        service_role: The role of the training runs. Job names do not distinguish `eu` from `test-eu`, but the role
            does. If both environments train with the same role, one also publishes for the other's training runs.
        key: Encrypts the topic; see `OperationsKey`. EventBridge may use it without a condition on the source, because
            it sends none (Amazon SNS developer guide, "Managing Amazon SNS encryption keys and costs"). Only for a new
            topic.
        reconciler: The reconciler of the training runs. It then reports, once while a deployment waits, that a training
            run has been in progress for hours and has not started. Default: none; then nothing reports that.
        email: Addresses that get the messages, once each has confirmed its Amazon SNS subscription. Default: none;
            subscribe to the topic yourself.
        topic: An existing topic. Its policy and its key's policy must let `events.amazonaws.com` publish, without a
            condition (Amazon EventBridge user guide, "Troubleshooting Amazon EventBridge"). Default: a new topic.
        remedies: Your app's commands, for the messages. Default: none.

    Attributes:
        topic: The topic.

    Raises:
        ValueError: For `email` together with `topic`, and for an environment out of bounds.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: str,
        service_role: GivenRole,
        key: GivenKey,
        reconciler: TrainingReconciler | None = None,
        email: Sequence[str] = (),
        topic: GivenTopic | None = None,
        remedies: Remedies | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        check_environment(environment)
        if topic and email:
            raise ValueError("`email` needs a topic that this construct creates; subscribe to your `topic` yourself")
        self.topic: sns.ITopic = topic or self._new_topic(key, email)
        trainings = {"jobName": events.Match.wildcard(f"*-{environment}-*"), "roleArn": [service_role.role_arn]}
        rule = events.Rule(
            self,
            "Ended",
            description=f"A training run in {environment} has ended",
            event_pattern=events.EventPattern(
                source=[_SOURCE],
                detail_type=[_STATE_CHANGE],
                detail={**trainings, "jobStatus": list(_ENDED)},
            ),
        )
        job, status = (events.EventField.from_path(f"$.detail.{field}") for field in ("jobName", "jobStatus"))
        command = remedies.status if remedies else None
        more = f" For details and the reason, run: {command}" if command else ""
        text = f"Training run {job} is {status}.{more}"
        rule.add_target(targets.SnsTopic(self.topic, message=events.RuleTargetInput.from_text(text)))
        if reconciler:
            self._tell_of_late_ones(reconciler, trainings, environment, command)

    def _tell_of_late_ones(
        self, reconciler: TrainingReconciler, trainings: Mapping[str, Any], environment: str, command: str | None
    ) -> None:
        reconciler.allow_announcing()
        rule = events.Rule(
            self,
            "NotStarted",
            description=f"A training run in {environment} does not start",
            event_pattern=events.EventPattern(
                source=[contract.EVENT_SOURCE],
                detail_type=[contract.NOT_STARTED_EVENT],
                detail=trainings,
            ),
        )
        job = events.EventField.from_path("$.detail.jobName")
        more = f" For details and what to do, run: {command}" if command else ""
        text = f"Training run {job} has been in progress for hours and has not started.{more}"
        rule.add_target(targets.SnsTopic(self.topic, message=events.RuleTargetInput.from_text(text)))

    def _new_topic(self, key: GivenKey, email: Sequence[str]) -> sns.Topic:
        topic = sns.Topic(
            self, "Topic", display_name="Training runs on Amazon Bedrock", master_key=key, enforce_ssl=True
        )
        for address in email:
            topic.add_subscription(subscriptions.EmailSubscription(address))
        return topic
