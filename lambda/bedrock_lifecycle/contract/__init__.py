"""What the build-time and the run-time half agree on: property names, attribute names, names of things.

Imported by the constructs and by the Lambda functions, so it uses the standard library alone.
Property names are public: a rollback hands old properties to new code, so a name is never reused for another
meaning, and `CONTRACT_VERSION` goes up when code that reads the old form would do the wrong thing with the new.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Final, Literal

CONTRACT_VERSION: Final = "1"
# Of a training inside a VPC: code that knows only version 1 would train outside of it.
VPC_CONTRACT_VERSION: Final = "2"
# Of what serves behind a gate: code that knows only version 2 would not judge it.
GATED_CONTRACT_VERSION: Final = "3"
# Of a wait step that tells losses: without these attributes, outputs that read them would fail a deployment.
LOSSES_CONTRACT_VERSION: Final = "4"
LATEST_CONTRACT_VERSION: Final = LOSSES_CONTRACT_VERSION

# Custom resource types, as they stand in the template.
MODEL_CUSTOMIZATION: Final = "Custom::BedrockModelCustomization"
TRAINING_AWAIT: Final = "Custom::BedrockTrainingAwait"
PROMOTED_MODEL: Final = "Custom::BedrockPromotedModel"
PROVISIONED_THROUGHPUT: Final = "Custom::BedrockProvisionedThroughput"
CUSTOM_MODEL_DEPLOYMENT: Final = "Custom::BedrockCustomModelDeployment"
SERVING_BAKE: Final = "Custom::BedrockServingBake"
EVALUATION: Final = "Custom::BedrockEvaluation"
EVALUATION_AWAIT: Final = "Custom::BedrockEvaluationAwait"
QUALITY_GATE: Final = "Custom::BedrockQualityGate"
DATASET: Final = "Custom::BedrockTuningDataset"
# What serves a model, each in its way.
SERVING_TYPES: Final = (PROVISIONED_THROUGHPUT, CUSTOM_MODEL_DEPLOYMENT)

FINE_TUNING: Final = "FINE_TUNING"

# Modes of the property `Serving`, which tells a training how its model is to be served.
PROVISIONED_THROUGHPUT_MODE: Final = "provisioned_throughput"
ON_DEMAND_MODE: Final = "on_demand"

# Keys of the property `Quotas`, whose values are Service Quotas codes; a quota that is left out is not checked.
JOBS_QUOTA: Final = "CustomizationJobs"
MODELS_QUOTA: Final = "CustomModels"
UNITS_QUOTA: Final = "ModelUnits"
UNCOMMITTED_UNITS_QUOTA: Final = "UncommittedModelUnits"
DEPLOYMENTS_QUOTA: Final = "Deployments"
RECORDS_QUOTA: Final = "Records"

# Names as an organization prescribes them. A role's name has at most 64 characters, its path 512 (IAM, CreateRole).
MAX_NAME_PREFIX_LENGTH: Final = 20
NAME_PREFIX_PATTERN: Final = r"[a-zA-Z][a-zA-Z0-9-]{0,19}"
MAX_ROLE_PATH_LENGTH: Final = 512
ROLE_PATH_PATTERN: Final = r"/([\w+=,.@-]+/)+"

# The network of a job or a function; Bedrock and Lambda have the same bounds (botocore 1.43.106, both `VpcConfig`).
MAX_SUBNETS: Final = 16
MAX_SECURITY_GROUPS: Final = 5
SUBNET_ID_PATTERN: Final = r"subnet-[0-9a-z]{8,25}"
SECURITY_GROUP_ID_PATTERN: Final = r"sg-[0-9a-z]{8,29}"

# Prefixes of the data store's bucket.
TRAIN_PREFIX: Final = "train/"
VALIDATION_PREFIX: Final = "validation/"
TEST_PREFIX: Final = "test/"
OUTPUT_PREFIX: Final = "output/"
# Of evaluations, see `bedrock_lifecycle.contract.evaluation_store`.
EVALUATION_PREFIX: Final = "evaluation/"
# What S3 calls the version of an object in a bucket without versioning.
UNVERSIONED: Final = "null"
# What the dataset resource says of data that a rollback went back to and whose report it could not read.
UNKNOWN: Final = "unknown"
DATASET_REPORTS_PREFIX: Final = f"{OUTPUT_PREFIX}dataset-reports/"
Split = Literal["train", "validation", "test"]
"""What a file of data is for."""
RequestType = Literal["Create", "Update", "Delete"]
"""What CloudFormation asks of a custom resource (CloudFormation user guide, "Custom resource request types")."""
DATA_PREFIXES: Final[Mapping[Split, str]] = {
    "train": TRAIN_PREFIX,
    "validation": VALIDATION_PREFIX,
    "test": TEST_PREFIX,
}

# Bounds of the parts of a name: together they stay inside Bedrock's 63 characters for job, model, throughput and
# deployment (botocore 1.43.106, CreateModelCustomizationJob, CreateProvisionedModelThroughput and
# CreateCustomModelDeployment).
MAX_NAME_LENGTH: Final = 24
MAX_ENVIRONMENT_LENGTH: Final = 12
MAX_ATTEMPT: Final = 99
TRAINING_ID_LENGTH: Final = 12
MAX_BEDROCK_NAME_LENGTH: Final = 63
# A training's id and attempt, an evaluation's id, or the digest of what serves: what a name ends with.
_EVALUATION: Final = r"[0-9a-f]{12}"
_REST_OF_NAME: Final = rf"[0-9a-f]{{12}}-[1-9][0-9]?|{_EVALUATION}|[0-9a-f]{{8}}"
# With training id and attempt they satisfy the patterns of jobName, customModelName and provisionedModelName at once:
# letters, digits, and separators that are never doubled.
NAME_PATTERN: Final = r"[a-zA-Z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*"
ENVIRONMENT_PATTERN: Final = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"

# After so many hours without its training having begun, a job is told as one that does not start. A figure of this
# project's: public logs of 2026 know jobs that had not started after a day and more, and of no bound for those that do.
STARTS_WITHIN_HOURS: Final = 3

# Bounds of this project's for a bake: what it may cost, and how long a deployment may last with it.
MAX_BAKE_QUESTIONS: Final = 50
MAX_BAKE_OUTPUT_TOKENS: Final = 1_000
MAX_BAKE_ALARMS: Final = 10
MAX_BAKE_MINUTES: Final = 720
BAKE_MINUTES: Final = 30
MAX_BAKE_BYTES: Final = 4 * 1024 * 1024
# A question whose answer was lost is asked again, so often in all for each question.
BAKE_TRIES: Final = 2

# Bounds of this project's for an evaluation.
MAX_EVALUATION_RECORDS: Final = 1_000_000
MAX_EVALUATION_OUTPUT_TOKENS: Final = 10_000
MAX_COMPARED_MODELS: Final = 4
MAX_METRICS: Final = 10
MAX_REQUIREMENTS: Final = 10
MAX_JUDGED_RECORDS: Final = 10_000
MAX_SCHEMA_BYTES: Final = 32 * 1024
MAX_OWN_METRIC_BYTES: Final = 1024 * 1024
MAX_RUBRIC_BYTES: Final = 32 * 1024
MAX_EVALUATION_HOURS: Final = 120

# How long one deployment waits for a training at most. A bound of this project's: it makes 160 rungs.
MAX_TRAINING_HOURS: Final = 120
# The default quota for custom models in an account (L-CB5B847D).
MAX_KEEP_MODELS: Final = 100

# A request is answered by then, well inside CloudFormation's hour (ServiceTimeout of a custom resource: 1 to 3,600
# seconds); what is left is for undoing what it made and for the answer to arrive.
DEADLINE_MINUTES: Final = 52
UNDOING_MINUTES: Final = 4
# A rung hands on earlier, so that its answer is never late.
RUNG_MINUTES: Final = 45

# A turn is short: it looks and acts once. A lease outlasts it, so that whoever finds a lease expired knows that its
# holder was ended by the Lambda service.
TURN_TIMEOUT_SECONDS: Final = 30
LEASE_SECONDS: Final = 40

# Environment variables of the functions.
LEDGER_TABLE_VARIABLE: Final = "LEDGER_TABLE"
LEASE_SECONDS_VARIABLE: Final = "LEASE_SECONDS"
STATE_MACHINE_VARIABLE: Final = "STATE_MACHINE_ARN"
ANNOUNCE_VARIABLE: Final = "ANNOUNCE"
FOUNDATION_VARIABLE: Final = "FOUNDATION"
DATA_BUCKET_VARIABLE: Final = "DATA_BUCKET"
EVALUATION_WORKFLOW_VARIABLE: Final = "EVALUATION_WORKFLOW_ARN"
METRIC_FILE_VARIABLE: Final = "METRIC_FILE"
METRIC_FUNCTION_VARIABLE: Final = "METRIC_FUNCTION"
# For people, and either may be missing: the command that pushes data, and where the key of a data file is named.
PUSH_VARIABLE: Final = "PUSH_COMMAND"
SOURCE_KEY_VARIABLE: Final = "SOURCE_KEY_SETTING"

# The event on the default bus of EventBridge by which a training that does not start is told; its detail names
# `jobName` and `roleArn` as Bedrock's own event does.
EVENT_SOURCE: Final = "bedrock-tuning"
NOT_STARTED_EVENT: Final = "Training Not Started"

# Every thing that this project creates in Bedrock carries these tags; nothing without them is ever touched.
TAG_OWNER: Final = "bedrock-tuning:owner"
TAG_ENVIRONMENT: Final = "bedrock-tuning:environment"
# Whose functions may change it, as the owner tag of the stack that they are in: their policies name this value.
TAG_FOUNDATION: Final = "bedrock-tuning:foundation"
# The model that it is for; stacks carry it too, so that a bill can be told by model.
TAG_MODEL: Final = "bedrock-tuning:model"
# The app whose a stack is, and what was made by it. Another app's stacks are never touched.
TAG_APP: Final = "bedrock-tuning:app"
TAG_RESOURCE: Final = "bedrock-tuning:resource"
# Its value on the bucket that receives the access logs of the other one.
ACCESS_LOGS: Final = "access-logs"
TAG_DETACH: Final = "bedrock-tuning:detach-when-committed"
TAG_LET_GO: Final = "bedrock-tuning:let-go-by"
# What a policy of its template keeps when it is replaced or removed: no later request takes it for a leftover.
TAG_RETAINED: Final = "bedrock-tuning:retained"
TAG_TRAINING_ID: Final = "bedrock-tuning:training-id"
# What the environment that trained a model found of it last, where it looked: PASSED, or the model is not promoted.
TAG_BAKE: Final = "bedrock-tuning:bake"
TAG_VERDICT: Final = "bedrock-tuning:verdict"
PASSED: Final = "passed"
FAILED: Final = "failed"
# On a model that another environment serves, or served before: with that environment's name as its end, and since when
# as its value. Nothing that carries such a tag is deleted.
_TAG_HELD_BY: Final = "bedrock-tuning:held-by:"
# How many models an environment holds beside the one that it serves, so that it can go back to them.
HELD_BEFORE: Final = 2


def hold_tag(environment: str) -> str:
    """Return the key of the tag with which an environment holds another's model."""
    return f"{_TAG_HELD_BY}{environment}"


