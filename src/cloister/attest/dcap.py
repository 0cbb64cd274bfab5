"""What SGX and TDX share: Intel's ECDSA quotes and the collateral that vouches for them.

How a quote is judged (each step has its own reasons; a later one runs only after the earlier):

    form        (1) lengths: header, body, signature data, nested certification data end exactly
                (2) version, attestation key type, certification types are the known ones
                (3) the certificate chain is PEM in its one form and ends in Intel's root, byte by
                    byte
    debug       (4) the attribute bit is clear
    collateral  (5) one JSON object with exactly its members
                (6) the platform's FMSPC and PCE-ID are those of the TCB info
                (7) every document and certificate is valid now
                (8) no certificate is revoked
    genuine     (9) dcap-qvl: every signature and chain of quote and collateral
    tcb         (10) status, advisories, evaluation data number are such as the policy names
                (11) dcap-qvl again, under its strict policy with exactly the policy's allowances
    platform    (12) SMT, dynamic platform, cached keys; pinned platforms

Steps 5 to 8 read what is not yet authenticated: they can only refuse, with a reason that a person
can act on. What is accepted was accepted by dcap-qvl in steps 9 and 11.

What is still malleable, and why it does not matter, stands in docs/verify.md.
"""

from __future__ import annotations

import json
import struct
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib import import_module
from typing import Any, Final, cast

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from cloister.attest.certificates import load_pem, reading
from cloister.attest.fields import BadPolicy, Fields
from cloister.attest.tee import (
    Finding,
    Proof,
    TeePolicy,
    failed,
    not_checked,
    passed,
    read_confinement,
)
from cloister.errors import Refused, UserError

COLLATERAL_TYPE: Final = "application/vnd.cloister.dcap-collateral+json"
INTEL_ROOT_SHA256: Final = "44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3"
QUOTE_MAX_BYTES: Final = 16 * 1024
COLLATERAL_MAX_BYTES: Final = 256 * 1024
STATUSES: Final = (
    "UpToDate",
    "SWHardeningNeeded",
    "ConfigurationNeeded",
    "ConfigurationAndSWHardeningNeeded",
    "OutOfDate",
    "OutOfDateConfigurationNeeded",
)
_MEMBERS: Final = (
    "pck_crl_issuer_chain",
    "root_ca_crl",
    "pck_crl",
    "tcb_info_issuer_chain",
    "tcb_info",
    "tcb_info_signature",
    "qe_identity_issuer_chain",
    "qe_identity",
    "qe_identity_signature",
)
_HEADER_BYTES: Final = 48
_KEY_TYPE_P256: Final = 2
_QE_REPORT_BYTES: Final = 384
_SIGNATURE_BYTES: Final = 64
_INTEL_QE_VENDOR: Final = bytes.fromhex("939a7233f79c4ca9940a0db3957f0607")
_TYPE_PCK_CHAIN: Final = 5
_TYPE_QE_REPORT: Final = 6
_AGES_S: Final = 100 * 365 * 86_400
_FETCH: Final = (
    "Fetch collateral of now: `cloister collateral fetch`; or say with --at when it was valid."
)

# What dcap-qvl says, as our code and hint; its own words are kept in the reason.
_CODES: Final[tuple[tuple[str, str, str], ...]] = (
    ("TCBInfo expired", "tcb-info-expired", _FETCH),
    ("QE Identity expired", "qe-identity-expired", _FETCH),
    ("CrlExpired", "crl-expired", _FETCH),
    ("TCBInfo issue date", "tcb-info-early", "Is the clock right?"),
    ("QE Identity issue date", "qe-identity-early", "Is the clock right?"),
    ("Fmspc mismatch", "fmspc", "The collateral is of another kind of processor."),
    ("TCB status is invalid: Revoked", "tcb-revoked", "Intel withdrew its trust: use another."),
    ("No matching TCB level", "tcb-unknown", "The firmware is older than all that Intel lists."),
    ("Debug mode", "debug-enabled", "Build and load it without debugging."),
    ("QE MRSIGNER", "qe-signer", "The quoting enclave is not Intel's."),
    ("QE ", "qe-identity", "The quoting enclave is not the one of the collateral."),
    ("ISV enclave report signature", "quote-signature", "The quote was changed after signing."),
    ("Signature is invalid for tcb_info", "tcb-info-signature", "Fetch it again."),
    ("Signature is invalid for qe_identity", "qe-identity-signature", "Fetch it again."),
    ("Failed to verify certificate chain", "chain", "A certificate or CRL is not Intel's."),
)


