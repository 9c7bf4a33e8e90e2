"""What a person has said about the capture of a notebook, once and for all: names to leave out, names to change.

It is kept in the notebook's metadata, by a front end that has the extension. Where there is none, the metadata are
read from the notebook on disk, and what is new is kept in a file of the Jupyter data directory, by the notebook's
path: a kernel does not write to a notebook that an editor has open.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..config import data_dir
from ..entities import InvalidParameterValue
from ..entities.limits import check_key
from .notebook import from_file

__all__ = ["METADATA_KEY", "NOTHING_SAID", "Remembered", "Settings"]

#: The entry of a notebook's metadata that is ours, and what in it is about the capture.
METADATA_KEY = "jupyter_track"
CAPTURE_KEY = "capture"

#: Names that are read from a notebook at most; it may come from anybody.
MAX_NAMES = 1_000


@dataclass(frozen=True, slots=True)
class Settings:
    """Names that are left out, and names that are recorded under another one."""

    exclude: frozenset[str] = frozenset()
    rename: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: Any) -> Settings:
        """Return what a notebook or file says; whatever in it makes no sense is passed over."""
        found = value if isinstance(value, dict) else {}
        exclude = found.get("exclude")
        rename = found.get("rename")
        return cls(
            frozenset(each for each in (exclude if isinstance(exclude, list) else [])[:MAX_NAMES] if _is_name(each)),
            {
                old: new
                for old, new in list((rename if isinstance(rename, dict) else {}).items())[:MAX_NAMES]
                if _is_name(old) and _is_name(new)
            },
        )

    def as_json(self) -> dict[str, Any]:
        """Return them as they are kept."""
        return {"exclude": sorted(self.exclude), "rename": dict(sorted(self.rename.items()))}


NOTHING_SAID = Settings()


def _is_name(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        check_key("param", value)
    except InvalidParameterValue:
        return False
    return True


class Remembered:
    """The settings of one notebook, and the way to where they are kept.

    Parameters
    ----------
    notebook_path : callable
        Returns the path of the notebook as far as it is known, else an empty text.
    tell : callable
        Sends the settings, as JSON has them, to the front end.
    """

    def __init__(self, notebook_path: Callable[[], str], tell: Callable[[dict[str, Any]], None]) -> None:
        self._notebook_path = notebook_path
        self._tell = tell
        self._in_notebook = False
        self._settings: Settings | None = None

    @property
    def settings(self) -> Settings:
        """What is remembered."""
        if self._settings is None:
            self._settings = self._read()
        return self._settings

    def told(self, value: Any) -> None:
        """Take what the notebook's metadata say, from a front end that keeps them there."""
        said = Settings.from_json(value)
        before = self._settings if not self._in_notebook else None
        self._in_notebook = True
        self._settings = said
        if before is not None and not (said.exclude or said.rename) and (before.exclude or before.rename):
            # Said before the front end was there.
            self._keep(before)

    def exclude(self, *names: str) -> None:
        """Leave names out from now on.

        Raises
        ------
        InvalidParameterValue
            If one can be no name of a param or metric.
        """
        for name in names:
            check_key("param", name)
        now = self.settings
        self._keep(Settings(now.exclude | set(names), now.rename))

    def include(self, *names: str) -> None:
        """Leave names out no longer, and record them under their own names.

        Raises
        ------
        InvalidParameterValue
            If nothing was said of one of them.
        """
        now = self.settings
        for name in names:
            if name not in now.exclude and name not in now.rename:
                raise InvalidParameterValue(f"{name!r} is neither excluded nor renamed in this notebook.")
        rename = {old: new for old, new in now.rename.items() if old not in names}
        self._keep(Settings(now.exclude - set(names), rename))

    def rename(self, old: str, new: str) -> None:
        """Record what is found as `old` under the name `new` from now on.

        Raises
        ------
        InvalidParameterValue
            If one can be no name of a param or metric.
        """
        check_key("param", old)
        check_key("param", new)
        now = self.settings
        self._keep(Settings(now.exclude, {**now.rename, old: new}))

    @property
    def place(self) -> str:
        """Where it is kept, in words."""
        if self._in_notebook:
            return "the notebook's metadata (save the notebook to keep them)"
        file = self._file()
        return str(file) if file is not None else "this kernel only: the notebook's place is not known here"

    # -- keeping

    def _keep(self, settings: Settings) -> None:
        self._settings = settings
        file = self._file()
        if self._in_notebook:
            self._tell(settings.as_json())
            if file is not None:
                # What was kept before the front end was there is in the notebook now.
                file.unlink(missing_ok=True)
            return
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as written:
                json.dump({"notebook": self._notebook_path(), **settings.as_json()}, written, indent=1)
            os.replace(written.name, file)

    def _read(self) -> Settings:
        file = self._file()
        if file is None:
            return Settings()
        try:
            return Settings.from_json(json.loads(file.read_text("utf-8")))
        except (OSError, ValueError):
            notebook = from_file(self._notebook_path()) or {"metadata": {}}
            ours = notebook["metadata"].get(METADATA_KEY)
            return Settings.from_json(ours.get(CAPTURE_KEY) if isinstance(ours, dict) else None)

    def _file(self) -> Path | None:
        path = self._notebook_path()
        if not path:
            return None
        name = hashlib.sha256(os.path.abspath(path).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return data_dir() / "notebooks" / f"{name}.json"
