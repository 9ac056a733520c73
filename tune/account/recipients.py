"""Which addresses of [notifications] get messages: counted, as Amazon SNS tells them; no address is kept or shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle.engine import aws_errors
from tune.account import clients, denied, stack_states
from tune.account.aws import Aws
from tune.terminal.counting import counted

TOPIC: Final = "AWS::SNS::Topic"
SUBSCRIPTION: Final = "AWS::SNS::Subscription"
_COMPLETE: Final = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
_EMAIL: Final = "email"
# What a subscription has in place of an ARN until it is confirmed. One that has ended may be listed with another word.
_PENDING: Final = "PendingConfirmation"
_ARN: Final = "arn:"
# How SNS says that somebody may not (SNS API reference, ListSubscriptionsByTopic), beside the common errors.
_DENIED: Final = "AuthorizationError"
# SNS removes what is not confirmed by then (AWS, "What's new", 2023-05-10).
CONFIRM_WITHIN_HOURS: Final = 48


@dataclass(frozen=True)
class Recipients:
    """The addresses that a Foundation stack has subscribed to the topic that it made.

    topic: Its ARN; empty where it was not looked for.
    addresses: How many the stack has subscribed.
    confirmed: How many email subscriptions of the topic are confirmed.
    pending: How many wait for that.
    unseen: Why that was not looked at.
    """

    topic: str = ""
    addresses: int = 0
    confirmed: int = 0
    pending: int = 0
    unseen: str = ""

    @property
    def removed(self) -> int:
        """How many the topic has no more."""
        return 0 if self.unseen else max(self.addresses - self.confirmed - self.pending, 0)

    @property
    def is_complete(self) -> bool:
        """Whether all of them get messages."""
        return not (self.unseen or self.pending or self.removed)

    @property
    def document(self) -> dict[str, Any]:
        """What `--json` prints."""
        its = asdict(self)
        if self.unseen:
            its |= {"confirmed": None, "pending": None}
        return its | {"topic": self.topic or None, "unseen": self.unseen or None}

    def lines(self, region: str) -> Iterator[str]:
        """Yield what is known of them, and what to do."""
        of = f"of {counted(self.addresses, 'recipient')}"
        which = f"--topic-arn {self.topic} --region {region}"
        see = f"aws sns list-subscriptions-by-topic {which}"
        if not self.topic:
            see = f"aws sns list-subscriptions --region {region}"
        if self.unseen:
            yield f"Notifications: not checked who has confirmed: {self.unseen}. Who may look sees it with: {see}"
            return
        if self.pending:
            yield (
                f"Notifications: not confirmed by {self.pending} {of}, who get no message until they follow the link "
                f"in the email of Amazon SNS; after {CONFIRM_WITHIN_HOURS} hours it removes them. To see which: {see}"
            )
        if self.removed:
            yield (
                f"Notifications: no longer subscribed are {self.removed} {of}, who did not confirm within "
                f"{CONFIRM_WITHIN_HOURS} hours or have unsubscribed. To send the email again: aws sns subscribe "
                f"{which} --protocol email --notification-endpoint ADDRESS"
            )
        if self.is_complete:
            yield f"Notifications: confirmed by {self.confirmed} {of}"


def of_stack(aws: Aws, foundation: str) -> list[Recipients]:
    """Return the recipients of a Foundation stack that was deployed: a look that fails takes nothing back of that."""
    found, unseen = clients.answered(lambda: recipients(aws, stack_states.resources(aws("cloudformation"), foundation)))
    return [Recipients(unseen=unseen)] if found is None else found


def recipients(aws: Aws, resources: Sequence[Mapping[str, Any]]) -> list[Recipients]:
    """Return the recipients of the topic among a stack's resources; none where it has made no topic."""
    made = [its for its in resources if its["ResourceStatus"] in _COMPLETE]
    addresses = sum(its["ResourceType"] == SUBSCRIPTION for its in made)
    topics = [its["PhysicalResourceId"] for its in made if its["ResourceType"] == TOPIC]
    return [_look(aws, topic, addresses) for topic in topics if addresses]


def _look(aws: Aws, topic: str, addresses: int) -> Recipients:
    pages = aws("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    try:
        found = [its["SubscriptionArn"] for page in pages for its in page["Subscriptions"] if its["Protocol"] == _EMAIL]
    except ClientError as error:
        if aws_errors.code(error) == _DENIED or aws_errors.is_denied(error):
            return Recipients(topic, addresses, unseen=denied.told(error))
        if aws_errors.is_not_found(error):
            return Recipients(topic, addresses, unseen=aws_errors.sentence(error))
        raise
    confirmed = sum(arn.startswith(_ARN) for arn in found)
    return Recipients(topic, addresses, confirmed, found.count(_PENDING))
