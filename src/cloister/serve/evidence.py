"""Evidence documents: asked for from an instance, made into JSON, kept while they cost nothing.

Without a nonce an instance's document is always the same: it is made once. With a client's nonce
it is made anew; whoever asks limits how often. `iat` and `exp` are when the key was made and when
it ends, by this host's clock.
"""

from __future__ import annotations

import asyncio
import weakref

from cloister.attest import evidence as documents
from cloister.attest.tees import TEES
from cloister.enclaves.protocol import EnclaveDied
from cloister.serve.instance import Instance


class Evidence:
    """Makes evidence documents.

    Args:
        tee: Kind of enclave, a row of `TEES`.
        key_s: Lifetime of an instance's key.
    """

    def __init__(self, tee: str, key_s: float) -> None:
        self._media_type = TEES[tee].media_type
        self._key_s = key_s
        self._stored: weakref.WeakKeyDictionary[Instance, bytes] = weakref.WeakKeyDictionary()

    async def get(self, instance: Instance, nonce: bytes | None, deadline: float) -> bytes:
        """A document of this instance.

        Args:
            instance: The enclave.
            nonce: The client's own, 8 to 64 bytes; None for the stored document.
            deadline: On the instance's clock.
        """
        if not instance.usable:
            raise EnclaveDied("ended")
        if nonce is None and instance in self._stored:
            return self._stored[instance]
        iat = int(instance.born)
        exp = int(instance.born + self._key_s)
        future = instance.submit(lambda: instance.attest(nonce, iat, exp, deadline=deadline))
        attested = await asyncio.wrap_future(future)
        document = documents.Evidence(attested.claims, self._media_type, attested.evidence)
        if nonce is None:
            self._stored[instance] = document.to_bytes()
        return document.to_bytes()
