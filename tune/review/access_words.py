"""What is allowed now and was not, in words."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from tune.review.assembly import StackTemplate
from tune.review.conditions import Test
from tune.review.findings import FindingClass, ReviewFinding
from tune.review.grants import AccessChange, ExampleRequest, Grant, Patterns
from tune.review.patterns import ANYTHING
from tune.review.policies import LOGS_IN, RUNS, SENDS, THROUGH
from tune.review.roles import Acting
from tune.review.statements import EVERYBODY, public_part
from tune.terminal.counting import counted
from tune.terminal.escaped import shortened

TRUST: Final = "trust of "
# Conditions that say for whom a service acts, and of which account everybody is.
_ON_BEHALF: Final = ("sourceaccount", "sourcearn", "aws:sourceaccount", "aws:sourcearn")
_OF_ACCOUNT: Final = ("aws:principalaccount", "kms:calleraccount")
_PRINCIPAL: Final = "aws:principalarn"
_ACCOUNT: Final = re.compile(r"(?:^|:)(\d{12})(?::|$)")
_NOT_KNOWN: Final = re.compile(r"<(?:parameter|Fn::)")
_REFERENCE: Final = re.compile(r"<(\w+)((?:\.\w+)*)>")
# What the CDK calls an export of its own: the producer's resource, its attribute, and a digest.
_EXPORT: Final = re.compile(r"<import [\w-]*?(\w+):ExportsOutput(?:FnGetAtt|Ref)(\w+?[0-9A-F]{8})(\w*?)[0-9A-F]{8}>")
_MOST_SHOWN: Final = 3
_MOST_OF_A_TEXT: Final = 160
_WITHOUT_POLICY: Final = {
    LOGS_IN: "{its} is a new way to log in: {what}",
    RUNS: "{its} runs code of {who}",
    SENDS: "{its} sends to {who}",
}


class Teller:
    """Says in findings what was found of a stack."""

    def __init__(self, before: StackTemplate | None, after: StackTemplate) -> None:
        self._before = before
        self._after = after
        self._account = after.account

    def is_special(self, statement: Sequence[Grant]) -> bool:
        """Tell whether a reviewer looks for it even where all is new: strangers, wildcards, what cannot be compared."""
        return any(
            self._is_strange(its)
            or not its.is_understood
            or str(its.action) in (LOGS_IN, RUNS)
            or (not its.principal.patterns[0] and _is_wide(its))
            for its in statement
        )

    def wider(self, new: Sequence[Grant], requests: Mapping[Grant, ExampleRequest], *, is_sure: bool) -> ReviewFinding:
        """Return the finding of what a statement newly allows; `is_sure` tells whether it depends on no condition."""
        some = new[0]
        strange = {self._who(its) for its in new if self._is_strange(its)}
        # Those of other accounts first: whoever is not shown must not be one of them alone.
        who = _listed(sorted({self._who(its) for its in new}, key=lambda its: (its not in strange, its)))
        keys = sorted({self._key(test) for its in new for test in its.tests})
        under = f", under conditions on {', '.join(keys)}" if keys else ""
        says = f"{who} may call {self._what(new)}{under}"
        example = f"for example {self._example(requests[some])}"
        if str(some.action) in _WITHOUT_POLICY:
            its, what = self._told(some.holder.removeprefix(f"{SENDS} ")), self._told(some.resource)
            says = _WITHOUT_POLICY[str(some.action)].format(its=its, who=who, what=what)
            example = ""
        elif not some.is_understood:
            says = f"{who} gets permissions that cannot be compared: {self._told(some.action)}"
        return self._finding(
            new, says, self._class_of(new), was="not allowed", now="allowed", source=example, is_sure=is_sure
        )

    def less_denied(self, missed: Sequence[Grant], answers: AccessChange, *, is_sure: bool) -> ReviewFinding:
        """Return the finding of what a statement of the base denies and the head does not, or only in part."""
        some = missed[0]
        who = _listed(sorted({self._who(its) for its in missed}))
        is_part = answers.partly.issuperset(missed)
        says = f"{who} is {'denied less of' if is_part else 'no longer denied'} {self._what(missed)}"
        if not some.is_understood:
            says = f"a denial for {who} is removed or different: {self._told(some.action)}"
        now = "denied in part" if is_part else "not denied"
        example = f"for example {self._example(answers.no_longer_denied[some])}"
        finding_class = self._class_of(answers.opened)
        return self._finding(missed, says, finding_class, was="denied", now=now, source=example, is_sure=is_sure)

    def new(self, holder: str, found: Sequence[Grant], *, is_sure: bool) -> ReviewFinding:
        """Return the one finding of a new holder; of a new stack where `holder` is empty."""
        what = counted(len(found), "permission")
        holders = {its.holder.removeprefix(TRUST) for its in found}
        says = f"the stack is new, with {counted(len(holders), 'holder')} of {what}"
        if holder:
            says = f"{self._told(holder)} is new, with {what}"
        path = found[0].path if holder else ""
        return self._finding(found, says, path=path, was="not allowed", now="allowed", is_sure=is_sure)

    def acts(self, its: Acting, answers: AccessChange | None, *, is_sure: bool) -> Iterator[ReviewFinding]:
        """Yield the finding of a resource whose other role may more; `answers` is None where none can be given."""
        was, now = self._told(its.was) if its.was else "", self._told(its.now)
        says = f"{self._told(its.name)} acts as {now}{f' instead of {was}' if was else ''}"
        if answers is None:
            says = f"{says}: what that role may do cannot be compared"
            yield self._after.finding(its.path, "widens", says, certainty="unknown", was=was, now=now)
            return
        more, less = sorted(answers.allowed, key=repr), sorted(answers.no_longer_denied, key=repr)
        newly = [f"which may newly {self._what(more)}"] if more else []
        newly += [f"which is not denied {self._what(less)}"] if less else []
        if newly:
            says = ", ".join((says, *newly))
            yield self._finding([*more, *less], says, path=its.path, is_sure=is_sure, was=was, now=now)

    def not_compared(self, found: Sequence[Grant]) -> ReviewFinding:
        """Return the finding of a holder whose permissions could not be compared in time."""
        says = f"the permissions of {self._told(found[0].holder)} overlap too much to be compared"
        return self._finding(found, says, self._class_of(found), is_sure=False)

    def _class_of(self, found: Iterable[Grant]) -> FindingClass:
        return "shares" if any(not its.is_denial and self._is_strange(its) for its in found) else "widens"

    def _finding(
        self,
        found: Sequence[Grant],
        says: str,
        finding_class: FindingClass = "widens",
        *,
        is_sure: bool,
        path: str | None = None,
        **more: str,
    ) -> ReviewFinding:
        is_known = is_sure and all(its.is_understood and not _NOT_KNOWN.search(repr(its)) for its in found)
        return self._after.finding(
            found[0].path if path is None else path,
            finding_class,
            says,
            certainty="will" if is_known else "unknown",
            details=tuple(map(self._detail, found)),
            **more,
        )

    def _what(self, found: Sequence[Grant]) -> str:
        actions = list(dict.fromkeys(self._told(its.action) for its in found))
        return f"{_listed(actions)} on {_listed(sorted({self._told(its.resource) for its in found}))}"

    def _detail(self, grant: Grant) -> str:
        verb = "was denied" if grant.is_denial else "may call"
        what = f"{self._told(grant.action)} on {self._told(grant.resource)}"
        return f"{self._who(grant)} {verb} {what}{''.join(self._conditions(grant))}"

    def _conditions(self, grant: Grant) -> Iterator[str]:
        for test in sorted(grant.tests, key=repr):
            yield f", if {test.key} {test.operator} {self._short(' or '.join(test.values))}"
        for name, value in sorted(grant.guards):
            yield f", if {name.partition(' ')[0]} is {str(value).lower()}"

    def _key(self, test: Test) -> str:
        """Return on what a condition is, and whom it names, since that is what a reviewer decides about."""
        names = f" ({', '.join(map(self._short, test.values))})" if test.key.lower() == _PRINCIPAL else ""
        return f"{test.key}{names}"

    def _example(self, request: ExampleRequest) -> str:
        whom = "anybody" if request.principal.endswith(ANYTHING) else self._whom(request.principal)
        who = f" by {whom}" if request.principal else ""
        where = f" with {', '.join(map(self._short, request.context))}" if request.context else ""
        return f"{request.action} on {self._short(request.resource) or 'it'}{who}{where}"

    def _who(self, grant: Grant) -> str:
        told = ", ".join(self._whom(its) for its in grant.principal.patterns if its)
        return f"{'all but ' * grant.principal.is_negated}{told or self._short(grant.holder)}"

    def _whom(self, principal: str) -> str:
        kind, _, address = principal.partition(" ")
        if kind == "address":
            return f"{kind} {public_part(address)}"
        return "everybody" if principal == EVERYBODY else self._named(principal)

    def _told(self, part: Patterns | str) -> str:
        return self._short(str(part)) or "it"

    def _short(self, text: str) -> str:
        """Return a text with constructs by their names, and without what all ARNs of the account have."""
        of_stack = _EXPORT.sub(lambda its: f"<{its[1]}: {'.'.join(filter(None, its.groups()[1:]))}>", self._named(text))
        named = re.sub(r"arn:(?:aws[\w-]*|<AWS::Partition>):", "", of_stack)
        return named.replace("<AWS::Region>", "").replace("<AWS::AccountId>", "").replace(f":{self._account}:", "::")

    def _named(self, text: str) -> str:
        return _REFERENCE.sub(lambda its: f"<{self._path_of(its[1])}{its[2]}>", text)

    def _path_of(self, logical_id: str) -> str:
        path = self._after.path_of(logical_id)
        return self._before.path_of(logical_id) if self._before and path == logical_id else path

    def _is_strange(self, grant: Grant) -> bool:
        """Tell whether everybody, another account or an address is let in: itself, or by a service that acts for it."""
        if grant.holder.startswith(THROUGH):
            return False
        if grant.principal.is_negated:
            return True
        kind, _, value = grant.principal.patterns[0].partition(" ")
        values = {
            test.key.lower(): test.values for test in grant.tests if not test.is_negated and _is_plain(test.operator)
        }
        match kind:
            case "CanonicalUser" | "address" | "bucket":
                return True
            case "AWS" if value == "*":
                return not any(set(values.get(key, ())) == {self._account} for key in _OF_ACCOUNT)
            case "AWS" if ":organizations:" in value:
                return True
            case "AWS" | "Federated":
                return self._is_of_another(value)
        return bool(kind) and any(self._is_of_another(its) for key in _ON_BEHALF for its in values.get(key, ()))

    def _is_of_another(self, value: str) -> bool:
        named = _ACCOUNT.search(value)
        return named is not None and named[1] != self._account


def _is_plain(operator: str) -> bool:
    """Tell whether an operator asks for the key to be there."""
    return not operator.endswith("IfExists") and ":" not in operator


def _is_wide(grant: Grant) -> bool:
    """Tell whether a grant is of all actions of a service, or on all resources."""
    return (
        grant.action.is_negated
        or grant.resource.is_negated
        or any(each == "*" or each.endswith(":*") for each in grant.action.patterns)
        or "*" in grant.resource.patterns
    )


def _listed(texts: Sequence[str]) -> str:
    shown = ", ".join(shortened(each, _MOST_OF_A_TEXT) for each in texts[:_MOST_SHOWN])
    return f"{shown} and {len(texts) - _MOST_SHOWN} more" if len(texts) > _MOST_SHOWN else shown
