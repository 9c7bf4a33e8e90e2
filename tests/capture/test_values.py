"""Which values can be a param or a metric, however hostile their objects are."""

import math
import sys
import threading
from decimal import Decimal
from fractions import Fraction
from types import ModuleType

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_track.capture.values import as_number, as_param, flatten


class Touched(BaseException):
    """Raised by whatever must not be called: no `except Exception` hides it."""


def _touch(*arguments, **settings):
    raise Touched


class HostileType(type):
    """A metaclass that answers no question."""

    __eq__ = __hash__ = __instancecheck__ = __subclasscheck__ = __repr__ = __bool__ = __len__ = __call__ = _touch

    def __getattribute__(cls, name):
        raise Touched


_METHODS = (
    "__repr__", "__str__", "__eq__", "__hash__", "__bool__", "__len__", "__iter__", "__getattr__", "__getattribute__",
    "__float__", "__int__", "__index__", "__format__", "__array__", "__lt__", "__sub__", "__mul__", "__del__",
)  # fmt: skip
_HOSTILE = {name: _touch for name in _METHODS if name != "__del__"} | {"__class__": property(_touch)}


def _hostile_values():
    # In a function: pytest looks into whatever a module has.
    cls = HostileType("Hostile", (), _HOSTILE)
    instance = type.__call__(cls)
    array = np.empty(1, dtype=object)
    array[0] = instance
    return {
        "an object": instance,
        "an object of a class with a usual metaclass": type("Hostile", (), _HOSTILE)(),
        "a class": cls,
        "an int": type("HostileInt", (int,), _HOSTILE)(3),
        "a float": type("HostileFloat", (float,), _HOSTILE)(3),
        "a str": type("HostileStr", (str,), _HOSTILE)("a"),
        "a list": type("HostileList", (list,), _HOSTILE)([1]),
        "a dict": type("HostileDict", (dict,), _HOSTILE)(a=1),
        "a Decimal": type("HostileDecimal", (Decimal,), _HOSTILE)(3),
        "a NumPy float": type("HostileFloat64", (np.float64,), _HOSTILE)(3),
        "a NumPy array": np.zeros(1).view(type("HostileArray", (np.ndarray,), _HOSTILE)),
        "an array of an object": array,
    }


HOSTILE = _hostile_values()


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_code_of_a_value_is_run(kind):
    value = HOSTILE[kind]
    assert as_number(value) is None
    assert as_param(value) is None
    for container in ([value], (value,), [[value]]):
        assert as_param(container) is None
    (found,) = flatten("config", {"a": value}).values()
    assert found is value


def test_a_value_that_blocks_blocks_nobody():
    released = threading.Event()
    wait = lambda *arguments: released.wait(60)  # noqa: E731
    blocking = type("Blocking", (), {name: wait for name in _METHODS if name not in ("__del__", "__getattribute__")})()
    answers = []
    thread = threading.Thread(target=lambda: answers.extend([as_number(blocking), as_param([blocking])]), daemon=True)
    thread.start()
    thread.join(10)
    released.set()
    assert answers == [None, None]


def test_an_array_of_five_gigabytes_is_not_touched():
    huge = np.broadcast_to(np.float64(1), (5 * 2**30 // 8,))
    never_touched = np.empty(5 * 2**30, dtype=np.uint8)
    for array in (huge, never_touched, huge[:2], np.empty((0, 10**9))):
        assert as_number(array) is None
        assert as_param(array) is None
        assert flatten("config", {"data": array})["config.data"] is array


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3.0),
        (-0.5, -0.5),
        (10**400, math.inf),
        (-(10**400), -math.inf),
        (Decimal("0.1"), 0.1),
        (Decimal("1e999999"), math.inf),
        (Fraction(1, 4), 0.25),
        (Fraction(10**400), math.inf),
        (math.inf, math.inf),
        (np.float32(0.5), 0.5),
        (np.float16(0.5), 0.5),
        (np.longdouble(0.5), 0.5),
        (np.int8(-3), -3.0),
        (np.uint64(2**64 - 1), 2.0**64),
        (np.array(0.5), 0.5),
        (np.array([[2]]), 2.0),
        (ml_dtypes.bfloat16(0.5), 0.5),
    ],
)
def test_numbers(value, number):
    assert as_number(value) == number
    assert type(as_number(value)) is float


@pytest.mark.parametrize("value", [math.nan, Decimal("nan"), Decimal("sNaN"), np.float32("nan"), np.array([np.nan])])
def test_not_a_number_is_a_number(value):
    assert math.isnan(as_number(value))


