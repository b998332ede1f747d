"""A program as a page of HTML: a picture of its steps, and all that is told of them.

The page needs nothing else: no network, no script.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from aesaralite.compile.explaining.description import Explanation, Line, Step, work_lines

__all__ = ["document", "page", "sections", "table"]

_STYLE = """
body{font-family:system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#222;background:#fff}
h1{font-size:1.3em}h2{font-size:1.1em;margin-top:2em}h3{font-size:1em;font-family:monospace}
pre,code,td.code{font-family:monospace}pre{background:#f4f4f4;padding:.6em;overflow-x:auto}
table{border-collapse:collapse}td,th{padding:.15em .8em .15em 0;text-align:left;vertical-align:top}
td.number{text-align:right}section{border-top:1px solid #ddd}svg text{font-family:monospace;font-size:12px}
.kernel{fill:#dcebff}.call{fill:#ffe7cc}.callback{fill:#ffd6d6}.copy{fill:#eee}.node{fill:#e3f5df}
.box{stroke:#555}.share{fill:#e0443e;opacity:.35}.lane{fill:none;stroke:#678}.small{fill:#555}
"""
_KINDS = {
    "kernel": "a loop nest",
    "call": "a call of a library",
    "callback": "a call back into Python",
    "copy": "memory that is taken or copied",
    "node": "a node",
}

# measures of the picture, in pixels
_LEFT, _WIDTH, _HEIGHT, _GAP, _LANE = 190, 520, 44, 22, 14
_CHARACTER = 7.3


def page(explanation: Explanation, name: str | None = None) -> str:
    """Return a page that shows a program.

    Parameters
    ----------
    explanation
        What to show.
    name
        What the program's function is called.
    """
    return document(name or "A compiled function", [_heading(explanation, name), *sections(explanation)])


def document(title: str, parts: Iterable[str]) -> str:
    """Return a page of HTML made of parts."""
    body = "\n".join(part for part in parts if part)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def table(rows: Sequence[Sequence[str]], header: Sequence[str] = ()) -> str:
    """Return a table; what is a number stands at the right."""
    if not rows:
        return ""
    top = f"<tr>{''.join(f'<th>{escape(cell)}</th>' for cell in header)}</tr>" if header else ""
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table>{top}{body}</table>"


def _cell(text: str) -> str:
    kind = "number" if text[:1].isdigit() and text.rstrip("%").replace(",", "").replace(".", "").isdigit() else "code"
    return f'<td class="{kind}">{escape(text)}</td>'


def _heading(explanation: Explanation, name: str | None) -> str:
    called = f"<p>{escape(explanation.title)}</p>"
    return f"<h1>{escape(name or 'A compiled function')}</h1>\n" + (called if explanation.steps else "")


def sections(explanation: Explanation, shares: Mapping[int, float] | None = None) -> list[str]:
    """Return the parts of a page that show a program.

    Parameters
    ----------
    explanation
        What to show.
    shares
        For steps, by number, which part of the time they take.
    """
    if not explanation.steps and not explanation.arrays:
        return [f"<pre>{escape(str(explanation))}</pre>"]
    checks = [step for step in explanation.steps if step.kind == "check"]
    work = [step for step in explanation.steps if step.kind != "check"]
    reasons = {(pair.first, pair.second): pair.why for pair in explanation.separations}
    arrays = [(array.kind, array.name, array.type) for array in (*explanation.arrays, *explanation.outputs)]
    parts = ["<h2>Inputs and outputs</h2>", table(arrays)]
    if work:
        parts += ["<h2>Steps</h2>", _Picture(explanation, work, reasons, shares or {}).svg()]
        parts += [_details(step, reasons) for step in work]
    parts += _memory(explanation)
    if checks:
        rows = [(str(step.number), step.headline, ", ".join(line.where for line in step.lines)) for step in checks]
        parts.append(f"<h2>Checks</h2>\n<details><summary>{len(checks)} checks</summary>{table(rows)}</details>")
    return parts


def _details(step: Step, reasons: Mapping[tuple[int, int], str]) -> str:
    parts = [f'<section id="step-{step.number}"><h3>{step.number}: {escape(step.headline)}</h3>']
    if step.code:
        code = "\n".join(step.code)
        parts.append(f"<pre>{escape(code)}</pre>")
    rows = [("reads", ", ".join(step.reads)), ("writes", ", ".join(step.writes))]
    rows += [("work", line) for line in work_lines(step.work)]
    rows += [("from", _line_text(line)) for line in step.lines]
    for (first, second), why in reasons.items():
        if step.number in (first, second):
            other = second if step.number == first else first
            rows.append((f"apart from {other}", why))
    parts.append(table([row for row in rows if row[1]]))
    return "".join(parts) + "</section>"


def _line_text(line: Line) -> str:
    return f"{line.where}: {line.source}" if line.source else line.where


def _memory(explanation: Explanation) -> list[str]:
    rows = [
        (", ".join(buffer.names), buffer.place, "" if buffer.size is None else str(buffer.size), buffer.why)
        for buffer in explanation.buffers
    ]
    parts = []
    if rows or explanation.peak is not None:
        parts = ["<h2>Memory</h2>", table(rows, ("values", "where", "bytes", "why"))]
    if explanation.peak is not None:
        parts.append(f"<p>A call has {escape(str(explanation.peak))} bytes at a time, at its peak.</p>")
        parts.append(table([(what, str(amount)) for what, amount in explanation.peak_parts]))
    parts += [f"<p>{escape(note[:1].upper() + note[1:])}.</p>" for note in explanation.notes]
    return parts


class _Picture:
    """Boxes for steps, from top to bottom, and arrows for arrays: from the left and to the left what the caller has, at
    the right what goes from step to step.
    """

    def __init__(
        self,
        explanation: Explanation,
        steps: Sequence[Step],
        reasons: Mapping[tuple[int, int], str],
        shares: Mapping[int, float],
    ) -> None:
        self.steps = steps
        self.reasons = reasons
        self.shares = shares
        self.given = {array.name for array in (*explanation.arrays, *explanation.outputs)}
        self.tops = [10 + k * (_HEIGHT + _GAP) for k in range(len(steps))]
        self.arrows = self._arrows()
        self.lanes = self._assign_lanes()

    def _arrows(self) -> list[tuple[str, int, list[int]]]:
        """Each array that goes from a step to later ones: name, row of its maker, rows of its readers."""
        found: list[tuple[str, int, list[int]]] = []
        made: dict[str, list[int]] = {}
        for row, step in enumerate(self.steps):
            for name in step.reads:
                if name in made:
                    made[name].append(row)
            for name in step.writes:
                made[name] = []
                found.append((name, row, made[name]))
        return [arrow for arrow in found if arrow[2]]

    def _assign_lanes(self) -> list[int]:
        """A column for each arrow, such that no two in one column overlap."""
        ends: list[int] = []
        lanes = []
        for _, row, readers in self.arrows:
            lane = next((k for k, end in enumerate(ends) if end <= row), len(ends))
            ends[lane : lane + 1] = [readers[-1]]
            lanes.append(lane)
        return lanes

    def svg(self) -> str:
        right = _LEFT + _WIDTH + 130 + _LANE * (max(self.lanes, default=0) + 1)
        bottom = self.tops[-1] + _HEIGHT + 10
        parts = [f'<svg width="{right}" height="{bottom}" viewBox="0 0 {right} {bottom}" role="img">']
        parts.append(
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
            'orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#678"/></marker></defs>'
        )
        for row, step in enumerate(self.steps):
            parts.append(self._box(row, step))
        for (name, row, readers), lane in zip(self.arrows, self.lanes, strict=True):
            parts.append(self._arrow(name, row, readers, _LEFT + _WIDTH + 110 + _LANE * lane))
        return "\n".join(parts) + "\n</svg>"

    def _box(self, row: int, step: Step) -> str:
        top = self.tops[row]
        tip = f"{step.headline}\n{_KINDS.get(step.kind, step.kind)}"
        parts = [
            f'<a href="#step-{step.number}"><title>{escape(tip)}</title>',
            f'<rect class="box {escape(step.kind)}" x="{_LEFT}" y="{top}" width="{_WIDTH}" height="{_HEIGHT}" rx="5"/>',
        ]
        share = self.shares.get(step.number)
        second = _short_work(step)
        if share is not None:
            width = round(share * _WIDTH, 1)
            parts.append(f'<rect class="share" x="{_LEFT}" y="{top}" width="{width}" height="{_HEIGHT}" rx="5"/>')
            second = f"{share:.1%}   {second}"
        parts.append(_text(_LEFT + 8, top + 18, f"{step.number}: {step.headline}", _WIDTH - 16))
        parts.append(_text(_LEFT + 8, top + 35, second, _WIDTH - 16, "small"))
        parts.append("</a>")
        made = {name for name, maker, readers in self.arrows if row in readers}
        taken = [name for name in step.reads if name not in made]
        given = [name for name in step.writes if name in self.given]
        for names, y, path in (
            (taken, top + 14, f"M{_LEFT - 40},{top + 14} L{_LEFT},{top + 14}"),
            (given, top + 34, f"M{_LEFT},{top + 34} L{_LEFT - 40},{top + 34}"),
        ):
            if names:
                parts.append(f'<path class="lane" d="{path}" marker-end="url(#tip)"/>')
                parts.append(_text(_LEFT - 46, y + 4, ", ".join(names), _LEFT - 56, "small", "end"))
        return "".join(parts)

    def _arrow(self, name: str, row: int, readers: Sequence[int], lane: float) -> str:
        start, edge = self.tops[row] + _HEIGHT - 10, _LEFT + _WIDTH
        parts = [_text(edge + 6, start - 3, name, 100, "small")]
        for reader in readers:
            end = self.tops[reader] + 12
            why = self.reasons.get((self.steps[row].number, self.steps[reader].number), "")
            tip = f"<title>{escape(f'{name}: not fused: {why}' if why else name)}</title>"
            path = f"M{edge},{start} L{lane},{start} L{lane},{end} L{edge},{end}"
            parts.append(f'<path class="lane" d="{path}" marker-end="url(#tip)">{tip}</path>')
        return "".join(parts)


def _text(x: float, y: float, text: str, width: float, kind: str = "", anchor: str = "start") -> str:
    room = int(width / _CHARACTER)
    shown = text if len(text) <= room else text[: room - 1] + "…"
    return f'<text x="{x}" y="{y}" class="{kind}" text-anchor="{anchor}">{escape(shown)}</text>'


def _short_work(step: Step) -> str:
    if step.work is None:
        return ""
    read, written, operations, _ = step.work
    return f"reads {read}, writes {written} bytes; {operations} operations"
