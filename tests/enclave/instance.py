"""One enclave instance inside the test's own process, driven frame by frame."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from cloister._clo import ffi, lib
from containers import CData, Container

from cloister.channel.frames import FrameType, attest_payload, frame
from cloister.channel.message import write_message
from cloister.channel.ohttp import RESPONSE_OVERHEAD, Exchange, KeyConfig, seal_request

WINDOW = lib.CLO_PAGE_MAX + lib.CLO_TAG
MANIFEST = hashlib.sha256(b"manifest").digest()


@dataclass
class Answer:
    """A frame from the enclave; the payload of a RESPONSE without its receipt."""

    type: FrameType
    id: int
    a: int
    b: int
    payload: bytes
    times: tuple[int, int, int]
    err: int
    receipt: bytes = b""


class Instance:
    """A session with libcrypto's primitives; `random` and the memory can be the test's."""

    def __init__(
        self,
        memory_bytes: int,
        *,
        replay: int = 64,
        window: int = WINDOW,
        kernels: str = "portable",
    ) -> None:
        self.port = ffi.new("clo_port *")
        assert lib.clo_posix_crypto(self.port) == 0
        self._evidence = ffi.callback(
            "int(void *, const uint8_t *, uint8_t *, size_t, size_t *)", self._make_evidence
        )
        self.port.evidence = self._evidence
        self.memory = np.zeros(memory_bytes + 128, np.uint8)
        skew = -self.memory.ctypes.data % 64
        self.memory_bytes = self.memory[skew : skew + memory_bytes]
        self.guard = self.memory[skew + memory_bytes :]
        self.texts = [ffi.new("char[]", b"sandbox"), ffi.new("char[]", b"none")]
        self.config = ffi.new("clo_config *")
        self.config.port, self.config.kernels = self.port, lib.clo_kernels_best(kernels.encode())
        self.config.memory = ffi.cast("void *", self.memory_bytes.ctypes.data)
        self.config.bytes = memory_bytes
        self.config.replay, self.config.window = replay, window
        self.config.tee, self.config.level = self.texts
        self.config.debug = 1
        self.session = ffi.new("clo_session *")
        self.report_data = b""
        assert lib.clo_session_init(self.session, self.config) == lib.CLO_OK

    def _make_evidence(self, ctx: CData, report_data: CData, out: CData, cap: int, n: CData) -> int:
        self.report_data = bytes(ffi.buffer(report_data, 64))
        ffi.memmove(out, b"evidence", 8)
        n[0] = 8
        return 0

    def step(self, data: bytes | bytearray, *, out_cap: int | None = None) -> Answer:
        """One frame in, one out; `data` may be a buffer that changes meanwhile."""
        cap = lib.clo_out_bytes(self.session) if out_cap is None else out_cap
        out, n = ffi.new("uint8_t[]", max(cap, 64)), ffi.new("size_t *")
        source = ffi.from_buffer(data)
        err = lib.clo_step(self.session, source, len(source), out, cap, n)
        assert n[0] >= 64
        head = ffi.cast("clo_frame *", out)
        assert head.magic == lib.CLO_FRAME_MAGIC and head.length == n[0] - 64
        assert (err != 0) == (head.type == lib.CLO_ERROR) and head.reserved == 0
        payload = bytes(ffi.buffer(out, n[0]))[64:]
        split = len(payload)
        if head.type == lib.CLO_RESPONSE:
            split = self.session.plan.response_bytes + RESPONSE_OVERHEAD
        return Answer(
            FrameType(head.type),
            head.id,
            head.a,
            head.b,
            payload[:split],
            (head.open_ns, head.run_ns, head.seal_ns),
            err,
            payload[split:],
        )

    def send(
        self, type: FrameType, payload: bytes = b"", *, id: int = 0, a: int = 0, b: int = 0
    ) -> Answer:
        return self.step(frame(type, payload, id=id, a=a, b=b))

    def feed(self, container: Container, answer: Answer) -> Answer:
        """Brings pages for as long as the enclave asks for them."""
        while answer.type is FrameType.NEED_PAGE:
            pages = container.span(answer.a, answer.b)
            answer = self.send(FrameType.PAGES, pages, a=answer.a, b=answer.b)
        return answer

    def start_load(self, container: Container) -> Answer:
        return self.send(FrameType.LOAD, MANIFEST + bytes(container.header))

    def load(self, container: Container) -> KeyConfig:
        ready = self.feed(container, self.start_load(container))
        assert ready.type is FrameType.READY, ready
        return KeyConfig.from_bytes(ready.payload)

    def attest(self, nonce: bytes = b"", iat: int = 1, exp: int = 2) -> Answer:
        return self.send(FrameType.ATTEST, attest_payload(iat, exp, nonce or None))

    @property
    def state(self) -> int:
        return int(self.session.state)


def memory_for(container: Container, replay: int = 64) -> int:
    """What `clo_plan_memory` says, of a container that must be valid."""
    header = np.zeros(len(container.header) + 64, np.uint8)
    skew = -header.ctypes.data % 64
    header[skew : skew + len(container.header)] = np.frombuffer(container.header, np.uint8)
    plan = ffi.new("clo_plan *")
    pointer = ffi.cast("void *", header.ctypes.data + skew)
    assert lib.clo_plan_open(plan, pointer, len(container.header)) == lib.CLO_OK
    return int(lib.clo_plan_memory(plan, replay))


def ready(container: Container, **options: CData) -> tuple[Instance, KeyConfig]:
    """A loaded instance with exactly the memory that it needs."""
    instance = Instance(memory_for(container, options.get("replay", 64)), **options)
    return instance, instance.load(container)


def sealed(config: KeyConfig, *tensors: np.ndarray[Any, Any]) -> tuple[bytes, Exchange]:
    return seal_request(config, write_message(list(tensors)))
