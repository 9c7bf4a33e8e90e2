"""How requests are read: as leniently as MLflow's server does, and no more."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jupyter_track.entities import InvalidParameterValue, Param, ViewType
from jupyter_track.wire import Choice, Field, Integer, Number, Object, Step, Tags, Text, Time, Version, decode_fields

NAME = Field("name", required=True)


def decode(kind, value, **settings):
    return decode_fields([Field("field", kind, **settings)], {"field": value})["field"]


def refusal(*fields, request):
    with pytest.raises(InvalidParameterValue) as refused:
        decode_fields(fields, request)
    return str(refused.value)


@pytest.mark.parametrize("value", ["a", "é", "a\nb", "\U0001f600", " "])
def test_text(value):
    assert decode(Text(), value) == value


@pytest.mark.parametrize(
    ("value", "shown", "kind"),
    [
        (3, "3", "int"),
        (True, "true", "bool"),
        (["a"], '["a"]', "list"),
        ({"b": 1, "a": 2}, '{"a":2,"b":1}', "dict"),
        ("a\0b", '"a\\u0000b"', "str"),
        ("\ud800", '"\\ud800"', "str"),
    ],
)
def test_what_is_no_text_is_refused_with_what_it_was(value, shown, kind):
    assert refusal(NAME, request={"name": value}) == (
        f"Invalid value {shown} for parameter 'name' supplied:  Hint: Value was of type '{kind}'. "
        "See the API docs for more information about request parameters."
    )


def test_a_refusal_does_not_echo_a_whole_upload():
    assert len(refusal(NAME, request={"name": ["x" * 1_000_000]})) < 500


@pytest.mark.parametrize("missing", [{}, {"name": None}, {"name": ""}, {"name": []}])
def test_a_required_field_that_is_missing(missing):
    assert refusal(NAME, request=missing) == (
        "Missing value for required parameter 'name'. See the API docs for more information about request parameters."
    )


@pytest.mark.parametrize("value", [1, 50, "50", "+50", 50.0, "050"])
def test_page_sizes(value):
    assert decode(Integer(50), value) in (1, 50)


@pytest.mark.parametrize(
    "value", [51, "51", 1.5, "1.5", "", "x", True, [1], {}, 10**30, "9" * 25, float("inf"), float("nan"), "\uff11"]
)
def test_what_is_no_page_size(value):
    with pytest.raises(InvalidParameterValue, match="Invalid value"):
        decode(Integer(50), value)


@pytest.mark.parametrize("value", [0, "0", -1, "-5", 0.0])
def test_a_page_of_nothing_is_refused(value):
    with pytest.raises(InvalidParameterValue, match="It must be a positive integer"):
        decode(Integer(50), value)


@pytest.mark.parametrize(("value", "version"), [("1", 1), (3, 3), ("-1", -1), (2.0, 2)])
def test_versions_are_strings_on_the_wire_and_numbers_in_here(value, version):
    assert decode(Version(), value) == version


@pytest.mark.parametrize("value", ["abc", "1.5", 1.5, True, [], {}, "9" * 12, 2**31, "a\nb", "\ud800", "x" * 10_000])
def test_what_is_no_version(value):
    said = refusal(Field("version", Version()), request={"version": value})
    assert said.startswith("Parameter 'version' must be an integer, got '")
    assert len(said.encode().splitlines()) == 1
    assert len(said) < 300


@pytest.mark.parametrize("value", ["DELETED_ONLY", 2, "2"])
def test_an_enumeration_by_name_or_by_number(value):
    assert decode(Choice(ViewType), value) is ViewType.DELETED_ONLY


@pytest.mark.parametrize("value", ["", "deleted_only", "x", 0, 4, -1, True, 1.5, [], {}])
def test_what_is_no_member_of_an_enumeration(value):
    with pytest.raises(InvalidParameterValue):
        decode(Choice(ViewType), value)


def test_tags_become_a_dict_of_which_the_last_value_counts():
    tags = [{"key": "a", "value": "1"}, {"key": "b"}, {"key": "a", "value": "2", "unknown": 3}]
    assert decode(Tags(), tags) == {"a": "2", "b": ""}


@pytest.mark.parametrize(
    ("tags", "path"),
    [
        ("a", "'field'"),
        ({"key": "a"}, "'field'"),
        (["a"], r"'field\[0\]'"),
        ([{"value": "a"}], r"'field\[0\].key'"),
        ([{"key": "a"}, {"key": 3}], r"'field\[1\].key'"),
        ([{"key": "a", "value": 3}], r"'field\[0\].value'"),
    ],
)
def test_a_wrong_tag_is_told_by_its_place(tags, path):
    with pytest.raises(InvalidParameterValue, match=path):
        decode(Tags(), tags)


def test_repeated_fields_are_lists():
    order = Field("order_by", repeated=True)
    assert decode_fields([order], {"order_by": ["a", "b"]}) == {"order_by": ["a", "b"]}
    assert decode_fields([order], {}) == decode_fields([order], {"order_by": None}) == {"order_by": []}
    assert "order_by[1]" in refusal(order, request={"order_by": ["a", 3]})
    assert "order_by" in refusal(order, request={"order_by": "a"})


def test_what_a_request_leaves_out():
    fields = [
        Field("size", Integer(), default=100),
        Field("token"),
        Field("none", Integer(), default=None),
        Field("tags", Tags(), default=[]),
    ]
    expected = {"size": 100, "token": "", "none": None, "tags": {}}
    assert decode_fields(fields, {"unknown": 1}) == expected
    assert decode_fields(fields, dict.fromkeys(expected)) == expected
    first = decode_fields(fields, {})["tags"]
    first["changed"] = "1"
    assert decode_fields(fields, {})["tags"] == {}


def test_an_older_name_is_understood_and_the_newer_one_wins():
    run_id = Field("run_id", required=True, alias="run_uuid")
    assert decode_fields([run_id], {"run_uuid": "old"}) == {"run_id": "old"}
    assert decode_fields([run_id], {"run_uuid": "old", "run_id": "new"}) == {"run_id": "new"}
    assert "'run_id'" in refusal(run_id, request={"run_uuid": ""})


PARAM = Object((Field("key", required=True), Field("value")), Param)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1, 1.0),
        (0.5, 0.5),
        ("1.5", 1.5),
        (True, 1.0),
        ("Infinity", math.inf),
        ("-Infinity", -math.inf),
        (2**64, 2.0**64),
    ],
)
def test_a_number(value, number):
    assert decode(Number(), value) == number
    assert math.isnan(decode(Number(), "NaN"))


@pytest.mark.parametrize("value", ["x", "", {}, [1], 10**400])
def test_what_is_no_number_is_refused(value):
    assert "parameter 'n'" in refusal(Field("n", Number()), request={"n": value})


def test_a_time_is_not_before_1970():
    assert decode(Time(), "0") == 0
    assert decode(Time(), 2**63 - 1) == 2**63 - 1
    for value in (-1, "-1", 2**63, 0.5, True, "now"):
        assert "parameter 't'" in refusal(Field("t", Time()), request={"t": value})


def test_an_object_is_read_into_its_entity():
    assert decode(PARAM, {"key": "a", "unknown": 1}) == Param("a", "")
    assert decode(PARAM, [{"key": "a", "value": "1"}, {"key": "b"}], repeated=True) == [Param("a", "1"), Param("b", "")]


@pytest.mark.parametrize(
    ("value", "where"),
    [([1], "'p[0]'"), ([{"key": "a"}, {}], "'p[1].key'"), ([{"key": "a", "value": 1}], "'p[0].value'")],
)
def test_what_is_wrong_in_an_object_is_named_with_its_place(value, where):
    assert where in refusal(Field("p", PARAM, repeated=True), request={"p": value})


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3),
    max_leaves=6,
)


@example(Version(), "a\nb")
@given(
    st.sampled_from([Text(), Integer(), Step(), Time(), Number(), Version(), Choice(ViewType), Tags(), PARAM]), _json
)
def test_whatever_is_sent_is_read_or_refused_in_one_line(kind, value):
    try:
        decoded = decode(kind, value)
    except InvalidParameterValue as error:
        said = str(error)
    else:
        said = ""
        assert decoded is not None or value is None
    assert "\n" not in said
    assert len(said.encode()) < 1_000
