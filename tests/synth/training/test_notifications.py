"""Who is told when a training ends, of which trainings, and what the message says."""

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Match, Template

from bedrock_lifecycle import contract
from bedrock_tuning import Remedies
from sandbox.bedrock.events import JOB_STATE_CHANGE, SOURCE
from tests.support.messages import saying
from tests.synth.foreign import ACCOUNT, REGION, ForeignStack
from tests.synth.stages import stage_of, templates_of
from tests.synth.templates import logical_id, resource, resources_of_type
from tests.unit.settings.settings_files import changed, load_file, write

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:trainings"


def rule_of(template: dict[str, Any]) -> dict[str, Any]:
    rules = [each["Properties"] for each in resources_of_type(template, "AWS::Events::Rule").values()]
    [properties] = [rule for rule in rules if rule["EventPattern"]["source"] == [SOURCE]]
    return dict(properties)


def test_listens_for_the_end_of_this_environments_trainings_alone(foreign: ForeignStack) -> None:
    assert foreign.notifications()
    role = {"Fn::GetAtt": [logical_id(foreign.service_role), "Arn"]}
    assert rule_of(foreign.template())["EventPattern"] == {
        "source": [SOURCE],
        "detail-type": [JOB_STATE_CHANGE],
        "detail": {
            "jobName": [{"wildcard": "*-dev-*"}],
            "jobStatus": ["Completed", "Failed", "Stopped"],
            # Names in two-dev have `-dev-` in them as well; the role is this environment's own.
            "roleArn": [role],
        },
    }


@pytest.mark.parametrize(
    ("job", "told"),
    [
        ("docstrings-dev-0123456789ab-1", True),
        ("a-dev-0123456789ab-1", True),
        ("a-b-dev-0123456789ab-12", True),
        ("docstrings-prod-0123456789ab-1", False),
        ("docstrings-dev2-0123456789ab-1", False),
        ("dev-prod-0123456789ab-1", False),
    ],
)
def test_every_model_of_the_environment_is_told_of(foreign: ForeignStack, job: str, told: bool) -> None:
    assert foreign.notifications()
    (pattern,) = rule_of(foreign.template())["EventPattern"]["detail"]["jobName"]
    assert fnmatchcase(job, pattern["wildcard"]) is told


def test_says_which_training_and_how_it_ended_and_quotes_nothing_of_bedrocks(foreign: ForeignStack) -> None:
    assert foreign.notifications(remedies=Remedies(status="any --status"))
    [target] = rule_of(foreign.template())["Targets"]
    assert target["InputTransformer"] == {
        "InputPathsMap": {"detail-jobName": "$.detail.jobName", "detail-jobStatus": "$.detail.jobStatus"},
        "InputTemplate": '"Training run <detail-jobName> is <detail-jobStatus>. For details and the reason, '
        'run: any --status"',
    }


def test_names_no_command_of_which_it_was_not_told(foreign: ForeignStack) -> None:
    assert foreign.notifications(reconciler=foreign.training)
    rules = resources_of_type(foreign.template(), "AWS::Events::Rule").values()
    told = [
        target["InputTransformer"]["InputTemplate"]
        for its in rules
        for target in its["Properties"]["Targets"]
        if "InputTransformer" in target
    ]
    assert len(told) == 2
    assert [text for text in told if "More" in text or "make" in text] == []


def test_encrypts_its_topic_with_the_key_and_takes_nothing_without_tls(foreign: ForeignStack) -> None:
    topic = foreign.notifications(email=["a@example.com", "b@example.com"]).topic
    template = foreign.template()
    key = {"Fn::GetAtt": [logical_id(foreign.operations_key), "Arn"]}
    assert resource(template, topic)["Properties"]["KmsMasterKeyId"] == key
    subscriptions = resources_of_type(template, "AWS::SNS::Subscription").values()
    assert sorted((its["Properties"]["Protocol"], its["Properties"]["Endpoint"]) for its in subscriptions) == [
        ("email", "a@example.com"),
        ("email", "b@example.com"),
    ]
    [policy] = resources_of_type(template, "AWS::SNS::TopicPolicy").values()
    denied = [its for its in policy["Properties"]["PolicyDocument"]["Statement"] if its["Effect"] == "Deny"]
    assert [its["Condition"] for its in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]


def test_lets_eventbridge_publish_without_a_condition_that_it_could_not_meet(foreign: ForeignStack) -> None:
    assert foreign.notifications()
    template = foreign.template()
    [policy] = resources_of_type(template, "AWS::SNS::TopicPolicy").values()
    key = resource(template, foreign.operations_key)
    statements = [
        its
        for document in (policy["Properties"]["PolicyDocument"], key["Properties"]["KeyPolicy"])
        for its in document["Statement"]
        if its["Principal"] == {"Service": "events.amazonaws.com"}
    ]
    assert [its["Action"] for its in statements] == ["sns:Publish", ["kms:Decrypt", "kms:GenerateDataKey*"]]
    assert not any("Condition" in its for its in statements)


