"""Drives `Custom::BedrockServingBake`: asks what serves, reads alarms, and leaves on the model how that went.

Neither questions nor answers get into what is told, logged or written down.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, assert_never

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.serving_bake import HAS_BAKED, MODEL, ServingBakeProperties
from bedrock_lifecycle.decisions import serving_bake as table
from bedrock_lifecycle.decisions.actions import Ask, Done, Pass, Refuse, Wait
from bedrock_lifecycle.decisions.table import decide
from bedrock_lifecycle.engine import aws_errors, clock
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.outcome import Failed, Outcome, Refusal, Settled, Waiting
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.questions import BakeQuestion, NotAQuestion, question

KIND: Final = "serving-bake"
_AT_ONCE_SECONDS: Final = 1
# What Bedrock says of a model that is loading, or took too long (API reference, Converse).
_LOADS: Final = "ModelNotReadyException"
_NOT_YET: Final = frozenset({_LOADS, "ModelTimeoutException", "ModelErrorException"})


def physical_id(request: Request) -> PhysicalId:
    # Constant: a bake makes nothing that could be replaced.
    return PhysicalId(KIND, request.logical_id)


class _NotAsked(Exception):
    """A question that cannot be asked, with the reason."""


class ServingBake:
    """One step of a bake. `aws` gives clients of S3, CloudWatch and the Bedrock runtime."""

    def __init__(self, bedrock: Bedrock, aws: Callable[[str], Any]) -> None:
        self._bedrock = bedrock
        self._aws = aws

    def reconcile(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        properties = ServingBakeProperties(turn.request.properties)
        facts = self._facts(turn, properties)
        decision = decide(table.ROWS, facts)
        match decision:
            case Ask():
                return self._ask(turn, properties, facts)
            case Wait(detail):
                return Waiting(detail)
            case Refuse(reason):
                if facts.blames_the_model:
                    self._leave(contract.FAILED, properties)
                return Failed(reason)
            case Pass(detail):
                if properties.is_last:
                    self._leave(contract.PASSED, properties)
                return Settled(_attributes(properties, facts), detail)
            case Done(detail):
                return Settled({} if facts.event == "Delete" else _attributes(properties, facts), detail)
        assert_never(decision)

    def undo(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        raise Refusal("a bake creates nothing")

    def _facts(self, turn: Turn, properties: ServingBakeProperties, why_not: str = "") -> table.Facts:
        event = turn.request.request_type
        if event == "Delete":
            return table.Facts(event=event, name="")
        is_bought_for_a_term = _is_bought_for_a_term(properties.complete(), turn.request)
        # What asks nothing reads nothing either: it must not fail.
        reads = not (turn.is_rollback or is_bought_for_a_term)
        alarms = self._alarms(properties) if reads else {}
        return table.Facts(
            event=event,
            name=f"model {properties.model}",
            is_bought_for_a_term=is_bought_for_a_term,
            rolling_back=turn.is_rollback,
            questions=properties.questions,
            right=properties.right,
            answers=turn.entry.answers,
            tried=turn.entry.looks,
            why_not=why_not,
            watched=turn.waited >= timedelta(minutes=properties.minutes),
            overdue=turn.waited >= clock.RUNG,
            alarms={
                name: alarms[name]["StateValue"] if name in alarms else None for name in properties.alarms if reads
            },
            raised_before=frozenset(name for name, alarm in alarms.items() if _was_so(alarm, turn.entry.began)),
        )

    def _alarms(self, properties: ServingBakeProperties) -> dict[str, Mapping[str, Any]]:
        names = properties.alarms
        if not names:
            return {}
        # Without the types only metric alarms are returned (API reference, DescribeAlarms).
        found = self._aws("cloudwatch").describe_alarms(
            AlarmNames=list(names), AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        return {each["AlarmName"]: each for kind in ("MetricAlarms", "CompositeAlarms") for each in found.get(kind, [])}

    def _ask(self, turn: Turn, properties: ServingBakeProperties, facts: table.Facts) -> Outcome:
        number = len(facts.answers)
        try:
            asked = self._question(properties, number)
            # Before it is asked, so that one whose answer is lost again and again comes to an end.
            turn.looks()
            answer = self._answer(turn, properties, asked)
        except (_NotAsked, NotAQuestion) as problem:
            return self._not_asked(turn, properties, cannot_be_asked(number, str(problem)))
        if answer is None:
            return Waiting(f"question {number + 1} of {facts.questions} was not answered, and is sent again")
        turn.has_answered("1" if asked.is_right(answer) else "0")
        return Waiting(f"question {number + 1} of {facts.questions} was answered", _AT_ONCE_SECONDS)

    def _not_asked(self, turn: Turn, properties: ServingBakeProperties, why: str) -> Outcome:
        decision = decide(table.ROWS, self._facts(turn, properties, why))
        if not isinstance(decision, Refuse):
            raise AssertionError("what cannot be asked fails the bake")
        self._leave(contract.FAILED, properties)
        return Failed(decision.reason)

    def _question(self, properties: ServingBakeProperties, number: int) -> BakeQuestion:
        bucket, _, key = str(properties.questions_uri).removeprefix("s3://").partition("/")
        try:
            found = self._aws("s3").get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if aws_errors.passes(error):
                raise
            # Without the right to list, what does not exist is told as denied (Amazon S3 API reference, GetObject).
            raise _NotAsked(unread(properties, f"cannot be read ({aws_errors.code(error)})")) from None
        if found["ContentLength"] > contract.MAX_BAKE_BYTES:
            raise _NotAsked(
                f"{properties.questions_uri} has more than {contract.MAX_BAKE_BYTES:,} bytes: name a smaller file"
            )
        return question(found["Body"].read(), str(properties.questions_sha256), number)

    def _answer(self, turn: Turn, properties: ServingBakeProperties, asked: BakeQuestion) -> str | None:
        """Return what serves says, or None when it may say more when asked again.

        Of an error only its code is told: a message may repeat what was sent.
        """
        system = {"system": [{"text": asked.system}]} if asked.system else {}
        try:
            answer = self._aws("bedrock-runtime").converse(
                modelId=properties.served_arn,
                messages=list(asked.messages),
                inferenceConfig={"maxTokens": properties.max_output_tokens, "temperature": 0},
                **system,
            )
        except ClientError as error:
            code = aws_errors.code(error)
            # What serves, and the permission to ask it, may have been made a moment ago.
            may_be_seen = aws_errors.is_denied(error) or aws_errors.is_not_found(error)
            comes = may_be_seen and turn.is_fresh
            if aws_errors.was_turned_away(error) or code == _LOADS or comes:
                # Nothing was generated, so it is no try of those that may be billed.
                turn.looked_at_nothing()
                return None
            if aws_errors.passes(error) or code in _NOT_YET:
                return None
            raise _NotAsked(f"Bedrock refuses it ({code}): allow it, or correct the file") from None
        except BotoCoreError:
            return None
        return _text(answer)

    def _leave(self, found: str, properties: ServingBakeProperties) -> None:
        """Leave on a model of this Foundation how its bake went; a refusal fails nothing."""
        model = self._bedrock.model(properties.model)
        tags = self._bedrock.tags(model.arn) if model else {}
        if model and tags.get(contract.TAG_FOUNDATION) == self._bedrock.foundation:
            self._bedrock.retag(model.arn, {contract.TAG_BAKE: found}, [])


def _attributes(properties: ServingBakeProperties, facts: table.Facts) -> dict[str, str]:
    return {MODEL: properties.model, HAS_BAKED: "false" if facts.is_bought_for_a_term else "true"}


def cannot_be_asked(number: int, why: str) -> str:
    """Return why a question cannot be asked, the first of which is 0."""
    return f"question {number + 1} cannot be sent to the model, because {why}"


def unread(properties: ServingBakeProperties, what: str) -> str:
    """Return what is wrong with the file of questions, and how to put it there."""
    push = f" ({properties.push})" if properties.push else ""
    return f"{properties.questions_uri} {what}: push the file with this digest{push}"


def _is_bought_for_a_term(properties: ServingBakeProperties, request: Request) -> bool:
    """Tell whether the deployment of a request may have bought a commitment, which no rollback gives back."""
    if properties.commitment_duration is None:
        return False
    before = ServingBakeProperties(request.old_properties)
    if ServingBakeProperties.served_arn in before:
        return before.served_arn != properties.served_arn
    return not properties.first_has_baked


def _was_so(alarm: Mapping[str, Any], moment: datetime) -> bool:
    """Tell whether an alarm has had its state since before a moment; of one that tells no time it has not."""
    since = alarm.get("StateTransitionedTimestamp")
    return since is not None and since < moment


def _text(answer: Mapping[str, Any]) -> str:
    content = answer.get("output", {}).get("message", {}).get("content", [])
    return "\n".join(block["text"] for block in content if "text" in block)
