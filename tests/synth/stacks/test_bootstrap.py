"""`[bootstrap]` in the cloud assembly: whose roles the CDK CLI assumes, and where assets go."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from settings import Bootstrap, EnvironmentLocation, Model
from settings.app import DEFAULT_APP
from tests.synth.stages import elsewhere, place_of, stage_of
from tests.unit.settings.promotion_files import written
from tests.unit.settings.settings_files import changed, load_file, write
from tune.account.bootstrap_roles import role_name
from tune.terminal.environments import EnvironmentRef

NAMED: Final = {"deploy_role": "acme-deploy", "lookup_role": "acme-read", "file_publishing_role": "acme-publish"}


def trained(folder: Path) -> Model:
    """Return a model that is trained here."""
    return load_file(write(folder, changed()))


def promoted(folder: Path) -> Model:
    """Return a model of another environment."""
    return load_file(written(folder))


def assembled(
    folder: Path, context: dict[str, Any], bootstrap: Bootstrap, model: Model | None = None
) -> Iterator[tuple[Any, str]]:
    """Yield what the assembly says of each stack, and its manifest of assets as text."""
    its = elsewhere(model or trained(folder), bootstrap=bootstrap)
    assembly = stage_of(its, folder / "cdk.out", context).synth()
    for stack in assembly.stacks:
        manifest = Path(assembly.directory) / f"{stack.id}.assets.json"
        yield stack, manifest.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "bootstrap",
    [{}, {"qualifier": "acme"}, NAMED, {**NAMED, "qualifier": "acme"}],
    ids=["default", "qualifier", "roles", "both"],
)
@pytest.mark.parametrize("model", [trained, promoted])
def test_the_cdk_cli_assumes_the_roles_that_the_commands_assume(
    tmp_path: Path, context: dict[str, Any], bootstrap: dict[str, str], model: Callable[[Path], Model]
) -> None:
    its = Bootstrap.model_validate(bootstrap)
    found = list(assembled(tmp_path, context, its, model(tmp_path)))
    first = "Training" if model is trained else "Promotion"
    assert [place_of(stack.hierarchical_id) for stack, _ in found] == ["Foundation", first, "Serving"]
    for stack, assets in found:
        where = {"name": "dev", "account": stack.environment.account, "region": stack.environment.region}
        location = EnvironmentLocation.model_validate({**where, "bootstrap": its})
        ref = EnvironmentRef(location=location, folder=tmp_path, app=DEFAULT_APP, models=())
        assert stack.assume_role_arn.endswith(f":role/{role_name(ref, 'deploy')}")
        assert stack.manifest.properties.lookup_role.arn.endswith(f":role/{role_name(ref, 'lookup')}")
        assert f":role/{role_name(ref, 'file-publishing')}" in assets


def test_a_qualifier_names_bucket_and_version_and_the_execution_role_is_the_one_that_is_given(
    tmp_path: Path, context: dict[str, Any]
) -> None:
    for stack, _ in assembled(tmp_path, context, Bootstrap(qualifier="acme", execution_role="acme-exec")):
        parameters = stack.template["Parameters"]
        assert parameters["BootstrapVersion"]["Default"] == "/cdk-bootstrap/acme/version"
        assert stack.cloud_formation_execution_role_arn.endswith(":role/acme-exec")
        assert "cdk-acme-assets-" in stack.stack_template_asset_object_url
