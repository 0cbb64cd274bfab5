"""What `cryptography` raises where a certificate or CRL turns out to be malformed.

It parses lazily: a damaged name, date or extension is found only when it is asked for, wherever
that is. So each step that touches certificates runs inside `reading`. And it warns of the serial
number 0, which AMD gives each VCEK and VLEK by design: the two loaders here are quiet about that.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from cloister.errors import Refused

MALFORMED: Final = (
    ValueError,
    TypeError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turns what a malformed certificate raises into a refusal; what it warns of is of no use to
    anybody, because the bytes are a stranger's.

    Raises:
        Refused: In place of it, with the code `certificate-form`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            yield
    except MALFORMED as error:
        raise Refused(
            f"{what}: a certificate or revocation list is malformed", code="certificate-form"
        ) from error


def load_pem(data: bytes) -> list[x509.Certificate]:
    """Certificates of PEM text.

    Raises:
        ValueError: There are none, or one is malformed.
    """
    return _quietly(x509.load_pem_x509_certificates, data)


def load_der(data: bytes) -> list[x509.Certificate]:
    """The certificate of DER.

    Raises:
        ValueError: It is none.
    """
    return _quietly(lambda der: [x509.load_der_x509_certificate(der)], data)


def _quietly(
    load: Callable[[bytes], list[x509.Certificate]], data: bytes
) -> list[x509.Certificate]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*serial number.*")
        found = load(data)
        for certificate in found:
            _ = certificate.serial_number
    return found
