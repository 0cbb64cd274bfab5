"""An enclave dies, wears out or grows old; the service goes on with another one and its keys."""

from __future__ import annotations

import os
import signal
import stat
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import tiny_bundle
from caller import Caller, problem
from http_kit import until
from serve_kit import Gated, Serve

from cloister.attest.policy import UnsafeAnyModelPolicy
from cloister.client import Client
from cloister.enclaves import kinds
from cloister.enclaves.sandbox import SandboxEnclave
from cloister.pack.bundle import Bundle
from cloister.serve import keeper
from cloister.serve.keeper import Lifetimes
from cloister.serve.service import Service, Settings

X = np.random.default_rng(5).normal(size=(1, tiny_bundle.FEATURES)).astype(np.float32)


def pid_of(service: Service) -> int:
    instance = service._keeper.current()
    assert instance is not None
    assert isinstance(instance.enclave, SandboxEnclave)
    return instance.enclave.pid


def replaced(service: Service, pid: int) -> bool:
    """Another process than this one answers for new keys."""
    instance = service._keeper.current()
    return instance is not None and instance.enclave.pid != pid  # type: ignore[attr-defined]


def is_ready(caller: Caller) -> bool:
    return caller.http.get("/v2/health/ready").status_code == 200


def test_an_enclave_killed_in_a_request_is_a_retryable_503_and_heals_with_another_key(
    gated: Gated,
) -> None:
    service, caller, tail = gated()
    key = caller.key()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(caller.post, caller.seal(key=key)[0])
        assert tail.entered.acquire(timeout=10)
        os.kill(pid_of(service), signal.SIGKILL)
        tail.gate.set()
        got = running.result()
    assert problem(got, 503, "enclave-died")["retry"] == "later"
    assert got.headers["retry-after"] == "1"
    until(lambda: is_ready(caller))
    other = caller.key()
    assert other.public_key != key.public_key
    assert caller.post(caller.seal(key=other)[0]).status_code == 200
    problem(caller.post(caller.seal(key=key)[0]), 400, "ohttp-key")
    assert "cloister_enclave_deaths_total 1.0" in caller.http.get("/metrics").text


def test_an_enclave_killed_while_idle_is_noticed_and_replaced(serve: Serve) -> None:
    service, caller = serve()
    caller.ask(X)
    pid = pid_of(service)
    os.kill(pid, signal.SIGKILL)
    until(lambda: "cloister_enclave_deaths_total 1.0" in caller.http.get("/metrics").text)
    until(lambda: is_ready(caller))
    assert pid_of(service) != pid
    with pytest.raises(ProcessLookupError):  # no zombie
        os.kill(pid, 0)
    caller.ask(X)


