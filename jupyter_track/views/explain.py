"""``%track explain``: where each value of a run came from, and what was left out and why."""

from __future__ import annotations

import json
import time
from typing import Any

from ..entities import Run, TrackError
from ..tracking import TrackClient
from .pieces import Table, number, short

__all__ = ["explain", "origins"]

CAPTURE = "track/capture.json"
#: Bytes of provenance that are read at most; a run may come from anybody.
MAX_BYTES = 20_000_000


def explain(client: TrackClient, reference: str) -> Table:
    """Show the provenance of everything that was captured in a run.

    Raises
    ------
    ResourceDoesNotExist
        If there is no such run.
    """
    run = client.find_run(reference)
    rows = []
    for cell, captured in _captures(client, run):
        for kind, entries in (("param", captured["params"]), ("metric", captured["metrics"])):
            for each in entries:
                points = each.get("points", 1)
                value = each.get("value")
                shown = number(value) if isinstance(value, (int, float)) else short(str(value))
                when = _clock(each.get("last_timestamp", each.get("timestamp")))
                rows.append(
                    [
                        cell,
                        kind,
                        str(each.get("key", "")),
                        f"{shown} ({points} points)" if points != 1 else shown,
                        _rules(each),
                        str(each.get("line") or ""),
                        short(str(each.get("expression", ""))),
                        when,
                    ]
                )
                rows += [
                    [cell, "", "", short(str(value)), "later in the cell", str(line), "", ""]
                    for line, value in each.get("later") or ()
                ]
        rows += [
            [cell, "left out", str(each.get("key", "")), "", _rules(each), str(each.get("line") or ""),
             str(each.get("reason", "")), ""]
            for each in captured["skipped"]
        ]  # fmt: skip
    logged = _logged_by_hand(run, {row[2] for row in rows})
    rows += [["", kind, key, value, "logged by the code", "", "", ""] for kind, key, value in logged]
    header = ["cell", "", "name", "value", "rule", "line", "from", "at"]
    if len({row[0] for row in rows}) < 2:
        header, rows = header[1:], [row[1:] for row in rows]
    return Table(
        header,
        rows,
        foot="Wrong? '%track exclude NAME' leaves a name out of this notebook's runs, '%track rename OLD NEW' "
        "records it under another.",
        empty="Nothing was captured in this run.",
    )


def origins(client: TrackClient, run: Run) -> dict[str, str]:
    """Return the rule and the line of each value that was captured in a run; of others nothing is known."""
    found: dict[str, str] = {}
    for _, captured in _captures(client, run):
        for each in (*captured["params"], *captured["metrics"]):
            line = f", line {each['line']}" if each.get("line") else ""
            found[str(each.get("key"))] = f"{each.get('rule', '')}{line}"
    return found


def _captures(client: TrackClient, run: Run) -> list[tuple[str, dict[str, list[dict[str, Any]]]]]:
    """Return what was captured in each cell of a run, with the cell's place in it; empty for its only cell."""
    artifacts = client.artifacts(run)
    places = [("", CAPTURE)]
    try:
        cells = [file.path for file in artifacts.list("cells") if file.is_dir]
    except TrackError:
        cells = []
    places += [
        (path.rpartition("/")[2], f"{path}/{CAPTURE}") for path in sorted(cells, key=lambda each: (len(each), each))
    ]
    found = []
    for cell, path in places:
        try:
            with artifacts.open(path) as file:
                captured = json.loads(file.read(MAX_BYTES))
        except (TrackError, OSError, ValueError):
            continue  # A run that nobody captured: logged by hand, or by another client.
        if isinstance(captured, dict):
            found.append((cell, {kind: _entries(captured.get(kind)) for kind in ("params", "metrics", "skipped")}))
    return found


def _entries(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _rules(entry: dict[str, Any]) -> str:
    rules = entry.get("rules")
    return " + ".join(map(str, rules)) if isinstance(rules, list) and rules else str(entry.get("rule", ""))


def _clock(milliseconds: Any) -> str:
    if not isinstance(milliseconds, int):
        return ""
    return time.strftime("%H:%M:%S", time.localtime(milliseconds / 1000)) + f".{milliseconds % 1000:03d}"


def _logged_by_hand(run: Run, captured: set[str]) -> list[tuple[str, str, str]]:
    params = [("param", key, short(value)) for key, value in run.data.params.items() if key not in captured]
    metrics = [("metric", each.key, number(each.value)) for each in run.data.latest_metrics if each.key not in captured]
    return params + metrics
