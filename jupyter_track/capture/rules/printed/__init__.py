"""The rule that reads metrics from what a cell prints.

A stream becomes lines as a terminal would show them (`screen`); a line belongs to a layout that a library prints
(`layouts`) or holds names and numbers (`pairs`); `steps` says where on its curve each point lies, and `scores`
which numbers are no metrics.
"""

from .reader import PrintedReader

__all__ = ["PrintedReader"]
