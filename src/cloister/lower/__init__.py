"""From a graph to the operators of the enclave: layouts, fusing, weights as panels."""

from cloister.lower.lower import SUPPORTED, lower
from cloister.lower.program import Buffer, Kind, Op, Program, Span

__all__ = ["SUPPORTED", "Buffer", "Kind", "Op", "Program", "Span", "lower"]
