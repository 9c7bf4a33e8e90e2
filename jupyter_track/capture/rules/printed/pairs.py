"""The grammar of names and numbers in a line of text: ``loss: 0.31``, ``acc 0.93``, ``The RMSE is 3.2``.

The line is walked through from number to number. What stands between two of them is a name if it ends with a sign
(``:``, ``=``), or if its words say so: a score just before its number, or "is", "was", "of" between them. Nothing here
looks back further than `_REACH` characters, so that the time grows with the line's length and no faster.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from ...vocabulary import is_score, is_score_word, words_of
from .reading import NUMBER, Found
from .reasons import why_not_by_unit

__all__ = ["clean_name", "find_pairs", "name_before"]

#: Characters before a number in which its name stands.
_REACH = 320
_MAX_WORDS = 12
#: A number may stand in a name after so many words: "Accuracy on the 10000 test images".
_WORDS_BEFORE_A_NUMBER = 3

_TOKEN = re.compile(
    rf"""
    (?<![\w.])
    (?P<wrapped>
        (?:(?:torch\.)?tensor|tf\.Tensor|array|Array|Decimal|(?:np|numpy|jnp)\.\w{{1,12}})\([\['"]{{0,3}}\s?
        | \[{{1,2}}(?=[-+]?\d*\.)
    )?
    (?P<currency>[$€£¥]\s?)?
    (?P<digits>[-+]?{NUMBER}|[-+]?(?:nan|inf(?:inity)?)\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)

#: What follows a number tells what it is. The first alternative that fits counts.
_SPREAD = (
    rf"(?:\s*(?:±|\+/-|\+-|\(\s*(?:±|\+/-|\+-|std\s*[:=]?|sd\s*[:=]?)\s*)\s*{NUMBER}\s?%?\s*\)?"
    rf"|\s-\s?{NUMBER}\s?\+\s?{NUMBER}|\s\+\s?{NUMBER}\s?-\s?{NUMBER})"
)
_AFTER = re.compile(
    rf"""
      (?P<percent>\s?%(?![|\w])(?:{_SPREAD})?)
    | (?P<spread>{_SPREAD})
    | (?P<share>\s?/\s?[\d,]+\s*\(\s*(?P<hundredth>\d+(?:\.\d+)?)\s?%\s*\))
    | (?P<duration>\s?(?:ns|µs|μs|us|ms|s|secs?|seconds?|mins?|minutes?|hrs?|hours?|days?)(?![\w/])|[mh](?![\w/]))
    | (?P<memory>\s?(?:[kKMGT]i?B|[kKMG]b|[Bb]ytes)(?![\w/]))
    | (?P<rate>\s?(?:[A-Za-z]+/(?:s|sec|second)|fps|FPS|Hz)(?!\w))
    | (?P<other>
          [\w/\\@] | :(?!\s|$) | [-.,]\d | \.\w | \s?% | \s?[x\u00d7*/^]\s?\d
        | ,\s*[-+]?\d[\d.]*\s*(?:[,;)\]]|$)
        | \s+[-+]?\d[\d.]*(?:[eE][-+]?\d+)?(?=\s|[,\])]|$)
      )
    | (?P<heading>:\s|\s*(?:->|=>|→)\s)
    """,
    re.VERBOSE,
)
_CALL_END = re.compile(r"""['"\]\s]{0,6}(?:,\s*[a-z][^()]{0,80}(?:\([^()]{0,40}\))?[^()]{0,40})?\)""")
_LIST_END = re.compile(r"\s?\]{1,2}(?!\s*[:\w])")

#: Between what belongs to one name and what belongs to another.
_CUT = re.compile(
    r""".*(?:[,;|\t\[\]{}<>"'\u2026\u2192!?#*]|://|[:=](?:\s|$)|=|\)\.?\s|\d\.\s|[^\W\d_]{5}\.\s"""
    r"""|\s[-\u2013\u2014/&+]+\s|\s\s+)""",
    re.DOTALL,
)
_HAS_LETTER = re.compile(r"[^\W\d_]|[:=>→≈~]")
_WORD = re.compile(r"[^\W\d][\w@%/.\-²]*(?:\([^()]{1,20}\))?|\([^()\d]{1,20}\)|[+\-&]|R²")
_LAST_LETTERS = re.compile(r"[^\W\d][\w@%.\-]*$")
_HAS_DIGIT = re.compile(r"\d")
_LINKS = frozenset({"is", "was", "of", "at", "about", "approximately", "reached", "equals", "around", "now", "are"})
_ARTICLES = frozenset({"a", "achieved", "an", "and", "got", "has", "have", "our", "the", "this", "we", "with"})
#: What stands before a name, and is no part of it.
_LEADING = frozenset({"and", "at", "by", "for", "in", "is", "of", "on", "or", "to", "was", "while", "with"})
_PHASES = frozenset({"dev", "eval", "evaluation", "test", "testing", "train", "training", "val", "valid", "validation"})
#: What a score may be "on": "accuracy on test set 0.93".
_SETS = _PHASES | frozenset({"data", "dataset", "holdout", "set"})

#: "KL divergence after 300 iterations" is the KL divergence.
_AFTER_STEPS = re.compile(r" (?:after|at) \d+ (?:iteration|epoch|step|round)s?\b.*")
_UNTIL_STEP = re.compile(r"\s+(?:after|at|by|for|in|of|on)(?: the)?$")
#: What a logger puts before its message.
_LEVELS = frozenset({"debug", "info"})


@lru_cache(maxsize=4_096)
def clean_name(name: str) -> str:
    """Return a printed name as a metric name."""
    name = (
        _AFTER_STEPS.sub("", name)
        .replace("(", " ")
        .replace(")", " ")
        .replace("@", "_at_")
        .replace("%", " ")
        .replace("'s ", " ")
    )
    words = name.replace("²", "2").split()
    if len(words) > 1 and words[0].lower() in _LEVELS:
        words.pop(0)
    return " ".join(words).lstrip("./").strip(" -/")


@lru_cache(maxsize=4_096)
def name_before(text: str) -> tuple[str, bool]:
    """Return the name that ends a text, and whether a sign follows it there: ``epoch 3, Test loss: ``."""
    is_cut = len(text) >= _REACH
    text = text[-_REACH:].rstrip()
    signed = text.endswith((":", "=", "→", "->", "≈"))
    if signed:
        text = text[:-1].rstrip() if not text.endswith("->") else text[:-2].rstrip()
        if text.endswith(("=", "!", "<", ">", ":", "/")):
            return "", signed
    if text.endswith(")"):
        # "mean return (last 50)" and "avg(10)": what stands in brackets with a number is no part of the name.
        opening = text.rfind("(")
        if opening > 0 and _HAS_DIGIT.search(text, opening):
            text = text[:opening].rstrip()
    cut = _CUT.match(text)
    words: list[str] = []
    said = text[cut.end() :] if cut is not None else text
    parts = said.split()
    for index in range(len(parts) - 1, max(-1, len(parts) - _MAX_WORDS - 1), -1):
        part = parts[index]
        if _WORD.fullmatch(part) or (part.isdigit() and words and index >= _WORDS_BEFORE_A_NUMBER):
            words.insert(0, part)
        else:
            # A sign that no name has ends it; the letters behind it are a part: "(best" of "0.9 (best loss 0.5)".
            rest = _LAST_LETTERS.search(part)
            if rest is not None and (not words or part[0] == "("):
                words.insert(0, rest[0])
            break
    if is_cut and len(words) == len(parts) and cut is None:
        words.pop(0)  # Its beginning is out of reach.
    while words and (words[0] in "+-&" or words[0].isdigit() or (len(words) > 1 and words[0].lower() in _LEADING)):
        words.pop(0)
    return " ".join(words), signed


def find_pairs(line: str, spans: Iterable[tuple[int, int]] = (), known: Collection[str] = ()) -> Iterator[Found]:
    """Yield the names and numbers of a line.

    Parameters
    ----------
    line : str
    spans : iterable of (int, int)
        Parts of the line that tell something else (its step), in their order.
    known : collection of str
        Names after which, as the code says, a value is printed, even if no sign announces it.
    """
    start = passed = 0
    stepped = ""
    taken = list(spans)
    has_step = bool(taken)
    phase = ""
    for token in _TOKEN.finditer(line):
        begin = token.start()
        while taken and taken[0][1] <= begin:
            span = taken.pop(0)
            stepped = line[max(passed, span[0] - _REACH) : span[0]].rstrip()
            start = max(start, span[1])
        if begin < start or (taken and taken[0][0] <= begin):
            continue
        before = line[max(start, begin - _REACH) : begin]
        if not before or before[-1] not in " \t:=→>≈~'\"(":
            continue
        if before[-1] in " \t" and not _HAS_LETTER.search(before.rsplit(None, 1)[-1] if before.strip() else ""):
            # "0.5 3 0.7": numbers side by side.
            continue
        name, signed = name_before(before)
        if not name and signed and stepped and not before.strip(" \t:=->→"):
            # "Cost after iteration 50: 0.13" and "loss at step 100 = 0.5".
            name = _UNTIL_STEP.sub("", name_before(stepped)[0])
        if not name:
            continue
        end = token.end()
        if token["wrapped"]:
            closing = (_LIST_END if token["wrapped"][0] == "[" else _CALL_END).match(line, end)
            if closing is None:
                continue
            end = closing.end()
        after = _AFTER.match(line, end)
        kind = (after.lastgroup or "") if after is not None else ""
        if not signed:
            # Of "step 20 train 0.31 val 0.42", which has a step, a word and its number are all that is left.
            if not has_step or not _is_all(before, name, token["digits"], kind):
                name = _unsigned_name(name, token["digits"], line, end, kind, known)
            if not name:
                continue
        elif line[begin - 1] in "'\"(" and not token["wrapped"]:
            continue
        if after is not None:
            end = after.end()
        start = passed = end
        stepped = ""
        if kind in ("other", "heading") or _is_argument(line, begin):
            continue
        if signed:
            name = _shortened(name, before)
        if clean_name(name) not in known:
            phase, name = _with_phase(phase, name, before)
        digits, where = token["digits"], token.span("digits")
        if after is not None and kind == "share":
            digits, where = after["hundredth"], after.span("hundredth")
        yield Found(name, digits, kind in ("percent", "share"), why_not_by_unit(kind), *where)


def _unsigned_name(name: str, digits: str, line: str, end: int, kind: str, known: Collection[str]) -> str:
    """Return the name of a number without a sign before it; empty if it is not clear that it has one."""
    if clean_name(name) in known:
        return name
    if kind not in ("", "percent", "spread") or digits[0] in "nNiI":
        return ""
    words = name.split()
    link = ""
    while words and words[-1].lower() in _LINKS:
        link = words.pop().lower()
    while words and words[0].lower() in _ARTICLES:
        words.pop(0)
    if not words:
        return ""
    ends = _CLAUSE_END.match(line, end) is not None or kind in ("percent", "spread")
    if link in ("is", "was", "are", "equals"):
        return " ".join(words) if ends and (len(words) <= 6 or is_score(name)) else ""
    last = words_of(words[-1])[-1:] or [""]
    if is_score_word(last[0]):
        if link in ("", "of", "about", "around", "at", "reached", "now", "approximately"):
            # Of "the model has an accuracy" the score is the last word.
            return " ".join(_score_phrase(words))
        return ""
    # "Accuracy on test set 0.93"
    if not link and words[-1].lower() in _SETS and is_score(words_of(words[0])[0] if words_of(words[0]) else ""):
        return " ".join(words)
    return ""


def _is_all(before: str, name: str, digits: str, kind: str) -> bool:
    """Whether nothing but one word stands before a number with a point."""
    return (
        _ONE_WORD.fullmatch(before) is not None
        and name.lower() not in _LINKS | _ARTICLES | _LEADING
        and "." in digits
        and kind in ("", "percent", "spread")
    )


_ONE_WORD = re.compile(r"[\s,;|\u2013-]+[^\W\d]\w*\s+")
_CLAUSE_END = re.compile(r"\s*(?:$|[;)\]|]|[.,](?:\s|$)|\s(?:and|on|for|with|in|\(|-|±))")


def _score_phrase(words: list[str]) -> list[str]:
    for index in range(len(words) - 1, -1, -1):
        if words[index].lower() in _ARTICLES or words[index].lower() in _LINKS:
            return words[index + 1 :]
    return words


def _shortened(name: str, before: str) -> str:
    """Of "we train with k = 5" the name is k."""
    words = name.split()
    while len(words) > 1 and words[0].lower() in ("the", "a", "an", "our"):
        words.pop(0)
    if before.rstrip().endswith("=") and len(words) > 4 and not is_score(name):
        return words[-1]
    return " ".join(words)


def _with_phase(phase: str, name: str, before: str) -> tuple[str, str]:
    """Let the "train" that comes first hold for other scores of the line: ``train loss: 0.5 acc: 0.8``.

    Returns the phase that holds from here, and the name with it.
    """
    words = words_of(name)
    if _has_phase(words):
        return (name.split()[0] if words[0] in _PHASES and " " in name else ""), name
    section = _SECTION.search(before)
    if section is not None and section["name"].lower() in _PHASES:
        phase = section["name"]
    return phase, f"{phase} {name}" if phase and is_score(name) else name


#: ``Train: loss=0.5`` and ``[val] loss 0.6``.
_SECTION = re.compile(r"(?<!\w)(?P<name>\w{2,10})\s?(?::\s|\]\s?|\|\s|\s-\s)\s?[^:\]|]{0,40}[:=]?\s*$")


def _has_phase(words: list[str]) -> bool:
    return any(word in _PHASES for word in words)


def _is_argument(line: str, at: int) -> bool:
    """Whether what stands there is an argument of a call that is shown: ``SVC(C=1.0)``."""
    opening = line.rfind("(", 0, at)
    if opening <= 0 or line.find(")", opening, at) >= 0:
        return False
    return line[opening - 1].isalnum() and line.find("=", opening, at) >= 0
