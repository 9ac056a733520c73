"""`tune promote`: one file is written, what it says is what Bedrock has, and everything else is left as it was."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import GateProperties
from bedrock_lifecycle.evaluation.results.gate import Requirement
from sandbox.bedrock.faults import ApiFault
from settings import load_environment
from tests.support.bedrock_client import ACCOUNT
from tests.support.cloudformation import Resource
from tests.support.environment import NOVA, NOVA_RECORDS, Account, Wanted
from tests.support.messages import says
from tests.support.quick import quick
from tests.unit.settings.settings_files import write_toml
from tests.unit.tune.planning import Aws
from tune.account import clients
from tune.cli import app
from tune.promote.text import CannotEdit, with_promotion, with_training

DEV: Final = Wanted(
    rungs=1,
    base_model=NOVA,
    data=NOVA_RECORDS,
    model_units=None,
    environment="dev",
    hyper_parameters={"epochCount": "2"},
)
PROMOTION: Final[Mapping[str, Any]] = {"from": "dev", "training": "0-1", "hyper_parameters": {"epochCount": "2"}}
TRAINED: Final = """# A model.
reconcile = 1

[training]
base_model = "any"  # why

[training.hyper_parameters]
epochCount = 2

# What it is trained on.
[data]
train = { path = "train.jsonl" }

# How it is served.
[serving.on_demand]

[tags]
team = "any"  # mine
"""


class Folder:
    """Settings of `dev`, which has trained, and of `staging`, which takes, and the account that both are in."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        self.roles: list[str] = []
        self.account = Account(settings=quick(), region=DEV.region, foundation_stack="bedrock-tuning-dev-Foundation")
        here = {"account": ACCOUNT, "region": DEV.region}
        for name in ("dev", "staging", "prod"):
            (folder / name).mkdir()
        write_toml(folder / "dev" / "environment.toml", here)
        taking = {**here, "allow": {"train": False, "promote_from": ["dev"]}}
        for name in ("staging", "prod"):
            write_toml(folder / name / "environment.toml", taking)
        (folder / "dev" / "train.jsonl").write_bytes(DEV.data)
        (folder / "dev" / "faq.toml").write_text(
            f'[training]\nbase_model = "{NOVA}"\nhyper_parameters = {{ epochCount = 2 }}\n'
            '[data]\ntrain = { path = "train.jsonl" }\n[serving.on_demand]\n',
            encoding="utf-8",
        )

    def clients(self, role: str) -> Aws:
        self.roles.append(role)
        return Aws(self.account)

    def promote(self, *arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["promote", *arguments, "--environments", str(self.path)])
        return result.exit_code, result.output

    def serve(self, wanted: Wanted, *, asks: bytes | None, rollback: bool = True) -> str:
        """Serve in the taking environment what dev has trained, with questions; return the status of that stack."""
        self.account.deploy(wanted.but(environment="dev", giver=None, on_demand=False, model_units=None))
        asking = wanted.but(asks=asks)
        self.account.put_questions(asking)
        return self.account.cloudformation.deploy(wanted.stack("Serving"), asking.serving(), rollback=rollback)

    def read(self, environment: str = "staging") -> dict[str, Any]:
        return tomllib.loads((self.path / environment / "faq.toml").read_text(encoding="utf-8"))

    def everything(self) -> dict[str, bytes]:
        return {str(each): each.read_bytes() for each in self.path.rglob("*") if each.is_file()}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    made = Folder(tmp_path)
    monkeypatch.setattr(clients, "clients", lambda _anchor, role: made.clients(role))
    return made


@pytest.fixture
def trained(folder: Folder) -> Folder:
    assert folder.account.deploy(DEV) == "CREATE_COMPLETE"
    return folder


def test_it_writes_the_file_and_nothing_else_and_the_settings_take_it(trained: Folder) -> None:
    before = trained.everything()
    assert trained.promote("dev", "staging")[0] == 0
    (written,) = trained.everything().keys() - before.keys()
    assert written.endswith("staging/faq.toml")
    assert before.items() <= trained.everything().items()
    (model,) = load_environment(trained.path, "staging").models
    assert model.model_name == DEV.training_name
    assert model.promotion is not None
    assert (model.promotion.kms_key_arn, model.promotion.train_sha256) == (DEV.key_arn, DEV.sha256)
    assert trained.read()["serving"] == {"on_demand": {}}


