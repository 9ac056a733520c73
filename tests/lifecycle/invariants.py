"""What must hold after every history, whatever went wrong in it."""

import json
from collections.abc import Iterable
from math import ceil

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.physical_id import PhysicalId
from tests.lifecycle.gates import candidates, evaluated_by
from tests.support.environment import Account, Wanted
from tests.support.lifecycle import BUCKET, CANARY, LAST_RESORT

_LARGEST_ANSWER_BYTES = 4096
_CHARACTERS_PER_TOKEN = 6


def violations(
    account: Account, asked_for: Iterable[Wanted], *, given: Iterable[str] = (), retained: Iterable[str] = ()
) -> list[str]:
    """Return what is wrong after a history in which these trainings were asked for, and these models given.

    `retained` are the names of what a stack that is gone has left on purpose.
    """
    all_wanted = list(asked_for)
    wanted = {one.training_name: one for one in all_wanted}
    return [
        *_jobs_paid_twice(account, wanted),
        *_orphans(account, set(retained) | let_go(account, all_wanted) | told(account)),
        *_bought_twice(account, all_wanted),
        *_models_gone(account, set(given)),
        *_unheld(account, all_wanted),
        *_asked_too_often(account, all_wanted),
        *candidates(account),
        *_answers(account),
        *_data(account, wanted.values()),
    ]


def let_go(account: Account, asked_for: Iterable[Wanted]) -> set[str]:
    """Return the names of what stands inside its term with no stack, because its settings say that it may.

    Nobody can delete it; it has no owner tag, so that no later clean-up takes it for its own.
    """
    may = {one.throughput_name for one in asked_for if one.commitment_duration and one.detach_when_committed}
    region, now = account.region, account.lifecycle.now
    return {
        one.name
        for one in region.throughputs.values()
        if one.name in may
        and one.is_committed(now)
        and contract.TAG_LET_GO in region.tags[one.arn]
        and contract.TAG_OWNER not in region.tags[one.arn]
    }


def told(account: Account) -> set[str]:
    """Return the names of what stands inside its term with no stack, and a failed request has told so.

    Nobody can delete it, and no stack would hold what a request that fails has bought. It keeps its owner tag, so that
    a plan tells it as well.
    """
    region, now = account.region, account.lifecycle.now
    failed = [
        answer["Reason"] for answers in account.lifecycle.answers.values() for answer in answers if _has_failed(answer)
    ]
    return {
        one.name
        for one in region.throughputs.values()
        if one.is_committed(now)
        and contract.TAG_OWNER in region.tags[one.arn]
        and any(one.name in reason and "committed until" in reason for reason in failed)
    }


def _has_failed(answer: dict[str, str]) -> bool:
    return answer["Status"] == "FAILED"


def _jobs_paid_twice(account: Account, wanted: dict[str, Wanted]) -> list[str]:
    jobs = account.jobs()
    names = [job["jobName"] for job in jobs]
    wrong = [f"two jobs are named {name}" for name in set(names) if names.count(name) > 1]
    wrong += [f"job {name} was never asked for" for name in names if name not in wanted]
    for job in jobs:
        asked = wanted.get(job["jobName"])
        if asked and job["status"] == "Completed" and job["trainedTokens"] != _tokens(asked):
            wrong.append(f"job {job['jobName']} trained {job['trainedTokens']} tokens instead of {_tokens(asked)}")
    return wrong


def _tokens(wanted: Wanted) -> int:
    """Return the tokens of the corpus times the epochs, by the simulation's stated ratio, each record rounded up."""
    records = (json.loads(line)["messages"] for line in wanted.data.splitlines())
    characters = (sum(len(_text(turn["content"])) for turn in turns) for turns in records)
    corpus = sum(ceil(count / _CHARACTERS_PER_TOKEN) for count in characters)
    return corpus * int(wanted.hyper_parameters["epochCount"])


def _text(content: str | list[dict[str, str]]) -> str:
    return content if isinstance(content, str) else "".join(block["text"] for block in content)


def _orphans(account: Account, retained: set[str]) -> list[str]:
    held = set(retained)
    stacks = filter(None, map(account.cloudformation.stack, account.cloudformation.names()))
    for live in (each for stack in stacks for each in stack.resources.values()):
        known = PhysicalId.parse(live.physical_id)
        held.add(known.name if known else "")
    serving = [name for name in account.serving_names() if not evaluated_by(name)]
    return [f"orphan: no stack holds {name}" for name in serving if name not in held]


