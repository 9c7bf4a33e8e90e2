"""The first rule that finds a name has it."""

from dataclasses import replace

from jupyter_track.capture.captured import CapturedParam, Skipped
from jupyter_track.capture.rules.merging import first_finds


def param(key, rule="one", value="1"):
    return CapturedParam(key, value, rule, 1, "")


LEFT_OUT = Skipped("a", "one", 1, "data")


def test_the_first_under_a_name_is_kept_and_what_is_left_out_is_put_aside():
    found = [param("a"), LEFT_OUT, param("b", "two"), param("a", "two", "2"), param("b", "two", "3")]
    assert first_finds(found) == ({"a": param("a"), "b": param("b", "two")}, [LEFT_OUT])


def test_what_is_known_is_not_found_again():
    assert first_finds([param("a"), param("B"), param("c")], known=["A", "b"], alike=str.lower) == (
        {"c": param("c")},
        [],
    )


def test_names_that_are_alike_are_one_for_different_rules_only():
    found = [param("n"), param("N"), param("N", "two"), param("n", "two")]
    assert list(first_finds(found)[0]) == ["n", "N"]
    assert list(first_finds(found, alike=str.lower)[0]) == ["n", "N"]
    assert list(first_finds([param("n"), param("N", "two")], alike=str.lower)[0]) == ["n"]


def test_a_second_find_may_have_a_name_of_its_own():
    def second(first, other):
        return replace(other, key=f"call.{other.key}") if other.value != first.value else None

    found = [param("n"), param("n", "two"), param("n", "two", "2"), param("n", "two", "3")]
    assert first_finds(found, second=second)[0] == {"n": param("n"), "call.n": param("call.n", "two", "2")}
