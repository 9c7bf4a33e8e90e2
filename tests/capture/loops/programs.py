"""Random programs full of loops, and the oracle that they tell what they compute."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

__all__ = ["PRELUDE", "Program", "programs"]

#: What the programs use. `note` and `turn` are the oracle: they stand in the program itself, watched or not.
PRELUDE = '''
from contextlib import contextmanager
from functools import wraps

said = []

def print(*told):
    # In a list of the program's own: what an earlier program left behind may be collected now.
    said.append(" ".join(map(str, told)))

noted, turns, ticks, fuel_left = {}, {}, [0], [60]

def turn(loop):
    turns[loop] = turns.get(loop, 0) + 1

def note(loop, name, value):
    if isinstance(value, (int, float)):
        noted.setdefault(name, {})[turns[loop] - 1] = float(value)
    return value

def tick():
    ticks[0] += 1
    print("tick", ticks[0])
    return ticks[0]

def fuel():
    fuel_left[0] -= 1
    return fuel_left[0] > 0

class Boom(Exception):
    pass

class Noisy:
    def __init__(self, name):
        self.name = name
    def __del__(self):
        print("gone", self.name)
    def __repr__(self):
        return self.name

class Items:
    def __init__(self, number, fails_at=None, has_iter=True):
        self.left, self.fails_at, self.has_iter = number, fails_at, has_iter
    def __iter__(self):
        print("iter")
        return Bare(self)

class Bare:
    """An iterator that is not iterable itself."""
    def __init__(self, items):
        self.items = items
    def __next__(self):
        print("next", self.items.left)
        if self.items.left == self.items.fails_at:
            raise Boom("in next")
        if self.items.left <= 0:
            raise StopIteration
        self.items.left -= 1
        return Noisy(f"item {self.items.left}")
    def __del__(self):
        print("iterator gone")

def produce(number):
    try:
        for n in range(number):
            print("yield", n)
            yield n
    finally:
        print("closed")

async def produce_async(number):
    try:
        for n in range(number):
            print("yield", n)
            await Pause()
            yield n
    finally:
        print("closed")

class Pause:
    def __await__(self):
        yield "pause"

class AsyncItems:
    def __init__(self, number, fails_at=None):
        self.left, self.fails_at = number, fails_at
    def __aiter__(self):
        print("aiter")
        return AsyncBare(self)

class AsyncBare:
    """An asynchronous iterator that is not iterable itself."""
    def __init__(self, items):
        self.items = items
    async def __anext__(self):
        print("anext", self.items.left)
        await Pause()
        if self.items.left == self.items.fails_at:
            raise Boom("in anext")
        if self.items.left <= 0:
            raise StopAsyncIteration
        self.items.left -= 1
        return Noisy(f"item {self.items.left}")
    def __del__(self):
        print("asynchronous iterator gone")

class PlainAsyncItems(AsyncItems):
    def __aiter__(self):
        return self
    def __anext__(self):
        print("plain anext")
        if self.left == self.fails_at:
            raise Boom("in plain anext")
        return AsyncBare(self).__anext__()

class NoAsyncItems(AsyncItems):
    def __aiter__(self):
        return 5 if self.left else self.fails()
    def fails(self):
        raise Boom("in aiter")

def drive(coroutine):
    while True:
        try:
            print("driven", coroutine.send(None))
        except StopIteration as end:
            return end.value

def noted_call(f):
    @wraps(f)
    def wrapper(*args, **named):
        print("called", f.__name__)
        return f(*args, **named)
    return wrapper

class Base:
    def __init__(self, x=1):
        self.__x = x
    def x(self):
        return self.__x

@contextmanager
def guard(swallows):
    print("enter")
    try:
        yield
    except Boom:
        print("swallowed" if swallows else "passed on")
        if not swallows:
            raise
    finally:
        print("exit")
'''

_ITERABLES = (
    "range(3)",
    "[1.5, 2.5]",
    "()",
    "'ab'",
    "{'a': 1, 'b': 2}",
    "enumerate([4, 5])",
    "zip([1, 2, 3], 'ab')",
    "Items(2)",
    "Items(3, fails_at=1)",
    "produce(3)",
    "(n * 2 for n in range(3))",
    "[Noisy('a'), Noisy('b')]",
    "map(Noisy, 'xy')",
    "5",
    "reversed([1, 2])",
    "range(tick() % 4)",
)
_ASYNC_ITERABLES = ("produce_async(3)", "AsyncItems(2)", "AsyncItems(tick() % 4)", "produce_async(tick() % 4)")
#: Of these, a loop is not watched, or its steps do not begin anew where they did.
_ODD_ASYNC_ITERABLES = (
    "AsyncItems(3, fails_at=1)",
    "PlainAsyncItems(2)",
    "PlainAsyncItems(3, fails_at=1)",
    "NoAsyncItems(0)",
    "NoAsyncItems(1)",
    "5",
    "[1, 2]",
)
_CONDITIONS = ("tick() % 3", "tick() % 4 > 1", "tick() % 5 < 4 and tick() % 3", "not tick() % 2")
_FAILURES = ("raise Boom('here')", "1 / 0", "missing", "[][5]", "raise KeyboardInterrupt", "None.attribute")


@dataclass
class Program:
    """A program as it grows.

    Attributes
    ----------
    lines : list of str
    curves : set of str
        Names whose curve must be found if the oracle has any of it.
    maybe : set of str
        Names whose curve may be found: those of loops in the ``else`` of a ``while``.
    """

    lines: list[str] = field(default_factory=list)
    curves: set[str] = field(default_factory=set)
    maybe: set[str] = field(default_factory=set)
    loops: int = 0
    functions: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


@dataclass(frozen=True)
class _Place:
    """Where a statement is to stand."""

    indent: int = 0
    loop: int | None = None
    depth: int = 0
    in_function: bool = False
    is_watched: bool | None = True
    is_async: bool = False


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Draw a program of at most some hundred iterations."""
    program = Program()
    for number in range(draw(st.integers(0, 3))):
        _FUNCTIONS[draw(st.sampled_from(list(_FUNCTIONS)))](draw, program, number)
    _block(draw, program, _Place(), at_least=2)
    program.lines.append("loops_are_over = True")
    return program


