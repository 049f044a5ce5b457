"""Sample files and tools that lie in a folder `shared` beside the checkout; a test that needs them skips without it."""

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("MAILHOLD_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def shared(path: str) -> Path:
    """Return the file or folder `path` of the shared samples, or skip the calling test."""
    found = ROOT / path
    if not found.exists():
        pytest.skip(f"shared/{path} is not here")
    return found
