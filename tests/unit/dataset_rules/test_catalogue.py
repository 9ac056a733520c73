"""The catalogue of rules: everything that is found is in it, and everything in it is found."""

from bedrock_lifecycle.dataset.rules.catalogue import CATALOGUE, Level
from tests.unit.dataset_rules.corpus import every_case, file_sets


def test_has_a_case_for_every_rule_and_a_rule_for_every_case() -> None:
    found = {each.rule for case in every_case.CASES.values() for each in case.expected}
    found |= {each.rule for files in file_sets.CASES.values() for part in files.expected.values() for each in part}
    assert found == CATALOGUE.keys()


def test_every_rule_says_why_it_is_one_and_who_says_so() -> None:
    for name, rule in CATALOGUE.items():
        assert rule.id == name
        assert rule.reason.endswith(".")
        assert rule.source


def test_what_nobody_is_known_to_forbid_is_a_warning() -> None:
    unknown = [rule for rule in CATALOGUE.values() if "not established" in rule.source]
    assert unknown
    assert all(rule.level is Level.WARNING for rule in unknown)