def test_it_reads_as_the_lookup_role_where_the_credentials_are_a_pipelines(trained: Folder) -> None:
    trained.promote("dev", "staging")
    assert trained.roles == ["lookup"]


def test_it_changes_nothing_in_aws(trained: Folder) -> None:
    calls = len(trained.account.lifecycle.calls.made)
    trained.promote("dev", "staging")
    assert [call for call in trained.account.lifecycle.calls.made[calls:] if call.mutating] == []


def test_the_same_again_writes_nothing(trained: Folder) -> None:
    first = trained.promote("dev", "staging")
    path = trained.path / "staging" / "faq.toml"
    before = path.stat().st_mtime_ns
    second = trained.promote("dev", "staging", "faq")
    assert (first[0], second[0]) == (0, 0)
    assert path.stat().st_mtime_ns == before
    assert first[1] != second[1]


def test_what_it_did_can_be_read_by_a_program(trained: Folder) -> None:
    def document() -> dict[str, Any]:
        code, output = trained.promote("dev", "staging", "--json")
        assert code == 0
        told: dict[str, Any] = json.loads(output)
        return told

    first = document()
    assert first == {
        "version": 1,
        "environment": "staging",
        "model": "faq",
        "from": "dev",
        "training": f"{DEV.training_id}-1",
        "customModel": DEV.training_name,
        "written": True,
        "warnings": [],
    }
    assert document() == {**first, "written": False}
    trained.promote("dev", "staging", "faq")
    code, output = trained.promote("staging", "prod", "--json")
    assert (code, json.loads(output)) == (0, {**first, "environment": "prod"})


def test_training_again_is_read_by_no_program(trained: Folder) -> None:
    before = trained.everything()
    code, output = trained.promote("dev", "staging", "--again", "--json")
    assert code == 2
    assert says(output, "--again", "--json")
    assert trained.everything() == before


def test_what_was_promoted_is_promoted_on_and_still_is_what_was_trained_first(trained: Folder) -> None:
    trained.promote("dev", "staging")
    assert trained.promote("staging", "prod")[0] == 0
    assert trained.read("prod")["promotion"] == trained.read()["promotion"]


def test_a_training_that_has_not_finished_is_refused_and_nothing_is_written(folder: Folder) -> None:
    folder.account.lifecycle.put(f"train/{DEV.sha256}.jsonl", DEV.data)
    folder.account.cloudformation.deploy(DEV.stack("Training"), {"Job": DEV.training()["Job"]})
    before = folder.everything()
    code, output = folder.promote("dev", "staging")
    assert code == 1
    assert says(output, DEV.training_name, "deploy again")
    assert folder.everything() == before


def test_a_model_that_does_not_exist_is_refused(folder: Folder) -> None:
    code, output = folder.promote("dev", "staging")
    assert code == 1
    assert says(output, DEV.training_name)


@pytest.mark.parametrize(("key", "value"), [("account", "999922223333"), ("region", "us-west-2")])
def test_another_account_or_region_is_refused_with_the_command_that_trains_again(
    trained: Folder, key: str, value: str
) -> None:
    there = {"account": ACCOUNT, "region": DEV.region, key: value}
    write_toml(trained.path / "staging" / "environment.toml", there)
    code, output = trained.promote("dev", "staging")
    assert code == 1
    assert says(output, value, "promote dev staging --again")
    assert not (trained.path / "staging" / "faq.toml").exists()


def test_an_environment_that_does_not_allow_it_is_refused_with_the_line_to_write(trained: Folder) -> None:
    path = trained.path / "staging" / "environment.toml"
    write_toml(path, {"account": ACCOUNT, "region": DEV.region})
    code, output = trained.promote("dev", "staging")
    assert code == 1
    assert says(output, 'promote_from = ["dev"]', "train = false")


