"""An account in which environments were destroyed and left what is kept, with neighbours that look like it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from ministack.services import kms, s3

from bedrock_lifecycle import contract
from settings.app import DEFAULT_APP
from tests.support.bedrock_client import ACCOUNT, REGION
from tests.support.environment import FOUNDATION, TRAINING, Account, Wanted
from tests.support.in_process import in_process
from tests.support.lifecycle import BUCKET, KEY_ARN, ROLE_ARN
from tests.support.quick import quick
from tests.unit.tune.aws_stand_in import THEIRS, ref
from tests.unit.tune.planning import Aws

WANTED: Final = Wanted(rungs=2, tags={contract.TAG_APP: DEFAULT_APP})
ANCHOR: Final = ref("prod", "faq", account=ACCOUNT, folder=Path("any"))
STACKS: Final = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/"
TRAINING_ID: Final = "0123456789ab"

Tags = Mapping[str, str]


def tags(owner: str, environment: str, **more: str) -> dict[str, str]:
    named = {contract.TAG_APP: DEFAULT_APP, contract.TAG_ENVIRONMENT: environment}
    return {contract.TAG_OWNER: STACKS + owner, **named, **more}


OURS: Final = tags(FOUNDATION, "prod")
# Each differs from ours in one thing.
STORE_NEIGHBOURS: Final[Mapping[str, Tags]] = {
    "another-environment": tags("bedrock-tuning-prod-eu-Foundation", "prod-eu"),
    "shorter-environment": tags("bedrock-tuning-pro-Foundation", "pro"),
    "another-stack": tags(f"{FOUNDATION}2", "prod"),
    "our-training-stack": tags(TRAINING, "prod"),
    "another-region": {**OURS, contract.TAG_OWNER: OURS[contract.TAG_OWNER].replace(REGION, "us-east-1")},
    "another-account": {**OURS, contract.TAG_OWNER: OURS[contract.TAG_OWNER].replace(ACCOUNT, "999988887777")},
    "no-environment": {key: value for key, value in OURS.items() if key != contract.TAG_ENVIRONMENT},
    "no-owner": {contract.TAG_APP: DEFAULT_APP, contract.TAG_ENVIRONMENT: "prod"},
    "another-app": {**OURS, contract.TAG_APP: THEIRS},
    "no-tags": {},
}
_TRAINED: Final = tags(TRAINING, "prod", **{contract.TAG_TRAINING_ID: TRAINING_ID})
MODEL_NEIGHBOURS: Final[Mapping[str, Tags]] = {
    # The name of our form, and tags that say something else.
    f"faq-prod-{TRAINING_ID}-1": {},
    f"faq-prod-{TRAINING_ID}-2": tags(f"{TRAINING}2", "prod", **{contract.TAG_TRAINING_ID: TRAINING_ID}),
    f"faq-prod-{TRAINING_ID}-3": tags(TRAINING, "prod-eu", **{contract.TAG_TRAINING_ID: TRAINING_ID}),
    f"faq-prod-{TRAINING_ID}-4": {key: value for key, value in _TRAINED.items() if key != contract.TAG_OWNER},
    f"faq-prod-{TRAINING_ID}-5": tags(TRAINING, "prod"),
    f"faq-prod-{TRAINING_ID}-6": {**_TRAINED, contract.TAG_TRAINING_ID: "ba9876543210"},
    f"faq-prod-{TRAINING_ID}-7": {**_TRAINED, contract.TAG_APP: THEIRS},
    # Our tags, and a name of another form.
    f"faq-prod-eu-{TRAINING_ID}-1": _TRAINED,
    f"faq-prod2-{TRAINING_ID}-1": _TRAINED,
    f"prod-{TRAINING_ID}-1": _TRAINED,
    f"faq-prod-{TRAINING_ID}-100": _TRAINED,
    f"faq-prod-{TRAINING_ID}-1-copy": _TRAINED,
    "faq-prod-by-hand": _TRAINED,
    # The name of another model, and of one whose name ours is part of.
    f"other-prod-{TRAINING_ID}-1": _TRAINED,
    f"an-faq-prod-{TRAINING_ID}-1": _TRAINED,
    # All of another environment.
    f"faq-eu-prod-{TRAINING_ID}-1": tags(
        "bedrock-tuning-eu-prod-faq-Training", "eu-prod", **{contract.TAG_TRAINING_ID: TRAINING_ID}
    ),
}


class Interrupted(KeyboardInterrupt):
    """Ctrl-C in the middle of a call."""


class Leftovers:
    """What environment `prod` has left, and everything that only looks like it."""

    def __init__(self, *, neighbours: bool = False) -> None:
        self.account = Account(settings=quick())
        self.account.deploy(WANTED)
        self.account.deploy(WANTED.but(hyper_parameters={"epochCount": "3"}))
        self.account.destroy()
        self.bedrock = Aws(self.account).bedrock
        self.s3, self.kms = in_process("s3", s3), in_process("kms", kms)
        self.changes: list[str] = []
        self.interrupt_at: int | None = None
        self.after: Callable[[str], None] = lambda _: None
        self._bucket("prod-foundation-access-logs", OURS)
        self._bucket("prod-foundation-data", OURS, logs_to="prod-foundation-access-logs")
        self.key = self._key(OURS)
        # The key with which the simulated Bedrock has encrypted the models.
        kms._resolve_key(self.key)["Arn"] = KEY_ARN
        if neighbours:
            self._plant()
        self.neighbours = self.everything() if neighbours else {}
        for kind, ours in self.ours().items():
            for each in ours:
                self.neighbours.get(kind, {}).pop(each, None)
        for client in (self.bedrock, self.s3, self.kms):
            client.meta.events.register("before-call", self._note)
            client.meta.events.register("after-call", self._noted)

    def second_key(self) -> str:
        """Make the key that goes with Foundation; return its id."""
        its = [{"TagKey": key, "TagValue": value} for key, value in OURS.items()]
        made = self.kms.create_key(Tags=its, Description="Encrypts ledger, workflow, logs")
        return str(made["KeyMetadata"]["KeyId"])

    def aws(self, service: str) -> Any:
        known = {"bedrock": self.bedrock, "s3": self.s3, "kms": self.kms}
        return known.get(service) or Aws(self.account)(service)

    def ours(self) -> dict[str, list[str]]:
        names = [WANTED.training_name, WANTED.but(hyper_parameters={"epochCount": "3"}).training_name]
        return {"models": names, "buckets": ["prod-foundation-data", "prod-foundation-access-logs"], "keys": [self.key]}

    def everything(self) -> dict[str, dict[str, Any]]:
        """Return all models, buckets with their content, and keys that are not scheduled for deletion."""
        models = self.bedrock.list_custom_models(maxResults=1000)["modelSummaries"]
        return {
            "models": {its["modelName"]: its["modelArn"] for its in models},
            "buckets": {its["Name"]: self._content(its["Name"]) for its in self.s3.list_buckets()["Buckets"]},
            "keys": {
                its["KeyId"]: its["KeyArn"]
                for its in self.kms.list_keys()["Keys"]
                if self.kms.describe_key(KeyId=its["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"
            },
        }

    def left(self) -> dict[str, list[str]]:
        """Return what is left of the environment itself."""
        found = self.everything()
        return {kind: [each for each in ours if each in found[kind]] for kind, ours in self.ours().items()}

    def model(self, name: str, tags_of_model: Tags) -> str:
        """Train a model beside the lifecycle; return its ARN."""
        self.bedrock.create_model_customization_job(
            jobName=f"{name}-job",
            customModelName=name,
            roleArn=ROLE_ARN,
            baseModelIdentifier=WANTED.base_model,
            trainingDataConfig={"s3Uri": f"s3://{BUCKET}/train/{WANTED.sha256}.jsonl"},
            outputDataConfig={"s3Uri": f"s3://{BUCKET}/output/"},
            hyperParameters={"epochCount": "1"},
            customModelTags=[{"key": key, "value": value} for key, value in tags_of_model.items()],
        )
        self.account.lifecycle.pass_time(quick().durations.validation * 10)
        return str(self.bedrock.get_custom_model(modelIdentifier=name)["modelArn"])

    def stack(self, name: str) -> None:
        """Let a stack of the environment exist."""
        self.account.cloudformation.deploy(name, WANTED.but(rungs=0).training() if name == TRAINING else {})

    def _plant(self) -> None:
        for name, its in MODEL_NEIGHBOURS.items():
            self.model(name, its)
        for name, its in STORE_NEIGHBOURS.items():
            self._bucket(f"prod-foundation-{name}", its)
            self._key(its)

    def _bucket(self, name: str, its: Tags, logs_to: str | None = None) -> None:
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        if its:
            tag_set = [{"Key": key, "Value": value} for key, value in its.items()]
            self.s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tag_set})
        if logs_to:
            logging = {"LoggingEnabled": {"TargetBucket": logs_to, "TargetPrefix": "data-store/"}}
            self.s3.put_bucket_logging(Bucket=name, BucketLoggingStatus=logging)
        for body in (b"one", b"two"):
            self.s3.put_object(Bucket=name, Key="train/any.jsonl", Body=body)
        self.s3.delete_object(Bucket=name, Key="train/any.jsonl")

    def _key(self, its: Tags) -> str:
        made = self.kms.create_key(Tags=[{"TagKey": key, "TagValue": value} for key, value in its.items()])
        return str(made["KeyMetadata"]["KeyId"])

    def _content(self, bucket: str) -> list[tuple[str, str]]:
        found = self.s3.list_object_versions(Bucket=bucket)
        return [(its["Key"], its["VersionId"]) for its in (*found.get("Versions", []), *found.get("DeleteMarkers", []))]

    def _note(self, model: Any, params: Any, **_: Any) -> None:
        if not model.name.startswith(("Get", "List", "Describe")):
            self.changes.append(model.name)
            if len(self.changes) == self.interrupt_at:
                raise Interrupted

    def _noted(self, model: Any, **_: Any) -> None:
        if not model.name.startswith(("Get", "List", "Describe")):
            self.after(model.name)
