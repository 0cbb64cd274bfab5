"""Token bucket, logs, problems: the small parts of the service."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import subprocess
import sys
import time

import pytest

from cloister.channel.frames import EnclaveError
from cloister.pack.bundle import Bundle
from cloister.serve import problems
from cloister.serve.bucket import TokenBucket
from cloister.serve.logs import LOGGER, event, log_to, stop_logging


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    now = 0.0
    bucket = TokenBucket(2.0, 3, clock=lambda: now)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    now = 0.5
    assert [bucket.take() for _ in range(2)] == [True, False]
    now = 100.0
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


def test_log_lines_are_json_objects() -> None:
    stream = io.StringIO()
    handler = log_to(stream, logging.DEBUG)
    event(logging.INFO, "infer", outcome="answered", request_bytes=7)
    event(logging.DEBUG, 'quotes " and\nlines')
    stop_logging(handler)
    event(logging.ERROR, "after")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (first["event"], first["outcome"], first["request_bytes"]) == ("infer", "answered", 7)
    assert (first["level"], second["event"]) == ("info", 'quotes " and\nlines')


def test_the_words_of_an_unexpected_exception_are_not_logged() -> None:
    stream = io.StringIO()
    handler = log_to(stream)
    try:
        raise ValueError("array([0.123])")
    except ValueError:
        LOGGER.exception("failed")
    stop_logging(handler)
    line = json.loads(stream.getvalue())
    assert line["error"] == "ValueError"
    assert "test_parts.py:" in line["where"]
    assert "0.123" not in stream.getvalue()


def test_the_servers_own_log_never_goes_below_debug() -> None:
    handler = log_to(io.StringIO(), 1)
    assert logging.getLogger("uvicorn").level == logging.DEBUG
    stop_logging(handler)


@pytest.mark.parametrize("error", EnclaveError)
def test_whatever_the_enclave_says_of_a_message_is_one_problem(error: EnclaveError) -> None:
    told = problems.from_enclave(error)
    if error in (EnclaveError.KEY, EnclaveError.FULL):
        assert (told.code, told.status) == ("ohttp-key", 400)
    elif told.status == 400:
        assert vars(told) == vars(problems.refused())
    else:
        assert told.code == "internal"


@pytest.mark.parametrize("wish", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_service_its_enclave_and_nothing_else(
    bundle: Bundle, wish: signal.Signals
) -> None:
    code = (
        "import sys\n"
        "from cloister.serve import serve\n"
        "def ready(s): print(s._keeper.current().enclave.pid, flush=True)\n"
        "serve(sys.argv[1], port=0, on_ready=ready)\n"
        "print('ended', flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(bundle.path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        enclave = int(process.stdout.readline())
        process.send_signal(wish)
        said, log = process.communicate(timeout=20)
    assert process.returncode == 0, log
    assert said == "ended\n"
    assert all(json.loads(line)["event"] for line in log.splitlines())
    end = time.monotonic() + 5
    with pytest.raises(ProcessLookupError):
        while time.monotonic() < end:
            os.kill(enclave, 0)
            time.sleep(0.02)
