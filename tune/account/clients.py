"""Clients of AWS for one environment, and what it means when AWS does not answer."""

from collections.abc import Callable
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import boto3
from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from bedrock_lifecycle.engine import aws_errors, denials
from bedrock_lifecycle.engine.outcome import Again
from settings.bootstrap import BootstrapRole
from tune.account import denied
from tune.account.aws import Aws
from tune.account.bootstrap_roles import role_arn
from tune.account.sessions import assumed, note_calls
from tune.terminal.environments import EnvironmentRef
from tune.terminal.problems import CannotBeDone

A = TypeVar("A")

# What any service answers to credentials that have ended, or that it does not know.
_REFUSED_CREDENTIALS: Final = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationToken",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
    }
)
_UNUSABLE_CREDENTIALS: Final = (
    exceptions.CredentialRetrievalError,
    exceptions.LoginError,
    exceptions.NoAuthTokenError,
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.ProfileNotFound,
    exceptions.RefreshWithMFAUnsupportedError,
    exceptions.SSOError,
    exceptions.TokenRetrievalError,
)
_NO_CONNECTION: Final = (exceptions.ConnectionError, exceptions.HTTPClientError)
# The account of the local AWS, and where it answers.
_LOCAL_ACCOUNT: Final = "000000000000"
_LOCAL_ENDPOINT: Final = "://localhost:"


class WrongCredentials(CannotBeDone):
    """There are no usable credentials, or they are those of another account."""


class WrongEndpoint(CannotBeDone):
    """The variables or the profile name an endpoint that is none."""


def clients(anchor: EnvironmentRef, role: BootstrapRole | None = None, region: str | None = None) -> Aws:
    """Return clients in the environment's account; raise WrongCredentials, or what botocore raises.

    role: The bootstrap role that does what the command does, where the credentials are of another account, or may not
        read the environment's stacks: as the CDK CLI does it. With `deploy`, all but CloudFormation is read by
        `lookup`. Default: none, the credentials act themselves.
    region: Where the clients are. Default: the environment's Region.
    """
    own = SessionClients(boto3.Session(region_name=region or anchor.region))
    if role is None:
        check_account(own, anchor)
        return own
    account = _identified(own, anchor)
    if account == anchor.account and _may_read(own, anchor):
        return own
    try:
        assumed = own.assuming(role_arn(anchor, role))
    except ClientError as error:
        if account == anchor.account:
            return own  # what it may not do is told where it is refused
        raise WrongCredentials(_refused(anchor, account, own.caller, role, error)) from None
    if role == "lookup":
        return assumed
    reading = own.later(role_arn(anchor, "lookup"))
    return lambda service: assumed(service) if service == "cloudformation" else reading(service)


class SessionClients:
    """Clients of one session, in its Region. `caller` is who they act as, once that is known."""

    def __init__(self, session: boto3.Session, caller: str = "") -> None:
        self._session = session
        self.caller = caller

    def __call__(self, service: str) -> Any:
        client = made(self._session.client, service)
        note_calls(client, self.caller)
        return client

    def account(self) -> str:
        """Return the account of the credentials; raise what botocore raises."""
        identity = self("sts").get_caller_identity()
        self.caller = denials.principal(identity.get("Arn", ""))
        return str(identity["Account"])

    def later(self, arn: str) -> "SessionClients":
        """Return clients of a role, which is assumed at the first call."""
        return SessionClients(assumed(self._session, arn), f"role {arn.rpartition('/')[2]}")

    def assuming(self, arn: str) -> "SessionClients":
        """Return clients of a role that was assumed; raise what botocore raises when it cannot be."""
        found = self.later(arn)
        if credentials := found._session.get_credentials():
            credentials.get_frozen_credentials()
        return found


def made(make: Callable[..., Any], service: str, **options: str) -> Any:
    """Return a client that `make` makes; raise WrongEndpoint, or what botocore raises as its own."""
    try:
        client = make(service, **options)
        # botocore itself reads the port only when something is called.
        _ = urlsplit(client.meta.endpoint_url).port
    except BotoCoreError:
        raise
    except ValueError as error:
        raise WrongEndpoint(
            f"the endpoint set for {service} cannot be used ({error}): an endpoint is a URL such as "
            "http://localhost:4566; correct AWS_ENDPOINT_URL, or endpoint_url of the AWS profile, or unset it"
        ) from None
    return client


def check_account(aws: Aws, anchor: EnvironmentRef) -> None:
    """Raise WrongCredentials unless the credentials are those of the environment's account."""
    account = _identified(aws, anchor)
    if account != anchor.account:
        raise WrongCredentials(
            f"the AWS credentials are those of account {account}, and environment {anchor.name} is in account "
            f"{anchor.account}: change the credentials, or account in {anchor.name}/environment.toml"
        )


def _identified(aws: Aws, anchor: EnvironmentRef) -> str:
    """Return the account of the credentials; raise WrongCredentials when there are none that can be used."""
    try:
        return aws.account() if isinstance(aws, SessionClients) else str(aws("sts").get_caller_identity()["Account"])
    except (ClientError, BotoCoreError) as error:
        hint = "; for the local AWS: make sandbox, and set what it prints"
        is_local = anchor.account == _LOCAL_ACCOUNT and are_credentials_refused(error)
        raise WrongCredentials(f"{told(error)}{hint if is_local else ''}") from None


def _may_read(aws: Aws, anchor: EnvironmentRef) -> bool:
    """Tell whether credentials of the environment's account may read its stacks: who may only assume roles may not."""
    try:
        aws("cloudformation").describe_stacks(StackName=anchor.foundation)
    except ClientError as error:
        return not aws_errors.is_denied(error)
    return True


def _refused(anchor: EnvironmentRef, account: str, caller: str, role: BootstrapRole, error: ClientError) -> str:
    """Return why neither the credentials nor the bootstrap's role serve, and who would have to allow what."""
    return (
        f"the AWS credentials are those of {caller} in account {account}, this is about account "
        f"{anchor.account}, and {role_arn(anchor, role)} could not be assumed there ({error}): "
        f"trust account {account} with cdk bootstrap --trust {account}, and attach what python -m tune policy "
        f"{anchor.name}{anchor.option} prints to the caller; or change the credentials, or account and [bootstrap] in "
        f"{anchor.name}/environment.toml"
    )


def are_credentials_refused(error: ClientError | BotoCoreError) -> bool:
    """Tell whether nothing more can be asked until somebody signs in again."""
    if isinstance(error, ClientError):
        return aws_errors.code(error) in _REFUSED_CREDENTIALS
    return isinstance(error, _UNUSABLE_CREDENTIALS)


def passes(error: ClientError | BotoCoreError) -> bool:
    """Tell whether the same question may be answered a moment later: a service that is busy, a network that is gone."""
    return aws_errors.passes(error) if isinstance(error, ClientError) else isinstance(error, _NO_CONNECTION)


def told(error: ClientError | BotoCoreError) -> str:
    """Return in one line why AWS does not answer, and what to do where that is known."""
    words = aws_errors.sentence(error) if isinstance(error, ClientError) else " ".join(str(error).split())
    if are_credentials_refused(error):
        return f"the AWS credentials cannot be used, or have ended ({words}): sign in again"
    if isinstance(error, _NO_CONNECTION):
        hint = ": check that make sandbox is running and that these are its variables"
        return f"AWS cannot be reached ({words}){hint if _LOCAL_ENDPOINT in words else ''}"
    if isinstance(error, ClientError) and aws_errors.is_denied(error):
        return denied.told(error)
    if passes(error):
        return f"AWS cannot answer now ({words}): wait a minute, and run the same command again"
    return f"AWS returned an error: {words}"


def answered(ask: Callable[[], A]) -> tuple[A | None, str]:
    """Return the answer; or nothing, and in one line why there is none."""
    try:
        return ask(), ""
    except (ClientError, BotoCoreError, Again) as error:
        return None, in_words(error) or ""
    except CannotBeDone as problem:
        return None, str(problem)


def in_words(error: Exception) -> str | None:
    """Return in one line why AWS does not do what was asked; None for what is no matter of its."""
    if isinstance(error, ClientError | BotoCoreError):
        return told(error)
    return f"AWS returned an error: {error}" if isinstance(error, Again) else None
