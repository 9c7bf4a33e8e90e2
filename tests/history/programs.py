"""Random notebooks of small cells that alias, change, define, draw and fail; and what comes of running them.

Each cell is short; a notebook runs some of its cells several times and none in the order in which they stand.
"""

import random
from itertools import count

NAMES = ("a", "b", "c", "d")
FUNCTIONS = ("f", "g", "h")

#: Statements, each with places for names (%n), a new name (%t), functions (%f), numbers (%i).
STATEMENTS = (
    "%t = %i",
    "%t = %i",
    "%t = [%i, %i]",
    "%t = [%i]",
    "%t = {'k': %i}",
    "%t = %n",
    "%t = %n",
    "%t = [%n, %n]",
    "%t = (%n, [%i])",
    "%t = {'k': %n}",
    "%t = %n[0]",
    "%t = %n['k']",
    "%t = %n + %n",
    "%t = %n + [%i]",
    "%t = list(%n)",
    "%t = sorted(%n, key=repr)",
    "%t = len(%n)",
    "%t = max(%n, %n, key=repr)",
    "%t = [e for e in %n]",
    "%t = [%n for _ in range(2)]",
    "%t = (e for e in [%n, %i])",
    "%t = (%n for _ in range(3))",
    "%t = iter(list(%n))",
    "%t = map(%f, [%n, %n])",
    "%t = zip(list(%n), list(%n))",
    "%t = next(%n)",
    "%t = %n if %i > 4 else %n",
    "%t = random.random()",
    "%t = random.choice(%n)",
    "random.shuffle(%n)",
    "random.seed(%i)",
    "%n.append(%i)",
    "%n.append(%n)",
    "%n.extend(%n)",
    "%n.update(%n)",
    "%n.insert(0, %n)",
    "%n.pop()",
    "%n[0] = %n",
    "%n['k'] = %n",
    "%n[0].append(%i)",
    "%n['k'].append(%i)",
    "%n += [%i]",
    "%n += %n",
    "%n += %i",
    "%n[0] += [%i]",
    "del %n",
    "del %n[0]",
    "%t, %t = %n",
    "%t, %t = %n, %n",
    "%t, *%t = %n",
    "%t = copy.copy(%n)",
    "%t = copy.deepcopy(%n)",
    "print(%n, %n)",
    "len(%n)",
    "if %n: %t = %i",
    "if %n: %n.append(%i)",
    "if %i > 4: %t = %n\nelse: %t = [%n]",
    "for e in list(%n)[:2]: e.append(%i)",
    "for e in list(%n)[:2]: %t = e",
    "for %t in list(%n)[:3]: pass",
    "for _ in range(2): %t, %t = %n, %n",
    "try:\n    %n.append(%n[0])\nexcept Exception as error: %t = %i",
    "while %n and len(%n) > 1: %n.pop()",
    "with contextlib.suppress(Exception):\n    %t = %n[0]\n    %t = [%n]",
    "(lambda p: p.append(%i))(%n)",
    "[each.append(%n) for each in [%n]]",
    "def %f(p=%n): return p",
    "def %f(p): return %n",
    "def %f(p): p.append(%n); return p",
    "def %f(p, q=[]): q.append(p); return q",
    "def %f(p):\n    global %t\n    %t = p",
    "def %f(p): %n.append(p)",
    "def %f(p): return %f(p)",
    "def %f(p): return [%f(p), %n]",
    "def %f(p): return random.random()",
    "def %f(p):\n    yield p\n    yield %n",
    "def %f(p):\n    n = %n\n    n.append(p)\n    return n",
    "def %f(p):\n    state = [p]\n    def inner(q=None):\n        state.append(%n)\n"
    "        return state\n    return inner",
    "def %f(p):\n    n = 0\n    def inner(q=None):\n        nonlocal n\n        n += 1\n"
    "        return n\n    return inner",
    "def %f(p):\n    def inner(q=None): return late\n    late = [p, %n]\n    return inner",
    "%f = lambda p: %n",
    "%f = %f",
    "%f = %f(%n)",
    "%f = functools.partial(%f, %n)",
    "%t = %f",
    "%t = %f(%n)",
    "%t = %f(p=%n)",
    "%t = %f(*[%n])",
    "%f(%n)",
    "%f(%i)",
    "%t = list(map(%f, list(%n)[:3]))",
    "%t = sorted(%n, key=%f)",
    "%n.sort(key=repr)",
    "class C:\n    items = []\n    def __init__(self, p): self.p = p\n    def m(self): self.p.append(%n); return self\n"
    "    def s(self, q): self.items.append(q)\n    def __len__(self): return len(%n)\n"
    "    def __call__(self, q): self.p = q",
    "class C:\n    def __init__(self, p): self.q = self.p = p\n    @property\n"
    "    def m(self): return lambda: self.p.append(%i)\n    def s(self, q): %n.append(self)\n"
    "    def __add__(self, other): self.p.append(other); return self.p",
    "class C:\n    count = 0\n    def __init__(self, p): self.p = p; C.count += 1\n"
    "    def m(self): return type(self).count\n    @classmethod\n    def s(cls, q): cls.count = q",
    "class C(C):\n    def __init__(self, p): super().__init__(p); self.r = %n\n    def m(self): return super().m(), %n",
    "%t = C(%n)",
    "%t = C(%n)",
    "%t = %n.p",
    "%n.p = %n",
    "%n.p.append(%i)",
    "%t = %n.m()",
    "%t = %n.m",
    "%n.s(%n)",
    "%n(%n)",
    "%n += %n",
    "setattr(%n, 'p', %n)",
    "%t = getattr(%n, 'p', %n)",
    "%t = %n.setdefault('k', [])",
    "%t = bool(%n)",
    "%t = %n is %n",
    "%t = %i in %n",
    "match %n:\n    case [%t, *_]: pass\n    case {'k': %t}: pass",
    "%t = eval('%n')",
    "%t = f'{len(%n)}'",
    "assert %n",
    "%t = 1 / 0",
)


