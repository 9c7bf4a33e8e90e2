"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be.

    Parameters
    ----------
    which : str
        The row, file or setting.
    what : str
        What is wrong with it.
    remedy : str
        What to do.
    """

    which: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.which}: {self.what}. {self.remedy}"
