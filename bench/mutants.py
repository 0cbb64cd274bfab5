"""Is anything accepted that was changed? Mutants of everything that a client or verifier reads.

Two kinds of targets:
* what is authenticated or digested (documents, claims, manifests, key configs, sealed messages,
  receipts, wrapped and released page keys, policies against evidence of another build): no mutant
  may be accepted;
* quotes, reports and collateral, which can be written in several ways (docs/verify.md lists them):
  a mutant may pass only with the identical result: verdict, every check, measurements, TCB, key.

Mutants: every bit flipped once where that is affordable, every length cut, then random: several
bits, bytes replaced, spans swapped, doubled, zeroed, filled, inserted, bytes appended, spliced with
another sample of the same format. Time and memory are bounded, too.

    python -m bench.mutants [--scale 1.0] [--seed 1]
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

# The synthetic PKIs stand with the tests.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from attest import amd_world, intel_world
from attest.fake_enclave import NOW, FakeEnclave, manifest, policy_of

from bench import results
from bench.data import Absent, shared
from cloister.attest.claims import DEBUG_DISABLED, report_data
from cloister.attest.evidence import Evidence, encode_base64url
from cloister.attest.policy import Policy
from cloister.attest.tee import Tee
from cloister.attest.verifier import AttestationResult, appraise, appraise_quote
from cloister.broker.app import Broker
from cloister.broker.challenges import Challenges
from cloister.broker.keyring import Keyring, PageKey
from cloister.channel.hpke import NotOpened
from cloister.channel.message import write_message
from cloister.channel.ohttp import KeyConfig, open_request, seal_request
from cloister.channel.page_key import open_page_key, seal_page_key
from cloister.client.proof import Proof, check
from cloister.errors import CloisterError
from cloister.pack.bundle import signed_by, to_sign
from cloister.pack.manifest import Manifest
from cloister.serve.bucket import TokenBucket
from cloister.serve.problems import Problem

TIME_BOUND_MS = 100.0
MEMORY_BOUND_BYTES = 64 << 20
NONCE = bytes(range(32))
_FOLDER = tempfile.TemporaryDirectory(prefix="mutants.")  # for keys/; gone with the process
_HEAD = """\
format = "cloister-policy/1"
freshness = "nonce"
max_key_lifetime = "24h"
max_clock_skew = "5m"
engine_at_least = "0.1.0"
[model]
manifest_sha256 = ["%s"]
"""
_DCAP = 'tcb_status = ["UpToDate"]\ntcb_evaluation_at_least = 17\n'
_SGX = f'[tee.sgx]\n{_DCAP}mr_enclave = ["{intel_world.MR_ENCLAVE.hex()}"]\n'
_TDX = (
    f'[tee.tdx]\n{_DCAP}mr_td = ["{intel_world.MR_TD.hex()}"]\n'
    + "".join(f'rtmr{n} = ["{"00" * 48}"]\n' for n in range(4))
    + 'td_attributes = "0000001000000000"\nxfam = "e702060000000000"\n'
)
_SNP = f"""\
[tee.snp]
measurement = ["{amd_world.MEASUREMENT.hex()}"]
products = ["Genoa"]
signing_keys = ["VCEK"]
vmpl = 0
guest_svn_at_least = 1
tcb_at_least = {{ bootloader = 10, tee = 0, snp = 23, microcode = 84 }}
"""


@dataclass(frozen=True)
class Target:
    """Something that is read.

    Args:
        name: In the log.
        data: A good one, whose judgement is `judge(data)`.
        others: Further good ones of the format, to splice with; none of them may be accepted.
        judge: What it means: None if refused, else a value that compares equal for equal meaning.
        strict: No mutant may be accepted, not even with the same meaning.
        every_bit: Flip each bit once.
        random_mutants: So many random ones.
    """

    name: str
    data: bytes
    others: tuple[bytes, ...]
    judge: Callable[[bytes], tuple[object | None, str]]
    strict: bool
    every_bit: bool
    random_mutants: int


# ------------------------------------------------------------------------------------ mutation
def flips(data: bytes) -> Iterator[bytes]:
    """Each bit once."""
    for at in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[at] ^= 1 << bit
            yield bytes(flipped)


def cuts(data: bytes) -> Iterator[bytes]:
    """Each length."""
    for length in range(len(data)):
        yield data[:length]


def wild(data: bytes, others: tuple[bytes, ...], rng: random.Random) -> bytes:
    """One random mutant; now and then two changes."""
    for _ in range(1 if rng.random() < 0.8 else 2):
        data = rng.choice(_CHANGES)(data, others, rng)
    return data


def _span(data: bytes, rng: random.Random, most: int = 64) -> tuple[int, int]:
    begin = rng.randrange(len(data) + 1)
    return begin, min(len(data), begin + rng.randint(1, most))


def _bits(data: bytes, _: tuple[bytes, ...], rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _n in range(rng.randint(1, 8)):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _bytes(data: bytes, _: tuple[bytes, ...], rng: random.Random) -> bytes:
    begin, end = _span(data, rng, 8)
    return data[:begin] + rng.randbytes(end - begin) + data[end:]


def _swap(data: bytes, _: tuple[bytes, ...], rng: random.Random) -> bytes:
    size = rng.choice((1, 2, 4, 8, 16, 32, 48, 64))
    if len(data) < 2 * size:
        return data[::-1]
    a, b = sorted((rng.randrange(len(data) - size), rng.randrange(len(data) - size)))
    if b - a < size:
        return data[:a] + data[a + size : a + 2 * size] + data[a : a + size] + data[a + 2 * size :]
    return (
        data[:a] + data[b : b + size] + data[a + size : b] + data[a : a + size] + data[b + size :]
    )


def _double(data: bytes, _: tuple[bytes, ...], rng: random.Random) -> bytes:
    begin, end = _span(data, rng, 256)
    return data[:end] + data[begin:end] + data[end:]


def _fill(data: bytes, _: tuple[bytes, ...], rng: random.Random) -> bytes:
    begin, end = _span(data, rng)
    return data[:begin] + bytes([rng.choice((0, 0xFF, 0x20, 0x30))]) * (end - begin) + data[end:]


def _insert(data: bytes, _: tuple[bytes, ...], rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.randbytes(rng.randint(1, 16)) + data[at:]


def _remove(data: bytes, _: tuple[bytes, ...], rng: random.Random) -> bytes:
    begin, end = _span(data, rng)
    return data[:begin] + data[end:]


def _append(data: bytes, _: tuple[bytes, ...], rng: random.Random) -> bytes:
    return data + rng.choice((b"\0", b"\n", b" ", rng.randbytes(4))) * rng.randint(1, 64)


def _splice(data: bytes, others: tuple[bytes, ...], rng: random.Random) -> bytes:
    other = rng.choice((*others, data))
    begin, end = _span(data, rng, 512)
    return data[:begin] + other[begin:end] + data[end:]


def _replay(data: bytes, others: tuple[bytes, ...], rng: random.Random) -> bytes:
    return rng.choice(others) if others else data[1:]


_CHANGES = (_bits, _bytes, _swap, _double, _fill, _insert, _remove, _append, _splice, _replay)


# -------------------------------------------------------------------------------------- targets
def _meaning(result: AttestationResult) -> tuple[object | None, str]:
    if result.passed:
        return (
            result.kind,
            result.checks,
            result.claims,
            result.key_config,
            dict(result.facts),
        ), ""
    return None, next(c.code for c in result.checks if c.result == "failed")


def _raw_meaning(result: AttestationResult) -> tuple[object | None, str]:
    """As `_meaning`; the remark on zeros that were left out after a raw quote may differ, what is
    said of the quote may not.
    """
    if result.passed:
        return (tuple((c.name, c.result) for c in result.checks), dict(result.facts)), ""
    return _meaning(result)


ENCLAVE, STRANGER = FakeEnclave(), FakeEnclave()
MANIFEST = ENCLAVE.manifest.to_bytes()
POLICY = policy_of(ENCLAVE.manifest)


def _documents(scale: float) -> Iterator[Target]:
    document = ENCLAVE.document(NONCE)
    others = (
        ENCLAVE.document(bytes(32)),
        ENCLAVE.document(None),
        FakeEnclave(manifest(name="other")).document(NONCE),
    )

    def document_of(data: bytes) -> tuple[object | None, str]:
        found = appraise(data, MANIFEST, POLICY, nonce=NONCE, now=NOW)
        return _meaning(found)

    # JSON has several ways to write the same: the meaning must be the same.
    yield Target("document", document, others, document_of, False, True, int(150_000 * scale))
    mine = Evidence.from_bytes(document)

    def claims_of(data: bytes) -> tuple[object | None, str]:
        return document_of(replace(mine, claims=data).to_bytes())

    strangers = tuple(Evidence.from_bytes(other).claims for other in others)
    yield Target("claims", mine.claims, strangers, claims_of, True, True, int(200_000 * scale))

    def config_of(data: bytes) -> tuple[object | None, str]:
        claims = mine.claims.replace(ENCLAVE.key_config, data)
        return document_of(replace(mine, claims=claims).to_bytes())

    configs = (STRANGER.key_config,)
    yield Target(
        "key config", ENCLAVE.key_config, configs, config_of, True, True, int(100_000 * scale)
    )

    def manifest_of(data: bytes) -> tuple[object | None, str]:
        return _meaning(appraise(document, data, POLICY, nonce=NONCE, now=NOW))

    yield Target(
        "manifest",
        MANIFEST,
        (manifest(name="other").to_bytes(), manifest(labels=None).to_bytes()),
        manifest_of,
        True,
        True,
        int(200_000 * scale),
    )


def _policies(scale: float) -> Iterator[Target]:
    other = FakeEnclave(manifest(name="other"))
    document, other_manifest = other.document(NONCE), other.manifest.to_bytes()
    text = (_HEAD % ENCLAVE.manifest.digest + "[tee.sandbox]\nunsafe_development = true\n").encode()

    def policy_of_text(data: bytes) -> tuple[object | None, str]:
        try:
            found = Policy.from_toml(data.decode("utf-8"))
        except (CloisterError, UnicodeDecodeError) as error:
            return None, getattr(error, "code", "not-utf-8")
        return _meaning(appraise(document, other_manifest, found, nonce=NONCE, now=NOW))

    # Whatever a damaged policy says: a network that it did not name is not accepted by it.
    yield Target("policy", text, (), policy_of_text, True, True, int(150_000 * scale))


def _messages(scale: float) -> Iterator[Target]:
    import numpy as np

    plain = write_message([np.ones((1, 3, 8, 8), np.float32)])
    config = KeyConfig.from_bytes(ENCLAVE.key_config)
    sealed, exchange = seal_request(config, plain)
    foreign, _ = seal_request(config, plain)

    def request_of(data: bytes) -> tuple[object | None, str]:
        try:
            return open_request({ENCLAVE.key_id: ENCLAVE.key}, data)[0], ""
        except CloisterError as error:
            return None, error.code

    yield Target("sealed request", sealed, (), request_of, True, True, int(20_000 * scale))
    _, theirs = open_request({ENCLAVE.key_id: ENCLAVE.key}, sealed)
    _, others = open_request({ENCLAVE.key_id: ENCLAVE.key}, foreign)
    answer, other_answer = theirs.seal_response(plain), others.seal_response(plain)

    def response_of(data: bytes) -> tuple[object | None, str]:
        try:
            return exchange.open_response(data), ""
        except CloisterError as error:
            return None, error.code

    yield Target(
        "sealed response", answer, (other_answer,), response_of, True, True, int(50_000 * scale)
    )


def _receipts(scale: float) -> Iterator[Target]:
    claims = ENCLAVE.claims(NONCE)
    document = ENCLAVE.document(NONCE)
    request, response = b"a sealed request", b"a sealed response"
    good = ENCLAVE.receipt(request, response)
    others = (
        ENCLAVE.receipt(request, b"another"),
        ENCLAVE.receipt(b"another", response),
        FakeEnclave(ENCLAVE.manifest).receipt(request, response),
        ENCLAVE.receipt(request, response, tail_check="none"),
    )

    def receipt_of(data: bytes) -> tuple[object | None, str]:
        found = check(data, claims, "split", POLICY, (request, response))
        code = next((c.code for c in found.checks if c.result == "failed"), "")
        return found.receipt, code

    yield Target("receipt", good, others, receipt_of, True, True, int(150_000 * scale))
    proof = Proof(good, NONCE, document, MANIFEST)
    # Receipts of other requests are good ones, in a file of their own.
    foreign = tuple(replace(proof, receipt=other).to_bytes() for other in others[2:])

    def file_of(data: bytes) -> tuple[object | None, str]:
        try:
            return _meaning(Proof.from_bytes(data).appraise(POLICY, now=NOW))
        except CloisterError as error:
            return None, error.code

    # JSON has several ways to write the same: the meaning must be the same.
    yield Target(
        "receipt file", proof.to_bytes(), foreign, file_of, False, True, int(8_000 * scale)
    )


class _Always(Challenges):
    """Takes one nonce as often as it comes, so that mutants reach the steps behind it."""

    def take(self, nonce: bytes) -> bool:
        return nonce == NONCE


def _keys(scale: float) -> Iterator[Target]:
    folder = Path(_FOLDER.name) / secrets.token_hex(4)
    keyring = Keyring.create(folder / "keys", "as long as a passphrase must be")
    made, other, third = (_kept(keyring, version) for version in (1, 2, 3))
    enclave = FakeEnclave(made[1])
    yield from _key_files(keyring, third[0], other[0], int(20_000 * scale))
    document = enclave.document(NONCE)
    claims = Evidence.from_bytes(document).claims
    policy = folder / "policy.toml"
    policy.write_text(
        _HEAD % made[1].digest + "[tee.sandbox]\nunsafe_development = true\n", "utf-8"
    )
    broker = Broker(
        policy, keyring, challenges=_Always(), rate=TokenBucket(1e9, 1e9), clock=lambda: NOW
    )

    def asked(document: bytes, key: PageKey, nonce: bytes = NONCE) -> bytes:
        names = {"key_id": encode_base64url(key.key_id), "nonce": encode_base64url(nonce)}
        return json.dumps({"evidence": json.loads(document), **names}).encode()

    def release_of(data: bytes) -> tuple[object | None, str]:
        try:
            sealed = broker.release(data)
        except Problem as problem:
            return None, problem.code
        try:
            opened = open_page_key(sealed, enclave.key, claims=claims, key_id=made[0].key_id)
        except NotOpened:
            return "sealed to something else", ""
        return opened, ""

    # JSON, as above; what it releases must open in the enclave whose evidence this is.
    yield Target(
        "key request",
        asked(document, made[0]),
        (
            asked(document, other[0]),
            asked(enclave.document(bytes(32)), made[0]),
            asked(document, made[0], bytes(32)),
            asked(FakeEnclave(other[1]).document(NONCE), made[0]),
        ),
        release_of,
        False,
        True,
        int(20_000 * scale),
    )
    good = broker.release(asked(document, made[0]))

    def opened_of(data: bytes) -> tuple[object | None, str]:
        try:
            key_id = made[0].key_id
            return open_page_key(data, enclave.key, claims=claims, key_id=key_id), ""
        except CloisterError as error:
            return None, error.code

    config = KeyConfig.from_bytes(enclave.key_config)
    others = tuple(
        seal_page_key(made[0].key, config=config, claims=c, key_id=k)
        for c, k in ((b"other claims", made[0].key_id), (claims, other[0].key_id))
    )
    yield Target("released key", good, others, opened_of, True, True, int(60_000 * scale))


def _kept(keyring: Keyring, version: int) -> tuple[PageKey, Manifest]:
    key_id = secrets.token_bytes(16)
    made = manifest(key_id=key_id.hex(), owner=keyring.owner, version=version)
    key = PageKey(key_id, secrets.token_bytes(32), made.to_bytes(), made.name, version)
    keyring.add(key, made.digest)
    return key, made


def _key_files(keyring: Keyring, key: PageKey, other: PageKey, n: int) -> Iterator[Target]:
    paths = [keyring.folder / f"{one.key_id.hex()}.json" for one in (key, other)]
    good, foreign = (path.read_bytes() for path in paths)

    def file_of(data: bytes) -> tuple[object | None, str]:
        paths[0].write_bytes(data)
        try:
            found = keyring.get(key.key_id)
        except CloisterError as error:
            return None, error.code
        return found and found.key, ""

    yield Target("page key, wrapped", good, (foreign,), file_of, True, True, n)
    content = key.manifest
    signature = keyring.sign(to_sign(content))

    def signature_of(data: bytes) -> tuple[object | None, str]:
        return (True, "") if signed_by(keyring.owner, content, data) else (None, "signature")

    foreign_signature = keyring.sign(to_sign(other.manifest))
    yield Target("owner's signature", signature, (foreign_signature,), signature_of, True, True, n)


@cache
def _rows() -> dict[str, tuple[Tee, Policy]]:
    digest = ENCLAVE.manifest.digest
    return {
        "sgx": (INTEL_SGX.row(), Policy.from_toml(_HEAD % digest + _SGX)),
        "tdx": (INTEL_TDX.row(), Policy.from_toml(_HEAD % digest + _TDX)),
        "snp": (AMD.row(), Policy.from_toml(_HEAD % digest + _SNP)),
    }


INTEL_SGX, INTEL_TDX = intel_world.IntelWorld(False), intel_world.IntelWorld(True)
AMD = amd_world.AmdWorld()
# Both synthetic worlds are judged at the same moment.
THEN = intel_world.NOW


def _judge_quote(
    kind: str, collateral: list[bytes]
) -> Callable[[bytes], tuple[object | None, str]]:
    row, policy = _rows()[kind]
    return lambda data: _raw_meaning(
        appraise_quote(kind, data, collateral, policy, now=THEN, tees={kind: row})
    )


def _service_claims(kind: str) -> bytes:
    return ENCLAVE.claims(
        NONCE, tee=kind, debug_status=DEBUG_DISABLED, iat=int(THEN), exp=int(THEN) + 3600
    ).to_bytes()


def _in_service(kind: str, collateral: bytes) -> Callable[[bytes], tuple[object | None, str]]:
    """The quote inside a service's evidence: no zeros after it."""
    row, policy = _rows()[kind]
    claims = _service_claims(kind)

    def judge(data: bytes) -> tuple[object | None, str]:
        found = Evidence(claims, row.media_type, data, (row.endorsements_type, collateral))
        result = appraise(
            found.to_bytes(), MANIFEST, policy, nonce=NONCE, now=THEN, tees={kind: row}
        )
        return _meaning(result)

    return judge


