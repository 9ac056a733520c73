"""Changes of settings files."""

import hashlib
from typing import Any, Final

from tests.synth.organized import BOUNDARY, BUCKET, KEY, OPERATIONS_KEY, SERVICE_ROLE, VPC
from tests.synth.review.changes import FILES, Changes
from tests.synth.review.corpus.change import Change
from tests.unit.settings.settings_files import ABSENT

_LITE: Final = "amazon.nova-lite-v1:0:300k"
_APPLICATION: Final = "222222222222"
_GIVEN: Final = "arn:aws:bedrock:us-east-1:111122223333:custom-model/amazon.nova-micro-v1:0:128k/"


def _serving(**its: Any) -> Changes:
    return (("serving", its),)


def _units(model_units: int, term: str = "", **more: Any) -> Changes:
    committed = {"commitment_duration": term, "acknowledge_commitment": term} if term else {}
    return _serving(provisioned_throughput={"model_units": model_units, **committed, **more})


def _trained(**hyper_parameters: Any) -> Changes:
    return (("training.hyper_parameters", hyper_parameters),)


def _pushed(digit: str) -> Changes:
    return (("data", {"train": {"sha256": digit * 64}}),)


def _allowed(**its: bool) -> Changes:
    return (("allow", {"train": True, "buy": False, "delete_models": False} | its),)


def _organized(**its: Any) -> Changes:
    return (("organization", its),)


def _given(digit: str, serving: dict[str, Any]) -> Changes:
    return (("serving", {**serving, "model_arn": _GIVEN + digit * 12}), ("training", ABSENT), ("data", ABSENT))


def _access(*roles: str) -> Changes:
    principals = [f"arn:aws:iam::{_APPLICATION}:role/{role}" for role in roles]
    return (("access", [{"account": _APPLICATION, "principals": principals}]),)


_NONE: Final[Changes] = (("serving", ABSENT),)
_BY_PATH: Final = {split: {"path": str(FILES / f"{split}.jsonl")} for split in ("train", "validation")}
_SAME_BYTES: Final = {
    split: {"sha256": hashlib.sha256((FILES / f"{split}.jsonl").read_bytes()).hexdigest()} for split in _BY_PATH
}
_ON_DEMAND: Final[dict[str, Any]] = {"on_demand": {}}
_UNIT: Final[dict[str, Any]] = {"provisioned_throughput": {"model_units": 1}}
_COMMITTED: Final = {"commitment_duration": "OneMonth", "acknowledge_commitment": "OneMonth"}