def holders(tags: Mapping[str, str]) -> list[str]:
    """Return the environments that hold what carries these tags, sorted."""
    return sorted(key.removeprefix(_TAG_HELD_BY) for key in tags if key.startswith(_TAG_HELD_BY))


def stack_owner(*, partition: str, region: str, account: str, stack_name: str) -> str:
    """Return what the owner tag says of what a stack made, whether or not the stack exists."""
    return f"arn:{partition}:cloudformation:{region}:{account}:stack/{stack_name}"


def owner_of(stack_id: str) -> str:
    """Return `stack_owner` from a stack's id, whose last part is new whenever the stack is created again."""
    return stack_id.rpartition("/")[0]


def data_key(split: Split, sha256: str) -> str:
    """Return where in the data store data of this digest lies, whichever way it got there."""
    return f"{DATA_PREFIXES[split]}{sha256}.jsonl"


def dataset_report_key(split: Split, sha256: str, base_model: str, customization_type: str) -> str:
    """Return where in the data store the report on data of this digest is.

    Another base model judges it otherwise, and another way of customizing; fine-tuning keeps the place that it had
    while it was the only one.
    """
    way = "" if customization_type == FINE_TUNING else f"{customization_type}/"
    return f"{DATASET_REPORTS_PREFIX}{base_model.replace(':', '-')}/{way}{split}-{sha256}.json"


