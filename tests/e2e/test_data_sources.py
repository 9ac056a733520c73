"""Data from every source, deployed by the real CLI: what is right is trained on, and nothing else is ever paid for."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pytest

from sandbox import cdk
from sandbox.server import Sandbox
from tests.e2e.accesses import MADE_ELSEWHERE, made
from tests.e2e.account import Account
from tests.e2e.patience import until
from tests.e2e.project import Project, Run
from tests.e2e.settings_file import BASE_MODEL, RECORDS, Settings, record, stack_of
from tests.support.messages import says

pytestmark = pytest.mark.sandbox

CANARY: Final = "canary-5b1f0c77"
SPLITS: Final = ("train", "validation", "test")
ENVIRONMENT: Final = "data"


def jsonl(records: Sequence[Mapping[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(each)}\n" for each in records).encode()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def good(split: str) -> bytes:
    """Return data that the base model takes; the planted secret is in every file."""
    return jsonl([record(f"What is {split} number {number}?", f"{CANARY} {number}") for number in range(32)])


def bad(split: str) -> bytes:
    """Return the same with its fifth record the wrong way round."""
    lines = good(split).splitlines(keepends=True)
    swapped = {"messages": record(f"What is this {split}?", CANARY)["messages"][::-1]}
    return b"".join([*lines[:4], jsonl([swapped]), *lines[5:]])


def by_digest(data: bytes) -> str:
    return f'{{ sha256 = "{digest(data)}" }}'


def report_of(split: str, data: bytes) -> str:
    """Return where the report on data is, by the base model that judged it."""
    model = f"{BASE_MODEL}:200k".replace(":", "-")
    return f"output/dataset-reports/{model}/{split}-{digest(data)}.json"


class Store:
    """The bucket of the environment, as whoever may write it sees it."""

    def __init__(self, account: Account) -> None:
        self.s3 = account.s3
        self.bucket = account.data_bucket()

    def push(self, split: str, data: bytes, named: bytes | None = None) -> None:
        """Put a file where its digest says, or where that of another file says."""
        key = f"{split}/{digest(data if named is None else named)}.jsonl"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=data)

    def report(self, split: str, data: bytes) -> dict[str, Any]:
        body = self.s3.get_object(Bucket=self.bucket, Key=report_of(split, data))
        found: dict[str, Any] = json.loads(body["Body"].read())
        return found

    def written(self) -> dict[str, bytes]:
        """Return everything that is not data itself: reports and metrics."""
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix="output/").get("Contents", [])
        return {each["Key"]: self.s3.get_object(Bucket=self.bucket, Key=each["Key"])["Body"].read() for each in listed}


def settings(**changes: Any) -> Settings:
    """Return settings whose data was pushed, all three files of it."""
    pushed = {split: by_digest(good(split)) for split in SPLITS}
    sources = {**pushed, **changes.pop("sources", {})}
    return Settings(ENVIRONMENT, model_units=None, max_training_hours=1, sources=sources, **changes)


def deploy(project: Project, wanted: Settings, *options: str) -> Run:
    # A rollback would take the logs of the functions along.
    return project.synthesize(wanted).deploy(f"{wanted.environment}/*", "--no-rollback", *options)


@pytest.fixture(scope="module")
def account(sandbox: Sandbox, project: Project) -> Account:
    """An environment of which Foundation stands, as before a first push."""
    run = project.synthesize(settings()).deploy(f"{ENVIRONMENT}/Foundation")
    assert run.code == 0, run.output
    return Account(sandbox, ENVIRONMENT)


@pytest.fixture
def store(account: Account) -> Iterator[Store]:
    """The environment's bucket, with the data that `settings()` names; no Training stack stands before or after."""
    store = Store(account)
    for split in SPLITS:
        store.push(split, good(split))
    yield store
    account.cloudformation.delete_stack(StackName=stack_of(ENVIRONMENT, "Training"))
    until(lambda: account.stack_status("Training") is None)


