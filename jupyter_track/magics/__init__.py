"""``%%track`` and ``%track``: parse a line, call one function, show a result."""

from .extension import load_ipython_extension, unload_ipython_extension

__all__ = ["load_ipython_extension", "unload_ipython_extension"]
