"""HPKE, RFC 9180: base mode with contexts and Export, on `cryptography`'s primitives.

`cryptography`'s own HPKE seals single messages and has no Export, from which OHTTP makes the key of
the response. KEM is DHKEM(X25519, HKDF-SHA256), KDF is HKDF-SHA256; AES-128-GCM runs the RFC's
vectors, AES-256-GCM is on the wire.

Rules kept:
* A context seals or opens each sequence number once; it advances only on success (section 5.2).
* Whatever does not open raises `NotOpened`, and says no more.

Not here: PSK and Auth modes, other KEMs.
"""

from __future__ import annotations

import hmac
import struct
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cloister.errors import Refused

KEM_X25519_HKDF_SHA256: Final = 0x0020
KDF_HKDF_SHA256: Final = 0x0001
NONCE_BYTES: Final = 12  # Nn
TAG_BYTES: Final = 16
ENC_BYTES: Final = 32  # Nenc
HASH_BYTES: Final = 32  # Nh
_BASE_MODE: Final = b"\x00"
_KEM_SUITE: Final = b"KEM" + struct.pack(">H", KEM_X25519_HKDF_SHA256)


@dataclass(frozen=True)
class Aead:
    """An authenticated cipher: its identifier (RFC 9180 section 7.3) and bytes of its key."""

    id: int
    key_bytes: int


AES_128_GCM: Final = Aead(0x0001, 16)
AES_256_GCM: Final = Aead(0x0002, 32)


class NotOpened(Refused):
    """Something sealed does not open. Deliberately one error for every reason."""

    def __init__(self) -> None:
        super().__init__(
            "the sealed message does not open: it was changed, cut, or sealed for another key",
            code="not-opened",
        )


class BadPublicKey(Refused):
    """A public key to which nothing can be sealed."""

    def __init__(self) -> None:
        super().__init__(
            "the enclave's public key has no use: it is of low order", code="bad-public-key"
        )


def extract(salt: bytes, ikm: bytes) -> bytes:
    """HKDF-Extract with SHA-256 (RFC 5869 section 2.2)."""
    return hmac.digest(salt or bytes(HASH_BYTES), ikm, "sha256")


def expand(prk: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand with SHA-256 (RFC 5869 section 2.3); `length` at most 8160."""
    out = block = b""
    for counter in range(1, -(-length // HASH_BYTES) + 1):
        block = hmac.digest(prk, block + info + bytes([counter]), "sha256")
        out += block
    return out[:length]


def _labeled_extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return extract(salt, b"HPKE-v1" + suite + label + ikm)


def _labeled_expand(suite: bytes, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    return expand(prk, struct.pack(">H", length) + b"HPKE-v1" + suite + label + info, length)


def _shared_secret(dh: bytes, enc: bytes, recipient: bytes) -> bytes:
    """ExtractAndExpand of DHKEM (section 4.1)."""
    prk = _labeled_extract(_KEM_SUITE, b"", b"eae_prk", dh)
    return _labeled_expand(_KEM_SUITE, prk, b"shared_secret", enc + recipient, HASH_BYTES)


class Context:
    """What both sides hold after the key schedule (sections 5.1 to 5.3)."""

    def __init__(self, shared_secret: bytes, info: bytes, aead: Aead) -> None:
        suite = b"HPKE" + struct.pack(">HHH", KEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, aead.id)
        psk_id_hash = _labeled_extract(suite, b"", b"psk_id_hash", b"")
        info_hash = _labeled_extract(suite, b"", b"info_hash", info)
        schedule = _BASE_MODE + psk_id_hash + info_hash
        secret = _labeled_extract(suite, shared_secret, b"secret", b"")
        key = _labeled_expand(suite, secret, b"key", schedule, aead.key_bytes)
        self.aead = aead
        self._suite = suite
        self._cipher = AESGCM(key)
        self._base_nonce = _labeled_expand(suite, secret, b"base_nonce", schedule, NONCE_BYTES)
        self._exporter = _labeled_expand(suite, secret, b"exp", schedule, HASH_BYTES)
        self._sequence = 0

    def __repr__(self) -> str:
        return f"<Context AEAD {self.aead.id}>"

    def _nonce(self) -> bytes:
        base = int.from_bytes(self._base_nonce, "big")
        return (base ^ self._sequence).to_bytes(NONCE_BYTES, "big")

    def seal(self, plaintext: bytes, aad: bytes = b"") -> bytes:
        """Seals the next message of this context."""
        sealed = self._cipher.encrypt(self._nonce(), plaintext, aad)
        self._sequence += 1
        return sealed

    def open(self, sealed: bytes, aad: bytes = b"") -> bytes:
        """Opens the next message of this context.

        Raises:
            NotOpened: It is not the next message that the other side sealed.
        """
        try:
            plaintext = self._cipher.decrypt(self._nonce(), sealed, aad)
        except (InvalidTag, ValueError) as error:
            raise NotOpened from error
        self._sequence += 1
        return plaintext

    def export(self, label: bytes, length: int) -> bytes:
        """A secret of `length` bytes that both sides can make (section 5.3)."""
        return _labeled_expand(self._suite, self._exporter, b"sec", label, length)


def setup_sender(
    public_key: bytes, info: bytes, aead: Aead, *, ephemeral: X25519PrivateKey | None = None
) -> tuple[bytes, Context]:
    """SetupBaseS (section 5.1.1).

    Args:
        public_key: The recipient's, 32 bytes.
        info: Bound into the key schedule.
        aead: The cipher.
        ephemeral: Given only where vectors are checked; else made here.

    Returns:
        enc (32 bytes) and the context.

    Raises:
        BadPublicKey: The shared secret would be the same for everybody.
    """
    ephemeral = ephemeral or X25519PrivateKey.generate()
    enc = ephemeral.public_key().public_bytes_raw()
    try:
        dh = ephemeral.exchange(X25519PublicKey.from_public_bytes(public_key))
    except ValueError as error:
        raise BadPublicKey from error
    return enc, Context(_shared_secret(dh, enc, public_key), info, aead)


def setup_recipient(enc: bytes, secret_key: X25519PrivateKey, info: bytes, aead: Aead) -> Context:
    """SetupBaseR (section 5.1.1).

    Raises:
        NotOpened: `enc` is no key, or one of low order.
    """
    try:
        dh = secret_key.exchange(X25519PublicKey.from_public_bytes(enc))
    except ValueError as error:
        raise NotOpened from error
    own = secret_key.public_key().public_bytes_raw()
    return Context(_shared_secret(dh, enc, own), info, aead)
