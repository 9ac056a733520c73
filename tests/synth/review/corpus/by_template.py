"""Changes of constructs, of an app that uses them, or of what the CDK writes: the settings files are the same."""

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from tests.synth.review.changes import Changes, Stacks
from tests.synth.review.corpus.change import Change, Edit
from tune.review.assembly import StackTemplate

Body = dict[str, Any]
_OTHER: Final = "999988887777"
_UNIT: Final[Changes] = (("serving", {"provisioned_throughput": {"model_units": 1}}),)
_COMMITTED: Final[Changes] = (
    (
        "serving",
        {
            "provisioned_throughput": {
                "model_units": 1,
                "commitment_duration": "OneMonth",
                "acknowledge_commitment": "OneMonth",
            }
        },
    ),
)


def _in(kind: str, change: Callable[[Body], object]) -> Edit:
    """Return an edit of the one stack of a kind."""

    def edit(stacks: Stacks) -> Mapping[str, StackTemplate]:
        name = next(name for name, its in stacks.items() if its.kind == kind)
        body: Body = copy.deepcopy(dict(stacks[name].body))
        change(body)
        assert body != stacks[name].body, "nothing was changed"
        return {**stacks, name: replace(stacks[name], body=body, file=None)}

    return edit


def _found(body: Body, resource_type: str, part: str = "") -> Iterator[tuple[str, Body]]:
    """Yield the resources of a type whose logical id has a part."""
    for name, its in [*body["Resources"].items()]:
        if its["Type"] == resource_type and part in name:
            yield name, its


def _one(kind: str, resource_type: str, part: str, change: Callable[[Body], object]) -> Edit:
    """Return an edit of the first resource of a type in a stack."""
    return _in(kind, lambda body: change(next(_found(body, resource_type, part))[1]))


def _with(kind: str, resource_type: str, part: str, **properties: Any) -> Edit:
    """Return an edit that sets properties; None removes one."""

    def change(its: Body) -> None:
        for name, value in properties.items():
            if value is None:
                del its["Properties"][name]
            else:
                its["Properties"][name] = value

    return _one(kind, resource_type, part, change)


def _without(kind: str, resource_type: str, part: str) -> Edit:
    def change(body: Body) -> None:
        name, _ = next(_found(body, resource_type, part))
        del body["Resources"][name]

    return _in(kind, change)


def _new(kind: str, resource_type: str, **properties: Any) -> Edit:
    return _in(kind, lambda body: body["Resources"].update(New={"Type": resource_type, "Properties": properties}))


def _statements(its: Body) -> list[Body]:
    properties = its["Properties"]
    names = ("PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy")
    found: list[Body] = next(properties[name]["Statement"] for name in names if name in properties)
    return found


def _allows(kind: str, resource_type: str, part: str, **statement: Any) -> Edit:
    new = {"Effect": "Allow", **statement}
    return _one(kind, resource_type, part, lambda its: _statements(its).append(new))


def _changes_statement(kind: str, resource_type: str, part: str, has: str, change: Callable[[Body], None]) -> Edit:
    """Return an edit of the first statement in which a word stands."""
    return _one(
        kind, resource_type, part, lambda its: change(next(each for each in _statements(its) if has in str(each)))
    )


def _split(its: Body) -> None:
    statements = _statements(its)
    its_own = next(each for each in statements if isinstance(each["Action"], list))
    statements.remove(its_own)
    statements += [{**its_own, "Action": action} for action in its_own["Action"]]


def _replaces(stacks: Stacks, kind: str, **changes: Any) -> Mapping[str, StackTemplate]:
    return {name: replace(its, **changes) if its.kind == kind else its for name, its in stacks.items()}


_FOUNDATION: Final = "Foundation"
_ROLE, _POLICY = "AWS::IAM::Role", "AWS::IAM::Policy"
_BUCKET, _BUCKET_POLICY = "AWS::S3::Bucket", "AWS::S3::BucketPolicy"
_KEY, _TABLE, _FUNCTION, _LOGS = "AWS::KMS::Key", "AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::Logs::LogGroup"
_THROUGHPUT, _DEPLOYMENT = "Custom::BedrockProvisionedThroughput", "Custom::BedrockCustomModelDeployment"
_JOB: Final = "Custom::BedrockModelCustomization"
_ANY_ROOT: Final = {"AWS": f"arn:aws:iam::{_OTHER}:root"}


