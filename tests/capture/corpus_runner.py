"""How right the capture is, over cells of the kinds that people write: precision and recall of each kind.

The cells stand in ``corpus/``, with the params, metrics and curves that a careful person would write down, decided
before anybody looked at what the code captures. ``python -m tests.capture.corpus_runner`` prints the table;
``--what params|metrics|curves`` also every miss and every extra.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

__all__ = ["KINDS", "Case", "Judged", "Score", "cases", "judge", "run_corpus"]

CORPUS = Path(__file__).parent / "corpus"
KINDS = ("params", "metrics", "curves")

#: By this much, relatively, a metric may differ from the number that was written down.
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Case:
    """One cell of the corpus, and what is right about it."""

    kind: str
    name: str
    cell: str
    setup: tuple[str, ...] = ()
    expected: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    may: tuple[str, ...] = ()


@dataclass
class Score:
    """Counts of what was right, missed, and found beyond."""

    right: int = 0
    missed: int = 0
    extra: int = 0

    def __iadd__(self, other: Score) -> Score:
        self.right += other.right
        self.missed += other.missed
        self.extra += other.extra
        return self

    @property
    def precision(self) -> float:
        """The part of what was found that is right; 1 if nothing was found."""
        return self.right / (self.right + self.extra) if self.right + self.extra else 1.0

    @property
    def recall(self) -> float:
        """The part of what is right that was found; 1 if there is nothing."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


@dataclass
class Judged:
    """What came of one case: scores, and in words what was missed or too much."""

    case: Case
    error: str = ""
    scores: dict[str, Score] = field(default_factory=lambda: {what: Score() for what in KINDS})
    complaints: dict[str, list[str]] = field(default_factory=lambda: {what: [] for what in KINDS})


def cases(files: list[str] | None = None) -> Iterator[Case]:
    """Yield the cases, of the files named or of all."""
    for path in sorted(CORPUS.glob("*.yaml")):
        if files and path.stem not in files:
            continue
        head, *documents = yaml.safe_load_all(path.read_text("utf-8"))
        for each in documents:
            yield Case(
                head["kind"],
                each["name"],
                each["cell"],
                tuple(each.get("setup") or ()),
                {what: each.get(what) or {} for what in KINDS},
                tuple(each.get("may") or ()),
            )


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-()]+", "_", str(name).strip().lower()).strip("_")


def _names(key: str) -> list[str]:
    return [_plain(part) for part in str(key).split(" | ")]


def _is_right(what: str, expected: Any, found: Any) -> bool:
    if what == "params":
        allowed = expected if isinstance(expected, list) else [expected]
        return any(_same_text(str(each), found) for each in allowed)
    if what == "curves":
        return found in (expected if isinstance(expected, list) else [expected])
    return expected is None or abs(float(expected) - found) <= TOLERANCE * max(abs(float(expected)), 1e-12)


def _same_text(expected: str, found: str) -> bool:
    if expected == found:
        return True
    try:
        return float(expected) == float(found)
    except ValueError:
        return re.sub(r"\s", "", expected).strip("()[]") == re.sub(r"\s", "", found).strip("()[]")


def judge(case: Case, found: Mapping[str, Mapping[str, Any]], error: str = "") -> Judged:
    """Compare what was captured with what is right.

    Parameters
    ----------
    case : Case
    found : mapping
        Of "params" to texts, "metrics" to last values of metrics with one point, "curves" to numbers of points.
    error : str
        What the cell raised, if it did.
    """
    judged = Judged(case, error)
    optional = {_plain(part) for name in case.may for part in _names(name)}
    for what in KINDS:
        left = {_plain(key): (key, value) for key, value in found[what].items()}
        for key, expected in case.expected[what].items():
            hits = [name for name in _names(key) if name in left]
            right = next((name for name in hits if _is_right(what, expected, left[name][1])), None)
            if right is not None:
                judged.scores[what].right += 1
                del left[right]
            elif not optional & set(_names(key)):
                judged.scores[what].missed += 1
                told = f", found {left[hits[0]][1]!r}" if hits else ""
                judged.complaints[what].append(f"missed {key} = {expected!r}{told}")
        for name, (key, value) in left.items():
            if name not in optional:
                judged.scores[what].extra += 1
                judged.complaints[what].append(f"extra {key} = {value!r}")
    return judged


class _Screen(io.StringIO):
    """Something to print on, on which `write` can be wrapped, as a kernel's streams can."""


