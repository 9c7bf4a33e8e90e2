"""The first line of a tracked cell: what is read from it, and what is left to IPython."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.error import UsageError
from IPython.core.inputtransformer2 import TransformerManager, leading_indent

from jupyter_track.capture.options import TrackOptions
from jupyter_track.magics.first_line import FirstLine, options_of_cell, parse_options


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("", {}),
        ("   ", {}),
        ("--name baseline", {"name": "baseline"}),
        ("-n baseline", {"name": "baseline"}),
        ("--name=baseline", {"name": "baseline"}),
        ("--name 'my first run'", {"name": "my first run"}),
        ('--name "my first run"', {"name": "my first run"}),
        ('--name="my first run"', {"name": "my first run"}),
        ('--name "it\'s"', {"name": "it's"}),
        ("--name ünï", {"name": "ünï"}),
        ('--name ""', {"name": ""}),
        ("--experiment iris", {"experiment": "iris"}),
        ("--tag stage=draft --tag a=b=c", {"tags": {"stage": "draft", "a": "b=c"}}),
        ("--tag empty=", {"tags": {"empty": ""}}),
        ("--tag note='two words'", {"tags": {"note": "two words"}}),
        ("--param lr", {"params": {"lr": None}}),
        ("--param lr=0.1 --param 'b=two words'", {"params": {"lr": "0.1", "b": "two words"}}),
        ("--param lr=", {"params": {"lr": ""}}),
        ("--param path=C:\\data\\new", {"params": {"path": "C:\\data\\new"}}),
        ("--metric acc", {"metrics": {"acc": "acc"}}),
        ("--metric acc=(y==p).mean()", {"metrics": {"acc": "(y==p).mean()"}}),
        ('--metric "acc=sum(a) / len(a)"', {"metrics": {"acc": "sum(a) / len(a)"}}),
        ("--metric acc='sum(a) / 2'", {"metrics": {"acc": "sum(a) / 2"}}),
        ("--metric acc=scores['two words']", {"metrics": {"acc": "scores['two words']"}}),
        ("--metric acc='a'+'b'", {"metrics": {"acc": "'a'+'b'"}}),
        ("--exclude a --exclude b --exclude a", {"exclude": frozenset({"a", "b"})}),
        ("--dry-run", {"dry_run": True}),
        ("--dry", {"dry_run": True}),
        ("--log-model", {"log_model": ""}),
        ("--log-model model", {"log_model": "model"}),
        ("--log-model --dry-run", {"log_model": "", "dry_run": True}),
        (
            "--name a --experiment b --tag c=d --param e=f --metric g=h --exclude i --dry-run --log-model j",
            {
                "name": "a",
                "experiment": "b",
                "tags": {"c": "d"},
                "params": {"e": "f"},
                "metrics": {"g": "h"},
                "exclude": frozenset({"i"}),
                "dry_run": True,
                "log_model": "j",
            },
        ),
    ],
)
def test_options(line, options):
    assert parse_options(line) == TrackOptions(**options)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--bogus", "unrecognized arguments: --bogus"),
        ("baseline", "unrecognized arguments: baseline"),
        ("--name a b", "unrecognized arguments: b"),
        ("--name a # a note", "unrecognized arguments: # a note"),
        ("--name", "argument --name/-n: expected one argument"),
        ("--name " + "x" * 251, "has 251 characters; at most 250 are allowed"),
        ("--dry-run=yes", "argument --dry-run: ignored explicit argument 'yes'"),
        ("--tag stage", "Invalid tag 'stage': write KEY=VALUE"),
        ("--tag =x", "Invalid tag name ''"),
        ("--tag a@b=x", "Invalid tag name 'a@b'"),
        ("--param ../x=1", "Invalid param name '../x'"),
        ("--param " + "x" * 251, "has 251 characters; at most 250 are allowed"),
        ("--param a=" + "x" * 6001, "has 6001 characters; at most 6000 are allowed"),
        ("--metric =x", "Invalid metric name ''"),
        ("--metric acc=", "Invalid metric 'acc=': write NAME or NAME=EXPRESSION"),
        ('--experiment " "', "Invalid experiment name ' ': it must not be blank"),
        ('--name "open', "a quote is not closed in '\"open'"),
        ("--name it's", 'a quote is not closed in "it\'s"'),
        ("--tag 100%", "Invalid tag '100%': write KEY=VALUE"),
        ("-h", "unrecognized arguments: -h"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(line, said):
    with pytest.raises(UsageError) as error:
        parse_options(line)
    message = str(error.value)
    assert said in message
    assert message.startswith("%%track: ")
    assert message.endswith(". '%%track?' explains the options.")
    assert "\n" not in message
    assert ".." not in message.replace("../x", "").replace("...", "").replace("'..'", "")


@given(st.text())
def test_whatever_stands_there_is_read_or_told(line):
    try:
        options = parse_options(line)
    except UsageError as error:
        said = str(error)
    else:
        said = ""
        assert isinstance(options, TrackOptions)
    assert "\n" not in said


_quotable = st.text().filter(lambda text: '"' not in text or "'" not in text)


@given(_quotable)
def test_any_text_can_be_given_in_quotes(text):
    quote = "'" if '"' in text else '"'
    assert parse_options(f"--tag k={quote}{text}{quote}").tags == {"k": text}


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        ("%%track", {}),
        ("%%track\n", {}),
        ("%%track\nx = 1", {}),
        ("%%track   \nx = 1", {}),
        ("%%track\r\nx = 1\r\n", {}),
        ("%%track --name a\r\nx = 1", {"name": "a"}),
        ("%%track\t--name a\nx", {"name": "a"}),
        ("\n\n%%track --name a\nx", {"name": "a"}),
        ("   %%track --name a\n   x", {"name": "a"}),
        ("%%track --name ü\nx", {"name": "ü"}),
        ("%%track\n# only a comment", {}),
        ("%%track --dry-run\n%%time\nx", {"dry_run": True}),
    ],
)
def test_cells_that_are_tracked(cell, options):
    assert options_of_cell(cell) == TrackOptions(**options)


@pytest.mark.parametrize(
    "cell",
    [
        "", "x = 1", "%track", "%%tracker", "%%trackx --name a", "%%track?", "%%track??", "%%track;", "%% track",
        "# %%track", "x = 1\n%%track", "%%time\n%%track\nx", "'%%track'", "%%track --bogus\nx",
        '%%track --name "a\nb"\nx', "%%track--name a", "?%%track",
    ],
)  # fmt: skip
def test_cells_that_are_not(cell):
    assert options_of_cell(cell) is None


@pytest.fixture
def transform():
    manager = TransformerManager()
    manager.cleanup_transforms.append(FirstLine(lambda: False))
    return manager.transform_cell


BARE = TransformerManager().transform_cell

BODIES = [
    "x = 1\n",
    "x = 1\nx\n",
    "await f()\n",
    "!ls\n%timeit -n1 1\nx?\n",
    "%%time\nx = 1\n",
    "%%bash\necho a\n",
    "# only a comment\n",
    "def f():\n    return 1\n",
    "x = '''\n%%track\n'''\n",
    "print(1);\n",
    "größe = 1\n",
    "x = (1 +\n",
]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("first", ["%%track\n", "%%track --name a --tag k='v w'\n", "%%track \n"])
def test_ipython_goes_on_with_the_body_alone(transform, first, body):
    transformed = transform(first + body)
    comment, _, rest = transformed.partition("\n")
    if body.startswith("%%"):
        assert transformed == BARE(body)
    else:
        # A comment in place of the line: every line keeps its number.
        assert comment.startswith("# %%track")
        assert rest == BARE(body)


def test_blank_lines_above_another_cell_magic(transform):
    assert transform("%%track\n\n%%time\nx = 1\n") == BARE("%%time\nx = 1\n")


def test_indented_cells(transform):
    assert transform("    %%track\n    x = 1\n    y = 2\n") == "# %%track\nx = 1\ny = 2\n"
    assert transform("\n\n%%track\nx = 1\n").endswith("# %%track\nx = 1\n")


def test_line_ends_of_windows(transform):
    assert transform("%%track --name a\r\nx = 1\r\n").replace("\r\n", "\n") == "# %%track --name a\nx = 1\n"


def test_a_cell_of_nothing_but_the_line(transform):
    assert transform("%%track") == "# %%track\n"
    assert transform("%%track\n\n\n").startswith("# %%track\n")


@pytest.mark.parametrize(
    "cell",
    ["%%trackx\nx\n", "%%track --bogus\nx\n", "%%track?", "%%time\n%%track\nx\n", "x\n%%track\n", "", "%track on\n"],
)
def test_what_is_not_ours_is_left_to_ipython(transform, cell):
    assert transform(cell) == BARE(cell)


def test_a_part_of_a_cell_that_is_running_is_left_to_ipython():
    manager = TransformerManager()
    manager.cleanup_transforms.append(FirstLine(lambda: True))
    assert manager.transform_cell("%%track\nx\n") == BARE("%%track\nx\n")


@given(st.text(alphabet="x=1 %track\n\r\t#'\"-", max_size=40))
def test_the_transformation_takes_nothing_away(body):
    # Indented as a whole, it is moved to the left as IPython does.
    lines = ["%%track\n", *leading_indent(body.splitlines(keepends=True))]
    left = FirstLine(lambda: False)(["%%track\n", *body.splitlines(keepends=True)])
    if left[0].startswith("# "):
        assert left == ["# %%track\n", *lines[1:]]
    else:
        # Another cell magic is at the top now, and nothing but blank lines is gone.
        assert left[0].startswith("%%")
        gone = lines[1 : len(lines) - len(left)]
        assert [*lines[:1], *gone, *left] == lines
        assert not "".join(gone).strip()


@pytest.mark.parametrize("text", ["%%track\nx = 1", "%%track --name a\nfor i in x:\n    f(i)", "%%track"])
def test_a_cell_that_is_being_typed_is_complete_at_a_blank_line(text):
    manager = TransformerManager()
    manager.cleanup_transforms.append(FirstLine(lambda: False))
    assert manager.check_complete(text)[0] == "incomplete"
    assert manager.check_complete(text + "\n\n")[0] == "complete"
