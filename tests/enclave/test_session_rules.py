"""The state machine of docs/formats/frames.md: one test a rule."""

from __future__ import annotations

import hashlib
import struct
from typing import Any

import numpy as np
import pytest
from cloister._clo import ffi, lib
from containers import CData, Container, every_kind, many_pages, plus_constant
from instance import MANIFEST, WINDOW, Answer, Instance, memory_for, ready, sealed

from cloister.channel.frames import EnclaveError, FrameType, frame
from cloister.channel.message import read_message, write_message
from cloister.channel.ohttp import Exchange, KeyConfig

X = np.array([[1, 2, 3, 4]], np.float32)
Y = 2 * X + 1 + np.array([10, 20, 30, 40], np.float32)
TAIL = np.array([[5, 6, 7, 8]], np.float32)
DEAD, EMPTY, READY = 0, 1, 5


def refused(answer: Answer, error: EnclaveError) -> bool:
    return answer.type is FrameType.ERROR and answer.a == answer.err == error


def send_request(
    instance: Instance, container: Container, config: KeyConfig, id: int = 7
) -> tuple[Answer, Exchange]:
    message, exchange = sealed(config, X)
    return instance.feed(container, instance.send(FrameType.REQUEST, message, id=id)), exchange


def tail_message(values: np.ndarray[Any, Any] = TAIL) -> bytes:
    return write_message([values])


def still_serves(instance: Instance, container: Container, config: KeyConfig) -> bool:
    answer, exchange = send_request(instance, container, config, id=99)
    answer = instance.send(FrameType.TAIL, tail_message(), id=99)
    return answer.type is FrameType.RESPONSE and len(exchange.open_response(answer.payload)) > 0


def data(message: bytes, count: int = 1) -> np.ndarray[Any, Any]:
    return np.frombuffer(message, np.float32, offset=64 + 64 * count)


# ---- the way of a request


def test_split_request_crosses_and_comes_back_sealed() -> None:
    container = plus_constant()
    instance, config = ready(container)
    crossing, exchange = send_request(instance, container, config)
    assert (crossing.type, crossing.id) == (FrameType.CROSSING, 7)
    assert crossing.payload == write_message([Y])
    answer = instance.send(FrameType.TAIL, tail_message(), id=7)
    assert (answer.type, answer.id, answer.a, answer.b) == (FrameType.RESPONSE, 7, 1, 64)
    assert exchange.open_response(answer.payload) == write_message([TAIL], flags=1)
    assert all(t > 0 for t in answer.times)


def test_whole_request_is_answered_at_once() -> None:
    container = plus_constant(split=False, resident=True)
    instance, config = ready(container)
    message, exchange = sealed(config, X)
    answer = instance.send(FrameType.REQUEST, message, id=1)
    assert answer.type is FrameType.RESPONSE
    assert exchange.open_response(answer.payload) == write_message([Y])


def test_nan_in_the_answer_is_flagged_and_passed_on() -> None:
    container = plus_constant()
    instance, config = ready(container)
    _, exchange = send_request(instance, container, config)
    values = np.array([[1, np.nan, -np.inf, 3]], np.float32)
    answer = instance.send(FrameType.TAIL, tail_message(values), id=7)
    assert exchange.open_response(answer.payload) == write_message([values], flags=3)


def test_infinity_is_no_nan() -> None:
    container = plus_constant(split=False, resident=True)
    instance, config = ready(container)
    message, exchange = sealed(config, np.array([[np.inf, -np.inf, 0, 0]], np.float32))
    answer = instance.send(FrameType.REQUEST, message)
    assert exchange.open_response(answer.payload)[8] == 0


def test_every_kind_of_operator_runs_and_repeats_its_bytes() -> None:
    container = every_kind()
    instance, config = ready(container, window=WINDOW)
    rng = np.random.default_rng(1)
    inputs = [rng.standard_normal(s).astype(np.float32) for s in ((1, 4, 6, 5), (7,))]
    answers = []
    for id in range(2):
        message, exchange = sealed(config, *inputs)
        answer = instance.feed(container, instance.send(FrameType.REQUEST, message, id=id))
        assert answer.type is FrameType.RESPONSE
        answers.append(exchange.open_response(answer.payload))
    assert answers[0] == answers[1]


