"""What a person may ask for in the first line of a tracked cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["TrackOptions"]


@dataclass(frozen=True, slots=True)
class TrackOptions:
    """The options of ``%%track``, checked.

    Attributes
    ----------
    name : str
        The run's name; one is invented if empty.
    experiment : str
        The experiment; the notebook's name if empty.
    tags : mapping of str to str
    params : mapping of str to (str or None)
        Params to add: a text, or None for the value of the variable of that name.
    metrics : mapping of str to str
        Metrics to add: expressions that are evaluated when the cell has ended.
    exclude : frozenset of str
        Names that are left out, whatever rule finds them.
    dry_run : bool
        Show what would be captured, record nothing.
    log_model : str or None
        The variable whose fitted estimator is saved; empty for the last one that the cell sets.
    allow_secrets : frozenset of str
        Names that hold no secret, whatever they look like.
    keep : tuple of str
        Variables whose values are kept with the run, to be brought back.
    resume : str
        The run that the cell goes on with: its id, the beginning of its id, or its name.
    same_run : bool
        The cell is recorded in the run that is open, instead of in one of its own that is nested in it.
    automatic : bool
        The cell is tracked because every cell is: one that only defines things is passed over.
    """

    name: str = ""
    experiment: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str | None] = field(default_factory=dict)
    metrics: Mapping[str, str] = field(default_factory=dict)
    exclude: frozenset[str] = frozenset()
    dry_run: bool = False
    log_model: str | None = None
    allow_secrets: frozenset[str] = frozenset()
    keep: tuple[str, ...] = ()
    resume: str = ""
    same_run: bool = False
    automatic: bool = False

    @property
    def shares_run(self) -> bool:
        """Whether the cell goes into the run that is open, if one is."""
        return self.same_run or self.automatic
