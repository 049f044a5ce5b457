"""Reading the environment: every setting of mailhold comes from there and from nowhere else.

Any variable NAME may also be given as NAME_FILE, the path of a file that holds the value, so that secrets stay
out of process lists. A wrong value stops the start with a sentence that says what to do.
"""

import ipaddress
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def text(name: str, default: str = "") -> str:
    """Return variable `name`, or the stripped content of the file named by `name`_FILE, or `default`."""
    path = os.environ.get(f"{name}_FILE")
    if path is None:
        return os.environ.get(name, default)
    if name in os.environ:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set; keep one of them.")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}_FILE names {path}, which cannot be read: {error.strerror}."
        ) from error


def number(name: str, default: int, *, least: int = 0) -> int:
    """Return variable `name` as a whole number that is at least `least`."""
    value = text(name, str(default))
    try:
        parsed = int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from error
    if parsed < least:
        raise ImproperlyConfigured(f"{name} must be at least {least}, not {parsed}.")
    return parsed


def switch(name: str, default: bool) -> bool:
    """Return variable `name` as yes or no."""
    value = text(name, "1" if default else "0").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off", ""}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def words(name: str, default: str) -> list[str]:
    """Return variable `name` as a list, split at commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def numbers(name: str, default: str) -> list[int]:
    """Return variable `name` as a list of whole numbers greater than 0, split at commas."""
    found = words(name, default)
    if not found or not all(word.isascii() and word.isdigit() and int(word) for word in found):
        raise ImproperlyConfigured(
            f"{name} must be whole numbers above 0 with commas between, such as {default}."
        )
    return [int(word) for word in found]


def networks(name: str, default: str) -> list[Network]:
    """Return variable `name` as a list of IP networks."""
    found = []
    for word in words(name, default):
        try:
            found.append(ipaddress.ip_network(word))
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{name} holds {word!r}, which is no network such as 10.0.0.0/8 (host bits must be 0)."
            ) from error
    return found


def generated(name: str, path: Path, make: Callable[[], str]) -> str:
    """Return secret `name`; where it is not given, keep one of our own making at `path`, readable by its owner only."""
    given = text(name)
    if given:
        return given
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return _write_once(path, make())


def _write_once(path: Path, value: str) -> str:
    # Several processes may start at once: the first to create the file decides, all others read what it wrote.
    # The value stands in a file of its own before the name exists, so that nobody can read half of it.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    draft.write_text(value + "\n", encoding="ascii")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


def new_key() -> str:
    """Return 256 fresh random bits as URL-safe base64."""
    return urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii")