def test_pages_are_asked_for_in_runs_that_fit_the_window() -> None:
    container = many_pages()
    instance = Instance(memory_for(container), window=2 * WINDOW)
    asked = [instance.start_load(container)]
    while asked[-1].type is FrameType.NEED_PAGE:
        a, b = asked[-1].a, asked[-1].b
        asked.append(instance.send(FrameType.PAGES, container.span(a, b), a=a, b=b))
    # Page 2 stays; of those that are streamed the load takes no more than the first ask brings.
    assert [(x.a, x.b) for x in asked[:-1]] == [(0, 2), (2, 1)]
    x = np.zeros((1, 8000), np.float32)
    x[0, 0] = 100
    message, exchange = sealed(KeyConfig.from_bytes(asked[-1].payload), x)
    asked = [instance.send(FrameType.REQUEST, message, id=5)]
    while asked[-1].type is FrameType.NEED_PAGE:
        assert asked[-1].id == 5
        a, b = asked[-1].a, asked[-1].b
        asked.append(instance.send(FrameType.PAGES, container.span(a, b), a=a, b=b))
    assert [(x.a, x.b) for x in asked[:-1]] == [(0, 2), (3, 2)]  # page 2 is resident
    y = data(exchange.open_response(asked[-1].payload))
    assert np.array_equal(y, 100 + np.repeat(np.arange(5), 32).astype(np.float32))


def test_resident_pages_are_found_again_when_shared_backwards() -> None:
    from containers import Builder

    b = Builder([(4,)], [(4,), (4,), (4,)], split=False)
    values = [np.full(4, i, np.float32) for i in range(3)]
    first = [b.add_pages([v], resident=True) for v in values]
    for out, page in ((0, 0), (0, 1), (0, 2), (1, 1), (2, 0)):
        b.op(lib.CLO_CONST, (b.output_at(out), 4), pages=first[page])
    container = b.build()
    instance, config = ready(container)
    message, exchange = sealed(config, np.zeros(4, np.float32))
    answer = instance.send(FrameType.REQUEST, message)
    got = exchange.open_response(answer.payload)
    assert got == write_message([values[2], values[1], values[0]])


# ---- load


def test_request_before_the_load_is_refused() -> None:
    instance = Instance(4096)
    assert refused(instance.send(FrameType.REQUEST, bytes(500), id=1), EnclaveError.STATE)
    assert instance.state == EMPTY


def test_attest_before_the_load_is_refused() -> None:
    assert refused(Instance(4096).attest(), EnclaveError.STATE)


def test_second_load_is_refused_and_changes_nothing() -> None:
    container = plus_constant()
    instance, config = ready(container)
    assert refused(instance.start_load(plus_constant(split=False)), EnclaveError.STATE)
    assert still_serves(instance, container, config)


def test_second_load_during_the_load_is_refused_and_changes_nothing() -> None:
    container = plus_constant()
    instance = Instance(memory_for(container))
    asks = instance.start_load(container)
    assert refused(instance.start_load(container), EnclaveError.STATE)
    assert instance.feed(container, asks).type is FrameType.READY


def test_request_during_the_load_is_refused_and_changes_nothing() -> None:
    container = plus_constant()
    instance = Instance(memory_for(container))
    asks = instance.start_load(container)
    assert refused(instance.send(FrameType.REQUEST, bytes(311), id=1), EnclaveError.STATE)
    assert instance.feed(container, asks).type is FrameType.READY


@pytest.mark.parametrize("size", [0, 31, 32, 33, 159])
def test_load_that_is_too_short_is_final(size: int) -> None:
    container = plus_constant()
    instance = Instance(memory_for(container))
    payload = (MANIFEST + bytes(container.header))[:size]
    assert instance.send(FrameType.LOAD, payload).type is FrameType.ERROR
    assert instance.state == DEAD
    assert refused(instance.start_load(container), EnclaveError.STATE)


def test_load_with_a_header_above_the_limit_is_refused() -> None:
    instance = Instance(4096)
    payload = bytes(32 + lib.CLO_HEADER_MAX + 1)
    assert refused(instance.send(FrameType.LOAD, payload), EnclaveError.SIZE)


def test_load_with_a_field_out_of_range_is_final() -> None:
    container = plus_constant()
    instance = Instance(memory_for(container))
    container.op(0).u.unary.cols = 5
    assert refused(instance.start_load(container), EnclaveError.BOUNDS)
    assert instance.state == DEAD


