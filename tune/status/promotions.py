"""The models that an environment serves of another one: whether they are there still, and held."""

from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.promoted_model import PromotedModelProperties
from bedrock_lifecycle.contract.properties import Properties
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.resources.bedrock import Bedrock
from tune.account import denied
from tune.account.templates import of_type, read, resolved
from tune.status.facts import PromotionFacts
from tune.status.stack_facts import Resources

_STANDS: Final = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


def promotions(cloudformation: Any, bedrock: Bedrock, stack: str, resources: Resources) -> Iterator[PromotionFacts]:
    """Yield what the Promotion stack of a name has, if it has it: only its template says which model that is."""
    standing = {its["LogicalResourceId"] for its in resources if its["ResourceStatus"] in _STANDS}
    if not standing:
        return
    try:
        body = cloudformation.get_template(StackName=stack, TemplateStage="Original")["TemplateBody"]
    except ClientError as error:
        if not aws_errors.is_denied(error):
            raise
        yield PromotionFacts(stack, unseen=denied.told(error))
        return
    for logical_id, resource in of_type(read(body), contract.PROMOTED_MODEL).items():
        if logical_id in standing:
            yield _promotion(bedrock, PromotedModelProperties(Properties(resolved(resource.properties, {}))))


def _promotion(bedrock: Bedrock, promoted: PromotedModelProperties) -> PromotionFacts:
    name, giver = promoted.training_name, promoted.trained_in
    model = bedrock.model(name)
    if model is None:
        return PromotionFacts(name, giver)
    tags = bedrock.tags(model.arn)
    is_held, bake = promoted.environment in contract.holders(tags), tags.get(contract.TAG_BAKE, "")
    return PromotionFacts(name, giver, arn=model.arn, status=model.status, is_held=is_held, bake=bake)
