"""Names that are told from scores by what is done with them, and not by how they are called."""

import pytest

from jupyter_track.capture.loops.curves import LOOKED_UP

from .running import Notebook


def watched(cell):
    told = Notebook().run(cell, watched=True)
    assert (told.error, told.watch.notes) == (None, [])
    return told


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("worth += 1 if e % 2 else -1", "a counter, not a score"),
        ("worth = worth - 1", "a counter, not a score"),
        ("worth = start", "a copy of what was there before, not a score"),
        ("entry = things[e]", LOOKED_UP),
        ("at = e * start + len(things)", "it tells how far the loop is, and is no score"),
    ],
)
def test_what_is_printed_and_no_score_is_left_out_with_the_reason(line, reason):
    name = line.split()[0]
    told = watched(f"things = range(99)\nstart = worth = 5\nfor e in range(3):\n    {line}\n    print({name})")
    assert (told.curves, told.skipped.get(name)) == ({}, reason)


@pytest.mark.parametrize(
    "line",
    [
        "worth += 1 if e % 2 else -e",
        "worth = worth - worth / 2",
        "worth = things[e]; things[e] = 0",
        "worth = made = e / 2; made = worth; worth = made",
        "worth = e * worth + len(things)",
    ],
)
def test_what_the_loop_computes_and_prints_is_a_curve(line):
    told = watched(f"things = list(range(99))\nworth = 5\nfor e in range(3):\n    {line}\n    print(worth)")
    assert len(told.curves["worth"]) == 3


@pytest.mark.parametrize("line", ["ret += r", "ret = ret + r", "ret = r + ret", "done, ret = False, ret + r"])
def test_a_sum_is_a_point_of_the_loop_that_begins_it_anew(line):
    cell = f"kept = []\nfor e in range(2):\n    ret = 0\n    for r in (1, 2 + e):\n        {line}\n    kept.append(ret)"
    assert watched(cell).curves == {"ret": [(0, 3), (1, 4)]}


def test_what_goes_into_a_list_that_is_begun_anew_is_a_part_of_something_else():
    cell = (
        "for e in range(2):\n    rewards = []\n    for b in range(2):\n        reward = b / 2\n"
        "        rewards.append(reward)\n    score = sum(rewards)"
    )
    told = watched(cell)
    assert told.curves == {"score": [(0, 0.5), (1, 0.5)]}
    assert told.skipped["reward"] == "it goes into other values, and is neither shown nor kept"


def test_a_comparison_that_chooses_a_text_says_nothing_of_a_name():
    cell = "for e in range(3):\n    share = e / 2\n    color = 'white' if share > 0.6 else 'black'"
    assert watched(cell).curves == {}
    assert len(watched(cell.replace("'white'", "1")).curves["share"]) == 3