class BadQuote(Refused):
    """Bytes that are no quote of a known form."""

    def __init__(self, what: str, code: str) -> None:
        super().__init__(f"the quote {what}", code=code)


class BadCollateral(Refused):
    """Collateral that cannot be used."""

    def __init__(self, what: str, code: str, hint: str = "") -> None:
        super().__init__(f"the collateral {what}", code=code, hint=hint)


@dataclass(frozen=True)
class Quote:
    """A quote taken apart.

    Args:
        version: 3, 4 or 5.
        tdx: A trust domain's, else an SGX enclave's.
        body: The report that the attestation key signs.
        chain: PCK certificate, intermediate, root.
        data: The quote without what stood after it.
        padding_bytes: Zeros that stood after it.
    """

    version: int
    tdx: bool
    body: bytes
    chain: tuple[x509.Certificate, ...]
    data: bytes
    padding_bytes: int

    @classmethod
    def from_bytes(cls, data: bytes, *, tdx: bool, padded: bool) -> Quote:
        """Takes a quote apart.

        Raises:
            BadQuote: It is not of the one form.
        """
        if len(data) > QUOTE_MAX_BYTES:
            raise BadQuote(f"has {len(data)} bytes, at most {QUOTE_MAX_BYTES} are taken", "length")
        reader = _Reader(data)
        version, key_type, tee = struct.unpack("<HHI", reader.take(8, "header"))
        header = reader.take(_HEADER_BYTES - 8, "header")
        known = {(3, 0), (4, 0x81), (5, 0x81)}
        if (version, tee) not in known:
            raise BadQuote(
                f"is of version {version} and TEE type {tee:#x}; known are SGX 3, TDX 4 and 5",
                "version",
            )
        if (tee == 0x81) != tdx:
            raise BadQuote(
                f"is of {'TDX' if tee else 'SGX'}, not of {'TDX' if tdx else 'SGX'}", "kind"
            )
        if key_type != _KEY_TYPE_P256:
            raise BadQuote(f"has attestation key type {key_type}, expected 2 (P-256)", "key-type")
        if header[4:20] != _INTEL_QE_VENDOR:
            raise BadQuote("is of another quoting enclave than Intel's", "qe-vendor")
        body = reader.take(_body_bytes(version, reader), "body")
        (auth_bytes,) = struct.unpack("<I", reader.take(4, "signature length"))
        auth = _Reader(reader.take(auth_bytes, "signature data"))
        padding = reader.rest()
        if padding and not (padded and tdx and not any(padding)):
            raise BadQuote(f"has {len(padding)} bytes after its end", "trailing-bytes")
        chain = _chain(auth, version)
        return cls(version, tdx, body, chain, data[: len(data) - len(padding)], len(padding))


