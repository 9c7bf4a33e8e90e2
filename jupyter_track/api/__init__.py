"""The REST service as plain functions: a decoded request in, an answer out. Knows no web framework."""

from .answers import Answer
from .api import MAX_BODY_BYTES, Api, Request
from .errors import error_answer
from .runs import Artifact
from .service import Service

__all__ = ["MAX_BODY_BYTES", "Answer", "Api", "Artifact", "Request", "Service", "error_answer"]
