"""What the code says of printed names."""

import pytest

from jupyter_track.analysis.source import CellSource
from jupyter_track.capture.rules import printed_labels, same_quantity
from jupyter_track.capture.rules.labels import SIZE, SWEPT, Label, long_names


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        ("loss = f()\nprint(f'Test loss: {loss:.3f}')", {"Test loss": Label("loss")}),
        ("loss = f()\nprint('Test loss:', loss)", {"Test loss": Label("loss")}),
        ("loss = f()\nprint('Test loss =', round(loss, 3))", {"Test loss": Label("loss")}),
        ("loss = f()\nprint('Test loss =', loss.item())", {"Test loss": Label("loss")}),
        ("acc = f()\nprint(f'{acc=:.1%}, Acc: {acc:.1%}')", {"acc": Label("acc", True), "Acc": Label("acc", True)}),
        ("print(f'Epoch {e}, rate: {lr}')", {"rate": Label("lr"), "Epoch": Label("e")}),
        ("loss = f()\nprint('Test loss: %.3f, n: %d' % (loss, n))", {"Test loss": Label("loss"), "n": Label("n")}),
        ("loss = f()\nprint('Test loss: {:.3f}'.format(loss))", {"Test loss": Label("loss")}),
        ("loss = f()\nprint('Test loss: {x:.3f}'.format(x=loss))", {"Test loss": Label("loss")}),
        ("loss = f()\nprint('Test loss: {1} {0}'.format(a, loss))", {"Test loss": Label("loss")}),
        ("loss = f()\nprint('Test loss: ' + str(loss))", {"Test loss": Label("loss")}),
        ("loss = f()\nlogger.info('Test loss: %s', loss)", {"Test loss": Label("loss")}),
        ("loss = f()\nbar.set_postfix(train=loss.item(), other=1 + 1)", {"train": Label("loss")}),
        ("loss = f()\nbar.set_postfix({'train': loss})", {"train": Label("loss")}),
        ("acc = f()\nprint(f'Acc: {100 * acc:.1f}%')", {"Acc": Label("acc", True)}),
        ("acc = f()\nprint('Acc: %.1f%%' % (acc * 100))", {"Acc": Label("acc", True)}),
        ("acc = f()\nprint(f'Acc: {100 * acc:.1f}')", {}),
        ("print(f'loss {losses[0]:.3f}')", {"loss": Label("loss")}),
        ("share = f()\nprint(f'the share is {share}')", {"the share is": Label("share")}),
        ("total = f()\nprint(f'Accuracy on the {total} images: {acc}')", {"images": Label("acc")}),
        ("for C in [0.1, 1]: print(f'C={C}')", {"C": Label("C", reason=SWEPT)}),
        (
            "for i, C in enumerate((0.1, 1)): print(f'C={C} n={i}')",
            {"C": Label("C", reason=SWEPT), "n": Label("i", reason=SWEPT)},
        ),
        ("print(f'- a - b: {lr}')", {"b": Label("lr")}),
        ("C = 0.5\nprint(f'regularisation: {C}')", {"regularisation": Label("C")}),
        ("s = f()\nprint(f'accuracy: {s}')", {}),
        ("for acc in accs: print(f'accuracy: {acc}')", {}),
        ("def f():\n    l = 1\n    print(f'loss: {l}')", {}),
        ("_x = f()\nprint(f'loss: {_x}')", {}),
        ("for i in range(3):\n    s = f()\n    print(f'accuracy: {s}')", {"accuracy": Label("s")}),
        (
            "a, b = f(), g()\nprint(f'x: {a}')\nprint(f'x: {b}')",
            {"x": Label("x", reason="it is printed for several: a, b")},
        ),
        ("aa, b = f(), g()\nprint(f'x: {aa}')\nprint(f'x: {len(aa)}')", {}),
        ("print('loss:', losses[0], 'n:', len(xs))", {"n": Label("n", reason=SIZE)}),
        ("log('loss:', loss)", {}),
        (f"print('{'x' * 100_000}:', lr)", {}),
    ],
)
def test_labels_are_read_from_the_code(cell, labels):
    found = printed_labels(CellSource(cell))
    assert {name: label for name, label in found.items() if len(name) < 200} == labels


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("s = f()\nprint(f'accuracy: {s:.2f}')", {"s": "accuracy"}),
        ("s, t = f()\nprint('accuracy', s, 'loss', t)", {"s": "accuracy", "t": "loss"}),
        ("s = f()\nprint('accuracy:', s)\nprint('Final:', s)", {"s": "accuracy"}),
        ("s = t = f()\nprint('accuracy:', s)\nprint('accuracy:', t)", {}),
        ("s = f()\ns = g(s)\nprint('accuracy:', s)", {}),
        ("for i in x:\n    s = f()\n    print('accuracy:', s)", {}),
        ("acc = f()\nprint('accuracy:', acc)\ns = f()\nprint('s:', s, 'of', s)", {}),
    ],
)
def test_names_of_one_letter_are_called_what_they_are_printed_as(cell, names):
    assert long_names(CellSource(cell)) == names


@pytest.mark.parametrize(
    ("printed", "named"),
    [("Test accuracy", "acc"), ("accuracy", "test_accuracy"), ("Validation loss", "val_loss"), ("F1", "f1")],
)
def test_names_that_mean_the_same(printed, named):
    assert same_quantity(printed, named)


@pytest.mark.parametrize(("printed", "named"), [("loss", "acc"), ("ac", "acc"), ("", "x"), ("train loss", "val_loss")])
def test_names_that_mean_something_else(printed, named):
    assert not same_quantity(printed, named)
