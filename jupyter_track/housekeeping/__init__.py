"""Keeping house in a database and the artifacts of its runs: what the administering commands of the shell do."""
