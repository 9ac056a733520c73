"""What is trained, bought and kept, and how that bills, in words: the same for metadata, outputs and descriptions.

`cdk diff` prints no property of a resource that is added, but outputs and descriptions in full, also of a stack that is
new: these words are what a review sees of a purchase. Each is one line of printable ASCII, since CloudFormation gives
other characters back mangled (`cdk diff --strict` says so). What is not known at synth is called unknown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from bedrock_lifecycle.contract import Split
from bedrock_lifecycle.dataset.rules.limits import CHARACTERS_PER_TOKEN
from bedrock_tuning.common.messages import shown
from bedrock_tuning.spending.serving_intent import ServingIntent

Spending = Mapping[str, str]
"""Words by the id of their output. Most ids are verbs, of which `sentence` makes a sentence."""

MEANINGS: Final[Mapping[str, str]] = {
    "TrainingName": "Name of job and model; another name is another training run, billed unless it exists already",
    "Trains": "What is trained",
    "TrainsOn": "The data files, by their digests",
    "Promotes": "The model of another environment that is served here",
    "TrainedOn": "The data files that it was trained on, by their digests",
    "TrainedWith": "The hyper-parameters that were set",
    "EncryptedWith": "The key that encrypts it",
    "EvaluationId": "The evaluation; another ID is another evaluation, which asks what was not asked before",
    "Evaluates": "What is asked of whom",
    "Scores": "How the answers are scored",
    "Requires": "What the evaluation must show before anything serves the model",
    "Accepts": "The exception from the gate",
    "ServedBy": "How its model is served",
    "ThroughputName": "Name of the Provisioned Throughput; another name is another purchase with another ARN, and both "
    "are billed until the cleanup of the stack update has deleted the old one",
    "DeploymentName": "Name of the custom model deployment; another name is another deployment with another ARN, and "
    "the cleanup of the stack update deletes the old one",
    "Serves": "The model that is served",
    "Buys": "The capacity that is bought",
    "Keeps": "What happens to the models",
    "Asks": "What is asked of what serves before a deployment counts as good",
    "Bills": "How it is billed",
}
"""The descriptions of the outputs, by their ids."""

# In a resource's metadata. Numbers of a training run, for a review that counts: what is not known at synth is left out.
QUANTITIES: Final = "SpendingQuantities"
TOKENS_PER_EPOCH: Final = "EstimatedTokensPerEpoch"
RECORDS_PER_EPOCH: Final = "RecordsPerEpoch"

_ANEW: Final = ": billed again, and refused if an earlier attempt has a model or is running"
_LONGEST_EPOCHS: Final = 40
_LONG_NUMBER: Final = 10**18

# Nothing of it is trained or bought with; true also where key, bucket and roles are given.
FOUNDATION: Final[Spending] = {
    "Bills": "by the month for the keys that it creates, stored objects and logs, and by use for functions and "
    "workflow; it trains, buys and serves nothing"
}


@dataclass(frozen=True, kw_only=True)
class DataFile:
    """A data file of a training run; `records` and `characters` of its texts where it was checked at synth."""

    split: Split
    sha256: str
    records: int | None = None
    characters: int | None = None


def training_spending(
    *, training_name: str, base_model: str, epochs: str | None, attempt: int, data: Sequence[DataFile]
) -> Spending:
    """Return what a training run trains; `epochs` as Bedrock gets them, None when Bedrock's default applies."""
    number = f", attempt {attempt}" + (_ANEW if attempt > 1 else "")
    return {
        "TrainingName": training_name,
        "Trains": f"{_escaped(base_model)}, {_epochs(epochs)}{number}",
        "TrainsOn": "; ".join(map(_data_file, data)),
        "Bills": f"once, by the tokens of the training data times the epochs ({_tokens(data)}); then by the month for "
        "storing the model until it is deleted",
    }


