"""IAM policies for one environment, as JSON documents."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation_store import NUMBERS, PLANS, QUESTIONS, SUMMARIES
from settings import load_environment
from settings.bootstrap import ASSUMABLE, BootstrapRole
from tune.account.bootstrap_roles import role_arn
from tune.account.location import place_of
from tune.policy.needs import Command, Need, On, lacking_in_the_lookup_role, needs_of
from tune.terminal.environments import EnvironmentRef

Policy = dict[str, Any]
Condition = Mapping[str, Mapping[str, str]]

_KINDS: Final = ("custom-model", "custom-model-deployment", "model-customization-job", "provisioned-model")
_ARTIFACTS: Final = ("training_artifacts", "validation_artifacts")
# What is counted and measured, beside confidential prefixes with words of records and answers.
_OF_EVALUATIONS: Final = (f"{PLANS}*", f"{QUESTIONS}*/index.json", f"{SUMMARIES}*")
_SPLITS: Final = ("train", "validation", "test")
_ASSUMED_BY_THE_CLI: Final[tuple[BootstrapRole, ...]] = ("deploy", "file-publishing")


@dataclass(frozen=True)
class Where:
    """An environment, and what of it the settings may not tell.

    buckets: Names of the environment's buckets. Default: any bucket of the account.
    key_arn: The key of its data. Default: any key of the account, by way of S3 alone.
    regions: The Regions that are looked at. Default: the environment's own.
    """

    ref: EnvironmentRef
    buckets: tuple[str, ...] = ()
    key_arn: str | None = None
    regions: str = ""


def where(ref: EnvironmentRef, buckets: Sequence[str] = ()) -> Where:
    """Return an environment with the bucket and the key that its settings give; raise SettingsError.

    buckets: Names of its buckets, in place of the one that is given.
    """
    organization = load_environment(ref.folder, ref.name, models=[]).environment.organization
    given = (organization.bucket,) if organization.bucket else ()
    return Where(ref, tuple(buckets) or given, organization.key_arn)


def for_command(command: Command, where: Where) -> Policy:
    """Return the policy of a role in the environment's account that runs a command."""
    # A plan also looks for what bills in other Regions.
    everywhere = "*" if command == "plan" else where.ref.region
    return _policy(needs_of(command), replace(where, regions=everywhere))


def for_the_lookup_role(where: Where) -> Policy:
    """Return the policy that the bootstrap's lookup role needs besides its own."""
    return _policy(lacking_in_the_lookup_role(), replace(where, regions="*"))


def for_assuming(ref: EnvironmentRef) -> Policy:
    """Return the policy of who may act through the bootstrap's roles, and do nothing else."""
    return _document([_statement(["sts:AssumeRole"], [role_arn(ref, role) for role in ASSUMABLE], {})])


def _policy(needs: Iterable[Need], where: Where) -> Policy:
    by_resource: dict[On, list[str]] = {}
    for need in needs:
        by_resource.setdefault(need.on, []).append(need.action)
    resources = _resources(where)
    return _document([_statement(actions, *resources[on]) for on, actions in by_resource.items()])


def _document(statements: Sequence[Mapping[str, Any]]) -> Policy:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _statement(actions: Sequence[str], resources: Sequence[str], condition: Condition) -> dict[str, Any]:
    found = {"Effect": "Allow", "Action": sorted(actions), "Resource": list(resources)}
    return {**found, "Condition": condition} if condition else found


