"""The worst records in words: only for those who ask for them, and never anywhere but in the file that they name."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bedrock_lifecycle.contract.evaluation_identity import EvaluationInputs
from bedrock_lifecycle.contract.evaluation_store import questions_index_key, questions_key
from bedrock_lifecycle.evaluation.stored.records import Index, Question, questions_of
from bedrock_lifecycle.evaluation.stored.shards import found_answers
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.evaluation.stored.summary import Summary
from tune.report.facts import RecordInWords
from tune.report.outcomes import shards_with
from tune.terminal.exit_codes import ExitCode
from tune.terminal.problems import CannotBeDone

_TEXT: Final = "text"


class Expired(CannotBeDone):
    """The words of the records are not there any more."""

    code = ExitCode.FAILED


def contents(store: Store, inputs: EvaluationInputs | None, numbers: Summary) -> tuple[RecordInWords, ...]:
    """Return the worst records in words, the furthest behind first; raise Expired where they are gone."""
    index = store.found(questions_index_key(inputs.questions.id)) if inputs else None
    if inputs is None or index is None:
        raise Expired(
            f"the answers of evaluation {numbers.evaluation} are not stored any more: leave out --show-content"
        )
    order = [each.record for each in numbers.worst]
    found = {
        its.record: its
        for shard, records in shards_with(store, inputs, order)
        for its in _of_shard(store, inputs, Index.from_json(index), shard, records)
    }
    return tuple(found[each] for each in order if each in found)


def _of_shard(
    store: Store, inputs: EvaluationInputs, index: Index, shard: int, records: Sequence[int]
) -> Iterator[RecordInWords]:
    keys = (questions_key(inputs.questions.id, shard, part) for part in range(index.shards[shard].parts))
    questions = [each for key in keys for each in questions_of(store.read(key))]
    said: dict[str, Mapping[int, str | None]] = {}
    for target in inputs.targets:
        answers = found_answers(store, inputs.answers_id(target), index, shard)
        said[target.name] = {each.record: each.text for each in answers}
    for each in questions:
        if each.record in records:
            yield RecordInWords(
                record=each.record,
                question=_asked(each),
                reference=each.reference,
                answers={name: its.get(each.record) for name, its in said.items()},
            )


def _asked(question: Question) -> str:
    """Return what a model was asked, who says what; what is no text as JSON."""
    told = [("system", question.request.get("system", ()))]
    told += [(each["role"], each["content"]) for each in question.request["messages"]]
    return "\n\n".join(f"{role}: {_in_words(block)}" for role, blocks in told for block in blocks)


def _in_words(block: Mapping[str, Any]) -> str:
    return str(block[_TEXT]) if _TEXT in block else json.dumps(block, ensure_ascii=False)