@pytest.mark.parametrize("less", [64, 1])
def test_memory_that_is_smaller_than_the_plan_needs_is_refused(less: int) -> None:
    container = plus_constant()
    instance = Instance(memory_for(container) - less)
    assert refused(instance.start_load(container), EnclaveError.MEMORY)
    assert instance.state == DEAD


def test_memory_that_is_smaller_than_the_header_is_refused() -> None:
    container = every_kind()
    instance = Instance(1024)
    assert refused(instance.start_load(container), EnclaveError.MEMORY)


def test_no_byte_behind_the_memory_is_written() -> None:
    container = every_kind()
    instance = Instance(memory_for(container))
    instance.guard[:] = 0xA5
    config = instance.load(container)
    message, _ = sealed(config, np.ones((1, 4, 6, 5), np.float32), np.ones(7, np.float32))
    instance.feed(container, instance.send(FrameType.REQUEST, message))
    assert (instance.guard == 0xA5).all()


def test_page_with_another_byte_ends_the_load() -> None:
    container = plus_constant()
    for at in range(len(container.pages[0])):
        spoiled = container.copy()
        page = bytearray(spoiled.pages[0])
        page[at] ^= 1
        spoiled.pages[0] = bytes(page)
        instance = Instance(memory_for(container))
        answer = instance.feed(spoiled, instance.start_load(container))
        assert refused(answer, EnclaveError.DIGEST)
        assert instance.state == DEAD


def test_pages_of_another_length_end_the_load() -> None:
    container = plus_constant()
    for payload in (b"", bytes(15), bytes(17)):
        instance = Instance(memory_for(container))
        asks = instance.start_load(container)
        answer = instance.send(FrameType.PAGES, payload, a=asks.a, b=asks.b)
        assert refused(answer, EnclaveError.SIZE)
        assert instance.state == DEAD


@pytest.mark.parametrize(("a", "b"), [(1, 1), (0, 2), (0, 0), (2**32 - 1, 1), (0, 2**32 - 1)])
def test_pages_that_were_not_asked_for_are_refused_and_change_nothing(a: int, b: int) -> None:
    container = plus_constant()
    instance = Instance(memory_for(container))
    asks = instance.start_load(container)
    assert refused(
        instance.send(FrameType.PAGES, container.span(0, 1), a=a, b=b), EnclaveError.STATE
    )
    assert instance.feed(container, asks).type is FrameType.READY


def test_pages_nobody_waits_for_are_refused() -> None:
    container = plus_constant()
    instance, config = ready(container)
    assert refused(
        instance.send(FrameType.PAGES, container.span(0, 1), a=0, b=1), EnclaveError.STATE
    )
    assert still_serves(instance, container, config)


def test_keys_are_made_once_the_header_was_checked() -> None:
    container = plus_constant()
    instance = Instance(memory_for(container))
    assert bytes(instance.session.kem_secret) == bytes(32)
    instance.start_load(container)
    made = bytes(instance.session.kem_secret)
    assert made != bytes(32)
    instance.send(FrameType.PAGES, container.span(0, 1), a=0, b=1)
    assert bytes(instance.session.kem_secret) == made


def test_no_keys_are_made_for_a_header_that_is_refused() -> None:
    container = plus_constant()
    instance = Instance(memory_for(container))
    container.op(0).kind = 99
    drawn = ffi.callback("int(void *, uint8_t *, size_t)", lambda ctx, out, n: pytest.fail("drawn"))
    instance.port.random = drawn
    assert refused(instance.start_load(container), EnclaveError.BOUNDS)


def test_two_instances_have_different_keys() -> None:
    assert ready(plus_constant())[1].public_key != ready(plus_constant())[1].public_key


def test_load_fails_when_the_platform_has_no_randomness() -> None:
    container = plus_constant(resident=True)
    instance = Instance(memory_for(container))
    broken = ffi.callback("int(void *, uint8_t *, size_t)", lambda ctx, out, n: -1)
    instance.port.random = broken
    assert refused(instance.feed(container, instance.start_load(container)), EnclaveError.PORT)
    assert instance.state == DEAD


# ---- attest


