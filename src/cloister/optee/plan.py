"""The memory of a platform with OP-TEE, known before anything is built: what a network takes there,
and whether it fits.

The instance's own memory is exact (`clo_plan_memory`). What comes on top of it, and the bounds:

* An application's data (the instance, the heap, what the libraries keep) is one piece of secure
  memory, in whole pages. The largest free piece, `data_bytes`, is what the configuration leaves
  beside OP-TEE itself: CFG_TZDRAM_SIZE - CFG_TEE_RAM_VA_SIZE.
* Its code and stack lie elsewhere: in what OP-TEE gives back of its own memory after it has
  started, `aside_bytes`.
* Address space comes in page tables of 2 MiB, `page_tables` of them (CFG_PGT_CACHE_ENTRIES), which
  serve code, data, stack and the shared memory of a call together. It is the bound for shared
  memory.

The bounds of `PLATFORMS` were measured, page by page (docs/optee.md); tests boot an application at
the bound, which loads, and one a page beyond, which does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, Self

from cloister.channel.message import ALIGN
from cloister.errors import UserError
from cloister.optee.build import Loaded, Sizes
from cloister.pack.room import REPLAY_ENTRY_BYTES, Room

PAGE: Final = 4096
TABLE: Final = 2 << 20
ANSWER_ROOM: Final = 32768  # CLO_OUT_MIN; grows to the longest answer
WINDOW: Final = TABLE - PAGE - ANSWER_ROOM  # the daemon's own: what is shared in one page table
WINDOW_TABLES: Final = 8  # at most: more takes hardly fewer switches
# TA_FRAMEWORK_STACK_SIZE of the dev kit's user_ta_header.c
FRAMEWORK_STACK: Final = 2048
# The application's own code and data, rounded up so that a change of the core seldom changes plans;
# a test compares.
CODE: Final = Loaded(code_bytes=276 << 10, data_bytes=20 << 10)


class Compiled(Protocol):
    """What the plan reads of a container that was just compiled: a client has no compiler."""

    @property
    def header(self) -> bytes:
        """The header."""

    @property
    def pages(self) -> Sequence[bytes]:
        """As stored."""

    @property
    def page_slot(self) -> int:
        """Bytes of the longest streamed page."""

    @property
    def resident_bytes(self) -> int:
        """Of the resident pages."""

    @property
    def arena_bytes(self) -> int:
        """Of the arena."""

    def memory_bytes(self, replay: int) -> int:
        """Trusted memory of an instance."""


class Header(Protocol):
    """What the plan reads of a container."""

    header_bytes: int
    page_slot: int
    resident_bytes: int
    arena_bytes: int
    file_bytes: int

    def memory_bytes(self, replay: int) -> int:
        """Trusted memory of an instance."""


@dataclass(frozen=True)
class Platform:
    """A platform's bounds.

    Args:
        name: In options.
        about: For people.
        data_bytes: Secure memory in one piece.
        aside_bytes: Secure memory beside it, for code and stack.
        page_tables: CFG_PGT_CACHE_ENTRIES.
        settings: Lines of OP-TEE's configuration that make it so.
    """

    name: str
    about: str
    data_bytes: int
    aside_bytes: int
    page_tables: int
    settings: tuple[str, ...] = ()


PLATFORMS: Final = {
    row.name: row
    for row in (
        Platform(
            "stock",
            "Debian's OP-TEE 4.5.0 as it is, on QEMU's virt machine",
            13 << 20,
            1016 << 10,
            8,
            (
                "CFG_TZDRAM_SIZE=0x00f00000",
                "CFG_TEE_RAM_VA_SIZE=0x00200000",
                "CFG_PGT_CACHE_ENTRIES=8",
            ),
        ),
        Platform(
            "planned",
            "OP-TEE built by `optee image`, on QEMU's virt machine",
            13 << 20,
            948 << 10,
            32,
            (
                "CFG_TZDRAM_SIZE=0x00f00000",
                "CFG_TEE_RAM_VA_SIZE=0x00200000",
                "CFG_PGT_CACHE_ENTRIES=32",
            ),
        ),
        Platform(
            "sbsa",
            "OP-TEE built by `optee image`, on QEMU's sbsa-ref machine",
            475 << 20,
            948 << 10,
            256,
            (
                "CFG_TZDRAM_SIZE=0x1f000000",
                "CFG_TEE_RAM_VA_SIZE=0x00400000",
                "CFG_PGT_CACHE_ENTRIES=256",
            ),
        ),
    )
}


@dataclass(frozen=True)
class Need:
    """What an instance takes, to the byte.

    Args:
        memory_bytes: All of it (`clo_plan_memory`): the parts below, each rounded up to 64, and 64.
        header_bytes: Copy of the container's header.
        replay_bytes: Replay table.
        resident_bytes: Weights that stay.
        slot_bytes: Room for one page of streamed weights.
        arena_bytes: Messages, tensors, scratch.
        streamed_bytes: Weights that come anew with each request.
    """

    memory_bytes: int
    header_bytes: int
    replay_bytes: int
    resident_bytes: int
    slot_bytes: int
    arena_bytes: int
    streamed_bytes: int

    @classmethod
    def of(cls, head: Header, replay: int) -> Self:
        """Of a container.

        Args:
            head: The open container.
            replay: Entries of the replay table.
        """
        return cls(
            head.memory_bytes(replay),
            head.header_bytes,
            REPLAY_ENTRY_BYTES * replay,
            head.resident_bytes,
            head.page_slot,
            head.arena_bytes,
            max(head.file_bytes - head.header_bytes - head.resident_bytes, 0),
        )

    @classmethod
    def of_container(cls, container: Compiled, replay: int) -> Self:
        """Of a container that was just compiled.

        Args:
            container: The container.
            replay: Entries of the replay table.
        """
        return cls(
            container.memory_bytes(replay),
            len(container.header),
            REPLAY_ENTRY_BYTES * replay,
            container.resident_bytes,
            container.page_slot,
            container.arena_bytes,
            sum(len(page) for page in container.pages) - container.resident_bytes,
        )


@dataclass(frozen=True)
class Plan:
    """What a network takes on a platform.

    Args:
        need: Of the instance.
        platform: Where.
        sizes: With which the application is built.
        code: The application itself.
    """

    need: Need
    platform: Platform
    sizes: Sizes
    code: Loaded = CODE

    @property
    def data_bytes(self) -> int:
        """Instance, heap and the application's own data, in whole pages."""
        return _pages(self.sizes.memory_bytes + self.sizes.heap_bytes + self.code.data_bytes)

    @property
    def stack_bytes(self) -> int:
        """As loaded."""
        return _pages(self.sizes.stack_bytes + FRAMEWORK_STACK)

    @property
    def aside_bytes(self) -> int:
        """Code and stack, in whole pages."""
        return _pages(self.code.code_bytes) + self.stack_bytes

    @property
    def secure_bytes(self) -> int:
        """Secure memory of the application."""
        return self.data_bytes + self.aside_bytes

    @property
    def shared_bytes(self) -> int:
        """Shared memory of a call, at most."""
        return self.window_bytes + PAGE + _pages(ANSWER_ROOM)

    @property
    def window_bytes(self) -> int:
        """Streamed weights in one frame, at most: with its head and the answer whole page tables,
        as many as the application leaves.
        """
        left = self.platform.page_tables - -(-self.secure_bytes // TABLE)
        return min(max(left, 1), WINDOW_TABLES) * TABLE - PAGE - ANSWER_ROOM

    @property
    def daemon_arguments(self) -> tuple[str, ...]:
        """Of `cloister-optee`, beside where it listens."""
        return ("--window", str(self.window_bytes), "--frame", str(self.window_bytes + PAGE))

    @property
    def tables(self) -> int:
        """Page tables of a call, at most: what is shared begins with one of its own."""
        return -(-self.secure_bytes // TABLE) + -(-self.shared_bytes // TABLE)

    @property
    def room_bytes(self) -> int:
        """Secure memory for data that is left; below 0: that is lacking."""
        return self.platform.data_bytes - self.data_bytes

    @property
    def fits(self) -> bool:
        """Whether it loads, and calls find room."""
        return (
            self.room_bytes >= 0
            and self.aside_bytes <= self.platform.aside_bytes
            and self.tables <= self.platform.page_tables
        )

    @property
    def budget_bytes(self) -> int:
        """The largest instance that this platform takes: what `pack --memory` may be."""
        beside = self.sizes.heap_bytes + self.code.data_bytes
        return (self.platform.data_bytes - beside) // ALIGN * ALIGN

    @property
    def switches(self) -> int:
        """World switches of one request, if every window is full: pages are not cut."""
        return 1 + -(-self.need.streamed_bytes // self.window_bytes)

    def require(self) -> Self:
        """This plan, if it fits.

        Raises:
            UserError: It does not; says by how much.
        """
        if self.fits:
            return self
        if self.room_bytes < 0:
            what = (
                f"{self.data_bytes} bytes of secure memory, {-self.room_bytes} more than there are"
            )
        elif self.aside_bytes > self.platform.aside_bytes:
            there = self.platform.aside_bytes
            what = f"{self.aside_bytes} bytes for code and stack, there are {there}"
        else:
            what = f"{self.tables} page tables of 2 MiB, there are {self.platform.page_tables}"
        raise UserError(
            f"the network does not fit {self.platform.about}: it takes {what}",
            code="optee-too-large",
            hint=f"Stream more of its weights: pack --memory {self.budget_bytes}",
        )


def plan(need: Need, platform: Platform, *, code: Loaded = CODE) -> Plan:
    """Plans an application for an instance.

    Args:
        need: Of the instance.
        platform: Where.
        code: The application itself.
    """
    return Plan(need, platform, Sizes(need.memory_bytes), code)


def largest_instance(platform: Platform, code: Loaded = CODE) -> int:
    """Bytes of the largest instance that a platform takes."""
    nothing = Need(0, 0, 0, 0, 0, 0, 0)
    return Plan(nothing, platform, Sizes(0), code).budget_bytes


def rooms(platform: Platform, budget: int | None = None) -> tuple[Room, ...]:
    """What instances may take, from much memory with a small window to little with a large one.

    Args:
        platform: Where.
        budget: Bytes of an instance, at most; None: what the platform takes.
    """
    most = min(budget or largest_instance(platform), largest_instance(platform))
    fixed = plan(Need(0, 0, 0, 0, 0, 0, 0), platform)
    beside = fixed.aside_bytes + fixed.sizes.heap_bytes + fixed.code.data_bytes
    steps = (platform.page_tables - tables for tables in range(1, WINDOW_TABLES + 1))
    sizes = {min(most, (n * TABLE - beside) // ALIGN * ALIGN): None for n in steps}
    plans = (plan(Need(size, 0, 0, 0, 0, 0, 0), platform) for size in sizes if size > 0)
    return tuple(Room(p.sizes.memory_bytes, p.window_bytes) for p in plans)


def largest(platform: Platform) -> Plan:
    """The plan of the largest instance, for whatever network."""
    return plan(Need(largest_instance(platform), 0, 0, 0, 0, 0, 0), platform)


def _pages(size: int) -> int:
    return (size + PAGE - 1) // PAGE * PAGE
