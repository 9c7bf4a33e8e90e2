"""The client of one tracking URI: records runs, reads them, and works the registry."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from ..artifacts import ArtifactRepository, open_repository
from ..config import resolve_tracking_uri
from ..entities import (
    Experiment,
    InvalidParameterValue,
    ModelVersion,
    RegisteredModel,
    ResourceAlreadyExists,
    ResourceDoesNotExist,
    Run,
)
from ..outbox import Outbox, Record
from ..store import Store, lasting_uri, open_store, shown_uri
from .recorder import Recorder

__all__ = ["TrackClient"]

#: Seconds that a read waits at most for this process's own writes to arrive.
READ_YOUR_WRITES_SECONDS = 5.0
#: Seconds that a write which has begun has to end before another store is given it.
HAND_OVER_SECONDS = 1.0


class TrackClient:
    """Everything a notebook does with a store.

    Parameters
    ----------
    tracking_uri : str, optional
        Where the store is; see `jupyter_track.config.resolve_tracking_uri` for what holds if empty.
    artifact_root : str, optional
        Where new experiments keep their artifacts; see `jupyter_track.store.open_store`.

    Notes
    -----
    Writes go through an outbox and return at once. Reads see this process's own writes.
    """

    def __init__(self, tracking_uri: str = "", artifact_root: str | None = None) -> None:
        self.tracking_uri = resolve_tracking_uri(tracking_uri)
        self._artifact_root = artifact_root
        self._opening = threading.Lock()
        self._opened: Store | None = None
        self._handing_over = threading.Lock()
        self._successor: TrackClient | None = None
        self.outbox = Outbox(
            self._store, {"tracking_uri": lasting_uri(self.tracking_uri), "artifact_root": artifact_root}
        )

    @property
    def place(self) -> tuple[str, str | None]:
        """What tells this client from one that writes elsewhere."""
        return self.tracking_uri, self._artifact_root

    @property
    def shown_uri(self) -> str:
        """The tracking URI as it may be shown: without the password that it may hold."""
        return shown_uri(self.tracking_uri)

    def _store(self) -> Store:
        with self._opening:
            if self._opened is None:
                self._opened = open_store(self.tracking_uri, self._artifact_root)
            return self._opened

    def _up_to_date_store(self) -> Store:
        store = self._store()
        self.outbox.flush(READ_YOUR_WRITES_SECONDS)
        return store

    def record(
        self,
        experiment_name: str,
        run_name: str,
        user_id: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> Recorder:
        """Start a run and return its recorder."""
        return Recorder(self, experiment_name, run_name, user_id, tags)

    def put(self, record: Record) -> None:
        """Send a record on its way: to this client's store, or to where its records have been handed over."""
        with self._handing_over:
            if self._successor is None:
                self.outbox.put(record)
                return
        self._successor.put(record)

    def search_experiments(self) -> list[Experiment]:
        """Return all active experiments, the newest first."""
        store = self._up_to_date_store()
        page = store.search_experiments()
        found = list(page)
        while page.token:
            page = store.search_experiments(page_token=page.token)
            found += page
        return found

    def search_runs(
        self,
        experiment_names: list[str] | None = None,
        filter_string: str = "",
        max_results: int = 1000,
        order_by: list[str] | None = None,
    ) -> list[Run]:
        """Return the runs of the named experiments, or of all; the newest first if no order is asked.

        Raises
        ------
        InvalidParameterValue
            If the filter or the order cannot be read; the message shows where.
        """
        experiments = self.search_experiments()
        if experiment_names is not None:
            experiments = [each for each in experiments if each.name in experiment_names]
        return list(
            self._store().search_runs(
                [each.experiment_id for each in experiments],
                filter_string,
                max_results=max_results,
                order_by=order_by or (),
            )
        )

    def get_run(self, run_id: str) -> Run:
        """Return a run.

        Raises
        ------
        ResourceDoesNotExist
        """
        return self._up_to_date_store().get_run(run_id)

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
        begun = []
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

    def search_registered_models(self) -> list[RegisteredModel]:
        """Return all registered models by name."""
        store = self._up_to_date_store()
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
        store = self._up_to_date_store()
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
        self._up_to_date_store().set_registered_model_alias(name, alias, version)

    def open(self) -> None:
        """Open the store now instead of at the first use.

        Raises
        ------
        InvalidParameterValue
            If no store handles the URI.
        StoreUnavailable
            If the place cannot be reached or written, or holds a database of another schema.
        """
        self._store()

    def hand_over(self, successor: TrackClient, timeout: float) -> bool:
        """Let what waits arrive, at most `timeout` seconds, or else leave it to another client.

        Returns
        -------
        bool
            True if the store has everything. This client then goes on: a run that is being recorded ends where
            it began. Else this client is closed, and what waited and is put later goes to `successor`.
        """
        if self.outbox.flush(timeout):
            return True
        with self._handing_over:
            with self.outbox.withdraw(HAND_OVER_SECONDS) as left:
                for record in left:
                    successor.put(record)
            self._successor = successor
            self.close(0)
        return False

    def close(self, timeout: float) -> int:
        """Let what waits arrive, at most `timeout` seconds, and give back the store.

        Returns
        -------
        int
            How many records could not be delivered. They wait in the journal, and another process delivers them.
        """
        left = self.outbox.close(timeout)
        with self._opening:
            if self._opened is not None:
                self._opened.close()
        return left