class _Reader:
    """Reads a quote front to back."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int, what: str) -> bytes:
        if size > len(self._data) - self._at:
            raise BadQuote(f"ends inside its {what}", "truncated")
        self._at += size
        return self._data[self._at - size : self._at]

    def rest(self) -> bytes:
        return self.take(len(self._data) - self._at, "end")

    def end(self, what: str) -> None:
        if self._at != len(self._data):
            raise BadQuote(
                f"has {len(self._data) - self._at} bytes after its {what}", "trailing-bytes"
            )


def _body_bytes(version: int, reader: _Reader) -> int:
    if version == 3:
        return 384
    if version == 4:
        return 584
    kind, size = struct.unpack("<HI", reader.take(6, "body length"))
    if (kind, size) not in {(2, 584), (3, 648)}:
        raise BadQuote(
            f"has a body of type {kind} and {size} bytes; known are TD 1.0 (2, 584) and 1.5 "
            "(3, 648)",
            "body-type",
        )
    return cast(int, size)


def _chain(auth: _Reader, version: int) -> tuple[x509.Certificate, ...]:
    auth.take(2 * _SIGNATURE_BYTES, "signature")
    if version > 3:
        kind, size = struct.unpack("<HI", auth.take(6, "certification data"))
        if kind != _TYPE_QE_REPORT:
            raise BadQuote(f"has certification data of type {kind}, expected 6", "certification")
        inner = _Reader(auth.take(size, "certification data"))
        auth.end("certification data")
        auth = inner
    auth.take(_QE_REPORT_BYTES + _SIGNATURE_BYTES, "QE report")
    (size,) = struct.unpack("<H", auth.take(2, "QE authentication data"))
    auth.take(size, "QE authentication data")
    kind, size = struct.unpack("<HI", auth.take(6, "certificate chain"))
    if kind != _TYPE_PCK_CHAIN:
        raise BadQuote(
            f"has certification data of type {kind}, expected 5 (a chain in it)", "certification"
        )
    pem = auth.take(size, "certificate chain")
    auth.end("certificate chain")
    # Intel's library ends the text with one NUL, some do not.
    pem = pem.removesuffix(b"\0")
    try:
        chain = tuple(load_pem(pem))
        again = b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain)
    except ValueError as error:
        raise BadQuote("has a certificate chain that is not PEM", "chain-form") from error
    if again != pem or len(chain) != 3:
        raise BadQuote("has a certificate chain that is not three PEM blocks alone", "chain-form")
    return chain


@dataclass(frozen=True)
class DcapPolicy(TeePolicy):
    """What is accepted of an Intel platform.

    Args:
        tcb_status: Accepted states of the platform's firmware.
        advisories: Accepted advisories, such as INTEL-SA-00615; any other is refused.
        tcb_evaluation_at_least: Oldest accepted TCB evaluation data number of the collateral.
        allow_smt: Hyper-threading may be on.
        allow_dynamic_platform: The platform may have more than one package, changeable.
        allow_cached_keys: Intel may have cached the platform's root keys.
        ppids: Pinned platforms; empty: none is pinned.
    """

    tcb_status: frozenset[str] = frozenset({"UpToDate"})
    advisories: frozenset[str] = frozenset()
    tcb_evaluation_at_least: int = 0
    allow_smt: bool = False
    allow_dynamic_platform: bool = False
    allow_cached_keys: bool = False
    ppids: frozenset[bytes] = frozenset()

    def explain(self) -> list[str]:
        """What it accepts, a sentence each."""
        allowed = [
            word
            for word, on in (
                ("hyper-threading", self.allow_smt),
                ("several processor packages", self.allow_dynamic_platform),
                ("platform keys that Intel keeps", self.allow_cached_keys),
            )
            if on
        ]
        return [
            f"Firmware whose state is {' or '.join(sorted(self.tcb_status))} in Intel's list of "
            f"evaluation number {self.tcb_evaluation_at_least} or newer.",
            f"Known weaknesses that are accepted: {', '.join(sorted(self.advisories)) or 'none'}.",
            f"Platforms with: {', '.join(allowed) or 'none of the weaker configurations'}.",
            f"Only these machines (PPID): {', '.join(sorted(p.hex() for p in self.ppids))}."
            if self.ppids
            else "Any machine of Intel's make: none is pinned.",
        ]

    def remarks(self) -> list[str]:
        """What widens it."""
        found = [
            f"tcb_status holds {status}: firmware with known weaknesses"
            for status in sorted(self.tcb_status - {"UpToDate"})
        ]
        if self.advisories:
            found.append(f"advisories are accepted: {', '.join(sorted(self.advisories))}")
        if self.allow_smt:
            found.append("allow_smt: another thread of the host may share the core's caches")
        return found


# A raw quote without a policy: up to date, whatever the platform's configuration is.
_NO_POLICY: Final = DcapPolicy(allow_smt=True, allow_dynamic_platform=True, allow_cached_keys=True)


def read_dcap_policy(fields: Fields) -> dict[str, Any]:
    """The fields that SGX and TDX share."""
    statuses = fields.choices("tcb_status", STATUSES)
    if "UpToDate" not in statuses:
        raise BadPolicy(fields.name("tcb_status"), "does not hold UpToDate: it would refuse it")
    return {
        "confinement": read_confinement(fields),
        "tcb_status": statuses,
        "advisories": frozenset(fields.texts("advisories"))
        if fields.has("advisories")
        else frozenset(),
        "tcb_evaluation_at_least": fields.integer("tcb_evaluation_at_least", 1, 1 << 20),
        "allow_smt": fields.allowance("allow_smt"),
        "allow_dynamic_platform": fields.allowance("allow_dynamic_platform"),
        "allow_cached_keys": fields.allowance("allow_cached_keys"),
        "ppids": fields.hexes("ppids", 16) if fields.has("ppids") else frozenset(),
    }


DCAP_TEMPLATE: Final = """\
# States of the firmware that are accepted; UpToDate alone is the strict choice.
tcb_status = ["UpToDate"]
# Oldest accepted edition of Intel's list (tcbEvaluationDataNumber of the TCB info).
tcb_evaluation_at_least = 17
# What machines in clouds mostly need; each one widens what is accepted.
# allow_smt = true
# allow_dynamic_platform = true
# allow_cached_keys = true
"""


class DcapProof(Proof):
    """The steps that SGX and TDX share.

    Args:
        root_der: Another root than Intel's: for tests with a PKI of their own. No policy and no
            verb reaches it.
    """

    tdx: bool

    def __init__(
        self,
        evidence: bytes,
        endorsements: Sequence[bytes],
        policy: TeePolicy | None,
        now: float,
        *,
        padded: bool = False,
        root_der: bytes | None = None,
    ) -> None:
        super().__init__(evidence, endorsements, policy, now, padded=padded)
        if policy is not None and not isinstance(policy, DcapPolicy):
            raise UserError("the policy is of another kind of TEE", code="bad-policy")
        self.rules: DcapPolicy | None = policy
        self._root_der = root_der
        self._quote: Quote | None = None
        self._collateral: dict[str, str] = {}
        self._collateral_text = ""
        self._strictly: Finding | None = failed("dcap-qvl was not asked", "internal")
        self.report: dict[str, Any] = {}

    @property
    def quote(self) -> Quote:
        """The quote; `form` has passed."""
        assert self._quote is not None
        return self._quote

    # form
    def form(self) -> Finding:
        """(1) to (3)."""
        with reading("the quote's chain"):
            return self._form()

    def _form(self) -> Finding:
        # (1) lengths, (2) version and types
        self._quote = Quote.from_bytes(self.evidence, tdx=self.tdx, padded=self.padded)
        # (3) the chain ends in the root
        root = self._quote.chain[-1].public_bytes(Encoding.DER)
        if sha256(root).hexdigest() != self._root_sha256():
            return failed(
                "the quote's certificate chain does not end in Intel's root", "wrong-root"
            )
        text = f"a quote of version {self._quote.version}, lengths exact"
        if self._quote.padding_bytes:
            text += f"; {self._quote.padding_bytes} zeros after it left out"
        return passed(text)

    def _root_sha256(self) -> str:
        return sha256(self._root_der).hexdigest() if self._root_der else INTEL_ROOT_SHA256

    # collateral
    def collateral(self) -> Finding:
        """(5) to (8)."""
        with reading("the collateral"):
            return self._read_and_judge_collateral()

    def _read_and_judge_collateral(self) -> Finding:
        # (5) form
        self._collateral = self._read_collateral()
        info = _document(self._collateral, "tcb_info")
        identity = _document(self._collateral, "qe_identity")
        # (6) of this platform
        self._fits(info)
        # (7) valid now
        chains = {name: _pem_chain(self._collateral, name) for name in _MEMBERS if "chain" in name}
        chains["quote"] = self.quote.chain
        until = [_valid_document("TCB info", "tcb-info", info, self.now)]
        until.append(_valid_document("QE identity", "qe-identity", identity, self.now))
        crls = {name: _crl(self._collateral, name) for name in ("root_ca_crl", "pck_crl")}
        until += [_valid_crl(name, crl, self.now) for name, crl in crls.items()]
        for name, chain in chains.items():
            until += [_valid_certificate(name, certificate, self.now) for certificate in chain]
            if sha256(chain[-1].public_bytes(Encoding.DER)).hexdigest() != self._root_sha256():
                raise BadCollateral(f"has a {name} that does not end in Intel's root", "wrong-root")
        # (8) nothing revoked
        for chain in chains.values():
            for certificate in chain:
                _not_revoked(certificate, crls)
        return passed(f"complete, of this platform, valid until {_when(min(until))}")

    def _read_collateral(self) -> dict[str, str]:
        if not self.endorsements:
            raise BadCollateral(
                "is missing: neither the service nor the caller gave any",
                "collateral-missing",
                "Give it: --collateral FILE; `cloister collateral fetch` gets it from Intel.",
            )
        if len(self.endorsements) != 1:
            raise BadCollateral("is more than one file, expected one JSON object", "collateral")
        data = self.endorsements[0]
        if len(data) > COLLATERAL_MAX_BYTES:
            raise BadCollateral(f"has {len(data)} bytes", "collateral-length")
        members = _json(data, "collateral")
        if set(members) != set(_MEMBERS):
            odd = sorted(set(members) ^ set(_MEMBERS))
            raise BadCollateral(
                f"lacks or has in excess: {', '.join(odd)[:200]}", "collateral-members"
            )
        if not all(type(value) is str for value in members.values()):
            raise BadCollateral("has a member that is no text", "collateral-members")
        # What dcap-qvl gets is written anew: it and we read the same members.
        self._collateral_text = json.dumps(members)
        return members

    def _fits(self, info: dict[str, Any]) -> None:
        fmspc, pce_id = platform_ids(self.quote.chain[0])
        if str(info.get("fmspc", "")).lower() != fmspc:
            raise BadCollateral(
                f"is for platforms with FMSPC {str(info.get('fmspc'))!r:.40}, this one has {fmspc}",
                "fmspc",
                "Fetch the collateral of this platform.",
            )
        if str(info.get("pceId", "")).lower() != pce_id:
            raise BadCollateral(
                f"is for PCE-ID {str(info.get('pceId'))!r:.40}, this platform has {pce_id}",
                "pce-id",
            )
        wanted = "TDX" if self.tdx else "SGX"
        if info.get("id") != wanted:
            raise BadCollateral(f"is of {info.get('id')!r:.40}, the quote of {wanted}", "kind")

    # genuine
    def genuine(self) -> Finding:
        """(9): all signatures, by dcap-qvl; nothing of its policy yet."""
        finding = self._ask(strict=False)
        if finding is not None:
            return finding
        return passed("signed by a quoting enclave for which Intel's root vouches")

    def _ask(self, *, strict: bool) -> Finding | None:
        """Asks dcap-qvl; None if it accepts."""
        dcap_qvl = _library()
        now = int(self.now)
        try:
            collateral = dcap_qvl.QuoteCollateralV3.from_json(self._collateral_text)
            if strict:
                rules = _strict(dcap_qvl.QuotePolicy.strict(now), self.rules or _NO_POLICY)
            else:
                rules = dcap_qvl.QuotePolicy.claims_only(now)
            verifier = dcap_qvl.QuoteVerifier(self._root_der)
            verified = verifier.verify_with_policy(self.quote.data, collateral, now, rules)
            report = json.loads(verified.to_json())
        except ValueError as error:
            return _translate(str(error))
        if not strict:
            self.report = report
        elif report != self.report:
            return failed("two appraisals of one quote differ", "internal")
        return None

    # tcb
    def tcb(self) -> Finding:
        """(10) and (11)."""
        tcb = self.report["tcb"]
        rules = self.rules or _NO_POLICY
        # (10) by our own reading
        if tcb["status"] not in rules.tcb_status:
            return failed(
                f"the platform's state is {tcb['status']} "
                f"({', '.join(tcb['advisory_ids']) or 'no advisory'}), accepted are "
                + ", ".join(sorted(rules.tcb_status)),
                "tcb-status",
                "The operator must update firmware or settings; or widen tcb_status knowingly.",
            )
        surplus = sorted(set(tcb["advisory_ids"]) - rules.advisories)
        if surplus:
            return failed(
                f"Intel's advisories {', '.join(surplus)} apply and are not accepted",
                "advisory",
                "Read them at intel.com/security; list in `advisories` those that you accept.",
            )
        if tcb["eval_data_number"] < rules.tcb_evaluation_at_least:
            return failed(
                f"the collateral is of evaluation number {tcb['eval_data_number']}, the policy "
                f"wants {rules.tcb_evaluation_at_least}",
                "tcb-evaluation",
                _FETCH,
            )
        # (11) by dcap-qvl's strict policy
        self._strictly = self._ask(strict=True)
        if self._strictly is not None and self._strictly.code != "platform":
            return self._strictly
        date = self.report["platform"]["tcb_level"]["tcbDate"]
        return passed(
            f"{tcb['status']}, level of {str(date)[:10]}, evaluation {tcb['eval_data_number']}"
        )

    # platform
    def platform(self) -> Finding:
        """(12)."""
        pck = self.report["platform"]["pck"]
        ppid = bytes(pck["ppid"])
        seen = (
            f"hyper-threading {pck['smt_enabled']}, dynamic platform {pck['dynamic_platform']}, "
            f"cached keys {pck['cached_keys']}"
        )
        if self.rules is None:
            return not_checked(f"no policy: {seen}")
        for member, allowed, field in (
            ("smt_enabled", self.rules.allow_smt, "allow_smt"),
            ("dynamic_platform", self.rules.allow_dynamic_platform, "allow_dynamic_platform"),
            ("cached_keys", self.rules.allow_cached_keys, "allow_cached_keys"),
        ):
            if pck[member] == "True" and not allowed:
                return failed(
                    f"{member} is True, the policy does not say {field} = true",
                    field.replace("_", "-").removeprefix("allow-"),
                    f"Most clouds need {field} = true; docs/verify.md says what it costs.",
                )
        if self.rules.ppids and ppid not in self.rules.ppids:
            return failed(
                f"the machine is {ppid.hex()}, none that the policy pins", "platform-not-pinned"
            )
        # What (11) said of the platform: by now nothing is left that it may refuse.
        if self._strictly is not None:
            return self._strictly
        pinned = "the policy pins it" if self.rules.ppids else "the policy pins none"
        return passed(f"{seen}; machine {ppid.hex()[:8]}...: {pinned}")

    def binding(self, report_data: bytes) -> Finding:
        """The quote's report data."""
        if self.report_data() != report_data:
            return failed("the quote signs other report data than these claims'", "report-data")
        return passed("the quote signs the digest of these claims")

    @abstractmethod
    def report_data(self) -> bytes:
        """64 bytes."""

    def dcap_facts(self) -> dict[str, str]:
        """What both kinds say."""
        tcb, pck = self.report["tcb"], self.report["platform"]["pck"]
        return {
            "quote_version": str(self.quote.version),
            "tcb_status": tcb["status"],
            "advisories": ",".join(tcb["advisory_ids"]),
            "tcb_evaluation": str(tcb["eval_data_number"]),
            "fmspc": bytes(pck["fmspc"]).hex(),
            "ppid": bytes(pck["ppid"]).hex(),
            "smt": pck["smt_enabled"],
            "dynamic_platform": pck["dynamic_platform"],
            "cached_keys": pck["cached_keys"],
            "report_data": self.report_data().hex(),
        }