def _function(draw, program, number):
    program.lines.append(f"def f{number}(x=1):")
    _block(draw, program, _Place(1, None, 1, True))
    program.functions.append(f"f{number}()")


def _generator(draw, program, number):
    program.lines.append(f"def f{number}(x=1):")
    _block(draw, program, _Place(1, None, 1, True, False))
    program.lines.append("    if 0: yield")
    program.functions.append(f"list(f{number}())")


def _decorated(draw, program, number):
    program.lines += ["@noted_call", f"def f{number}(x=1, *, y=2):"]
    _block(draw, program, _Place(1, None, 1, True))
    program.functions.append(f"f{number}(2, y=1)")


def _method(draw, program, number):
    program.lines += [
        f"class C{number}(Base):",
        f"    def f{number}(self, x=1):",
        "        self.__y = super().x()",
        "        print(__class__.__name__, self.__y)",
    ]
    _block(draw, program, _Place(2, None, 1, True))
    program.functions.append(f"C{number}(3).f{number}()")


def _classmethod(draw, program, number):
    kind, first = draw(st.sampled_from((("classmethod", "cls, "), ("staticmethod", ""))))
    program.lines += [f"class C{number}:", f"    @{kind}", f"    def f{number}({first}x=1):"]
    _block(draw, program, _Place(2, None, 1, True))
    program.functions.append(f"C{number}.f{number}(2)")


def _coroutine(draw, program, number):
    program.lines.append(f"async def f{number}(x=1):")
    _block(draw, program, _Place(1, None, 1, True, is_async=True), at_least=2)
    program.functions.append(f"drive(f{number}())")


