"""Which cells a slice keeps, and which it leaves out."""

import random

import pytest

from jupyter_track.history.cells import FAILED, FINISHED, ExecutedCell
from jupyter_track.history.slicing import names_in, slice_for, slice_of

from .programs import entangled


def cells(sources, failed=()):
    return [
        ExecutedCell(position, source, FAILED if position in failed else FINISHED)
        for position, source in enumerate(sources, 1)
    ]


def kept(*sources, failed=()):
    """Return the positions in the slice of the last cell, without its own."""
    return list(slice_of(cells(sources, failed), len(sources)).positions[:-1])


def check(expected, *sources, failed=()):
    assert kept(*sources, failed=failed) == expected


def test_what_another_cell_set_anew_is_left_out():
    check([2, 3], "x = 1", "x = 2", "y = x", "z = 5", "print(z)", "y")


def test_a_cell_is_kept_as_often_as_it_counts():
    check([1, 2, 3], "n = 0", "n += 1", "n += 1", "other = n", "n")


def test_the_version_that_was_run_counts_and_not_a_later_one():
    check([1, 2], "lr = 0.1", "model = [lr]", "lr = 0.2", "model")


@pytest.mark.parametrize(
    "change",
    [
        "b.append(2)",
        "b[0] = 2",
        "b += [2]",
        "del b[0]",
        "b[:] = []",
        "for e in [b]: e.append(1)",
        "(lambda e: e.append(1))(b)",
        "setattr(b, 'n', 1)",
        "getattr(b, 'append')(1)",
        "b.unheard_of()",
        "unheard_of(b)",
        "c = [b]; c[0].append(1)",
        "from mine import change\nlist(map(change, [b]))",
        "list(map(b.append, [1]))",
        "add = b.append\nlist(map(add, [1]))",
        "b.sort(key=len)",
        "[e.pop() for e in [b]]",
    ],
)
def test_changes_through_another_name_are_kept(change):
    check([1, 2, 3], "a = [1]", "b = a", change, "a")


@pytest.mark.parametrize(
    "look",
    [
        "print(a)",
        "len(a)",
        "a",
        "a[0]",
        "b = a[0]",
        "b = sorted(a)",
        "a.index(1)",
        "f'{a}'",
        "a == [2]",
        "for e in a: print(e)",
        "b = [e for e in a]",
        "import json\njson.dumps(a)",
        "import numpy as np\nnp.mean(a)",
        "import matplotlib.pyplot as plt\nplt.plot(a)",
        "def f(p): return p[0]\nf(a)",
        "def f(p):\n    q = [p]\n    q.append(1)\nf(a)",
    ],
)
def test_what_only_looks_is_left_out(look):
    check([1], "a = [1]", look, "a")


def test_two_models_that_are_fitted_on_the_same_data_are_told_apart():
    check(
        [1, 2, 3, 4],
        "import numpy as np\nfrom sklearn.linear_model import Ridge\nfrom sklearn.metrics import r2_score",
        "X = np.arange(10.0).reshape(-1, 1)",
        "y = X[:, 0] * 2",
        "first = Ridge().fit(X, y)",
        "second = Ridge().fit(X, y)",
        "print(r2_score(y, second.predict(X)))",
        "r2_score(y, first.predict(X))",
    )


def test_a_model_depends_on_data_that_was_changed_after_it_was_fitted():
    check(
        [1, 2, 3, 4],
        "from sklearn.neighbors import KNeighborsClassifier",
        "X, y = [[0], [1]], [0, 1]",
        "model = KNeighborsClassifier(1).fit(X, y)",
        "X[0][0] = 5",
        "model.predict([[0]])",
    )


def test_what_fitting_a_pipeline_fits_is_kept():
    check(
        [1, 2, 3, 4],
        "from sklearn.pipeline import Pipeline\nfrom sklearn.preprocessing import StandardScaler",
        "scaler = StandardScaler()",
        "pipe = Pipeline([('scaler', scaler)])",
        "pipe.fit([[1], [2]])",
        "scaler.mean_",
    )


