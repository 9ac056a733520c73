"""The AWS clients of the functions: the only module that makes any."""

import functools
import os
from typing import Any, Final

import boto3
from botocore.config import Config

from bedrock_lifecycle.contract import DATA_BUCKET_VARIABLE, LEASE_SECONDS_VARIABLE, LEDGER_TABLE_VARIABLE
from bedrock_lifecycle.engine.ledger import Ledger
from bedrock_lifecycle.engine.ledger_table import DynamoDBTable
from bedrock_lifecycle.engine.stacks import Stacks
from bedrock_lifecycle.evaluation.stored.store import Store

# Two tries at once, then the workflow looks again by itself: a function must never outlast its lease.
_CONFIG: Final = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2, "mode": "standard"})


# The front door holds no lease, and what it cannot take up is delivered again only after minutes.
_PATIENT: Final = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 5, "mode": "standard"})


# A preflight reads much in one turn: one read that hangs must not take the time of the others.
_BRISK: Final = Config(connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"})


# A model may take its time to answer; the turn in which it is asked once does little else.
_ANSWERING: Final = Config(connect_timeout=2, read_timeout=15, retries={"total_max_attempts": 1, "mode": "standard"})


# Functions of an evaluation hold no lease. A model takes minutes for 10,000 tokens, and a team's own metric may take as
# long; whoever asked counts throttles and waits by itself. What the Lambda service would end is asked again.
ANSWERED_WITHIN_SECONDS: Final = 240
_EVALUATING: Final = Config(
    connect_timeout=3,
    read_timeout=ANSWERED_WITHIN_SECONDS,
    retries={"total_max_attempts": 1, "mode": "standard"},
    tcp_keepalive=True,
)
# What adds to a number must not be repeated by itself.
_ONCE: Final = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 1, "mode": "standard"})
_SLOW_TO_ANSWER: Final = ("bedrock-runtime", "lambda")


def client(service: str, *, patient: bool = False) -> Any:
    return boto3.client(service, config=_PATIENT if patient else _CONFIG)


@functools.cache
def brisk(service: str) -> Any:
    """Return the client with which a preflight reads; each is made when it is first needed."""
    return boto3.client(service, config=_BRISK)


@functools.cache
def baking(service: str) -> Any:
    """Return the client with which a bake asks and reads; each is made when it is first needed."""
    return boto3.client(service, config=_ANSWERING) if service == "bedrock-runtime" else brisk(service)


@functools.cache
def evaluating(service: str) -> Any:
    """Return the client of a function of an evaluation; each is made when it is first needed."""
    return boto3.client(service, config=_EVALUATING if service in _SLOW_TO_ANSWER else _PATIENT)


@functools.cache
def counting() -> Any:
    """Return the client of DynamoDB with which tokens are counted, made when it is first needed."""
    return boto3.client("dynamodb", config=_ONCE)


def ledger(*, patient: bool = False) -> Ledger:
    return Ledger(
        DynamoDBTable(client("dynamodb", patient=patient), os.environ[LEDGER_TABLE_VARIABLE]),
        lease_seconds=int(os.environ[LEASE_SECONDS_VARIABLE]),
    )


def evaluation_store() -> Store | None:
    """Return what keeps evaluations, where the Foundation has told the function so."""
    bucket = os.environ.get(DATA_BUCKET_VARIABLE)
    return Store(brisk("s3"), bucket) if bucket else None


def stacks() -> Stacks:
    return Stacks(client("cloudformation"))
