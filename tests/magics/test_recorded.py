"""What a tracked cell leaves in the store, read back through the client."""

from __future__ import annotations

import getpass
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_track.entities import Run, RunStatus
from jupyter_track.tracking import TrackClient

from ..kernels import Kernel


@pytest.fixture(scope="module")
def client(tracked: Kernel) -> Iterator[TrackClient]:
    client = tracked.reader()
    yield client
    client.close(0)


class Recorded:
    """One run and its files."""

    def __init__(self, client: TrackClient, name: str) -> None:
        (self.run,) = client.search_runs(filter_string=f"run_name = '{name}'")
        self._artifacts = client.artifacts(self.run)

    @property
    def params(self) -> dict[str, str]:
        return dict(self.run.data.params)

    @property
    def metrics(self) -> dict[str, float]:
        return dict(self.run.data.metrics)

    @property
    def tags(self) -> dict[str, str]:
        return dict(self.run.data.tags)

    def files(self, folder: str = "") -> set[str]:
        found: set[str] = set()
        for file in self._artifacts.list(folder):
            found |= self.files(file.path) if file.is_dir else {file.path}
        return found

    def text(self, path: str) -> str:
        with self._artifacts.open(path) as file:
            return file.read().decode()


def run_of(kernel: Kernel, client: TrackClient, name: str, body: str, options: str = "") -> Recorded:
    """Run a tracked cell and return what was recorded of it."""
    kernel.run(f"%%track --name {name} {options}\n{body}")
    kernel.settle()
    return Recorded(client, name)


# -- what is captured


def test_params_metrics_and_steps(tracked: Kernel, client: TrackClient) -> None:
    tracked.run("BATCH = 32\nOPTIONS = {'optimizer': 'adam', 'decay': 0.1}")
    body = """
learning_rate = 0.01
for epoch in range(3):
    print(f"epoch {epoch} loss: {1 / (epoch + 1):.4f}")
used = BATCH, OPTIONS
accuracy = sum([0.5, 0.25])
accuracy
"""
    recorded = run_of(tracked, client, "captured", body)
    expected = {"learning_rate": "0.01", "BATCH": "32", "OPTIONS.optimizer": "adam", "OPTIONS.decay": "0.1"}
    assert recorded.params == expected
    assert recorded.metrics == {"loss": 0.3333, "accuracy": 0.75}
    history = client.get_metric_history(recorded.run.info.run_id, "loss")
    assert [(point.step, point.value) for point in history] == [(0, 1.0), (1, 0.5), (2, 0.3333)]
    provenance = json.loads(recorded.text("track/capture.json"))
    lines = {param["key"]: (param["rule"], param["line"]) for param in provenance["params"]}
    assert lines["learning_rate"] == ("assigned constant", 3)
    assert lines["BATCH"] == ("read from an earlier cell", 6)


def test_outputs_are_files(tracked: Kernel, client: TrackClient) -> None:
    body = """
import sys
print("to stdout")
print("to stderr", file=sys.stderr)
display({"image/png": "iVBORw0KGgo=", "text/plain": "a picture"}, raw=True)
display({"text/html": "<b>table</b>"}, raw=True)
!echo from a shell
[1, 2]
"""
    recorded = run_of(tracked, client, "outputs", body)
    assert recorded.text("output/stdout.txt").splitlines() == ["to stdout", "from a shell"]
    assert recorded.text("output/stderr.txt") == "to stderr\n"
    assert recorded.text("output/result.txt") == "[1, 2]"
    assert recorded.text("output/display-1.html") == "<b>table</b>"
    assert {"output/figure-1.png", "track/cell.py", "track/environment.json", "notebook.ipynb"} <= recorded.files()
    assert recorded.text("track/cell.py") == f"%%track --name outputs \n{body}"


