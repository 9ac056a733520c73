"""What is read of one shard."""

from bedrock_lifecycle.contract.evaluation_store import (
    again_key,
    answers_key,
    plan_key,
    questions_index_key,
    questions_key,
)
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.records import Answer, AskingAgain, Index, Question, answers_of, questions_of
from bedrock_lifecycle.evaluation.stored.store import Store


def read_plan(store: Store, evaluation: str) -> EvaluationPlan:
    """Return the plan of an evaluation; `Missing` once it has expired."""
    return EvaluationPlan.from_json(store.read(plan_key(evaluation)))


def read_index(store: Store, plan: EvaluationPlan) -> Index:
    """Return the index of a plan's questions; `Missing` before they were written, and once they have expired."""
    return Index.from_json(store.read(questions_index_key(plan.questions.id)))


def read_questions(store: Store, plan: EvaluationPlan, index: Index, shard: int) -> list[Question]:
    """Return the questions of a shard, in the order in which they are asked; `Missing` as above."""
    keys = (questions_key(plan.questions.id, shard, part) for part in range(index.shards[shard].parts))
    return [question for key in keys for question in questions_of(store.read(key))]


def read_again(store: Store, answers_id: str) -> AskingAgain:
    """Return what is asked again of a target; nothing as a rule."""
    body = store.found(again_key(answers_id))
    return AskingAgain.from_json(body) if body else AskingAgain()


def found_answers(store: Store, answers_id: str, index: Index, shard: int) -> list[Answer]:
    """Return the answers of a shard that are there, in the order of the questions; fewer than these if any are not."""
    parts = (store.found(answers_key(answers_id, shard, part)) for part in range(index.shards[shard].checkpoints))
    return [answer for part in parts if part is not None for answer in answers_of(part)]
