"""OHTTP encapsulation (RFC 9458) of messages: sealed requests and sealed responses.

The bytes are specified in docs/formats/message.md. Rules kept:
* One suite on the wire: X25519, HKDF-SHA256, AES-256-GCM. Key configs that name another, or more,
  are refused: there is nothing to negotiate down. RFC 9458's own labels and AES-128-GCM are
  reachable by arguments, for its vectors.
* A response opens only with the context of the request that asked for it.
* Whatever does not open raises `hpke.NotOpened`, and says no more.

It checks no evidence: a key config must have come from appraised claims.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cloister.channel import hpke
from cloister.channel.hpke import AES_256_GCM, ENC_BYTES, NONCE_BYTES, TAG_BYTES, Aead, NotOpened
from cloister.errors import Refused

WIRE_ALGORITHMS: Final = ((hpke.KDF_HKDF_SHA256, AES_256_GCM.id),)
KEY_CONFIG_BYTES: Final = 41
HEAD_BYTES: Final = 7
REQUEST_OVERHEAD: Final = HEAD_BYTES + ENC_BYTES + TAG_BYTES  # 55
RESPONSE_NONCE_BYTES: Final = 32  # max(Nn, Nk) with AES-256-GCM
RESPONSE_OVERHEAD: Final = RESPONSE_NONCE_BYTES + TAG_BYTES  # 48
KEY_PROBLEM: Final = "https://iana.org/assignments/http-problem-types#ohttp-key"
DATE_PROBLEM: Final = "https://iana.org/assignments/http-problem-types#date"
_HEAD: Final = struct.Struct(">BHHH")
_CONFIG_START: Final = struct.Struct(">BH32sH")
_ALGORITHM: Final = struct.Struct(">HH")


@dataclass(frozen=True)
class Labels:
    """What a request's info and a response's export begin with (RFC 9458 section 4.6)."""

    request: bytes
    response: bytes


LABELS: Final = Labels(b"cloister tensor request", b"cloister tensor response")
RFC_LABELS: Final = Labels(b"message/bhttp request", b"message/bhttp response")


class BadKeyConfig(Refused):
    """A key config that this version does not use."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the enclave's key config {what}", code="bad-key-config")


class UnknownKey(Refused):
    """A request that names a key which is not here."""

    def __init__(self) -> None:
        super().__init__("the sealed message is for a key that is not here", code="unknown-key")


@dataclass(frozen=True)
class KeyConfig:
    """A public key and what to use with it (RFC 9458 section 3.1, without length prefix).

    Args:
        key_id: 0..255.
        public_key: X25519, 32 bytes.
        algorithms: Pairs of KDF and AEAD identifiers.
    """

    key_id: int
    public_key: bytes
    algorithms: tuple[tuple[int, int], ...] = WIRE_ALGORITHMS

    def to_bytes(self) -> bytes:
        """41 bytes with the algorithms of the wire."""
        pairs = b"".join(_ALGORITHM.pack(*pair) for pair in self.algorithms)
        return (
            _CONFIG_START.pack(
                self.key_id, hpke.KEM_X25519_HKDF_SHA256, self.public_key, len(pairs)
            )
            + pairs
        )

    @classmethod
    def from_bytes(
        cls, data: bytes, *, algorithms: tuple[tuple[int, int], ...] = WIRE_ALGORITHMS
    ) -> KeyConfig:
        """Reads a key config that must name exactly these algorithms.

        Raises:
            BadKeyConfig: It has another length, KEM, or other algorithms.
        """
        expected = _CONFIG_START.size + _ALGORITHM.size * len(algorithms)
        if len(data) != expected:
            raise BadKeyConfig(f"has {len(data)} bytes, expected {expected}")
        key_id, kem, public_key, _ = _CONFIG_START.unpack_from(data)
        if kem != hpke.KEM_X25519_HKDF_SHA256:
            raise BadKeyConfig(f"names KEM {kem:#06x}, expected X25519 (0x0020)")
        config = cls(key_id, public_key, algorithms)
        if config.to_bytes() != data:
            raise BadKeyConfig("names other algorithms than HKDF-SHA256 with AES-256-GCM")
        return config


