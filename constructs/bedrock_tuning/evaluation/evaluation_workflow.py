"""The workflow that asks models the questions of an evaluation, scores what they answer, and leaves nothing behind."""

from collections.abc import Sequence
from typing import Any, Final

from aws_cdk import Duration, Fn, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from bedrock_lifecycle.contract.evaluation_store import RUN_DAYS
from bedrock_tuning.common.acknowledge import acknowledge_wildcard
from bedrock_tuning.data.data_store import DataStore
from bedrock_tuning.evaluation.evaluation_functions import EvaluationFunctions
from bedrock_tuning.lifecycle.ledger import Ledger
from bedrock_tuning.lifecycle.lifecycle_function import LifecycleFunction
from bedrock_tuning.lifecycle.workflow_parts import WorkflowName, died, invoked, new_state_machine
from bedrock_tuning.organization.function_settings import FunctionSettings

_TIMEOUT: Final = Duration.days(RUN_DAYS)
# Children of a map that only read and write objects.
_SCORED_AT_ONCE: Final = 40
# The judge has no quota of its own in the plan; few at once leave the rest of the account its share.
_JUDGED_AT_ONCE: Final = 2
_LABELS: Final = ("Ask", "Judge", "Score")
_EVALUATION: Final = {"evaluation.$": "$.evaluation"}
# In a map, whose children have names of their own, what Prepare was told is the run.
_RUN: Final = {"run.$": "$$.Execution.Name"}
_RUN_IN_A_MAP: Final = {"run.$": "$.prepared.run"}
_NO_CANDIDATE: Final = "NoCandidate"