def _resources(where: Where) -> Mapping[On, tuple[list[str], Condition]]:
    """Return the ARNs of what actions are on, and the condition that narrows them."""
    ref, place = where.ref, place_of(where.ref)
    regions, account = where.regions or place.region, place.account

    def arn(service: str, resource: str, *, region: str = place.region, of: str = account) -> str:
        return f"arn:{place.partition}:{service}:{region}:{of}:{resource}"

    def in_bedrock(kind: str) -> list[str]:
        return [arn("bedrock", f"{kind}/*", region=regions)]

    def in_buckets(*paths: str) -> list[str]:
        return [arn("s3", f"{name}{path}", region="", of="") for name in where.buckets or ("*",) for path in paths]

    stacks = [
        arn("cloudformation", f"stack/{prefix}{ref.name}-*/*", region=regions)
        for prefix in (ref.location.stack_prefix, *ref.old_prefixes)
    ]
    owner = place.stack_owner(ref.foundation)
    keys, here = [arn("kms", "key/*")], _equals("aws:ResourceAccount", account)
    parameters = ("cdk-bootstrap/*", f"bedrock-tuning/{ref.name}/*")
    return {
        "any": (["*"], {}),
        "own stacks": (stacks, {}),
        # The names of an environment `dev-eu` begin like those of `dev`. A stack that was never executed has no tags.
        "own stacks alone": (stacks, {"StringEqualsIfExists": {_tag(contract.TAG_ENVIRONMENT): ref.name}}),
        "every stack": ([arn("cloudformation", "stack/*/*", region=regions)], {}),
        "things in Bedrock": ([each for kind in _KINDS for each in in_bedrock(kind)], {}),
        "custom models": (in_bedrock("custom-model"), {}),
        "own custom models": (in_bedrock("custom-model"), _equals(_tag(contract.TAG_FOUNDATION), owner)),
        "customization jobs": (in_bedrock("model-customization-job"), {}),
        "throughputs": (in_bedrock("provisioned-model"), {}),
        "deployments": (in_bedrock("custom-model-deployment"), {}),
        "own deployments": (in_bedrock("custom-model-deployment"), _equals(_tag(contract.TAG_FOUNDATION), owner)),
        "base models": ([arn("bedrock", "foundation-model/*", region=regions, of="")], {}),
        "keys": (keys, {}),
        "own keys": (keys, _equals(_tag(contract.TAG_OWNER), owner)),
        "data key": (
            [where.key_arn] if where.key_arn else keys,
            _equals("kms:ViaService", f"s3.{place.region}.amazonaws.com"),
        ),
        "tables' keys": (keys, _equals("kms:ViaService", f"dynamodb.{place.region}.amazonaws.com")),
        "buckets": ([arn("s3", "*", region="", of="")], here),
        "own buckets": (in_buckets(""), here),
        "own objects": (in_buckets("/*"), here),
        "data": (in_buckets(*(f"/{split}/*" for split in _SPLITS)), here),
        # Of what a training leaves the metrics alone: beside them may be a copy of its data (`validated_data/`).
        "metrics": (in_buckets(*(f"/{contract.OUTPUT_PREFIX}*/{each}/*" for each in _ARTIFACTS)), here),
        "test data": (in_buckets(f"/{contract.TEST_PREFIX}*"), here),
        "dataset reports": (in_buckets(f"/{contract.DATASET_REPORTS_PREFIX}*"), here),
        "evaluations": (in_buckets(*(f"/{each}" for each in _OF_EVALUATIONS)), here),
        # Beside them lie questions and answers, which nobody needs for a report without --show-content.
        "numbers": (in_buckets(f"/{NUMBERS}*"), here),
        "parameters": ([arn("ssm", f"parameter/{name}") for name in parameters], {}),
        "tables": ([arn("dynamodb", "table/*")], {}),
        "topics": ([arn("sns", "*")], {}),
        "workflows": ([arn("states", "stateMachine:*", region=regions)], {}),
        "executions": ([arn("states", "execution:*:*", region=regions)], {}),
        "executions' keys": (keys, _equals("kms:ViaService", f"states.{place.region}.amazonaws.com")),
        "roles": ([arn("iam", "role/*", region="")], {}),
        "quotas": ([arn("servicequotas", "bedrock/*")], {}),
        "bootstrap roles": ([role_arn(ref, role) for role in _ASSUMED_BY_THE_CLI], {}),
    }


def _tag(key: str) -> str:
    return f"aws:ResourceTag/{key}"


def _equals(key: str, value: str) -> Condition:
    return {"StringEquals": {key: value}}
