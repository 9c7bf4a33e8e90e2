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

__all__ = ["Label", "clean_name", "long_names", "printed_labels", "same_quantity"]

#: Calls that give back what they are given, only shorter or of another type.
_ROUNDING = frozenset({"round", "float", "str"})
#: The same for methods.
_ROUNDING_METHODS = frozenset({"item", "numpy", "detach", "cpu", "round"})

#: A text that is formatted by ``%`` or ``.format``, cut at its fields.
_PERCENT_FIELD = re.compile(r"%%|%(?:\(\w*\))?[-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?[diouxXeEfFgGcrsa]")
_BRACE_FIELD = re.compile(r"\{\{|\}\}|\{(?P<field>[^{}:!]*)(?:![rsa])?(?::(?P<format>[^{}]*))?\}")
#: Functions and methods whose arguments are printed: those of a logger format their first one with the others.
_LOGGERS = frozenset({"debug", "info", "log"})
_POSTFIXES = frozenset({"set_postfix"})
#: Calls that count up what a loop goes over, rather than compute it.
_RANGES = frozenset({"range", "trange", "arange", "linspace", "logspace", "geomspace"})
_MAX_TEXT = 20_000
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

#: A text, or a value that is printed: the expression and whether a hundredfold of it is shown.
_Part = str | tuple[ast.expr, bool]


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
        spaced = isinstance(node, ast.Call) and _callee(node) == "print"
        yield from _labels_in(_printed_parts(node), spaced)


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
            if isinstance(iterable, ast.Call) and _callee(iterable) == "enumerate" and iterable.args:
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
    if isinstance(node, ast.Call) and _callee(node) == "tqdm" and node.args:
        return _is_counted_up(node.args[0])
    return isinstance(node, ast.Call) and _callee(node) in _RANGES


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _callee(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _printed_parts(node: ast.AST) -> list[_Part]:
    """Return the texts and values that an expression puts side by side, if it makes a text of them."""
    if isinstance(node, ast.JoinedStr):
        return [_formatted(part) for part in node.values]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        text = _text(node.left)
        if text is not None:
            values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
            return _filled(text, values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _added(node)
    if not isinstance(node, ast.Call):
        return []
    callee = _callee(node)
    if callee == "format" and isinstance(node.func, ast.Attribute):
        text = _text(node.func.value)
        return _format_filled(text, node) if text is not None else []
    if callee == "print" and isinstance(node.func, ast.Name):
        return [each if isinstance(each, str) else (each, False) for each in map(_text_or_value, node.args)]
    if callee in _LOGGERS and isinstance(node.func, ast.Attribute) and node.args:
        text = _text(node.args[0])
        return _filled(text, node.args[1:]) if text is not None else []
    if callee in _POSTFIXES:
        return _postfix(node)
    return []


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) <= _MAX_TEXT:
        return node.value
    return None


def _text_or_value(node: ast.expr) -> str | ast.expr:
    text = _text(node)
    return text if text is not None else node


def _formatted(part: ast.expr) -> _Part:
    if isinstance(part, ast.FormattedValue):
        percent = part.format_spec is not None and ast.unparse(part.format_spec).rstrip("'\"").endswith("%")
        return part.value, percent
    return _text(part) or ""


def _filled(text: str, values: list[ast.expr]) -> list[_Part]:
    parts: list[_Part] = []
    left = iter(values)
    end = 0
    for field in _PERCENT_FIELD.finditer(text):
        if field[0] == "%%":
            continue
        value = next(left, None)
        if value is None:
            break
        parts += [text[end : field.start()].replace("%%", "%"), (value, False)]
        end = field.end()
    return [*parts, text[end:].replace("%%", "%")]


def _format_filled(text: str, call: ast.Call) -> list[_Part]:
    named = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg is not None}
    parts: list[_Part] = []
    end = count = 0
    for field in _BRACE_FIELD.finditer(text):
        if field["field"] is None:
            continue
        name = field["field"]
        index = int(name) if name.isdigit() and len(name) < 4 else count if not name else -1
        count += not name
        value = named.get(name) if index < 0 else call.args[index] if index < len(call.args) else None
        parts.append(text[end : field.start()])
        if value is not None:
            parts.append((value, (field["format"] or "").endswith("%")))
        end = field.end()
    return [*parts, text[end:]]


def _added(node: ast.BinOp) -> list[_Part]:
    """Return the parts of ``"loss: " + str(loss)``."""
    parts: list[_Part] = []
    rest: ast.expr = node
    while isinstance(rest, ast.BinOp) and isinstance(rest.op, ast.Add):
        parts.append(_text(rest.right) or (rest.right, False))
        rest = rest.left
    parts.append(_text(rest) or (rest, False))
    if not any(isinstance(part, str) for part in parts):
        return []
    return parts[::-1]


def _postfix(node: ast.Call) -> list[_Part]:
    """Return the fields of a progress bar: ``bar.set_postfix(loss=loss.item())``."""
    parts: list[_Part] = []
    for keyword in node.keywords:
        if keyword.arg is not None:
            parts += [f"{keyword.arg}=", (keyword.value, False)]
    for argument in node.args[:1]:
        if isinstance(argument, ast.Dict):
            for key, value in zip(argument.keys, argument.values, strict=True):
                text = _text(key) if key is not None else None
                parts += [f"{text or ''}=", (value, False)]
    return parts


def _labels_in(parts: list[_Part], spaced: bool) -> Iterator[tuple[str, bool, Label | None]]:
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
