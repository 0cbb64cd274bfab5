"""A service in a process of its own, for the search through its memory.

It is `cloister.serve.serve` as the command line runs it, with three additions that only hold and
wait: each request pauses once the host has all that it ever gets of it (a line on standard output,
then one from standard input); POST /clear keeps a body that came in the clear; everything that
any library logs at any level goes to standard error.

Usage: python held_service.py BUNDLE
"""

from __future__ import annotations

import logging
import sys

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cloister.serve.instance import Observation
from cloister.serve.service import Service, Settings, serve

EVERYTHING = 1
kept: list[object] = []


def pause(observation: Observation) -> None:
    """Holds what the host saw until it is told to go on."""
    print("holding", flush=True)
    sys.stdin.readline()
    del observation


async def clear(request: Request) -> Response:
    """Keeps a body, as a service without an enclave would see it."""
    kept.append(await request.body())
    return Response()


def ready(service: Service) -> None:
    """Says where it is."""
    service.app.router.routes.append(Route("/clear", clear, methods=["POST"]))
    print(service.url, flush=True)


if __name__ == "__main__":
    logging.basicConfig(level=EVERYTHING, stream=sys.stderr)
    settings = Settings(observer=pause, replay=1024)
    serve(sys.argv[1], port=0, settings=settings, on_ready=ready, log_level=EVERYTHING)
