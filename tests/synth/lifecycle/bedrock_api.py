"""Which operations of Bedrock's API the functions call, and which a layer with botocore's model of it knows."""

import ast
from pathlib import Path

from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel

from tests.conftest import ROOT

_FUNCTIONS = ROOT / "lambda" / "bedrock_lifecycle"


def called() -> set[str]:
    """Return the methods of a Bedrock client that the functions call, paginators among them."""
    names: set[str] = set()
    for path in _FUNCTIONS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if ast.unparse(node.func.value).endswith("_bedrock.client") or (
                    ast.unparse(node.func.value) == "self.client"
                ):
                    names.add(node.func.attr)
                if node.func.attr == "get_paginator" and isinstance(node.args[0], ast.Constant):
                    names.add(str(node.args[0].value))
    others = {"describe_stack_events", "list_stack_resources", "list_executions", "list_objects_v2"}
    return names - {"get_paginator", *others}


def known(layer: Path) -> set[str]:
    """Return the methods that a client has whose model of the API is this one."""
    loader = Loader(extra_search_paths=[str(layer)], include_default_search_paths=False)
    model = ServiceModel(loader.load_service_model("bedrock", "service-2"))
    return {xform_name(name) for name in model.operation_names}
