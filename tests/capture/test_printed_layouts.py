"""What is read of the ways in which libraries print."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_track.capture.rules import PrintedReader

#: What Keras 3 draws, with its colors.
BAR = "\r\x1b[1m{}\x1b[0m \x1b[32m━━━━\x1b[0m\x1b[37m━━\x1b[0m \x1b[1m0s\x1b[0m 9ms/step{}"
KERAS_3 = (
    "Epoch 1/2\n"
    + BAR.format("1/8", " - accuracy: 0.3750 - loss: 0.7283" + "\x08" * 52)
    + BAR.format("8/8", " - accuracy: 0.5 - loss: 0.6 - val_loss: 0.7\n")
    + "Epoch 2/2\n"
    + BAR.format("8/8", " - accuracy: 0.6 - loss: 0.5 - val_loss: 0.8\n")
    + BAR.format("1/1", "\n")
    + BAR.format("2/2", " - accuracy: 0.55 - loss: 0.56\n")
)
KERAS_3_READ = {
    "accuracy": [(1, 0.5), (2, 0.6)],
    "loss": [(1, 0.6), (2, 0.5)],
    "val_loss": [(1, 0.7), (2, 0.8)],
    "evaluate accuracy": [(2, 0.55)],
    "evaluate loss": [(2, 0.56)],
}

KERAS_2 = (
    "Epoch 1/2\n"
    " 9/19 [=======>......] - ETA: 0s - loss: 0.9 - accuracy: 0.1\b\b\b\b"
    "\r19/19 [=====] - 1s 5ms/step - loss: 0.5 - accuracy: 0.75\n"
    "Epoch 2/2\n"
    "19/19 - 1s - loss: 0.4 - accuracy: 0.8 - 35ms/epoch - 5ms/step\n"
)

LIGHTGBM = """[LightGBM] [Info] Number of positive: 357, number of negative: 212
[LightGBM] [Info] [binary:BoostFromScore]: pavg=0.627417 -> initscore=0.521150
[LightGBM] [Warning] No further splits with positive gain, best gain: -inf
Training until validation scores don't improve for 3 rounds
[10]\ttraining's l2: 0.25\tvalid_1's l2: 0.5
[20]\ttraining's l2: 0.125\tvalid_1's l2: 0.375
Early stopping, best iteration is:
[17]\ttraining's l2: 0.2\tvalid_1's l2: 0.3
"""

CATBOOST = """Learning rate set to 0.1
0:\tlearn: 0.75\ttest: 0.5\tbest: 0.5 (0)\ttotal: 1.2ms\tremaining: 1s
1:\tlearn: 0.5\ttest: 0.625\tbest: 0.5 (0)\ttotal: 2ms\tremaining: 1s

bestTest = 0.5
bestIteration = 10
"""

TRAINER = """{'loss': 0.5, 'grad_norm': 1.25, 'learning_rate': 5e-05, 'epoch': 0.5}
{'loss': 0.25, 'grad_norm': 1.5, 'learning_rate': 2.5e-05, 'epoch': 1.0}
{'eval_loss': 0.375, 'eval_accuracy': 0.875, 'eval_runtime': 0.5, 'eval_samples_per_second': 390.1, 'epoch': 1.0}
{'train_runtime': 4.0, 'train_steps_per_second': 9.3, 'total_flos': 1e15, 'train_loss': 0.4, 'epoch': 1.0}
"""

LIGHTNING = (
    "\rEpoch 0:  50%|████     | 1/2 [00:00<00:00, 9.4it/s, v_num=0, train_loss=2.0]"
    "\rEpoch 0: 100%|█████████| 2/2 [00:00<00:00, 9.4it/s, v_num=0, train_loss=1.5]"
    "\rValidation DataLoader 0: 100%|██████████| 1/1 [00:00<00:00, 9.4it/s]"
    "\rEpoch 0: 100%|█████████| 2/2 [00:00<00:00, 9.4it/s, v_num=0, train_loss=1.5, val_loss=1.75]"
    "\rEpoch 1:  50%|████     | 1/2 [00:00<00:00, 9.4it/s, v_num=0, train_loss=1.2, val_loss=1.75]"
    "\rEpoch 1: 100%|█████████| 2/2 [00:00<00:00, 9.4it/s, v_num=0, train_loss=1.0, val_loss=1.25]\n"
    "────────────────────────────────────────\n"
    "       Test metric             DataLoader 0\n"
    "────────────────────────────────────────\n"
    "        test_acc            0.9337999820709229\n"
    "        test_f              0.5\n"
    "────────────────────────────────────────\n"
)
LIGHTNING_READ = {
    "train_loss": [(0, 1.5), (1, 1.0)],
    "val_loss": [(0, 1.75), (1, 1.25)],
    "test_acc": [(0, 0.9337999820709229)],
    "test_f": [(0, 0.5)],
}

RICH_TABLE = """┏━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━┓
┃    Test metric    ┃   DataLoader 0   ┃
┡━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━┩
│     test_acc      │      0.9375      │
└───────────────────┴──────────────────┘
"""

FASTAI = """epoch     train_loss  valid_loss  accuracy  time
0         0.75        0.5         0.875     00:07
1         0.5         0.25        0.9375    00:07
"""

GRADIENT_BOOSTING = """      Iter       Train Loss   Remaining Time
         1           1.25            0.05s
         2           1.125           0.04s
"""

BASELINES = """----------------------------------
| rollout/           |           |
|    ep_rew_mean     | 21.5      |
| time/              |           |
|    fps             | 1254      |
|    iterations      | 1         |
|    total_timesteps | 2048      |
----------------------------------
----------------------------------
| rollout/           |           |
|    ep_rew_mean     | 27.25     |
| time/              |           |
|    total_timesteps | 4096      |
| train/             |           |
|    learning_rate   | 0.0003    |
|    loss            | 8.5       |
|    n_updates       | 10        |
----------------------------------
"""

REPORT = """Classification report for SVC(C=0.5):
              precision    recall  f1-score   support

         cat       0.75      0.82      0.5         212
     big dog       0.90      0.98      0.25        357

    accuracy                           0.92       569
   macro avg       0.93      0.90      0.375      569
weighted avg       0.93      0.92      0.92       569

[[174  38]
 [  6 351]]
"""

SUMMARY = """                            OLS Regression Results
==============================================================================
Dep. Variable:                      y   R-squared:                       0.518
Model:                            OLS   Adj. R-squared:                  0.507
Method:                 Least Squares   F-statistic:                     46.27
Date:                Tue, 24 Nov 2026   Prob (F-statistic):           3.83e-62
Time:                        15:39:48   Log-Likelihood:                -2386.0
No. Observations:                 442   AIC:                             4794.
Df Residuals:                     431   BIC:                             4839.
==============================================================================
                 coef    std err          t      P>|t|      [0.025      0.975]
------------------------------------------------------------------------------
const        152.1335      2.576     59.061      0.000     147.071     157.196
loss         -10.0099     59.749     -0.168      0.867    -127.446     107.426
==============================================================================
Omnibus:                        1.506   Durbin-Watson:                   2.029
Skew:                           0.017   Prob(JB):                        0.496
==============================================================================

Notes:
[1] Standard Errors assume that the covariance matrix of the errors is correctly specified.
after: 0.5
"""

SEARCH = """Fitting 2 folds for each of 2 candidates, totalling 4 fits
[CV 1/2] END ...............................C=1;, score=0.875 total time=   0.0s
[CV 2/2] END ...............................C=1;, score=0.9375 total time=   0.0s
[CV] END ............. f1: (train=0.75, test=0.5) total time=   0.0s
"""

SGD = """-- Epoch 1
Norm: 391.67, NNZs: 30, Bias: 532.578373, T: 569, Avg. loss: 15.5, Objective: 16.5
Total training time: 0.00 seconds.
-- Epoch 2
Norm: 431.10, NNZs: 30, Bias: 728.797546, T: 1138, Avg. loss: 5.5, Objective: 6.5
"""

PPRINT = """{'accuracy': 0.875,
 'macro avg': {'f1-score': 0.75, 'support': 569},
 'path': 'runs/3',
 'scores': [0.1, 0.2],
 'tensor': tensor(0.5),
 'top': np.float64(0.25)}