@pytest.mark.parametrize("arguments", [("dev", "nowhere"), ("nowhere", "staging"), ("dev", "staging", "other")])
def test_names_that_do_not_exist_are_refused(trained: Folder, arguments: tuple[str, ...]) -> None:
    code, output = trained.promote(*arguments)
    assert code in (1, 2)
    assert any(name in output for name in arguments)


@pytest.mark.parametrize("options", [(), ("--again",)])
def test_an_environment_cannot_give_to_itself(trained: Folder, options: tuple[str, ...]) -> None:
    assert trained.promote("dev", "dev", *options)[0] == 1


def test_a_file_that_the_settings_would_refuse_is_left_as_it_was(trained: Folder) -> None:
    path = trained.path / "staging" / "faq.toml"
    path.write_text("[serving]\nkeep_models = 2\n[serving.on_demand]\n", encoding="utf-8")
    before = path.read_bytes()
    code, output = trained.promote("dev", "staging")
    assert code == 2
    assert "keep_models" in output
    assert path.read_bytes() == before


def test_training_again_takes_the_inputs_and_says_that_it_is_paid_for(trained: Folder) -> None:
    write_toml(trained.path / "staging" / "environment.toml", {"account": "999922223333", "region": DEV.region})
    (trained.path / "staging" / "train.jsonl").write_bytes(DEV.data)
    code, output = trained.promote("dev", "staging", "--again")
    assert code == 0
    assert says(output, NOVA, "2 epochs", "billed")
    assert says(output, "tune deploy staging faq")
    (model,) = load_environment(trained.path, "staging").models
    assert (model.training_id, model.training_name) == (
        DEV.training_id,
        DEV.training_name.replace("dev", "staging"),
    )


# What lies ahead of the base model.


def ages(folder: Folder, monkeypatch: pytest.MonkeyPatch, **lifecycle: Any) -> None:
    """Let Bedrock say of every base model when it ends."""

    def answer(parsed: dict[str, Any], **_: Any) -> None:
        parsed["modelDetails"]["modelLifecycle"] |= lifecycle

    def ageing(_anchor: object, _role: str) -> Aws:
        aws = Aws(folder.account)
        aws.bedrock.meta.events.register("after-call.bedrock.GetFoundationModel", answer)
        return aws

    monkeypatch.setattr(clients, "clients", ageing)


