"""A team's repository whose pipeline promotes: the workflow's own jobs, a host and its API on this machine.

Its jobs deploy without `--detach`, which asks CloudFormation less often, unless they are to run as they stand.
"""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import yaml

from sandbox import cdk
from sandbox.server import Sandbox
from tests.e2e import accounts as three
from tests.e2e.accounts import TOOLS, Accounts, bootstrap_role
from tests.e2e.any_stacks import Stacks
from tests.e2e.project import FAST_POLLING
from tests.e2e.settings_file import NAME
from tests.support.github import BOT, REPOSITORY, WRITES, Comments
from tests.support.github_jobs import Jobs, checkout
from tune.pipeline.deploy import deploy_workflow
from tune.policy.needs import BEYOND_READ_ONLY_ACCESS

AS_IT_STANDS: Final = bool(os.environ.get("PROMOTION_AS_IT_STANDS"))


class Pipeline:
    """A repository, its host, and the jobs of its workflow, which act through the roles of the bootstrap.

    `write` makes the settings, in place of the examples.
    """

    def __init__(self, sandbox: Sandbox, comments: Comments, folder: Path, write: Callable[[Path], None]) -> None:
        self._accounts = Accounts(sandbox)
        self._comments = comments
        self._run = 0
        self._commit = self._digest = ""
        self.checkout = folder / "checkout"
        checkout(self.checkout, lambda made: _begin(made / "environments", write))
        self._git("init", "--quiet", "--bare", str(folder / "host.git"))
        self._git("remote", "add", "origin", str(folder / "host.git"))
        self._git("push", "--quiet", "origin", "main")
        text = deploy_workflow(self.settings)
        if not AS_IT_STANDS:
            assert " --detach -- " in text
            text = text.replace(" --detach -- ", " -- ")
        self._workflow = yaml.safe_load(text)
        variables = {
            "NODE_OPTIONS": f"--require {FAST_POLLING}",
            **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "CDK_OUTPUT"), ""),
            "GITHUB_API_URL": comments.url,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": "1",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        }
        around = {name: its for name, its in cdk.environment(sandbox, variables).items() if its}
        self._jobs = Jobs(self._workflow, self.checkout, folder, around)

    @property
    def settings(self) -> Path:
        return self.checkout / "environments"

    def synth(self) -> Path:
        """Begin a run for what `main` says; return its assembly."""
        self._run += 1
        self._commit = self._git("rev-parse", "HEAD")
        self._digest = self._job("synth")["digest"]
        return self._jobs.artifacts / str(self._run) / "assembly"

    def deploy(self, environment: str) -> None:
        """Run the job until it is done, as the schedule does."""
        while (state := self._job(f"deploy-{environment}")["state"]) != "done":
            assert (state, AS_IT_STANDS) == ("goes_on", True)

    def promote(self, environment: str) -> str:
        """Run the job that proposes, and again, which changes nothing; return the branch that may be merged."""
        before = len(self._comments.pulls)
        self._comments.changes.clear()
        for _ in range(2):
            self._job(f"promote-{environment}")
            # What the next job checks out.
            self._git("switch", "--quiet", "--force", "main")
            self._git("clean", "--quiet", "--force", "environments")
        (pull,) = self._comments.pulls[before:]
        assert self._comments.changes == ["POST", "POST"]
        (review,) = self._comments.of(BOT, pull["number"])
        assert environment in review["body"]
        branch = f"origin/{pull['head']}"
        self._git("fetch", "--quiet", "origin")
        changed = self._git("diff", "--name-only", f"main...{branch}").split()
        assert changed == [f"environments/{environment}/{NAME}.toml"]
        return branch

    def merge(self, branch: str, more: str = "") -> None:
        """Bring a branch to `main`; `more` is written into the file of the model too."""
        self._git("merge", "--quiet", "--no-commit", "--no-ff", branch)
        path = self.checkout / self._git("diff", "--name-only", "HEAD")
        path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
        self._git("commit", "--quiet", "--all", "--message", "Merge")
        self._git("push", "--quiet", "origin", "main")

    def _job(self, name: str) -> dict[str, str]:
        role = f"arn:aws:iam::{TOOLS}:role/{self._workflow['jobs'][name].get('environment', 'none')}"
        known = {"github.sha": self._commit, "github.token": WRITES, "needs.synth.outputs.digest": self._digest}
        known["vars.DEPLOY_ROLE"] = role
        ended = self._jobs.run(name, run=str(self._run), known=known, credentials=self._credentials)
        assert ended.failed == "", ended.log
        assert WRITES not in ended.log
        return ended.outputs

    def _credentials(self, role: str) -> Mapping[str, str]:
        token = self._accounts.token(subject=_subject(role.rpartition("/")[2]))
        return self._accounts.credentials_by_web_identity(role, 60, token=token).variables

    def _git(self, *arguments: str) -> str:
        who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "-c", "gc.auto=0")
        command = ["git", *who, *arguments]
        return subprocess.run(command, cwd=self.checkout, check=True, capture_output=True, text=True).stdout.strip()


def _begin(settings: Path, write: Callable[[Path], None]) -> None:
    for each in ("dev", "local"):
        for file in (settings / each).iterdir():
            file.unlink()
    write(settings)


def _subject(environment: str) -> str:
    return f"repo:{REPOSITORY}:environment:{environment}"


def let_in(sandbox: Sandbox, environments: Sequence[str]) -> None:
    """Make what `PipelineAccess` has, and attach to the lookup role what `tune policy --lookup-role` allows."""
    accounts = Accounts(sandbox)
    provider = {"Type": "AWS::IAM::OIDCProvider", "Properties": {"Url": three.ISSUER, "ClientIdList": [three.AUDIENCE]}}
    stacks = Stacks(sandbox.client("cloudformation", account=TOOLS))
    assert stacks.create("providing", {"Resources": {"Provider": provider}}) == "CREATE_COMPLETE"
    host = three.ISSUER.removeprefix("https://")
    kinds = ("deploy", "file-publishing", "lookup")
    may = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": [bootstrap_role(kind) for kind in kinds]}
    for name in environments:
        trust = {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{TOOLS}:oidc-provider/{host}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{host}:sub": _subject(name), f"{host}:aud": three.AUDIENCE}},
        }
        accounts.make_role(TOOLS, name, trust, may)
    beyond = {"Effect": "Allow", "Action": sorted(BEYOND_READ_ONLY_ACCESS), "Resource": "*"}
    lookup = bootstrap_role("lookup").rpartition("/")[2]
    sandbox.client("iam").put_role_policy(RoleName=lookup, PolicyName="beyond", PolicyDocument=three.document(beyond))
