"""What can be come to from an object, remembered while a cell is gone through.

While one cell is gone through, objects only come to refer to more. So what was once found from a value stays right,
and has to be extended only by what was added since.
"""

from __future__ import annotations

from .memory import Positions, Region, Value

__all__ = ["ALL", "CHANGING", "PARTS", "Closure", "Closures"]

#: Which references are followed: all, those through which objects are changed, or those that give their parts.
ALL, CHANGING, PARTS = range(3)

#: Closures of each kind that are remembered at a time; more are not asked for again soon.
MAX_CLOSURES = 2_000


class Closure:
    """All regions that can be come to from a value, the value's own included.

    Attributes
    ----------
    regions : list of Region
        Each once, in the order in which they were found.
    """

    __slots__ = ("_as_value", "_found", "_joined", "_way", "_writers", "_written", "regions", "seen")

    def __init__(self, value: Value, way: int) -> None:
        self._way = way
        self._found: set[Region] = set()
        self.regions: list[Region] = []
        # How many of the added references are in it.
        self.seen = 0
        self._writers: Positions = 0
        self._joined = 0
        self._written = 0
        self._as_value: Value = frozenset()
        self._take(value)

    def _take(self, new: Value | set[Region]) -> None:
        found, regions = self._found, self.regions
        place = len(regions)
        found |= new
        regions.extend(new)
        way = self._way
        while place < len(regions):
            region = regions[place]
            place += 1
            new = region.holds - found
            if way is not CHANGING and region.keeps:
                new |= self._kept(region.keeps) - found
            if new:
                found |= new
                regions.extend(new)

    def _kept(self, kept: set[Region] | Value) -> set[Region] | Value:
        """Return those of the regions that are only read to which the way leads."""
        if self._way is ALL:
            return kept
        # Not the class that an object is of: its methods and what it shares are found by name.
        return {each for each in kept if each.code is None and not each.path}

    def extend(self, holder: Region, held: Value, reading: bool) -> None:
        """Take in what an object has come to refer to."""
        if holder not in self._found or (reading and self._way is CHANGING):
            return
        new = (self._kept(held) if reading else held) - self._found
        if new:
            self._take(new)

    def writers(self) -> Positions:
        """Return all cells that have made or changed any of it."""
        writers = self._writers
        for region in self.regions[self._joined :]:
            # Most of them have the same, which is compared faster than it is joined.
            if region.writers != writers:
                writers |= region.writers
        self._joined = len(self.regions)
        self._writers = writers
        return writers

    def unwritten(self) -> list[Region]:
        """Return the regions that this has not returned before."""
        new = self.regions[self._written :]
        self._written = len(self.regions)
        return new

    def as_value(self) -> Value:
        """Return the regions as a value; the same one as long as there are no more."""
        if len(self._as_value) != len(self.regions):
            self._as_value = frozenset(self._found)
        return self._as_value


class Closures:
    """The closures that were asked for while one cell is gone through."""

    def __init__(self) -> None:
        self._added: list[tuple[Region, Value, bool]] = []
        self._known: tuple[dict[Value, Closure], ...] = ({}, {}, {})

    def extend(self, holder: Region, held: Value, reading: bool) -> None:
        """Note that an object has come to refer to others, which it may change or will only read."""
        self._added.append((holder, held, reading))

    def of(self, value: Value, way: int = ALL) -> Closure:
        """Return what can be come to from a value as things stand."""
        known, added = self._known[way], self._added
        closure = known.get(value)
        if closure is None:
            if len(known) >= MAX_CLOSURES:
                known.clear()
            closure = known[value] = Closure(value, way)
        elif closure.seen < len(added):
            for holder, held, reading in added[closure.seen :]:
                closure.extend(holder, held, reading)
        closure.seen = len(added)
        return closure
