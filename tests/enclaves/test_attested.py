"""Evidence of the program `cloister-enclave` from Gramine, configfs-tsm and a TPM, appraised by the
real verifier; and hostile kernels.

The kernels are doubles that sign with the PKIs of tests/attest; the TPM is swtpm. All else is real:
the program, its helper, their confinement, the frames.
"""

from __future__ import annotations

import datetime as dt
import errno
import os
import random
import re
import shlex
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import tiny_bundle
from attest.amd_world import AmdWorld
from attest.intel_world import IntelWorld
from attest.test_dcap import SGX_TABLE, TDX_TABLE
from attest.test_snp import TABLE as SNP_TABLE
from attest.test_vectors import failure
from attest.vectors import policy
from enclaves.fake_kernel import Gramine, TsmKernel, running

from cloister.attest.claims import Claims
from cloister.attest.evidence import Evidence
from cloister.attest.policy import Policy
from cloister.attest.tee import CONFINEMENT, Tee
from cloister.attest.verifier import AttestationResult, appraise
from cloister.enclaves import attested
from cloister.enclaves.attested import Place
from cloister.enclaves.deploy import write_deployment
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.protocol import Attested, EnclaveDied, EnclaveRefused
from cloister.enclaves.sandbox import SandboxEnclave
from cloister.errors import OutsideError, UserError
from cloister.pack.bundle import Bundle
from cloister.serve.evidence import _report_and_certificates, _without_padding

NONCE = bytes(range(32))
DAY = dt.timedelta(days=1)
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
SPAN = (NOW - DAY, NOW + 20 * DAY)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="looks into a process that hides itself")


@cache
def intel(tdx: bool) -> IntelWorld:
    dates = dict.fromkeys(("tcb_dates", "qe_dates", "root_crl_dates", "pck_crl_dates"), SPAN)
    return IntelWorld(tdx, **dates)  # type: ignore[arg-type]


@cache
def amd() -> AmdWorld:
    return AmdWorld()


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return tiny_bundle.write(tmp_path_factory.mktemp("attested") / "bundle")


@dataclass
class Setup:
    """An enclave of a kind whose quotes a double makes."""

    tee: str
    bundle: Bundle
    place: Place
    row: Tee
    table: str
    files: list[bytes]
    take: Callable[[bytes], tuple[bytes, bytes]] = lambda raw: (raw, b"")

    def start(self, undo: ExitStack) -> SandboxEnclave:
        head = undo.enter_context(HeadFile(self.bundle.head))
        enclave = attested.start(self.tee, head, place=self.place, replay=64)
        undo.callback(enclave.close)
        try:
            enclave.link.load(
                head, self.bundle.manifest_digest, answer_bytes=1 << 16, deadline=soon()
            )
        except EnclaveDied as error:
            enclave.stop()
            raise OutsideError(enclave.exit_status(), code="x") from error
        assert isinstance(enclave, SandboxEnclave)
        return enclave

    def attest(self, enclave: SandboxEnclave, nonce: bytes = NONCE) -> Attested:
        now = int(time.time())
        return enclave.link.attest(nonce, now, now + 3600, deadline=soon())

    def policy(self) -> Policy:
        from dataclasses import replace

        digest = bytes.fromhex(self.bundle.manifest_digest.hex())
        return replace(policy(self.tee, self.table), manifest_digests=frozenset({digest}))

    def judge(self, found: Attested, nonce: bytes = NONCE) -> AttestationResult:
        quote, beside = self.take(found.evidence)
        files = [*self.files, *([beside] if beside else [])]
        document = Evidence(found.claims, self.row.media_type, quote).to_bytes()
        return appraise(
            document,
            self.bundle.manifest_bytes,
            self.policy(),
            nonce=nonce,
            now=time.time(),
            collateral=files,
            tees={self.tee: self.row},
        )


def soon() -> float:
    return time.monotonic() + 60


Kind = Callable[..., tuple[Setup, Any]]


