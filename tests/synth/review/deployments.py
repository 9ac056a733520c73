"""Assemblies deployed in one process, on the real lifecycle and the simulated Bedrock, and what a deploy then did."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest import mock

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions.table import DecisionRow
from bedrock_lifecycle.resources import model_customization, serving, training_await
from tests.support.bedrock_client import ACCOUNT
from tests.support.cloudformation import Ref, Resource, Template
from tests.support.environment import Account
from tests.support.lifecycle import BUCKET, KEY_ARN, ROLE_ARN
from tests.support.quick import quick
from tests.support.world_clients import version_of
from tests.synth.review.changes import FILES, Stacks
from tests.unit.tune.planning import Aws, Views
from tune.review.assembly import StackTemplate
from tune.review.live import observed, ref
from tune.review.observations import Observation

REGION: Final = "us-east-1"
_EXPORTED: Final = {"RefDataStoreBucket": BUCKET, "DataStoreKey": KEY_ARN, "ServiceRole": ROLE_ARN}
_FILES: Final = {
    hashlib.sha256(body).hexdigest(): body for body in (each.read_bytes() for each in sorted(FILES.glob("*.jsonl")))
}
_SWAPS: Final = ("UpdateProvisionedModelThroughput", "UpdateCustomModelDeployment")
_DECIDE_IN: Final = (model_customization, serving, training_await)


@dataclass(frozen=True)
class Happened:
    """What a deploy did, by Bedrock's meter and by the rows of the lifecycle's decisions.

    trained, deleted, models_deleted: names; bought: model units of each purchase; moved: how often another model
    began to answer, in place or under a new ARN; refused: why the deploy failed, nothing where it did not; rows: all
    that decided, with the kinds of their actions.
    """

    trained: list[str]
    bought: list[int]
    moved: int
    deleted: list[str]
    models_deleted: list[str]
    refused: str
    rows: frozenset[tuple[str, type]]

    def rows_of(self, *actions: type) -> set[str]:
        """Return the rows that decided for an action of some kinds; without a kind all rows."""
        return {row for row, action in self.rows if not actions or action in actions}

    @property
    def counts(self) -> dict[str, int]:
        """How much of each was done."""
        return {
            "trained": len(self.trained),
            "bought": len(self.bought),
            "moved": self.moved,
            "deleted": len(self.deleted),
            "models deleted": len(self.models_deleted),
            "refused": int(bool(self.refused)),
        }


class Deployments:
    """One account, to which assemblies of one environment are deployed."""

    def __init__(self) -> None:
        self.account = Account(settings=quick(units=20), region=REGION)
        self.bodies: dict[str, Mapping[str, Any]] = {}

    def deploy(self, stacks: Stacks) -> Happened:
        """Deploy the models' stacks, Training before Serving, as `cdk deploy` does; stop at the first that fails."""
        before, refused, actions = self._state(), "", set[tuple[str, type]]()
        with _recorded(actions):
            for stack in sorted(stacks.values(), key=lambda its: (its.model, its.kind != "Training")):
                if not refused:
                    self.bodies[stack.name] = stack.body
                    status = self.account.cloudformation.deploy(stack.name, self._template(stack))
                    refused = "" if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE") else self.account.reason
        after = self._state()
        return Happened(
            trained=sorted(after.jobs - before.jobs),
            bought=sorted(units for _, units in after.throughputs - before.throughputs),
            moved=after.swaps
            - before.swaps
            + len(after.deployments - before.deployments)
            + len(after.throughputs - before.throughputs),
            deleted=sorted(before.serving - after.serving),
            models_deleted=sorted(before.models - after.models),
            refused=refused,
            rows=frozenset(actions),
        )

    def observed(self, base: Stacks, head: Stacks) -> Observation:
        """Return what a look at the account finds, between the deploys of two assemblies of one environment."""
        of = ref(list(head.values()), Path("environments"))
        return observed(_Aws(self), of, list(base.values()), list(head.values()))

    def trainings(self) -> set[str]:
        """Return the names of all that was ever trained."""
        return self._state().jobs

    def destroy_all_but(self, stacks: Stacks) -> bool:
        """Delete the models' stacks that an assembly does not have, Serving before Training; tell whether all went."""
        left = sorted(set(self.account.cloudformation.names()) - stacks.keys())
        return all(self.account.cloudformation.delete(name) == "DELETE_COMPLETE" for name in left)

    def _state(self) -> "_State":
        meter, region = self.account.meter(), self.account.region
        return _State(
            jobs={each["jobName"] for each in meter["jobs"]},
            throughputs={(each["provisionedModelArn"], each["modelUnits"]) for each in meter["throughputs"]},
            deployments={each["customModelDeploymentArn"] for each in meter["deployments"]},
            serving={each.name for each in region.serving()},
            models={each.name for each in region.models.values()},
            swaps=sum(meter["calls"].get(name, 0) for name in _SWAPS),
        )

    def _template(self, stack: StackTemplate) -> Template:
        """Return what CloudFormation makes of a template: the data files are stored, references to them resolved."""
        files: dict[str, Mapping[str, Any]] = {}
        made: dict[str, Resource] = {}
        for logical_id, resource in stack.resources.items():
            if resource["Type"] == contract.DATASET:
                body = _FILES[resource["Properties"]["Sha256"]]
                self.account.lifecycle.put(resource["Properties"]["DestinationKey"], body)
                files[logical_id] = {"VersionId": version_of(body), "Records": body.count(b"\n")}
        for logical_id, resource in stack.resources.items():
            if resource["Type"] in (*contract.SERVING_TYPES, contract.MODEL_CUSTOMIZATION, contract.TRAINING_AWAIT):
                made[logical_id] = Resource(resource["Type"], _played(resource["Properties"], files))
        return made


