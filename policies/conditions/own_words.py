"""What the sender wrote, without the mail that is quoted below it."""

import re

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
    kept: list[str] = []
    for line in body.splitlines():
        plain = line.strip()
        if len(kept) >= _FIRST_LINES and _QUOTE_BEGINS.match(plain):
            break
        if not plain.startswith((">", "＞", "|")):
            kept.append(line)
    return "\n".join(kept)
