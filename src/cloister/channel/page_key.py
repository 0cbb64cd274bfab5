"""The page key of a sealed container, sealed for one enclave: HPKE (RFC 9180), base mode.

The bytes are specified in docs/formats/container.md, "The page key". The info binds the claims that
the enclave answered last, so that a key released to appraised claims opens for the instance that
made them and for no other, and the key's name, so that it opens for no other container's key.

It judges no claims: whoever calls has appraised them.
"""

from __future__ import annotations

import hashlib
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from cloister.channel.hpke import AES_256_GCM, ENC_BYTES, setup_recipient, setup_sender
from cloister.channel.ohttp import KeyConfig

LABEL: Final = b"cloister/v1 model key\x00"
PAGE_KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 16


def seal_page_key(
    page_key: bytes,
    *,
    config: KeyConfig,
    claims: bytes,
    key_id: bytes,
    ephemeral: X25519PrivateKey | None = None,
) -> bytes:
    """Seals a page key for the enclave that made these claims.

    Args:
        page_key: 32 bytes.
        config: The enclave's key, from the appraised claims.
        claims: The claims' exact bytes (CBOR).
        key_id: The key's name in the container's header, 16 bytes.
        ephemeral: Given only where vectors are checked; else made here.

    Returns:
        enc (32) and ciphertext with tag (48): payload of a KEY frame.

    Raises:
        BadPublicKey: Nothing can be sealed to this key (it is of low order).
        ValueError: page_key or key_id has another length: a mistake of the caller.
    """
    if len(page_key) != PAGE_KEY_BYTES or len(key_id) != KEY_ID_BYTES:
        raise ValueError("a page key has 32 bytes, its name 16")
    info = _info(claims, key_id)
    enc, context = setup_sender(config.public_key, info, AES_256_GCM, ephemeral=ephemeral)
    return enc + context.seal(page_key)


def open_page_key(
    sealed: bytes, secret_key: X25519PrivateKey, *, claims: bytes, key_id: bytes
) -> bytes:
    """Opens a sealed page key: what an enclave does, here for tests.

    Raises:
        NotOpened: It was changed, or sealed for another key, other claims or another name.
    """
    context = setup_recipient(sealed[:ENC_BYTES], secret_key, _info(claims, key_id), AES_256_GCM)
    return context.open(sealed[ENC_BYTES:])


def _info(claims: bytes, key_id: bytes) -> bytes:
    return LABEL + hashlib.sha256(claims).digest() + key_id
