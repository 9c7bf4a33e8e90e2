"""Whether the text of cells seeds the random numbers that it draws."""

from __future__ import annotations

import pytest

from jupyter_track.reproduce.seeding import look_for_seeds

SEEDED = "although seeds are set"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["import random", "x = random.random()"], "no seed is set"),
        (["import random", "random.seed(1)", "x = random.random()"], SEEDED),
        (["import random", "random.seed()", "x = random.random()"], "no seed is set"),
        (["import numpy as np\nnp.random.seed(0)\nx = np.random.rand(3)"], SEEDED),
        (["import random\nrandom.seed(0)", "import numpy as np\nx = np.random.rand(3)"], "no seed is set for numpy"),
        (["from numpy.random import default_rng\nrng = default_rng()"], "no seed is set"),
        (["from numpy.random import default_rng\nrng = default_rng(7)\nx = rng.normal()"], SEEDED),
        (["import numpy as np\nrng = np.random.default_rng(seed=seed)"], SEEDED),
        (["import torch\ntorch.manual_seed(0)\nx = torch.randn(3)"], SEEDED),
        (["import torch\nx = torch.randn(3)"], "no seed is set"),
        (["from sklearn.ensemble import RandomForestClassifier as R\nm = R(random_state=0)"], SEEDED),
        (["%matplotlib inline\nimport random\nrandom.seed(1)"], SEEDED),
        (["this is no python", "import random\nrandom.seed(1)"], SEEDED),
        ([], "no seed is set"),
    ],
)
def test_seeds_are_told_from_their_absence(cells: list[str], said: str) -> None:
    assert look_for_seeds(cells).in_words() == said
