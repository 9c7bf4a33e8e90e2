"""What two outputs say, without what is another in every run."""

from __future__ import annotations

import pytest

from jupyter_track.reproduce.texts import apart, first_difference, same_number, unified

TOLERANCE = 1e-6


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<object at 0x7f3a2c0b1d90>", "<object at 0x7fffffffffff>"),
        ("took 3.2 s", "took 11 s"),
        ("took 12 ms, 4.5 µs each", "took 9 ms, 5 µs each"),
        ("CPU times: user 2 ms, sys: 0 ns\nWall time: 1 s", "CPU times: user 9 ms, sys: 1 ms\nWall time: 2 s"),
        ("1.2 ms ± 3 µs per loop (mean ± std. dev.)", "5 ms ± 9 µs per loop (mean ± std. dev.)"),
        ("2026-11-24 10:00:01,123 INFO done", "2027-01-01 23:59:59,999 INFO done"),
        ("100%|██| 5/5 [00:01<00:00, 50.2it/s]", "100%|██| 5/5 [00:09<00:00,  8.1it/s]".replace("  8.1", " 8.1")),
        ("run 0123456789abcdef0123456789abcdef", "run fedcba9876543210fedcba9876543210"),
        ("saved to /tmp/tmpab12/x.csv", "saved to /tmp/tmpzz99/x.csv"),
        ("10%\r50%\r100%\n", "20%\r100%\n"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("loss: 0.30000000000000004", "loss: 0.3"),
        ("line  \n\n", "line"),
    ],
)
def test_what_varies_is_no_difference(before: str, after: str) -> None:
    assert first_difference(before, after, TOLERANCE) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("loss: 0.3", "loss: 0.31"),
        ("epoch 3", "epoch 4"),
        ("accuracy 0.9", "precision 0.9"),
        ("one\ntwo", "one"),
        ("", "something"),
        ("[1, 2, 3]", "[1, 2]"),
        ("label a1", "label a2"),
        ("step 5 of 10", "step 6 of 10"),
    ],
)
def test_what_says_something_else_is_a_difference(before: str, after: str) -> None:
    assert first_difference(before, after, TOLERANCE) is not None
    assert first_difference(after, before, TOLERANCE) is not None


def test_the_first_lines_that_differ_are_told() -> None:
    assert first_difference("a\nx = 1\nb", "a\nx = 2\nc", TOLERANCE) == ("x = 1", "x = 2")


def test_numbers_are_compared_by_the_greater_one() -> None:
    assert same_number(1e9, 1e9 + 1, TOLERANCE)
    assert not same_number(1.0, 1.00001, TOLERANCE)
    assert not same_number(0.0, 1e-300, TOLERANCE)
    assert same_number(float("nan"), float("nan"), TOLERANCE)
    assert same_number(float("inf"), float("inf"), TOLERANCE)
    assert not same_number(float("inf"), 1e308, TOLERANCE)
    assert not same_number(float("inf"), float("-inf"), 1.0)


def test_two_numbers_are_written_so_that_one_can_tell_them_apart() -> None:
    assert apart(0.91, 0.93) == ("0.91", "0.93")
    assert apart(0.912345671, 0.912345679) == ("0.912345671", "0.912345679")
    assert apart(1.0, 1.0 + 2**-52) == ("1.0", "1.0000000000000002")


def test_a_unified_diff_has_no_heading_and_is_empty_for_what_is_the_same() -> None:
    assert unified("a\nb", "a\nb") == []
    assert unified("a\nb", "a\nc") == ["@@ -1,2 +1,2 @@", " a", "-b", "+c"]
