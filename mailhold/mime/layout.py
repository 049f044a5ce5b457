"""Which parts are the text that people read, and which are attachments: one answer for showing, judging and rewriting."""

from dataclasses import dataclass, field

from mailhold.mime.structure import Part

_TOGETHER = frozenset({"multipart/alternative", "multipart/related"})
_READ_AS_PLAIN = frozenset({"text/plain", "text/enriched", "text/richtext"})


@dataclass(slots=True, eq=False)
class Section:
    """One text in its forms. `node` is the part that holds all of them and nothing but them and what belongs to them."""

    node: Part
    plain: list[Part] = field(default_factory=list)
    html: list[Part] = field(default_factory=list)


@dataclass(slots=True)
class Layout:
    """The texts in order, and the attachments in order."""

    sections: list[Section] = field(default_factory=list)
    attachments: list[Part] = field(default_factory=list)


def arrange(root: Part) -> Layout:
    """Sort the leaves below `root`."""
    layout = Layout()
    _place(root, layout, None)
    return layout


def _place(part: Part, layout: Layout, section: Section | None) -> None:
    if part.children:
        inner = section or (Section(part) if part.content_type in _TOGETHER else None)
        for child in part.children:
            _place(child, layout, inner)
        if inner and inner is not section and (inner.plain or inner.html):
            layout.sections.append(inner)
    elif _is_text(part):
        _add_text(part, layout, section)
    else:
        layout.attachments.append(part)


def _add_text(part: Part, layout: Layout, section: Section | None) -> None:
    if section is None:
        section = Section(part)
        layout.sections.append(section)
    (section.html if part.content_type == "text/html" else section.plain).append(part)


def _is_text(part: Part) -> bool:
    if part.broken:
        return True  # a multipart without parts: people see it as it stands
    if part.content_type not in _READ_AS_PLAIN and part.content_type != "text/html":
        return False
    if part.disposition.value == "attachment":
        return False
    # A form of an alternative, or the whole message, is text even where some program gave it a name.
    alternative = part.parent is not None and part.parent.content_type == "multipart/alternative"
    return alternative or part.parent is None or not part.name
