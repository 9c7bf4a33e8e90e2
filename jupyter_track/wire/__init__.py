"""MLflow's REST wire: one table of endpoints, and what goes over it. Standard library only.

The table (`ENDPOINTS`) says for each endpoint where it is, what it takes and what it answers. The service
is dispatched from it, hosts are routed from it, and tests walk it.
"""

from .endpoints import API_PREFIXES, ENDPOINTS, FILE, Endpoint
from .entities import ArtifactListing, Curves, Response, encode_response
from .fields import Choice, Field, Integer, Step, Tags, Text, Version, decode_fields

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
    "Response",
    "Step",
    "Tags",
    "Text",
    "Version",
    "decode_fields",
    "encode_response",
]