BY_SETTINGS: Final = (
    Change(title="Nothing", says=""),
    # What is trained.
    Change(
        title="Train a third epoch",
        after=_trained(epochCount=3),
        says="trains~ moves",
        tells=("56,460 tokens", "320 records in 3 epochs"),
    ),
    Change(title="Train one epoch less", before=_trained(epochCount=3), says="trains~ moves", tells=("37,640 tokens",)),
    Change(
        title="Learn faster",
        after=_trained(epochCount=2, learningRate="0.0001"),
        says="trains~ moves",
        tells=("in 2 epochs",),
    ),
    Change(
        title="Leave the epochs to Bedrock",
        after=(("training", {"base_model": "amazon.nova-micro-v1:0:128k"}),),
        says="trains~ moves",
        tells=("Bedrock's default number of epochs",),
    ),
    Change(
        title="Train on another file",
        after=(("data", _BY_PATH | {"train": {"path": str(FILES / "test.jsonl")}}),),
        says="trains~ moves",
        tells=("records in 2 epochs",),
    ),
    Change(
        title="Validate with another file",
        after=(("data", _BY_PATH | {"validation": {"path": str(FILES / "test.jsonl")}}),),
        says="trains~ moves",
    ),
    Change(title="Validate no more", after=(("data", {"train": _BY_PATH["train"]}),), says="trains~ moves"),
    Change(
        title="Keep a test file beside the training data",
        after=(("data", _BY_PATH | {"test": {"path": str(FILES / "test.jsonl")}}),),
        says="widens",
    ),
    Change(
        title="Train on other data that was pushed",
        before=_pushed("a"),
        after=_pushed("b"),
        says="trains~ moves",
        tells=("in 2 epochs",),
    ),
    Change(title="Push the same bytes instead of naming the file", after=(("data", _SAME_BYTES),), says=""),
    Change(
        title="Tune another base model, on demand",
        after=(("training.base_model", _LITE),),
        says="trains~ deletes moves",
        tells=("an ARN of its own", "its ARN no longer works"),
    ),
    Change(
        title="Tune another base model, on a throughput",
        before=_units(1),
        after=(*_units(1), ("training.base_model", _LITE)),
        says="buys trains~ deletes moves",
        tells=("both are billed", "730 unit-hours"),
    ),
    Change(
        title="Try a training again that has a model", after=(("training.attempt", 2),), says="refused~ trains~ moves~"
    ),
    Change(title="Wait twice as long for a training", after=(("training.max_training_hours", 24),), says=""),
    Change(title="Do not wait for a training", after=(("training.max_training_hours", 0),), says=""),
    Change(
        title="Let a training go on when its stack goes", after=(("training.stop_on_delete", False),), says="loosens"
    ),
    Change(
        title="Stop a training when its stack goes",
        before=(("training.stop_on_delete", False),),
        after=(("training.stop_on_delete", True),),
        says="",
    ),
    Change(title="Name the kind of training", after=(("training.customization_type", "FINE_TUNING"),), says=""),
    Change(title="Look at everything again", after=(("reconcile", 1),), says=""),
    Change(title="Rename the model", after=(("name", "faq"),), says="trains~ stays moves widens", tells=("faq-dev-",)),
    Change(
        title="Serve a model that exists instead of training one",
        after=_given("a", _ON_DEMAND),
        says="stays moves",
        tells=("delete-stack", "a" * 12),
    ),
    # How it is served.
    Change(
        title="Buy a first model unit",
        after=_units(1),
        says="buys deletes moves",
        tells=("1 model unit without commitment", "730 unit-hours", "custom model deployment is deleted"),
    ),
    Change(
        title="Buy forty units for half a year",
        after=_units(40, "SixMonths"),
        says="buys deletes moves loosens",
        tells=("40 model units for SixMonths", "29,200 unit-hours", "cannot be deleted before its term ends"),
    ),
    Change(
        title="Buy a second unit",
        before=_units(1),
        after=_units(2),
        says="buys deletes moves",
        tells=("1,460 unit-hours", "both are billed", "1 model unit without commitment is deleted"),
    ),
    Change(
        title="Give a unit back",
        before=_units(2),
        after=_units(1),
        says="buys deletes moves",
        tells=("730 unit-hours",),
    ),
    Change(
        title="Commit to a month",
        before=_units(1),
        after=_units(1, "OneMonth"),
        says="buys deletes moves loosens",
        tells=("for OneMonth", "renews automatically"),
    ),
    Change(
        title="Commit to half a year instead of a month",
        before=_units(1, "OneMonth"),
        after=_units(1, "SixMonths"),
        says="refused~ buys~ deletes~ moves~",
        tells=("for SixMonths", "Inside its term Bedrock refuses"),
    ),
    Change(
        title="End a commitment",
        before=_units(1, "OneMonth"),
        after=_units(1),
        says="refused~ buys~ deletes~ moves~",
        tells=("Inside its term Bedrock refuses",),
    ),
    Change(
        title="Leave a committed throughput behind when its stack goes",
        before=_units(1, "OneMonth"),
        after=_units(1, "OneMonth", detach_when_committed=True),
        says="loosens",
        tells=("still billed",),
    ),
    Change(
        title="Serve on demand again",
        before=_units(1),
        says="deletes moves",
        tells=("Provisioned Throughput of 1 model unit", "tokens of each invocation"),
    ),
    Change(title="Serve on demand for the first time", before=_NONE, says="moves"),
    Change(
        title="Serve on a throughput for the first time",
        before=_NONE,
        after=_units(3),
        says="buys moves",
        tells=("2,190",),
    ),
    Change(
        title="Serve no longer, on a throughput",
        before=_units(1),
        after=_NONE,
        says="stays",
        tells=("1 model unit (730 unit-hours", "--serving-only"),
    ),
    Change(title="Serve no longer, on demand", after=_NONE, says="stays", tells=("--serving-only",)),
    Change(
        title="Keep two models",
        after=_serving(**_ON_DEMAND, keep_models=2),
        says="deletes~",
        tells=("all models but the newest 2", "every model is kept"),
    ),
    Change(
        title="Keep fewer models",
        before=_serving(**_ON_DEMAND, keep_models=5),
        after=_serving(**_ON_DEMAND, keep_models=2),
        says="deletes~",
        tells=("all models but the newest 2",),
    ),
    Change(
        title="Keep more models",
        before=_serving(**_ON_DEMAND, keep_models=2),
        after=_serving(**_ON_DEMAND, keep_models=5),
        says="",
    ),
    Change(title="Keep every model", before=_serving(**_ON_DEMAND, keep_models=2), says=""),
    Change(
        title="Serve another given model, on demand",
        before=_given("a", _ON_DEMAND),
        after=_given("b", _ON_DEMAND),
        says="moves",
        tells=("behind the same ARN", "b" * 12),
    ),
    Change(
        title="Serve another given model, on a throughput",
        before=_given("a", _UNIT),
        after=_given("b", _UNIT),
        says="moves",
        tells=("behind the same ARN", "b" * 12),
    ),
    Change(
        title="Train and buy at once",
        before=_units(1),
        after=(*_units(2), *_trained(epochCount=3)),
        says="buys trains~ deletes moves",
        tells=("56,460 tokens", "1,460 unit-hours"),
    ),
    Change(
        title="Commit and let it go on at once",
        after=_units(1, "OneMonth", detach_when_committed=True),
        says="buys deletes moves loosens",
    ),
    # Who else may invoke it.
    Change(
        title="Let an application in another account invoke the model",
        after=_access("answers"),
        says="shares widens loosens",
        tells=(f"iam::{_APPLICATION}:root may call sts:AssumeRole", "aws:PrincipalArn"),
    ),
    Change(
        title="Let another principal of that account invoke it too",
        before=_access("answers"),
        after=_access("answers", "batch"),
        says="shares",
        tells=(f"iam::{_APPLICATION}:role/batch",),
    ),
    Change(
        title="Let a principal no longer invoke it",
        before=_access("answers", "batch"),
        after=_access("answers"),
        says="",
    ),
    Change(
        title="Let no account invoke it any more",
        before=_access("answers"),
        says="stays",
        tells=(f"with credentials of account {_APPLICATION}",),
    ),
    Change(
        title="Serve on a throughput what an application invokes",
        before=_access("answers"),
        after=(*_access("answers"), *_units(1)),
        says="buys deletes moves widens",
    ),
    # What an environment may do, and where it is.
    Change(
        title="Allow to buy",
        before=_allowed(),
        after=_allowed(buy=True),
        says="widens",
        tells=("bedrock:CreateProvisionedModelThroughput",),
    ),
    Change(title="Allow no longer to buy", before=_allowed(buy=True), after=_allowed(), says=""),
    Change(
        title="Allow to delete models",
        before=_allowed(),
        after=_allowed(delete_models=True),
        says="widens",
        tells=("bedrock:DeleteCustomModel",),
    ),
    Change(
        title="Allow to delete models, and keep two",
        before=_allowed(),
        after=(*_allowed(delete_models=True), *_serving(**_ON_DEMAND, keep_models=2)),
        says="deletes~ widens",
        tells=("bedrock:DeleteCustomModel", "all models but the newest 2"),
    ),
    Change(
        title="Allow no longer to train",
        before=_given("a", _ON_DEMAND),
        after=(*_given("a", _ON_DEMAND), ("allow", {"train": False})),
        says="",
    ),
    Change(
        title="Allow to train",
        before=(*_given("a", _ON_DEMAND), *_allowed(train=False)),
        after=(*_given("a", _ON_DEMAND), *_allowed()),
        says="widens",
        tells=("bedrock:CreateModelCustomizationJob",),
    ),
    Change(
        title="Serve models under another key",
        after=(("allow", {"buy": True, "delete_models": True, "model_key_arns": [KEY]}),),
        says="widens",
        tells=("kms:Decrypt",),
    ),
    Change(title="Tag the environment", after=(("tags", {"team": "search"}),), says=""),
    Change(
        title="Change the tag of an owner",
        before=(("tags", {"owner": "a"}),),
        after=(("tags", {"owner": "b"}),),
        says="",
    ),
    Change(
        title="Deploy into another account",
        after=(("account", "444455556666"),),
        says="buys trains~ stays moves widens",
    ),
    Change(
        title="Name the stacks otherwise", after=(("stack_prefix", "team-"),), says="buys trains~ stays moves widens"
    ),
    Change(
        title="Send a mail when a training ends",
        after=(("notifications", {"email": ["a@example.com"]}),),
        says="shares widens",
    ),
    Change(
        title="Tell a topic when a training ends",
        after=(("notifications", {"topic_arn": "arn:aws:sns:us-east-1:111122223333:ended"}),),
        says="widens",
    ),
    # What an organization requires.
    Change(title="Bound every role", after=_organized(permissions_boundary=BOUNDARY), says=""),
    Change(title="Bound no role any more", before=_organized(permissions_boundary=BOUNDARY), says="widens?"),
    Change(
        title="Move the roles to another path", after=_organized(role_path="/team/"), says="refused widens? loosens"
    ),
    Change(
        title="Let names start otherwise", after=_organized(name_prefix="acme-"), says="refused deletes widens loosens"
    ),
    Change(
        title="Keep logs for a week",
        after=_organized(log_retention_days=7),
        says="loosens",
        tells=("30 days", "7 days"),
    ),
    Change(title="Keep logs for a year", after=_organized(log_retention_days=365), says=""),
    Change(title="Use a key of one's own", after=_organized(key_arn=KEY), says="refused stays widens loosens~"),
    Change(
        title="Use another key for logs",
        after=_organized(operations_key_arn=OPERATIONS_KEY),
        says="refused deletes widens loosens~",
    ),
    Change(
        title="Use a bucket of one's own",
        after=_organized(bucket=BUCKET, key_arn=KEY),
        says="refused stays widens loosens",
    ),
    Change(
        title="Use a role of one's own", after=_organized(service_role_arn=SERVICE_ROLE), says="refused widens widens?"
    ),
    Change(title="Train in a network", after=_organized(job_vpc=VPC), says="widens loosens"),
    Change(
        title="Run the functions in a network",
        after=_organized(function_vpc=VPC),
        says="widens loosens",
        tells=("ec2:CreateNetworkInterface",),
    ),
    Change(title="Run the functions in no network any more", before=_organized(function_vpc=VPC), says="loosens"),
    Change(
        title="Read from an encrypted bootstrap bucket",
        after=(("bootstrap", {"key_arn": KEY}),),
        says="widens",
        tells=("kms:Decrypt",),
    ),
)
