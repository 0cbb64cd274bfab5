"""Which plan and which resident pages, for so much trusted memory.

Without a budget: the fastest plan, all pages resident. With one that does not hold it: of plans
with smaller and smaller arenas (`memory.streaming`), each with the pages resident for which there
is room, the one whose request takes the least time, streamed pages included. Whole operators are
streamed, those that run once before those of a stage, which are asked for in each band, and of
equals the largest first, or some that follow one another, whose pages come together; so no
operator's weights are kept in part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from cloister.errors import UserError
from cloister.lower import cost
from cloister.lower.program import Program, align
from cloister.memory import Placement, place
from cloister.memory.streaming import Banded, Streaming
from cloister.pack.pages import Pack, packs, page_sizes
from cloister.pack.records import HEADER, IO, OP, PAGE, REPLAY_ENTRY_BYTES, SEALING_BYTES

PAGE_BYTE = 4.0  # cycles for a byte of a streamed page: copied, hashed, asked for by a frame
FRAME_BYTES = 16 << 10  # asking once more costs about as much as so many (docs/optee.md)
STEP = 0.8  # from one arena that is tried to the next
SLOWER = 1.12  # what the smallest arena may cost, in estimated time


@dataclass(frozen=True)
class Plan:
    """Operators, placed; which of them run in bands; the estimated cycles of a request."""

    program: Program
    placement: Placement
    stages: tuple[Banded, ...]
    cycles: float


@dataclass(frozen=True)
class Draft:
    """A plan that is placed, and the pages that it keeps.

    Args:
        plan: What runs.
        packed: The weights.
        sizes: Of each page, rounded up to 64.
        resident: For each page whether it is kept.
    """

    plan: Plan
    packed: list[Pack]
    sizes: list[int]
    resident: list[bool]

    @property
    def streamed_bytes(self) -> int:
        """Of pages that one request asks for, each as often as it does."""
        uses = _uses(self.plan.program)
        return sum(
            uses[id(pack.weights)] * sum(self.sizes[pack.first_page :][: pack.n_pages])
            for pack in self.packed
            if not self.resident[pack.first_page]
        )

    @property
    def request_cycles(self) -> float:
        """Estimated, for one request, with its streamed pages."""
        gone = [pack for pack in self.packed if not self.resident[pack.first_page]]
        asked = _asked_bytes(gone, self.sizes, _uses(self.plan.program))
        return self.plan.cycles + PAGE_BYTE * asked


class Lacking(Exception):
    """The budget does not hold a plan, even with all weights streamed."""

    def __init__(self, lacking_bytes: int) -> None:
        super().__init__(lacking_bytes)
        self.bytes = lacking_bytes


def choose(
    program: Program, *, memory_budget: int | None, replay: int, smallest: bool = False
) -> Draft:
    """The plan for a budget.

    Args:
        program: As it was lowered.
        memory_budget: Bytes of trusted memory for the instance; None: no limit.
        replay: Entries of the replay table that the budget has to hold.
        smallest: Take the smallest arena that costs little time, whatever the budget.

    Raises:
        UserError: The budget is too small even with all pages streamed.
    """
    plans = Plans(program)
    if smallest:
        return _best(
            [min(plans.cheap(), key=lambda p: p.placement.arena_bytes)], memory_budget, replay
        )
    try:
        whole = draft(plans.whole, memory_budget, replay)
        if all(whole.resident):
            return whole
    except Lacking:
        pass
    return _best(plans.ladder(), memory_budget, replay)


def _best(plans: Iterable[Plan], memory_budget: int | None, replay: int) -> Draft:
    """The draft whose request takes the least time; smaller arenas, which come later and cost
    more, are no longer looked at once they cannot gain.
    """
    best: Draft | None = None
    least: list[int] = []
    for plan in plans:
        if best is not None and plan.cycles >= best.request_cycles:
            break
        try:
            found = draft(plan, memory_budget, replay)
        except Lacking as lacking:
            least.append(lacking.bytes)
            continue
        if best is None or found.request_cycles < best.request_cycles:
            best = found
        if found.streamed_bytes == 0:
            break
    if best is None:
        raise UserError(
            f"the memory budget is {min(least):,} bytes too small, even with all weights streamed",
            code="memory-budget",
            hint="cut the network earlier, or raise the budget",
        )
    return best


class Plans:
    """Plans of one program with arenas of many sizes."""

    def __init__(self, program: Program) -> None:
        self._program = program

    @cached_property
    def whole(self) -> Plan:
        """The program as it was lowered."""
        cycles = sum(cost.cycles(op) for op in self._program.ops)
        return Plan(self._program, place(self._program), (), cycles)

    @cached_property
    def _streaming(self) -> Streaming:
        return Streaming(self._program)

    def _fit(self, arena_bytes: int) -> Plan | None:
        found = self._streaming.fit(arena_bytes)
        if found is None:
            return None
        return Plan(found.program, place(found.program), found.stages, found.cycles)

    def ladder(self) -> Iterator[Plan]:
        """The whole plan, and plans with smaller and smaller arenas."""
        yield self.whole
        aim = self.whole.placement.arena_bytes
        while (found := self._fit(aim := int(aim * STEP))) is not None:
            yield found

    def cheap(self) -> Iterator[Plan]:
        """Plans that take at most `SLOWER` times the time of the whole one, down to about the
        smallest arena.
        """
        most = SLOWER * self.whole.cycles
        low, high = 0, self.whole.placement.arena_bytes
        yield self.whole
        while high - low > high // 64:
            aim = (low + high) // 2 if low else int(high * STEP)
            found = self._fit(aim)
            if found is None or found.cycles > most:
                low = aim
            else:
                high = aim
                yield found


def draft(plan: Plan, budget: int | None, replay: int) -> Draft:
    """A plan with the pages for which there is room.

    Raises:
        Lacking: There is not even room for the longest one.
    """
    program, placement = plan.program, plan.placement
    packed = packs(program)
    sizes = [align(n) for pack in packed for n in page_sizes(pack.weights, pack.op.params)]
    room = None
    if budget is not None:
        fixed = (header_bytes(program, len(sizes)), REPLAY_ENTRY_BYTES * replay, SEALING_BYTES)
        room = budget - sum(align(n) for n in (*fixed, placement.arena_bytes))
    resident = _resident(packed, sizes, room, _uses(program))
    return Draft(plan, packed, sizes, resident)


def _uses(program: Program) -> Counter[int]:
    """How many operators read each Weights object."""
    return Counter(id(op.weights) for op in program.ops if op.weights is not None)


def _asked_bytes(gone: list[Pack], sizes: list[int], uses: Counter[int]) -> int:
    """What a request streams, with what asking costs: pages that follow others come with them."""
    ends = {pack.first_page + pack.n_pages for pack in gone}
    return sum(
        uses[id(pack.weights)]
        * (
            sum(sizes[pack.first_page : pack.first_page + pack.n_pages])
            + FRAME_BYTES * (pack.first_page not in ends)
        )
        for pack in gone
    )


def _resident(
    packed: list[Pack], sizes: list[int], room: int | None, uses: Counter[int]
) -> list[bool]:
    """Which pages are kept in trusted memory.

    All, or where there is not enough room all but those of some operators: those that run once
    before those that run more often, the largest first (of equals, the last), without the first
    few of them, or operators that follow one another: whichever costs a request least, in bytes
    and frames.

    Args:
        packed: Whose pages they are.
        sizes: Bytes of each page, rounded up.
        room: Bytes for pages; None: no limit.
        uses: How often each Weights object is read.

    Raises:
        Lacking: There is not enough room even so.
    """
    held = sum(sizes)
    if room is None or held <= room:
        return [True] * len(sizes)

    def own(pack: Pack) -> list[int]:
        return sizes[pack.first_page : pack.first_page + pack.n_pages]

    def enough(order: list[Pack]) -> tuple[int, list[Pack]]:
        """Bytes that lack still, and the packs from the front that make room."""
        slot, freed, chosen = 0, 0, []
        for pack in order:
            if held - freed + slot <= room:
                break
            chosen.append(pack)
            freed += sum(own(pack))
            slot = max(slot, max(own(pack)) + SEALING_BYTES)  # it may be sealed, and a tag longer
        return held - freed + slot - room, chosen

    order = sorted(packed, key=lambda p: (uses[id(p.weights)], -sum(own(p)), -p.first_page))
    tries = [enough(some[first:]) for some in (order, packed) for first in range(len(order))]
    fitting = [chosen for lacking, chosen in tries if lacking <= 0]
    if not fitting:
        raise Lacking(min(lacking for lacking, _ in tries) if tries else held - room)
    gone = {
        pack.first_page
        for pack in min(fitting, key=lambda chosen: _asked_bytes(chosen, sizes, uses))
    }
    return [pack.first_page not in gone for pack in packed for _ in range(pack.n_pages)]


def header_bytes(program: Program, n_pages: int) -> int:
    """Bytes of the container's header."""
    n_io = len(program.inputs) + len(program.crossing) + len(program.outputs)
    return align(
        HEADER.itemsize
        + len(program.ops) * OP.itemsize
        + n_io * IO.itemsize
        + n_pages * PAGE.itemsize
    )