"""

TEXTS = {
    "Keras 3": (KERAS_3, KERAS_3_READ),
    "Keras 2": (KERAS_2, {"loss": [(1, 0.5), (2, 0.4)], "accuracy": [(1, 0.75), (2, 0.8)]}),
    "XGBoost": (
        "[0]\ttrain-rmse:0.5\teval-rmse:0.75\n[10]\ttrain-rmse:0.25\teval-rmse:0.5+0.01\n",
        {"train-rmse": [(0, 0.5), (10, 0.25)], "eval-rmse": [(0, 0.75), (10, 0.5)]},
    ),
    "LightGBM": (LIGHTGBM, {"training l2": [(10, 0.25), (20, 0.125)], "valid_1 l2": [(10, 0.5), (20, 0.375)]}),
    "CatBoost": (
        CATBOOST,
        {
            "learn": [(0, 0.75), (1, 0.5)],
            "test": [(0, 0.5), (1, 0.625)],
            "bestTest": [(0, 0.5)],
            "bestIteration": [(0, 10)],
        },
    ),
    "Trainer": (
        TRAINER,
        {
            "loss": [(0, 0.5), (1, 0.25)],
            "grad_norm": [(0, 1.25), (1, 1.5)],
            "learning_rate": [(0, 5e-05), (1, 2.5e-05)],
            "eval_loss": [(1, 0.375)],
            "eval_accuracy": [(1, 0.875)],
            "train_loss": [(1, 0.4)],
        },
    ),
    "Lightning": (LIGHTNING, LIGHTNING_READ),
    "a table of two columns": (RICH_TABLE, {"test_acc": [(0, 0.9375)]}),
    "fastai": (
        FASTAI,
        {
            "train_loss": [(0, 0.75), (1, 0.5)],
            "valid_loss": [(0, 0.5), (1, 0.25)],
            "accuracy": [(0, 0.875), (1, 0.9375)],
        },
    ),
    "gradient boosting": (GRADIENT_BOOSTING, {"Train Loss": [(1, 1.25), (2, 1.125)]}),
    "stable-baselines": (
        BASELINES,
        {
            "rollout/ep_rew_mean": [(2048, 21.5), (4096, 27.25)],
            "train/learning_rate": [(4096, 0.0003)],
            "train/loss": [(4096, 8.5)],
        },
    ),
    "a classification report": (
        REPORT,
        {
            "cat.f1-score": [(0, 0.5)],
            "big dog.f1-score": [(0, 0.25)],
            "accuracy": [(0, 0.92)],
            "macro avg.precision": [(0, 0.93)],
            "macro avg.recall": [(0, 0.9)],
            "macro avg.f1-score": [(0, 0.375)],
            "weighted avg.precision": [(0, 0.93)],
            "weighted avg.recall": [(0, 0.92)],
            "weighted avg.f1-score": [(0, 0.92)],
        },
    ),
    "statsmodels": (
        SUMMARY,
        {
            "R-squared": [(0, 0.518)],
            "Adj. R-squared": [(0, 0.507)],
            "F-statistic": [(0, 46.27)],
            "Prob F-statistic": [(0, 3.83e-62)],
            "Log-Likelihood": [(0, -2386.0)],
            "AIC": [(0, 4794)],
            "BIC": [(0, 4839)],
            "after": [(0, 0.5)],
        },
    ),
    "a search": (SEARCH, {"score": [(0, 0.875), (1, 0.9375)], "train f1": [(0, 0.75)], "test f1": [(0, 0.5)]}),
    "stochastic gradient descent": (SGD, {"Avg. loss": [(1, 15.5), (2, 5.5)], "Objective": [(1, 16.5), (2, 6.5)]}),
    "a dict over several lines": (
        PPRINT,
        {"accuracy": [(0, 0.875)], "macro avg.f1-score": [(0, 0.75)], "tensor": [(0, 0.5)], "top": [(0, 0.25)]},
    ),
    "a series": (
        "accuracy    0.875\nf1          0.5\nName: 0, dtype: float64\n",
        {"accuracy": [(0, 0.875)], "f1": [(0, 0.5)]},
    ),
    "a frame of one row": ("   accuracy   f1\n0     0.875  0.5\nend\n", {"accuracy": [(0, 0.875)], "f1": [(0, 0.5)]}),
    "nested loops": (
        "Epoch 1/2\nbatch 100 loss 3.0\nbatch 200 loss 2.0\nval_loss: 2.5\n"
        "Epoch 2/2\nbatch 100 loss 1.0\nval_loss: 1.5\n",
        {"loss": [(100, 3.0), (200, 2.0), (300, 1.0)], "val_loss": [(1, 2.5), (2, 1.5)]},
    ),
    "a phase that holds for a line": (
        "Epoch 0/1\n----------\ntrain Loss: 0.5 Acc: 0.75\nval Loss: 0.625 Acc: 0.5\n",
        {"train Loss": [(0, 0.5)], "train Acc": [(0, 0.75)], "val Loss": [(0, 0.625)], "val Acc": [(0, 0.5)]},
    ),
    "epochs of each fold": (
        "".join(f"Fold {fold}\nepoch 1 loss: 0.5\nepoch 2 loss: 0.25\n" for fold in (1, 2)),
        {"loss": [(1, 0.5), (2, 0.25), (3, 0.5), (4, 0.25)]},
    ),
    "a step behind the name": (
        "Cost after iteration 50: 0.5\nCost after iteration 100: 0.25\n",
        {"Cost": [(50, 0.5), (100, 0.25)]},
    ),
    "a line that is written over by each epoch": (
        "\rEpoch 1/2 loss: 0.5\rEpoch 1/2 loss: 0.375\rEpoch 2/2 loss: 0.25\n",
        {"loss": [(1, 0.375), (2, 0.25)]},
    ),
}


def curves(points):
    found = {}
    for point in points:
        found.setdefault(point.key, []).append((point.step, point.value))
    return found


@pytest.mark.parametrize("name", TEXTS)
def test_a_text(name):
    text, expected = TEXTS[name]
    reader = PrintedReader()
    assert curves([*reader.feed(text, 1), *reader.close(1)]) == expected


@given(st.sampled_from(sorted(TEXTS)), st.lists(st.integers(0, 1_000), max_size=20))
def test_a_text_may_come_in_any_pieces(name, cuts):
    text, expected = TEXTS[name]
    reader = PrintedReader()
    bounds = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    pieces = [text[start:end] for start, end in pairwise(bounds)]
    points = [point for piece in pieces for point in reader.feed(piece, 1)]
    assert curves([*points, *reader.close(1)]) == expected


LINES = [line for text, _ in TEXTS.values() for line in text.splitlines(keepends=True)]


@given(st.lists(st.sampled_from(LINES), max_size=30))
def test_parts_of_texts_in_any_order_raise_nothing_and_steps_grow(lines):
    reader = PrintedReader()
    points = [point for line in lines for point in reader.feed(line, 1)] + reader.close(1)
    for curve in curves(points).values():
        steps = [step for step, _ in curve]
        assert steps == sorted(set(steps))


@pytest.mark.parametrize(
    ("line", "points"),
    [
        ("loss 0.31 acc 0.93", [("loss", 0.31), ("acc", 0.93)]),
        ("Iter 100 | loss 2.3", [("loss", 2.3)]),
        ("loss: tensor(0.31, device='cuda:0', grad_fn=<NllLossBackward0>)", [("loss", 0.31)]),
        ("RMSE: np.float64(0.31)", [("RMSE", 0.31)]),
        ("Accuracy: 0.93 ± 0.02", [("Accuracy", 0.93)]),
        ("m = -0.957 -0.1 +0.2", [("m", -0.957)]),
        ("The RMSE is 3.2.", [("RMSE", 3.2)]),
        ("The mean age is 38.2", [("mean age", 38.2)]),
        ("Accuracy on test set 0.93", [("Accuracy on test set", 0.93)]),
        ("We reached an accuracy of 93.5%", [("accuracy", 93.5)]),
        ("Inertia: 78.85 km", [("Inertia", 78.85)]),
        ("mean return (last 50): -11.9", [("mean return", -11.9)]),
        ("adj. R2 = 0.5", [("adj. R2", 0.5)]),
        ("Train: loss=0.5, acc=0.75", [("Train loss", 0.5), ("Train acc", 0.75)]),
        ("Revenue: $1,234.50", [("Revenue", 1234.5)]),
        ("Best epoch: 7", [("Best epoch", 7)]),
        ("results: {'acc': 0.5}", [("acc", 0.5)]),
        ("{'acc': '0.5'}", [("acc", 0.5)]),
        ("Fitted SVC(C=0.5) with accuracy: 0.75", [("accuracy", 0.75)]),
    ],
)
def test_a_name_and_its_number_in_other_words(line, points):
    reader = PrintedReader()
    assert [(point.key, point.value) for point in [*reader.feed(line, 1), *reader.close(1)]] == points


@pytest.mark.parametrize(
    "text",
    [
        "       a      b       c\n0  17.99  10.38  122.80\n1  20.57  17.77  132.90\n",
        "count    569.000000\nmean      14.127292\nstd        3.524049\nName: a, dtype: float64\n",
        "<class 'pandas.DataFrame'>\nRangeIndex: 569 entries, 0 to 568\ndtypes: float64(3)\nmemory usage: 13.5 KB\n",
        "  model  accuracy   f1\n0   svm      0.93  0.9\n1    rf      0.94  0.9\n",
        "[[1.799e+01 1.038e+01]\n [2.057e+01 1.777e+01]]\n",
        "Linear(in_features=784, out_features=128, bias=True)\nDropout(p=0.5, inplace=False)\n",
        "x.py:785: ConvergenceWarning: loss: 0.5 after 4\n",
        "{'C': 0.5, 'gamma': 0.1}\n",
        "Counter({'a': 3})\n",
        "Layer: dense, output (32, 10)\n",
        "Out[3]: {'loss': 0.5}\n",
        "Out[3]: \n{'loss': 0.5,\n 'acc': 0.5}\n",
    ],
)
def test_texts_without_a_metric(text):
    reader = PrintedReader()
    assert [*reader.feed(text, 1), *reader.close(1)] == []


def test_a_bar_that_tells_no_epoch_is_a_curve_and_one_that_does_is_a_point():
    bar = "\r{}: 50%|███| 1/4 [00:00<00:00, 9it/s, loss={}]"
    reader = PrintedReader()
    points = reader.feed_stderr("".join(bar.format("Training", loss) for loss in (3, 2, 2, 1)) + "\n", 1)
    assert curves(points) == {"loss": [(0, 3), (1, 2), (2, 1)]}
    reader = PrintedReader()
    points = reader.feed_stderr("".join(bar.format("Epoch 7", loss) for loss in (3, 2, 2, 1)) + "\n", 1)
    assert curves(points) == {"loss": [(7, 1)]}


def test_of_stderr_bars_and_messages_of_loggers_are_read():
    reader = PrintedReader()
    points = reader.feed_stderr(
        "INFO:root:step 3 loss=0.5\n"
        "2024-01-15 10:30:00,123 - train - INFO - acc: 0.75\n"
        "[I 2024-01-15 10:30:00,123] Trial 3 finished with value: 0.25 and parameters: {'x': 0.1}. Best is trial 2.\n"
        "WARNING:root:loss=7\nsome.py:3: UserWarning: loss: 8\n  warnings.warn(\nloss: 9\n",
        1,
    )
    assert curves(points) == {"loss": [(3, 0.5)], "acc": [(3, 0.75)], "value": [(3, 0.25)]}


def test_nested_bars_are_read_each_for_itself():
    inner = "".join(f"\n\r  0%|  | {at}/2 [00:00<?, ?it/s, loss={at}]\x1b[A" for at in (1, 2))
    erased = "\n\r                    \x1b[A"
    outer = "\r{}%|# | {}/2 [00:00<00:00, 9it/s, val={}]"
    text = outer.format(50, 1, 10) + inner + erased + outer.format(100, 2, 20) + inner + erased + "\n"
    reader = PrintedReader()
    found = curves([*reader.feed(text, 1), *reader.close(1)])
    assert found == {"val": [(0, 10), (1, 20)], "loss": [(0, 1), (1, 2), (2, 1), (3, 2)]}


def test_a_param_that_is_printed_is_none_and_one_that_has_changed_is():
    reader = PrintedReader(params=lambda: {"optim.lr": "0.1", "name": "adam", "width": "24"})
    assert reader.feed("lr=0.1 final loss=0.3\nwidth: 24\nlr=0.05\n", 1)[0].key == "final loss"
    assert reader.skipped["width"].reason == "it is the param width"
    assert reader.skipped["lr"].reason == "it is the param optim.lr"
    assert [point.value for point in reader.feed("lr=0.025\n", 1)] == [0.025]


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a-",
        "a a ",
        "a 1 ",
        "x=1 ",
        "1,",
        "1.",
        "-",
        "+",
        "e",
        "tensor(",
        "[",
        "{'a': ",
        "'",
        '"',
        "(",
        "=",
        ": ",
        "%",
        "|",
        "| a ",
        "━",
        "Epoch ",
        "Epoch 1 ",
        "train ",
        "[CV] ",
        "\t",
        " ",
        "nan",
        "\x1b[",
        "\b",
        "\\",
        "'a': 1, ",
        "Trial 1 ",
        "1/2 [",
        "x's ",
    ],
)
def test_twice_the_text_takes_about_twice_the_time(piece):
    """A line of a thousand characters is read before the next one comes, whatever it is made of."""

    def seconds(length):
        line = (piece * length)[:length]
        best = 1e9
        for _ in range(3):
            reader = PrintedReader()
            # Another number in each line, so that none is known from the one before.
            text = "".join(f"{line}{number * 'q'} x=1\n" for number in range(20))
            start = time.thread_time()
            reader.feed(text, 1)
            best = min(best, time.thread_time() - start)
        return best

    assert seconds(900) < 12 * seconds(225) + 0.02
