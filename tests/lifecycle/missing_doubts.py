"""Doubts of the lifecycle that can be taken away, to see that the conditions would miss them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from bedrock_lifecycle.decisions import training_await as await_table
from bedrock_lifecycle.decisions.observed import Job
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.record import Record
from bedrock_lifecycle.preflight.checks import base_model
from bedrock_lifecycle.preflight.report import Passed, Problem
from bedrock_lifecycle.resources import attempts, bedrock, model_customization, observed_serving, training_await
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.serving import Serving
from bedrock_lifecycle.resources.serving_request import ServingRequest
from tests.lifecycle.missing import KINDS, TakeAway, trying_again

# The names of conditions, and of scenarios in them.
Misses = Mapping[str, tuple[str, ...]]


def doubting_absence(patch: pytest.MonkeyPatch) -> None:
    """What is not found is gone, however lately it was made."""
    patch.setattr(Record, "unseen", lambda _self, _now: frozenset())


def waiting_for_a_job(patch: pytest.MonkeyPatch) -> None:
    """A job that is not found was never created."""
    rows = tuple(row for row in await_table.ROWS if row.id != "await-job-unseen")
    assert len(rows) < len(await_table.ROWS)
    patch.setattr(await_table, "ROWS", rows)


def waiting_for_a_model(patch: pytest.MonkeyPatch) -> None:
    """A model that is not found though its job is Completed was deleted."""
    for module in (attempts, model_customization, training_await, observed_serving):
        patch.setattr(module, "model_may_appear", lambda *_: False)


def waiting_for_tags(patch: pytest.MonkeyPatch) -> None:
    """What has no owner tag was never made here."""
    patch.setattr(Record, "made", property(lambda _self: frozenset()))


def knowing_several_errors(patch: pytest.MonkeyPatch) -> None:
    """Only ResourceNotFoundException says that something is not there."""
    patch.setattr(aws_errors, "may_be_not_found", lambda _error: False)


def waiting_for_a_name(patch: pytest.MonkeyPatch) -> None:
    """What is called invalid by its name is an error at once, though a list holds it."""

    def sure(error: ClientError, _identifier: str, listed: Callable[[], Iterable[str]]) -> None:
        if not aws_errors.is_not_found(error) and set(listed()):
            raise error

    patch.setattr(bedrock, "_must_be_absent", sure)


def taking_absent_lists_for_empty(patch: pytest.MonkeyPatch) -> None:
    """A list of throughputs that is not there is an error."""

    def summaries(self: Any) -> list[Any]:
        pages = self.client.get_paginator("list_provisioned_model_throughputs").paginate()
        return [summary for page in pages for summary in page["provisionedModelSummaries"]]

    patch.setattr(Bedrock, "throughput_summaries", summaries)


def losing_patience(patch: pytest.MonkeyPatch) -> None:
    """A preflight reads what it could not read again and again."""
    patch.setattr(Turn, "looks", lambda _self: 0)


def waiting_until_it_is_gone(patch: pytest.MonkeyPatch) -> None:
    """What is still shown is deleted again, whatever it is shown as, and a refusal is definite."""

    def delete_again(self: Any, _turn: Turn, _facts: Any, arn: str) -> str:
        self._delete(arn)
        return ""

    patch.setattr(Serving, "_delete_now", delete_again)
    for kind in KINDS:
        find: Callable[..., Any] = kind._find

        def as_serving(self: Any, name: str, find: Callable[..., Any] = find) -> Any:
            found = find(self, name)
            return replace(found, status=self._kind.in_service) if found and found.status == "Deleting" else found

        patch.setattr(kind, "_find", as_serving)


def looking_at_the_base_model(patch: pytest.MonkeyPatch) -> None:
    """Whatever has become of the base model, a job is created from it again."""
    patch.setattr(base_model, "for_training", lambda _base: Passed("not looked at"))
    patch.setattr(base_model, "for_purchase", lambda _base, **_: Passed("not looked at"))


def taking_no_for_an_answer(patch: pytest.MonkeyPatch) -> None:
    """A training that failed or was stopped is one in progress."""
    patch.setattr(Job, "ends_without_model", property(lambda _self: False))


def doubting_one_field(patch: pytest.MonkeyPatch) -> None:
    """An authorization that is not there refuses by itself."""
    access = base_model.access

    def sure(base: Any, found: Any) -> Any:
        value = getattr(found, "value", None)
        if value and value.authorization != "AUTHORIZED":
            return Problem("no access")
        return access(base, found)

    patch.setattr(base_model, "access", sure)


def passing_on_what_bedrock_says(patch: pytest.MonkeyPatch) -> None:
    """Of an error of Bedrock's nobody is told more than that there was one."""
    patch.setattr(aws_errors, "sentence", lambda _error: "an error")


def passing_over_others(patch: pytest.MonkeyPatch) -> None:
    """The tags of everything in the account must be read."""
    patch.setattr(ServingRequest, "may_have_made", lambda _self, _name: True)
    patch.setattr(Serving, "_tags", lambda self, _asked, arn: self._bedrock.tags(arn))


MISSED_UNDER: Final[Mapping[TakeAway, Misses]] = {
    doubting_absence: {
        "what serves not seen by name": ("cancelled create", "on demand: cancelled create", "cancelled replacement"),
        "what serves not seen, its name taken": ("create", "on demand: create"),
        "nothing new seen in lists": ("cancelled replacement", "on demand: cancelled replace"),
    },
    waiting_for_a_job: {"jobs not seen by name": ("create", "retrain and swap", "on demand: create")},
    waiting_for_a_model: {
        "models not seen by name": ("create", "retrain and swap", "on demand: create"),
        "nothing that is not promised": ("create", "retrain and swap", "on demand: create"),
    },
    waiting_for_tags: {"nothing new seen with its tags": ("create", "on demand: create", "switch: to on demand")},
    knowing_several_errors: {
        "no job told as invalid": ("create", "on demand: create"),
        "no throughput told as invalid": ("create", "delete"),
        "no deployment told as invalid": ("on demand: create", "on demand: delete"),
    },
    waiting_for_a_name: {
        "what serves not seen by name, told as invalid": ("create", "cancelled create", "on demand: create"),
    },
    taking_absent_lists_for_empty: {"no member that is not promised": ("on demand: create", "given model: create")},
    losing_patience: {
        "reads are slow": ("create", "on demand: create"),
        "IAM out of reach": ("create", "on demand: create"),
        "Service Quotas out of reach": ("create", "on demand: create"),
        "KMS out of reach": ("create", "on demand: create"),
        "the policy simulator broken": ("create", "on demand: create"),
    },
    trying_again: {
        "S3 away for minutes": ("create",),
        "Bedrock away for minutes": ("create", "delete", "on demand: delete"),
    },
    waiting_until_it_is_gone: {
        "a deletion shows, refused as invalid": ("delete", "on demand: delete"),
        "a deletion shows as Deleting, invalid": ("delete", "on demand: delete"),
        "a deletion shows as Deleting": ("delete", "on demand: delete"),
    },
    looking_at_the_base_model: {
        "Legacy between look and create": ("create", "on demand: create"),
        "Legacy between look and purchase": ("create", "switch: to throughput"),
    },
    taking_no_for_an_answer: {
        "a job never starts": ("create", "on demand: create"),
        "a job fails in its first minute": ("create", "on demand: create"),
    },
    doubting_one_field: {"an authorization that means nothing": ("create", "on demand: create")},
    passing_on_what_bedrock_says: {"an authorization that is meant": ("create", "on demand: create")},
    passing_over_others: {"another team's tags denied": ("create", "delete", "on demand: create", "rollback")},
}