@pytest.mark.parametrize(
    "value",
    [
        True, None, "1", b"1", 1j, [1], (1,), {1}, {}, np.bool_(True), np.complex64(1), np.str_("1"), np.array([1, 2]),
        np.array(["1"]), np.array([True]), np.array([1j]), np.timedelta64(1, "s"), np.timedelta64("NaT"),
        np.datetime64("2024-01-01"), np.array([np.timedelta64(1, "s")]), range(3), object, len, Ellipsis,
    ],
)  # fmt: skip
def test_what_is_no_number(value):
    assert as_number(value) is None


def test_an_array_that_holds_itself():
    array = np.empty(1, dtype=object)
    array[0] = array
    assert as_number(array) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (1e-05, "1e-05"),
        (True, "True"),
        (None, "None"),
        ("adam", "adam"),
        ("", ""),
        (2j, "2j"),
        (Decimal("0.10"), "0.10"),
        (Fraction(1, 3), "1/3"),
        (np.float32(0.5), "0.5"),
        (np.float64(0.1), "0.1"),
        (np.int64(3), "3"),
        (np.bool_(False), "False"),
        ([1, "a", None], "[1, 'a', None]"),
        ((1,), "(1,)"),
        (((1, 2), [3]), "((1, 2), [3])"),
        ({3, 1, 2}, "{1, 2, 3}"),
        (frozenset({"b", "a"}), "frozenset({'a', 'b'})"),
        (math.nan, "nan"),
    ],
)
def test_simple_values_as_text(value, text):
    assert as_param(value) == text


@pytest.mark.parametrize(
    "value",
    [
        "x" * 501, 10**2000, Fraction(1, 10**2000), [10**2000], b"x", [], (), set(), {}, {"a": 1}, list(range(21)),
        ["x" * 501], [[[[1]]]], [{}], np.array([1, 2]), np.datetime64("2024-01-01"), np.timedelta64(1, "s"),
        np.complex64(1), object(), len, math, range(3), Ellipsis, [b"x"], ["x" * 500] * 20,
    ],
)  # fmt: skip
def test_what_is_no_simple_value(value):
    assert as_param(value) is None


def test_what_no_database_can_store_is_escaped():
    assert as_param("a\x00b\ud800c") == "a\\x00b\\ud800c"
    assert as_param(["\x00", "\udfff"]) == "['\\x00', '\\udfff']"


def test_lists_and_dicts_in_themselves():
    inside = [1]
    inside.append(inside)
    assert as_param(inside) is None
    settings = {"a": 1}
    for name in "bcdefghijklmnopqrs":
        settings[name] = settings
    flat = flatten("s", settings)
    assert flat["s.a"] == 1
    assert len(flat) == 19


def test_a_dict_that_unfolds_without_end_is_cut():
    node = {"leaf": 0}
    for _ in range(30):
        node = dict.fromkeys(map(str, range(20)), node)
    assert len(flatten("s", node)) <= 500
    deep = {}
    for _ in range(5_000):
        deep = {"a": deep}
    (name,) = flatten("s", deep)
    assert name == "s" + ".a" * 8


def test_a_list_that_unfolds_without_end_is_cut():
    node = [0] * 20
    for _ in range(30):
        node = [node] * 20
    assert as_param(node) is None


@pytest.mark.parametrize(
    ("value", "flat"),
    [
        ({"a": 1, "b": {"c": [2]}}, {"s.a": 1, "s.b.c": [2]}),
        ({"a b": 1}, {"s.a b": 1}),
        ({}, {"s": {}}),
        ({1: 2}, {"s": {1: 2}}),
        ({"a": 1, 2: 3}, {"s": {"a": 1, 2: 3}}),
        ({"": 1}, {"s": {"": 1}}),
        ({"a\n": 1}, {"s": {"a\n": 1}}),
        (dict.fromkeys(map(str, range(51))), {"s": dict.fromkeys(map(str, range(51)))}),
        (3, {"s": 3}),
    ],
)
def test_settings_become_dotted_names(value, flat):
    assert flatten("s", value) == flat


def test_a_library_that_lies_is_not_asked(monkeypatch):
    class Lazy(ModuleType):
        def __getattr__(self, name):
            raise Touched

    for name in ("torch", "numpy"):
        monkeypatch.setitem(sys.modules, name, Lazy(name))
    assert as_number(object()) is None
    monkeypatch.setitem(sys.modules, "torch", type("Mock", (), _HOSTILE)())
    assert as_number(object()) is None


