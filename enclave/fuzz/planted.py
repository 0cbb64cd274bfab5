"""Plants bugs in validator and session, one at a time, and sees how soon fuzzing finds each.

    python enclave/fuzz/planted.py [SECONDS [BUG...]]      600 seconds for each by default

Each bug takes one proof away. Fuzzing starts from valid containers only: the committed corpus holds
a broken one for each rule, so it finds most of them at once. Found means that the sanitizers, or a
rule of the harness, stopped it. Exit code 1 when one is not found.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import seeds

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parent / "src"
# Class of field: what is taken out of its file (white space aside), and what takes its place.
PLACES = {"frame": ("session", "session.c"), "memory": ("session", "plan.c")}  # target, file
BUGS = {
    "header: request and response inside the arena": (
        "(at == NULL || 4 * (uint64_t)*at + total <= plan->header->arena_bytes)",
        "true",
    ),
    "header: arena a multiple of 4": ("h->arena_bytes % 4 == 0 &&", ""),
    "header: scratch inside the arena": (
        "4 * (uint64_t)h->scratch_at + h->scratch_bytes <= h->arena_bytes",
        "true",
    ),
    "header: page slot": ("slot == h->page_slot", "true"),
    "header: resident bytes": ("resident == h->resident_bytes", "true"),
    "header: number of pages": (
        "io * sizeof(clo_io) + h->n_pages * (uint64_t)sizeof(clo_page)",
        "io * sizeof(clo_io) + h->header_bytes - sizeof *h -"
        " h->n_ops * (uint64_t)sizeof(clo_op) - io * sizeof(clo_io)",
    ),
    "tensor: inside the arena": (
        "n == io->n && clo_add(n, io->at) <= plan->header->arena_bytes / 4",
        "n == io->n",
    ),
    "tensor: n is the product": ("return n == io->n &&", "return"),
    "operator: kind": ("if (op->kind >= CLO_KINDS)", "if (op->kind > CLO_KINDS)"),
    "operator: operands inside the arena": (
        "return span.n > 0 && (uint64_t)span.at + span.n <= plan->header->arena_bytes / 4;",
        "return span.n > 0;",
    ),
    "operator: operands, without 64 bits": (
        "(uint64_t)span.at + span.n <=",
        "(uint32_t)(span.at + span.n) <=",
    ),
    "operator: scratch": ("op->scratch <= plan->header->scratch_bytes &&", ""),
    "operator: pages in the table": (
        "(uint64_t)op->first_page + op->n_pages <= plan->header->n_pages &&",
        "",
    ),
    "page: length": (
        "if (plan->pages[op->first_page + i].plain != clo_mul(units, bytes))",
        "if (0)",
    ),
    "page: bias": ("bytes = bias + scales + row *", "bytes = scales + row *"),
    "page: scales of bytes": ("bytes = bias + scales + row *", "bytes = bias + row *"),
    "operator: bytes for weights": ("op->int8 <= has + (op->kind == CLO_CONV) &&", ""),
    "map: x": ("|| !holds(x, &b.reach)", ""),
    "map: y": ("!holds(y, &a.reach) ||", ""),
    "map: leading dimension": (
        "return m.ld >= m.cols && *end <= m.span.n;",
        "return *end - m.cols < m.span.n;",
    ),
    "CONV: x and y": ("!maps_ok(y, x, false) || has_z != (v->z_ld != 0) ||", ""),
    "CONV: z": ("|| (has_z && !maps_ok(y, z, y_codes == z_codes))", ""),
    "CONV: groups": (
        "uint64_t c = clo_mul(v->groups, v->c), n = clo_mul(v->groups, v->n);",
        "uint64_t c = v->c, n = clo_mul(v->groups, v->n);",
    ),
    "CONV: codes on the spot of floats": (
        "maps_ok(y, z, y_codes == z_codes)",
        "maps_ok(y, z, true)",
    ),
    "CONV: codes in fours": ("(codes && v->n % 4 != 0) ||", ""),
    "CONV: codes by slices": ("&& (op->fn != CLO_FN_DIRECT || v->slice != 0)", "&& 0"),
    "CONV: scratch": (
        "op->scratch < wide + clo_round(4 * (uint64_t)v->c) + 8 * CLO_ROWS_MAX * taps ||",
        "",
    ),
    "CONV: scratch of bytes": ("op->scratch < wide + clo_round(", "op->scratch < clo_round("),
    "DWCONV: scratch of bytes": ("op->scratch >= wide &&", ""),
    "DWCONV: x": ("maps_ok(y, x, false) && pages_hold", "pages_hold"),
    "MATMUL: x": ("x <= op->x.n && z <= op->z.n &&", "z <= op->z.n &&"),
    "MATMUL: z": ("x <= op->x.n && z <= op->z.n &&", "x <= op->x.n &&"),
    "MATMUL: y": ("z <= op->z.n && y <= op->y.n &&", "z <= op->z.n &&"),
    "MATMUL: scratch": ("&& op->scratch >= clo_round(clo_mul(v->k, 4 * CLO_PANEL))", ""),
    "POOL: x and y": ("(op->fn == CLO_FN_POOL_AVERAGE) && maps_ok(y, x, false)", "1"),
    "UNARY: x": (
        "(map){op->x, v->rows, v->x_ld, from ? v->cols / 4 : v->cols}",
        "(map){op->y, v->rows, v->y_ld, 1}",
    ),
    "UNARY: y of codes": ("to ? v->cols / 4 : v->cols}", "v->cols / 4}"),
    "UNARY: numbers on the spot of codes": ("!to && !from);", "true);"),
    "BINARY: reach": ("return b.reach <= x.n && a.reach <= y.n &&", "return a.reach <= y.n &&"),
    "SOFTMAX: y": ("(map){op->y, 1, n, n}", "(map){op->y, 1, 1, 1}"),
    "REDUCE: x": ("return x <= op->x.n &&", "return"),
    "NORM: z": ("2 * (uint64_t)v->cols <= op->z.n &&", ""),
    "COPY: below x": ("below <= v->x_first &&", ""),
    "COPY: above x": ("above < op->x.n &&", ""),
    "COPY: y": ("y <= op->y.n && spans_apart(op->y, op->x);", "spans_apart(op->y, op->x);"),
    "frame: type": ("type >= sizeof FRAMES / sizeof FRAMES[0] ||", ""),
    "frame: pages asked for": ("return t->head.a == first && t->head.b == count;", "return true;"),
    "frame: nonce": ("nonce_n > CLO_NONCE_MAX ||", ""),
    "frame: container above the memory": ("if (bytes > s->config.bytes)", "if (0)"),
    "frame: plan above the memory": (
        "if (clo_add(clo_plan_memory(&s->plan, s->config.replay), shares(s)) > s->config.bytes)",
        "if (0)",
    ),
    "frame: tail's length": (
        "if (t->in.left != s->plan.response_bytes)\n        return CLO_E_SIZE;"
        " clo_take(&t->in, msg, s->plan.response_bytes);",
        "clo_take(&t->in, msg, t->in.left);",
    ),
    "page: stored length": ("page->stored != page->plain + h->sealed * CLO_TAG ||", ""),
    "frame: key before claims": ("{take_key, IN(PROVEN)}", "{take_key, IN(PROVEN) | IN(LOCKED)}"),
    "frame: key of other pages": ("if (err == CLO_OK && !key_ok(s))", "if (0)"),
    "frame: key stays": ("if (s->plan.header->page_slot == 0)", "if (0)"),
    "frame: tag stays": ("memset(page + plain, 0, sizeof tag);", ""),
    "frame: receipt of another request": (
        "s->request_digest, sealed, n + CLO_REQUEST_OVERHEAD)",
        "s->request_digest, sealed, n)",
    ),
    "frame: receipt of another response": (
        "err = sign_receipt(s, sealed, n + CLO_RESPONSE_OVERHEAD, &w);",
        "err = sign_receipt(s, sealed, n, &w);",
    ),
    "frame: arena wiped, but for its end": (
        "wipe(s, s->arena, (size_t)clo_round(s->plan.header->arena_bytes) + CLO_ALIGN +"
        " shares(s));",
        "wipe(s, s->arena, (size_t)s->plan.header->arena_bytes);",
    ),
    "memory: no room behind the arena": (
        "clo_round(h->arena_bytes) + CLO_ALIGN;",
        "clo_round(h->arena_bytes);",
    ),
    "arithmetic: a product that wraps": (
        "return clo_add(r, clo_mul(d - 1, stride));",
        "return r + (uint32_t)((d - 1) * stride);",
    ),
}


def planted(text: str, old: str, new: str) -> str:
    """The source with its one place of `old`, however it is broken into lines, replaced."""
    pattern = r"\s*".join(re.escape(part) for part in re.findall(r"\w+|[^\w\s]", old))
    changed, count = re.subn(pattern, lambda _: new, text)
    if count != 1:
        raise SystemExit(f"{count} places like: {old}")
    return changed


def hunt(folder: Path, target: str, seconds: int) -> float | None:
    """Seconds until the fuzzer stops at the bug; None when it does not."""
    limits = [f"-max_total_time={seconds}", "-max_len=4096", "-timeout=30"]
    start = time.monotonic()
    done = subprocess.run(
        [folder / f"fuzz_{target}", *limits, folder / "new", folder / target],
        capture_output=True,
        cwd=folder,
        check=False,
    )
    return time.monotonic() - start if done.returncode else None


def main(seconds: int, names: list[str]) -> int:
    """Prints a line for each bug."""
    missed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        planting = folder / "planted"
        seeds.write(folder / "plan", seeds.valid_plans())
        seeds.write(folder / "session", seeds.valid_sessions())
        for bug in names or BUGS:
            target, file = PLACES.get(bug.partition(":")[0], ("plan", "plan.c"))
            for used in (planting, folder / "new"):
                shutil.rmtree(used, ignore_errors=True)
                used.mkdir()
            (planting / file).write_text(planted((SOURCES / file).read_text(), *BUGS[bug]))
            environment = {**os.environ, "PLANTED": str(planting)}
            subprocess.run([HERE / "build.sh", folder, "fuzz"], check=True, env=environment)
            found = hunt(folder, target, seconds)
            missed += found is None
            print(f"{bug}: {'NOT FOUND' if found is None else f'{found:.1f} s'}", flush=True)
    print(f"{len(names or BUGS) - missed} of {len(names or BUGS)} found")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 600, sys.argv[2:]))
