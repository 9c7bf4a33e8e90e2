"""Notebooks and values brought back from runs."""

from __future__ import annotations

import json
import pickle
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_track.capture.kept import kept_path, pickle_variable
from jupyter_track.entities import InvalidParameterValue, ResourceDoesNotExist, Run, StoreUnavailable
from jupyter_track.reproduce.restoring import is_of_own_store, restore, restore_vars
from jupyter_track.tracking import TrackClient
from jupyter_track.views import reproduce as views

from .conftest import Session

Recorded = Callable[..., tuple[TrackClient, Run]]

NOTEBOOK = {
    "cells": [{"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": 1, "source": "x = 1"}],
    "metadata": {"jupyter_track": {"capture": {"exclude": ["x"]}}, "kernelspec": {"name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


class TestNotebooks:
    def test_a_notebook_is_written_beside_and_never_over_anything(self, session: Session) -> None:
        cells = ("base = 2", "%%track --name restored\nsquare = base ** 2.5")
        session.write(*cells)
        session.run(*cells)
        run = session.named("restored")
        session.notebook.write_text("changed since", "utf-8")
        paths = [restore(session.client, run, session.folder) for _ in range(3)]
        assert [path.name for path in paths] == [
            "study-restored.ipynb",
            "study-restored-2.ipynb",
            "study-restored-3.ipynb",
        ]
        assert session.notebook.read_text("utf-8") == "changed since"
        notebook = nbformat.read(paths[0], as_version=4)
        nbformat.validate(notebook)
        assert [cell.source for cell in notebook.cells] == list(cells)
        assert notebook.metadata["jupyter_track"] == {"restored_from": run.info.run_id}
        assert notebook.metadata["kernelspec"]["name"] == "python3"

    def test_nothing_of_the_notebook_is_lost(self, recorded: Recorded, tmp_path: Path) -> None:
        client, run = recorded({"notebook.ipynb": NOTEBOOK})
        written = json.loads(restore(client, run, tmp_path).read_text("utf-8"))
        kept = {"capture": {"exclude": ["x"]}, "restored_from": run.info.run_id}
        assert written == {**NOTEBOOK, "metadata": {"jupyter_track": kept, "kernelspec": {"name": "python3"}}}

    def test_a_name_is_taken_as_it_is_but_for_a_folder(self, recorded: Recorded, tmp_path: Path) -> None:
        client, run = recorded({"notebook.ipynb": NOTEBOOK})
        assert restore(client, run, tmp_path, "mine.ipynb").name == "mine.ipynb"
        assert restore(client, run, tmp_path, "mine").name == "mine-2.ipynb"
        for name in ("../mine", "a/b", "..", "a\\b", "a\0b"):
            with pytest.raises(InvalidParameterValue, match="no name for a notebook"):
                restore(client, run, tmp_path, name)

    @pytest.mark.parametrize("name", ["../../up", "a/b:c", "...", "x" * 240, "\x1b[31m", "tab\tand\nline"])
    def test_a_run_may_be_called_anything(self, recorded: Recorded, tmp_path: Path, name: str) -> None:
        client, run = recorded({"notebook.ipynb": NOTEBOOK}, name)
        client.set_tag(run.info.run_id, "mlflow.source.name", "C:\\work\\my study.ipynb")
        folder = tmp_path / "restored"
        folder.mkdir()
        path = restore(client, client.get_run(run.info.run_id), folder)
        assert [path] == list(folder.iterdir())
        assert path.name.startswith("my study-")
        assert path.name.isprintable()
        assert len(path.name) < 130

    @pytest.mark.parametrize(
        "content",
        [b"no JSON", b"[1, 2]", b"{}", {**NOTEBOOK, "nbformat": 3}, {**NOTEBOOK, "cells": [1]},
         {**NOTEBOOK, "cells": [{"cell_type": "code", "source": 3}]}, b"[" * 100_000],
    )  # fmt: skip
    def test_what_is_no_notebook_is_refused(self, recorded: Recorded, tmp_path: Path, content: Any) -> None:
        client, run = recorded({"notebook.ipynb": content})
        with pytest.raises(InvalidParameterValue, match="is not one of format 4"):
            restore(client, run, tmp_path)

    def test_a_run_without_a_notebook_and_a_folder_that_is_not_there_are_told(
        self, recorded: Recorded, tmp_path: Path
    ) -> None:
        client, run = recorded({})
        with pytest.raises(ResourceDoesNotExist, match="has no notebook"):
            restore(client, run, tmp_path)
        client, run = recorded({"notebook.ipynb": NOTEBOOK}, "other")
        with pytest.raises(StoreUnavailable, match="Cannot write the notebook"):
            restore(client, run, tmp_path / "not there")


class TestParams:
    def test_params_are_values_again(self, session: Session) -> None:
        session.run(
            "outer = 2.5\ndef half(number):\n    return number / 2",
            "%%track --name valued\nlr = 1e-3\nsize = 3\ntext = 'three'\ndigits = '3'\nnone = None\nflag = True\n"
            "sizes = [1, 2]\npair = (1, 'a')\ncfg = {'net': {'depth': 4}, 'rate': 0.5}\nout = outer * max(1, lr)\n"
            "given = half(number=3)",
        )
        found = restore_vars(session.client, session.named("valued"))
        assert found.values == {
            "outer": 2.5,
            "lr": 0.001,
            "size": 3,
            "text": "three",
            "digits": "3",
            "none": None,
            "flag": True,
            "sizes": [1, 2],
            "pair": (1, "a"),
            "cfg": {"net": {"depth": 4}, "rate": 0.5},
        }
        assert found.kept == ()
        assert found.left_out == {"number": "a keyword argument of a call, and no variable"}

    def test_a_text_that_is_no_literal_stays_a_text_and_nothing_is_executed(self, recorded: Recorded) -> None:
        params = {
            "call": "__import__('os').system('true')",
            "limit": "-inf",
            "lambda": "1",
            "a b": "2",
            "cfg": "x",
            "cfg.lr": "1",
            "deep": "(" * 500,
        }
        client, run = recorded({}, params=params)
        found = restore_vars(client, run)
        assert found.values == {
            "call": params["call"],
            "limit": float("-inf"),
            "cfg": "x",
            "deep": params["deep"],
        }
        assert set(found.left_out) == {"lambda", "a b", "cfg.lr"}

    def test_values_go_into_the_namespace_beside_what_is_not_theirs(self, recorded: Recorded) -> None:
        client, _ = recorded({}, params={"lr": "0.1", "cfg.lr": "0.2", "cfg.net.depth": "3", "ns.lr": "1"})
        own = threading.Lock()
        present = {"lr": 9, "cfg": {"lr": 1, "device": own, "net": {"width": 2}}, "ns": own}
        cfg = present["cfg"]
        shown = views.restore_vars(client, "made", present)
        assert present["lr"] == 0.1
        assert present["cfg"] == {"lr": 0.2, "device": own, "net": {"width": 2, "depth": 3}}
        assert cfg == {"lr": 1, "device": own, "net": {"width": 2}}
        assert present["ns"] is own
        assert "the notebook has a lock of that name" in repr(shown)
        assert "2 set" in repr(shown)


class TestKeptVariables:
    def test_a_kept_variable_comes_back_whole(
        self, recorded: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept = pickle_variable({"weights": [1.5, 2.5]})
        assert isinstance(kept, bytes)
        client, run = recorded({kept_path("state"): kept}, params={"lr": "1"})
        refused = restore_vars(client, run)
        assert refused.values == {"lr": 1}
        assert "--trust" in refused.left_out["state"]
        trusted = restore_vars(client, run, trust=True)
        assert trusted.values == {"lr": 1, "state": {"weights": [1.5, 2.5]}}
        assert trusted.kept == ("state",)
        # What lies in the person's own folder, the person has kept.
        assert not is_of_own_store(run)
        monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
        own = TrackClient()
        made = own.create_run("0", run_name="own")
        own.artifacts(own.get_run(made.info.run_id)).write(kept_path("state"), kept)
        found = own.get_run(made.info.run_id)
        assert is_of_own_store(found)
        assert restore_vars(own, found).values == {"state": {"weights": [1.5, 2.5]}}
        own.close(5)

    def test_what_is_no_pickle_or_no_name_does_no_harm(self, recorded: Recorded) -> None:
        files = {
            kept_path("broken"): b"no pickle",
            kept_path("with-dash"): pickle.dumps(1),
            kept_path("class"): pickle.dumps(1),
            "track/vars/readme.txt": b"hello",
            kept_path("missing"): b"cno_such_module\nThing\n.",
            kept_path("fine"): pickle.dumps(5),
        }
        client, run = recorded(files)
        found = restore_vars(client, run, trust=True)
        assert found.values == {"fine": 5}
        assert set(found.left_out) == {"broken", "missing"}
        assert "No module named" in found.left_out["missing"]

    def test_functions_of_the_notebook_can_be_kept(self) -> None:
        factor = 3
        data = pickle_variable(lambda value: value * factor)
        assert isinstance(data, bytes)
        assert pickle.loads(data)(2) == 6

    def test_what_cannot_be_kept_says_why(self) -> None:
        class Stubborn:
            def __reduce__(self) -> Any:
                raise RuntimeError("never\nme")

        assert (
            pickle_variable(threading.Lock()) == "it cannot be pickled: TypeError: cannot pickle '_thread.lock' object"
        )
        assert pickle_variable(Stubborn()) == "it cannot be pickled: RuntimeError: never me"
        assert pickle_variable(bytes(2_000), limit=1_000) == (
            "it has more than 1,000 bytes, and no more is kept of a variable"
        )
        assert isinstance(pickle_variable(bytes(800), limit=1_000), bytes)
