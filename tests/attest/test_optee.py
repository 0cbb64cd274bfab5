"""OP-TEE's evidence: the three kinds of it, and one reason to refuse, one test. The attestation
service's key is a synthetic one.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import pytest
from attest.fake_enclave import NOW, FakeEnclave
from attest.test_vectors import failure
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloister.attest.claims import DEBUG_DISABLED, DEBUG_ENABLED, report_data
from cloister.attest.devices import Device, add_device, load_devices, policy_table
from cloister.attest.evidence import Evidence
from cloister.attest.fields import BadPolicy
from cloister.attest.optee import ATTESTED, MEDIA_TYPE, SAID_BYTES, UNATTESTED, attestation_key
from cloister.attest.policy import Policy, policy_text
from cloister.attest.tee import Outcome
from cloister.attest.verifier import AttestationResult, appraise
from cloister.errors import UserError

ENCLAVE = FakeEnclave()
NONCE = b"n" * 32
DEVICE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
DEVICE_KEY = DEVICE.public_key().public_bytes_raw()
MEMORY = hashlib.sha256(b"the application").digest()


@cache
def service(bits: int = 2048, exponent: int = 65537) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(exponent, bits)


def modulus(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_numbers().n.to_bytes(key.key_size // 8, "big")


def key_name(key: rsa.RSAPrivateKey | None = None) -> bytes:
    return attestation_key(modulus(key or service()))[1]


def said(prefix: bytes, data: bytes, device: bytes = DEVICE_KEY) -> bytes:
    return prefix + device + data


def unattested(data: bytes, *, prefix: bytes = UNATTESTED) -> bytes:
    text = said(prefix, data)
    return text + DEVICE.sign(text)


def attested(
    data: bytes,
    *,
    key: rsa.RSAPrivateKey | None = None,
    digest: bytes = MEMORY,
    nonce: bytes | None = None,
    salt: int = 32,
) -> bytes:
    """As OP-TEE's attestation service signs it."""
    key, text = key or service(), said(ATTESTED, data)
    nonce = hashlib.sha512(text).digest() if nonce is None else nonce
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt)
    return text + modulus(key) + digest + key.sign(nonce + digest, pss, hashes.SHA256())


def claims(debug: int) -> bytes:
    return ENCLAVE.claims(NONCE, tee="optee", debug_status=debug, level="").to_bytes()


OPEN, CLOSED = claims(DEBUG_ENABLED), claims(DEBUG_DISABLED)
ATTESTATION = f'attestation_keys = ["{key_name().hex()}"]\nta_memory = ["{MEMORY.hex()}"]\n'
DEVICES = f'device_keys = ["{DEVICE_KEY.hex()}"]\n'
OTHER_DEVICE = f'device_keys = ["{"00" * 32}"]\n'
ENROLLED = DEVICES + "allow_unattested = true\n"


def policy(table: str) -> Policy:
    made = ENCLAVE.manifest
    text = policy_text(
        made.digest, model_digest=made.model_digest, tees=("optee",), tables={"optee": table}
    )
    return Policy.from_toml(text)


def judge(evidence: bytes, table: str, about: bytes) -> AttestationResult:
    return appraise(
        Evidence(about, MEDIA_TYPE, evidence).to_bytes(),
        ENCLAVE.manifest.to_bytes(),
        policy(table),
        nonce=NONCE,
        now=NOW,
    )


def judge_unattested(table: str) -> AttestationResult:
    return judge(unattested(report_data(OPEN)), table, OPEN)


def judge_attested(table: str = ATTESTATION, **changes: object) -> AttestationResult:
    return judge(attested(report_data(CLOSED), **changes), table, CLOSED)  # type: ignore[arg-type]


# ---------------------------------------------------------------------------- the three kinds
def test_attested_evidence_passes_where_the_policy_names_key_and_memory() -> None:
    for table in (ATTESTATION, ATTESTATION + DEVICES):
        result = judge_attested(table)
        assert result.passed
        assert not result.development
        assert result.facts == {
            "kind": "attested",
            "device_key": DEVICE_KEY.hex(),
            "attestation_key": key_name().hex(),
            "ta_memory": MEMORY.hex(),
        }


def test_an_enrolled_device_passes_only_where_the_policy_allows_it() -> None:
    result = judge_unattested(ENROLLED)
    assert result.passed
    assert result.development
    assert result.facts == {"kind": "unattested, enrolled", "device_key": DEVICE_KEY.hex()}
    refused = judge_unattested(ATTESTATION + DEVICES)
    assert failure(refused) == ("form", "unattested")


