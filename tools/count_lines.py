"""Counts the code lines of what must be trusted, and fails above the budget.

A code line is a line that holds code once comments are gone, formatted to at most 100 columns with
one statement a line. The budget of the core is the size of the two libraries that the published
TrustZone work trusts (arXiv 2403.12568: 2,538 lines of S-Tinylib and 827 of Tinylibm).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = 100
CORE = ("enclave/include/*.h", "enclave/src/*.[ch]")
# A process of its own that is started before there is a secret and never sees one.
HELPER = ("helper.c", "evidence_gramine.c", "evidence_tpm.c", "evidence_tsm.c")
# Patterns, names that are counted elsewhere, budget. OP-TEE's daemon lies deeper: not trusted.
BUDGETS: dict[str, tuple[tuple[str, ...], tuple[str, ...], int]] = {
    "trusted core": (CORE, (), 3365),
    "POSIX port": (("enclave/ports/posix/*.[ch]",), HELPER, 900),
    "POSIX port's quote helper": (tuple(f"enclave/ports/posix/{f}" for f in HELPER), (), 300),
    "OP-TEE trusted application": (
        ("enclave/ports/optee/*.[ch]", "enclave/ports/optee/default/*.[ch]"), (), 700,
    ),
}  # fmt: skip
COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)


def without_comments(text: str) -> list[str]:
    """The lines of a C file with the comments taken out, strings kept, numbers of lines kept."""

    def keep(match: re.Match[str]) -> str:
        token = match.group()
        return token if token.startswith('"') else "\n" * token.count("\n")

    return [line.rstrip() for line in COMMENT.sub(keep, text).splitlines()]


def main() -> int:
    """Prints a table; returns 1 when a budget or the column limit is exceeded."""
    failed = False
    for name, (patterns, elsewhere, budget) in BUDGETS.items():
        files = sorted(f for p in patterns for f in ROOT.glob(p) if f.name not in elsewhere)
        total = 0
        for file in files:
            lines = without_comments(file.read_text())
            total += sum(1 for line in lines if line.strip())
            for number, line in enumerate(lines, 1):
                if len(line) > COLUMNS:
                    print(f"{file.relative_to(ROOT)}:{number}: {len(line)} columns")
                    failed = True
        print(f"{name}: {total} code lines of {budget}")
        failed |= total > budget
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
