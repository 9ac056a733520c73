"""What AWS refuses to whoever runs a command: who may not do what, which policy it is about, and what to do."""

from typing import Final

from botocore.exceptions import ClientError

from bedrock_lifecycle.engine import aws_errors, denials
from tune.account.sessions import ACTION, CALLER

_PRINTS: Final = "python -m tune policy ENV --command COMMAND prints the policy that a command needs"
_LOOKUP: Final = "python -m tune policy ENV --lookup-role prints the policy that this role lacks"


def told(error: ClientError) -> str:
    """Return a refusal in one line, with the service's own words at its end."""
    its = error.response.get("Error", {})
    denial = denials.read(str(its.get("Message", ""))) or _noted(error)
    if denial is None:
        return f"AWS denies it ({aws_errors.code(error)}: {its.get('Message')}): {_PRINTS}"
    resource = f" on {denial.resource}" if denial.resource else ""
    because = f"no policy allows it, or one denies it; {_remedy(denial)}" if denial.is_own else denial.because
    return f"{denial.who} may not {denial.action}{resource}: {because} ({aws_errors.code(error)}: {its.get('Message')})"


def _noted(error: ClientError) -> denials.Denial | None:
    """Return what the client has noted of the call, where the service does not say it: of HEAD there is no text."""
    who, action = (str(error.response.get(key, "")) for key in (CALLER, ACTION))
    return denials.Denial(who, action, "", "", is_own=True) if who and action else None


def _remedy(denial: denials.Denial) -> str:
    return _LOOKUP if "-lookup-role-" in denial.who else _PRINTS
