"""Prometheus metrics of one service, in a registry of its own.

Labels are words of this code: outcomes, phases, directions. No tensor, key, nonce or anything
that a client sent is a label or a value.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
PHASES: Final = ("queue", "open", "head", "crossing", "tail", "seal")
_SECONDS: Final = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
    1.0, 2.5, 5.0, 10.0, 30.0,
)  # fmt: skip


class Metrics:
    """The metrics.

    Args:
        about: What is served: names and digests.
    """

    def __init__(self, about: dict[str, str]) -> None:
        self.registry = registry = CollectorRegistry()
        Info("cloister_service", "What is served.", registry=registry).info(about)
        self.requests = Counter(
            "cloister_requests", "Sealed requests by outcome.", ["outcome"], registry=registry
        )
        self.evidence = Counter(
            "cloister_evidence", "Evidence by whether it was made anew.", ["how"], registry=registry
        )
        self.seconds = Histogram(
            "cloister_phase_seconds",
            "Time of an answered request in each phase.",
            ["phase"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.bytes = Counter(
            "cloister_bytes", "Bytes of answered requests.", ["what"], registry=registry
        )
        self.waiting = Gauge(
            "cloister_requests_in_service", "Requests that wait or run.", registry=registry
        )
        self.starts = Counter(
            "cloister_enclave_starts", "Enclaves started, by reason.", ["why"], registry=registry
        )
        self.deaths = Counter(
            "cloister_enclave_deaths", "Enclaves that ended unasked.", registry=registry
        )
        self.ready = Gauge("cloister_enclave_ready", "1: an enclave is ready.", registry=registry)
        self.replay_used = Gauge(
            "cloister_replay_used", "Used entries of the replay table.", registry=registry
        )
        self.replay_size = Gauge(
            "cloister_replay_size", "Entries of the replay table.", registry=registry
        )

    def text(self) -> bytes:
        """All of them, as Prometheus reads them."""
        return generate_latest(self.registry)
