"""What must never be recorded: passwords, tokens, keys.

Told by the name a value has, and by the shape of the value. Whatever is found is left out of the params and
blotted out of every text that is recorded with the run.
"""

from __future__ import annotations

import re
from itertools import pairwise

__all__ = ["MASK", "Redactor", "is_secret_name", "looks_secret"]

#: What stands in a recorded text where a secret stood.
MASK = "‹secret›"

_SECRET_WORDS = frozenset(
    {
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "secret",
        "secrets",
        "token",
        "credential",
        "credentials",
        "apikey",
        "authorization",
        "auth",
    }
)
_SECRET_PAIRS = frozenset(
    {
        ("api", "key"),
        ("access", "key"),
        ("private", "key"),
        ("secret", "key"),
        ("account", "key"),
        ("ssh", "key"),
        ("signing", "key"),
        ("encryption", "key"),
        ("connection", "string"),
    }
)
#: "max_tokens", "token_count": numbers about the tokens of a language model.
_COUNTED = frozenset(
    {
        "max",
        "min",
        "num",
        "n",
        "count",
        "length",
        "len",
        "size",
        "per",
        "limit",
        "id",
        "ids",
        "type",
        "index",
        "pad",
        "eos",
        "bos",
        "unk",
        "mask",
    }
)

_SHAPES = re.compile(
    r"""
      \bsk-[A-Za-z0-9_\-]{20,}                     # OpenAI, Anthropic and others
    | \bgh[pousr]_[A-Za-z0-9]{30,}                 # GitHub
    | \bgithub_pat_[A-Za-z0-9_]{30,}
    | \bglpat-[A-Za-z0-9_\-]{20,}                  # GitLab
    | \bhf_[A-Za-z0-9]{30,}                        # Hugging Face
    | \bpypi-[A-Za-z0-9_\-]{50,}
    | \bxox[abeprs]-[A-Za-z0-9\-]{10,}             # Slack
    | \b(?:AKIA|ASIA)[A-Z0-9]{16}\b                # AWS
    | \bAIza[A-Za-z0-9_\-]{35}                     # Google
    | \beyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}   # JSON web token
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----
    | (?<=://)[^\s/:@]+:[^\s/@]+(?=@)              # user:password in a URL
    """,
    re.VERBOSE,
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def is_secret_name(name: str) -> bool:
    """Whether a name says that its value is a secret: ``DB_PASSWORD``, ``apiKey``, ``hf_token``."""
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or _COUNTED & set(words):
        return False
    return bool(_SECRET_WORDS & set(words)) or any(pair in _SECRET_PAIRS for pair in pairwise(words))


def looks_secret(text: str) -> bool:
    """Whether a text has the shape of a known kind of secret."""
    return _SHAPES.search(text) is not None


class Redactor:
    """Blots secrets out of texts: those with a known shape, and those whose value was met.

    Parameters
    ----------
    values : iterable of str
        Values of names that `is_secret_name`; those shorter than 6 characters are passed over, since
        blotting out every "a" protects nobody.
    """

    def __init__(self, values: set[str]) -> None:
        known = sorted((value for value in values if len(value) >= 6), key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, text: str) -> str:
        """Return the text without secrets."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        return _SHAPES.sub(MASK, text)
