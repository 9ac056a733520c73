"""Tells through EventBridge what people should hear although nothing has failed."""

import contextlib
import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_lifecycle import contract


class Announcement:
    """An event on the default bus of the account and Region. What cannot be told fails nothing."""

    def __init__(self, events: Any) -> None:
        self._events = events

    def not_started(self, training_name: str, role_arn: str) -> None:
        """Tell that a training does not start; the role tells trainings apart whose names begin alike."""
        entry = {
            "Source": contract.EVENT_SOURCE,
            "DetailType": contract.NOT_STARTED_EVENT,
            "Detail": json.dumps({"jobName": training_name, "roleArn": role_arn}),
        }
        with contextlib.suppress(BotoCoreError, ClientError):
            self._events.put_events(Entries=[entry])