def nothing_is_quoted(account: Account, sandbox: Sandbox, store: Store, run: Run) -> None:
    """The planted secret stands nowhere but in the data itself."""
    logged = account.log_lines()
    assert any(line.startswith("START RequestId") for line in logged), logged
    told = (run.output, *account.reasons("Training"), *account.reasons("Foundation"), *logged, sandbox.log())
    assert all(CANARY not in where for where in told)
    assert all(CANARY.encode() not in body for body in store.written().values())


@pytest.mark.parametrize("split", SPLITS)
def test_a_bad_line_in_any_file_is_refused_before_there_is_a_job_by_line_and_rule_and_quoted_nowhere(
    account: Account, sandbox: Sandbox, project: Project, store: Store, split: str
) -> None:
    jobs, requests = len(account.jobs()), len(account.requests())
    store.push(split, bad(split))

    run = deploy(project, settings(sources={split: by_digest(bad(split))}))

    assert run.code != 0
    reason = next(its for its in account.reasons("Training") if f"{split} data line 5" in its)
    assert says(reason, "messages[0].role", "(first-role)")
    where = f"s3://{store.bucket}/{report_of(split, bad(split))}"
    assert reason.endswith(f"; full report: {where}")
    assert reason in run.output
    report = store.report(split, bad(split))
    assert {(each["line"], each["rule"]) for each in report["findings"]} >= {(5, "first-role"), (5, "last-role")}
    assert report["accepted"] is False
    assert len(account.jobs()) == jobs
    assert len(account.requests()) == requests
    nothing_is_quoted(account, sandbox, store, run)


