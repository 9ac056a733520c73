"""A Bedrock model customization job as a resource: one job for the same inputs, for ever."""

from collections.abc import Mapping, Sequence

from aws_cdk import CustomResource, Stack
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import Split
from bedrock_lifecycle.contract.identity import TrainingInputs, training_id
from bedrock_lifecycle.contract.model_customization import CheckedData, ModelCustomizationProperties
from bedrock_lifecycle.dataset.rules.findings import FileFindings
from bedrock_tuning.base_models import BaseModelProfile, BaseModels
from bedrock_tuning.checks.base_model import check_hyper_parameter_names, check_tunable, used_validation
from bedrock_tuning.checks.data import check_data
from bedrock_tuning.common.naming import check_environment, check_name, owner_of
from bedrock_tuning.common.remedies import Remedies
from bedrock_tuning.common.types import GivenRole
from bedrock_tuning.data.data_store import DataStore
from bedrock_tuning.data.dataset import Dataset
from bedrock_tuning.lifecycle.lifecycle_workflow import LifecycleWorkflow
from bedrock_tuning.organization.vpc_config import VpcConfig
from bedrock_tuning.spending.metadata import tell_quantities, tell_spending
from bedrock_tuning.spending.serving_intent import ServingIntent, quotas_for_training
from bedrock_tuning.spending.words import DataFile, Spending, training_spending


