"""The names that watched loops use, for the time of a test."""

import pytest

from jupyter_track.capture.loops import install, uninstall


@pytest.fixture(scope="package", autouse=True)
def installed():
    install()
    yield
    uninstall()
