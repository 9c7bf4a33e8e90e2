"""Constants that the cell gives to calls, by keyword or by place."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import FunctionType
from typing import Any

from ....analysis.source import Argument
from ...captured import CapturedParam, Skipped
from ...configs import is_of_notebook, module_of
from ..base import MISSING, Situation
from .checked import checked
from .origin import library_of, parameters_of, resolve
from .presentation import is_presentation
from .settings import is_settings_call, written_classes

__all__ = ["GivenConstant", "given_params", "placed_arguments"]

#: Packages whose classes are made from data, sizes or other things that are no choices.
_NOT_OF_CHOICES = frozenset({"numpy", "pandas", "polars", "pyarrow", "torchvision", "PIL", "jax"})
#: What the parts of networks are derived from, and what is chosen about them.
_LAYERS = frozenset({("Module", "torch"), ("Layer", "keras"), ("Layer", "tensorflow")})
_RATES = frozenset({"p", "rate", "dropout"})
#: Calls whose first argument starts a random generator.
_SEEDING = frozenset(
    {
        "PRNGKey", "Random", "RandomState", "default_rng", "manual_seed", "manual_seed_all", "seed", "seed_all",
        "seed_everything", "set_global_seed", "set_random_seed", "set_seed",
    }
)  # fmt: skip


class GivenConstant:
    """``RandomForestClassifier(max_depth=5)``: an argument written as a constant."""

    name = "keyword argument"
    explanation = (
        "an argument that a call in the cell gives as a constant, by keyword, or by place where the place's name can "
        "be seen"
    )

    def find(self, situation: Situation) -> Iterator[CapturedParam | Skipped]:
        """Yield a param for each; one name with several values is told apart by what is called."""
        yield from given_params(placed_arguments(situation, situation.before), situation, self.name)


def given_params(placed: Iterable[Argument], situation: Situation, rule: str) -> Iterator[CapturedParam | Skipped]:
    """Yield the params that the keywords of the cell, and the arguments by place that can be named, come to."""
    given = [each for each in (*situation.source.keywords, *placed) if not is_presentation(each, situation)]
    # What a configuration object is made with is found with the object.
    written = written_classes(situation.source)
    given = [each for each in given if not (each.given_to and is_settings_call(each, written, situation))]
    values: dict[str, list[Any]] = {}
    by_key: dict[str, list[Argument]] = {}
    for each in given:
        if not any(_same(each.value, other) for other in values.setdefault(each.name, [])):
            values[each.name].append(each.value)
    for each in given:
        key = each.name if len(values[each.name]) == 1 else f"{each.callee}.{each.name}"
        by_key.setdefault(key, []).append(each)
    for key, arguments in by_key.items():
        first = arguments[0]
        tried: list[Any] = []
        for each in arguments:
            if not any(_same(each.value, other) for other in tried):
                tried.append(each.value)
        value = tried[0] if len(tried) == 1 else tried
        expression = f"{first.callee}({first.name}={first.expression})"
        yield from checked(key, value, rule, first.line, expression, are_choices=len(tried) > 1)


def _same(left: Any, right: Any) -> bool:
    return type(left) is type(right) and repr(left) == repr(right)


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
        if each.callee in _SEEDING and each.place == 0 and type(each.value) is int:
            yield replace(each, name="seed", place=-1)
            continue
        if type(each.value) is dict and each.place == 0:
            yield from _settings_by_place(each, situation, namespace)
            continue
        if not each.path:
            continue
        called = resolve(each.path, situation, namespace)
        if called is MISSING:
            continue
        parameters = parameters_of(called)
        if each.place < len(parameters) and _takes_choices(called, parameters[each.place]):
            yield replace(each, name=parameters[each.place], place=-1)


def _settings_by_place(argument: Argument, situation: Situation, namespace: Mapping[str, Any]) -> Iterator[Argument]:
    """Yield the settings of ``train({"max_depth": 3}, data)`` as arguments of their own."""
    library = library_of(argument.root, situation).partition(".")[0]
    if library in sys.stdlib_module_names or library in (*_NOT_OF_CHOICES, "builtins", ""):
        return
    if all(type(key) is str for key in argument.value):
        for key, value in argument.value.items():
            yield replace(argument, name=key, value=value, place=-1, expression=repr(value))


def _takes_choices(called: Any, parameter: str) -> bool:
    kind = type(called)
    if kind is FunctionType:
        return bool(called.__module__ == "__main__")
    if not issubclass(kind, type):
        return False
    module = module_of(called)
    package = module.partition(".")[0]
    if is_of_notebook(called):
        return True
    if package in sys.stdlib_module_names or package in _NOT_OF_CHOICES or package == "builtins":
        return False
    # How many units each part of a network has buries what was chosen.
    return parameter in _RATES or not _is_layer(called)


def _is_layer(cls: type) -> bool:
    bases = type.__getattribute__(cls, "__mro__")
    return any((base.__name__, module_of(base).partition(".")[0]) in _LAYERS for base in bases)
