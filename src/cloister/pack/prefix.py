"""The beginning of a container: its first operators, in the same memory, as a container of its own.

What one operator costs in an enclave is what the beginning with it costs more than the one without
it: no code of the enclave is changed to measure it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cloister.lower.program import Kind, align
from cloister.pack.container import Container
from cloister.pack.records import HEADER, IO, OP, PAGE, Records


@dataclass(frozen=True)
class Call:
    """Pages that an enclave asks for at once in a request.

    Args:
        op: Index of the operator that it stands at.
        first: Index of the first page.
        count: Pages.
        stored_bytes: What comes, padding between the pages included.
        parts: For each page the operator that uses it, and its bytes as stored.
    """

    op: int
    first: int
    count: int
    stored_bytes: int
    parts: tuple[tuple[int, int], ...]


def prefix(container: Container, n_ops: int) -> bytes:
    """The file of the container's first operators.

    Args:
        container: A plain one.
        n_ops: How many, 0 to all; 0: one that writes a single number, because none is no plan.
    """
    head, ops, ios, table = _records(container)
    ops = ops[:n_ops].copy()
    if n_ops == 0:
        ops = np.zeros(1, OP)
        ops["kind"], ops["lo"], ops["hi"] = int(Kind.FILL), -np.inf, np.inf
        ops["y"] = (_records(container)[1][0]["y"]["at"], 1)
    used = int((ops["first_page"] + ops["n_pages"]).max())
    table = table[:used].copy()
    size = align(HEADER.itemsize + ops.nbytes + ios.nbytes + table.nbytes)
    offset = size
    for record in table:
        record["offset"] = offset
        offset += align(int(record["stored"]))
    kept = table["resident"] == 1
    head["header_bytes"], head["n_ops"], head["n_pages"] = size, len(ops), used
    head["resident_bytes"] = sum(align(int(n)) for n in table["plain"][kept])
    head["page_slot"] = max((align(int(n)) for n in table["stored"][~kept]), default=0)
    header = head.tobytes() + ops.tobytes() + ios.tobytes() + table.tobytes()
    pages = (page + bytes(align(len(page)) - len(page)) for page in container.pages[:used])
    return header.ljust(size, b"\0") + b"".join(pages)


def calls(container: Container, window: int) -> list[Call]:
    """What the enclave asks for in one request, in order (`wanted` in session.c).

    Args:
        container: The container.
        window: Bytes of pages in one frame, at most.
    """
    _, ops, _, table = _records(container)
    uses = [
        (index, int(op["first_page"]) + i)
        for index, op in enumerate(ops)
        for i in range(int(op["n_pages"]))
    ]
    found: list[Call] = []
    at = 0
    while at < len(uses):
        index, page = uses[at]
        count = 1
        if table[page]["resident"]:
            at += 1
            continue
        while (
            at + count < len(uses)
            and uses[at + count][1] == page + count
            and not table[page + count]["resident"]
            and _span(table, page, count + 1) <= window
        ):
            count += 1
        parts = tuple((op, int(table[one]["stored"])) for op, one in uses[at : at + count])
        found.append(Call(index, page, count, _span(table, page, count), parts))
        at += count
    return found


def _span(table: Records, first: int, count: int) -> int:
    last = table[first + count - 1]
    return int(last["offset"] + last["stored"] - table[first]["offset"])


def _records(container: Container) -> tuple[Records, Records, Records, Records]:
    """Copies of the header's tables."""
    data = container.header
    head = np.frombuffer(data, HEADER, 1).copy()
    at, tables = HEADER.itemsize, []
    n_ios = int(head["n_inputs"][0] + head["n_crossing"][0] + head["n_outputs"][0])
    for kind, count in ((OP, int(head["n_ops"][0])), (IO, n_ios), (PAGE, int(head["n_pages"][0]))):
        tables.append(np.frombuffer(data, kind, count, at).copy())
        at += kind.itemsize * count
    return head, tables[0], tables[1], tables[2]
