"""What the exit codes are, and that of a command whose parts end each by itself."""

import pytest

from tune.terminal.exit_codes import ExitCode, of_parts

DONE, FAILED, GOES_ON, REFUSED = ExitCode.DONE, ExitCode.FAILED, ExitCode.GOES_ON, ExitCode.REFUSED


def test_each_is_a_number_for_ever() -> None:
    assert {code.name: int(code) for code in ExitCode} == {
        "DONE": 0,
        "FAILED": 1,
        "NOT_POSSIBLE": 2,
        "GOES_ON": 3,
        "REFUSED": 4,
        "INTERRUPTED": 130,
    }
    assert all(code.means for code in ExitCode)


@pytest.mark.parametrize(
    ("codes", "whole"),
    [
        ([], DONE),
        ([DONE, DONE], DONE),
        ([DONE, GOES_ON], GOES_ON),
        ([GOES_ON, FAILED, DONE], FAILED),
        ([FAILED, GOES_ON], FAILED),
        ([REFUSED, FAILED], FAILED),
        ([GOES_ON, REFUSED, DONE], REFUSED),
    ],
)
def test_a_failure_hides_behind_nothing_that_goes_on(codes: list[ExitCode], whole: ExitCode) -> None:
    assert of_parts(codes) is whole
