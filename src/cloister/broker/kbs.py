"""Trustee's KBS as the source of a page key: for services inside a measured confidential VM.

The KBS attestation protocol (kbs/docs/kbs_attestation_protocol.md of confidential-containers/
trustee):

    (1) request      POST /kbs/v0/auth            -> nonce, and a session's cookie
    (2) attestation  POST /kbs/v0/attest          evidence over the digest of {nonce, tee-pubkey}
    (3) resource     GET  /kbs/v0/resource/REPOSITORY/page-key/KEY_ID -> JWE to tee-pubkey

The evidence is this enclave's document (docs/formats/claims.md) as `primary_evidence`; the nonce in
its claims is SHA-384 of the runtime data in JSON with sorted members and no white space. The KBS
needs an attestation service that appraises such documents.

**The protocol ends in this process.** The JWE is to a P-256 key that is made here, so this process
holds the page key in the clear for a moment before it seals it to the enclave. That is right only
where this process is inside the measured image, too (TDX, SEV-SNP): every other kind is refused,
but for the sandbox. Cloister's own broker has no such moment: docs/design/0006.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import time
from typing import Any, Final

import httpx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

from cloister.attest.claims import Claims
from cloister.attest.evidence import Evidence, decode_base64url, encode_base64url
from cloister.channel.ohttp import KeyConfig
from cloister.channel.page_key import PAGE_KEY_BYTES, seal_page_key
from cloister.errors import UserError
from cloister.serve.keys import (
    DEFAULT_TIMEOUT_S,
    Attest,
    ask,
    withheld,
)
from cloister.web import base_of

PROTOCOL: Final = "0.4.0"
ALGORITHM: Final = "ECDH-ES+A256KW"
# Kinds whose measured image holds this process, too, as the KBS names them.
KINDS: Final = {"tdx": "tdx", "snp": "snp", "sandbox": "sample"}
_COORDINATE_BYTES: Final = 32


class KbsKeys:
    """A Trustee KBS.

    Args:
        url: Its base.
        tee: Kind of enclave.
        repository: First part of the resource's path.
        timeout_s: For the whole of one try.
        transport: Replaces the network in tests.

    Raises:
        UserError: It is no URL, or the kind does not hold this process.
    """

    def __init__(
        self,
        url: str,
        tee: str,
        *,
        repository: str = "cloister",
        timeout_s: float = DEFAULT_TIMEOUT_S,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        if tee not in KINDS:
            raise UserError(
                f"--kbs is for {', '.join(KINDS)}: with {tee} this process is outside the TEE and "
                "would hold the key",
                code="kbs-kind",
                hint="Let a broker release it: serve --broker URL.",
            )
        self._url = base_of(url, "KBS", 8080)
        self._tee = KINDS[tee]
        self._repository = repository
        self._timeout_s = timeout_s
        self._transport = transport

    @property
    def name(self) -> str:
        """The KBS's address."""
        return f"KBS {self._url}"

    def fetch(self, key_id: bytes, attest: Attest) -> bytes:
        """Asks once, by the steps of this module's head; see `KeySource`."""
        end = time.monotonic() + self._timeout_s
        own = ec.generate_private_key(ec.SECP256R1())
        with httpx.Client(
            transport=self._transport, timeout=self._timeout_s, follow_redirects=False
        ) as http:
            # (1) request
            asked = {"version": PROTOCOL, "tee": self._tee, "extra-params": ""}
            nonce = self._call(http, "POST", "auth", asked, end=end).get("nonce")
            if not isinstance(nonce, str) or not nonce:
                raise withheld("kbs-answer", f"{self.name} gave no nonce")
            # (2) attestation
            runtime = {"nonce": nonce, "tee-pubkey": _jwk(own)}
            document = attest(runtime_digest(runtime))
            evidence = {"primary_evidence": json.loads(document), "additional_evidence": "{}"}
            attestation = {"runtime-data": runtime, "tee-evidence": evidence}
            token = self._call(http, "POST", "attest", attestation, end=end).get("token")
            bearer = {"Authorization": f"Bearer {token}"} if isinstance(token, str) else {}
            # (3) resource
            path = f"resource/{self._repository}/page-key/{key_id.hex()}"
            key = open_jwe(self._call(http, "GET", path, None, end=end, headers=bearer), own)
        if key is None or len(key) != PAGE_KEY_BYTES:
            what = "that does not open" if key is None else f"of {len(key)} bytes"
            raise withheld("kbs-answer", f"{self.name} gave a resource {what}, expected 32 bytes")
        claims = Evidence.from_bytes(document).claims
        config = KeyConfig.from_bytes(Claims.from_bytes(claims).key_config)
        return seal_page_key(key, config=config, claims=claims, key_id=key_id)

    def _call(
        self,
        http: httpx.Client,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        *,
        end: float,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """One request; the client keeps the session's cookie."""
        request = http.build_request(
            method, f"{self._url}/kbs/v0/{path}", json=body, headers=headers
        )
        response, fields = ask(http, request, end, self.name, "kbs")
        if response.status_code != 200:
            said = "".join(c for c in str((fields or {}).get("detail", "")) if c.isprintable())
            what = f"{self.name} says {response.status_code} to {method} {path}: {said[:300]}"
            raise withheld(f"kbs-{response.status_code}", what)
        if fields is None:
            raise withheld("kbs-answer", f"{self.name} answered no JSON object")
        return fields


def runtime_digest(runtime: dict[str, Any]) -> bytes:
    """What the evidence is made over: SHA-384 of the runtime data."""
    text = json.dumps(runtime, sort_keys=True, separators=(",", ":"))
    return hashlib.sha384(text.encode()).digest()


def open_jwe(fields: dict[str, Any], own: ec.EllipticCurvePrivateKey) -> bytes | None:
    """Opens a flattened JWE (RFC 7516) of ECDH-ES+A256KW and A256GCM; None if it does not open."""
    try:
        protected = fields["protected"]
        header = json.loads(decode_base64url(protected))
        if header["alg"] != ALGORITHM or header["enc"] != "A256GCM":
            return None
        kek = _agreed(own, _public(header["epk"]), header)
        key = aes_key_unwrap(kek, decode_base64url(fields["encrypted_key"]))
        sealed = decode_base64url(fields["ciphertext"]) + decode_base64url(fields["tag"])
        aad = protected + (f".{fields['aad']}" if fields.get("aad") else "")
        return AESGCM(key).decrypt(decode_base64url(fields["iv"]), sealed, aad.encode("ascii"))
    except (
        ValueError, TypeError, KeyError, AttributeError, RecursionError, InvalidTag, InvalidUnwrap
    ):  # fmt: skip
        return None


def _agreed(
    own: ec.EllipticCurvePrivateKey, theirs: ec.EllipticCurvePublicKey, header: dict[str, Any]
) -> bytes:
    """The key-encryption key (RFC 7518 section 4.6.2)."""
    info = b"".join(
        struct.pack(">I", len(part)) + part
        for part in (
            ALGORITHM.encode(),
            decode_base64url(header.get("apu", "")),
            decode_base64url(header.get("apv", "")),
        )
    )
    kdf = ConcatKDFHash(SHA256(), 32, info + struct.pack(">I", 256))
    return kdf.derive(own.exchange(ec.ECDH(), theirs))


def _public(jwk: dict[str, Any]) -> ec.EllipticCurvePublicKey:
    if (jwk["kty"], jwk["crv"]) != ("EC", "P-256"):
        raise ValueError("another curve")
    x, y = (int.from_bytes(base64.urlsafe_b64decode(jwk[c] + "==")) for c in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def _jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    x, y = (encode_base64url(n.to_bytes(_COORDINATE_BYTES)) for n in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "alg": ALGORITHM, "x": x, "y": y}
