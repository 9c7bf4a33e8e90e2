"""Between a log call and the store: records wait their turn here, so that no caller waits for a database."""

from .backlog import journal_folder
from .outbox import Outbox, Problem
from .records import (
    DeleteTag,
    EndRun,
    LogBatch,
    LogInputs,
    Record,
    ResumeRun,
    StartRun,
    UpdateRun,
    WriteArtifact,
    get_arriving_run,
)
from .recovery import Recovered, RecoveryWatch, recover_all, start_recovery

__all__ = [
    "DeleteTag",
    "EndRun",
    "LogBatch",
    "LogInputs",
    "Outbox",
    "Problem",
    "Record",
    "Recovered",
    "RecoveryWatch",
    "ResumeRun",
    "StartRun",
    "UpdateRun",
    "WriteArtifact",
    "get_arriving_run",
    "journal_folder",
    "recover_all",
    "start_recovery",
]
