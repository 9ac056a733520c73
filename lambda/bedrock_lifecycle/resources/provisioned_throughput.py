"""Drives `Custom::BedrockProvisionedThroughput`: observes, asks the decision tables, acts once."""

import dataclasses
from typing import Any

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions import provisioned_throughput as table
from bedrock_lifecycle.decisions.actions import Create, Delete, Done, Refuse, Retag, Swap, Wait
from bedrock_lifecycle.decisions.observed import Throughput
from bedrock_lifecycle.decisions.table import decide
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.outcome import Failed, Outcome, Settled, Waiting
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.properties import Properties
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.preflight.asked import PurchaseAsked
from bedrock_lifecycle.preflight.facts import Place
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.preflight.report import NOTHING, Report
from bedrock_lifecycle.resources.bedrock import Bedrock, as_list, owner_tags, tags_gone
from bedrock_lifecycle.resources.model_customization import elapsed, request_token
from bedrock_lifecycle.resources.retirement import Retirement
from bedrock_lifecycle.resources.training import training_name

KIND = "provisioned-throughput"
_NOT_NOW = frozenset({"ConflictException", "ValidationException"})


def name_of(properties: Properties) -> str:
    """Return the name of the throughput that properties describe; what cannot change in place is part of it."""
    return contract.throughput_name(
        name=properties.text("Name"),
        environment=properties.text("Environment"),
        base_model=properties.text("BaseModel"),
        model_units=properties.integer("ModelUnits"),
        commitment_duration=properties.optional_text("CommitmentDuration"),
    )


def physical_id(request: Request) -> PhysicalId:
    return PhysicalId(KIND, name_of(request.properties))


