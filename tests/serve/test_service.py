"""What the service answers, with the real enclave behind it."""

from __future__ import annotations

import hashlib
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny_bundle
from caller import problem
from http_kit import until
from serve_kit import Gated, Serve

from cloister.channel.frames import NONCE_TYPE
from cloister.channel.message import SEALED_REQUEST, SEALED_RESPONSE
from cloister.channel.ohttp import REQUEST_OVERHEAD, RESPONSE_OVERHEAD
from cloister.errors import OutsideError, UserError
from cloister.pack.bundle import FILES, Bundle, load_bundle
from cloister.serve import sizes
from cloister.serve.instance import Observation
from cloister.serve.service import Service

X = np.random.default_rng(5).normal(size=(1, tiny_bundle.FEATURES)).astype(np.float32)
OHTTP_KEY = "https://iana.org/assignments/http-problem-types#ohttp-key"


# -------------------------------------------------------------------------------------- answers
def test_a_sealed_answer_is_the_networks_answer(serve: Serve) -> None:
    _, caller = serve()
    (answer,) = caller.ask(X)
    np.testing.assert_allclose(answer, tiny_bundle.answer(X), rtol=1e-5, atol=1e-3)


def test_whole_networks_are_answered_without_a_tail(serve: Serve, tmp_path: Path) -> None:
    whole = tiny_bundle.write(tmp_path / "whole", whole=True)
    _, caller = serve(whole.path)
    (answer,) = caller.ask(X)
    np.testing.assert_array_equal(answer, X * tiny_bundle.weights_of())


def test_an_answer_says_where_the_time_went_and_what_crossed(serve: Serve) -> None:
    service, caller = serve()
    sealed, _ = caller.seal(X)
    got = caller.post(sealed)
    assert got.headers["content-type"] == SEALED_RESPONSE
    assert got.headers["cache-control"] == "no-store"
    phases = [part.split(";")[0] for part in got.headers["server-timing"].split(", ")]
    assert phases == ["queue", "open", "head", "crossing", "tail", "seal"]
    assert all(float(part.split("=")[1]) >= 0 for part in got.headers["server-timing"].split(", "))
    assert int(got.headers["cloister-crossing-bytes"]) == service.face.sizes.crossing
    assert len(sealed) == service.face.sizes.request
    assert len(got.content) == service.face.sizes.response


def test_the_observer_sees_what_the_host_sees(serve: Serve) -> None:
    seen: list[Observation] = []
    service, caller = serve(observer=seen.append)
    caller.ask(X)
    (saw,) = seen
    np.testing.assert_array_equal(saw.crossing[0], X * tiny_bundle.weights_of())
    assert saw.outputs[0].shape == (1, tiny_bundle.OUTPUTS)
    there = service.face.sizes
    assert (saw.request_bytes, saw.crossing_bytes) == (there.request, there.crossing)


def test_the_sizes_are_those_of_the_sealing_side() -> None:
    assert (sizes.REQUEST_OVERHEAD, sizes.RESPONSE_OVERHEAD) == (
        REQUEST_OVERHEAD,
        RESPONSE_OVERHEAD,
    )


# ------------------------------------------------------------------------------- in the open
def test_health_and_metadata_are_those_of_the_open_inference_protocol(serve: Serve) -> None:
    _, caller = serve()
    assert caller.http.get("/v2/health/live").status_code == 200
    assert caller.http.get("/v2/health/ready").status_code == 200
    assert caller.http.get("/v2/models/tiny/ready").status_code == 200
    server = caller.http.get("/v2").json()
    assert (server["name"], server["models"]) == ("cloister", ["tiny"])
    assert caller.http.get("/v2/models/tiny").json() == {
        "name": "tiny",
        "versions": ["1"],
        "platform": "cloister_split",
        "inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 1024]}],
        "outputs": [{"name": "sums", "datatype": "FP32", "shape": [1, 8]}],
    }