def promotion_spending(
    *,
    model: str,
    giver: str,
    base_model: str,
    hyper_parameters: Mapping[str, str],
    data: Sequence[DataFile],
    kms_key_arn: str | None,
) -> Spending:
    """Return which model is promoted, and from what it was trained."""
    told = ", ".join(f"{_escaped(name)} = {_escaped(value)}" for name, value in sorted(hyper_parameters.items()))
    return {
        "Promotes": f"{_escaped(model)} of {giver}, tuned from {_escaped(base_model)}",
        "TrainedOn": "; ".join(f"{each.split} sha256 {_escaped(each.sha256)}" for each in data),
        "TrainedWith": told or "Bedrock's defaults",
        "EncryptedWith": kms_key_arn or "a key that AWS owns",
        "Bills": f"nothing: nothing is trained, and storing the model is billed in {giver}",
    }


def throughput_spending(
    *, name: str, model_units: int, commitment_duration: str | None, detach_when_committed: bool
) -> Spending:
    """Return what a Provisioned Throughput buys."""
    bills = "by the hour for each model unit, used or not, from creation until deletion"
    if commitment_duration:
        bills += f"; it cannot be deleted before its {commitment_duration} term ends, and it renews automatically"
    if commitment_duration and detach_when_committed:
        bills += "; a destroy within the term leaves it running and billed"
    return {"ThroughputName": name, "Buys": _purchase(model_units, commitment_duration), "Bills": bills}


def deployment_spending(*, name: str) -> Spending:
    """Return what a custom model deployment costs."""
    return {"DeploymentName": name, "Buys": "nothing", "Bills": "by the token, when the model is invoked"}


def bake_spending(*, questions: int, right: int, max_output_tokens: int, alarms: int, minutes: int) -> Spending:
    """Return what a bake asks, and what that costs at most."""
    watched = f"; then {_counted(alarms, 'alarm')} watched for {_counted(minutes, 'minute')}" if alarms else ""
    return {
        "Asks": f"{_counted(questions, 'question')}, of which {right} must be answered rightly{watched}; billed by the "
        f"token each time, at most {_counted(max_output_tokens, 'output token')} for each answer; a question whose "
        "answer is lost is asked again"
    }


def evaluation_spending(
    *,
    evaluation_id: str,
    models: Mapping[str, str],
    test: DataFile,
    records: int | None,
    metrics: Sequence[str],
    judge: str | None,
    max_output_tokens: int,
    max_tokens: int,
) -> Spending:
    """Return what an evaluation asks of whom, and what that costs at most; `models` are IDs by the targets' names."""
    known = records if test.records is None or records is None else min(records, test.records)
    which = "every record" if known is None else _counted(known, "record")
    which = _counted(test.records, "record") if records is None and test.records is not None else which
    others = ", ".join(
        f"{name} ({_escaped(model)})" if name != model else _escaped(name) for name, model in models.items()
    )
    judged = f", and compared by {_escaped(judge)}" if judge else ""
    return {
        "EvaluationId": evaluation_id,
        "Evaluates": f"{others}: {which} of the test data, sha256 {_escaped(test.sha256)}",
        "Scores": f"{', '.join(metrics)}{judged}",
        "Bills": f"once for each evaluation, by the token: at most {_number(max_tokens)} tokens, and at most "
        f"{_counted(max_output_tokens, 'output token')} for each answer; what was answered before is not asked again",
    }


def gate_spending(
    *, requirements: Sequence[tuple[str, float, str | None]], confidence: float, accepted: tuple[str, str, str] | None
) -> Spending:
    """Return what a gate requires, each a measure, a threshold and with whom it is compared; `accepted` is the
    evaluation whose failure is accepted, until when and why."""
    told = "; ".join(_required(*each) for each in requirements)
    words = {"Requires": f"{told}; with confidence {confidence}"}
    if accepted:
        evaluation, until, reason = accepted
        words["Accepts"] = f"evaluation {evaluation} until {until} although it may not pass: {_escaped(reason)}"
    return words


