"""What the text of a cell says, without running it."""

import sys

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from jupyter_track.analysis.constants import NOT_CONSTANT
from jupyter_track.analysis.source import CellSource


def source(cell):
    return CellSource(TransformerManager().transform_cell(cell))


def assigned(cell):
    return [(each.name, each.how) for each in source(cell).assignments]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("a = 1", [("a", "constant")]),
        ("a = f()", [("a", "computed")]),
        ("a, b = 1, f()", [("a", "constant"), ("b", "computed")]),
        ("(a, [b, *c]) = f()", [("a", "computed"), ("b", "computed"), ("c", "computed")]),
        ("a, b = pair", [("a", "computed"), ("b", "computed")]),
        ("a = b = 3", [("a", "constant"), ("b", "constant")]),
        ("a: int = 3\nb: int", [("a", "constant")]),
        ("a += 1", [("a", "updated")]),
        ("a.b = 1\na['c'] = 2", []),
        ("if (n := 10) > 5: pass", [("n", "constant")]),
        ("for i, (j, k) in pairs: pass", [("i", "loop"), ("j", "loop"), ("k", "loop")]),
        ("import a.b, c as d\nfrom e import f as g", [("a", "definition"), ("d", "definition"), ("g", "definition")]),
        ("def f(x=1): y = 2\nclass C: z = 3", [("f", "definition"), ("C", "definition")]),
        ("with open('x') as file: pass", [("file", "definition")]),
        ("squares = [i for i in range(3)]", [("squares", "computed")]),
        ("try: pass\nexcept E as e: pass", [("e", "definition")]),
        ("match x:\n    case [1, *a]: b = 2", [("a", "definition"), ("b", "constant")]),
        ("match x:\n    case {'k': c, **d} | [c, d]: pass", [(n, "definition") for n in "cdcd"]),
    ],
)
def test_names_that_a_cell_sets(cell, names):
    assert assigned(cell) == names


@pytest.mark.parametrize(
    ("cell", "reads"),
    [
        ("a = 1\nb = a", set()),
        ("b = a\na = 1", {"a"}),
        ("a = a + 1", {"a"}),
        ("a += 1", {"a"}),
        ("f(x, key=y)[z].w", {"f", "x", "y", "z"}),
        ("def f(x, y=d):\n    z = x\n    return z + g\nf(1)", {"d", "g"}),
        ("def f(x, y=d):\n    return x + g", {"d"}),
        ("def f():\n    return f()\nf()", set()),
        ("def f():\n    return g() + a\ndef g():\n    return b\nb = 1\nf()", {"a"}),
        ("def f():\n    return a\na = 1\nf()", set()),
        ("def f():\n    return a\nf()\na = 1", {"a"}),
        ("def f():\n    return a\nf = len\nf()", {"len"}),
        ("lambda x: x + base", {"base"}),
        ("[a * k for a in alphas if a > low]", {"alphas", "k", "low"}),
        ("{k: v for k, v in pairs}", {"pairs"}),
        (
            "class C(Base, metaclass=Meta):\n    x = outside\n    def m(self): return self.x, y, x\nC()",
            {"Base", "Meta", "outside", "x", "y"},
        ),
        ("class C:\n    def m(self): return y", set()),
        ("@register\nclass C:\n    def m(self): return y", {"register", "y"}),
        ("class C:\n    x = x\n    z = x\n    t = [x for _ in z]", {"x"}),
        ("def f():\n    return [x for x in xs if (seen := x)] and seen\nf()", {"xs"}),
        ("def f(a: T) -> U: pass", {"T", "U"}),
        ("@wrap(1)\ndef f(): pass", {"wrap"}),
        ("def f():\n    global n\n    n = n + 1\nf()", {"n"}),
        ("for i in xs:\n    print(i)", {"xs", "print"}),
        ("try:\n    f()\nexcept E as e:\n    log(e)", {"f", "E", "log"}),
        ("x = f'{a:{w}}'", {"a", "w"}),
        ("del a", set()),
        ("async def f(): return [x async for x in stream]\nawait f()", {"stream"}),
        ("def f():\n    import os\n    try: pass\n    except E as e: return os, e\nf()", {"E"}),
    ],
)
def test_names_that_a_cell_takes_from_outside(cell, reads):
    assert set(source(cell).reads) == reads


def test_what_stands_in_a_branch_may_not_have_run():
    cell = "a = 1\nif a:\n    b = 2\nelse:\n    c = 3\nwhile a: d = 4\ntry: e = 5\nfinally: f = 6\nwith x: g = 7"
    conditional = {each.name: each.conditional for each in source(cell).assignments}
    assert conditional == {"a": False, "b": True, "c": True, "d": True, "e": True, "f": True, "g": False}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="except* came with Python 3.11")
def test_exception_groups_are_branches_too():
    (found,) = source("try:\n    a = 1\nexcept* ValueError:\n    pass").assignments
    assert found.conditional


def test_keyword_constants_know_what_is_called():
    found = source("m = lib.models.Tree(depth=3, **more, seed=s)\nmake()(alpha=0.5)\nm.fit(X).tune(rate=1e-2)").keywords
    assert [(each.callee, each.root, each.name, each.value, each.expression) for each in found] == [
        ("Tree", "lib", "depth", 3, "3"),
        ("tune", "m", "rate", 0.01, "1e-2"),
    ]
    assert [each.path for each in found] == ["lib.models.Tree", ""]


def test_arguments_by_place_count_up_to_a_star():
    found = source("cfg = Config(0.1, x, 'a', *rest, 7)").positionals
    assert [(each.callee, each.place, each.value, each.given_to) for each in found] == [
        ("Config", 0, 0.1, "cfg"),
        ("Config", 2, "a", "cfg"),
    ]


