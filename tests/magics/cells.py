"""Cells of every kind that people write, each of which must do the same with ``%%track`` on top and without.

They run one after the other in one kernel, so each uses names of its own. Most stand in ``cells.txt``, as they are
written in a notebook: ``== name | what is to be known about it``, and the cell below; ``-- before`` and ``-- after``
head cells that are run, untracked, around it. Those whose characters would not survive an editor are here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["CELLS", "Cell"]

#: What the timing magics print.
TIMES = r"(?:CPU times|Wall time).*|[\d.]+ [nµμum]?s ± .*"


@dataclass(frozen=True)
class Cell:
    """One kind of cell.

    Attributes
    ----------
    name : str
    body : str
        The cell without its first line.
    before, after : str
        Cells that are run around it, if they are not empty.
    answers : tuple of str
        What is typed when it asks.
    varies : str
        A pattern of what differs between any two kernels; it is blanked on both sides.
    tells_lines : bool
        Its output tells line numbers or shows the source: it is compared with the cell whose first line is a
        comment, so that nothing about lines has to be forgiven.
    waits_for : str
        Output that comes by way of a file descriptor, when it will.
    runs : bool
        IPython gets as far as running it, so that there is something to record.
    options : dict
        Of the execute request.
    """

    name: str
    body: str
    before: str = ""
    after: str = ""
    answers: tuple[str, ...] = ()
    varies: str = ""
    tells_lines: bool = False
    waits_for: str = ""
    runs: bool = True
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def has_own_magic(self) -> bool:
        """Whether it begins with a cell magic of its own, which must then stand at the top."""
        return self.body.lstrip().startswith("%%")

    @property
    def is_kept(self) -> bool:
        """Whether it has a place in IPython's history."""
        return bool(self.options.get("store_history", True) and not self.options.get("silent", False))


def _written_cells(text: str) -> Iterator[Cell]:
    for block in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
        heading, _, rest = block.partition("\n")
        name, *known = heading.split(" | ")
        parts = re.split(r"^-- (\w+)\n", re.sub(r"^=====.*", "", rest, flags=re.MULTILINE), flags=re.MULTILINE)
        texts = {"cell": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}
        facts = {key: value for key, _, value in (fact.partition(": ") for fact in known)}
        yield Cell(
            name,
            texts["cell"].strip("\n"),
            before=texts.get("before", ""),
            after=texts.get("after", ""),
            answers=tuple(facts["typed"].split(", ")) if "typed" in facts else (),
            varies=TIMES if facts.get("varies") == "times" else facts.get("varies", ""),
            tells_lines="tells lines" in facts,
            waits_for=facts.get("waits for", ""),
            runs="does not run" not in facts,
        )


_SPECIAL = [
    Cell("only comments", "# nothing\n  # at all"),
    Cell("only blank lines below", "\n\n  \n", tells_lines=True),
    Cell("line ends of Windows", "crlf_x = 1\r\ncrlf_y = 2\r\ncrlf_x + crlf_y"),
    Cell("indented as a whole", "    io_x = 1\n    io_x"),
    Cell("indented cell magic", "    %%capture iw\n    print(1)"),
    Cell("tabs", "def tabbed():\n\tif True:\n\t\treturn 'tab'\ntabbed()"),
    Cell("tab error", "if 1:\n\tx_te = 1\n        y_te = 2", tells_lines=True, runs=False),
    Cell("form feed between", "ff_x = 1\n\x0c\nff_x"),
    Cell("null byte", "x_nb = 1\x00", tells_lines=True, runs=False),
    Cell("trailing blanks and a backslash", "tb_x = 1 + \\\n    2   \ntb_x   "),
    Cell("cell of many lines", "\n".join(f"very_long_{n} = {n}" for n in range(2000)) + "\nvery_long_1999"),
    Cell("one very long line", "len('" + "x" * 200_000 + "')"),
    Cell("expression of many operators", "dn = " + " + ".join(["1"] * 900) + "\ndn"),
    Cell("failure in a far line", "\n" * 50 + "x_far = [][1]", tells_lines=True),
    Cell("wrong indentation far below", "x_if = 1\n" * 20 + "   y_if = 2", tells_lines=True, runs=False),
    Cell("unterminated triple quote", "x_ut = '''abc\n\n", tells_lines=True, runs=False),
    Cell("%%time below a blank line", "\n%%time\ntb_y = 1\ntb_y", varies=TIMES),
    Cell("store_history off", "sh_x = 'kept'\nsh_x", options={"store_history": False}),
    Cell("silent", "si_x = 'silent'\nprint(si_x)\nsi_x", options={"silent": True}, runs=False),
    Cell(
        "user expressions",
        "ue_x = 20",
        options={"user_expressions": {"twice": "ue_x * 2", "bad": "1 / 0"}},
    ),
]

CELLS = [*_written_cells(Path(__file__).with_suffix(".txt").read_text("utf-8")), *_SPECIAL]
