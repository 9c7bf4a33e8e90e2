"""``jupyter-track``: what each command shows, and how it fails."""

import subprocess
import sys
from contextlib import closing

import pytest

from jupyter_track import __version__
from jupyter_track.artifacts import open_repository
from jupyter_track.cli import main
from jupyter_track.entities import Metric, Param, RunStatus
from jupyter_track.store import open_store


@pytest.fixture
def store(uri):
    with closing(open_store(uri)) as store:
        yield store


@pytest.fixture
def runs(store):
    """Two runs that have ended, the second with a model."""
    experiment_id = store.create_experiment("iris.ipynb")
    runs = []
    for number, name in enumerate(["first", "second"]):
        run_id = store.create_run(experiment_id, "ada", run_name=name).info.run_id
        store.log_batch(run_id, [Metric("accuracy", 0.5 + number / 4, 1)], [Param("depth", f"{number + 3}")])
        store.update_run_info(run_id, RunStatus.FINISHED, 1)
        runs.append(store.get_run(run_id))
    open_repository(runs[1].info.artifact_uri).write("model/MLmodel", b"flavors: {}")
    return runs


class TestRuns:
    def test_runs_are_listed(self, shell, runs):
        status, out, err = shell("runs")
        assert (status, err) == (0, "")
        header, *rows = out.splitlines()
        assert header.split() == ["run", "id", "experiment", "status", "started", "accuracy", "depth"]
        assert {row.split()[0] for row in rows} == {"first", "second"}
        second = next(row for row in rows if row.startswith("second"))
        assert runs[1].info.run_id[:8] in second
        for shown in ("iris.ipynb", "FINISHED", "0.75", "4"):
            assert shown in second

    def test_a_filter_chooses(self, shell, runs):
        status, out, _ = shell("runs", "metrics.accuracy > 0.6 AND params.depth = 4")
        assert status == 0
        assert [line.split()[0] for line in out.splitlines()[1:]] == ["second"]
        assert shell("runs", "metrics.accuracy > 2") == (0, "No run fits.\n", "")

    def test_an_order_a_number_and_an_experiment_choose(self, shell, runs, store):
        store.create_run("0", run_name="elsewhere")

        def listed(*options):
            status, out, err = shell("runs", *options)
            assert (status, err) == (0, "")
            return [line.split()[0] for line in out.splitlines()[1:]]

        iris = ("--experiment", "iris.ipynb")
        assert listed(*iris, "--order-by", "metrics.accuracy DESC") == ["second", "first"]
        assert listed(*iris, "--order-by", "status", "--order-by", "metrics.accuracy") == ["first", "second"]
        assert listed("--order-by", "metrics.accuracy", "--max-results", "1") == ["first", "The"]
        assert set(listed()) == {"first", "second", "elsewhere"}

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (("--experiment", "nothing"), "There is no experiment named 'nothing'."),
            (("--order-by", "metrics.accuracy SIDEWAYS"), "Cannot read the order"),
            (("--max-results", "0"), "Invalid max_results 0"),
        ],
    )
    def test_a_wrong_option_is_told_in_one_line(self, shell, runs, options, said):
        status, out, err = shell("runs", *options)
        assert (status, out, err.count("\n")) == (1, "", 1)
        assert said in err

    def test_without_runs_it_says_how_to_get_one(self, shell):
        status, out, _ = shell("runs")
        assert status == 0
        assert "%%track" in out

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("metrics.accuracy >> 1", "expected a number to compare accuracy with, found >."),
            ("attributes.nothing = 1", "unknown attribute 'nothing'."),
            ("name = 'a", "this quotation mark is not closed"),
        ],
    )
    def test_a_wrong_filter_is_told_in_one_line(self, shell, runs, text, said):
        status, out, err = shell("runs", text)
        assert (status, out) == (1, "")
        assert err.count("\n") == 1
        assert err.startswith(f"jupyter-track: Cannot read the filter: {said}")


class TestShow:
    def test_a_run_is_shown_by_id_beginning_and_name(self, shell, runs):
        run_id = runs[1].info.run_id
        shown = {shell("show", reference) for reference in (run_id, run_id[:10], "second")}
        ((status, out, err),) = shown
        assert (status, err) == (0, "")
        for part in ("second", run_id, "iris.ipynb", "FINISHED", "ada", "depth", "accuracy", "0.75", "model/MLmodel"):
            assert part in out

    def test_an_unknown_run_is_told_in_one_line(self, shell, runs):
        status, out, err = shell("show", "nobody")
        assert (status, out) == (1, "")
        assert err.count("\n") == 1
        assert err.startswith("jupyter-track: No run has the id or the name 'nobody'.")