class EvaluationWorkflow(Construct):
    """Runs evaluations: input `{"evaluation": <its ID>}`, and the rest is in the plan that the ID names.

    Prepare draws the questions, or refuses. Then a deployment of the tuned model is made, for the evaluation alone, and
    every target is asked, shard by shard. The deployment is deleted on every path, and by a rule if a run dies. Score,
    Judge and Reduce follow. A function that meets what no further try can help leaves the reason in the data store, and
    the run ends with it as its output. No record, answer or rubric is in an input, an output, a history or a log.

    Args:
        data_store: The data store that has the test data, and gets what an evaluation keeps.
        ledger: The table that counts the tokens; its key encrypts logs and histories.
        model_ids: The models that may be asked beside the tuned one.
        functions: What the organization prescribes for functions. Default: nothing.
        name_prefix: What the name of the state machine starts with, at most 20 characters. Default: nothing.
        givers: The owner tags of the Foundations whose promoted models may be evaluated. Default: none.

    Attributes:
        functions: Its functions.
        key: The key of its histories.
        state_machine: The workflow.
        executions_arn: The ARN that covers its runs.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        data_store: DataStore,
        ledger: Ledger,
        model_ids: Sequence[str],
        functions: FunctionSettings | None = None,
        name_prefix: str = "",
        givers: Sequence[str] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        settings = functions or FunctionSettings()
        self.functions: EvaluationFunctions = EvaluationFunctions(
            self,
            "Functions",
            data_store=data_store,
            ledger=ledger,
            model_ids=model_ids,
            settings=settings,
            givers=givers,
        )
        self.key: kms.IKey = ledger.key
        named = WorkflowName.of(self, name_prefix)
        self.executions_arn: str = named.executions_arn
        self.state_machine: sfn.StateMachine = new_state_machine(
            self,
            named=named,
            definition=self._definition(),
            functions=self.functions.all,
            key=ledger.key,
            settings=settings,
            timeout=_TIMEOUT,
        )
        self._allow_maps(named)
        self._clear_after_death()

    def _definition(self) -> sfn.IChainable:
        prepare = self._run("Prepare", self.functions.prepare, "$.prepared", {**_EVALUATION, **_RUN})
        refused = sfn.Pass(
            self,
            "Refused",
            parameters={"outcome": "refused", "reason.$": "$.prepared.reason"},
            comment="nothing was asked",
        )
        work = sfn.Parallel(self, "Work", result_path=sfn.JsonPath.DISCARD)
        work.branch(self._work())
        why = self._why()
        work.add_catch(self._gone("after failure", why), result_path="$.failure")
        reduce = self._run("Reduce", self.functions.reduce, "$", _EVALUATION)
        score = self._shards("Score", self.functions.score, items="$.prepared.shards", at_once=_SCORED_AT_ONCE)
        score.add_catch(why, result_path="$.failure")
        score.next(reduce)
        judge = self._shards("Judge", self.functions.judge, items="$.prepared.shards", at_once=_JUDGED_AT_ONCE)
        judge.add_catch(why, result_path="$.failure")
        judge.next(score)
        judges = (
            sfn.Choice(self, "Judges?")
            .when(sfn.Condition.boolean_equals("$.prepared.judges", True), judge)
            .otherwise(score)
        )
        work.next(self._gone("after asking", judges))
        return prepare.next(
            sfn.Choice(self, "Prepared?")
            .when(sfn.Condition.string_equals("$.prepared.next", "go"), work)
            .when(sfn.Condition.string_equals("$.prepared.next", "again"), prepare)
            # Without a default, anything else ends the run as failed, and nothing was asked.
            .when(sfn.Condition.string_equals("$.prepared.next", "refused"), refused)
        )

    def _why(self) -> sfn.IChainable:
        """Return the end of a run in which something failed: as failed, with the reason where there is one to tell."""
        payload = {**_EVALUATION, **_RUN, "step": "why"}
        told = sfn.Pass(self, "Told", input_path="$.why")
        no_candidate = sfn.Pass(
            self,
            "Not deployed",
            parameters={"outcome": "failed", "reason.$": "$.failure.Cause"},
            comment="nobody asked",
        )
        failed = sfn.Fail(self, "Failed", error_path="$.failure.Error", cause_path="$.failure.Cause")
        return (
            sfn.Choice(self, "No candidate?")
            .when(sfn.Condition.string_equals("$.failure.Error", _NO_CANDIDATE), no_candidate)
            .otherwise(
                self._run("Why", self.functions.reduce, "$.why", payload).next(
                    sfn.Choice(self, "Known?")
                    .when(sfn.Condition.string_equals("$.why.next", "done"), told)
                    .otherwise(failed)
                )
            )
        )

    def _work(self) -> sfn.IChainable:
        """Return what one catch is around: while it runs there is a deployment, which is deleted after it."""
        targets_ = self._targets()
        stand = self._run("Stand", self.functions.candidate, "$.candidate", {**_EVALUATION, **_RUN, "step": "stand"})
        wait = sfn.Wait(self, "Wait to stand", time=sfn.WaitTime.seconds_path("$.candidate.seconds"))
        stand.next(
            sfn.Choice(self, "Stands?")
            .when(sfn.Condition.string_equals("$.candidate.next", "ready"), targets_)
            .when(sfn.Condition.string_equals("$.candidate.next", "wait"), wait.next(stand))
            .when(
                sfn.Condition.string_equals("$.candidate.next", "failed"),
                sfn.Fail(self, "No candidate", error=_NO_CANDIDATE, cause_path="$.candidate.reason"),
            )
        )
        nobody = sfn.Pass(self, "No candidate needed", parameters={"arn": ""}, result_path="$.candidate")
        nobody.next(targets_)
        return (
            sfn.Choice(self, "Candidate?")
            .when(sfn.Condition.boolean_equals("$.prepared.needsCandidate", True), stand)
            .otherwise(nobody)
        )

    def _targets(self) -> sfn.Map:
        of_target = {
            f"{name}.$": f"$$.Map.Item.Value.{name}" for name in ("target", "concurrency", "pace", "adapts", "shards")
        }
        ask = self._shards(
            "Ask",
            self.functions.ask,
            items="$.shards",
            at_once_path="$.concurrency",
            payload={
                **_EVALUATION,
                "run.$": "$.run",
                "target.$": "$.target",
                "pace.$": "$.pace",
                "adapts.$": "$.adapts",
                "arn.$": "$.arn",
            },
        )
        each = sfn.Map(
            self,
            "Targets",
            items_path="$.prepared.targets",
            item_selector={**_EVALUATION, **_RUN_IN_A_MAP, "arn.$": "$.candidate.arn", **of_target},
            result_path=sfn.JsonPath.DISCARD,
        )
        each.item_processor(ask.next(self._nothing("Asked")))
        return each

    def _gone(self, when: str, then: sfn.IChainable) -> sfn.IChainable:
        """Return a loop that deletes the deployment and sees it gone, and goes on with `then`."""
        gone = self._run(f"Gone {when}", self.functions.candidate, "$.gone", {**_EVALUATION, **_RUN, "step": "gone"})
        wait = sfn.Wait(self, f"Wait {when}", time=sfn.WaitTime.seconds_path("$.gone.seconds"))
        return gone.next(
            sfn.Choice(self, f"Gone {when}?")
            .when(sfn.Condition.string_equals("$.gone.next", "wait"), wait.next(gone))
            .otherwise(then)
        )

    def _shards(
        self,
        name: str,
        function: LifecycleFunction,
        *,
        items: str,
        at_once: int | None = None,
        at_once_path: str | None = None,
        payload: dict[str, Any] | None = None,
    ) -> sfn.DistributedMap:
        """Return a map that runs a function for each shard, until it has done it."""
        each = sfn.DistributedMap(
            self,
            f"{name} shards",
            label=name,
            items_path=items,
            max_concurrency=at_once,
            max_concurrency_path=at_once_path,
            item_selector={**(payload or {**_EVALUATION, **_RUN_IN_A_MAP}), "shard.$": "$$.Map.Item.Value"},
            result_path=sfn.JsonPath.DISCARD,
            # Asking takes longer than an express child may run.
            map_execution_type=sfn.StateMachineType.STANDARD,
        )
        task = invoked(self, name, function.function, result_path="$.step")
        wait = sfn.Wait(self, f"Wait to {name.lower()}", time=sfn.WaitTime.seconds_path("$.step.seconds"))
        # A child that fails ends the map, and with it all that others would ask in vain.
        cannot = sfn.Fail(self, f"Cannot {name.lower()}", error="Cannot", cause="the run ends with the reason")
        each.item_processor(
            task.next(
                sfn.Choice(self, f"{name} again?")
                .when(sfn.Condition.string_equals("$.step.next", "again"), wait.next(task))
                .when(sfn.Condition.string_equals("$.step.next", "cannot"), cannot)
                .otherwise(self._nothing(f"{name} done"))
            ),
        )
        return each

    def _nothing(self, name: str) -> sfn.Pass:
        """Return an end without output: the outputs of all children together must stay below 256 KiB."""
        return sfn.Pass(self, name, result=sfn.Result.from_number(0))

    def _run(
        self, state: str, function: LifecycleFunction, result_path: str, payload: dict[str, Any]
    ) -> sfn.TaskStateBase:
        return invoked(
            self, state, function.function, result_path=result_path, payload=sfn.TaskInput.from_object(payload)
        )

    def _allow_maps(self, named: WorkflowName) -> None:
        """Let the children of maps use the key, and acknowledge what the CDK allows so that there are children."""
        stack = Stack.of(self)
        machines = f"arn:{stack.partition}:states:{stack.region}:{stack.account}:stateMachine:{named.name}"
        # A child's state machine has its own ARN. That it is in the context of its encryption is not established.
        self.state_machine.add_to_role_policy(
            iam.PolicyStatement(
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=[self.key.key_arn],
                conditions={"StringLike": {"kms:EncryptionContext:aws:states:stateMachineArn": f"{machines}/*"}},
            )
        )
        name = Fn.select(6, Fn.split(":", self.state_machine.state_machine_arn))
        executions = f"arn:{stack.partition}:states:{stack.region}:{stack.account}:execution:{name}"
        for arn in (f"{executions}:*", *(f"{executions}/{label}:*" for label in _LABELS)):
            acknowledge_wildcard(self.state_machine, arn, "a map makes up the names of its children")

    def _clear_after_death(self) -> None:
        """Have the deployment deleted after a run that died: by its name, since an encrypted input is in no event."""
        candidate = self.functions.candidate.function
        events.Rule(
            self,
            "RunDied",
            description="A run of an evaluation ended without having deleted its deployment",
            event_pattern=died(self.state_machine),
            targets=[
                targets.LambdaFunction(
                    candidate,
                    event=events.RuleTargetInput.from_object(
                        {"run": events.EventField.from_path("$.detail.name"), "step": "gone"}
                    ),
                )
            ],
        )
