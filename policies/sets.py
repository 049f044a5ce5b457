"""Ready sets of policies for a start."""

from pathlib import Path

FOLDER = Path(__file__).with_name("sets")


def set_names() -> list[str]:
    """Return the names of all sets, in order."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def set_text(name: str) -> str:
    """Return the policy file of a set; raises KeyError for an unknown name."""
    if name not in set_names():
        raise KeyError(name)
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
