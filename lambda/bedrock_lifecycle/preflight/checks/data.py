"""What a job reads, under which key, and under which name its model goes."""

from bedrock_lifecycle.preflight.facts import DataObject, Fact, Key, NotChecked
from bedrock_lifecycle.preflight.report import NotNeeded, Passed, Problem, Verdict


def present(data: tuple[DataObject, ...]) -> Verdict:
    """Judge whether the data files are where the job will read them."""
    missing = [each for each in data if isinstance(each.exists, NotChecked) or not each.exists.value]
    gone = [each.uri for each in missing if not each.local and not isinstance(each.exists, NotChecked)]
    if gone:
        return Problem(
            f"data file {', '.join(gone)} does not exist: count reconcile up by one and deploy, which copies it again"
        )
    for each in missing:
        if isinstance(each.exists, NotChecked) and not each.local:
            return each.exists
    return Passed(", ".join(f"{each.local} (copied by the deploy)" if each in missing else each.uri for each in data))


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
