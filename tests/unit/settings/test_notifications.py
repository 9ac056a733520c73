"""`[notifications]`: who is told."""

from pathlib import Path

import pytest

from tests.support.messages import says
from tests.unit.settings.settings_files import changed, load_file, problems, write

TOPIC = "arn:aws:sns:us-west-2:111122223333:trainings"


def test_nobody_is_told_unless_asked_for(tmp_path: Path) -> None:
    assert load_file(write(tmp_path, changed())).environment.notifications is None


def test_takes_addresses_or_a_topic(tmp_path: Path) -> None:
    told = load_file(write(tmp_path, changed(("notifications.email", ["a@example.com", "b.c@d.example.org"]))))
    assert told.environment.notifications
    assert told.environment.notifications.email == ("a@example.com", "b.c@d.example.org")
    told = load_file(write(tmp_path, changed(("notifications.topic_arn", TOPIC))))
    assert told.environment.notifications
    assert told.environment.notifications.topic_arn == TOPIC


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("a@example.com", "list"),
        ([], 0),
        ([], "1 to 10"),
        ([f"a{number}@example.com" for number in range(11)], 11),
        ([f"a{number}@example.com" for number in range(11)], "1 to 10"),
        (["a@example.com", "b@example.com", "a@example.com"], "'a@example.com'"),
        (["a@example"], "'a@example'"),
        (["a b@example.com"], "'a b@example.com'"),
        (["a@b@example.com"], "'a@b@example.com'"),
        (["<a@example.com>"], "'<a@example.com>'"),
        ([f"{'a' * 250}@example.com"], "1 to 10"),
        ([1], 1),
    ],
)
def test_refuses_what_is_no_list_of_addresses(tmp_path: Path, value: object, named: object) -> None:
    found = problems(tmp_path, ("notifications.email", value))
    assert set(found) == {"notifications.email"}
    assert says(found["notifications.email"], named)


@pytest.mark.parametrize("count", [1, 10])
def test_takes_as_many_addresses_as_allowed(tmp_path: Path, count: int) -> None:
    addresses = [f"a{number}@example.com" for number in range(count)]
    told = load_file(write(tmp_path, changed(("notifications.email", addresses)))).environment.notifications
    assert told
    assert told.email == tuple(addresses)


@pytest.mark.parametrize(
    "value", [f"{TOPIC}.fifo", "trainings", 1, TOPIC.replace("111122223333", "1"), TOPIC.replace(":sns:", ":sqs:")]
)
def test_refuses_what_is_no_standard_topic(tmp_path: Path, value: object) -> None:
    found = problems(tmp_path, ("notifications.topic_arn", value))
    assert set(found) == {"notifications.topic_arn"}
    assert says(found["notifications.topic_arn"], "SNS", "standard")


def test_refuses_a_topic_of_another_region(tmp_path: Path) -> None:
    elsewhere = TOPIC.replace("us-west-2", "us-east-1")
    found = problems(tmp_path, ("notifications.topic_arn", elsewhere))
    assert found.keys() == {"notifications.topic_arn"}
    assert says(found["notifications.topic_arn"], f"'{elsewhere}'", "'us-west-2'", "topic")


def test_wants_exactly_one_of_the_two(tmp_path: Path) -> None:
    both = problems(tmp_path, ("notifications.email", ["a@example.com"]), ("notifications.topic_arn", TOPIC))
    neither = problems(tmp_path, ("notifications", {}))
    assert both.keys() == neither.keys() == {"notifications.topic_arn"}
    assert both != neither
    assert all(says(*found.values(), "email", "write", "remove") for found in (both, neither))
