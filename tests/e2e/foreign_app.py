"""Somebody else's CDK app: of this project it has the installed package and nothing else."""

from pathlib import Path

from aws_cdk import App, CfnOutput, Environment, Stack, Validations

from bedrock_tuning import (
    BedrockTuningChecks,
    CustomModelDeployment,
    DataSource,
    FineTunedModel,
    base_model,
    make_foundation,
)

app = App(post_cli_context={"@aws-cdk/core:failSynthOnValidationErrors": True})
account, region, data = (str(app.node.get_context(name)) for name in ("account", "region", "data"))
stack = Stack(app, "Foreign", env=Environment(account=account, region=region))
model = FineTunedModel(
    stack,
    "Model",
    foundation=make_foundation(stack),
    name="foreign",
    environment="theirs",
    base_model=base_model("amazon.nova-micro-v1:0:128k"),
    train=DataSource.file(Path(data)),
    max_training_hours=1,
)
served = CustomModelDeployment(stack, "Served", model=model)
CfnOutput(stack, "TrainingName", value=model.training_name)
CfnOutput(stack, "ModelId", value=served.model_id)
Validations.of(app).add_plugins(BedrockTuningChecks())
app.synth()
