"""The Python that IPython makes of a cell, and its syntax tree: made once for all who want to know of it."""

from __future__ import annotations

import ast
import re
import threading
from typing import Generic, TypeVar

from IPython.core.inputtransformer2 import TransformerManager

__all__ = ["ByText", "compiled_as", "may_parse", "python_of", "tree_of"]

#: How often the parser is asked, when another thread comes in between.
PARSE_ATTEMPTS = 10
#: Characters of the texts of which something is remembered; a tree takes about a hundred times as many bytes.
MAX_CHARACTERS = 300_000

_BLANK_LINES = re.compile(r"\A(?:[ \t]*\n)+")
_TRACK_LINES = re.compile(r"\A(?:[ \t]*%%track\b[^\n]*(?:\n|\Z))+")
#: What begins the names of threads on which nothing is parsed.
_OUR_THREADS = "jupyter-track"

_T = TypeVar("_T")


class ByText(Generic[_T]):
    """What was found out of texts; the oldest is forgotten when the texts are too long together.

    Texts that differ by line ends behind them only are one: IPython adds one to each cell.

    Parameters
    ----------
    max_characters : int
    """

    def __init__(self, max_characters: int = MAX_CHARACTERS) -> None:
        self._max_characters = max_characters
        self._characters = 0
        self._found: dict[str, _T] = {}
        self._lock = threading.Lock()

    def get(self, text: str) -> _T | None:
        """Return what was found out of a text, or None."""
        return self._found.get(text.rstrip("\n"))

    def put(self, text: str, found: _T) -> None:
        """Remember what was found out of a text."""
        text = text.rstrip("\n")
        with self._lock:
            if text not in self._found:
                self._characters += len(text)
            self._found[text] = found
            while self._characters > self._max_characters and len(self._found) > 1:
                oldest = next(iter(self._found))
                del self._found[oldest]
                self._characters -= len(oldest)


_trees: ByText[ast.Module] = ByText()
_compiled: ByText[str] = ByText()


def may_parse() -> bool:
    """Whether this thread may make syntax trees.

    Up to Python 3.12 the interpreter counts the depth of all trees that are made at the same time as one: a thread of
    ours that makes one may let the cell fail that is being compiled meanwhile, by a SystemError.
    """
    return not threading.current_thread().name.startswith(_OUR_THREADS)


def tree_of(python: str) -> ast.Module:
    """Return the tree of a text. It is shared, and must not be changed.

    Raises
    ------
    SyntaxError
        If it is no Python.
    ValueError, RecursionError, MemoryError
        If it has a null character, or is nested too deep.
    """
    tree = _trees.get(python)
    if tree is None:
        tree = _parse(python)
        _trees.put(python, tree)
    return tree


def _parse(python: str) -> ast.Module:
    # Another thread, of the person's or of a library, may parse at the same time.
    for _ in range(PARSE_ATTEMPTS - 1):
        try:
            return ast.parse(python)
        except SystemError:
            continue
    return ast.parse(python)


def compiled_as(source: str, python: str) -> None:
    """Take note of what IPython has made of a cell, so that `python_of` need not find it out again."""
    _compiled.put(source, python)


def python_of(source: str) -> str:
    """Return a cell as IPython compiles it, the lines that track it being comments."""
    python = _compiled.get(source)
    if python is None:
        python = _python_of(source)
        if may_parse():
            _compiled.put(source, python)
    return python


def _python_of(source: str) -> str:
    source = _BLANK_LINES.sub("", source)
    first = _TRACK_LINES.match(source)
    if first is not None:
        rest = source[first.end() :]
        # A cell magic must stand at the top. Else the lines are counted as the person counts them.
        source = rest if rest.startswith("%%") else re.sub(r"(?m)^[ \t]*(?=%%)", "# ", first[0]) + rest
    # What is Python already stays as it is, and looking for magics in it takes longer than reading it.
    return source if _is_python(source) else str(TransformerManager().transform_cell(source))


def _is_python(source: str) -> bool:
    if not may_parse():
        return True  # What it is, is found out where it may be read.
    try:
        return bool(tree_of(source).body)
    except SyntaxError:
        return False
    except (RecursionError, MemoryError, ValueError):
        return True