def _quotes(scale: float) -> Iterator[Target]:
    n = int(8_000 * scale)
    for world in (INTEL_SGX, INTEL_TDX):
        other = INTEL_TDX if world is INTEL_SGX else INTEL_SGX
        data = report_data(_service_claims(world.kind))
        quote = world.quote(world.body(report_data=data))
        others = (
            world.quote(world.body(report_data=bytes(64))),
            other.quote(other.body(report_data=data)),
            AMD.report(report_data=data),
        )
        judge = _in_service(world.kind, world.collateral())
        yield Target(f"{world.kind} quote", quote, others, judge, False, True, n)
        yield Target(
            f"{world.kind} collateral",
            world.collateral(),
            (other.collateral(),),
            lambda changed, kind=world.kind, good=quote: _in_service(kind, changed)(good),
            False,
            False,
            n,
        )
    v5 = INTEL_TDX.quote(INTEL_TDX.body(service=bytes(48)), version=5)
    judge = _judge_quote("tdx", [INTEL_TDX.collateral()])
    other_v5 = INTEL_TDX.quote(INTEL_TDX.body(service=b"\1" * 48), version=5)
    yield Target("tdx quote v5, raw", v5, (other_v5,), judge, False, True, n)


def _reports(scale: float) -> Iterator[Target]:
    n = int(8_000 * scale)
    data = report_data(_service_claims("snp"))
    report = AMD.report(report_data=data)
    endorsements = AMD.pem() + AMD.crl()
    foreign = amd_world.AmdWorld()
    others = (AMD.report(), foreign.report(report_data=data), INTEL_SGX.quote())
    judge = _in_service("snp", endorsements)
    yield Target("snp report", report, others, judge, False, True, n)
    yield Target(
        "snp certificates",
        endorsements,
        (foreign.pem() + foreign.crl(),),
        lambda changed: _in_service("snp", changed)(report),
        False,
        False,
        n,
    )


