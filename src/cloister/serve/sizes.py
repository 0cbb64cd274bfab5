"""How long everything is that goes over the wire: shapes fix it, so any other length is refused
before a byte is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from cloister.channel.message import message_bytes
from cloister.pack.manifest import Manifest

# docs/formats/message.md. The sealing side knows them too; it is not imported here.
REQUEST_OVERHEAD: Final = 55
RESPONSE_OVERHEAD: Final = 48


@dataclass(frozen=True)
class Sizes:
    """Lengths in bytes.

    Args:
        request: Of a sealed request.
        crossing: Of the crossing message; 0 in `whole`.
        response: Of a sealed response.
    """

    request: int
    crossing: int
    response: int

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """Those of a network."""
        crossing = [tensor.shape for tensor in manifest.crossing]
        return cls(
            message_bytes([tensor.shape for tensor in manifest.inputs]) + REQUEST_OVERHEAD,
            message_bytes(crossing) if crossing else 0,
            message_bytes([tensor.shape for tensor in manifest.outputs]) + RESPONSE_OVERHEAD,
        )

    @property
    def answer(self) -> int:
        """The longest frame that answers a request."""
        return max(self.crossing, self.response)
