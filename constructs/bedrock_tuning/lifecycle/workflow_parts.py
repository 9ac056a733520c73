"""What the state machines of this project have in common."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from aws_cdk import Duration, Names, RemovalPolicy, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from bedrock_tuning.common.acknowledge import acknowledge_inline_policy, acknowledge_wildcard
from bedrock_tuning.common.naming import check_prefix
from bedrock_tuning.common.types import GivenKey
from bedrock_tuning.lifecycle.lifecycle_function import LifecycleFunction
from bedrock_tuning.organization.function_settings import FunctionSettings

# Step Functions, CreateStateMachine: a name has at most 80 characters.
_LONGEST_NAME: Final = 80


@dataclass(frozen=True, kw_only=True)
class WorkflowName:
    """The name of a state machine, which is known before it is made.

    Spelled out, so that policies can name the executions without a function of CloudFormation in the ARN.
    """

    name: str
    executions_arn: str

    @classmethod
    def of(cls, scope: Construct, prefix: str) -> "WorkflowName":
        """Return the name of the state machine of a construct; `prefix` as an organization prescribes it.

        Raises:
            ValueError: For a prefix that is malformed or too long.
        """
        if prefix:
            check_prefix("name_prefix", prefix)
        longest = _LONGEST_NAME - len(prefix)
        name = f"{prefix}{Names.unique_resource_name(scope, max_length=longest, separator='-')}"
        stack = Stack.of(scope)
        executions = f"arn:{stack.partition}:states:{stack.region}:{stack.account}:execution:{name}:*"
        return cls(name=name, executions_arn=executions)


def new_state_machine(
    scope: Construct,
    *,
    named: WorkflowName,
    definition: sfn.IChainable,
    functions: Iterable[LifecycleFunction],
    key: GivenKey,
    settings: FunctionSettings,
    timeout: Duration,
) -> sfn.StateMachine:
    """Return a state machine with encrypted histories, and with logs that have no data of an execution."""
    machine = sfn.StateMachine(
        scope,
        "StateMachine",
        state_machine_name=named.name,
        definition_body=sfn.DefinitionBody.from_chainable(definition),
        encryption_configuration=sfn.CustomerManagedEncryptionConfiguration(key, Duration.seconds(900)),
        logs=sfn.LogOptions(
            destination=logs.LogGroup(
                scope,
                "WorkflowLogs",
                # The prefix keeps the log service's resource policy from growing with each workflow.
                log_group_name=f"/aws/vendedlogs/states/{named.name}",
                retention=settings.log_retention,
                encryption_key=key,
                removal_policy=RemovalPolicy.DESTROY,
            ),
            level=sfn.LogLevel.ALL,
            # The input may hold the signed URL of an answer, which is a credential.
            include_execution_data=False,
        ),
        tracing_enabled=True,
        timeout=timeout,
    )
    acknowledge_inline_policy(machine)
    acknowledge_wildcard(machine, "*", "X-Ray and log deliveries support no resource types")
    for each in functions:
        acknowledge_wildcard(machine, f"{each.function.function_arn}:*", "the versions of one function of ours")
    return machine


def died(machine: sfn.IStateMachine) -> events.EventPattern:
    """Return what matches every execution that ended without having succeeded."""
    return events.EventPattern(
        source=["aws.states"],
        detail_type=["Step Functions Execution Status Change"],
        detail={"stateMachineArn": [machine.state_machine_arn], "status": ["FAILED", "TIMED_OUT", "ABORTED"]},
    )


def retried(task: tasks.LambdaInvoke) -> tasks.LambdaInvoke:
    """Have a task tried again after any failure, for some minutes."""
    task.add_retry(
        errors=["States.ALL"],
        interval=Duration.seconds(2),
        max_attempts=6,
        backoff_rate=2,
        max_delay=Duration.seconds(60),
        jitter_strategy=sfn.JitterType.FULL,
    )
    return task


def invoked(
    scope: Construct, state: str, function: lambda_.IFunction, *, result_path: str, payload: sfn.TaskInput | None = None
) -> tasks.LambdaInvoke:
    """Return a task that runs a function; its answer goes to `result_path`."""
    return retried(
        tasks.LambdaInvoke(
            scope,
            state,
            lambda_function=function,
            payload=payload,
            payload_response_only=True,
            result_path=result_path,
            retry_on_service_exceptions=False,
        )
    )