class Exchange:
    """One request's context: seals or opens its response, and nothing else's."""

    def __init__(self, enc: bytes, context: hpke.Context, labels: Labels) -> None:
        self._enc = enc
        self._context = context
        self._labels = labels

    def __repr__(self) -> str:
        return f"<Exchange AEAD {self._context.aead.id}>"

    @property
    def nonce_bytes(self) -> int:
        """Length of a response's nonce: max(Nn, Nk) (section 4.4)."""
        return max(NONCE_BYTES, self._context.aead.key_bytes)

    def _response_cipher(self, nonce: bytes) -> tuple[AESGCM, bytes]:
        secret = self._context.export(self._labels.response, self.nonce_bytes)
        prk = hpke.extract(self._enc + nonce, secret)
        key = hpke.expand(prk, b"key", self._context.aead.key_bytes)
        return AESGCM(key), hpke.expand(prk, b"nonce", NONCE_BYTES)

    def seal_response(self, message: bytes, *, nonce: bytes | None = None) -> bytes:
        """Seals the response (section 4.4); the nonce is given only where vectors are checked."""
        nonce = secrets.token_bytes(self.nonce_bytes) if nonce is None else nonce
        cipher, aead_nonce = self._response_cipher(nonce)
        return nonce + cipher.encrypt(aead_nonce, message, b"")

    def open_response(self, sealed: bytes) -> bytes:
        """Opens the response to this request.

        Raises:
            NotOpened: It was changed, cut, or answers another request.
        """
        n = self.nonce_bytes
        if len(sealed) < n + TAG_BYTES:
            raise NotOpened
        cipher, aead_nonce = self._response_cipher(sealed[:n])
        try:
            return cipher.decrypt(aead_nonce, sealed[n:], b"")
        except (InvalidTag, ValueError) as error:
            raise NotOpened from error


def seal_request(
    config: KeyConfig,
    message: bytes,
    *,
    aead: Aead = AES_256_GCM,
    labels: Labels = LABELS,
    ephemeral: X25519PrivateKey | None = None,
) -> tuple[bytes, Exchange]:
    """Seals a request (RFC 9458 section 4.3).

    Args:
        config: The enclave's key, from appraised claims.
        message: Plain message.
        aead: AES-256-GCM but for the RFC's vectors.
        labels: Ours but for the RFC's vectors.
        ephemeral: Given only where vectors are checked; else made here.

    Returns:
        The sealed request, and the exchange that opens its response.

    Raises:
        BadPublicKey: Nothing can be sealed to this key (it is of low order).
    """
    head = _HEAD.pack(config.key_id, hpke.KEM_X25519_HKDF_SHA256, hpke.KDF_HKDF_SHA256, aead.id)
    info = labels.request + b"\x00" + head
    enc, context = hpke.setup_sender(config.public_key, info, aead, ephemeral=ephemeral)
    return head + enc + context.seal(message), Exchange(enc, context, labels)


def open_request(
    keys: Mapping[int, X25519PrivateKey],
    sealed: bytes,
    *,
    aead: Aead = AES_256_GCM,
    labels: Labels = LABELS,
) -> tuple[bytes, Exchange]:
    """Opens a request: what an enclave does, here for tests and for a key broker.

    Args:
        keys: Secret keys by key id.
        sealed: The sealed request.
        aead: AES-256-GCM but for the RFC's vectors.
        labels: Ours but for the RFC's vectors.

    Returns:
        The plain message, and the exchange that seals its response.

    Raises:
        UnknownKey: It names a key or an algorithm that is not here.
        NotOpened: It does not open.
    """
    if len(sealed) < HEAD_BYTES + ENC_BYTES + TAG_BYTES:
        raise NotOpened
    key_id, kem, kdf, aead_id = _HEAD.unpack_from(sealed)
    algorithms = (hpke.KEM_X25519_HKDF_SHA256, hpke.KDF_HKDF_SHA256, aead.id)
    if key_id not in keys or (kem, kdf, aead_id) != algorithms:
        raise UnknownKey
    enc = sealed[HEAD_BYTES : HEAD_BYTES + ENC_BYTES]
    info = labels.request + b"\x00" + sealed[:HEAD_BYTES]
    context = hpke.setup_recipient(enc, keys[key_id], info, aead)
    message = context.open(sealed[HEAD_BYTES + ENC_BYTES :])
    return message, Exchange(enc, context, labels)
