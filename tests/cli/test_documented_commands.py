"""Every `cloister ...` line of the documentation is one that the command line takes, and so is what
sentences and messages name.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from cloister.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
SOURCES = sorted((ROOT / "src" / "cloister").rglob("*.py"))
# Not what only begins alike: places to fill in, labels of the channel.
_NAMED = re.compile(r"`(cloister (?!VERB|tensor )[^`{…\n]+)`")
_COMMENT = re.compile(r"\s{2,}#.*$")


def commands() -> Iterator[tuple[str, list[str]]]:
    """Page and words of each command in a code block."""
    for page in PAGES:
        inside = False
        for line in page.read_text().splitlines():
            if line.startswith("```"):
                inside = not inside
            for part in line.split(";") if inside else ():
                command = _COMMENT.sub("", part).strip()
                if command.startswith("cloister "):
                    yield page.name, shlex.split(command)


def named() -> Iterator[tuple[str, list[str]]]:
    """Page or source file and words of each command between back quotes."""
    for file in (*PAGES, *SOURCES):
        for command in _NAMED.findall(file.read_text()):
            yield file.name, command.split()


def options_of(words: list[str]) -> tuple[set[str], list[str]]:
    """Options that the verb of these words takes, and the options among the words."""
    node = typer.main.get_command(app)
    rest = words[1:]
    while rest and hasattr(node, "commands"):
        alternatives = rest[0].split("|")
        assert all(one in node.commands for one in alternatives), f"no verb {rest[0]!r}"
        node, rest = node.commands[alternatives[0]], rest[1:]
    taken = {
        name for parameter in node.params for name in (*parameter.opts, *parameter.secondary_opts)
    }
    given = [word.strip("[]").split("=")[0] for word in rest if re.match(r"\[?--?[a-z]", word)]
    return taken | {"--help"}, given


FOUND = sorted({(page, " ".join(words)) for page, words in (*commands(), *named())})


def test_there_are_commands_to_check() -> None:
    verbs = {command.split()[1] for _, command in FOUND}
    assert {"verify", "infer", "pack", "serve", "seal", "broker", "policy"} <= verbs


@pytest.mark.parametrize(("page", "command"), FOUND)
def test_a_documented_command_is_taken(page: str, command: str) -> None:
    taken, given = options_of(command.split())
    assert set(given) <= taken, f"{page}: {command}"
