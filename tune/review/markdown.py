"""A review as the comment of a pull request: worst first, escaped, and never longer than a host takes."""

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from tune.review.compare import Review, StackReview
from tune.review.findings import CLASSES, Finding, FindingClass
from tune.terminal.counting import counted

MARK: Final = "<!-- bedrock-tuning-review -->"
"""By which the comment of an earlier commit is found."""
# GitHub takes 65,536 characters.
MOST_CHARACTERS: Final = 60_000
_FIRST_SCREEN: Final = 25
# Of one finding: so that none takes the place of all others.
_MOST_SAID: Final = 600
_MOST_OF_A_VALUE: Final = 200
_SIGNS: Final[dict[FindingClass, str]] = {
    "buys": "🔴",
    "trains": "🟠",
    "deletes": "🔴",
    "stays": "🔴",
    "moves": "🟣",
    "shares": "🔴",
    "widens": "🔴",
    "loosens": "🟡",
    "refused": "⛔",
    "unknown": "⚪",
    "changes": "🔵",
}
_HEAD: Final = ("| | where | what | was → is | costs |", "|---|---|---|---|---|")
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]#|~])")
# What a host makes mentions, references and links of, in what is rendered: an unseen space in it keeps it from that.
_CALLS: Final = re.compile(r"@|#(?=\d)|(?:(?<=http)|(?<=https)|(?<=ftp)):(?=//)|\bGH(?=-\d)|\bwww(?=\.)", re.IGNORECASE)
_UNSEEN: Final = "&#8203;"
_CERTAINTIES: Final = {"will": "", "atMost": " (at most)", "unknown": " (cannot be told)"}


def comment(review: Review, base: str, head: str, *, most: int = MOST_CHARACTERS) -> str:
    """Return the comment, of at most so many characters; what is left out is counted."""
    begin = [MARK, f"### {_title(review)}", f"Compared {_code(base)} with {_code(head)}, {review.basis}", ""]
    told = [its for its in review.findings if its.finding_class != "changes"]
    rest = [its for its in review.findings if its.finding_class == "changes"]
    lines = [*begin, *_table(told[:_FIRST_SCREEN]), *_nothing(review)]
    if more := told[_FIRST_SCREEN:]:
        lines += _details(f"{counted(len(more), 'more finding')}", _table(more))
    if rest:
        lines += _details(f"{counted(len(rest), 'update')} without a bill", _table(rest))
    for stack in review.stacks:
        lines += _details(
            _stack_title(stack), [f"- {verb}: {_text(path)} ({kind})" for verb, path, kind in stack.changed]
        )
    return _cut(lines, most)


def _title(review: Review) -> str:
    environments = sorted({its.environment for its in review.stacks})
    about = ", ".join(_code(name) for name in environments) or "no environment"
    counts = [f"{len(found)} {each}" for each in CLASSES if each != "changes" and (found := review.of(each))]
    return f"Review of {about}: {', '.join(counts) or 'nothing bills, moves or opens'}"


def _table(findings: Sequence[Finding]) -> list[str]:
    return [*_HEAD, *map(_row, findings)] if findings else []


def _row(its: Finding) -> str:
    change = " → ".join(_text(_shortened(each, _MOST_OF_A_VALUE)) for each in (its.was, its.now) if each)
    sign = f"{_SIGNS[its.finding_class]} {its.finding_class}{_CERTAINTIES[its.certainty]}"
    costs = "; ".join(_text(str(each)) for each in its.costs)
    return f"| {sign} | {_text(its.place)} | {_text(_shortened(its.says, _MOST_SAID))} | {change} | {costs} |"


def _nothing(review: Review) -> Iterator[str]:
    if absent := [each for each in review.absent if each not in ("changes", "unknown", "refused")]:
        yield from ("", f"Nothing {_listed(absent)}.")
    yield ""
    untold = (
        " **Templates do not tell** whether a training ran before, what quotas allow, and what somebody changed by "
        "hand: `make plan` does."
    )
    yield f"{counted(review.unchanged, 'stack')} unchanged.{'' if review.asked else untold}"


def _listed(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def _stack_title(stack: StackReview) -> str:
    counts = ", ".join(f"{number} {verb}" for verb, number in stack.counts.items())
    # No Markdown is read in the line of the summary.
    return f"{_html(f'{stack.environment}/{stack.id}')}: {stack.state}{f', {counts}' if counts else ''}"


def _details(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"<details><summary>{title}</summary>", "", *lines, "", "</details>"] if lines else []


def _cut(lines: Sequence[str], most: int) -> str:
    """Return lines as one text; from the end goes what is too much, a block of details whole."""
    kept = list(lines)
    left_out = 0
    while len("\n".join(kept)) > most - 200 and len(kept) > len(_HEAD) + 4:
        left_out += kept.pop().startswith(("| ", "- "))
    if left_out:
        if sum(line.startswith("<details>") for line in kept) > kept.count("</details>"):
            kept.append("\n</details>")
        kept += ["", f"**{counted(left_out, 'line')} left out**: the JSON document has all of them."]
    return "\n".join(kept) + "\n"


def _code(text: str) -> str:
    return f"<code>{_text(text)}</code>"


def _text(text: str) -> str:
    """Return a text that a settings file may have written as nothing but text: no markup, no line break, no mention."""
    return _called_nobody(_SPECIAL.sub(r"\\\1", html.escape(_visible(text), quote=False)))


def _html(text: str) -> str:
    return _called_nobody(html.escape(_visible(text), quote=False))


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _visible(text: str) -> str:
    """Return a text in one line, without what cannot be seen or turns the direction of the rest."""
    return "".join(its for its in " ".join(text.split()) if unicodedata.category(its) not in ("Cc", "Cf"))


def _called_nobody(escaped: str) -> str:
    return _CALLS.sub(rf"\g<0>{_UNSEEN}", escaped).replace("@", "&#64;")
