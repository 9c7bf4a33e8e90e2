"""Plays back PyMC: a model of Normal and HalfNormal variables, its sampler's messages and its progress line."""

import sys
from types import SimpleNamespace

import numpy as np

__version__ = "5.16.2"
_models = []


class _Values(np.ndarray):
    """An array of (chain, draw) with the one attribute of xarray that is used most."""

    @property
    def values(self):
        return np.asarray(self)


class Model:
    def __init__(self):
        self.free, self.observed = [], []

    def __enter__(self):
        _models.append(self)
        return self

    def __exit__(self, *exc):
        _models.pop()


class Normal:
    def __init__(self, name, mu=0.0, sigma=1.0, observed=None):
        self.name, self.mu, self.sigma, self.observed = name, mu, sigma, observed
        (_models[-1].free if observed is None else _models[-1].observed).append(self)

    def logp(self, value, at):
        mu, sigma = (at.get(p.name) if isinstance(p, Normal) else p for p in (self.mu, self.sigma))
        return float(np.sum(-0.5 * ((value - mu) / sigma) ** 2 - np.log(sigma)))


class HalfNormal(Normal):
    def __init__(self, name, sigma=1.0, observed=None):
        super().__init__(name, 0.0, sigma, observed)

    def logp(self, value, at):
        return super().logp(value, at) if value > 0 else -np.inf


def _log_posterior(model, at):
    prior = sum(v.logp(at[v.name], at) for v in model.free)
    return prior + sum(v.logp(v.observed, at) for v in model.observed) if np.isfinite(prior) else prior


def sample(draws=1000, *, tune=1000, chains=4, random_seed=None, target_accept=0.8, progressbar=True):
    model, rng = _models[-1], np.random.default_rng(random_seed)
    names = [v.name for v in model.free]
    start = f"Initializing NUTS using jitter+adapt_diag...\nSequential sampling ({chains} chains in 1 job)"
    print(f"{start}\nNUTS: [{', '.join(names)}]", file=sys.stderr)
    out = {name: np.empty((chains, draws)).view(_Values) for name in names}
    for chain in range(chains):
        at = dict.fromkeys(names, 1.0)
        logp, step = _log_posterior(model, at), 0.5
        for i in range(tune + draws):
            new = {k: v + step * rng.normal() for k, v in at.items()}
            new_logp = _log_posterior(model, new)
            accept = np.log(rng.uniform()) < new_logp - logp
            at, logp = (new, new_logp) if accept else (at, logp)
            step *= 1.0 if i >= tune else (1.05 if accept else 0.97)
            for k in names if i >= tune else ():
                out[k][chain, i - tune] = at[k]
        if progressbar:
            print(f"\rSampling chain {chain}, 0 divergences {'-' * 40} 100% 0:00:00 / 0:00:01", file=sys.stderr)
    total = f"({chains * tune:_} + {chains * draws:_} draws total) took 1 seconds."
    print(f"Sampling {chains} chains for {tune:_} tune and {draws:_} draw iterations", total, file=sys.stderr)
    return SimpleNamespace(posterior=out)
