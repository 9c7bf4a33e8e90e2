"""What objects of settings hold, read without running anything of theirs."""

import argparse
from collections import OrderedDict
from types import SimpleNamespace

import pytest
from omegaconf import OmegaConf

from jupyter_track.capture.configs import fields_of, settings_of, stored
from jupyter_track.capture.values import flatten

from .situations import namespace_after

CLASSES = """
from collections import namedtuple
from dataclasses import dataclass, field
from typing import NamedTuple
import attrs
import pydantic

@dataclass
class Data:
    lr: float = 0.1
    sizes: list = field(default_factory=lambda: [1, 2])
    _hidden: int = 3
@dataclass(slots=True)
class Slots:
    lr: float = 0.1
@attrs.define
class Attrs:
    lr: float
    epochs: int = 3
class Model(pydantic.BaseModel):
    lr: float = 0.1
    inner: Data = Data()
class Named(NamedTuple):
    lr: float
    epochs: int = 3
Old = namedtuple("Old", "lr epochs")
class Plain:
    momentum = 0.9
    def __init__(self, lr): self.lr = lr
class Derived(Plain):
    decay = 0.1
class Busy:
    lr = 0.1
    def run(self): raise AssertionError
class Numbers(list): pass
class Trap:
    lr = 0.1
    @property
    def rate(self): raise AssertionError
    def __getattr__(self, name): raise AssertionError(name)
"""


@pytest.mark.parametrize(
    ("made", "settings"),
    [
        ("Data(lr=0.2)", {"lr": 0.2, "sizes": [1, 2]}),
        ("Slots()", {"lr": 0.1}),
        ("Attrs(0.5)", {"lr": 0.5, "epochs": 3}),
        ("Named(0.5)", {"lr": 0.5, "epochs": 3}),
        ("Old(1, 2)", {"lr": 1, "epochs": 2}),
        ("Plain(0.5)", {"lr": 0.5, "momentum": 0.9}),
        ("Derived(0.5)", {"lr": 0.5, "momentum": 0.9, "decay": 0.1}),
        ("Plain", {"momentum": 0.9}),
        ("Trap()", {"lr": 0.1}),
        ("Busy()", None),
        ("Busy", None),
        ("Data", None),
        ("Numbers([1])", None),
        ("ValueError('x')", None),
        ("3", None),
        ("[1]", None),
        ("len", None),
    ],
)
def test_settings_of_the_notebooks_own_objects(made, settings):
    assert settings_of(eval(made, namespace_after(CLASSES))) == settings


def test_settings_in_settings_are_flat():
    model = eval("Model()", namespace_after(CLASSES))
    assert flatten("m", model) == {"m.lr": 0.1, "m.inner.lr": 0.1, "m.inner.sizes": [1, 2]}


def test_settings_of_namespaces_and_dicts():
    assert settings_of(SimpleNamespace(a=1, _b=2)) == {"a": 1}
    assert settings_of(argparse.Namespace(a=1)) == {"a": 1}
    assert settings_of(OrderedDict(a=1)) == {"a": 1}
    assert settings_of({i: i for i in range(1_000)}) is None


def test_settings_of_omegaconf():
    config = OmegaConf.create({"lr": 0.1, "net": {"sizes": [1, 2], "rate": "${lr}"}, "first": "${net.rate.x}"})
    assert settings_of(config) == {"lr": 0.1, "net": {"sizes": [1, 2], "rate": 0.1}, "first": "${net.rate.x}"}
    assert settings_of(config.net) == {"sizes": [1, 2], "rate": 0.1}
    assert settings_of(OmegaConf.create([1])) is None


@pytest.mark.parametrize("text", ["${oc.env:HOME}", "${.lr}", "${nothing}", "${net}", "${itself}", "a ${lr} b"])
def test_what_omegaconf_would_have_to_compute_stays_as_it_was_written(text):
    config = OmegaConf.create({"lr": 0.1, "net": {"size": 1}, "itself": text})
    assert settings_of(config) == {"lr": 0.1, "net": {"size": 1}, "itself": text}


def test_of_a_librarys_class_what_differs_from_the_default():
    from _pytest.compat import NOTSET  # A module that is no notebook's, to stand in for a library.

    namespace = namespace_after(CLASSES)
    namespace["Data"].__module__ = type(NOTSET).__module__
    assert settings_of(namespace["Data"](lr=0.2)) == {"lr": 0.2}


def test_fields_and_their_defaults():
    namespace = namespace_after(CLASSES)
    assert fields_of(namespace["Attrs"])["epochs"] == 3
    assert fields_of(namespace["Named"])["epochs"] == 3
    assert list(fields_of(namespace["Model"])) == ["lr", "inner"]
    assert fields_of(namespace["Plain"]) is None


def test_an_object_that_hides_its_dict_is_left_alone():
    class Hiding:
        @property
        def __dict__(self):
            raise AssertionError

    assert stored(Hiding()) == {}
