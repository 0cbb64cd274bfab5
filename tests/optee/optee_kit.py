"""What the tests of OP-TEE share: one exchange with an instance, and applications that OP-TEE must
not load.
"""

from __future__ import annotations

import hashlib
import json
import struct
import time
from pathlib import Path

import numpy as np
import tiny_bundle
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from typer.testing import CliRunner

from cloister.channel.message import Array, read_message, write_message
from cloister.channel.ohttp import Exchange, KeyConfig, seal_request
from cloister.channel.page_key import seal_page_key
from cloister.cli.optee import app
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.optee import OpteeEnclave
from cloister.enclaves.protocol import Locked, Ready, Response
from cloister.optee import build
from cloister.pack.bundle import Bundle
from cloister.pack.manifest import Tensor
from cloister.pack.sealing import seal_container

PROBE = Path(__file__).parent / "probe.c"
PRIMITIVES = Path(__file__).parent / "primitives.c"
APPLICATION = f"/lib/optee_armtz/{build.UUID}.ta"
ANSWER_BYTES = 65536
DEADLINE_S = 60.0

X = np.linspace(-2, 2, tiny_bundle.FEATURES, dtype=np.float32).reshape(1, -1)


def soon() -> float:
    return time.monotonic() + DEADLINE_S


def load(enclave: OpteeEnclave, head: HeadFile) -> Ready:
    return enclave.link.load(head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())


PAGE_KEY = hashlib.sha256(b"the page key of the tests").digest()


def seal(bundle: Bundle, out: Path, *, key_id: bytes) -> Path:
    """The bundle's container with its pages sealed by `PAGE_KEY`."""
    seal_container(bundle.head, PAGE_KEY, key_id, out)
    return out


def start_sealed(enclave: OpteeEnclave, head: HeadFile) -> Ready | Locked:
    """Loads a sealed container: locked, unless the device keeps its key."""
    return enclave.link.load(head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())


def unlock(
    enclave: OpteeEnclave, locked: Locked, *, key: bytes = PAGE_KEY, claims: bytes | None = None
) -> Ready:
    """As an owner's broker that believed the claims."""
    attested = enclave.link.attest(None, 1, 2, deadline=soon())
    released = seal_page_key(
        key,
        config=KeyConfig.from_bytes(locked.key_config),
        claims=attested.claims if claims is None else claims,
        key_id=locked.key_id,
    )
    return enclave.link.key(released, deadline=soon())


def sealed(ready: Ready, *inputs: Array) -> tuple[bytes, Exchange]:
    return seal_request(KeyConfig.from_bytes(ready.key_config), write_message(list(inputs)))


def ask(
    enclave: OpteeEnclave, ready: Ready, request_id: int, x: Array, outputs: tuple[Tensor, ...]
) -> list[Array]:
    """Seals, asks, opens."""
    request, exchange = sealed(ready, x)
    response = enclave.link.request(request_id, request, deadline=soon())
    assert isinstance(response, Response)
    return read_message(
        exchange.open_response(bytes(response.sealed)), outputs, allowed_flags=0
    ).tensors


def invoke(*arguments: str) -> dict[str, object]:
    """`cloister optee …`: what it prints as JSON; raises as it does."""
    done = CliRunner().invoke(app, [*arguments, "--json"])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    told: dict[str, object] = json.loads(done.stdout)
    return told


def flipped(application: bytes) -> bytes:
    """With one bit of its code changed."""
    changed = bytearray(application)
    changed[len(changed) // 2] ^= 1
    return bytes(changed)


def signed_by_another_key(application: bytes) -> bytes:
    """The same image, rightly signed by a key that OP-TEE does not know (struct shdr of OP-TEE's
    signed_header.h).
    """
    hash_bytes, sig_bytes = struct.unpack_from("<HH", application, 16)
    digest = application[20 : 20 + hash_bytes]
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), hash_bytes)
    key = rsa.generate_private_key(65537, sig_bytes * 8)
    sig = key.sign(digest, pss, utils.Prehashed(hashes.SHA256()))
    return application[: 20 + hash_bytes] + sig + application[20 + hash_bytes + sig_bytes :]