def _real(scale: float) -> Iterator[Target]:
    """Recorded quotes of real machines, where they are here; judged as of their time."""
    try:
        folder = shared("..") / "vectors"
        quote = (folder / "dcap-qvl/tdx_quote").read_bytes()
        collateral = (folder / "dcap-qvl/tdx_quote_collateral.json").read_bytes()
        report = (folder / "trustee-azsnp/evidence-genoa.snp_report.bin").read_bytes()
        chain = [
            (folder / name).read_bytes()
            for name in ("trustee-azsnp/vcek-genoa.pem", "trustee-snp/genoa_ask_ark_asvk.pem")
        ]
    except (Absent, OSError) as reason:
        print(f"real vectors left out: {reason}", file=sys.stderr)
        return

    def tdx(data: bytes) -> tuple[object | None, str]:
        found = appraise_quote("tdx", data, [collateral], None, now=1752919234)
        return _raw_meaning(found)

    yield Target("real tdx quote, raw", quote, (), tdx, False, True, int(8_000 * scale))

    def snp(data: bytes) -> tuple[object | None, str]:
        return _meaning(appraise_quote("snp", data, chain, None, now=1750000000))

    yield Target("real snp report, raw", report, (), snp, False, True, int(8_000 * scale))


def targets(scale: float) -> Iterator[Target]:
    """All of them; `scale` multiplies the random mutants."""
    for family in (_documents, _policies, _messages, _receipts, _keys, _quotes, _reports, _real):
        yield from family(scale)


