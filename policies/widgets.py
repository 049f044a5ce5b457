"""How forms ask for values: one a line where they are written, boxes to tick where they are known."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.functional import Promise

from policies.rows import values_of


class CheckedLines(forms.Widget):
    """Boxes to tick for values that are kept one a line, each with a number of its own where they are `counted`.

    Lines come in too: as a form sends them that knows nothing of the boxes, and for values that have no box any more,
    which are shown as ticked, so that nothing is lost unseen.
    """

    use_fieldset = True

    def __init__(self, options: Iterable[tuple[str, "str | Promise"]], *, counted: bool = False) -> None:
        super().__init__()
        self.options = dict(options)
        self.counted = counted

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        """Return the ticked values, one a line; a number makes `code=number` of its code."""
        given = data.getlist(name) if hasattr(data, "getlist") else [data.get(name, "")]
        lines = [line for part in given for line in values_of(part or "")]
        numbers = {code: str(data.get(f"{name}-{code}", "")).strip() for code in self._codes()}
        ticked = lines + [code for code, number in numbers.items() if number and code not in lines]
        return "\n".join(f"{line}={numbers[line]}" if numbers.get(line) else line for line in ticked)

    def id_for_label(self, id_: str) -> str:
        """Return nothing: a legend names the boxes, no label a single one."""
        return ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        """Return the boxes."""
        context = {
            "name": name,
            "counted": self.counted,
            "boxes": list(self._boxes(name, values_of(str(value or "")), (attrs or {}).get("id", name))),
            "described": (attrs or {}).get("aria-describedby", ""),
        }
        return render_to_string("policies/_checked_lines.html", context)

    def _codes(self) -> Iterable[str]:
        return self.options if self.counted else ()

    def _boxes(self, name: str, lines: Iterable[str], id_: str) -> Iterable[dict[str, Any]]:
        numbers = {line: ("", line) for line in lines}
        if self.counted:
            parted = [(line.partition("="), line) for line in lines]
            numbers = {code.strip(): (number.strip(), line) for (code, _, number), line in parted}
        for place, (code, label) in enumerate(self.options.items()):
            number, _ = numbers.get(code, ("", ""))
            yield {
                "id": f"{id_}_{place}",
                "value": code,
                "label": label,
                "checked": code in numbers,
                "number": number,
            }
        for code, (_, line) in numbers.items():
            if code not in self.options:
                yield {"id": f"{id_}_{line}", "value": line, "label": line, "checked": True, "unknown": True}
