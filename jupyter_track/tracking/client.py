"""The client of one tracking URI: records runs, reads them, and works the registry."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ..artifacts import ArtifactRepository, open_repository
from ..entities import (
    InvalidParameterValue,
    ModelVersion,
    RegisteredModel,
    ResourceAlreadyExists,
    ResourceDoesNotExist,
    Run,
)
from ..outbox import Outbox, Record
from . import process
from .active import enter_cell
from .experiments import ExperimentCalls
from .files import ArtifactCalls
from .log_calls import LoggingCalls
from .recorder import Recorder
from .runs import RunCalls

__all__ = ["TrackClient", "default_client"]


class TrackClient(RunCalls, LoggingCalls, ArtifactCalls, ExperimentCalls):
    """Everything that a program does with a store, with the calls of MLflow's client.

    Parameters
    ----------
    tracking_uri : str or path, optional
        Where the store is; if empty, where this process keeps its runs.
    registry_uri : str or path, optional
        Where registered models are: in the same store, always.
    artifact_root : str, optional
        Where new experiments keep their artifacts; see `jupyter_track.store.open_store`.

    Raises
    ------
    InvalidParameterValue
        If models should be kept elsewhere.

    Notes
    -----
    What is logged is safe in a journal when a call returns, and in the store a little later. Reads see this
    process's own writes. Clients of the same place share all they have.
    """

    def __init__(
        self,
        tracking_uri: str | os.PathLike[str] | None = None,
        registry_uri: str | os.PathLike[str] | None = None,
        *,
        artifact_root: str | None = None,
    ) -> None:
        uri = os.fspath(tracking_uri or "")
        if registry_uri and os.fspath(registry_uri) != (uri or process.get_tracking_uri()):
            raise InvalidParameterValue("Registered models are kept where runs are: leave registry_uri out.")
        in_force = not uri and artifact_root is None
        self._connection = process.connect(*process.connection().place if in_force else (uri, artifact_root))

    @property
    def tracking_uri(self) -> str:
        """Where the store is."""
        return self._connection.tracking_uri

    @property
    def outbox(self) -> Outbox:
        """What is on the way to the store."""
        return self._connection.outbox

    @property
    def shown_uri(self) -> str:
        """The tracking URI as it may be shown: without the password that it may hold."""
        return self._connection.shown_uri

    # -- tracked cells

    def record(
        self,
        experiment_name: str,
        run_name: str,
        user_id: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> Recorder:
        """Start a run for tracked cells and return its recorder."""
        return Recorder(self, experiment_name, run_name, user_id, tags)

    def enter_cell(self, recorder: Recorder) -> None:
        """Let what this thread logs without a run of its own go to a tracked cell's run, until its recorder ends."""
        enter_cell(recorder, self._connection)

    def put(self, record: Record) -> int:
        """Send a record on its way; see `Connection.put`."""
        return self._connection.put(record)

    # -- reading

    def find_run(self, reference: str) -> Run:
        """Return the run that a person means.

        Parameters
        ----------
        reference : str
            A run id, the beginning of one, or a run name; of several runs of one name the newest.

        Raises
        ------
        ResourceDoesNotExist
            If no run fits.
        InvalidParameterValue
            If the beginning fits several.
        """
        if not reference:
            raise InvalidParameterValue("Name a run: its id, the beginning of its id, or its name.")
        try:
            return self.get_run(reference)
        except ResourceDoesNotExist:
            pass
        quoted = "'" + reference.replace("'", "''") + "'"
        named = self.search_runs(filter_string=f"run_name = {quoted}", max_results=1)
        if named:
            return named[0]
        begun: list[Run] = []
        if reference.isalnum():
            begun = self.search_runs(filter_string=f"run_id LIKE '{reference.lower()}%'", max_results=2)
        if not begun:
            raise ResourceDoesNotExist(f"No run has the id or the name {reference[:80]!r}. '%track runs' lists them.")
        if len(begun) > 1:
            raise InvalidParameterValue(f"Several runs have an id that begins with {reference!r}; give more of it.")
        return begun[0]

    def artifacts(self, run: Run) -> ArtifactRepository:
        """Return the artifacts of a run."""
        return open_repository(run.info.artifact_uri)

    # -- the registry

    def search_registered_models(self) -> list[RegisteredModel]:
        """Return all registered models by name."""
        store = self._connection.up_to_date_store()
        page = store.search_registered_models()
        found = list(page)
        while page.token:
            page = store.search_registered_models(page_token=page.token)
            found += page
        return found

    def register_model(self, run: Run, name: str, artifact_path: str = "model", user_id: str = "") -> ModelVersion:
        """Register the model among a run's artifacts as the next version of `name`.

        Raises
        ------
        ResourceDoesNotExist
            If the run has no model there.
        InvalidParameterValue
            If the name is not allowed.
        """
        store = self._connection.up_to_date_store()
        if not any(file.path == f"{artifact_path}/MLmodel" for file in self.artifacts(run).list(artifact_path)):
            raise ResourceDoesNotExist(
                f"The run {run.info.run_name!r} has no model at {artifact_path!r}. "
                "Track the cell that fits it with '%%track --log-model'."
            )
        try:
            store.create_registered_model(name)
        except ResourceAlreadyExists:
            pass  # One more version of a model that is there.
        return store.create_model_version(
            name, f"runs:/{run.info.run_id}/{artifact_path}", run_id=run.info.run_id, user_id=user_id
        )

    def set_registered_model_alias(self, name: str, alias: str, version: int) -> None:
        """Point an alias at a version, wherever it pointed before."""
        self._connection.up_to_date_store().set_registered_model_alias(name, alias, version)

    # -- the connection

    def open(self) -> None:
        """Open the store now instead of at the first use.

        Raises
        ------
        InvalidParameterValue
            If no store handles the URI.
        StoreUnavailable
            If the place cannot be reached or written, or holds a database of another schema.
        """
        self._connection.store()

    def close(self, timeout: float) -> int:
        """Let what waits arrive, at most `timeout` seconds; the last client of a place gives back its store.

        Returns
        -------
        int
            How many records could not be delivered. They wait in the journal, and another process delivers them.
        """
        return process.release(self._connection, timeout)


_default: TrackClient | None = None


def default_client() -> TrackClient:
    """Return the client of the place where this process keeps its runs."""
    global _default
    if _default is None or _default._connection is not process.connection():
        _default = TrackClient()
    return _default
