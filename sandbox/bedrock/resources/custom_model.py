"""A custom model."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sandbox.bedrock.answers.corpus import Corpus
from sandbox.bedrock.catalogue import FoundationModel
from sandbox.bedrock.names import Scope
from sandbox.bedrock.resources.job import Job


@dataclass
class CustomModel:
    """A model that a job has made. What it was trained on stays in memory: that is what it answers from."""

    scope: Scope
    arn: str
    name: str
    job: Job = field(repr=False)
    created: datetime

    @property
    def base(self) -> FoundationModel:
        """The foundation model that was tuned."""
        return self.job.base

    @cached_property
    def corpus(self) -> Corpus:
        """The training examples, indexed at the first question."""
        return Corpus(self.job.data.examples if self.job.data else ())