def test_an_unknown_device_passes_only_as_unsafe_development() -> None:
    result = judge_unattested("unsafe_development = true\n")
    assert result.passed
    assert result.development
    assert result.facts["kind"] == "unattested"
    by_name = {check.name: check for check in result.checks}
    for name in ("debug", "collateral", "evidence", "tcb", "platform", "measurement"):
        assert by_name[name].result is Outcome.NOT_CHECKED


def test_by_default_evidence_without_attestation_is_refused() -> None:
    assert failure(judge_unattested(ATTESTATION)) == ("form", "unattested")


# ---------------------------------------------------------------------------- reasons to refuse
def test_rejects_a_device_that_the_policy_does_not_name() -> None:
    other = OTHER_DEVICE + "allow_unattested = true\n"
    assert failure(judge_unattested(other)) == ("evidence", "device-key")
    assert failure(judge_attested(ATTESTATION + OTHER_DEVICE)) == ("platform", "device-key")


def test_rejects_another_attestation_key() -> None:
    assert failure(judge_attested(key=service(3072))) == ("evidence", "attestation-key")


def test_rejects_another_application() -> None:
    assert failure(judge_attested(digest=bytes(32))) == ("measurement", "ta-memory")


def test_rejects_a_signature_with_another_nonce_or_salt() -> None:
    text = said(ATTESTED, report_data(CLOSED))
    for nonce in (bytes(64), report_data(CLOSED), hashlib.sha512(text).digest() + b"\0", b""):
        assert failure(judge_attested(nonce=nonce)) == ("evidence", "signature")
    for salt in (0, 20, 64):
        assert failure(judge_attested(salt=salt)) == ("evidence", "signature")


def test_rejects_the_proof_of_one_kind_under_the_prefix_of_the_other() -> None:
    """A device key's signature is no attestation, whatever stands before it."""
    data = report_data(CLOSED)
    assert failure(judge(unattested(data, prefix=ATTESTED), ATTESTATION, CLOSED))[0] == "form"
    wrong = UNATTESTED + attested(data)[32:]
    assert failure(judge(wrong, ENROLLED, OPEN))[0] == "form"


def test_rejects_claims_that_say_otherwise_about_debuggers() -> None:
    data = report_data(OPEN)
    assert failure(judge(attested(data), ATTESTATION, OPEN)) == ("debug", "debug-enabled")
    data = report_data(CLOSED)
    assert failure(judge(unattested(data), ENROLLED, CLOSED)) == ("debug", "debug")


def test_rejects_evidence_for_other_claims() -> None:
    for evidence, table, about in (
        (unattested(bytes(64)), ENROLLED, OPEN),
        (attested(bytes(64)), ATTESTATION, CLOSED),
    ):
        assert failure(judge(evidence, table, about)) == ("binding", "report-data")


def test_rejects_a_device_key_that_the_service_did_not_sign() -> None:
    """Someone else's key beside genuine evidence must not be enrolled."""
    evidence = bytearray(attested(report_data(CLOSED)))
    evidence[32:64] = bytes(32)
    assert failure(judge(bytes(evidence), ATTESTATION, CLOSED)) == ("evidence", "signature")


@pytest.mark.parametrize("kind", ["attested", "unattested"])
def test_rejects_every_flipped_byte(kind: str) -> None:
    about = CLOSED if kind == "attested" else OPEN
    make, table = (attested, ATTESTATION) if kind == "attested" else (unattested, ENROLLED)
    good = make(report_data(about))  # type: ignore[operator]
    assert judge(good, table, about).passed
    for at in range(0, len(good), 1 if kind == "unattested" else 7):
        flipped = bytearray(good)
        flipped[at] ^= 1 << (at % 8)
        assert not judge(bytes(flipped), table, about).passed, at


@pytest.mark.parametrize("kind", ["attested", "unattested"])
def test_rejects_every_other_length(kind: str) -> None:
    about = CLOSED if kind == "attested" else OPEN
    make, table = (attested, ATTESTATION) if kind == "attested" else (unattested, ENROLLED)
    good = make(report_data(about))  # type: ignore[operator]
    for length in (0, 31, 32, 64, SAID_BYTES - 1, SAID_BYTES, len(good) - 1):
        assert failure(judge(good[:length], table, about))[0] == "form"
    assert failure(judge(good + b"\0", table, about)) == ("form", "length")