def test_matplotlib_figures_are_files(tracked: Kernel, client: TrackClient) -> None:
    body = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nplt.plot([2, 1]);"
    assert {"output/figure-1.png", "output/figure-2.png"} <= run_of(tracked, client, "figures", body).files()


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("finished", "x = 1", RunStatus.FINISHED),
        ("failed", "def inner():\n    raise ValueError('wrong value')\ninner()", RunStatus.FAILED),
        ("killed", "raise KeyboardInterrupt", RunStatus.KILLED),
        ("exited", "import sys\nsys.exit(1)", RunStatus.FAILED),
    ],
)
def test_status_times_user_and_traceback(
    tracked: Kernel, client: TrackClient, name: str, body: str, status: RunStatus
) -> None:
    before = time.time_ns() // 1_000_000
    recorded = run_of(tracked, client, name, body)
    info = recorded.run.info
    assert info.status is status
    assert info.end_time is not None
    assert before <= info.start_time <= info.end_time <= time.time_ns() // 1_000_000
    assert (info.user_id, recorded.tags["mlflow.user"]) == (getpass.getuser(), getpass.getuser())
    assert ("error/traceback.txt" in recorded.files()) is (status is not RunStatus.FINISHED)
    if name == "failed":
        traceback = recorded.text("error/traceback.txt")
        assert traceback.endswith("ValueError: wrong value\n")
        assert "in inner" in traceback
        assert "IPython" not in traceback


def test_environment(tracked: Kernel, client: TrackClient) -> None:
    recorded = run_of(tracked, client, "environment", "1")
    environment = json.loads(recorded.text("track/environment.json"))
    assert environment["packages"]["ipython"] == tracked.evaluate("__import__('IPython').__version__")
    assert environment["python"] == recorded.tags["jupyter_track.python"]
    assert recorded.tags["mlflow.source.type"] == "NOTEBOOK"


def test_curve_grows_while_the_cell_runs(tracked: Kernel, client: TrackClient) -> None:
    body = "for epoch in range(4):\n    print(f'epoch {epoch} loss={epoch / 10}')\nwent = input('go on?')"
    execution = tracked.submit(f"%%track --name growing\n{body}")

    def has_grown() -> bool:
        runs = client.search_runs(filter_string="run_name = 'growing'")
        return bool(runs) and runs[0].data.metrics.get("loss") == 0.3

    tracked.wait_until(has_grown)
    assert Recorded(client, "growing").run.info.status is RunStatus.RUNNING
    tracked.finish(execution, answers=["yes"])


# -- options


def test_options(tracked: Kernel, client: TrackClient) -> None:
    body = "noise = 1\nkept = 2\ntotal = sum([1.0, 2.0])\nvalues = list((4, 5))"
    options = (
        "--experiment 'my experiment' --tag stage=draft --tag team=a=b --param fold=3 --param given --exclude noise "
        "--metric best=max(values)"
    )
    tracked.run("given = 'from before'")
    recorded = run_of(tracked, client, "options", body, options)
    assert recorded.params == {"fold": "3", "given": "from before", "kept": "2"}
    assert recorded.metrics == {"total": 3.0, "best": 5.0}
    assert (recorded.tags["stage"], recorded.tags["team"]) == ("draft", "a=b")
    names = {each.experiment_id: each.name for each in client.search_experiments()}
    assert names[recorded.run.info.experiment_id] == "my experiment"


def test_dry_run_records_nothing(tracked: Kernel, client: TrackClient) -> None:
    before = len(client.search_runs())
    found = tracked.run("%%track --dry-run --name dry\nrate = 0.5\nscore = sum([rate])\nscore")
    tracked.settle()
    assert len(client.search_runs()) == before
    (card,) = found.cards
    assert "assigned constant" in card
    assert "computed name" in card
    assert found.result == "0.5"


def test_model_is_saved_registered_and_read_back(tracked: Kernel, client: TrackClient) -> None:
    body = (
        "from sklearn.linear_model import LinearRegression\nmodel = LinearRegression().fit([[0], [1]], [0, 1])\n"
        "model.coef_"
    )
    recorded = run_of(tracked, client, "modelled", body, "--log-model")
    assert {"model/MLmodel", "model/model.pkl", "model/requirements.txt"} <= recorded.files()
    said = tracked.run("%track register straight --alias best").result
    assert said is not None
    assert "straight version 1" in said
    assert "best → 1" in str(tracked.run("%track models").result)
    (model,) = client.search_registered_models()
    assert (model.name, model.aliases) == ("straight", {"best": 1})