def test_attest_states_digests_and_keys_bound_to_the_evidence() -> None:
    import cbor2

    container = plus_constant()
    instance, config = ready(container)
    answer = instance.attest(b"12345678", 100, 200)
    claims, evidence = answer.payload[: answer.a], answer.payload[answer.a :]
    assert (answer.type, evidence) == (FrameType.CLAIMS, b"evidence")
    assert cbor2.loads(claims) == {
        4: 200, 6: 100, 10: b"12345678", 263: 0, 265: "tag:cloister.example,2026:eat/1",
        -70001: config.to_bytes(), -70002: bytes(instance.session.receipt_public),
        -70003: MANIFEST, -70004: hashlib.sha256(container.header).digest(),
        -70005: "0.1.0", -70006: "sandbox", -70007: "none", -70008: "portable",
    }  # fmt: skip
    assert cbor2.dumps(cbor2.loads(claims), canonical=False) == claims
    bound = hashlib.sha512(b"cloister/v1 report-data\0" + claims).digest()
    assert instance.report_data == bound


@pytest.mark.parametrize("exp", [25, 256, 65536, 2**32, 2**64 - 1])
def test_claims_are_deterministic_cbor(exp: int) -> None:
    import cbor2

    instance, _ = ready(plus_constant(resident=True))
    answer = instance.attest(iat=exp - 1, exp=exp)
    claims = answer.payload[: answer.a]
    decoded = cbor2.loads(claims)
    keys = [cbor2.dumps(k) for k in decoded]
    assert keys == sorted(keys) and 10 not in decoded
    assert cbor2.dumps(decoded) == claims


@pytest.mark.parametrize("size", [0, 15, 16 + 1, 16 + 7, 16 + 65])
def test_attest_of_another_length_is_refused(size: int) -> None:
    instance, _ = ready(plus_constant(resident=True))
    assert refused(instance.send(FrameType.ATTEST, b"\1" * size), EnclaveError.SIZE)


@pytest.mark.parametrize("size", [8, 64])
def test_attest_takes_nonces_of_8_to_64_bytes(size: int) -> None:
    instance, _ = ready(plus_constant(resident=True))
    assert instance.attest(bytes(range(size))).type is FrameType.CLAIMS


def test_attest_with_times_in_the_wrong_order_is_refused() -> None:
    instance, _ = ready(plus_constant(resident=True))
    for iat, exp in ((5, 5), (6, 5)):
        payload = struct.pack("<QQ", iat, exp)
        assert refused(instance.send(FrameType.ATTEST, payload), EnclaveError.FORMAT)


def test_attest_reports_a_platform_that_gives_no_evidence() -> None:
    container = plus_constant()
    instance, config = ready(container)
    kind = "int(void *, const uint8_t *, uint8_t *, size_t, size_t *)"
    broken = ffi.callback(kind, lambda *_: -1)
    instance.port.evidence = broken
    assert refused(instance.attest(), EnclaveError.PORT)
    assert still_serves(instance, container, config)


def test_attest_while_a_request_is_in_flight_is_refused() -> None:
    container = plus_constant()
    instance, config = ready(container)
    send_request(instance, container, config)
    assert refused(instance.attest(), EnclaveError.STATE)
    assert instance.send(FrameType.TAIL, tail_message(), id=7).type is FrameType.RESPONSE


# ---- requests that are not what they should be


def test_every_flipped_byte_of_a_request_is_refused() -> None:
    container = plus_constant()
    instance, config = ready(container)
    message, _ = sealed(config, X)
    for at in range(len(message)):
        spoiled = bytearray(message)
        spoiled[at] ^= 1 << at % 8
        error = EnclaveError.KEY if at < 7 else EnclaveError.CRYPTO
        assert refused(instance.send(FrameType.REQUEST, spoiled, id=at), error), at
    assert instance.session.replay_used == 0
    answer = instance.feed(container, instance.send(FrameType.REQUEST, message))
    assert answer.type is FrameType.CROSSING


def test_request_of_every_other_length_is_refused() -> None:
    container = plus_constant()
    instance, config = ready(container)
    message, _ = sealed(config, X)
    for size in [*range(len(message)), len(message) + 1]:
        payload = (message + b"\0")[:size]
        assert refused(instance.send(FrameType.REQUEST, payload, id=size), EnclaveError.SIZE)
    assert still_serves(instance, container, config)


@pytest.mark.parametrize("point", [bytes(32), b"\1" + bytes(31)])
def test_request_with_a_low_order_key_is_refused(point: bytes) -> None:
    instance, config = ready(plus_constant(resident=True))
    message, _ = sealed(config, X)
    payload = message[:7] + point + message[39:]
    assert refused(instance.send(FrameType.REQUEST, payload), EnclaveError.CRYPTO)


