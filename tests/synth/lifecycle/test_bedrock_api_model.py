"""The Bedrock API that travels with the serving function: whatever its runtime knows, it knows what it calls."""

from pathlib import Path

import pytest
from aws_cdk.assertions import Template
from botocore.loaders import Loader

from tests.synth.foreign import ForeignStack
from tests.synth.lifecycle.bedrock_api import called, known
from tests.synth.templates import logical_id, properties


@pytest.fixture
def layer(foreign: ForeignStack, tmp_path: Path) -> Path:
    """The layer's folder, as Lambda mounts it."""
    assert foreign.serving
    foreign.app.synth()
    (found,) = (path for path in tmp_path.glob("cdk.out/asset.*") if (path / "bedrock").is_dir())
    return found


def test_holds_the_api_and_nothing_else(layer: Path) -> None:
    (version,) = (layer / "bedrock").iterdir()
    assert sorted(path.relative_to(layer).as_posix() for path in layer.rglob("*") if path.is_file()) == [
        f"bedrock/{version.name}/paginators-1.json",
        f"bedrock/{version.name}/service-2.json.gz",
    ]


def test_knows_every_operation_that_the_functions_call(layer: Path) -> None:
    assert {"update_custom_model_deployment", "create_provisioned_model_throughput", "get_custom_model"} <= called()
    assert called() <= known(layer)
    loader = Loader(extra_search_paths=[str(layer)], include_default_search_paths=False)
    pages = loader.load_service_model("bedrock", "paginators-1")["pagination"]
    assert {"ListCustomModelDeployments", "ListProvisionedModelThroughputs", "ListCustomModels"} <= pages.keys()


def test_is_read_before_what_the_runtime_has(foreign: ForeignStack) -> None:
    serving, training = foreign.serving.function.function, foreign.training.function.function
    function = properties(foreign.template(), serving)
    assert function["Environment"]["Variables"]["AWS_DATA_PATH"] == "/opt"
    assert len(function["Layers"]) == 1
    assert "Layers" not in properties(foreign.template(), training)


def test_a_loader_takes_it_before_its_own(layer: Path) -> None:
    loader = Loader(extra_search_paths=[str(layer)])
    assert loader.search_paths[0] == str(layer)
    _, path = loader.load_data_with_path(f"bedrock/{next((layer / 'bedrock').iterdir()).name}/service-2")
    assert path.startswith(str(layer))


def test_there_is_one_layer_in_foundation_alone(templates: dict[tuple[str, str], dict[str, object]]) -> None:
    for (_, stack), template in templates.items():
        Template.from_json(template).resource_count_is("AWS::Lambda::LayerVersion", int(stack == "Foundation"))


def test_the_layer_is_that_of_the_function(foreign: ForeignStack) -> None:
    serving = foreign.serving.function.function
    template = foreign.template()
    layers = [name for name, each in template["Resources"].items() if each["Type"] == "AWS::Lambda::LayerVersion"]
    function = template["Resources"][logical_id(serving)]
    assert function["Properties"]["Layers"] == [{"Ref": layers[0]}]
