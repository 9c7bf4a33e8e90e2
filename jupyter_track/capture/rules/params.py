"""The rules that find params: what went into the cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from ...analysis.source import Argument as Keyword, Assignment
from ...entities import InvalidParameterValue
from ...entities.limits import check_key
from ..captured import CapturedParam, Skipped
from ..secrets import is_secret_name, looks_secret
from ..values import as_param, flatten, is_one_of
from .base import MISSING, ParamRule, Situation

__all__ = ["PARAM_RULES", "AssignedConstant", "KeywordConstant", "ReadFromOutside", "find_params"]


def _checked(key: str, value: Any, rule: str, line: int, expression: str) -> Iterator[CapturedParam | Skipped]:
    """Yield the param, its parts if it is a dict of settings, or why it is left out."""
    for part, item in flatten(key, value).items():
        text = as_param(item)
        if text is None:
            continue  # Data, a model, a function: nobody takes it for a param.
        # `use_auth = True` and `token = None` give nothing away.
        is_switch = is_one_of(type(item), (bool, float, type(None)))
        if (is_secret_name(part) and not is_switch) or looks_secret(text):
            yield Skipped(part, rule, line, "looks like a secret")
            continue
        try:
            check_key("param", part)
        except InvalidParameterValue as error:
            yield Skipped(part, rule, line, str(error))
            continue
        yield CapturedParam(part, text, rule, line, expression)


#: What a name is set to as long as there is nothing in it; `best = 1e9` before a search for the least is alike.
_NOTHING_YET = (0, -1, None, "", False)
_BEYOND_ANY_SCORE = 1e6


def starts_accumulator(name: str, assignments: Iterable[Assignment]) -> bool:
    """Whether a name begins as "nothing yet" (0, None, an empty text, a huge number) and is then computed."""
    mine = [each for each in assignments if each.name == name]
    first = mine[0]
    if first.how != "constant" or not any(each.how in ("computed", "updated") for each in mine[1:]):
        return False
    value = first.value
    return value in _NOTHING_YET or (type(value) in (int, float) and abs(value) >= _BEYOND_ANY_SCORE)


class AssignedConstant:
    """``lr = 0.01``: a name that the cell sets to a constant."""

    name = "assigned constant"
    explanation = "a name that the cell sets to a constant"

    def find(self, situation: Situation) -> Iterator[CapturedParam | Skipped]:
        """Yield a param for each such name, with the first value it is given."""
        assignments = situation.source.assignments
        seen: set[str] = set()
        for each in assignments:
            if each.name in seen or each.name.startswith("_"):
                continue
            seen.add(each.name)
            if each.how != "constant":
                continue
            if starts_accumulator(each.name, assignments):
                continue  # `total = 0` before a loop is a beginning, not a choice.
            constants = {
                repr(other.value) for other in assignments if other.name == each.name and other.how == "constant"
            }
            if len(constants) > 1 and each.conditional:
                yield Skipped(
                    each.name,
                    self.name,
                    each.line,
                    "set to several constants in branches; which one ran is not known",
                )
                continue
            yield from _checked(each.name, each.value, self.name, each.line, each.expression)


class ReadFromOutside:
    """``LR`` set in an earlier cell and used in this one."""

    name = "read from an earlier cell"
    explanation = "a simple value from an earlier cell that the cell uses, as it was when the cell began"

    def find(self, situation: Situation) -> Iterator[CapturedParam | Skipped]:
        """Yield a param for each such name."""
        for read in situation.source.reads.values():
            if read.name.startswith("_") or read.name in situation.hidden:
                continue
            value = situation.before.get(read.name, MISSING)
            if value is not MISSING:
                yield from _checked(read.name, value, self.name, read.line, read.name)


#: Calls whose keyword arguments say how to show or fetch something, not what the experiment was.
_PRESENTATION = frozenset(
    {
        "print", "open", "input", "sorted", "sort", "display", "dict", "round", "enumerate", "warn", "filterwarnings",
        "simplefilter", "set_option", "option_context", "format", "zip", "run_line_magic", "run_cell_magic",
        "plot", "hist", "boxplot", "savefig", "to_csv", "to_excel", "to_html", "to_json", "to_string",
    }
)  # fmt: skip
_PRESENTATION_LIBRARIES = frozenset(
    {"matplotlib", "seaborn", "plotly", "altair", "bokeh", "IPython", "ipywidgets", "tqdm", "logging", "rich"}
)


class KeywordConstant:
    """``RandomForestClassifier(max_depth=5)``: a keyword argument written as a constant."""

    name = "keyword argument"
    explanation = "a keyword argument that a call in the cell gives as a constant"

    def find(self, situation: Situation) -> Iterator[CapturedParam | Skipped]:
        """Yield a param for each; one name with several values is told apart by what is called."""
        keywords = [
            each
            for each in situation.source.keywords
            if each.callee not in _PRESENTATION and not self._is_presentation(each, situation)
        ]
        values: dict[str, set[str]] = {}
        for each in keywords:
            values.setdefault(each.name, set()).add(repr(each.value))
        used: Counter[str] = Counter()
        for each in keywords:
            key = each.name
            if len(values[each.name]) > 1:
                key = f"{each.callee}.{each.name}"
                used[key] += 1
                if used[key] > 1:
                    key = f"{key}.{used[key]}"
            yield from _checked(key, each.value, self.name, each.line, f"{each.callee}({each.name}={each.expression})")

    @staticmethod
    def _is_presentation(keyword: Keyword, situation: Situation) -> bool:
        """Whether the call belongs to a plotting or display library, or to an object of one."""
        return _origin(keyword.root, situation).partition(".")[0] in _PRESENTATION_LIBRARIES


def _origin(name: str, situation: Situation, depth: int = 4) -> str:
    """Return the module that a name comes from, empty if it cannot be told."""
    imported = situation.source.imports.get(name)
    if imported is not None:
        return imported
    value = situation.before.get(name, MISSING)
    if value is not MISSING:
        return _module_of(value)
    # Set in this very cell: `fig, ax = plt.subplots()` leads back to the library.
    root = situation.source.roots.get(name)
    return _origin(root, situation, depth - 1) if root and depth else ""


def _module_of(value: Any) -> str:
    """Return the name of the module that a module, class, function or object belongs to."""
    kind = type(value)
    name: Any
    if kind is ModuleType:
        # Its __dict__ is read as such: a module may have a __getattr__ of its own.
        name = value.__dict__.get("__name__")
    elif kind is FunctionType or kind is BuiltinFunctionType:
        name = value.__module__
    else:
        # Past whatever the metaclass does when it is asked for an attribute.
        name = type.__getattribute__(value if issubclass(kind, type) else kind, "__module__")
    return name if type(name) is str else ""


PARAM_RULES: tuple[ParamRule, ...] = (AssignedConstant(), ReadFromOutside(), KeywordConstant())


def find_params(
    situation: Situation, rules: Iterable[ParamRule] = PARAM_RULES
) -> tuple[dict[str, CapturedParam], list[Skipped]]:
    """Apply the rules in order; the first that finds a name has it.

    Returns
    -------
    params : dict of str to CapturedParam
        By key.
    skipped : list of Skipped
    """
    params: dict[str, CapturedParam] = {}
    skipped: list[Skipped] = []
    for rule in rules:
        for found in rule.find(situation):
            if isinstance(found, Skipped):
                skipped.append(found)
            elif found.key not in params:
                params[found.key] = found
            elif isinstance(rule, KeywordConstant) and params[found.key].value != found.value:
                # The variable of that name has another value: both went in.
                key = f"{found.expression.partition('(')[0]}.{found.key}"
                params.setdefault(key, replace(found, key=key))
    return params, skipped
