"""The contract of the stores as one test class: whoever keeps experiments and models has to pass it.

A test class of a family inherits `StoreContract` and has a fixture ``store``; a family that several processes
can open at the same time inherits `SharedStoreContract`, and its fixture ``uri`` says where the store is.
"""

from .contract_concurrency import ConcurrencyContract, ProcessesContract
from .contract_experiments import ExperimentContract
from .contract_history import HistoryContract
from .contract_inputs import InputsContract
from .contract_lifecycle import LifecycleContract
from .contract_logging import LoggingContract
from .contract_registry import RegistryContract
from .contract_runs import RunContract
from .contract_search import SearchContract

__all__ = ["SharedStoreContract", "StoreContract"]


class StoreContract(
    ExperimentContract,
    RunContract,
    LoggingContract,
    HistoryContract,
    InputsContract,
    LifecycleContract,
    SearchContract,
    RegistryContract,
    ConcurrencyContract,
):
    """What holds for every store."""


class SharedStoreContract(StoreContract, ProcessesContract):
    """What holds besides for a store that other processes can open."""
