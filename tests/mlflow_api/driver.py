"""Runs the snippets with one package, in whatever environment has it, and writes down what they print.

``python driver.py PACKAGE FOLDER``: PACKAGE is ``mlflow`` or ``jupyter_track``, by which the name that a snippet
imports is replaced. In FOLDER are left ``printed.json`` (what each snippet printed) and ``signatures.json`` (the
signatures of the package's functions and of its client's methods).
"""

import contextlib
import importlib
import inspect
import io
import json
import logging
import os
import re
import sys
import traceback
import warnings
from pathlib import Path

SNIPPETS = Path(__file__).with_name("snippets")


def run_all(package, folder):
    """Run every function of every file, each in an experiment of its own, and return what it printed."""
    api = importlib.import_module(package)
    api.set_tracking_uri(f"sqlite:///{folder}/runs.db")
    printed = {}
    for file in sorted(SNIPPETS.glob("*.py")):
        text = re.sub(r"^(import|from) mlflow\b", rf"\1 {package}", file.read_text("utf-8"), flags=re.MULTILINE)
        namespace = {"__name__": file.stem}
        exec(compile(text, str(file), "exec"), namespace)
        own = [each for each in namespace.values() if getattr(each, "__module__", "") == file.stem]
        for snippet in own:
            if snippet.__name__.startswith("_"):
                continue  # It helps others.
            name = f"{file.stem}.{snippet.__name__}"
            api.set_experiment(name)
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                try:
                    snippet()
                except Exception:
                    print(traceback.format_exc())
            while api.active_run() is not None:
                api.end_run()
            printed[name] = output.getvalue()
    return printed


def signature(function):
    """Return the names, kinds and defaults of a function's parameters."""
    return [
        (each.name, each.kind.name, "" if each.default is each.empty else str(each.default))
        for each in inspect.signature(function).parameters.values()
        if each.name != "self"
    ]


def signatures(package):
    """Return the signatures of the package's functions and of its client's methods."""
    api = importlib.import_module(package)
    public = (name for name in dir(api) if not name.startswith("_"))
    functions = {name: getattr(api, name, None) for name in public}
    found = {name: signature(each) for name, each in functions.items() if inspect.isfunction(each)}
    methods = inspect.getmembers(api.MlflowClient, inspect.isfunction)
    found |= {f"MlflowClient.{name}": signature(each) for name, each in methods if name == name.lstrip("_")}
    return found


def main(package, folder):
    """Do both."""
    warnings.simplefilter("ignore")
    logging.disable()
    os.chdir(folder)
    Path("printed.json").write_text(json.dumps(run_all(package, folder)), "utf-8")
    Path("signatures.json").write_text(json.dumps(signatures(package)), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
