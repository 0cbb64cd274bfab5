"""A real TPM 2.0, in software (swtpm): its quote over our claims, appraised by our verifier."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import tiny_bundle
from attest.test_vectors import failure
from attest.vectors import policy

from cloister.attest.evidence import Evidence
from cloister.attest.tpm import TPM
from cloister.attest.verifier import AttestationResult, appraise
from cloister.enclaves import attested
from cloister.enclaves.attested import Place
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.protocol import Attested, EnclaveDied, EnclaveRefused
from cloister.enclaves.sandbox import SandboxEnclave
from cloister.pack.bundle import Bundle

NONCE = bytes(range(32))
TOOLS = ("swtpm", "tpm2_createek", "tpm2_createak", "tpm2_evictcontrol", "tpm2_pcrextend")

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason="needs swtpm and tpm2-tools"
)


@dataclass
class SoftwareTpm:
    """A TPM with an endorsement key, and attestation keys at handles that are asked for."""

    folder: Path
    keys: dict[int, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.socket = self.folder / "tpm"
        (self.folder / "state").mkdir()
        self.process = subprocess.Popen(
            [
                "swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.folder}/state",
                "--server", f"type=unixio,path={self.socket}", "--ctrl",
                f"type=unixio,path={self.socket}.ctrl", "--flags", "startup-clear",
            ],
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        end = time.monotonic() + 20
        while not (self.socket.exists() and self.folder.joinpath("tpm.ctrl").exists()):
            assert time.monotonic() < end
            time.sleep(0.01)
        self.tool("tpm2_createek", "-c", "ek.ctx", "-G", "ecc")
        self.tool("tpm2_flushcontext", "-t")

    def tool(self, *command: str) -> str:
        """Runs a program of tpm2-tools. swtpm serves one connection after the other: no enclave may
        hold it meanwhile.
        """
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "TPM2TOOLS_TCTI": f"swtpm:path={self.socket}"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout

    def key(self, handle: int, algorithm: str) -> Path:
        """Makes an attestation key at a handle; its public part in PEM."""
        name = f"ak{handle:x}"
        self.tool(
            "tpm2_createak", "-C", "ek.ctx", "-c", f"{name}.ctx", "-G", algorithm, "-g", "sha256",
            "-s", {"ecc": "ecdsa", "rsa": "rsassa"}[algorithm], "-u", f"{name}.pub", "-f", "pem",
        )  # fmt: skip
        self.tool("tpm2_flushcontext", "-t")
        self.tool("tpm2_evictcontrol", "-C", "o", "-c", f"{name}.ctx", hex(handle))
        self.tool("tpm2_flushcontext", "-t")
        self.keys[handle] = self.folder / f"{name}.pub"
        return self.keys[handle]

    def pcr(self, index: int) -> str:
        """A PCR's value, in hex."""
        found = re.search(r"0x([0-9A-F]{64})", self.tool("tpm2_pcrread", f"sha256:{index}"))
        assert found
        return found[1].lower()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


EC, RSA, OTHER = 0x81000003, 0x81000004, 0x81000005


@pytest.fixture(scope="module")
def tpm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftwareTpm]:
    with contextlib.closing(SoftwareTpm(tmp_path_factory.mktemp("tpm"))) as made:
        made.key(EC, "ecc")
        made.key(RSA, "rsa")
        made.key(OTHER, "ecc")
        made.tool("tpm2_pcrextend", f"11:sha256={'ab' * 32}")
        yield made


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return tiny_bundle.write(tmp_path_factory.mktemp("bundle") / "bundle")