def _local(draw, program, number):
    program.lines += [f"def f{number}(x=1):", "    def within():", "        nonlocal x"]
    _block(draw, program, _Place(2, None, 1, True))
    program.lines.append("    return within()")
    program.functions.append(f"f{number}()")


_FUNCTIONS = {
    "function": _function,
    "generator": _generator,
    "decorated": _decorated,
    "method": _method,
    "classmethod": _classmethod,
    "coroutine": _coroutine,
    "local": _local,
}


def _block(draw: st.DrawFn, program: Program, place: _Place, at_least: int = 1) -> None:
    for _ in range(draw(st.integers(at_least, 3))):
        _statement(draw, program, place)


def _statement(draw: st.DrawFn, program: Program, place: _Place) -> None:
    kinds = ["print", "noisy"]
    if place.loop is not None:
        kinds += ["assign", "assign", "add", "pair", "walrus", "annotated", "delete", "break", "continue"]
    if place.depth < 4:
        kinds += ["for", "for", "while", "if", "try", "with"]
        kinds += ["async for", "async for", "pause"] if place.is_async else []
    if place.in_function:
        kinds += ["return"]
    if program.functions and not (place.in_function and place.depth > 2):
        kinds += ["call", "call"]
    kinds += ["fail", "closure", "comprehension"]
    kind = draw(st.sampled_from(kinds))
    _WRITERS[kind](draw, program, place)


def _put(program: Program, place: _Place, line: str) -> None:
    program.lines.append("    " * place.indent + line)


def _within(place: _Place, **changes: object) -> _Place:
    return replace(place, **{"indent": place.indent + 1, "depth": place.depth + 1, **changes})  # type: ignore[arg-type]


def _curve(draw: st.DrawFn, program: Program, place: _Place) -> str:
    name = f"{draw(st.sampled_from(('loss', 'acc', 'val_err')))}_{place.loop}"
    _expect(program, place, name)
    return name


def _expect(program: Program, place: _Place, *names: str) -> None:
    if place.is_watched is not False:
        (program.maybe if place.is_watched is None else program.curves).update(names)


def _value(draw: st.DrawFn) -> str:
    return draw(st.sampled_from(("tick() / 2", "tick() * 1.5", "tick() + 1", "float('nan')", "'text'", "None")))


def _assign(draw, program, place):
    name = _curve(draw, program, place)
    _put(program, place, f"{name} = note({place.loop}, '{name}', {_value(draw)})")


def _annotated(draw, program, place):
    name = _curve(draw, program, place)
    _put(program, place, f"{name}: float = note({place.loop}, '{name}', {_value(draw)})")


def _add(draw, program, place):
    name = _curve(draw, program, place)
    _put(program, place, f"{name} += tick() * 0.5")
    _put(program, place, f"note({place.loop}, '{name}', {name})")


def _pair(draw, program, place):
    one, other = f"loss_{place.loop}", f"acc_{place.loop}"
    _expect(program, place, one, other)
    number = place.loop
    _put(program, place, f"{one}, {other} = note({number}, '{one}', tick()), note({number}, '{other}', tick() / 3)")


def _walrus(draw, program, place):
    name = _curve(draw, program, place)
    _put(program, place, f"print('walrus', ({name} := note({place.loop}, '{name}', {_value(draw)})))")


def _delete(draw, program, place):
    _put(program, place, f"del loss_{place.loop}")


def _print(draw, program, place):
    name = f"loss_{place.loop}" if place.loop is not None and draw(st.booleans()) else "ticks"
    _put(program, place, f"print('value', {name})")


def _noisy(draw, program, place):
    _put(program, place, f"thing = Noisy('thing {draw(st.integers(0, 9))}')")


def _closure(draw, program, place):
    name = "ticks" if place.loop is None else f"loss_{place.loop}"
    _put(program, place, f"show = lambda: {name}")
    _put(program, place, "print('closure', show())")


