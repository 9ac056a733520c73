"""The engine that carries the paid resources: front door, workflow, responder, last resort."""

from collections.abc import Mapping
from typing import Any, Final

from aws_cdk import CustomResource, Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct, DependencyGroup, IDependable

from bedrock_lifecycle import contract
from bedrock_tuning.common.acknowledge import acknowledge, acknowledge_wildcard
from bedrock_tuning.common.types import GivenKey
from bedrock_tuning.lifecycle.ledger import Ledger
from bedrock_tuning.lifecycle.lifecycle_function import RUN_TIME_CODE, LifecycleFunction
from bedrock_tuning.lifecycle.reconciler import Reconciler
from bedrock_tuning.lifecycle.workflow_parts import WorkflowName, died, invoked, new_state_machine
from bedrock_tuning.organization.function_settings import FunctionSettings

# After the deadline and the undoing of what failed, inside CloudFormation's hour: the last resort answers by then.
_TIMEOUT: Final = Duration.minutes(contract.DEADLINE_MINUTES + contract.UNDOING_MINUTES + 2)
# Why what is invoked asynchronously has a destination and no dead-letter queue.
LAST_RESORT_ANSWERS: Final = "the last resort answers CloudFormation for failed requests; a queue would answer nobody"
_LAST_RESORT: Final = RUN_TIME_CODE / "last_resort.py"


