"""The comparison that `make bench-cli` prints."""

import pytest

from bench import cli


@pytest.mark.parametrize(("help_ms", "met"), [(299, True), (301, False)])
def test_the_median_decides_whether_the_help_is_quick(help_ms: int, met: bool) -> None:
    typer, *helps = cli.COMMANDS
    quick = {name: [0.1, 0.1, 0.1] for name in helps}
    slow = {helps[-1]: [0.001, help_ms / 1000, 9.0]}
    assert cli.told({typer: [0.1, 0.1, 9.0], **quick, **slow}) is met
