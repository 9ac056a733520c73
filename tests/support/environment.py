"""One environment on the lifecycle in one process: its Training and its Serving stack, with knobs to turn."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import EvaluationProperties, GateProperties
from bedrock_lifecycle.contract.evaluation_identity import (
    TUNED,
    EvaluationInputs,
    Questions,
    Target,
    metric_definition,
)
from bedrock_lifecycle.contract.identity import TrainingInputs, training_id
from bedrock_lifecycle.evaluation.results.gate import Requirement
from sandbox.bedrock.names import Scope
from sandbox.bedrock.resources.region import Region
from settings.stack_names import DEFAULT_PREFIX, StackKind, stack_name
from tests.support.bedrock_client import ACCOUNT, REGION
from tests.support.cloudformation import CloudFormation, Ref, Resource, Stacks, Template, Variant
from tests.support.evaluations import MEASURE
from tests.support.lifecycle import BUCKET, CANARY, KEY_ARN, RECORDS, ROLE_ARN, Lifecycle
from tests.support.world_clients import version_of

HAIKU: Final = "anthropic.claude-3-haiku-20240307-v1:0:200k"
NOVA: Final = "amazon.nova-micro-v1:0:128k"
# The one Region in which models of Nova are tuned, and deployed on demand.
NOVA_REGION: Final = "us-east-1"
NOVA_RECORDS: Final = "".join(
    json.dumps(
        {
            "schemaVersion": "bedrock-conversation-2024",
            "messages": [
                {"role": "user", "content": [{"text": f"What about valve {number}? {CANARY}"}]},
                {"role": "assistant", "content": [{"text": f"Valve {number} is shut."}]},
            ],
        }
    )
    + "\n"
    for number in range(8)
).encode()
FOUNDATION: Final = "bedrock-tuning-prod-Foundation"
TRAINING: Final = "bedrock-tuning-prod-faq-Training"
SERVING: Final = "bedrock-tuning-prod-faq-Serving"
UNIT_QUOTAS: Final = {"ModelUnits": "L-EF415EF6", "UncommittedModelUnits": "L-BE77399C"}
NOVA_UNIT_QUOTAS: Final = {"ModelUnits": "L-AC096F71", "UncommittedModelUnits": "L-BE77399C"}
DEPLOYMENT_QUOTAS: Final = {"Deployments": "L-1EF80F3E"}
PARAMETER_TYPE: Final = "AWS::SSM::Parameter"
# The attributes by which what serves is told to applications.
MODEL_IDS: Final = ("ProvisionedModelArn", "CustomModelDeploymentArn")


@dataclass(frozen=True)
class Wanted:
    """What a settings file asks for."""

    hyper_parameters: Mapping[str, str] = field(default_factory=lambda: {"epochCount": "2"})
    data: bytes = RECORDS
    base_model: str = HAIKU
    attempt: int = 1
    rungs: int = 15
    stop_on_delete: bool = True
    model_units: int | None = 1
    commitment_duration: str | None = None
    detach_when_committed: bool = False
    on_demand: bool = False
    served_model: str | None = None
    """What the construct of serving is called; the same for each way to serve."""
    kept: frozenset[str] = frozenset()
    """The policies of what serves that say Retain."""
    renamed: str = ""
    """What the logical ID of what serves ends with."""
    given_model: str | None = None
    keep_models: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    role_arn: str = ROLE_ARN
    key_arn: str = KEY_ARN
    model_key_arns: tuple[str, ...] = ()
    customized_from: str | None = None
    name: str = "faq"
    environment: str = "prod"
    giver: str | None = None
    """The environment that trains the model, when it is promoted from there."""
    asks: bytes | None = None
    """The questions of its bake; without any there is none."""
    push: str | None = None
    """The command that pushes the questions."""
    questions: int = 3
    right: int = 3
    alarms: tuple[str, ...] = ()
    minutes: int = 0
    bake_steps: int = 1
    evaluates: bool = False
    """Whether it is evaluated."""
    gated: bool = False
    """Whether its evaluation must pass before it serves."""
    accepted: bool = False
    """Whether a verdict of this evaluation that is not good is accepted."""
    accepted_until: str = "2999-12-31"
    evaluation_rungs: int = 1
    max_tokens: int = 1_000_000
    compared_with: Mapping[str, str] = field(default_factory=lambda: {"base": "amazon.nova-micro-v1:0"})
    test_data: bytes = NOVA_RECORDS

    def but(self, **changes: Any) -> "Wanted":
        """Return the same with changes."""
        return dataclasses.replace(self, **changes)

    def stack(self, kind: StackKind) -> str:
        """Return the name of a stack."""
        return stack_name(DEFAULT_PREFIX, self.environment, kind, self.name)

    @property
    def region(self) -> str:
        return NOVA_REGION if self.base_model.startswith("amazon.nova") else REGION

    @property
    def is_served(self) -> bool:
        return self.on_demand or self.model_units is not None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def training_id(self) -> str:
        inputs = TrainingInputs(
            base_model=self.base_model,
            customization_type=contract.FINE_TUNING,
            hyper_parameters=self.hyper_parameters,
            train_sha256=self.sha256,
        )
        return training_id(inputs)

    @property
    def training_name(self) -> str:
        environment = self.giver or self.environment
        return contract.training_name(
            name=self.name, environment=environment, training_id=self.training_id, attempt=self.attempt
        )

    @property
    def throughput_name(self) -> str:
        return contract.throughput_name(
            name=self.name,
            environment=self.environment,
            base_model=self.base_model,
            model_units=self.model_units or 0,
            commitment_duration=self.commitment_duration,
        )

    @property
    def deployment_name(self) -> str:
        return contract.deployment_name(name=self.name, environment=self.environment, base_model=self.base_model)

    @property
    def serving_name(self) -> str:
        """The name of what serves."""
        return self.deployment_name if self.on_demand else self.throughput_name

    def training(self) -> Template:
        """Return the Training stack's custom resources, in the order in which they deploy."""
        job = {
            "ContractVersion": contract.CONTRACT_VERSION,
            "Name": self.name,
            "Environment": self.environment,
            "TrainingId": self.training_id,
            "Attempt": self.attempt,
            "BaseModel": self.base_model,
            "FoundationModelId": self.base_model.rpartition(":")[0],
            "Quotas": {
                "CustomModels": "L-CB5B847D",
                "CustomizationJobs": "L-0406044C",
                "Records": "L-EC6A6ABC" if self.base_model == NOVA else "L-679179D2",
                **self._quotas(),
            },
            "CustomizationType": contract.FINE_TUNING,
            "HyperParameters": dict(self.hyper_parameters),
            "TrainingDataUri": f"s3://{BUCKET}/train/{self.sha256}.jsonl",
            "TrainingDataVersionId": version_of(self.data),
            "TrainingRecords": self.data.count(b"\n"),
            "MaxRecordsSum": 10_000,
            "OutputUri": f"s3://{BUCKET}/output/",
            "RoleArn": self.role_arn,
            "CustomModelKmsKeyArn": self.key_arn,
            "StopOnDelete": self.stop_on_delete,
            "Tags": dict(self.tags),
        }
        if self.model_units is not None:
            duration = {"CommitmentDuration": self.commitment_duration} if self.commitment_duration else {}
            job["Serving"] = {"Mode": "provisioned_throughput", "ModelUnits": self.model_units, **duration}
        elif self.on_demand:
            job["Serving"] = {"Mode": "on_demand"}
        template = {"Job": Resource(contract.MODEL_CUSTOMIZATION, job)}
        for rung in range(1, self.rungs + 1):
            before = "Job" if rung == 1 else f"Await{rung - 1}"
            properties = {"TrainingName": Ref(before, "TrainingName"), "Rung": rung, "Rungs": self.rungs}
            template[f"Await{rung}"] = Resource(contract.TRAINING_AWAIT, properties)
        return template

    @property
    def given(self) -> "Wanted":
        """What the giving environment asks for, to train the model alone."""
        return self.but(environment=self.giver, giver=None, model_units=None, on_demand=False)

    def promotion(self) -> Template:
        """Return the Promotion stack's custom resource."""
        properties = {
            "ContractVersion": contract.CONTRACT_VERSION,
            "Name": self.name,
            "Environment": self.environment,
            "ModelEnvironment": self.giver,
            "GiverFoundation": f"arn:aws:cloudformation:{self.region}:{ACCOUNT}:stack/{FOUNDATION}",
            "TrainingId": self.training_id,
            "Attempt": self.attempt,
            "BaseModel": self.base_model,
            "CustomizationType": contract.FINE_TUNING,
            "HyperParameters": dict(self.hyper_parameters),
            "TrainSha256": self.sha256,
            "CustomModelKmsKeyArn": self.key_arn,
            "ServesBy": "on_demand" if self.on_demand else "provisioned_throughput",
        }
        return {"Model": Resource(contract.PROMOTED_MODEL, properties)}

    @property
    def evaluation_inputs(self) -> EvaluationInputs:
        """What is asked of whom."""
        tuned = Target(name=TUNED, model=self.training_name)
        return EvaluationInputs(
            questions=Questions(test_sha256=hashlib.sha256(self.test_data).hexdigest()),
            targets=[tuned, *(Target(name=name, model=model) for name, model in self.compared_with.items())],
            max_output_tokens=100,
            metrics=[metric_definition(MEASURE, 1)],
        )

    @property
    def evaluation_stack(self) -> str:
        return self.stack("Training").removesuffix("Training") + "Evaluation"

    @property
    def candidate_name(self) -> str:
        return contract.candidate_name(
            name=self.name, environment=self.environment, evaluation_id=self.evaluation_inputs.id
        )

    def evaluation(self) -> Template:
        """Return the Evaluation stack's custom resources."""
        inputs = self.evaluation_inputs
        asked = EvaluationProperties.write(
            name=self.name,
            environment=self.environment,
            model_environment=self.giver,
            base_model=self.base_model,
            training_id=self.training_id,
            attempt=self.attempt,
            inputs=inputs,
            metric_functions={},
            max_tokens=self.max_tokens,
            max_error_rate=0.02,
            quota_share=0.25,
            requests_per_minute=2000,
            tokens_per_minute=None,
            quota_codes={},
            served_arn=None,
            train_sha256=None if self.giver else self.sha256,
            custom_model_kms_key_arn=self.key_arn,
            quotas=DEPLOYMENT_QUOTAS,
            tags=self.tags,
            reconcile=0,
            test_uri=f"s3://{BUCKET}/test/{inputs.questions.test_sha256}.jsonl",
        )
        template = {"Evaluation": Resource(contract.EVALUATION, asked)}
        last = "Evaluation"
        for rung in range(1, self.evaluation_rungs + 1):
            step = {"ContractVersion": "1", "Rung": rung, "Rungs": self.evaluation_rungs}
            told = {name: Ref(last, name) for name in ("EvaluationId", "Execution")}
            last = f"Wait{rung}"
            template[last] = Resource(contract.EVALUATION_AWAIT, {**step, **told})
        if self.gated:
            gate = {"ContractVersion": "1", "Model": self.training_name, "State": Ref(last, "State"), **self.gate}
            template["Gate"] = Resource(contract.QUALITY_GATE, gate)
        return template

    @property
    def gate(self) -> dict[str, Any]:
        """The properties of a gate: three of four answers must be right."""
        evaluation = self.evaluation_inputs.id
        return GateProperties.write_gate(
            evaluation_id=evaluation,
            requirements=[Requirement.at_least(MEASURE, 0.75).to_text()],
            confidence=0.95,
            accepted=evaluation if self.accepted else None,
            accepted_until=self.accepted_until if self.accepted else None,
            accepted_reason="any" if self.accepted else None,
        )

    def serving(self) -> Template:
        """Return what the Serving stack has: what serves, and the SSM parameter that tells applications of it."""
        logical_id, resource, attribute = self._served()
        name = f"/bedrock-tuning/{self.environment}/{self.name}/model-id"
        parameter = Resource(PARAMETER_TYPE, {"Name": name, "Value": Ref(logical_id, attribute)})
        return {logical_id: resource, "ModelId": parameter, **self._bake(Ref(logical_id, attribute))}

    def _bake(self, served: Ref) -> Template:
        if self.asks is None:
            return {}
        sha256 = hashlib.sha256(self.asks).hexdigest()
        asking = {
            "QuestionsUri": f"s3://{BUCKET}/test/{sha256}.jsonl",
            "QuestionsSha256": sha256,
            "Questions": self.questions,
            "RightAnswers": self.right,
            "MaxOutputTokens": 100,
            **({"Push": self.push} if self.push else {}),
        }
        shared: dict[str, Any] = {
            "ContractVersion": contract.CONTRACT_VERSION,
            "ServedArn": served,
            "BakedModel": self.given_model or self.training_name,
            "Minutes": self.minutes,
            "Steps": self.bake_steps,
        }
        if self.commitment_duration and not self.on_demand:
            shared["CommitmentDuration"] = self.commitment_duration
        if self.alarms:
            shared["Alarms"] = list(self.alarms)
        told = {"FirstHasBaked": Ref("Bake1", "HasBaked")}
        if self.bake_steps > 1:
            asking["Tells"] = "HasBaked"
        return {
            f"Bake{step}": Resource(contract.SERVING_BAKE, {**shared, "Step": step, **(asking if step == 1 else told)})
            for step in range(1, self.bake_steps + 1)
        }

    def _served(self) -> tuple[str, Resource, str]:
        """Return what serves: its logical id, its resource, and the attribute that applications are told."""
        properties: dict[str, Any] = {
            "ContractVersion": contract.CONTRACT_VERSION,
            "Name": self.name,
            "Environment": self.environment,
            "BaseModel": self.base_model,
            "CustomModelKmsKeyArn": self.key_arn,
            "Quotas": self._quotas(),
            "Tags": dict(self.tags),
            **self._model(),
        }
        if self.served_model:
            properties["ServedModel"] = self.served_model
        if self.model_key_arns:
            properties["ServedModelKmsKeyArns"] = list(self.model_key_arns)
        if self.customized_from:
            properties["CustomizedFrom"] = self.customized_from
        if self.keep_models is not None:
            owner = f"arn:aws:cloudformation:{self.region}:{ACCOUNT}:stack/{self.stack('Training')}"
            properties |= {"KeepModels": self.keep_models, "ModelOwner": owner}
        if self.kept:
            properties["Retained"] = True
        if self.gated:
            properties |= {**self.gate, "ContractVersion": contract.GATED_CONTRACT_VERSION}
        if self.on_demand:
            made = Resource(contract.CUSTOM_MODEL_DEPLOYMENT, properties, self.kept)
            return f"Deployment{self.renamed}", made, "CustomModelDeploymentArn"
        purchase = Resource(contract.PROVISIONED_THROUGHPUT, properties | self._purchase(), self.kept)
        return f"Purchase{self.renamed}", purchase, "ProvisionedModelArn"

    def _model(self) -> dict[str, Any]:
        if self.given_model:
            return {"ModelArn": self.given_model}
        promoted = {"ModelEnvironment": self.giver} if self.giver else {}
        return {"TrainingId": self.training_id, "Attempt": self.attempt, **promoted}

    def _quotas(self) -> dict[str, str]:
        if self.on_demand:
            return dict(DEPLOYMENT_QUOTAS)
        return dict(NOVA_UNIT_QUOTAS if self.base_model == NOVA else UNIT_QUOTAS)

    def _purchase(self) -> dict[str, Any]:
        purchase: dict[str, Any] = {
            "ModelUnits": self.model_units,
            "DetachWhenCommitted": self.detach_when_committed,
        }
        if self.commitment_duration:
            purchase["CommitmentDuration"] = self.commitment_duration
        if self.asks is not None:
            purchase["CommitBakedOnly"] = True
        return purchase


