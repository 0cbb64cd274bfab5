"""Which plan and which resident pages, for so much trusted memory.

Without a budget: the fastest plan, all pages resident. With one that does not hold it: of plans
with smaller and smaller arenas (`memory.streaming`), each with the pages resident for which there
is room, the one whose request takes the least time, streamed pages included. Whole operators are
streamed, those that run once before those of a stage, which are asked for in each band, and of
equals the largest first, or some that follow one another, whose pages come together; so no
operator's weights are kept in part.

Where pages come in windows that are the smaller the larger the instance is (`Room`), that of the
rooms is taken, the largest first, whose windows are filled: a request asks at most once more often
than its streamed bytes fill windows. Pages are not cut, and a window ends where pages that stay lie
between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from cloister.errors import UserError
from cloister.lower import cost
from cloister.lower.program import Program, align
from cloister.memory import Placement, place
from cloister.memory.streaming import Banded, Streamed, Streaming
from cloister.pack.pages import Pack, packs, page_sizes
from cloister.pack.records import HEADER, IO, OP, PAGE, SEALING_BYTES
from cloister.pack.room import REPLAY_ENTRY_BYTES, Room

PAGE_BYTE = 4.0  # cycles for a byte of a streamed page: copied, hashed, asked for by a frame
FRAME_BYTES = 16 << 10  # asking once more costs about as much as so many (docs/optee.md)
STEP = 0.8  # from one arena that is tried to the next
PLACED = 3  # of the smallest arenas
SLOWER = 1.19  # what the smallest arena may cost, in estimated time; measured it is less


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

    def unfilled(self, window_bytes: int | None) -> int:
        """How many windows too often a request asks; 0: its windows are filled."""
        gone = {pack.first_page for pack in self.packed if not self.resident[pack.first_page]}
        return _unfilled(
            gone, _uses_in_turn(self.plan.program, self.packed), self.sizes, window_bytes
        )


class Lacking(Exception):
    """The budget does not hold a plan, even with all weights streamed."""

    def __init__(self, lacking_bytes: int) -> None:
        super().__init__(lacking_bytes)
        self.bytes = lacking_bytes


class TooSmall(Exception):
    """No plan has room.

    Args:
        lacking_bytes: By how much.
        least: The plan that lacks least, as if there were room.
    """

    def __init__(self, lacking_bytes: int, least: Draft) -> None:
        super().__init__(lacking_bytes)
        self.lacking_bytes = lacking_bytes
        self.least = least


def choose(
    program: Program,
    *,
    memory_budget: int | Sequence[Room] | None,
    replay: int,
    smallest: bool = False,
    least: bool = False,
) -> Draft:
    """The plan for a budget.

    Args:
        program: As it was lowered.
        memory_budget: Bytes of trusted memory for the instance, or what it may take, from much to
            little; None: no limit.
        replay: Entries of the replay table that the budget has to hold.
        smallest: Take the smallest arena that costs little time, whatever the budget.
        least: Where the budget holds no plan, take that which needs the least memory.

    Raises:
        UserError: The budget is too small even with all pages streamed, and not `least`.
    """
    rooms = memory_budget if isinstance(memory_budget, Sequence) else (Room(memory_budget),)
    plans = Plans(program)
    try:
        best = _choose(plans, rooms[0], replay, smallest)
    except TooSmall as none:
        if not least:
            raise _too_small(none, program) from none
        return none.least
    unfilled = best.unfilled(rooms[0].window_bytes)
    for room in rooms[1:]:
        if unfilled == 0:
            break
        try:
            found = _choose(plans, room, replay, smallest)
        except TooSmall:
            break
        if (less := found.unfilled(room.window_bytes)) < unfilled:
            best, unfilled = found, less
    return best


def _choose(plans: Plans, room: Room, replay: int, smallest: bool) -> Draft:
    if smallest:
        return _best([min(plans.cheap(), key=lambda p: p.placement.arena_bytes)], room, replay)
    try:
        whole = draft(plans.whole, room, replay)
        if all(whole.resident):
            return whole
    except Lacking:
        pass
    return _best(plans.ladder(), room, replay)


def _best(plans: Iterable[Plan], room: Room, replay: int) -> Draft:
    """The draft whose request takes the least time; smaller arenas, which come later and cost
    more, are no longer looked at once they cannot gain.
    """
    best: Draft | None = None
    closest: tuple[int, Plan] | None = None
    for plan in plans:
        if best is not None and plan.cycles >= best.request_cycles:
            break
        try:
            found = draft(plan, room, replay)
        except Lacking as lacking:
            if closest is None or lacking.bytes < closest[0]:
                closest = lacking.bytes, plan
            continue
        if best is None or found.request_cycles < best.request_cycles:
            best = found
        if found.streamed_bytes == 0:
            break
    if best is None:
        assert closest is not None and room.memory_bytes is not None
        lacking_bytes, plan = closest
        enough = Room(room.memory_bytes + lacking_bytes, room.window_bytes)
        raise TooSmall(lacking_bytes, draft(plan, enough, replay))
    return best


def _too_small(none: TooSmall, program: Program) -> UserError:
    ways = ["raise the budget"]
    if program.mode == "split":
        ways.append("cut the network earlier")
    if any(op.weights is not None and not op.int8 for op in program.ops):
        ways.append("round its weights to 8 bits (pack --weights int8)")
    return UserError(
        f"the memory budget is {none.lacking_bytes:,} bytes too small, even with all weights"
        " streamed",
        code="memory-budget",
        hint=f"What may help: {', or '.join(ways)}.",
    )


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

    @staticmethod
    def _placed(found: Streamed) -> Plan:
        return Plan(found.program, place(found.program), found.stages, found.cycles)

    def ladder(self) -> Iterator[Plan]:
        """The whole plan, and plans with smaller and smaller arenas."""
        yield self.whole
        aim = self.whole.placement.arena_bytes
        while (found := self._streaming.fit(aim := int(aim * STEP))) is not None:
            yield self._placed(found)

    def cheap(self) -> list[Plan]:
        """The whole plan, and some that take at most `SLOWER` times its time with about the
        smallest arenas; which is the smallest shows when they are placed.
        """
        most = SLOWER * self.whole.cycles
        low, high = 0, self.whole.placement.arena_bytes
        fitting: list[Streamed] = []
        while high - low > high // 64:
            aim = (low + high) // 2 if low else int(high * STEP)
            found = self._streaming.fit(aim)
            if found is None or found.cycles > most:
                low = aim
            else:
                high = aim
                fitting.append(found)
        return [self.whole, *(self._placed(one) for one in fitting[-PLACED:])]


def draft(plan: Plan, room: Room, replay: int) -> Draft:
    """A plan with the pages for which there is room.

    Raises:
        Lacking: There is not even room for the longest one.
    """
    program, placement = plan.program, plan.placement
    packed = packs(program)
    sizes = [align(n) for pack in packed for n in page_sizes(pack.weights, pack.op.params)]
    left = None
    if room.memory_bytes is not None:
        fixed = (header_bytes(program, len(sizes)), REPLAY_ENTRY_BYTES * replay, SEALING_BYTES)
        left = room.memory_bytes - sum(align(n) for n in (*fixed, placement.arena_bytes))
    resident = _resident(program, packed, sizes, left, room.window_bytes)
    return Draft(plan, packed, sizes, resident)


def _uses(program: Program) -> Counter[int]:
    """How many operators read each Weights object."""
    return Counter(id(op.weights) for op in program.ops if op.weights is not None)


def _uses_in_turn(program: Program, packed: list[Pack]) -> list[Pack]:
    """Of each operator with weights, in their order."""
    of = {id(pack.weights): pack for pack in packed}
    return [of[id(op.weights)] for op in program.ops if op.weights is not None]


def _unfilled(
    gone: set[int], in_turn: list[Pack], sizes: list[int], window_bytes: int | None
) -> int:
    """How many windows too often a request asks, with the operators streamed whose first pages are
    `gone`: as an enclave does (`wanted` in session.c), pages sealed.
    """
    if window_bytes is None:
        return 0
    asked = held = streamed = 0
    following = -1
    for pack in in_turn:
        if pack.first_page not in gone:
            continue
        for page in range(pack.first_page, pack.first_page + pack.n_pages):
            size = sizes[page] + align(SEALING_BYTES)
            if page != following or held + size > window_bytes:
                asked, held = asked + 1, 0
            held += size
            streamed += size
            following = page + 1
    return max(0, asked - 1 - -(-streamed // window_bytes))


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
    program: Program,
    packed: list[Pack],
    sizes: list[int],
    room: int | None,
    window_bytes: int | None,
) -> list[bool]:
    """Which pages are kept in trusted memory.

    All, or where there is not enough room all but those of some operators: those that run once
    before those that run more often, the largest first (of equals, the last), without the first
    few of them, or operators that follow one another: of those that fill windows best whichever
    costs a request least, in bytes and frames.

    Args:
        program: The operators.
        packed: Whose pages they are.
        sizes: Bytes of each page, rounded up.
        room: Bytes for pages; None: no limit.
        window_bytes: Of pages that come at once; None: no limit.

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

    uses, in_turn = _uses(program), _uses_in_turn(program, packed)

    def costs(chosen: list[Pack]) -> tuple[int, int]:
        gone = {pack.first_page for pack in chosen}
        return _unfilled(gone, in_turn, sizes, window_bytes), _asked_bytes(chosen, sizes, uses)

    order = sorted(packed, key=lambda p: (uses[id(p.weights)], -sum(own(p)), -p.first_page))
    tries = [enough(some[first:]) for some in (order, packed) for first in range(len(order))]
    fitting = [chosen for lacking, chosen in tries if lacking <= 0]
    if not fitting:
        raise Lacking(min(lacking for lacking, _ in tries) if tries else held - room)
    gone = {pack.first_page for pack in min(fitting, key=costs)}
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
