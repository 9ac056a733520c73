"""Asks an account every question that is free, and holds the answers against the register."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sandbox.assumptions.register import Assumption, register
from tune.account.aws import Aws
from tune.probe.questions import QUESTIONS, Asking
from tune.probe.reads import Reads, Unanswered
from tune.probe.verdicts import Verdict


@dataclass(frozen=True)
class ProbeFinding:
    """An entry, and what the account has answered."""

    entry: Assumption
    verdict: Verdict

    @property
    def answer(self) -> str | None:
        """The answer, None where there is none."""
        return None if isinstance(self.verdict, Unanswered) else self.verdict

    @property
    def differs(self) -> bool:
        """Whether the account does otherwise than the register has it."""
        return self.answer not in (None, self.entry.holds)


@dataclass(frozen=True)
class Probed:
    """What `tune probe` tells: of a Region, and of nothing else of the account."""

    region: str
    asked: datetime
    findings: tuple[ProbeFinding, ...]

    @property
    def answers(self) -> dict[str, str]:
        """The answers that were given."""
        return {each.entry.id: each.answer for each in self.findings if each.answer is not None}

    @property
    def differing(self) -> tuple[ProbeFinding, ...]:
        """Those that are not the register's."""
        return tuple(each for each in self.findings if each.differs)


def not_asked() -> tuple[Assumption, ...]:
    """Return the entries that only somebody who spends or changes something can answer."""
    return tuple(entry for entry in register().values() if entry.id not in QUESTIONS)


def probe(aws: Aws, region: str, now: datetime) -> Probed:
    """Ask everything that is free, in one Region; raise what botocore raises when the credentials cannot be used."""
    asking = Asking(Reads(aws), region, f"bedrock-tuning-probe-{secrets.token_hex(6)}")
    findings = (ProbeFinding(register()[name], question.ask(asking)) for name, question in QUESTIONS.items())
    return Probed(region, now, tuple(findings))