def test_request_for_another_instance_is_refused() -> None:
    instance, config = ready(plus_constant(resident=True))
    _, other = ready(plus_constant(resident=True))
    message, _ = sealed(KeyConfig(config.key_id, other.public_key), X)
    assert refused(instance.send(FrameType.REQUEST, message), EnclaveError.CRYPTO)


def test_replayed_request_is_refused() -> None:
    container = plus_constant()
    instance, config = ready(container)
    message, _ = sealed(config, X)
    for _ in range(2):
        instance.feed(container, instance.send(FrameType.REQUEST, message, id=1))
        instance.send(FrameType.CANCEL, id=1)
        assert refused(instance.send(FrameType.REQUEST, message, id=2), EnclaveError.REPLAY)
        message, _ = sealed(config, X)


def test_full_replay_table_refuses_all_and_forgets_nothing() -> None:
    container = plus_constant(split=False, resident=True)
    instance, config = ready(container, replay=8)
    messages = [sealed(config, X)[0] for _ in range(9)]
    for used, message in enumerate(messages[:8], 1):
        answer = instance.send(FrameType.REQUEST, message)
        assert (answer.type, answer.a, answer.b) == (FrameType.RESPONSE, used, 8)
    assert refused(instance.send(FrameType.REQUEST, messages[8]), EnclaveError.FULL)
    for message in messages[:8]:
        assert refused(instance.send(FrameType.REQUEST, message), EnclaveError.REPLAY)


def test_request_with_tensors_of_another_shape_is_refused() -> None:
    container = plus_constant()
    instance, config = ready(container)
    for tensors in ([X.reshape(4)], [X.reshape(2, 2)], [X.reshape(1, 1, 4)]):
        message, _ = sealed(config, *tensors)
        assert refused(instance.send(FrameType.REQUEST, message), EnclaveError.SHAPE)
    assert still_serves(instance, container, config)


def test_request_with_any_other_byte_outside_the_data_is_refused() -> None:
    from cloister.channel.ohttp import seal_request

    container = plus_constant()
    instance, config = ready(container, replay=256)
    message = write_message([X])
    for at in [*range(128), *range(144, 192)]:
        spoiled = bytearray(message)
        spoiled[at] ^= 0x10
        sealed_bytes, _ = seal_request(config, bytes(spoiled))
        assert refused(instance.send(FrameType.REQUEST, sealed_bytes), EnclaveError.SHAPE), at


def test_request_without_randomness_for_its_answer_is_refused() -> None:
    container = plus_constant()
    instance, config = ready(container)
    whole = instance.port.random
    broken = ffi.callback("int(void *, uint8_t *, size_t)", lambda ctx, out, n: -1)
    instance.port.random = broken
    answer, _ = send_request(instance, container, config)
    assert refused(answer, EnclaveError.PORT)
    instance.port.random = whole
    assert still_serves(instance, container, config)


def test_page_with_another_byte_ends_the_request_and_no_more() -> None:
    container = plus_constant()
    instance, config = ready(container)
    message, _ = sealed(config, X)
    asks = instance.send(FrameType.REQUEST, message, id=4)
    page = bytearray(container.span(asks.a, asks.b))
    page[3] ^= 0x80
    assert refused(instance.send(FrameType.PAGES, page, a=asks.a, b=asks.b), EnclaveError.DIGEST)
    assert not instance.memory_bytes[-instance_arena(container) :].any()
    assert still_serves(instance, container, config)


def instance_arena(container: Container) -> int:
    return int(container.view().arena_bytes)


def test_second_request_in_flight_is_refused_and_disturbs_nothing() -> None:
    container = plus_constant()
    instance, config = ready(container)
    _, exchange = send_request(instance, container, config)
    other, _ = sealed(config, X)
    assert refused(instance.send(FrameType.REQUEST, other, id=8), EnclaveError.STATE)
    answer = instance.send(FrameType.TAIL, tail_message(), id=7)
    assert exchange.open_response(answer.payload)


# ---- tails


def test_foreign_tail_is_refused_and_disturbs_nothing() -> None:
    container = plus_constant()
    instance, config = ready(container)
    send_request(instance, container, config)
    assert refused(instance.send(FrameType.TAIL, tail_message(), id=8), EnclaveError.STATE)
    assert instance.send(FrameType.TAIL, tail_message(), id=7).type is FrameType.RESPONSE


