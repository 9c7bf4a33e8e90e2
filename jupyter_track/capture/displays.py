"""Collecting what a cell displays: figures, tables, its last value."""

from __future__ import annotations

import base64
import binascii
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["DisplayTap"]

_log = logging.getLogger(__name__)

#: The kinds of output that are kept, the best first; of each display the best is kept, and text beside it.
_KINDS: tuple[tuple[str, str], ...] = (
    ("image/png", "png"),
    ("image/jpeg", "jpg"),
    ("image/gif", "gif"),
    ("image/svg+xml", "svg"),
    ("application/pdf", "pdf"),
    ("application/vnd.plotly.v1+json", "plotly.json"),
    ("application/vnd.vegalite.v5+json", "vega-lite.json"),
    ("text/html", "html"),
    ("text/latex", "tex"),
    ("text/markdown", "md"),
    ("application/json", "json"),
    ("text/plain", "txt"),
)
_BINARY = frozenset({"image/png", "image/jpeg", "image/gif", "application/pdf"})
_FIGURES = frozenset({"png", "jpg", "gif", "svg", "pdf", "plotly.json", "vega-lite.json"})
#: A live widget is nothing without its kernel; its text ("HBox(...)") says nothing either.
_LIVE = "application/vnd.jupyter.widget-view+json"

#: A cell that displays more than this is animating; the first are kept.
MAX_DISPLAYS = 200


class DisplayTap:
    """Hears what a kernel's shell displays, through the hooks that ipykernel has for it.

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell
        In a plain terminal its publishers have no hooks, nothing but text is displayed, and that is heard
        on stdout.
    written : callable, optional
        Returns how much the cell has printed so far, which is output too.
    """

    def __init__(self, shell: Any, written: Callable[[], int] = int) -> None:
        self._publishers = [
            publisher
            for publisher in (shell.display_pub, shell.displayhook)
            if hasattr(publisher, "register_hook") and hasattr(publisher, "unregister_hook")
        ]
        self._shown: list[dict[str, Any]] = []
        self._result: Mapping[str, Any] | None = None
        self._written = written
        self._clear_at_next = False
        self._written_before_clear = 0

    def start(self) -> None:
        """Begin to listen."""
        for publisher in self._publishers:
            publisher.register_hook(self._hear)

    def stop(self) -> None:
        """Stop listening."""
        for publisher in self._publishers:
            publisher.unregister_hook(self._hear)

    @property
    def replaced_by_next(self) -> bool:
        """Whether front ends will clear what the cell shows when the next output comes."""
        return self._clear_at_next and self._written() == self._written_before_clear

    def _hear(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            kind = message.get("header", {}).get("msg_type") or message.get("msg_type")
            self._take(kind, message.get("content", {}))
        except Exception:
            # Another hook may have made anything of the message; it goes its way all the same.
            _log.debug("A display was not understood", exc_info=True)
        return message

    def _take(self, kind: object, content: dict[str, Any]) -> None:
        if kind == "clear_output":
            # As front ends do: at once, or when the next output comes.
            self._clear_at_next = bool(content.get("wait"))
            self._written_before_clear = self._written()
            if not self._clear_at_next:
                self._shown.clear()
        elif kind == "update_display_data":
            display_id = content.get("transient", {}).get("display_id")
            for shown in self._shown:
                if display_id is not None and shown.get("transient", {}).get("display_id") == display_id:
                    shown["data"] = content.get("data", {})
        elif kind in ("display_data", "execute_result"):
            if self._clear_at_next:
                self._shown.clear()
                self._clear_at_next = False
            if kind == "execute_result":
                self._result = content.get("data", {})
            elif len(self._shown) < MAX_DISPLAYS:
                # A copy: an update changes it, and the message is not ours.
                self._shown.append(dict(content))

    def files(self) -> dict[str, bytes | str]:
        """Return what was displayed as files by artifact path; text is left as text."""
        found: dict[str, bytes | str] = {}
        figures = others = 0
        for shown in self._shown:
            best = _best(shown.get("data", {}))
            if best is None:
                continue
            extension, content = best
            if extension in _FIGURES:
                figures += 1
                found[f"output/figure-{figures}.{extension}"] = content
            else:
                others += 1
                found[f"output/display-{others}.{extension}"] = content
        if self._result is not None:
            best = _best(self._result)
            if best is not None:
                found[f"output/result.{best[0]}"] = best[1]
            text = self._result.get("text/plain")
            if isinstance(text, str):
                found["output/result.txt"] = text
        return found


def _best(data: Mapping[str, Any]) -> tuple[str, bytes | str] | None:
    """Return the extension and content of the best form of a display, or None if nothing can be kept."""
    if _LIVE in data:
        return None
    for mime, extension in _KINDS:
        if mime not in data:
            continue
        content = data[mime]
        if mime in _BINARY:
            try:
                return extension, base64.b64decode(content)
            except (TypeError, ValueError, binascii.Error):
                continue
        if isinstance(content, str):
            return extension, content
        return extension, json.dumps(content)
    return None