class _Views(Views):
    """What CloudFormation says of the stacks: their templates as they were deployed, and what Foundation exports."""

    def __init__(self, deployments: Deployments) -> None:
        super().__init__(deployments.account)
        self._bodies = deployments.bodies

    def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803
        assert TemplateStage == "Original"
        return {"TemplateBody": self._bodies[StackName]}

    def _stacks(self, name: str | None) -> Iterator[dict[str, Any]]:
        for page in super()._stacks(name):
            (stack,) = page["Stacks"]
            outputs = self._bodies[stack["StackName"]].get("Outputs", {}).values()
            names = [its["Export"]["Name"] for its in outputs if "Export" in its]
            exports = [{"ExportName": its, "OutputValue": _played({"Fn::ImportValue": its}, {})} for its in names]
            yield {**page, "Stacks": [{**stack, "Outputs": exports}]}


class _Aws(Aws):
    def __init__(self, deployments: Deployments) -> None:
        super().__init__(deployments.account)
        self.views = _Views(deployments)


@dataclass(frozen=True)
class _State:
    """What there is, and what the meter has counted."""

    jobs: set[str]
    throughputs: set[tuple[str, int]]
    deployments: set[str]
    serving: set[str]
    models: set[str]
    swaps: int


def _played(value: Any, files: Mapping[str, Mapping[str, Any]]) -> Any:
    match value:
        case {"Fn::ImportValue": str(name)}:
            return next((known for part, known in _EXPORTED.items() if part in name), "arn:aws:any:::thing")
        case {"Ref": str(name)}:
            return {"AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": "aws"}[name]
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return files[name].get(attribute, "any") if name in files else Ref(name, attribute)
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(str(_played(part, files)) for part in parts)
        case Mapping():
            return {name: _played(each, files) for name, each in value.items() if name != "ServiceToken"}
        case list():
            return [_played(each, files) for each in value]
        case _:
            return value


@contextmanager
def _recorded(actions: set[tuple[str, type]]) -> Iterator[None]:
    """Note the rows that decide, each with the kind of its action."""

    def decide(table: Sequence[DecisionRow[Any, Any]], facts: Any) -> Any:
        row = next(row for row in table if row.when(facts))
        action = row.then(facts)
        actions.add((row.id, type(action)))
        return action

    patches = [mock.patch.object(module, "decide", decide) for module in _DECIDE_IN]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()
