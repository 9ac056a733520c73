"""Which models may be asked beside the tuned one, as a policy says it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from aws_cdk import Stack, Token
from aws_cdk import aws_iam as iam

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation_identity import BASE
from bedrock_tuning.base_models import BaseModelProfile
from bedrock_tuning.common.acknowledge import acknowledge_wildcard
from bedrock_tuning.common.bedrock_arns import BedrockArns
from bedrock_tuning.lifecycle.lifecycle_function import LifecycleFunction

# What the IDs of AWS's inference profiles begin with, before that of their model (Bedrock user guide, "Supported
# Regions and models for inference profiles").
_GEOGRAPHIES: Final = ("apac", "au", "ca", "eu", "global", "jp", "sa", "us", "us-gov")


def asked_model_ids(evaluate_with: Iterable[str], base_models: Iterable[BaseModelProfile], stack: Stack) -> list[str]:
    """Return the IDs of what may be asked, sorted; `base` is every base model that can be tuned in the stack's Region.

    Which of them are tuned, Foundation does not know: another model changes nothing in it.
    """
    is_known = not Token.is_unresolved(stack.region)
    found: set[str] = set()
    for each in evaluate_with:
        if each == BASE:
            found |= {its.untuned_id for its in base_models if not is_known or stack.region in its.regions}
        else:
            found.add(each)
    return sorted(found)


def allow_asking(function: LifecycleFunction, model_ids: Sequence[str]) -> None:
    """Allow a function to ask models of AWS, and nothing else that is one."""
    stack = Stack.of(function)
    for statement in _statements(model_ids, stack):
        function.role.add_to_policy(statement)
    # A request that names no project is one of the default project, and asks for it besides what it invokes (API
    # reference, InvokeModel and Converse).
    function.allow("bedrock:InvokeModel", on=[BedrockArns(stack).default_project])
    for each in model_ids:
        if _model_of_profile(each):
            why = "an inference profile asks its model in Regions that AWS chooses, and only through the profile"
            acknowledge_wildcard(function, _in_every_region(stack, each), why)


def allow_asking_what_is_ours(function: LifecycleFunction, foundation: str) -> None:
    """Allow a function to ask what serves tuned models of this Foundation."""
    arns = BedrockArns(Stack.of(function))
    serving = [arns.custom_model_deployments, arns.provisioned_models]
    ours = {"StringEquals": {f"aws:ResourceTag/{contract.TAG_FOUNDATION}": foundation}}
    function.allow("bedrock:InvokeModel", on=serving, conditions=ours)
    for arn in serving:
        acknowledge_wildcard(function, arn, "Bedrock makes up the last part of the ARN")


def _statements(model_ids: Sequence[str], stack: Stack) -> Iterator[iam.PolicyStatement]:
    own = f"arn:{stack.partition}:bedrock:{stack.region}:"
    if models := [f"{own}:foundation-model/{each}" for each in model_ids if not _model_of_profile(each)]:
        yield iam.PolicyStatement(actions=["bedrock:InvokeModel"], resources=models)
    for each in model_ids:
        if _model_of_profile(each):
            profile = f"{own}{stack.account}:inference-profile/{each}"
            yield iam.PolicyStatement(actions=["bedrock:InvokeModel"], resources=[profile])
            # The model in each Region of the profile too (Bedrock user guide, "Prerequisites for inference profiles").
            yield iam.PolicyStatement(
                actions=["bedrock:InvokeModel"],
                resources=[_in_every_region(stack, each)],
                conditions={"StringEquals": {"bedrock:InferenceProfileArn": profile}},
            )


def _in_every_region(stack: Stack, profile_id: str) -> str:
    return f"arn:{stack.partition}:bedrock:*::foundation-model/{_model_of_profile(profile_id)}"


def _model_of_profile(model_id: str) -> str:
    """Return the ID of an inference profile's model; nothing for a foundation model."""
    geography, _, model = model_id.partition(".")
    return model if geography in _GEOGRAPHIES and "." in model else ""
