"""Writes down the questions of an evaluation, once for all evaluations that ask the same; looks at the test file."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bedrock_lifecycle.contract import MAX_EVALUATION_RECORDS
from bedrock_lifecycle.contract.evaluation_identity import Questions
from bedrock_lifecycle.contract.evaluation_store import KEPT_DAYS, QUESTIONS, RUN_DAYS, look_key, questions_index_key
from bedrock_lifecycle.evaluation.questions import sampling, test_data
from bedrock_lifecycle.evaluation.questions.shard_writer import BUDGET_BYTES, Put, ShardWriter
from bedrock_lifecycle.evaluation.questions.test_data import NotUsable, StoredFile
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.records import Index, Look, Question, QuestionCheck
from bedrock_lifecycle.evaluation.stored.shards import read_index
from bedrock_lifecycle.evaluation.stored.store import Missing, Store

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


# Younger questions outlive a run that begins now; older ones are written again, which makes them new.
_LAST: Final = timedelta(days=KEPT_DAYS - RUN_DAYS - 1)


class QuestionsUnfinished(Exception):
    """The function's time is nearly up; what is written stays, and the next function goes on behind it."""


def drawn(file: StoredFile, questions: Questions) -> tuple[sampling.Survey, sampling.Cut]:
    """Return what is in a test file, and which of its records are asked; `NotUsable` if they cannot be."""
    its = test_data.survey(file, questions.group_by)
    cut = sampling.cut(its, records=questions.records, grouped=questions.group_by is not None)
    if sum(cut.sizes) > MAX_EVALUATION_RECORDS:
        raise NotUsable(
            f"{file} has {len(its.digests):,} records, and an evaluation asks at most {MAX_EVALUATION_RECORDS:,}: set "
            "[evaluation] records"
        )
    return its, cut


def in_shards(
    file: StoredFile,
    questions: Questions,
    its: sampling.Survey,
    cut: sampling.Cut,
    put: Put,
    check: QuestionCheck | None = None,
) -> Index:
    """Hand the questions of a file that was surveyed to `put`, and return their index; `check` as below."""
    writer = ShardWriter(put, questions.id, cut.sizes, budget=BUDGET_BYTES)
    for shard, question in _checked(file, questions, cut, check):
        writer.add(shard, question)
    return Index(shards=writer.shards(), repeated=sampling.repeated(its, cut))


def _checked(
    file: StoredFile, questions: Questions, cut: sampling.Cut, check: QuestionCheck | None
) -> Iterator[tuple[int, Question]]:
    """Yield shard and question of all that are asked; `NotUsable` for one that `check` refuses."""
    for shard, record, asked in test_data.drawn(file, questions.group_by, cut):
        question = asked.question(record)
        if check:
            try:
                check(question)
            except ValueError as problem:
                raise NotUsable(f"{file}: {problem}") from None
        yield shard, question


class QuestionWriter:
    """Questions of one plan.

    has_time: tells whether another object may be written.
    check: refuses questions that cannot be scored, before anybody is asked. Default: all can be.
    """

    def __init__(
        self,
        s3: "S3Client",
        bucket: str,
        store: Store,
        plan: EvaluationPlan,
        has_time: Callable[[], bool],
        check: QuestionCheck | None = None,
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._store = store
        self._plan = plan
        self._has_time = has_time
        self._check = check

    def index(self) -> Index:
        """Return the index of the questions, which are written if any is missing; mark the look at the file.

        Raises:
            NotUsable: The test file cannot be evaluated with.
            QuestionsUnfinished: Call it again.
        """
        index = self._written()
        look = look_key(self._plan.questions.test_sha256, self._plan.id)
        has_looked = self._store.found(look) is not None
        if index and has_looked:
            return index
        its, cut = drawn(self._test_file, self._plan.questions)
        if index is None:
            index = self._write(its, cut)
        elif self._check:
            # Written for another evaluation, which scores them in another way.
            for _ in _checked(self._test_file, self._plan.questions, cut, self._check):
                pass
        if not has_looked:
            self._store.write_once(look, Look(trained_on=self._trained_on(its, cut)).to_json().encode())
        return index

    @property
    def _test_file(self) -> StoredFile:
        return StoredFile(self._s3, self._bucket, "test", self._plan.questions.test_sha256)

    def _written(self) -> Index | None:
        """Return the index if each of its objects is there, and will be until the longest run is over."""
        try:
            index = read_index(self._store, self._plan)
        except Missing:
            return None
        there = sum(1 for _ in self._store.young_keys(self._prefix, _LAST))
        return index if there > sum(each.parts for each in index.shards) else None

    def _write(self, its: sampling.Survey, cut: sampling.Cut) -> Index:
        there = set(self._store.young_keys(self._prefix, _LAST))
        written = 0

        def put(key: str, body: bytes) -> None:
            nonlocal written
            if key in there:
                return
            if not self._has_time():
                if not written:
                    raise NotUsable(
                        f"{self._test_file} cannot be read twice in the time of a function: set [evaluation] records, "
                        "or push a smaller file"
                    )
                raise QuestionsUnfinished
            self._store.write(key, body)
            written += 1

        index = in_shards(self._test_file, self._plan.questions, its, cut, put, self._check)
        self._store.write(questions_index_key(self._plan.questions.id), index.to_json().encode())
        return index

    def _trained_on(self, its: sampling.Survey, cut: sampling.Cut) -> int | None:
        """Return how many of the questions were trained on; None where the training data are not here."""
        if self._plan.train_sha256 is None:
            return None
        try:
            trained = test_data.digests(StoredFile(self._s3, self._bucket, "train", self._plan.train_sha256))
        except NotUsable:
            return None
        return sampling.found_in(its, cut, trained)

    @property
    def _prefix(self) -> str:
        return f"{QUESTIONS}{self._plan.questions.id}/"
