"""What a logger writes to stderr: messages among warnings and errors."""

from __future__ import annotations

import re

__all__ = ["logged_message"]

#: ``INFO:root:...``, ``2024-01-15 10:30:00,123 - name - INFO - ...`` and ``[INFO] ...``.
_LOGGED = re.compile(
    r"(?:[\[(]?\d{2,4}[-/]\d\d[-/]\d\d[ T][\d:.,]+[\])]?\s*)?"
    r"(?:[-|:\[]?\s*[\w.]{1,60}\s*[-|:]\s*)?\W{0,3}(?:INFO|DEBUG)\b"
    r"[\])]?(?:\s*:[\w.]{1,60}(?=:))?\s*[-|:]{0,2}\s*(?P<message>.*)"
)


def logged_message(line: str) -> str:
    """Return the message of a line that is logged as information, else an empty text."""
    logged = _LOGGED.match(line)
    return logged["message"] if logged is not None else ""
