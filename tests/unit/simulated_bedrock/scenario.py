"""A small account to try things in: a world with data and a role, a frozen clock, and real clients."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.bedrock import Clock, InMemoryWorld, Quotas, Role, Settings, SimulatedBedrock
from sandbox.bedrock.catalogue import Catalogue, Recipe, load_catalogue
from tests.support.bedrock_client import ACCOUNT, REGION, client

if TYPE_CHECKING:
    from mypy_boto3_bedrock import BedrockClient
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

HAIKU = "anthropic.claude-3-haiku-20240307-v1:0"
HAIKU_TUNABLE = f"{HAIKU}:200k"
LLAMA_TUNABLE = "meta.llama3-1-8b-instruct-v1:0:128k"
NOVA_TUNABLE = "amazon.nova-micro-v1:0:128k"
BUCKET = "tuning-data"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/tuning"
TRAIN_KEY = "train/data.jsonl"
VALIDATION_KEY = "validation/data.jsonl"
LONG_ENOUGH = timedelta(days=2)


def uri(key: str) -> str:
    """Return the S3 URI of a key in the account's bucket."""
    return f"s3://{BUCKET}/{key}"


def claude_record(prompt: str = "Is it on?", completion: str = "It is.") -> dict[str, Any]:
    """Return a record in the format of Claude 3 Haiku."""
    turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": completion}]
    return {"system": "Answer in one sentence.", "messages": turns}


def nova_record(prompt: str = "Is it on?", completion: str = "It is.") -> dict[str, Any]:
    """Return a record in the format of Amazon Nova."""
    turns = [
        {"role": "user", "content": [{"text": prompt}]},
        {"role": "assistant", "content": [{"text": completion}]},
    ]
    return {"schemaVersion": "bedrock-conversation-2024", "messages": turns}


def prompt_record(prompt: str = "Is it on?", completion: str = "It is.") -> dict[str, Any]:
    """Return a record in the format of Llama 3.1, Titan Text and Cohere Command."""
    return {"prompt": prompt, "completion": completion}


def recipe_of(model_id: str, region: str = "us-west-2") -> Recipe:
    """Return what a base model asks of a job."""
    model = load_catalogue().find(model_id, region, datetime(2024, 11, 15, tzinfo=UTC))
    assert model
    return model.recipe


def jsonl(records: Sequence[Any]) -> bytes:
    """Return a dataset file."""
    return "".join(f"{json.dumps(record)}\n" for record in records).encode()


def records(number: int, make: Callable[[str, str], dict[str, Any]] = claude_record) -> list[dict[str, Any]]:
    """Return records that teach a tone: each answers for one numbered valve."""
    return [make(f"What about valve{index}?", f"Aye, valve {index} be shut.") for index in range(number)]


@dataclass
class Account:
    """Everything that a test needs."""

    settings: Settings = field(default_factory=lambda: Settings(quotas=Quotas(custom_model_units=10)))
    region: str = REGION
    world: InMemoryWorld = field(default_factory=InMemoryWorld)
    clock: Clock = field(default_factory=lambda: Clock(rate=0))
    catalogue: Catalogue | None = None

    def __post_init__(self) -> None:
        pattern = f"arn:aws:bedrock:{self.region}:{ACCOUNT}:model-customization-job/*"
        self.world.roles[ROLE_ARN] = Role(source_account=ACCOUNT, source_arn=pattern)
        self.put(TRAIN_KEY, records(64))
        self.put(VALIDATION_KEY, records(32))
        self.simulated = SimulatedBedrock(self.clock, self.world, self.settings, catalogue=self.catalogue)
        self.bedrock: BedrockClient = client(self.simulated, "bedrock", region=self.region)
        self.runtime: BedrockRuntimeClient = client(self.simulated, "bedrock-runtime", region=self.region)

    @property
    def role(self) -> Role:
        """The service role."""
        return self.world.roles[ROLE_ARN]

    def put(self, key: str, content: Sequence[Any]) -> None:
        """Store a dataset."""
        self.world.objects[BUCKET, key] = jsonl(content)

    def pass_time(self, by: timedelta = LONG_ENOUGH) -> None:
        """Turn the clock."""
        self.clock.advance(by)

    def create_job(self, name: str = "job", **changes: Any) -> str:
        """Create a job and return its ARN. A change to None leaves the parameter out."""
        request = {**job_request(name), **changes}
        present = {key: value for key, value in request.items() if value is not None}
        return str(self.bedrock.create_model_customization_job(**present)["jobArn"])

    def job(self, name: str = "job") -> dict[str, Any]:
        """Return what GetModelCustomizationJob says."""
        return dict(self.bedrock.get_model_customization_job(jobIdentifier=name))

    def tuned_model(self, name: str = "job", **changes: Any) -> str:
        """Tune a model to the end and return its ARN."""
        self.create_job(name, **changes)
        self.pass_time()
        return str(self.job(name)["outputModelArn"])

    def throughput(self, model: str, name: str = "serving", **changes: Any) -> str:
        """Buy a throughput and return its ARN."""
        request: dict[str, Any] = {"modelUnits": 1, "provisionedModelName": name, "modelId": model, **changes}
        return str(self.bedrock.create_provisioned_model_throughput(**request)["provisionedModelArn"])

    def in_service(self, model: str, name: str = "serving", **changes: Any) -> str:
        """Buy a throughput and wait for it."""
        arn = self.throughput(model, name, **changes)
        self.pass_time(timedelta(hours=1))
        return arn

    def job_statuses(self) -> list[str]:
        """Return the statuses that were announced by events, in their order."""
        return [event.detail["jobStatus"] for event in self.world.events]


def job_request(name: str = "job") -> dict[str, Any]:
    """Return the parameters of a job that succeeds."""
    return {
        "jobName": name,
        "customModelName": f"{name}-model",
        "roleArn": ROLE_ARN,
        "baseModelIdentifier": HAIKU_TUNABLE,
        "customizationType": "FINE_TUNING",
        "trainingDataConfig": {"s3Uri": uri(TRAIN_KEY)},
        "validationDataConfig": {"validators": [{"s3Uri": uri(VALIDATION_KEY)}]},
        "outputDataConfig": {"s3Uri": uri("output/")},
        "hyperParameters": {"epochCount": "2"},
    }
