"""A small PyTorch Lightning: trains in earnest and prints the real one's progress bars and result tables."""

import sys
from types import ModuleType

import torch


class LightningModule(torch.nn.Module):
    def log(self, name, value, prog_bar=False, **_):
        self.trainer.seen.setdefault(name, []).append((float(value), prog_bar))


RichProgressBar = type("RichProgressBar", (), {})


class ModelCheckpoint:
    best_model_path, best_model_score = "", None

    def __init__(self, monitor=None, mode="min", **_):
        self.monitor, self.mode = monitor, mode


def seed_everything(seed=0, workers=False):
    torch.manual_seed(seed)
    print(f"Seed set to {seed}", file=sys.stderr)


class Trainer:
    def __init__(self, max_epochs=1000, callbacks=(), **_):
        self.max_epochs, self.callbacks, self.seen, self.callback_metrics = max_epochs, list(callbacks), {}, {}

    def _steps(self, loader, step, title):
        for i, batch in enumerate(loader, 1):
            yield step(batch, i - 1)
            bar = f"{i / len(loader):4.0%}|{'█' * (10 * i // len(loader)):10}| {i}/{len(loader)}"
            print(f"\r{title}: {bar} [00:00<00:00, 96.42it/s]", end="")

    def _means(self, in_bar=False):
        kept = {name: points for name, points in self.seen.items() if points[0][1] or not in_bar}
        return {name: sum(v for v, _ in points) / len(points) for name, points in kept.items()}

    def fit(self, model, train_dataloaders=None, val_dataloaders=None):
        model.trainer, optimizer, n = self, model.configure_optimizers(), len(train_dataloaders)
        for epoch in range(self.max_epochs):
            for loss in self._steps(train_dataloaders, model.training_step, f"Epoch {epoch}"):
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            if val_dataloaders is not None:
                with torch.no_grad():
                    list(self._steps(val_dataloaders, model.validation_step, "Validation DataLoader 0"))
            tail = "".join(f", {name}={value:.3g}" for name, value in self._means(in_bar=True).items())
            print(f"\rEpoch {epoch}: 100%|██████████| {n}/{n} [00:00<00:00, 96.42it/s, v_num=0{tail}]", end="")
            self.callback_metrics, self.seen = {k: torch.tensor(v) for k, v in self._means().items()}, {}
            for saver in (c for c in self.callbacks if isinstance(c, ModelCheckpoint)):
                score, best = self.callback_metrics[saver.monitor], saver.best_model_score
                if best is None or (score < best if saver.mode == "min" else score > best):
                    saver.best_model_score, saver.best_model_path = score, f"checkpoints/epoch={epoch}.ckpt"
        print()
        print(f"`Trainer.fit` stopped: `max_epochs={self.max_epochs}` reached.", file=sys.stderr)

    def _table(self, model, loader, step, title, bar):
        model.trainer, self.seen = self, {}
        with torch.no_grad():
            list(self._steps(loader, step, f"{bar} DataLoader 0"))
        means, self.seen, rule = self._means(), {}, "─" * 80
        rows = [rule, f"{title:^27}{'DataLoader 0':^27}", rule, *(f"{k:^27}{v:^27}" for k, v in means.items()), rule]
        if any(isinstance(c, RichProgressBar) for c in self.callbacks):
            bars, body = "━" * 27, [f"│{name:^27}│{value:^27}│" for name, value in means.items()]
            top = [f"┏{bars}┳{bars}┓", f"┃{title:^27}┃{'DataLoader 0':^27}┃", f"┡{bars}╇{bars}┩"]
            rows = [*top, *body, f"└{'─' * 27}┴{'─' * 27}┘"]
        print("", *rows, sep="\n")
        return [means]

    def validate(self, model, dataloaders=None, **_):
        return self._table(model, dataloaders, model.validation_step, "Validate metric", "Validation")

    def test(self, model, dataloaders=None, **_):
        return self._table(model, dataloaders, model.test_step, "Test metric", "Testing")


callbacks = sys.modules["pytorch_lightning.callbacks"] = ModuleType("pytorch_lightning.callbacks")
callbacks.RichProgressBar, callbacks.ModelCheckpoint = RichProgressBar, ModelCheckpoint
