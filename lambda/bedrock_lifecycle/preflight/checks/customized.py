"""Since when a model has to be customized to be deployed on demand."""

from datetime import UTC

from bedrock_lifecycle.preflight.facts import Customized, NotChecked
from bedrock_lifecycle.preflight.report import NotNeeded, Passed, Problem, Verdict


def late_enough(customized: Customized) -> Verdict:
    """Judge whether a given model is not older than what is deployed (Bedrock user guide, "Deploy a custom model for
    on-demand inference").

    A copy is made later than what it is a copy of, so the day of its making refuses no model that Bedrock takes.
    """
    if customized.since is None:
        return NotNeeded("the model is trained here, or its base model has no such date")
    if isinstance(customized.created, NotChecked):
        return customized.created
    day = customized.created.value.astimezone(UTC).date()
    if day < customized.since:
        return Problem(
            f"model {customized.model} was customized on {day}, and only models customized on or after "
            f"{customized.since} can be deployed on demand: serve it on Provisioned Throughput, or train it again"
        )
    return Passed(f"{customized.model} was customized on {day}")
