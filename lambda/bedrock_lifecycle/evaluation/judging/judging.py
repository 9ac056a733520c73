"""Has a judge compare the answers of one shard: each pair is asked twice, as any question is.

What it replies expires as answers do. The verdicts are numbers, and stay.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bedrock_lifecycle.contract.evaluation_identity import Judging, Target, judgments_id
from bedrock_lifecycle.contract.evaluation_store import answers_key, judgments_key, rubric_key
from bedrock_lifecycle.evaluation.asking.asking import Asked, Asking, Bounded, Done, Work, World, asking
from bedrock_lifecycle.evaluation.judging.judge_request import comparison, outcome
from bedrock_lifecycle.evaluation.judging.judge_verdicts import Outcome, Verdicts
from bedrock_lifecycle.evaluation.stored.judged import CHECKPOINT, VERDICT_TOKENS, checkpoints, drawn, judged_of_shards
from bedrock_lifecycle.evaluation.stored.plan import Plan
from bedrock_lifecycle.evaluation.stored.records import CHECKPOINT as ANSWERED_AT_ONCE
from bedrock_lifecycle.evaluation.stored.records import Index, Question, answers_of
from bedrock_lifecycle.evaluation.stored.shards import found_answers, read_questions
from bedrock_lifecycle.evaluation.stored.store import Store

_SECONDS: Final = 1.0
"""Between two questions to a judge, whose quota is not read; Bedrock's throttles slow it down."""


@dataclass(frozen=True)
class _Pair:
    """Two answers to a question; None where there is none."""

    question: Question
    ours: str | None
    theirs: str | None

    @property
    def decided(self) -> Outcome | None:
        """What needs no judge: an answer is better than none, and equal ones are as good."""
        if self.ours == self.theirs:
            return Outcome.NEITHER
        if self.ours is None or self.theirs is None:
            return Outcome.THEIRS if self.ours is None else Outcome.OURS
        return None

    def asked(self, rubric: str) -> list[Question]:
        """Return what a judge is asked: both orders, ours first."""
        ours, theirs = self.ours or "", self.theirs or ""
        return [
            comparison(rubric, self.question, answer_a=ours, answer_b=theirs),
            comparison(rubric, self.question, answer_a=theirs, answer_b=ours),
        ]


def judging(store: Store, plan: Plan, index: Index, shard: int, world: World) -> Asking:
    """Compare the tuned model's answers with everyone else's, of the records that are drawn.

    Raises:
        CannotAsk: Nobody may ask the judge.
        Missing: The rubric is not where it must be.
    """
    judge = plan.judge
    number = judged_of_shards(index, judge.records)[shard] if judge else 0
    if not judge or not number:
        return Done()
    tuned, *others = plan.targets
    ours = plan.answers_id(tuned)
    open_ones = [
        each
        for each in others
        if not _is_judged(store, judgments_id(ours, plan.answers_id(each), judge), shard, number)
    ]
    if open_ones:
        rubric = store.read(rubric_key(judge.rubric_sha256)).decode()
        questions = drawn(read_questions(store, plan, index, shard), number)
        our_texts = _texts(store, plan, index, shard, tuned)
        for other in open_ones:
            pairs = _pairs(questions, our_texts, _texts(store, plan, index, shard, other))
            if len(pairs) < number:
                return Bounded()  # as is who was to answer
            its = judgments_id(ours, plan.answers_id(other), judge)
            ended = yield from _judge(store, judge, its, shard, pairs, rubric, world)
            if not isinstance(ended, Done):
                return ended
    return Done()


def _judge(
    store: Store, judge: Judging, judgments: str, shard: int, pairs: Sequence[_Pair], rubric: str, world: World
) -> Generator[float, None, Asked]:
    asked = [question for pair in pairs if pair.decided is None for question in pair.asked(rubric)]
    work = Work(
        answers_id=judgments, shard=shard, model=judge.model, max_output_tokens=VERDICT_TOKENS, seconds=_SECONDS
    )
    ended = yield from asking(work, asked, world)
    if isinstance(ended, Done):
        replies = iter(_replies(store, judgments, shard, len(asked)))
        verdicts = [(pair, pair.decided or outcome(next(replies), next(replies))) for pair in pairs]
        for part in range(checkpoints(len(verdicts))):
            some = verdicts[part * CHECKPOINT : (part + 1) * CHECKPOINT]
            its = Verdicts(
                {pair.question.record: each for pair, each in some},
                frozenset(pair.question.record for pair, _ in some if pair.decided),
            )
            store.write_once(judgments_key(judgments, shard, part), its.to_json())
    return ended


def _replies(store: Store, judgments: str, shard: int, number: int) -> list[str | None]:
    keys = (answers_key(judgments, shard, part) for part in range(-(-number // ANSWERED_AT_ONCE)))
    return [answer.text for key in keys for answer in answers_of(store.read(key))]


def _is_judged(store: Store, judgments: str, shard: int, number: int) -> bool:
    return all(store.found(judgments_key(judgments, shard, part)) for part in range(checkpoints(number)))


def _texts(store: Store, plan: Plan, index: Index, shard: int, target: Target) -> Mapping[int, str | None]:
    return {each.record: each.text for each in found_answers(store, plan.answers_id(target), index, shard)}


def _pairs(
    questions: Sequence[Question], ours: Mapping[int, str | None], theirs: Mapping[int, str | None]
) -> list[_Pair]:
    return [
        _Pair(each, ours[each.record], theirs[each.record])
        for each in questions
        if each.record in ours and each.record in theirs
    ]
