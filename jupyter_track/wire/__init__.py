"""MLflow's REST wire: one table of endpoints, and what goes over it. Standard library only.

The table (`ENDPOINTS`) says for each endpoint where it is, what it takes and what it answers. The service
is dispatched from it, hosts are routed from it, and tests walk it.
"""

from .endpoint import API_PREFIXES, FILE, Endpoint
from .endpoints import ENDPOINTS
from .entities import ArtifactListing, Curves, Response, encode_response
from .fields import Choice, Field, Integer, Number, Object, Step, Tags, Text, Time, Version, decode_fields

__all__ = [
    "API_PREFIXES",
    "ENDPOINTS",
    "FILE",
    "ArtifactListing",
    "Choice",
    "Curves",
    "Endpoint",
    "Field",
    "Integer",
    "Number",
    "Object",
    "Response",
    "Step",
    "Tags",
    "Text",
    "Time",
    "Version",
    "decode_fields",
    "encode_response",
]
