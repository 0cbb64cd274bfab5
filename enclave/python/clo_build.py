"""Writes the C source of `cloister._clo` from the enclave's own headers.

The declarations that Python sees are the headers themselves, without preprocessor lines and
comments, so that the two cannot differ. Constants (``#define CLO_... ``) become integer constants
that the C compiler fills in. Names that the machine does not build (kernels of other processors, a
core that is not there yet) are left out.

    python enclave/python/clo_build.py OUT.c HEADER.h...
"""

from __future__ import annotations

import platform
import re
import sys
from pathlib import Path

from cffi import FFI

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
DEFINE = re.compile(r"^#define\s+(CLO_[A-Z0-9_]+)[ \t]+([(0-9].*)$", re.MULTILINE)
LENGTH = re.compile(r"\[([^\]]*CLO_[^\]]*)\]")
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*$", re.MULTILINE)
KERNELS = re.compile(r"^extern const clo_kernels clo_kernels_(\w+);[ \t]*$", re.MULTILINE)
MACHINE_KERNELS = {
    "x86_64": {"portable", "avx2", "avx512"},
    "aarch64": {"portable", "neon"},
}

# The run loop of tools, which protects nothing: all operators in order, with the time that each
# took. `file` is the whole container in memory, or NULL without pages; `ns` has a place for each
# operator, or is NULL; `more` is scratch for the threads that clo_threads_start made, or NULL for
# one. clo_run runs one part of an operator without pages, or of one page.
HELPERS = """
void clo_run(const clo_kernels *kernels, const clo_op *op, float *arena, float *scratch,
             const float *page, uint32_t index, uint32_t part, uint32_t parts);
void clo_run_plan(const clo_kernels *kernels, const clo_plan *plan, float *arena,
                  const uint8_t *file, uint64_t *ns, float *more);
"""
HELPERS_C = """
#include <time.h>

void clo_run(const clo_kernels *kernels, const clo_op *op, float *arena, float *scratch,
             const float *page, uint32_t index, uint32_t part, uint32_t parts)
{
    kernels->run[op->kind](op, arena, scratch, page, index, (clo_share){part, parts});
}

typedef struct work {
    const clo_kernels *kernels;
    const clo_plan *plan;
    const clo_op *op;
    float *arena, *more;
    const uint8_t *file;
} work;

static void run_part(void *arg, clo_share share)
{
    const work *w = arg;
    const clo_header *h = w->plan->header;
    const size_t each = (h->scratch_bytes + CLO_ALIGN - 1) / CLO_ALIGN * CLO_ALIGN / 4;
    float *scratch = share.part ? w->more + (share.part - 1) * each : w->arena + h->scratch_at;
    const clo_page *page = &w->plan->pages[w->op->first_page];
    for (uint32_t i = 0; i < w->op->n_pages || i == 0; i++) {
        const float *at = w->op->n_pages ? (const void *)(w->file + page[i].offset) : NULL;
        w->kernels->run[w->op->kind](w->op, w->arena, scratch, at, i, share);
    }
}

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void clo_run_plan(const clo_kernels *kernels, const clo_plan *plan, float *arena, const uint8_t
*file, uint64_t *ns, float *more) {
    work w = {kernels, plan, NULL, arena, more, file};
    for (uint32_t i = 0; i < plan->header->n_ops; i++) {
        const clo_op *op = &plan->ops[i];
        const uint64_t start = ns ? now_ns() : 0;
        w.op = op;
        if (more && kernels->shared & 1u << op->kind)
            clo_threads_run(NULL, run_part, &w);
        else
            run_part(&w, (clo_share){0, 1});
        if (ns)
            ns[i] = now_ns() - start;
    }
}
"""


def length(expression: str, values: dict[str, str]) -> str:
    """The length of an array as a number, where it is made of constants (cffi takes numbers and
    enumerators only).
    """
    while names := [n for n in re.findall(r"CLO_\w+", expression) if n in values]:
        for name in names:
            expression = re.sub(rf"\b{name}\b", values[name], expression)
    plain = re.sub(r"(?<=[0-9])u\b", "", expression)
    return str(eval(plain)) if re.fullmatch(r"[0-9+*()<\- ]+", plain) else expression


def declarations(header: str, values: dict[str, str]) -> str:
    """The declarations of a C header in the form that cffi parses; `values`: the constants of all
    headers.
    """
    text = COMMENT.sub("", header)
    constants = "".join(f"#define {name} ...\n" for name, _ in DEFINE.findall(text))
    text = LENGTH.sub(lambda m: f"[{length(m.group(1), values)}]", DIRECTIVE.sub("", text))
    built = MACHINE_KERNELS.get(platform.machine(), {"portable"})
    text = KERNELS.sub(lambda m: m.group() if m.group(1) in built else "", text)
    return constants + text


def main(out: str, *headers: str) -> None:
    """Writes the C source `out`."""
    texts = {header: Path(header).read_text() for header in headers}
    ffi = FFI()
    values = dict(pair for text in texts.values() for pair in DEFINE.findall(COMMENT.sub("", text)))
    ffi.cdef("\n".join(declarations(text, values) for text in texts.values()) + HELPERS)
    includes = "".join(f'#include "{Path(header).name}"\n' for header in texts)
    ffi.set_source("cloister._clo", includes + HELPERS_C, py_limited_api=True)
    ffi.emit_c_code(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