# -- the commands


def test_commands_of_track(tracked: Kernel, client: TrackClient) -> None:
    recorded = run_of(tracked, client, "shown", "depth = 7\nscore = sum([0.5])")
    run_id = recorded.run.info.run_id
    assert run_id[:8] in str(tracked.run("%track").result)
    assert "shown" in str(tracked.run("%track runs params.depth = '7'").result)
    for reference in ("", "shown", run_id, run_id[:8]):
        assert run_id in str(tracked.run(f"%track show {reference}").result)


def test_track_on_and_off(tracked: Kernel, client: TrackClient) -> None:
    before = len(client.search_runs())
    tracked.run("%track on")
    assert len(tracked.run("automatic = sum([1.5])").cards) == 1
    assert tracked.run("import os\ndef only_defined(): ...").cards == []
    assert tracked.run("%track").cards == []
    assert tracked.run("hidden = 1", silent=True).cards == []
    assert tracked.run("unkept = 1", store_history=False).cards == []
    tracked.run("%track off")
    assert tracked.run("manual = 1").cards == []
    tracked.settle()
    assert len(client.search_runs()) == before + 1


def test_place_is_chosen_by_configuration(tracked: Kernel, tmp_path: Path) -> None:
    tracked.run(f"%config TrackMagics.tracking_uri = 'sqlite:///{tmp_path}/elsewhere.db'")
    tracked.run("%%track --name elsewhere\n1")
    tracked.settle()
    tracked.run("%config TrackMagics.tracking_uri = ''")
    client = TrackClient(f"sqlite:///{tmp_path}/elsewhere.db")
    assert [run.info.run_name for run in client.search_runs()] == ["elsewhere"]
    client.close(0)
    here = tracked.reader()
    assert here.search_runs(filter_string="run_name = 'elsewhere'") == []
    here.close(0)


# -- the notebook, and where it lies


def notebook(*sources: str) -> dict[str, Any]:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return dict(nbformat.v4.new_notebook(cells=cells))


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a git repository with a notebook in it."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / "study.ipynb").write_text(nbformat.writes(nbformat.from_dict(notebook("saved = 1"))), "utf-8")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "-c", "user.name=n", "-c", "user.email=e@example.org", "commit", "--quiet", "-m", "first")
    return folder


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def in_notebook(new_kernel: Callable[..., Kernel], repository: Path) -> Kernel:
    """Return a kernel that runs a notebook, as Jupyter's server starts it."""
    kernel = new_kernel(environment={"JPY_SESSION_NAME": str(repository / "study.ipynb")}, work_dir=repository)
    kernel.run("%load_ext jupyter_track")
    return kernel


@pytest.fixture
def reader(in_notebook: Kernel) -> Iterator[TrackClient]:
    client = in_notebook.reader()
    yield client
    client.close(0)


def test_experiment_is_the_notebook_and_git_is_told(in_notebook: Kernel, reader: TrackClient, repository: Path) -> None:
    clean = run_of(in_notebook, reader, "clean", "1")
    (repository / "study.ipynb").write_text(nbformat.writes(nbformat.from_dict(notebook("changed = 2"))), "utf-8")
    dirty = run_of(in_notebook, reader, "dirty", "1")
    names = {each.experiment_id: each.name for each in reader.search_experiments()}
    commit = git(repository, "rev-parse", "HEAD").strip()
    for recorded, changed in ((clean, "false"), (dirty, "true")):
        assert names[recorded.run.info.experiment_id] == "study"
        assert recorded.tags["mlflow.source.name"] == str(repository / "study.ipynb")
        assert recorded.tags["mlflow.source.git.commit"] == commit
        assert recorded.tags["jupyter_track.git.dirty"] == changed


def test_snapshot_is_the_file_where_no_front_end_answers(in_notebook: Kernel, reader: TrackClient) -> None:
    recorded = run_of(in_notebook, reader, "from-file", "1")
    assert recorded.tags["jupyter_track.snapshot"] == "file"
    assert nbformat.reads(recorded.text("notebook.ipynb"), as_version=4).cells[0].source == "changed = 2"


