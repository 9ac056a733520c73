"""From a settings file that names files to one that names digests."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from mypy_boto3_s3 import S3Client
from typer.testing import Result

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import Split
from settings import load_model
from tests.support.messages import says
from tests.support.s3_service import BUCKET, S3Service
from tests.unit.settings.promotion_files import written as promoted
from tests.unit.settings.settings_files import settings_folder
from tests.unit.tune.aws_stand_in import CloudFormation
from tests.unit.tune.dataset.data import SECRET, conversation, conversations, lines, run, write
from tune.account.clients import WrongCredentials
from tune.terminal.environments import DeployTarget

WHERE = 'account = "111122223333"\nregion = "us-east-1"\n'
SPLITS: Final[tuple[Split, ...]] = ("train", "validation")
SETTINGS = """\
# One model.
[training]
base_model = "amazon.nova-micro-v1:0:128k"

[data]
train = { path = "train.jsonl" }             # a thousand questions
validation = { path = "validation.jsonl" }
"""
FOUNDATION = [
    {"LogicalResourceId": "DataStoreAccessLogs1", "ResourceType": "AWS::S3::Bucket", "PhysicalResourceId": "logs"},
    {"LogicalResourceId": "DataStoreBucket1", "ResourceType": "AWS::S3::Bucket", "PhysicalResourceId": BUCKET},
]


class Account:
    """An account with a Foundation stack, and S3."""

    def __init__(self, s3: S3Client) -> None:
        resources = [{**each, "ResourceStatus": "CREATE_COMPLETE"} for each in FOUNDATION]
        self.services: dict[str, Any] = {"s3": s3, "cloudformation": CloudFormation({}, resources)}

    def __call__(self, service: str) -> Any:
        return self.services[service]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of environment dev, with model faq and its data."""
    settings_folder(tmp_path, "dev", WHERE, {"faq": SETTINGS})
    folder = tmp_path / "dev"
    conversations(folder / "train.jsonl", 40)
    conversations(folder / "validation.jsonl", 10, start=100)
    return folder


@pytest.fixture
def account(s3: S3Client, monkeypatch: pytest.MonkeyPatch) -> Account:
    account = Account(s3)
    monkeypatch.setattr("tune.account.clients.clients", lambda *_: account)
    return account


def push(folder: Path, *options: str) -> Result:
    return run("push", "dev", "--environments", folder.parent, *options)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def keys(s3: S3Client) -> dict[str, bytes]:
    found = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return {each["Key"]: s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read() for each in found}


def test_files_go_into_a_given_bucket_without_a_foundation(account: Account, folder: Path, s3: S3Client) -> None:
    account.services["cloudformation"] = CloudFormation({})
    key = "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-0000-4000-8000-0123456789ab"
    given = f'\n[organization]\nbucket = "{BUCKET}"\nkey_arn = "{key}"\n'
    (folder / "environment.toml").write_text(WHERE + given, encoding="utf-8")
    result = push(folder)
    assert result.exit_code == 0, result.output
    assert f"train/{digest(folder / 'train.jsonl')}.jsonl" in keys(s3)


def test_files_go_where_their_digests_say_and_the_settings_name_the_digests(
    account: Account, folder: Path, s3: S3Client
) -> None:
    train, validation = folder / "train.jsonl", folder / "validation.jsonl"
    result = push(folder)
    assert result.exit_code == 0, result.output
    assert keys(s3) == {
        f"train/{digest(train)}.jsonl": train.read_bytes(),
        f"validation/{digest(validation)}.jsonl": validation.read_bytes(),
    }
    expected = SETTINGS.replace('path = "train.jsonl"', f'sha256 = "{digest(train)}"')
    expected = expected.replace('path = "validation.jsonl"', f'sha256 = "{digest(validation)}"')
    assert (folder / "faq.toml").read_text(encoding="utf-8") == expected
    assert says(result.stdout, "dev/faq.toml", "commit")


def test_pushed_again_nothing_is_sent(account: Account, folder: Path, s3_service: S3Service) -> None:
    push(folder)
    (folder / "faq.toml").write_text(SETTINGS, encoding="utf-8")
    s3_service.calls.clear()
    result = push(folder)
    assert result.exit_code == 0
    assert says(result.stdout, "train.jsonl")
    assert not says(result.stdout, "uploaded")
    assert s3_service.calls == ["HeadObject", "HeadObject"]
    assert "sha256" in (folder / "faq.toml").read_text(encoding="utf-8")


