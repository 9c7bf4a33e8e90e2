"""The hosts of the REST service, each thin."""
