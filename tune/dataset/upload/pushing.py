"""What a push does: files that were checked go where their digests say, and the settings file names the digests."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import Split
from settings import Model
from settings.folder import model_file
from tune.account import inventory
from tune.account.aws import Aws
from tune.dataset.checking import checked
from tune.dataset.files import Unusable
from tune.dataset.progress import progress
from tune.dataset.reports.refused import DataRefused
from tune.dataset.subject import Rules, local_files, rules_of_model
from tune.dataset.upload.pinning import Place
from tune.dataset.upload.questions import checked_questions
from tune.dataset.upload.settings_file import SettingsFile
from tune.dataset.upload.upload import FileToUpload, Upload
from tune.endings import ending_in_words
from tune.terminal.environments import DeployTarget
from tune.terminal.labels import name_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Say = Callable[[str], None]

VERSION: Final = 1
_KEPT: Final = "Parts that were sent stay in the bucket for some days; the same command continues after them."


@dataclass(frozen=True)
class _ToPush:
    """A checked file, and the table of the settings that names it."""

    place: Place
    split: Split
    file: FileToUpload


@dataclass(frozen=True)
class Pushed:
    """A file and where it is stored; `was_sent` is false where it was stored before, and in a dry run."""

    place: Place
    """The table of the settings that named it."""
    split: Split
    file: FileToUpload
    uri: str
    was_there: bool
    was_sent: bool


def push_data(target: DeployTarget, aws: Aws, say: Say, *, dry_run: bool) -> list[Pushed]:
    """Push what a model's settings name by path; return each file with what came of it.

    Raises:
        DataRefused: When the check finds errors; nothing was uploaded then.
        Unusable: When it cannot be done.
    """
    model = target.model
    settings = SettingsFile.read(model_file(target.folder, target.name, model.name))
    paths = local_files(model)
    if "validation" in paths and model.unused_validation:
        say(f"{name_of(paths.pop('validation'))} is left here: {model.unused_validation}")
    questions = list(_questions(model))
    if not paths and not questions:
        say(f"{name_of(settings.path)} names no file of this machine: there is nothing to push")
        return []
    s3, bucket = _encrypted(aws("s3")), _bucket_of(aws, target)
    files = [*(_accepted(paths, rules_of_model(model)) if paths else ()), *questions]
    digests = {each.place: each.file.sha256 for each in files}
    changes = settings.changes(digests)  # what forbids them shows before anything is uploaded
    pushed = []
    with ending_in_words(interrupted="Nothing was sent." if dry_run else _KEPT, lost="" if dry_run else _KEPT):
        for each in files:
            file, key = each.file, contract.data_key(each.split, each.file.sha256)
            uri = f"s3://{bucket}/{key}"
            was_there, was_sent, words = _bring(Upload(s3, bucket, key, file), file, dry_run=dry_run)
            say(f"{name_of(file.path)}: {words}: {uri}")
            pushed.append(Pushed(each.place, each.split, file, uri, was_there, was_sent))
    if dry_run:
        say(changes)
        return pushed
    settings.write(digests)
    say(
        f"{name_of(settings.path)} now names the pushed data by digest: commit this file. To push other data, name a "
        "path in it again"
    )
    return pushed


def document(of: DeployTarget, pushed: Sequence[Pushed], *, dry_run: bool) -> dict[str, Any]:
    """Return what `--json` prints. Keys are only ever added; `version` goes up when one changes its meaning."""
    return {
        "version": VERSION,
        "environment": of.name,
        "model": of.only_model,
        "dryRun": dry_run,
        "files": [
            {
                "split": its.split,
                "sha256": its.file.sha256,
                "bytes": its.file.bytes,
                "uri": its.uri,
                "wasThere": its.was_there,
                "wasSent": its.was_sent,
                "setting": ".".join(its.place),
            }
            for its in pushed
        ],
    }


def _bucket_of(aws: Aws, target: DeployTarget) -> str:
    """Return the name of the environment's bucket, given or made; raise Unusable when it is not made yet."""
    bucket = inventory.bucket_of(aws, target, target.environment.organization.bucket)
    if bucket is None:
        command = " ".join(("cdk deploy", target.stack_ids[0], *target.context_of_it))
        raise Unusable(f"environment {target.name} has no bucket yet: deploy it first with {command}")
    return bucket


def _encrypted(s3: "S3Client") -> "S3Client":
    # The bucket refuses anything else too, but only after the first bytes have been sent.
    if not s3.meta.endpoint_url.startswith("https://"):
        raise Unusable(f"data is sent through TLS alone, not to {s3.meta.endpoint_url}: correct AWS_ENDPOINT_URL")
    return s3


def _accepted(paths: Mapping[Split, Path], rules: Rules) -> Iterator[_ToPush]:
    files = checked(paths, rules)
    if not all(file.report.accepted for file in files.values()):
        raise DataRefused(tuple(files.values()))
    for split, file in files.items():
        yield _ToPush(("data", split), split, FileToUpload(file.path, file.report.sha256, file.report.bytes))


def _questions(model: Model) -> Iterator[_ToPush]:
    bake = model.serving.bake if model.serving else None
    if bake and bake.file:
        # Where the bake reads them.
        yield _ToPush(("serving", "bake"), "test", checked_questions(bake.file.path, bake.questions))


def _bring(upload: Upload, file: FileToUpload, *, dry_run: bool) -> tuple[bool, bool, str]:
    """Return whether it was there, whether some of it was sent now, and both in words."""
    if dry_run:
        was_there = upload.is_there()
        return was_there, False, "is there" if was_there else f"{file.bytes:,} bytes would be uploaded"
    with progress(file.path) as advance:
        outcome = upload.run(advance)
    if not outcome.sent and not outcome.found:
        return True, False, "was there"
    before = f", {outcome.found} had been sent before" if outcome.found else ""
    return False, True, f"uploaded, {outcome.sent} part{'' if outcome.sent == 1 else 's'} sent{before}"
