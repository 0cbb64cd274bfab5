"""SEV-SNP: a confidential VM's attestation report (versions 2 to 5), signed by VCEK or VLEK.

form        (1) length, version, algorithm, reserved bits
debug       (2) the guest's policy forbids debugging
collateral  (3) VCEK/VLEK, ASK/ASVK and a pinned ARK: signatures, validity, revocation (a CRL
                is demanded unless the policy says otherwise)
genuine     (4) the chip's key signed the report; kind of key, firmware versions, product and
                chip agree with its certificate
tcb         (5) reported, committed, launch and current firmware are at least the policy's
platform    (6) product (Milan only by `unsafe_milan`), kind of key, pinned chips,
                hyper-threading, what the platform must have switched on
measurement (7) measurement, VMPL, guest's version and policy, host data, ID block's keys
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from cloister.attest.certificates import reading
from cloister.attest.fields import BadPolicy, Fields
from cloister.attest.snp_report import (
    PRODUCTS,
    ROOTS,
    Chain,
    Report,
    Tcb,
    check_signature,
    extension,
    find_chain,
    load_endorsements,
    when,
)
from cloister.attest.tee import (
    Finding,
    Proof,
    Tee,
    TeePolicy,
    among,
    failed,
    first,
    not_checked,
    passed,
    read_confinement,
    zero,
)
from cloister.errors import UserError

MEDIA_TYPE: Final = "application/vnd.cloister.snp-report"
ENDORSEMENTS_TYPE: Final = "application/vnd.cloister.snp-endorsements+pem"
MILAN: Final = (
    "Milan is broken in software: its root of keys can be read out, and reports forged for any "
    "firmware (arXiv 2605.12990)"
)
# Bits of PLATFORM_INFO (publication 56860).
FEATURES: Final[dict[str, int]] = {
    "tsme": 1,
    "ecc": 2,
    "rapl-disabled": 3,
    "ciphertext-hiding": 4,
    "alias-check": 5,
}
_SMT_BIT: Final = 0
_PARTS: Final = ("bootloader", "tee", "snp", "microcode")


@dataclass(frozen=True)
class SnpPolicy(TeePolicy):
    """What is accepted of a confidential VM on AMD.

    Args:
        measurement: Accepted launch measurements.
        products: Accepted processors.
        unsafe_milan: Milan is accepted although it is broken.
        vmpl: The one accepted privilege level.
        guest_svn_at_least: Least version of the guest.
        tcb_at_least: Least firmware, for all four versions of the report.
        signing_keys: VCEK, VLEK or both.
        require_crl: Without a current CRL nothing is believed.
        allow_smt: Hyper-threading may be on.
        allow_migration_agent: An agent may move the guest.
        require_single_socket: The guest's policy must demand one socket.
        abi_at_least: Least firmware ABI that the guest's policy must demand.
        require_platform: Features that the platform must have switched on.
        host_data, id_key_digest, author_key_digest: Accepted values; empty: must be zero.
        chip_ids: Pinned chips; empty: none is pinned.
    """

    measurement: frozenset[bytes] = frozenset()
    products: frozenset[str] = frozenset()
    unsafe_milan: bool = False
    vmpl: int = 0
    guest_svn_at_least: int = 0
    tcb_at_least: Tcb = field(default_factory=lambda: Tcb(0, 0, 0, 0))
    signing_keys: frozenset[str] = frozenset()
    require_crl: bool = True
    allow_smt: bool = False
    allow_migration_agent: bool = False
    require_single_socket: bool = False
    abi_at_least: tuple[int, int] = (0, 0)
    require_platform: frozenset[str] = frozenset()
    host_data: frozenset[bytes] = frozenset()
    id_key_digest: frozenset[bytes] = frozenset()
    author_key_digest: frozenset[bytes] = frozenset()
    chip_ids: frozenset[bytes] = frozenset()

    def explain(self) -> list[str]:
        """What it accepts, a sentence each."""
        lines = [
            f"Guests measured as {', '.join(sorted(m.hex() for m in self.measurement))}, at VMPL "
            f"{self.vmpl}, of version {self.guest_svn_at_least} or newer, closed to debuggers.",
            f"Processors {', '.join(sorted(self.products))}, keys {', '.join(self.signing_keys)}.",
            f"Firmware at least: {self.tcb_at_least}.",
            "A current revocation list of AMD must be there."
            if self.require_crl
            else "A revocation list is NOT demanded: a withdrawn key would pass.",
        ]
        if self.unsafe_milan:
            lines.append(f"UNSAFE: {MILAN}; it is accepted all the same.")
        allowed = [
            word
            for word, on in (
                ("hyper-threading", self.allow_smt),
                ("a migration agent", self.allow_migration_agent),
            )
            if on
        ]
        lines.append(f"Allowed besides: {', '.join(allowed) or 'nothing'}.")
        if self.require_platform:
            lines.append(f"The platform must have: {', '.join(sorted(self.require_platform))}.")
        pinned = ", ".join(sorted(c.hex() for c in self.chip_ids))
        lines.append(f"Only the chips {pinned}." if pinned else "Any chip: none is pinned.")
        return lines

    def remarks(self) -> list[str]:
        """What widens it."""
        found = [f"UNSAFE: {MILAN}"] if self.unsafe_milan else []
        if not self.require_crl:
            found.append("require_crl = false: a key that AMD withdrew would pass")
        if self.allow_migration_agent:
            found.append("allow_migration_agent: what the agent does is nowhere measured")
        if "VLEK" in self.signing_keys:
            found.append("VLEK: the cloud provider's key, not bound to one chip")
        if self.vmpl:
            found.append(f"vmpl = {self.vmpl}: what runs at lower levels can read the guest")
        if "alias-check" not in self.require_platform:
            found.append('require_platform lacks "alias-check": memory modules that lie (BadRAM)')
        return found


def _read_policy(fields: Fields) -> SnpPolicy:
    products = fields.choices("products", PRODUCTS)
    unsafe_milan = fields.allowance("unsafe_milan")
    if not products:
        raise BadPolicy(fields.name("products"), "names none")
    if ("Milan" in products) != unsafe_milan:
        raise BadPolicy(
            fields.name("products"),
            f"and unsafe_milan must both say Milan, or neither: {MILAN}",
        )
    keys = fields.choices("signing_keys", ("VCEK", "VLEK"))
    if not keys:
        raise BadPolicy(fields.name("signing_keys"), "names none")
    least = fields.table("tcb_at_least")
    numbers = {part: least.integer(part, 0, 255) for part in _PARTS}
    fmc = least.integer("fmc", 0, 255) if least.has("fmc") else 0
    least.end()
    if "Turin" in products and fmc == 0:
        raise BadPolicy(least.name("fmc"), "is missing: Turin has it")
    chips = fields.hexes("chip_ids", 64) if fields.has("chip_ids") else frozenset()
    if chips and keys != {"VCEK"}:
        raise BadPolicy(fields.name("chip_ids"), "needs signing_keys of VCEK alone: VLEK is shared")
    return SnpPolicy(
        confinement=read_confinement(fields),
        measurement=fields.hexes("measurement", 48),
        products=products,
        unsafe_milan=unsafe_milan,
        vmpl=fields.integer("vmpl", 0, 3),
        guest_svn_at_least=fields.integer("guest_svn_at_least", 0, (1 << 32) - 1),
        tcb_at_least=Tcb(**numbers, fmc=fmc),
        signing_keys=keys,
        require_crl=fields.flag("require_crl") if fields.has("require_crl") else True,
        allow_smt=fields.allowance("allow_smt"),
        allow_migration_agent=fields.allowance("allow_migration_agent"),
        require_single_socket=fields.allowance("require_single_socket"),
        abi_at_least=_abi(fields),
        require_platform=fields.choices("require_platform", FEATURES)
        if fields.has("require_platform")
        else frozenset(),
        host_data=_optional(fields, "host_data", 32),
        id_key_digest=_optional(fields, "id_key_digest", 48),
        author_key_digest=_optional(fields, "author_key_digest", 48),
        chip_ids=chips,
    )


def _optional(fields: Fields, name: str, size_bytes: int) -> frozenset[bytes]:
    return fields.hexes(name, size_bytes) if fields.has(name) else frozenset()


def _abi(fields: Fields) -> tuple[int, int]:
    if not fields.has("abi_at_least"):
        return 0, 0
    text = fields.text("abi_at_least")
    major, _, minor = text.partition(".")
    if not (major.isdecimal() and minor.isdecimal() and int(major) < 256 and int(minor) < 256):
        raise BadPolicy(fields.name("abi_at_least"), f'is {text!r:.40}, expected such as "1.51"')
    return int(major), int(minor)


class SnpProof(Proof):
    """The steps of a report.

    Args:
        roots: Other roots than AMD's: for tests with a PKI of their own. No policy and no verb
            reaches it.
    """

    def __init__(
        self,
        evidence: bytes,
        endorsements: Sequence[bytes],
        policy: TeePolicy | None,
        now: float,
        *,
        padded: bool = False,
        roots: dict[str, str] | None = None,
    ) -> None:
        super().__init__(evidence, endorsements, policy, now, padded=padded)
        if policy is not None and not isinstance(policy, SnpPolicy):
            raise UserError("the policy is of another kind of TEE", code="bad-policy")
        self.rules: SnpPolicy | None = policy
        self._roots = ROOTS if roots is None else roots
        self._report: Report | None = None
        self._chain: Chain | None = None

    @property
    def report(self) -> Report:
        """The report; `form` has passed."""
        assert self._report is not None
        return self._report

    @property
    def chain(self) -> Chain:
        """The certificates; `collateral` has passed."""
        assert self._chain is not None
        return self._chain

    def form(self) -> Finding:
        """(1)."""
        self._report = Report.from_bytes(self.evidence)
        return passed(f"a report of version {self._report.version}, length exact")

    def debug(self) -> Finding:
        """(2)."""
        if self.report.debug:
            return failed(
                "the guest's policy allows debugging: the host reads its memory",
                "debug-enabled",
                "Launch the guest with the DEBUG bit of its policy clear.",
            )
        return passed("the guest's policy forbids debugging")

    def collateral(self) -> Finding:
        """(3)."""
        with reading("the collateral"):
            certificates, crls = load_endorsements(self.endorsements)
            self._chain = find_chain(certificates, crls, self._roots, self.now)
        chain = self._chain
        text = f"{chain.kind} of {chain.product}, chain valid until {when(chain.valid_until)}"
        if chain.crl is not None:
            return passed(f"{text}, not revoked")
        if self.rules is not None and self.rules.require_crl:
            return failed(
                "there is no CRL of AMD, and the policy demands one",
                "crl-missing",
                "Give it with --collateral, or say require_crl = false.",
            )
        return not_checked(f"{text}; revocation not checked: no CRL was given")

    def genuine(self) -> Finding:
        """(4)."""
        with reading("the chip's certificate"):
            check_signature(self.report, self.chain)
        # All four versions have their form: later steps and `facts` rely on it.
        self._tcbs()
        return passed(f"signed by a {self.chain.kind} for which AMD's root vouches")

    def _tcbs(self) -> dict[str, Tcb]:
        report, turin = self.report, self.chain.turin
        return {
            name: Tcb.from_bytes(data, turin=turin)
            for name, data in (
                ("reported", report.reported_tcb),
                ("committed", report.committed_tcb),
                ("launch", report.launch_tcb),
                ("current", report.current_tcb),
            )
        }

    def tcb(self) -> Finding:
        """(5)."""
        tcbs = self._tcbs()
        if self.rules is None:
            return not_checked(f"no policy: {tcbs['reported']}")
        for name, tcb in tcbs.items():
            lacks = tcb.lacks(self.rules.tcb_at_least)
            if lacks:
                return failed(
                    f"the {name} firmware is older than the policy allows: {', '.join(lacks)}",
                    f"tcb-{name}",
                    "The operator must update the firmware.",
                )
        return passed(f"{tcbs['reported']}; committed, launch and current firmware no older")

    def platform(self) -> Finding:
        """(6)."""
        report, rules, product = self.report, self.rules, self.chain.product
        if product == "Milan" and (rules is None or not rules.unsafe_milan):
            return failed(
                MILAN,
                "milan",
                'Use Genoa or Turin; or say products = ["Milan"] and unsafe_milan = true.',
            )
        on = [name for name, bit in FEATURES.items() if report.platform_info >> bit & 1]
        smt = bool(report.platform_info >> _SMT_BIT & 1)
        seen = (
            f"{product}, hyper-threading {'on' if smt else 'off'}, {', '.join(on) or 'no extras'}"
        )
        if rules is None:
            return not_checked(f"no policy: {seen}")
        wrong = self._configuration(rules, smt, on)
        if wrong is not None:
            return wrong
        milan = f" UNSAFE: {MILAN}." if product == "Milan" else ""
        return passed(f"{seen}; chip {report.chip_id.hex()[:8]}....{milan}")

    def _configuration(self, rules: SnpPolicy, smt: bool, on: list[str]) -> Finding | None:
        missing = sorted(rules.require_platform - set(on))
        for wrong, reason, code in (
            (
                self.chain.product not in rules.products,
                f"it is a {self.chain.product}, the policy names others",
                "product-not-named",
            ),
            (
                self.chain.kind not in rules.signing_keys,
                f"a {self.chain.kind} signed, the policy names another",
                "signing-key",
            ),
            (
                (smt or self.report.smt_allowed) and not rules.allow_smt,
                "hyper-threading is on or may be switched on, the policy does not say "
                "allow_smt = true",
                "smt",
            ),
            (bool(missing), f"the platform lacks {', '.join(missing)}", "platform-feature"),
            (
                bool(rules.chip_ids) and self.report.chip_id not in rules.chip_ids,
                f"the chip is {self.report.chip_id.hex()}, none that the policy pins",
                "platform-not-pinned",
            ),
        ):
            if wrong:
                return failed(reason, code)
        return None

    def measurement(self) -> Finding:
        """(7)."""
        report, rules = self.report, self.rules
        if rules is None:
            return not_checked(f"no policy says which guest it must be; VMPL {report.vmpl}")
        wrong = _guest(report, rules)
        if wrong is not None:
            return wrong
        wrong = first(
            among("measurement", report.measurement, rules.measurement),
            _named("host_data", report.host_data, rules.host_data),
            _named("id_key_digest", report.id_key_digest, rules.id_key_digest),
            _named("author_key_digest", report.author_key_digest, rules.author_key_digest),
        )
        return wrong or passed(f"the policy names this guest; VMPL {report.vmpl}")

    def binding(self, report_data: bytes) -> Finding:
        """The report's data."""
        if self.report.report_data != report_data:
            return failed("the report signs other data than these claims'", "report-data")
        return passed("the report signs the digest of these claims")

    def facts(self) -> dict[str, str]:
        """What the report says."""
        report = self.report
        provider = extension(self.chain.leaf, "5")
        return {
            "report_version": str(report.version),
            "product": self.chain.product,
            "signing_key": self.chain.kind,
            "csp": provider[2:].decode("ascii", "replace") if provider else "",
            "measurement": report.measurement.hex(),
            "vmpl": str(report.vmpl),
            "guest_svn": str(report.guest_svn),
            "guest_policy": f"{report.policy:#x}",
            "platform_info": f"{report.platform_info:#x}",
            "host_data": report.host_data.hex(),
            "id_key_digest": report.id_key_digest.hex(),
            "author_key_digest": report.author_key_digest.hex(),
            "chip_id": report.chip_id.hex(),
            **{f"tcb_{name}": str(tcb) for name, tcb in self._tcbs().items()},
            "report_data": report.report_data.hex(),
        }