@pytest.fixture
def undo() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def kind(
    bundle: Bundle, tmp_path: Path, undo: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Kind]:
    """Makes a setup and its kernel."""

    def make(tee: str, **kernel: Any) -> tuple[Setup, Any]:  # noqa: ANN401
        place = kernel.pop("place", {})
        if tee == "sgx":
            world = intel(False)
            kernel.setdefault("make", lambda data: world.quote(world.body(report_data=data)))
            gramine = Gramine(tmp_path / "attestation", **kernel)
            undo.enter_context(running(gramine))
            here = Place(source=gramine.base, **place)
            return Setup(tee, bundle, here, world.row(), SGX_TABLE, [world.collateral()]), gramine
        if tee == "tdx":
            world = intel(True)
            kernel.setdefault("make", lambda data: (td_quote(data), b""))
            tsm = TsmKernel(tmp_path, "tdx_guest", **kernel)
            files, row, table, take = [world.collateral()], world.row(), TDX_TABLE, _without_padding
        else:
            kernel.setdefault("make", lambda data: (amd().report(report_data=data), b""))
            tsm = TsmKernel(tmp_path, "sev_guest", **kernel)
            files, row, table = (
                [amd().pem(), amd().crl(begin=SPAN[0], end=SPAN[1])],
                amd().row(),
                SNP_TABLE,
            )
            take = _report_and_certificates
        undo.enter_context(running(tsm))
        monkeypatch.setenv("CLOISTER_ENCLAVE", str(tsm.program))
        return Setup(tee, bundle, Place(source=tsm.base, **place), row, table, files, take), tsm

    return make


def td_quote(data: bytes) -> bytes:
    return intel(True).quote(intel(True).body(report_data=data))


KINDS = ("sgx", "tdx", "snp")


# ------------------------------------------------------------------------------------- honest
@pytest.mark.parametrize("tee", KINDS)
def test_evidence_of_the_program_passes_the_verifier(kind: Kind, undo: ExitStack, tee: str) -> None:
    setup, _ = kind(tee)
    enclave = setup.start(undo)
    for nonce in (NONCE, bytes(8)):
        result = setup.judge(setup.attest(enclave, nonce), nonce)
        assert result.passed, result.checks
    claims = Claims.from_bytes(setup.attest(enclave).claims)
    assert (claims.tee, claims.debug_status) == (tee, 1)
    # Under Gramine nothing is claimed that it has no system calls for.
    assert claims.level == ("" if tee == "sgx" else ",".join(CONFINEMENT))


@pytest.mark.parametrize("tee", KINDS)
def test_rejects_evidence_for_another_nonce(kind: Kind, undo: ExitStack, tee: str) -> None:
    setup, _ = kind(tee)
    found = setup.attest(setup.start(undo))
    assert failure(setup.judge(found, bytes(32))) == ("nonce", "nonce")


def test_each_report_has_a_directory_of_its_own_that_goes_again(
    kind: Kind, undo: ExitStack
) -> None:
    setup, kernel = kind("tdx")
    enclave = setup.start(undo)
    setup.attest(enclave)
    setup.attest(enclave)
    assert len(kernel.directories) == len(set(kernel.directories)) == 3  # one at the start
    assert list(kernel.base.iterdir()) == []


def test_a_privilege_level_is_asked_for_in_ascii(kind: Kind, undo: ExitStack) -> None:
    setup, kernel = kind("snp", place={"privlevel": 2})
    found = setup.attest(setup.start(undo))
    assert kernel.privlevels == [b"2", b"2"]  # one at the start
    assert setup.judge(found).passed  # two writes, generation 2


