"""What a gate says is known again in the reason that CloudFormation keeps."""

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions.gate_verdict import INCONCLUSIVE, GateVerdict, is_refusal


@pytest.mark.parametrize("verdict", [contract.FAILED, INCONCLUSIVE, ""])
def test_the_words_of_a_gate_are_a_refusal_wherever_they_stand(verdict: str) -> None:
    told = GateVerdict(evaluation="56af50fa73e1", verdict=verdict, told="any")
    assert is_refusal(f"Received response status [FAILED]: {told}")


@pytest.mark.parametrize("reason", ["", "no such role", "training x is still running after 5 h 0 min"])
def test_any_other_failure_is_none(reason: str) -> None:
    assert not is_refusal(reason)