def name_prefix(name: str, environment: str) -> str:
    """Return what the names of all that an environment makes for a model begin with; another's may begin so as well."""
    return f"{name}-{environment}-"


def is_name_of(full_name: str, *, model: str, environment: str) -> bool:
    """Tell whether one of this module's names of something in Bedrock is a model's in an environment."""
    rest = full_name.removeprefix(name_prefix(model, environment))
    return rest != full_name and re.fullmatch(_REST_OF_NAME, rest) is not None


def is_elsewhere(full_name: str, *, model: str, environment: str) -> bool:
    """Tell whether a name of something in Bedrock is a model's in any environment but this one."""
    its = re.fullmatch(rf"{re.escape(model)}-{ENVIRONMENT_PATTERN}-({_REST_OF_NAME})", full_name)
    return its is not None and not is_name_of(full_name, model=model, environment=environment)


def model_id_parameter(name: str, environment: str) -> str:
    """Return the name of the SSM parameter that has the ID of what serves a model."""
    return f"/bedrock-tuning/{environment}/{name}/model-id"


def access_parameter(name: str, environment: str, what: str) -> str:
    """Return the name of an SSM parameter in an application's account: `role-arn`, `model-id-parameter`, `region`."""
    return f"/bedrock-tuning/{environment}/{name}/access/{what}"