@contextlib.contextmanager
def _surroundings() -> Iterator[None]:
    """Let cells find what stands in for libraries, and their data nowhere else than in a folder of their own."""
    before = Path.cwd()
    path = list(sys.path)
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "JUPYTER_DATA_DIR": folder,
            "IPYTHONDIR": folder,
            "KERAS_BACKEND": "torch",
            "MPLBACKEND": "agg",
            "MLFLOW_TRACKING_URI": "",
        }
        kept = {name: os.environ.get(name) for name in environment}
        os.environ.update(environment)
        sys.path.insert(0, str(CORPUS / "stand_ins"))
        os.chdir(folder)
        main = sys.modules["__main__"]
        try:
            yield
        finally:
            sys.modules["__main__"] = main
            os.chdir(before)
            sys.path[:] = path
            for name, value in kept.items():
                os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)


def run_corpus(files: list[str] | None = None, names: list[str] | None = None) -> Iterator[Judged]:
    """Run the cells, each in a fresh namespace, and yield what came of each."""
    with _surroundings():
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        from jupyter_track.magics import load_ipython_extension, unload_ipython_extension

        config = Config()
        config.HistoryManager.enabled = False
        shell = InteractiveShell.instance(config=config)
        load_ipython_extension(shell)
        summaries: list[Any] = []
        watcher = shell._jupyter_track.watcher
        watcher._show = summaries.append
        try:
            for case in cases(files):
                if not names or case.name in names:
                    summaries.clear()
                    yield _run(shell, case, summaries)
        finally:
            unload_ipython_extension(shell)
            InteractiveShell.clear_instance()


def _run(shell: Any, case: Case, summaries: list[Any]) -> Judged:
    shell.user_ns.clear()
    shell.init_user_ns()
    shell.user_ns["__name__"] = "__main__"
    modules = set(sys.modules)
    out, err = _Screen(), _Screen()
    error = ""
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for text in (*case.setup, f"%%track --dry-run\n{case.cell}"):
            result = shell.run_cell(text, store_history=True)
            raised = result.error_before_exec or result.error_in_exec
            error = error or (f"{type(raised).__name__}: {raised}" if raised else "")
    # A stand-in must not be found by a case that wants the real library.
    for name in set(sys.modules) - modules:
        file = getattr(sys.modules[name], "__file__", None) or ""
        if file.startswith(str(CORPUS)):
            del sys.modules[name]
    if not summaries:
        return judge(case, {what: {} for what in KINDS}, error or "not tracked")
    findings = summaries[-1].findings
    points: dict[str, set[int]] = {}
    for point in findings.points:
        points.setdefault(point.key, set()).add(point.step)
    latest = findings.latest()
    return judge(
        case,
        {
            "params": {key: param.value for key, param in findings.params.items()},
            "metrics": {key: latest[key].value for key, steps in points.items() if len(steps) == 1},
            "curves": {key: len(steps) for key, steps in points.items() if len(steps) > 1},
        },
        error,
    )


def table(judged: list[Judged]) -> str:
    """Return precision and recall of each kind of cell, and over all."""
    rows: dict[str, tuple[int, dict[str, Score]]] = {}
    for each in judged:
        for kind in (each.case.kind, "all"):
            count, scores = rows.get(kind, (0, {what: Score() for what in KINDS}))
            for what in KINDS:
                scores[what] += each.scores[what]
            rows[kind] = (count + 1, scores)
    everything = rows.pop("all")
    lines = [f"{'kind of cell':34} {'cells':>5}" + "".join(f"   {what:>7}  P     R  " for what in KINDS)]
    for kind, (count, scores) in [*rows.items(), ("all", everything)]:
        parts = "".join(
            f"   {scores[what].right:>4} {scores[what].precision:8.3f} {scores[what].recall:.3f}" for what in KINDS
        )
        lines.append(f"{kind:34} {count:>5}{parts}")
    return "\n".join(lines)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="corpus_runner", description=__doc__)
    parser.add_argument("files", nargs="*", help="names of files in corpus/, without .yaml; all if none is given")
    parser.add_argument("--what", choices=KINDS, action="append", default=[], help="print each miss and extra")
    parser.add_argument("--name", action="append", default=[], help="only the cells of that name")
    arguments = parser.parse_args()
    judged = []
    for each in run_corpus(arguments.files, arguments.name):
        judged.append(each)
        complaints = [f"  {what}: {line}" for what in arguments.what for line in each.complaints[what]]
        if complaints or each.error:
            print(f"{each.case.kind} / {each.case.name}" + (f"  RAISED {each.error}" if each.error else ""))
            print("\n".join(complaints), flush=True)
    print(table(judged))
    return 0


if __name__ == "__main__":
    sys.exit(main())
