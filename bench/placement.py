"""How far is the greedy placement from the smallest arena there is?

For each network, wholly inside: the solver CP-SAT (OR-Tools) places the same buffers with the same
intervals, in-place pairs and scratch, and proves how small the arena can be. Gap 0 means that
nothing is left to gain but by other operators or another order.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import results
from bench.data import Absent
from bench.networks import networks
from cloister.graph.load import load
from cloister.lower import lower
from cloister.lower.program import Program, align
from cloister.memory import check_placement, place
from cloister.memory.placement import Block, blocks_of

UNIT = 64  # bytes: offsets are multiples


def smallest_arena(blocks: Sequence[Block], most: int, seconds: float) -> tuple[int, int]:
    """The smallest arena that was found, and what no arena can be below; equal where proven.

    Args:
        blocks: What is placed, with floors.
        most: An arena that is known to do, bytes.
        seconds: For the solver.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    arena = model.new_int_var(0, most, "arena")
    offsets, times, spaces = [], [], []
    for i, block in enumerate(blocks):
        units = align(block.size_bytes) // UNIT
        top = max(block.floor, most - block.size_bytes) // UNIT
        offset = model.new_int_var(block.floor // UNIT, top, f"at{i}")
        live = block.live.end - block.live.start + 1
        times.append(model.new_fixed_size_interval_var(block.live.start, live, f"time{i}"))
        spaces.append(model.new_fixed_size_interval_var(offset, units, f"space{i}"))
        model.add(arena >= offset * UNIT + block.size_bytes)
        offsets.append(offset)
    model.add_no_overlap_2d(times, spaces)
    model.minimize(arena)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    best = int(solver.objective_value) if found else most
    return best, int(solver.best_objective_bound)


def measure(name: str, program: Program, seconds: float) -> dict[str, object]:
    """One row."""
    placement = place(program)
    check_placement(program, placement)
    best, bound = smallest_arena(blocks_of(program), placement.arena_bytes, seconds)
    bound = max(bound, placement.lower_bound_bytes)
    return {
        "network": name,
        "greedy_bytes": placement.arena_bytes,
        "best_bytes": best,
        "bound_bytes": bound,
        "gap_bytes": placement.arena_bytes - best,
        "proven": best == bound,
    }


def main() -> int:
    """Prints and stores the table; returns 1 where greedy is not proven to be the optimum."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nets", help="comma-separated names; all by default")
    parser.add_argument("--seconds", type=float, default=60)
    arguments = parser.parse_args()
    rows = []
    for network in networks(arguments.nets):
        try:
            with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
                file.write(network.build())
                file.flush()
                graph = load(Path(file.name))
            program = lower(graph, mode="whole", answers=graph.outputs)
            rows.append(measure(network.name, program, arguments.seconds))
            print(rows[-1], flush=True)
        except (Absent, ImportError) as reason:
            print(f"skipped {network.name}: {reason}", file=sys.stderr)
    results.write("placement", rows, seconds=arguments.seconds)
    return int(any(row["gap_bytes"] or not row["proven"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
