"""What printed names mean: which of them stand for variables."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from ...analysis.source import CellSource
from ..vocabulary import is_score
from .printed.pairs import clean_name, name_before
from .printed.reading import Label
from .shown_texts import Part, callee, printed_parts

__all__ = ["Label", "clean_name", "long_names", "printed_labels", "same_quantity"]

#: Calls that give back what they are given, only shorter or of another type.
_ROUNDING = frozenset({"round", "float", "str"})
#: The same for methods.
_ROUNDING_METHODS = frozenset({"item", "numpy", "detach", "cpu", "round"})

#: Calls that count up what a loop goes over, rather than compute it.
_RANGES = frozenset({"range", "trange", "arange", "linspace", "logspace", "geomspace"})
#: Words that end no name.
_NO_NAMES = frozenset(
    {
        "a", "after", "an", "and", "are", "at", "between", "by", "for", "from", "in", "is", "no", "of", "on", "or",
        "over", "per", "than", "the", "to", "vs", "was", "with",
    }
)  # fmt: skip
#: Of these, those after which a variable's value may stand: "the share is 0.5".
_VERBS = frozenset({"are", "is", "was"})
#: Reasons why what is printed is no metric.
SWEPT = "it is what a loop goes over, not a score"
SIZE = "a size, not a score"


#: Words that say which of several, but not what: "evaluate loss" may be "test_loss", where the numbers agree.
_QUALIFIERS = frozenset({"best", "evaluate", "final", "last", "the"})


def same_quantity(printed: str, named: str) -> bool:
    """Whether a printed name and a variable's name mean the same: ``Test accuracy`` and ``acc``."""
    said = re.findall(r"[^\W_]+", printed.lower())
    name = re.findall(r"[^\W_]+", named.lower())
    if not said or not name:
        return False
    said, name = ([word for word in words if word not in _QUALIFIERS] or words for words in (said, name))
    short, long = sorted((said, name), key=len)
    return all(any(_abbreviates(word, other) for other in long) for word in short)


def _abbreviates(word: str, other: str) -> bool:
    shorter, longer = sorted((word, other), key=len)
    return word == other or (len(shorter) >= 3 and longer.startswith(shorter))


def printed_labels(source: CellSource) -> dict[str, Label]:
    """Read from the code which printed names stand for which params and metrics of the cell.

    ``print(f"Test loss: {loss:.3f}")`` and ``print("Test loss:", loss)`` say that "Test loss" is ``loss``. A name
    that is printed for several variables stands for none, and neither does one that is printed for something that
    has no name of its own outside that print: the target of a loop, or what a function calls it. A name after which
    a value is printed without any sign between them (``f"loss {loss:.3f}"``) stands for itself then, because only the
    code tells that it is one.

    Returns
    -------
    dict of str to Label
    """
    found: dict[str, set[Label | None]] = {}
    unsigned: set[str] = set()
    for name, signed, label in _all_labels(source):
        found.setdefault(name, set()).add(label)
        if not signed:
            unsigned.add(name)
    known, short = _known_names(source), _short_names(source)
    swept = _swept_names(source)
    labels = {}
    for name, meanings in found.items():
        label = next(iter(meanings)) if len(meanings) == 1 else None
        several = {each.variable for each in meanings if each is not None and each.variable in known | short}
        if len(several) == len(meanings) > 1:
            labels[name] = Label(name, reason=f"it is printed for several: {', '.join(sorted(several))}")
        elif label is not None and label.reason:
            labels[name] = Label(name, reason=label.reason)
        elif label is not None and label.variable in swept:
            if not is_score(name):
                labels[name] = Label(label.variable, label.percent, SWEPT)
        elif label is not None and label.variable in known and (name not in unsigned or _is_name(name, _VERBS)):
            labels[name] = label
        elif name in unsigned and _is_name(name):
            labels[name] = Label(name)
    return labels


def long_names(source: CellSource) -> dict[str, str]:
    """Return, of the names of one letter that a cell computes, those that it prints under a name that says more.

    ``print("accuracy:", a)`` says what ``a`` is. A loop's has the points of its curve, and keeps its name.
    """
    short = _short_names(source)
    if not short:
        return {}
    found: dict[str, list[str]] = {}
    for name, signed, label in _all_labels(source):
        if label is not None and label.variable in short and len(name) > 1 and (signed or _is_name(name)):
            found.setdefault(label.variable, []).append(name)
    printed = Counter(name for names in found.values() for name in set(names))
    return {each: names[0] for each, names in found.items() if printed[names[0]] == 1}


