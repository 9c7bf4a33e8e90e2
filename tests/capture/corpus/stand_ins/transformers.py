"""Plays back what Hugging Face's Trainer prints: a dict a logging step, evaluation dicts, TrainOutput."""

import math
import sys
from collections import namedtuple

import numpy as np

TrainOutput = namedtuple("TrainOutput", "global_step training_loss metrics")
PredictionOutput = namedtuple("PredictionOutput", "predictions label_ids metrics")
EvalPrediction = namedtuple("EvalPrediction", "predictions label_ids")


class TrainingArguments:
    def __init__(self, output_dir="trainer_output", **given):
        self.output_dir, self.num_train_epochs, self.learning_rate = output_dir, 3, 5e-5
        self.per_device_train_batch_size, self.logging_steps, self.eval_strategy = 8, 500, "no"
        self.__dict__.update(given)


class AutoTokenizer:
    @classmethod
    def from_pretrained(cls, name, **_):
        return cls()


class AutoModelForSequenceClassification(AutoTokenizer):
    pass


class Trainer:
    def __init__(self, model=None, args=None, train_dataset=None, eval_dataset=None, compute_metrics=None, **_):
        self.model, self.args, self.compute_metrics = model, args or TrainingArguments(), compute_metrics
        self.train_dataset, self.eval_dataset, self._epoch = train_dataset, eval_dataset, 0.0

    def train(self):
        a, losses = self.args, []
        in_epoch = math.ceil(len(self.train_dataset) / a.per_device_train_batch_size)
        total = in_epoch * a.num_train_epochs
        for step in range(1, total + 1):
            losses.append(0.69 * math.exp(-2.5 * step / total) + 0.02 * math.sin(step))
            self._epoch = round(step / in_epoch, 2)
            print(f"\r{step / total:4.0%}| {step}/{total} [00:02<00:01, 38.12it/s]", end="", file=sys.stderr)
            if step % a.logging_steps == 0:
                rate = a.learning_rate * (1 - step / total)
                print({"loss": round(sum(losses[-a.logging_steps :]) / a.logging_steps, 4),
                       "grad_norm": 2.0 + math.cos(step), "learning_rate": rate, "epoch": self._epoch})  # fmt: skip
            if a.eval_strategy == "epoch" and step % in_epoch == 0:
                self.evaluate()
        speed = {"train_runtime": 4.0123, "train_samples_per_second": 149.54, "train_steps_per_second": 9.346}
        metrics = {**speed, "train_loss": sum(losses) / total, "epoch": self._epoch}
        print(metrics)
        return TrainOutput(total, metrics["train_loss"], metrics)

    def predict(self, dataset, metric_key_prefix="test"):
        labels = np.array([row["label"] for row in dataset])
        logits = np.random.default_rng(len(labels)).normal(size=(len(labels), 2))
        logits[np.arange(len(labels)), labels] += 1.2 + 0.3 * self._epoch
        scores = {"loss": 0.31 + 0.3 * math.exp(-self._epoch)}
        scores.update(self.compute_metrics(EvalPrediction(logits, labels)) if self.compute_metrics else {})
        scores.update(runtime=0.5127, samples_per_second=390.13, steps_per_second=25.36)
        return PredictionOutput(logits, labels, {f"{metric_key_prefix}_{k}": v for k, v in scores.items()})

    def evaluate(self, eval_dataset=None, metric_key_prefix="eval"):
        metrics = self.predict(eval_dataset or self.eval_dataset, metric_key_prefix).metrics
        print({**metrics, "epoch": self._epoch})
        return {**metrics, "epoch": self._epoch}
