"""The demo's service, whose operator looks: it keeps what a curious host can keep.

    python -m cloister.demo.host BUNDLE SEEN.npz

Prints the service's URL on standard output when it is ready and ends when its standard input
ends. After each request SEEN.npz holds what the host had in the open: crossing tensors, outputs,
and the lengths of what was sealed. It is the same service as `cloister serve`, with an observer
that a host can always add: nothing here is given to it by the enclave for the demo.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from cloister.errors import CloisterError
from cloister.files import aside
from cloister.serve.instance import Observation
from cloister.serve.service import Service, Settings


def main(bundle: str, seen: str) -> int:
    """Serves until standard input ends."""
    place = Path(seen)

    def look(observation: Observation) -> None:
        parts: dict[str, Any] = {
            f"crossing{i}": array for i, array in enumerate(observation.crossing)
        }
        parts |= {f"output{i}": array for i, array in enumerate(observation.outputs)}
        sizes = np.array([observation.request_bytes, observation.crossing_bytes])
        with aside(place) as made:
            with made.open("wb") as file:
                np.savez(file, sizes=sizes, **parts)
            made.replace(place)

    try:
        with Service(bundle, settings=Settings(observer=look)).start() as service:
            sys.stdout.write(f"{service.url}\n")
            sys.stdout.flush()
            sys.stdin.buffer.read()
    except CloisterError as error:
        sys.stderr.write(f"{error.message} {error.hint}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