SOON: Final = datetime(2099, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize("first", [("dev", "staging"), ("staging", "prod")], ids=["trained", "promoted before"])
def test_a_base_model_that_is_legacy_soon_is_warned_of_with_the_date_and_refuses_nothing(
    trained: Folder, monkeypatch: pytest.MonkeyPatch, first: tuple[str, str]
) -> None:
    assert first[0] == "dev" or trained.promote("dev", "staging")[0] == 0
    ages(trained, monkeypatch, legacyTime=SOON)
    code, output = trained.promote(*first)
    assert code == 0
    assert says(output, "warning", NOVA, "LEGACY from 2099-01-31")
    assert trained.read(first[1])["promotion"]["from"] == "dev"


def test_a_program_reads_the_warning_too(trained: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def warnings() -> list[str]:
        result = CliRunner().invoke(app, ["promote", "dev", "staging", "--json", "--environments", str(trained.path)])
        told: list[str] = json.loads(result.stdout)["warnings"]
        return told

    assert warnings() == []
    ages(trained, monkeypatch, endOfLifeTime=SOON)
    (warning,) = warnings()
    assert says(warning, NOVA, "end of life on 2099-01-31")


@pytest.mark.parametrize("buys", [True, False])
def test_a_legacy_base_model_is_warned_of_where_throughput_would_be_bought(
    trained: Folder, monkeypatch: pytest.MonkeyPatch, buys: bool
) -> None:
    way = "[serving.provisioned_throughput]\nmodel_units = 1\n" if buys else "[serving.on_demand]\n"
    (trained.path / "staging" / "faq.toml").write_text(way, encoding="utf-8")
    allow = {"train": False, "buy": True, "promote_from": ["dev"]}
    write_toml(
        trained.path / "staging" / "environment.toml", {"account": ACCOUNT, "region": DEV.region, "allow": allow}
    )
    ages(trained, monkeypatch, status="LEGACY")
    code, output = trained.promote("dev", "staging")
    assert (code, "no new Provisioned Throughput" in output) == (0, buys)


def test_without_the_right_to_look_at_the_base_model_it_promotes_all_the_same(trained: Folder) -> None:
    trained.account.lifecycle.simulated.faults.add(ApiFault("GetFoundationModel", "AccessDeniedException", times=0))
    code, output = trained.promote("dev", "staging")
    assert (code, "warning" in output) == (0, False)


# What the giving environment bakes.

BAKE: Final = (
    f'\n[serving.bake]\nquestions = 3\nmax_output_tokens = 100\nsha256 = "{hashlib.sha256(DEV.data).hexdigest()}"\n'
)


@pytest.mark.parametrize("found", [None, contract.FAILED, contract.PASSED])
def test_what_the_giving_environment_bakes_must_have_passed(trained: Folder, found: str | None) -> None:
    path, file = (trained.path / "dev" / name for name in ("environment.toml", "faq.toml"))
    for each, more in ((path, "[allow]\nbake = true\n"), (file, BAKE)):
        each.write_text(each.read_text(encoding="utf-8") + more, encoding="utf-8")
    bedrock = trained.account.lifecycle.client
    if found:
        model = bedrock.get_custom_model(modelIdentifier=DEV.training_name)
        bedrock.tag_resource(resourceARN=model["modelArn"], tags=[{"key": contract.TAG_BAKE, "value": found}])
    code, output = trained.promote("dev", "staging")
    assert code == (0 if found == contract.PASSED else 1)
    assert found == contract.PASSED or says(output, contract.TAG_BAKE, found or "none", "deploy dev")


def bakes(folder: Folder, taker: str) -> None:
    """Let an environment to which the model was promoted bake it."""
    folder.promote("dev", taker)
    taking = {"train": False, "promote_from": ["dev"], "bake": True}
    write_toml(folder.path / taker / "environment.toml", {"account": ACCOUNT, "region": DEV.region, "allow": taking})
    file = folder.path / taker / "faq.toml"
    file.write_text(file.read_text(encoding="utf-8") + BAKE, encoding="utf-8")


TAKEN: Final = DEV.but(environment="staging", giver="dev", on_demand=True, asks=DEV.data)
WORSE: Final = TAKEN.but(data=DEV.data.replace(b"is shut", b"is open"))


@pytest.mark.parametrize(
    ("deployed", "is_promoted"),
    [((), False), ((TAKEN,), True), ((TAKEN.but(asks=None),), False), ((TAKEN, WORSE), True), ((WORSE,), False)],
    ids=["nothing", "baked", "not baked", "baked, another one failed", "another one"],
)
def test_what_was_promoted_is_promoted_on_once_it_was_baked_there(
    trained: Folder, deployed: tuple[Wanted, ...], is_promoted: bool
) -> None:
    bakes(trained, "staging")
    for wanted in deployed:
        trained.serve(wanted, asks=wanted.asks)
    code, output = trained.promote("staging", "prod")
    assert code == (0 if is_promoted else 1), output
    assert is_promoted or says(output, DEV.training_name, "deploy staging")


@pytest.mark.parametrize(
    ("change", "is_promoted"),
    [(("questions = 3", "questions = 2"), False), (("questions = 3", "questions = 3"), True)],
    ids=["the settings ask what has failed", "they ask again what has passed"],
)
def test_a_bake_of_before_is_none_of_the_one_that_was_rolled_back(
    trained: Folder, change: tuple[str, str], *, is_promoted: bool
) -> None:
    bakes(trained, "staging")
    trained.serve(TAKEN, asks=TAKEN.asks)
    asks_more = TAKEN.but(questions=2, right=2)
    assert trained.serve(asks_more, asks=WORSE.data.replace(b"is open", b"is ajar")) == "UPDATE_ROLLBACK_COMPLETE"
    file = trained.path / "staging" / "faq.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    code, output = trained.promote("staging", "prod")
    assert code == (0 if is_promoted else 1), output
    assert is_promoted or says(output, DEV.training_name, "rolled back", "deploy staging")


BOUGHT: Final = TAKEN.but(on_demand=False, model_units=1)
COMMITTED: Final = BOUGHT.but(commitment_duration="OneMonth")
UNASKED: Final = (COMMITTED.but(asks=None), COMMITTED)
AGAIN: Final = COMMITTED.but(questions=2, right=2)


@pytest.mark.parametrize(
    ("deployed", "is_promoted"),
    [
        (UNASKED, False),
        ((*UNASKED, AGAIN), True),
        ((*UNASKED, COMMITTED.but(questions=3, asks=WORSE.data)), False),
        ((BOUGHT, COMMITTED), True),
    ],
    ids=["bake added to a commitment", "baked since", "rolled back since", "bought once it had passed"],
)
def test_a_bake_that_was_added_beside_a_commitment_has_asked_nothing(
    trained: Folder, deployed: tuple[Wanted, ...], is_promoted: bool
) -> None:
    bakes(trained, "staging")
    for wanted in deployed:
        trained.serve(wanted, asks=wanted.asks)
    code, output = trained.promote("staging", "prod")
    assert code == (0 if is_promoted else 1), output
    assert is_promoted or says(output, DEV.training_name, "raise `reconcile`", "deploy staging")


@pytest.mark.parametrize("before", [(), (WORSE,)], ids=["first", "another before"])
def test_a_failed_bake_that_is_left_standing_is_promoted_nowhere(trained: Folder, before: tuple[Wanted, ...]) -> None:
    """As `cdk deploy --no-rollback` leaves it."""
    bakes(trained, "staging")
    for wanted in before:
        trained.serve(wanted, asks=WORSE.data)
    questions = TAKEN.data.replace(b"is shut", b"is ajar")
    status = trained.serve(TAKEN, asks=questions, rollback=False)
    assert status == ("UPDATE_FAILED" if before else "CREATE_FAILED")
    code, output = trained.promote("staging", "prod")
    assert code == 1
    assert says(output, DEV.training_name, status, "deploy staging")


# What the giving environment gates.

TEST: Final = hashlib.sha256(b"test").hexdigest()
GATE: Final = f"""
[evaluation]
sha256 = "{TEST}"
max_output_tokens = 100
max_tokens = 1_000_000
[[evaluation.metrics]]
name = "exact_match"
[[gate.require]]
measure = "exact_match"
at_least = 0.75
"""


@dataclass(frozen=True)
class Gated(Wanted):
    """A model whose evaluation is named as the settings' is; `at_least` is what its gate requires."""

    id: str = ""
    at_least: float = 0.75

    @property
    def gate(self) -> dict[str, Any]:
        required = [Requirement.at_least("exact_match", self.at_least).to_text()]
        return GateProperties.write_gate(evaluation_id=self.id, requirements=required, confidence=0.95)

    def deployed(self, folder: Folder) -> None:
        """Have the stack that evaluates as it is once the gate has passed; this one only reports, without numbers."""
        gate = {"Model": self.training_name, "State": "complete", "TellsOnly": "true", **self.gate}
        template = {"Gate": Resource(contract.QUALITY_GATE, gate)}
        folder.account.cloudformation.deploy(self.evaluation_stack, template)


def gates(folder: Folder, environment: str) -> "Gated":
    """Let an environment gate its model; return what its stacks ask for then."""
    file, path = (folder.path / environment / name for name in ("faq.toml", "environment.toml"))
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    write_toml(path, {**document, "allow": {**document.get("allow", {}), "evaluate_with": ["base"]}})
    file.write_text(file.read_text(encoding="utf-8") + GATE, encoding="utf-8")
    (its,) = load_environment(folder.path, environment).models
    assert its.evaluation_inputs is not None
    giver = None if environment == "dev" else "dev"
    return Gated(
        **vars(DEV.but(environment=environment, giver=giver, evaluates=True, gated=True)), id=its.evaluation_inputs.id
    )


def leaves(folder: Folder, verdict: str) -> None:
    bedrock = folder.account.lifecycle.client
    model = bedrock.get_custom_model(modelIdentifier=DEV.training_name)
    bedrock.tag_resource(resourceARN=model["modelArn"], tags=[{"key": contract.TAG_VERDICT, "value": verdict}])


@pytest.mark.parametrize("found", [None, contract.FAILED, contract.PASSED])
def test_what_the_giving_environment_gates_must_have_passed(trained: Folder, found: str | None) -> None:
    gates(trained, "dev").deployed(trained)
    if found:
        leaves(trained, found)
    code, output = trained.promote("dev", "staging")
    assert code == (0 if found == contract.PASSED else 1), output
    assert found == contract.PASSED or says(output, contract.TAG_VERDICT, found or "none", "deploy dev")


@pytest.mark.parametrize("change", [{"at_least": 0.7}, {"id": "0123456789ab"}], ids=["requirement", "evaluation"])
@pytest.mark.parametrize("environment", ["dev", "staging"])
def test_a_verdict_on_what_was_required_before_is_no_evidence(
    trained: Folder, environment: str, change: dict[str, Any]
) -> None:
    taker = {"dev": "staging", "staging": "prod"}[environment]
    if environment == "staging":
        trained.promote("dev", "staging")
    wanted = gates(trained, environment)
    leaves(trained, contract.PASSED)
    replace(wanted, **change).deployed(trained)
    code, output = trained.promote(environment, taker)
    assert code == 1
    assert says(output, DEV.training_name, wanted.evaluation_stack, f"deploy {environment}")
    wanted.deployed(trained)
    assert trained.promote(environment, taker)[0] == 0


@pytest.mark.parametrize("environment", ["dev", "staging"])
def test_a_gate_that_was_never_deployed_is_no_evidence(trained: Folder, environment: str) -> None:
    taker = {"dev": "staging", "staging": "prod"}[environment]
    if environment == "staging":
        trained.promote("dev", "staging")
    wanted = gates(trained, environment)
    leaves(trained, contract.PASSED)
    code, output = trained.promote(environment, taker)
    assert code == 1
    assert says(output, wanted.evaluation_stack, "missing", f"deploy {environment}")


# The text of the file.


def test_comments_and_the_other_tables_stay() -> None:
    written = with_promotion(TRAINED, PROMOTION, {"on_demand": {}})
    for line in ("# A model.", "reconcile = 1", "# How it is served.", "[serving.on_demand]", 'team = "any"  # mine'):
        assert line in written.splitlines()
    assert written.index("[promotion]") < written.index("# How it is served.")
    told = tomllib.loads(written)
    assert told["promotion"] == PROMOTION
    assert told.keys() == {"reconcile", "promotion", "serving", "tags"}


def test_another_promotion_changes_its_lines_alone() -> None:
    first = with_promotion(TRAINED, PROMOTION, {})
    assert with_promotion(first, {**PROMOTION, "training": "0-2"}, {}) == first.replace('"0-1"', '"0-2"')


def test_lines_that_end_as_windows_has_them_still_do() -> None:
    written = with_promotion(TRAINED.replace("\n", "\r\n"), PROMOTION, {})
    assert written.count("\n") == written.count("\r\n")


@pytest.mark.parametrize("text", ["", "reconcile = 1\n", "# only a comment\n"])
def test_a_file_without_serving_gets_it(text: str) -> None:
    written = tomllib.loads(with_promotion(text, PROMOTION, {"on_demand": {}}))
    assert written["serving"] == {"on_demand": {}}
    assert written["promotion"] == PROMOTION


def test_there_and_back_trains_what_was_trained() -> None:
    back = with_training(with_promotion(TRAINED, PROMOTION, {}), TRAINED, {})
    assert tomllib.loads(back) == tomllib.loads(TRAINED)


@pytest.mark.parametrize(
    "text", ["training = { base_model = 'any' }\n", "[tags]\nx = '''\n[training]\n'''\n", "[wrong"]
)
def test_a_file_that_cannot_be_edited_safely_is_refused(text: str) -> None:
    with pytest.raises(CannotEdit):
        with_promotion(text, PROMOTION, {})