class LifecycleWorkflow(Construct):
    """Answers CloudFormation's custom resource requests that take longer than a Lambda function may run.

    CloudFormation invokes the front door, which writes the request into the ledger and starts the workflow; the
    workflow runs the reconciler of the resource type until the request is finished, then the responder answers. If any
    of them fails, the last resort answers, a function that shares no code with the rest.

    Args:
        ledger: The table of requests and leases.
        key: Encrypts logs, and the execution history, which has the signed URLs of the answers; see `OperationsKey`.
        reconcilers: The reconciler of each custom resource type.
        functions: What the organization prescribes for functions. Default: nothing.
        name_prefix: What the name of the state machine starts with, at most 20 characters. Default: nothing.

    Attributes:
        key: That key.
        service_token: For `CustomResource(service_token=…)`.
        state_machine: The workflow.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        ledger: Ledger,
        key: GivenKey,
        reconcilers: Mapping[str, Reconciler],
        functions: FunctionSettings | None = None,
        name_prefix: str = "",
    ) -> None:
        super().__init__(scope, construct_id)
        functions = functions or FunctionSettings()
        self.key: kms.IKey = key
        responder = LifecycleFunction(
            self,
            "Responder",
            handler="bedrock_lifecycle.functions.responder.on_event",
            description="Answers CloudFormation at the end of a workflow",
            timeout=Duration.seconds(30),
            key=key,
            settings=functions,
        )
        acknowledge(
            responder.function,
            "LambdaDLQ",
            "Step Functions invokes it synchronously and retries it; after a failure the last resort answers",
        )
        named = WorkflowName.of(self, name_prefix)
        self._executions_arn = named.executions_arn
        self.state_machine: sfn.StateMachine = new_state_machine(
            self,
            named=named,
            definition=self._definition(responder, reconcilers),
            functions=[responder, *(each.function for each in dict.fromkeys(reconcilers.values()))],
            key=key,
            settings=functions,
            timeout=_TIMEOUT,
        )
        self.last_resort: LifecycleFunction = self._last_resort(key, functions)
        self.front_door: LifecycleFunction = self._front_door(ledger, self.last_resort, functions)
        self.service_token: str = self.front_door.function.function_arn
        self._answers: IDependable = DependencyGroup(self._died, self.front_door)

    def custom_resource(
        self, scope: Construct, construct_id: str, *, resource_type: str, properties: Mapping[str, Any]
    ) -> CustomResource:
        """Return a custom resource that this workflow drives.

        What answers CloudFormation if the workflow cannot is created before it and deleted after it, also in one stack.

        Args:
            scope: Where it stands.
            construct_id: Its ID there.
            resource_type: Its type, such as `Custom::BedrockModelCustomization`.
            properties: What its reconciler reads.
        """
        resource = CustomResource(
            scope, construct_id, resource_type=resource_type, service_token=self.service_token, properties=properties
        )
        resource.node.add_dependency(self._answers)
        return resource

    def _definition(self, responder: LifecycleFunction, reconcilers: Mapping[str, Reconciler]) -> sfn.IChainable:
        respond = tasks.LambdaInvoke(
            self, "Respond", lambda_function=responder.function, retry_on_service_exceptions=False
        )
        # Long enough for an interruption of the network to pass, inside what is left of CloudFormation's hour.
        respond.add_retry(
            errors=["States.ALL"],
            interval=Duration.seconds(2),
            max_attempts=8,
            backoff_rate=2,
            max_delay=Duration.seconds(60),
        )
        wait = sfn.Wait(self, "Wait", time=sfn.WaitTime.seconds_path("$.step.seconds"))
        settled = (
            sfn.Choice(self, "Settled?")
            .when(sfn.Condition.string_equals("$.step.next", "answer"), respond)
            .when(sfn.Condition.string_equals("$.step.next", "wait"), wait)
            # Without a default, a step that is none of the three ends the execution as failed, and is answered.
            .when(
                sfn.Condition.string_equals("$.step.next", "end"),
                sfn.Succeed(self, "Superseded", comment="a newer request has replaced this one"),
            )
        )
        route = sfn.Choice(self, "Route")
        wait.next(route)
        # CloudFormation does not repeat a delete with which it clears away, and what it was about would bill on. So a
        # delete is tried until the machine's time is over; any other request is answered, and a delete follows it.
        patience = sfn.Wait(self, "Patience", time=sfn.WaitTime.duration(Duration.minutes(1)))
        patience.next(route)
        failed = (
            sfn.Choice(self, "Failed?")
            .when(sfn.Condition.string_equals("$.event.RequestType", "Delete"), patience)
            .otherwise(respond)
        )
        for reconciler in dict.fromkeys(reconcilers.values()):
            kinds = [kind for kind, its in reconcilers.items() if its is reconciler]
            function = reconciler.function.function
            turn = invoked(self, f"Reconcile {reconciler.node.id}", function, result_path="$.step")
            turn.add_catch(failed, result_path="$.failure")
            route.when(
                sfn.Condition.or_(
                    *(sfn.Condition.string_equals("$.event.ResourceType", kind) for kind in kinds),
                )
                if len(kinds) > 1
                else sfn.Condition.string_equals("$.event.ResourceType", kinds[0]),
                turn.next(settled),
            )
        return route

    def _last_resort(self, key: GivenKey, functions: FunctionSettings) -> LifecycleFunction:
        last_resort = LifecycleFunction(
            self,
            "LastResort",
            handler="index.on_event",
            description="Answers CloudFormation if the lifecycle itself could not",
            timeout=Duration.seconds(30),
            key=key,
            environment={"EXECUTIONS_ARN": self._executions_arn},
            code=lambda_.Code.from_inline(_LAST_RESORT.read_text(encoding="utf-8")),
            settings=functions,
        )
        acknowledge(
            last_resort.function,
            "LambdaDLQ",
            "a request without an answer ends with CloudFormation's timeout, and a queue would keep signed URLs",
        )
        last_resort.allow("states:DescribeExecution", on=[self._executions_arn])
        acknowledge_wildcard(last_resort, self._executions_arn, "an execution is named for the request it serves")
        last_resort.allow(
            "kms:Decrypt",
            on=[key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"states.{Stack.of(self).region}.amazonaws.com"}},
        )
        self._died = events.Rule(
            self,
            "ExecutionDied",
            description="A lifecycle workflow ended without an answer to CloudFormation",
            event_pattern=died(self.state_machine),
            targets=[targets.LambdaFunction(last_resort.function)],
        )
        return last_resort

    def _front_door(
        self, ledger: Ledger, last_resort: LifecycleFunction, functions: FunctionSettings
    ) -> LifecycleFunction:
        front_door = LifecycleFunction(
            self,
            "FrontDoor",
            handler="bedrock_lifecycle.functions.front_door.on_event",
            description="Receives the custom resource requests of CloudFormation",
            timeout=Duration.seconds(30),
            key=ledger.key,
            environment={
                contract.STATE_MACHINE_VARIABLE: self.state_machine.state_machine_arn,
                **ledger.environment,
            },
            settings=functions,
        )
        ledger.grant_use(front_door)
        self.state_machine.grant_start_execution(front_door.role)
        front_door.function.configure_async_invoke(
            # An event that is older must not be acted on: its stack may have gone on. The last resort answers it.
            max_event_age=Duration.minutes(5),
            retry_attempts=2,
            on_failure=destinations.LambdaDestination(last_resort.function),
        )
        acknowledge(
            front_door.function,
            "LambdaDLQ",
            LAST_RESORT_ANSWERS,
        )
        acknowledge_wildcard(
            front_door, f"{last_resort.function.function_arn}:*", "the versions of one function of ours"
        )
        return front_door
