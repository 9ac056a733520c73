"""A simulated Amazon Bedrock: a library with a clock that can be turned.

It covers what fine-tuning a model and serving it need, checks every request and response against the service
models of botocore, and uses roles, buckets, keys and events through a `World` that is given to it.
"""

from sandbox.bedrock.clock import Clock
from sandbox.bedrock.control import ControlError
from sandbox.bedrock.faults import ApiFault, DeploymentFault, EventFault, JobFault, ThroughputFault
from sandbox.bedrock.in_memory_world import InMemoryWorld, Role
from sandbox.bedrock.lasting_faults import (
    AuthorizationFault,
    DeletionFault,
    LegacyFault,
    NotThereFault,
    OmissionFault,
    UnseenFault,
)
from sandbox.bedrock.phases import Phase
from sandbox.bedrock.service import SimulatedBedrock
from sandbox.bedrock.settings import Durations, Quotas, Settings
from sandbox.bedrock.wire.responses import Response
from sandbox.bedrock.world import CannotAssumeRole, World, WorldDenied

__all__ = [
    "ApiFault",
    "AuthorizationFault",
    "CannotAssumeRole",
    "Clock",
    "ControlError",
    "DeletionFault",
    "DeploymentFault",
    "Durations",
    "EventFault",
    "InMemoryWorld",
    "JobFault",
    "LegacyFault",
    "NotThereFault",
    "OmissionFault",
    "Phase",
    "Quotas",
    "Response",
    "Role",
    "Settings",
    "SimulatedBedrock",
    "ThroughputFault",
    "UnseenFault",
    "World",
    "WorldDenied",
]
