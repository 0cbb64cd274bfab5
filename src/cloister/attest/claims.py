"""Claims: what an enclave says of itself, signed by its TEE. Deterministic CBOR, an EAT (RFC 9711).

The bytes are specified in docs/formats/claims.md. Rules kept:
* One form: what was decoded is encoded again and compared, so duplicate keys, other orders, longer
  numbers, tags and trailing bytes are refused.
* Exactly the keys of the table; a missing or unknown one is refused.

It judges nothing: verifier.py does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import cbor2

from cloister.errors import Refused

PROFILE: Final = "tag:cloister.example,2026:eat/1"
REPORT_DATA_PREFIX: Final = b"cloister/v1 report-data\x00"
CLAIMS_MAX_BYTES: Final = 4096
DEBUG_ENABLED: Final = 0
DEBUG_DISABLED: Final = 1
_U64: Final = 1 << 64
_TEXT_MAX: Final = 256


class BadClaims(Refused):
    """Claims that are not of this version's one form."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the enclave's claims {what}", code="bad-claims")


@dataclass(frozen=True)
class Claims:
    """What the enclave says.

    Args:
        exp: Seconds since 1970: the host's word.
        iat: Seconds since 1970: the host's word.
        nonce: The client's; None if the enclave was given none.
        debug_status: `DEBUG_ENABLED` or `DEBUG_DISABLED`.
        key_config: To which requests are sealed; 41 bytes.
        receipt_key: Ed25519 public key, 32 bytes.
        manifest_digest: SHA-256 of manifest.json, as the host gave it.
        model_digest: SHA-256 of the container's header, computed by the enclave.
        engine_version: Version of the enclave core.
        tee: Kind of TEE.
        level: What the port did to confine itself, comma-separated.
        kernels: Vector width in use.
    """

    exp: int
    iat: int
    nonce: bytes | None
    debug_status: int
    key_config: bytes
    receipt_key: bytes
    manifest_digest: bytes
    model_digest: bytes
    engine_version: str
    tee: str
    level: str
    kernels: str

    @property
    def levels(self) -> frozenset[str]:
        """The level's parts."""
        return frozenset(part for part in self.level.split(",") if part)

    def to_bytes(self) -> bytes:
        """Deterministic CBOR (RFC 8949 section 4.2.1)."""
        fields: dict[int, Any] = {265: PROFILE}
        for key, name, _ in _FIELDS:
            value = getattr(self, name)
            if value is not None:
                fields[key] = value
        return cbor2.dumps(fields, canonical=True)

    @classmethod
    def from_bytes(cls, data: bytes) -> Claims:
        """Reads claims.

        Raises:
            BadClaims: They are not CBOR, not canonical, or a key is missing, unknown or ill-typed.
        """
        if len(data) > CLAIMS_MAX_BYTES:
            raise BadClaims(f"have {len(data)} bytes, at most {CLAIMS_MAX_BYTES} are taken")
        fields = _decode(data)
        if fields.pop(265, None) != PROFILE:
            raise BadClaims(f"are not of the profile {PROFILE}")
        values: dict[str, Any] = {}
        for key, name, check in _FIELDS:
            value = fields.pop(key, None)
            if value is None and name != "nonce":
                raise BadClaims(f"lack {name} (key {key})")
            if value is not None and not check(value):
                raise BadClaims(f"have a {name} (key {key}) of another type or length")
            values[name] = value
        if fields:
            raise BadClaims(f"have an unknown key {next(iter(fields))!r:.40}")
        claims = cls(**values)
        if claims.to_bytes() != data:
            raise BadClaims("are not in deterministic CBOR")
        return claims


def report_data(claims: bytes) -> bytes:
    """What every TEE signs to bind these claims: 64 bytes."""
    return hashlib.sha512(REPORT_DATA_PREFIX + claims).digest()


def _decode(data: bytes) -> dict[Any, Any]:
    try:
        fields = cbor2.loads(data)
    # Tags run decoders of their own (dates, regular expressions...): any exception means hostile.
    except Exception as error:
        raise BadClaims("are not CBOR") from error
    if type(fields) is not dict:
        raise BadClaims("are no CBOR map")
    return fields


def _number(value: object) -> bool:
    return type(value) is int and 0 <= value < _U64


def _bytes(least: int, most: int | None = None) -> Callable[[object], bool]:
    most = least if most is None else most
    return lambda value: type(value) is bytes and least <= len(value) <= most


def _text(value: object) -> bool:
    return type(value) is str and len(value) <= _TEXT_MAX and value.isprintable()


def _debug(value: object) -> bool:
    return type(value) is int and value in (DEBUG_ENABLED, DEBUG_DISABLED)


_FIELDS: Final[tuple[tuple[int, str, Callable[[object], bool]], ...]] = (
    (4, "exp", _number),
    (6, "iat", _number),
    (10, "nonce", _bytes(8, 64)),
    (263, "debug_status", _debug),
    (-70001, "key_config", _bytes(41)),
    (-70002, "receipt_key", _bytes(32)),
    (-70003, "manifest_digest", _bytes(32)),
    (-70004, "model_digest", _bytes(32)),
    (-70005, "engine_version", _text),
    (-70006, "tee", _text),
    (-70007, "level", _text),
    (-70008, "kernels", _text),
)
