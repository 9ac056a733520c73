"""The mark, a tag's value, of what a policy of the template keeps when it is replaced or removed.

What an update makes in the place of another is CloudFormation's once the update is complete, which no request tells.
Until then its mark holds on a condition. An update that is taken back sends its resource a request, which takes the
mark away; one that goes on to something else makes it hold for good.
"""

from typing import Final

from bedrock_lifecycle.contract import RequestType

FOR_GOOD: Final = "true"
IF_COMPLETE: Final = "if-complete"


def mark(found: str, *, replaces: bool) -> str:
    """Return the mark of what a policy keeps and shall serve; `found` is the one that it has, nothing without one."""
    return found or (IF_COMPLETE if replaces else FOR_GOOD)


def stays(found: str, event: RequestType) -> bool:
    """Tell whether what is marked, and is not what its resource is now, is kept when a request comes.

    A create comes to a resource that its stack no longer had. So what is marked on a condition was removed after its
    update was complete, without a request. To an update or a delete it is what an interrupted update left.
    """
    return found == FOR_GOOD or (found == IF_COMPLETE and event == "Create")