def _comprehension(draw, program, place):
    _put(program, place, "squares = [n * n for n in range(3) if n % 2]")


def _fail(draw, program, place):
    _put(program, place, f"if tick() % {draw(st.integers(1, 6))} == 0:")
    _put(program, _within(place), draw(st.sampled_from(_FAILURES)))


def _leave(word):
    def write(draw, program, place):
        _put(program, place, f"if tick() % {draw(st.integers(1, 4))} == 0:")
        _put(program, _within(place), word)

    return write


def _call(draw, program, place):
    _put(program, place, draw(st.sampled_from(program.functions)))
    if not place.is_watched:
        program.maybe |= program.curves  # Calls there are not followed.


def _pause(draw, program, place):
    _put(program, place, "await Pause()")


def _async_for(draw, program, place):
    is_odd = draw(st.sampled_from((False, False, True)))
    iterable = draw(st.sampled_from(_ODD_ASYNC_ITERABLES if is_odd else _ASYNC_ITERABLES))
    place = replace(place, is_watched=None) if is_odd and place.is_watched else place
    _loop(lambda _: f"async for {draw(st.sampled_from('xy'))} in {iterable}:")(draw, program, place)


def _loop(head):
    def write(draw, program, place):
        number, program.loops = program.loops, program.loops + 1
        first = len(program.lines)
        _put(program, place, head(draw))
        within = _within(place, loop=number)
        _put(program, within, f"turn({number})")
        _block(draw, program, within)
        if draw(st.booleans()):
            _put(program, place, "else:")
            unsure = head is _while and place.is_watched
            before = len(program.lines)
            _block(draw, program, _within(place, is_watched=None if unsure else place.is_watched))
            if unsure and {"break", "continue"} & {line.strip() for line in program.lines[before:]}:
                # A ``while`` whose ``else`` may leave the loop around it is left alone, with all that is in it.
                program.maybe.update(name for name in program.curves if int(name.rpartition("_")[2]) >= number)
                if any(function in line for function in program.functions for line in program.lines[first:]):
                    program.maybe |= program.curves

    return write


def _for(draw: st.DrawFn) -> str:
    target = draw(st.sampled_from(("x", "x", "y")))
    return f"for {target} in {draw(st.sampled_from(_ITERABLES))}:"


def _while(draw: st.DrawFn) -> str:
    return f"while fuel() and ({draw(st.sampled_from(_CONDITIONS))}):"


def _if(draw, program, place):
    _put(program, place, f"if {draw(st.sampled_from(_CONDITIONS))}:")
    _block(draw, program, _within(place))
    if draw(st.booleans()):
        _put(program, place, "else:")
        _block(draw, program, _within(place))


def _try(draw, program, place):
    _put(program, place, "try:")
    _block(draw, program, _within(place))
    if draw(st.booleans()):
        caught = draw(st.sampled_from(("Exception", "Boom", "(NameError, ZeroDivisionError)", "BaseException")))
        _put(program, place, f"except {caught} as error:")
        _put(program, _within(place), "print('caught', type(error), error)")
        _block(draw, program, _within(place))
    else:
        _put(program, place, "finally:")
        _block(draw, program, _within(place))


def _with(draw, program, place):
    _put(program, place, f"with guard({draw(st.booleans())}):")
    _block(draw, program, _within(place))


_WRITERS = {
    "assign": _assign,
    "annotated": _annotated,
    "add": _add,
    "pair": _pair,
    "walrus": _walrus,
    "delete": _delete,
    "print": _print,
    "noisy": _noisy,
    "closure": _closure,
    "comprehension": _comprehension,
    "fail": _fail,
    "break": _leave("break"),
    "continue": _leave("continue"),
    "return": _leave("return x"),
    "call": _call,
    "pause": _pause,
    "async for": _async_for,
    "for": _loop(_for),
    "while": _loop(_while),
    "if": _if,
    "try": _try,
    "with": _with,
}
