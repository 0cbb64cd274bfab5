"""A fake of an enclave and its host: real keys, real sealing, no network behind it.

It answers with `answer(tensors)`. Everything that a test wants to be wrong is an argument.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from cloister.attest import sandbox
from cloister.attest.claims import DEBUG_ENABLED, Claims, report_data
from cloister.attest.evidence import Evidence
from cloister.attest.policy import Policy, policy_text
from cloister.attest.receipt import TAIL_CHECKS, Receipt
from cloister.attest.tee import CONFINEMENT
from cloister.channel.message import (
    HAS_NAN,
    HOST_CHOSEN,
    Array,
    has_nan,
    read_message,
    write_message,
)
from cloister.channel.ohttp import KeyConfig, open_request
from cloister.pack.manifest import File, Manifest, Parity, Tensor
from cloister.preprocess import imagenet_default

NOW = 1_800_000_000
LIFE_S = 86_400
MODEL_DIGEST = hashlib.sha256(b"header").digest()


def manifest(**changes: Any) -> Manifest:  # noqa: ANN401
    made = Manifest(
        name="net",
        mode="split",
        cut="relu_1",
        head=File.of("head.clo", b"head"),
        model_digest=MODEL_DIGEST.hex(),
        tail=File.of("tail.onnx", b"tail"),
        inputs=(Tensor("image", (1, 3, 8, 8)),),
        crossing=(Tensor("relu_1", (1, 4, 8, 8)),),
        outputs=(Tensor("logits", (1, 3)),),
        preprocess=imagenet_default((1, 3, 8, 8)),
        labels=("cat", "dog", "frog"),
        engine="0.1.0",
        model_name="net.onnx",
        model_sha256="ab" * 32,
        parity=Parity(5, "photographs", 1e-4),
    )
    return replace(made, **changes)


WHOLE: dict[str, Any] = {"mode": "whole", "cut": None, "tail": None, "crossing": ()}


def policy_of(made: Manifest, **changes: Any) -> Policy:  # noqa: ANN401
    text = policy_text(made.digest, model_digest=made.model_digest, name=made.name, mode=made.mode)
    return replace(Policy.from_toml(text), **changes)


def sums(tensors: list[Array]) -> list[Array]:
    """What the fake's network computes: the sum, its negative, and 0."""
    total = float(sum(float(tensor.sum()) for tensor in tensors))
    return [np.array([[total, -total, 0]], np.float32)]


def sign(key: Ed25519PrivateKey, signed: bytes) -> bytes:
    """Sandbox evidence over this report data, as the sandbox makes it."""
    signature = key.sign(sandbox.PREFIX + signed)
    return key.public_key().public_bytes_raw() + signature + bytes(32)


@dataclass
class FakeEnclave:
    manifest: Manifest = field(default_factory=manifest)
    answer: Callable[[list[Array]], list[Array]] = sums
    key_id: int = 1
    key: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)
    receipt_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    signer: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    opened: list[list[Array]] = field(default_factory=list)

    @property
    def key_config(self) -> bytes:
        return KeyConfig(self.key_id, self.key.public_key().public_bytes_raw()).to_bytes()

    def claims(self, nonce: bytes | None, **changes: Any) -> Claims:  # noqa: ANN401
        made = Claims(
            exp=NOW + LIFE_S,
            iat=NOW,
            nonce=nonce,
            debug_status=DEBUG_ENABLED,
            key_config=self.key_config,
            receipt_key=self.receipt_key.public_key().public_bytes_raw(),
            manifest_digest=bytes.fromhex(self.manifest.digest),
            model_digest=MODEL_DIGEST,
            engine_version="0.1.0",
            tee="sandbox",
            level=",".join(CONFINEMENT),
            kernels="avx512",
        )
        return replace(made, **changes)

    def sign(self, claims: bytes, media_type: str = sandbox.MEDIA_TYPE) -> bytes:
        """The evidence document for these claims."""
        signed = sign(self.signer, report_data(claims))
        return Evidence(claims, media_type, signed).to_bytes()

    def document(self, nonce: bytes | None, **changes: Any) -> bytes:  # noqa: ANN401
        return self.sign(self.claims(nonce, **changes).to_bytes())

    def receipt(self, sealed: bytes, response: bytes, **changes: Any) -> bytes:  # noqa: ANN401
        """What it signs about a request and its answer."""
        unsigned = Receipt(
            host_time=NOW,
            manifest_digest=bytes.fromhex(self.manifest.digest),
            model_digest=MODEL_DIGEST,
            request_digest=hashlib.sha256(sealed).digest(),
            response_digest=hashlib.sha256(response).digest(),
            tail_check=TAIL_CHECKS[self.manifest.mode],
            signature=bytes(64),
        )
        said = replace(unsigned, **changes)
        return replace(said, signature=self.receipt_key.sign(said.signed)).to_bytes()

    def infer(self, sealed: bytes, *, flags: int | None = None) -> bytes:
        """Opens a request, answers it, seals the response."""
        plain, exchange = open_request({self.key_id: self.key}, sealed)
        tensors = read_message(plain, self.manifest.inputs).tensors
        self.opened.append(tensors)
        outputs = self.answer(tensors)
        if flags is None:
            flags = HOST_CHOSEN if self.manifest.mode == "split" else 0
            flags |= HAS_NAN if has_nan(outputs) else 0
        return exchange.seal_response(write_message(outputs, flags=flags))
