"""`cloister collateral`: what vouches for a platform, for offline use, with its lifetimes.

`show` reads files. `fetch` is the one verb that asks Intel's or AMD's service, and only when it is
called; what it gets is believed by nobody until `cloister verify` has checked it.
"""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from rich.console import Console
from rich.markup import escape

from cloister.attest.certificates import load_pem
from cloister.attest.dcap import Quote, platform_ids
from cloister.attest.snp_report import (
    PRODUCTS,
    Report,
    Tcb,
    load_endorsements,
    product_of,
)
from cloister.cli import output
from cloister.cli.schema import CollateralPart, CollateralReport
from cloister.cli.verify import FILE_MAX_BYTES, kind_of, parse_time
from cloister.errors import OutsideError, Refused, UserError
from cloister.files import read_file, write_whole
from cloister.web import read_body

INTEL: Final = "https://api.trustedservices.intel.com"
INTEL_ROOT_CRL: Final = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"
AMD: Final = "https://kdsintf.amd.com"
TIMEOUT_S: Final = 30.0
REPLY_MAX_BYTES: Final = 1 << 20
Span = tuple[str, datetime | None, datetime | None]


def run(
    *,
    action: str,
    files: list[Path] | None = None,
    at: str | None = None,
    quote: Path | None = None,
    save: Path | None = None,
    product: str | None = None,
    transport: httpx.BaseTransport | None = None,
) -> CollateralReport:
    """Shows or fetches; `transport` replaces the network, in tests."""
    if action == "fetch":
        assert quote is not None and save is not None
        if save.exists():
            raise UserError(f"{save} exists already", code="exists", hint="Give another name.")
        with httpx.Client(transport=transport, timeout=TIMEOUT_S) as client:
            data = _fetch(read_file(quote, FILE_MAX_BYTES), product, client)
        write_whole(save, data)
        files = [save]
    assert files is not None
    now = time.time() if at is None else parse_time(at)
    moment = datetime.fromtimestamp(now, UTC)
    spans = [span for path in files for span in _spans(read_file(path, FILE_MAX_BYTES))]
    parts = [
        CollateralPart(
            name=name,
            issued=_iso(begin),
            until=_iso(end),
            valid=(begin is None or begin <= moment) and (end is None or moment <= end),
        )
        for name, begin, end in spans
    ]
    ends = [end for _, _, end in spans if end is not None]
    return CollateralReport.model_validate(
        {
            "action": action,
            "files": [str(path) for path in files],
            "at": _iso(moment),
            "valid": bool(parts) and all(part.valid for part in parts),
            "until": _iso(min(ends)) if ends else None,
            "parts": parts,
        }
    )


# ---------------------------------------------------------------------------------------- show
def _spans(data: bytes) -> list[Span]:
    if data.lstrip()[:1] == b"{":
        return _intel_spans(data)
    try:
        certificates, crls = load_endorsements([data])
    except Refused as error:
        raise UserError(error.message, code=error.code) from error
    spans: list[Span] = [_certificate_span("", one) for one in certificates]
    return spans + [_crl_span(_common_name(crl.issuer), crl) for crl in crls]


