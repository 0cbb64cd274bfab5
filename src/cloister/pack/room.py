"""What an instance may take: memory, and the window beside it through which streamed pages come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

REPLAY_ENTRY_BYTES: Final = 16  # of the replay table


@dataclass(frozen=True)
class Room:
    """One choice.

    Args:
        memory_bytes: Of trusted memory; None: no limit.
        window_bytes: Of streamed pages that come at once; None: no limit.
    """

    memory_bytes: int | None
    window_bytes: int | None = None
