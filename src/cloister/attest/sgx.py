"""SGX: an enclave's quote (version 3).

The common steps stand in dcap.py. Its measurement:
    (1) attributes: initialised, 64 bit, no debugging, no provisioning or launch keys; exactly the
        policy's where it names them
    (2) MRENCLAVE is one that the policy names; or MRSIGNER with product id and a least version
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from cloister.attest.dcap import (
    COLLATERAL_TYPE,
    DCAP_TEMPLATE,
    DcapPolicy,
    DcapProof,
    read_dcap_policy,
)
from cloister.attest.fields import BadPolicy, Fields
from cloister.attest.tee import Finding, Tee, among, failed, first, not_checked, passed

MEDIA_TYPE: Final = "application/vnd.cloister.sgx-quote"
_ATTRIBUTES: Final = slice(48, 64)
_MISC_SELECT: Final = slice(16, 20)
_MR_ENCLAVE: Final = slice(64, 96)
_MR_SIGNER: Final = slice(128, 160)
_REPORT_DATA: Final = slice(320, 384)
_INIT, _DEBUG, _MODE64, _PROVISION_KEY, _LAUNCH_KEY = 1, 2, 4, 16, 32


@dataclass(frozen=True)
class SgxPolicy(DcapPolicy):
    """What is accepted of an SGX enclave: by its measurement, or by its signer.

    Args:
        mr_enclave: Accepted measurements; empty: by signer.
        mr_signer: Accepted signers' key digests; empty: by measurement.
        isv_prod_id: The signer's product.
        isv_svn_at_least: The product's least security version.
        attributes: Attributes and mask, 16 bytes each; None: the rule of step 1.
        misc_select: MISCSELECT and mask, 4 bytes each; None: must be zero.
    """

    mr_enclave: frozenset[bytes] = frozenset()
    mr_signer: frozenset[bytes] = frozenset()
    isv_prod_id: int = 0
    isv_svn_at_least: int = 0
    attributes: tuple[bytes, bytes] | None = None
    misc_select: tuple[bytes, bytes] | None = None

    def explain(self) -> list[str]:
        """What it accepts, a sentence each."""
        if self.mr_enclave:
            which = [f"Enclaves measured as {', '.join(sorted(m.hex() for m in self.mr_enclave))}."]
        else:
            which = [
                f"Any enclave signed by {', '.join(sorted(m.hex() for m in self.mr_signer))} as "
                f"product {self.isv_prod_id}, version {self.isv_svn_at_least} or newer: who has "
                "that key chooses what runs.",
            ]
        return [*which, "No debug enclaves.", *super().explain()]

    def remarks(self) -> list[str]:
        """What widens it."""
        by_signer = ["mr_signer: any enclave that this key signs, also one not yet written"]
        return [*(by_signer if self.mr_signer else []), *super().remarks()]


def _read_policy(fields: Fields) -> SgxPolicy:
    shared = read_dcap_policy(fields)
    if fields.has("mr_enclave") == fields.has("mr_signer"):
        raise BadPolicy(
            fields.where, "must name either mr_enclave, or mr_signer with its product and version"
        )
    by_signer = fields.has("mr_signer")
    policy = SgxPolicy(
        **shared,
        mr_enclave=frozenset() if by_signer else fields.hexes("mr_enclave", 32),
        mr_signer=fields.hexes("mr_signer", 32) if by_signer else frozenset(),
        isv_prod_id=fields.integer("isv_prod_id", 0, 0xFFFF) if by_signer else 0,
        isv_svn_at_least=fields.integer("isv_svn_at_least", 0, 0xFFFF) if by_signer else 0,
        attributes=_masked(fields, "attributes", 16),
        misc_select=_masked(fields, "misc_select", 4),
    )
    if policy.attributes is not None and policy.attributes[0][0] & policy.attributes[1][0] & _DEBUG:
        raise BadPolicy(fields.name("attributes"), "asks for a debug enclave")
    return policy


def _masked(fields: Fields, field: str, size_bytes: int) -> tuple[bytes, bytes] | None:
    if not fields.has(field):
        return None
    return fields.hex(field, size_bytes), fields.hex(f"{field}_mask", size_bytes)


class SgxProof(DcapProof):
    """The steps of an SGX quote."""

    tdx = False

    def debug(self) -> Finding:
        """(4): the attribute bit."""
        if self.quote.body[_ATTRIBUTES][0] & _DEBUG:
            return failed(
                "the enclave is a debug enclave: its host reads its memory",
                "debug-enabled",
                "Build and sign it with debug off.",
            )
        return passed("not a debug enclave")

    def measurement(self) -> Finding:
        """(1) and (2) of this module's head."""
        body, rules = self.quote.body, self.rules
        attributes, misc = body[_ATTRIBUTES], body[_MISC_SELECT]
        assert rules is None or isinstance(rules, SgxPolicy)
        # (1) attributes
        wrong = _attributes(attributes, misc, rules)
        if wrong is not None:
            return wrong
        # (2) identity
        if rules is None:
            return not_checked("no policy says which enclave it must be")
        if rules.mr_enclave:
            wrong = among("mr_enclave", body[_MR_ENCLAVE], rules.mr_enclave)
            return wrong or passed("the policy names this enclave (MRENCLAVE)")
        product, version = self._product()
        wrong = among("mr_signer", body[_MR_SIGNER], rules.mr_signer)
        if wrong is None and product != rules.isv_prod_id:
            wrong = failed(
                f"it is the signer's product {product}, accepted is {rules.isv_prod_id}", "product"
            )
        if wrong is None and version < rules.isv_svn_at_least:
            wrong = failed(
                f"its security version is {version}, at least {rules.isv_svn_at_least} is wanted",
                "isv-svn",
            )
        return wrong or passed(f"the policy names its signer, product {product}, {version}")

    def _product(self) -> tuple[int, int]:
        product, version = struct.unpack_from("<HH", self.quote.body, 256)
        return product, version

    def report_data(self) -> bytes:
        """64 bytes."""
        return self.quote.body[_REPORT_DATA]

    def facts(self) -> dict[str, str]:
        """What the quote says."""
        product, version = self._product()
        return {
            "mr_enclave": self.quote.body[_MR_ENCLAVE].hex(),
            "mr_signer": self.quote.body[_MR_SIGNER].hex(),
            "isv_prod_id": str(product),
            "isv_svn": str(version),
            "attributes": self.quote.body[_ATTRIBUTES].hex(),
            **self.dcap_facts(),
        }