def _intel_spans(data: bytes) -> list[Span]:
    try:
        members = json.loads(data)
        spans: list[Span] = []
        for name, label in (("tcb_info", "TCB info"), ("qe_identity", "QE identity")):
            document = json.loads(members[name])
            begin, end = (
                datetime.fromisoformat(document[field]) for field in ("issueDate", "nextUpdate")
            )
            number = document.get("tcbEvaluationDataNumber")
            spans.append((f"{label}, evaluation {number}", begin, end))
        for name in ("root_ca_crl", "pck_crl"):
            crl = x509.load_der_x509_crl(bytes.fromhex(members[name]))
            spans.append(_crl_span(_common_name(crl.issuer), crl))
        for name in ("pck_crl", "tcb_info", "qe_identity"):
            chain = members[f"{name}_issuer_chain"].encode()
            spans += [_certificate_span(name, c) for c in load_pem(chain)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(
            "this is no collateral for SGX or TDX: JSON with tcb_info, qe_identity, CRLs",
            code="bad-collateral",
        ) from error
    return spans


def _certificate_span(where: str, certificate: x509.Certificate) -> Span:
    name = _common_name(certificate.subject) + (f" ({where})" if where else "")
    return name, certificate.not_valid_before_utc, certificate.not_valid_after_utc


def _crl_span(name: str, crl: x509.CertificateRevocationList) -> Span:
    return f"CRL of {name}, {len(crl)} revoked", crl.last_update_utc, crl.next_update_utc


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(found[0].value)[:80] if found else "a certificate without a name"


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --------------------------------------------------------------------------------------- fetch
def _fetch(data: bytes, product: str | None, client: httpx.Client) -> bytes:
    kind = kind_of(data)
    try:
        if kind == "snp":
            return _fetch_amd(Report.from_bytes(data), product, client)
        return _fetch_intel(Quote.from_bytes(data, tdx=kind == "tdx", padded=True), client)
    except Refused as error:
        raise UserError(error.message, code=error.code) from error


def _fetch_intel(quote: Quote, client: httpx.Client) -> bytes:
    """Intel PCS, API version 4, as its portal documents it."""
    fmspc, _ = platform_ids(quote.chain[0])
    authority = "platform" if "Platform" in _common_name(quote.chain[0].issuer) else "processor"
    base = f"{INTEL}/{'tdx' if quote.tdx else 'sgx'}/certification/v4"
    info, info_chain = _get(client, f"{base}/tcb?fmspc={fmspc}", "TCB-Info-Issuer-Chain")
    identity, identity_chain = _get(
        client, f"{base}/qe/identity", "SGX-Enclave-Identity-Issuer-Chain"
    )
    crl, crl_chain = _get(
        client,
        f"{INTEL}/sgx/certification/v4/pckcrl?ca={authority}&encoding=der",
        "SGX-PCK-CRL-Issuer-Chain",
    )
    root_crl, _ = _get(client, INTEL_ROOT_CRL, None)
    tcb_info, tcb_signature = _signed(info, "tcbInfo")
    qe_identity, qe_signature = _signed(identity, "enclaveIdentity")
    members = {
        "pck_crl_issuer_chain": crl_chain,
        "root_ca_crl": root_crl.hex(),
        "pck_crl": crl.hex(),
        "tcb_info_issuer_chain": info_chain,
        "tcb_info": tcb_info,
        "tcb_info_signature": tcb_signature,
        "qe_identity_issuer_chain": identity_chain,
        "qe_identity": qe_identity,
        "qe_identity_signature": qe_signature,
    }
    return json.dumps(members).encode()


def _signed(reply: bytes, member: str) -> tuple[str, str]:
    """The signed text byte by byte, and the signature: {"NAME":{...},"signature":"..."}."""
    match = re.fullmatch(
        rb'\s*\{"' + member.encode() + rb'":(\{.*\}),"signature":"([0-9a-fA-F]{128})"\}\s*',
        reply,
        re.DOTALL,
    )
    if match is None:
        raise OutsideError(f"Intel's {member} is of another form", code="bad-reply")
    return match[1].decode("utf-8", "replace"), match[2].decode()


def _fetch_amd(report: Report, product: str | None, client: httpx.Client) -> bytes:
    """AMD KDS, as publication 57230 documents it."""
    product = product or (product_of(report.cpuid) if report.version >= 3 else "")
    if product not in PRODUCTS:
        raise UserError(
            "the report does not say which processor it is of",
            code="which-product",
            hint=f"Say --product {'|'.join(PRODUCTS)}.",
        )
    kind = report.signing_key.lower()
    if kind != "vcek":
        raise UserError(
            "a VLEK is handed out by the cloud provider, not by AMD",
            code="vlek",
            hint="Take it from the report's certificate table (auxblob).",
        )
    turin = product == "Turin"
    tcb = Tcb.from_bytes(report.reported_tcb, turin=turin)
    chip = report.chip_id[:8] if turin else report.chip_id
    levels = f"blSPL={tcb.bootloader:02}&teeSPL={tcb.tee:02}&snpSPL={tcb.snp:02}"
    levels += f"&ucodeSPL={tcb.microcode:02}" + (f"&fmcSPL={tcb.fmc:02}" if turin else "")
    base = f"{AMD}/vcek/v1/{product}"
    leaf, _ = _get(client, f"{base}/{chip.hex()}?{levels}", None)
    chain, _ = _get(client, f"{base}/cert_chain", None)
    crl, _ = _get(client, f"{base}/crl", None)
    certificates, _ = load_endorsements([leaf])
    _, crls = load_endorsements([crl])
    if len(certificates) != 1 or len(crls) != 1 or not chain.startswith(b"-----BEGIN"):
        raise OutsideError("AMD's certificates are of another form", code="bad-reply")
    return certificates[0].public_bytes(Encoding.PEM) + chain + crls[0].public_bytes(Encoding.PEM)


def _get(client: httpx.Client, url: str, chain_header: str | None) -> tuple[bytes, str]:
    """A reply, and the PEM chain in one of its headers."""
    try:
        with client.stream("GET", url) as reply:
            data = read_body(reply, REPLY_MAX_BYTES, time.monotonic() + TIMEOUT_S)
    except httpx.HTTPError as error:
        raise OutsideError(
            f"{url}: {type(error).__name__}: {error}",
            code="no-answer",
            hint="Where the network does not allow it, fetch elsewhere and carry the file over.",
        ) from error
    if data is None:
        raise OutsideError(f"{url} answers with too much", code="bad-reply")
    if reply.status_code != httpx.codes.OK:
        raise OutsideError(
            f"{url} answers {reply.status_code}",
            code="bad-reply",
            hint="404: it does not know this platform. 429: wait, it allows few requests.",
        )
    if chain_header is None:
        return data, ""
    chain = reply.headers.get(chain_header)
    if chain is None:
        raise OutsideError(f"{url} answers without {chain_header}", code="bad-reply")
    return data, unquote(chain)


def show(result: CollateralReport, console: Console) -> None:
    """Prints it for people."""
    grid = output.table(f"Lifetimes, as of {result.at}", "part", "from", "until", "valid")
    for part in result.parts:
        word = "[green]yes[/]" if part.valid else "[bold red]no[/]"
        grid.add_row(escape(part.name), part.issued or "-", part.until or "-", word)
    console.print(grid)
    console.print(f"\nvalid until {result.until}" if result.valid else "\n[bold red]not valid[/]")