@pytest.fixture
def undo() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def start(tpm: SoftwareTpm, bundle: Bundle, undo: ExitStack, key: int = EC) -> SandboxEnclave:
    head = undo.enter_context(HeadFile(bundle.head))
    place = Place(source=tpm.socket, tpm_key=key, pcrs=(7, 11))
    enclave = attested.start("tpm", head, place=place, replay=64)
    undo.callback(enclave.close)
    assert isinstance(enclave, SandboxEnclave)
    deadline = time.monotonic() + 30
    digest = bundle.manifest_digest
    enclave.link.load(head, digest, answer_bytes=1 << 16, deadline=deadline)
    return enclave


def attest(enclave: SandboxEnclave, nonce: bytes = NONCE) -> Attested:
    now = int(time.time())
    return enclave.link.attest(nonce, now, now + 3600, deadline=time.monotonic() + 30)


def spki_digest(pem: Path) -> str:
    import hashlib

    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_pem_public_key,
    )

    key = load_pem_public_key(pem.read_bytes())
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def table(tpm: SoftwareTpm, key: int, pcrs: dict[int, str]) -> str:
    values = "".join(f'{index} = "{value}"\n' for index, value in pcrs.items())
    return (
        f'unsafe_development = true\nak_sha256 = ["{spki_digest(tpm.keys[key])}"]\n'
        f'bank = "sha256"\n[tee.tpm.pcrs]\n{values}'
    )


def judge(
    bundle: Bundle,
    found: Attested,
    rules: str,
    pem: Path,
    *,
    quote: bytes | None = None,
    nonce: bytes = NONCE,
) -> AttestationResult:
    accepted = replace(policy("tpm", rules), manifest_digests=frozenset({bundle.manifest_digest}))
    document = Evidence(
        found.claims,
        TPM.media_type,
        found.evidence if quote is None else quote,
        (TPM.endorsements_type, pem.read_bytes()),
    )
    return appraise(
        document.to_bytes(), bundle.manifest_bytes, accepted, nonce=nonce, now=time.time()
    )


@pytest.fixture(scope="module")
def pcrs(tpm: SoftwareTpm) -> dict[int, str]:
    return {7: tpm.pcr(7), 11: tpm.pcr(11)}


@pytest.mark.parametrize("key", [EC, RSA], ids=["ecdsa", "rsassa"])
def test_a_real_quote_over_our_claims_passes(
    tpm: SoftwareTpm, bundle: Bundle, undo: ExitStack, pcrs: dict[int, str], key: int
) -> None:
    enclave = start(tpm, bundle, undo, key)
    for nonce in (NONCE, bytes(8)):
        found = attest(enclave, nonce)
        result = judge(bundle, found, table(tpm, key, pcrs), tpm.keys[key], nonce=nonce)
        assert result.passed, result.checks
    assert result.facts["reset_count"]


def test_rejects_a_real_quote_with_any_bit_flipped(
    tpm: SoftwareTpm, bundle: Bundle, undo: ExitStack, pcrs: dict[int, str]
) -> None:
    found = attest(start(tpm, bundle, undo))
    rules = table(tpm, EC, pcrs)
    for at in range(len(found.evidence)):
        flipped = bytearray(found.evidence)
        flipped[at] ^= 1 << at % 8
        assert not judge(bundle, found, rules, tpm.keys[EC], quote=bytes(flipped)).passed, at


def test_rejects_a_real_quote_over_other_pcr_values(
    tpm: SoftwareTpm, bundle: Bundle, undo: ExitStack, pcrs: dict[int, str]
) -> None:
    found = attest(start(tpm, bundle, undo))
    for changed, code in (
        ({**pcrs, 11: "00" * 32}, "pcr-values"),
        ({7: pcrs[7]}, "pcr-selection"),
        ({**pcrs, 12: pcrs[7]}, "pcr-selection"),
    ):
        result = judge(bundle, found, table(tpm, EC, changed), tpm.keys[EC])
        assert failure(result) == ("measurement", code)


