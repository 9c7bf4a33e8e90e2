"""Moments as a person writes them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

__all__ = ["read_moment"]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SECOND = 1_000
_MILLISECONDS = {
    "s": _SECOND,
    "sec": _SECOND,
    "second": _SECOND,
    "min": 60 * _SECOND,
    "minute": 60 * _SECOND,
    "h": 3_600 * _SECOND,
    "hour": 3_600 * _SECOND,
    "d": 86_400 * _SECOND,
    "day": 86_400 * _SECOND,
    "w": 7 * 86_400 * _SECOND,
    "week": 7 * 86_400 * _SECOND,
}
_AGO = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*([a-z]+)\s+ago", re.ASCII)
_DATE = re.compile(
    r"""(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)
    (?: [t ] (?P<hour>\d\d) : (?P<minute>\d\d) (?: : (?P<second>\d\d) (?: \. (?P<fraction>\d{1,6}) )? )?
        (?P<zone> z | [+-]\d\d:?\d\d )?
    )?""",
    re.ASCII | re.VERBOSE,
)


def read_moment(text: str, now: int) -> int | None:
    """Return the moment that a text names, or None if it names none.

    Parameters
    ----------
    text : str
        ``now``; ``today`` and ``yesterday``, which are midnight at their beginning; ``7d ago`` with one of s, min,
        h, d and w, or its English word, where a day is 24 hours; or a date or time as ISO 8601 has it,
        ``2026-11-01``, ``2026-11-01T12:00`` or ``2026-11-01T12:00:30.5+02:00``. Large or small letters.
    now : int
        Milliseconds since the epoch, UTC.

    Returns
    -------
    int
        Milliseconds since the epoch, UTC; of a date, its first.

    Notes
    -----
    Without a zone, a time and a day are those of the zone of the process that reads the text: on the person's own
    machine the person's, on a server the server's.
    """
    text = " ".join(text.lower().split())
    if text == "now":
        return now
    ago = _AGO.fullmatch(text)
    if ago is not None:
        unit = _MILLISECONDS.get(ago[2]) or _MILLISECONDS.get(ago[2].removesuffix("s"))
        return None if unit is None else now - round(float(ago[1]) * unit)
    try:
        if text in ("today", "yesterday"):
            day = (_EPOCH + timedelta(milliseconds=now)).astimezone().replace(tzinfo=None)
            day -= timedelta(days=text == "yesterday")
            return _milliseconds(datetime(day.year, day.month, day.day))
        date = _DATE.fullmatch(text)
        return None if date is None else _milliseconds(_as_datetime(date))
    except (ValueError, OverflowError, OSError):  # There is no such day, or no zone knows it.
        return None


def _as_datetime(found: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (int(field or 0) for field in found.groups()[:6])
    moment = datetime(year, month, day, hour, minute, second, int((found["fraction"] or "").ljust(6, "0")))
    zone = found["zone"]
    if zone is None:
        return moment
    if zone == "z":
        return moment.replace(tzinfo=timezone.utc)
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if minutes > 59:
        raise ValueError(zone)
    offset = timedelta(hours=hours, minutes=minutes)
    return moment.replace(tzinfo=timezone(-offset if zone[0] == "-" else offset))


def _milliseconds(moment: datetime) -> int:
    return (moment.astimezone(timezone.utc) - _EPOCH) // timedelta(milliseconds=1)
