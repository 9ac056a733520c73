"""The corpus: changes as pull requests have them, each with what a reviewer has to be told of it."""

from typing import Final

from tests.synth.review.corpus.by_settings import BY_SETTINGS
from tests.synth.review.corpus.by_template import BY_TEMPLATE
from tests.synth.review.corpus.change import Change

__all__ = ["BY_SETTINGS", "BY_TEMPLATE", "CORPUS"]

CORPUS: Final[tuple[Change, ...]] = (*BY_SETTINGS, *BY_TEMPLATE)
