"""Every code of a failure has its line on the page, and every field of a policy on its."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest

from cloister.attest import snp
from cloister.attest.dcap import STATUSES
from cloister.attest.optee import OpteePolicy
from cloister.attest.sgx import SgxPolicy
from cloister.attest.snp import SnpPolicy
from cloister.attest.tdx import TdxPolicy
from cloister.attest.tees import TEES
from cloister.attest.tpm import TpmPolicy
from cloister.attest.verifier import STEPS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/verify.md").read_text()
POLICY = (ROOT / "docs/formats/policy.md").read_text()
CLAIMS = (ROOT / "docs/formats/claims.md").read_text()
RAISERS = ("failed", "BadQuote", "BadCollateral", "BadReport", "BadTpmQuote")
BROKER = (ROOT / "docs/formats/broker.md").read_text()
# Made of parts in the code.
COMPOSED = (
    "tcb-info-expired", "tcb-info-early", "qe-identity-expired", "qe-identity-early",
    "certificate-expired", "crl-expired", "tcb-reported", "tcb-committed", "tcb-launch",
    "tcb-current", "dynamic-platform", "cached-keys", "mr-enclave", "mr-signer", "mr-td", "rtmr0",
    "rtmr3", "td-attributes", "xfam", "mr-seam", "mr-signer-seam", "seam-attributes",
    "mr-service-td", "mr-config-id", "mr-owner", "mr-owner-config", "measurement", "host-data",
    "id-key-digest", "author-key-digest", "misc-select", "plan-digest", "audit-digest",
)  # fmt: skip


def codes() -> set[str]:
    """Literal codes in the verifier's sources."""
    found = set(COMPOSED)
    for path in (ROOT / "src/cloister/attest").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISERS:
                for argument in node.args[1:2]:
                    found |= {
                        part.value
                        for part in ast.walk(argument)
                        if isinstance(part, ast.Constant) and isinstance(part.value, str)
                    }
            if isinstance(node, ast.Tuple) and len(node.elts) == 3:
                *_, last = node.elts
                middle = node.elts[1]
                for part in (middle, last):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        found.add(part.value)
    return {code for code in found if re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", code)}


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_code_stands_on_the_page(code: str) -> None:
    assert f"`{code}`" in PAGE


@pytest.mark.parametrize(
    "kind", [OpteePolicy, SgxPolicy, TdxPolicy, SnpPolicy, TpmPolicy], ids=lambda k: k.__name__
)
def test_every_field_of_a_policy_stands_on_its_page(kind: type) -> None:
    internal = {"registers", "unsafe_development"}
    for field in fields(kind):
        assert field.name in internal or f"`{field.name}`" in POLICY, field.name
    for word in (*STATUSES, *snp.FEATURES):
        assert f"`{word}`" in POLICY, word


def test_every_kind_of_tee_stands_on_the_page_of_claims() -> None:
    for name, row in TEES.items():
        assert f"| `{name}` | `{row.media_type}` |" in CLAIMS
        assert not row.endorsements_type or row.endorsements_type in CLAIMS


def refusals(path: str, raiser: str, at: int) -> set[str]:
    """Literal codes that a module gives to one of its functions."""
    return {
        node.args[at].value
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == raiser
        and isinstance(node.args[at], ast.Constant)
    }


# Mistakes with files and the installation, not findings about evidence.
_OF_FILES = {"bad-policy", "no-such-file", "missing-extra", "no-devices"}


def raised() -> set[str]:
    """Codes of the errors that the modules of attest/ and the client's half of HTTP raise."""
    texts = [path.read_text() for path in (ROOT / "src/cloister/attest").glob("*.py")]
    found = {code for text in texts for code in re.findall(r'code="([a-z-]+)"', text)}
    return found - _OF_FILES | {"no-receipt"}


@pytest.mark.parametrize("code", sorted(raised()))
def test_every_error_of_the_verifier_stands_on_the_page(code: str) -> None:
    assert f"`{code}`" in PAGE


@pytest.mark.parametrize("step", [name for name, _ in STEPS])
def test_every_step_stands_on_the_pages(step: str) -> None:
    assert f"| `{step}` |" in POLICY


@pytest.mark.parametrize(
    "code",
    sorted(
        refusals("src/cloister/broker/app.py", "_no", 0)
        | refusals("src/cloister/broker/app.py", "Problem", 0)
        | refusals("src/cloister/serve/keys.py", "withheld", 0)
        | refusals("src/cloister/serve/service.py", "withheld", 0)
        | refusals("src/cloister/broker/kbs.py", "withheld", 0)
    ),
)
def test_every_refusal_of_the_broker_stands_on_its_page(code: str) -> None:
    assert f"`{code}`" in BROKER
