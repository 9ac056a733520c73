"""Which account and Region is looked at."""

from dataclasses import dataclass

from bedrock_lifecycle import contract
from tune.account.partition import partition_of
from tune.terminal.environments import EnvironmentRef


@dataclass(frozen=True)
class Location:
    """An account and one of its Regions."""

    account: str
    region: str

    @property
    def partition(self) -> str:
        return partition_of(self.region)

    def stack_owner(self, stack: str) -> str:
        """Return what the owner tag says of what a stack made, whether or not the stack exists."""
        return contract.stack_owner(
            partition=self.partition, region=self.region, account=self.account, stack_name=stack
        )


def place_of(anchor: EnvironmentRef) -> Location:
    return Location(anchor.account, anchor.region)
