"""Constants that the cell gives to calls, by keyword or by place."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import FunctionType
from typing import Any

from ....analysis.source import Argument
from ...captured import CapturedParam, Skipped
from ...configs import is_of_notebook, module_of
from ..base import MISSING, Situation
from .checked import checked
from .origin import parameters_of, resolve
from .presentation import is_presentation
from .settings import is_settings_call

__all__ = ["GivenConstant", "placed_arguments"]

#: Packages whose classes are made from data, sizes or other things that are no choices.
_NOT_OF_CHOICES = frozenset(
    {"numpy", "pandas", "polars", "pyarrow", "torchvision", "PIL", "jax", "tensorflow", "keras"}
)
#: The parts of a network: how many units each has buries what was chosen.
_LAYERS = ("torch.nn", "keras.src.layers", "keras.layers", "flax")


class GivenConstant:
    """``RandomForestClassifier(max_depth=5)``: an argument written as a constant."""

    name = "keyword argument"
    explanation = (
        "an argument that a call in the cell gives as a constant, by keyword, or by place where the place's name can "
        "be seen"
    )

    def find(self, situation: Situation) -> Iterator[CapturedParam | Skipped]:
        """Yield a param for each; one name with several values is told apart by what is called."""
        given = [*situation.source.keywords, *placed_arguments(situation, situation.before)]
        given = [each for each in given if not is_presentation(each, situation)]
        # What a configuration object is made with is found with the object.
        given = [each for each in given if not (each.given_to and is_settings_call(each, situation))]
        values: dict[str, set[str]] = {}
        for each in given:
            values.setdefault(each.name, set()).add(repr(each.value))
        used: Counter[str] = Counter()
        for each in given:
            key = each.name
            if len(values[each.name]) > 1:
                key = f"{each.callee}.{each.name}"
                used[key] += 1
                if used[key] > 1:
                    key = f"{key}.{used[key]}"
            yield from checked(key, each.value, self.name, each.line, f"{each.callee}({each.name}={each.expression})")


def placed_arguments(situation: Situation, namespace: Mapping[str, Any]) -> Iterator[Argument]:
    """Yield the arguments by place whose names can be seen, with those names.

    Seen are those of functions and classes of the notebook, and of classes of libraries: what an estimator, an
    optimizer or a splitter is made with is a choice, while what a library's function is given is mostly data.

    Parameters
    ----------
    situation : Situation
    namespace : mapping
        Where what is called is looked up.
    """
    for each in situation.source.positionals:
        if not each.path:
            continue
        called = resolve(each.path, situation, namespace)
        if called is not MISSING and _takes_choices(called):
            parameters = parameters_of(called)
            if each.place < len(parameters):
                yield replace(each, name=parameters[each.place], place=-1)


def _takes_choices(called: Any) -> bool:
    kind = type(called)
    if kind is FunctionType:
        return bool(called.__module__ == "__main__")
    if not issubclass(kind, type):
        return False
    module = module_of(called)
    package = module.partition(".")[0]
    if is_of_notebook(called):
        return True
    return not (
        package in sys.stdlib_module_names
        or package in _NOT_OF_CHOICES
        or package == "builtins"
        or module.startswith(_LAYERS)
    )