def test_rejects_a_quote_by_another_key_of_the_same_tpm(
    tpm: SoftwareTpm, bundle: Bundle, undo: ExitStack, pcrs: dict[int, str]
) -> None:
    found = attest(start(tpm, bundle, undo, OTHER))
    rules = table(tpm, EC, pcrs)
    assert failure(judge(bundle, found, rules, tpm.keys[EC])) == ("evidence", "quote-signature")
    result = judge(bundle, found, rules, tpm.keys[OTHER])
    assert failure(result) == ("collateral", "platform-not-pinned")


def test_rejects_a_real_quote_for_another_nonce_or_other_claims(
    tpm: SoftwareTpm, bundle: Bundle, undo: ExitStack, pcrs: dict[int, str]
) -> None:
    enclave = start(tpm, bundle, undo)
    first, second = attest(enclave), attest(enclave, bytes(8))
    rules = table(tpm, EC, pcrs)
    stale = judge(bundle, first, rules, tpm.keys[EC], nonce=bytes(8))
    assert failure(stale) == ("nonce", "nonce")
    swapped = judge(bundle, first, rules, tpm.keys[EC], quote=second.evidence)
    assert failure(swapped) == ("binding", "report-data")


@pytest.mark.parametrize("key", [0x81000077, 0x40000001], ids=["no key", "no signing key"])
def test_a_key_that_cannot_quote_ends_the_start_with_words(
    tpm: SoftwareTpm, bundle: Bundle, undo: ExitStack, key: int
) -> None:
    with HeadFile(bundle.head) as head:
        place = Place(source=tpm.socket, tpm_key=key, pcrs=(7,))
        enclave = attested.start("tpm", head, place=place, replay=64)
        undo.callback(enclave.close)
        enclave_end = time.monotonic() + 20
        while enclave.running and time.monotonic() < enclave_end:
            time.sleep(0.01)
        assert "the TPM refuses" in enclave.exit_status()


def test_a_tpm_that_is_gone_ends_the_enclaves_evidence(
    tmp_path: Path, bundle: Bundle, undo: ExitStack
) -> None:
    with contextlib.closing(SoftwareTpm(tmp_path)) as own:
        own.key(EC, "ecc")
        enclave = start(own, bundle, undo)
        attest(enclave)
    with pytest.raises((EnclaveRefused, EnclaveDied)):
        attest(enclave)


def test_an_answer_of_another_form_yields_no_evidence(
    tmp_path: Path, bundle: Bundle, undo: ExitStack
) -> None:
    """A socket that answers as no TPM does."""
    import struct
    import threading

    answers = [
        b"\x80\x02" + struct.pack(">IIIH", 16, 0, 2, 0),  # quoted fills the parameters
        b"\x80\x02" + struct.pack(">IIIH", 16, 0, 0xFFFFFFFF, 4),
        b"\x80\x02" + struct.pack(">IIIH", 20, 0, 6, 9) + bytes(4),
        b"\x80\x02" + struct.pack(">II", 10, 0),
        b"\x80\x02" + struct.pack(">II", 3, 0),
        b"\x80\x02" + struct.pack(">II", 0xFFFFFFFF, 0),
        b"",
    ]
    door = undo.enter_context(socket.socket(socket.AF_UNIX))
    door.bind(str(tmp_path / "tpm"))
    door.listen()

    def answer() -> None:
        for one in answers:
            stream, _ = door.accept()
            with stream:
                stream.recv(4096)
                stream.sendall(one)
                stream.shutdown(socket.SHUT_WR)
                stream.recv(1)

    threading.Thread(target=answer, daemon=True).start()
    with HeadFile(bundle.head) as head:
        place = Place(source=tmp_path / "tpm", tpm_key=EC, pcrs=(7,))
        for _ in answers:
            enclave = attested.start("tpm", head, place=place, replay=64)
            undo.callback(enclave.close)
            end = time.monotonic() + 20
            while enclave.running and time.monotonic() < end:
                time.sleep(0.01)
            assert re.search(r"exit status 3: .*no evidence can be made", enclave.exit_status())
