"""Plays back what tf.keras 2 prints: epoch lines, bars of = and >, evaluate lines, the callbacks' messages."""

import math
import sys
from types import ModuleType, SimpleNamespace

__version__ = "2.12.0"


class _Part:
    """A layer, an optimizer, a callback: keeps what it was given."""

    def __init__(self, *args, **given):
        self.args, self.lr, self.gap = args, given.get("learning_rate", 0.001), given.get("patience", 3)
        self.__dict__.update(given)


class Sequential:
    def __init__(self, layers=()):
        self.layers, self._done = list(layers), 0

    def add(self, layer):
        self.layers.append(layer)

    def compile(self, optimizer="rmsprop", loss=None, metrics=()):
        self._lr, self._names = getattr(optimizer, "lr", 0.001), ["loss", *metrics]

    def _now(self, prefix="", gap=0.0):
        loss = (0.65 + gap) * math.exp(-0.35 * self._done) + 0.08 + gap * max(0, self._done - 4)
        values = {"loss": loss, "accuracy": 1 - loss / 2.2, "mae": loss / 1.3}
        return {prefix + name: values[name] for name in self._names}

    def _report(self, steps, logs, verbose, speed):
        told = " - ".join(f"{name}: {value:.4f}" for name, value in logs.items())
        if verbose == 1:
            bar, shown = f"{steps // 2}/{steps} [" + "=" * 14 + ">" + "." * 15 + "]", told.split(" - val_")[0]
            print(f"{bar} - ETA: 0s - {shown}" + "\b" * (len(bar) + 8), end="\r")
            print(f"{steps}/{steps} [" + "=" * 30 + f"] - 1s {speed}ms/step - {told}")
        elif verbose:
            print(f"{steps}/{steps} - 1s - {told} - {speed * steps}ms/epoch - {speed}ms/step")

    def fit(self, x, y, batch_size=32, epochs=1, verbose=1, validation_data=None, validation_split=0, callbacks=()):
        history, best = {}, math.inf
        for epoch in range(1, epochs + 1):
            self._done += 1
            logs = self._now() | (self._now("val_", 0.06) if validation_data or validation_split else {})
            reducing = [c for c in callbacks if hasattr(c, "factor")]
            logs |= {"lr": self._lr} if reducing else {}
            print(f"Epoch {epoch}/{epochs}") if verbose else None
            for saver in (c for c in callbacks if hasattr(c, "save_best_only")):
                better = logs["val_loss"] < best
                told = f"improved from {best:.5f} to {logs['val_loss']:.5f}, saving model to {saver.args[0]}"
                print(f"\nEpoch {epoch}: val_loss " + (told if better else f"did not improve from {best:.5f}"))
            best = min(best, logs.get("val_loss", math.inf))
            if reducing and epoch % (2 * reducing[0].gap) == 0:
                self._lr *= reducing[0].factor
                print(f"\nEpoch {epoch}: ReduceLROnPlateau reducing learning rate to {self._lr}.")
            self._report(math.ceil(len(x) * (1 - validation_split) / batch_size), logs, verbose, 5)
            for name, value in logs.items():
                history.setdefault(name, []).append(value)
        return SimpleNamespace(history=history, epoch=list(range(epochs)))

    def evaluate(self, x, y, verbose=1, batch_size=32):
        self._report(math.ceil(len(x) / batch_size), self._now(gap=0.05), verbose, 2)
        return list(self._now(gap=0.05).values())


def _module(name, **contents):
    module = sys.modules[name] = ModuleType(name)
    module.__dict__.update(contents)
    return module


_names = ["Dense", "Dropout", "Flatten", "LSTM", "Embedding", "Adam", "SGD", "ReduceLROnPlateau", "ModelCheckpoint"]
_parts = {"Sequential": Sequential, **dict.fromkeys(_names, _Part)}
random = _module("tensorflow.random", set_seed=lambda seed: None)
keras = _module("tensorflow.keras", Sequential=Sequential)
for _name in ("layers", "models", "optimizers", "callbacks"):
    setattr(keras, _name, _module(f"tensorflow.keras.{_name}", **_parts))