def test_json_is_one_document(account: Account, folder: Path, s3: S3Client) -> None:
    expected = [
        {
            "split": split,
            "sha256": digest(folder / f"{split}.jsonl"),
            "bytes": (folder / f"{split}.jsonl").stat().st_size,
            "uri": f"s3://{BUCKET}/{contract.data_key(split, digest(folder / f'{split}.jsonl'))}",
            "setting": f"data.{split}",
        }
        for split in SPLITS
    ]
    settings = (folder / "faq.toml").read_text(encoding="utf-8")
    for options, was_there, was_sent in ((["--dry-run"], False, False), ([], False, True), ([], True, False)):
        result = push(folder, "--json", *options)
        assert result.exit_code == 0, result.output
        told = json.loads(result.stdout)
        assert told == {
            "version": 1,
            "environment": "dev",
            "model": "faq",
            "dryRun": bool(options),
            "files": [{**its, "wasThere": was_there, "wasSent": was_sent} for its in expected],
        }
        (folder / "faq.toml").write_text(settings, encoding="utf-8")


def test_a_dry_run_tells_everything_and_does_nothing(
    account: Account, folder: Path, s3: S3Client, s3_service: S3Service
) -> None:
    result = push(folder, "--dry-run")
    assert result.exit_code == 0
    assert set(s3_service.calls) == {"HeadObject"}
    assert keys(s3) == {}
    assert (folder / "faq.toml").read_text(encoding="utf-8") == SETTINGS
    size = (folder / "train.jsonl").stat().st_size
    assert says(result.stdout, "train.jsonl", f"{size:,} bytes")
    assert f'+train = {{ sha256 = "{digest(folder / "train.jsonl")}" }}             # a thousand' in result.stdout
    assert '-train = { path = "train.jsonl" }' in result.stdout


def test_nothing_is_uploaded_when_the_check_finds_an_error(
    account: Account, folder: Path, s3_service: S3Service
) -> None:
    write(folder / "validation.jsonl", b'{"messages": "' + SECRET.encode() + b'"}\n' * 10)
    result = push(folder)
    assert result.exit_code == 1
    assert "validation.jsonl: " in result.stderr
    assert says(result.stderr, "line 1", "messages")
    assert SECRET not in result.output
    assert s3_service.calls == []
    assert (folder / "faq.toml").read_text(encoding="utf-8") == SETTINGS


def test_without_foundation_the_command_that_deploys_it_is_named(
    account: Account, folder: Path, s3_service: S3Service
) -> None:
    account.services["cloudformation"] = CloudFormation({})
    result = push(folder)
    assert result.exit_code == 2
    assert says(result.stderr, f"cdk deploy dev/Foundation -c environments={folder.parent}")
    assert s3_service.calls == []


