"""The owner's list of devices with OP-TEE: what was learnt of each when it was enrolled.

Specified in docs/formats/policy.md. A device is enrolled once, on a bench that its owner trusts;
from then on policies name its keys (`policy_table`). The list is the owner's alone: who can change
it chooses whom clients believe.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cloister.attest.fields import Fields
from cloister.errors import UserError
from cloister.files import write_whole

FORMAT: Final = "cloister-devices/1"
FILE_MAX_BYTES: Final = 1 << 20
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HEAD: Final = f"""\
# Devices with OP-TEE, each enrolled once by `cloister optee enrol`. Keep it where only you can
# change it.
format = "{FORMAT}"
"""


class BadDevices(UserError):
    """A device list that cannot be used, or that says otherwise than the device."""

    def __init__(self, path: Path, what: str, code: str = "bad-devices", hint: str = "") -> None:
        super().__init__(f"device list {path}: {what}", code=code, hint=hint)


@dataclass(frozen=True)
class Device:
    """An enrolled device.

    Args:
        name: The owner's, letters, digits, `.`, `_`, `-`.
        device_key: Ed25519 public key of the application on it, 32 bytes.
        attestation_key: SHA-256 of its attestation key; None: it does not attest.
        ta_memory: Digest of the application's memory that was checked; with `attestation_key`.
    """

    name: str
    device_key: bytes
    attestation_key: bytes | None = None
    ta_memory: bytes | None = None

    @property
    def kind(self) -> str:
        """What its evidence is to a policy that names it."""
        return "attested" if self.attestation_key else "unattested, enrolled"

    def to_toml(self) -> str:
        """Its table of the list."""
        lines = ["", "[[device]]", f'name = "{self.name}"']
        for field in ("device_key", "attestation_key", "ta_memory"):
            value = getattr(self, field)
            if value is not None:
                lines.append(f'{field} = "{value.hex()}"')
        return "\n".join(lines) + "\n"


def load_devices(path: Path) -> tuple[Device, ...]:
    """Reads a list.

    Raises:
        UserError: It cannot be read, or is no list of this version.
    """
    try:
        with path.open("rb") as file:
            content = file.read(FILE_MAX_BYTES + 1)
        if len(content) > FILE_MAX_BYTES:
            raise BadDevices(path, f"is longer than {FILE_MAX_BYTES} bytes")
        top = tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise BadDevices(path, error.strerror or str(error), "no-such-file") from error
    except (ValueError, RecursionError) as error:
        raise BadDevices(path, f"is not TOML: {error}") from error
    rows = top.pop("device", [])
    if top != {"format": FORMAT} or type(rows) is not list:
        raise BadDevices(path, f"expected format = {FORMAT!r} and tables [[device]], nothing else")
    devices = tuple(_device(path, row, number) for number, row in enumerate(rows, 1))
    for field in ("name", "device_key"):
        if len({getattr(device, field) for device in devices}) != len(devices):
            raise BadDevices(path, f"has a {field} twice")
    return devices


def add_device(path: Path, device: Device) -> bool:
    """Enters a device; a list that is not there is begun. What it said before stays, to the byte.

    Returns:
        False if the list held the same already.

    Raises:
        BadDevices: The name or the key is that of another device: a key that changed is no reason
            to believe the new one.
        OutsideError: The list cannot be written.
    """
    if not _NAME.fullmatch(device.name):
        raise BadDevices(path, f"name {device.name!r:.80}, expected letters, digits, dots", "usage")
    devices = load_devices(path) if path.exists() else ()
    if device in devices:
        return False
    for other in devices:
        if other.name == device.name or other.device_key == device.device_key:
            raise BadDevices(
                path,
                f"{other.name} is {other.device_key.hex()}, {other.kind}; this is {device.name}:"
                f" {device.device_key.hex()}, {device.kind}",
                "device-changed",
                "If you know why it changed, take the old entry out and enrol it again.",
            )
    before = path.read_text(encoding="utf-8") if path.exists() else _HEAD
    write_whole(path, (before + device.to_toml()).encode(), "device list")
    return True


def policy_table(devices: Sequence[Device]) -> str:
    """Fields of a policy's [tee.optee] that accept these devices, and no other.

    Raises:
        UserError: There are none.
    """
    if not devices:
        raise UserError("the device list is empty", code="no-devices", hint="cloister optee enrol")

    def listed(field: str) -> tuple[str, list[str]]:
        values = {getattr(device, field) for device in devices} - {None}
        return f"{field}s" if field.endswith("_key") else field, sorted(v.hex() for v in values)

    lines = [f"# {', '.join(device.name for device in devices)}"]
    for field in ("device_key", "attestation_key", "ta_memory"):
        name, values = listed(field)
        if values:
            lines.append(f"{name} = [{', '.join(chr(34) + value + chr(34) for value in values)}]")
    if any(device.attestation_key is None for device in devices):
        lines.append("# Nothing proves which application runs on those that do not attest.")
        lines.append("allow_unattested = true")
    return "\n".join(lines) + "\n"


def _device(path: Path, row: object, number: int) -> Device:
    if type(row) is not dict:
        raise BadDevices(path, f"its entry {number} is no table [[device]]")
    fields = Fields(row, f"device {number}")
    attests = fields.has("attestation_key")
    device = Device(
        fields.text("name"),
        fields.hex("device_key", 32),
        fields.hex("attestation_key", 32) if attests else None,
        fields.hex("ta_memory", 32) if attests else None,
    )
    fields.end()
    if not _NAME.fullmatch(device.name):
        raise BadDevices(path, f"name {device.name!r:.80}, expected letters, digits, dots")
    return device
