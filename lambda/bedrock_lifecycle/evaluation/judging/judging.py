"""Has a judge compare the answers of one shard: each pair is asked twice, as any question is.

What it replies expires as answers do. The verdicts are numbers, and stay.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Final

from bedrock_lifecycle.contract.evaluation_identity import Judging, Target, judgments_id
from bedrock_lifecycle.contract.evaluation_store import answers_key, judgments_key, rubric_key
from bedrock_lifecycle.evaluation.asking.asking import AllAnswered, Asked, Asking, AskingWorld, Bounded, Work, asking
from bedrock_lifecycle.evaluation.asking.throttling import Rhythm
from bedrock_lifecycle.evaluation.judging.judge_request import comparison, outcome
from bedrock_lifecycle.evaluation.judging.judge_verdicts import PairOutcome, Verdicts
from bedrock_lifecycle.evaluation.stored.judged import CHECKPOINT, VERDICT_TOKENS, checkpoints, drawn, judged_of_shards
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.records import CHECKPOINT as ANSWERED_AT_ONCE
from bedrock_lifecycle.evaluation.stored.records import Index, Question, answers_of
from bedrock_lifecycle.evaluation.stored.shards import found_answers, read_questions
from bedrock_lifecycle.evaluation.stored.store import Store

_SECONDS: Final = 1.0
"""Between two questions to a judge at first: its quota is not read, so the pace adapts."""


@dataclass(frozen=True)
class _Pair:
    """Two answers to a question; None where there is none."""

    question: Question
    ours: str | None
    theirs: str | None

    @property
    def decided(self) -> PairOutcome | None:
        """What it is without a judge."""
        return _decided(self.ours, self.theirs)

    def asked(self, rubric: str) -> list[Question]:
        """Return what a judge is asked: both orders, ours first."""
        ours, theirs = self.ours or "", self.theirs or ""
        return [
            comparison(rubric, self.question, answer_a=ours, answer_b=theirs),
            comparison(rubric, self.question, answer_a=theirs, answer_b=ours),
        ]


def judging(
    store: Store, plan: EvaluationPlan, index: Index, shard: int, world: AskingWorld, rhythm: Rhythm | None = None
) -> Asking:
    """Compare the tuned model's answers with everyone else's, of the records that are drawn.

    rhythm: how the function before has asked the judge.

    Raises:
        CannotAsk: Nobody may ask the judge.
        Missing: The rubric is not where it must be.
    """
    judge = plan.judge
    number = judged_of_shards(index, judge.records)[shard] if judge else 0
    if not judge or not number:
        return AllAnswered()
    tuned, *others = plan.targets
    ours = plan.answers_id(tuned)
    our_texts = _texts(store, plan, index, shard, tuned)
    questions: list[Question] = []
    for other in others:
        its = judgments_id(ours, plan.answers_id(other), judge)
        texts = our_texts, _texts(store, plan, index, shard, other)
        if _is_judged(_verdicts(store, its, shard, number), *texts):
            continue
        questions = questions or drawn(read_questions(store, plan, index, shard), number)
        pairs = _pairs(questions, *texts)
        if len(pairs) < number:
            return Bounded()  # as is who was to answer
        rubric = store.read(rubric_key(judge.rubric_sha256)).decode()
        ended = yield from _judge(store, judge, its, shard, pairs, rubric, world, rhythm)
        if not isinstance(ended, AllAnswered):
            return ended
    return AllAnswered()


def _judge(
    store: Store,
    judge: Judging,
    judgments: str,
    shard: int,
    pairs: Sequence[_Pair],
    rubric: str,
    world: AskingWorld,
    rhythm: Rhythm | None,
) -> Generator[float, None, Asked]:
    asked = [question for pair in pairs if pair.decided is None for question in pair.asked(rubric)]
    work = Work(
        answers_id=judgments,
        shard=shard,
        model=judge.model,
        max_output_tokens=VERDICT_TOKENS,
        seconds=_SECONDS,
        adapts=True,
        rhythm=rhythm,
        # A record that is asked again may get an answer, and then has to be judged.
        may_change=True,
    )
    ended = yield from asking(work, asked, world)
    if isinstance(ended, AllAnswered):
        replies = iter(_replies(store, judgments, shard, len(asked)))
        verdicts = [(pair, pair.decided or outcome(next(replies), next(replies))) for pair in pairs]
        for part in range(checkpoints(len(verdicts))):
            some = verdicts[part * CHECKPOINT : (part + 1) * CHECKPOINT]
            its = Verdicts(
                {pair.question.record: each for pair, each in some},
                frozenset(pair.question.record for pair, _ in some if pair.decided),
            )
            store.write(judgments_key(judgments, shard, part), its.to_json())
    return ended


def _decided(ours: str | None, theirs: str | None) -> PairOutcome | None:
    """Return what needs no judge: an answer is better than none, and equal ones are as good."""
    if ours == theirs:
        return PairOutcome.NEITHER
    if ours is None or theirs is None:
        return PairOutcome.THEIRS if ours is None else PairOutcome.OURS
    return None


def _replies(store: Store, judgments: str, shard: int, number: int) -> list[str | None]:
    keys = (answers_key(judgments, shard, part) for part in range(-(-number // ANSWERED_AT_ONCE)))
    return [answer.text for key in keys for answer in answers_of(store.read(key))]


def _verdicts(store: Store, judgments: str, shard: int, number: int) -> Verdicts | None:
    """Return the verdicts of a shard; None if any part of them is missing."""
    parts = [store.found(judgments_key(judgments, shard, part)) for part in range(checkpoints(number))]
    return reduce(or_, (Verdicts.from_json(each) for each in parts if each)) if all(parts) else None


def _is_judged(verdicts: Verdicts | None, ours: Mapping[int, str | None], theirs: Mapping[int, str | None]) -> bool:
    """Tell whether there are verdicts, and none for want of an answer that has come since."""
    return verdicts is not None and all(
        _decided(ours[record], theirs[record]) is verdicts.outcomes[record]
        for record in verdicts.unasked & ours.keys() & theirs.keys()
    )


def _texts(store: Store, plan: EvaluationPlan, index: Index, shard: int, target: Target) -> Mapping[int, str | None]:
    return {each.record: each.text for each in found_answers(store, plan.answers_id(target), index, shard)}


def _pairs(
    questions: Sequence[Question], ours: Mapping[int, str | None], theirs: Mapping[int, str | None]
) -> list[_Pair]:
    return [
        _Pair(each, ours[each.record], theirs[each.record])
        for each in questions
        if each.record in ours and each.record in theirs
    ]
