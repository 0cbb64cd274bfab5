"""Receipts as the core signs them: docs/formats/receipt.md, read by code of others."""

from __future__ import annotations

import hashlib

import cbor2
import numpy as np
import pytest
from cloister._clo import ffi
from containers import Container, in_place, plus_constant
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from instance import MANIFEST, Answer, Instance, ready, sealed
from test_session_rules import X, refused, send_request, tail_message

from cloister.attest.receipt import Expected, Receipt, check_receipt
from cloister.channel.frames import EnclaveError, FrameType
from cloister.channel.ohttp import KeyConfig

TIME = 1_795_000_000


def receipt_key(instance: Instance) -> bytes:
    told = instance.attest()
    return bytes(cbor2.loads(told.payload[: told.a])[-70002])


def whole_answer(
    instance: Instance, config: KeyConfig, *, time: int = TIME
) -> tuple[bytes, Answer]:
    message, _ = sealed(config, X)
    answer = instance.send(FrameType.REQUEST, message, a=time & 0xFFFFFFFF, b=time >> 32)
    assert answer.type is FrameType.RESPONSE
    return message, answer


def expected(container: Container, request: bytes, answer: Answer, mode: str) -> Expected:
    return Expected(
        MANIFEST,
        hashlib.sha256(container.header).digest(),
        mode,
        hashlib.sha256(request).digest(),
        hashlib.sha256(answer.payload).digest(),
        (TIME - 1, TIME + 1),
    )


@pytest.mark.parametrize("split", [False, True])
def test_receipt_binds_request_response_model_and_manifest(split: bool) -> None:
    container = plus_constant(split=split, resident=True)
    instance, config = ready(container)
    message, _ = sealed(config, X)
    answer = instance.send(FrameType.REQUEST, message, id=7, a=TIME)
    if split:
        answer = instance.send(FrameType.TAIL, tail_message(), id=7)
    mode = "split" if split else "whole"
    result = check_receipt(
        answer.receipt, receipt_key(instance), expected(container, message, answer, mode)
    )
    assert result.passed, result.checks
    assert result.require().tail_check == ("unchecked" if split else "none")
    assert [check.result for check in result.checks] == ["passed"] * 7 + ["not checked"]


def test_receipt_is_cose_sign1_over_deterministic_cbor() -> None:
    container = plus_constant(split=False, resident=True)
    instance, config = ready(container)
    message, answer = whole_answer(instance, config)
    tag = cbor2.loads(answer.receipt)
    protected, unprotected, payload, signature = tag.value
    assert (tag.tag, cbor2.loads(protected), unprotected) == (18, {1: -8}, {})
    content = {
        6: TIME,
        -70003: MANIFEST,
        -70004: hashlib.sha256(container.header).digest(),
        -70009: hashlib.sha256(message).digest(),
        -70010: hashlib.sha256(answer.payload).digest(),
        -70011: "none",
    }
    assert payload == cbor2.dumps(content, canonical=True)
    signed = cbor2.dumps(["Signature1", protected, b"", payload], canonical=True)
    Ed25519PublicKey.from_public_bytes(receipt_key(instance)).verify(signature, signed)
    whole = cbor2.CBORTag(18, [protected, {}, payload, signature])
    assert answer.receipt == cbor2.dumps(whole, canonical=True)


@pytest.mark.parametrize("time", [0, 23, 24, 255, 256, 65536, 2**32 - 1, 2**32, 2**64 - 1])
def test_receipt_holds_the_hosts_time_whatever_it_is(time: int) -> None:
    instance, config = ready(plus_constant(split=False, resident=True))
    _, answer = whole_answer(instance, config, time=time)
    assert Receipt.from_bytes(answer.receipt).host_time == time


def test_receipt_of_a_request_with_pages_is_of_the_request() -> None:
    container = plus_constant()
    instance, config = ready(container)
    message, _ = sealed(config, X)
    asks = instance.send(FrameType.REQUEST, message, id=7, a=TIME)
    crossing = instance.feed(container, asks)
    assert crossing.type is FrameType.CROSSING
    answer = instance.send(FrameType.TAIL, tail_message(), id=7)
    result = check_receipt(
        answer.receipt, receipt_key(instance), expected(container, message, answer, "split")
    )
    assert result.passed, result.checks


def test_each_answer_has_a_receipt_of_its_own() -> None:
    instance, config = ready(plus_constant(split=False, resident=True))
    assert whole_answer(instance, config)[1].receipt != whole_answer(instance, config)[1].receipt


def test_receipt_with_any_bit_flipped_is_refused() -> None:
    container = plus_constant(split=False, resident=True)
    instance, config = ready(container)
    message, answer = whole_answer(instance, config)
    key, must = receipt_key(instance), expected(container, message, answer, "whole")
    for at in range(8 * len(answer.receipt)):
        changed = bytearray(answer.receipt)
        changed[at // 8] ^= 1 << at % 8
        assert not check_receipt(bytes(changed), key, must).passed, at


def test_receipt_with_any_length_is_refused() -> None:
    container = plus_constant(split=False, resident=True)
    instance, config = ready(container)
    message, answer = whole_answer(instance, config)
    key, must = receipt_key(instance), expected(container, message, answer, "whole")
    for n in range(len(answer.receipt)):
        assert not check_receipt(answer.receipt[:n], key, must).passed
    assert not check_receipt(answer.receipt + b"\0", key, must).passed


def test_receipt_of_another_instance_is_refused() -> None:
    container = plus_constant(split=False, resident=True)
    instance, config = ready(container)
    message, answer = whole_answer(instance, config)
    other, _ = ready(container)
    must = expected(container, message, answer, "whole")
    result = check_receipt(answer.receipt, receipt_key(other), must)
    assert [c.name for c in result.checks if c.result == "failed"] == ["signature"]


@pytest.mark.parametrize("primitive", ["sha256", "ed25519_sign"])
def test_request_ends_where_the_platform_cannot_make_the_receipt(primitive: str) -> None:
    container = plus_constant()
    instance, config = ready(container)
    send_request(instance, container, config)
    original = getattr(instance.port, primitive)
    broken = ffi.callback(ffi.typeof(original), lambda *_: -1)
    setattr(instance.port, primitive, broken)
    answer = instance.send(FrameType.TAIL, tail_message(), id=7)
    assert refused(answer, EnclaveError.PORT) and answer.payload == b""
    assert not instance.memory_bytes[-(container.view().arena_bytes + 64) :].any()


def test_sealed_messages_that_are_larger_than_the_arena_fit_behind_it() -> None:
    # The arena is the request, over which the response lies: both sealed are 55 and 48 bytes more.
    container = in_place()
    assert container.view().arena_bytes == 64 + 64 + 256
    instance, config = ready(container)
    instance.guard[:] = 0xA5
    x = np.arange(64, dtype=np.float32)
    message, exchange = sealed(config, x)
    answer = instance.send(FrameType.REQUEST, message, a=TIME)
    assert exchange.open_response(answer.payload)[128:] == (-x).tobytes()
    result = check_receipt(
        answer.receipt, receipt_key(instance), expected(container, message, answer, "whole")
    )
    assert result.passed, result.checks
    assert (instance.guard == 0xA5).all()