class ProvisionedThroughput:
    """One throughput, and the custom model that it serves."""

    def __init__(self, bedrock: Bedrock, preflight: Preflight) -> None:
        self._bedrock = bedrock
        self._preflight = preflight
        self._retirement = Retirement(bedrock)

    def reconcile(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        request = turn.request
        if request.request_type == "Delete":
            return self._delete_all(turn)
        present = PhysicalId.parse(request.physical_id)
        held = {name_of(request.properties), *([present.name] if present else [])}
        for name in self._leftovers(turn, held=held):
            outcome = self._remove(turn, name)
            if isinstance(outcome, Waiting):
                return outcome
        return self._provide(turn)

    def undo(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        return self._remove(turn, turn.entry.created)

    def _delete_all(self, turn: Turn) -> Outcome:
        """Delete the one that the request names, and with the whole stack also what an interrupted update left."""
        # An id that CloudFormation made up names nothing: then the properties do.
        name = PhysicalId.named(turn.request.physical_id, KIND) or name_of(turn.request.properties)
        names = [name, *(self._leftovers(turn, held={name}) if turn.stack_goes else ())]
        detach = turn.request.properties.flag("DetachWhenCommitted", default=False)
        outcomes = [self._remove(turn, each, detach=detach) for each in names]
        unsettled = [outcome for outcome in outcomes if not isinstance(outcome, Settled)]
        return next((outcome for outcome in unsettled if isinstance(outcome, Waiting)), [*unsettled, *outcomes][0])

    def _leftovers(self, turn: Turn, held: set[str]) -> list[str]:
        """Return the throughputs of this very resource that nobody holds any more.

        CloudFormation forgets what a failed or cancelled update made, and does not repeat a clean-up delete that
        failed. What carries this stack's owner tag and this resource's name bills for nothing then.
        """
        wanted = held_by(turn.request.stack_owner, turn.request.logical_id)
        return [
            summary["provisionedModelName"]
            for summary in self._bedrock.throughput_summaries()
            if summary["provisionedModelName"] not in held
            and wanted.items() <= self._bedrock.tags(summary["provisionedModelArn"]).items()
        ]

    def _provide(self, turn: Turn) -> Outcome:
        facts = self._observe(turn)
        match decide(table.PRESENCE, facts):
            case Refuse(reason):
                return Failed(reason)
            case Wait(detail):
                return Waiting(detail)
            case Create():
                return self._create(turn, facts)
            case Swap():
                self._swap(facts)
                return Waiting(f"Provisioned Throughput {facts.name} is being moved to the new model")
            case Retag():
                self._retag(facts)
        if facts.model:
            self._retirement.retire(turn.request)
        return _settled(facts)

    def _observe(self, turn: Turn) -> table.Presence:
        properties = turn.request.properties
        name, training = name_of(properties), training_name(properties)
        model = self._bedrock.model(training)
        job = self._bedrock.job(training) if model is None else None
        return table.Presence(
            name=name,
            owner=turn.request.stack_owner,
            resource=turn.request.logical_id,
            made_here=name in turn.made,
            rolling_back=turn.is_rollback,
            training_name=training,
            model=model,
            job=job,
            job_ran=elapsed(job, turn.now) if job else "",
            found=self._bedrock.throughput(name),
            replaced=self._replaced(turn.request, name),
            now=turn.now,
            tags=tags_of(properties, owner=turn.request.stack_owner, logical_id=turn.request.logical_id),
            tags_gone=tags_gone(turn.request.old_properties.mapping("Tags"), properties.mapping("Tags")),
        )

    def _replaced(self, request: Request, name: str) -> Throughput | None:
        present = PhysicalId.parse(request.physical_id)
        if request.request_type != "Update" or present is None or present.name == name:
            return None
        return self._bedrock.throughput(present.name)

    def _create(self, turn: Turn, facts: table.Presence) -> Outcome:
        if facts.model is None:
            raise AssertionError("nothing is bought without a model")
        properties = turn.request.properties
        # A rollback runs no gate: it takes back what was there.
        looked = NOTHING if facts.rolling_back else self._look(turn)
        if looked.problems:
            return Failed(f"{looked.refusal()}; nothing was bought")
        optional: dict[str, Any] = {}
        if commitment_duration := properties.optional_text("CommitmentDuration"):
            optional["commitmentDuration"] = commitment_duration
        turn.about_to_create(facts.name)
        self._bedrock.client.create_provisioned_model_throughput(
            provisionedModelName=facts.name,
            modelId=facts.model.arn,
            modelUnits=properties.integer("ModelUnits"),
            # With the request in it: a token of the name alone would be "already served" for a name used before.
            clientRequestToken=request_token(f"{facts.name}/{turn.request.request_id}"),
            tags=as_list(facts.tags),
            **optional,
        )
        return Waiting(f"Provisioned Throughput {facts.name} is being created {looked.remark()}".rstrip())

    def _look(self, turn: Turn) -> Report:
        asked, place = PurchaseAsked.read(turn.request.properties), Place.of(turn.request.stack_id)
        return self._preflight.purchase(asked, place, turn.now, fresh=turn.waited < aws_errors.PROPAGATION)

    def _swap(self, facts: table.Presence) -> None:
        if facts.model is None:
            return
        try:
            self._bedrock.client.update_provisioned_model_throughput(
                provisionedModelId=facts.name, desiredModelId=facts.model.arn
            )
        except ClientError as error:
            # A swap whose answer was lost is met again as "cannot be updated now": what it is doing decides.
            found = self._bedrock.throughput(facts.name)
            under_way = found and (found.status == "Updating" or found.desired_model_arn == facts.model.arn)
            if aws_errors.code(error) not in _NOT_NOW or not under_way:
                raise

    def _retag(self, facts: table.Presence) -> None:
        if facts.found and facts.tags:
            self._bedrock.retag(facts.found.arn, facts.tags, facts.tags_gone)

    def _remove(self, turn: Turn, name: str, *, detach: bool = False) -> Outcome:
        facts = table.Absence(
            name=name,
            owner=turn.request.stack_owner,
            resource=turn.request.logical_id,
            made_here=name in turn.made,
            found=self._bedrock.throughput(name),
            now=turn.now,
            detach=detach,
        )
        decision = decide(table.ABSENCE, facts)
        if isinstance(decision, Delete):
            if self._delete(name, facts):
                return Waiting(f"Provisioned Throughput {name} is being deleted")
            facts = dataclasses.replace(facts, refused=True)
            decision = decide(table.ABSENCE, facts)
        match decision:
            case Wait(detail):
                return Waiting(detail)
            case Refuse(reason):
                return Failed(reason)
            case Done(detail):
                if facts.refused and facts.found:
                    self._detach(facts.found)
                return Settled(detail=detail)
        raise AssertionError("an absence deletes, waits, refuses or is done")

    def _detach(self, found: Throughput) -> None:
        # Without its owner tag no later clean-up takes it for a leftover.
        self._bedrock.client.untag_resource(resourceARN=found.arn, tagKeys=[contract.TAG_OWNER])

    def _delete(self, name: str, facts: table.Absence) -> bool:
        """Delete it; False when Bedrock does not allow it at present.

        The API reference gives ConflictException for a commitment. With what Bedrock refuses a throughput that is
        still Creating, or whether it does, is not established, so a validation error there counts as "not now" too.
        """
        try:
            self._bedrock.client.delete_provisioned_model_throughput(provisionedModelId=name)
        except ClientError as error:
            if _is_refused_for_now(error, facts):
                return False
            if not aws_errors.is_not_found(error):
                raise
        return True


def _is_refused_for_now(error: ClientError, facts: table.Absence) -> bool:
    if aws_errors.code(error) == "ConflictException":
        return True
    in_between = facts.found is not None and facts.found.status in ("Creating", "Updating")
    committed = table.committed(facts.found, facts.now)
    return aws_errors.code(error) == "ValidationException" and (in_between or committed)


def held_by(owner: str, logical_id: str) -> dict[str, str]:
    """Return the tags by which a throughput tells the resource that holds it."""
    return {contract.TAG_OWNER: owner, contract.TAG_RESOURCE: logical_id}


def tags_of(properties: Properties, *, owner: str, logical_id: str) -> dict[str, str]:
    """Return the tags that the throughput of a resource carries."""
    environment, own = properties.text("Environment"), properties.mapping("Tags")
    return {**owner_tags(owner=owner, environment=environment, own=own), **held_by(owner, logical_id)}


def _settled(facts: table.Presence) -> Settled:
    arn = facts.found.arn if facts.found else ""
    model_arn = facts.model.arn if facts.model else ""
    return Settled({"ProvisionedModelArn": arn, "ProvisionedModelName": facts.name, "ModelArn": model_arn})