def _required(measure: str, threshold: float, against: str | None) -> str:
    if against is None:
        return f"{measure} at least {threshold}"
    if threshold > 0:
        return f"{measure} at least {threshold} above {_escaped(against)}"
    return f"{measure} at most {-threshold} below {_escaped(against)}"


def served_spending(*, model: str, base_model: str, keep_models: int | None, is_given: bool) -> Spending:
    """Return which model is served, and what becomes of it and of those before it."""
    return {"Serves": f"{_escaped(model)}, tuned from {_escaped(base_model)}", "Keeps": _kept(keep_models, is_given)}


def served_by(serving: ServingIntent | None, *, ended_by: str = "it is destroyed") -> Spending:
    """Return how a training run's model is served; without `serving`, what is known of an existing stack."""
    if serving is None:
        stands = f"an existing Serving stack stays, serves and bills until {ended_by}"
        return {"ServedBy": f"nothing in these settings; {stands}"}
    match serving.mode:
        case "on_demand":
            words = "a custom model deployment, on demand"
        case "provisioned_throughput":
            words = f"a Provisioned Throughput of {_purchase(serving.model_units or 0, serving.commitment_duration)}"
        case _:
            assert_never(serving.mode)
    return {"ServedBy": words}


def sentence(about: str, spending: Spending, *names: str) -> str:
    """Return some of the words as the description of a stack: `Serving of any: buys …; bills …`."""
    return f"{about}: " + "; ".join(f"{name.lower()} {spending[name]}" for name in names)


def _epochs(epochs: str | None) -> str:
    if epochs is None:
        return "Bedrock's default number of epochs"
    # Of a base model whose hyper-parameters nobody has documented they may be any text.
    return f"{_escaped(epochs)[:_LONGEST_EPOCHS]} epoch{'' if epochs == '1' else 's'}"


def tokens_of(data: Sequence[DataFile]) -> int | None:
    """Return how many tokens an epoch bills, estimated from characters; None where the data was not read at synth."""
    characters = next((each.characters for each in data if each.split == "train"), None)
    return None if characters is None else characters // CHARACTERS_PER_TOKEN


def _tokens(data: Sequence[DataFile]) -> str:
    """Return how many tokens an epoch bills, as far as that is known; early stopping may end before the last epoch."""
    number = tokens_of(data)
    if number is None:
        return "their number is unknown at synth"
    tokens = _counted(number, "token")
    return f"an estimated {tokens} or more for each epoch, at {CHARACTERS_PER_TOKEN} characters a token"


def _data_file(data: DataFile) -> str:
    use = data.split + (" (checked, not trained on)" if data.split == "test" else "")
    records = "number of records unknown at synth" if data.records is None else _counted(data.records, "record")
    return f"{use}: {records}, sha256 {_escaped(data.sha256)}"


def _purchase(model_units: int, commitment_duration: str | None) -> str:
    term = f"for {commitment_duration}" if commitment_duration else "without commitment"
    return f"{_counted(model_units, 'model unit')} {term}"


def _kept(keep_models: int | None, is_given: bool) -> str:
    if is_given:
        return "the existing model: it is never deleted"
    if keep_models is None:
        return "every model: no deployment deletes one, and storing each is billed by the month"
    newest = "newest model" if keep_models == 1 else f"newest {keep_models} models"
    return (
        f"the {newest} of this name and environment; each update of what serves, including this one, permanently "
        "deletes older models once the desired model serves, except those that serve or served just before; only "
        "another attempt, billed again, brings one back"
    )


def _counted(number: int, noun: str) -> str:
    return f"{_number(number)} {noun}{'' if number == 1 else 's'}"


def _number(number: int) -> str:
    return f"{number:,}" if number < _LONG_NUMBER else shown(number)


def _escaped(text: str) -> str:
    """Return a text that a user may have written as one line of printable ASCII; a CDK token passes unchanged."""
    return ascii(text)[1:-1]
