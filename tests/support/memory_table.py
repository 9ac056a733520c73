"""The ledger's table in memory, with somebody else who writes at the wrong moment."""

import dataclasses
from collections.abc import Callable
from datetime import datetime

from bedrock_lifecycle.engine.record import Record
from tests.support.events import NOW


class MemoryTable:
    """See `ledger_table.Table`; `before_write` runs between a read and the write that follows it."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.now = NOW
        self.writes = 0
        self.before_write: Callable[[], None] = lambda: None

    def read(self, key: str) -> tuple[Record, datetime]:
        """See `Table`."""
        return self.records.get(key, Record()), self.now

    def write(self, key: str, record: Record) -> bool:
        """See `Table`."""
        interference, self.before_write = self.before_write, lambda: None
        interference()
        if self.records.get(key, Record()).version != record.version:
            return False
        self.records[key] = dataclasses.replace(record, version=record.version + 1)
        self.writes += 1
        return True
