"""Plays back fastai's learners: the epoch table of fit_one_cycle and fine_tune, validate, lr_find."""

import math
import sys
from collections import namedtuple
from pathlib import Path
from types import ModuleType

SuggestedLRs = namedtuple("SuggestedLRs", "valley")


class L(list):
    def __repr__(self):
        return f"(#{len(self)}) [{','.join(map(str, self))}]"


def accuracy(preds, targs):
    return (preds.argmax(-1) == targs).mean()


def error_rate(preds, targs):
    return 1 - accuracy(preds, targs)


class Learner:
    def __init__(self, dls, arch=None, metrics=(), **_):
        self.metrics, self._done = metrics if isinstance(metrics, list) else [metrics], 0

    def _scores(self):
        wrong = 0.04 + 0.3 * math.exp(-0.6 * self._done)
        values = {"accuracy": 1 - wrong, "error_rate": wrong}
        return [0.12 + 0.9 * math.exp(-0.5 * self._done), *(values.get(m.__name__, wrong) for m in self.metrics)]

    def fit_one_cycle(self, n_epoch, lr_max=None, **_):
        names = ["epoch", "train_loss", "valid_loss", *(m.__name__ for m in self.metrics), "time"]
        widths = [max(8, len(name)) for name in names]
        print("  ".join(f"{name:{width}}" for name, width in zip(names, widths, strict=True)))
        for epoch in range(n_epoch):
            self._done += 1
            train = 0.05 + 1.2 * math.exp(-0.5 * self._done)
            cells = [str(epoch), *(f"{v:.6f}" for v in [train, *self._scores()]), "00:07"]
            for percent in (0, 50, 100):
                bar = f"{'█' * (percent // 5):20}"
                print(f"\rEpoch {epoch + 1}/{n_epoch} : |{bar}| {percent:.2f}% [{percent // 4}/25 00:03<00:03]", end="")
            print("\r" + " " * 70 + "\r", end="")
            print("  ".join(f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True)))

    def fine_tune(self, epochs, base_lr=2e-3, freeze_epochs=1, **_):
        self.fit_one_cycle(freeze_epochs, base_lr)
        self.fit_one_cycle(epochs, base_lr / 2)

    def validate(self):
        return L(self._scores())

    def lr_find(self, *_, **__):
        return SuggestedLRs(valley=0.0014454397605732083)

    def unfreeze(self):
        pass


class DataLoaders:
    @classmethod
    def from_df(cls, *_, **__):
        return cls()

    from_name_func = from_folder = from_df


for name in ("fastai.vision", "fastai.vision.all", "fastai.tabular", "fastai.tabular.all"):
    module = sys.modules[name] = ModuleType(name)
    module.__dict__.update(
        Path=Path, accuracy=accuracy, error_rate=error_rate, Learner=Learner, ImageDataLoaders=DataLoaders,
        TabularDataLoaders=DataLoaders, vision_learner=Learner, tabular_learner=Learner,
        cnn_learner=Learner, Categorify="Categorify", FillMissing="FillMissing", Normalize="Normalize",
        resnet18="resnet18", resnet34="resnet34", Resize=lambda size: ("Resize", size), aug_transforms=lambda **_: [],
    )  # fmt: skip