def test_early_tail_is_refused_and_disturbs_nothing() -> None:
    container = plus_constant()
    instance, config = ready(container)
    message, _ = sealed(config, X)
    asks = instance.send(FrameType.REQUEST, message, id=7)
    assert refused(instance.send(FrameType.TAIL, tail_message(), id=7), EnclaveError.STATE)
    assert instance.feed(container, asks).type is FrameType.CROSSING


def test_second_tail_is_refused() -> None:
    container = plus_constant()
    instance, config = ready(container)
    send_request(instance, container, config)
    instance.send(FrameType.TAIL, tail_message(), id=7)
    assert refused(instance.send(FrameType.TAIL, tail_message(), id=7), EnclaveError.STATE)
    assert still_serves(instance, container, config)


def test_tail_after_a_cancel_is_refused() -> None:
    container = plus_constant()
    instance, config = ready(container)
    send_request(instance, container, config)
    instance.send(FrameType.CANCEL, id=7)
    assert refused(instance.send(FrameType.TAIL, tail_message(), id=7), EnclaveError.STATE)


@pytest.mark.parametrize("change", [-1, 1, -192])
def test_tail_of_another_size_ends_the_request(change: int) -> None:
    container = plus_constant()
    instance, config = ready(container)
    send_request(instance, container, config)
    payload = (tail_message() + bytes(1))[: 192 + change]
    assert refused(instance.send(FrameType.TAIL, payload, id=7), EnclaveError.SIZE)
    assert instance.state == READY
    assert still_serves(instance, container, config)


def test_tail_with_any_other_byte_outside_the_data_ends_the_request() -> None:
    container = plus_constant()
    instance, config = ready(container, replay=256)
    for at in [*range(128), *range(144, 192)]:
        send_request(instance, container, config)
        spoiled = bytearray(tail_message())
        spoiled[at] ^= 1
        assert refused(instance.send(FrameType.TAIL, spoiled, id=7), EnclaveError.SHAPE), at
        assert instance.state == READY


def test_tail_in_whole_is_refused() -> None:
    instance, config = ready(plus_constant(split=False, resident=True))
    message, _ = sealed(config, X)
    instance.send(FrameType.REQUEST, message, id=7)
    assert refused(instance.send(FrameType.TAIL, tail_message(), id=7), EnclaveError.STATE)


# ---- cancel


@pytest.mark.parametrize("moment", ["pages", "tail"])
def test_cancel_ends_the_request_and_wipes_it(moment: str) -> None:
    container = plus_constant()
    instance, config = ready(container)
    message, _ = sealed(config, X)
    answer = instance.send(FrameType.REQUEST, message, id=7)
    if moment == "tail":
        instance.feed(container, answer)
    idle = instance.send(FrameType.CANCEL, id=7)
    assert (idle.type, idle.id) == (FrameType.IDLE, 7)
    assert not instance.memory_bytes[-instance_arena(container) :].any()
    assert still_serves(instance, container, config)


def test_cancel_of_another_request_disturbs_nothing() -> None:
    container = plus_constant()
    instance, config = ready(container)
    send_request(instance, container, config)
    assert refused(instance.send(FrameType.CANCEL, id=8), EnclaveError.STATE)
    assert instance.send(FrameType.TAIL, tail_message(), id=7).type is FrameType.RESPONSE


def test_cancel_without_a_request_is_refused() -> None:
    instance, _ = ready(plus_constant(resident=True))
    assert refused(instance.send(FrameType.CANCEL, id=0), EnclaveError.STATE)


# ---- frames


@pytest.mark.parametrize("type", [0, 8, 16, 22, 23, 2**32 - 1])
def test_frame_of_an_unknown_type_is_refused_and_changes_nothing(type: int) -> None:
    container = plus_constant()
    instance, config = ready(container)
    raw = bytearray(frame(FrameType.CANCEL))
    raw[4:8] = type.to_bytes(4, "little")
    assert refused(instance.step(raw), EnclaveError.STATE)
    assert still_serves(instance, container, config)


@pytest.mark.parametrize("at", [0, 3, 32, 40, 48, 56, 63])
def test_frame_head_with_another_fixed_byte_is_refused(at: int) -> None:
    container = plus_constant()
    instance, config = ready(container)
    raw = bytearray(frame(FrameType.ATTEST, bytes(16)))
    raw[at] ^= 1
    assert refused(instance.step(raw), EnclaveError.FORMAT)
    assert still_serves(instance, container, config)


