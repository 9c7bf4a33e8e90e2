"""Arguments that say how something is shown, fetched, laid out or worked through, and not what the experiment was.

Told by what is called, as far as that can be seen: plotting libraries, Python's own functions and the handling of
tables have hardly any argument that a person would write into a lab notebook; those that they have are named here.
The words for what is left are those that mean the same wherever they occur.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from ....analysis.source import Argument, CellSource, first_name
from ..base import Situation
from .layout import is_layout
from .origin import library_of

__all__ = ["is_presentation", "names_only_shown"]

#: Packages that draw, display, log or track.
_SHOWING = frozenset(
    {
        "IPython", "PIL", "altair", "bokeh", "clearml", "comet_ml", "cv2", "folium", "graphviz", "holoviews", "hvplot",
        "ipywidgets", "joblib", "jupyter_track", "logging", "loguru", "matplotlib", "missingno", "mlflow",
        "mpl_toolkits", "neptune", "networkx", "plotly", "plotnine", "prettytable", "requests", "rich", "seaborn",
        "shap", "tabulate", "tensorboard", "tensorboardX", "torchinfo", "torchsummary", "tqdm", "wandb", "yellowbrick",
    }
)  # fmt: skip

#: Of those, the ones that draw.
_DRAWING = frozenset({"matplotlib", "seaborn", "plotly", "altair", "bokeh", "plotnine"})

#: Packages of tables, and the arguments of theirs that choose how something is computed.
_TABLES = frozenset({"pandas", "polars", "pyarrow", "dask", "modin", "cudf", "duckdb", "geopandas"})
_CHOICES_ABOUT_TABLES = frozenset(
    {
        "alpha", "bins", "com", "frac", "halflife", "interpolation", "lag", "max_lag", "method", "min_periods",
        "n_bins", "nrows", "periods", "q", "quantile", "random_state", "seed", "span", "thresh", "threshold", "window",
        "window_size",
    }
)  # fmt: skip

#: What of Python's own library takes the choices of an experiment.
_CHOICES_IN_PYTHON = frozenset({"Namespace", "SimpleNamespace", "partial", "replace", "seed"})

#: What is called like this shows something, of whatever library it is.
_SHOWING_CALLS = frozenset(
    {
        "ConfusionMatrixDisplay", "add_argument", "bar", "barh", "boxplot", "classification_report", "display",
        "export_text", "filterwarnings", "from_estimator", "from_predictions", "heatmap", "hist", "imshow", "input",
        "log_evaluation", "open", "option_context", "plot", "plot_importance", "plot_model", "plot_tree", "print",
        "run_cell_magic", "run_line_magic", "savefig", "scatter", "set_option", "set_printoptions", "show",
        "simplefilter", "sort", "sorted", "summary", "to_csv", "to_excel", "to_html", "to_json", "to_parquet",
        "to_string",
    }
)  # fmt: skip


def is_presentation(argument: Argument, situation: Situation) -> bool:
    """Whether an argument of a call says nothing about the experiment.

    Parameters
    ----------
    argument : Argument
    situation : Situation
    """
    library = library_of(argument.root, situation) if argument.root else ""
    package = library.partition(".")[0]
    if package in _SHOWING or "tensorboard" in library or argument.callee.startswith("plot"):
        return True
    if argument.callee in _SHOWING_CALLS or package == "omegaconf":
        return True
    if package in _TABLES:
        return argument.name not in _CHOICES_ABOUT_TABLES
    if package == "builtins" or (package in sys.stdlib_module_names and package not in ("random", "__main__")):
        return argument.callee not in _CHOICES_IN_PYTHON
    # A layer's or a series' name is a label.
    return argument.name == "name" or is_layout(argument.name)


def names_only_shown(situation: Situation) -> frozenset[str]:
    """Return the names that the cell uses for nothing but drawing: a line width, a palette, where a picture goes.

    Parameters
    ----------
    situation : Situation
    """
    drawn = {id(each) for call in _calls_of(situation, _DRAWING) for each in ast.walk(call)}
    if not drawn:
        return frozenset()
    printed = {id(each) for call in _calls_of(situation, frozenset({"builtins"})) for each in ast.walk(call)}
    uses = [each for each in _names(situation.source) if isinstance(each.ctx, ast.Load)]
    elsewhere = {each.id for each in uses if id(each) not in drawn and id(each) not in printed}
    return frozenset(each.id for each in uses if id(each) in drawn) - elsewhere


def _names(source: CellSource) -> Iterator[ast.Name]:
    return (each for part in source.body for each in ast.walk(part) if isinstance(each, ast.Name))


def _calls_of(situation: Situation, libraries: frozenset[str]) -> Iterator[ast.Call]:
    for node in (each for part in situation.source.body for each in ast.walk(part)):
        if isinstance(node, ast.Call):
            first = first_name(node.func)
            library = library_of(first, situation).partition(".")[0] if first else ""
            if library in libraries and (library != "builtins" or first in ("print", "display")):
                yield node
