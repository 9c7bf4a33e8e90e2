"""What magics and shell commands in a cell do, as far as it is known."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from ..analysis.magic_calls import timed_statements
from ..analysis.parsing import may_parse
from .expressions import Expressions
from .known import (
    DISPLAY_CELL_MAGICS,
    DISPLAY_LINE_MAGICS,
    HARMLESS_COMMANDS,
    SETTING_LINE_MAGICS,
    SHELL_CELL_MAGICS,
)
from .memory import NOTHING, Value

__all__ = ["Shell"]

_IDENTIFIER = re.compile(r"[^\W\d]\w*")


class Shell(Expressions):
    """Goes through calls of the shell, which is what magics and ``!commands`` are when a cell is compiled."""

    def run(self, statements: Iterable[ast.stmt]) -> None:
        """Go through statements."""
        raise NotImplementedError

    def run_shell_call(self, node: ast.Call, method: str) -> Value:
        """Go through ``get_ipython().METHOD(...)``."""
        texts = [each.value if isinstance(each, ast.Constant) else None for each in node.args]
        written = [each for each in texts if isinstance(each, str)]
        if method in ("system", "getoutput") and len(written) == 1:
            self._command(written[0])
        elif method == "run_line_magic" and len(written) >= 2:
            return self._line_magic(node, written[0], written[1])
        elif method == "run_cell_magic" and len(written) == 3:
            self._cell_magic(*written)
        else:
            self.do_anything()
            return frozenset([self.memory.world])
        return frozenset([self.fresh(node)])

    def _read_names_in(self, text: str) -> None:
        """Read what a text names: `{name}` and `$name` are filled in, and some magics take Python."""
        for name in dict.fromkeys(_IDENTIFIER.findall(text)):
            if name in self.memory.values:
                self.load(name)

    def _command(self, text: str) -> None:
        self._read_names_in(text)
        words = text.split()
        command = words[0] if words else ""
        if command in HARMLESS_COMMANDS and not set(text) & set(">|;&`"):
            return
        if command in ("pip", "pip3", "conda", "mamba", "uv", "apt", "apt-get", "export"):
            self.change("settings")
            return
        self.read_file("")
        self.write_file("")

    def _line_magic(self, node: ast.Call, name: str, text: str) -> Value:
        if name == "time":
            statements = timed_statements(node)
            if statements:
                last = statements[-1]
                self.run(statements[:-1] if isinstance(last, ast.Expr) else statements)
                return self.value(last.value) if isinstance(last, ast.Expr) else NOTHING
        self._read_names_in(text)
        if name in DISPLAY_LINE_MAGICS:
            return NOTHING
        if name in SETTING_LINE_MAGICS:
            self.change("settings")
        elif name in ("sx", "system"):
            self._command(text)
        elif name == "timeit":
            self._run_aside(re.sub(r"^(-\S+\s+(\d+\s+)?)*", "", text))
        elif name in ("run", "pylab") and "-i" not in text.split():
            self.bind_anything()
            self.change("settings")
            self.draw("*")
            self.read_file("")
            self.write_file("")
        else:
            self.do_anything()
        return frozenset([self.fresh(node)])

    def _run_aside(self, text: str) -> None:
        """Go through code that a magic runs in a function of its own."""
        try:
            statements = ast.parse(text).body if may_parse() else None
        except SyntaxError:
            statements = None
        if statements is None:
            self.do_anything()
            return
        self.branches += 1
        self.run(statements)
        self.branches -= 1

    def _cell_magic(self, name: str, line: str, body: str) -> None:
        if name in DISPLAY_CELL_MAGICS:
            return
        if name in ("writefile", "file"):
            words = line.split()
            self.write_file(words[-1].rpartition("/")[2] if words else "")
        elif name in SHELL_CELL_MAGICS:
            self._read_names_in(line)
            for option in ("--out", "--err", "--proc"):
                words = line.replace("=", " ").split()
                if option in words[:-1]:
                    self.bind(words[words.index(option) + 1], frozenset([self.memory.world]))
            self.read_file("")
            self.write_file("")
        else:
            self.do_anything()
