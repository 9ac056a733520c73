"""Every case of every theme."""

from typing import Final

from tests.unit.dataset_rules.corpus import (
    aws_validator,
    converse,
    files,
    json_text,
    messages,
    prompt_completion,
    words_and_lengths,
)
from tests.unit.dataset_rules.corpus.case import Case

_THEMES: Final = {
    "json": json_text.CASES,
    "messages": messages.CASES,
    "converse": converse.CASES,
    "prompt": prompt_completion.CASES,
    "words and lengths": words_and_lengths.CASES,
    "files": files.CASES,
    "aws validator, lines": aws_validator.LINES,
    "aws validator, files": aws_validator.FILES,
}

CASES: Final[dict[str, Case]] = {
    f"{theme}: {name}": case for theme, cases in _THEMES.items() for name, case in cases.items()
}