def _moved_to(region: str) -> Edit:
    return lambda stacks: {name: replace(its, region=region) for name, its in stacks.items()}


BY_TEMPLATE: Final = (
    # A whole environment.
    Change(
        title="Add an environment",
        before=_UNIT,
        after=_UNIT,
        edit_base=lambda _: {},
        says="buys trains~ moves widens",
        tells=("730 unit-hours", "37,640 tokens"),
    ),
    Change(
        title="Remove an environment",
        before=_UNIT,
        after=_UNIT,
        edit=lambda _: {},
        says="stays",
        tells=("1 model unit (730 unit-hours",),
    ),
    Change(
        title="Deploy into another Region",
        before=_UNIT,
        after=_UNIT,
        edit=_moved_to("us-west-2"),
        says="buys trains~ stays moves widens",
        tells=("us-east-1",),
    ),
    # What data is kept in.
    Change(
        title="Delete the bucket with its stack",
        edit=_one(_FOUNDATION, _BUCKET, "Bucket", lambda its: its.update(DeletionPolicy="Delete")),
        says="loosens",
    ),
    Change(
        title="Delete the bucket when it is replaced",
        edit=_one(_FOUNDATION, _BUCKET, "Bucket", lambda its: its.update(UpdateReplacePolicy="Delete")),
        says="loosens",
    ),
    Change(
        title="Keep no versions",
        edit=_with(_FOUNDATION, _BUCKET, "Bucket", VersioningConfiguration=None),
        says="loosens",
    ),
    Change(
        title="Suspend versions",
        edit=_with(_FOUNDATION, _BUCKET, "Bucket", VersioningConfiguration={"Status": "Suspended"}),
        says="loosens",
    ),
    Change(
        title="Do not block public access",
        edit=_with(_FOUNDATION, _BUCKET, "Bucket", PublicAccessBlockConfiguration=None),
        says="loosens",
    ),
    Change(
        title="Make the bucket public by its ACL",
        edit=_with(_FOUNDATION, _BUCKET, "Bucket", AccessControl="PublicRead"),
        says="shares~",
    ),
    Change(
        title="Encrypt the bucket no more",
        edit=_with(_FOUNDATION, _BUCKET, "Bucket", BucketEncryption=None),
        says="loosens",
    ),
    Change(
        title="Log no access", edit=_with(_FOUNDATION, _BUCKET, "Bucket", LoggingConfiguration=None), says="loosens"
    ),
    Change(
        title="Delete training data after 30 days",
        edit=_with(
            _FOUNDATION,
            _BUCKET,
            "Bucket",
            LifecycleConfiguration={"Rules": [{"Status": "Enabled", "Prefix": "train/", "ExpirationInDays": 30}]},
        ),
        says="deletes~",
        tells=("train/", "30 days"),
    ),
    Change(
        title="Rename the bucket",
        edit=_with(_FOUNDATION, _BUCKET, "Bucket", BucketName="another"),
        says="refused stays",
    ),
    Change(
        title="Remove the bucket of access logs", edit=_without(_FOUNDATION, _BUCKET, "AccessLogs"), says="stays widens"
    ),
    Change(
        title="Remove a bucket that is not retained",
        edit_base=_one(_FOUNDATION, _BUCKET, "AccessLogs", lambda its: its.update(DeletionPolicy="Delete")),
        edit=_without(_FOUNDATION, _BUCKET, "AccessLogs"),
        says="deletes widens",
    ),
    Change(
        title="Keep no backups of the ledger",
        edit=_with(_FOUNDATION, _TABLE, "", PointInTimeRecoverySpecification=None),
        says="loosens",
    ),
    Change(
        title="Encrypt the ledger with AWS's key",
        edit=_with(_FOUNDATION, _TABLE, "", SSESpecification=None),
        says="loosens",
    ),
    Change(
        title="Give the ledger another key",
        edit=_with(
            _FOUNDATION,
            _TABLE,
            "",
            KeySchema=[{"AttributeName": "Another", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "Another", "AttributeType": "S"}],
        ),
        says="deletes",
    ),
    Change(
        title="Rotate the key no more",
        edit=_with(_FOUNDATION, _KEY, "DataStore", EnableKeyRotation=False),
        says="loosens",
    ),
    Change(title="Disable the key", edit=_with(_FOUNDATION, _KEY, "DataStore", Enabled=False), says="loosens"),
    Change(
        title="Delete keys after a week",
        edit=_with(_FOUNDATION, _KEY, "DataStore", PendingWindowInDays=7),
        says="loosens",
        tells=("30 days", "7 days"),
    ),
    Change(
        title="Delete the key with its stack",
        edit=_one(_FOUNDATION, _KEY, "DataStore", lambda its: its.update(DeletionPolicy="Delete")),
        says="loosens",
    ),
    Change(
        title="Keep logs for ever no longer",
        edit_base=_with(_FOUNDATION, _LOGS, "FrontDoor", RetentionInDays=None),
        says="loosens",
        tells=("forever",),
    ),
    Change(
        title="Encrypt logs with AWS's key", edit=_with(_FOUNDATION, _LOGS, "FrontDoor", KmsKeyId=None), says="loosens"
    ),
    Change(
        title="Remove the parameter with the model's id",
        edit=_without("Serving", "AWS::SSM::Parameter", ""),
        says="deletes",
    ),
    Change(
        title="Rename the parameter with the model's id",
        edit=_with("Serving", "AWS::SSM::Parameter", "", Name="/another"),
        says="deletes",
    ),
    # Who may do what.
    Change(
        title="Let the training function buy",
        edit=_allows(
            _FOUNDATION, _POLICY, "TrainingTurn", Action="bedrock:CreateProvisionedModelThroughput", Resource="*"
        ),
        says="widens",
        tells=("bedrock:CreateProvisionedModelThroughput",),
    ),
    Change(
        title="Let the serving function do all in Bedrock",
        edit=_allows(_FOUNDATION, _POLICY, "ServingTurn", Action="bedrock:*", Resource="*"),
        says="widens",
        tells=("bedrock:*",),
    ),
    Change(
        title="Let the service role read any object",
        edit=_changes_statement(
            _FOUNDATION, _POLICY, "ServiceRole", "s3:GetObject", lambda its: its.update(Resource="*")
        ),
        says="widens",
        tells=("s3:GetObject",),
    ),
    Change(
        title="Drop the condition on what may be deleted",
        edit=_changes_statement(
            _FOUNDATION, _POLICY, "ServingTurn", "aws:ResourceTag", lambda its: its.pop("Condition")
        ),
        says="widens",
    ),
    Change(title="Split a statement", edit=_one(_FOUNDATION, _POLICY, "ServingTurn", _split), says=""),
    Change(
        title="Reorder statements",
        edit=_one(_FOUNDATION, _POLICY, "ServingTurn", lambda its: _statements(its).reverse()),
        says="",
    ),
    Change(
        title="Take a statement away",
        edit=_one(_FOUNDATION, _POLICY, "ServingTurn", lambda its: _statements(its).pop(0)),
        says="",
    ),
    Change(
        title="Ask for one more condition",
        edit=_one(
            _FOUNDATION,
            _POLICY,
            "FrontDoor",
            lambda its: _statements(its)[0].setdefault("Condition", {}).update(Bool={"aws:SecureTransport": "true"}),
        ),
        says="",
    ),
    Change(
        title="Attach AdministratorAccess",
        edit=_with(
            _FOUNDATION, _ROLE, "ServingTurn", ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"]
        ),
        says="widens?",
        tells=("AdministratorAccess",),
    ),
    Change(
        title="Allow all but IAM",
        edit=_allows(_FOUNDATION, _POLICY, "ServingTurn", NotAction="iam:*", Resource="*"),
        says="widens",
        tells=("all but iam:*",),
    ),
    Change(
        title="Forbid the training function to delete",
        edit=_one(
            _FOUNDATION,
            _POLICY,
            "TrainingTurn",
            lambda its: _statements(its).append({"Effect": "Deny", "Action": "bedrock:Delete*", "Resource": "*"}),
        ),
        says="",
    ),
    Change(
        title="Forbid the training function no longer to delete",
        edit_base=_one(
            _FOUNDATION,
            _POLICY,
            "TrainingTurn",
            lambda its: _statements(its).append({"Effect": "Deny", "Action": "bedrock:Delete*", "Resource": "*"}),
        ),
        says="widens",
        tells=("bedrock:Delete*",),
    ),
    Change(
        title="Let another service assume the service role",
        edit=_allows(
            _FOUNDATION, _ROLE, "ServiceRole", Action="sts:AssumeRole", Principal={"Service": "ec2.amazonaws.com"}
        ),
        says="widens",
        tells=("ec2.amazonaws.com",),
    ),
    Change(
        title="Let another account assume the service role",
        edit=_allows(_FOUNDATION, _ROLE, "ServiceRole", Action="sts:AssumeRole", Principal=_ANY_ROOT),
        says="shares",
        tells=(_OTHER,),
    ),
    Change(
        title="Let Bedrock assume the service role for any account",
        edit=_changes_statement(
            _FOUNDATION, _ROLE, "ServiceRole", "bedrock.amazonaws.com", lambda its: its.pop("Condition")
        ),
        says="widens",
        tells=("bedrock.amazonaws.com",),
    ),
    Change(
        title="Let another account read the bucket",
        edit=_allows(
            _FOUNDATION, _BUCKET_POLICY, "DataStoreBucket", Action="s3:GetObject", Resource="*", Principal=_ANY_ROOT
        ),
        says="shares",
        tells=(_OTHER, "s3:GetObject"),
    ),
    Change(
        title="Let everybody read the bucket",
        edit=_allows(
            _FOUNDATION, _BUCKET_POLICY, "DataStoreBucket", Action="s3:GetObject", Resource="*", Principal="*"
        ),
        says="shares",
        tells=("everybody",),
    ),
    Change(
        title="Accept requests without TLS",
        edit=_one(_FOUNDATION, _BUCKET_POLICY, "DataStoreBucket", lambda its: _statements(its).pop()),
        says="widens",
    ),
    Change(
        title="Let another account use the key",
        edit=_allows(_FOUNDATION, _KEY, "DataStore", Action="kms:Decrypt", Resource="*", Principal=_ANY_ROOT),
        says="shares",
        tells=(_OTHER, "kms:Decrypt"),
    ),
    Change(
        title="Let another account call a function",
        edit=_new(
            _FOUNDATION,
            "AWS::Lambda::Permission",
            Action="lambda:InvokeFunction",
            FunctionName="front-door",
            Principal=_OTHER,
        ),
        says="shares",
        tells=(_OTHER,),
    ),
    Change(
        title="Let everybody call a function by HTTPS",
        edit=_new(_FOUNDATION, "AWS::Lambda::Url", AuthType="NONE", TargetFunctionArn="front-door"),
        says="shares",
    ),
    Change(
        title="Share a resource with another account",
        edit=_new(
            _FOUNDATION, "AWS::RAM::ResourceShare", Name="data", Principals=[_OTHER], ResourceArns=["arn:aws:s3:::any"]
        ),
        says="shares",
        tells=(_OTHER,),
    ),
    Change(
        title="Replicate the bucket into another account",
        edit=_with(
            _FOUNDATION,
            _BUCKET,
            "Bucket",
            ReplicationConfiguration={
                "Role": "arn:aws:iam::111122223333:role/any",
                "Rules": [{"Status": "Enabled", "Destination": {"Account": _OTHER, "Bucket": "arn:aws:s3:::theirs"}}],
            },
        ),
        says="shares widens?",
        tells=(_OTHER,),
    ),
    Change(
        title="Let another account send events",
        edit=_new(
            _FOUNDATION,
            "AWS::Events::EventBusPolicy",
            StatementId="other",
            Statement={"Effect": "Allow", "Action": "events:PutEvents", "Principal": _ANY_ROOT, "Resource": "*"},
        ),
        says="shares",
        tells=(_OTHER,),
    ),
    Change(
        title="Attach a policy that anybody may attach",
        edit=_new(
            _FOUNDATION,
            "AWS::IAM::ManagedPolicy",
            PolicyDocument={"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]},
        ),
        says="widens",
        tells=("s3:*",),
    ),
    # What bills by standing, and what nobody here knows.
    Change(
        title="Add a key",
        edit=_new(_FOUNDATION, _KEY, KeyPolicy={"Statement": []}),
        says="buys",
        tells=("monthly cost",),
    ),
    Change(
        title="Add an interface endpoint",
        edit=_new(
            _FOUNDATION,
            "AWS::EC2::VPCEndpoint",
            VpcEndpointType="Interface",
            VpcId="vpc-1",
            ServiceName="com.amazonaws.us-east-1.bedrock-runtime",
        ),
        says="buys widens",
        tells=("hourly cost",),
    ),
    Change(
        title="Add a resource of somebody else's",
        edit=_new(_FOUNDATION, "Custom::Theirs", ServiceToken="arn:aws:lambda:us-east-1:111122223333:function:theirs"),
        says="unknown?",
        tells=("Custom::Theirs",),
    ),
    # What the lifecycle reads.
    Change(
        title="Keep a throughput when its stack goes",
        before=_UNIT,
        after=_UNIT,
        edit=_one("Serving", _THROUGHPUT, "", lambda its: its.update(DeletionPolicy="Retain")),
        says="loosens",
        tells=("still billed",),
    ),
    Change(
        title="Remove a throughput that is kept",
        before=_UNIT,
        after=_UNIT,
        edit_base=_one("Serving", _THROUGHPUT, "", lambda its: its.update(DeletionPolicy="Retain")),
        edit=_without("Serving", _THROUGHPUT, ""),
        says="stays",
    ),
    Change(
        title="Remove a throughput",
        before=_UNIT,
        after=_UNIT,
        edit=_without("Serving", _THROUGHPUT, ""),
        says="deletes",
    ),
    Change(
        title="Remove a committed throughput",
        before=_COMMITTED,
        after=_COMMITTED,
        edit=_without("Serving", _THROUGHPUT, ""),
        says="deletes~",
        tells=("Inside its term",),
    ),
    Change(title="Remove a deployment", edit=_without("Serving", _DEPLOYMENT, ""), says="deletes"),
    Change(title="Remove a training", edit=_without("Training", _JOB, ""), says="stays"),
    Change(title="Check no quota", edit=_with("Training", _JOB, "", Quotas={}), says="loosens"),
    Change(
        title="Send requests to another function",
        edit=_with("Serving", _DEPLOYMENT, "", ServiceToken="arn:aws:lambda:us-east-1:111122223333:function:another"),
        says="refused~",
    ),
    Change(
        title="Train with properties that nobody can read",
        edit=_with("Training", _JOB, "", Attempt="often"),
        says="unknown?",
    ),
    # The stacks themselves.
    Change(
        title="Protect a stack no longer",
        edit_base=lambda its: _replaces(its, "Serving", is_protected=True),
        says="loosens",
    ),
    Change(title="Protect a stack", edit=lambda its: _replaces(its, "Serving", is_protected=True), says=""),
    Change(
        title="Acknowledge a finding of the rule packs",
        edit=lambda its: _replaces(its, _FOUNDATION, acknowledged={("DataStore/Bucket", "AwsSolutions-S1"): "small"}),
        says="loosens",
        tells=("AwsSolutions-S1", "small"),
    ),
    Change(
        title="Skip a rule of checkov",
        edit=_one(
            _FOUNDATION,
            _BUCKET,
            "Bucket",
            lambda its: its.setdefault("Metadata", {}).update(
                checkov={"skip": [{"id": "CKV_AWS_1", "comment": "small"}]}
            ),
        ),
        says="loosens",
        tells=("CKV_AWS_1",),
    ),
    Change(
        title="Change the code of a function",
        edit=_with(_FOUNDATION, _FUNCTION, "FrontDoor", Code={"S3Bucket": "assets", "S3Key": "another.zip"}),
        says="",
    ),
    Change(
        title="Give a function more memory", edit=_with(_FOUNDATION, _FUNCTION, "FrontDoor", MemorySize=1024), says=""
    ),
    Change(
        title="Log the workflow no more",
        edit=_with(_FOUNDATION, "AWS::StepFunctions::StateMachine", "", LoggingConfiguration=None),
        says="loosens",
    ),
    Change(
        title="Drop what happens to lost events",
        edit=_without(_FOUNDATION, "AWS::Lambda::EventInvokeConfig", ""),
        says="loosens",
    ),
    Change(
        title="Watch for other events",
        edit=_with(_FOUNDATION, "AWS::Events::Rule", "", EventPattern={"source": ["aws.s3"]}),
        says="loosens~",
        tells=("EventPattern",),
    ),
    Change(
        title="Switch the last resort off",
        edit=_one(_FOUNDATION, "AWS::Events::Rule", "", lambda its: its["Properties"].update(State="DISABLED")),
        says="loosens",
    ),
    Change(
        title="Take an export away that other stacks import",
        edit=_in(
            _FOUNDATION,
            lambda body: body["Outputs"].pop(
                next(name for name, its in body["Outputs"].items() if "Export" in its and "Key" in name)
            ),
        ),
        says="refused",
    ),
)
