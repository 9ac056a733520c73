"""A function that runs one turn of the lifecycle for some kinds of resources."""

from typing import Final

from aws_cdk import Duration, Stack
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_tuning.common.acknowledge import acknowledge, acknowledge_wildcard
from bedrock_tuning.common.naming import owner_of
from bedrock_tuning.lifecycle.bedrock_api_model import BedrockApiModel
from bedrock_tuning.lifecycle.foundation_rights import FoundationRights
from bedrock_tuning.lifecycle.ledger import Ledger
from bedrock_tuning.lifecycle.lifecycle_function import LifecycleFunction
from bedrock_tuning.organization.function_settings import FunctionSettings

_TIMEOUT: Final = Duration.seconds(contract.TURN_TIMEOUT_SECONDS)


class Reconciler(Construct):
    """One reconciler for one kind of permission; what it may do in Bedrock is granted by its subclass.

    Args:
        handler: Import path of the entry point inside `lambda/`.
        description: What the function does, one sentence.
        ledger: The table of the leases.
        functions: What the organization prescribes for functions. Default: nothing.
        stack_names: A pattern for the names of the stacks whose resources it manages; it may read their state. Default:
            `*`, every stack of the account and Region.
        with_bedrock_api: Whether the function gets the Bedrock API as the botocore here knows it, see
            `BedrockApiModel`. Default: False, then as its runtime knows it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        handler: str,
        description: str,
        ledger: Ledger,
        functions: FunctionSettings | None = None,
        stack_names: str = "*",
        with_bedrock_api: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        self._owner = owner_of(Stack.of(self))
        api = BedrockApiModel(self, "BedrockApi") if with_bedrock_api else None
        self.function: LifecycleFunction = LifecycleFunction(
            self,
            "Turn",
            handler=handler,
            description=description,
            timeout=_TIMEOUT,
            key=ledger.key,
            environment={
                **ledger.environment,
                **(api.environment if api else {}),
                contract.FOUNDATION_VARIABLE: self._owner,
            },
            layers=[api.layer] if api else [],
            settings=functions,
        )
        acknowledge(
            self.function.function,
            "LambdaDLQ",
            "Step Functions invokes it synchronously, retries it, and answers after a failure",
        )
        self._rights: FoundationRights = FoundationRights(self.function, self._owner)
        ledger.grant_use(self.function)
        stack = Stack.of(self)
        self._stacks: str = f"arn:{stack.partition}:cloudformation:{stack.region}:{stack.account}:stack/{stack_names}"
        # Whether a request belongs to a deployment, a rollback or a deletion only CloudFormation can tell.
        self.function.allow("cloudformation:DescribeStacks", on=[self._stacks])
        acknowledge_wildcard(self, self._stacks, "it reads the state of the stack that a request comes from")