class TestModels:
    def test_a_model_is_registered_aliased_and_listed(self, shell, runs, store):
        status, out, err = shell("register", "iris", "--run", "second", "--alias", "best")
        assert (status, err) == (0, "")
        assert out == "Registered iris version 1 from run second, alias best.\n"
        assert shell("register", "iris", "--run", runs[1].info.run_id)[1].startswith("Registered iris version 2")
        version = store.get_model_version_by_alias("iris", "best")
        assert (version.version, version.run_id) == (1, runs[1].info.run_id)
        status, out, _ = shell("models")
        assert status == 0
        assert out.splitlines()[1].split()[:5] == ["iris", "2", "best", "→", "1"]

    def test_without_models_it_says_how_to_get_one(self, shell):
        status, out, _ = shell("models")
        assert status == 0
        assert "register" in out

    def test_a_wrong_alias_is_told_in_one_line(self, shell, runs):
        status, out, err = shell("register", "iris", "--run", "second", "--alias", "latest")
        assert (status, out) == (1, "")
        assert err.count("\n") == 1
        assert "'latest' and 'v<number>' are reserved" in err

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("iris", "--run", "first"), "has no model at 'model'"),
            (("iris", "--run", "nobody"), "No run has the id or the name"),
            (("a/b", "--run", "second"), "Invalid registered model name 'a/b'"),
        ],
    )
    def test_what_cannot_be_registered_is_told_in_one_line_and_registers_nothing(
        self, shell, runs, store, arguments, said
    ):
        status, out, err = shell("register", *arguments)
        assert (status, out) == (1, "")
        assert err.count("\n") == 1
        assert said in err
        assert store.search_model_versions() == []


class TestThePlace:
    def test_it_is_an_argument_or_the_environment_or_the_data_folder(self, shell, runs, tmp_path, monkeypatch):
        elsewhere = f"sqlite:///{tmp_path}/elsewhere.db"
        assert "second" in shell("runs")[1]
        assert "No runs yet" in shell("--tracking-uri", elsewhere, "runs")[1]
        monkeypatch.setenv("MLFLOW_TRACKING_URI", elsewhere)
        assert "No runs yet" in shell("runs")[1]

    @pytest.mark.parametrize("command", [("runs",), ("show", "x"), ("models",), ("register", "x", "--run", "x")])
    @pytest.mark.parametrize(
        "uri", ["sqlite:////dev/null/track.db", "postgresql://ada:secret@127.0.0.1:1/db", "ftp://ada:secret@host/"]
    )
    def test_a_place_that_is_no_good_is_told_in_one_line(self, shell, command, uri):
        status, out, err = shell("--tracking-uri", uri, *command)
        assert (status, out) == (1, "")
        assert err.startswith("jupyter-track: Cannot ")
        assert err.count("\n") == 1
        assert "secret" not in err


class TestTheCommandLine:
    @pytest.mark.parametrize("arguments", [(), ("nothing",), ("show",), ("register", "x"), ("runs", "a", "b")])
    def test_a_wrong_line_gets_the_usage_and_status_2(self, capsys, arguments):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
        assert capsys.readouterr().err.startswith("usage: jupyter-track")

    def test_help_and_version(self, capsys):
        for option, said in (("--help", "register the model of a run"), ("--version", __version__)):
            with pytest.raises(SystemExit) as ended:
                main([option])
            assert ended.value.code == 0
            assert said in capsys.readouterr().out

    def test_a_process_ends_with_the_status(self, runs):
        program = "import sys; from jupyter_track.cli import main; sys.exit(main(sys.argv[1:]))"
        command = [sys.executable, "-W", "error", "-c", program]
        done = subprocess.run([*command, "show", "second"], capture_output=True, text=True, check=True)
        assert "accuracy" in done.stdout
        assert done.stderr == ""
        failed = subprocess.run([*command, "show", "nobody"], capture_output=True, text=True)
        assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (1, "", 1)

    def test_help_loads_no_store(self):
        program = (
            "import sys; from jupyter_track.cli import main\n"
            "try: main(['--help'])\n"
            "except SystemExit: print({'sqlalchemy', 'IPython', 'jupyter_server'} & set(sys.modules))"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == "set()"