def _library() -> Any:  # noqa: ANN401 - it has no stubs
    try:
        return import_module("dcap_qvl")
    except ImportError as error:
        raise UserError(
            "quotes of SGX and TDX need dcap-qvl, which is not installed",
            code="missing-extra",
            hint="pip install 'cloister[verify]'",
        ) from error


def _strict(policy: Any, rules: DcapPolicy) -> Any:  # noqa: ANN401 - dcap-qvl has no stubs
    for status in sorted(rules.tcb_status):
        policy = policy.allow_status(status)
    if rules.tcb_status & {"OutOfDate", "OutOfDateConfigurationNeeded"}:
        # Who accepts outdated firmware by name accepts it however old: dcap-qvl's own limit is 0.
        policy = policy.platform_grace_period(_AGES_S).qe_grace_period(_AGES_S)
    return (
        policy.allow_smt(rules.allow_smt)
        .allow_dynamic_platform(rules.allow_dynamic_platform)
        .allow_cached_keys(rules.allow_cached_keys)
        .min_tcb_eval_data_number(rules.tcb_evaluation_at_least)
    )


def _translate(message: str) -> Finding:
    text = message.removeprefix("Verification failed: ")
    if text.endswith("not allowed by policy"):
        return failed(text, "platform")
    for prefix, code, hint in _CODES:
        if text.startswith(prefix):
            return failed(f"{text[:300]}", code, hint)
    return failed(f"the quote is not genuine: {text[:300]}", "not-genuine")


