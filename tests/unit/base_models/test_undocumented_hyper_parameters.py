"""Base models whose hyper-parameters nobody has documented: passed through, in one spelling."""

import pytest

from bedrock_lifecycle.contract import FINE_TUNING
from bedrock_tuning.base_models import BaseModelProfile, HyperParameterError, base_model
from bedrock_tuning.base_models.profile_parts import HyperParameters
from tests.support.messages import saying
from tests.support.profiles import fine_tuned_with, fine_tuning
from tests.unit.settings.settings_files import NOVA_MICRO


def undocumented() -> BaseModelProfile:
    parts = HyperParameters(documented=False, source=("nowhere",))
    return fine_tuned_with(base_model(NOVA_MICRO), hyper_parameters=parts)


def test_passes_undocumented_hyper_parameters_through_in_one_spelling() -> None:
    values = {"learningRate": 1e-05, "schedule": "cosine", "epochs": "2.0", "big": 10**30}
    assert undocumented().canonical_hyper_parameters(values, FINE_TUNING) == {
        "big": "1" + "0" * 30,
        "epochs": "2",
        "learningRate": "0.00001",
        "schedule": "cosine",
    }


@pytest.mark.parametrize("value", [True, None, "nan", "", " x", "x\ny", "x" * 65, 10**31, "1e-999999999", []])
def test_refuses_undocumented_values_that_cannot_be_sent(value: object) -> None:
    with pytest.raises(HyperParameterError, match=saying("any", "number")):
        undocumented().canonical_hyper_parameters({"any": value}, FINE_TUNING)


@pytest.mark.parametrize("name", ["", "1st", "with space", "x" * 65, "line\n"])
def test_refuses_undocumented_names_that_are_no_names(name: str) -> None:
    with pytest.raises(HyperParameterError, match=saying("name", "letter")):
        undocumented().canonical_hyper_parameters({name: 1}, FINE_TUNING)


def test_refuses_a_profile_that_documents_nothing_without_saying_so() -> None:
    with pytest.raises(ValueError, match="documented"):
        HyperParameters(source=("nowhere",))


def test_refuses_a_name_that_is_documented_and_said_to_be_seen_alone() -> None:
    its = fine_tuning(base_model(NOVA_MICRO)).hyper_parameters
    with pytest.raises(ValueError, match=saying("seen", "epochCount")):
        HyperParameters(known=its.known, seen=("epochCount",), source=("nowhere",))
