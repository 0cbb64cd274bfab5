"""HPKE and OHTTP of the core: the RFCs' vectors, and implementations that are not ours."""

from __future__ import annotations

import os

import pytest
from cloister._clo import ffi, lib
from containers import CData
from cryptography.hazmat.primitives import hpke as reference
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey

from cloister.channel import ohttp
from tests.channel.rfc_vectors import Rfc9180, Rfc9458

PORT = ffi.new("clo_port *")
assert lib.clo_posix_crypto(PORT) == 0
KEY_BYTES = [16, 32]
AEAD_ID = {16: 1, 32: 2}


def pair(secret: bytes) -> CData:
    public = X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    keep = ffi.new("uint8_t[]", secret), ffi.new("uint8_t[]", public)
    pair = ffi.new("clo_key_pair *", {"secret": keep[0], "public_key": keep[1]})
    PAIRS.append(keep)
    return pair[0]


PAIRS: list[CData] = []


def receive(secret: bytes, enc: bytes, info: bytes, key_bytes: int) -> CData:
    context = ffi.new("clo_hpke *")
    err = lib.clo_hpke_receive(context, PORT, key_bytes, pair(secret), enc, info, len(info))
    assert err == lib.CLO_OK
    return context


def open_sealed(context: CData, sealed: bytes, aad: bytes = b"") -> bytes | None:
    buf = ffi.new("uint8_t[]", sealed[:-16] or b"\0")
    n = len(sealed) - 16
    err = lib.clo_hpke_open(context, aad, len(aad), buf, n, sealed[-16:])
    assert err in (lib.CLO_OK, lib.CLO_E_CRYPTO)
    return bytes(ffi.buffer(buf, n)) if err == lib.CLO_OK else None


def export(context: CData, label: bytes, n: int) -> bytes:
    out = ffi.new("uint8_t[32]")
    assert lib.clo_hpke_export(context, label, len(label), out, n) == lib.CLO_OK
    return bytes(out)[:n]


def test_port_passes_its_self_test() -> None:
    assert lib.clo_posix_self_test(PORT) == 0


def test_rfc_9180_first_message_and_exports_byte_for_byte() -> None:
    context = receive(Rfc9180.skRm, Rfc9180.pkEm, Rfc9180.info, 16)
    sealed = dict(Rfc9180.encryptions)[0]
    assert open_sealed(context, sealed, b"Count-0") == Rfc9180.pt
    assert open_sealed(context, sealed, b"Count-1") is None
    for label, value in Rfc9180.exports:
        assert export(context, label, 32) == value


@pytest.mark.parametrize("key_bytes", KEY_BYTES)
@pytest.mark.parametrize("size", [0, 1, 1000])
def test_opens_what_cryptography_seals(key_bytes: int, size: int) -> None:
    secret = X25519PrivateKey.generate()
    aead = {16: reference.AEAD.AES_128_GCM, 32: reference.AEAD.AES_256_GCM}[key_bytes]
    suite = reference.Suite(reference.KEM.X25519, reference.KDF.HKDF_SHA256, aead)
    plain = os.urandom(size)
    out = suite.encrypt(plain, secret.public_key(), info=b"some info")
    context = receive(secret.private_bytes_raw(), out[:32], b"some info", key_bytes)
    assert open_sealed(context, out[32:]) == plain


@pytest.mark.parametrize("key_bytes", KEY_BYTES)
def test_opens_what_pyhpke_seals_and_exports_the_same(key_bytes: int) -> None:
    secret = X25519PrivateKey.generate()
    aead = {16: AEADId.AES128_GCM, 32: AEADId.AES256_GCM}[key_bytes]
    suite = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, aead)
    key = KEMKey.from_pyca_cryptography_key(secret.public_key())
    enc, theirs = suite.create_sender_context(key, info=b"x" * 64)
    context = receive(secret.private_bytes_raw(), enc, b"x" * 64, key_bytes)
    assert open_sealed(context, theirs.seal(b"hello", b"aad"), b"aad") == b"hello"
    assert export(context, b"a label", 32) == theirs.export(b"a label", 32)


@pytest.mark.parametrize("point", [bytes(32), b"\1" + bytes(31), b"\xec" + b"\xff" * 30 + b"\x7f"])
def test_low_order_points_are_refused(point: bytes) -> None:
    context = ffi.new("clo_hpke *")
    err = lib.clo_hpke_receive(context, PORT, 32, pair(bytes(range(32))), point, b"", 0)
    assert err == lib.CLO_E_CRYPTO