def _guest(report: Report, rules: SnpPolicy) -> Finding | None:
    """How the guest was launched."""
    for wrong, reason, code in (
        (
            report.vmpl != rules.vmpl,
            f"the report was asked for at VMPL {report.vmpl}, accepted is {rules.vmpl}",
            "vmpl",
        ),
        (
            report.migration_agent and not rules.allow_migration_agent,
            "the guest's policy allows a migration agent",
            "migration-agent",
        ),
        (
            rules.require_single_socket and not report.single_socket,
            "the guest's policy does not demand a single socket",
            "single-socket",
        ),
        (
            report.abi < rules.abi_at_least,
            f"the guest's policy demands ABI {report.abi[0]}.{report.abi[1]} of the firmware, "
            f"wanted is {rules.abi_at_least[0]}.{rules.abi_at_least[1]}",
            "abi",
        ),
        (
            report.guest_svn < rules.guest_svn_at_least,
            f"the guest's version is {report.guest_svn}, at least {rules.guest_svn_at_least} is "
            "wanted",
            "guest-svn",
        ),
    ):
        if wrong:
            return failed(reason, code)
    return None


def _named(name: str, value: bytes, accepted: frozenset[bytes]) -> Finding | None:
    return among(name, value, accepted) if accepted else zero(name, value)


SNP: Final = Tee(
    name="snp",
    media_type=MEDIA_TYPE,
    endorsements_type=ENDORSEMENTS_TYPE,
    development=False,
    own_clock=False,
    protects_not=(
        "SEV-SNP does not protect against somebody who opens the machine (memory-bus interposers), "
        "nor against side channels of the processor. Inside the VM every process of root can make "
        "evidence: what counts is the measured image."
    ),
    read_policy=_read_policy,
    proof=SnpProof,
    template="""\
# Launch measurement of the image: `sev-snp-measure` computes it.
measurement = ["FILL IN: 96 hex digits"]
# Milan is broken in software (arXiv 2605.12990) and needs unsafe_milan = true.
products = ["Genoa"]
signing_keys = ["VCEK"]
vmpl = 0
guest_svn_at_least = 0
# allow_smt = true
# require_platform = ["alias-check", "ecc"]
# Oldest accepted firmware: what AMD's bulletins of today demand. Turin has `fmc`, too.
tcb_at_least = { bootloader = 10, tee = 0, snp = 23, microcode = 84 }
""",
)
