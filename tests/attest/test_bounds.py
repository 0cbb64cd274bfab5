"""What an appraisal may cost: 100 ms of processor time and 64 MiB, whatever is handed in.

Each case runs in a process of its own kind: what it has when it begins, and 64 MiB of address space
more. Of the time the least of several runs counts: it is the appraisal's own, other work on the
machine is not.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from attest import test_tpm as tpm
from attest.amd_world import NOW as AMD_NOW
from attest.fake_enclave import FakeEnclave
from attest.intel_world import NOW, IntelWorld
from attest.test_dcap import SGX_TABLE, TDX_TABLE
from attest.test_snp import TABLE as SNP_TABLE
from attest.test_snp import world as snp_world

TIME_BOUND_S = 0.1
MEMORY_BOUND_BYTES = 64 << 20
RUNS = 5

CHILD = """
import pickle, resource, sys, time
from dataclasses import replace
from functools import partial
from cloister.attest.tees import TEES
from cloister.attest.snp import SnpProof
from cloister.attest.sgx import SgxProof
from cloister.attest.tdx import TdxProof
from cloister.attest.verifier import appraise, appraise_quote
from cloister.errors import CloisterError
from attest.vectors import policy

cases, memory, runs = pickle.load(open(sys.argv[1], "rb"))
PROOFS = {"sgx": (SgxProof, "root_der"), "tdx": (TdxProof, "root_der"), "snp": (SnpProof, "roots")}

def judge(case):
    kind, root = case["kind"], case["root"]
    tees = dict(TEES)
    if kind in PROOFS:
        proof, name = PROOFS[kind]
        tees[kind] = replace(TEES[kind], proof=partial(proof, **{name: root}))
    rules = policy(kind, case["table"])
    if "document" in case:
        return appraise(case["document"], case["manifest"], rules, nonce=bytes(32),
                        now=case["now"], tees=tees).passed
    return appraise_quote(kind, case["quote"], case["files"], rules, now=case["now"],
                          tees=tees).passed

def answer(case):
    try:
        return judge(case)
    except CloisterError:
        return False

# Everything that is loaded late is loaded now: an honest case of each kind.
for case in cases:
    if case["honest"]:
        assert answer(case), case["name"]
now = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (now + memory, now + memory))
for case in cases:
    least = None
    for _ in range(runs):
        began = time.process_time()
        passed = answer(case)
        spent = time.process_time() - began
        least = spent if least is None else min(least, spent)
    print(f"{case['name']}\\t{int(passed)}\\t{least:.6f}", flush=True)
