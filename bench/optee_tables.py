"""What docs/optee.md tells of the results of bench.optee: prints it; a test compares.

python -m bench.optee_tables
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from bench.optee import ARTIFACT, MIB, MILLION
from bench.results import FOLDER

Row = dict[str, Any]
Told = Callable[[], Iterator[str]]
NAMES: Final = {
    "mobilenet_v1": "MobileNet v1",
    "resnet18": "ResNet-18",
    "darknet_reference": "Darknet Reference",
    "lenet": "LeNet",
    "resnet20": "ResNet-20",
    "squeezenet1_1": "SqueezeNet 1.1",
    "mobilenet_v2": "MobileNetV2",
}
CHOICES: Final = {
    "as it is": "as it is: sealed, resident, Winograd, pages of up to 1 MiB, own ciphers",
    "pages not sealed": "pages not sealed",
    "half of the weights streamed": "{streamed_bytes:,} bytes of weights streamed with each answer",
    "without Winograd": "without Winograd",
    "pages of 4 KiB": "without Winograd, pages of 4 KiB",
    "pages of 4 KiB, half of the weights streamed": (
        "without Winograd, pages of 4 KiB, {streamed_bytes:,} bytes streamed"
    ),
    "ciphers of OP-TEE's core": (
        "ciphers of OP-TEE's core, in portable C (`CLO_TA_CRYPTO_EXTENSIONS` 0)"
    ),
    "scalar": "scalar kernels instead of NEON",
}


def rows(name: str) -> list[Row]:
    """Of the newest results."""
    found: list[Row] = json.loads(max(FOLDER.glob(f"{name}_2*.json")).read_text())["rows"]
    return found


def line(*cells: object) -> str:
    """Of a table."""
    return f"| {' | '.join(map(str, cells))} |"


def millions(*counts: int) -> str:
    """Instructions; tenths where there are less than a hundred million."""
    return "; ".join(
        f"{n / MILLION:.1f}" if n < 100 * MILLION else f"{n / MILLION:,.0f}" for n in counts
    )


def columns(of: list[Row], table: Iterable[tuple[str, Callable[[Row], str]]]) -> Iterator[str]:
    """A table with a column for each network."""
    yield line("", *(NAMES[row["network"]] for row in of))
    for title, cell in table:
        yield line(title, *map(cell, of))


def whole(row: Row, when: str) -> int:
    """All worlds."""
    return sum(row[f"{world}_{when}"] for world in ("ta", "core", "normal"))


def comparison() -> Iterator[str]:
    """Beside the published artifact."""

    def artifact(row: Row, index: int) -> str:
        return f"{ARTIFACT[row['network']][index]:,}"

    yield from columns(
        rows("optee_comparison"),
        (
            (
                "secure memory, instance (heap of the artifact)",
                lambda r: (
                    f"{r['instance_bytes'] / MIB:.1f} MiB "
                    f"({artifact(r, 0)} MiB; {r['memory_times']})"
                ),
            ),
            ("streamed with each answer, bytes", lambda r: f"{r['streamed_bytes']:,}"),
            (
                "application: cold",
                lambda r: f"{millions(r['ta_cold'])} ({artifact(r, 1)}; {r['ta_cold_times']})",
            ),
            (
                "application: further",
                lambda r: (
                    f"{millions(r['ta_further'])} ({artifact(r, 2)}; {r['ta_further_times']})"
                ),
            ),
            (
                "OP-TEE's core and firmware: cold; further",
                lambda r: millions(r["core_cold"], r["core_further"]),
            ),
            (
                "Linux and daemon: cold; further",
                lambda r: millions(r["normal_cold"], r["normal_further"]),
            ),
            (
                "all worlds: cold",
                lambda r: (
                    f"{millions(whole(r, 'cold'))} (about {artifact(r, 3)}; {r['all_cold_times']})"
                ),
            ),
            (
                "all worlds: cold, the device's first time",
                lambda r: (
                    f"{millions(whole(r, 'cold') + r['once'])} "
                    f"(about {artifact(r, 3)}; {r['all_cold_once_times']})"
                ),
            ),
            (
                "all worlds: further",
                lambda r: (
                    f"{millions(whole(r, 'further'))} "
                    f"(about {artifact(r, 4)}; {r['all_further_times']})"
                ),
            ),
            (
                "world switches of an answer; 2 + streamed / window",
                lambda r: f"{r['switches']}; {r['switches_bound']}",
            ),
            ("application, per multiply-add, all its work", lambda r: str(r["ta_per_mac"])),
        ),
    )


def streamed() -> Iterator[str]:
    """What a byte of streamed weights takes, and what part of an answer that is."""
    of = {row["choice"]: row["ta_streamed_byte"] for row in rows("optee_choices")}
    for choice, title in (
        ("half of the weights streamed", "of pages of up to 1 MiB"),
        ("pages of 4 KiB, half of the weights streamed", "of pages of 4 KiB"),
    ):
        split = of[choice]
        yield line(title, *(f"{n:.2f}" for n in (*split.values(), sum(split.values()))))
    split = of["half of the weights streamed"]
    byte = sum(split.values())
    yield f"Beside opening a byte takes {split['copy'] + split['rest']:.2f}"
    for row in rows("optee_comparison"):
        share = byte * row["streamed_bytes"] / row["ta_further"]
        yield f"{100 * share:.0f} % for {NAMES[row['network']]}"


def convolution() -> Iterator[str]:
    """Single layers."""
    of = rows("optee_convolution")
    fast = {(r["channels"], r["side"], r["kernel"]): r["ta_per_mac"] for r in of if r["winograd"]}
    for r in of:
        if not r["winograd"]:
            key = (r["channels"], r["side"], r["kernel"])
            kernel = f"{r['kernel']} x {r['kernel']}"
            winograd = f"{fast[key]:.3f}" if key in fast else ""
            yield line(kernel, f"{key[0]}, {key[1]}", f"{r['ta_per_mac']:.3f}", winograd).replace(
                "|  |", "| |"
            )


def choices() -> Iterator[str]:
    """Our own, one changed at a time."""
    for row in rows("optee_choices"):
        yield line(
            CHOICES[row["choice"]].format(**row),
            millions(row["ta_start"], row["ta_further"]),
            millions(row["core_cold"], row["core_further"]),
            f"{row['pages']:,}; {row['longest_page_bytes']:,}",
        )


def vgg() -> Iterator[str]:
    """VGG-16 in two budgets."""
    for row in rows("optee_vgg"):
        yield line(
            f"{row['budget_mib']} MiB",
            f"{row['instance_bytes']:,}",
            f"{row['streamed_bytes']:,}",
            f"{row['switches']}; {row['switches_bound']}",
        )


def networks() -> Iterator[str]:
    """Those of the accuracy tables."""
    yield from columns(
        rows("optee"),
        (
            ("multiply-adds, million", lambda r: f"{r['macs'] / MILLION:.1f}"),
            ("instance, bytes", lambda r: f"{r['instance_bytes']:,}"),
            ("streamed with each request, bytes", lambda r: f"{r['streamed_bytes']:,}"),
            (
                "application: start; each answer",
                lambda r: millions(r["ta_start"], r["ta_further"]),
            ),
            (
                "OP-TEE's core: cold; each answer",
                lambda r: millions(r["core_cold"], r["core_further"]),
            ),
            (
                "world switches of an answer; 2 + streamed / window",
                lambda r: f"{r['switches']}; {r['switches_bound']}",
            ),
        ),
    )


def sentences() -> Iterator[str]:
    """Photographs, times, and the settings of LeNet."""
    first, second = rows("optee_photos")
    inside = (f"{100 * row['accuracy_inside']:.1f} %" for row in (first, second))
    same = (f"{row['same_class_as_plain']}" for row in (first, second))
    yield (
        f"({' and '.join(inside)}, the same class for {' and '.join(same)} "
        f"of {first['photos_inside']}; `photos`)"
    )
    (row,) = rows("optee_times")
    yield f"packages to a laboratory {row['set_up_s']:.0f} s"
    yield (
        f"a client's first answer {row['boot_answer_s']:.0f} s, "
        f"and {row['build_boot_answer_s']:.0f} s when"
    )
    yield f"#define CLO_TA_MEMORY {rows('optee')[0]['instance_bytes']}u"


TABLES: Final[tuple[Told, ...]] = (
    comparison,
    streamed,
    convolution,
    choices,
    vgg,
    networks,
    sentences,
)


def main() -> None:
    """Prints all."""
    for table in TABLES:
        print(*table(), sep="\n", end="\n\n")


if __name__ == "__main__":
    main()