def _attributes(attributes: bytes, misc: bytes, rules: SgxPolicy | None) -> Finding | None:
    """Step 1."""
    flags = attributes[0]
    if not flags & _INIT or not flags & _MODE64:
        return failed("the enclave is not initialised or not of 64 bit", "attributes")
    if flags & (_PROVISION_KEY | _LAUNCH_KEY):
        return failed("the enclave may use provisioning or launch keys", "attributes")
    wanted = rules.attributes if rules is not None else None
    misc_wanted = rules.misc_select if rules is not None else None
    return first(
        _equals("attributes", attributes, wanted),
        _equals("misc_select", misc, misc_wanted or (bytes(4), b"\xff" * 4)),
    )


def _equals(name: str, value: bytes, wanted: tuple[bytes, bytes] | None) -> Finding | None:
    if wanted is None:
        return None
    expected, mask = wanted
    if any((a ^ b) & m for a, b, m in zip(value, expected, mask, strict=True)):
        return failed(
            f"{name} is {value.hex()}, accepted is {expected.hex()} under mask {mask.hex()}",
            name.replace("_", "-"),
        )
    return None


SGX: Final = Tee(
    name="sgx",
    media_type=MEDIA_TYPE,
    endorsements_type=COLLATERAL_TYPE,
    development=False,
    own_clock=False,
    protects_not=(
        "SGX does not protect against somebody who opens the machine (memory-bus interposers), "
        "nor against side channels of the processor."
    ),
    read_policy=_read_policy,
    proof=SgxProof,
    template=DCAP_TEMPLATE
    + """\
# MRENCLAVE of the enclaves that you accept: `gramine-sgx-sigstruct-view` prints it.
mr_enclave = ["FILL IN: 64 hex digits"]
""",
)
