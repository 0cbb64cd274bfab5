"""What does it cost that messages, pages and answers are sealed, signed and appraised?

Bytes added to a message, and time: of client and enclave (a real one, in the sandbox) for a tensor
of some MiB each way, of loading sealed pages beside plain ones, of a receipt, and of an appraisal
for each kind of evidence, its manufacturer's PKI made by the tests. Medians: of processor time for
what this process computes, of the enclave's own clock, of a clock on the wall for loading.

A bound is of one step: a tensor of one MiB sealed or opened once, by the client or by the enclave,
whose times hold the digests of the receipt, the replay table and the signature, too.

    python -m bench.sealing [--mib 1] [--runs 30]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from onnx import TensorProto, helper, numpy_helper

# The synthetic PKIs stand with the tests.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "attest"))

import test_optee
import test_tpm

from bench import mutants, results
from cloister.attest.receipt import Expected, Receipt, check_receipt
from cloister.channel.message import write_message
from cloister.channel.ohttp import KeyConfig, seal_request
from cloister.channel.page_key import seal_page_key
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.protocol import Locked, Ready, Response
from cloister.enclaves.sandbox import SandboxEnclave
from cloister.graph.graph import Graph
from cloister.graph.load import from_proto
from cloister.pack.container import compile_container
from cloister.pack.sealing import seal_container

MIB: Final = 1 << 20
MESSAGE_BOUND_BYTES: Final = 64
TENSOR_BOUND_MS: Final = 3.0  # for each MiB
APPRAISAL_BOUND_MS: Final = 5.0
WEIGHTS_MIB: Final = 16
PAGE_KEY, KEY_ID, MANIFEST = bytes(range(32)), bytes(range(16)), bytes(32)
DEADLINE_S: Final = 60.0
Row = dict[str, Any]


def row(
    what: str,
    ms: float | None,
    bound_ms: float | None = None,
    added_bytes: int | None = None,
    bound_bytes: int | None = None,
) -> Row:
    """One line of the table; `ok` is None where nothing bounds it."""
    pairs = [(ms, bound_ms), (added_bytes, bound_bytes)]
    bounded = [value <= bound for value, bound in pairs if value is not None and bound is not None]
    return {
        "what": what,
        "ms": ms,
        "bound_ms": bound_ms,
        "added_bytes": added_bytes,
        "bound_bytes": bound_bytes,
        "ok": all(bounded) if bounded else None,
    }


def timed(
    work: Callable[[], object], clock: Callable[[], float] = time.process_time
) -> tuple[float, Any]:
    """Milliseconds, and what came out."""
    began = clock()
    result = work()
    return 1e3 * (clock() - began), result


def soon() -> float:
    """A deadline."""
    return time.monotonic() + DEADLINE_S


def network(inputs: int, outputs: int | None = None) -> Graph:
    """y = -x; with `outputs` a fully connected layer, so that there are weights."""
    n, constants = inputs, []
    if outputs is None:
        nodes = [helper.make_node("Neg", ["x"], ["y"])]
    else:
        n = outputs
        weights = np.random.default_rng(0).standard_normal((inputs, n)).astype(np.float32)
        constants = [numpy_helper.from_array(weights, "w")]
        nodes = [helper.make_node("MatMul", ["x", "w"], ["y"])]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, inputs))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, n))],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    return from_proto(model)


def write_head(folder: Path, graph: Graph) -> Path:
    """The container of the whole network."""
    path = folder / "head.clo"
    with path.open("wb") as file:
        file.writelines(compile_container(graph, mode="whole", answers=graph.outputs).chunks())
    return path


def load(enclave: SandboxEnclave, head: HeadFile) -> Ready:
    """Loads it, and gives it its page key where it is sealed."""
    answer = enclave.link.load(head, MANIFEST, answer_bytes=64 * MIB, deadline=soon())
    if not isinstance(answer, Locked):
        return answer
    claims = enclave.link.attest(None, 1, 2, deadline=soon()).claims
    config = KeyConfig.from_bytes(answer.key_config)
    key = seal_page_key(PAGE_KEY, config=config, claims=claims, key_id=answer.key_id)
    return enclave.link.key(key, deadline=soon())


def messages(folder: Path, mib: int, runs: int) -> Iterator[Row]:
    """A tensor there and one of the same size back."""
    n = mib * MIB // 4
    message = write_message([np.random.default_rng(0).standard_normal((1, n)).astype(np.float32)])
    times: dict[str, list[float]] = {}
    with HeadFile(write_head(folder, network(n))) as head:
        enclave = SandboxEnclave(head)
        try:
            config = KeyConfig.from_bytes(load(enclave, head).key_config)
            for number in range(1, runs + 1):
                seal_ms, (sealed, exchange) = timed(lambda: seal_request(config, message))
                answer = enclave.link.request(number, sealed, deadline=soon())
                assert isinstance(answer, Response)
                response = bytes(answer.sealed)
                open_ms, _ = timed(lambda x=exchange, y=response: x.open_response(y))  # type: ignore[misc]
                for name, ms in (
                    ("client seals a request", seal_ms),
                    ("enclave opens it", 1e-6 * answer.open_ns),
                    ("enclave seals and signs a response", 1e-6 * answer.seal_ns),
                    ("client opens it", open_ms),
                ):
                    times.setdefault(name, []).append(ms)
        finally:
            enclave.close()
    added = {
        "client seals a request": len(sealed) - len(message),
        "enclave seals and signs a response": len(response) - len(message),
    }
    for name, found in times.items():
        size = added.get(name)
        bound = MESSAGE_BOUND_BYTES if size is not None else None
        ms = statistics.median(found)
        yield row(f"{name}, {mib} MiB", ms, TENSOR_BOUND_MS * mib, size, bound)
    yield row("receipt, beside the response", None, None, len(answer.receipt))


def receipts(runs: int) -> Iterator[Row]:
    """A client's check of a receipt whose digests it has made."""
    enclave = mutants.ENCLAVE
    data, claims = enclave.receipt(b"request", b"response"), enclave.claims(None)
    said = Receipt.from_bytes(data)
    expected = Expected(
        said.manifest_digest,
        said.model_digest,
        enclave.manifest.mode,
        said.request_digest,
        said.response_digest,
    )
    assert check_receipt(data, claims.receipt_key, expected).passed
    yield row(
        "client checks a receipt",
        statistics.median(
            timed(lambda: check_receipt(data, claims.receipt_key, expected))[0] for _ in range(runs)
        ),
        APPRAISAL_BOUND_MS,
    )


