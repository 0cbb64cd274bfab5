"""What reaches a person's eyes: standard output holds results, standard error all else.

With ``--json`` standard output holds exactly one object. Nothing here computes.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from rich.console import Console, ConsoleOptions
from rich.markup import escape
from rich.measure import Measurement
from rich.panel import Panel
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from cloister.errors import CloisterError

T = TypeVar("T")
BAR_CELLS: Final = 24
BAR_CELLS_MIN: Final = 6
NAME_CELLS: Final = 12
# Width of text that goes into a file or a pipe.
FILE_CELLS: Final = 120
# Eighths of a cell, so that a bar of 24 cells has 192 steps.
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
RESULTS: Final = {
    "passed": "[green]✔ passed[/]",
    "failed": "[bold red]✘ failed[/]",
    "not checked": "[yellow]– not checked[/]",
}


class Result(Protocol):
    """What a verb returns: a model of schema.py."""

    @property
    def exit_code(self) -> int:
        """0, or 1 where a check said no."""

    def to_json(self) -> dict[str, Any]:
        """The JSON object."""


def out() -> Console:
    """Standard output. Made anew each time, so that redirections are seen."""
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = FILE_CELLS
    return console


def err() -> Console:
    """Standard error."""
    return Console(stderr=True, highlight=False)


def note(text: str) -> None:
    """One remark on standard error."""
    err().print(f"[dim]note:[/] {escape(text)}", soft_wrap=True)


def emit(result: Any, show: Callable[[Any, Console], None], *, as_json: bool) -> None:  # noqa: ANN401
    """Prints a verb's result in the form that was asked for."""
    if as_json:
        sys.stdout.write(json.dumps(result.to_json(), ensure_ascii=False, allow_nan=False) + "\n")
        sys.stdout.flush()
    else:
        show(result, out())


def print_error(error: CloisterError, *, as_json: bool) -> None:
    """Prints an error in the form that was asked for."""
    if as_json:
        try:
            sys.stdout.write(json.dumps(error.to_json(), ensure_ascii=False) + "\n")
            sys.stdout.flush()
            return
        except OSError:  # standard output is what failed: say it where people look
            sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - closed with the process
    console = err()
    console.print(f"[bold red]error:[/] {escape(error.message)}", soft_wrap=True)
    if error.hint:
        console.print(f" [bold]hint:[/] {escape(error.hint)}", soft_wrap=True)


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[str], None]]:
    """A line of progress on standard error, where that is a terminal.

    Yields:
        A function to call at the start of each step, with what the step does.
    """
    console = err()
    columns = [SpinnerColumn(), TextColumn("{task.description}")]
    columns += [BarColumn(), MofNCompleteColumn()] if total else []
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bars:
        task = bars.add_task(what, total=total)
        done = -1

        def step(text: str) -> None:
            nonlocal done
            done += 1
            bars.update(task, description=f"{what} [dim]{escape(text)}[/]", completed=done)

        yield step


@contextmanager
def counted(
    what: str,
) -> Iterator[tuple[Callable[[str, int, int], None], Callable[[str], None]]]:
    """A line of progress for work whose amount becomes known as it goes.

    Yields:
        A function for the start of each step (what it does, how many are done, how many are
        known), and one for remarks while a step lasts.
    """
    console = err()
    columns = [
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(),
    ]  # fmt: skip
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(what, total=None)

        def step(text: str, done: int, total: int) -> None:
            bar.update(
                task, description=f"{what} [dim]{escape(text)}[/]", completed=done, total=total
            )

        def remark(text: str) -> None:
            bar.update(task, description=f"{what} [dim]{escape(text)}[/]")

        yield step, remark


def tracked(items: Iterable[T], what: str, total: int, name: Callable[[T], str]) -> Iterator[T]:
    """The items, with a line of progress that names each."""
    with progress(what, total) as step:
        for item in items:
            step(name(item))
            yield item


