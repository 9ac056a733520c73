"""Somebody else's CDK app: it has `constructs/` and `lambda/` on its path, and nothing else of this project."""

import sys
from pathlib import Path

sys.path.extend(str(Path(__file__).resolve().parents[2] / name) for name in ("constructs", "lambda"))

from aws_cdk import App, CfnOutput, Environment, Stack, Validations

from bedrock_lifecycle import contract
from bedrock_tuning import (
    BedrockTuningChecks,
    Dataset,
    DatasetProvider,
    DataSource,
    DataStore,
    Ledger,
    LifecycleWorkflow,
    ModelCustomization,
    OperationsKey,
    ServiceRole,
    TrainingAwait,
    TrainingReconciler,
    base_model,
)


class ForeignStack(Stack):
    """Trains a model, and serves none."""

    def __init__(self, scope: App, construct_id: str, *, data: Path, env: Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        haiku = base_model("anthropic.claude-3-haiku-20240307-v1:0:200k")
        store = DataStore(self, "Store")
        role = ServiceRole(self, "Role", data_store=store).role
        key = OperationsKey(self, "OperationsKey").key
        ledger = Ledger(self, "Ledger", key=key)
        trainer = TrainingReconciler(self, "Trainer", ledger=ledger, data_store=store, service_role=role)
        workflow = LifecycleWorkflow(
            self,
            "Lifecycle",
            ledger=ledger,
            key=key,
            reconcilers={contract.MODEL_CUSTOMIZATION: trainer, contract.TRAINING_AWAIT: trainer},
        )
        reader = DatasetProvider(self, "Reader", data_store=store, workflow=workflow)
        train = Dataset(
            self,
            "Train",
            source=DataSource.file(data),
            split="train",
            base_model=haiku,
            data_store=store,
            reader=reader,
        )
        model = ModelCustomization(
            self,
            "Model",
            name="foreign",
            environment="theirs",
            base_model=haiku,
            train=train,
            data_store=store,
            service_role=role,
            workflow=workflow,
        )
        TrainingAwait(self, "Await", customization=model, workflow=workflow, max_training_hours=1)
        CfnOutput(self, "TrainingName", value=model.training_name)


def main() -> None:
    app = App(post_cli_context={"@aws-cdk/core:failSynthOnValidationErrors": True})
    env = Environment(account=app.node.get_context("account"), region=app.node.get_context("region"))
    ForeignStack(app, "Foreign", data=Path(app.node.get_context("data")), env=env)
    Validations.of(app).add_plugins(BedrockTuningChecks())
    app.synth()


if __name__ == "__main__":
    main()