def test_the_manifest_is_given_byte_for_byte(serve: Serve, bundle: Bundle) -> None:
    _, caller = serve()
    got = caller.http.get("/v2/models/tiny/manifest")
    assert got.content == (bundle.path / "manifest.json").read_bytes()
    assert hashlib.sha256(got.content).digest() == caller.claims().manifest_digest


def test_other_models_and_places_are_not_found(serve: Serve) -> None:
    _, caller = serve()
    for path in ("/", "/v2/models/other", "/v2/models/other/infer", "/v2/models/tiny/weights"):
        problem(caller.http.get(path), 404, "not-found")
    problem(caller.http.get("/v2/models/tiny/infer"), 405, "method")


def test_evidence_without_a_nonce_is_made_once(serve: Serve) -> None:
    _, caller = serve()
    first, second = (caller.http.get("/v2/models/tiny/evidence") for _ in range(2))
    assert first.headers["content-type"] == "application/cmw+json"
    assert first.content == second.content
    assert caller.claims().nonce is None
    assert 'cloister_evidence_total{how="stored"} 3.0' in caller.http.get("/metrics").text


def test_evidence_holds_the_clients_nonce(serve: Serve) -> None:
    _, caller = serve()
    for size in (8, 9, 10, 33, 64):
        nonce = bytes(range(size))
        claims = caller.claims(nonce)
        assert claims.nonce == nonce
        assert claims.exp - claims.iat == 3600


@pytest.mark.parametrize("size", [0, 7, 65, 1 << 20])
def test_a_nonce_of_another_length_is_refused(serve: Serve, size: int) -> None:
    _, caller = serve()
    problem(caller.ask_evidence(bytes(size)), 400, "bad-nonce")
    chunks = iter([bytes(size)])
    headers = {"Content-Type": NONCE_TYPE}
    got = caller.http.post(f"{caller.model}/evidence", content=chunks, headers=headers)
    problem(got, 400, "bad-nonce")


def test_a_nonce_of_another_media_type_is_refused(serve: Serve) -> None:
    _, caller = serve()
    got = caller.http.post(f"{caller.model}/evidence", content=bytes(32))
    problem(got, 415, "media-type")


@pytest.mark.parametrize("query", ["nonce=AAAAAAAAAAAA", "nonce=", "other=1"])
def test_a_nonce_in_a_url_is_refused_because_urls_are_logged(serve: Serve, query: str) -> None:
    _, caller = serve()
    problem(caller.http.get(f"{caller.model}/evidence?{query}"), 400, "bad-nonce")


def test_fresh_evidence_is_limited_and_stored_evidence_is_not(serve: Serve) -> None:
    _, caller = serve(evidence_rate_hz=0.001, evidence_burst=2)
    assert [caller.ask_evidence(bytes(16)).status_code for _ in range(3)] == [200, 200, 429]
    got = caller.ask_evidence(bytes(16))
    assert problem(got, 429, "too-often")["retry"] == "later"
    assert got.headers["retry-after"] == "1"
    assert caller.http.get("/v2/models/tiny/evidence").status_code == 200


# ------------------------------------------------------------------------------------- refusals
@pytest.mark.parametrize(
    "media_type",
    ["", "application/octet-stream", SEALED_REQUEST + "; charset=utf-8", SEALED_RESPONSE],
)
def test_another_media_type_is_refused(serve: Serve, media_type: str) -> None:
    _, caller = serve()
    sealed, _ = caller.seal()
    problem(caller.post(sealed, **{"Content-Type": media_type}), 415, "media-type")


def test_a_body_of_another_length_is_refused_by_its_length_alone(serve: Serve) -> None:
    service, caller = serve()
    n = service.face.sizes.request
    problem(caller.post(bytes(n + 1)), 413, "too-large")
    problem(caller.post(bytes(n - 1)), 400, "too-short")
    problem(caller.post(b""), 400, "too-short")
    # Ten gigabytes announced, none sent: answered at once.
    with socket.create_connection(_address(service)) as raw:
        head = (
            f"POST {caller.model}/infer HTTP/1.1\r\nHost: x\r\nContent-Type: {SEALED_REQUEST}\r\n"
        )
        raw.sendall(f"{head}Content-Length: 10000000000\r\n\r\n".encode())
        assert b" 413 " in raw.recv(64)


