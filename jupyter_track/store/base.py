"""The contract of the stores.

Whoever keeps experiments and models implements `TrackingStore` and `RegistryStore`; magics, API, UI and
command line know only these two and never which family is behind them. What follows holds for every
implementation and is checked for every implementation by ``tests/store/contract.py``.

Safety
    One store object may be used from any number of threads; any number of processes may open the same
    store. No call raises because somebody else is writing: it waits, and only after a long time gives up
    with `StoreUnavailable`.

Atomicity
    A call either takes effect whole or not at all. What a call has returned from is committed: it is seen
    by every later read from anywhere, and survives the death of the process.

Repetition
    Every write may be sent again (a journal is replayed after a crash) and then changes nothing: the same
    run id and experiment, the same metric point, the same param value, the same tag, the same input, the same
    name, and what is deleted or restored already. (A tag that is not there cannot be deleted: it is missing.)

Order
    Searches have a total order, so pages neither repeat nor skip a row that does not change meanwhile.
    A missing value sorts last in both directions.

Errors
    `InvalidParameterValue` for input that can never be accepted, `ResourceDoesNotExist`,
    `ResourceAlreadyExists`, and `StoreUnavailable` when the place itself is out of reach, full, locked for
    too long, or of another schema. No other exception leaves a store.

Values
    Times are integers, milliseconds since the epoch, UTC. Metric values are IEEE doubles, NaN and the
    infinities included, and come back bit for bit (a NaN as a NaN, a zero without its sign). An artifact
    location that is a path is kept absolute. Experiment "0", named "Default", is always there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from ..entities import (
    DatasetInput,
    Experiment,
    ExperimentTag,
    Metric,
    ModelVersion,
    PagedList,
    Param,
    RegisteredModel,
    Run,
    RunInfo,
    RunStatus,
    RunTag,
    ViewType,
)

__all__ = ["DEFAULT_EXPERIMENT_ID", "RUN_NAME_TAG", "RegistryStore", "Store", "TrackingStore"]

DEFAULT_EXPERIMENT_ID = "0"
#: The tag that holds a run's name too.
RUN_NAME_TAG = "mlflow.runName"


class TrackingStore(ABC):
    """Keeps experiments, runs, and what is logged to runs."""

    @abstractmethod
    def create_experiment(
        self, name: str, artifact_location: str | None = None, tags: Sequence[ExperimentTag] = ()
    ) -> str:
        """Create an experiment and return its id.

        Raises
        ------
        ResourceAlreadyExists
            If an experiment, deleted ones included, has the name.
        """

    @abstractmethod
    def get_experiment(self, experiment_id: str) -> Experiment:
        """Return an experiment, deleted ones included.

        Raises
        ------
        ResourceDoesNotExist
        """

    @abstractmethod
    def get_experiment_by_name(self, name: str) -> Experiment | None:
        """Return the experiment of that name, deleted ones included, or None."""

    @abstractmethod
    def search_experiments(
        self,
        view_type: ViewType = ViewType.ACTIVE_ONLY,
        max_results: int = 1000,
        filter_string: str = "",
        order_by: Sequence[str] = (),
        page_token: str = "",
    ) -> PagedList[Experiment]:
        """Return one page of experiments; by default the newest first."""

    @abstractmethod
    def rename_experiment(self, experiment_id: str, new_name: str) -> None:
        """Give an active experiment another name.

        Raises
        ------
        ResourceDoesNotExist
        ResourceAlreadyExists
            If another experiment, deleted ones included, has the name.
        InvalidParameterValue
            If the name cannot be one, or the experiment is deleted.
        """

    @abstractmethod
    def delete_experiment(self, experiment_id: str) -> None:
        """Put an experiment and all its runs into the bin. Its name stays taken.

        Raises
        ------
        ResourceDoesNotExist
        """

    @abstractmethod
    def restore_experiment(self, experiment_id: str) -> None:
        """Take an experiment and all its runs out of the bin, those too that were deleted before it.

        Raises
        ------
        ResourceDoesNotExist
        """

    @abstractmethod
    def set_experiment_tag(self, experiment_id: str, tag: ExperimentTag) -> None:
        """Set a tag of an active experiment, in place of what it was.

        Raises
        ------
        ResourceDoesNotExist
        InvalidParameterValue
            If the tag is over MLflow's limits, or the experiment is deleted.
        """

    @abstractmethod
    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Remove a tag of an active experiment.

        Raises
        ------
        ResourceDoesNotExist
            If there is no such experiment, or no such tag of it.
        InvalidParameterValue
            If the experiment is deleted.
        """

    @abstractmethod
    def create_run(
        self,
        experiment_id: str,
        user_id: str = "",
        start_time: int | None = None,
        tags: Sequence[RunTag] = (),
        run_name: str = "",
        run_id: str | None = None,
    ) -> Run:
        """Start a run: status RUNNING.

        Parameters
        ----------
        experiment_id : str
            An active experiment.
        start_time : int, optional
            Milliseconds; now, if not given.
        run_name : str
            If empty, the tag ``mlflow.runName``, and without it a name is invented. The name is kept as
            that tag too.
        run_id : str, optional
            An id chosen by the caller, so that a run can be written about before the store has it. If the
            run is there already (in the same experiment) it is returned unchanged.

        Raises
        ------
        ResourceDoesNotExist
            If the experiment does not exist.
        InvalidParameterValue
            If the experiment is deleted, or the run id is taken in another experiment.
        """

    @abstractmethod
    def get_run(self, run_id: str) -> Run:
        """Return a run with its latest metrics, params, tags and inputs, deleted runs included.

        Raises
        ------
        ResourceDoesNotExist
        """

    @abstractmethod
    def update_run_info(
        self,
        run_id: str,
        status: RunStatus | None = None,
        end_time: int | None = None,
        run_name: str | None = None,
    ) -> RunInfo:
        """Change what is given and return the new info; a new name changes the tag ``mlflow.runName``."""

    @abstractmethod
    def delete_run(self, run_id: str) -> None:
        """Put a run into the bin: nothing more can be written to it.

        Raises
        ------
        ResourceDoesNotExist
        """

    @abstractmethod
    def restore_run(self, run_id: str) -> None:
        """Take a run out of the bin, whether or not its experiment is there.

        Raises
        ------
        ResourceDoesNotExist
        """

    @abstractmethod
    def log_batch(
        self,
        run_id: str,
        metrics: Sequence[Metric] = (),
        params: Sequence[Param] = (),
        tags: Sequence[RunTag] = (),
    ) -> None:
        """Log to an active run, all or nothing.

        Raises
        ------
        InvalidParameterValue
            If a param has another value already or twice in the batch, if a name is not allowed, or if
            the batch is over MLflow's limits. Param and tag values over their limit are refused here;
            shortening is the client's business.
        """

    @abstractmethod
    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag of an active run.

        Raises
        ------
        ResourceDoesNotExist
            If there is no such run, or no such tag of it.
        InvalidParameterValue
            If the run is deleted.
        """

    @abstractmethod
    def log_inputs(self, run_id: str, datasets: Sequence[DatasetInput] = ()) -> None:
        """Log to an active run what it has read, all or nothing.

        A dataset is kept once for an experiment, under its name and digest, as it was told of first. A dataset
        that the run has as an input already stays as it is, its tags too.

        Raises
        ------
        ResourceDoesNotExist
        InvalidParameterValue
            If something is over MLflow's limits, a tag has two values, or the run is deleted.
        """

    @abstractmethod
    def get_metric_history(
        self, run_id: str, key: str, max_results: int | None = None, page_token: str = ""
    ) -> PagedList[Metric]:
        """Return the points of a metric ordered by (timestamp, step, value); none if there are none.

        Raises
        ------
        ResourceDoesNotExist
            If the run does not exist.
        """

    @abstractmethod
    def get_metric_history_bulk(
        self, run_ids: Sequence[str], metric_key: str, max_results: int | None = None
    ) -> dict[str, list[Metric]]:
        """Return the points of a metric of several runs, each history in the order of `get_metric_history`.

        A run that is not there has no points. `max_results` counts the points of all runs together, in the
        order in which the runs are given.
        """

    @abstractmethod
    def get_metric_history_bulk_interval(
        self,
        run_ids: Sequence[str],
        metric_key: str,
        max_results: int = 1_000,
        start_step: int | None = None,
        end_step: int | None = None,
    ) -> dict[str, list[Metric]]:
        """Return curves to draw: of each run, points of a metric ordered by (step, timestamp, value).

        A run that is not there has no points.

        Parameters
        ----------
        max_results : int
            A run that has no more points than this has them all in its curve. Of a longer history the curve
            has about so many: the stretch of steps is cut into buckets of equal width, and of each the first,
            the last, the least and the greatest point are kept (M4: Jugel et al., PVLDB 7(10), 2014), so that
            no peak is lost. If all points have one step, the buckets are cut by the timestamp.
        start_step, end_step : int, optional
            Which stretch to draw, both ends included.

        Notes
        -----
        The infinities are the least and the greatest of values. A NaN is neither; a bucket that has NaNs keeps
        one of them besides, so that a curve shows where its values were lost.

        Raises
        ------
        InvalidParameterValue
            If `max_results` is not between 1 and 25,000, or the stretch ends before it starts.
        """

    @abstractmethod
    def search_runs(
        self,
        experiment_ids: Sequence[str],
        filter_string: str = "",
        view_type: ViewType = ViewType.ACTIVE_ONLY,
        max_results: int = 1000,
        order_by: Sequence[str] = (),
        page_token: str = "",
    ) -> PagedList[Run]:
        """Return one page of the runs of those experiments.

        Order: as asked, then newest start first, then run id.

        Raises
        ------
        InvalidParameterValue
            If the filter, the order or the token cannot be read; the message shows where.
        """

    @abstractmethod
    def close(self) -> None:
        """Give back connections; the store object is not used again."""


class RegistryStore(ABC):
    """Keeps registered models, their versions and aliases."""

    @abstractmethod
    def create_registered_model(
        self, name: str, tags: dict[str, str] | None = None, description: str = ""
    ) -> RegisteredModel:
        """Register a name.

        Raises
        ------
        ResourceAlreadyExists
        """

    @abstractmethod
    def get_registered_model(self, name: str) -> RegisteredModel:
        """Return a registered model.

        Raises
        ------
        ResourceDoesNotExist
        """

    @abstractmethod
    def search_registered_models(
        self,
        filter_string: str = "",
        max_results: int = 100,
        order_by: Sequence[str] = (),
        page_token: str = "",
    ) -> PagedList[RegisteredModel]:
        """Return one page of registered models; by default by name."""

    @abstractmethod
    def create_model_version(
        self,
        name: str,
        source: str,
        run_id: str = "",
        tags: dict[str, str] | None = None,
        run_link: str = "",
        description: str = "",
        user_id: str = "",
    ) -> ModelVersion:
        """Add the next version. No version number is ever given twice, whoever else registers meanwhile.

        Raises
        ------
        ResourceDoesNotExist
            If the registered model does not exist.
        """

    @abstractmethod
    def get_model_version(self, name: str, version: int) -> ModelVersion:
        """Return a version.

        Raises
        ------
        ResourceDoesNotExist
        """

    @abstractmethod
    def search_model_versions(
        self,
        filter_string: str = "",
        max_results: int = 10_000,
        order_by: Sequence[str] = (),
        page_token: str = "",
    ) -> PagedList[ModelVersion]:
        """Return one page of versions; by default by name, the newest version first."""

    @abstractmethod
    def set_registered_model_alias(self, name: str, alias: str, version: int) -> None:
        """Point an alias at a version, in one step, wherever it pointed before.

        Raises
        ------
        ResourceDoesNotExist
            If the model or the version does not exist.
        InvalidParameterValue
            If the alias is not a word, or reads as a version.
        """

    @abstractmethod
    def delete_registered_model_alias(self, name: str, alias: str) -> None:
        """Remove an alias; a missing one is no error, a missing model is."""

    @abstractmethod
    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """Return the version an alias points to.

        Raises
        ------
        ResourceDoesNotExist
            If the model does not exist.
        InvalidParameterValue
            If the model has no such alias (400, as MLflow answers).
        """


class Store(TrackingStore, RegistryStore):
    """Both contracts in one place, which is how every family of stores comes."""
