"""Plays back emcee: the affine-invariant ensemble sampler with its tqdm progress bar (progress=True)."""

import numpy as np
from tqdm import tqdm

__version__ = "3.1.6"


class EnsembleSampler:
    """Stretch moves of Goodman and Weare, one walker after the other."""

    def __init__(self, nwalkers, ndim, log_prob_fn, args=None, a=2.0):
        self.nwalkers = nwalkers
        self.ndim = ndim
        self.log_prob_fn = log_prob_fn
        self.args = args or ()
        self.a = a
        self.naccepted = np.zeros(nwalkers)
        self.iteration = 0
        self._chain = np.empty((0, nwalkers, ndim))
        self._log_prob = np.empty((0, nwalkers))
        self._random = np.random.mtrand.RandomState()
        self._random.set_state(np.random.get_state())

    def run_mcmc(self, initial_state, nsteps, progress=False):
        x = np.array(initial_state, dtype=float)
        logp = np.array([self.log_prob_fn(p, *self.args) for p in x])
        chain = np.empty((nsteps, self.nwalkers, self.ndim))
        log_prob = np.empty((nsteps, self.nwalkers))
        for step in tqdm(range(nsteps), total=nsteps, disable=not progress):
            for k in range(self.nwalkers):
                other = x[(k + 1 + self._random.randint(self.nwalkers - 1)) % self.nwalkers]
                z = ((self.a - 1) * self._random.rand() + 1) ** 2 / self.a
                proposal = other + z * (x[k] - other)
                new = self.log_prob_fn(proposal, *self.args)
                if np.log(self._random.rand()) < (self.ndim - 1) * np.log(z) + new - logp[k]:
                    x[k], logp[k] = proposal, new
                    self.naccepted[k] += 1
            chain[step], log_prob[step] = x, logp
        self.iteration += nsteps
        self._chain = np.concatenate([self._chain, chain])
        self._log_prob = np.concatenate([self._log_prob, log_prob])
        return x

    @property
    def acceptance_fraction(self):
        return self.naccepted / self.iteration

    def get_chain(self, discard=0, thin=1, flat=False):
        kept = self._chain[discard + thin - 1 :: thin]
        return kept.reshape(-1, self.ndim) if flat else kept

    def get_log_prob(self, discard=0, thin=1, flat=False):
        kept = self._log_prob[discard + thin - 1 :: thin]
        return kept.reshape(-1) if flat else kept