def _json(data: bytes, what: str) -> dict[str, Any]:
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(found)
        if len(members) != len(found):
            raise BadCollateral(f"has a member of its {what} twice", "duplicate")
        return members

    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=pairs)
    except (ValueError, RecursionError) as error:
        raise BadCollateral(f"has a {what} that is not JSON", "collateral-form") from error
    if not isinstance(value, dict):
        raise BadCollateral(f"has a {what} that is no JSON object", "collateral-form")
    return value


def _document(collateral: dict[str, str], name: str) -> dict[str, Any]:
    # What json.loads took may be no text: a lone surrogate cannot be encoded.
    return _json(collateral[name].encode("utf-8", "replace"), name)


def _pem_chain(collateral: dict[str, str], name: str) -> tuple[x509.Certificate, ...]:
    try:
        chain = tuple(load_pem(collateral[name].encode()))
    except ValueError as error:
        raise BadCollateral(f"has a {name} that is not PEM", "collateral-form") from error
    if len(chain) != 2:
        raise BadCollateral(f"has a {name} of {len(chain)} certificates, expected 2", "chain")
    return chain


def _crl(collateral: dict[str, str], name: str) -> x509.CertificateRevocationList:
    try:
        return x509.load_der_x509_crl(bytes.fromhex(collateral[name]))
    except ValueError as error:
        raise BadCollateral(f"has a {name} that is no CRL in hex", "collateral-form") from error