def late_rule(template: dict[str, Any]) -> dict[str, Any]:
    [rule] = [
        dict(each["Properties"])
        for each in resources_of_type(template, "AWS::Events::Rule").values()
        if each["Properties"]["EventPattern"]["source"] == [contract.EVENT_SOURCE]
    ]
    return rule


def test_tells_of_a_training_that_does_not_start_when_a_reconciler_announces_it(foreign: ForeignStack) -> None:
    remedies = Remedies(status="any --status")
    topic = foreign.notifications(reconciler=foreign.training, remedies=remedies).topic
    template = foreign.template()
    ended, late = rule_of(template), late_rule(template)
    about = ("jobName", "roleArn")
    assert late["EventPattern"]["detail"] == {key: ended["EventPattern"]["detail"][key] for key in about}
    assert late["EventPattern"]["detail-type"] == [contract.NOT_STARTED_EVENT]
    [target] = late["Targets"]
    assert target["Arn"] == {"Ref": logical_id(topic)}
    assert "any --status" in target["InputTransformer"]["InputTemplate"]


def test_only_who_announces_may_put_events_and_of_this_kind_alone(foreign: ForeignStack) -> None:
    assert foreign.notifications(reconciler=foreign.training)
    template = foreign.template()
    role = logical_id(foreign.training.function.role)
    [statement] = [
        its
        for policy in resources_of_type(template, "AWS::IAM::Policy").values()
        for its in policy["Properties"]["PolicyDocument"]["Statement"]
        if its["Action"] == "events:PutEvents"
        if policy["Properties"]["Roles"] == [{"Ref": role}]
    ]
    assert statement["Condition"] == {"StringEquals": {"events:source": contract.EVENT_SOURCE}}
    assert str(statement["Resource"]).count("event-bus/default") == 1


def test_without_a_reconciler_nobody_may_put_events(foreign: ForeignStack) -> None:
    assert foreign.notifications()
    assert "events:PutEvents" not in str(foreign.template())


def test_publishes_to_a_topic_of_yours_and_makes_none(foreign: ForeignStack) -> None:
    foreign.notifications(topic=sns.Topic.from_topic_arn(foreign.stack, "Mine", TOPIC))
    template = foreign.template()
    assert [target["Arn"] for target in rule_of(template)["Targets"]] == [TOPIC]
    assert resources_of_type(template, "AWS::SNS::Topic") == {}
    assert "events.amazonaws.com" not in str(resources_of_type(template, "AWS::KMS::Key"))


def test_addresses_and_a_topic_of_yours_exclude_each_other(foreign: ForeignStack) -> None:
    with pytest.raises(ValueError, match=saying("`email`", "topic")):
        foreign.notifications(email=["a@example.com"], topic=sns.Topic.from_topic_arn(foreign.stack, "Mine", TOPIC))


class TestSettings:
    """What the settings make of it."""

    def templates(self, folder: Path, notifications: dict[str, Any] | None) -> dict[str, dict[str, Any]]:
        document = changed(("notifications", notifications)) if notifications else changed()
        return templates_of(stage_of(load_file(write(folder, document)), folder / "out"))

    def test_stands_in_foundation_which_outlives_the_deployment_that_waits(self, tmp_path: Path) -> None:
        templates = self.templates(tmp_path, {"email": ["a@example.com"]})
        assert rule_of(templates["Foundation"])["EventPattern"]["detail"]["jobName"] == [{"wildcard": "*-dev-*"}]
        Template.from_json(templates["Foundation"]).has_resource_properties(
            "AWS::SNS::Subscription", {"Endpoint": "a@example.com", "TopicArn": Match.any_value()}
        )
        assert not any(resources_of_type(templates[stack], "AWS::Events::Rule") for stack in ("Training", "Serving"))

    def test_publishes_to_the_topic_that_is_named(self, tmp_path: Path) -> None:
        templates = self.templates(tmp_path, {"topic_arn": TOPIC})
        assert [target["Arn"] for target in rule_of(templates["Foundation"])["Targets"]] == [TOPIC]

    def test_makes_nothing_unless_asked(self, tmp_path: Path) -> None:
        foundation = self.templates(tmp_path, None)["Foundation"]
        assert resources_of_type(foundation, "AWS::SNS::Topic") == {}
        assert "aws.bedrock" not in str(resources_of_type(foundation, "AWS::Events::Rule"))
