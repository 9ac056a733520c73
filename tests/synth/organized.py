"""A model in its environment as an organization would have it, and what its templates then say."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from aws_cdk import App, CfnElement, CfnResource, Stack

from bedrock_tuning import DataSource
from bedrock_tuning.checks.templates import Template, Templates
from settings import Bootstrap, Model, Organization
from settings.allow import Allow
from tests.synth.stages import elsewhere, place_of, stacks_of, stage_of, templates_of
from tests.synth.templates import Grant, Json, as_list, to_json

ACCOUNT: Final = "111122223333"
REGION: Final = "us-east-1"
BOUNDARY: Final = f"arn:aws:iam::{ACCOUNT}:policy/boundaries/team"
KEY: Final = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
OPERATIONS_KEY: Final = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/22222222-3333-4444-5555-666666666666"
BOOTSTRAP_KEY: Final = f"arn:aws:kms:{REGION}:999988887777:key/66666666-7777-8888-9999-000000000000"
BUCKET: Final = "acme-fine-tuning"
SERVICE_ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/acme/bedrock-training"
VPC: Final[Mapping[str, Any]] = {
    "subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    "security_group_ids": ["sg-0123456789abcdef0"],
}


def pushed(settings: Model, digit: str) -> Model:
    """Return a model with data that was pushed: its digests are made of one digit and the place of the data."""
    assert settings.data
    sources = {
        split: DataSource.pushed((digit + place) * 32)
        for split, place in (("train", "a"), ("validation", "b"), ("test", "c"))
    }
    changed = settings.model_copy(update={"data": settings.data.model_copy(update=sources)})
    vars(changed).pop("training_id", None)  # a copy of a model keeps what was computed of the first
    return changed


class Organized:
    """One synthesis of one model in its environment, with an organization's table."""

    def __init__(
        self,
        settings: Model,
        context: Mapping[str, Any],
        folder: Path,
        *,
        tags: Mapping[str, str] | None = None,
        bootstrap_key: str | None = None,
        qualifier: str | None = None,
        allow: Allow | None = None,
        **organization: Any,
    ) -> None:
        self.settings = elsewhere(
            settings,
            organization=Organization.model_validate(organization),
            bootstrap=Bootstrap(key_arn=bootstrap_key, qualifier=qualifier),
            tags=dict(tags or {}),
            allow=allow or settings.environment.allow,
        )
        self.folder = folder
        self.stage = stage_of(self.settings, folder, context)

    @property
    def app(self) -> App:
        root = self.stage.node.root
        assert isinstance(root, App)
        return root

    @property
    def stacks(self) -> list[Stack]:
        return [*stacks_of(self.stage).values()]

    def templates(self) -> dict[str, Json]:
        """Return the templates by the kinds of the stacks."""
        return templates_of(self.stage)

    def followed(self) -> Templates:
        """Return the templates with their references followed from stack to stack."""
        return Templates([Template("", each.stack_name, ACCOUNT, REGION, to_json(each)) for each in self.stacks])

    def resources(self, *types: str) -> list[Json]:
        """Return the properties of every resource of some types, of all stacks."""
        return [
            each.get("Properties", {})
            for template in self.templates().values()
            for each in template["Resources"].values()
            if each["Type"] in types
        ]

    def iam_resources(self) -> list[str]:
        """Return the logical ids of everything in IAM that the stacks make."""
        return [
            name
            for template in self.templates().values()
            for name, each in template["Resources"].items()
            if each["Type"].startswith("AWS::IAM::")
        ]

    def policy_report(self) -> dict[str, Json]:
        """Return what the CDK wrote about the roles that exist, by their construct paths."""
        self.app.synth()
        report = json.loads((self.folder / "iam-policy-report.json").read_text(encoding="utf-8"))
        return {each["roleConstructPath"]: each for each in report["roles"]}

    def roles(self) -> dict[str, str]:
        """Return a role for each place where one is needed, as an administrator would make them."""
        return {use_of(path): f"own/{number}" for number, path in enumerate(self.grants())}

    def grants(self) -> dict[str, set[Grant]]:
        """Return what each role that is made may do, by its construct path; resources as in the report."""
        templates, paths = self.followed(), self._paths()
        found: dict[str, set[Grant]] = {}
        for template in templates:
            for _, properties in template.resources("AWS::IAM::Policy"):
                for role in properties["Roles"]:
                    held = found.setdefault(paths[templates.text(role, template)].removesuffix("/Resource"), set())
                    for statement in properties["PolicyDocument"]["Statement"]:
                        resources = [templates.text(each, template) for each in as_list(statement["Resource"])]
                        held |= grants_of({**statement, "Resource": [_reported(each, paths) for each in resources]})
        return found

    def _paths(self) -> dict[str, str]:
        return {
            f"<{stack.stack_name}#{stack.resolve(each.logical_id)}>": each.node.path
            for stack in self.stacks
            for each in stack.node.find_all()
            if isinstance(each, CfnElement) and CfnResource.is_cfn_resource(each)
        }


def use_of(path: str) -> str:
    """Return how `[organization.roles]` calls a role, by its construct path."""
    return place_of(path).removesuffix("/Role")


def grants_of(statement: Json) -> set[Grant]:
    """Return a statement as plain grants."""
    condition = json.dumps(statement.get("Condition", {}), sort_keys=True)
    return {
        Grant(action, resource.replace("arn:*:", "arn:aws:"), condition)
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


def _reported(resource: str, paths: Mapping[str, str]) -> str:
    for token, path in paths.items():
        resource = resource.replace(f"{token[:-1]}.Arn>", f"({path}.Arn)").replace(token, f"({path}.Ref)")
    return resource