def test_an_unknown_key_is_told_apart_and_named_by_its_iana_type(serve: Serve) -> None:
    _, caller = serve()
    key = caller.key()
    sealed, _ = caller.seal(key=replace(key, key_id=key.key_id ^ 1))
    body = problem(caller.post(sealed), 400, "ohttp-key")
    assert (body["type"], body["retry"]) == (OHTTP_KEY, "new-key")
    other_kem = sealed[:0] + bytes([key.key_id]) + b"\x00\x21" + sealed[3:]
    problem(caller.post(other_kem), 400, "ohttp-key")


def test_every_flipped_byte_of_a_request_is_refused_with_one_outward_error(serve: Serve) -> None:
    _, caller = serve()
    key = caller.key()
    sealed, _ = caller.seal(X, key)
    told = set()
    for at in [*range(7, 60), *range(60, len(sealed), 97), len(sealed) - 1]:
        changed = bytearray(sealed)
        changed[at] ^= 1
        told.add((caller.post(bytes(changed)).status_code, caller.post(bytes(changed)).content))
    assert len(told) == 1
    status, body = told.pop()
    assert (status, json.loads(body)["code"]) == (400, "refused")
    assert caller.post(sealed).status_code == 200


def test_a_replayed_request_is_refused_with_the_same_error(serve: Serve) -> None:
    _, caller = serve()
    sealed, _ = caller.seal()
    assert caller.post(sealed).status_code == 200
    replayed = caller.post(sealed)
    problem(replayed, 400, "refused")
    changed = caller.post(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    assert changed.content == replayed.content


def test_tensors_of_another_shape_are_refused(serve: Serve) -> None:
    _, caller = serve()
    sealed, _ = caller.seal(np.zeros((1024, 1), np.float32))
    problem(caller.post(sealed), 400, "refused")


def test_nan_is_passed_on(serve: Serve) -> None:
    _, caller = serve()
    x = X.copy()
    x[0, 0] = np.nan
    (answer,) = caller.ask(x)
    assert np.isnan(answer[0, 0])
    assert not np.isnan(answer[0, 1:]).any()


# ------------------------------------------------------------------------------- queue, deadline
def test_a_full_queue_is_answered_429_and_empties(gated: Gated) -> None:
    service, caller, tail = gated(queue_limit=2)
    sealed = [caller.seal()[0] for _ in range(3)]
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(caller.post, one) for one in sealed[:2]]
        assert tail.entered.acquire(timeout=10)
        until(lambda: service.face.in_service == 2)
        got = caller.post(sealed[2])
        assert problem(got, 429, "busy")["retry"] == "later"
        assert got.headers["retry-after"] == "1"
        tail.gate.set()
        assert [future.result().status_code for future in running] == [200, 200]
    until(lambda: service.face.in_service == 0)
    assert caller.post(sealed[2]).status_code == 200


