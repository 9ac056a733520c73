"""Types of single fields."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, ValidationInfo

from bedrock_lifecycle.contract import (
    ENVIRONMENT_PATTERN,
    FINE_TUNING,
    MAX_ATTEMPT,
    MAX_BAKE_ALARMS,
    MAX_BAKE_MINUTES,
    MAX_BAKE_OUTPUT_TOKENS,
    MAX_BAKE_QUESTIONS,
    MAX_COMPARED_MODELS,
    MAX_ENVIRONMENT_LENGTH,
    MAX_KEEP_MODELS,
    MAX_NAME_LENGTH,
    MAX_TRAINING_HOURS,
    NAME_PATTERN,
    TRAINING_ID_LENGTH,
)
from bedrock_lifecycle.contract.evaluation_identity import BASE
from bedrock_tuning.base_models import BaseModelProfile, BaseModels, UnknownBaseModelError
from bedrock_tuning.common.custom_model_arn import CustomModelArn
from bedrock_tuning.common.messages import shown
from bedrock_tuning.data.sources.locations import check_key_arn
from settings.checks import choice, flag, listed, text, texts, whole_number
from settings.problems import FieldError

# Bounds of this project's. What an address may look like is the mail server's to say: this finds slips of the pen.
MAX_EMAIL_ADDRESSES: Final = 10
MAX_EMAIL_LENGTH: Final = 254
MAX_MODEL_KEYS: Final = 10
MAX_ALARM_NAME_LENGTH: Final = 255
MAX_GIVING_ENVIRONMENTS: Final = 10
MAX_ASKED_MODELS: Final = 20
# With environment, model and kind a stack's name stays inside CloudFormation's 128 characters (CreateStack, StackName).
MAX_PREFIX_LENGTH: Final = 40
PROMOTE_AGAIN: Final = "run the command that writes this table: python -m tune promote"
# The id of a foundation model, and of one of AWS's inference profiles (botocore 1.43.106, `FoundationModelId`,
# `InvokeModelIdentifier`); no ARN, since Foundation's policies are made from it.
_PART: Final = "[a-z0-9-]{1,63}"
_MODEL_ID: Final = re.compile(rf"{_PART}(\.{_PART}){{1,3}}(:{_PART}){{0,2}}", re.ASCII)
_MAX_MODEL_ID_LENGTH: Final = 140
_EMAIL: Final = re.compile(r"[^@\s,;<>\"']+@[^@\s,;<>\"'.]+(\.[^@\s,;<>\"'.]+)+")


def known_base_models(context: Mapping[str, Any] | None) -> BaseModels:
    """Return the base models that a validation's context has; without any, those of the library."""
    found: BaseModels = (context or {}).get("base_models", BaseModels.shipped())
    return found


def base_model_of(model_arn: object, base_models: BaseModels) -> BaseModelProfile | None:
    """Return the profile of what a custom model was tuned from, as its ARN says; None where that tells none."""
    try:
        told = CustomModelArn.parse(str(model_arn)).base_model
    except ValueError:
        return None
    return base_models.tuned_from(told) if told else None


def _base_model(value: object, info: ValidationInfo) -> str:
    if not isinstance(value, str):
        raise FieldError(f"must be a base model ID (got {shown(value)}); put it in quotes")
    try:
        return known_base_models(info.context).of(value, (info.context or {}).get("today")).id
    except UnknownBaseModelError as error:
        raise FieldError(str(error)) from error


def _model_arn(value: object) -> str:
    if not isinstance(value, str):
        raise FieldError(f"must be the ARN of a custom model (got {shown(value)}); put it in quotes")
    try:
        CustomModelArn.parse(value)
    except ValueError as error:
        raise FieldError(f"{error}; copy it from the model") from error
    return value


def is_model_id(value: str) -> bool:
    """Tell whether this could be the id of a foundation model or of an inference profile."""
    return len(value) <= _MAX_MODEL_ID_LENGTH and _MODEL_ID.fullmatch(value) is not None


