"""What the parts are given."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """A folder for what is written, whether Postfix can be compared with, and how often each part is repeated."""

    folder: Path
    postfix: bool
    rounds: int

    def home(self, name: str) -> Path:
        """Return a fresh folder for one instance of something."""
        number = sum(1 for path in self.folder.iterdir() if path.name.startswith(name))
        path = self.folder / f"{name}-{number}"
        path.mkdir()
        path.chmod(0o755)
        return path