def test_certificates_beside_a_report_become_endorsements(kind: Kind, undo: ExitStack) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    ders = [amd().certificates[name].public_bytes(Encoding.DER) for name in ("leaf", "ask", "ark")]
    table, content = b"", b""
    for n, der in enumerate([*ders, b"no certificate"]):
        table += bytes([n + 1] * 16) + struct.pack("<II", 24 * 5 + len(content), len(der))
        content += der
    aux = table + bytes(24) + content
    setup, _ = kind("snp", make=lambda data: (amd().report(report_data=data), aux))
    setup.files = [amd().crl(begin=SPAN[0], end=SPAN[1])]
    found = setup.attest(setup.start(undo))
    assert len(found.evidence) == 1184 + len(aux)
    assert setup.judge(found).passed


@pytest.mark.parametrize(
    "table", [b"\xff" * 4096, b"\1" * 23, bytes(100), b"\1" * 16 + b"\xff" * 8]
)
def test_a_hostile_certificate_table_yields_nothing(table: bytes) -> None:
    report = amd().report()
    assert _report_and_certificates(report + table) == (report, b"")


def test_zeros_after_a_td_quote_are_taken_off(kind: Kind, undo: ExitStack) -> None:
    setup, _ = kind("tdx", make=lambda data: (td_quote(data) + bytes(300), b""))
    found = setup.attest(setup.start(undo))
    assert setup.judge(found).passed
    assert _without_padding(b"junk") == (b"junk", b"")


# ------------------------------------------------------------------------------------ the helper
def helper_of(enclave: SandboxEnclave) -> int:
    children = Path(f"/proc/{enclave.pid}/task/{enclave.pid}/children").read_text().split()
    assert len(children) == 1
    return int(children[0])


def test_the_enclave_keeps_its_full_confinement_and_the_helper_has_its_own(
    kind: Kind, undo: ExitStack
) -> None:
    setup, kernel = kind("tdx")
    enclave = setup.start(undo)
    for pid, descriptors in ((enclave.pid, 2), (helper_of(enclave), 3)):
        status = Path(f"/proc/{pid}/status").read_text()
        assert re.search(r"^Seccomp:\s+2$", status, re.MULTILINE)
        assert re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE)
        assert Path(f"/proc/{pid}/mem").stat().st_uid == 0
        links = [fd.readlink() for fd in Path(f"/proc/{pid}/fd").iterdir()]
        # The listener's filter is inherited by both; its descriptor by none.
        assert len(links) == descriptors, links
        assert Path(f"/proc/{pid}/environ").read_bytes().strip(b"\0") == b""
    links = {fd.readlink() for fd in Path(f"/proc/{helper_of(enclave)}/fd").iterdir()}
    assert kernel.base in links


def test_a_killed_helper_ends_its_enclave(kind: Kind, undo: ExitStack) -> None:
    setup, _ = kind("tdx")
    enclave = setup.start(undo)
    os.kill(helper_of(enclave), signal.SIGKILL)
    with pytest.raises(EnclaveDied):
        setup.attest(enclave)
    enclave.stop()
    assert not enclave.running


