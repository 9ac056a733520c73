"""A dataset: which file it is, where it goes, what is checked, and what its reader may touch."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import FINE_TUNING, Split
from bedrock_lifecycle.dataset.rules.limits import Limits, RecordFormat
from bedrock_tuning import BaseModelProfile, DatasetProvider, DataSource, DataStore
from bedrock_tuning.base_models import Bounds
from bedrock_tuning.data.checker.check import SPLITS
from bedrock_tuning.data.checker.limits import limits_of
from bedrock_tuning.lifecycle.lifecycle_function import LifecycleFunction
from tests.support.profiles import fine_tuned_with, fine_tuning
from tests.synth.foreign import ACCOUNT, HAIKU, NOVA_MICRO, REGION, ForeignStack
from tests.synth.iam_reference import problems
from tests.synth.templates import (
    Grant,
    condition,
    grants,
    logical_id,
    properties,
    readable,
    resource,
    resources_of_type,
)

CONTENT = b'{"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]}\n'
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def reader_role_grants(foreign: ForeignStack, reader: DatasetProvider) -> set[Grant]:
    return grants(foreign.template(), function_of(reader).role)


def function_of(reader: DatasetProvider) -> LifecycleFunction:
    function = reader.node.find_child("Reader")
    assert isinstance(function, LifecycleFunction)
    return function


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_goes_where_its_bytes_say(foreign: ForeignStack, split: Split) -> None:
    dataset = foreign.dataset("Data", path=foreign.file(CONTENT), split=split)
    copy = properties(foreign.template(), dataset.resource)
    assert dataset.sha256 == SHA256
    assert copy["Sha256"] == SHA256
    assert copy["DestinationKey"] == f"{split}/{SHA256}.jsonl"
    bucket = logical_id(foreign.data_store.bucket)
    assert readable(foreign.stack.resolve(dataset.uri)) == f"s3://<{bucket}>/{split}/{SHA256}.jsonl"


def test_is_the_same_dataset_under_every_name(foreign: ForeignStack) -> None:
    one = foreign.dataset("One", path=foreign.file(CONTENT, name="one.jsonl"))
    other = foreign.dataset("Other", path=foreign.file(CONTENT, name="other.jsonl"))
    assert one.sha256 == other.sha256


def test_is_another_dataset_after_one_byte(foreign: ForeignStack) -> None:
    one = foreign.dataset("One", path=foreign.file(CONTENT, name="one.jsonl"))
    other = foreign.dataset("Other", path=foreign.file(CONTENT + b"\n", name="other.jsonl"))
    assert one.sha256 != other.sha256


def test_digests_a_file_that_is_longer_than_one_chunk(foreign: ForeignStack) -> None:
    content = bytes(range(256)) * 8192 + b"end"
    dataset = foreign.dataset("Data", path=foreign.file(content))
    assert dataset.sha256 == hashlib.sha256(content).hexdigest()


def test_tells_the_reader_everything_it_needs(foreign: ForeignStack) -> None:
    dataset = foreign.dataset("Data", path=foreign.file(CONTENT))
    copy = readable(properties(foreign.template(), dataset.resource))
    (asset,) = asset_hashes(foreign)
    assert copy == {
        "ServiceToken": readable(foreign.stack.resolve(foreign.reader.service_token)),
        "ContractVersion": contract.CONTRACT_VERSION,
        "SourceBucket": f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}",
        "FileName": "data.jsonl",
        "Reconcile": "0",
        "SourceKey": f"{asset}.jsonl",
        "Sha256": SHA256,
        "DestinationBucket": f"<{logical_id(foreign.data_store.bucket)}>",
        "DestinationKey": f"train/{SHA256}.jsonl",
        "ReportKey": f"output/dataset-reports/{HAIKU.id.replace(':', '-')}/train-{SHA256}.json",
        **limits_of(HAIKU, "train", FINE_TUNING).to_properties(),
    }
    assert all(isinstance(value, str) for value in copy.values())


def asset_hashes(foreign: ForeignStack) -> list[str]:
    """Return the hashes that CDK gives the data files in the assembly."""
    return [each.name.split(".")[1] for each in Path(foreign.app.outdir).glob("asset.*.jsonl")]


def test_is_a_resource_of_its_own_type_that_keeps_nothing_from_being_deleted(foreign: ForeignStack) -> None:
    dataset = foreign.dataset("Data", path=foreign.file(CONTENT))
    copy = resource(foreign.template(), dataset.resource)
    assert copy["Type"] == contract.DATASET
    assert copy["DeletionPolicy"] == "Delete"  # the request that the reader answers; the object itself stays


def test_waits_for_the_permissions_of_its_reader(foreign: ForeignStack) -> None:
    dataset = foreign.dataset("Data", path=foreign.file(CONTENT))
    template = foreign.template()
    policy = function_of(foreign.reader).role.node.find_child("DefaultPolicy")
    assert logical_id(policy) in resource(template, dataset.resource)["DependsOn"]


def test_another_base_model_has_a_report_of_its_own(foreign: ForeignStack) -> None:
    path = foreign.file(CONTENT)
    datasets = [
        foreign.dataset(base_model.id.partition(".")[0].capitalize(), path=path, base_model=base_model)
        for base_model in (HAIKU, NOVA_MICRO)
    ]
    keys = {properties(foreign.template(), dataset.resource)["ReportKey"] for dataset in datasets}
    assert len(keys) == 2
    assert len({dataset.uri for dataset in datasets}) == 1


@pytest.mark.parametrize("base_model", [HAIKU, NOVA_MICRO], ids=lambda base_model: str(base_model.name))
def test_hands_on_limits_that_the_reader_reads_back(foreign: ForeignStack, base_model: BaseModelProfile) -> None:
    dataset = foreign.dataset("Data", path=foreign.file(CONTENT), base_model=base_model)
    copy = properties(foreign.template(), dataset.resource)
    assert Limits.from_properties(copy) == limits_of(base_model, "train", FINE_TUNING)


def test_has_the_limits_of_claude_3_haiku() -> None:
    train, validation, test = (limits_of(HAIKU, split, FINE_TUNING) for split in SPLITS)
    assert train.data_format is RecordFormat.MESSAGES
    assert (train.min_records, train.max_records, train.max_tokens_per_record) == (32, 10_000, 32_000)
    assert (validation.min_records, validation.max_records) == (32, 1_000)
    assert (test.min_records, test.max_records) == (1, 1_000)


def test_has_the_limits_of_a_model_with_prompts_and_completions() -> None:
    data = fine_tuning(HAIKU).data.model_copy(
        update={
            "format": "prompt_completion",
            "tokens_per_record": Bounds(),
            "tokens_per_input": Bounds(max=4096),
            "tokens_per_output": Bounds(max=2048),
        }
    )
    limits = limits_of(fine_tuned_with(HAIKU, data=data), "train", FINE_TUNING)
    assert limits.data_format is RecordFormat.PROMPT_COMPLETION
    assert (limits.max_tokens_per_record, limits.max_input_tokens, limits.max_output_tokens) == (6144, 4096, 2048)


def test_says_which_file_cannot_be_read(foreign: ForeignStack, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing\.jsonl"):
        foreign.dataset("Data", path=tmp_path / "missing.jsonl")


def test_an_asset_is_not_read_again_for_a_name(foreign: ForeignStack) -> None:
    one = foreign.dataset("One", path=foreign.file(CONTENT, name="one.jsonl"))
    other = foreign.dataset("Other", path=foreign.file(CONTENT, name="other.jsonl"))
    template = foreign.template()
    keys = {readable(properties(template, each.resource))["SourceKey"] for each in (one, other)}
    assert keys == {f"{each}.jsonl" for each in asset_hashes(foreign)}
    assert len(keys) == 1


PUSHED = DataSource.pushed(SHA256)
KEY_ARN = "arn:aws:kms:eu-central-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ELSEWHERE = DataSource.s3("s3://data-lake/faq/train.jsonl", version_id="v1", sha256=SHA256, kms_key_arn=KEY_ARN)


def told(foreign: ForeignStack, source: DataSource) -> dict[str, str]:
    """Return what the reader is told of a source."""
    dataset = foreign.dataset("Data", source=source)
    given = readable(properties(foreign.template(), dataset.resource))
    return {name: given[name] for name in given if name.startswith(("Source", "File"))}


def test_pushed_data_is_read_where_it_lies(foreign: ForeignStack) -> None:
    assert told(foreign, PUSHED) == {"FileName": "train data"}
    assert asset_hashes(foreign) == []


def test_data_elsewhere_is_one_version_of_one_object(foreign: ForeignStack) -> None:
    assert told(foreign, ELSEWHERE) == {
        "SourceBucket": "data-lake",
        "SourceKey": "faq/train.jsonl",
        "SourceVersionId": "v1",
        "FileName": "train.jsonl",
    }
    assert asset_hashes(foreign) == []


@pytest.mark.parametrize("source", [PUSHED, ELSEWHERE], ids=["pushed", "elsewhere"])
def test_is_the_same_dataset_from_every_source(foreign: ForeignStack, source: DataSource) -> None:
    one = foreign.dataset("One", path=foreign.file(CONTENT))
    other = foreign.dataset("Other", source=source)
    assert (one.sha256, one.uri, one.report_uri) == (other.sha256, other.uri, other.report_uri)


@pytest.mark.parametrize(
    ("source", "granted"),
    [
        (PUSHED, set()),
        (
            ELSEWHERE,
            {
                ("s3:PutObject", "<bucket>/train/*"),
                ("s3:AbortMultipartUpload", "<bucket>/train/*"),
                ("s3:GetObjectVersion", "arn:aws:s3:::data-lake/faq/train.jsonl"),
                ("kms:Decrypt", KEY_ARN),
            },
        ),
    ],
    ids=["pushed", "elsewhere"],
)
def test_reader_may_do_for_a_source_what_it_takes(
    foreign_stack: Callable[..., ForeignStack], source: DataSource, granted: set[tuple[str, str]]
) -> None:
    without, with_it = foreign_stack(), foreign_stack()
    with_it.dataset("Data", source=source)
    added = reader_role_grants_of(with_it) - reader_role_grants_of(without)
    assert {(action, on) for action, on, _ in added} == granted


def test_reader_may_do_the_same_for_other_pushed_data(foreign_stack: Callable[..., ForeignStack]) -> None:
    one, other = foreign_stack(), foreign_stack()
    one.dataset("Data", source=PUSHED)
    other.dataset("Data", source=DataSource.pushed("0" * 64))
    assert reader_role_grants_of(one) == reader_role_grants_of(other)


def test_reader_may_use_a_key_elsewhere_for_one_object_through_s3_alone(foreign: ForeignStack) -> None:
    foreign.dataset("Data", source=ELSEWHERE)
    (used,) = [each for each in reader_role_grants(foreign, foreign.reader) if each.resource == KEY_ARN]
    assert used.condition == condition(
        StringEquals={
            "kms:ViaService": "s3.eu-central-1.amazonaws.com",
            "kms:EncryptionContext:aws:s3:arn": ["arn:aws:s3:::data-lake/faq/train.jsonl", "arn:aws:s3:::data-lake"],
        }
    )


def test_every_permission_for_data_elsewhere_exists(foreign: ForeignStack) -> None:
    foreign.dataset("Data", source=ELSEWHERE)
    found = problems(foreign.template())
    assert [each for each in found if "ssm:DescribeParameters supports no resource types" not in each] == []


def reader_role_grants_of(foreign: ForeignStack) -> set[Grant]:
    """Return what the reader may do, the data bucket named so."""
    bucket = f"<{logical_id(foreign.data_store.bucket)}.Arn>"
    held = reader_role_grants(foreign, foreign.reader)
    return {each._replace(resource=each.resource.replace(bucket, "<bucket>")) for each in held}


def test_reader_may_read_data_and_write_what_is_copied_and_no_more(foreign: ForeignStack) -> None:
    foreign.dataset("Train", path=foreign.file(CONTENT))
    foreign.dataset("Validation", path=foreign.file(CONTENT + b"\n", name="validation.jsonl"), split="validation")
    bucket = f"<{logical_id(foreign.data_store.bucket)}.Arn>"
    key = f"<{logical_id(foreign.data_store.key)}.Arn>"
    logs = f"<{logical_id(function_of(foreign.reader).node.find_child('Logs'))}.Arn>"
    through_s3 = condition(StringEquals={"kms:ViaService": f"s3.{REGION}.amazonaws.com"})
    held = reader_role_grants(foreign, foreign.reader)
    assets = {
        Grant("s3:GetObject", f"arn:aws:s3:::cdk-hnb659fds-assets-{ACCOUNT}-{REGION}/{asset}.jsonl")
        for asset in asset_hashes(foreign)
    }
    assert len(assets) == 2
    assert held == assets | {
        Grant("logs:CreateLogStream", logs),
        Grant("logs:PutLogEvents", logs),
        # What Lambda needs for handing a failed invocation on.
        Grant("lambda:InvokeFunction", last_resort_arn(foreign)),
        Grant("s3:ListBucket", bucket),
        Grant("s3:GetObject", f"{bucket}/train/*"),
        Grant("s3:GetObject", f"{bucket}/validation/*"),
        Grant("s3:GetObject", f"{bucket}/test/*"),
        Grant("s3:GetObject", f"{bucket}/output/dataset-reports/*"),
        Grant("s3:PutObject", f"{bucket}/output/dataset-reports/*"),
        Grant("cloudformation:DescribeStacks", "arn:aws:cloudformation:us-west-2:111122223333:stack/Foreign/*"),
        Grant("s3:PutObject", f"{bucket}/train/*"),
        Grant("s3:AbortMultipartUpload", f"{bucket}/train/*"),
        Grant("s3:PutObject", f"{bucket}/validation/*"),
        Grant("s3:AbortMultipartUpload", f"{bucket}/validation/*"),
        Grant("kms:Decrypt", key, through_s3),
        Grant("kms:GenerateDataKey", key, through_s3),
    }


BOOTSTRAP_KEY = f"arn:aws:kms:{REGION}:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def test_reader_may_decrypt_an_asset_in_a_bootstrap_bucket_under_a_key_and_nothing_else_with_it(
    foreign: ForeignStack,
) -> None:
    reader = foreign.reader_with(bootstrap_key=kms.Key.from_key_arn(foreign.stack, "Bootstrap", BOOTSTRAP_KEY))
    foreign.dataset("Data", path=foreign.file(CONTENT), reader=reader)
    bucket = f"arn:aws:s3:::cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
    (asset,) = asset_hashes(foreign)
    used = {each for each in reader_role_grants(foreign, reader) if each.resource == BOOTSTRAP_KEY}
    assert used == {
        Grant(
            "kms:Decrypt",
            BOOTSTRAP_KEY,
            condition(
                StringEquals={
                    "kms:ViaService": f"s3.{REGION}.amazonaws.com",
                    # The object's ARN, or the bucket's where a bucket key is in use.
                    "kms:EncryptionContext:aws:s3:arn": [f"{bucket}/{asset}.jsonl", bucket],
                }
            ),
        )
    }


def test_reader_uses_no_bootstrap_key_for_data_that_is_pushed(foreign: ForeignStack) -> None:
    reader = foreign.reader_with(bootstrap_key=kms.Key.from_key_arn(foreign.stack, "Bootstrap", BOOTSTRAP_KEY))
    foreign.dataset("Data", source=PUSHED, reader=reader)
    assert not [each for each in reader_role_grants(foreign, reader) if each.resource == BOOTSTRAP_KEY]


def last_resort_arn(foreign: ForeignStack) -> str:
    return f"<{logical_id(foreign.workflow.last_resort.function)}.Arn>"


def test_reader_reads_what_the_bucket_holds_since_it_had_another_key(foreign: ForeignStack) -> None:
    before = kms.Key.from_key_arn(foreign.stack, "Before", KEY_ARN)
    foreign.data_store = DataStore(foreign.stack, "DataStore", model_keys=[before])
    through_s3 = condition(StringEquals={"kms:ViaService": f"s3.{REGION}.amazonaws.com"})
    held = {each for each in reader_role_grants(foreign, foreign.reader) if each.resource == KEY_ARN}
    assert held == {Grant("kms:Decrypt", KEY_ARN, through_s3)}


def test_reader_reads_nothing_of_another_key_in_a_bucket_that_is_given(foreign: ForeignStack) -> None:
    before = kms.Key.from_key_arn(foreign.stack, "Before", KEY_ARN)
    given = s3.Bucket.from_bucket_name(foreign.stack, "Given", "own")
    foreign.data_store = DataStore(foreign.stack, "DataStore", bucket=given, model_keys=[before])
    assert not [each for each in reader_role_grants(foreign, foreign.reader) if each.resource == KEY_ARN]


def of_reader(foreign: ForeignStack) -> dict[str, Any]:
    """Return how Lambda invokes the reader."""
    function = logical_id(function_of(foreign.reader).function)
    invocations = resources_of_type(foreign.template(), "AWS::Lambda::EventInvokeConfig").values()
    (found,) = [its for each in invocations if (its := readable(each["Properties"]))["FunctionName"] == f"<{function}>"]
    return dict(found)


def test_reader_that_died_is_answered_by_the_last_resort(foreign: ForeignStack) -> None:
    function = logical_id(function_of(foreign.reader).function)
    assert of_reader(foreign) == {
        "DestinationConfig": {"OnFailure": {"Destination": last_resort_arn(foreign)}},
        "FunctionName": f"<{function}>",
        "MaximumEventAgeInSeconds": 2400,
        "MaximumRetryAttempts": 2,
        "Qualifier": "$LATEST",
    }


def test_reader_without_datasets_may_write_no_data(foreign: ForeignStack) -> None:
    held = reader_role_grants_of(foreign)
    writing = {(action, on) for action, on, _ in held if action in ("s3:PutObject", "s3:AbortMultipartUpload")}
    assert writing == {("s3:PutObject", "<bucket>/output/dataset-reports/*")}


def test_reader_finds_assets_where_account_and_region_are_known_only_at_deployment(
    foreign_stack: Callable[..., ForeignStack],
) -> None:
    foreign = foreign_stack(account=None, region=None)
    foreign.dataset("Data", path=foreign.file(CONTENT))
    template = json.dumps(foreign.template())
    assert "${Token" not in template
    assert "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}" in template


def test_reader_is_one_function_with_time_for_a_large_file(foreign: ForeignStack) -> None:
    foreign.dataset("Data", path=foreign.file(CONTENT))
    reader = "bedrock_lifecycle.functions.dataset_reader.on_event"
    functions = resources_of_type(foreign.template(), "AWS::Lambda::Function").values()
    (found,) = [each["Properties"] for each in functions if each["Properties"]["Handler"] == reader]
    assert (found["Runtime"], found["Timeout"], found["MemorySize"]) == ("python3.14", 900, 1769)


def test_reader_has_time_to_die_thrice_and_to_be_answered_for_inside_cloudformation_s_hour(
    foreign: ForeignStack,
) -> None:
    function = function_of(foreign.reader).function
    timeout = properties(foreign.template(), function)["Timeout"]
    # Lambda tries a failed event again after one minute, then after two (Lambda developer guide).
    third_try = 2 * timeout + (1 + 2) * 60
    assert third_try + timeout < 3600
    oldest = of_reader(foreign)["MaximumEventAgeInSeconds"]
    # Old enough for the third try; and one that was throttled for as long is over before its stack gives up.
    assert third_try < oldest
    assert oldest + timeout < 3600
