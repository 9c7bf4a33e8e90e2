"""What people are shown, as HTML where there is a front end and as text in a terminal."""

from .card import Card
from .pieces import Note, Table

__all__ = ["Card", "Note", "Table"]
