"""Findings of the synth-time checks, and the acknowledgements that answer for some of them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from aws_cdk import Validations
from constructs import IConstruct

Report = dict[str, Any]


class Acknowledgement(NamedTuple):
    """One finding that a construct answers for, with the reason."""

    construct_path: str
    finding: str
    reason: str


def acknowledgements(root: IConstruct) -> Iterator[Acknowledgement]:
    """Yield what the constructs below `root` acknowledge."""
    for construct in root.node.find_all():
        for entry in construct.node.metadata:
            if entry.type == Validations.ACKNOWLEDGED_RULES_METADATA_KEY:
                for finding, reason in entry.data.items():
                    yield Acknowledgement(construct.node.path, finding, reason)


def unanswered(report: Report) -> list[str]:
    """Return the findings of a validation report that nobody acknowledged, as `<plugin> <rule>: <construct>`."""
    return [
        f"{plugin['pluginName']} {violation['ruleName']}: {construct['constructPath']}"
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    ]


def needless(given: Iterator[Acknowledgement], report: Report) -> list[Acknowledgement]:
    """Return the acknowledgements that no finding of the report made necessary."""
    needed = {
        (violation["acknowledgedAt"], violation["acknowledgedId"])
        for plugin in report["pluginReports"]
        for violation in plugin.get("suppressedViolations", ())
    }
    return [each for each in given if (each.construct_path, each.finding) not in needed]


def unreasoned(given: Iterator[Acknowledgement]) -> list[Acknowledgement]:
    """Return the acknowledgements whose reason is no argument."""
    return [each for each in given if len(each.reason.split()) < 5]