def test_while_no_enclave_is_there_everything_that_needs_one_is_a_retryable_503(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    service, caller = serve()
    sealed, _ = caller.seal()
    monkeypatch.setenv("CLOISTER_ENCLAVE", str(tmp_path / "gone"))
    os.kill(pid_of(service), signal.SIGKILL)
    until(lambda: not is_ready(caller))
    for got in (
        caller.http.get("/v2/health/ready"),
        caller.http.get("/v2/models/tiny/ready"),
        caller.http.get("/v2/models/tiny/evidence"),
        caller.post(sealed),
    ):
        assert problem(got, 503, "no-enclave")["retry"] == "later"
        assert got.headers["retry-after"] == "1"
    assert caller.http.get("/v2/health/live").status_code == 200
    monkeypatch.undo()
    until(lambda: is_ready(caller))
    caller.ask(X)


def test_the_client_gets_its_answer_although_the_enclave_was_killed(serve: Serve) -> None:
    service, caller = serve()
    with Client(service.url, UnsafeAnyModelPolicy()) as client:
        client.infer(X)
        os.kill(pid_of(service), signal.SIGKILL)
        answer = client.infer(X)
    np.testing.assert_allclose(answer.outputs[0], tiny_bundle.answer(X), rtol=1e-5, atol=1e-3)
    caller.close()


def test_requests_that_wait_for_a_dead_enclave_are_told(gated: Gated) -> None:
    service, caller, tail = gated()
    key = caller.key()
    sealed = [caller.seal(key=key)[0] for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(caller.post, one) for one in sealed]
        assert tail.entered.acquire(timeout=10)
        until(lambda: service.face.in_service == 3)
        os.kill(pid_of(service), signal.SIGKILL)
        tail.gate.set()
        for future in running:
            body = future.result().json()
            assert body["code"] in ("enclave-died", "no-enclave")
            assert (body["status"], body["retry"]) == (503, "later")
    until(lambda: is_ready(caller))
    caller.ask(X)


def test_a_worn_replay_table_brings_another_key_and_the_old_one_finishes(serve: Serve) -> None:
    service, caller = serve(replay=16, lifetimes=Lifetimes(retire_after_s=1.0))
    key = caller.key()
    first = pid_of(service)
    for _ in range(15):  # 90 % of 16
        assert caller.post(caller.seal(key=key)[0]).status_code == 200
    until(lambda: caller.key() != key)
    other = caller.key()
    assert other.key_id != key.key_id
    assert caller.post(caller.seal(key=key)[0]).status_code == 200  # the last entry
    assert caller.post(caller.seal(key=other)[0]).status_code == 200
    # Full means refused: the client is sent to the other key.
    problem(caller.post(caller.seal(key=key)[0]), 400, "ohttp-key")
    until(lambda: not _alive(first))
    problem(caller.post(caller.seal(key=key)[0]), 400, "ohttp-key")
    text = caller.http.get("/metrics").text
    assert 'cloister_enclave_starts_total{why="replay table"} 1.0' in text
    assert "cloister_enclave_deaths_total 0.0" in text


def test_a_full_enclave_goes_when_no_other_starts_beside_it(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    service, caller = serve(replay=4)
    key = caller.key()
    first = pid_of(service)
    monkeypatch.setenv("CLOISTER_ENCLAVE", str(tmp_path / "gone"))
    for _ in range(4):
        assert caller.post(caller.seal(key=key)[0]).status_code == 200
    until(lambda: not is_ready(caller))
    until(lambda: not _alive(first))
    monkeypatch.undo()
    until(lambda: is_ready(caller))
    caller.ask(X)


def test_restarts_leave_no_file_descriptor_thread_or_process_behind(serve: Serve) -> None:
    service, caller = serve()
    caller.ask(X)

    def held() -> tuple[int, int]:
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()

    pids = []
    for _ in range(4):
        pids.append(pid_of(service))
        caller.ask(X)
        os.kill(pids[-1], signal.SIGKILL)
        until(lambda: replaced(service, pids[-1]))
        caller.ask(X)
        if len(pids) == 1:
            before = held()
    assert held() == before
    assert not any(_alive(pid) for pid in pids)


def test_whenever_the_enclave_is_killed_the_client_has_its_answer(
    serve: Serve, tmp_path: Path
) -> None:
    n = 1 << 20  # streamed: kills fall into opening, pages, crossing, sealing
    large = tiny_bundle.write(tmp_path / "large", n=n)
    service, _ = serve(large.path)
    x = np.ones((1, n), np.float32)
    expected = tiny_bundle.answer(x)
    drawn = np.random.default_rng(1)
    with Client(service.url, UnsafeAnyModelPolicy()) as client:
        client.infer(x)
        for _ in range(6):
            instance = service._keeper.current()
            if instance is not None:
                wait_s = drawn.uniform(0.0, 0.03)
                killer = threading.Timer(wait_s, os.kill, (pid_of(service), signal.SIGKILL))
                killer.start()
            answer = client.infer(x)
            np.testing.assert_allclose(answer.outputs[0], expected, rtol=1e-4)
            killer.join()


def test_an_old_key_is_replaced_before_its_evidence_expires(serve: Serve) -> None:
    service, caller = serve(lifetimes=Lifetimes(key_s=3.0, retire_after_s=60.0))
    claims = caller.claims()
    assert claims.exp - claims.iat == 3
    first = pid_of(service)
    until(lambda: replaced(service, first))
    assert caller.claims().key_config != claims.key_config
    until(lambda: not _alive(first))  # its key's life is over, idle or not


def test_an_enclave_that_dies_again_and_again_is_restarted_ever_more_slowly(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(keeper, "BACKOFF_S", 0.2)
    log = tmp_path / "starts"
    dying = tmp_path / "dying"
    with Service(bundle.path).start() as service:
        dying.write_text(f"#!{sys.executable}\nopen({str(log)!r}, 'a').write('x')\n")
        dying.chmod(dying.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("CLOISTER_ENCLAVE", str(dying))
        os.kill(pid_of(service), signal.SIGKILL)
        time.sleep(2.5)
        tries = len(log.read_text())
        assert 2 <= tries <= 5  # 0.2 s, then 0.4 s, 0.8 s, 1.6 s
        monkeypatch.undo()
        caller = Caller(service.url, service.bundle.manifest)
        until(lambda: is_ready(caller))
        caller.ask(X)
        caller.close()


def test_an_enclave_that_hangs_is_given_up_and_replaced(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The program is stopped (SIGSTOP), so it neither answers nor ends."""

    def impatient(*arguments: object, **settings: object) -> SandboxEnclave:
        return SandboxEnclave(*arguments, **{**settings, "hang_s": 0.3})  # type: ignore[arg-type]

    monkeypatch.setitem(kinds.ENCLAVES, "sandbox", impatient)
    with Service(bundle.path, settings=Settings(deadline_s=0.5)).start() as service:
        caller = Caller(service.url, service.bundle.manifest)
        sealed, _ = caller.seal()
        stopped = pid_of(service)
        os.kill(stopped, signal.SIGSTOP)
        problem(caller.post(sealed), 503, "deadline")
        until(lambda: replaced(service, stopped))
        assert not _alive(stopped)
        caller.ask(X)
        caller.close()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("why", ["replay table", "key age"])
def test_keys_rotate_under_load_without_a_lost_request(serve: Serve, why: str) -> None:
    """Clients hammer while instances replace each other; two keys live at a time, and the old one
    finishes. Every request has its answer, and every answer is right.
    """
    settings: dict[str, object] = (
        {"replay": 16} if why == "replay table" else {"lifetimes": Lifetimes(1.5, 0.2)}
    )
    service, caller = serve(**settings)
    end = time.monotonic() + 7
    answered, keys = [0, 0, 0], set()

    def hammer(which: int) -> None:
        drawn = np.random.default_rng(which)
        with Client(service.url, UnsafeAnyModelPolicy(), timeout_s=30) as client:
            while time.monotonic() < end:
                x = drawn.normal(size=X.shape).astype(np.float32)
                answer = client.infer(x)
                expected = tiny_bundle.answer(x)
                np.testing.assert_allclose(answer.outputs[0], expected, rtol=1e-4, atol=1e-3)
                keys.add(answer.evidence.require()[1].public_key)
                answered[which] += 1

    with ThreadPoolExecutor(len(answered)) as pool:
        for done in [pool.submit(hammer, which) for which in range(len(answered))]:
            done.result()
    assert len(keys) >= 4
    assert min(answered) >= 5
    text = caller.http.get("/metrics").text
    assert f'cloister_enclave_starts_total{{why="{why}"}}' in text
    assert "cloister_enclave_deaths_total 0.0" in text


def test_a_request_to_a_replaced_key_is_answered_while_new_ones_go_to_the_new_key(
    serve: Serve,
) -> None:
    service, caller = serve(lifetimes=Lifetimes(key_s=20.0, retire_after_s=60.0))
    old = caller.key()
    keeper_of = service._keeper
    keeper_of._replace("test")
    new = caller.key()
    assert new != old
    for _ in range(3):
        assert caller.post(caller.seal(X, old)[0]).status_code == 200
        assert caller.post(caller.seal(X, new)[0]).status_code == 200


def test_a_request_to_an_instance_that_is_retired_just_now_is_sent_to_the_new_key(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between finding the instance and queueing the work it may close: nothing was processed."""
    service, caller = serve()
    sealed, _ = caller.seal(X)
    instance = service._keeper.current()
    assert instance is not None
    instance._worker.shutdown(wait=True)
    monkeypatch.setattr(service._keeper, "of_key", lambda _: instance)
    assert problem(caller.post(sealed), 400, "ohttp-key")["retry"] == "new-key"
