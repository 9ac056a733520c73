"""Checks that the environment may use the KMS key of the model it is about to serve."""

from bedrock_lifecycle.preflight.facts import ModelKey, NotChecked
from bedrock_lifecycle.preflight.report import NotNeeded, Passed, Problem, Verdict


def served(key: ModelKey) -> Verdict:
    """Judge whether what serves here may be made for a model: its creator needs the key (Bedrock user guide,
    "Prerequisites for Provisioned Throughput").

    A grant in the policy of the key alone is not seen, so it is not enough here.
    """
    if isinstance(key.found, NotChecked):
        return key.found
    if not key.found.value:
        return NotNeeded("the model is encrypted with a key that AWS owns")
    if isinstance(key.served, NotChecked):
        return key.served
    if not key.served.value:
        return NotChecked("the template names no key")
    if key.found.value not in key.served.value:
        return Problem(
            f"model {key.model} is encrypted with key {key.found.value}, and this environment only serves models of "
            f"{', '.join(key.served.value)}: add the model's key to model_key_arns in [allow] (model_keys of "
            "DataStore) and deploy again"
        )
    return Passed(f"{key.model} is encrypted with {key.found.value}")
