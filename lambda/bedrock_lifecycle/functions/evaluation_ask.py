"""Lambda entry: asks one target the questions of one shard, until its time is nearly up."""

from typing import Any

from bedrock_lifecycle.evaluation.asking.asking import Work, asking
from bedrock_lifecycle.evaluation.stored.shards import read_again, read_index, read_plan, read_questions
from bedrock_lifecycle.functions.evaluation_turn import ends_a_run, kept, ran, rhythm_of, world_of


@ends_a_run
def on_event(event: dict[str, Any], context: Any) -> dict[str, Any]:
    store = kept()
    plan = read_plan(store, event["evaluation"])
    target = plan.targets[event["target"]]
    work = Work(
        answers_id=plan.answers_id(target),
        shard=event["shard"],
        # The candidate's ARN is known to the workflow alone.
        model=plan.asked_as.get(target.name) or event["arn"],
        max_output_tokens=plan.max_output_tokens,
        seconds=event["pace"],
        adapts=event.get("adapts", False),
        rhythm=rhythm_of(event),
        again=read_again(store, plan.answers_id(target)).number,
    )
    questions = read_questions(store, plan, read_index(store, plan), work.shard)
    return ran(asking(work, questions, world_of(plan, store, context)))
