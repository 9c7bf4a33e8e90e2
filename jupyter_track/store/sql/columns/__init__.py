"""Columns of runs in memory, by which a search of many runs is answered in milliseconds.

::

    cache    whose turn it is, and whether the columns can answer
    needs    which columns a search needs
    frame    the columns: loaded when first needed, and brought up to date by what has changed
    column   one of them
    reading  whole columns out of a database
    masks    from a filter to the runs that it fits
    front    the runs that come next in an order

All below `cache` and `needs` is NumPy's work, and is not loaded for a store that the database searches alone.
"""

from .cache import ColumnCache, Question

__all__ = ["ColumnCache", "Question"]
