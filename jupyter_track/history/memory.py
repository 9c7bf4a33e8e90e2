"""The names and objects of a notebook as far as its text tells them: what each cell may read and change.

A `Region` stands for an object and whatever belongs to it alone. A value is the set of regions that it may be;
numbers, texts and other values that cannot be changed are the empty set. Regions hold others, so that what is
changed inside of one is seen by all who reach it. Whoever changed a region or bound a name is written down by
its position, and never taken out again but where a name is bound anew for certain.

Positions are kept as sets of bits, since those of a large notebook are joined again and again.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

__all__ = [
    "CONSUMED",
    "NOTHING",
    "NOT_CONSUMED",
    "PERHAPS_CONSUMED",
    "Class",
    "Frame",
    "Function",
    "Memory",
    "Positions",
    "Region",
    "Value",
    "each_position",
    "local_names",
    "reach",
]

#: A set of the positions of cells: bit `n` is set if the cell at position `n` is in it.
Positions = int

NOT_CONSUMED, PERHAPS_CONSUMED, CONSUMED = range(3)


class Region:
    """An object, or several that are not told apart.

    Attributes
    ----------
    writers : Positions
        The cells that made and changed it.
    holds, keeps : set of Region
        What it refers to, and may change or only reads.
    code : Function or Class or None
        What runs when it is called.
    lazy : ast.AST or tuple or None
        What is still to run when somebody goes through it.
    path : str
        The dotted name under which it was imported.
    made_by : str
        The library whose function returned it, or "file NAME" for an open file.
    consumed : int
        Whether going through it uses it up: `NOT_CONSUMED`, `PERHAPS_CONSUMED` or `CONSUMED`.
    instance : bool
        Whether it is an object of a class of the notebook, and of nothing else.
    transparent : bool
        Whether calling it does nothing but call what it holds.
    undrawn : bool
        Whether it draws no random numbers but its own.
    """

    __slots__ = (
        "code",
        "consumed",
        "holds",
        "instance",
        "keeps",
        "lazy",
        "made_by",
        "path",
        "transparent",
        "undrawn",
        "writers",
    )

    def __init__(self, code: Function | Class | None = None, path: str = "") -> None:
        self.writers: Positions = 0
        self.holds: set[Region] = set()
        self.keeps: set[Region] = set()
        self.code = code
        self.lazy: tuple[Function, tuple[Value, ...]] | tuple[ast.GeneratorExp, Frame | None] | None = None
        self.path = path
        self.made_by = ""
        self.consumed = NOT_CONSUMED
        self.instance = False
        self.transparent = False
        self.undrawn = False


Value = frozenset[Region]
NOTHING: Value = frozenset()


class Frame:
    """The local names of a function that is gone through, of a class body or of a comprehension."""

    __slots__ = (
        "certain",
        "code",
        "first",
        "is_class",
        "is_comprehension",
        "names",
        "outer",
        "region",
        "returns",
        "values",
    )

    def __init__(self, names: frozenset[str], outer: Frame | None, code: Function | None = None) -> None:
        self.names = names
        self.outer = outer
        self.code = code
        self.values: dict[str, Value] = {}
        self.returns: Value = NOTHING
        self.first: Value = NOTHING
        # What functions inside of it have in common, and change by binding its names.
        self.region = Region()
        self.is_class = False
        self.is_comprehension = False
        # Whether its statements run to the end once they have begun.
        self.certain = code is None or not _returns_early(code.node)


class Function:
    """A function of the notebook, the object that it is, and the frame that it was defined in."""

    __slots__ = ("kind", "node", "outer", "region")

    def __init__(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        region: Region,
        outer: Frame | None,
        kind: str = "",
    ) -> None:
        self.node = node
        self.region = region
        self.outer = outer
        self.kind = kind


class Class:
    """A class of the notebook.

    ``methods`` are, by name, its own and those that it overrides; ``closed`` says that all its bases are classes of
    the notebook too.
    """

    __slots__ = ("closed", "methods")

    def __init__(self, methods: dict[str, tuple[Function, ...]], closed: bool) -> None:
        self.methods = methods
        self.closed = closed


class Memory:
    """What is known after the cells that were gone through.

    Attributes
    ----------
    values : dict of str to frozenset of Region
    slots : dict of str to Positions
        For each name, who bound it last for certain, and who may have bound it since.
    unnamed : Positions
        Who may have bound any name.
    resources : dict of str to Positions
        The same for what has no name: random numbers, files, settings.
    everything : Positions
        All cells.
    world : Region
        Whatever the text does not tell of.
    modules : dict of str to Region
        What was imported, by its path.
    made : int
        How many regions cells have made, until it is set back.
    """

    def __init__(self) -> None:
        self.values: dict[str, Value] = {}
        self.slots: dict[str, Positions] = {}
        self.unnamed: Positions = 0
        self.resources: dict[str, Positions] = {}
        self.everything: Positions = 0
        self.world = Region()
        self.modules: dict[str, Region] = {}
        self.made = 0

    def imported(self, path: str) -> Region:
        """Return the region of a module or of something in it."""
        region = self.modules.get(path)
        if region is None:
            region = self.modules[path] = Region(path=path)
            root = path.partition(".")[0]
            if root != path:
                region.keeps.add(self.imported(root))
        return region

    def regions(self) -> set[Region]:
        """Return all regions that a name reaches."""
        return reach(frozenset().union(*self.values.values(), [self.world]))


def reach(value: Value) -> set[Region]:
    """Return all regions that can be come to from a value."""
    found = set(value)
    waiting = list(value)
    while waiting:
        region = waiting.pop()
        new = (region.holds | region.keeps) - found
        found |= new
        waiting.extend(new)
    return found


def each_position(positions: Positions) -> Iterator[int]:
    """Yield the positions in a set of them, from the first to the last."""
    return (place for place, bit in enumerate(reversed(bin(positions)[2:])) if bit == "1")


@lru_cache(maxsize=4_096)
def local_names(node: ast.AST) -> frozenset[str]:
    """Return the names that a function, class or comprehension binds itself."""
    bound: set[str] = set()
    elsewhere: set[str] = set()
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        waiting: list[ast.AST] = [node.args, *(node.body if isinstance(node.body, list) else [node.body])]
    elif isinstance(node, ast.ClassDef):
        waiting = list(node.body)
    else:
        waiting = [each.target for each in getattr(node, "generators", [])]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Name):
            if not isinstance(each.ctx, ast.Load):
                bound.add(each.id)
        elif isinstance(each, ast.arg):
            bound.add(each.arg)
        elif isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(each.name)
        elif isinstance(each, (ast.Global, ast.Nonlocal)):
            elsewhere.update(each.names)
        elif isinstance(each, (ast.Import, ast.ImportFrom)):
            bound.update(alias.asname or alias.name.partition(".")[0] for alias in each.names)
        elif isinstance(each, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            # Only := in it binds a name outside of it.
            bound.update(walrus.target.id for walrus in ast.walk(each) if isinstance(walrus, ast.NamedExpr))
        elif not isinstance(each, ast.Lambda):
            name = getattr(each, "name", None) or getattr(each, "rest", None)
            if isinstance(name, str) and isinstance(each, (ast.ExceptHandler, ast.pattern)):
                bound.add(name)
            waiting.extend(ast.iter_child_nodes(each))
    return frozenset(bound - elsewhere)


@lru_cache(maxsize=4_096)
def _returns_early(node: ast.AST) -> bool:
    body = getattr(node, "body", [])
    before = body[:-1] if isinstance(body, list) else []
    return any(isinstance(each, ast.Return) for statement in before for each in ast.walk(statement))