def test_a_request_past_its_deadline_is_answered_503_and_the_enclave_lives(gated: Gated) -> None:
    service, caller, tail = gated(deadline_s=0.4)
    key = caller.key()
    sealed = [caller.seal(key=key)[0] for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        # One waits for the tail, the other for the enclave.
        for got in pool.map(caller.post, sealed):
            body = problem(got, 503, "deadline")
            assert body["retry"] == "later"
            assert got.headers["retry-after"] == "1"
    tail.gate.set()
    until(lambda: service.face.in_service == 0)
    assert caller.key() == key
    assert caller.post(caller.seal(key=key)[0]).status_code == 200


def test_a_body_that_does_not_come_is_given_up(serve: Serve) -> None:
    service, caller = serve(deadline_s=0.3)
    head = f"POST {caller.model}/infer HTTP/1.1\r\nHost: x\r\nContent-Type: {SEALED_REQUEST}\r\n"
    with socket.create_connection(_address(service)) as raw:
        raw.sendall(f"{head}Content-Length: {service.face.sizes.request}\r\n\r\nhalf".encode())
        assert b" 408 " in raw.recv(64)
    until(lambda: service.face.in_service == 0)


def test_a_client_that_leaves_while_it_sends_leaves_nothing_behind(serve: Serve) -> None:
    service, caller = serve()
    head = f"POST {caller.model}/infer HTTP/1.1\r\nHost: x\r\nContent-Type: {SEALED_REQUEST}\r\n"
    with socket.create_connection(_address(service)) as raw:
        raw.sendall(f"{head}Content-Length: {service.face.sizes.request}\r\n\r\nhalf".encode())
        until(lambda: service.face.in_service == 1)
    until(lambda: service.face.in_service == 0)
    assert 'outcome="client-left"' in caller.http.get("/metrics").text


# -------------------------------------------------------------------------------------- start
def test_a_port_that_is_taken_is_a_mistake_of_the_user(serve: Serve, bundle: Bundle) -> None:
    service, _ = serve()
    port = int(service.url.rpartition(":")[2])
    with pytest.raises(UserError, match=f"port {port} of 127.0.0.1 is taken"):
        Service(bundle.path, port=port)


def test_an_address_that_is_not_ours_is_a_mistake_of_the_user(bundle: Bundle) -> None:
    with pytest.raises(UserError, match=r"cannot listen on 192\.0\.2\.1"):
        Service(bundle.path, host="192.0.2.1")
    with pytest.raises(UserError, match="cannot listen"):
        Service(bundle.path, port=70_000)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("where", [0.0, 0.5, 1.0])
def test_a_bundle_changed_by_one_byte_is_not_served(
    tmp_path: Path, name: str, where: float
) -> None:
    bundle = tiny_bundle.write(tmp_path / "bundle")
    file = bundle.path / name
    content = bytearray(file.read_bytes())
    content[int(where * (len(content) - 1))] ^= 1
    file.write_bytes(content)
    with pytest.raises(UserError, match=rf"{name}|bundle|manifest"):
        Service(bundle.path)


def test_a_head_that_is_not_the_tails_is_refused_by_the_manifest(tmp_path: Path) -> None:
    bundle = tiny_bundle.write(tmp_path / "bundle")
    other = tiny_bundle.write(tmp_path / "other", resident=True)
    (bundle.path / "head.clo").write_bytes(other.head.read_bytes())
    with pytest.raises(UserError, match=r"head\.clo was changed"):
        Service(bundle.path)


def test_a_bundle_changed_while_it_is_served_stops_answering_and_says_so(
    serve: Serve, tmp_path: Path
) -> None:
    bundle = tiny_bundle.write(tmp_path / "bundle")  # pages are streamed with each request
    _, caller = serve(bundle.path)
    with bundle.head.open("r+b") as file:
        file.seek(-64, 2)
        file.write(b"\xff")
    body = problem(caller.post(caller.seal()[0]), 500, "internal")
    assert "changed" in body["detail"]
    with pytest.raises(UserError):
        load_bundle(bundle.path)


def test_an_enclave_program_that_ends_at_once_is_an_error_of_the_start(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "broken"
    program.write_text("#!/bin/sh\necho the machine lacks seccomp >&2\nexit 3\n")
    program.chmod(0o700)
    monkeypatch.setenv("CLOISTER_ENCLAVE", str(program))
    with pytest.raises(OutsideError, match="exit status 3: the machine lacks seccomp"):
        Service(bundle.path)


def test_a_service_ends_and_gives_its_port_back(bundle: Bundle) -> None:
    service = Service(bundle.path).start()
    port = int(service.url.rpartition(":")[2])
    service.close()
    service.close()
    with Service(bundle.path, port=port).start() as again:
        assert again.url == service.url


def _address(service: Service) -> tuple[str, int]:
    host, _, port = service.url.removeprefix("http://").rpartition(":")
    return host, int(port)
