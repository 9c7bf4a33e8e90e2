"""Where a model version may come from.

A source is later read with the rights of whoever loads the model, so it may not point at what its author
could not have put there: it lies among the artifacts of a run that is named, or in an object store that
checks for itself who reads.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePath, PurePosixPath
from urllib.parse import unquote

from ..artifacts import check_artifact_path, local_path, uri_scheme
from ..entities import InvalidParameterValue
from ..entities.limits import check_length
from ..store import TrackingStore

__all__ = ["check_source"]

# Object stores and distributed file systems, where access is checked by the place itself.
_REMOTE = frozenset({"abfs", "abfss", "dbfs", "gs", "hdfs", "oss", "r2", "s3", "s3a", "viewfs", "wasb", "wasbs"})

_MAX_SOURCE = 500


def check_source(store: TrackingStore, source: str, run_id: str) -> None:
    """Refuse a model version's source that is not allowed.

    Parameters
    ----------
    store : TrackingStore
        Where `run_id` is looked up.
    source : str
        ``runs:/<run_id>/<path>``; a path, ``file:`` URL or other URI among the artifacts of `run_id`; or
        an address in an object store.
    run_id : str
        The run that holds the source; may be empty for an object store.

    Raises
    ------
    InvalidParameterValue
        If the source is not allowed.
    ResourceDoesNotExist
        If the run does not exist.
    """
    check_length("model version source", source, _MAX_SOURCE)
    # Written once or more in percent signs, ".." is still read as such by some store.
    if ".." in PurePosixPath(_plain(source).replace("\\", "/")).parts:
        raise _refusal(source, "It must not hold '..'.")
    scheme = uri_scheme(source)
    if scheme in _REMOTE:
        return
    if scheme == "runs":
        _check_run_source(store, source, run_id)
        return
    if not scheme or scheme == "file":
        path = local_path(source)
        if path is None or "\0" in path or not PurePath(path).is_absolute():
            raise _refusal(source, "A local path must be absolute.")
    elif scheme in ("http", "https", "models"):
        raise _refusal(source, "Give a runs:/ URI, a path among the artifacts of run_id, or an object store's URI.")
    if not run_id or not _contains(store.get_run(run_id).info.artifact_uri, source):
        raise _misplaced(source)


def _check_run_source(store: TrackingStore, source: str, run_id: str) -> None:
    slash, run_and_path = source[len("runs:") :][:1], source[len("runs:/") :]
    source_run, _, path = run_and_path.partition("/")
    if slash != "/" or not source_run:
        raise _refusal(source, "Expected runs:/<run_id>/<path>.")
    if source_run != run_id:
        raise _misplaced(source)
    check_artifact_path(path)
    store.get_run(run_id)


def _contains(artifact_uri: str, source: str) -> bool:
    """Return whether a source lies below a run's artifact root, links on this machine followed."""
    root, place = local_path(artifact_uri), local_path(source)
    if root is None or place is None:
        return root is None and place is None and source.startswith(artifact_uri.rstrip("/") + "/")
    real_root, real_place = Path(os.path.realpath(root)), Path(os.path.realpath(place))
    return real_place == real_root or real_root in real_place.parents


def _plain(source: str) -> str:
    """Return a source with its percent signs decoded until nothing changes."""
    while (decoded := unquote(source)) != source:
        source = decoded
    return source


def _refusal(source: str, reason: str) -> InvalidParameterValue:
    return InvalidParameterValue(f"Invalid model version source: '{source}'. {reason}")


def _misplaced(source: str) -> InvalidParameterValue:
    return _refusal(source, "The run_id request parameter must identify the resource that contains the source.")