def test_input_that_does_not_fit_the_buffers_is_refused() -> None:
    context = ffi.new("clo_hpke *")
    arguments = (PORT, 32, pair(bytes(range(32))))
    enc = X25519PrivateKey.generate().public_key().public_bytes_raw()
    assert lib.clo_hpke_receive(context, *arguments, enc, bytes(300), 300) == lib.CLO_E_PORT
    label = b"l" * 57 + b"\0"
    head = bytes(7)
    assert lib.clo_ohttp_receive(context, *arguments, label, head, enc) == lib.CLO_E_PORT


def test_rfc_9458_key_config_request_and_response_byte_for_byte() -> None:
    v = Rfc9458
    secret = X25519PrivateKey.from_private_bytes(v.secret_key)
    head = ffi.new("uint8_t[7]")
    lib.clo_ohttp_head(head, v.sealed_request[0], 16)
    assert bytes(head) == v.sealed_request[:7]
    config = ffi.new("uint8_t[41]")
    lib.clo_ohttp_config(config, 1, secret.public_key().public_bytes_raw(), 16)
    # The vector's config lists two AEADs, ours one: the same up to the length of the list.
    assert bytes(config) == v.key_config[:35] + b"\0\4" + v.key_config[37:41]
    context = ffi.new("clo_hpke *")
    enc, label = v.sealed_request[7:39], b"message/bhttp request"
    own = pair(v.secret_key)
    assert lib.clo_ohttp_receive(context, PORT, 16, own, label, head, enc) == lib.CLO_OK
    assert open_sealed(context, v.sealed_request[39:]) == v.request
    key, nonce, label = ffi.new("uint8_t[32]"), ffi.new("uint8_t[32]"), b"message/bhttp response"
    assert lib.clo_ohttp_answer(context, label, enc, v.response_nonce, key, nonce) == lib.CLO_OK
    message, tag, n = ffi.new("uint8_t[]", v.response), ffi.new("uint8_t[16]"), len(v.response)
    assert PORT.aes_gcm_seal(PORT.ctx, key, 16, nonce, ffi.NULL, 0, message, n, tag) == 0
    sealed = bytes(ffi.buffer(message, n)) + bytes(tag)
    assert v.response_nonce + sealed == v.sealed_response


def test_opens_requests_of_the_client_code_and_it_opens_the_answers() -> None:
    secret = X25519PrivateKey.generate()
    config = ohttp.KeyConfig(9, secret.public_key().public_bytes_raw())
    sealed, exchange = ohttp.seal_request(config, b"a message")
    context = ffi.new("clo_hpke *")
    own = pair(secret.private_bytes_raw())
    label = b"cloister tensor request"
    assert lib.clo_ohttp_receive(context, PORT, 32, own, label, sealed[:7], sealed[7:39]) == 0
    assert open_sealed(context, sealed[39:]) == b"a message"
    key, nonce, salt = ffi.new("uint8_t[32]"), ffi.new("uint8_t[32]"), os.urandom(32)
    label = b"cloister tensor response"
    assert lib.clo_ohttp_answer(context, label, sealed[7:39], salt, key, nonce) == 0
    message, tag = ffi.new("uint8_t[]", b"an answer"), ffi.new("uint8_t[16]")
    assert PORT.aes_gcm_seal(PORT.ctx, key, 32, nonce, ffi.NULL, 0, message, 9, tag) == 0
    assert exchange.open_response(salt + bytes(ffi.buffer(message, 9)) + bytes(tag)) == b"an answer"


@pytest.mark.parametrize("key_bytes", [0, 24, 33])
def test_port_refuses_other_key_sizes(key_bytes: int) -> None:
    buf, tag = ffi.new("uint8_t[16]"), ffi.new("uint8_t[16]")
    key, nonce = bytes(64), bytes(12)
    assert PORT.aes_gcm_seal(PORT.ctx, key, key_bytes, nonce, ffi.NULL, 0, buf, 16, tag) != 0
    assert PORT.aes_gcm_open(PORT.ctx, key, key_bytes, nonce, ffi.NULL, 0, buf, 16, tag) != 0
