"""What is constant in the text of a cell."""

import ast

import pytest

from jupyter_track.analysis.constants import NOT_CONSTANT, constant_settings, constant_value


def expression(text):
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-1.5", -1.5),
        ("+2", 2),
        ("None", None),
        ("True", True),
        ("'a' 'b'", "ab"),
        ("b'x'", b"x"),
        ("(1, [2, {'a': 3}])", (1, [2, {"a": 3}])),
        ("set()", set()),
        ("1 + 2j", 1 + 2j),
        ("2 ** 10", 1024),
        ("-(3 + 4) * 2", -14),
        ("1e-3 / 2", 5e-4),
        ("7 // 2", 3),
        ("7 % 4", 3),
        ("10 - 2 * 3", 4),
        ("[1, 2 * 3, (4 - 1,)]", [1, 6, (3,)]),
        ("{'a': 60 * 60}", {"a": 3600}),
        ("[32] * 3", [32, 32, 32]),
        ("'a' + 'b'", "ab"),
        ("f'{1}-{0.25:.1%}-{\"x\"!r}'", "1-25.0%-'x'"),
        ("float('inf')", float("inf")),
        ("-np.inf", float("-inf")),
        ("2 * math.pi", 6.283185307179586),
    ],
)
def test_what_is_written_out(text, value):
    found = constant_value(expression(text))
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "x + 1",
        "f(1)",
        "[x]",
        "{'a': x}",
        "f'{x}'",
        "f'{1:9999}'",
        "'a' + 1",
        "np.random",
        "float(x)",
        "'a' * 10 ** 9",
        "[0] * 10 ** 9",
        "1 / 0",
        "0 ** -1",
        "9 ** 9 ** 9",
        "10 ** 65",
        "10 ** 19 * 10 ** 19 * 10 ** 19",
        "1e308 * 10",
        "1 << 10 ** 9",
        "{[]: 1}",
        "-'a'",
        "1 if True else 2",
        "lambda: 1",
        "not True",
    ],
)
def test_what_has_to_be_run_or_would_take_long_is_none(text):
    assert constant_value(expression(text)) is NOT_CONSTANT


def test_a_long_sum_is_given_up():
    assert constant_value(expression(" + ".join(["1"] * 900))) in (900, NOT_CONSTANT)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'a': 1, 'b': x}", {"a": 1}),
        ("{'a': {'b': 1, 'c': x}, 'd': {'e': x}}", {"a": {"b": 1}}),
        ("dict(a=1, b=x, **more)", {"a": 1}),
        ("{**more, 'a': dict(b=[1, 2])}", {"a": {"b": [1, 2]}}),
        ("{1: 2}", NOT_CONSTANT),
        ("{'a': x}", NOT_CONSTANT),
        ("dict(pairs)", NOT_CONSTANT),
        ("x.dict(a=1)", NOT_CONSTANT),
        ("[1, x]", NOT_CONSTANT),
    ],
)
def test_what_is_constant_in_settings(text, value):
    assert constant_settings(expression(text)) == value
