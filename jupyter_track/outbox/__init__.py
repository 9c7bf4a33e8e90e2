"""Between a log call and the store: records wait their turn here, so that no caller waits for a database."""

from .outbox import Outbox, Problem
from .records import EndRun, LogBatch, Record, StartRun, WriteArtifact

__all__ = ["EndRun", "LogBatch", "Outbox", "Problem", "Record", "StartRun", "WriteArtifact"]
