"""The time as it is kept everywhere."""

from __future__ import annotations

import time

__all__ = ["now_ms"]


def now_ms() -> int:
    """Return the time, in milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000
