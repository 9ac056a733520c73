"""GitHub Actions for a whole workflow: which jobs are due, which wait for a reviewer, what the schedule starts."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.support.github_jobs import Ended, Jobs, Kill, holds
from tests.support.github_runs import TOKEN, GitHub

_EVERY_15_MINUTES: Final = "*/15 * * * *"
_EVERY_NIGHT: Final = "17 3 * * *"

Credentials = Callable[[str, str], Mapping[str, str]]
"""From an environment of GitHub and a role's ARN to the variables of a job there that has assumed it."""


class Run:
    """A run of a workflow: its jobs in the order of the file, each as soon as what it needs has ended."""

    def __init__(self, runs: "Runs", number: str, event: Mapping[str, str], only: str = "") -> None:
        self._runs = runs
        self._only = only
        self.number = number
        self._event = {"github.sha": runs.commit, "github.token": TOKEN, **event}
        self.ended: dict[str, Ended] = {}
        self.skipped: list[str] = []
        self.waiting: list[str] = []

    def approve(self, environment: str) -> None:
        """Let a reviewer approve what waits in an environment of GitHub, and go on."""
        (job,) = (each for each in self.waiting if self._runs.jobs_of[each]["environment"] == environment)
        self.waiting.remove(job)
        self.ended[job] = Ended()
        self.go_on()

    def go_on(self, kill: Kill | None = None) -> None:
        """Run what can run now."""
        for name, job in self._runs.jobs_of.items():
            needs = job.get("needs", [])
            needs = [needs] if isinstance(needs, str) else needs
            if name in (*self.ended, *self.skipped, *self.waiting):
                continue
            if any(each not in (*self.ended, *self.skipped) for each in needs):
                continue
            if not self._is_due(job.get("if", ""), needs):
                self.skipped.append(name)
            elif str(job.get("environment", "")).endswith("-approval"):
                self.waiting.append(name)
            else:
                its_kill = kill if kill and any(step.get("name") == kill.step for step in job["steps"]) else None
                self.ended[name] = self._ended(name, job, its_kill)

    def known(self, needs: list[str]) -> dict[str, str]:
        """Return the values of expressions, by what has ended."""
        found = dict(self._event)
        for each in needs:
            if each in self.skipped:
                found[f"needs.{each}.result"] = "skipped"
            elif its := self.ended.get(each):
                found[f"needs.{each}.result"] = "failure" if its.failed or its.killed else "success"
                found |= {f"needs.{each}.outputs.{name}": value for name, value in its.outputs.items()}
        return found

    def _ended(self, name: str, job: Mapping[str, Any], kill: Kill | None) -> Ended:
        needs = job.get("needs", [])
        known = self.known([needs] if isinstance(needs, str) else needs)
        (matrix,) = job["strategy"]["matrix"].values() if "strategy" in job else ([{}],)
        ended = Ended()
        for each in (its for its in matrix if not self._only or its["environment"] == self._only):
            environment = str(each.get("environment", job.get("environment", "")))
            values = known | {f"matrix.{key}": str(value) for key, value in each.items()}
            values["vars.DEPLOY_ROLE"] = self._runs.roles.get(environment, "")

            def credentials(role: str, its: str = environment) -> Mapping[str, str]:
                return self._runs.credentials(its, role)

            ended = self._runs.jobs.run(name, run=self.number, known=values, credentials=credentials, kill=kill)
            if ended.failed:
                break
        return ended

    def _is_due(self, condition: str, needs: list[str]) -> bool:
        known = self.known(needs)
        whole = " ".join(condition.split()).removeprefix("${{").removesuffix("}}")
        # Without a function of the status, a job runs only where all that it needs has succeeded.
        if "cancelled()" not in whole and any(known[f"needs.{each}.result"] != "success" for each in needs):
            return False
        return not whole or holds(whole, known, cancelled=False)


class Runs:
    """The runs of a workflow, each of the same commit.

    roles: The variable `DEPLOY_ROLE` of each environment of GitHub.
    """

    def __init__(
        self,
        workflow: Mapping[str, Any],
        jobs: Jobs,
        github: GitHub,
        *,
        commit: str,
        roles: Mapping[str, str],
        credentials: Credentials,
    ) -> None:
        self.jobs_of: Mapping[str, Any] = workflow["jobs"]
        self.jobs = jobs
        self.commit = commit
        self.roles = roles
        self.credentials = credentials
        self._github = github
        self._count = 0
        github.commits.append(commit)

    def push(self, kill: Kill | None = None) -> Run:
        """Push the commit."""
        return self._run({"github.event_name": "push"}, kill)

    def tick(self, kill: Kill | None = None) -> list[Run]:
        """Let 15 minutes be over, and return the runs that the schedule starts."""
        self._github.dispatched.clear()
        self._run({"github.event_name": "schedule", "github.event.schedule": _EVERY_15_MINUTES})
        inputs = [each["inputs"]["environment"] for each in self._github.dispatched]
        return [
            self._run({"github.event_name": "workflow_dispatch", "inputs.environment": its}, kill) for its in inputs
        ]

    def night(self, only: str) -> Run:
        """Let it be night, and look at only one of the environments."""
        return self._run({"github.event_name": "schedule", "github.event.schedule": _EVERY_NIGHT}, only=only)

    def _run(self, event: Mapping[str, str], kill: Kill | None = None, only: str = "") -> Run:
        self._count += 1
        run = Run(self, str(self._count), event, only)
        run.go_on(kill)
        return run
