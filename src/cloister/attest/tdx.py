"""TDX: a trust domain's quote (version 4, and 5 with a body of TD 1.0 or 1.5).

The common steps stand in dcap.py. Its measurement:
    (1) TD attributes and XFAM are exactly the policy's; no debugging, SEPT_VE_DISABLE set
    (2) the TDX module is Intel's own (MRSIGNERSEAM and its attributes zero), and one that the
        policy names where it names any
    (3) MRTD and RTMR0 to RTMR3 are among the policy's; a register may be left out only by name, in
        `unchecked`
    (4) MRCONFIGID, MROWNER, MROWNERCONFIG are the policy's, else zero; no service TD is bound
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from cloister.attest.dcap import (
    COLLATERAL_TYPE,
    DCAP_TEMPLATE,
    DcapPolicy,
    DcapProof,
    read_dcap_policy,
)
from cloister.attest.fields import BadPolicy, Fields
from cloister.attest.tee import Finding, Tee, among, failed, first, not_checked, passed, zero

MEDIA_TYPE: Final = "application/vnd.cloister.tdx-quote"
_DEBUG: Final = 1
_SEPT_VE_DISABLE: Final = 1 << 28
# Where each register of TDREPORT stands in the body: first byte, length.
_AT: Final[dict[str, tuple[int, int]]] = {
    "tee_tcb_svn": (0, 16),
    "mr_seam": (16, 48),
    "mr_signer_seam": (64, 48),
    "seam_attributes": (112, 8),
    "td_attributes": (120, 8),
    "xfam": (128, 8),
    "mr_td": (136, 48),
    "mr_config_id": (184, 48),
    "mr_owner": (232, 48),
    "mr_owner_config": (280, 48),
    "rtmr0": (328, 48),
    "rtmr1": (376, 48),
    "rtmr2": (424, 48),
    "rtmr3": (472, 48),
    "report_data": (520, 64),
    "tee_tcb_svn2": (584, 16),
    "mr_service_td": (600, 48),
}
MEASURED: Final = ("mr_td", "rtmr0", "rtmr1", "rtmr2", "rtmr3")
OWNED: Final = ("mr_config_id", "mr_owner", "mr_owner_config")


@dataclass(frozen=True)
class TdxPolicy(DcapPolicy):
    """What is accepted of a trust domain.

    Args:
        td_attributes: Exactly these 8 bytes.
        xfam: Exactly these 8 bytes.
        registers: Accepted values of MRTD, RTMR0..3 and, where named, of the owner's registers.
        unchecked: Measured registers that are not looked at.
        mr_seam: Accepted TDX modules; empty: any that Intel signed and the TCB status covers.
        tee_tcb_svn_at_least: Least TDX module version, byte by byte; empty: as the TCB status says.
    """

    td_attributes: bytes = b""
    xfam: bytes = b""
    registers: dict[str, frozenset[bytes]] = field(default_factory=dict)
    unchecked: frozenset[str] = frozenset()
    mr_seam: frozenset[bytes] = frozenset()
    tee_tcb_svn_at_least: bytes = b""

    def explain(self) -> list[str]:
        """What it accepts, a sentence each."""
        lines = [
            f"{name.upper()} among: {', '.join(sorted(v.hex() for v in values))}."
            for name, values in self.registers.items()
        ]
        lines += [
            f"{name.upper()} is NOT looked at: what it measures may be anything."
            for name in sorted(self.unchecked)
        ]
        lines.append(
            f"TD attributes exactly {self.td_attributes.hex()}, XFAM exactly {self.xfam.hex()}."
        )
        return [*lines, "No debug domains, no service domain bound.", *super().explain()]

    def remarks(self) -> list[str]:
        """What widens it."""
        left_out = [f"unchecked: {name} may hold anything" for name in sorted(self.unchecked)]
        return [*left_out, *super().remarks()]


def _read_policy(fields: Fields) -> TdxPolicy:
    shared = read_dcap_policy(fields)
    unchecked = fields.choices("unchecked", MEASURED) if fields.has("unchecked") else frozenset()
    if "mr_td" in unchecked:
        raise BadPolicy(fields.name("unchecked"), "holds mr_td: then anything could run")
    registers = {}
    for name in (*MEASURED, *OWNED):
        if name in unchecked and fields.has(name):
            raise BadPolicy(fields.name(name), "is both named and unchecked")
        if name in unchecked or (name in OWNED and not fields.has(name)):
            continue
        registers[name] = fields.hexes(name, 48)
    td_attributes = fields.hex("td_attributes", 8)
    if td_attributes[0] & _DEBUG:
        raise BadPolicy(fields.name("td_attributes"), "asks for a debug domain")
    return TdxPolicy(
        **shared,
        td_attributes=td_attributes,
        xfam=fields.hex("xfam", 8),
        registers=registers,
        unchecked=unchecked,
        mr_seam=fields.hexes("mr_seam", 48) if fields.has("mr_seam") else frozenset(),
        tee_tcb_svn_at_least=fields.hex("tee_tcb_svn_at_least", 16)
        if fields.has("tee_tcb_svn_at_least")
        else b"",
    )


class TdxProof(DcapProof):
    """The steps of a TDX quote."""

    tdx = True

    def _get(self, name: str) -> bytes:
        at, size = _AT[name]
        return self.quote.body[at : at + size]

    def debug(self) -> Finding:
        """(4): the attribute bit."""
        if self._get("td_attributes")[0] & _DEBUG:
            return failed(
                "Debug mode is enabled: the host reads the trust domain's memory",
                "debug-enabled",
                "Start the domain without the debug attribute.",
            )
        return passed("not a debug domain")

    def measurement(self) -> Finding:
        """(1) to (4) of this module's head."""
        rules = self.rules
        assert rules is None or isinstance(rules, TdxPolicy)
        attributes = self._get("td_attributes")
        # (1) attributes
        if not int.from_bytes(attributes, "little") & _SEPT_VE_DISABLE:
            return failed(
                "SEPT_VE_DISABLE is clear: the host can inject page faults", "sept-ve-disable"
            )
        # (2) module
        wrong = first(
            zero("mr_signer_seam", self._get("mr_signer_seam")),
            zero("seam_attributes", self._get("seam_attributes")),
            zero("mr_service_td", self._get("mr_service_td")),
        )
        if wrong is not None:
            return wrong
        if rules is None:
            return not_checked("no policy says which trust domain it must be")
        wrong = first(
            among("td_attributes", attributes, frozenset({rules.td_attributes})),
            among("xfam", self._get("xfam"), frozenset({rules.xfam})),
            among("mr_seam", self._get("mr_seam"), rules.mr_seam) if rules.mr_seam else None,
            self._module_version(rules.tee_tcb_svn_at_least),
            # (3) what was loaded
            *(among(n, self._get(n), rules.registers[n]) for n in MEASURED if n in rules.registers),
            # (4) the owner's registers
            *(
                among(n, self._get(n), rules.registers[n])
                if n in rules.registers
                else zero(n, self._get(n))
                for n in OWNED
            ),
        )
        if wrong is not None:
            return wrong
        if rules.unchecked:
            return not_checked(
                f"the policy leaves out {', '.join(sorted(rules.unchecked))}; the other registers "
                "are those that it names"
            )
        return passed("MRTD and RTMR0 to RTMR3 are those that the policy names")

    def _module_version(self, least: bytes) -> Finding | None:
        found = self._get("tee_tcb_svn")
        if any(have < want for have, want in zip(found, least, strict=False)):
            return failed(
                f"the TDX module's version is {found.hex()}, at least {least.hex()} is wanted",
                "tee-tcb-svn",
            )
        return None

    def report_data(self) -> bytes:
        """64 bytes."""
        return self._get("report_data")

    def facts(self) -> dict[str, str]:
        """What the quote says."""
        found = {name: self._get(name).hex() for name in _AT if self._get(name)}
        return {**found, **self.dcap_facts()}


TDX: Final = Tee(
    name="tdx",
    media_type=MEDIA_TYPE,
    endorsements_type=COLLATERAL_TYPE,
    development=False,
    own_clock=False,
    protects_not=(
        "TDX does not protect against somebody who opens the machine (memory-bus interposers), "
        "nor against side channels of the processor. Inside the trust domain every process of root "
        "can make evidence: what counts is the measured image."
    ),
    read_policy=_read_policy,
    proof=TdxProof,
    template=DCAP_TEMPLATE
    + "".join(f'{name} = ["FILL IN: 96 hex digits"]\n' for name in MEASURED)
    + """\
# Exactly these: no debugging, SEPT_VE_DISABLE; the processor features of the domain.
td_attributes = "0000001000000000"
xfam = "e702060000000000"
""",
)