def test_rejects_moduli_that_are_no_keys() -> None:
    good = attested(report_data(CLOSED))
    for wrong in (bytes(256), b"\xff" * 255 + b"\xfe", bytes(255) + b"\3"):
        evidence = good[:SAID_BYTES] + wrong + good[SAID_BYTES + 256 :]
        assert failure(judge(evidence, ATTESTATION, CLOSED)) == ("evidence", "signature")


def test_longer_attestation_keys_are_known() -> None:
    key = service(3072)
    table = ATTESTATION.replace(key_name().hex(), key_name(key).hex())
    assert judge_attested(table, key=key).passed


# ---------------------------------------------------------------------------- policies, devices
@pytest.mark.parametrize(
    "table",
    [
        "",
        DEVICES,
        "allow_unattested = true\n",
        "unsafe_development = false\n",
        f'attestation_keys = ["{key_name().hex()}"]\n',
        f'ta_memory = ["{MEMORY.hex()}"]\n',
        ATTESTATION + 'ta_file = ["00"]\n',
        "device_keys = []\nallow_unattested = true\n",
        'device_keys = ["00"]\nallow_unattested = true\n',
    ],
    ids=range(9),  # the key is new in each process
)
def test_policies_that_would_accept_anything_or_nothing_are_refused(table: str) -> None:
    with pytest.raises(BadPolicy):
        policy(table)


def test_a_new_policy_must_be_filled_in() -> None:
    with pytest.raises(BadPolicy, match="FILL IN"):
        policy_text("11" * 32, model_digest="22" * 32, tees=("optee",))


def test_a_policy_explains_itself_and_lint_says_what_is_wide() -> None:
    text = " ".join(policy(ATTESTATION + ENROLLED).explain())
    for word in (key_name().hex(), MEMORY.hex(), DEVICE_KEY.hex(), "without attestation"):
        assert word in text
    assert "allow_unattested" in " ".join(policy(ENROLLED).remarks())
    assert "UNSAFE" in " ".join(policy("unsafe_development = true\n").remarks())
    assert policy(ATTESTATION).remarks() == []


def test_a_device_list_makes_policies_that_accept_these_devices(tmp_path: Path) -> None:
    path = tmp_path / "devices.toml"
    stock = Device("kitchen", DEVICE_KEY)
    board = Device("hall", bytes(32), key_name(), MEMORY)
    assert add_device(path, stock)
    assert add_device(path, board)
    assert not add_device(path, board)
    assert load_devices(path) == (stock, board)
    assert judge_unattested(policy_table([stock])).passed
    assert failure(judge_unattested(policy_table([board]))) == ("form", "unattested")
    both = policy(policy_table([stock, board])).tees["optee"]
    assert both == policy(policy_table([board, stock])).tees["optee"]
    with pytest.raises(UserError, match="empty"):
        policy_table([])


def test_a_device_whose_key_changed_is_not_enrolled_again(tmp_path: Path) -> None:
    path = tmp_path / "devices.toml"
    add_device(path, Device("kitchen", DEVICE_KEY))
    before = path.read_bytes()
    for other in (Device("kitchen", bytes(32)), Device("hall", DEVICE_KEY)):
        with pytest.raises(UserError) as caught:
            add_device(path, other)
        assert caught.value.code == "device-changed"
    with pytest.raises(UserError):
        add_device(path, Device('x"\n', bytes(32)))
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["devices.toml"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "format = 1",
        'format = "cloister-devices/2"',
        'format = "cloister-devices/1"\nmore = 1',
        'format = "cloister-devices/1"\ndevice = 1',
        'format = "cloister-devices/1"\ndevice = [1]',
        'format = "cloister-devices/1"\n[[device]]\nname = "x"',
        f'format = "cloister-devices/1"\n[[device]]\nname = "x y"\ndevice_key = "{"00" * 32}"',
        'format = "cloister-devices/1"\n[[device]]\nname = "x"\ndevice_key = "00"',
        f'format = "cloister-devices/1"\n[[device]]\nname = "x"\ndevice_key = "{"00" * 32}"\n'
        f'attestation_key = "{"00" * 32}"',
        'format = "cloister-devices/1"\n'
        + 2 * f'[[device]]\nname = "x"\ndevice_key = "{"00" * 32}"\n',
        "\xff",
    ],
)
def test_lists_of_another_form_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "devices.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UserError):
        load_devices(path)
