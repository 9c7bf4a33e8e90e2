"""Which names a scope takes from around itself, held against Python's own table of symbols."""

import ast
import symtable

from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_track.analysis.scopes import COMPREHENSION, FUNCTION, free_names

NAMES = st.sampled_from(["a", "b", "c", "d"])


def _indented(text):
    return "\n".join(f"    {line}" for line in text.splitlines())


def _expressions():
    leaves = NAMES | st.just("1")
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(inner, inner).map(lambda pair: f"({pair[0]} + {pair[1]})"),
            st.tuples(NAMES, inner, inner).map(lambda part: f"[{part[1]} for {part[0]} in {part[2]}]"),
            st.tuples(NAMES, NAMES, inner, inner).map(
                lambda part: f"{{{part[0]}: {part[2]} for {part[0]} in {part[3]} for {part[1]} in {part[0]}}}"
            ),
            st.tuples(NAMES, NAMES, inner).map(lambda part: f"(lambda {part[0]}, x={part[1]}: {part[2]})"),
            st.tuples(NAMES, NAMES).map(lambda pair: f"{pair[0]}.{pair[1]}({pair[1]}={pair[0]})"),
        ),
        max_leaves=5,
    )


def _statements():
    simple = st.one_of(
        st.tuples(NAMES, _expressions()).map(lambda part: f"{part[0]} = {part[1]}"),
        st.tuples(NAMES, _expressions()).map(lambda part: f"{part[0]} += {part[1]}"),
        _expressions(),
        NAMES.map(lambda name: f"import {name}"),
        NAMES.map(lambda name: f"del {name}"),
        st.tuples(NAMES, NAMES).map(lambda pair: f"({pair[0]} := {pair[1]})"),
        st.tuples(NAMES, NAMES).map(lambda pair: f"try: pass\nexcept {pair[0]} as {pair[1]}: pass"),
    )
    return st.recursive(
        simple,
        lambda inner: st.one_of(
            st.tuples(NAMES, _expressions(), inner).map(
                lambda part: f"for {part[0]} in {part[1]}:\n{_indented(part[2])}"
            ),
            st.tuples(NAMES, NAMES, _expressions(), inner, inner).map(
                lambda part: f"def {part[0]}({part[1]}, x={part[2]}):\n{_indented(part[3])}\n{_indented(part[4])}"
            ),
            st.tuples(NAMES, NAMES, inner, inner).map(
                lambda part: f"class {part[0]}({part[1]}):\n{_indented(part[2])}\n{_indented(part[3])}"
            ),
            st.tuples(NAMES, inner).map(lambda part: f"def {part[0]}():\n    global {part[0]}\n{_indented(part[1])}"),
            st.tuples(inner, inner).map("\n".join),
        ),
        max_leaves=8,
    )


def _taken(table):
    """Return the names that a scope and those in it take from the module, by Python's own account."""
    names = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global() and symbol.is_referenced()}
    return names.union(*(_taken(child) for child in table.get_children()))


@settings(max_examples=400, deadline=None)
@given(st.lists(_statements(), min_size=1, max_size=4).map("\n".join))
def test_as_python_resolves_names(body):
    program = f"def outermost():\n{_indented(body)}"
    try:
        (table,) = symtable.symtable(program, "cell", "exec").get_children()
    except SyntaxError:
        return  # Such as a global that was used before it was declared.
    (function,) = ast.parse(program).body
    found = {name.id for name in free_names(function)}
    expected = _taken(table)
    # The body of a class may take a name from outside that it binds later: only running it would tell.
    in_classes = {
        name.id
        for node in ast.walk(function)
        if isinstance(node, ast.ClassDef)
        for name in ast.walk(node)
        if isinstance(name, ast.Name)
    }
    # Of `global a; a += 1` it only says that a is set.
    updated = {node.target.id for node in ast.walk(function) if isinstance(node, ast.AugAssign)}
    assert expected <= found
    assert found - expected <= in_classes | updated


def test_names_are_found_where_they_are_used():
    (function,) = ast.parse("def f(a):\n    b = a + c\n    return [d for d in b if d > e]").body
    assert [(each.id, each.lineno, each.col_offset) for each in free_names(function)] == [("c", 2, 12), ("e", 3, 32)]


def test_every_kind_of_scope():
    kinds = {type(node) for node in ast.walk(ast.parse("async def f(): return [lambda: 1 for _ in {1 for _ in x}]"))}
    assert kinds & {*FUNCTION, *COMPREHENSION} == {ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp}
