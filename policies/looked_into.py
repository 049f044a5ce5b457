"""What the process apart tells of a message; the processes that read it load neither the readers of files nor the detectors."""

from dataclasses import dataclass

from mailhold.mime.pieces import Inspection
from policies.detectors.finding import Finding


@dataclass(frozen=True, slots=True)
class Examination:
    """What is in the attachments, and the personal and secret data found in all of the message."""

    inspection: Inspection
    findings: tuple[Finding, ...]