def _valid_document(what: str, code: str, document: dict[str, Any], now: float) -> float:
    try:
        begin, end = (
            datetime.strptime(document[name], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
            for name in ("issueDate", "nextUpdate")
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadCollateral(f"has a {what} without its dates", "collateral-form") from error
    return _valid(what, code, begin, end, now)


def _valid_crl(name: str, crl: x509.CertificateRevocationList, now: float) -> float:
    end = crl.next_update_utc
    if end is None:
        raise BadCollateral(f"has a {name} that never ends", "crl-endless")
    return _valid(name, "crl", crl.last_update_utc.timestamp(), end.timestamp(), now)


def _valid_certificate(name: str, certificate: x509.Certificate, now: float) -> float:
    begin = certificate.not_valid_before_utc.timestamp()
    end = certificate.not_valid_after_utc.timestamp()
    what = f"certificate {_common_name(certificate)!r} of the {name}"
    return _valid(what, "certificate", begin, end, now)


def _valid(what: str, code: str, begin: float, end: float, now: float) -> float:
    if now > end:
        raise BadCollateral(
            f"has a {what} that expired at {_when(end)}, asked for {_when(now)}",
            f"{code}-expired",
            _FETCH,
        )
    if now < begin:
        raise BadCollateral(
            f"has a {what} that is not valid before {_when(begin)}, asked for {_when(now)}",
            f"{code}-early",
            "Is the clock right?",
        )
    return end


def _not_revoked(
    certificate: x509.Certificate, crls: dict[str, x509.CertificateRevocationList]
) -> None:
    for crl in crls.values():
        if crl.issuer != certificate.issuer:
            continue
        if crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None:
            name = _common_name(certificate)
            raise BadCollateral(
                f"revokes the certificate {name!r}",
                "revoked",
                "Intel withdrew its trust in this key: use another machine.",
            )


def _common_name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(names[0].value)[:60] if names else "without a name"


_SGX_OID: Final = x509.ObjectIdentifier("1.2.840.113741.1.13.1")
# DER of the OIDs ...1.13.1.4 (FMSPC) and ...1.13.1.3 (PCE-ID) with the OCTET STRING's header.
_FMSPC_MARK: Final = bytes.fromhex("060a2a864886f84d010d01040406")
_PCE_ID_MARK: Final = bytes.fromhex("060a2a864886f84d010d01030402")


def platform_ids(leaf: x509.Certificate) -> tuple[str, str]:
    """FMSPC and PCE-ID in hex, to say early what does not fit; dcap-qvl reads them for good."""
    try:
        extension = leaf.extensions.get_extension_for_oid(_SGX_OID).value
    except (x509.ExtensionNotFound, ValueError) as error:
        raise BadQuote("has a PCK certificate without its SGX extension", "pck") from error
    data = extension.public_bytes()
    found = []
    for mark, size in ((_FMSPC_MARK, 6), (_PCE_ID_MARK, 2)):
        at = data.find(mark)
        if at < 0:
            raise BadQuote("has a PCK certificate that names no platform", "pck")
        found.append(data[at + len(mark) : at + len(mark) + size].hex())
    return found[0], found[1]


def _when(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return f"{seconds:.0f}"
