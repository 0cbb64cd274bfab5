"""UNSAFE, for development: this host opens keys/ itself and seals the key to its own sandbox.

No owner decides anything, and whoever runs the host has the key. It refuses every enclave but a
sandbox, which protects nothing anyway.
"""

from __future__ import annotations

from cloister.attest.claims import Claims
from cloister.attest.evidence import Evidence
from cloister.broker.keyring import Keyring
from cloister.channel.ohttp import KeyConfig
from cloister.channel.page_key import seal_page_key
from cloister.errors import UserError
from cloister.serve.keys import Attest

_NONCE_BYTES = 32


class UnsafeKeys:
    """An opened keys/ on the host.

    Args:
        keyring: The owner's.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    @property
    def name(self) -> str:
        """Where they lie."""
        return f"keys in {self._keyring.folder}"

    def fetch(self, key_id: bytes, attest: Attest) -> bytes:
        """See `KeySource`.

        Raises:
            UserError: There is no such key, or the enclave is no sandbox.
        """
        key = self._keyring.get(key_id)
        if key is None:
            raise UserError(
                f"{self._keyring.folder} has no key {key_id.hex()}",
                code="unknown-key",
                hint="Give the keys/ that the bundle was sealed to.",
            )
        document = Evidence.from_bytes(attest(bytes(_NONCE_BYTES)))
        claims = Claims.from_bytes(document.claims)
        if claims.tee != "sandbox":
            raise UserError(
                f"--unsafe-keys is for the sandbox, this enclave is {claims.tee!r:.40}",
                code="unsafe-keys",
                hint="Let a broker release the key: `cloister broker`, serve --broker URL.",
            )
        config = KeyConfig.from_bytes(claims.key_config)
        return seal_page_key(key.key, config=config, claims=document.claims, key_id=key_id)
