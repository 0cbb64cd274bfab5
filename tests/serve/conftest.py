"""Services with the real enclave program and a bundle made by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import tiny_bundle
from caller import Caller
from serve_kit import Gated, GatedTail, Serve

from cloister.pack.bundle import Bundle
from cloister.serve.service import Service, Settings


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return tiny_bundle.write(tmp_path_factory.mktemp("tiny") / "bundle")


@pytest.fixture
def serve(bundle: Bundle) -> Iterator[Serve]:
    """Starts services: (service, caller); they end with the test."""
    with ExitStack() as undo:

        def start(path: Path = bundle.path, **settings: Any) -> tuple[Service, Caller]:  # noqa: ANN401
            settings.setdefault("replay", 1024)
            service = undo.enter_context(Service(path, settings=Settings(**settings)).start())
            caller = Caller(service.url, service.bundle.manifest)
            undo.callback(caller.close)
            return service, caller

        yield start


@pytest.fixture
def gated(serve: Serve) -> Iterator[Gated]:
    """Starts services whose tail waits."""
    tails: list[GatedTail] = []

    def start(**settings: Any) -> tuple[Service, Caller, GatedTail]:  # noqa: ANN401
        tail = GatedTail()
        tails.append(tail)
        return *serve(tail=tail, **settings), tail

    yield start
    for tail in tails:
        tail.gate.set()
