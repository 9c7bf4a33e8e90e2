"""Making one of objects that no cell to come can tell apart.

Whoever reads a name reads all that can be come to from it. So two objects to which the same names lead are read
together or not at all, now and later: a new name for a part of them leads to the whole, or to a copy of it. If one
region stands for both, slices stay what they are, and a notebook is followed in a time that depends on its names and
not on how often it has made something.

Functions, classes, modules, and what is still to run stay as they are, since calls tell them apart.
"""

from __future__ import annotations

from collections.abc import Iterable

from .memory import Class, Frame, Function, Memory, Region, Value

__all__ = ["Merging"]

#: Regions that cells may make before it is looked for any that have become one.
MIN_MADE = 256
#: The same as a share of those that were left the last time.
MAX_SHARE = 1.0


class Merging:
    """Merges the regions of a memory from time to time.

    Parameters
    ----------
    memory : Memory
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._left = 0

    def merge_if_many(self) -> None:
        """Merge, between two cells, if so many regions were made since the last time that it is worth the time."""
        if self._memory.made > max(MIN_MADE, MAX_SHARE * self._left):
            self._memory.made = 0
            self._left = _Merge(self._memory).run()


class _Merge:
    """One look at all regions: what leads to each, and which of them are therefore one."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        # From where one comes to regions: names, modules, and what functions and generators bring along.
        self._roots: list[list[Region]] = []
        self._frames: dict[Frame, None] = {}
        # For each region, a bit for each root that leads to it.
        self._led_by: dict[Region, int] = {}
        # Those that refer to others before these, as far as that is possible.
        self._order: list[Region] = []
        self._one: dict[Region, Region] = {}

    def run(self) -> int:
        """Merge, and return how many regions are left."""
        memory = self._memory
        self._roots = [
            [memory.world],
            *map(list, memory.values.values()),
            *([each] for each in memory.modules.values()),
        ]
        for root in self._roots:
            # More of them are found on the way.
            self._walk(root)
        self._order.reverse()
        self._lead_on()
        self._join()
        if self._one:
            self._rewrite()
        return len({self._one.get(region, region) for region in self._order})

    def _walk(self, begin: list[Region]) -> None:
        """Find the regions that are come to now and were not before."""
        led_by = self._led_by
        waiting = list(begin)
        while waiting:
            region = waiting[-1]
            state = led_by.get(region)
            if state is None:
                led_by[region] = -1
                self._find_roots(region)
                waiting += (region.holds | region.keeps) - led_by.keys()
                continue
            waiting.pop()
            if state < 0:
                led_by[region] = 0
                self._order.append(region)

    def _find_roots(self, region: Region) -> None:
        """Note what running a region leads to."""
        code, lazy = region.code, region.lazy
        if isinstance(code, Function):
            self._find_roots_of(code)
        elif isinstance(code, Class):
            for methods in code.methods.values():
                for method in methods:
                    self._find_roots_of(method)
        if lazy is not None:
            if isinstance(lazy[0], Function):
                self._find_roots_of(lazy[0])
                self._roots += map(list, lazy[1])
            else:
                self._find_frames(lazy[1])

    def _find_roots_of(self, function: Function) -> None:
        self._roots.append([function.region])
        self._find_frames(function.outer)

    def _find_frames(self, frame: Frame | None) -> None:
        while frame is not None and frame not in self._frames:
            self._frames[frame] = None
            found = {frame.region}.union(frame.first, frame.returns, *frame.values.values())
            self._roots.append(list(found))
            if frame.code is not None:
                self._find_roots_of(frame.code)
            frame = frame.outer

    def _lead_on(self) -> None:
        """Find out which roots lead to each region."""
        led_by = self._led_by
        for place, root in enumerate(self._roots):
            for region in root:
                led_by[region] |= 1 << place
        changed = True
        while changed:
            changed = False
            for region in self._order:
                leading = led_by[region]
                for each in region.holds | region.keeps:
                    before = led_by[each]
                    if leading != before and leading & ~before:
                        led_by[each] = before | leading
                        changed = True

    def _join(self) -> None:
        """Make one region of those to which the same leads."""
        alike: dict[tuple[object, ...], list[Region]] = {}
        for region in self._order:
            if not (region.code or region.path or region.lazy or region.transparent):
                classes = frozenset(each for each in region.keeps if each.code is not None)
                kind = region.instance, classes, region.made_by, region.undrawn, region.consumed
                alike.setdefault((self._led_by[region], kind), []).append(region)
        for regions in alike.values():
            if len(regions) > 1 and self._memory.world not in regions:
                first, one = regions[0], Region()
                one.instance, one.made_by = first.instance, first.made_by
                one.undrawn, one.consumed = first.undrawn, first.consumed
                for region in regions:
                    one.writers |= region.writers
                    one.holds |= region.holds
                    one.keeps |= region.keeps
                    self._one[region] = one

    def _rewrite(self) -> None:
        """Put the merged regions in the place of those that they were made of, wherever those stand."""
        memory, value = self._memory, self._value
        for region in {*self._order, *self._one.values()} - self._one.keys():
            # One may refer to itself now, if it is made of objects that refer to each other.
            region.holds = set(value(region.holds))
            region.keeps = set(value(region.keeps))
            if region.lazy is not None and isinstance(region.lazy[0], Function):
                region.lazy = (region.lazy[0], tuple(map(value, region.lazy[1])))
        for frame in self._frames:
            frame.region = self._one.get(frame.region, frame.region)
            frame.first, frame.returns = value(frame.first), value(frame.returns)
            frame.values = {name: value(each) for name, each in frame.values.items()}
        memory.values = {name: value(each) for name, each in memory.values.items()}

    def _value(self, regions: Iterable[Region]) -> Value:
        one = self._one
        return frozenset([one.get(region, region) for region in regions])