def test_of_a_large_file_that_is_bad_at_its_end_no_part_stays_behind(
    account: Account, project: Project, sandbox: Sandbox, store: Store
) -> None:
    jobs = len(account.jobs())
    filling = CANARY + " and so on" * 9_000
    lines = [jsonl([record(f"What is number {number}?", filling)]) for number in range(100)]
    data = b"".join([*lines, b"{\n"])
    lake = "data-lake-with-large-files"
    store.s3.create_bucket(Bucket=lake, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    store.s3.put_bucket_versioning(Bucket=lake, VersioningConfiguration={"Status": "Enabled"})
    version = store.s3.put_object(Bucket=lake, Key="train.jsonl", Body=data)["VersionId"]
    source = f's3 = "s3://{lake}/train.jsonl", version_id = "{version}", sha256 = "{digest(data)}"'

    run = deploy(project, settings(sources={"train": f"{{ {source} }}"}))

    assert run.code != 0
    assert says(run.output, "train.jsonl line 101"), run.output
    assert len(account.jobs()) == jobs
    assert store.s3.list_multipart_uploads(Bucket=store.bucket).get("Uploads", []) == []
    assert "Training-DatasetReaderRole s3:AbortMultipartUpload" in MADE_ELSEWHERE & made(sandbox, ENVIRONMENT)
    nothing_is_quoted(account, sandbox, store, run)


def test_a_bad_line_in_a_file_on_this_machine_ends_the_synthesis(project: Project) -> None:
    records = [json.loads(line) for line in bad("train").splitlines()]
    folder = project.write(Settings("badpath", model_units=None, records=records))
    output = project.fresh("assembly")

    arguments = ("synth", "--quiet", "--context", f"environments={folder}", "--output", str(output))
    run = project.start(cdk.CDK, *arguments).wait()

    assert run.code != 0
    assert says(run.output, "tuned.jsonl line 5", "messages[0].role", "(first-role)"), run.output
    assert "python -m tune dataset check --environment badpath" in run.output
    assert CANARY not in run.output


def test_a_file_that_was_swapped_between_push_and_deploy_is_refused_with_both_digests(
    account: Account, sandbox: Sandbox, project: Project, store: Store
) -> None:
    jobs = len(account.jobs())
    others = good("train").replace(b"number 3?", b"number 4?")
    store.push("train", others, named=good("train"))

    run = deploy(project, settings())

    assert run.code != 0
    reason = next(its for its in account.reasons("Training") if "was overwritten" in its)
    assert digest(good("train")) in reason
    assert digest(others) in reason
    assert reason in run.output
    assert len(account.jobs()) == jobs
    nothing_is_quoted(account, sandbox, store, run)


def test_data_that_was_not_pushed_is_told_with_the_command_that_pushes_it(
    account: Account, project: Project, store: Store
) -> None:
    jobs = len(account.jobs())

    run = deploy(project, settings(sources={"train": by_digest(b"never pushed")}))

    assert run.code != 0
    key = f"train/{digest(b'never pushed')}.jsonl"
    command = "python -m tune dataset push data tuned"
    told = f"s3://{store.bucket}/{key} does not exist: push the file with this digest ({command})"
    assert told in run.output, run.output
    assert len(account.jobs()) == jobs


def test_pushed_data_is_trained_on_without_a_copy_here_and_never_after_it_was_swapped(
    account: Account, sandbox: Sandbox, project: Project, store: Store
) -> None:
    before = len(account.jobs())

    run = deploy(project, settings())

    assert run.code == 0, run.output
    (job,) = account.jobs()[before:]
    assert account.job(job["jobName"])["trainingDataConfig"]["s3Uri"] == (
        f"s3://{store.bucket}/train/{digest(good('train'))}.jsonl"
    )
    assert store.report("train", good("train"))["accepted"] is True

    # Checked, and then overwritten: the next training is not made from it.
    others = good("train").replace(b"number 3?", b"number 4?")
    store.push("train", others, named=good("train"))
    swapped = deploy(project, settings(hyper_parameters={"epochCount": 3}))

    assert swapped.code != 0
    reason = next(its for its in account.reasons("Training") if says(its, "reconcile"))
    assert says(reason, f"s3://{store.bucket}/train/{digest(good('train'))}.jsonl", "reconcile")
    assert reason in swapped.output
    assert len(account.jobs()) == before + 1
    nothing_is_quoted(account, sandbox, store, swapped)

    # The right bytes are another version all the same: they are checked again, and then trained on.
    store.push("train", good("train"))
    mended = deploy(project, settings(hyper_parameters={"epochCount": 3}, reconcile=1))

    assert mended.code == 0, mended.output
    assert [job["status"] for job in account.jobs()[before:]] == ["Completed", "Completed"]


def test_a_version_of_an_object_in_another_bucket_is_trained_on_whatever_came_later(
    account: Account, project: Project, sandbox: Sandbox, store: Store
) -> None:
    jobs = len(account.jobs())
    data = good("train").replace(b"number", b"No.")
    lake = "data-lake-of-another-team"
    store.s3.create_bucket(Bucket=lake, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    store.s3.put_bucket_versioning(Bucket=lake, VersioningConfiguration={"Status": "Enabled"})
    version = store.s3.put_object(Bucket=lake, Key="faq/train.jsonl", Body=data)["VersionId"]
    store.s3.put_object(Bucket=lake, Key="faq/train.jsonl", Body=b"a later upload\n")
    store.s3.put_object(Bucket=lake, Key="faq/other.jsonl", Body=data)
    source = f's3 = "s3://{lake}/faq/train.jsonl", version_id = "{version}", sha256 = "{digest(data)}"'

    run = deploy(project, settings(sources={"train": f"{{ {source} }}"}))

    assert run.code == 0, run.output
    assert len(account.jobs()) == jobs + 1
    key = f"train/{digest(data)}.jsonl"
    assert store.s3.get_object(Bucket=store.bucket, Key=key)["Body"].read() == data
    assert store.report("train", data)["file"] == "train.jsonl"


def test_the_same_bytes_train_once_whichever_way_they_come(account: Account, project: Project, store: Store) -> None:
    first = jsonl(RECORDS)
    pushed = {"train": by_digest(first)}
    store.push("train", first)
    by_push = Settings(ENVIRONMENT, model_units=None, sources=pushed)
    by_path = Settings(ENVIRONMENT, model_units=None)
    jobs = len(account.jobs())

    runs = [deploy(project, wanted) for wanted in (by_push, by_path)]

    assert [run.code for run in runs] == [0, 0], runs
    assert len(account.jobs()) == jobs + 1
