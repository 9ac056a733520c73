"""Which of the named texts of a record are asked and which are answered."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bedrock_lifecycle.dataset.rules.foreign_shapes import COMPLETION_COLUMNS, PROMPT_COLUMNS
from tune.dataset.files import Unusable

_CONTEXTS: Final = {"instruction": ("input", "context"), "question": ("context",), "query": ("context",)}


@dataclass(frozen=True)
class ColumnNames:
    """Names that were given for them; what is None is looked for among the usual names."""

    prompt: str | None = None
    context: str | None = None
    completion: str | None = None
    system: str | None = None

    @property
    def are_given(self) -> bool:
        return any((self.prompt, self.context, self.completion, self.system))

    def among(self, names: Collection[str], file: str) -> "ColumnNames":
        """Return the names with those that are missing found among the names of a file; raise Unusable without them."""
        by_fold = {name.strip().casefold(): name for name in names}
        prompt = self.prompt or _first(PROMPT_COLUMNS, by_fold, excluded=self.completion)
        completion = self.completion or _first(COMPLETION_COLUMNS, by_fold, excluded=prompt)
        for option, name, what in (
            ("--prompt-column", prompt, "what is asked"),
            ("--completion-column", completion, "what is answered"),
        ):
            if name is None:
                raise Unusable(f"{file} has no column of a usual name for {what}: name it by {option}")
        for name in filter(None, (self.prompt, self.context, self.completion, self.system)):
            if name not in names:
                raise Unusable(f"{file} has no column {name!r} in its first record: correct the name")
        contexts = _CONTEXTS.get(str(prompt).strip().casefold(), ())
        return ColumnNames(
            prompt=prompt,
            context=self.context or _first(contexts, by_fold, excluded=completion),
            completion=completion,
            system=self.system or _first(("system",), by_fold, excluded=prompt),
        )

    def has_more(self, record: Mapping[str, Any]) -> bool:
        """Tell whether a record has texts that are none of these."""
        return bool(record.keys() - {self.prompt, self.context, self.completion, self.system})


def _first(wanted: Collection[str], by_fold: Mapping[str, str], *, excluded: str | None) -> str | None:
    return next((by_fold[name] for name in wanted if name in by_fold and by_fold[name] != excluded), None)
