"""Cells full of objects that raise, block, lie or are enormous: the cell's own result is untouched."""

import threading

import pytest

HOSTILE = """
import threading
class Meta(type):
    def __eq__(cls, other): raise RuntimeError("eq of the class")
    def __hash__(cls): raise RuntimeError("hash of the class")
    def __instancecheck__(cls, instance): raise RuntimeError("instancecheck")
    def __subclasscheck__(cls, subclass): raise RuntimeError("subclasscheck")
class Hostile(metaclass=Meta):
    def refuse(self, *arguments): raise RuntimeError("touched")
    __repr__ = __str__ = __eq__ = __hash__ = __bool__ = __len__ = __iter__ = __float__ = __array__ = refuse
    def __getattr__(self, name): raise RuntimeError(name)
    @property
    def __class__(self): raise RuntimeError("class")
hostile = Hostile()
class Blocking:
    def wait(self, *arguments): forever.wait(60)
    __repr__ = __str__ = __eq__ = __hash__ = __bool__ = __len__ = __float__ = __getattr__ = wait
blocking = Blocking()
forever = threading.Event()
def use(*arguments, **settings): return 0.5
"""


@pytest.fixture(autouse=True)
def released(shell):
    yield
    event = shell.user_ns.get("forever")
    if isinstance(event, type(threading.Event())):
        event.set()


@pytest.mark.parametrize("name", ["hostile", "blocking"])
@pytest.mark.timeout(20)
def test_objects_that_must_not_be_touched(track, name):
    tracked = track(
        f"lr = 0.1\nother = {name}\nin_list, in_dict = [{name}], {{'a': {name}, 'b': 1}}\n"
        f"score = use({name}, alpha={name})\nprint('acc: 0.5')\n{name}.x = 1",
        HOSTILE,
    )
    assert tracked.error is None
    assert tracked.params == {"lr": "0.1", "in_dict.b": "1"}
    assert tracked.metrics == {"score": 0.5, "acc": 0.5}


@pytest.mark.timeout(20)
def test_a_name_that_a_hostile_object_gives_way_to(track):
    tracked = track("for i in range(2):\n    score = i + 0.5\nuse(score)", HOSTILE, "score = hostile")
    assert tracked.metrics == {"score": 1.5, "use": 0.5}


@pytest.mark.timeout(20)
def test_a_hostile_last_value_is_ipythons_business(track, shell):
    tracked = track("score = use()\nhostile", HOSTILE)
    assert tracked.error is None
    assert tracked.metrics == {"score": 0.5}
    assert shell.user_ns["_"] is shell.user_ns["hostile"]


@pytest.mark.timeout(20)
def test_an_estimator_that_lies_is_no_model(track):
    tracked = track(
        "import sklearn.base\nclass Liar(sklearn.base.BaseEstimator):\n"
        "    def __sklearn_is_fitted__(self): raise RuntimeError('no')\nliar = Liar()\nlr = 0.1",
        HOSTILE,
        log_model="",
    )
    assert tracked.params == {"lr": "0.1"}
    assert tracked.summary.model == ""
    assert "no name to a fitted scikit-learn estimator" in tracked.summary.notes[0]


@pytest.mark.timeout(20)
def test_five_gigabytes_in_the_namespace(track):
    tracked = track(
        "view = huge[:2]\nhuge2 = huge\nscore = float(huge[0])\nhuge[:3]",
        "import numpy as np\nhuge = np.broadcast_to(np.float64(1), (5 * 2**30 // 8,))",
    )
    assert tracked.error is None
    assert (tracked.params, tracked.metrics) == ({}, {"score": 1.0})


@pytest.mark.timeout(20)
def test_numbers_of_a_million_digits(track):
    tracked = track("big = 1 << 4_000_000\nmore = big + 1\nratio = big / more", "huge = 1 << 4_000_000")
    assert tracked.error is None
    assert tracked.metrics == {"ratio": 1.0}


@pytest.mark.timeout(20)
def test_containers_in_themselves(track):
    tracked = track(
        "use(config, items)\nlast = {'acc': use()}\nlast['last'] = last\nlast",
        HOSTILE,
        "config = {'lr': 0.1}\nconfig['config'] = config\nitems = [1]\nitems.append(items)",
    )
    assert tracked.params == {"config.lr": "0.1"}
    assert tracked.metrics == {"acc": 0.5}


def test_names_and_values_that_no_database_can_store(track):
    tracked = track("text = 'a\\ud800b\\0c'\ngröße = 1\nprint('精度: 0.5')\nprint('\\ud800: 0.5')")
    assert tracked.params == {"text": "a\\ud800b\\x00c", "größe": "1"}
    assert tracked.metrics == {"精度": 0.5}
    for value in (*tracked.params.values(), *tracked.metrics):
        value.encode("utf-8")


def test_a_cell_that_replaces_what_is_listened_to(track, shell):
    tracked = track(
        "import sys, io\nkept, sys.stdout = sys.stdout, io.StringIO()\nprint('unheard: 0.5')\nsys.stdout = kept"
    )
    assert tracked.error is None
    assert tracked.metrics == {}


def test_a_cell_that_empties_its_namespace(track):
    tracked = track("lr = 0.1\nloss = lr * 2\nglobals().pop('loss')\nglobals().pop('lr')")
    assert tracked.params == {"lr": "0.1"}
    assert tracked.skipped == {"loss": "the cell removed it, or did not come that far"}


def test_a_module_that_loads_itself_when_it_is_asked(track):
    earlier = """
import types
class Lazy(types.ModuleType):
    def __getattr__(self, name): raise RuntimeError(name)
lazy = Lazy("lazy")
lazy.fit = lambda **settings: 0.5
"""
    tracked = track("score = lazy.fit(depth=3)", earlier)
    assert (tracked.params, tracked.metrics) == ({"depth": "3"}, {"score": 0.5})