def test_calls_inside_count_where_the_cell_uses_what_they_stand_in():
    cell = "def used():\n    return [lib.Tree(depth=3, rate=r) for r in rs]\ndef unused(): lib.Tree(size=4)\nused()"
    assert [(each.name, each.inner) for each in source(cell).keywords] == [("depth", True)]
    assert [(each.name, each.inner) for each in source("[f(x, a=1) for x in xs]").keywords] == [("a", False)]


@pytest.mark.parametrize(
    ("cell", "sweeps"),
    [
        ("for lr in [0.1, 0.01]: pass", {"lr": [0.1, 0.01]}),
        ("for lr, wd in [(0.1, 0), (0.01, 1)]: pass", {"lr": [0.1, 0.01], "wd": [0, 1]}),
        ("for k in (1, 3, 5): pass", {"k": [1, 3, 5]}),
        ("for i, k in enumerate((1, 3)): pass", {"k": [1, 3]}),
        ("for a, b in zip([1, 2], 'x'): pass", {"a": [1, 2]}),
        ("for a, b in itertools.product([1, 2], [3, 4]): pass", {"a": [1, 2], "b": [3, 4]}),
        ("for a in tqdm([1, 2], leave=False): pass", {"a": [1, 2]}),
        ("[f(c) for c in [0.1, 1]]", {"c": [0.1, 1]}),
        ("for i in range(3): pass", {}),
        ("for i in [0, 1, 2]: pass", {}),
        ("for x in xs: pass", {}),
        ("for a, b in [(1, x)]: pass", {}),
        ("for a, b in [(1, 2), (3,)]: pass", {}),
    ],
)
def test_loops_over_constants(cell, sweeps):
    assert {each.name: each.values for each in source(cell).sweeps} == sweeps


def test_loops_over_spaced_numbers():
    (found,) = source("for c in np.logspace(-3, 0, num=4): pass").sweeps
    assert found.expression == "np.logspace(-3, 0, num=4)"


def test_texts_made_from_constants():
    found = source(
        "lr = 0.1\nname = f'run-{lr:.2f}'\nother = f'{unknown}'\nif lr:\n    n = 3\nlabel = f'{n}'"
    ).assignments
    assert [(each.name, each.how, each.value) for each in found if each.name in ("name", "other", "label")] == [
        ("name", "constant", "run-0.10"),
        ("other", "computed", NOT_CONSTANT),
        ("label", "computed", NOT_CONSTANT),
    ]


def test_names_that_are_given_to_calls():
    assert set(source("a = f(x, y=z[i])\nw.mean()\nb = c + d").given) == {"x", "z", "i", "w"}


def test_expressions_are_as_they_were_written_in_one_short_line():
    found = {
        each.name: each.expression
        for each in source(
            'a = 1e-3\nb = f(x,\n      "é",\n      y)\nc = (  # why\n  g)\nd = ["'
            + "x" * 300
            + '"]\ne, h = 1_000, 0x1F\n'
        ).assignments
    }
    assert found["a"] == "1e-3"
    assert found["b"] == 'f(x, "é", y)'
    assert found["c"] == "g"
    assert found["d"] == '["' + "x" * 197 + "…"
    assert (found["e"], found["h"]) == ("1_000", "0x1F")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_kind(end):
    found = CellSource(end.join(["a = 1", "", "b = f(", "  2)"]))
    assert [(each.name, each.line, each.expression) for each in found.assignments] == [
        ("a", 1, "1"),
        ("b", 3, "f( 2)"),
    ]


def test_lines_count_from_where_the_person_sees_them():
    (found,) = CellSource("a = f()", line_offset=3).assignments
    assert found.line == 4


@pytest.mark.parametrize("magic", ["time", "capture out", "prun -q"])
def test_the_body_of_a_cell_magic_counts_as_if_bare(magic):
    found = source(f"%%{magic}\nlr = 0.1\n!ls\nloss = lr * 2\nloss")
    assert [(each.name, each.line) for each in found.assignments] == [("lr", 2), ("loss", 4)]
    assert found.last_expression is not None


@pytest.mark.parametrize("cell", ["%%bash\nlr=0.1", "%%writefile x.py\nlr = 0.1", "%%html\n<b>", "", "# nothing"])
def test_other_cells_set_nothing(cell):
    assert assigned(cell) == []


def test_a_timed_statement_counts_as_if_bare():
    found = source("%time loss = f(x)\nacc = 1")
    assert [(each.name, each.line, each.expression) for each in found.assignments] == [
        ("loss", 1, "f(x)"),
        ("acc", 2, "1"),
    ]
    assert {"f", "x"} <= set(found.reads)


@pytest.mark.parametrize(
    ("cell", "only"),
    [
        ("import os\nfrom a import b\n%matplotlib inline\ndef f(): pass\nclass C: pass", True),
        ("", True),
        ("x = 1", False),
        ("f()", False),
    ],
)
def test_a_cell_that_only_defines(cell, only):
    assert source(cell).only_defines is only


@pytest.mark.parametrize("text", ["x = ", "def", "x = 'a"])
def test_what_is_no_python_is_a_syntax_error(text):
    with pytest.raises(SyntaxError):
        CellSource(text)


def test_a_table_of_numbers_is_not_read_twice_over():
    """Hundred thousand numbers written into a cell must not hold it up: nothing here is quadratic."""
    table = ",\n".join(map(str, range(100_000)))
    (found,) = CellSource(f"data = [{table}]").assignments
    assert found.expression.startswith("[0, 1, 2, 3")
    assert len(found.expression) == 200
