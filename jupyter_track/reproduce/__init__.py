"""Bringing a run back: its notebook and values restored, its cells executed again, two runs compared."""
