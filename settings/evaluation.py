"""`[evaluation]`: who answers which questions, how the answers are scored, and what that may cost."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf, ValidationInfo, field_validator

from bedrock_lifecycle.contract import (
    MAX_EVALUATION_HOURS,
    MAX_EVALUATION_OUTPUT_TOKENS,
    MAX_EVALUATION_RECORDS,
    MAX_JUDGED_RECORDS,
    MAX_METRICS,
    MAX_RUBRIC_BYTES,
)
from bedrock_lifecycle.contract.evaluation_identity import BASE
from bedrock_lifecycle.evaluation.scoring.definitions import OWN
from bedrock_tuning.common.messages import shown, suggestion
from bedrock_tuning.evaluation.inputs import Judge as AskedJudge
from bedrock_tuning.evaluation.metrics import EvaluationMetric
from settings.checks import fraction, tables, whole_number
from settings.fields import ComparedModels, QuestionsSha256, is_model_id
from settings.problems import FieldError, SettingsTable

_QUOTA_CODE: Final = re.compile(r"L-[A-F0-9]{8}", re.ASCII)
_MAX_FIELD_LENGTH: Final = 100
# The keys that each metric has beside its name; those it must have.
_METRICS: Final[Mapping[str, tuple[tuple[str, ...], bool]]] = {
    "exact_match": (("normalize",), False),
    "token_f1": ((), False),
    "rouge_l": ((), False),
    "json_schema": (("schema",), True),
    "tool_call": ((), False),
    OWN: (("path", "function"), True),
}


def _model_id(value: object) -> str:
    if not isinstance(value, str) or not is_model_id(value):
        why = "must be the ID of a foundation model or an inference profile, in quotes"
        raise FieldError(f"{why} (got {shown(value)}); write one of evaluate_with in environment.toml")
    return value


def _field_name(value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= _MAX_FIELD_LENGTH:
        why = f"must be the name of a field of the records, 1 to {_MAX_FIELD_LENGTH} characters in quotes"
        raise FieldError(f"{why} (got {shown(value)}); leave it out if every record stands alone")
    return value


def _quota_codes(value: object) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        why = f"must be a table of model IDs and quota codes (got {shown(value)})"
        raise FieldError(f'{why}; write {{ "model ID" = "L-…" }}, or leave it out')
    below = [
        (str(model), f"must be a Service Quotas code, such as L-1EF80F3E (got {shown(code)}); correct the code")
        for model, code in value.items()
        if not isinstance(code, str) or not _QUOTA_CODE.fullmatch(code)
    ]
    if below:
        raise FieldError(below=below)
    return dict(sorted(value.items()))


def _metric(value: Mapping[str, Any], info: ValidationInfo) -> EvaluationMetric:
    """Return the metric of a table; raise FieldError with what is wrong in it."""
    folder: Path = (info.context or {}).get("folder", Path.cwd())
    name = value.get("name")
    if name not in _METRICS:
        known = ", ".join(_METRICS)
        todo = suggestion(name, known=list(_METRICS), otherwise="use one of these")
        received = "nothing" if name is None else shown(name)
        raise FieldError(below=[("name", f"must be one of {known} (got {received}); {todo}")])
    keys, are_required = _METRICS[str(name)]
    below = [
        (str(key), f"is not a key of {name}, which has {', '.join(('name', *keys))}; remove the line")
        for key in value
        if key not in ("name", *keys)
    ]
    if are_required:
        why = f"is missing, and a metric named {name} needs it"
        below += [(key, f"{why}; add {key} = …") for key in keys if key not in value]
    if below:
        raise FieldError(below=below)
    return _made(str(name), value, folder)


def _made(name: str, value: Mapping[str, Any], folder: Path) -> EvaluationMetric:
    match name:
        case "exact_match":
            given = value.get("normalize", [])
            if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
                why = f"must be a list of normalizations, each in quotes (got {shown(given)})"
                raise FieldError(below=[("normalize", f"{why}; correct the list, or leave normalize out")])
            return _or_refused("", lambda: EvaluationMetric.exact_match(given))
        case "json_schema":
            text = _text_of(value["schema"], folder, "schema")
            return _or_refused("schema", lambda: EvaluationMetric.json_schema(text))
        case "own":
            path = _file_of(value["path"], folder, "path")
            return _or_refused("path", lambda: EvaluationMetric.own_function(path, str(value["function"])))
        case _:
            return {
                "token_f1": EvaluationMetric.token_f1,
                "rouge_l": EvaluationMetric.rouge_l,
                "tool_call": EvaluationMetric.tool_call,
            }[name]()


def _or_refused(key: str, make: Any) -> EvaluationMetric:
    try:
        made: EvaluationMetric = make()
    except (ValueError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else "; ".join(str(error).splitlines())
        raise FieldError(
            below=[(key, f"{why}; correct {key}")] if key else [], message="" if key else str(why)
        ) from None
    return made


def _file_of(value: object, folder: Path, key: str) -> Path:
    if not isinstance(value, str) or not value:
        why = f"must be the path of a file, in quotes (got {shown(value)})"
        raise FieldError(below=[(key, f"{why}; write it relative to this settings file")])
    path = folder / value
    if not path.is_file():
        why = f"{shown(value)} is not a file; create it, or write its path relative to this settings file"
        raise FieldError(below=[(key, why)])
    return path.resolve()


def _text_of(value: object, folder: Path, key: str) -> str:
    path = _file_of(value, folder, key)
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        why = "cannot be read as UTF-8; save the file in that encoding"
        raise FieldError(below=[(key, f"{shown(value)} {why}")]) from None


def _each_once(value: tuple[EvaluationMetric, ...]) -> tuple[EvaluationMetric, ...]:
    names = [each.name for each in value]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise FieldError(f"must have each metric once (got {', '.join(repeated)} again); remove one of the tables")
    return value


Metrics = Annotated[
    tuple[Annotated[InstanceOf[EvaluationMetric], BeforeValidator(_metric)], ...],
    BeforeValidator(tables("evaluation.metrics", maximum=MAX_METRICS)),
    AfterValidator(_each_once),
]


def _rubric(value: object, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder", Path.cwd())
    try:
        path = _file_of(value, folder, "")
        text = _text_of(value, folder, "")
    except FieldError as error:
        raise FieldError(error.messages[0][1]) from None
    size = path.stat().st_size
    if not 1 <= size <= MAX_RUBRIC_BYTES:
        raise FieldError(f"must be a file of 1 to {MAX_RUBRIC_BYTES:,} bytes (got {size:,}); shorten the file")
    if not text.strip():
        raise FieldError(f"{shown(value)} says nothing; write what a better answer is")
    return path


class Judge(SettingsTable):
    """`[evaluation.judge]`: another model compares the answers, two by two and in both orders.

    model: the ID of a model in evaluate_with, best of another family than the tuned one; no default.
    rubric: the file that says what a better answer is, at most 32 KiB; no default. It is confidential, as records are.
    records: 1 to 10,000, how many of the asked records are compared; no default, since it bounds what the judge costs.
    """

    model: Annotated[str, BeforeValidator(_model_id)] = Field(examples=['model = "us.anthropic.claude-sonnet-4-6"'])
    rubric: Annotated[InstanceOf[Path], BeforeValidator(_rubric)] = Field(examples=['rubric = "rubric.md"'])
    records: Annotated[
        int,
        BeforeValidator(
            whole_number(minimum=1, maximum=MAX_JUDGED_RECORDS, advice="each is judged twice; 300 tell much")
        ),
    ] = Field(examples=["records = 300"])

    @property
    def asked(self) -> AskedJudge:
        """The judge as the constructs take it."""
        return AskedJudge(model=self.model, rubric=self.rubric, records=self.records)


class Evaluation(SettingsTable):
    """`[evaluation]`: the tuned model and others answer the same test records, and are compared.

    compare_with: 0 to 4 models that answer too: "base" for the base model, or IDs. Each must be in evaluate_with of
        `[allow]`. With none only the tuned model is asked, and nothing is compared. Default: ["base"].
    max_output_tokens: 1 to 10,000, the most output tokens of an answer; no default. Bedrock reserves them in the quota.
    max_tokens: from 1, the most tokens of the whole evaluation, of every run of it, input and output; no default.
    records: 1 to 1,000,000, how many records are asked, drawn with a fixed seed. Default: all.
    sha256: SHA-256 of the test file, at test/<sha256>.jsonl in the bucket. Default: that of `[data] test`.
    group_by: the field of a record that says which records belong together. Default: every record stands alone.
    quota_share: above 0 to 1, the share of the account's quotas that may be used. Default: 0.25.
    max_error_rate: 0 to 1, the share of records without an answer from which on the evaluation has failed. Default:
        0.02.
    max_hours: 0 to 120, how long one deploy waits; with 0 it does not wait. Default: 12.
    quota_codes: Service Quotas codes of requests a minute, by the models of compare_with. Default: none; then it
        starts slowly.
    metrics: 1 to 10 ways to score an answer, each once; no default.
    judge: another model that compares answers. Default: none.
    """

    compare_with: ComparedModels = (BASE,)
    max_output_tokens: Annotated[
        int,
        BeforeValidator(
            whole_number(
                minimum=1,
                maximum=MAX_EVALUATION_OUTPUT_TOKENS,
                advice="write what the longest good answer needs: Bedrock reserves as much for each request",
            )
        ),
    ] = Field(examples=["max_output_tokens = 256"])
    max_tokens: Annotated[
        int, BeforeValidator(whole_number(minimum=1, maximum=None, advice="write what the evaluation may cost"))
    ] = Field(examples=["max_tokens = 3_000_000"])
    records: Annotated[
        int | None,
        BeforeValidator(
            whole_number(minimum=1, maximum=MAX_EVALUATION_RECORDS, advice="leave it out to ask every record")
        ),
    ] = None
    sha256: QuestionsSha256 | None = None
    group_by: Annotated[str | None, BeforeValidator(_field_name)] = None
    quota_share: Annotated[
        float,
        BeforeValidator(
            fraction("a number above 0, at most 1", above=0, advice="0.25 leaves three quarters for serving")
        ),
    ] = 0.25
    max_error_rate: Annotated[
        float, BeforeValidator(fraction("a number from 0 to 1", advice="0.02 allows one of fifty"))
    ] = 0.02
    max_hours: Annotated[
        int,
        BeforeValidator(
            whole_number(
                minimum=0,
                maximum=MAX_EVALUATION_HOURS,
                advice="write hours; with 0 the deploy does not wait for the evaluation",
            )
        ),
    ] = 12
    quota_codes: Annotated[Mapping[str, str], BeforeValidator(_quota_codes)] = Field(default_factory=dict)
    metrics: Metrics = Field(examples=['[[evaluation.metrics]] with name = "rouge_l"'])
    judge: Judge | None = None

    @field_validator("judge")
    @classmethod
    def _judges_what_is_asked(cls, value: Judge | None, info: ValidationInfo) -> Judge | None:
        asked = info.data.get("records")
        if value and asked and value.records > asked:
            why = f"must be 1 to the {asked} records of the evaluation (got {value.records})"
            raise FieldError(below=[("records", f"{why}; lower the number")])
        if value and info.data.get("compare_with") == ():
            raise FieldError(
                "would have nothing to compare, since compare_with is empty; name a model in "
                "compare_with, or remove [evaluation.judge]"
            )
        return value
