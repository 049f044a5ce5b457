"""What the gateway refuses, and why."""

import traceback
from pathlib import Path


class GatewayError(Exception):
    """Anything that the gateway itself has to say."""


class RefusedError(GatewayError):
    """A command or message is answered with `reply`, a whole SMTP reply without its line end."""

    def __init__(self, reply: str) -> None:
        """Keep the reply (code, enhanced status, text)."""
        super().__init__(reply)
        self.reply = reply


class LoginRefusedError(GatewayError):
    """The address and the password do not belong together."""


class LoginThrottledError(GatewayError):
    """There were too many failures for this account or from this client address; nothing was compared."""


class CommitFailedError(GatewayError):
    """The message could not be committed; nothing of it was kept."""


class QueueFullError(GatewayError):
    """Too many messages, or too many bytes, wait to be committed."""


class WrongBindError(GatewayError):
    """An address to listen on cannot be used."""


class WrongCertificateError(GatewayError):
    """The certificate or its key cannot be used."""


def without_text(error: BaseException) -> str:
    """Return what `error` is and where it was raised, but not its words: they may quote what a client sent."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__} at {places or 'an unknown place'}"