def _any_name(what: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        if not isinstance(value, str):
            raise FieldError(f"must be the name of {what} (got {shown(value)}); put it in quotes")
        return value

    return check


def _prefix(advice: str) -> Callable[[object], str]:
    allowed = f"1 to {MAX_PREFIX_LENGTH} letters, digits and hyphens, starting with a letter"
    return text(pattern=r"[a-zA-Z][a-zA-Z0-9-]*", max_length=MAX_PREFIX_LENGTH, allowed=allowed, advice=advice)


def _sha256(advice: str) -> Callable[[object], str]:
    return text(pattern=r"[0-9a-f]{64}", max_length=64, allowed="a SHA-256 digest, 64 digits 0-9a-f", advice=advice)


# Name and environment become parts of Bedrock's names, whose alphabets allow no two separators in a row.
Name = Annotated[
    str,
    BeforeValidator(
        text(
            pattern=NAME_PATTERN,
            max_length=MAX_NAME_LENGTH,
            allowed=f"1 to {MAX_NAME_LENGTH} letters and digits, with single hyphens between, starting with a letter",
            advice="rename the file: its name is the model's name",
        )
    ),
]
EnvironmentName = Annotated[
    str,
    BeforeValidator(
        text(
            pattern=ENVIRONMENT_PATTERN,
            max_length=MAX_ENVIRONMENT_LENGTH,
            allowed=f"1 to {MAX_ENVIRONMENT_LENGTH} lowercase letters and digits, with single hyphens between,"
            " starting with a letter",
            advice="rename the folder: its name is the environment's name",
        )
    ),
]
StackPrefix = Annotated[str, BeforeValidator(_prefix("leave it out for bedrock-tuning-"))]
AppName = Annotated[str, BeforeValidator(_prefix("choose another name"))]
Account = Annotated[
    str,
    BeforeValidator(
        text(
            pattern=r"[0-9]{12}",
            max_length=12,
            allowed='12 digits 0-9 in quotes, such as "111122223333"',
            advice="write the AWS account ID",
        )
    ),
]
# Which ones are allowed, the base models say.
Region = Annotated[str, BeforeValidator(_any_name("a Region"))]
BaseModelId = Annotated[str, BeforeValidator(_base_model)]
ModelArn = Annotated[str, BeforeValidator(_model_arn)]
CustomizationType = Annotated[str, BeforeValidator(choice(FINE_TUNING, advice=f"leave it out, or write {FINE_TUNING}"))]
Attempt = Annotated[
    int,
    BeforeValidator(
        whole_number(
            minimum=1,
            maximum=MAX_ATTEMPT,
            advice="to train the same inputs again, write one more than the last attempt",
        )
    ),
]
TrainingHours = Annotated[
    int,
    BeforeValidator(
        whole_number(
            minimum=0,
            maximum=MAX_TRAINING_HOURS,
            advice="write hours; with 0 the deploy does not wait for the training",
        )
    ),
]
# Which ones are allowed, environment.toml says.
GivingEnvironment = Annotated[str, BeforeValidator(_any_name("an environment"))]
Sha256 = Annotated[str, BeforeValidator(_sha256(PROMOTE_AGAIN))]
PromotedTraining = Annotated[
    str,
    BeforeValidator(
        text(
            pattern=rf"[0-9a-f]{{{TRAINING_ID_LENGTH}}}-[1-9][0-9]?",
            max_length=TRAINING_ID_LENGTH + 3,
            allowed='a training ID with its attempt, such as "4ffdfb6dcb25-1"',
            advice=PROMOTE_AGAIN,
        )
    ),
]
ModelUnits = Annotated[
    int,
    BeforeValidator(
        whole_number(minimum=1, maximum=None, advice="each model unit is billed by the hour; start with 1")
    ),
]
CommitmentDuration = Annotated[
    Literal["OneMonth", "SixMonths"],
    BeforeValidator(
        choice("OneMonth", "SixMonths", advice="leave it out to buy without a commitment"),
    ),
]
Flag = Annotated[bool, BeforeValidator(flag(advice="write one of them without quotes"))]
KeepModels = Annotated[
    int,
    BeforeValidator(whole_number(minimum=1, maximum=MAX_KEEP_MODELS, advice="leave it out to keep every model")),
]
ReconcileNumber = Annotated[
    int, BeforeValidator(whole_number(minimum=0, maximum=1_000_000, advice="raise the number by one to look again"))
]

_email_addresses: Final = texts(
    lambda address: len(address) <= MAX_EMAIL_LENGTH and _EMAIL.fullmatch(address),
    what="email addresses, each in quotes",
    maximum=MAX_EMAIL_ADDRESSES,
    why_not=", which is not an email address",
    remedy="correct this address",
)


def _key_arn(value: object) -> str:
    try:
        return check_key_arn(value)
    except ValueError as error:
        raise FieldError(str(error)) from error


def _model_key_arns(value: object) -> tuple[str, ...]:
    allowed = f"a list of 1 to {MAX_MODEL_KEYS} different ARNs of KMS keys, each in quotes"
    found = listed(value, maximum=MAX_MODEL_KEYS, allowed=allowed, advice="correct the list, or leave it out")
    try:
        return tuple(check_key_arn(each) for each in found)
    except ValueError as error:
        raise FieldError(str(error)) from error


_environment_names: Final = texts(
    # Which there are is known where the environments are read together.
    lambda _name: True,
    what="environments, each in quotes",
    maximum=MAX_GIVING_ENVIRONMENTS,
    advice="correct the list, or leave it out",
    remedy="put it in quotes",
)
_alarm_names: Final = texts(
    # A name has 1 to 255 characters (Amazon CloudWatch API reference, DescribeAlarms).
    lambda name: 1 <= len(name) <= MAX_ALARM_NAME_LENGTH,
    what="names of CloudWatch alarms, each in quotes",
    maximum=MAX_BAKE_ALARMS,
    advice="correct the list, or leave it out",
    remedy="correct this name",
)


def _asked_models(minimum: int, maximum: int, advice: str) -> Callable[[object], tuple[str, ...]]:
    return texts(
        lambda each: each == BASE or is_model_id(each),
        what=f'model IDs, each in quotes, or "{BASE}" for the base model',
        minimum=minimum,
        maximum=maximum,
        remedy="correct this ID",
        advice=advice,
    )


AskedModels = Annotated[
    tuple[str, ...], BeforeValidator(_asked_models(1, MAX_ASKED_MODELS, "correct the list, or leave it out"))
]
ComparedModels = Annotated[
    tuple[str, ...],
    BeforeValidator(_asked_models(0, MAX_COMPARED_MODELS, f'correct the list, or leave it out for ["{BASE}"]')),
]
AlarmNames = Annotated[tuple[str, ...], BeforeValidator(_alarm_names)]
BakeQuestions = Annotated[
    int,
    BeforeValidator(
        whole_number(minimum=1, maximum=MAX_BAKE_QUESTIONS, advice="each is billed by the token; 10 are usually enough")
    ),
]
RightAnswers = Annotated[
    int,
    BeforeValidator(whole_number(minimum=1, maximum=MAX_BAKE_QUESTIONS, advice="leave it out for all questions")),
]
BakeTokens = Annotated[
    int,
    BeforeValidator(
        whole_number(minimum=1, maximum=MAX_BAKE_OUTPUT_TOKENS, advice="ask what has an answer of some 100 tokens")
    ),
]
BakeMinutes = Annotated[
    int, BeforeValidator(whole_number(minimum=1, maximum=MAX_BAKE_MINUTES, advice="leave it out for 30 minutes"))
]
QuestionsSha256 = Annotated[str, BeforeValidator(_sha256("write what sha256sum prints for the file"))]
EmailAddresses = Annotated[tuple[str, ...], BeforeValidator(_email_addresses)]
ModelKeyArns = Annotated[tuple[str, ...], BeforeValidator(_model_key_arns)]
EnvironmentNames = Annotated[tuple[str, ...], BeforeValidator(_environment_names)]
KeyArn = Annotated[str, BeforeValidator(_key_arn)]
TopicArn = Annotated[
    str,
    BeforeValidator(
        text(
            # Not a FIFO topic, whose messages need a group (Amazon SNS API reference, Publish).
            pattern=r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_-]{1,256}",
            max_length=320,
            allowed="the ARN of a standard SNS topic",
            advice="copy it from the topic's page",
        )
    ),
]
