"""Checks a job's data files, its key and the name of its model."""

from bedrock_lifecycle.contract import UNKNOWN, UNVERSIONED
from bedrock_lifecycle.preflight.facts import DataObject, Fact, KeyFacts, Known, NotChecked, RecordSum
from bedrock_lifecycle.preflight.report import NotNeeded, Passed, Problem, Verdict


def present(data: tuple[DataObject, ...]) -> Verdict:
    """Judge whether the data files are where the job will read them."""
    missing = [each for each in data if isinstance(each.exists, NotChecked) or not each.exists.value]
    gone = [each.uri for each in missing if not each.local and not isinstance(each.exists, NotChecked)]
    if gone:
        return Problem(
            f"data file {', '.join(gone)} does not exist: push it again if it was pushed; then raise "
            "`reconcile` by one and deploy, which checks it and copies what was not pushed"
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
        return NotNeeded("no checked version to compare it with")
    return Passed(", ".join(f"version {each.checked} of {each.uri}" for each in compared))


def _changed(each: DataObject) -> str:
    if isinstance(each.version, NotChecked):
        return (
            f"it is unknown whether {each.uri} has changed since its check ({each.version.why}): allow the training "
            "function s3:GetObject on it, and deploy again"
        )
    if each.checked == UNKNOWN:
        return (
            f"it is unknown since a rollback which version of {each.uri} was checked: raise `reconcile` by one to "
            f"check the {each.use} data again"
        )
    if each.checked == each.version.value == UNVERSIONED:
        # Written again it would be that version once more.
        return (
            f"it is unknown whether {each.uri} has changed since it was checked, because its bucket is not versioned: "
            f"turn on versioning, upload the file again, and raise `reconcile` by one to check the {each.use} data "
            "again"
        )
    if each.version.value == each.checked:
        return ""
    return (
        f"{each.uri} has changed since its check: version {each.checked} was checked, and "
        f"the current version is {each.version.value or 'none'}; restore the file if you did not change it, and raise "
        f"`reconcile` by one to check the {each.use} data again"
    )


def within_sum(data: tuple[DataObject, ...], allowed: RecordSum) -> Verdict:
    """Judge the number of records together, as far as every file's is known."""
    counts = [each.records for each in data if each.records is not None]
    if len(counts) < len(data):
        return NotNeeded("the deployment does not give the number of records")
    # What the account may have counts, where that can be read: AWS may have raised it.
    most = allowed.most if isinstance(allowed.quota, NotChecked) else int(allowed.quota.value.value)
    counted = " and ".join(f"{each.records} {each.use}" for each in data)
    if most is not None and sum(counts) > most:
        code = allowed.quota_code
        limit = f"quota {code} allows {most} in total" if code else f"at most {most} are allowed in total"
        raised = ", or request an increase of the quota" if code else ""
        return Problem(f"{counted} records are too many: {limit}; leave some out{raised}")
    if allowed.least is not None and sum(counts) < allowed.least:
        return Problem(f"{counted} records are too few: the base model needs at least {allowed.least}; add some")
    return Passed(f"{counted} records")


def key(key_arn: str, found: Fact[KeyFacts | None]) -> Verdict:
    """Judge whether a key can encrypt a custom model: enabled, and symmetric (Bedrock user guide, "Encryption")."""
    if isinstance(found, NotChecked):
        return found
    if not key_arn:
        return NotNeeded("no key is set: Bedrock uses its own")
    if found.value is None:
        return Problem(f"key {key_arn} does not exist: set an existing key")
    its = found.value
    if its.state != "Enabled":
        return Problem(f"key {key_arn} is {its.state}, and must be Enabled: {_remedy(its.state)}")
    if (its.usage, its.spec) != ("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"):
        return Problem(
            f"key {key_arn} is {its.spec} for {its.usage}, and must be SYMMETRIC_DEFAULT for ENCRYPT_DECRYPT: use "
            "another key"
        )
    return Passed(f"{key_arn} is Enabled")


def free_name(name: str, taken: Fact[bool]) -> Verdict:
    """Judge whether a custom model may be given a name; a job of that name is met before, and adopted or refused."""
    if isinstance(taken, NotChecked):
        return taken
    if taken.value:
        return Problem(
            f"a custom model named {name} already exists, but was not created by a job of that name: choose another "
            "`name` or `environment`, or raise `training.attempt` by one"
        )
    return Passed(f"{name} is free")


def _remedy(state: str) -> str:
    if state == "PendingDeletion":
        return "cancel its deletion (aws kms cancel-key-deletion) and enable it, or its models are lost permanently"
    if state == "Disabled":
        return "enable it (aws kms enable-key)"
    return "wait until it is, or use another key"