def statement(rng):
    text = rng.choice(STATEMENTS)
    for place, choices in (("%n", NAMES), ("%t", NAMES), ("%f", FUNCTIONS), ("%i", "0123456789")):
        while place in text:
            text = text.replace(place, rng.choice(choices), 1)
    return text


def cell(rng):
    return "\n".join(statement(rng) for _ in range(rng.choice((1, 1, 1, 2, 2, 3))))


def executed(rng, cells=14):
    """Return the sources of cells in the order in which they are executed, the tracked one last."""
    notebook = [cell(rng) for _ in range(cells)]
    first = [
        "import random, copy, functools, contextlib",
        "random.seed(1)",
        "a, b = [1, [2]], [[3], 4]",
        "c = {'k': []}\nd = a",
    ]
    order = [rng.choice(notebook) for _ in range(cells)]
    return first + order + [f"result = [{', '.join(rng.sample(NAMES, 2))}]" if rng.random() < 0.5 else cell(rng)]


#: What a person does to one of several data sets and models; "{k}" tells them apart.
ATTEMPTS = (
    "data{k} = [{i}, 2, 3]",
    "def prepare{k}(rows): return [row * scale for row in rows]",
    "clean{k} = prepare{k}(data{k})",
    "model{k} = Model({i}).fit(clean{k})",
    "model{k}.rate = {i}",
    "print(len(clean{k}), max(data{k}))",
    "scores['m{k}'] = model{k}.score(clean{k})",
    "shown = [row for row in clean{k}]\nprint(shown)",
)


def tried(rng, attempts=5):
    """Return the cells of a person who tries several models, one after the other and mixed, and tracks one of them."""
    first = [
        "import random, copy, functools, contextlib",
        "class Model:\n    def __init__(self, rate): self.rate, self.seen = rate, []\n"
        "    def fit(self, rows): self.seen.append(sum(rows)); return self\n"
        "    def score(self, rows): return sum(rows) * self.rate + len(self.seen)",
        "scale = 2\nscores = {}",
    ]
    left = [list(ATTEMPTS) for _ in range(attempts)]
    order = []
    while any(left):
        k = rng.choice([k for k, cells in enumerate(left) if cells])
        order.append(left[k].pop(0).format(k=k, i=rng.randrange(1, 9)))
        if rng.random() < 0.2:
            # Run once more, as it was.
            order.append(rng.choice(order))
    tracked = rng.randrange(attempts)
    return [*first, *order, f"result = model{tracked}.score(clean{tracked})"]