"""


def intel_cases(tdx: bool) -> list[dict[str, Any]]:
    made = IntelWorld(tdx)
    quote = made.quote()
    hostile = {
        "deep": b"[" * 200_000,
        "deep objects": b'{"a":' * 50_000,
        "long numbers": b"[" + b"9" * 4000 + b"]",
        "many members": json.dumps({str(n): n for n in range(20_000)}).encode(),
        "long texts": json.dumps(dict.fromkeys(made.members, "A" * 20_000)).encode(),
        "deep inside": made.collateral(tcb_info='{"a":' * 20_000),
        "levels": made.collateral(tcb_info=json.dumps({"tcbLevels": [{}] * 20_000})),
        "long CRL": made.collateral(pck_crl="30" * 60_000),
        "many certificates": made.collateral(
            tcb_info_issuer_chain=made.members["tcb_info_issuer_chain"] * 60
        ),
        "beyond the limit": b" " * (64 << 20),
    }
    quotes = {
        "long quote": quote + bytes(1 << 20),
        "huge quote": bytes(64 << 20),
        "huge chain": made.quote(chain="-----BEGIN CERTIFICATE-----\n" * 500),
        "chain of many": made.quote(chain=made.members["tcb_info_issuer_chain"] * 10),
        "lengths of all ones": quote[:432] + b"\xff" * (len(quote) - 432),
    }
    base = {
        "kind": made.kind, "root": made.root_der, "table": TDX_TABLE if tdx else SGX_TABLE,
        "now": NOW, "quote": quote, "files": [made.collateral()], "honest": False,
    }  # fmt: skip
    return [
        {**base, "name": f"{made.kind}: honest", "honest": True},
        *({**base, "name": f"{made.kind}: {n}", "files": [data]} for n, data in hostile.items()),
        *({**base, "name": f"{made.kind}: {n}", "quote": data} for n, data in quotes.items()),
    ]


def snp_cases() -> list[dict[str, Any]]:
    made = snp_world()
    files = [made.pem(), made.crl()]
    chains = {
        "many certificates": [made.pem() + made.pem("ask", "ark") * 6, made.crl()],
        "ever more certificates": [made.pem() * 200, made.crl()],
        "many lists": [made.pem(), *[made.crl()] * 50],
        "junk": [b"-----BEGIN CERTIFICATE-----\n" * 10_000],
        "huge": [bytes(64 << 20)],
        "half a PEM": [made.pem()[:-100] * 20],
    }
    base = {
        "kind": "snp", "root": made.roots(), "table": SNP_TABLE, "now": AMD_NOW,
        "quote": made.report(), "files": files, "honest": False,
    }  # fmt: skip
    return [
        {**base, "name": "snp: honest", "honest": True},
        *({**base, "name": f"snp: {n}", "files": given} for n, given in chains.items()),
        {**base, "name": "snp: huge report", "quote": bytes(64 << 20)},
    ]


def tpm_cases() -> list[dict[str, Any]]:
    base = {
        "kind": "tpm", "root": None, "table": tpm.table(tpm.key()), "now": NOW,
        "quote": tpm.quote(tpm.attest()), "files": [tpm.pem(tpm.key())], "honest": False,
    }  # fmt: skip
    return [
        {**base, "name": "tpm: honest", "honest": True},
        {**base, "name": "tpm: huge quote", "quote": b"\xff" * (64 << 20)},
        {**base, "name": "tpm: huge key", "files": [b"-----BEGIN PUBLIC KEY-----\n" * 2_000_000]},
    ]


def document_cases() -> list[dict[str, Any]]:
    enclave = FakeEnclave()
    good = enclave.document(bytes(32))
    manifest = enclave.manifest.to_bytes()
    claims = {
        "tags": b"\xc1" * 3000,
        "arrays": b"\x81" * 3000,
        "maps": b"\xa1" * 3000,
        "an array of 2^64": b"\x9b" + b"\xff" * 8,
        "text of 2^32": b"\x7a\xff\xff\xff\xff",
        "a big number": b"\xc2\x59\x0b\xb8" + b"\xff" * 3000,
        "regular expression": b"\xd8\x23\x78\x64" + b"(a+)+" * 20,
    }
    documents = {
        "deep": b"[" * 200_000,
        "many members": json.dumps({str(n): n for n in range(20_000)}).encode(),
        "a long number": b'{"__cmwc_t":' + b"9" * 4000 + b"}",
        "huge": b" " * (64 << 20),
        **{f"claims of {name}": enclave.sign(data) for name, data in claims.items()},
    }
    base = {
        "kind": "sandbox", "root": None, "now": 1_800_000_000, "honest": False,
        "table": "unsafe_development = true\n", "manifest": manifest,
    }  # fmt: skip
    return [
        *({**base, "name": f"document: {n}", "document": data} for n, data in documents.items()),
        {**base, "name": "document: huge manifest", "document": good, "manifest": bytes(64 << 20)},
        {**base, "name": "document: deep manifest", "document": good, "manifest": b"[" * 200_000},
    ]


@pytest.fixture(scope="module")
def costs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[bool, float]]:
    """Of each case: whether it passed, and its time."""
    cases = [*intel_cases(False), *intel_cases(True), *snp_cases(), *tpm_cases()]
    cases += document_cases()
    path = tmp_path_factory.mktemp("bounds") / "cases"
    path.write_bytes(pickle.dumps((cases, MEMORY_BOUND_BYTES, RUNS)))
    env = {"PYTHONPATH": ":".join([str(Path(__file__).parents[1]), *sys.path]), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)],
        capture_output=True, text=True, check=False, timeout=240, env=env,
    )  # fmt: skip
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert done.returncode == 0, (rows[-1:], done.stderr[-2000:])
    assert [row[0] for row in rows] == [case["name"] for case in cases]
    return {name: (passed == "1", float(time)) for name, passed, time in rows}


def test_each_case_is_appraised_within_64_mib_and_the_hostile_ones_are_refused(
    costs: dict[str, tuple[bool, float]],
) -> None:
    allowed = {"honest", "many certificates", "ever more certificates", "many lists"}
    for name, (passed, _) in costs.items():
        case = name.partition(": ")[2]
        assert passed is (case == "honest") or (name.startswith("snp") and case in allowed), name


def test_each_case_is_appraised_within_100_ms(costs: dict[str, tuple[bool, float]]) -> None:
    assert {name: time for name, (_, time) in costs.items() if time > TIME_BOUND_S} == {}


def test_the_memory_bound_is_one() -> None:
    """The same limit ends a program that takes more."""
    code = CHILD.split("# Everything", maxsplit=1)[0].split("cases, memory", maxsplit=1)[0]
    code += (
        f"memory = {MEMORY_BOUND_BYTES}\n"
        "now = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (now + memory, now + memory))\n"
        "bytearray(memory + (4 << 20))\n"
    )
    env = {"PYTHONPATH": ":".join([str(Path(__file__).parents[1]), *sys.path]), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=env
    )
    assert done.returncode == 1 and "MemoryError" in done.stderr
