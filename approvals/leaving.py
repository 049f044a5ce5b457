"""What leaves: the bytes that the next hop gets for a hold.

Everything that policies do to a copy on its way out is done here, in one place and in this order: what changes the
content first, then the fields above it. People approve a revision and see beside it what will be done to it here.
"""

from approvals.models import Hold
from mailhold.mime.heading import with_heading


def leaving(hold: Hold, content: bytes) -> bytes:
    """Return what is sent for `hold`, whose revision has the bytes `content`. Never raises, whatever they are."""
    trace = hold.message.trace_header.encode()
    ours = "".join(f"{header}\r\n" for header in (f"X-Mailhold-Id: {hold.pk}", *hold.added_headers))
    # With our fields above it, as the next hop will see it: a first line that begins with a blank continues the last.
    above, changed = with_heading(trace + ours.encode() + content, tags=hold.subject_tags, cc=hold.added_cc)
    return trace + above + changed[len(trace) :]
