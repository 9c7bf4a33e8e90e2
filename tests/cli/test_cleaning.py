"""``jupyter-track gc`` and ``fsck``: what they show, and their exit status."""

from contextlib import closing

import pytest

from jupyter_track.artifacts import open_repository
from jupyter_track.cli import main
from jupyter_track.entities import Metric, ResourceDoesNotExist
from jupyter_track.store import open_store
from jupyter_track.store.sql.database import Database


@pytest.fixture
def store(uri):
    with closing(open_store(uri)) as store:
        yield store


@pytest.fixture
def deleted(store):
    """A deleted run with an artifact of 1,500 bytes."""
    run = store.create_run("0", run_name="brave-fox")
    open_repository(run.info.artifact_uri).write("file", b"x" * 1_500)
    store.delete_run(run.info.run_id)
    return run.info.run_id


def test_what_would_be_erased_is_shown_and_then_erased(shell, store, deleted):
    assert shell("gc", "--dry-run") == (
        0,
        f"Would erase run {deleted} brave-fox, 1.5 kB of files.\nWould erase 1 in all, 1.5 kB of files.\n",
        "",
    )
    assert shell("gc") == (
        0, f"Erased run {deleted} brave-fox, 1.5 kB of files.\nErased 1 in all, 1.5 kB of files.\n", ""
    )  # fmt: skip
    with pytest.raises(ResourceDoesNotExist):
        store.get_run(deleted)
    assert shell("gc") == (0, "Nothing to erase.\n", "")


def test_what_is_kept_is_shown_with_the_reason(shell, store, deleted):
    store.create_registered_model("churn")
    store.create_model_version("churn", "s3://bucket/model", run_id=deleted)
    status, out, err = shell("gc")
    assert (status, err) == (0, "")
    assert out.splitlines()[0].startswith(f"Kept run {deleted} brave-fox: version 1 of model churn was made from it")
    assert "--force" in out
    assert shell("gc", "--force")[1].startswith(f"Erased run {deleted}")


@pytest.mark.parametrize("span", ["1h", "0.5d", "1d12h30m", "3600s", "30.5m"])
def test_what_was_deleted_lately_is_kept(shell, store, deleted, span):
    assert shell("gc", "--older-than", span)[1] == "Nothing to erase.\n"
    assert shell("gc", "--older-than", "0s")[1].startswith("Erased run")


@pytest.mark.parametrize("span", ["", "5", "x", "-1d", "1w", "1d 2h"])
def test_a_span_of_time_that_is_none_is_told(capsys, span):
    with pytest.raises(SystemExit) as ended:
        main(["gc", f"--older-than={span}"])
    assert ended.value.code == 2
    assert "is no span of time: write 30d" in capsys.readouterr().err


def test_runs_are_named_with_commas_between(shell, store, deleted):
    other = store.create_run("0", run_name="other").info.run_id
    assert shell("gc", "--run-ids", f"{deleted},{other}")[2] == (
        f"jupyter-track: The run {other} is not deleted: delete it before it is erased.\n"
    )
    store.delete_run(other)
    assert shell("gc", "--run-ids", f"{deleted}, {other}")[1].endswith("Erased 2 in all, 1.5 kB of files.\n")


def test_a_name_that_would_speak_to_the_terminal_is_shown_in_one_line(shell, store):
    run_id = store.create_run("0", run_name="a\x1b[2J\nb").info.run_id
    store.delete_run(run_id)
    assert f"Would erase run {run_id} a [2J b.\n" in shell("gc", "--dry-run")[1]


def test_findings_are_shown_until_they_are_mended(shell, store, uri):
    store.log_batch(store.create_run("0").info.run_id, [Metric("m", 1.0, 1)])
    assert shell("fsck") == (0, "Nothing found.\n", "")
    with closing(Database(uri)) as database, database.write() as connection:
        connection.exec_driver_sql("UPDATE latest_metrics SET value = 2")
    status, out, err = shell("fsck")
    assert (status, out.count("\n"), err) == (1, 1, "")
    assert shell("fsck", "--repair") == (0, "Nothing found.\n", "")
    assert shell("fsck") == (0, "Nothing found.\n", "")


@pytest.mark.parametrize("command", ["gc", "fsck"])
def test_a_place_that_is_no_good_is_told_in_one_line(shell, command):
    status, out, err = shell("--tracking-uri", "http://ada:secret@host/", command)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "secret" not in err
