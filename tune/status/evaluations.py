"""The evaluations that the Evaluation stacks of an environment ask for: only their templates say which those are."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from botocore.exceptions import ClientError

from bedrock_lifecycle.engine import aws_errors
from tune.account import denied
from tune.account.aws import Aws
from tune.account.location import place_of
from tune.account.stacks import Stacks, known_values
from tune.account.templates import read
from tune.evaluation.facts import EvaluationFacts
from tune.evaluation.observe import EvaluationObserver
from tune.status.stack_facts import Resources
from tune.terminal.environments import EnvironmentRef


def evaluations(
    aws: Aws, anchor: EnvironmentRef, resources: Mapping[str, Resources], now: datetime
) -> Iterator[EvaluationFacts]:
    """Yield what is seen of the evaluation of each model that has one."""
    stacks = [name for name in anchor.stacks("Evaluation") if resources.get(name)]
    if not stacks:
        return
    known = known_values(Stacks(aws("cloudformation")).find(anchor.foundation), place_of(anchor))
    observer = EvaluationObserver(aws, anchor.foundation)
    for name in stacks:
        try:
            body = aws("cloudformation").get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
        except ClientError as error:
            if not aws_errors.is_denied(error):
                raise
            yield EvaluationFacts(id="", training=name, state="not seen", max_tokens=0, unseen=denied.told(error))
            continue
        if found := observer.look(read(body), known, now):
            yield found