def training_name(*, name: str, environment: str, training_id: str, attempt: int) -> str:
    """Return the name that the customization job and the custom model of one training attempt share."""
    return f"{name}-{environment}-{training_id}-{attempt}"


def throughput_name(
    *, name: str, environment: str, base_model: str, model_units: int, commitment_duration: str | None
) -> str:
    """Return the name of a Provisioned Throughput: constant while models are swapped in place.

    What Bedrock cannot change in place (base model, model units, commitment) is part of the name, so a
    change of it is a replacement, created beside the old one.
    """
    immutable = json.dumps([base_model, model_units, commitment_duration], separators=(",", ":"))
    return f"{name}-{environment}-{hashlib.sha256(immutable.encode()).hexdigest()[:8]}"


def deployment_name(*, name: str, environment: str, base_model: str) -> str:
    """Return the name of a custom model deployment: constant while models are swapped in place.

    That a deployment can be moved to a model of another base is not established, so the base model is part of the
    name, and a change of it is a replacement, created beside the old one.
    """
    immutable = json.dumps([base_model], separators=(",", ":"))
    return f"{name}-{environment}-{hashlib.sha256(immutable.encode()).hexdigest()[:8]}"


def candidate_name(*, name: str, environment: str, evaluation_id: str) -> str:
    """Return the name of the deployment that answers for a tuned model during its evaluation alone."""
    return f"{name}-{environment}-{evaluation_id}"


def evaluated_by(candidate: str, *, name: str, environment: str) -> str:
    """Return the id of the evaluation whose candidate has a name; nothing for any other name."""
    rest = candidate.removeprefix(name_prefix(name, environment))
    return rest if rest != candidate and re.fullmatch(_EVALUATION, rest) else ""


def evaluation_run(evaluation_id: str, number: int) -> str:
    """Return the name of one run of an evaluation, counted from 1 on.

    Step Functions takes no name twice within 90 days (API reference, StartExecution), so two requests that both see no
    run cannot start two.
    """
    return f"{evaluation_id}-{number}"


def evaluation_of(run: str) -> str:
    """Return the id of the evaluation that a run is of."""
    return run.rpartition("-")[0]


def run_number(run: str, evaluation_id: str) -> int:
    """Return the number of an evaluation's run; 0 for what is none of it."""
    its = re.fullmatch(rf"{evaluation_id}-([1-9][0-9]*)", run)
    return int(its[1]) if its else 0