def test_a_network_needs_its_data_its_class_and_each_training():
    check(
        [1, 2, 3, 4, 5, 6, 8],
        "import torch, torch.nn as nn\nfrom torch.utils.data import DataLoader, TensorDataset\ntorch.manual_seed(0)",
        "X = torch.randn(100, 4)\nloader = DataLoader(TensorDataset(X, (X.sum(1) > 0).long()), shuffle=True)",
        "class Net(nn.Module):\n    def __init__(self, h):\n        super().__init__()\n"
        "        self.layers = nn.Sequential(nn.Linear(4, h), nn.ReLU(), nn.Linear(h, 2))\n"
        "    def forward(self, x): return self.layers(x)",
        "HIDDEN = 8",
        "net = Net(HIDDEN)\nopt = torch.optim.Adam(net.parameters(), lr=0.01)\nloss_fn = nn.CrossEntropyLoss()",
        "def train(net, opt, epochs):\n    for _ in range(epochs):\n        for x, y in loader:\n"
        "            opt.zero_grad(); loss = loss_fn(net(x), y); loss.backward(); opt.step()\n    return loss.item()",
        "print(sum(p.numel() for p in net.parameters()))",
        "train(net, opt, 2)",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])",
        "loss = train(net, opt, 5)",
    )


def test_an_analysis_drops_what_only_looked_and_other_models():
    check(
        [1, 2, 4, 6, 7, 9],
        "import pandas as pd, seaborn as sns\nimport matplotlib.pyplot as plt\n%matplotlib inline",
        "df = pd.read_csv('titanic.csv')",
        "sns.countplot(x='Survived', data=df)\nplt.show()\ndf.info()",
        "df['Age'] = df['Age'].fillna(df['Age'].median())\ndf.drop('Cabin', axis=1, inplace=True)",
        "fig, ax = plt.subplots()\nax.scatter(df.Age, df.Fare)\nfig.savefig('x.png')",
        "df = pd.concat([df, pd.get_dummies(df['Sex'], drop_first=True)], axis=1)",
        "from sklearn.model_selection import train_test_split\n"
        "X_train, X_test, y_train, y_test = train_test_split(df.drop('Survived', axis=1), df.Survived, random_state=1)",
        "from sklearn.linear_model import LogisticRegression\nlr = LogisticRegression(max_iter=1000)\n"
        "lr.fit(X_train, y_train)\nprint(lr.score(X_test, y_test))",
        "from sklearn.ensemble import RandomForestClassifier\n"
        "rf = RandomForestClassifier(n_estimators=200, random_state=0)\nrf.fit(X_train, y_train)",
        "rf.feature_importances_",
        "accuracy = rf.score(X_test, y_test)",
    )


def test_reading_a_frame_is_no_change_but_in_place_is():
    frame = "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})"
    check([1], frame, "df.head()", "df.describe()", "df.a.mean()", "df.sort_values('a')", "df")
    check([1, 2], frame, "df.sort_values('a', inplace=True)", "df")
    check([1, 2], frame, "df['b'] = 1", "df")
    check([1, 2], frame, "df.loc[0, 'a'] = 7", "df")


def test_what_a_function_reads_when_it_is_called_counts():
    check(
        [2, 3, 5, 6],
        "RATE = 1",
        "def inner(): return RATE",
        "def outer(): return inner()",
        "outer()",
        "RATE = 2",
        "result = outer()",
        "RATE = 3",
        "result",
    )


def test_a_function_that_is_handed_on_reads_and_changes_too():
    check([1, 2, 3, 4], "seen = []", "K = 1", "def f(x): seen.append(x); return K", "list(map(f, [1]))", "seen")
    check([2, 4], "K = 1", "def f(x): return K", "K = 3", "K = 2", "f(1)")
    check([1, 3], "def f(x): return K", "K = 1", "K = 2", "sorted([1], key=f)")


def test_functions_that_keep_a_state_keep_it():
    counter = (
        "def make():\n    n = 0\n    def step():\n        nonlocal n\n        n += 1\n        return n\n    return step"
    )
    check([1, 2, 4], counter, "a = make()", "b = make()", "a()", "b()", "a()")


def test_functions_see_what_is_bound_around_them_after_they_were_defined():
    late = "def make():\n    def inner(): return state\n    state = []\n    return inner"
    check([1, 2, 4], late, "f = make()", "g = make()", "f().append(1)", "f()")


