"""What one cell reads and changes, while its text is gone through."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterable

from .closures import CHANGING, Closures
from .known import BUILTINS
from .memory import NOTHING, Frame, Memory, Positions, Region, Value

__all__ = ["EVERYTHING", "FILES", "RANDOM", "SETTINGS", "CellRecord", "TooMuchToFollow"]

#: Why a cell is needed where it is not for a name.
RANDOM = "(random numbers)"
FILES = "(files)"
SETTINGS = "(settings)"
EVERYTHING = "(everything)"


#: Seconds of processor time that going through one cell may take; one in a large notebook could take minutes.
MAX_SECONDS = 0.5
#: How many expressions are gone through between two looks at the clock.
_STEPS = 200


class TooMuchToFollow(Exception):
    """Going through a cell takes too long."""


class CellRecord:
    """Notes the reads and changes of one cell, and writes them into the memory at its end.

    Parameters
    ----------
    memory : Memory
    position : int
    certain : bool
        Whether all statements of the cell have run.

    Attributes
    ----------
    branches : int
        How many branches, loops and other places that may not run the present one stands in.
    changes : int
        Grows with all that becomes known; a loop is gone through until it does not.
    """

    def __init__(self, memory: Memory, position: int, certain: bool) -> None:
        self.memory = memory
        self.position = position
        self.branches = 0 if certain else 1
        self.changes = 0
        self.frame: Frame | None = None
        self._steps = 0
        self._until = time.thread_time() + MAX_SECONDS
        self._closures = Closures()
        self._needs: dict[str, Positions] = {}
        self._bound: set[str] = set()
        self._perhaps: set[str] = set()
        self._written: set[Region] = set()
        self._fresh: dict[tuple[int, str], Region] = {}
        self._touched: dict[tuple[str, Value], int] = {}
        self._restarted: set[str] = set()
        self._changed: set[str] = set()
        self._binds_anything = False
        self._changes_anything = False
        self.use("settings", SETTINGS)

    def step(self) -> None:
        """Count one more expression that is gone through.

        Raises
        ------
        TooMuchToFollow
            If the time is over.
        """
        self._steps += 1
        if self._steps % _STEPS == 0 and time.thread_time() > self._until:
            raise TooMuchToFollow

    # -- names

    def lookup(self, name: str) -> Value:
        """Read a name where the present statement stands."""
        frame = self.frame
        while frame is not None:
            if name in frame.names and not (frame.is_class and name not in frame.values):
                return frame.values.get(name, NOTHING)
            frame = frame.outer
        return self.load(name)

    def load(self, name: str) -> Value:
        """Read a name of the notebook, and all that can be reached from it."""
        memory = self.memory
        if name not in self._bound:
            self._need(name, memory.slots.get(name, memory.unnamed))
        value = memory.values.get(name)
        if value is None:
            if name in BUILTINS:
                value = frozenset([memory.world]) if memory.unnamed else NOTHING
            else:
                value = memory.values[name] = frozenset([Region()])
        self.touch(name, value)
        return value

    def touch(self, name: str, value: Value) -> None:
        """Note that what a name stands for is looked at."""
        if self._touched.get((name, value)) == self.changes:
            return
        self._touched[name, value] = self.changes
        self._need(name, self._closures.of(value).writers())
        self.look_at(value)

    def look_at(self, value: Value) -> None:
        """Run what runs when an object is merely used; for whoever knows of code."""

    def bind(self, name: str, value: Value) -> None:
        """Bind a name where the present statement stands."""
        frame = self.frame
        while frame is not None and frame.is_comprehension and name not in frame.names:
            frame = frame.outer
        declared = frame is not None and name not in frame.names
        while frame is not None and name not in frame.names:
            frame = frame.outer
        if frame is not None:
            if declared:
                self.write((frame.region,))
            known = frame.values.get(name, NOTHING)
            if not value <= known or name not in frame.values:
                frame.values[name] = known | value
                self.changes += 1
                # Functions that were defined in it before see it too.
                self.hold((frame.region,), value)
        else:
            self._bind_in_notebook(name, value, perhaps=declared or self.branches > 0)

    def _bind_in_notebook(self, name: str, value: Value, perhaps: bool) -> None:
        known = self.memory.values.get(name)
        if perhaps:
            value = value | (known or NOTHING)
            self._perhaps.add(name)
        else:
            self._bound.add(name)
        if known != value:
            self.memory.values[name] = value
            self.changes += 1

    def unbind(self, name: str) -> None:
        """Delete a name."""
        self.lookup(name)
        if self.frame is not None:
            return
        if self.branches:
            self._perhaps.add(name)
        else:
            self._bound.add(name)
            self.memory.values.pop(name, None)

    # -- objects

    def fresh(self, node: ast.AST, kind: str = "", holds: Iterable[Region] = ()) -> Region:
        """Return the object that a place in the text makes; the same for each time that it is come to."""
        region = self._fresh.get((id(node), kind))
        if region is None:
            region = self._fresh[id(node), kind] = Region()
            self.memory.made += 1
            self._written.add(region)
        self.hold((region,), holds)
        return region

    def hold(self, holders: Iterable[Region], held: Iterable[Region], reading: bool = False) -> None:
        """Let objects refer to others, which they may change or will only read."""
        held = frozenset(held)
        for holder in holders:
            into = holder.keeps if reading else holder.holds
            new = held - into - {holder}
            if new:
                into |= new
                self.changes += len(new)
                self._closures.extend(holder, new, reading)

    def coded(self, value: Value) -> list[Region]:
        """Return the functions and classes of the notebook that can be come to from a value."""
        return [region for region in self._closures.of(value).regions if region.code is not None]

    def write(self, value: Iterable[Region]) -> None:
        """Change objects."""
        for region in value:
            if region not in self._written:
                self._written.add(region)
                self.changes += 1
                if region.path:
                    # What is set in a library holds for all that use it.
                    self.change("settings")

    def write_all(self, value: Value) -> None:
        """Change objects and all that is in them."""
        self.write(region for region in self._closures.of(value, CHANGING).unwritten() if not region.path)

    # -- what has no name

    def use(self, resource: str, reason: str) -> None:
        """Depend on all who have changed a resource."""
        if resource not in self._restarted and resource in self.memory.resources:
            self._need(reason, self.memory.resources[resource])

    def change(self, resource: str) -> None:
        """Change a resource."""
        self._changed.add(resource)

    def draw(self, generator: str) -> None:
        """Draw from a global generator of random numbers, or ("*") from any."""
        for resource in [each for each in self.memory.resources if each.startswith("random ")]:
            if generator in ("*", resource.partition(" ")[2]) or resource == "random *":
                self.use(resource, RANDOM)
                self.change(resource)

    def seed(self, generator: str) -> None:
        """Begin a global generator's sequence anew."""
        certain = self.branches == 0 and (self.frame is None or self.frame.certain)
        (self._restarted if certain else self._changed).add(f"random {generator}")

    def read_file(self, name: str) -> None:
        """Read a file, by the last part of its path; "" is any."""
        for resource in self.memory.resources:
            if resource.startswith("file ") and (not name or resource in ("file ", f"file {name}")):
                self.use(resource, FILES)

    def write_file(self, name: str) -> None:
        """Write a file, or ("") any."""
        self.change(f"file {name}")

    def bind_anything(self) -> None:
        """Bind names that the text does not tell."""
        self._binds_anything = True

    def read_anything(self) -> None:
        """Depend on all cells before."""
        self._need(EVERYTHING, self.memory.everything)

    def do_anything(self, settings: bool = True) -> None:
        """Read and change whatever there is; what is set for the whole process only if `settings` is true."""
        self.read_anything()
        self._binds_anything = self._changes_anything = True
        self.change("file ")
        if settings:
            self.change("settings")

    # -- the end

    def _need(self, reason: str, writers: Positions) -> None:
        known = self._needs.get(reason, 0)
        if writers & ~known:
            # One that is known already is shared, since a kernel may have executed many thousands of cells.
            self._needs[reason] = known | writers if known else writers

    def finish(self) -> dict[str, Positions]:
        """Write the changes into the memory, and return what the cell needs of those before it.

        Returns
        -------
        dict of str to Positions
            By the reason: a name, or what has none in parentheses.
        """
        memory = self.memory
        joined = _Joined(self.position)
        for name in self._perhaps - self._bound:
            memory.slots[name] = joined[memory.slots.get(name, memory.unnamed)]
        for name in self._bound:
            memory.slots[name] = joined[0]
        for region in self._written:
            region.writers = joined[region.writers]
        for resource in self._restarted:
            memory.resources[resource] = joined[0]
        for resource in self._changed - self._restarted:
            memory.resources[resource] = joined[memory.resources.get(resource, 0)]
        if self._binds_anything:
            self._finish_anything(joined)
        memory.everything = joined[memory.everything]
        return self._needs

    def _finish_anything(self, joined: _Joined) -> None:
        memory = self.memory
        for region in memory.regions() if self._changes_anything else {memory.world}:
            region.writers = joined[region.writers]
        for name, writers in memory.slots.items():
            memory.slots[name] = joined[writers]
            memory.values[name] = memory.values.get(name, NOTHING) | {memory.world}
        memory.unnamed = joined[memory.unnamed]
        if self._changes_anything:
            for name, resource in memory.resources.items():
                if name.startswith("random "):
                    memory.resources[name] = joined[resource]


class _Joined(dict[Positions, Positions]):
    """Sets of positions with one more in them; of the same set there is only one."""

    def __init__(self, position: int) -> None:
        self._added = 1 << position

    def __missing__(self, positions: Positions) -> Positions:
        joined = self[positions] = positions | self._added if positions else self._added
        return joined
