"""What a page has people type into the AWS CLI exists: service, operation, options, and what the operation requires."""

import re
from collections.abc import Iterator
from typing import Final

import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import UnknownServiceError

from tests.docs.pages import Page, pages

_COMMAND: Final = re.compile(r"\baws ([a-z][a-z0-9-]+) ([a-z][a-z0-9-]+)((?: +\S.*)?)")
_OPTION: Final = re.compile(r" --([a-z][a-z0-9-]*)")
# Of every command (AWS CLI reference, "Global options").
_GLOBAL: Final = {"region", "output", "query", "profile"}
# Of the CLI, and not of the API.
_OF_THE_CLI: Final = {("dynamodb", "create-table"): {"sse-specification"}}
_SESSION: Final = botocore.session.get_session()


@pytest.mark.parametrize("page", [page for page in pages() if any(map(_COMMAND.search, page.code))], ids=str)
def test_what_is_typed_into_the_aws_cli_exists(page: Page) -> None:
    assert [problem for code in page.code for problem in problems(code)] == []


def problems(code: str) -> Iterator[str]:
    for service, command, rest in _COMMAND.findall(code):
        try:
            model = _SESSION.get_service_model(service)
        except UnknownServiceError:
            yield f"no service: {code}"
            continue
        names = {xform_name(name, "-"): name for name in model.operation_names}
        if command not in names:
            yield f"no operation: {code}"
            continue
        shape = model.operation_model(names[command]).input_shape
        members = {xform_name(name, "-"): name for name in shape.members} if shape else {}
        options = set(_OPTION.findall(rest))
        yield from (f"no option --{each}: {code}" for each in sorted(options - {*members, *_GLOBAL}))
        required = {xform_name(name, "-") for name in shape.required_members} if shape else set()
        # A command without any option is only named.
        yield from (f"needs --{each}: {code}" for each in sorted(required - options) if options - _GLOBAL)


@pytest.mark.parametrize(
    "code",
    [
        "aws bedrocks list-custom-models",
        "aws bedrock list-models",
        "aws bedrock list-custom-models --state Active",
        "aws bedrock tag-resource --resource-arn ARN",
    ],
)
def test_what_does_not_exist_is_found(code: str) -> None:
    assert list(problems(code))
    assert not list(problems("aws bedrock tag-resource --resource-arn ARN --tags key=a,value=b --region us-east-1"))
