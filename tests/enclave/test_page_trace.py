"""Which pages are asked for, and when, does not depend on what is in the request."""

from __future__ import annotations

import numpy as np
from instance import Answer, Instance, sealed

from cloister.channel.frames import FrameType
from cloister.channel.ohttp import KeyConfig
from cloister.lower.program import align
from cloister.pack.container import Container
from cloister.pack.records import HEADER, IO, OP, PAGE, Records
from tests.engine.banded import CHANNELS, REPLAY, SIZE, banded
from tests.engine.test_oblivious import inputs


def pages_of(container: Container, first: int, count: int) -> bytes:
    """What a PAGES frame carries."""
    sizes = [align(len(page)) for page in container.pages]
    start = len(container.header) + sum(sizes[:first])
    end = start + sum(sizes[first : first + count - 1]) + len(container.pages[first + count - 1])
    return container.to_bytes()[start:end]


def test_every_input_asks_for_the_same_pages_in_bands_with_streamed_weights() -> None:
    container = banded()
    instance = Instance(container.memory_bytes(REPLAY), replay=REPLAY, kernels="auto")
    trace: list[tuple[int, int]] = []

    def fed(answer: Answer) -> Answer:
        trace.clear()
        while answer.type is FrameType.NEED_PAGE:
            trace.append((answer.a, answer.b))
            pages = pages_of(container, answer.a, answer.b)
            answer = instance.send(FrameType.PAGES, pages, a=answer.a, b=answer.b)
        return answer

    loaded = fed(instance.send(FrameType.LOAD, bytes(32) + container.header))
    config = KeyConfig.from_bytes(loaded.payload)
    drawn = inputs(CHANNELS[0] * SIZE * SIZE)
    traces, answers = set(), set()
    for number, x in enumerate(drawn):
        message, exchange = sealed(config, x.reshape(1, CHANNELS[0], SIZE, SIZE))
        answer = fed(instance.send(FrameType.REQUEST, message, id=number))
        assert answer.type is FrameType.RESPONSE
        answers.add(np.frombuffer(exchange.open_response(answer.payload), np.uint8).tobytes())
        traces.add(tuple(trace))
    assert len(drawn) == 20
    assert len(answers) > 5
    assert len(traces) == 1
    asked = traces.pop()
    streamed = sum(not page["resident"] for page in _pages(container))
    assert len(asked) > streamed > 0  # each band asks anew


def _pages(container: Container) -> Records:
    n = len(container.pages)
    ios = len(container.program.inputs) + len(container.program.outputs)
    at = HEADER.itemsize + len(container.program.ops) * OP.itemsize + ios * IO.itemsize
    return np.frombuffer(container.header, PAGE, n, at)
