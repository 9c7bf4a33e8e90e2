"""How often a loop is looked at: at every iteration while that costs next to nothing, else as seldom as it must be."""

from __future__ import annotations

from typing import Final

__all__ = ["Pace"]

#: Of a loop's time, what reading its values may take, and what the machinery around it may.
SHARE: Final = 0.01
MACHINERY_SHARE: Final = 0.02
#: Iterations that are all looked at, however quick they are, unless that takes longer than so many nanoseconds.
FIRST: Final = 3_000
FIRST_GRACE: Final = 50_000_000
#: Of a loop that is known to have so many iterations, fewer: its curve is not going to have them all.
LONG: Final = 1_000_000
FIRST_OF_LONG: Final = 300
#: What watching a loop that begins again and again may take in any case, in nanoseconds.
GRACE: Final = 2_000_000
#: What an iteration takes that is not looked at: the iterators around the loop's own, the test beside each curve, and
#: one that begins and ends a loop within. In nanoseconds, measured by tests/benchmarks/loops.py.
PASSING, PASSING_A_CURVE, PASSING_A_LOOP = 25, 15, 600
#: What beginning and ending a loop takes, going from one stretch of iterations to the next (besides what the loop
#: measures of it), and passing a loop by.
ACTIVATION, STRETCH, BYPASS = 6_000, 500, 900
#: Nanoseconds that a stretch of iterations should take, and iterations that it has at most.
LOOK: Final = 10_000_000
LONGEST: Final = 1_024
#: Points of a name in a cell; from then on each further half as many take twice as long.
MANY: Final = 10_000


class Pace:
    """Decides, for one loop in the text, how many iterations go by until something is done.

    A *stretch* is a number of iterations that are all looked at, or all not.

    Parameters
    ----------
    curves : int
        Names that are read in an iteration.
    loops : int
        Loops directly in its body that are watched too.
    started : int
        Nanoseconds of a clock.

    Attributes
    ----------
    reading : int
        Nanoseconds that reading values has taken in this stretch; whoever reads adds to it.
    unit : float
        Nanoseconds that an iteration takes without us.
    """

    def __init__(self, curves: int, loops: int, started: int) -> None:
        self._least = (PASSING + PASSING_A_CURVE * curves + PASSING_A_LOOP * loops) / MACHINERY_SHARE
        self._started = started
        self._charged = 0
        self._seen = 0
        self._looked_at = 0
        self._first = FIRST
        self._stride = 1
        self._sparsest = 1
        self._cost = 1_000.0 * max(curves, 1)
        self._waiting = 0
        self.reading = 0
        self.unit = 0.0

    @property
    def is_too_quick(self) -> bool:
        """Whether the loop is better left to itself."""
        return self.unit < self._least and (self._seen >= self._first or self._charged > FIRST_GRACE)

    def may_begin(self, now: int) -> bool:
        """Whether this execution of the loop is to be watched; else it has been charged for being passed by."""
        watched = self._charged <= GRACE or self._charged <= SHARE * (now - self._started)
        self._charged += ACTIVATION if watched else BYPASS
        return watched

    def is_a_burden(self, now: int) -> bool:
        """Whether even passing the loop by takes too much of the time."""
        return self._charged > 1.5 * GRACE and self._charged > MACHINERY_SHARE * (now - self._started)

    def first(self, ahead: int) -> tuple[int, bool]:
        """Return how many iterations the first stretch of an execution has, and whether they are looked at.

        Parameters
        ----------
        ahead : int
            Iterations of the execution; 0 if it is not known.
        """
        if ahead >= LONG:
            self._first = FIRST_OF_LONG
        self.reading = 0
        if self._waiting:
            return self._waiting, False
        return 1, True

    def left_early(self, ahead: int, looked_at: bool) -> None:
        """Take note of iterations of the last stretch that did not happen, since the loop has ended."""
        self._waiting = 0 if looked_at else ahead

    def next(self, size: int, looked_at: bool, elapsed: int, between: int) -> tuple[int, bool]:
        """Return the next stretch, (0, False) for "leave the loop to itself".

        Parameters
        ----------
        size : int
            Iterations of the stretch that has ended.
        looked_at : bool
            Whether its values were read.
        elapsed : int
            Nanoseconds that it took.
        between : int
            Nanoseconds that were spent here before it.
        """
        self._waiting = 0
        reading, self.reading = self.reading, 0
        if looked_at:
            # A long time is, at first sight, somebody else's: the machine has more to do than this.
            reading = min(reading, int(16 * self._cost * size))
            self._cost = (self._cost + reading / size) / 2
        self._seen += size
        between = min(between, 10 * STRETCH) + STRETCH
        self._charged += reading + between
        unit = max(elapsed - reading, 0) / size
        self.unit = (self.unit + unit) / 2 if self.unit else unit
        if looked_at:
            self._count(size)
        if self._seen < self._first and self._charged < FIRST_GRACE and self._sparsest == 1:
            return min(2 * size, self._first - self._seen), True
        if self.is_too_quick:
            return 0, False
        if looked_at:
            self._stride = max(self._sparsest, self._stride_for(self._cost, between))
        if self._stride == 1:
            return max(1, min(LONGEST, int(LOOK / (self.unit + 1)))), True
        return (self._stride - 1, False) if looked_at else (1, True)

    def _stride_for(self, cost: float, between: int) -> int:
        """Return the least power of two that makes reading values cheap enough."""
        if cost <= SHARE * self.unit:
            return 1
        wanted = (cost + 2 * between) / (SHARE * self.unit + 1)
        return 1 << min(40, int(wanted).bit_length())

    def _count(self, size: int) -> None:
        self._looked_at += size
        if self._looked_at >= MANY:
            self._looked_at = MANY // 2
            self._sparsest *= 2
