"""What the stacks of an environment are called: in their stage, and in CloudFormation."""

from typing import Final, Literal

StackKind = Literal["Foundation", "Training", "Promotion", "Evaluation", "Serving", "Access"]
# Those of the environment's account, in the order in which they mostly deploy. A model has one of the first two. Where
# only a throughput serves it, Evaluation comes last: see `Model.stack_kinds`.
MODEL_STACKS: Final[tuple[StackKind, ...]] = ("Training", "Promotion", "Evaluation", "Serving")
STACK_KINDS: Final[tuple[StackKind, ...]] = ("Foundation", *MODEL_STACKS)
ACCESS: Final = "Access"
"""The kind of the stacks that are in the accounts of applications."""
ACCESS_STAGE: Final = "access"
"""The id of their stage in that of the environment."""

DEFAULT_PREFIX: Final = "bedrock-tuning-"


def stack_id(kind: StackKind, model: str) -> str:
    """Return a stack's id in its stage. Foundation is the environment's, the others are each one model's."""
    return kind if kind == "Foundation" else f"{model}-{kind}"


def stack_name(prefix: str, environment: str, kind: StackKind, model: str = "") -> str:
    """Return a stack's name in CloudFormation. Names are identity: another one is another stack."""
    return f"{prefix}{environment}-{stack_id(kind, model)}"
