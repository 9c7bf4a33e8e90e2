"""The host inside the Jupyter server: nothing to start, and the person who is logged in is the user."""

from .app import JupyterTrack

__all__ = ["JupyterTrack"]