def _short_names(source: CellSource) -> set[str]:
    """Return the names of one letter that a cell computes, once and in no loop."""
    times = Counter(each.name for each in source.assignments)
    return {
        each.name
        for each in source.assignments
        if each.how == "computed" and len(each.name) == 1 and not each.conditional and times[each.name] == 1
    }


def _all_labels(source: CellSource) -> Iterator[tuple[str, bool, Label | None]]:
    for node in (each for statement in source.body for each in ast.walk(statement)):
        spaced = isinstance(node, ast.Call) and callee(node) == "print"
        yield from _labels_in(printed_parts(node), spaced)


def _is_name(text: str, besides: frozenset[str] = frozenset()) -> bool:
    """Whether words before a value name it: of "kept 214 of 700 rows" the "of" does not."""
    return text.rpartition(" ")[2].lower().rstrip(".") not in _NO_NAMES - besides


def _known_names(source: CellSource) -> set[str]:
    # What is printed says more than a name of one letter: `long_names`.
    computed = {name for name in source.computed - _short_names(source) if not name.startswith("_")}
    constant = {each.name for each in source.assignments if each.how == "constant"}
    targets = {each.name for each in source.assignments if each.how == "loop"}
    return (computed | (constant - source.computed) | set(source.reads)) - targets


def _swept_names(source: CellSource) -> set[str]:
    """Return the targets of loops over constants, ranges or a list, and of the count of ``enumerate``."""
    swept: set[str] = set()
    for node in (each for statement in source.body for each in ast.walk(statement)):
        if isinstance(node, (ast.For, ast.comprehension)):
            target, iterable = node.target, node.iter
            if isinstance(iterable, ast.Call) and callee(iterable) == "enumerate" and iterable.args:
                if isinstance(target, ast.Tuple) and target.elts:
                    swept |= _names(target.elts[0])
                    target = target.elts[-1]
                iterable = iterable.args[0]
            if isinstance(iterable, ast.Name) or _is_counted_up(iterable):
                swept |= _names(target)
    computed = {each.name for each in source.assignments if each.how != "loop"}
    return swept - computed


def _is_counted_up(node: ast.expr) -> bool:
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return all(isinstance(each, (ast.Constant, ast.UnaryOp, ast.Tuple, ast.List)) for each in node.elts)
    if isinstance(node, ast.Call) and callee(node) == "tqdm" and node.args:
        return _is_counted_up(node.args[0])
    return isinstance(node, ast.Call) and callee(node) in _RANGES


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _labels_in(parts: list[Part], spaced: bool) -> Iterator[tuple[str, bool, Label | None]]:
    """Yield the name that each text ends with, whether by a sign, and the variable after it: None for other values.

    ``spaced`` says that a space is put between the parts.
    """
    for index, (text, value) in enumerate(pairwise(parts)):
        if not isinstance(text, str) or isinstance(value, str):
            continue
        name, signed = name_before(text[text.rfind("\n") + 1 :])
        if name and (signed or text[-1:].isspace() or (text and spaced)):
            after = parts[index + 2] if index + 2 < len(parts) else ""
            yield clean_name(name), signed, _label_of(*value, after if isinstance(after, str) else "")


def _label_of(value: ast.expr, percent: bool, after: str) -> Label | None:
    while True:
        if isinstance(value, ast.FormattedValue):
            value = value.value
        elif isinstance(value, ast.JoinedStr) and len(value.values) == 1:
            value = value.values[0]
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            if value.func.attr not in _ROUNDING_METHODS:
                return None
            value = value.func.value
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            if value.func.id == "len":
                return Label("", reason=SIZE)
            if value.func.id not in _ROUNDING or not value.args:
                return None
            value = value.args[0]
        elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult) and after.lstrip().startswith("%"):
            # 100 * acc with a percent sign behind it.
            for hundred, other in ((value.left, value.right), (value.right, value.left)):
                if isinstance(hundred, ast.Constant) and hundred.value == 100:
                    value, percent = other, True
                    break
            else:
                return None
        elif isinstance(value, ast.Subscript):
            is_shape = isinstance(value.value, ast.Attribute) and value.value.attr == "shape"
            return Label("", reason=SIZE) if is_shape else None
        else:
            return Label(value.id, percent) if isinstance(value, ast.Name) else None
