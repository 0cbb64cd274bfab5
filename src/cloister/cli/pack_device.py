"""What `cloister pack --tee optee` does beside packing: the device's parts, and its policy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from cloister.attest.devices import load_devices, policy_table
from cloister.cli.output import note
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.optee import REPLAY_ENTRIES
from cloister.errors import UserError
from cloister.optee.lab import set_up
from cloister.optee.parts import Parts
from cloister.optee.plan import PLATFORMS, Need, plan, rooms
from cloister.pack.manifest import HEAD_FILE
from cloister.pack.room import Room

TEE: Final = "optee"


@dataclass(frozen=True)
class Device:
    """For whom a bundle is packed.

    Args:
        dev_kit: The board's; None: Debian's, from the laboratory.
        key: Signs the application; None: the dev kit's.
        policy_fields: Of its table in the policy; None: a new policy's, to be filled in.
    """

    dev_kit: Path | None
    key: Path | None
    policy_fields: str | None

    @classmethod
    def of(
        cls, tee: str | None, dev_kit: Path | None, key: Path | None, devices: Path | None
    ) -> Self | None:
        """As the options say; None without --tee.

        Raises:
            UserError: They contradict each other, or the device list cannot be used.
        """
        if tee is None:
            for option, value in (("--dev-kit", dev_kit), ("--key", key), ("--devices", devices)):
                if value is not None:
                    raise UserError(f"{option} goes with --tee optee", code="usage")
            return None
        if tee != TEE:
            raise UserError(f"--tee is {tee!r:.80}, expected {TEE}", code="usage")
        fields = None if devices is None else policy_table(load_devices(devices))
        return cls(dev_kit, key, fields)

    @staticmethod
    def rooms(memory: int | None) -> tuple[Room, ...]:
        """What the instance may take, of so many bytes at most; what does not fit is streamed."""
        return rooms(PLATFORMS["stock"], memory)

    def options(self) -> dict[str, Any]:
        """Arguments of `pack`."""
        return {"replay": REPLAY_ENTRIES, "tee": TEE, "policy_fields": self.policy_fields}

    def finish(self, bundle: Path) -> None:
        """Builds the device's parts for a packed bundle and puts them into it."""
        with HeadFile(bundle / HEAD_FILE) as head:
            fit = plan(Need.of(head, REPLAY_ENTRIES), PLATFORMS["stock"]).require()
        lab = set_up(note)
        note("building the trusted application")
        Parts.make(lab, fit.sizes, dev_kit=self.dev_kit, key=self.key).write(bundle)
        if self.policy_fields is None:
            note(
                "the policy says FILL IN where it must name your device: cloister optee enrol, or"
                " --devices"
            )