def test_the_helper_ends_with_its_enclave(kind: Kind, undo: ExitStack) -> None:
    setup, _ = kind("tdx")
    enclave = setup.start(undo)
    helper = helper_of(enclave)
    os.kill(enclave.pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while Path(f"/proc/{helper}/stat").exists() and _state(helper) != "Z":
        assert time.monotonic() < end
        time.sleep(0.01)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


PROBE = """
#include "confine.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv) {
    int pair[2], dir = open(argv[1], O_RDONLY | O_DIRECTORY);
    if (argc < 4 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || dir < 0) return 90;
    static char what[16], path[256];
    strcpy(what, argv[2]), strcpy(path, argv[3]);
    if (clo_confine_helper(pair[0], dir) != NULL) return 91;
    if (strcmp(what, "read") == 0) _exit(openat(dir, path, O_RDONLY) < 0);
    if (strcmp(what, "write") == 0) _exit(openat(dir, path, O_WRONLY) < 0);
    if (strcmp(what, "create") == 0) _exit(openat(dir, path, O_WRONLY | O_CREAT, 0600) < 0);
    if (strcmp(what, "mkdir") == 0) _exit(mkdirat(dir, path, 0700) != 0);
    if (strcmp(what, "unlink") == 0) _exit(unlinkat(dir, path, 0) != 0);
    syscall(strtol(what, NULL, 0), 0, 0, 0, 0, 0, 0);
    _exit(0);
}
"""


@pytest.fixture(scope="session")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that confines itself as the helper does and then tries one thing."""
    folder = tmp_path_factory.mktemp("probe")
    (folder / "probe.c").write_text(PROBE)
    posix = Path(__file__).parents[2] / "enclave/ports/posix"
    command = ["cc", "-std=gnu11", f"-I{posix}", folder / "probe.c", posix / "confine.c"]
    subprocess.run([*command, "-o", folder / "probe"], check=True)
    return folder / "probe"


@pytest.mark.parametrize(
    ("what", "path", "allowed"),
    [
        ("read", "inside", True),
        ("write", "inside", True),
        ("mkdir", "new", True),
        ("read", "/etc/passwd", False),
        ("read", "../outside", False),
        ("write", "../outside", False),
        ("mkdir", "../new", False),
        ("create", "file", False),
        ("unlink", "inside", False),
    ],
)
def test_the_helper_reaches_no_file_but_of_its_one_directory(
    probe: Path, tmp_path: Path, what: str, path: str, allowed: bool
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "inside").touch()
    (tmp_path / "outside").touch()
    done = subprocess.run([probe, tmp_path / "in", what, path], check=False, timeout=20)
    assert done.returncode == (0 if allowed else 1)


@pytest.mark.parametrize(
    "call", ["socket", "connect", "execve", "clone", "ptrace", "mmap", "ioctl"]
)
def test_the_helper_makes_no_other_system_call(probe: Path, tmp_path: Path, call: str) -> None:
    x86 = {
        "socket": 41,
        "connect": 42,
        "execve": 59,
        "clone": 56,
        "ptrace": 101,
        "mmap": 9,
        "ioctl": 16,
    }
    arm = {
        "socket": 198,
        "connect": 203,
        "execve": 221,
        "clone": 220,
        "ptrace": 117,
        "mmap": 222,
        "ioctl": 29,
    }
    number = (arm if os.uname().machine == "aarch64" else x86)[call]
    done = subprocess.run([probe, tmp_path, str(number), "x"], check=False, timeout=20)
    assert done.returncode == -signal.SIGSYS


# --------------------------------------------------------------------------------- hostile kernels
@pytest.mark.parametrize("tee", KINDS)
def test_rejects_a_stale_quote(kind: Kind, undo: ExitStack, tee: str) -> None:
    """The kernel gives what it made for the first report data, whatever is asked."""
    first: list[bytes] = []

    def stale(data: bytes) -> Any:  # noqa: ANN401
        first.append(data)
        if tee == "sgx":
            return intel(False).quote(intel(False).body(report_data=first[0]))
        report = td_quote(first[0]) if tee == "tdx" else amd().report(report_data=first[0])
        return report, b""

    setup, _ = kind(tee, make=stale)
    assert failure(setup.judge(setup.attest(setup.start(undo)))) == ("binding", "report-data")


def test_a_report_that_somebody_else_disturbed_is_made_anew(kind: Kind, undo: ExitStack) -> None:
    setup, kernel = kind("tdx")
    enclave = setup.start(undo)
    kernel.jumps = 3
    before = len(kernel.directories)
    assert setup.judge(setup.attest(enclave)).passed
    assert len(kernel.directories) == before + 4


def test_a_generation_that_jumps_every_time_yields_no_evidence(kind: Kind, undo: ExitStack) -> None:
    setup, kernel = kind("tdx")
    enclave = setup.start(undo)
    kernel.jumps = 1000
    with pytest.raises(EnclaveRefused):
        setup.attest(enclave)
    assert "somebody else writes" in _said(enclave)
    assert list(kernel.base.iterdir()) == []
    kernel.jumps = 0
    assert setup.judge(setup.attest(enclave)).passed  # it lives on


def _said(enclave: SandboxEnclave) -> str:
    return os.pread(enclave._stderr, 4096, 0).decode()


@pytest.mark.parametrize(
    "call",
    ["mkdirat", "write inblob", "read outblob", "unlinkat", "read generation", "read provider"],
)
@pytest.mark.parametrize("error", [errno.EBUSY, errno.EINTR])
def test_a_busy_kernel_is_asked_again(kind: Kind, undo: ExitStack, call: str, error: int) -> None:
    setup, kernel = kind("tdx")
    enclave = setup.start(undo)
    kernel.errors = {call: [error, error]}
    assert setup.judge(setup.attest(enclave)).passed
    assert kernel.errors == {call: []}
    assert list(kernel.base.iterdir()) == []


def test_a_kernel_that_stays_busy_is_given_up(kind: Kind, undo: ExitStack) -> None:
    setup, kernel = kind("tdx")
    enclave = setup.start(undo)
    kernel.errors = {"read outblob": [errno.EBUSY] * 1000}
    began = time.monotonic()
    with pytest.raises(EnclaveRefused):
        setup.attest(enclave)
    assert 3 < time.monotonic() - began < 30
    assert list(kernel.base.iterdir()) == []


@pytest.mark.parametrize("error", [errno.EIO, errno.EINVAL, errno.ETIMEDOUT])
def test_a_kernel_that_fails_yields_no_evidence_and_the_enclave_lives(
    kind: Kind, undo: ExitStack, error: int
) -> None:
    setup, kernel = kind("snp")
    enclave = setup.start(undo)
    kernel.errors = {"read outblob": [error]}
    with pytest.raises(EnclaveRefused):
        setup.attest(enclave)
    assert setup.judge(setup.attest(enclave)).passed


@pytest.mark.parametrize("tee", KINDS)
def test_rejects_a_quote_that_was_read_short(kind: Kind, undo: ExitStack, tee: str) -> None:
    def short(data: bytes) -> Any:  # noqa: ANN401
        if tee == "sgx":
            return intel(False).quote(intel(False).body(report_data=data))[:-1]
        report = td_quote(data) if tee == "tdx" else amd().report(report_data=data)
        return report[: len(report) - 1], b""

    setup, _ = kind(tee, make=short)
    assert failure(setup.judge(setup.attest(setup.start(undo))))[0] == "form"


def test_a_quote_that_comes_in_pieces_is_whole(kind: Kind, undo: ExitStack) -> None:
    setup, _ = kind("sgx", piece=7)
    assert setup.judge(setup.attest(setup.start(undo))).passed


@pytest.mark.parametrize("size", [0, 30721, 1 << 20])
@pytest.mark.parametrize("tee", ["sgx", "tdx"])
def test_an_empty_or_oversized_quote_ends_the_start(
    kind: Kind, undo: ExitStack, tee: str, size: int
) -> None:
    made: Any = b"x" * size if tee == "sgx" else (b"x" * size, b"")
    setup, _ = kind(tee, make=lambda _: made)
    with pytest.raises(OutsideError, match=r"exit status 3: .*no evidence can be made"):
        setup.start(undo)


def test_the_largest_quote_that_fits_goes_through(kind: Kind, undo: ExitStack) -> None:
    setup, _ = kind("tdx", make=lambda _: (b"x" * 30720, b""))
    assert setup.attest(setup.start(undo)).evidence == b"x" * 30720


def test_certificates_that_do_not_fit_are_left_out(kind: Kind, undo: ExitStack) -> None:
    setup, _ = kind("snp", make=lambda data: (amd().report(report_data=data), b"x" * 32768))
    assert setup.judge(setup.attest(setup.start(undo))).passed


def test_another_provider_ends_the_start_with_words(kind: Kind, undo: ExitStack) -> None:
    setup, kernel = kind("tdx")
    kernel.provider = "sev_guest"
    with pytest.raises(OutsideError, match="its provider makes quotes of another kind of TEE"):
        setup.start(undo)


def test_gramine_without_dcap_ends_the_start_with_words(kind: Kind, undo: ExitStack) -> None:
    setup, _ = kind("sgx", kind="none")
    with pytest.raises(OutsideError, match=r'sgx\.remote_attestation = "dcap"'):
        setup.start(undo)


@pytest.mark.parametrize(
    ("tee", "words"),
    [("sgx", "is this Gramine"), ("tdx", "is configfs mounted"), ("snp", "is configfs mounted")],
)
def test_a_missing_directory_ends_the_start_with_words(
    bundle: Bundle, undo: ExitStack, tmp_path: Path, tee: str, words: str
) -> None:
    place = Place(source=tmp_path / "gone")
    setup = Setup(tee, bundle, place, intel(False).row(), SGX_TABLE, [])
    with pytest.raises(OutsideError, match=rf"exit status 3: .*{words}"):
        setup.start(undo)


# ----------------------------------------------------------------------------------- a hostile TPM
TPM_PROBE = """
#include "evidence.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
int main(void) { /* standard input: answers, each after its length (u32) */
    static uint8_t answer[1 << 16], command[4096];
    uint32_t n, count = 0, taken = 0;
    while (fread(&n, sizeof n, 1, stdin) == 1) {
        if (n > sizeof answer || fread(answer, 1, n, stdin) != n) return 89;
        int pair[2];
        const uint8_t data[64] = {0};
        uint8_t *out = malloc(CLO_EVIDENCE_MAX); /* its own, for the sanitizer */
        clo_evidence e = {.tpm_key = 0x81000003, .pcrs = 128};
        size_t made = 0;
        if (out == NULL || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) return 90;
        e.fd = pair[0];
        if (write(pair[1], answer, n) != (ssize_t)n || shutdown(pair[1], SHUT_WR) != 0) return 91;
        const char *wrong = clo_tpm_quote(&e, data, out, CLO_EVIDENCE_MAX, &made);
        if (wrong == NULL && (made > CLO_EVIDENCE_MAX || made > n)) return 92;
        if (read(pair[1], command, sizeof command) != 105) return 93;
        taken += wrong == NULL;
        count++;
        close(pair[0]), close(pair[1]), free(out);
    }
    printf("%u %u", count, taken);
    return 0;
}
"""


def test_no_answer_of_a_hostile_tpm_is_read_beyond_its_end(tmp_path: Path) -> None:
    """50,000 answers that are none, with the sanitizers for addresses and undefined behaviour."""
    posix, rng = Path(__file__).parents[2] / "enclave/ports/posix", random.Random(6)
    (tmp_path / "probe.c").write_text(TPM_PROBE)
    sources = [tmp_path / "probe.c", posix / "evidence_tpm.c", posix / "stream.c"]
    flags = ["-std=gnu11", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    command = ["cc", *flags, f"-I{posix}", f"-I{posix.parents[1]}/include", *map(str, sources)]
    subprocess.run([*command, "-o", str(tmp_path / "probe")], check=True)
    quoted, signature = bytes(101), b"\0\x18\0\x0b" + 2 * (b"\0\x20" + bytes(32))
    parameters = struct.pack(">H", len(quoted)) + quoted + signature
    good = struct.pack(">HIII", 0x8002, 14 + len(parameters) + 5, 0, len(parameters))
    good += parameters + bytes(5)
    answers = [good]
    for _ in range(50_000):
        changed = bytearray(good)
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(20) if rng.random() < 0.8 else rng.randrange(len(good))
            changed[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        answers.append(
            bytes(changed[: rng.choice((len(good), len(good), rng.randrange(len(good))))])
        )
    done = subprocess.run(
        [tmp_path / "probe"],
        input=b"".join(struct.pack("<I", len(one)) + one for one in answers),
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    count, taken = map(int, done.stdout.split())
    assert count == len(answers) and 1 <= taken < count / 2


# ------------------------------------------------------------------------------------------- places
@pytest.mark.parametrize(
    ("tee", "place"),
    [
        ("tdx", Place(privlevel=1)),
        ("snp", Place(privlevel=4)),
        ("tpm", Place()),
        ("tpm", Place(tpm_key=1)),
        ("tpm", Place(tpm_key=1, pcrs=(24,))),
        ("snp", Place(tpm_key=1, pcrs=(1,))),
        ("tdx", Place(at="/etc")),
        ("tdx", Place(at="vsock://x:1")),
        ("tdx", Place(at="unix://relative")),
        ("tdx", Place(at="http://host:80")),
        ("tdx", Place(at="vsock://3:8401", source=Path("/tmp"))),
        ("snp", Place(at="unix:///vm", privlevel=1)),
        ("sgx", Place(at="/deploy", source=Path("/tmp"))),
    ],
)
def test_a_place_that_contradicts_its_kind_is_a_mistake_of_the_user(
    bundle: Bundle, tee: str, place: Place
) -> None:
    with HeadFile(bundle.head) as head, pytest.raises(UserError):
        attested.start(tee, head, place=place)


def test_an_enclave_behind_a_socket_is_one_for_each_connection(
    kind: Kind, undo: ExitStack, tmp_path: Path
) -> None:
    """As systemd starts it in a confidential VM: `Accept=yes`, the stream on standard input."""
    setup, kernel = kind("tdx")
    path = tmp_path / "vm"
    listening = undo.enter_context(socket.socket(socket.AF_UNIX))
    listening.bind(str(path))
    listening.listen()
    with HeadFile(setup.bundle.head) as head:
        memory = head.memory_bytes(64)
    started = []

    def accept() -> None:
        for _ in range(2):
            stream, _ = listening.accept()
            with stream:
                command = [
                    str(kernel.program), "--fd", "0", "--memory", str(memory), "--replay", "64",
                    "--tee", "tdx", "--source", str(kernel.base),
                ]  # fmt: skip
                started.append(subprocess.Popen(command, stdin=stream, env={}))

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    keys = set()
    with HeadFile(setup.bundle.head) as head:
        for _ in range(2):
            enclave = attested.start("tdx", head, place=Place(at=f"unix://{path}"))
            undo.callback(enclave.close)
            ready = enclave.link.load(
                head, setup.bundle.manifest_digest, answer_bytes=1 << 16, deadline=soon()
            )
            keys.add(ready.key_config)
            now = int(time.time())
            found = enclave.link.attest(NONCE, now, now + 3600, deadline=soon())
            assert setup.judge(found).passed
            assert enclave.running
            enclave.stop()
    assert len(keys) == 2
    assert [process.wait(20) for process in started] == [0, 0]


def test_sgx_runs_in_the_manifests_directory_on_standard_streams(
    kind: Kind, undo: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A double of `gramine-sgx`: as Gramine it takes the arguments from the manifest beside it and
    hands no descriptor down; it measures nothing.
    """
    setup, kernel = kind("sgx")
    place = tmp_path / "deploy"
    with HeadFile(setup.bundle.head) as head:
        made = write_deployment("sgx", head, place)
    gramine = tmp_path / "gramine-sgx"
    options = shlex.join([*made.command[1:], "--source", str(kernel.base)])
    gramine.write_text(
        f'#!/bin/sh\ntest -f "$1.manifest.template" || exit 9\nexec ./"$1" {options}\n'
    )
    gramine.chmod(0o700)
    monkeypatch.setattr(attested, "GRAMINE", (str(gramine), "cloister-enclave"))
    setup.place = Place(at=str(place))
    assert setup.judge(setup.attest(setup.start(undo))).passed


def test_nobody_behind_a_socket_is_told(bundle: Bundle, tmp_path: Path) -> None:
    with HeadFile(bundle.head) as head, pytest.raises(OutsideError, match="no enclave answers"):
        attested.start("snp", head, place=Place(at=f"unix://{tmp_path}/nobody"))