class ModelCustomization(Construct):
    """Fine-tunes a base model. You pay once, for the tokens of the training data times the epochs.

    The same base model, hyper-parameters and data always find the same job again. A change of one of them is another
    training run; the model of the first is kept. A failed job is not repeated until you raise `attempt`. The deployment
    continues as soon as Bedrock has accepted the job: wait with `TrainingAwait`.

    Args:
        name: Your name for the model, 1 to 24 letters, digits and single hyphens, starting with a letter.
        environment: The environment it is trained in, 1 to 12 lowercase letters, digits and single hyphens.
        base_model: The base model's profile. Before a job is created, the preflight asks Bedrock whether the model is
            active.
        train: The training data.
        data_store: The data store, which gets the metrics (`output/`), and whose key encrypts the model.
        service_role: The role that Bedrock assumes, see `ServiceRole`.
        workflow: The lifecycle that manages the job.
        customization_type: Bedrock's customization type; part of the training ID. The profile must have it. Default:
            `FINE_TUNING`.
        base_models: The base models that a message suggests in place of one that cannot be tuned. Default: those of the
            library.
        validation: The validation data. Default: none, and no validation metrics or early stopping. If the base model
            does not use it, a warning says so, and it is neither sent nor part of the training ID.
        test: The test data: checked before anything is paid for, and compared with the other files if they are on this
            machine; not used in the training. Default: none.
        hyper_parameters: Hyper-parameters by Bedrock's names, as text or numbers. Default: Bedrock's defaults; what is
            not set is not sent.
        attempt: 1 to 99; raise it by one to train again after a failure. Default: 1.
        stop_on_delete: Whether deleting a stack that was complete once stops a job in progress; a rollback or a cleanup
            never does, and the next deployment adopts the job. Default: True.
        vpc_config: The network of the training. Data and metrics use it, so it must reach Amazon S3. It is not part of
            the training ID. The service role needs it too. Default: none.
        reconcile: Raise it by one to send an event, which corrects drift that CloudFormation cannot see. Default: 0.
        serving: How the model will be served, so that a missing quota is reported before the training is paid for.
            Default: only the training itself is checked.
        tags: Your tags for job and model. Default: only the owner tags that this project adds.
        remedies: Your app's commands, for messages about data with errors. Default: none.

    Attributes:
        training_id: The training ID, known at synth.
        training_name: Name that job and model share, known at synth.
        owner: The owner tag of job and model, which names this stack.
        spending: What it trains and how that is billed, as texts by name, for your own outputs; also in the resource's
            metadata.
        files: What is known of the data files at synth, by their use.
        resource: The custom resource; its `TrainingName` is known once Bedrock has the job.

    Raises:
        ValueError: For a name, environment or attempt out of bounds, a Region in which the base model cannot be tuned,
            data that is checked for another customization type, or hyper-parameters that the base model does not take
            (`HyperParameterError`). A base model past its published dates is only a warning,
            `bedrock-tuning:base-model-lifecycle`, because Bedrock decides; so is a hyper-parameter that no page lists
            and that looks misspelled, `bedrock-tuning:hyper-parameter-<name>`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        environment: str,
        base_model: BaseModelProfile,
        train: Dataset,
        data_store: DataStore,
        service_role: GivenRole,
        workflow: LifecycleWorkflow,
        customization_type: str = contract.FINE_TUNING,
        base_models: BaseModels | None = None,
        validation: Dataset | None = None,
        test: Dataset | None = None,
        hyper_parameters: Mapping[str, object] | None = None,
        attempt: int = 1,
        stop_on_delete: bool = True,
        vpc_config: VpcConfig | None = None,
        reconcile: int = 0,
        serving: ServingIntent | None = None,
        tags: Mapping[str, str] | None = None,
        remedies: Remedies | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        check_name(name)
        check_environment(environment)
        _check_attempt(attempt)
        check_tunable(self, base_model, base_models)
        bounds = base_model.customization(customization_type).data.records.sum
        validation = used_validation(self, base_model, customization_type, validation)
        datasets = [each for each in (train, validation, test) if each]
        _check_checked_alike(datasets, customization_type)
        command = remedies.check if remedies else None
        reports = check_data(self, datasets, base_model, customization_type, command)
        canonical = base_model.canonical_hyper_parameters(hyper_parameters or {}, customization_type)
        check_hyper_parameter_names(self, base_model, canonical, customization_type)
        inputs = TrainingInputs(
            base_model=base_model.id,
            customization_type=customization_type,
            hyper_parameters=canonical,
            train_sha256=train.sha256,
            validation_sha256=validation.sha256 if validation else None,
        )
        self.training_id: str = training_id(inputs)
        self.owner: str = owner_of(Stack.of(self))
        self.training_name: str = contract.training_name(
            name=name, environment=environment, training_id=self.training_id, attempt=attempt
        )
        self.resource: CustomResource = workflow.custom_resource(
            self,
            "Job",
            resource_type=contract.MODEL_CUSTOMIZATION,
            properties=ModelCustomizationProperties.write(
                name=name,
                environment=environment,
                training_id=self.training_id,
                attempt=attempt,
                base_model=base_model.id,
                foundation_model_id=base_model.foundation_model_id,
                customization_type=customization_type,
                hyper_parameters=canonical,
                training_data=_checked_data(train),
                validation_data=_checked_data(validation) if validation else None,
                min_records_sum=bounds.min,
                max_records_sum=bounds.max,
                output_uri=data_store.uri(contract.OUTPUT_PREFIX),
                role_arn=service_role.role_arn,
                custom_model_kms_key_arn=data_store.key.key_arn,
                subnet_ids=vpc_config.subnet_ids if vpc_config else (),
                security_group_ids=vpc_config.security_group_ids if vpc_config else (),
                stop_on_delete=stop_on_delete,
                reconcile=reconcile,
                quotas=quotas_for_training(base_model, serving, customization_type),
                serving=serving.to_property() if serving else None,
                tags=tags or {},
            ),
        )
        files = [_data_file(each, reports.get(each.split)) for each in datasets]
        self.files: Mapping[Split, DataFile] = {each.split: each for each in files}
        self.spending: Spending = training_spending(
            training_name=self.training_name,
            base_model=base_model.id,
            epochs=canonical.get("epochCount"),
            attempt=attempt,
            data=files,
        )
        tell_spending(self.resource, self.spending)
        tell_quantities(self.resource, files)
        # In one stack, nothing else orders the role's policy.
        self.resource.node.add_dependency(service_role)
        # Test data is no input, but what is wrong with it is told before something is paid.
        for dataset in datasets:
            self.resource.node.add_dependency(dataset.resource)


def _data_file(dataset: Dataset, report: FileFindings | None) -> DataFile:
    """Return what is known of a data file at synth; without a report its digest alone."""
    records, characters = (report.records, report.characters) if report else (None, None)
    return DataFile(split=dataset.split, sha256=dataset.sha256, records=records, characters=characters)


def _checked_data(dataset: Dataset) -> CheckedData:
    """Return where the data is, and what its check found: a job is only made from the version that was checked."""
    return CheckedData(uri=dataset.uri, version_id=dataset.version_id, records=dataset.records)


def _check_checked_alike(datasets: Sequence[Dataset], customization_type: str) -> None:
    for each in datasets:
        if each.customization_type != customization_type:
            why = f"`customization_type` of the {each.split} data must be {customization_type}, as of the training"
            raise ValueError(f"{why} (got {each.customization_type}); use the same for both")


def _check_attempt(attempt: int) -> None:
    if not 1 <= attempt <= contract.MAX_ATTEMPT:
        raise ValueError(f"`attempt` must be 1 to {contract.MAX_ATTEMPT} (got {attempt})")
