"""A training's end reaches the topic, also when its deployment has failed, and no other environment's does."""

import json
from typing import Any, Final

import pytest

from sandbox.server import Sandbox
from tests.e2e.account import Account
from tests.e2e.patience import until
from tests.e2e.project import Project
from tests.e2e.settings_file import NAME, Settings
from tests.support.messages import says

pytestmark = pytest.mark.sandbox

_REASON: Final = "what the training data say must not be told"
_FAULT: Final = {"type": "job", "phase": "Training", "message": _REASON}
_TOLD: Final = Settings("told", model_units=None, email="any@example.com")
# Its names begin as the other's do.
_OTHER: Final = Settings("told-too", model_units=None)


class Subscriber:
    """A queue that is subscribed to the topic of an environment."""

    def __init__(self, sandbox: Sandbox, account: Account) -> None:
        self._sqs, sns = sandbox.client("sqs"), sandbox.client("sns")
        [self.topic] = account.physical_ids("Foundation", "AWS::SNS::Topic")
        self._queue = self._sqs.create_queue(QueueName="subscriber")["QueueUrl"]
        described = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        queue = described["Attributes"]["QueueArn"]
        allowed = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        self._sqs.set_queue_attributes(QueueUrl=self._queue, Attributes={"Policy": policy})
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=queue)
        self._got: list[str] = []

    def messages(self) -> list[str]:
        """Return every message that has come."""
        while found := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", []):
            for each in found:
                self._got.append(_text(json.loads(each["Body"])["Message"]))
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=each["ReceiptHandle"])
        return self._got


def test_says_that_a_training_has_ended_and_how_and_nothing_of_anybody_elses(
    project: Project, sandbox: Sandbox
) -> None:
    account = Account(sandbox, _TOLD.environment)
    first = project.synthesize(_TOLD, _OTHER)
    for foundation in ("told/Foundation", "told-too/Foundation"):
        run = first.deploy(foundation)
        assert run.code == 0, run.output
    subscriber = Subscriber(sandbox, account)

    sandbox.control("faults", {"add": [_FAULT]})
    failed = first.deploy("told/*")

    assert failed.code != 0
    assert account.stack_status("Training") == "ROLLBACK_COMPLETE"
    [job] = account.jobs()
    (first_told,) = until(subscriber.messages)
    assert says(first_told, job["jobName"], "Failed", "make status ENV=told")

    for assembly, stacks in ((first, "told-too/*"), (project.synthesize(_retried()), "told/*")):
        run = assembly.deploy(stacks)
        assert run.code == 0, run.output

    names = [each["jobName"] for each in sandbox.control("meter")["jobs"]]
    assert [name for name in names if name.startswith(f"{NAME}-told-too-")]
    until(lambda: len(subscriber.messages()) > 1)
    (completed,) = subscriber.messages()[1:]
    assert says(completed, f"{job['jobName'].removesuffix('-1')}-2", "Completed", "make status ENV=told")
    assert not any(_REASON in message for message in subscriber.messages())


def _retried() -> Settings:
    return Settings("told", model_units=None, email="any@example.com", attempt=2)


def _text(message: str) -> Any:
    """Return a message without the quotation marks that EventBridge leaves around a text."""
    return json.loads(message) if message.startswith('"') else message
