"""The names that both halves derive: where data lies, whose a name is, and what a stack's tag says."""

import pytest

from bedrock_lifecycle import contract

ID = "0123456789ab"


def test_a_stack_has_the_same_owner_by_its_name_as_by_the_id_of_each_of_its_lives() -> None:
    owner = contract.stack_owner(partition="aws", region="us-east-1", account="111122223333", stack_name="any")
    assert owner == "arn:aws:cloudformation:us-east-1:111122223333:stack/any"
    assert {contract.owner_of(f"{owner}/{life}") for life in ("first", "second")} == {owner}


def test_data_of_one_digest_has_a_place_for_each_use() -> None:
    keys = {contract.data_key(split, "a1") for split in contract.DATA_PREFIXES}
    assert keys == {"train/a1.jsonl", "validation/a1.jsonl", "test/a1.jsonl"}


def test_a_report_has_its_place_by_data_base_model_and_way_and_fine_tuning_keeps_its_old_one() -> None:
    def key(customization_type: str, base_model: str = "any.model-v1:0") -> str:
        return contract.dataset_report_key("train", "a1", base_model, customization_type)

    assert key(contract.FINE_TUNING) == "output/dataset-reports/any.model-v1-0/train-a1.json"
    assert key("DISTILLATION") == "output/dataset-reports/any.model-v1-0/DISTILLATION/train-a1.json"
    assert key("DISTILLATION", "other") != key("DISTILLATION")


@pytest.mark.parametrize(
    ("name", "is_ours"),
    [
        (f"faq-prod-{ID}-1", True),
        (f"faq-prod-{ID}-99", True),
        ("faq-prod-0123abcd", True),
        (f"faq-prod-two-{ID}-1", False),
        (f"faq-two-prod-{ID}-1", False),
        (f"faq-prod-{ID}-0", False),
        (f"faq-prod-{ID}", True),
        ("faq-prod-", False),
        (f"{ID}-1", False),
    ],
)
def test_a_name_is_a_models_only_when_all_of_it_is_of_its_form(name: str, is_ours: bool) -> None:
    assert contract.is_name_of(name, model="faq", environment="prod") is is_ours


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("faq-dev-0a1b2c3d", True),
        ("faq-a-b-0a1b2c3d", True),
        (f"faq-dev-{ID}", True),
        ("faq-prod-0a1b2c3d", False),
        ("faq-prod-by-hand", False),
        ("other-dev-0a1b2c3d", False),
        ("faq-0a1b2c3d", False),
        ("by-hand", False),
    ],
)
def test_what_is_another_environments_is_known_by_its_name(name: str, expected: bool) -> None:
    assert contract.is_elsewhere(name, model="faq", environment="prod") is expected


def test_a_candidate_is_known_by_its_name_and_names_its_evaluation() -> None:
    name = contract.candidate_name(name="faq", environment="prod", evaluation_id=ID)
    assert name == f"faq-prod-{ID}"
    assert contract.evaluated_by(name, name="faq", environment="prod") == ID


@pytest.mark.parametrize("name", [f"faq-prod-{ID}-1", "faq-prod-0123abcd", f"faq-prod-b-{ID}", ID, "faq-prod-"])
def test_nothing_else_is_taken_for_a_candidate(name: str) -> None:
    assert contract.evaluated_by(name, name="faq", environment="prod") == ""


def test_the_runs_of_an_evaluation_are_counted_by_their_names() -> None:
    assert contract.evaluation_run(ID, 12) == f"{ID}-12"
    assert contract.run_number(f"{ID}-12", ID) == 12


@pytest.mark.parametrize("run", [f"{ID}-0", f"{ID}-a", ID, f"{ID}-1-2", "ffffffffffff-1"])
def test_the_run_of_anything_else_has_no_number(run: str) -> None:
    assert contract.run_number(run, ID) == 0
