"""What a job reads, under which key, and under which name its model goes."""

from bedrock_lifecycle.contract import UNKNOWN, UNVERSIONED
from bedrock_lifecycle.preflight.facts import DataObject, Fact, Key, Known, NotChecked, RecordSum
from bedrock_lifecycle.preflight.report import NotNeeded, Passed, Problem, Verdict


def present(data: tuple[DataObject, ...]) -> Verdict:
    """Judge whether the data files are where the job will read them."""
    missing = [each for each in data if isinstance(each.exists, NotChecked) or not each.exists.value]
    gone = [each.uri for each in missing if not each.local and not isinstance(each.exists, NotChecked)]
    if gone:
        return Problem(
            f"data file {', '.join(gone)} does not exist: push it again if it was pushed; then count reconcile up by "
            "one and deploy, which checks it and copies what was not pushed"
        )
    for each in missing:
        if isinstance(each.exists, NotChecked) and not each.local:
            return each.exists
    return Passed(", ".join(f"{each.local} (copied by the deploy)" if each in missing else each.uri for each in data))


def unchanged(data: tuple[DataObject, ...]) -> Verdict:
    """Judge whether the data files still are what was checked before.

    A version that cannot be read is a problem here: Bedrock would train on whatever is there.
    """
    compared = [each for each in data if each.checked is not None and each.exists != Known(value=False)]
    problems = [problem for each in compared if (problem := _changed(each))]
    if problems:
        return Problem("; ".join(problems))
    if not compared:
        return NotNeeded("no version was told to compare it with")
    return Passed(", ".join(f"version {each.checked} of {each.uri}" for each in compared))


def _changed(each: DataObject) -> str:
    if isinstance(each.version, NotChecked):
        return (
            f"whether {each.uri} still is what was checked cannot be told ({each.version.why}): let the training "
            "function s3:GetObject it, and deploy again"
        )
    if each.checked == UNKNOWN:
        return (
            f"which version of {each.uri} was checked is not known since a rollback: count reconcile up by one to have "
            f"the {each.use} data checked again"
        )
    if each.checked == each.version.value == UNVERSIONED:
        # Written again it would be that version once more.
        return (
            f"whether {each.uri} still is what was checked cannot be told: its bucket has no versioning; turn it on, "
            f"put the bytes there again, and count reconcile up by one to have the {each.use} data checked again"
        )
    if each.version.value == each.checked:
        return ""
    return (
        f"{each.uri} was written again since it was checked: version {each.checked} was checked, "
        f"{each.version.value or 'none'} is there; put the bytes back if it was not you, and count reconcile up by "
        f"one to have the {each.use} data checked again"
    )


def within_sum(data: tuple[DataObject, ...], allowed: RecordSum) -> Verdict:
    """Judge the number of records together, as far as every file's is known."""
    counts = [each.records for each in data if each.records is not None]
    if len(counts) < len(data):
        return NotNeeded("the deployment does not tell how many records there are")
    # What the account may have counts, where that can be read: AWS may have raised it.
    most = allowed.most if isinstance(allowed.quota, NotChecked) else int(allowed.quota.value.value)
    counted = " and ".join(f"{each.records} {each.use}" for each in data)
    if most is not None and sum(counts) > most:
        raised = f", or have quota {allowed.quota_code} raised" if allowed.quota_code else ""
        return Problem(f"{counted} records are more than the {most} that are allowed together: leave some out{raised}")
    if allowed.least is not None and sum(counts) < allowed.least:
        return Problem(f"{counted} records are fewer than the {allowed.least} that the base model needs: add some")
    return Passed(f"{counted} records")


def key(key_arn: str, found: Fact[Key | None]) -> Verdict:
    """Judge whether a key can encrypt a custom model: enabled, and symmetric (Bedrock user guide, "Encryption")."""
    if isinstance(found, NotChecked):
        return found
    if not key_arn:
        return NotNeeded("no key of yours is given: Bedrock uses one of its own")
    if found.value is None:
        return Problem(f"key {key_arn} does not exist: give a key that does")
    its = found.value
    if its.state != "Enabled":
        return Problem(f"key {key_arn} is {its.state}, and must be Enabled: {_remedy(its.state)}")
    if (its.usage, its.spec) != ("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"):
        return Problem(
            f"key {key_arn} is {its.spec} for {its.usage}, and must be SYMMETRIC_DEFAULT for ENCRYPT_DECRYPT: give "
            "another key"
        )
    return Passed(f"{key_arn} is Enabled")


def free_name(name: str, taken: Fact[bool]) -> Verdict:
    """Judge whether a custom model may be given a name; a job of that name is met before, and adopted or refused."""
    if isinstance(taken, NotChecked):
        return taken
    if taken.value:
        return Problem(
            f"a custom model named {name} exists that no job of this name made: choose another name, or raise attempt "
            "by one"
        )
    return Passed(f"{name} is free")


def _remedy(state: str) -> str:
    if state == "PendingDeletion":
        return "cancel its deletion (aws kms cancel-key-deletion) and enable it, or its models are lost for good"
    if state == "Disabled":
        return "enable it (aws kms enable-key)"
    return "wait until it is, or give another key"
