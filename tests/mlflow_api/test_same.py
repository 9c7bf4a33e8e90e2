"""Code that was written for MLflow's tracking API runs here with its import line changed, and prints the same."""

import ast
from pathlib import Path

import pytest

import jupyter_track

SNIPPETS = Path(__file__).with_name("snippets")


def snippets():
    """Yield the names of the functions that are run, without those that only help."""
    for file in sorted(SNIPPETS.glob("*.py")):
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield f"{file.stem}.{node.name}"


NAMES = list(snippets())
#: Not calls: a class, and the packages of names.
NO_CALLS = {
    "ActiveRun", "MlflowClient", "TrackClient", "__version__", "data", "entities", "exceptions", "tracking",
    "line_rule", "metric_rule", "param_rule",
}  # fmt: skip
#: What only this package's client has: for magics and command line, and for registered models.
OWN_METHODS = {
    "artifacts", "close", "enter_cell", "find_run", "open", "put", "record", "register_model",
    "search_registered_models",
    "set_registered_model_alias",
}  # fmt: skip
#: Arguments of MLflow that are about what this package has not.
LEFT_OUT = {"trace_location", "workspace_store_uri"}


@pytest.mark.parametrize("name", NAMES)
def test_it_prints_what_it_prints_with_mlflow(name, ours, theirs):
    printed = ours["printed"][name]
    assert "Traceback" not in printed, printed
    assert printed == theirs["printed"][name]
    assert printed.strip()


def test_every_call_has_a_snippet():
    fluent = {name.split(".")[1] for name in NAMES if not name.startswith("client.")}
    assert set(jupyter_track.__all__) - NO_CALLS <= fluent
    client = {name.split(".")[1] for name in NAMES if name.startswith("client.")}
    methods = {name for name in dir(jupyter_track.TrackClient) if not name.startswith("_")}
    calls = {name for name in methods if callable(getattr(jupyter_track.TrackClient, name))}
    assert calls - OWN_METHODS <= client


def test_arguments_have_the_names_the_order_and_the_defaults_of_mlflow(ours, theirs):
    compared = 0
    for name, parameters in ours["signatures"].items():
        if name not in theirs["signatures"] or name.split(".")[-1] in OWN_METHODS:
            continue
        expected = [each for each in theirs["signatures"][name] if each[0] not in LEFT_OUT]
        assert [each[:2] for each in parameters[: len(expected)]] == [each[:2] for each in expected], name
        for (argument, _, default), (_, _, known) in zip(parameters, expected, strict=False):
            # Our names of views are words, MLflow's numbers; where it asks for an argument, we may not.
            assert default == known or argument in ("run_view_type", "view_type") or known == "", (name, argument)
        compared += 1
    assert compared >= 70


@pytest.mark.parametrize("name", ["log_model", "autolog", "nonsense"])
def test_what_is_not_here_is_no_attribute(name):
    with pytest.raises(AttributeError, match=name):
        getattr(jupyter_track, name)
