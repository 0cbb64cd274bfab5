"""The memory of a platform with OP-TEE, known before anything is built: what a network takes, and whether it fits.

The numbers of `PLATFORMS` are those of the platform's configuration and of measurements on it (docs/optee.md):

* Secure memory, `pool_bytes`, holds everything of an application: its code, its data (the instance and the heap), its stack, and
  what OP-TEE itself needs to load it. It is the bound for the data.
* Address space comes in page tables of 2 MiB; `page_tables` of them serve code, data, stack and the shared memory of a call
  together. It is the bound for shared memory.

Neither is guessed from a formula of the instance: the instance's own memory is exact (`clo_plan_memory`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol, Self

from cloister.errors import UserError
from cloister.optee.build import Sizes

PAGE: Final = 4096
TABLE: Final = 2 << 20
FRAME_HEAD: Final = 64
WINDOW: Final = (1 << 20) + 64  # of the daemon: one page of weights
OUT_LEAST: Final = 32768


class Header(Protocol):
    """What the plan reads of a container."""

    @property
    def header(self) -> bytes:
        """Its header."""

    def memory_bytes(self, replay: int) -> int:
        """Trusted memory of an instance."""

    header_bytes: int
    page_slot: int
    resident_bytes: int
    arena_bytes: int
    file_bytes: int


@dataclass(frozen=True)
class Platform:
    """A platform's bounds.

    Args:
        name: For people.
        pool_bytes: Secure memory for one application, measured: the largest sum of code, data and stack that loads.
        page_tables: CFG_PGT_CACHE_ENTRIES.
        code_bytes: Of the application: text, constants, head and libraries, as loaded.
        says: Where the numbers are from.
    """

    name: str
    pool_bytes: int
    page_tables: int
    code_bytes: int
    says: str


@dataclass(frozen=True)
class Need:
    """What an instance takes, to the byte.

    Args:
        memory_bytes: All of it (`clo_plan_memory`): the parts below, each rounded up to 64.
        header_bytes: Copy of the container's header.
        replay_bytes: Replay table.
        resident_bytes: Weights that stay.
        slot_bytes: Room for one page of weights that are streamed.
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
            16 * replay,
            head.resident_bytes,
            head.page_slot,
            head.arena_bytes,
            max(head.file_bytes - head.header_bytes - head.resident_bytes, 0),
        )


@dataclass(frozen=True)
class Plan:
    """What a network takes on a platform.

    Args:
        need: Of the instance.
        platform: Where.
        sizes: With which the application is built.
        frame_bytes: Shared memory for frames in, and
        answer_bytes: out.
    """

    need: Need
    platform: Platform
    sizes: Sizes
    frame_bytes: int
    answer_bytes: int

    @property
    def secure_bytes(self) -> int:
        """Secure memory of the application: code, data, stack, in whole pages."""
        parts = (
            self.platform.code_bytes,
            self.sizes.memory_bytes + self.sizes.heap_bytes,
            self.sizes.stack_bytes,
        )
        return sum(map(_pages, parts))

    @property
    def mapped_bytes(self) -> int:
        """Address space of a call."""
        return self.secure_bytes + _pages(self.frame_bytes) + _pages(self.answer_bytes)

    @property
    def room_bytes(self) -> int:
        """Secure memory that is left; below 0: that is lacking."""
        return self.platform.pool_bytes - self.secure_bytes

    @property
    def fits(self) -> bool:
        """Whether it loads."""
        return self.room_bytes >= 0 and self.mapped_bytes <= self.platform.page_tables * TABLE

    @property
    def budget_bytes(self) -> int:
        """The largest instance that this platform takes: `pack --memory`."""
        rest = self.secure_bytes - _pages(self.sizes.memory_bytes + self.sizes.heap_bytes)
        return (self.platform.pool_bytes - rest) // PAGE * PAGE - self.sizes.heap_bytes

    @property
    def switches(self) -> int:
        """World switches of one request, at most: one for the request, one for each page that is streamed."""
        return 1 + -(-self.need.streamed_bytes // WINDOW) if self.need.streamed_bytes else 1

    def require(self) -> Self:
        """This plan, if it fits.

        Raises:
            UserError: It does not; says by how much.
        """
        if self.fits:
            return self
        if self.room_bytes < 0:
            what = f"{self.secure_bytes} bytes of secure memory, {-self.room_bytes} more than it has"
        else:
            what = f"{self.mapped_bytes} bytes of address space, {self.platform.page_tables * TABLE} are there"
        raise UserError(
            f"the network does not fit {self.platform.name}: it takes {what}",
            code="optee-too-large",
            hint=f"Stream more of the weights: pack --memory {self.budget_bytes}",
        )


def plan(need: Need, platform: Platform, *, heap_bytes: int = 32 << 10, stack_bytes: int = 32 << 10) -> Plan:
    """Plans an application for an instance.

    Args:
        need: Of the instance.
        platform: Where.
        heap_bytes: For the objects of the GlobalPlatform API.
        stack_bytes: Of the application.
    """
    frame = max(WINDOW, need.header_bytes + 32, need.arena_bytes) + FRAME_HEAD
    sizes = Sizes(need.memory_bytes, heap_bytes, stack_bytes)
    return Plan(need, platform, sizes, min(frame, 2 << 20), OUT_LEAST)


def _pages(size: int) -> int:
    return (size + PAGE - 1) // PAGE * PAGE


PLATFORMS: Final = {
    row.name: row
    for row in (
        Platform("stock", 13_400 << 10, 8, 160 << 10, "Debian's OP-TEE 4.5.0 on QEMU's virt machine, measured"),
    )
}
