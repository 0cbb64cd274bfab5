"""What a bundle has for a device with OP-TEE, in its folder `optee`: the signed trusted
application, built for this bundle's memory plan, and the client daemon.

    66f6840e-….ta      to /lib/optee_armtz of the device
    cloister-optee     cloister-optee --bundle BUNDLE --listen tcp:ADDRESS:7000
    ta_plan.h          the numbers that the application was built with

`write_bundle` puts them into the bundle before that appears: it is there with them or not at all,
and stays what it was for everyone else.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from cloister.errors import UserError
from cloister.optee import build
from cloister.optee.build import Sizes
from cloister.optee.lab import Lab
from cloister.pack.bundle import DEVICE_FOLDER, MANIFEST_FILE, SUMS_FILE
from cloister.pack.manifest import HEAD_FILE

DAEMON_FILE: Final = "cloister-optee"
PLAN_FILE: Final = "ta_plan.h"
GUEST_BUNDLE: Final = "bundle"  # where a machine of ours has it


@dataclass(frozen=True)
class Parts:
    """Application and daemon of a bundle.

    Args:
        application: The signed trusted application.
        daemon: `cloister-optee`.
        plan: ta_plan.h.
    """

    application: bytes
    daemon: bytes
    plan: str

    @classmethod
    def make(
        cls, lab: Lab, sizes: Sizes, *, dev_kit: Path | None = None, key: Path | None = None
    ) -> Self:
        """Builds them.

        Args:
            lab: Brings compiler and libteec, and the dev kit unless another is named.
            sizes: The memory plan.
            dev_kit: The board's (TA_DEV_KIT_DIR).
            key: Signs the application, an RSA key (PEM); None: the dev kit's own, which everyone
                who has the kit has.
        """
        application = build.trusted_application(lab, sizes, dev_kit=dev_kit, key=key)
        return cls(application, build.daemon(lab), sizes.header())

    @classmethod
    def read(cls, bundle: Path) -> Self | None:
        """Those of a bundle; None if it has none.

        Raises:
            UserError: They cannot be read.
        """
        folder = bundle / DEVICE_FOLDER
        if not folder.is_dir():
            return None
        try:
            application, daemon, plan = (
                (folder / name).read_bytes() for name in (_application(), DAEMON_FILE, PLAN_FILE)
            )
        except OSError as error:
            raise UserError(
                f"bundle {bundle}: {error.filename or folder}: {error.strerror}",
                code="bad-bundle",
                hint="Pack it again with --tee optee.",
            ) from error
        return cls(application, daemon, plan.decode("utf-8", "replace"))

    def write(self, bundle: Path) -> None:
        """Puts them into a bundle, which has none yet.

        Raises:
            OSError: The disk does not take them.
        """
        folder = bundle / DEVICE_FOLDER
        folder.mkdir()
        (folder / _application()).write_bytes(self.application)
        (folder / DAEMON_FILE).write_bytes(self.daemon)
        (folder / DAEMON_FILE).chmod(0o755)
        (folder / PLAN_FILE).write_text(self.plan)


def guest_files(bundle: Path) -> dict[str, bytes]:
    """A bundle's files as a machine of ours has them, for its daemon."""
    names = (HEAD_FILE, MANIFEST_FILE, SUMS_FILE)
    return {f"{GUEST_BUNDLE}/{name}": (bundle / name).read_bytes() for name in names}


def _application() -> str:
    return f"{build.UUID}.ta"
