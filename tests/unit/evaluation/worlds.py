"""Plans, questions and answers, as the functions of an evaluation leave them for each other."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from bedrock_lifecycle.contract.evaluation_identity import Judging, Questions, Target, metric_definition
from bedrock_lifecycle.contract.evaluation_store import answers_key, plan_key, questions_index_key, questions_key
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.records import CHECKPOINT, Answer, Index, Question, Shard, lines
from bedrock_lifecycle.evaluation.stored.store import Store
from tests.support.s3_service import BUCKET, S3Service, s3_client

TEST_SHA256 = "a" * 64
TUNED_MODEL = Target(name="tuned", model="docstrings-dev-4ffdfb6dcb25-1")
RETRAINED = Target(name="tuned", model="docstrings-dev-0123456789ab-1")
BASE_MODEL = Target(name="base", model="amazon.nova-micro-v1:0")
EXACT = metric_definition("exact_match", 1)
ROUGE = metric_definition("rouge_l", 1)
JUDGE = Judging(model="any.judge", rubric_sha256="b" * 64, records=10)


def plan(
    *,
    targets: Sequence[Target] = (TUNED_MODEL, BASE_MODEL),
    metrics: Sequence[str] = (EXACT,),
    judge: Judging | None = None,
    group_by: str | None = None,
    max_error_rate: float = 0.02,
    evaluation: str = "9c1f6a0b2d3e",
    metric_functions: Mapping[str, str] | None = None,
) -> EvaluationPlan:
    return EvaluationPlan(
        id=evaluation,
        owner="any",
        questions=Questions(test_sha256=TEST_SHA256, group_by=group_by),
        targets=tuple(targets),
        asked_as={each.name: each.model for each in targets if each.name != "tuned"},
        metrics=tuple(metrics),
        max_output_tokens=256,
        max_tokens=3_000_000,
        max_error_rate=max_error_rate,
        quota_share=0.25,
        judge=judge,
        metric_functions=metric_functions or {},
        train_sha256="c" * 64,
    )


def question(record: int, *, reference: str = "any", cluster: str = "", text: str = "any?") -> Question:
    request = {"messages": [{"role": "user", "content": [{"text": text}]}]}
    return Question(record=record, request=request, reference=reference, cluster=cluster)


def answer(record: int, text: str | None, *, stop: str = "end_turn", latency: int = 800, error: str = "") -> Answer:
    return Answer(
        record=record,
        text=text,
        stop_reason=stop,
        input_tokens=20,
        output_tokens=5,
        latency=latency,
        error=error or ("" if text is not None else "ValidationException"),
    )


class Killed(Exception):
    """The function was ended."""


class MemoryStore(Store):
    """A bucket without S3. `kill_at` ends the function at the n-th call from now on, before it is made or after."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self._calls_left = 0
        self._is_after = False

    def kill_at(self, call: int, *, after: bool) -> None:
        self._calls_left, self._is_after = call, after

    def found(self, key: str) -> bytes | None:
        """See `Store`."""
        with self._call():
            return self.objects.get(key)

    def write(self, key: str, body: bytes) -> None:
        """See `Store`."""
        with self._call():
            self.objects[key] = body

    def write_once(self, key: str, body: bytes) -> bool:
        """See `Store`."""
        with self._call():
            is_new = key not in self.objects
            self.objects.setdefault(key, body)
            return is_new

    def keys(self, prefix: str) -> Iterator[str]:
        """See `Store`."""
        with self._call():
            return iter(sorted(key for key in self.objects if key.startswith(prefix)))

    @contextmanager
    def _call(self) -> Iterator[None]:
        self._calls_left -= 1
        is_last = self._calls_left == 0
        if is_last and not self._is_after:
            raise Killed
        yield
        if is_last:
            raise Killed


class _World:
    """The bucket of an evaluation, empty at first."""

    store: Store

    def has_plan(self, its: EvaluationPlan) -> EvaluationPlan:
        self.store.write(plan_key(its.id), its.to_json().encode())
        return its

    def has_questions(self, its: EvaluationPlan, shards: Sequence[Sequence[Question]], *, repeated: int = 0) -> Index:
        for place, questions in enumerate(shards):
            self.store.write(questions_key(its.questions.id, place, 0), lines(questions))
        index = Index(shards=tuple(Shard(records=len(each), parts=1) for each in shards), repeated=repeated)
        self.store.write(questions_index_key(its.questions.id), index.to_json().encode())
        return index

    def has_answers(self, its: EvaluationPlan, target: Target, shard: int, answers: Iterable[Answer]) -> None:
        answers = list(answers)
        for part, start in enumerate(range(0, len(answers), CHECKPOINT)):
            key = answers_key(its.answers_id(target), shard, part)
            self.store.write(key, lines(answers[start : start + CHECKPOINT]))

    def loses(self, prefix: str) -> None:
        """Let everything expire that begins so."""
        for key in list(self.store.keys(prefix)):
            self._delete(key)

    def _delete(self, key: str) -> None:
        raise NotImplementedError


class World(_World):
    """A bucket of the one S3 of this process."""

    def __init__(self) -> None:
        self.service = S3Service()
        self.s3 = s3_client(self.service)
        self.store = Store(self.s3, BUCKET)

    def _delete(self, key: str) -> None:
        self.s3.delete_object(Bucket=BUCKET, Key=key)


class MemoryWorld(_World):
    """A bucket of its own, without S3."""

    def __init__(self) -> None:
        self.memory = self.store = MemoryStore()

    def _delete(self, key: str) -> None:
        del self.memory.objects[key]
