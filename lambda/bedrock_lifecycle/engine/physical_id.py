"""Physical ids that say what they are: kind, version of the form, and the name of the thing.

An id that parses as ours is authoritative on a delete. A foreign one is met in practice: CloudFormation makes up
an id of its own when it cancels a create before our answer arrived.
"""

from dataclasses import dataclass

_VERSION = "v1"
# CloudFormation's bound for PhysicalResourceId is 1,024 bytes; our names are at most 63 characters.
_SEPARATOR = "/"


@dataclass(frozen=True)
class PhysicalId:
    kind: str
    name: str

    def __str__(self) -> str:
        return _SEPARATOR.join((self.kind, _VERSION, self.name))

    @classmethod
    def parse(cls, text: str | None) -> "PhysicalId | None":
        """Return the parts of an id of ours, or None for any other."""
        parts = (text or "").split(_SEPARATOR)
        if len(parts) != 3 or parts[1] != _VERSION or not parts[0] or not parts[2]:
            return None
        return cls(kind=parts[0], name=parts[2])

    @classmethod
    def named(cls, text: str | None, kind: str) -> str | None:
        """Return the name in an id of this kind of ours, or None for any other."""
        known = cls.parse(text)
        return known.name if known and known.kind == kind else None
