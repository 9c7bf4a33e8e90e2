"""The rules that find params: what went into the cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

from ...entities import InvalidParameterValue
from ...entities.limits import check_key
from ..captured import CapturedParam, Skipped
from ..secrets import is_secret_name, looks_secret
from ..source import Assignment, Keyword
from ..values import as_param, flatten
from .base import MISSING, ParamRule, Situation

__all__ = ["PARAM_RULES", "AssignedConstant", "KeywordConstant", "ReadFromOutside", "find_params"]


def _checked(key: str, value: Any, rule: str, line: int, expression: str) -> Iterator[CapturedParam | Skipped]:
    """Yield the param, its parts if it is a dict of settings, or why it is left out."""
    for part, item in flatten(key, value).items():
        text = as_param(item)
        if text is None:
            continue  # Data, a model, a function: nobody takes it for a param.
        if is_secret_name(part) or looks_secret(text):
            yield Skipped(part, rule, line, "looks like a secret")
            continue
        try:
            check_key("param", part)
        except InvalidParameterValue as error:
            yield Skipped(part, rule, line, str(error))
            continue
        yield CapturedParam(part, text, rule, line, expression)


def starts_accumulator(name: str, assignments: Iterable[Assignment]) -> bool:
    """Whether a name begins as "nothing yet" (0, None, an empty text) and is then computed."""
    mine = [each for each in assignments if each.name == name]
    first = mine[0]
    begins_empty = first.how == "constant" and (first.value is None or first.value in (0, "", False))
    return begins_empty and any(each.how in ("computed", "updated") for each in mine[1:])


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
        owner = situation.before.get(keyword.root)
        if owner is not None:
            # A module's __dict__ is read as such: a module may have a __getattr__ of its own.
            if type(owner) is ModuleType:
                module = owner.__dict__.get("__name__", "")
            else:
                module = type(owner).__module__ if type(owner) is not type else owner.__module__
        else:
            # Set in this very cell: `fig, ax = plt.subplots()` leads back to the library.
            module = _origin(keyword.root, situation)
        return isinstance(module, str) and module.partition(".")[0] in _PRESENTATION_LIBRARIES


def _origin(name: str, situation: Situation, depth: int = 4) -> str:
    """Return the module that a name set in the cell comes from, as far as the text tells."""
    imported = situation.source.imports.get(name)
    if imported is not None:
        return imported
    module = situation.before.get(name)
    if type(module) is ModuleType:
        return str(module.__dict__.get("__name__", ""))
    root = situation.source.roots.get(name)
    return _origin(root, situation, depth - 1) if root and depth else ""


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
                callee = found.expression.partition("(")[0]
                params.setdefault(
                    f"{callee}.{found.key}",
                    CapturedParam(f"{callee}.{found.key}", found.value, found.rule, found.line, found.expression),
                )
    return params, skipped
