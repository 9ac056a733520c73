"""Where in the data store's bucket an evaluation keeps what.

What has words of records, answers or rubrics lies under `CONFIDENTIAL` and expires; numbers lie beside it and stay.
No key has a character that Bedrock or a person would have to escape.
"""

from typing import Final

from bedrock_lifecycle.contract import EVALUATION_PREFIX

CONFIDENTIAL: Final = f"{EVALUATION_PREFIX}confidential/"
PLANS: Final = f"{CONFIDENTIAL}plans/"
QUESTIONS: Final = f"{CONFIDENTIAL}questions/"
ANSWERS: Final = f"{CONFIDENTIAL}answers/"
BEGUN: Final = f"{CONFIDENTIAL}begun/"
RUBRICS: Final = f"{CONFIDENTIAL}rubrics/"
REASONS: Final = f"{CONFIDENTIAL}reasons/"
NUMBERS: Final = f"{EVALUATION_PREFIX}numbers/"
SCORES: Final = f"{NUMBERS}scores/"
JUDGMENTS: Final = f"{NUMBERS}judgments/"
PARTS: Final = f"{NUMBERS}parts/"
SUMMARIES: Final = f"{NUMBERS}summaries/"
LOOKS: Final = f"{NUMBERS}looks/"
AGAIN: Final = f"{NUMBERS}again/"

KEPT_DAYS: Final = 30
"""So long what is under `CONFIDENTIAL` is kept after it was written."""
RUN_DAYS: Final = 21
"""So long a run takes at most: a million records at the share of the smallest quota."""


def plan_key(evaluation_id: str) -> str:
    """Return where the plan of an evaluation is, which its functions read: metrics may carry a schema of yours."""
    return f"{PLANS}{evaluation_id}.json"


def questions_index_key(questions_id: str) -> str:
    """Return where it says into how many shards and parts the questions were written, once they all are."""
    return f"{QUESTIONS}{questions_id}/index.json"


def questions_key(questions_id: str, shard: int, part: int) -> str:
    """Return where a part of a shard's questions is."""
    return f"{QUESTIONS}{questions_id}/{shard:05}.{part:03}.jsonl"


def answers_key(answers_id: str, shard: int, part: int) -> str:
    """Return where one checkpoint of a shard's answers is."""
    return f"{answers_prefix(answers_id, shard)}{part:03}.jsonl"


def answers_prefix(answers_id: str, shard: int) -> str:
    """Return what the keys of a shard's checkpoints begin with."""
    return f"{ANSWERS}{answers_id}/{shard:05}."


def begun_key(answers_id: str, shard: int, part: int) -> str:
    """Return where the answers are of a checkpoint that a function has handed on before it was full."""
    return f"{BEGUN}{answers_id}/{shard:05}.{part:03}.jsonl"


def scores_key(scores_id: str, shard: int) -> str:
    """Return where a shard's scores by one metric are."""
    return f"{SCORES}{scores_id}/{shard:05}.json"


def judgments_key(judgments_id: str, shard: int, part: int) -> str:
    """Return where one checkpoint of a shard's verdicts of a judge is."""
    return f"{JUDGMENTS}{judgments_id}/{shard:05}.{part:03}.json"


def shard_of(key: str) -> int:
    """Return the shard that a key of questions, answers, scores, judgments or parts is of."""
    return int(key.rpartition("/")[2].partition(".")[0])


def part_key(evaluation_id: str, shard: int) -> str:
    """Return where what one shard adds to the summary is."""
    return f"{PARTS}{evaluation_id}/{shard:05}.json"


def summary_key(evaluation_id: str) -> str:
    """Return where the numbers of an evaluation are, once every record was asked of everyone."""
    return f"{SUMMARIES}{evaluation_id}.json"


def bounded_summary_key(evaluation_id: str) -> str:
    """Return where the numbers are of an evaluation that stopped at its bound of tokens, which no gate accepts."""
    return f"{SUMMARIES}{evaluation_id}.bounded.json"


def failed_summary_key(evaluation_id: str) -> str:
    """Return where the numbers are of an evaluation in which too many records had no answer; no gate accepts them."""
    return f"{SUMMARIES}{evaluation_id}.failed.json"


def look_key(test_sha256: str, evaluation_id: str) -> str:
    """Return the mark that an evaluation has looked at a test file: how often that was done is told."""
    return f"{LOOKS}{test_sha256}/{evaluation_id}"


def rubric_key(sha256: str) -> str:
    """Return where a judge's rubric is."""
    return f"{RUBRICS}{sha256}.md"


def reason_key(run: str) -> str:
    """Return where it says why a run cannot go on, once a function of it knows; no word of a record is in it."""
    return f"{REASONS}{run}.txt"


def again_key(answers_id: str) -> str:
    """Return where it says of which shards a next run asks again what has no answer, since too many had none."""
    return f"{AGAIN}{answers_id}.json"


def counter_key(evaluation_id: str) -> str:
    """Return the key of the item, in the ledger's table, that counts the tokens of an evaluation."""
    return f"evaluation|{evaluation_id}"
