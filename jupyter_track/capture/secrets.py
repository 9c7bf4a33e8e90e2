"""What must never be recorded: passwords, tokens, keys.

Told by the name a value has, and by the shape of the value. Whatever is found is left out of the params and
blotted out of every text that is recorded with the run.
"""

from __future__ import annotations

import re
from collections.abc import Container
from functools import lru_cache
from itertools import pairwise

__all__ = ["MASK", "Redactor", "is_secret", "is_secret_name", "looks_secret"]

#: What stands in a recorded text where a secret stood.
MASK = "‹secret›"

_SECRET_WORDS = frozenset(
    {
        "password", "passwd", "passphrase", "pwd", "secret", "secrets", "credential", "credentials", "apikey",
        "authorization", "auth", "bearer", "cookie", "cookies",
    }
)  # fmt: skip
_SECRET_PAIRS = frozenset(
    {
        ("api", "key"), ("access", "key"), ("private", "key"), ("secret", "key"), ("account", "key"), ("ssh", "key"),
        ("signing", "key"), ("encryption", "key"), ("connection", "string"), ("db", "pass"),
    }
)  # fmt: skip
#: Last words of names that speak about a secret and do not hold it: "password_length", "auth_type".
_ABOUT = frozenset(
    {
        "count", "enabled", "field", "file", "id", "ids", "index", "len", "length", "limit", "method", "mode", "name",
        "path", "policy", "required", "size", "sock", "type", "url",
    }
)  # fmt: skip
#: Words beside "token" in the names that language models bring along: "pad_token", "token_dropout".
_OF_LANGUAGE_MODELS = frozenset(
    {
        "audio", "bos", "classification", "cls", "count", "dim", "dropout", "embedding", "end", "eos", "first", "image",
        "last", "len", "length", "level", "mask", "max", "min", "n", "new", "next", "num", "pad", "per", "prefix",
        "sep", "size", "special", "start", "stop", "suffix", "unk",
    }
)  # fmt: skip

# Each begins with a letter of its own, so that the search skips whatever begins with none of them; that the letter
# begins a word is looked at after it. Searched for from a word's boundary on, a megabyte took a quarter of a second.
# What a group leaves out says what the secret is, and stays.
_SHAPES = re.compile(
    r"""
      s(?<!\ws)k-[A-Za-z0-9_\-]{20,}               # OpenAI, Anthropic and others
    | g(?<!\wg)h[pousr]_[A-Za-z0-9]{30,}           # GitHub
    | g(?<!\wg)ithub_pat_[A-Za-z0-9_]{30,}
    | g(?<!\wg)lpat-[A-Za-z0-9_\-]{20,}            # GitLab
    | h(?<!\wh)f_[A-Za-z0-9]{30,}                  # Hugging Face
    | p(?<!\wp)ypi-[A-Za-z0-9_\-]{50,}
    | x(?<!\wx)ox[abeprs]-[A-Za-z0-9\-]{10,}       # Slack
    | A(?<!\wA)(?:KIA|SIA)[A-Z0-9]{16}\b           # AWS
    | A(?<!\wA)Iza[A-Za-z0-9_\-]{35}               # Google
    | e(?<!\we)yJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}   # JSON web token
    | B(?<!\wB)earer\ (?P<bearer>[A-Za-z0-9._~+/\-]{16,}=*)
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----          # with what follows: to its end, or as far as it looks like a key
      (?: [^-]{0,20000} -----END\ [A-Z ]*PRIVATE\ KEY----- | [A-Za-z0-9+/=\s]* )
    | ://(?P<account>[^\s/:@"'<>]*:[^\s/"'<>]+)(?=@)   # user:password in a URL
    """,
    re.VERBOSE,
)
#: Values such as those of `use_auth = True`, `token = None` and `secret_share = 0.5`.
_GIVES_NOTHING_AWAY = re.compile(r"True|False|None|-?\d*\.\d*(?:e[+-]?\d+)?|-?\d+e[+-]?\d+|nan|-?inf")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@lru_cache(maxsize=10_000)
def is_secret_name(name: str) -> bool:
    """Whether a name says that its value is a secret: ``DB_PASSWORD``, ``apiKey``, ``hf_token``.

    Parameters
    ----------
    name : str
        Of a variable or, with dots, of an entry in a dict of settings; each part is judged for itself.
    """
    # The shell's name for the working directory, not for a password.
    return name != "PWD" and any(_says_secret(part) for part in name.split("."))


def _says_secret(name: str) -> bool:
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or words[-1] in _ABOUT:
        return False
    if "token" in words and not _OF_LANGUAGE_MODELS & set(words):
        return True
    return bool(_SECRET_WORDS & set(words)) or any(pair in _SECRET_PAIRS for pair in pairwise(words))


def looks_secret(text: str) -> bool:
    """Whether a text has the shape of a known kind of secret."""
    return _SHAPES.search(text) is not None


def is_secret(name: str, text: str, allowed: Container[str] = frozenset()) -> bool:
    """Whether a value must not be recorded under a name.

    Parameters
    ----------
    name : str
        With dots for a part of a dict of settings.
    text : str
        The value as a param's text.
    allowed : container of str
        Names that a person has allowed: the name itself, or that of the settings which it is part of.
    """
    parts = name.split(".")
    if any(".".join(parts[:length]) in allowed for length in range(1, len(parts) + 1)):
        return False
    return (is_secret_name(name) and _GIVES_NOTHING_AWAY.fullmatch(text) is None) or looks_secret(text)


class Redactor:
    """Blots secrets out of texts: those with a known shape, and those whose value was met.

    Parameters
    ----------
    values : iterable of str
        Values of names that `is_secret_name`; those shorter than 6 characters are passed over, since
        blotting out every "a" protects nobody.
    allowed : set of str
        Values that are left as they are, because a person has allowed them to be recorded.
    """

    def __init__(self, values: set[str], allowed: frozenset[str] = frozenset()) -> None:
        self._allowed = allowed
        known = sorted((value for value in values - allowed if len(value) >= 6), key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Redactor) and self._known == other._known

    def __hash__(self) -> int:
        return hash(self._known)

    def __call__(self, text: str) -> str:
        """Return the text without secrets."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        return _SHAPES.sub(self._blotted, text)

    def _blotted(self, found: re.Match[str]) -> str:
        return found[0] if found[0] in self._allowed else _blotted(found)


def _blotted(found: re.Match[str]) -> str:
    start = found.start(found.lastgroup) if found.lastgroup else found.start()
    return found[0][: start - found.start()] + MASK
