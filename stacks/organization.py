"""What the settings say of the organization, as stages and constructs take it."""

from collections.abc import Mapping, Sequence

from aws_cdk import Annotations, Aspects, PermissionsBoundary, Stage
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from bedrock_tuning import FunctionSettings, ResourceNaming, VpcConfig
from settings import Organization, Vpc
from settings.organization import LOG_RETENTION_DAYS
from settings.stack_names import MODEL_STACKS, stack_id

_ROLE = "/Role"


def permissions_boundary(organization: Organization) -> PermissionsBoundary | None:
    """Return the boundary that a stage gives to each of its roles."""
    arn = organization.permissions_boundary
    return PermissionsBoundary.from_arn(arn) if arn else None


def vpc_config(vpc: Vpc | None) -> VpcConfig | None:
    """Return a network as the constructs take it."""
    return VpcConfig(subnet_ids=vpc.subnet_ids, security_group_ids=vpc.security_group_ids) if vpc else None


def given_key(scope: Construct, construct_id: str, arn: str | None) -> kms.IKey | None:
    """Return a key that is given, None where none is."""
    return kms.Key.from_key_arn(scope, construct_id, arn) if arn else None


def function_settings(organization: Organization) -> FunctionSettings:
    """Return what is prescribed for functions."""
    return FunctionSettings(
        log_retention=logs.RetentionDays[LOG_RETENTION_DAYS[organization.log_retention_days]],
        vpc_config=vpc_config(organization.function_vpc),
    )


def prepare(stage: Stage, organization: Organization, models: Sequence[str]) -> None:
    """Set names, paths and roles for what will be made in a stage; to be called before anything is."""
    if organization.name_prefix or organization.role_path:
        naming = ResourceNaming(prefix=organization.name_prefix, role_path=organization.role_path)
        Aspects.of(stage).add(naming)
    if organization.roles is not None:
        names = {
            f"{stage.node.path}/{path}{_ROLE}": name
            for use, name in organization.roles.items()
            for path in _paths(use, models)
        }
        iam.Role.customize_roles(stage, use_precreated_roles=names)


def check_roles(stage: Stage, given: Mapping[str, str], models: Sequence[str]) -> None:
    """Fail the synthesis unless each role that is needed was given; the policy report is written.

    A role that nothing needs now may be for a model that is yet to come.
    """
    uses = {path: use for use in given for path in _paths(use, models)}
    needed = {_short_path(stage, each) for each in stage.node.find_all() if isinstance(each, iam.Role)}
    if missing := sorted({_use(path, models) for path in needed - uses.keys()}):
        why = f"organization.roles names no role for {', '.join(missing)}"
        Annotations.of(stage).add_error(f"{why}; add them; iam-policy-report.txt says what each role must allow")
    if needless := sorted(given.keys() - {_use(path, models) for path in needed}):
        why = f"organization.roles names a role for {', '.join(needless)}, which needs none"
        allowed = ", ".join(sorted({_use(path, models) for path in needed}))
        Annotations.of(stage).add_warning_v2(
            "bedrock-tuning:needlessRole", f"{why}; the roles needed are {allowed}; correct or remove it"
        )


def _paths(use: str, models: Sequence[str]) -> list[str]:
    """Return where a role is used. What is in every model's stack is named without the model, and has one role."""
    kind, _, rest = use.partition("/")
    if kind not in MODEL_STACKS:
        return [use]
    return [f"{stack_id(kind, model)}/{rest}" for model in models]


def _use(path: str, models: Sequence[str]) -> str:
    stack, _, rest = path.partition("/")
    kinds = {stack_id(kind, model): kind for kind in MODEL_STACKS for model in models}
    return f"{kinds.get(stack, stack)}/{rest}"


def _short_path(stage: Stage, role: IConstruct) -> str:
    return role.node.path.removeprefix(f"{stage.node.path}/").removesuffix(_ROLE)
