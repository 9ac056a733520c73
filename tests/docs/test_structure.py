"""The script that counts how the code hangs together counts right, and finds no cycle."""

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


def test_few_names_of_public_classes_stand_more_than_once() -> None:
    assert "ModelCustomization" in structure.repeated_class_names()  # the construct, and what drives it
