"""Charts as inline SVG: no script, no request.

Rules kept:
* Series differ by dash and marker, parts of bars by lightness and outline, not only by colour;
  each has its name in the legend. Colours are classes: the page says which, light and dark.
* Every point can be hovered and reached with the Tab key, and then says its numbers beside it.
* What has no upper limit is drawn at the top edge, at a tick of its own, ∞.
* The page holds the same numbers in a table, which is what a screen reader gets.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

from cloister.report.labels import labels

WIDTH: Final = 760
HEIGHT: Final = 320
LEFT: Final = 52
RIGHT: Final = 16
TOP: Final = 34
BOTTOM: Final = 96
DASHES: Final = ("", "7 4", "2 3", "9 3 2 3")
COLOURS: Final = len(DASHES)
LABEL: Final = 18  # pixels between two slanted names
INFINITY: Final = 6  # pixels below the top edge
LETTER: Final = 6.5  # pixels of one, about
RING: Final = 10  # around the chosen dot
MARK: Final = 6  # half a marker
SLANT: Final = 0.71 * LETTER  # of one that is slanted, both ways


@dataclass(frozen=True)
class Series:
    """One line.

    Args:
        name: For the legend.
        values: One for each place; None is a gap.
        lower: Lower ends of intervals, or nothing.
        upper: Upper ends; infinite where open.
    """

    name: str
    values: Sequence[float | None]
    lower: Sequence[float | None] = ()
    upper: Sequence[float | None] = ()


@dataclass(frozen=True)
class Level:
    """A horizontal line with a name: a limit, a floor, a ceiling."""

    name: str
    value: float


@dataclass(frozen=True)
class Dot:
    """A point of a scatter chart."""

    name: str
    x: float
    y: float  # infinite: no upper limit is known
    passes: bool
    best: bool
    chosen: bool
    text: str


@dataclass(frozen=True)
class Bar:
    """One bar of a chart of stacked bars: (name, value) upwards."""

    name: str
    parts: Sequence[tuple[str, float]]


@dataclass(frozen=True)
class Room:
    """What lies at one place of memory, bytes, in the columns `first` to `last`."""

    name: str
    offset: int
    size: int
    first: int
    last: int


def lines(
    title: str, unit: str, places: Sequence[str], series: Sequence[Series], levels: Sequence[Level]
) -> Markup:
    """Lines over the cuts of a network, in its order."""
    numbers = [v for s in series for part in (s.values, s.upper) for v in part if v is not None]
    scale = _scale([*numbers, *(level.value for level in levels)])
    step = (WIDTH - LEFT - RIGHT) / max(len(places), 1)

    def at(place: int) -> float:
        return LEFT + step * (place + 0.5)

    names = labels(places)
    parts = [_axis(scale, unit), _names(names, step)]
    for index, one in enumerate(series):
        parts.append(_line(one, index, places, scale, at))
    points = [(at(i), scale.y(v)) for s in series for i, v in enumerate(s.values) if v is not None]
    parts.insert(1, _levels(levels, scale, points))
    parts.append(_legend([s.name for s in series], unit))
    return _svg(title, parts, _below(names), _beside(names, step))


def _levels(levels: Sequence[Level], scale: _Scale, points: Sequence[tuple[float, float]]) -> str:
    """Lines with their names, on the side where fewer points lie; on the other one where the name
    below is close.
    """
    parts, below, right = [], math.inf, False
    for level in sorted(levels, key=lambda one: one.value):
        y, text = scale.y(level.value), f"{level.name} {level.value:.3g}"
        wide = LETTER * len(text)
        near = [x for x, py in points if y - LABEL - 4 < py < y + 4]
        fewer = sum(x > WIDTH - RIGHT - wide for x in near) < sum(x < LEFT + wide for x in near)
        right = not right if below - y < LABEL + 2 else fewer
        x, anchor = (WIDTH - RIGHT - 4, "end") if right else (LEFT + 4, "start")
        parts.append(
            f'<line class="level" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="note" x="{x}" y="{y - 4:.1f}" text-anchor="{anchor}">'
            f"{escape(text)}</text>"
        )
        below = y
    return "".join(parts)


def bars(title: str, unit: str, some: Sequence[Bar]) -> Markup:
    """Stacked bars side by side; parts of one name look alike."""
    scale = _Scale(max([sum(value for _, value in bar.parts) for bar in some] + [1e-9]))
    step = (WIDTH - LEFT - RIGHT) / max(len(some), 1)
    kinds = list(dict.fromkeys(name for bar in some for name, _ in bar.parts))
    names = labels([bar.name for bar in some])
    parts = [_axis(scale, unit), _names(names, step)]
    for place, bar in enumerate(some):
        x, wide, below = LEFT + step * (place + 0.14), 0.72 * step, 0.0
        shapes = []
        for name, value in bar.parts:
            top, bottom = scale.y(below + value), scale.y(below)
            below += value
            shapes.append(
                f'<rect class="part{kinds.index(name)}" x="{x:.1f}" y="{top:.1f}" '
                f'width="{wide:.1f}" height="{max(bottom - top, 0):.1f}"/>'
            )
        said = ", ".join(f"{name} {value:.3g}" for name, value in bar.parts)
        text = f"{bar.name}: {below:.3g} {unit}" + (f" ({said})" if len(bar.parts) > 1 else "")
        parts.append(_point(text, "".join(shapes), x + wide / 2, scale.y(below)))
    marks = [
        f'<rect class="part{i}" x="{{x:.1f}}" y="{TOP - 25}" width="10" height="10"/>'
        for i in range(len(kinds))
    ]
    parts.append(_legend(kinds, unit, marks))
    return _svg(title, parts, _below(names), _beside(names, step))


def _names(names: Sequence[str], step: float) -> str:
    """Names below the axis, as many as have room."""
    parts = []
    for place in _named(names, step):
        x, y = LEFT + step * (place + 0.5), float(HEIGHT - BOTTOM + 12)
        parts.append(
            f'<text x="{x:.1f}" y="{y}" text-anchor="end" transform="rotate(-45 {x:.1f} {y})">'
            f"{escape(names[place])}</text>"
        )
    return "".join(parts)


def _named(names: Sequence[str], step: float) -> list[int]:
    """Places whose name is written: the last, and as many before as have room."""
    every = max(1, math.ceil(LABEL / step))
    return [place for place in range(len(names)) if (len(names) - 1 - place) % every == 0]


def _beside(names: Sequence[str], step: float) -> float:
    """Room that slanted names take to the left of the chart."""
    ends = [LEFT + step * (i + 0.5) - SLANT * len(names[i]) for i in _named(names, step)]
    return max(0.0, 8 - min(ends, default=8))


def _line(
    one: Series, index: int, places: Sequence[str], scale: _Scale, at: Callable[[int], float]
) -> str:
    dash = DASHES[index % COLOURS]
    known = [(at(i), scale.y(v)) for i, v in enumerate(one.values) if v is not None]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in known)
    parts = [
        f'<polyline class="line{index % COLOURS}" points="{points}" stroke-width="2" '
        f'stroke-dasharray="{dash}"/>'
    ]
    for i, value in enumerate(one.values):
        if value is None:
            continue
        low = one.lower[i] if i < len(one.lower) else None
        high = one.upper[i] if i < len(one.upper) else None
        text = f"{places[i]}: {one.name} {value:.3g}"
        bar = ""
        if low is not None and high is not None:
            text += f", 95 % interval {low:.3g} to {_number(high)}"
            bar = (
                f'<line class="line{index % COLOURS}" x1="{at(i):.1f}" x2="{at(i):.1f}" '
                f'y1="{scale.y(low):.1f}" y2="{scale.y(high):.1f}" stroke-width="1.5"/>'
            )
        mark = _marker(index, at(i), scale.y(value))
        parts.append(_point(text, bar + mark, at(i), scale.y(value)))
    return "".join(parts)


def scatter(title: str, x_unit: str, y_unit: str, dots: Sequence[Dot]) -> Markup:
    """What costs how much against what leaks how much."""
    across = _Scale(max([d.x for d in dots] + [1e-9]))
    up = _scale([d.y for d in dots])
    span = WIDTH - LEFT - RIGHT
    parts = [_axis(up, y_unit)]
    for tick in across.ticks():
        x = LEFT + span * tick / across.most
        parts.append(
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{tick:.3g}</text>'
        )
    parts.append(
        f'<text x="{LEFT + span / 2}" y="{HEIGHT - BOTTOM + 36}" text-anchor="middle">'
        f"{escape(x_unit)}</text>"
    )
    names = labels([dot.name for dot in dots])
    at = [(LEFT + span * dot.x / across.most, up.y(dot.y)) for dot in dots]
    for dot, name, (x, y) in zip(dots, names, at, strict=True):
        mark = _marker(_kind(dot), x, y)
        ring = (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{RING}" fill="none" stroke="currentColor" '
            f'stroke-width="2"/>{_label(name, (x, y), at)}'
            if dot.chosen
            else ""
        )
        parts.append(_point(dot.text, mark + ring, x, y))
    marks = [_marker(kind, 0, 0) for kind in (0, 1, 3)]
    names = ["passes, on the Pareto front", "passes", "excluded"]
    return _svg(title, [*parts, _legend(names, y_unit, [_moved(mark) for mark in marks])], 44)


def _label(name: str, own: tuple[float, float], dots: Sequence[tuple[float, float]]) -> str:
    """A name beside its dot, inside the chart, where it covers the fewest other dots."""
    wide, away = LETTER * len(name), RING + 4

    def covered(box: tuple[float, float]) -> int:
        left, base = box
        inside = LEFT <= left <= WIDTH - RIGHT - wide and TOP + 10 <= base <= HEIGHT - BOTTOM - 2
        near = [
            (x, y) for x, y in dots if (x, y) != own
            and left - MARK < x < left + wide + MARK and base - 12 - MARK < y < base + 3 + MARK
        ]  # fmt: skip
        return len(near) + len(dots) * (not inside)

    x, y = own
    rows = [y + step * side for step in range(away, HEIGHT, 8) for side in (-1, 1)]
    boxes = [(x - wide / 2, y - away), (x + away, y + 4), (x - away - wide, y + 4)]
    boxes += [(left, row) for row in rows for left in (x - wide / 2, x + away, x - away - wide)]
    left, base = min(boxes, key=covered)
    line = ""
    if abs(base - y) > 2 * away:  # far away: a line leads to it
        end = base + 3 if base < y else base - 12
        start = y + RING * (1 if base > y else -1)
        line = (
            f'<line x1="{x:.1f}" x2="{left + wide / 2:.1f}" y1="{start:.1f}" y2="{end:.1f}" '
            'stroke="currentColor"/>'
        )
    return f'{line}<text class="note" x="{left:.1f}" y="{base:.1f}">{escape(name)}</text>'


def _kind(dot: Dot) -> int:
    """Marker of a dot."""
    if not dot.passes:
        return 3
    return 0 if dot.best else 1


def arena(title: str, steps: Sequence[str], most_bytes: int, blocks: Sequence[Room]) -> Markup:
    """What lies where in memory (upwards) from when to when (to the right)."""
    scale = _Scale(max(most_bytes, 1) / 1024)
    columns = len(steps) + 2
    width = (WIDTH - LEFT - RIGHT) / columns
    parts = [_axis(scale, "KiB")]
    for index, room in enumerate(blocks):
        x, y = LEFT + width * room.first, scale.y((room.offset + room.size) / 1024)
        wide = width * (min(room.last, columns - 1) + 1 - room.first)
        high = max(scale.y(room.offset / 1024) - y, 0.5)
        when = " to ".join(dict.fromkeys(_step(steps, t) for t in (room.first, room.last)))
        shape = (
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" '
            f'class="mark{index % COLOURS}" fill-opacity=".55" stroke="currentColor" '
            'stroke-width=".5"/>'
        )
        text = f"{room.name}: {room.size:,} bytes at {room.offset:,}, {when}"
        parts.append(_point(text, shape, x + wide / 2, y))
    y = HEIGHT - BOTTOM + 18
    parts.append(
        f'<text x="{LEFT}" y="{y}">the request arrives</text>'
        f'<text x="{WIDTH - RIGHT}" y="{y}" text-anchor="end">the answer leaves</text>'
    )
    return _svg(title, parts, 26)


def _step(steps: Sequence[str], time: int) -> str:
    if time == 0:
        return "the request"
    return steps[time - 1] if time <= len(steps) else "the answer"


def _point(text: str, shape: str, x: float, y: float) -> str:
    """A shape that says its text: to a pointer, to the Tab key, to a screen reader."""
    anchor, at = ("end", x - 10) if x > WIDTH / 2 else ("start", x + 10)
    return (
        f'<g class="point" tabindex="0" role="img" aria-label="{escape(text)}">'
        f'{shape}<text class="tip" x="{at:.1f}" y="{max(y - 8, 12):.1f}" text-anchor="{anchor}" '
        f'aria-hidden="true">{escape(text)}</text></g>'
    )


@dataclass(frozen=True)
class _Scale:
    """From 0 to a little above the largest finite value, upwards; above it, where something is
    open, infinity.
    """

    largest: float
    open: bool = False

    @property
    def most(self) -> float:
        return self.largest * (1.2 if self.open else 1.08)

    def y(self, value: float) -> float:
        span = HEIGHT - TOP - BOTTOM
        if math.isinf(value):
            return float(TOP + INFINITY)
        return HEIGHT - BOTTOM - span * min(max(value, 0), self.most) / self.most

    def ticks(self) -> list[float]:
        rough = self.most / 5
        power = 10 ** math.floor(math.log10(rough))
        step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough)
        top = self.largest if self.open else self.most
        return [i * step for i in range(int(top / step) + 1)] + [math.inf] * self.open


def _scale(values: Sequence[float]) -> _Scale:
    """For these values, some of which may be infinite."""
    finite = [v for v in values if math.isfinite(v)]
    return _Scale(max([*finite, 1e-9]), len(finite) < len(values))


def _number(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else "∞"


def _axis(scale: _Scale, unit: str) -> str:
    parts = [f'<text x="4" y="{TOP - 18}">{escape(unit)}</text>']
    for tick in scale.ticks():
        y = scale.y(tick)
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_number(tick)}</text>'
        )
    return "".join(parts)


def _marker(kind: int, x: float, y: float) -> str:
    shapes = (
        f'<circle class="mark0" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>',
        f'<rect class="mark1" x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8"/>',
        f'<path class="mark2" d="M{x:.1f} {y - 5.5:.1f}l5.5 10h-11z"/>',
        f'<path class="line3" d="M{x - 5:.1f} {y - 5:.1f}l10 10m0-10l-10 10" stroke-width="2.5"/>',
    )
    return shapes[kind % COLOURS]


def _moved(mark: str) -> str:
    """A marker made at 0, 0 for the legend."""
    return f'<g transform="translate({{x:.1f}} {TOP - 20})">{mark}</g>'


def _legend(names: Sequence[str], unit: str, marks: Sequence[str] = ()) -> str:
    """Names with their marks (with a place for x), beside the unit; below it where it is long."""
    marks = marks or [_moved(_marker(kind, 0, 0)) for kind in range(len(names))]
    parts, x = [], 28 + 6.6 * len(unit)
    for name, mark in zip(names, marks, strict=False):
        parts.append(mark.replace("{x:.1f}", f"{x:.1f}"))
        parts.append(f'<text x="{x + 14:.1f}" y="{TOP - 16}">{escape(name)}</text>')
        x += 38 + 6.6 * len(name)
    return "".join(parts)


def _below(names: Sequence[str]) -> int:
    """Room that slanted names take below the axis."""
    return round(24 + SLANT * max((len(name) for name in names), default=0))


def _svg(title: str, parts: Sequence[str], below: int, left: float = 0.0) -> Markup:
    high, wide = HEIGHT - BOTTOM + below, WIDTH + left
    return Markup(
        f'<svg role="group" aria-label="{escape(title)}" viewBox="{-left:.0f} 0 {wide:.0f} {high}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )
