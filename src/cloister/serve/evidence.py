"""Evidence documents: asked for from an instance, made into JSON, kept while they cost nothing.

Without a nonce an instance's document is always the same: it is made once. With a client's nonce
it is made anew; whoever asks limits how often. `iat` and `exp` are when the key was made and when
it ends, by this host's clock.

What a manufacturer says about the platform (endorsements) is read from files when a document is
made, so that newer files serve newer documents. What a driver puts beside a quote is taken off:

    tdx   zeros after the quote
    snp   the certificates that the host gave its machine (GHCB specification, section 4.1.8.1);
          they become endorsements
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from cloister.attest import evidence as documents
from cloister.attest.certificates import MALFORMED, load_der
from cloister.attest.dcap import BadQuote, Quote
from cloister.attest.snp_report import REPORT_BYTES
from cloister.attest.tees import TEES
from cloister.enclaves.protocol import Attested, EnclaveDied
from cloister.errors import OutsideError, UserError
from cloister.serve.instance import Instance

ENDORSEMENTS_MAX_BYTES: Final = 160 * 1024
_ROW_BYTES: Final = 24  # of the certificate table: GUID, offset, length
_ROWS_MAX: Final = 16


class Evidence:
    """Makes evidence documents.

    Args:
        tee: Kind of enclave, a row of `TEES`.
        key_s: Lifetime of an instance's key.
        endorsements: Files that vouch for the platform; handed out with each document.

    Raises:
        UserError: The kind has no endorsements, or a file cannot be read or is too long.
    """

    def __init__(self, tee: str, key_s: float, endorsements: Sequence[Path] = ()) -> None:
        self._tee = TEES[tee]
        self._key_s = key_s
        self._files = tuple(endorsements)
        self._stored: weakref.WeakKeyDictionary[Instance, bytes] = weakref.WeakKeyDictionary()
        if self._files and not self._tee.endorsements_type:
            raise UserError(f"nothing vouches for {tee}: there is no --collateral", code="usage")
        try:
            self._endorsements()
        except OutsideError as error:
            raise UserError(error.message, code=error.code) from error

    def stored(self, instance: Instance) -> bytes | None:
        """The document without a nonce, if it was made already."""
        return self._stored.get(instance)

    def ask(self, instance: Instance, nonce: bytes | None, deadline: float) -> Future[Attested]:
        """Queues the question for an instance's claims and evidence.

        Args:
            instance: The enclave.
            nonce: The client's own, 8 to 64 bytes; None for the document that is stored.
            deadline: On the instance's clock.

        Raises:
            EnclaveDied: The instance ended.
        """
        if not instance.usable:
            raise EnclaveDied("ended")
        iat = int(instance.born)
        exp = int(instance.born + self._key_s)
        return instance.submit(lambda: instance.attest(nonce, iat, exp, deadline=deadline))

    def answer(self, instance: Instance, nonce: bytes | None, attested: Attested) -> bytes:
        """The document of what an instance answered to `ask`; without a nonce it is stored."""
        document = self.document(attested)
        if nonce is None:
            self._stored[instance] = document
        return document

    def document(self, attested: Attested) -> bytes:
        """What the enclave said, as a document."""
        quote, beside = _TAKEN_APART.get(self._tee.name, _as_it_is)(attested.evidence)
        endorsements = self._endorsements() + beside
        return documents.Evidence(
            attested.claims,
            self._tee.media_type,
            quote,
            (self._tee.endorsements_type, endorsements) if endorsements else None,
        ).to_bytes()

    def _endorsements(self) -> bytes:
        try:
            content = b"".join(path.read_bytes() for path in self._files)
        except OSError as error:
            raise OutsideError(
                f"collateral {error.filename}: {error.strerror}", code="no-collateral"
            ) from error
        if len(content) > ENDORSEMENTS_MAX_BYTES:
            raise OutsideError(
                f"the collateral has {len(content)} bytes, at most {ENDORSEMENTS_MAX_BYTES} are "
                "handed out",
                code="long-collateral",
            )
        return content


def _as_it_is(evidence: bytes) -> tuple[bytes, bytes]:
    return evidence, b""


def _without_padding(evidence: bytes) -> tuple[bytes, bytes]:
    """A TD quote without zeros after it; what is none stays as it is, for verifiers to refuse."""
    try:
        return Quote.from_bytes(evidence, tdx=True, padded=True).data, b""
    except BadQuote:
        return evidence, b""


def _report_and_certificates(evidence: bytes) -> tuple[bytes, bytes]:
    """An SNP report, and the table of certificates after it as PEM; what is no certificate is left
    out.
    """
    report, table = evidence[:REPORT_BYTES], evidence[REPORT_BYTES:]
    found = b""
    for at in range(0, min(len(table), _ROWS_MAX * _ROW_BYTES), _ROW_BYTES):
        row = table[at : at + _ROW_BYTES]
        if len(row) < _ROW_BYTES or not any(row):
            break
        offset, length = int.from_bytes(row[16:20], "little"), int.from_bytes(row[20:], "little")
        found += _pem(table[offset : offset + length])
    return report, found


def _pem(der: bytes) -> bytes:
    try:
        certificates: list[x509.Certificate] = load_der(der)
    except MALFORMED:
        return b""
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


_TAKEN_APART: Final[dict[str, Callable[[bytes], tuple[bytes, bytes]]]] = {
    "tdx": _without_padding,
    "snp": _report_and_certificates,
}
