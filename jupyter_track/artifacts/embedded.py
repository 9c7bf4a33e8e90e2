"""Files embedded in a text as base64: pictures in a notebook, in HTML, in JSON.

Taken out, a picture is the same content as the file that shows it elsewhere, and the text that is left is short and can
be compared line by line.
"""

from __future__ import annotations

import binascii
import re

from .changes import CUT

__all__ = ["MARK", "embedded_size", "take_out", "write_in"]

#: What stands in a text where something was taken out; it ends a line, so that lines can be compared around it.
MARK = b"\1\n"

#: A shorter text is not worth a file of its own.
_SHORTEST = 4096

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{%d,}={0,2}" % _SHORTEST)
# Between two quotation marks there is, beside base64, at most the head of a "data:" URL and some ends of lines.
_MOST_OTHERS = 100


def take_out(data: bytes) -> tuple[bytes, list[bytes]] | None:
    """Return a text without the files embedded in it, and those; None if it is no text.

    Only what is written again exactly as it was (by `write_in`) is taken out.
    """
    if CUT in data or MARK[:1] in data:
        return None
    kept: list[bytes] = []
    taken: list[bytes] = []
    for line in data.split(b"\n"):
        if len(line) < _SHORTEST:
            kept.append(line)
            continue
        parts = line.split(b'"')
        kept.append(b'"'.join([part if len(part) < _SHORTEST else _take_out_of(part, taken) for part in parts]))
    return b"\n".join(kept), taken


def _take_out_of(part: bytes, taken: list[bytes]) -> bytes:
    others = part.translate(None, _ALPHABET)
    if len(others) > _MOST_OTHERS:
        return part
    if len(others) <= 2 and part.endswith(others) and not others.strip(b"="):
        return _decoded(part, taken)
    return _BASE64.sub(lambda found: _decoded(found[0], taken), part)


def _decoded(text: bytes, taken: list[bytes]) -> bytes:
    try:
        content = binascii.a2b_base64(text)
    except binascii.Error:
        return text
    if write_in(content) != text:
        return text
    taken.append(content)
    return MARK


def write_in(content: bytes) -> bytes:
    """Return an embedded file as it stands in the text."""
    return binascii.b2a_base64(content, newline=False)


def embedded_size(size: int) -> int:
    """Return the bytes that a file of a size takes in the text."""
    return -(-size // 3) * 4
