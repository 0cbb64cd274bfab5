"""HPKE against RFC 9180's vectors and two implementations that are not ours."""

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke as reference
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey
from rfc_vectors import Rfc9180

from cloister.channel import hpke

AEADS = [hpke.AES_128_GCM, hpke.AES_256_GCM]
PY_AEADS = {1: AEADId.AES128_GCM, 2: AEADId.AES256_GCM}
REFERENCE_AEADS = {1: reference.AEAD.AES_128_GCM, 2: reference.AEAD.AES_256_GCM}
LOW_ORDER_POINTS = [
    bytes(32),
    b"\x01" + bytes(31),
    bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
]


def _vector_contexts() -> tuple[bytes, hpke.Context, hpke.Context]:
    v = Rfc9180
    recipient = X25519PrivateKey.from_private_bytes(v.skRm)
    assert recipient.public_key().public_bytes_raw() == v.pkRm
    enc, sender = hpke.setup_sender(
        v.pkRm,
        v.info,
        hpke.AES_128_GCM,
        ephemeral=X25519PrivateKey.from_private_bytes(v.skEm),
    )
    return enc, sender, hpke.setup_recipient(enc, recipient, v.info, hpke.AES_128_GCM)


def test_rfc_9180_encryptions_byte_for_byte() -> None:
    enc, sender, recipient = _vector_contexts()
    assert enc == Rfc9180.pkEm
    wanted = dict(Rfc9180.encryptions)
    for sequence in range(257):
        aad = f"Count-{sequence}".encode()
        sealed = sender.seal(Rfc9180.pt, aad)
        assert sealed == wanted.pop(sequence, sealed)
        assert recipient.open(sealed, aad) == Rfc9180.pt
    assert not wanted


def test_rfc_9180_exports_byte_for_byte() -> None:
    _, sender, recipient = _vector_contexts()
    for context, value in Rfc9180.exports:
        assert sender.export(context, 32) == value
        assert recipient.export(context, 32) == value


def _py_suite(aead: hpke.Aead) -> CipherSuite:
    return CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, PY_AEADS[aead.id])


@pytest.mark.parametrize("aead", AEADS, ids=lambda a: f"aead{a.id}")
def test_pyhpke_opens_what_we_seal_and_exports_the_same(aead: hpke.Aead) -> None:
    secret = X25519PrivateKey.generate()
    enc, ours = hpke.setup_sender(secret.public_key().public_bytes_raw(), b"info", aead)
    theirs = _py_suite(aead).create_recipient_context(
        enc, KEMKey.from_pyca_cryptography_key(secret), info=b"info"
    )
    for n in (0, 1, 1000):
        assert theirs.open(ours.seal(bytes(n), b"aad"), b"aad") == bytes(n)
    assert theirs.export(b"label", 77) == ours.export(b"label", 77)


@pytest.mark.parametrize("aead", AEADS, ids=lambda a: f"aead{a.id}")
def test_we_open_what_pyhpke_seals(aead: hpke.Aead) -> None:
    secret = X25519PrivateKey.generate()
    enc, theirs = _py_suite(aead).create_sender_context(
        KEMKey.from_pyca_cryptography_key(secret.public_key()), info=b"info"
    )
    ours = hpke.setup_recipient(enc, secret, b"info", aead)
    for n in (0, 1, 1000):
        assert ours.open(theirs.seal(bytes(n), b"aad"), b"aad") == bytes(n)
    assert theirs.export(b"label", 77) == ours.export(b"label", 77)


@pytest.mark.parametrize("aead", AEADS, ids=lambda a: f"aead{a.id}")
def test_interoperates_with_cryptography(aead: hpke.Aead) -> None:
    suite = reference.Suite(
        reference.KEM.X25519, reference.KDF.HKDF_SHA256, REFERENCE_AEADS[aead.id]
    )
    secret = X25519PrivateKey.generate()
    sealed = suite.encrypt(b"to us", secret.public_key(), info=b"info")
    ours = hpke.setup_recipient(sealed[:32], secret, b"info", aead)
    assert ours.open(sealed[32:]) == b"to us"

    enc, sender = hpke.setup_sender(secret.public_key().public_bytes_raw(), b"info", aead)
    ciphertext = sender.seal(b"to them")
    assert suite.decrypt(enc + ciphertext, secret, info=b"info") == b"to them"
    with pytest.raises(InvalidTag):
        suite.decrypt(enc + ciphertext, secret, info=b"other")


def test_a_context_seals_the_same_bytes_to_other_bytes_each_time() -> None:
    public = X25519PrivateKey.generate().public_key().public_bytes_raw()
    _, context = hpke.setup_sender(public, b"", hpke.AES_256_GCM)
    assert len({context.seal(b"same") for _ in range(100)}) == 100


def test_a_failed_open_does_not_advance_the_context() -> None:
    _, sender, recipient = _vector_contexts()
    sealed = sender.seal(b"first")
    with pytest.raises(hpke.NotOpened):
        recipient.open(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    assert recipient.open(sealed) == b"first"


def test_refuses_messages_out_of_order() -> None:
    _, sender, recipient = _vector_contexts()
    sender.seal(b"first")
    with pytest.raises(hpke.NotOpened):
        recipient.open(sender.seal(b"second"))


@pytest.mark.parametrize("point", LOW_ORDER_POINTS, ids=lambda p: p.hex()[:8])
def test_refuses_keys_of_low_order(point: bytes) -> None:
    with pytest.raises(hpke.BadPublicKey):
        hpke.setup_sender(point, b"", hpke.AES_256_GCM)
    with pytest.raises(hpke.NotOpened):
        hpke.setup_recipient(point, X25519PrivateKey.generate(), b"", hpke.AES_256_GCM)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_refuses_enc_of_another_length(length: int) -> None:
    with pytest.raises(hpke.NotOpened):
        hpke.setup_recipient(bytes(length), X25519PrivateKey.generate(), b"", hpke.AES_256_GCM)


def test_shows_no_secret_in_its_repr() -> None:
    _, sender, _ = _vector_contexts()
    assert repr(sender) == "<Context AEAD 1>"
