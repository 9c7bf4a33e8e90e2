"""What one line of the table of endpoints says."""

from __future__ import annotations

from dataclasses import dataclass

from .entities import Response
from .fields import Field

__all__ = ["API_PREFIXES", "FILE", "NOTHING", "Endpoint"]

#: Where the API is: for programs, and (the same) where MLflow's own UI asks.
API_PREFIXES = ("api/2.0/mlflow/", "ajax-api/2.0/mlflow/")

NOTHING = Response()
#: The bytes of a file instead of JSON.
FILE = Response(entity=bytes)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One line of the table.

    Parameters
    ----------
    name : str
        The function of the service.
    methods : tuple of str
        The first is the one that a client uses.
    route : str
        Below the prefixes.
    request : tuple of Field
    response : Response
    writes : bool
        Whether it changes the store, whatever its HTTP method: searches are sent by POST.
    prefixes : tuple of str
        What `route` may be preceded by.
    """

    name: str
    methods: tuple[str, ...]
    route: str
    request: tuple[Field, ...]
    response: Response
    writes: bool = False
    prefixes: tuple[str, ...] = API_PREFIXES

    @property
    def paths(self) -> tuple[str, ...]:
        """Every place where it is served, relative to the service's root."""
        return tuple(f"{prefix}{self.route}" for prefix in self.prefixes)
