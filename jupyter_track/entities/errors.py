"""The error tree. Every error says what was wrong, with which value, and what to do.

::

    TrackError                      INTERNAL_ERROR             500
    ├── InvalidParameterValue       INVALID_PARAMETER_VALUE    400   also a ValueError
    ├── ResourceAlreadyExists       RESOURCE_ALREADY_EXISTS    400
    ├── ResourceDoesNotExist        RESOURCE_DOES_NOT_EXIST    404
    └── StoreUnavailable            TEMPORARILY_UNAVAILABLE    503   worth trying again
        └── SchemaMismatch          TEMPORARILY_UNAVAILABLE    503   after a migration or an upgrade

``error_code`` and ``http_status`` are those of MLflow's REST API, so one place maps an error to an
answer and back.
"""

from __future__ import annotations

__all__ = [
    "InvalidParameterValue",
    "ResourceAlreadyExists",
    "ResourceDoesNotExist",
    "SchemaMismatch",
    "StoreUnavailable",
    "TrackError",
]


class TrackError(Exception):
    """Base of everything that jupyter-track raises on purpose."""

    error_code: str = "INTERNAL_ERROR"
    http_status: int = 500

    @property
    def message(self) -> str:
        """What was wrong; under this name code reads it that was written for MLflow's exception."""
        return str(self)

    def get_http_status_code(self) -> int:
        """Return the status with which a server answers this."""
        return self.http_status


class InvalidParameterValue(TrackError, ValueError):
    """A value that can never be accepted as it is; trying again does not help."""

    error_code = "INVALID_PARAMETER_VALUE"
    http_status = 400


class ResourceAlreadyExists(TrackError):
    """The name is taken."""

    error_code = "RESOURCE_ALREADY_EXISTS"
    # 400 and not 409: MLflow's clients look for this pair.
    http_status = 400


class ResourceDoesNotExist(TrackError):
    """Nothing has that id or name."""

    error_code = "RESOURCE_DOES_NOT_EXIST"
    http_status = 404


class StoreUnavailable(TrackError):
    """The store cannot be reached or written at the moment; what waits for it may be tried again."""

    error_code = "TEMPORARILY_UNAVAILABLE"
    http_status = 503


class SchemaMismatch(StoreUnavailable):
    """The database's schema is not the one this version of the package works with."""
