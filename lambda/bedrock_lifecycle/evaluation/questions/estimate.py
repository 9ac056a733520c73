"""How many tokens a question may take, before anybody counts them."""

import json
from typing import Final

from bedrock_lifecycle.evaluation.stored.records import Question

# Bytes of UTF-8 and not characters, so that scripts with a token a character are not taken for cheap. AWS's own
# validator of data for Claude 3 Haiku reckons with three characters a token, its guides with six. That it is enough is
# assumed (`token-bytes`).
_BYTES_A_TOKEN: Final = 3


def input_tokens(question: Question) -> int:
    """Return about how many tokens a question has, rather too many than too few."""
    return tokens_of(json.dumps(question.request, ensure_ascii=False))


def tokens_of(text: str) -> int:
    """Return about how many tokens a text has, rather too many than too few."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // _BYTES_A_TOKEN)