def _bought_twice(account: Account, asked_for: Iterable[Wanted]) -> list[str]:
    """Return the throughputs that were never asked for; those of one name cannot stand at once."""
    asked = {one.throughput_name for one in asked_for if one.model_units is not None}
    bought = {one["provisionedModelName"] for one in account.meter()["throughputs"]} - account.theirs
    return [f"throughput {name} was never asked for" for name in sorted(bought - asked)]


def _models_gone(account: Account, given: set[str]) -> list[str]:
    region = account.region
    wrong = [f"given model {name} is gone" for name in given - {model.name for model in region.models.values()}]
    touched = [model for model in region.models.values() if model.name in given]
    owned = [model.name for model in touched if contract.TAG_OWNER in region.tags[model.arn]]
    return [*wrong, *(f"given model {name} was taken for this project's" for name in owned)]


def held(account: Account, environment: str = "prod") -> list[str]:
    """Return the names of the models that an environment holds."""
    region, tag = account.region, contract.hold_tag(environment)
    return sorted(model.name for model in region.models.values() if tag in region.tags[model.arn])


def _unheld(account: Account, asked_for: Iterable[Wanted]) -> list[str]:
    """Return the models that are served though another environment trained them, and are not held."""
    promoted = [one for one in asked_for if one.giver]
    takes, given = ({one.serving_name for one in promoted}, {one.training_name for one in promoted})
    served = {arn for one in account.region.serving() if one.name in takes for arn in one.uses}
    names = {model.name for model in account.region.models.values() if model.arn in served}
    return [f"{name} is served and not held" for name in sorted(names & given - set(held(account)))]


def _asked_too_often(account: Account, asked_for: Iterable[Wanted]) -> list[str]:
    """Return whether bakes have cost more than they declare: each question is asked twice at most for each request."""
    most = max((one.questions for one in asked_for if one.asks is not None), default=0) * contract.BAKE_TRIES
    asking = [event for event in account.cloudformation.events if event["ResourceType"] == contract.SERVING_BAKE]
    bakes = len([event for event in asking if event["RequestType"] != "Delete"])
    # What was turned away was not paid for, and may be asked more often.
    asked = account.lifecycle.around("bedrock-runtime").generated
    return [f"{asked} questions were asked in {bakes} bakes of {most} at most"] if asked > most * bakes else []


def secrets_in(text: str) -> list[str]:
    """Return which of the things that nobody may read are in a text: training data, a signed URL."""
    return [secret for secret in (CANARY, "X-Amz-Signature") if secret in text]


def _answers(account: Account) -> list[str]:
    wrong: list[str] = []
    for event in account.cloudformation.events:
        answers = account.lifecycle.answers.get(event["RequestId"], [])
        wrong += [f"{event['RequestType']}: {what}" for what in _wrong_with(answers, event)]
    if "nobody answered within the hour" in account.cloudformation.reasons:
        wrong.append("a request was not answered within its hour")
    return wrong


def _wrong_with(answers: list[dict[str, str]], event: dict[str, str]) -> Iterable[str]:
    # A request that could not be taken up in three deliveries was answered by the last resort. A later duplicate of it
    # may get through all the same; CloudFormation no longer listens then.
    heard = [answer for answer in answers if answer["Reason"] != LAST_RESORT]
    if len({(answer["Status"], answer["PhysicalResourceId"]) for answer in heard}) > 1:
        yield f"a second answer says something else: {[answer['Status'] for answer in answers]}"
    for answer in answers:
        if int(answer["_bytes"]) > _LARGEST_ANSWER_BYTES:
            yield "an answer is too long"
        text = str(answer)
        if secrets_in(text) or event["ResponseURL"] in text:
            yield "an answer holds data or a signed URL"
        if "\n" in answer["Reason"]:
            yield "a reason has several lines"


def _data(account: Account, wanted: Iterable[Wanted]) -> list[str]:
    objects = account.lifecycle.world.objects
    return [
        f"the data of {one.training_name} changed"
        for one in wanted
        if objects.get((BUCKET, f"train/{one.sha256}.jsonl"), one.data) != one.data
    ]