def test_data_is_not_sent_without_tls(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = boto3.client("s3", endpoint_url="http://localhost:1", aws_access_key_id="any", aws_secret_access_key="any")
    monkeypatch.setattr("tune.account.clients.clients", lambda *_: Account(plain))
    result = push(folder)
    assert result.exit_code == 2
    assert says(result.stderr, "TLS", "http://localhost:1")


def test_the_credentials_of_another_account_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def clients(_: DeployTarget) -> None:
        raise WrongCredentials("the AWS credentials are those of another account")

    monkeypatch.setattr("tune.account.clients.clients", clients)
    result = push(folder)
    assert result.exit_code == 2
    assert "another account" in result.stderr


@pytest.mark.parametrize(
    ("error", "code"), [(EndpointConnectionError(endpoint_url="https://any"), 2), (KeyboardInterrupt(), 130)]
)
def test_an_upload_that_breaks_off_leaves_the_settings_alone_and_says_how_to_go_on(
    account: Account, folder: Path, s3: S3Client, error: BaseException, code: int
) -> None:
    def fail(**_: Any) -> None:
        raise error

    s3.meta.events.register_first("before-send.s3.CompleteMultipartUpload", fail)
    result = push(folder)
    assert result.exit_code == code
    assert says(result.stderr, "same command")
    assert (folder / "faq.toml").read_text(encoding="utf-8") == SETTINGS
    s3.meta.events.unregister("before-send.s3.CompleteMultipartUpload", fail)
    assert says(push(folder).stdout, "train.jsonl", 0, 1)


@pytest.mark.parametrize("broken_off", [KeyboardInterrupt(), EndpointConnectionError(endpoint_url="https://any")])
def test_broken_off_before_anything_was_sent_it_speaks_of_no_parts(
    account: Account, folder: Path, s3_service: S3Service, monkeypatch: pytest.MonkeyPatch, broken_off: BaseException
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise broken_off

    monkeypatch.setattr("tune.dataset.upload.pushing.checked", broken)
    result = push(folder)
    assert result.exit_code in (2, 130)
    assert "Parts that were sent" not in result.stderr
    assert s3_service.calls == []


def test_settings_that_somebody_changes_meanwhile_are_left_alone(account: Account, folder: Path, s3: S3Client) -> None:
    settings = folder / "faq.toml"
    changed = SETTINGS.replace("One", "Another")

    def change(**_: Any) -> None:
        settings.write_text(changed, encoding="utf-8")

    s3.meta.events.register_first("before-send.s3.CompleteMultipartUpload", change)
    result = push(folder)
    assert result.exit_code == 2
    assert says(result.stderr, "dev/faq.toml", "changed")
    assert settings.read_text(encoding="utf-8") == changed


def test_settings_keep_who_may_read_them(account: Account, folder: Path) -> None:
    (folder / "faq.toml").chmod(0o600)
    assert push(folder).exit_code == 0
    assert (folder / "faq.toml").stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in folder.iterdir()) == [
        "environment.toml",
        "faq.toml",
        "train.jsonl",
        "validation.jsonl",
    ]


def test_the_training_stays_the_same(account: Account, folder: Path) -> None:
    before = load_model(folder.parent, "dev", "faq").training_id
    push(folder)
    assert load_model(folder.parent, "dev", "faq").training_id == before


def test_an_environment_without_local_files_has_nothing_to_push(
    account: Account, folder: Path, s3_service: S3Service
) -> None:
    push(folder)
    s3_service.calls.clear()
    result = push(folder)
    assert result.exit_code == 0
    assert says(result.stdout, "nothing")
    assert s3_service.calls == []


# The questions of a bake.

ALLOWED = WHERE + "\n[allow]\nbake = true\n"
PROMOTED = {"allow": {"train": False, "promote_from": ["dev"], "bake": True}}


def asking(folder: Path, settings: str = SETTINGS, *, questions: int = 3) -> Path:
    """Let the model be asked questions of this machine, and return their file."""
    (folder / "environment.toml").write_text(ALLOWED, encoding="utf-8")
    bake = f'\n[serving.on_demand]\n\n[serving.bake]\npath = "questions.jsonl"  # mine\nquestions = {questions}\n'
    (folder / "faq.toml").write_text(f"{settings}{bake}max_output_tokens = 50\n", encoding="utf-8")
    return conversations(folder / "questions.jsonl", 3, start=200)


def test_the_questions_of_a_bake_go_where_it_reads_them_and_the_settings_name_their_digest(
    account: Account, folder: Path, s3: S3Client
) -> None:
    questions = asking(folder)
    sha256 = digest(questions)
    result = push(folder, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)["files"][-1]
    assert (told["split"], told["sha256"], told["setting"]) == ("test", sha256, "serving.bake")
    assert keys(s3)[f"test/{sha256}.jsonl"] == questions.read_bytes()
    written = (folder / "faq.toml").read_text(encoding="utf-8")
    assert f'[serving.bake]\nsha256 = "{sha256}"  # mine\nquestions = 3\n' in written
    assert load_model(folder.parent, "dev", "faq").bake_sha256 == sha256


def test_an_environment_that_does_not_train_pushes_its_questions(
    account: Account, tmp_path: Path, s3: S3Client
) -> None:
    bake = {"path": "questions.jsonl", "questions": 2, "max_output_tokens": 50}
    path = promoted(tmp_path, ("name", "faq"), ("allow", PROMOTED["allow"]), ("serving.bake", bake))
    questions = conversations(path.parent / "questions.jsonl", 2)
    result = run("push", "staging", "faq", "--environments", tmp_path)
    assert result.exit_code == 0, result.output
    assert keys(s3) == {f"test/{digest(questions)}.jsonl": questions.read_bytes()}
    assert load_model(tmp_path, "staging", "faq").bake_sha256 == digest(questions)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (f'{{"messages": "{SECRET}"}}\n'.encode() * 3, "record 1"),
        (lines([conversation(1), conversation(2)]), "2 records"),
        (lines([conversation(1), {**conversation(2), "messages": []}, conversation(3)]), "record 2"),
        (b" " * contract.MAX_BAKE_BYTES + b"\n", f"{contract.MAX_BAKE_BYTES:,} bytes"),
    ],
)
def test_questions_that_could_not_be_asked_are_not_pushed_and_neither_is_anything_else(
    account: Account, folder: Path, s3_service: S3Service, content: bytes, named: str
) -> None:
    asking(folder).write_bytes(content)
    before = (folder / "faq.toml").read_text(encoding="utf-8")
    result = push(folder)
    assert result.exit_code == 1
    assert says(result.stderr, "dev/questions.jsonl", named)
    assert SECRET not in result.output
    assert s3_service.calls == []
    assert (folder / "faq.toml").read_text(encoding="utf-8") == before


def test_an_unknown_environment_is_a_usage_error(folder: Path) -> None:
    assert run("push", "other", "--environments", folder.parent).exit_code == 2
