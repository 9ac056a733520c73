"""A bare CDK Python app with the resources of another, made from its templates.

`python -m bench.synth.bare <cloud assembly>` makes every resource of the templates there with the class that
CloudFormation's own type has in the CDK (`CfnBucket`, `CfnRole` …), under the same plugins, and does nothing else: no
construct of this project or of the CDK's own library, no settings, no data: what a person writes does more. Plain
`CfnResource`s would be cheaper still, but the packs of cdk-nag do not look at those, and so would not do their work.
"""

import re
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

# Source roots, not packages: see constructs/README.md.
sys.path.extend(str(Path(__file__).resolve().parents[2] / root) for root in ("constructs", "lambda"))

from aws_cdk import Acknowledgment, App, CfnOutput, CfnResource, Environment, Stack, Stage, Token, Validations
from aws_cdk.aws_s3_assets import Asset

from bench.synth import assembly
from bench.synth.assembly import Json, WrittenStack
from stacks.rule_packs import rule_packs

# What stands in a resource as it stands in the template: documents, and maps whose keys are a user's.
_AS_WRITTEN: Final = {"AssumeRolePolicyDocument", "EventPattern", "KeyPolicy", "PolicyDocument"}
_MAPS: Final = {"Variables"}


def build(app: App, stacks: list[WrittenStack]) -> None:
    """Make every stack, each in its stage."""
    stages: dict[str, Stage] = {}
    for each in stacks:
        if each.stage not in stages:
            stages[each.stage] = Stage(app, each.stage, env=Environment(account=each.account, region=each.region))
        _make(Stack(stages[each.stage], each.id, description=each.template.get("Description")), each)


def _make(stack: Stack, written: WrittenStack) -> None:
    for number, path in enumerate(written.assets):
        Asset(stack, f"Asset{number}", path=str(path))
    for name, resource in written.template["Resources"].items():
        made = _resource(stack, name, resource)
        made.override_logical_id(name)
        for key in resource.keys() - {"Type", "Properties"}:
            made.add_override(key, resource[key])
    for name, output in written.template.get("Outputs", {}).items():
        made_output = CfnOutput(
            stack,
            f"Output{name}",
            value=_text(output["Value"]),
            description=output.get("Description"),
            export_name=output.get("Export", {}).get("Name"),
        )
        made_output.override_logical_id(name)


def _resource(stack: Stack, name: str, resource: Json) -> CfnResource:
    kind, properties = resource["Type"], resource.get("Properties", {})
    if not kind.startswith("AWS::"):
        return CfnResource(stack, name, type=kind, properties=properties)
    made: CfnResource = _class_of(kind)(
        stack, name, **{_snake(key): _given(key, properties[key]) for key in properties}
    )
    return made


@cache
def _class_of(kind: str) -> Any:
    _, service, name = kind.split("::")
    return getattr(import_module(f"aws_cdk.aws_{service.lower()}"), f"Cfn{name}")


def _given(key: str, value: object) -> object:
    """Return a property as the CDK's classes take it: keys in camel case, references as tokens."""
    match value:
        case dict() if _is_reference(value):
            return _text(value)
        case dict() if key in _AS_WRITTEN:
            return value
        case dict() if key in _MAPS:
            return {name: _text(each) for name, each in value.items()}
        case dict():
            return {_camel(name): _given(name, each) for name, each in value.items()}
        case list():
            return [_given(key, each) for each in value]
        case _:
            return value


def _is_reference(value: Json) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))


def _text(value: object) -> str:
    """Return a text in which references are tokens; what is joined costs no call, as in an f-string."""
    match value:
        case str():
            return value
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(map(_text, parts))
        case {"Ref": str(name)}:
            return _token("Ref", name)
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return _token("Fn::GetAtt", (name, attribute))
        case {"Fn::ImportValue": str(name)}:
            return _token("Fn::ImportValue", name)
        case _:
            raise ValueError(
                f"{value!r} is no text; allowed one of Ref, Fn::GetAtt, Fn::ImportValue and Fn::Join of them"
            )


@cache
def _token(function: str, argument: str | tuple[str, ...]) -> str:
    return Token.as_string({function: argument if isinstance(argument, str) else list(argument)})


def _snake(name: str) -> str:
    """Return `KmsMasterKeyId` as `kms_master_key_id`, and `KMSMasterKeyID` too."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _camel(name: str) -> str:
    """Return `KMSMasterKeyID` as `kmsMasterKeyId`."""
    first, *others = _snake(name).split("_")
    return first + "".join(word.capitalize() for word in others)


def main() -> None:
    folder = Path(sys.argv[1])
    app = App()
    build(app, assembly.stacks(folder))
    reasons = assembly.acknowledgements(folder)
    Validations.of(app).acknowledge(*(Acknowledgment(id=each, reason=reason) for each, reason in reasons.items()))
    Validations.of(app).add_plugins(*rule_packs(app))
    app.synth()


if __name__ == "__main__":
    main()
