"""Sealed containers and their page key: docs/formats/container.md, frames.md; one test a rule."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from cloister._clo import ffi, lib
from containers import EXAMPLES, CData, Container, every_kind, full_page, many_pages, plus_constant
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from instance import Answer, Instance, memory_for, ready, sealed
from test_session_rules import DEAD, READY, X, refused, still_serves

from cloister.channel.frames import EnclaveError, FrameType, frame
from cloister.channel.ohttp import KeyConfig
from cloister.channel.page_key import seal_page_key

KEY, KEY_ID = bytes(range(32)), bytes(range(16))
LOCKED, PROVEN = 2, 3
KEEPERS = ffi.typeof("int(*)(void *, const uint8_t *, uint8_t *)")


def locked(container: Container, **options: CData) -> tuple[Instance, Answer]:
    """An instance with exactly the memory that it needs, and its NEED_KEY."""
    instance = Instance(memory_for(container), **options)
    answer = instance.start_load(container)
    assert answer.type is FrameType.NEED_KEY, answer
    return instance, answer


def proven(container: Container, **options: CData) -> tuple[Instance, KeyConfig, bytes]:
    """A locked instance that was attested; its key, its claims."""
    instance, answer = locked(container, **options)
    config = KeyConfig.from_bytes(answer.payload)
    told = instance.attest(b"12345678")
    return instance, config, told.payload[: told.a]


def give_key(
    instance: Instance,
    config: KeyConfig,
    claims: bytes,
    *,
    key: bytes = KEY,
    key_id: bytes = KEY_ID,
) -> Answer:
    payload = seal_page_key(key, config=config, claims=claims, key_id=key_id)
    return instance.send(FrameType.KEY, payload)


def unlocked(container: Container, **options: CData) -> tuple[Instance, KeyConfig]:
    instance, config, claims = proven(container, **options)
    answer = instance.feed(container, give_key(instance, config, claims))
    assert answer.type is FrameType.READY, answer
    return instance, KeyConfig.from_bytes(answer.payload)


def answer_of(
    instance: Instance, config: KeyConfig, container: Container, *inputs: CData
) -> tuple[FrameType, bytes]:
    message, exchange = sealed(config, *inputs)
    answer = instance.feed(container, instance.send(FrameType.REQUEST, message, id=1))
    whole = answer.type is FrameType.RESPONSE
    return answer.type, exchange.open_response(answer.payload) if whole else answer.payload


# ---- the way of a key


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("resident", [False, True])
def test_sealed_container_answers_with_the_bits_of_the_plain_one(
    split: bool, resident: bool
) -> None:
    plain = plus_constant(split=split, resident=resident)
    container = plain.sealed(KEY, KEY_ID)
    expected = answer_of(*ready(plain), plain, X)
    assert answer_of(*unlocked(container), container, X) == expected


def test_every_kind_of_operator_has_the_same_bits_sealed() -> None:
    plain = every_kind()
    rng = np.random.default_rng(1)
    inputs = [rng.standard_normal(s).astype(np.float32) for s in ((1, 4, 6, 5), (7,))]
    container = plain.sealed(KEY, KEY_ID)
    expected = answer_of(*ready(plain), plain, *inputs)
    assert answer_of(*unlocked(container), container, *inputs) == expected


def test_pages_of_a_megabyte_are_opened_each_time_they_come() -> None:
    plain = many_pages()
    container = plain.sealed(KEY, KEY_ID)
    x = np.ones((1, 8000), np.float32)
    instance, config = unlocked(container, window=3 * (1 << 20))
    expected = answer_of(*ready(plain), plain, x)
    assert [answer_of(instance, config, container, x) for _ in range(2)] == [expected] * 2


def test_the_key_config_of_a_locked_instance_is_that_of_the_ready_one() -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    instance, config, claims = proven(container)
    answer = instance.feed(container, give_key(instance, config, claims))
    assert KeyConfig.from_bytes(answer.payload) == config


def test_claims_of_a_locked_instance_are_those_of_the_ready_one() -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    instance, config, claims = proven(container)
    instance.feed(container, give_key(instance, config, claims))
    again = instance.attest(b"12345678")
    assert again.payload[: again.a] == claims


def test_memory_of_a_sealed_container_is_the_sum_of_its_parts() -> None:
    container = many_pages().sealed(KEY, KEY_ID)
    h = container.view()
    assert h.page_slot == 32 * 4 * 8001 + 64  # a tag longer, rounded up
    parts = h.header_bytes + 16 * 64 + h.resident_bytes + h.page_slot
    assert memory_for(container) == parts + -(-h.arena_bytes // 64) * 64 + 64


def test_no_byte_behind_the_memory_is_written_by_a_sealed_load() -> None:
    container = every_kind().sealed(KEY, KEY_ID)
    instance = Instance(memory_for(container))
    instance.guard[:] = 0xA5
    told = instance.start_load(container)
    claims = instance.attest()
    give = give_key(instance, KeyConfig.from_bytes(told.payload), claims.payload[: claims.a])
    assert instance.feed(container, give).type is FrameType.READY
    assert (instance.guard == 0xA5).all()


def test_arena_is_clean_when_the_last_resident_page_was_opened() -> None:
    # The tag of the last resident page stands in the arena while it is opened: 64 floats, no slot.
    container = full_page().sealed(KEY, KEY_ID)
    assert container.view().page_slot == 0 and container.page(0).plain % 64 == 0
    instance, _ = unlocked(container)
    assert not instance.memory_bytes[-(container.view().arena_bytes + 64) :].any()


# ---- locked


def test_key_before_attest_is_refused_and_changes_nothing() -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    instance, answer = locked(container)
    config = KeyConfig.from_bytes(answer.payload)
    assert refused(give_key(instance, config, b""), EnclaveError.STATE)
    assert instance.state == LOCKED
    told = instance.attest()
    given = give_key(instance, config, told.payload[: told.a])
    assert instance.feed(container, given).type is FrameType.READY


@pytest.mark.parametrize(
    ("type", "payload"),
    [
        (FrameType.LOAD, bytes(500)),
        (FrameType.PAGES, bytes(32)),
        (FrameType.REQUEST, bytes(311)),
        (FrameType.TAIL, bytes(192)),
        (FrameType.CANCEL, b""),
    ],
)
def test_locked_instance_takes_attest_and_key_only(type: FrameType, payload: bytes) -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    instance, config, claims = proven(container)
    assert refused(instance.send(type, payload), EnclaveError.STATE)
    assert instance.state == PROVEN
    given = give_key(instance, config, claims)
    assert instance.feed(container, given).type is FrameType.READY


def test_attest_that_fails_leaves_a_locked_instance_locked() -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    instance, _ = locked(container)
    assert refused(instance.send(FrameType.ATTEST, bytes(15)), EnclaveError.SIZE)
    assert instance.state == LOCKED


def test_key_sealed_to_earlier_claims_is_refused() -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    instance, config, claims = proven(container)
    instance.attest(b"87654321")
    assert refused(give_key(instance, config, claims), EnclaveError.CRYPTO)
    assert instance.state == DEAD


def test_key_sealed_to_the_claims_of_another_instance_is_refused() -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    _, _, others = proven(container)
    instance, config, _ = proven(container)
    assert refused(give_key(instance, config, others), EnclaveError.CRYPTO)


def test_key_sealed_to_another_instance_is_refused() -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    _, other, _ = proven(container)
    instance, _, claims = proven(container)
    assert refused(give_key(instance, other, claims), EnclaveError.CRYPTO)


def test_key_of_another_name_is_refused() -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    instance, config, claims = proven(container)
    answer = give_key(instance, config, claims, key_id=bytes(15) + b"\1")
    assert refused(answer, EnclaveError.CRYPTO)


@pytest.mark.parametrize("size", [0, 79, 81, 160])
def test_key_of_another_length_is_refused(size: int) -> None:
    instance, _, _ = proven(plus_constant().sealed(KEY, KEY_ID))
    assert refused(instance.send(FrameType.KEY, bytes(size)), EnclaveError.SIZE)
    assert instance.state == DEAD


def test_key_with_any_other_byte_is_refused() -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    for at in range(80):
        instance, config, claims = proven(container)
        payload = bytearray(seal_page_key(KEY, config=config, claims=claims, key_id=KEY_ID))
        payload[at] ^= 1
        # X25519 ignores the top bit of enc's last byte; the low bit is never ignored.
        assert refused(instance.send(FrameType.KEY, bytes(payload)), EnclaveError.CRYPTO)
        assert instance.state == DEAD


def test_there_is_one_try_for_a_key() -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    instance, config, claims = proven(container)
    give_key(instance, config, claims, key_id=bytes(15) + b"\1")
    assert refused(give_key(instance, config, claims), EnclaveError.STATE)
    assert not instance.memory_bytes.any()


def test_key_that_the_header_does_not_name_is_refused_though_pages_would_open() -> None:
    # AES-GCM does not commit: one sealed page can open to other weights under a second key.
    container = plus_constant().sealed(KEY, KEY_ID)
    ffi.buffer(container.view().key_digest)[0] = bytes([container.view().key_digest[0] ^ 1])
    instance, config, claims = proven(container)
    assert refused(give_key(instance, config, claims), EnclaveError.CRYPTO)
    assert instance.state == DEAD


def test_wrong_key_is_refused_before_a_page_is_asked_for() -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    instance, config, claims = proven(container)
    assert refused(give_key(instance, config, claims, key=bytes(32)), EnclaveError.CRYPTO)
    assert instance.state == DEAD


def test_second_key_is_refused_and_changes_nothing() -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    instance, config, claims = proven(container)
    asks = give_key(instance, config, claims)
    assert refused(give_key(instance, config, claims), EnclaveError.STATE)
    assert instance.feed(container, asks).type is FrameType.READY
    assert refused(give_key(instance, config, claims), EnclaveError.STATE)
    assert still_serves(instance, container, config)


def test_plain_container_takes_no_key() -> None:
    container = plus_constant()
    instance, config = ready(container)
    told = instance.attest()
    assert refused(give_key(instance, config, told.payload[: told.a]), EnclaveError.STATE)
    assert still_serves(instance, container, config)


def test_key_that_changes_while_it_is_read_is_read_once() -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    instance, config, claims = proven(container)
    payload = seal_page_key(KEY, config=config, claims=claims, key_id=KEY_ID)
    raw = bytearray(frame(FrameType.KEY, payload))
    original = instance.port.x25519

    def spoil(*arguments: CData) -> int:
        raw[:] = bytes(len(raw))
        return int(original(*arguments))

    callback = ffi.callback(ffi.typeof(original), spoil)
    instance.port.x25519 = callback
    asks = instance.step(raw)
    assert not any(raw) and instance.feed(container, asks).type is FrameType.READY


# ---- pages


def spoilt(change: Callable[[Container], None], plain: Container | None = None) -> Answer:
    """What a load ends with when the owner of the key is the one who changed the container."""
    container = (plain or three_pages()).sealed(KEY, KEY_ID)
    change(container)
    container.digest_pages()
    instance, config, claims = proven(container)
    return instance.feed(container, give_key(instance, config, claims))


def three_pages() -> Container:
    from containers import Builder

    b = Builder([(4,)], [(4,), (4,), (4,)], split=False)
    for out in range(3):
        pages = b.add_pages([np.full(4, out, np.float32)], resident=out == 1)
        b.op(lib.CLO_CONST, (b.output_at(out), 4), pages=pages)
    return b.build()


def reseal(container: Container, index: int, *, nonce: int, aad_index: int, plain: int) -> None:
    """Seals page `index` anew, under another nonce or other associated data."""
    import hashlib
    import struct

    table = int(ffi.cast("char *", container.page(0)) - ffi.cast("char *", container.view()))
    bound = hashlib.sha256(container.header[:table]).digest()
    aad = bound + struct.pack("<II", aad_index, plain)
    page = np.full(4, index, "<f4").tobytes()
    container.pages[index] = AESGCM(KEY).encrypt(nonce.to_bytes(12, "big"), page, aad)


def test_load_of_untouched_pages_succeeds() -> None:
    assert spoilt(lambda _: None).type is FrameType.READY
    same = spoilt(lambda c: reseal(c, 1, nonce=1, aad_index=1, plain=16))
    assert same.type is FrameType.READY


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.pages.insert(0, c.pages.pop(1)),
        lambda c: reseal(c, 1, nonce=2, aad_index=1, plain=16),
        lambda c: reseal(c, 1, nonce=1, aad_index=2, plain=16),
        lambda c: reseal(c, 1, nonce=1, aad_index=1, plain=32),
        lambda c: c.pages.__setitem__(1, bytes(32)),
        lambda c: c.pages.__setitem__(0, c.pages[0][:-1] + bytes([c.pages[0][-1] ^ 1])),
    ],
    ids=["swapped", "nonce-of-another", "index-of-another", "other-length", "zeros", "tag"],
)
def test_pages_that_do_not_open_at_their_place_end_the_load(
    change: Callable[[Container], None],
) -> None:
    assert refused(spoilt(change), EnclaveError.DIGEST)


def test_page_with_another_byte_is_refused_before_it_is_opened() -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    spoiled = container.copy()
    spoiled.pages[0] = bytes([container.pages[0][0] ^ 1]) + container.pages[0][1:]
    instance, config, claims = proven(container)
    asks = give_key(instance, config, claims)
    opened = ffi.callback(ffi.typeof(instance.port.aes_gcm_open), lambda *_: pytest.fail("opened"))
    instance.port.aes_gcm_open = opened
    assert refused(instance.feed(spoiled, asks), EnclaveError.DIGEST)


def test_truncated_pages_end_the_load() -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    instance, config, claims = proven(container)
    asks = give_key(instance, config, claims)
    cut = container.span(0, 1)[:-1]
    answer = instance.send(FrameType.PAGES, cut, a=asks.a, b=asks.b)
    assert refused(answer, EnclaveError.SIZE) and instance.state == DEAD


def test_pages_of_another_plan_do_not_open() -> None:
    # The same pages and key under a plan that would hand the weights out.
    container = plus_constant(split=False).sealed(KEY, KEY_ID)
    other = container.copy()
    other.op(0).u.unary.p0 = 3.0
    instance, config, claims = proven(other)
    answer = instance.feed(other, give_key(instance, config, claims))
    assert refused(answer, EnclaveError.DIGEST)


def test_streamed_page_that_was_changed_ends_the_request_and_no_more() -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    instance, config = unlocked(container)
    message, _ = sealed(config, X)
    asks = instance.send(FrameType.REQUEST, message, id=3)
    answer = instance.send(FrameType.PAGES, bytes(32), a=asks.a, b=asks.b)
    assert refused(answer, EnclaveError.DIGEST) and instance.state == READY
    assert still_serves(instance, container, config)


# ---- keys of the platform


class Store:
    """A platform that keeps page keys."""

    def __init__(
        self, instance: Instance, kept: dict[bytes, bytes], *, fails: bool = False
    ) -> None:
        self.kept, self.fails = kept, fails
        self.put: list[bytes] = []
        self._get, self._put = ffi.callback(KEEPERS, self._read), ffi.callback(KEEPERS, self._write)
        instance.port.key_get = self._get
        instance.port.key_put = ffi.cast(ffi.typeof(instance.port.key_put), self._put)

    def _read(self, ctx: CData, key_id: CData, out: CData) -> int:
        name = bytes(ffi.buffer(key_id, 16))
        if name not in self.kept:
            return -1
        ffi.memmove(out, self.kept[name], 32)
        return 0

    def _write(self, ctx: CData, key_id: CData, key: CData) -> int:
        name = bytes(ffi.buffer(key_id, 16))
        self.put.append(name)
        self.kept[name] = bytes(ffi.buffer(key, 32))
        return -int(self.fails)


def test_platform_that_keeps_the_key_is_not_locked() -> None:
    plain = plus_constant(split=False)
    container = plain.sealed(KEY, KEY_ID)
    instance = Instance(memory_for(container))
    store = Store(instance, {KEY_ID: KEY})
    config = instance.load(container)
    assert answer_of(instance, config, container, X) == answer_of(*ready(plain), plain, X)
    assert store.put == []


def test_platform_that_keeps_another_key_is_locked_and_takes_the_right_one() -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    instance = Instance(memory_for(container))
    store = Store(instance, {KEY_ID: bytes(32)})
    config = KeyConfig.from_bytes(instance.start_load(container).payload)
    told = instance.attest()
    given = give_key(instance, config, told.payload[: told.a])
    assert instance.feed(container, given).type is FrameType.READY
    assert store.kept == {KEY_ID: KEY}


def test_key_is_kept_by_a_platform_that_can() -> None:
    container = three_pages().sealed(KEY, KEY_ID)
    instance, config, claims = proven(container)
    store = Store(instance, {})
    instance.feed(container, give_key(instance, config, claims))
    assert store.kept == {KEY_ID: KEY} and store.put == [KEY_ID]


def test_key_that_is_not_of_these_pages_is_not_kept() -> None:
    container = three_pages().sealed(KEY, KEY_ID)
    instance, config, claims = proven(container)
    store = Store(instance, {})
    instance.feed(container, give_key(instance, config, claims, key=bytes(32)))
    assert store.put == []


def test_platform_that_fails_to_keep_the_key_ends_the_load() -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    instance, config, claims = proven(container)
    Store(instance, {}, fails=True)
    answer = instance.feed(container, give_key(instance, config, claims))
    assert refused(answer, EnclaveError.PORT) and instance.state == DEAD


# ---- what stays behind


def test_page_key_is_wiped_after_the_load_where_no_page_comes_again() -> None:
    instance, _ = unlocked(plus_constant(resident=True).sealed(KEY, KEY_ID))
    assert bytes(instance.session.page_key) == bytes(32)
    assert KEY not in bytes(ffi.buffer(instance.session))


def test_page_key_stays_where_pages_come_again_and_is_wiped_at_the_end() -> None:
    instance, _ = unlocked(plus_constant(resident=False).sealed(KEY, KEY_ID))
    assert bytes(instance.session.page_key) == KEY
    lib.clo_session_end(instance.session)
    assert KEY not in bytes(ffi.buffer(instance.session))
    assert not instance.memory_bytes.any()


def test_page_key_is_wiped_when_the_load_fails() -> None:
    container = plus_constant().sealed(KEY, KEY_ID)
    instance, config, claims = proven(container)
    asks = give_key(instance, config, claims)
    assert bytes(instance.session.page_key) == KEY
    instance.send(FrameType.PAGES, b"", a=asks.a, b=asks.b)
    assert instance.state == DEAD and KEY not in bytes(ffi.buffer(instance.session))


# ---- header


@pytest.mark.parametrize("example", EXAMPLES)
def test_validator_accepts_what_the_hand_sealed(example: str) -> None:
    plain = EXAMPLES[example]()
    if plain.pages:
        assert memory_for(plain.sealed(KEY, KEY_ID)) >= memory_for(plain)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: setattr(c.view(), "sealed", 2),
        lambda c: setattr(c.view(), "sealed", 0),
        lambda c: ffi.buffer(c.view().key_id).__setitem__(slice(0, 16), bytes(16)),
        lambda c: setattr(c.page(0), "stored", c.page(0).plain),
        lambda c: setattr(c.page(0), "stored", c.page(0).plain + 17),
        lambda c: setattr(c.view(), "page_slot", c.view().page_slot - 64),
    ],
    ids=["sealed-2", "key-id-in-plain", "no-key-id", "no-tag", "long-tag", "slot-without-tag"],
)
def test_sealed_header_with_a_spoilt_field_is_refused(change: Callable[[Container], None]) -> None:
    container = many_pages().sealed(KEY, KEY_ID)
    change(container)
    instance = Instance(memory_for(many_pages()) + 4096)
    assert instance.start_load(container).err in (EnclaveError.FORMAT, EnclaveError.BOUNDS)
    assert instance.state == DEAD


def test_sealed_container_without_pages_is_refused() -> None:
    from containers import Builder

    b = Builder([(4,)], [(4,)], split=False)
    b.op(lib.CLO_FILL, (b.output_at(), 4), value=1.0)
    container = b.build()
    container.view().sealed = 1
    ffi.buffer(container.view().key_id)[:] = KEY_ID
    assert refused(Instance(8192).start_load(container), EnclaveError.FORMAT)