# ------------------------------------------------------------------------------------------ run
def run(target: Target, rng: random.Random, *, every: int = 1) -> dict[str, Any]:
    """Judges a target's mutants.

    Args:
        target: What.
        rng: Of the random mutants.
        every: Takes each so-manyth of the exhaustive mutants only.

    Returns:
        Counts, times, and how often each code refused.
    """
    good, code = target.judge(target.data)
    known = {target.data}
    for other in target.others:
        if target.judge(other)[0] is not None:
            raise AssertionError(f"{target.name}: another sample is accepted")
    if good is None and target.name != "policy":
        raise AssertionError(f"{target.name}: the good one is refused: {code}")
    row: dict[str, Any] = {"target": target.name, "mutants": 0, "same": 0, "different": 0}
    codes: Counter[str] = Counter()
    slowest = 0.0
    began = time.perf_counter()

    def mutants() -> Iterator[bytes]:
        if target.every_bit:
            yield from list_every(flips(target.data), every)
        yield from list_every(cuts(target.data), every)
        for _ in range(target.random_mutants):
            yield wild(target.data, target.others, rng)

    for mutant in mutants():
        if mutant in known:
            continue
        start = time.perf_counter()
        meaning, code = target.judge(mutant)
        slowest = max(slowest, time.perf_counter() - start)
        row["mutants"] += 1
        if meaning is None:
            codes[code] += 1
        elif meaning == good and not target.strict:
            row["same"] += 1
        else:
            row["different"] += 1
    row["mean_ms"] = round(1e3 * (time.perf_counter() - began) / max(row["mutants"], 1), 3)
    row["slowest_ms"] = round(1e3 * slowest, 1)
    row["refused_by"] = dict(codes.most_common())
    return row


def list_every(mutants: Iterator[bytes], every: int) -> Iterator[bytes]:
    """Each so-manyth."""
    return (mutant for index, mutant in enumerate(mutants) if index % every == 0)


def main() -> int:
    """Returns 0 if nothing was accepted that may not be, within time and memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    rows = []
    before = 0
    for target in targets(options.scale):
        if not rows:
            target.judge(target.data)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        rows.append(run(target, rng))
        print(rows[-1]["target"], rows[-1]["mutants"], file=sys.stderr, flush=True)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
    total = sum(row["mutants"] for row in rows)
    different = sum(row["different"] for row in rows)
    slowest = max(row["slowest_ms"] for row in rows)
    results.write(
        "mutants",
        rows,
        seed=options.seed,
        scale=options.scale,
        total_mutants=total,
        accepted_with_another_meaning=different,
        slowest_ms=slowest,
        time_bound_ms=TIME_BOUND_MS,
        memory_growth_bytes=grown,
        memory_bound_bytes=MEMORY_BOUND_BYTES,
    )
    return 0 if different == 0 and grown <= MEMORY_BOUND_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
