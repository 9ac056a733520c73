"""Everything that one account has in one region."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from sandbox.bedrock.lasting_faults import Kind
from sandbox.bedrock.resources.custom_model import CustomModel
from sandbox.bedrock.resources.deployment import Deployment
from sandbox.bedrock.resources.job import Job
from sandbox.bedrock.resources.throughput import Throughput


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_N = TypeVar("_N", bound=_Named)


@dataclass
class Region:
    """The resources by ARN, and the tags of each.

    Jobs are never deleted, so the names that are used up can be read from them.
    """

    jobs: dict[str, Job] = field(default_factory=dict)
    models: dict[str, CustomModel] = field(default_factory=dict)
    throughputs: dict[str, Throughput] = field(default_factory=dict)
    past_throughputs: list[Throughput] = field(default_factory=list)
    deployments: dict[str, Deployment] = field(default_factory=dict)
    past_deployments: list[Deployment] = field(default_factory=list)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)

    def timed(self) -> list[Job | Throughput | Deployment]:
        """Return the resources to which something may happen as time passes."""
        return [*self.jobs.values(), *self.throughputs.values(), *self.deployments.values()]

    def created(self, arn: str) -> tuple[Kind, datetime] | None:
        """Return what kind of thing an ARN stands for, and when it was created."""
        kinds: dict[Kind, Mapping[str, Job | CustomModel | Throughput | Deployment]] = {
            "job": self.jobs,
            "model": self.models,
            "throughput": self.throughputs,
            "deployment": self.deployments,
        }
        return next(((kind, of_kind[arn].created) for kind, of_kind in kinds.items() if arn in of_kind), None)

    def serving(self) -> list[Throughput | Deployment]:
        """Return what serves models, or is being made to."""
        return [*self.throughputs.values(), *self.deployments.values()]


def find(resources: Mapping[str, _N], identifier: str) -> _N | None:
    """Return the resource of an ARN or a name."""
    return resources.get(identifier) or next(_by_name(resources.values(), identifier), None)


def _by_name(resources: Iterable[_N], name: str) -> Iterator[_N]:
    return (resource for resource in resources if resource.name == name)