def table(title: str, *columns: str) -> Table:
    """A table in the house's style.

    A column whose name begins with ``>`` is of numbers, with ``=`` of words that stay whole while
    others can be folded.
    """
    grid = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for place, column in enumerate(columns):
        number = column.startswith(">")
        grid.add_column(
            column.lstrip(">="),
            min_width=NAME_CELLS if place == 0 and column and not number else None,
            justify="right" if number else "left",
            header_style="dim",
            no_wrap=number or place == 0 or column.startswith("="),
            overflow="fold",
        )
    return grid


def facts(rows: Iterable[tuple[str, str]]) -> Table:
    """Names and values; those without a value are left out."""
    grid = table("", "", "")
    grid.show_header = False
    for name, value in rows:
        if value:
            grid.add_row(f"[dim]{name}[/]", escape(value))
    return grid


def panel(text: str, title: str, style: str = "cyan") -> Panel:
    """A framed paragraph."""
    return Panel(Text.from_markup(text), title=title, title_align="left", border_style=style)


@dataclass(frozen=True)
class Bar:
    """A bar on a linear scale from 0 to `most`, as wide as its column.

    Args:
        value: Length of the bar; below 0 counts as 0.
        most: Length that fills the column.
        style: Its colour.
    """

    value: float
    most: float
    style: str

    def __rich_measure__(self, _: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(min(BAR_CELLS_MIN, options.max_width), BAR_CELLS)

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[Text]:
        cells = 8 * min(BAR_CELLS, options.max_width)
        eighths = round(cells * self.value / self.most) if self.most > 0 else 0
        eighths = min(max(eighths, 1 if self.value > 0 else 0), cells)
        full, rest = divmod(eighths, 8)
        yield Text("█" * full + (_EIGHTHS[rest] if rest else ""), style=self.style)


def bar(value: float, most: float, style: str = "cyan") -> Bar:
    """A bar on a linear scale from 0 to `most`."""
    return Bar(value, most, style)


def size(count: float) -> str:
    """Bytes for people: 1.4 MiB."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    raise AssertionError


def count(number: float) -> str:
    """A large count for people: 25.6 M."""
    for unit in ("", " k", " M", " G"):
        if number < 1000 or unit == " G":
            return f"{number:.0f}" if unit == "" else f"{number:.1f}{unit}"
        number /= 1000
    raise AssertionError


def shape(sides: Iterable[int]) -> str:
    """A shape for people: 1×64×56×56."""
    return "×".join(map(str, sides)) or "scalar"


def checks_table(title: str, checks: Iterable[Any]) -> Table:
    """The Verifier's steps: name, result, reason."""
    grid = table(title, "check", "result", "reason")
    for entry in checks:
        grid.add_row(escape(entry.name), RESULTS[entry.result], escape(entry.reason))
    return grid


def picture(lines: Iterable[Iterable[tuple[str, str]]]) -> Text:
    """A picture of half blocks: each cell holds an upper and a lower pixel."""
    text = Text()
    for number, line in enumerate(lines):
        text.append("\n" if number else "")
        for upper, lower in line:
            text.append("▀", style=f"{upper} on {lower}")
    return text


def answers_table(title: str, answers: Iterable[Any]) -> Table:
    """The best answers with bars of their scores: classes where they have labels, else the largest
    numbers of the output.
    """
    entries = list(answers)
    grid = table(title, ">", "answer", ">score", "")
    most = max((e.score for e in entries if e.label is None and e.score is not None), default=1.0)
    for entry in entries:
        name = f"output {entry.index}" if entry.label is None else entry.label
        score = entry.score
        grid.add_row(
            str(entry.index),
            f"[bold]{escape(name)}[/]",
            "not a number" if score is None else f"{score:.3f}",
            bar(max(score or 0.0, 0.0), max(most, 1.0), "green"),
        )
    return grid


def times_table(title: str, times_ms: dict[str, float]) -> Table:
    """Where the time went; the total comes last and is not in the scale."""
    parts = {name: value for name, value in times_ms.items() if name != "total"}
    most = max(parts.values(), default=0.0)
    grid = table(title, "part", ">ms", "")
    for name, value in parts.items():
        grid.add_row(escape(name.replace("_", " ")), f"{value:.2f}", bar(value, most))
    if "total" in times_ms:
        grid.add_row("[bold]total[/]", f"[bold]{times_ms['total']:.2f}[/]", "")
    return grid
