"""What the sender wrote, without the mail that is quoted below it."""

import re
from collections.abc import Iterator

from policies.tracing import Stretch, Traced

_QUOTE_BEGINS = re.compile(
    r"^(?:-{2,} ?(?:original message|forwarded message|元のメッセージ|転送メッセージ)|_{10,}\s*$|begin forwarded message:"
    r"|(?:from|差出人|送信者): .+|on .{5,200} wrote:|.{5,200}(?:のメール:|さんは書きました:|wrote:)\s*$"
    r"|\d{4}年\d{1,2}月\d{1,2}日.{0,200}<[^>]+@[^>]+>.{0,10}:\s*$)",
    re.IGNORECASE,
)
# A header with nothing but a name would be the text's own first words.
_FIRST_LINES = 1


def own_words(body: str) -> str:
    """Return `body` up to where another mail is quoted, without lines that begin with a mark of quoting."""
    return "\n".join(line for _, line in own_lines(body))


def own_lines(body: str) -> Iterator[tuple[int, str]]:
    """Yield those lines of `body` with the places where they begin."""
    kept = start = 0
    for line in body.splitlines(keepends=True):
        plain = line.strip()
        if kept >= _FIRST_LINES and _QUOTE_BEGINS.match(plain):
            break
        if not plain.startswith((">", "＞", "|")):
            kept += 1
            yield start, line.splitlines()[0]
        start += len(line)


def traced_own_words(body: str) -> Traced:
    """Return what `own_words` returns, with the way back into `body`."""
    stretches: list[Stretch] = []
    for start, line in own_lines(body):
        if stretches:
            stretches.append(Stretch("\n", start, start, even=False))
        stretches.append(Stretch(line, start, start + len(line)))
    return Traced(stretches)
