"""What is read from printed text, and what is not."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jupyter_track.capture.rules import PrintedReader
from jupyter_track.capture.rules.labels import Label


def read(text, labels=None):
    reader = PrintedReader(labels)
    points = [*reader.feed(text, 1), *reader.close(2)]
    return [(point.key, point.value, point.step) for point in points]


@pytest.mark.parametrize(
    ("line", "points"),
    [
        ("loss: 0.25", [("loss", 0.25, 0)]),
        ("loss=0.25", [("loss", 0.25, 0)]),
        ("loss = 0.25.", [("loss", 0.25, 0)]),
        ("   indented:-.5e-3", [("indented", -0.0005, 0)]),
        ("loss: 0.5, acc: 0.9", [("loss", 0.5, 0), ("acc", 0.9, 0)]),
        ("loss:0.5,acc:0.9", [("loss", 0.5, 0), ("acc", 0.9, 0)]),
        ("val_loss=0.25;val_acc=0.75", [("val_loss", 0.25, 0), ("val_acc", 0.75, 0)]),
        ("RMSE: 3.2 / MAE: 2.1", [("RMSE", 3.2, 0), ("MAE", 2.1, 0)]),
        ("loss: 0.5 | acc: 0.9", [("loss", 0.5, 0), ("acc", 0.9, 0)]),
        ("Test accuracy: 93%", [("Test accuracy", 93.0, 0)]),
        ("Test accuracy: 93.5 % of all", [("Test accuracy", 93.5, 0)]),
        ("AIC = 1,234.56", [("AIC", 1234.56, 0)]),
        ("clicks: 1,234,567", [("clicks", 1234567.0, 0)]),
        ("Accuracy = 0.95 (+/- 0.02)", [("Accuracy", 0.95, 0)]),
        ("acc (val): 0.5", [("acc val", 0.5, 0)]),
        ("precision@10: 0.5", [("precision_at_10", 0.5, 0)]),
        ("top-5 acc: 0.93", [("top-5 acc", 0.93, 0)]),
        ("train/loss: 0.5", [("train/loss", 0.5, 0)]),
        ("R2 score: 0.83", [("R2 score", 0.83, 0)]),
        ("F1: .9", [("F1", 0.9, 0)]),
        ("Genauigkeit für Züge: 0.5", [("Genauigkeit für Züge", 0.5, 0)]),
        ("损失: 0.5", [("损失", 0.5, 0)]),
        ("Mean squared error: 3.25", [("Mean squared error", 3.25, 0)]),
        ("Adjusted Rand index: 0.8", [("Adjusted Rand index", 0.8, 0)]),
        (
            "Accuracy of the network on the 10000 test images: 93 %",
            [("Accuracy of the network on the 10000 test images", 93.0, 0)],
        ),
        ("2024-01-15 10:30:00,123 INFO loss=0.5", [("loss", 0.5, 0)]),
        ("[INFO] loss: 0.5", [("loss", 0.5, 0)]),
        ("\x1b[32mloss: \x1b[1m0.5\x1b[0m", [("loss", 0.5, 0)]),
        (
            "Test set: Average loss: 0.0287, Accuracy: 9905/10000 (99%)",
            [("Average loss", 0.0287, 0), ("Accuracy", 99.0, 0)],
        ),
        ("loss: inf", [("loss", math.inf, 0)]),
        ("loss: -Infinity", [("loss", -math.inf, 0)]),
        ("loss: 1e400", [("loss", math.inf, 0)]),
        ("3rd loss: 0.5", [("loss", 0.5, 0)]),
    ],
)
def test_a_name_and_its_number(line, points):
    assert read(line) == points


@pytest.mark.parametrize(
    ("line", "points"),
    [
        ("Epoch 5 loss: 0.5", [("loss", 0.5, 5)]),
        ("epoch=3 loss=0.5", [("loss", 0.5, 3)]),
        ("Epoch: 3, loss: 0.5", [("loss", 0.5, 3)]),
        ("Epoch 0007 | loss: 0.5", [("loss", 0.5, 7)]),
        ("Epoch [3/10], Step [100/600], Loss: 0.25", [("Loss", 0.25, 100)]),
        ("[2,  4000] loss: 0.25", [("loss", 0.25, 4000)]),
        ("Train Epoch: 1 [640/60000 (1%)]\tLoss: 0.5", [("Loss", 0.5, 1)]),
        ("[10/100] loss: 0.5", [("loss", 0.5, 10)]),
        ("[0]\ttrain-logloss:0.5\teval-logloss:0.6", [("train-logloss", 0.5, 0), ("eval-logloss", 0.6, 0)]),
        ("Iteration 100, loss = 0.25", [("loss", 0.25, 100)]),
        ("iter: 100 loss: 0.25", [("loss", 0.25, 100)]),
        ("step 3 of 10: train loss: 0.5", [("train loss", 0.5, 3)]),
        ("Fold 1 accuracy: 0.9", [("accuracy", 0.9, 1)]),
        ("step 20 train 0.31 val 0.42", [("train", 0.31, 20), ("val", 0.42, 20)]),
        ("epoch 3, val 0.31, took 0.5", [("val", 0.31, 3)]),
        ("epoch 3 of 0.5", []),
        ("epoch 3 seen 17", []),
        ("epoch 3 moved on by 0.5", []),
        ("100/100 - 1s - loss: 0.5000 - val_accuracy: 0.7", [("loss", 0.5, 0), ("val_accuracy", 0.7, 0)]),
    ],
)
def test_the_step_that_a_line_tells(line, points):
    assert read(line) == points


@pytest.mark.parametrize(
    "line",
    [
        "10:30", "time: 10:30", "started: 2024-01-15", "Python: 3.11.4", "torch: 2.1.0+cu118", "at http://127.0.0.1:8888/",
        "host: 127.0.0.1", "ratio: 3/10", "size: 3.5MB", "took: 0.5s", "x: 1,2,3", "saved to out/model.pt: 3",
        "model: 3.pt", "shape: (150, 4)", "tensor(0.3)",
        "a == 1", "x != 1", "x >= 1", "status: info", "name: nancy", "size 0.5", "0.5", ": 0.5", "= 3",
        "100%|███| 10/10", "loading: 50%|███", "CPU times: user 1 s", "Wall time: 3 s", "Wall time: 3.5", "http://localhost:8888/lab?token=1a",
        "    accuracy                           0.97        30", "x" * 990 + ": 1", "SVC(C=0.5, gamma=0.1)",
        "UserWarning: p: 0.5", "loss: [0.1, 0.2]", "loss: 0.1 0.2 0.3", "loss went from 0.5 to 0.4", "Found 3 files",
        "best params: {'C': 0.5}", "val_loss improved from 0.6 to 0.5, saving model",
    ],
)  # fmt: skip
def test_what_is_no_metric(line):
    assert read(line) == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("port: 8888", "an address"), ("pid=17", "a machine's part"), ("CUDA version: 12", "a version"),
        ("torch: 2.1", "a version"), ("Warning: 3", "a warning"), ("Error: 404", "the number of an error"),
        ("exit code: 1", "it tells one thing from others"), ("seed: 7", "it tells one thing from others"),
        ("rank: 0", "it tells one thing from others"), ("index: 3", "it tells one thing from others"),
        ("Epochs: 10", "a counter"), ("Number of epochs: 10", "a counter"), ("max_iter=100", "a counter"),
        ("GPU: 0", "a machine's part"), ("Batch size: 32", "a size"), ("rows: 1,234", "a size"),
        ("Number of samples: 150", "a size"), ("Training time: 3.5", "a duration"), ("latency: 12.3 ms", "a duration"),
        ("took: 0.5s", "a duration"), ("fit: 1.5 s", "a duration"), ("peak: 3.5 GB", "an amount of memory"),
        ("memory: 3.5", "an amount of memory"), ("speed: 120 it/s", "a speed"), ("year: 1998", "a date"),
    ],
)  # fmt: skip
def test_numbers_that_say_something_else_are_left_out_with_a_reason(line, reason):
    reader = PrintedReader()
    assert reader.feed(line + "\n", 1) == []
    (skipped,) = reader.skipped.values()
    assert skipped.reason.startswith(reason)


@pytest.mark.parametrize("line", ["Epochs: 10", "Best epoch: 7", "max_iter=100", "Batch size: 32", "epoch 1.5"])
def test_what_only_sounds_like_a_step_is_none(line):
    assert read(f"{line}\nloss: 0.5")[-1] == ("loss", 0.5, 0)


def test_a_line_that_tells_a_step_heads_those_that_follow():
    text = "Epoch 1/2\nloss: 0.5 acc: 0.1\nEpoch 2/2\nloss: 0.4\nacc: 0.2\n"
    assert read(text) == [("loss", 0.5, 1), ("acc", 0.1, 1), ("loss", 0.4, 2), ("acc", 0.2, 2)]


def test_a_curve_under_one_heading_goes_on():
    text = "Epoch 5\nloss: 3\nloss: 2\nEpoch 6\nloss: 1\nEpoch 9\nloss: 0\n"
    assert read(text) == [("loss", 3, 5), ("loss", 2, 6), ("loss", 1, 7), ("loss", 0, 9)]


def test_only_what_a_terminal_shows_counts():
    assert read("loss: 0.5\rloss: 0.4\rloss: 0.3\n") == [("loss", 0.3, 0)]
    assert read("loss: 0.5\r\nacc: 0.5\r\n") == [("loss", 0.5, 0), ("acc", 0.5, 0)]
    assert read("loss: 0.5\n", None) == read("loss: 0.5", None)


def test_a_summary_below_the_epochs_is_the_end_of_their_curve_in_full():
    epochs = "Epoch 1 loss: 0.5\nEpoch 2 loss: 0.42\n"
    assert read(f"{epochs}loss: 0.41666") == [("loss", 0.5, 1), ("loss", 0.42, 2), ("loss", 0.41666, 2)]
    for other in ("0.43", "0.42", "0.4266"):
        assert read(f"{epochs}loss: {other}")[-1] == ("loss", float(other), 3)


def test_labels_turn_printed_names_into_variables():
    labels = {"Test loss": Label("loss"), "Acc": Label("acc", percent=True)}
    assert read("Test loss: 0.5\nAcc: 93.5%\n", labels) == [("loss", 0.5, 0), ("acc", 0.935, 0)]
    # Without a percent sign the number is what it is.
    assert read("Acc: 0.5\n", labels) == [("acc", 0.5, 0)]


def test_a_number_printed_once_without_a_step_is_no_curve_yet():
    reader = PrintedReader()
    reader.feed("Epoch 1 loss: 0.5\nacc: 0.5\nf1: 0.5\nf1: 0.6\n", 1)
    assert reader.stepless == {"acc"}
    reader.feed("Epoch 2 loss: 0.4\nEpoch 2 test loss: 0.5, test acc: 0.5\nEpoch 3 mae: 0.5 mse: 0.5\n", 1)
    assert reader.stepless == {"acc", "test loss", "test acc"}
    reader.feed("Epoch 3 test loss: 0.4\n", 1)
    assert reader.stepless == {"acc", "test acc"}


def test_digits_after_the_point_are_remembered():
    reader = PrintedReader()
    reader.feed("Epoch 1 loss: 0.5\nacc: 0.5\nf1: 0.5\nf1: 0.6\n", 1)
    assert reader.decimals == {"loss": 1, "acc": 1, "f1": 1}


@pytest.mark.parametrize(
    "line",
    [
        "a" * 990, "a-" * 480, "a a " * 240, "a 1 " * 240, "x=1 " * 240, "a.b/" * 240, "(a) " * 240, "epoch " * 160,
        "best epoch " * 80, " " * 980, "a:" + " " * 980, "1," * 480, "a: 1,234," * 100, "\x1b[1" * 200, "[" * 900,
    ],
)  # fmt: skip
@pytest.mark.timeout(10)
def test_no_line_takes_long(line):
    """The cell waits for nobody, but the reader shares the interpreter with it: 200 lines are a moment."""
    reader = PrintedReader()
    points = reader.feed(f"{line} x=1\n" * 200, 1)
    assert points[-1:] or reader.skipped
    assert all(point.value in (1, 1234) for point in points)


_pieces = st.lists(
    st.sampled_from(["loss", "acc", "epoch", ": ", "=", "0.5", "3", "1e-3", "\n", "\r", " ", ", ", "%", "-", "nan"])
    | st.text(max_size=4),
    max_size=40,
)


@given(_pieces)
@example(["loss: 0.5", "\r", "\n", "loss: 0.4"])
def test_text_in_pieces_is_read_as_whole_lines_are(pieces):
    reader = PrintedReader()
    in_pieces = [point for piece in pieces for point in reader.feed(piece, 1)]
    in_pieces += reader.close(1)
    lines = PrintedReader()
    by_line = [point for line in "".join(pieces).split("\n") for point in lines.feed(line + "\n", 1)]
    assert repr(in_pieces) == repr(by_line)
    assert reader.stepless == lines.stepless


@given(st.lists(st.sampled_from(["x" * 997, "x" * 5_003, "\r", " loss: 0.5", "\n"]), max_size=12))
@example(["x" * 5_003, "x" * 5_003, " loss: 0.5", "\n"])
def test_lines_of_any_length_in_pieces(pieces):
    reader = PrintedReader()
    in_pieces = [point for piece in pieces for point in reader.feed(piece, 1)]
    in_pieces += reader.close(1)
    assert [(point.key, point.step) for point in in_pieces] == [(key, step) for key, _, step in read("".join(pieces))]


@given(st.floats(allow_nan=False), st.integers(0, 10**9))
def test_every_number_that_python_prints_comes_back(value, step):
    assert read(f"step {step} loss: {value}") == [("loss", value, step)]


def test_a_name_with_a_number_that_the_code_fills_in_is_the_variable_behind_it():
    line = "Accuracy of the network on the 75 test flowers: 94.5 %"
    assert read(line, {"test flowers": Label("accuracy")}) == [("accuracy", 94.5, 0)]
