"""Assemblies, each synthesized once."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.synth.review.changes import Stacks, Synthesize, synthesized


@pytest.fixture(scope="package")
def synthesize(context: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Synthesize:
    made: dict[str, Stacks] = {}

    def stacks(*changes: tuple[str, object]) -> Stacks:
        key = repr(changes)
        if key not in made:
            made[key] = synthesized(tmp_path_factory.mktemp("review"), context, changes)
        return made[key]

    return stacks
