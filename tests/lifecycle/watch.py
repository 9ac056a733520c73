"""What must hold at every moment of a history."""

from collections.abc import Mapping
from typing import Any, Final

from bedrock_lifecycle import contract
from sandbox.bedrock.resources.deployment import Deployment
from sandbox.bedrock.resources.throughput import Throughput
from tests.lifecycle.persons import PAY_AGAIN
from tests.support.cloudformation import Stack
from tests.support.environment import MODEL_IDS, Account
from tests.support.lifecycle import LAST_RESORT

_SERVES: Final = ("InService", "Updating", "Active")


class Watch:
    """Looks after everything that happens whether what applications are told serves, and whether answers are true.

    Applications are told by the SSM parameter of the Serving stack. `advised` has what told to pay for a training
    again that needs no other, `stuck` the failures that left a stack where it could have ended well.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._heard: set[str] = set()
        self.gaps: list[str] = []
        self.advised: list[str] = []
        self.stuck: list[str] = []
        account.cloudformation.watch = self.look

    @property
    def wrong(self) -> list[str]:
        return [*self.gaps, *self.advised, *self.stuck]

    def look(self) -> None:
        """Note a gap: a Serving stack that was complete, whose parameter names nothing that serves."""
        self._listen()
        for execution in self._account.lifecycle.executions.values():
            self._weigh(execution.state.get("step", {}).get("detail", ""))
        for name in self._account.cloudformation.names():
            stack = self._account.cloudformation.stack(name)
            if stack is None or not name.endswith("-Serving") or not stack.status.startswith("UPDATE"):
                continue
            if "ModelId" not in stack.resources:
                # It was told to serve nothing.
                continue
            told = stack.resources["ModelId"].properties["Value"]
            if told not in self._served():
                self._note(f"{told} does not serve while stack {name} is {stack.status}")

    def _listen(self) -> None:
        """Note an answer that says of a model that it is served when another is."""
        event = self._account.cloudformation.events[-1] if self._account.cloudformation.events else {"RequestId": ""}
        request_id = event["RequestId"]
        if request_id in self._heard or request_id not in self._account.lifecycle.answers:
            return
        self._heard.add(request_id)
        answer = self._account.lifecycle.answers[request_id][0]
        self._weigh(answer["Reason"])
        self._judge(event, answer)
        told = answer.get("Data") or {}
        served = self._served()
        for attribute in MODEL_IDS:
            if told.get("ModelArn") and attribute in told and served.get(told[attribute]) != told["ModelArn"]:
                self._note(f"{told[attribute]} serves {served.get(told[attribute])} and not {told['ModelArn']}")

    def _weigh(self, text: str) -> None:
        """Note advice to train again what has a model, or is about to have one: it would be paid twice."""
        if PAY_AGAIN not in text:
            return
        for job in self._account.region.jobs.values():
            will_have_one = job.status == "InProgress" and not job.is_stuck
            if job.name in text and (will_have_one or job.model_arn in self._account.region.models):
                self.advised.append(f"advised to pay twice while training {job.name} is {job.status}: {text}")

    def _judge(self, event: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Note a failure after which only a person can go on: of a stack's delete, or of an update's rollback.

        The stack could have ended well when Bedrock would have let what it asked for happen: when nothing of the stack
        stands inside a commitment or hangs in an update, and when a function of the lifecycle could be run at all.
        """
        ends = {"Delete": "DELETE_IN_PROGRESS", "Update": "UPDATE_ROLLBACK_IN_PROGRESS"}
        stack = self._account.cloudformation.stacks.all[event["StackId"]]
        is_last = ends.get(event["RequestType"]) == stack.status
        if answer["Status"] == "FAILED" and is_last and answer["Reason"] != LAST_RESORT and not self._hinders(stack):
            self.stuck.append(f"{event['RequestType']} of {event['LogicalResourceId']} failed: {answer['Reason']}")

    def _hinders(self, stack: Stack) -> bool:
        """Tell whether Bedrock keeps something of a stack from being deleted or moved for longer than anybody waits."""
        region, owner = self._account.region, stack.stack_id.rpartition("/")[0]
        for one in region.serving():
            hangs = one.due is None and (one.status == "Updating" or (isinstance(one, Deployment) and one.is_updating))
            committed = isinstance(one, Throughput) and one.is_committed(self._account.lifecycle.now)
            if (hangs or committed) and region.tags[one.arn].get(contract.TAG_OWNER) == owner:
                return True
        return False

    def _served(self) -> dict[str, str]:
        """Return the model that answers, by the ARN of what serves it."""
        serving = [one for one in self._account.region.serving() if one.deleted is None]
        return {one.arn: one.model_arn for one in serving if one.status in _SERVES}

    def _note(self, gap: str) -> None:
        self.gaps.append(f"{self._account.lifecycle.now:%H:%M:%S} {gap}")
