"""The demo, step by step; no printing.

1. Load the network; ours, or the user's.
2. Cut it, compile its head, check parity, write a bundle and a policy.
3. Start the service in a process of its own. Its operator looks at all that he can see.
4. As a client: check the enclave, seal the photograph, open the answer.
5. Run the whole network in the open, to compare.
6. Fetch what the host saw, and draw it.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cloister.client import Client, Inference
from cloister.demo.cut import first_stage
from cloister.demo.network import cat_photo, shipped_network
from cloister.demo.picture import enlarge, tile
from cloister.enclaves.engine import Engine
from cloister.errors import OutsideError
from cloister.graph.cuts import Cut, find_cut
from cloister.graph.graph import Graph
from cloister.graph.load import load
from cloister.graph.reference import Reference
from cloister.pack.packing import Packed, pack
from cloister.pack.parity import rel_error
from cloister.preprocess import Preprocess

STOP_S: Final = 10.0
NAME: Final = "demo"


@dataclass(frozen=True)
class Seen:
    """What the host held in the open.

    Args:
        request_bytes: Length of the sealed request.
        crossing_bytes: Length of the message with the crossing tensors.
        crossing: The crossing tensors.
        outputs: The tail's outputs.
    """

    request_bytes: int
    crossing_bytes: int
    crossing: tuple[NDArray[Any], ...]
    outputs: tuple[NDArray[Any], ...]


@dataclass(frozen=True)
class Demonstration:
    """All that there is to show."""

    graph: Graph
    cut: Cut
    photo: Path
    packed: Packed
    inference: Inference
    plain: NDArray[Any]
    plain_ms: float
    max_rel_error: float
    seen: Seen
    photo_picture: Image.Image
    seen_picture: Image.Image
    labels: tuple[str, ...] | None


@dataclass(frozen=True)
class Subject:
    """A network ready for the demo."""

    graph: Graph
    preprocess: Preprocess
    labels: tuple[str, ...] | None


def shipped() -> Subject:
    """The network that Cloister brings."""
    network = shipped_network()
    return Subject(load(network.path), network.preprocess, network.labels)


def demonstrate(
    subject: Subject,
    photo: Path | None,
    cut: str | None,
    step: Callable[[str], None],
) -> Demonstration:
    """Runs the demo.

    Args:
        subject: The network.
        photo: A photograph; None takes scikit-image's cat.
        cut: Where to cut; None takes the first stage.
        step: Told what happens next.

    Raises:
        UserError: The photograph, the cut or the network cannot be used.
        OutsideError: The service does not start.
    """
    # (1) photograph and network
    graph = subject.graph
    photo = cat_photo() if photo is None else photo
    x_NCHW = subject.preprocess.apply(photo)
    chosen = first_stage(graph) if cut is None else find_cut(graph, cut)
    with tempfile.TemporaryDirectory(prefix="cloister-demo-") as place:
        folder = Path(place)
        # (2) pack
        step(f"cutting at {chosen.id}, compiling the head, checking parity")
        packed = pack(
            graph,
            chosen,
            folder / "bundle",
            engine=Engine,
            preprocess=subject.preprocess,
            labels=subject.labels,
            name=NAME,
        )
        # (3) serve
        step("starting the service and its enclave")
        with _service(folder / "bundle", folder / "seen.npz") as url:
            # (4) client
            step("checking the enclave, sealing the photograph")
            # A transport of its own: no proxy of the environment stands between us and ourselves.
            with Client(url, packed.policy, transport=httpx.HTTPTransport()) as client:
                # The first one checks the enclave and warms caches; the second one's times are
                # shown, with the first one's for the check.
                first = client.infer(photo)
                second = client.infer(photo)
            seen = _read_seen(folder / "seen.npz")
    timings_ms = second.timings_ms | {"verify": first.timings_ms["verify"]}
    inference = replace(second, timings_ms=timings_ms)
    # (5) compare
    step("running the whole network in the open, to compare")
    whole = Reference(graph)
    plain = whole.run([x_NCHW])[0]
    began = time.perf_counter()
    whole.run([x_NCHW])
    plain_ms = 1e3 * (time.perf_counter() - began)
    return Demonstration(
        graph=graph,
        cut=chosen,
        photo=photo,
        packed=packed,
        inference=inference,
        plain=plain,
        plain_ms=plain_ms,
        max_rel_error=rel_error(plain, inference.outputs[0]),
        seen=seen,
        # (6) pictures
        photo_picture=enlarge(subject.preprocess.picture(x_NCHW)),
        seen_picture=tile(seen.crossing[0]),
        labels=subject.labels,
    )


@contextlib.contextmanager
def _service(bundle: Path, seen: Path) -> Iterator[str]:
    """The service as a process; gives its URL, ends it afterwards."""
    command = [sys.executable, "-m", "cloister.demo.host", str(bundle), str(seen)]
    # Its log goes to a file: a pipe that nobody reads would stop it.
    log = seen.with_suffix(".log")
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        assert process.stdin and process.stdout
        try:
            url = process.stdout.readline().strip()
            if not url:
                said = log.read_text(encoding="utf-8", errors="replace").strip()
                raise OutsideError(
                    f"the demo's service did not start: {said or 'it said nothing'}",
                    code="service-failed",
                )
            yield url
        finally:
            process.stdin.close()  # ends it
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _read_seen(path: Path) -> Seen:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as members:
        named = {name: members[name] for name in members.files}
    sizes = named["sizes"]

    def all_of(what: str) -> tuple[NDArray[Any], ...]:
        count = sum(name.startswith(what) for name in named)
        return tuple(named[f"{what}{index}"] for index in range(count))

    return Seen(int(sizes[0]), int(sizes[1]), all_of("crossing"), all_of("output"))
