"""What Provisioned Throughputs and custom model deployments have in common: the facts about what serves a model.

There are two tables for each: one for what shall exist (`Presence`), one for what shall not (`Absence`). The rows that
are the same for both stand in `serving_presence` and `serving_absence`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions.actions import Adopt, Create, Delete, Done, Refuse, Retag, Swap, Wait
from bedrock_lifecycle.decisions.gate_verdict import GateVerdict
from bedrock_lifecycle.decisions.observed import Job, Model, Served

Action = Adopt | Create | Delete | Done | Refuse | Retag | Swap | Wait


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One way to serve a model, in the words of its messages and of its tables' columns.

    row: what the ids of its rows begin with.
    noun, thing: its name in messages, and in a table.
    in_service: the status in which it serves.
    make, made: what a creation is called.
    delete_command: the AWS CLI's command that deletes it, but for its name.
    standing, as_before, failed: who pays while it stands, while it is changed, and when it has failed.
    """

    row: str
    noun: str
    thing: str
    in_service: str
    make: str
    made: str
    standing: str
    as_before: str
    delete_command: str
    failed: str

    @property
    def nothing_made(self) -> str:
        """What a refusal says of the money."""
        return f"nothing was {self.made}"

    def unseen(self, facts: "Presence | Absence") -> str:
        """What is waited for when the owner tag is not seen, and what to do when somebody took it off."""
        return (
            f"the owner tag of {self.noun} {facts.name} is not seen: wait, since it may still appear; if somebody "
            f"removed it, run `{hand_over(facts)}`"
        )


@dataclass(frozen=True)
class Retained:
    """What an earlier stack of the same name left, in words, and the command that deletes it."""

    what: str
    arn: str
    delete: str


@dataclass(frozen=True, kw_only=True)
class Presence:
    """Something that shall exist and serve a model: that of a training run, or one that is given by its ARN.

    `resource` is what the resource tag says; `made_here` tells whether a request of this resource set out to create it;
    `is_pending` whether another request did so minutes ago; `retained` is what an earlier stack of this name left;
    `arn_before` is the ARN of what served last under this name; `model_may_appear` tells whether a model that is not
    seen may be there all the same.
    """

    name: str
    owner: str
    resource: str = ""
    made_here: bool = False
    rolling_back: bool = False
    training_name: str = ""
    given_model: str = ""
    giver: str = ""
    """The environment that trained the model, where it was promoted."""
    base_model: str = ""
    model: Model | None
    job: Job | None = None
    job_ran: str = ""
    job_is_late: bool = False
    """Whether the training should have begun by now, and has not."""
    model_may_appear: bool = False
    found: Served | None = None
    held_by: str = ""
    """The other resource of this stack that holds what is found, as CloudFormation has it."""
    is_pending: bool = False
    is_going: bool = False
    """Whether AWS was asked minutes ago to delete what has the name: then it may go although it is seen."""
    retained: tuple[Retained, ...] = ()
    arn_before: str = ""
    gate: GateVerdict | None = None
    """What a gate says of the model that is about to be made, bought or moved to; None where nobody asks for one."""
    tags: Mapping[str, str] = field(default_factory=dict)
    tags_gone: frozenset[str] = frozenset()

    @property
    def arn(self) -> str:
        """The ARN of what serves, or of what is lost; its name when nobody knows that ARN any more."""
        return self.found.arn if self.found else self.arn_before or self.name

    @property
    def wanted_model(self) -> str:
        """The model that is to be served, in words."""
        return (
            f"custom model {self.given_model}"
            if self.given_model
            else f"the model of training run {self.training_name}"
        )


@dataclass(frozen=True, kw_only=True)
class Absence:
    """Something that shall not exist."""

    name: str
    owner: str
    resource: str = ""
    made_here: bool = False
    may_appear: bool = False
    """Whether it was set out to be created minutes ago: then it may exist although it is not seen."""
    found: Served | None
    held_by: str = ""
    """See `Presence`."""
    is_as_found: bool = False
    """Whether it was there before the create that is taken back, which has not changed it."""
    refused: bool = False
    """Whether Bedrock has just refused to delete it, and in which words."""
    refusal: str = ""

    @property
    def is_let_go(self) -> bool:
        """Whether it has lost its owner tag by our own hand."""
        return False


Present = TypeVar("Present", bound=Presence)
Absent = TypeVar("Absent", bound=Absence)


def hand_over(facts: Presence | Absence) -> str:
    """Return the command that gives what exists to the stack and resource of the facts."""
    tags = {contract.TAG_OWNER: facts.owner, contract.TAG_RESOURCE: facts.resource}
    given = " ".join(f"key={key},value={value}" for key, value in tags.items())
    arn = facts.found.arn if facts.found else facts.name
    return f"aws bedrock tag-resource --resource-arn {arn} --tags {given}{region_option(arn)}"


def region_option(arn: str) -> str:
    """Return what lets a command go to the Region of an ARN, whichever Region is the default where it is run."""
    return "".join(f" --region {region}" for region in arn.split(":")[3:4])


def is_unseen(facts: Presence | Absence) -> bool:
    """Tell whether the owner tag of what was made here is not there: not seen yet, or taken off by somebody."""
    return facts.made_here and is_without_owner(facts) and not was_let_go(facts)


def was_let_go(facts: Presence | Absence) -> bool:
    """Tell whether a stack let it go inside its commitment, and no stack has taken it up since."""
    return is_without_owner(facts) and facts.found is not None and contract.TAG_LET_GO in facts.found.tags


def is_to_be_taken_back(facts: Presence) -> bool:
    """Tell whether it was this very stack and resource that let it go."""
    let_go_by = facts.found.tags.get(contract.TAG_LET_GO) if facts.found else None
    return was_let_go(facts) and let_go_by == facts.owner and not other_holder(facts)


def is_without_owner(facts: Presence | Absence) -> bool:
    return facts.found is not None and contract.TAG_OWNER not in facts.found.tags


def other_holder(facts: Presence | Absence) -> str:
    """Return the other resource of this stack that holds it, if one does: by its tag, or as CloudFormation has it."""
    holder = facts.found.tags.get(contract.TAG_RESOURCE, facts.resource) if facts.found else facts.resource
    return facts.held_by if holder == facts.resource else holder


def is_foreign(facts: Presence | Absence) -> bool:
    return facts.found is not None and facts.found.tags.get(contract.TAG_OWNER) != facts.owner


def state(facts: Presence | Absence) -> str:
    """Return the status in a word, nothing when there is none."""
    return facts.found.state if facts.found else ""