def test_snapshot_is_the_live_notebook_where_a_front_end_answers(in_notebook: Kernel, reader: TrackClient) -> None:
    live = notebook("unsaved = 3", "password = 'correct horse'")
    in_notebook.answer_snapshots(lambda run_id: {"notebook": live, "path": "moved/renamed.ipynb"})
    in_notebook.run("password = 'correct horse'")
    recorded = run_of(in_notebook, reader, "from-front-end", "1")
    assert recorded.tags["jupyter_track.snapshot"] == "frontend"
    document = nbformat.reads(recorded.text("notebook.ipynb"), as_version=4)
    nbformat.validate(document)
    assert document.cells[0].source == "unsaved = 3"
    assert "correct horse" not in recorded.text("notebook.ipynb")
    # The front end knows a notebook's new name before the kernel does.
    after = run_of(in_notebook, reader, "renamed", "1")
    assert after.tags["mlflow.source.name"] == "moved/renamed.ipynb"
    in_notebook.answer_snapshots(None)


@pytest.mark.parametrize("answer", [{"notebook": "none"}, {"notebook": {"nbformat": 3}}, {"notebook": None}, {}])
def test_wrong_answer_of_a_front_end_does_no_harm(
    in_notebook: Kernel, reader: TrackClient, answer: dict[str, Any]
) -> None:
    in_notebook.answer_snapshots(lambda run_id: answer)
    name = f"answered-{len(reader.search_runs())}"
    recorded = run_of(in_notebook, reader, name, "1")
    in_notebook.answer_snapshots(None)
    nbformat.validate(nbformat.reads(recorded.text("notebook.ipynb"), as_version=4))
    assert recorded.run.info.status is RunStatus.FINISHED


def test_snapshot_is_rebuilt_where_there_is_no_notebook(tracked: Kernel, client: TrackClient) -> None:
    tracked.run("'an earlier cell'")
    recorded = run_of(tracked, client, "from-session", "'this one'")
    assert recorded.tags["jupyter_track.snapshot"] == "session"
    document = nbformat.reads(recorded.text("notebook.ipynb"), as_version=4)
    nbformat.validate(document)
    sources = [cell.source for cell in document.cells]
    assert sources[-2:] == ["'an earlier cell'", "%%track --name from-session \n'this one'"]


# -- two at once


def test_two_kernels_write_to_one_store_at_once(new_kernel: Callable[..., Kernel], tracked: Kernel) -> None:
    other = new_kernel(environment={"JUPYTER_DATA_DIR": str(tracked.data_dir)})
    other.run("%load_ext jupyter_track")
    rounds = 10
    for number in range(rounds):
        cells = [
            (
                kernel,
                kernel.submit(
                    f"%%track --name {name}-{number}\nfor i in range(20):\n    print(f'step {{i}} v={{i / 2}}')"
                ),
            )
            for kernel, name in ((tracked, "one"), (other, "other"))
        ]
        for kernel, execution in cells:
            assert kernel.finish(execution).stderr == ""
    for kernel in (tracked, other):
        kernel.settle()
    client = tracked.reader()
    runs: list[Run] = client.search_runs(filter_string="metrics.v = 9.5")
    names = {f"{name}-{number}" for name in ("one", "other") for number in range(rounds)}
    assert names <= {run.info.run_name for run in runs}
    assert {run.info.status for run in runs} == {RunStatus.FINISHED}
    for run in runs:
        assert len(client.get_metric_history(run.info.run_id, "v")) == 20
    client.close(0)


def test_front_end_hears_of_a_run_when_the_store_has_it(tracked: Kernel, client: TrackClient) -> None:
    found = tracked.run("%%track --name heard\n1")
    tracked.wait_until(lambda: "FINISHED" in [told.get("status") for told in found.told])
    (run,) = client.search_runs(filter_string="run_name = 'heard'")
    assert run.info.status is RunStatus.FINISHED
    assert {"type": "run", "run_id": run.info.run_id, "status": "RUNNING"} in found.told
    assert {"type": "snapshot", "run_id": run.info.run_id} in found.told
