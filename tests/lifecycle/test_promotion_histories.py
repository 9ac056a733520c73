"""The histories of promotions would show it if a precaution were missing."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions import promoted_model
from bedrock_lifecycle.decisions import retirement as decision
from bedrock_lifecycle.resources import retirement
from tests.lifecycle.promotion_histories import PromotionHistory
from tune.purge.find import Finder

_SEEDS: Final = range(100)


class _Blind:
    """The contract, for which nobody holds anything."""

    def __getattr__(self, name: str) -> Any:
        return getattr(contract, name)

    def holders(self, _tags: object) -> list[str]:
        return []


def retiring_what_is_held(patch: pytest.MonkeyPatch) -> None:
    for module in (decision, retirement):
        patch.setattr(module, "contract", _Blind())


def purging_what_is_held(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Finder, "holds", lambda *_: [])


def serving_without_a_hold(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(promoted_model.Facts, "is_held", property(lambda _self: True))


def releasing_everything(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(promoted_model.Facts, "released", property(lambda self: self.held))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("take_away", "shown", "happenings"),
    [
        (retiring_what_is_held, "was deleted, and", ("_give",)),
        (purging_what_is_held, "was deleted, and", ("_change_and_deploy", "_purge")),
        (serving_without_a_hold, "is served and not held", ("_change_and_deploy",)),
        (releasing_everything, "is served and not held", ("_change_and_deploy",)),
    ],
)
def test_a_precaution_that_is_taken_away_is_missed(
    take_away: Callable[[pytest.MonkeyPatch], None],
    shown: str,
    happenings: Sequence[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(PromotionHistory, "_happenings", lambda self: [getattr(self, name) for name in happenings])
    take_away(monkeypatch)
    assert any(shown in wrong for seed in _SEEDS for wrong in PromotionHistory(seed).run())
