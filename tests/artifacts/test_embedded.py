"""Files embedded in a text: taken out and written in again, byte for byte."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_track.artifacts.embedded import MARK, embedded_size, take_out, write_in

PICTURE = bytes(range(256)) * 40


def put_back(text, taken):
    parts = text.split(MARK)
    assert len(parts) == len(taken) + 1
    return b"".join(part + file for part, file in zip(parts, [*map(write_in, taken), b""], strict=True))


@pytest.mark.parametrize(
    "form",
    [
        '"{}"', '  "image/png": "{}",\n', '"image/png": "{}\\n"', '<img src=\\"data:image/png;base64,{}\\">',
        "{}", "a\n{}\nb", '["{}", "{}"]',
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [10_000, 10_001, 10_002])
def test_a_picture_is_taken_out_of_a_text(form, size):
    data = form.replace("{}", base64.b64encode(PICTURE[:size]).decode()).encode()
    text, taken = take_out(data)
    assert taken == [PICTURE[:size]] * form.count("{}")
    assert len(text) < 100
    assert put_back(text, taken) == data
    assert len(write_in(taken[0])) == embedded_size(size)


@pytest.mark.parametrize(
    "text",
    [
        "A" * 4_095,
        "a" * 5_001,  # No number of characters that base64 has.
        base64.b64encode(PICTURE).decode()[:-3] + "//==",  # Bits at the end that nobody would write.
        base64.encodebytes(PICTURE).decode(),
        "the quick brown fox " * 1_000,
    ],
)
def test_what_would_not_be_written_again_the_same_stays(text):
    data = json.dumps({"text": text}).encode()
    assert take_out(data) == (data, [])


def test_what_is_no_text_is_told():
    assert take_out(b"\x89PNG\0") is None
    assert take_out(b"a" + MARK + b"b") is None


long = st.binary(min_size=3_100, max_size=3_200).map(lambda data: base64.b64encode(data))


@given(st.lists(long | st.binary(max_size=30) | st.sampled_from([b'"', b"\n", b"=", b"=="]), max_size=6).map(b"".join))
def test_any_text_comes_back(data):
    found = take_out(data)
    if found is None:
        assert b"\0" in data or b"\1" in data
    else:
        assert put_back(*found) == data
