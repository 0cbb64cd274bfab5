"""What every question to an HTTP server keeps to: an address of one form, and an answer that is
bounded in length and in time.
"""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import httpx

from cloister.errors import UserError


def base_of(url: str, whose: str, port: int) -> str:
    """An http or https address, without its path's last slash.

    Args:
        url: What the user gave.
        whose: Of what it must be the address.
        port: Of an example.

    Raises:
        UserError: It is none.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment or parts.username is not None:
        raise UserError(
            f"{url!r:.200} is no address of a {whose}",
            code="bad-url",
            hint=f"An address looks like http://host:{port}.",
        )
    return url.rstrip("/")


def read_body(response: httpx.Response, most: int, end: float) -> bytes | None:
    """The body of a streamed answer; None: it has more than `most` bytes.

    Raises:
        httpx.ReadTimeout: It has not ended at `end`, on the monotonic clock.
    """
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > most:
            return None
        if time.monotonic() > end:
            raise httpx.ReadTimeout("the body comes too slowly")
    return bytes(body)
