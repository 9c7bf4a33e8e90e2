"""From a cell to a run: what went in, what came out, the notebook as it was."""
