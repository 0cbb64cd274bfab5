"""What an inference gave: the answer, who may have chosen it, and what was checked before."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cloister.attest.verifier import AttestationResult
from cloister.channel.message import Array
from cloister.client.proof import Proof
from cloister.pack.manifest import Manifest

SPLIT_ANSWER: Final = "answer: visible to and chosen by the host (tail unchecked)"
WHOLE_ANSWER: Final = "answer: computed and sealed in the TEE"
DEVELOPMENT_ANSWER: Final = (
    "answer: computed and sealed in the {tee}, which protects nothing against the host"
)
# How far the sum of probabilities may be from 1 in float32.
PROBABILITY_SUM_TOLERANCE: Final = 1e-3
# Of each output in JSON.
OUTPUT_MAX_NUMBERS: Final = 1000


@dataclass(frozen=True)
class Top:
    """One of the best answers; score is None where it is not a number."""

    index: int
    label: str | None
    score: float | None


@dataclass(frozen=True)
class Sizes:
    """Bytes on the wire; `crossing` is what the host sees in the open."""

    request: int
    crossing: int
    response: int


@dataclass(frozen=True)
class Inference:
    """The answer to one request.

    Args:
        outputs: The network's outputs, in their order.
        manifest: What the enclave runs, verified.
        evidence: What was checked before the input left.
        proof: The enclave's receipt for this answer, checked, and what it takes to check it later.
        nan: An output holds NaN.
        timings_ms: verify, seal, round_trip, unseal: the client's own. host_queue, host_open,
            host_head, host_crossing, host_tail, host_seal: the host's word, where it says so.
        bytes: Sizes on the wire.
    """

    outputs: tuple[Array, ...]
    manifest: Manifest
    evidence: AttestationResult
    proof: Proof
    nan: bool
    timings_ms: dict[str, float]
    bytes: Sizes

    @property
    def model(self) -> str:
        """Name of the model."""
        return self.manifest.name

    @property
    def answer(self) -> str:
        """Who can see and change the answer, in one sentence."""
        if self.manifest.mode == "split":
            return SPLIT_ANSWER
        if self.evidence.development:
            return DEVELOPMENT_ANSWER.format(tee=self.evidence.kind)
        return WHOLE_ANSWER

    @property
    def score_kind(self) -> str:
        """`softmax` if `scores` are made from the output, `output` if they are the output.

        Softmax is of classes, and only labels of the bundle say that there are some: the numbers
        of a regression look like a classifier's logits.
        """
        values = self.outputs[0]
        if not self._named or values.size != values.shape[-1]:
            return "output"
        total = float(values.sum(dtype=np.float64))
        probabilities = bool((values >= 0).all()) and abs(total - 1) < PROBABILITY_SUM_TOLERANCE
        return "output" if probabilities else "softmax"

    @property
    def _named(self) -> bool:
        """Whether the bundle has a label for each number of the first output."""
        labels = self.manifest.labels
        return labels is not None and len(labels) == self.outputs[0].size > 1

    @property
    def scores(self) -> NDArray[np.float64]:
        """The first output, flat, as probabilities where it is of classes."""
        values = self.outputs[0].reshape(-1).astype(np.float64)
        if self.score_kind == "output" or not np.isfinite(values).all():
            return values
        exponentials = np.exp(values - values.max())
        scores: NDArray[np.float64] = exponentials / exponentials.sum()
        return scores

    def top(self, count: int = 5) -> list[Top]:
        """The best answers, best first; NaN comes last. The order is the output's own: softmax
        rounds small differences away.
        """
        values, scores = self.outputs[0].reshape(-1), self.scores
        labels = self.manifest.labels if self._named else None
        order = np.argsort(np.where(np.isnan(values), np.inf, -values), kind="stable")
        return [
            Top(
                int(index),
                labels[index] if labels is not None else None,
                float(scores[index]) if np.isfinite(scores[index]) else None,
            )
            for index in order[:count]
        ]

    def to_json(self, count: int = 5) -> dict[str, Any]:
        """Members of `cloister infer --json` (docs/formats/json.md)."""
        return {
            "model": self.model,
            "top": [asdict(top) for top in self.top(count)],
            "score_kind": self.score_kind,
            "outputs": [
                {"name": info.name, "shape": list(info.shape), "values": _numbers(values)}
                for info, values in zip(self.manifest.outputs, self.outputs, strict=True)
            ],
            "answer": self.answer,
            "nan": self.nan,
            "evidence": self.evidence.to_json(),
            "timings_ms": self.timings_ms,
            "bytes": asdict(self.bytes),
            "manifest_sha256": self.manifest.digest,
            "receipt": self.proof.facts(),
        }


def _numbers(values: Array) -> list[float | None]:
    """The first of a tensor's numbers, flat; None where one is not finite, as JSON has no such."""
    flat = values.reshape(-1)[:OUTPUT_MAX_NUMBERS]
    return [float(value) if np.isfinite(value) else None for value in flat]