def test_objects_of_one_class_are_told_apart_and_its_shared_state_is_not():
    own = "class C:\n    def __init__(self): self.n = []\n    def add(self): self.n.append(1)"
    check([1, 2, 4], own, "a = C()", "b = C()", "a.add()", "b.add()", "a.n")
    shared = "class C:\n    n = []\n    def add(self): self.n.append(1)"
    check([1, 2, 3, 4, 5], shared, "a = C()", "b = C()", "a.add()", "b.add()", "a.n")


def test_operators_and_properties_of_classes_are_run():
    code = "class C:\n    @property\n    def p(self): return K\n    def __len__(self): return L"
    check([1, 2, 3, 4], "K = 1", "L = 2", code, "c = C()", "M = 3", "len(c)")


def test_an_iterator_is_used_up():
    check([1, 2, 3], "a = [1, 2]", "i = iter(a)", "next(i)", "print(a)", "next(i)")
    check([1, 3], "g = (x * k for x in range(3))", "k = 2", "k = 3", "list(g)")


def test_a_cell_that_failed_may_have_set_what_stands_before():
    check([1, 2], "a = 1", "a = 2\n1 / 0\nb = 3", "a", failed=(2,))
    check([2], "a = 1", "a = 2", "a")


def test_branches_and_loops_perhaps_set_a_name():
    for cell in ("if x: a = 2", "for a in x: pass", "try: a = x\nexcept E: pass", "with anything(): a = 2"):
        check([2, 3], "b = 0", "a = 1", cell, "a") if "x" not in cell else check([1, 2, 3], "x = 0", "a = 1", cell, "a")
    check([2], "a = 1", "with open('f') as file: a = 2", "a")


def test_a_deleted_name_is_deleted_again():
    check([1, 2], "a = 1", "del a", "a = a", failed=(3,))


class TestWhatIsImported:
    def test_an_import_is_kept_where_its_name_is_used(self):
        check([2], "import math", "import json", "json.dumps(1)")

    def test_a_star_may_bind_any_name(self):
        check([1, 2], "value = 1", "from anywhere import *", "value")
        check([2], "from anywhere import *", "value = 1", "value")

    def test_settings_hold_for_all_that_follows(self):
        for setting in (
            "import warnings\nwarnings.filterwarnings('ignore')",
            "import matplotlib.pyplot as plt\nplt.rcParams['x'] = 1",
            "import os\nos.environ['A'] = '1'",
            "import os\nos.chdir('data')",
            "import sys\nsys.path.append('src')",
            "import pandas as pd\npd.set_option('display.width', 1)",
            "%matplotlib inline",
            "%load_ext autoreload",
            "%env A=1",
            "%cd data",
            "%pip install something",
            "!pip install something",
        ):
            check([1, 3], setting, "unused = 1", "b = 1", "b")


class TestRandomNumbers:
    def test_those_drawn_since_the_seed_count(self):
        check(
            [1, 3, 4],
            "import random",
            "random.random()",
            "random.seed(1)",
            "a = random.random()",
            "b = 2",
            "random.random()",
        )

    def test_without_a_draw_they_do_not(self):
        check([2], "import random; random.seed(1)", "a = 1", "random.random()", "a")

    def test_each_library_has_its_own(self):
        check(
            [1, 2, 4],
            "import random\nimport numpy as np",
            "np.random.seed(1)",
            "random.random()",
            "np.random.rand(3)",
            "np.random.rand(3)",
        )

    def test_a_generator_has_a_state_of_its_own(self):
        check(
            [1, 3, 4],
            "import numpy as np",
            "np.random.seed(1)",
            "rng = np.random.default_rng(1)",
            "rng.normal()",
            "other = np.random.default_rng(2)",
            "other.normal()",
            "rng.normal()",
        )

    def test_fits_may_draw_unless_they_have_a_seed(self):
        first = "import numpy as np\nfrom sklearn.ensemble import RandomForestClassifier as Forest\nnp.random.seed(1)"
        data = "X, y = [[0], [1]], [0, 1]"
        check([1, 2, 3], first, data, "a = Forest().fit(X, y)", "b = Forest().fit(X, y)")
        check([1, 2], first, data, "a = Forest(random_state=1).fit(X, y)", "b = Forest(random_state=1).fit(X, y)")

    def test_a_function_that_seeds_begins_anew(self):
        check(
            [1, 2, 5],
            "import random",
            "def seed_all(s):\n    random.seed(s)",
            "seed_all(1)",
            "random.random()",
            "seed_all(2)",
            "random.random()",
        )