#: The first cell of a notebook in which everything comes to refer to everything.
ENTANGLED_FIRST = (
    "import pandas as pd\nfrom sklearn.linear_model import Ridge\n"
    "config = {'model': {'alpha': 1.0, 'layers': [1, 2]}, 'data': {'paths': ['a'], 'split': {'test': 0.2}}}\n"
    "models, results, registry, history, state = {}, {}, {}, [], {}\n"
    "class Model:\n"
    "    def __init__(self, config, data): self.config = config; self.data = data; self.parts = []\n"
    "    def fit(self, data): self.parts.append(data); registry['last'] = self; return self\n"
    "    def score(self, data): return len(self.parts) + len(data)\n"
    "def prepare(data, config): return [data, config['data']]\n"
    "def evaluate(model, data): history.append((model, data)); return {'model': model, 'value': model.score(data)}\n"
    + "\n".join(f"data{i} = [[{i}], {{'a': [1, 2]}}]; score{i} = 0; ridge{i} = Ridge()" for i in range(20))
)
#: What its other cells are made of; "{i}" and "{j}" are numbers up to 20.
ENTANGLED = (
    "registry['m{i}'] = Model(config, data{j})",
    "config['k{i}'] = {{'a': [data{j}], 'b': {{'c': config.get('k{j}')}}}}",
    "for k in range(3):\n    models[f'm{i}-{{k}}'] = Model({{**config, 'seed': k}}, data{j}).fit(data{i})",
    "data{i} = prepare(data{j}, config)",
    "state = {{**state, 'x{i}': models}}",
    "for name, model in models.items():\n    results.setdefault(name, []).append(evaluate(model, data{i}))",
    "score{i} = models['m{i}-0'].score(data{j})",
    "ridge{i} = Ridge(config['model']['alpha']).fit(data{i}, data{j})",
    "print(config, len(models))",
    "history.append({{'ridge': ridge{i}, 'state': state, 'score': score{j}}})",
    "best = max(results.values(), key=lambda result: result[-1]['value'])",
    "frame{i} = pd.DataFrame([{{'name': name, **result[-1]}} for name, result in results.items()])",
    "registry.update(models)\nregistry['r{j}'] = [results, {{'c': config}}]",
)


def entangled(rng, cells, lines=6):
    """Return the sources of cells whose objects are in large dicts and lists that refer to each other."""
    written = (
        "\n".join(rng.choice(ENTANGLED).format(i=rng.randrange(20), j=rng.randrange(20)) for _ in range(lines))
        for _ in range(cells - 1)
    )
    return [ENTANGLED_FIRST, *written]


class Kernel:
    """A namespace in which cells are executed one after the other."""

    def __init__(self):
        self.namespace = {"__name__": "__main__", "print": lambda *arguments: None}
        self.numbers = random.getstate()
        # No two executions draw the same but by seeding.
        random.seed()

    def execute(self, source):
        """Run a cell and return what it raised, as text, and at which line; None and 0 if it did not."""
        try:
            exec(compile(source, "<cell>", "exec"), self.namespace)
        except Exception as error:
            return f"{type(error).__name__}: {error}", error.__traceback__.tb_next.tb_lineno
        return None, 0

    def values(self, names):
        """Return a description of what names stand for, with what they share."""
        seen, numbers = {}, count()
        return {
            name: _described(self.namespace[name], seen, numbers) if name in self.namespace else "unbound"
            for name in sorted(names)
        }


def _described(value, seen, numbers):
    if isinstance(value, (int, float, str, type(None))):
        return repr(value)
    if id(value) in seen:
        return f"#{seen[id(value)]}"
    seen[id(value)] = next(numbers)
    if isinstance(value, dict):
        return [
            "dict",
            [(_described(key, seen, numbers), _described(item, seen, numbers)) for key, item in value.items()],
        ]
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, [_described(item, seen, numbers) for item in value]]
    if type(value).__name__ == "C":
        return ["C", _described(vars(value), seen, numbers)]
    return type(value).__name__
