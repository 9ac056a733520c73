"""Which addresses of [notifications] get messages: what `status` and the end of a deploy say of them, without one."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from tests.support.bedrock_client import ACCOUNT, REGION
from tests.support.environment import FOUNDATION, Account
from tests.support.messages import says
from tests.support.quick import quick
from tests.unit.tune.planning import PROD, Aws
from tune.account import recipients
from tune.account.recipients import SUBSCRIPTION, TOPIC, Recipients
from tune.status.facts import Status
from tune.status.json_document import document
from tune.status.observe import StatusObserver
from tune.status.text import lines

TOPIC_ARN: Final = f"arn:aws:sns:{REGION}:{ACCOUNT}:any"
ADDRESSES: Final = ("a@example.com", "b@example.com", "c@example.com")
PENDING: Final = "PendingConfirmation"
LISTED: Final = f"aws sns list-subscriptions-by-topic --topic-arn {TOPIC_ARN} --region {REGION}"


def resource(kind: str, name: str, status: str = "CREATE_COMPLETE") -> dict[str, str]:
    return {"ResourceType": kind, "LogicalResourceId": name, "PhysicalResourceId": name, "ResourceStatus": status}


MADE: Final = (resource(TOPIC, TOPIC_ARN), *(resource(SUBSCRIPTION, each) for each in ADDRESSES))


class Topic:
    """Amazon SNS with one topic; `arns` are those of the subscriptions of the addresses, in order."""

    def __init__(self, *arns: str, refusal: str = "", http_status: int = 403) -> None:
        self._arns = arns
        self._refusal = refusal
        self._http_status = http_status

    def __call__(self, service: str) -> Any:
        assert service == "sns"
        return self

    def get_paginator(self, operation: str) -> "Topic":
        assert operation == "list_subscriptions_by_topic"
        return self

    def paginate(self, *, TopicArn: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - the API's name
        assert TopicArn == TOPIC_ARN
        if self._refusal:
            answer: Any = {"Error": {"Code": self._refusal, "Message": "any"}}
            raise ClientError(
                answer | {"ResponseMetadata": {"HTTPStatusCode": self._http_status}}, "ListSubscriptionsByTopic"
            )
        yield {"Subscriptions": [{"Protocol": "sqs", "SubscriptionArn": f"{TOPIC_ARN}:queue", "Endpoint": "queue"}]}
        for arn, address in zip(self._arns, ADDRESSES, strict=False):
            yield {"Subscriptions": [{"Protocol": "email", "SubscriptionArn": arn, "Endpoint": address}]}


def confirmed(number: int) -> list[str]:
    return [f"{TOPIC_ARN}:{each}" for each in range(number)]


def looked(topic: Topic) -> Recipients:
    (found,) = recipients.recipients(topic, MADE)
    return found


@pytest.mark.parametrize(
    ("arns", "numbers"),
    [
        ([PENDING] * 3, (0, 3, 0)),
        ([*confirmed(2), PENDING], (2, 1, 0)),
        (confirmed(2), (2, 0, 1)),
        ([PENDING], (0, 1, 2)),
        ([PENDING, "Deleted"], (0, 1, 2)),
        (confirmed(3), (3, 0, 0)),
    ],
)
def test_addresses_are_counted_by_whether_they_get_messages(arns: list[str], numbers: tuple[int, int, int]) -> None:
    found = looked(Topic(*arns))
    assert (found.addresses, found.confirmed, found.pending, found.removed) == (3, *numbers)
    assert found.is_complete is (numbers[0] == 3)
    assert found.document == {
        "topic": TOPIC_ARN,
        "addresses": 3,
        "confirmed": numbers[0],
        "pending": numbers[1],
        "unseen": None,
    }


def test_what_is_not_confirmed_is_said_with_what_to_do_and_no_address() -> None:
    told = list(looked(Topic(*confirmed(1), PENDING)).lines(REGION))
    assert len(told) == 2
    assert says(told[0], "1 of 3", "48 hours", LISTED)
    assert says(told[1], "1 of 3", f"aws sns subscribe --topic-arn {TOPIC_ARN} --region {REGION}", "--protocol email")
    (told_of_all,) = looked(Topic(*confirmed(3))).lines(REGION)
    assert says(told_of_all, "3 of 3")
    assert not any(address in line for line in (*told, told_of_all) for address in ADDRESSES)


@pytest.mark.parametrize(
    ("code", "http_status"), [("AuthorizationError", 403), ("AccessDenied", 403), ("NotFound", 404)]
)
def test_what_may_not_be_asked_is_not_checked_and_nothing_fails(code: str, http_status: int) -> None:
    found = looked(Topic(refusal=code, http_status=http_status))
    assert not found.is_complete
    (told,) = found.lines(REGION)
    assert says(told, "not checked", code)
    its = found.document
    assert (its["confirmed"], its["pending"], code in its["unseen"]) == (None, None, True)


def test_credentials_that_have_ended_are_no_matter_of_the_topic() -> None:
    with pytest.raises(ClientError, match="ExpiredToken"):
        looked(Topic(refusal="ExpiredToken"))


@pytest.mark.parametrize(
    "resources",
    [
        [],
        MADE[:1],
        MADE[1:],
        [resource(TOPIC, TOPIC_ARN, "DELETE_COMPLETE"), *MADE[1:]],
    ],
)
def test_without_a_topic_and_addresses_of_the_stack_nothing_is_asked(resources: list[dict[str, str]]) -> None:
    assert recipients.recipients(Topic(refusal="any"), resources) == []


def status_with(topic: Topic) -> Status:
    account = Account(settings=quick())
    account.cloudformation.deploy(FOUNDATION, {})
    aws = Aws(account)
    pages = aws.views._resources
    aws.views._resources = lambda name: (  # type: ignore[method-assign]
        iter([{"StackResourceSummaries": MADE}]) if name == FOUNDATION else pages(name)
    )
    return StatusObserver(lambda service: topic if service == "sns" else aws(service), PROD).look()


def test_a_status_says_who_has_not_confirmed() -> None:
    status = status_with(Topic(*confirmed(2), PENDING))
    assert any(says(line, "1 of 3", LISTED) for line in lines(status))
    assert document(status)["notifications"] == [its.document for its in status.recipients]
    assert not any(address in json.dumps(document(status)) for address in ADDRESSES)


def test_a_status_that_may_not_ask_says_so_and_everything_else() -> None:
    status = status_with(Topic(refusal="AuthorizationError"))
    told = list(lines(status))
    assert says("\n".join(told), "not checked", "AuthorizationError")
    assert [its["unseen"] is None for its in document(status)["notifications"]] == [False]