class Account:
    """An account with the Foundation stack, to which environments are deployed."""

    def __init__(self, variant: Variant | None = None, **knobs: Any) -> None:
        stacks = Stacks()
        self.lifecycle = Lifecycle(stacks, **knobs)
        self.cloudformation = CloudFormation(self.lifecycle, stacks, variant)
        self.theirs: set[str] = set()
        """The names of what somebody else serves with."""

    @property
    def region(self) -> Region:
        """What the simulated Bedrock has in the Region; no call of the lifecycle's."""
        return self.lifecycle.simulated._simulation.region(Scope(ACCOUNT, self.lifecycle.region))

    def meter(self) -> dict[str, Any]:
        """Return what the simulated Bedrock has metered; no call of the lifecycle's."""
        return self.lifecycle.simulated.handle_control("meter", {})

    def put_questions(self, wanted: Wanted) -> None:
        """Store what its bake asks where it reads them."""
        if wanted.asks is not None:
            self.lifecycle.put(f"test/{hashlib.sha256(wanted.asks).hexdigest()}.jsonl", wanted.asks)

    def deploy(self, wanted: Wanted) -> str:
        """Deploy Training or Promotion, then Serving, as `cdk deploy` does; return the status of the last one."""
        self.put_questions(wanted)
        if wanted.given_model:
            return self.cloudformation.deploy(wanted.stack("Serving"), wanted.serving())
        if wanted.giver:
            status = self.cloudformation.deploy(wanted.stack("Promotion"), wanted.promotion())
        else:
            self.lifecycle.put(f"train/{wanted.sha256}.jsonl", wanted.data)
            status = self.cloudformation.deploy(wanted.stack("Training"), wanted.training())
        if wanted.evaluates and _is_deployed(status):
            status = self.evaluate(wanted)
        if not _is_deployed(status) or not wanted.is_served:
            return status
        return self.cloudformation.deploy(wanted.stack("Serving"), wanted.serving())

    def evaluate(self, wanted: Wanted) -> str:
        """Deploy the Evaluation stack alone."""
        self.lifecycle.put(contract.data_key("test", wanted.evaluation_inputs.questions.test_sha256), wanted.test_data)
        return self.cloudformation.deploy(wanted.evaluation_stack, wanted.evaluation())

    def destroy(self, wanted: Wanted | None = None) -> list[str]:
        """Delete Serving, Evaluation, then Promotion and Training; return the statuses of those that existed."""
        its = wanted or Wanted()
        names = [its.stack("Serving"), its.evaluation_stack, its.stack("Promotion"), its.stack("Training")]
        return [self.cloudformation.delete(name) for name in names if self.cloudformation.stack(name)]

    @property
    def reason(self) -> str:
        """The first failure's reason of the last deployment."""
        return self.cloudformation.reasons[0] if self.cloudformation.reasons else ""

    def jobs(self) -> list[dict[str, Any]]:
        """Return every job that was ever created, as the meter sees it."""
        found: list[dict[str, Any]] = self.meter()["jobs"]
        return found

    def throughputs(self) -> list[dict[str, Any]]:
        """Return every throughput that exists."""
        return [one for one in self.meter()["throughputs"] if not one["deleted"]]

    def deployments(self) -> list[dict[str, Any]]:
        """Return every custom model deployment that exists."""
        return [one for one in self.meter()["deployments"] if not one["deleted"]]

    def serving_names(self) -> list[str]:
        """Return the names of everything that exists in order to serve, but for what is somebody else's."""
        names = [
            *(one["provisionedModelName"] for one in self.throughputs()),
            *(one["modelDeploymentName"] for one in self.deployments()),
        ]
        return [name for name in names if name not in self.theirs]

    def served_model(self, wanted: Wanted) -> str:
        """Return the name of the model that is served, or that there is none."""
        region = self.region
        served = next((one.model_arn for one in region.serving() if one.name == wanted.serving_name), "")
        return next((model.name for model in region.models.values() if model.arn == served), "no model")


def _is_deployed(status: str) -> bool:
    return status in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
