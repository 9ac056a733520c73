"""How an account is bootstrapped with the execution policies of an environment."""

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from settings import load_environment
from settings.bootstrap import DEFAULT_QUALIFIER
from tune.account.bootstrap_roles import qualifier_of
from tune.account.partition import partition_of
from tune.execution_policy.declared import declared
from tune.execution_policy.documents import Document
from tune.execution_policy.policies import execution_policies
from tune.execution_policy.scope import PolicyScope
from tune.terminal.environments import EnvironmentRef

NOT_PROVEN: Final = (
    "Not proven on AWS: the policies allow what CloudFormation's resource schemas declare, and nobody has deployed "
    "with them. If a permission is missing, the deployment fails and names it."
)
WITHOUT_BOUNDARY: Final = (
    "Without [organization] permissions_boundary, a template can give the roles that it makes any permission."
)


def scope_of(ref: EnvironmentRef) -> PolicyScope:
    """Return what the policies are for; raise SettingsError. Files of models may be wrong."""
    environment = load_environment(ref.folder, ref.name, models=[]).environment
    return PolicyScope(
        partition=partition_of(ref.region),
        account=ref.account,
        region=ref.region,
        app=ref.app,
        stack_prefix=environment.stack_prefix,
        organization=environment.organization,
        qualifier=qualifier_of(ref),
        bootstrap_key_arn=environment.bootstrap.key_arn,
    )


def policies(scope: PolicyScope) -> dict[str, Document]:
    """Return the policies by the names that they get in IAM, where a name is the account's in all Regions."""
    found = execution_policies(declared(), scope)
    return {f"{scope.stack_prefix}execution-{scope.region}-{number}": each for number, each in enumerate(found, 1)}


def write(folder: Path, named: dict[str, Document]) -> list[Path]:
    """Write each policy into a file of its name; raise OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{name}.json" for name in named]
    for file, document in zip(files, named.values(), strict=True):
        file.write_text(f"{json.dumps(document, indent=2)}\n", encoding="utf-8")
    return files


def steps(scope: PolicyScope, files: Sequence[Path]) -> list[str]:
    """Return the commands that make the policies of these files and bootstrap with them."""
    arns = [f"arn:{scope.partition}:iam::{scope.account}:policy/{file.stem}" for file in files]
    made = [
        f"aws iam create-policy --policy-name {file.stem} --policy-document {shlex.quote(f'file://{file}')}"
        for file in files
    ]
    qualifier = "" if scope.qualifier == DEFAULT_QUALIFIER else f" --qualifier {scope.qualifier}"
    bootstrap = f"cdk bootstrap aws://{scope.account}/{scope.region}{qualifier}"
    return [*made, f"{bootstrap} --cloudformation-execution-policies {','.join(arns)}"]