@pytest.mark.parametrize("size", [0, 1, 63, 64, 79, 81])
def test_frame_whose_length_is_not_what_it_says_is_refused(size: int) -> None:
    instance, _ = ready(plus_constant(resident=True))
    raw = (frame(FrameType.ATTEST, bytes(16)) + b"\0")[:size]
    assert refused(instance.step(raw), EnclaveError.SIZE)


def test_small_output_buffer_is_refused_before_anything_happens() -> None:
    container = plus_constant()
    instance, config = ready(container)
    message, _ = sealed(config, X)
    raw, n = frame(FrameType.REQUEST, message, id=1), ffi.new("size_t *")
    out = ffi.new("uint8_t[]", lib.CLO_OUT_MIN)
    source = ffi.from_buffer(raw)
    err = lib.clo_step(instance.session, source, len(source), out, lib.CLO_OUT_MIN - 1, n)
    assert (err, n[0]) == (lib.CLO_E_SIZE, 0)
    assert not any(bytes(ffi.buffer(out)))
    assert instance.feed(container, instance.step(raw)).type is FrameType.CROSSING


def test_output_bound_covers_large_messages() -> None:
    container = many_pages(rows=100)
    instance, _ = ready(container)
    assert lib.clo_out_bytes(instance.session) == lib.CLO_OUT_MIN
    instance, _ = ready(large_output())
    assert lib.clo_out_bytes(instance.session) == 64 + 48 + 128 + 400_000 + 320


def large_output(split: bool = False) -> Container:
    from containers import Builder

    b = Builder([(4,)], [(4,)] if split else [(100_000,)], split)
    at = b.alloc(100_000) if split else b.output_at()
    b.op(lib.CLO_FILL, (at, 100_000), value=1.5)
    if split:
        b.crossing.append(((100_000,), at))
    return b.build()


@pytest.mark.parametrize("split", [False, True])
def test_large_answers_are_written_whole(split: bool) -> None:
    container = large_output(split)
    instance, config = ready(container)
    message, exchange = sealed(config, np.zeros(4, np.float32))
    answer = instance.send(FrameType.REQUEST, message)
    plain = answer.payload if split else exchange.open_response(answer.payload)
    assert plain == write_message([np.full(100_000, 1.5, np.float32)])


# ---- what stays behind


def test_nothing_of_a_request_stays_in_memory_after_its_answer() -> None:
    container = plus_constant()
    instance, config = ready(container)
    _, _ = send_request(instance, container, config)
    assert instance.memory_bytes[-instance_arena(container) :].any()
    instance.send(FrameType.TAIL, tail_message(), id=7)
    assert not instance.memory_bytes[-instance_arena(container) :].any()
    assert bytes(instance.session.response_key) == bytes(32)


def test_all_secrets_are_wiped_at_the_end() -> None:
    container = plus_constant()
    instance, _ = ready(container)
    lib.clo_session_end(instance.session)
    assert not instance.memory_bytes.any()
    rest = bytes(ffi.buffer(instance.session))[ffi.sizeof("clo_config") :]
    assert not any(rest)
    assert refused(instance.start_load(container), EnclaveError.STATE)


def test_failed_load_wipes_the_memory() -> None:
    container = plus_constant()
    instance = Instance(memory_for(container))
    asks = instance.start_load(container)
    instance.send(FrameType.PAGES, bytes(16), a=asks.a, b=asks.b)
    assert not instance.memory_bytes.any()


def test_crossing_holds_no_byte_beside_the_crossing_tensors() -> None:
    container = plus_constant()
    instance, config = ready(container)
    crossing, _ = send_request(instance, container, config)
    assert crossing.payload == write_message([Y])  # padding zero


def test_floating_point_mode_is_set_inside_and_restored() -> None:
    container = plus_constant(split=False, resident=True)
    instance, config = ready(container)
    calls: list[int] = []

    def fp_mode(ctx: CData, mode: int) -> int:
        calls.append(mode)
        return 0x1234

    callback = ffi.callback("uint32_t(void *, uint32_t)", fp_mode)
    instance.port.fp_mode = callback
    instance.send(FrameType.REQUEST, sealed(config, X)[0])
    instance.send(FrameType.REQUEST, bytes(3))
    assert calls == [0xFFFFFFFF, 0x1234] * 2


# ---- memory that the host changes while it is read


