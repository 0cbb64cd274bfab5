"""Fixtures that more than one folder needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bench import data
from bench.networks import NETWORKS


@pytest.fixture(scope="session")
def real_network() -> Callable[[str], bytes]:
    """ONNX bytes of a network with real weights, by name; skips, saying why, where the weights are
    not here.
    """
    built: dict[str, bytes] = {}

    def build(name: str) -> bytes:
        if name not in built:
            try:
                built[name] = NETWORKS[name].build()
            except data.Absent as reason:
                pytest.skip(str(reason))
        return built[name]

    return build


@pytest.fixture(scope="session")
def real_inputs() -> Callable[[str, int], data.Labelled]:
    """So many labelled real inputs of a network, by name; skips, saying why, where they are not
    here.
    """

    def read(name: str, count: int) -> data.Labelled:
        try:
            return NETWORKS[name].inputs(count)
        except data.Absent as reason:
            pytest.skip(str(reason))

    return read


@pytest.fixture(autouse=True, scope="session")
def state_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Clients remember versions: here, not in the home of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield
