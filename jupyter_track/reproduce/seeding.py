"""Whether cells that are executed again can be expected to draw the same random numbers, as far as their text tells."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from ..history import known
from .cell_code import parse_cell

__all__ = ["Seeding", "look_for_seeds"]

#: Of a library, "*": whatever it draws from.
_EVERY = ("random", "numpy", "torch", "tensorflow")


@dataclass(frozen=True, slots=True)
class Seeding:
    """The generators that cells draw from, and those that they seed.

    Attributes
    ----------
    drawn : frozenset of str
        "random", "numpy", "torch", "tensorflow": the global ones; "default_rng" and the like: one of its own.
    seeded : frozenset of str
        In addition "random_state", where calls are given a seed.
    """

    drawn: frozenset[str]
    seeded: frozenset[str]

    def in_words(self) -> str:
        """Say why the same code may have given another result."""
        if not self.seeded:
            return "no seed is set"
        unseeded = sorted(self.drawn - self.seeded)
        return f"no seed is set for {', '.join(unseeded)}" if unseeded else "although seeds are set"


def look_for_seeds(sources: Iterable[str]) -> Seeding:
    """Look through cells, in the order in which they are executed."""
    drawn: set[str] = set()
    seeded: set[str] = set()
    imported: dict[str, str] = {}
    for source in sources:
        tree = parse_cell(source)
        for node in ast.walk(tree) if tree is not None else ():
            if isinstance(node, ast.Import):
                imported.update(
                    (
                        each.asname or each.name.partition(".")[0],
                        each.name if each.asname else each.name.partition(".")[0],
                    )
                    for each in node.names
                )
            elif isinstance(node, ast.ImportFrom):
                imported.update((each.asname or each.name, f"{node.module}.{each.name}") for each in node.names)
            elif isinstance(node, ast.Call):
                _look_at(node, _path(node.func, imported), drawn, seeded)
    return Seeding(frozenset(drawn), frozenset(seeded))


def _look_at(call: ast.Call, path: str, drawn: set[str], seeded: set[str]) -> None:
    last = path.rpartition(".")[2]
    given = [*call.args, *(each.value for each in call.keywords if each.arg in (*known.SEED_KEYWORDS, "x", "a"))]
    has_seed = any(not (isinstance(each, ast.Constant) and each.value is None) for each in given)
    generator = known.SEEDING.get(path) or known.SEEDING.get(last)
    if generator is not None:
        if has_seed:
            seeded.update(_EVERY if generator == "*" else (generator,))
        return
    if last in known.GENERATORS:
        drawn.add(last)
        if has_seed:
            seeded.add(last)
        return
    own = [each.value for each in call.keywords if each.arg in known.SEED_KEYWORDS]
    if any(not (isinstance(each, ast.Constant) and each.value is None) for each in own):
        seeded.add("random_state")
    elif last not in known.UNDRAWN:
        drawn.update(generator for beginning, generator in known.DRAWING if path.startswith(beginning))


def _path(node: ast.expr, imported: dict[str, str]) -> str:
    """Return what is called with all its names, the first one as it was imported."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        names.insert(0, imported.get(node.id, f".{node.id}"))
    return ".".join(names)