@pytest.mark.parametrize("primitive", ["x25519", "aes_gcm_open", "sha256"])
def test_request_that_changes_while_it_is_read_is_read_once(primitive: str) -> None:
    container = plus_constant(split=False, resident=True)
    instance, config = ready(container)
    message, exchange = sealed(config, X)
    raw = bytearray(frame(FrameType.REQUEST, message, id=3))
    spoil_during(instance, primitive, raw)
    answer = instance.step(raw)
    assert answer.type is FrameType.RESPONSE and answer.id == 3
    assert exchange.open_response(answer.payload) == write_message([Y])
    assert not any(raw)


def test_container_that_changes_while_it_is_read_is_read_once() -> None:
    container = plus_constant()
    instance = Instance(memory_for(container))
    raw = bytearray(frame(FrameType.LOAD, MANIFEST + bytes(container.header)))
    spoil_during(instance, "sha256", raw)
    asks = instance.step(raw)
    assert asks.type is FrameType.NEED_PAGE and not any(raw)
    raw = bytearray(frame(FrameType.PAGES, container.span(0, 1), a=0, b=1))
    spoil_during(instance, "sha256", raw)
    assert instance.step(raw).type is FrameType.READY


def test_tail_that_changes_while_it_is_read_is_read_once() -> None:
    container = plus_constant()
    instance, config = ready(container)
    _, exchange = send_request(instance, container, config)
    raw = bytearray(frame(FrameType.TAIL, tail_message(), id=7))
    spoil_during(instance, "aes_gcm_seal", raw)
    answer = instance.step(raw)
    assert exchange.open_response(answer.payload) == write_message([TAIL], flags=1)


def spoil_during(instance: Instance, primitive: str, raw: bytearray) -> None:
    """The first call of a primitive comes after all of the frame was copied: zeroes it then."""
    original = getattr(instance.port, primitive)

    def spoil(*arguments: CData) -> int:
        raw[:] = bytes(len(raw))
        return int(original(*arguments))

    callback = ffi.callback(ffi.typeof(original), spoil)
    instance.keep = [*getattr(instance, "keep", []), callback]  # type: ignore[attr-defined]
    setattr(instance.port, primitive, callback)


# ---- configuration


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("replay", 0, EnclaveError.SIZE),
        ("replay", 48, EnclaveError.SIZE),
        ("window", WINDOW - 1, EnclaveError.SIZE),
        ("memory", ffi.NULL, EnclaveError.MEMORY),
        ("port", ffi.NULL, EnclaveError.PORT),
        ("kernels", ffi.NULL, EnclaveError.PORT),
        ("tee", ffi.NULL, EnclaveError.PORT),
        ("level", ffi.NULL, EnclaveError.PORT),
    ],
)
def test_configuration_that_cannot_work_is_refused(
    field: str, value: CData, error: EnclaveError
) -> None:
    instance = Instance(4096)
    setattr(instance.config, field, value)
    assert lib.clo_session_init(instance.session, instance.config) == error
    lib.clo_session_end(instance.session)  # harmless


def test_memory_that_is_not_aligned_is_refused() -> None:
    instance = Instance(4096)
    instance.config.memory = ffi.cast("char *", instance.config.memory) + 32
    assert lib.clo_session_init(instance.session, instance.config) == EnclaveError.MEMORY


OPTIONAL = ("ctx", "key_get", "key_put", "parallel", "threads")
CALLBACKS = [name for name, _ in ffi.typeof("clo_port").fields if name not in OPTIONAL]


@pytest.mark.parametrize("callback", CALLBACKS)
def test_port_without_a_callback_is_refused(callback: str) -> None:
    instance = Instance(4096)
    setattr(instance.port, callback, ffi.NULL)
    assert lib.clo_session_init(instance.session, instance.config) == EnclaveError.PORT


def test_port_that_runs_parts_but_says_not_how_many_is_refused() -> None:
    instance = Instance(4096)
    instance.port.parallel = lib.clo_threads_run
    assert lib.clo_session_init(instance.session, instance.config) == EnclaveError.PORT
    instance.port.threads = 1
    assert lib.clo_session_init(instance.session, instance.config) == EnclaveError.OK


def test_response_can_be_read_by_the_client_code() -> None:
    container = plus_constant()
    instance, config = ready(container)
    _, exchange = send_request(instance, container, config)
    answer = instance.send(FrameType.TAIL, tail_message(), id=7)

    class Output:
        name, dtype, shape = "y", "float32", (1, 4)

    message = read_message(exchange.open_response(answer.payload), [Output()], allowed_flags=3)
    assert message.host_chosen and not message.nan
    assert np.array_equal(message.tensors[0], TAIL)
