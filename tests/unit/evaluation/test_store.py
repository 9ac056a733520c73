"""What an evaluation keeps in its bucket: read whole, mostly written once, found by the beginning of its key."""

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from bedrock_lifecycle.evaluation.stored.store import Missing, Store
from tests.support.s3_service import BUCKET, S3Service, s3_client


@pytest.fixture
def service() -> S3Service:
    return S3Service()


@pytest.fixture
def store(service: S3Service) -> Store:
    return Store(s3_client(service), BUCKET)


def test_what_is_written_once_stays_as_it_was(store: Store) -> None:
    assert store.write_once("a/b", b"first")
    assert not store.write_once("a/b", b"second")
    assert store.read("a/b") == b"first"
    store.write("a/b", b"third")
    assert store.read("a/b") == b"third"


def test_what_is_not_there_is_none_or_missing(store: Store) -> None:
    assert store.found("a/b") is None
    with pytest.raises(Missing, match="a/b"):
        store.read("a/b")


def test_keys_are_found_by_how_they_begin_beyond_one_page(store: Store) -> None:
    keys = [f"a/{place:04}" for place in range(1001)]
    for key in (*keys, "b/0"):
        store.write(key, b"")
    assert list(store.keys("a/")) == keys
    assert list(store.keys("c/")) == []


@pytest.mark.parametrize(
    ("call", "act"), [("GetObject", Store.found), ("PutObject", lambda its, key: its.write_once(key, b""))]
)
def test_what_s3_refuses_is_neither_missing_nor_written(
    store: Store, service: S3Service, call: str, act: Callable[[Store, str], object]
) -> None:
    service.errors[call] = (403, "AccessDenied")
    with pytest.raises(ClientError, match="AccessDenied"):
        act(store, "any")