class TestFiles:
    def test_what_was_written_is_read_again(self):
        check([2], "open('b', 'w').write('1')", "open('a', 'w').write('1')", "open('a').read()")

    def test_a_file_that_is_not_told_may_be_any(self):
        check([1, 2], "name = 'a'", "open(name, 'w').write('1')", "open('a').read()")
        check([1], "open('a', 'w').write('1')", "import os\nos.listdir()")

    def test_frames_pictures_and_texts(self):
        write = "import pandas as pd\npd.DataFrame().to_csv('out/a.csv')"
        picture = "import matplotlib.pyplot as plt\nplt.savefig('a.png')"
        check([1], write, picture, "import pandas as pd\npd.read_csv('a.csv')")

    def test_shell_commands_may_write_any(self):
        check([1], "!wget https://example.org/a.csv", "!ls", "open('a.csv').read()")
        check([1], "%%bash\nmake data", "open('a.csv').read()")
        check([1], "%%writefile mine.py\nx = 1", "import mine")
        check([], "%%writefile a.txt\nx", "%%html\n<b>", "import math")


class TestWhatReachesEverything:
    @pytest.mark.parametrize(
        "cell", ["exec('x = 1')", "globals()['x'] = 1", "get_ipython().run_cell('x = 1')", "%unheard_of x", "%run -i f"]
    )
    def test_all_before_it_and_itself_are_kept(self, cell):
        check([1, 2, 3], "a = 1", "b = 2", cell, "x")
        after = [4] if cell.startswith("globals") else [1, 2, 3, 4]
        check(after, "a = 1", "b = 2", cell, "c = 3", "c")

    def test_numbered_results_keep_all(self):
        check([1, 2], "a = 1", "a + 1", "_2")


class TestMagics:
    def test_python_in_magics_is_seen(self):
        check([1], "%%time\na = 1", "%time b = 2", "a")
        check([2], "%%time\na = 1", "%time b = 2", "b")
        check([1], "%%capture out\na = 1", "out")
        check([1, 2], "a = [1]", "%timeit a.append(1)", "%timeit len(b)", "a")

    def test_names_in_commands_are_read(self):
        check([1], "folder = 'x'", "other = 'y'", "!echo {folder}")

    def test_cells_that_track_and_cells_that_speak_to_the_tracker(self):
        check([1, 3], "%%track --name first\na = 1", "%track runs", "%%time\n%%track\nb = a", "b")


def test_reasons_are_the_names():
    found = slice_of(cells(["import random\nrandom.seed(1)", "a = random.random()", "b = a", "b"]), 4)
    assert found.reasons == {1: ("(random numbers)", "random"), 2: ("a",), 3: ("b",)}


def test_the_slice_of_a_metric_leaves_out_what_other_statements_need():
    history = cells(["a = 1", "b = 2", "x = a\nloss = x * 2\naccuracy = b", "later = 1"])
    assert slice_for(history, 3, ["loss"]).positions == (1, 3)
    assert slice_for(history, 3, ["accuracy"]).positions == (2, 3)
    assert slice_for(history, 3, names_in("loss + accuracy")).positions == (1, 2, 3)
    assert slice_of(history, 3).positions == (1, 2, 3)
    assert names_in("no expression") == frozenset()


def test_a_large_notebook_in_which_all_refers_to_all_is_followed_to_its_end():
    """No cell is kept for want of time: who looks only at what stands apart needs only that."""
    sources = entangled(random.Random(1), 150)
    sources[40:40] = ["apart = [1]"]
    sources[90:90] = ["apart.append(2)"]
    found = slice_of(cells([*sources, "apart"]), len(sources) + 1)
    assert found.positions == (41, 91, len(sources) + 1)


def test_functions_that_call_themselves_and_deep_nesting_end():
    check([1, 2], "def f(n, seen): seen.append(n); return f(n - 1, seen) if n else seen", "a = []", "f(3, a)")
    deep = "x = " + "(" * 60 + "a" + ")" * 60
    check([1], "a = 1", deep)
    long = "a" + " + a" * 20_000
    check([1], "a = 1", long)
