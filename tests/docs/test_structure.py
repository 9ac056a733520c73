"""The script that counts how the code hangs together counts right, and finds no cycle."""

from typing import Final

from bench import structure
from bench.structure import Package


def made(**edges: str) -> Package:
    return Package("made", {unit: frozenset(others.split()) for unit, others in edges.items()})


def test_layers_edges_and_cycles_are_counted() -> None:
    straight = made(top="middle bottom", middle="bottom", bottom="")
    assert (straight.layers, straight.cycles) == (3, [])
    assert made(one="two", two="three", three="one", other="one").cycles == [{"one", "two", "three"}]


def test_no_package_has_a_cycle_and_each_is_read() -> None:
    packages = structure.packages()
    assert {package.name: package.cycles for package in packages if package.cycles} == {}
    assert all(len(package.edges) > 2 and any(package.edges.values()) for package in packages)


# A construct and what drives its resource; a table of settings; what is real and what the sandbox simulates of it.
_PAIRS: Final = {
    *("CustomModelDeployment", "Evaluation", "EvaluationAwait", "Judge", "Ledger", "ModelCustomization"),
    *("PromotedModel", "ProvisionedThroughput", "QualityGate", "ServingBake", "TrainingAwait"),
    *("Model", "Serving"),
    *("Conversation", "Deployment", "HyperParameter", "Job", "Throughput"),
}
# What decides about each kind of resource: one for each module of decisions.
_FACTS: Final = {"Facts"}


def test_a_class_has_a_name_of_its_own_unless_it_is_one_of_a_pair() -> None:
    assert structure.repeated_class_names().keys() == _PAIRS | _FACTS
