"""Writes seeds for the fuzz targets, from the hand-made containers and rules of tests/enclave.

    python enclave/fuzz/seeds.py OUT    writes OUT/plan and OUT/session; README.md says what then

A seed is small: a container of one operator, valid or with one field spoiled; a short session.
"""

from __future__ import annotations

import hashlib
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "enclave")]

from cloister._clo import ffi, lib  # noqa: E402
from containers import (  # noqa: E402
    EXAMPLES,
    Builder,
    Container,
    codes,
    every_kind,
    full_page,
    in_place,
    int8_weights,
    plus_constant,
    winograd,
)
from test_container_validator import (  # noqa: E402
    ALLOWED,
    CODES_RULES,
    HEADER,
    INT8_RULES,
    IO,
    OPERATOR,
    PAGE,
    WINOGRAD_RULES,
)

PAGE_KEY, KEY_ID = bytes(32), b"\1" * 16  # the harness seals the pages itself, with its own key


def only(whole: Container, index: int) -> Container:
    """The container with one of its operators, and that operator's pages."""
    h, op = whole.view(), whole.op(index)
    ios = h.n_inputs + h.n_crossing + h.n_outputs
    header = bytearray(ffi.buffer(h, 128)) + bytearray(ffi.buffer(op, 192))
    header += bytearray(ffi.buffer(whole.io(0), 64 * ios))
    first, count = op.first_page, op.n_pages
    header += bytearray(ffi.buffer(whole.page(first), 64 * count))
    small = Container(header, whole.pages[first : first + count])
    new = small.view()
    new.n_ops, new.n_pages, new.header_bytes = 1, count, len(header)
    small.op(0).first_page = 0
    offset = len(header)
    new.resident_bytes = new.page_slot = 0
    for i in range(count):
        page = small.page(i)
        page.offset = offset
        room = -(-page.stored // 64) * 64
        offset += room
        if page.resident:
            new.resident_bytes += room
        else:
            new.page_slot = max(new.page_slot, room)
    return small


def valid_plans() -> list[bytes]:
    """Headers that the validator accepts: the examples, and each operator by itself."""
    whole = every_kind()
    seeds = [bytes(make().header) for make in EXAMPLES.values()]
    last = Builder([(4,)], [(7,)], split=False)  # the response ends the arena
    last.scratch_at = 0
    last.op(lib.CLO_FILL, (last.output_at(), 7), value=1.0)
    seeds.append(bytes(last.build().header))
    for sealable in (plus_constant(), full_page(), whole):
        seeds.append(bytes(sealable.sealed(PAGE_KEY, KEY_ID).header))
    alone = [
        only(make, i) for make in (whole, int8_weights(), codes()) for i in range(make.view().n_ops)
    ]
    return seeds + [bytes(one.header) for one in alone]


def plans() -> list[bytes]:
    """Headers: valid ones, and each rule broken."""
    whole = every_kind()
    seeds = valid_plans()
    for index, change in [*OPERATOR.values(), *ALLOWED.values()]:
        small = only(whole, index)
        change(small.op(0))
        seeds.append(bytes(small.header))
    for change in WINOGRAD_RULES.values():
        small = only(winograd(), 1)
        change(small.op(0))
        seeds.append(bytes(small.header))
    for make, rules in (int8_weights, INT8_RULES), (codes, CODES_RULES):
        for index, change in rules.values():
            small = only(make(), index)
            change(small.op(0))
            seeds.append(bytes(small.header))
    for _, change in HEADER.values():
        small = only(whole, 0)
        change(small.view())
        seeds.append(bytes(small.header))
    for change in PAGE.values():
        small = only(whole, 0)
        change(small.page(0))
        seeds.append(bytes(small.header))
    for change in IO.values():
        for which in range(3):
            small = plus_constant()
            change(small.io(which))
            seeds.append(bytes(small.header))
    page = Builder([(4,)], [(4,)], split=False)
    page.op(lib.CLO_FILL, (page.output_at(), 4), value=1.0)
    page.add_pages([], resident=True)
    seeds.append(bytes(page.build().header)[:320])
    return seeds


def session(container: Container, commands: bytes, options: bytes = b"\2\0\0\0") -> bytes:
    """An input of fuzz_session: options, container, commands."""
    return options + struct.pack("<H", len(container.header)) + bytes(container.header) + commands


def raw(type: int, payload: bytes, *, cut: int = 0, id: int = 0, a: int = 0, b: int = 0) -> bytes:
    """The command that sends a frame as it is, `cut` bytes of it missing."""
    return b"F" + bytes([type, cut, id, a, b, len(payload)]) + payload


def valid_sessions() -> list[bytes]:
    """Sessions of a host that keeps the rules."""
    split, whole = plus_constant(), plus_constant(split=False, resident=True)
    attest = raw(3, struct.pack("<QQ", 1, 2) + bytes(8))
    seeds = [
        session(split, b"LPR\1PT\1"),
        session(whole, b"LPR\1R\2"),
        session(split, b"LP" + attest),
    ]
    last = Builder([(4,)], [(7,)])  # the response ends the arena
    last.op(lib.CLO_FILL, (last.output_at(), 7), value=1.0)
    last.crossing.append(((7,), last.output_at()))
    seeds.append(session(last.build(), b"LR\1" + raw(5, bytes(255), id=1)))
    seeds.append(session(in_place(), b"LR\1"))
    for make in (split, whole, every_kind(), full_page()):
        locked = make.sealed(PAGE_KEY, KEY_ID)
        seeds.append(session(locked, b"L" + attest + b"KPR\1PT\1"))
        seeds.append(session(locked, b"L" + attest + b"KP", b"\x2a\0\0\0"))
        seeds.append(session(locked, b"LPR\1PT\1", b"\x0a\0\0\0"))
    return [*seeds, session(every_kind(), b"LPR\1P"), session(split, b"L" + raw(2, bytes(16), b=1))]


def sessions() -> list[bytes]:
    """Sessions: the rules of docs/formats/frames.md, kept and broken."""
    split, whole = plus_constant(), plus_constant(split=False, resident=True)
    every = every_kind()
    times = struct.pack("<QQ", 1, 2)
    up = b"LP"
    seeds = [
        session(split, up + b"R\1PT\1"),
        session(split, up + b"R\1PT\2T\1T\1R\2PC\2C\2"),
        session(split, up + b"R\1C\1R\2PC\3R\4T\2"),
        session(split, up + raw(3, times + bytes(8)) + b"R\1P" + raw(3, times)),
        session(whole, up + b"R\1R\2q\0\0\0q\0\0\1q\7\0\1q\x30\0\1"),
        session(whole, up + b"R\1R\2R\3R\4R\5", b"\1\0\0\0"),
        session(every, up + b"R\1PR\2P", b"\3\4\0\0"),
        session(split, b"L" + b"p\3\0" + b"L"),
        session(split, b"L" + raw(2, b"", a=0, b=1) + raw(2, b"12", a=1, b=1)),
        session(split, b"LL" + raw(4, bytes(9)) + b"P"),
        session(split, up + b"R\1p\3\0R\1P"),
        session(split, up + b"r\0\0\0\0\0\0r\2\0\3\0\0\0r\x28\0\1\0\0\0"),
        session(split, up + b"R\1Pt\0\0\0\0\0\0R\1Pt\x20\0\0\0\xc0\x7fR\1Pt\x24\0\1\0\0\0"),
        session(split, up + b"R\1P" + raw(5, bytes(9), id=1) + b"ERL"),
        session(split, b"L", b"\2\0\1\0"),
        session(split, b"L", b"\2\0\x28\0"),
        session(split, up, b"\2\0\0\1"),
        session(split, raw(1, b"") + raw(1, bytes(40)) + b"L"),
        session(split, up + raw(4, bytes(9)) + raw(4, bytes(247 + 8))[: 7 + 255]),
        session(split, up + b"".join(raw(3, b"\1" * n) for n in (0, 15, 16, 17, 24, 80, 81))),
        session(
            split,
            up + b"".join(raw(3, struct.pack("<QQ", 2**k - 1, 2**k)) for k in (5, 8, 16, 32, 40)),
        ),
        session(split, up + b"".join(raw(t, b"") for t in (0, 7, 8, 16, 22, 255))),
        session(split, up + raw(3, times, cut=1) + raw(3, times, cut=70) + raw(3, times, cut=255)),
        session(
            split, up + b"H\6\0" + struct.pack("<IIQQIIQQQQ", 1, 6, 0, 0, 0, 0, 0, 0, 0, 0) + b"\0"
        ),
        session(
            split, up + b"H\6\0" + struct.pack("<IIQQIIQQQQ", 0, 6, 0, 0, 0, 0, 1, 0, 0, 0) + b"\0"
        ),
        session(
            split, up + b"H\6\0" + struct.pack("<IIQQIIQQQQ", 0, 6, 0, 7, 0, 0, 0, 0, 0, 0) + b"\0"
        ),
    ]
    seeds += [session(whole, b"LPR\1", bytes([2, 0, 0, which << 1])) for which in range(1, 6)]
    seeds += sealed_sessions()
    for n in range(1, 9):
        fail = bytes([ord("Z"), n])
        seeds.append(session(split, fail + b"LP"))
        seeds.append(session(split, b"L" + fail + b"P"))
        seeds.append(session(split, up + fail + raw(3, times)))
        seeds.append(session(split, up + b"R\1P" + fail + b"T\1"))
        seeds.append(session(whole, up + fail + b"R\1"))
    seeds += [session(whole, up + bytes([ord("Z"), n]) + b"R\1") for n in range(9, 28)]
    bad = split.copy()
    bad.op(0).kind = 99
    seeds.append(session(bad, b"LL"))
    seeds.append(session(Container(bytearray(100), []), b"L"))
    return seeds


def sealed_sessions() -> list[bytes]:
    """Sessions with sealed pages: the key given, kept, wrong, early, twice, changed."""
    split = plus_constant().sealed(PAGE_KEY, KEY_ID)
    whole = plus_constant(split=False, resident=True).sealed(PAGE_KEY, KEY_ID)
    prove = raw(3, struct.pack("<QQ", 1, 2))
    seeds = [
        session(split, b"LK" + prove + b"KPKR\1PT\1" + prove),
        session(split, b"LKLPR\1" + prove + prove + b"WP"),
        session(split, b"L" + prove + b"Kp\3\0"),
        session(split, b"L" + prove + b"KPD" + b"\7" * 8 + b"R\1p\3\0R\2PT\2"),
        session(split, b"L" + prove + raw(7, bytes(79))),
        session(split, b"L" + prove + raw(7, bytes(81))),
        session(split, b"L" + raw(3, bytes(16)) + raw(3, bytes(15)) + b"K"),
        session(whole, b"L" + prove + b"KPR\1", b"\x2a\0\0\0"),
        session(split, b"LP", b"\x1a\0\0\0"),
        session(split, b"L" + prove + b"WP", b"\x2a\0\0\0"),
    ]
    seeds += [session(split, b"L" + prove + bytes([107, at, 1])) for at in (0, 32, 64)]
    for n in range(1, 9):
        fail = bytes([ord("Z"), n])
        seeds.append(session(split, fail + b"LP", b"\x0a\0\0\0"))
        seeds.append(session(whole, b"L" + prove + b"K" + fail + b"P", b"\x2a\0\0\0"))
    seeds += [session(whole, b"L" + prove + bytes([90, n]) + b"KP") for n in range(1, 16)]
    seeds += [session(whole, b"L" + prove + b"KP" + bytes([90, n]) + b"R\1") for n in range(9, 28)]
    return seeds


def write(folder: Path, seeds: list[bytes]) -> None:
    """A file for each seed, named by its digest."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)


if __name__ == "__main__":
    write(Path(sys.argv[1]) / "plan", plans())
    write(Path(sys.argv[1]) / "session", sessions())
