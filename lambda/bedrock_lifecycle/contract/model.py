"""What the resources of one model say alike: a training, and what serves the model of it."""

from bedrock_lifecycle.contract import deployment_name, throughput_name, training_name
from bedrock_lifecycle.contract.properties import Received, integer, mapping, optional_text, text


class Purchase(Received):
    """Model units that are bought."""

    model_units = integer("ModelUnits")
    commitment_duration = optional_text("CommitmentDuration")


class ModelProperties(Received):
    """What is said of one model of one environment."""

    name = text("Name")
    environment = text("Environment")
    model_environment = optional_text("ModelEnvironment")
    base_model = text("BaseModel")
    training_id = text("TrainingId")
    attempt = integer("Attempt")
    custom_model_kms_key_arn = optional_text("CustomModelKmsKeyArn")
    quotas = mapping("Quotas")
    tags = mapping("Tags")

    @property
    def training_name(self) -> str:
        """The name that job and model of the training share."""
        return training_name(
            name=self.name, environment=self.trained_in, training_id=self.training_id, attempt=self.attempt
        )

    @property
    def trained_in(self) -> str:
        """The environment that trained the model; another one than its own where it was promoted."""
        return self.model_environment or self.environment

    @property
    def attempts_begin(self) -> str:
        """How the names of all attempts at the training begin; the number of the attempt follows."""
        return self.training_name.rpartition("-")[0] + "-"

    @property
    def deployment_name(self) -> str:
        """The name of the deployment that serves it; what cannot change in place is part of it."""
        return deployment_name(name=self.name, environment=self.environment, base_model=self.base_model)

    def throughput_name(self, purchase: Purchase) -> str:
        """Return the name of the throughput that serves it; what cannot change in place is part of it."""
        return throughput_name(
            name=self.name,
            environment=self.environment,
            base_model=self.base_model,
            model_units=purchase.model_units,
            commitment_duration=purchase.commitment_duration,
        )


class CustomizedModelProperties(ModelProperties):
    """How a model was, or is to be, customized."""

    customization_type = text("CustomizationType")
    hyper_parameters = mapping("HyperParameters")
