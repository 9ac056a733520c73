"""Does all the time, in the background, what an application does: reads the parameter and asks the model it names."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from tests.e2e.account import Account
from tests.e2e.background import all_the_while

_SERVING: Final = frozenset({"Active", "InService"})
# So many at least, or the watch has seen too little to say anything.
_LOOKS: Final = 10


@dataclass(frozen=True)
class Look:
    """What the parameter said, and what Bedrock said of that: its status, its model, whether the model answered."""

    model_id: str
    status: str
    model_arn: str
    answered: bool


class ParameterWatch:
    """Looks through the SSM parameter of an environment's Serving stack.

    `answers` says whether a model answers an invocation as it should, given its id.
    """

    def __init__(self, account: Account, region: str, answers: Callable[[Any, str], bool]) -> None:
        self._parameter = account.outputs("Serving")["ModelIdParameter"]
        self._ssm = account.sandbox.client("ssm", region)
        self._runtime = account.sandbox.client("bedrock-runtime", region)
        self._bedrock = account.sandbox.client("bedrock", region)
        self._answers = answers

    def model_id(self) -> str:
        """Return what the parameter says."""
        return str(self._ssm.get_parameter(Name=self._parameter)["Parameter"]["Value"])

    def look(self) -> Look | None:
        """Look once; None when the parameter was changed meanwhile, so that what it said before may be gone."""
        model_id = self.model_id()
        try:
            status, model_arn = self._state(model_id)
            return Look(model_id, status, model_arn, self._answers(self._runtime, model_id))
        except ClientError:
            if self.model_id() != model_id:
                return None
            raise

    def _state(self, model_id: str) -> tuple[str, str]:
        if ":custom-model-deployment/" in model_id:
            deployment = self._bedrock.get_custom_model_deployment(customModelDeploymentIdentifier=model_id)
            return deployment["status"], deployment["modelArn"]
        throughput = self._bedrock.get_provisioned_model_throughput(provisionedModelId=model_id)
        return throughput["status"], throughput["modelArn"]


@contextmanager
def always_answering(watch: ParameterWatch, *, pause: float = 0.1) -> Iterator[list[Look]]:
    """Look all the time; in the end every look must have found a model that serves and answers.

    Yields the list of what is seen, without repetitions in a row.
    """
    seen: list[Look] = []
    looks = 0

    def look() -> None:
        nonlocal looks
        found = watch.look()
        looks += found is not None
        if found and (not seen or seen[-1] != found):
            seen.append(found)

    with all_the_while(look, pause=pause, name="parameter watch"):
        yield seen
    assert looks >= _LOOKS
    assert all(look.status in _SERVING and look.model_arn and look.answered for look in seen), seen
