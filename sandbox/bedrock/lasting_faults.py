"""Ways of the service that nobody promises away, on demand: each lasts until the faults are cleared."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sandbox.bedrock.phases import DELETING

Kind = Literal["job", "model", "throughput", "deployment"]
Where = Literal["get", "list", "tags"]


@dataclass
class UnseenFault:
    """What was created is not seen for a while, though it is there, and bills, from its creation on.

    `get` is every operation that names what it is about, updates and deletes among them; in `list` it is left out, in
    `tags` it has none. A model is created when its job is Completed. That AWS has such a time is not established; that
    a create is not blind in it (the name is taken, the token known, the model found) is assumed.
    """

    where: Where
    seconds: int
    kind: Literal["any", "job", "model", "throughput", "deployment"] = "any"

    def hides(self, kind: Kind, where: Where, age: timedelta) -> bool:
        """Tell whether a thing of this kind and age is not seen there."""
        return self.where == where and self.kind in ("any", kind) and age < timedelta(seconds=self.seconds)


@dataclass
class NotThereFault:
    """An operation says with another error than ResourceNotFoundException that what it was asked about is not there.

    With which one each operation of AWS says so of a name is not established.
    """

    operation: str
    error: str = "ValidationException"
    message: str = "The provided model identifier is invalid."


@dataclass
class OmissionFault:
    """Members that the service model does not require are left out of an operation's answers, also inside of lists.

    A list with something in it stays, for without it the answer would not say less but something else; what must stay
    for such a reason besides is named by `keep`. With `members` those alone are left out, a full list among them
    unless `even_if_full` is False.
    """

    operation: str
    members: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    even_if_full: bool = True

    def drops(self, name: str, value: object) -> bool:
        """Tell whether a member that is not required is left out."""
        if self.members:
            return name in self.members and (self.even_if_full or not value)
        return name not in self.keep and not (isinstance(value, list) and value)


@dataclass
class DeletionFault:
    """What was deleted is still shown for a while: as before, or as `Deleting`. To touch it again is refused.

    It bills until the delete was accepted, and answers nobody from then on. That it holds its name, its quota and its
    model until it is gone is assumed, the stricter way. AWS says that a throughput is deleted at once; `Deleting` is in
    no enumeration of the API, public code looks for it all the same.
    """

    seconds: int
    status: Literal["", "Deleting"] = ""
    error: str = "ConflictException"

    @property
    def shown_as(self) -> str | None:
        """The status that is shown, None for the one that it had."""
        return DELETING if self.status else None


@dataclass
class LegacyFault:
    """A base model turns Legacy between a look at it and a create, which answers with an error that does not say so.

    From the next call of `operation` that names it on it is told as LEGACY, and each such call is answered so. A 500
    on a job of a Legacy model was seen in public logs. Without a `model`, it is the one that is named next.
    """

    model: str = ""
    operation: Literal["CreateModelCustomizationJob", "CreateProvisionedModelThroughput"] = (
        "CreateModelCustomizationJob"
    )
    error: str = "InternalServerException"
    message: str = "The server encountered an error processing your request."
    has_turned: bool = False


@dataclass
class AuthorizationFault:
    """The authorization of a foundation model is told as NOT_AUTHORIZED, all else of its availability as there.

    On some accounts this field says nothing: everything works. On others it does: with `enforced`, invocations are
    refused and, which is assumed, jobs. Both were seen by others on live accounts. Without a `model` it is told of
    every one.
    """

    enforced: bool = False
    model: str = ""

    def concerns(self, model_id: str) -> bool:
        """Tell whether it is told of a model, or of the one that it is a variant of."""
        return not self.model or model_id == self.model or model_id.startswith(f"{self.model}:")


LastingFault = UnseenFault | NotThereFault | OmissionFault | DeletionFault | LegacyFault | AuthorizationFault