class Tensor:
    """What torch, JAX and TensorFlow promise of their arrays; of the last two, nothing is installed for a test."""

    def __init__(self, *values, shape=None):
        self.values = values
        self.shape = (len(values),) if shape is None else shape

    def __array__(self):
        raise Touched

    __float__ = __len__ = __bool__ = __array__

    def item(self):
        if self.values[0] is None:
            raise RuntimeError("a tensor without data")
        return self.values[0]


class EagerTensor(Tensor):
    """TensorFlow's gives NumPy's scalars, and arrays if it has a dimension."""

    item = None

    def numpy(self):
        value = Tensor.item(self)
        return np.array([value]) if self.shape else np.float32(value)


LIBRARIES = [
    ("torch", "Tensor", Tensor),
    ("torch.nn.parameter", "Parameter", Tensor),
    ("jaxlib._jax", "ArrayImpl", Tensor),
    ("jaxlib.xla_extension", "ArrayImpl", Tensor),
    ("tensorflow.python.framework.ops", "EagerTensor", EagerTensor),
    ("tensorflow.python.ops.resource_variable_ops", "ResourceVariable", EagerTensor),
]


@pytest.fixture(params=LIBRARIES, ids=lambda library: ".".join(library[:2]))
def library_array(request, monkeypatch):
    module, name, kind = request.param
    made = ModuleType(module)
    array = type(name, (kind,), {"__module__": module})
    setattr(made, name, array)
    monkeypatch.setitem(sys.modules, module, made)
    return array


def test_arrays_of_one_element(library_array):
    assert as_number(library_array(0.5, shape=())) == 0.5
    assert as_number(library_array(3.0)) == 3.0
    assert as_number(library_array(3.0, shape=(1, 1))) == 3.0
    assert math.isnan(as_number(library_array(math.nan)))


def test_arrays_that_are_no_number(library_array):
    for values in ((1.0, 2.0), (True,), (1j,), (None,), ()):
        assert as_number(library_array(*values)) is None
    # A dimension that is not known yet.
    assert as_number(library_array(1.0, shape=(None,))) is None


def test_an_array_of_a_type_that_only_calls_itself_one_of_a_librarys_is_not_asked(library_array):
    impostor = type(library_array.__name__, (), _HOSTILE | {"__module__": library_array.__module__, "item": _touch})
    assert as_number(impostor()) is None
    heir = type("Heir", (library_array,), {"__module__": "__main__", "item": _touch, "numpy": _touch})
    assert as_number(heir(0.5)) is None


@pytest.mark.parametrize(
    "name", ["Array", "Tracer", "DynamicJaxprTracer", "Tensor", "SymbolicTensor", "DTensor", "FakeTensor"]
)
def test_values_that_are_not_there_yet_are_not_asked(monkeypatch, name):
    for module in ("jax", "jaxlib._jax", "tensorflow.python.framework.ops", "torch.distributed"):
        made = ModuleType(module)
        kind = type(name, (), _HOSTILE | {"__module__": module, "item": _touch, "numpy": _touch, "shape": ()})
        setattr(made, name, kind)
        monkeypatch.setitem(sys.modules, module, made)
        if (module, name) != ("torch.distributed", "Tensor"):
            assert as_number(kind()) is None


def test_torchs_own_tensors():
    import torch  # Slow to load, and needed here alone.

    assert as_number(torch.tensor(0.5, requires_grad=True)) == 0.5
    assert as_number(torch.nn.Parameter(torch.tensor([2.0]))) == 2.0
    for tensor in (torch.ones(2), torch.tensor(True), torch.tensor(1j), torch.empty(1, device="meta")):
        assert as_number(tensor) is None


_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text(max_size=20)
_values = st.recursive(_scalars, lambda each: st.lists(each, min_size=1, max_size=3) | st.tuples(each), max_leaves=6)


@given(_values)
def test_a_simple_value_has_the_text_that_python_gives_it(value):
    text = as_param(value)
    if isinstance(value, str):
        assert text.encode() or not value
    elif text is not None:
        assert text == (repr(value) if isinstance(value, (list, tuple)) else str(value))


_dicts = st.recursive(_scalars, lambda each: st.dictionaries(st.text(max_size=3), each, max_size=3), max_leaves=8)


@given(st.dictionaries(st.text(max_size=5), _dicts, max_size=4))
def test_whatever_is_in_a_dict_is_found_under_one_name(value):
    flat = flatten("s", value)
    assert all(name == "s" or name.startswith("s.") for name in flat)

    def leaves(each):
        if type(each) is dict and each and all(key and key.isprintable() for key in each):
            return sum(map(leaves, each.values()))
        return 1

    # Two ways to the same name ("a.b" in one dict, "b" in the dict "a") leave one.
    assert len(flat) <= leaves(value)
