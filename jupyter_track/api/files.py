"""An artifact as a download that no browser mistakes for a page of ours."""

from __future__ import annotations

import mimetypes
import os
from pathlib import PurePosixPath
from urllib.parse import quote

from .answers import Answer
from .runs import Artifact

__all__ = ["file_answer"]

# Text whatever the platform's tables of types say of it.
_TEXT_SUFFIXES = frozenset({
    ".cfg", ".conf", ".css", ".csv", ".htm", ".html", ".ini", ".ipynb", ".js", ".json", ".jsonl", ".log", ".md", ".mjs",
    ".py", ".r", ".rst", ".sh", ".sql", ".toml", ".ts", ".tsv", ".txt", ".xhtml", ".xml", ".yaml", ".yml",
})  # fmt: skip
_TEXT_NAMES = frozenset({"mlmodel", "mlproject"})

# What a browser may show inside a page. An SVG does not run its scripts there, and opened by itself it is
# in the sandbox.
_IMAGES = {
    ".bmp": "image/bmp",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}


def file_answer(artifact: Artifact) -> Answer:
    """Return the answer that sends an artifact.

    It is always a download, never sniffed, and if a browser shows it nevertheless, it is in a sandbox:
    without scripts and as if from another site.
    """
    name = PurePosixPath(artifact.path).name
    size = artifact.file.seek(0, os.SEEK_END)
    artifact.file.seek(0)
    return Answer(
        200,
        {
            "Content-Type": _content_type(name),
            "Content-Disposition": _disposition(name),
            "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
            # With a length, a download that breaks off is not mistaken for a whole file.
            "Content-Length": str(size),
            "X-Content-Type-Options": "nosniff",
        },
        file=artifact.file,
        size=size,
    )


def _content_type(name: str) -> str:
    path = PurePosixPath(name.lower())
    if path.suffix in _IMAGES:
        return _IMAGES[path.suffix]
    guessed = mimetypes.guess_type(path.name)[0] or ""
    if guessed.startswith("text/") or path.suffix in _TEXT_SUFFIXES or path.name in _TEXT_NAMES:
        return "text/plain; charset=utf-8"
    return "application/octet-stream"


def _disposition(name: str) -> str:
    """Return the header with the file's name, plain for old readers and exact as RFC 6266 has it."""
    plain = "".join(each if " " <= each <= "~" and each not in '"\\%' else "_" for each in name)
    exact = quote(name, safe="", errors="replace")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}"
