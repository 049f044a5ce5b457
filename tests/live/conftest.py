"""Installations and next hops for tests of the whole."""

import pytest
from live.plant import Plant
from live.sink import Sink


@pytest.fixture
def sink():
    """A next hop."""
    with Sink() as running:
        yield running


@pytest.fixture
def plant(tmp_path, sink):
    """A fresh installation that delivers to `sink`."""
    with Plant(tmp_path / "plant", sink=sink) as running:
        yield running
