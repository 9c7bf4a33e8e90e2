"""Records as bytes and back, so that a journal can keep them.

A record becomes a JSON array and, for an artifact, its bytes as they are. Nothing that is read back is ever
code: a kind that is not known is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import astuple
from typing import Any

from ..entities import Dataset, DatasetInput, InputTag, Metric, Param, RunStatus, RunTag
from .records import DeleteTag, EndRun, LogBatch, LogInputs, Record, ResumeRun, StartRun, UpdateRun, WriteArtifact

__all__ = ["beginning", "decode", "encode"]

# The escapes of ASCII keep half of a surrogate pair; Python's JSON has names for NaN and the infinities.
_to_json = json.JSONEncoder(separators=(",", ":")).encode


def encode(record: Record) -> tuple[bytes, bytes]:
    """Return a record's JSON and its bytes (empty for all but artifacts)."""
    kind = type(record)
    blob = record.data if isinstance(record, WriteArtifact) else b""
    return _to_json([kind.__name__, record.run_id, *_FIELDS[kind](record)]).encode("ascii"), blob


def beginning(kind: type[Record], run_id: str) -> bytes:
    """Return how the JSON of each record of a kind about a run begins."""
    return _to_json([kind.__name__, run_id]).removesuffix("]").encode("ascii") + b","


def decode(encoded: bytes, blob: bytes) -> Record:
    """Return the record that `encode` was given.

    Raises
    ------
    ValueError
        If the bytes are not those of a record.
    """
    try:
        kind, run_id, *fields = json.loads(encoded)
        return _RECORDS[kind](run_id, fields, blob)
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"Not a record: {encoded[:80]!r}") from error


def _pairs(items: Sequence[RunTag] | Sequence[Param]) -> list[tuple[str, str]]:
    return [(item.key, item.value) for item in items]


def _tags(pairs: list[list[str]]) -> tuple[RunTag, ...]:
    return tuple(RunTag(key, value) for key, value in pairs)


def _batch_fields(record: LogBatch) -> list[Any]:
    metrics = [(metric.key, metric.value, metric.timestamp, metric.step) for metric in record.metrics]
    return [metrics, _pairs(record.params), _pairs(record.tags)]


def _start_fields(record: StartRun) -> list[Any]:
    return [
        record.experiment_name,
        record.run_name,
        record.user_id,
        record.start_time,
        _pairs(record.tags),
        record.experiment_id,
    ]


def _inputs_fields(record: LogInputs) -> list[Any]:
    return [[(astuple(each.dataset), [(tag.key, tag.value) for tag in each.tags]) for each in record.datasets]]


def _inputs(run_id: str, datasets: list[tuple[list[str], list[list[str]]]]) -> LogInputs:
    return LogInputs(
        run_id,
        tuple(
            DatasetInput(Dataset(*dataset), tuple(InputTag(key, value) for key, value in tags))
            for dataset, tags in datasets
        ),
    )


def _start(run_id: str, name: str, run_name: str, user: str, time: int, tags: list[list[str]], id_: str) -> StartRun:
    return StartRun(run_id, name, run_name, user, time, _tags(tags), id_)


_FIELDS: dict[type[Record], Callable[[Any], list[Any]]] = {
    StartRun: _start_fields,
    ResumeRun: lambda record: [],
    UpdateRun: lambda record: [record.run_name],
    LogBatch: _batch_fields,
    DeleteTag: lambda record: [record.key],
    LogInputs: _inputs_fields,
    WriteArtifact: lambda record: [record.path, record.shared],
    EndRun: lambda record: [record.status.value, record.end_time],
}
_RECORDS: dict[str, Callable[[str, list[Any], bytes], Record]] = {
    "StartRun": lambda run_id, fields, _: _start(run_id, *fields),
    "ResumeRun": lambda run_id, fields, _: ResumeRun(run_id),
    "UpdateRun": lambda run_id, fields, _: UpdateRun(run_id, fields[0]),
    "LogBatch": lambda run_id, fields, _: LogBatch(
        run_id,
        tuple(Metric(*metric) for metric in fields[0]),
        tuple(Param(key, value) for key, value in fields[1]),
        _tags(fields[2]),
    ),
    "DeleteTag": lambda run_id, fields, _: DeleteTag(run_id, fields[0]),
    "LogInputs": lambda run_id, fields, _: _inputs(run_id, fields[0]),
    "WriteArtifact": lambda run_id, fields, blob: WriteArtifact(run_id, fields[0], blob, *fields[1:]),
    "EndRun": lambda run_id, fields, _: EndRun(run_id, RunStatus(fields[0]), fields[1]),
}
