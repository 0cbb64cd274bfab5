"""What `cloister pack --tee optee` does beside packing: the device's parts, and its policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

from cloister.attest.devices import load_devices, policy_table
from cloister.cli.output import note
from cloister.enclaves.optee import REPLAY_ENTRIES
from cloister.errors import UserError
from cloister.optee.build import require_dev_kit, require_key
from cloister.optee.lab import Lab, set_up
from cloister.optee.parts import Parts
from cloister.optee.plan import PLATFORMS, Need, plan, rooms
from cloister.pack.container import Container
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
            UserError: They contradict each other; or device list, dev kit or key cannot be used.
        """
        if tee is None:
            for option, value in (("--dev-kit", dev_kit), ("--key", key), ("--devices", devices)):
                if value is not None:
                    raise UserError(f"{option} goes with --tee optee", code="usage")
            return None
        if tee != TEE:
            raise UserError(f"--tee is {tee!r:.80}, expected {TEE}", code="usage")
        if dev_kit is not None:
            require_dev_kit(dev_kit, with_key=key is None)
        if key is not None:
            require_key(key)
        fields = None if devices is None else policy_table(load_devices(devices))
        return cls(dev_kit, key, fields)

    @staticmethod
    def rooms(memory: int | None) -> tuple[Room, ...]:
        """What the instance may take, of so many bytes at most; what does not fit is streamed."""
        return rooms(PLATFORMS["stock"], memory)

    def options(self) -> dict[str, Any]:
        """Arguments of `pack`. The laboratory is set up here, before it packs.

        Raises:
            NoLab: That is not possible.
        """
        lab = set_up(note)
        return {
            "replay": REPLAY_ENTRIES,
            "tee": TEE,
            "policy_fields": self.policy_fields,
            "parts": partial(self._parts, lab),
        }

    def _parts(self, lab: Lab, container: Container) -> Callable[[Path], None]:
        """Builds the device's parts of a bundle; gives what puts them into it."""
        need = Need.of_container(container, REPLAY_ENTRIES)
        fit = plan(need, PLATFORMS["stock"]).require()
        note("building the trusted application")
        return Parts.make(lab, fit.sizes, dev_kit=self.dev_kit, key=self.key).write

    def remark(self) -> None:
        """Says what is left to do."""
        if self.policy_fields is None:
            note(
                "the policy says FILL IN where it must name your device: cloister optee enrol, or"
                " --devices"
            )
