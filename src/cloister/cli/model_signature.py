"""OpenSSF model signing: did this key sign this network? (`pip install 'cloister[signing]'`)

The signature is a Sigstore bundle with an in-toto statement (predicate
https://model_signing/signature/v1.0), verified by the `model-signing` package with a plain
elliptic-curve key: nothing is fetched, no transparency log is asked.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from model_signing import verifying

from cloister.errors import Refused, UserError


def verify(model: Path, signature: Path, key: Path) -> str:
    """Verifies the signature of one file.

    Args:
        model: The network's file.
        signature: What `model_signing sign` wrote.
        key: PEM of the public key.

    Returns:
        SHA-256 of the key's DER SubjectPublicKeyInfo, hex.

    Raises:
        UserError: A file cannot be read, or the key is no EC public key.
        Refused: The signature is not that key's over this file.
    """
    try:
        found = load_pem_public_key(key.read_bytes())
        signature.read_bytes()
    except OSError as error:
        raise UserError(
            f"{error.filename}: {error.strerror or error}", code="no-such-file"
        ) from error
    except ValueError as error:
        raise UserError(f"--model-key {key} is no public key in PEM", code="bad-key") from error
    if not isinstance(found, EllipticCurvePublicKey):
        raise UserError(
            f"--model-key {key} is of another kind than an elliptic curve's", code="bad-key"
        )
    try:
        verifying.Config().use_elliptic_key_verifier(public_key=key).verify(model, signature)
    # The package raises whatever its parsers raise: any exception means that it does not hold.
    except Exception as error:
        raise Refused(
            f"--model-signature {signature} is not the signature of {model} by {key}: "
            f"{type(error).__name__}",
            code="model-signature",
            hint="Take network and signature from the same release; nothing was packed.",
        ) from error
    der = found.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()