def pages(folder: Path, runs: int) -> Iterator[Row]:
    """Loading of sealed pages beside plain ones; the owner's sealing."""
    plain = write_head(folder, network(1024, WEIGHTS_MIB * 256))
    sealed = folder / "sealed.clo"
    sealing = [
        timed(lambda: seal_container(plain, PAGE_KEY, KEY_ID, sealed))[0] for _ in range(3)
    ]  # one key again and again: of a benchmark alone
    times: dict[str, list[float]] = {"plain": [], "sealed": []}
    for _ in range(max(3, runs // 5)):
        for name, path in (("plain", plain), ("sealed", sealed)):
            with HeadFile(path) as head:
                enclave = SandboxEnclave(head)
                try:
                    ms, _ = timed(lambda e=enclave, h=head: load(e, h), time.perf_counter)  # type: ignore[misc]
                    times[name].append(ms)
                finally:
                    enclave.close()
    more = sealed.stat().st_size - plain.stat().st_size
    yield row(f"owner seals pages, {WEIGHTS_MIB} MiB", statistics.median(sealing), None, more)
    for name, found in times.items():
        yield row(f"enclave loads {name} pages, {WEIGHTS_MIB} MiB", statistics.median(found))
    difference = statistics.median(times["sealed"]) - statistics.median(times["plain"])
    yield row("  sealed beside plain, each MiB", difference / WEIGHTS_MIB, TENSOR_BOUND_MS)


def appraisals(runs: int) -> Iterator[Row]:
    """Each kind of evidence."""
    samples = {target.name: target for target in mutants.targets(0.0)}
    kinds: dict[str, Callable[[], bool]] = {
        kind: lambda target=samples[name]: target.judge(target.data)[0] is not None  # type: ignore[misc]
        for kind, name in (
            ("sandbox", "document"),
            ("sgx", "sgx quote"),
            ("tdx", "tdx quote"),
            ("snp", "snp report"),
        )
    }
    attested = test_optee.attested(test_optee.report_data(test_optee.CLOSED))
    enrolled = test_optee.unattested(test_optee.report_data(test_optee.OPEN))
    quote = test_tpm.quote(test_tpm.attest(), test_tpm.key())
    kinds["optee, attested"] = lambda: (
        test_optee.judge(attested, test_optee.ATTESTATION, test_optee.CLOSED).passed
    )
    kinds["optee, enrolled"] = lambda: (
        test_optee.judge(enrolled, test_optee.ENROLLED, test_optee.OPEN).passed
    )
    kinds["tpm"] = lambda: test_tpm.judge(quote).passed
    for kind, judge in kinds.items():
        if not judge():
            raise AssertionError(f"{kind}: the good one is refused")
        times = [timed(judge)[0] for _ in range(runs)]
        yield row(f"appraisal, {kind}", statistics.median(times), APPRAISAL_BOUND_MS)


def main() -> int:
    """Prints and stores the table; returns 1 when a bound is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mib", type=int, default=1, help="of the tensor each way")
    parser.add_argument("--runs", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [
            *messages(folder, options.mib, options.runs),
            *receipts(options.runs),
            *pages(folder, options.runs),
            *appraisals(options.runs),
        ]
    results.write("sealing", rows, mib=options.mib, runs=options.runs)
    return int(any(found["ok"] is False for found in rows))


if __name__ == "__main__":
    sys.exit(main())
