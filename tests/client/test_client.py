"""The client against a fake host: what leaves, when, and what is believed."""

from __future__ import annotations

import gzip
import io
import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from attest.fake_enclave import LIFE_S, NOW, WHOLE, FakeEnclave, manifest, policy_of
from client.fake_host import FakeHost, busy, problem
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rich.console import Console

from cloister.attest.evidence import encode_base64url
from cloister.attest.policy import Policy, policy_text
from cloister.channel.message import HAS_NAN, HOST_CHOSEN, Array, message_bytes, padded_bytes
from cloister.channel.ohttp import DATE_PROBLEM, KEY_PROBLEM
from cloister.cli.output import answers_table
from cloister.cli.schema import Infer, Verify
from cloister.client import Client, UnsafeWarning
from cloister.client.client import ATTEMPTS
from cloister.client.service import NOT_TAKEN
from cloister.errors import CloisterError, OutsideError, Refused, UserError
from cloister.pack.manifest import Tensor

X = np.arange(192, dtype=np.float32).reshape(1, 3, 8, 8)


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


def client_of(host: FakeHost, **changes: Any) -> Client:  # noqa: ANN401
    arguments: dict[str, Any] = {
        "policy": policy_of(host.enclave.manifest),
        "transport": host.transport,
        "clock": lambda: host.now,
        "sleep": lambda seconds: setattr(host, "now", host.now + seconds),
        **changes,
    }
    return Client("http://host:8400", **arguments)


# ---------------------------------------------------------------------------------------- answers
def test_an_inference_gives_the_outputs_and_says_what_was_checked(host: FakeHost) -> None:
    inference = client_of(host).infer([X])
    assert inference.outputs[0].tolist() == [[X.sum(), -X.sum(), 0]]
    assert host.enclave.opened[0][0].tobytes() == X.tobytes()
    assert host.paths() == ["evidence", "manifest", "infer"]
    assert inference.evidence.passed
    assert inference.manifest == host.enclave.manifest
    assert inference.answer == "answer: visible to and chosen by the host (tail unchecked)"
    assert not inference.nan
    assert {"verify", "seal", "round_trip", "unseal"} <= set(inference.timings_ms)
    assert inference.bytes.request == len(host.posted()[0]) == 128 + 768 + 55
    assert inference.bytes.crossing == 128 + 4 * 4 * 64
    assert inference.bytes.response == 128 + 64 + 48


def test_the_input_is_not_in_what_leaves(host: FakeHost) -> None:
    client_of(host).infer([X])
    for request in host.requests:
        sent = request.content + str(request.url).encode() + bytes(str(request.headers), "utf-8")
        assert X.tobytes()[:16] not in sent
        assert b"CLOT" not in sent


def test_an_inference_fits_the_documented_json(host: FakeHost) -> None:
    value = client_of(host).infer([X]).to_json(2)
    made = Infer.model_validate(value)
    assert [top.label for top in made.top] == ["cat", "frog"]
    assert value["manifest_sha256"] == host.enclave.manifest.digest


def test_the_best_answers_come_first_with_their_labels(host: FakeHost) -> None:
    host.enclave.answer = lambda _: [np.array([[1, 3, 2]], np.float32)]
    inference = client_of(host).infer([X])
    assert [(top.index, top.label) for top in inference.top(2)] == [(1, "dog"), (2, "frog")]
    assert inference.score_kind == "softmax"
    exponentials = np.exp([1.0, 3.0, 2.0])
    assert inference.scores == pytest.approx(exponentials / exponentials.sum())


def test_outputs_that_are_probabilities_already_are_the_scores(host: FakeHost) -> None:
    host.enclave.answer = lambda _: [np.array([[0.25, 0.5, 0.25]], np.float32)]
    inference = client_of(host).infer([X])
    assert inference.score_kind == "output"
    assert [top.score for top in inference.top()] == [0.5, 0.25, 0.25]


def test_numbers_without_labels_are_outputs_not_classes() -> None:
    """A regression of three numbers: no softmax, no class names."""
    host = FakeHost(FakeEnclave(manifest(labels=None)))
    host.enclave.answer = lambda _: [np.array([[-1.5, 30.25, 2.0]], np.float32)]
    inference = client_of(host).infer([X])
    assert inference.score_kind == "output"
    assert [(t.index, t.label, t.score) for t in inference.top(2)] == [
        (1, None, 30.25), (2, None, 2.0),
    ]  # fmt: skip
    made = Infer.model_validate(inference.to_json())
    text = io.StringIO()
    Console(file=text, width=120).print(answers_table("Answer", made.top))
    assert "output 1" in text.getvalue() and "30.250" in text.getvalue()
    assert "class" not in text.getvalue()


def test_nan_is_passed_on_and_flagged(host: FakeHost) -> None:
    host.enclave.answer = lambda _: [np.array([[np.nan, 1, np.inf]], np.float32)]
    inference = client_of(host).infer([X])
    assert inference.nan
    assert [(top.index, top.score) for top in inference.top()] == [(2, None), (1, 1.0), (0, None)]
    Infer.model_validate(inference.to_json())


def test_in_whole_the_answer_is_not_the_hosts_but_the_sandbox_protects_nothing() -> None:
    host = FakeHost(FakeEnclave(manifest(**WHOLE)))
    inference = client_of(host).infer([X])
    assert inference.answer == (
        "answer: computed and sealed in the sandbox, which protects nothing against the host"
    )
    assert inference.bytes.crossing == 0


def test_inputs_may_come_alone_in_order_or_by_name(host: FakeHost) -> None:
    client = client_of(host)
    for inputs in (X, [X], (X,), {"image": X}):
        assert client.infer(inputs).outputs[0][0, 0] == X.sum()


def test_several_inputs_are_put_in_the_networks_order() -> None:
    two = manifest(inputs=(Tensor("b", (2,)), Tensor("a", (3,))), preprocess=None)
    host = FakeHost(FakeEnclave(two))
    a, b = np.ones(3, np.float32), np.zeros(2, np.float32)
    client_of(host).infer({"a": a, "b": b})
    assert [tensor.shape for tensor in host.enclave.opened[0]] == [(2,), (3,)]


def test_a_photograph_is_made_into_the_tensor_that_the_manifest_says(
    host: FakeHost, tmp_path: Path
) -> None:
    photo = Image.new("RGB", (20, 10), (200, 100, 50))
    path = tmp_path / "photo.png"
    photo.save(path)
    preprocess = host.enclave.manifest.preprocess
    assert preprocess is not None
    client = client_of(host)
    for form in (photo, path, str(path)):
        client.classify(form)
        client.infer(form)
    for opened in host.enclave.opened:
        assert (opened[0] == preprocess.apply(photo)).all()


def test_shows_where_the_host_says_the_time_went_as_the_hosts_word(host: FakeHost) -> None:
    def timed(request: httpx.Request) -> httpx.Response:
        timing = 'open;dur=1.25, head;dur=7, verify;dur=9, x;desc="y", tail;dur=-1, <b>;dur=1'
        return host.answer(
            request.content, host.enclave.infer(request.content), Server_Timing=timing
        )

    host.tell("infer", timed)
    timings = client_of(host).infer([X]).timings_ms
    assert {key: value for key, value in timings.items() if key.startswith("host_")} == {
        "host_open": 1.25,
        "host_head": 7.0,
        "host_verify": 9.0,
    }


# ------------------------------------------------------------------------- before anything leaves
def test_without_a_policy_nothing_is_sent_and_the_hint_says_how_to_get_one(host: FakeHost) -> None:
    with pytest.raises(UserError) as caught:
        client_of(host, policy=None)
    assert caught.value.code == "no-policy"
    assert "cloister pack" in caught.value.hint
    assert host.requests == []


def test_any_model_is_believed_only_by_its_unsafe_name_which_warns(host: FakeHost) -> None:
    with pytest.warns(UnsafeWarning, match="UNSAFE"):
        client = client_of(host, policy=None, unsafe_any_model=True)
    assert client.infer([X]).evidence.passed
    with pytest.raises(UserError, match="exclude"):
        client_of(host, unsafe_any_model=True)


@pytest.mark.parametrize(
    ("claims", "step"),
    [
        ({"tee": "tsm"}, "tee"),
        ({"nonce": bytes(32)}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"iat": NOW - 9000, "exp": NOW - 8000}, "lifetime"),
        ({"exp": NOW + 2 * LIFE_S}, "lifetime"),
        ({"debug_status": 1}, "debug"),
        ({"manifest_digest": bytes(32)}, "manifest"),
        ({"model_digest": bytes(32)}, "model"),
        ({"engine_version": "0.0.1"}, "engine"),
        ({"level": ""}, "confinement"),
    ],
)
def test_nothing_of_the_input_leaves_before_every_check_has_passed(
    host: FakeHost, claims: dict[str, Any], step: str
) -> None:
    host.claims = claims
    client = client_of(host)
    for _ in range(2):
        with pytest.raises(Refused) as caught:
            client.infer([X])
        assert caught.value.code == f"refused-{step}"
    assert host.posted() == []


def test_nothing_leaves_for_evidence_of_another_key(host: FakeHost) -> None:
    """The host hands out good evidence of one instance, for the key of another."""
    from cloister.attest.evidence import Evidence

    def mixed(request: httpx.Request) -> httpx.Response:
        nonce = request.content
        good = Evidence.from_bytes(host.enclave.document(nonce))
        other = FakeEnclave().claims(nonce).to_bytes()
        document = Evidence(other, good.media_type, good.evidence).to_bytes()
        return httpx.Response(
            200, content=document, headers={"Content-Type": "application/cmw+json"}
        )

    host.tell("evidence", mixed)
    with pytest.raises(Refused, match="does not sign these claims"):
        client_of(host).infer([X])
    assert host.posted() == []


def test_nothing_leaves_for_a_manifest_with_a_byte_changed(host: FakeHost) -> None:
    content = host.enclave.manifest.to_bytes().replace(b'"cat"', b'"dog"')
    reply = httpx.Response(200, content=content, headers={"Content-Type": "application/json"})
    host.tell("manifest", lambda _: reply)
    with pytest.raises(Refused, match="not the one in the claims"):
        client_of(host).infer([X])
    assert host.posted() == []


def test_verify_sends_nothing_and_reports_failures_as_a_result(host: FakeHost) -> None:
    assert client_of(host).verify().passed
    host.claims = {"level": "nonet"}
    result = client_of(host).verify()
    assert Verify.model_validate(result.to_json()).exit_code == 1
    assert result.checks[-2].name == "confinement"
    assert host.posted() == []


def test_the_manifest_is_handed_out_only_once_it_is_verified(host: FakeHost) -> None:
    assert client_of(host).manifest() == host.enclave.manifest
    host.claims = {"level": ""}
    with pytest.raises(Refused):
        client_of(host).manifest()
    assert host.posted() == []


BAD_INPUTS: dict[str, tuple[Any, str]] = {
    "float64": (X.astype(np.float64), "float64, expected float32"),
    "uint8": (X.astype(np.uint8), "uint8, expected float32"),
    "big-endian": (X.astype(">f4"), "expected float32"),
    "channels last": (X.transpose(0, 2, 3, 1), r"\[1, 8, 8, 3\], expected \[1, 3, 8, 8\]"),
    "no batch": (X[0], r"\[3, 8, 8\], expected"),
    "empty": (X[:0], r"\[0, 3, 8, 8\], expected"),
    "NaN": (np.where(X == 5, np.nan, X).astype(np.float32), r"holds NaN \(1 of 192\)"),
    "none": ([], "0 input"),
    "two": ([X, X], "2 input"),
    "another name": ({"picture": X}, "named"),
    "a list of numbers": ([X.tolist()], "list, expected a NumPy array"),
}


@pytest.mark.parametrize(("inputs", "said"), BAD_INPUTS.values(), ids=BAD_INPUTS.keys())
def test_refuses_an_input_that_does_not_fit_before_sending_it(
    host: FakeHost,
    inputs: Any,  # noqa: ANN401
    said: str,
) -> None:
    with pytest.raises(UserError, match=said):
        client_of(host).infer(inputs)
    assert host.posted() == []


def test_infinity_is_the_networks_business(host: FakeHost) -> None:
    client_of(host).infer([np.where(X == 5, np.inf, X).astype(np.float32)])
    assert len(host.posted()) == 1


def test_refuses_a_photograph_where_the_network_takes_none(tmp_path: Path) -> None:
    host = FakeHost(FakeEnclave(manifest(preprocess=None)))
    with pytest.raises(UserError, match="takes no photographs"):
        client_of(host).classify(Image.new("RGB", (8, 8)))
    assert host.posted() == []


def test_refuses_a_photo_that_is_no_photo_before_sending_it(host: FakeHost, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"no photo")
    with pytest.raises(UserError):
        client_of(host).classify(path)
    assert host.posted() == []


@pytest.mark.parametrize(
    "url",
    ["", "host:8400", "ftp://host", "http://", "http://host:99999", "http://h?x=1", "http://u@h"],
)
def test_refuses_what_is_no_address_of_a_service(url: str) -> None:
    with pytest.raises(UserError) as caught:
        Client(url, policy_of(manifest()))
    assert caught.value.code == "bad-url"


# --------------------------------------------------------------------------------- which model
def test_without_a_name_the_only_model_is_taken(host: FakeHost) -> None:
    policy = policy_of(host.enclave.manifest, model_name=None)
    client_of(host, policy=policy).infer([X])
    assert host.paths() == ["v2", "evidence", "manifest", "infer"]


@pytest.mark.parametrize("models", [[], ["a", "b"], ["../x"]])
def test_without_a_name_several_models_are_an_error_that_names_them(
    host: FakeHost, models: list[str]
) -> None:
    host.models = models
    with pytest.raises(UserError) as caught:
        client_of(host, policy=policy_of(host.enclave.manifest, model_name=None)).infer([X])
    assert caught.value.code == "which-model"


def test_a_name_that_is_none_is_refused_before_anything_is_asked(host: FakeHost) -> None:
    with pytest.raises(UserError, match="no name of a model"):
        client_of(host, model="../../secrets").infer([X])
    assert host.requests == []


# ------------------------------------------------------------------------------------- caching
def test_a_verdict_is_used_again_for_its_key(host: FakeHost) -> None:
    client = client_of(host)
    for _ in range(3):
        client.infer([X])
    assert host.paths() == ["evidence", "manifest", *["infer"] * 3]


def test_a_verdict_ends_with_the_policys_lifetime_by_our_own_clock(host: FakeHost) -> None:
    policy = policy_of(host.enclave.manifest, max_key_lifetime_s=3600)
    client = client_of(host, policy=policy)
    client.infer([X])
    host.now += 3599
    client.infer([X])
    assert host.paths().count("evidence") == 1
    host.now += 1
    client.infer([X])
    assert host.paths().count("evidence") == 2


def test_a_verdict_ends_when_the_key_does(host: FakeHost) -> None:
    host.claims = {"exp": NOW + 100}
    client = client_of(host)
    client.infer([X])
    host.now += 401
    host.claims["iat"] = NOW
    with pytest.raises(Refused, match="expired"):
        client.infer([X])
    assert len(host.posted()) == 1


def test_a_verdict_does_not_outlive_a_clock_that_was_set_back(host: FakeHost) -> None:
    client = client_of(host)
    client.infer([X])
    host.now -= 10
    client.infer([X])
    assert host.paths().count("evidence") == 2


def test_each_contact_has_a_nonce_of_its_own(host: FakeHost) -> None:
    for _ in range(3):
        client_of(host).verify()
    nonces = {request.content for request in host.requests[::2]}
    assert len(nonces) == 3
    assert all(len(nonce) == 32 for nonce in nonces)


def test_a_policy_with_the_hosts_clock_sends_no_nonce(host: FakeHost) -> None:
    policy = policy_of(host.enclave.manifest, freshness="host-clock")
    client_of(host, policy=policy).infer([X])
    assert (host.requests[0].method, host.requests[0].content) == ("GET", b"")


# ------------------------------------------------------------------------------- trying again
def test_a_busy_service_is_asked_again_after_the_time_it_says_with_a_request_sealed_anew(
    host: FakeHost,
) -> None:
    host.tell("infer", lambda _: busy(429, "2"), lambda _: busy(503, "3"))
    assert client_of(host).infer([X]).outputs
    assert host.now == NOW + 5
    assert len({body[7:39] for body in host.posted()}) == 3


def test_evidence_is_asked_for_again_too_when_the_service_is_busy(host: FakeHost) -> None:
    host.tell("evidence", lambda _: busy(429, "1"))
    host.tell("manifest", lambda _: busy(503, "1"))
    assert client_of(host).infer([X]).outputs


def test_a_busy_service_is_given_up_when_the_time_is_over(host: FakeHost) -> None:
    host.tell("infer", *[lambda _: busy(503, "7")] * 9)
    with pytest.raises(OutsideError) as caught:
        client_of(host, timeout_s=20.0).infer([X])
    assert caught.value.code == "busy"
    assert host.now == NOW + 14


def test_a_busy_service_is_given_up_after_some_attempts(host: FakeHost) -> None:
    host.tell("infer", *[lambda _: busy(503, "0")] * 99)
    with pytest.raises(OutsideError):
        client_of(host).infer([X])
    assert len(host.posted()) == ATTEMPTS


def test_a_new_key_means_new_evidence_and_a_request_sealed_anew(host: FakeHost) -> None:
    client = client_of(host)
    client.infer([X])
    host.enclave = FakeEnclave(key_id=2)
    assert client.infer([X]).outputs
    assert host.paths()[3:] == ["infer", "evidence", "manifest", "infer"]
    assert host.posted()[-1][0] == 2


def test_a_new_key_that_fails_a_check_gets_nothing(host: FakeHost) -> None:
    client = client_of(host)
    client.infer([X])
    host.enclave = FakeEnclave(key_id=2)
    host.claims = {"level": ""}
    with pytest.raises(Refused):
        client.infer([X])
    assert len(host.posted()) == 2


def test_a_host_that_always_says_that_the_key_is_gone_is_given_up(host: FakeHost) -> None:
    host.tell("infer", *[lambda _: problem(400, KEY_PROBLEM)] * 99)
    with pytest.raises(OutsideError) as caught:
        client_of(host).infer([X])
    assert caught.value.code == "key-gone"
    assert len(host.posted()) == ATTEMPTS


def test_a_restarted_enclave_with_the_same_key_id_is_found_by_new_evidence(host: FakeHost) -> None:
    """Ids are 1 of 256: the service cannot tell the keys apart, the client can."""
    client = client_of(host)
    client.infer([X])
    host.enclave = FakeEnclave(key_id=1)
    assert client.infer([X]).outputs
    assert host.paths()[3:] == ["infer", "evidence", "manifest", "infer"]
    assert len(set(host.posted())) == 3  # sealed anew, never sent twice


def test_a_request_that_the_same_key_does_not_take_is_not_sent_again(host: FakeHost) -> None:
    client = client_of(host)
    client.infer([X])
    host.tell("infer", *[lambda _: problem(400, NOT_TAKEN)] * 99)
    with pytest.raises(OutsideError) as caught:
        client.infer([X])
    assert caught.value.code == "not-taken"
    assert len(host.posted()) == 2


def test_a_host_that_refuses_with_ever_new_keys_gets_one_more_request(host: FakeHost) -> None:
    def other(_: httpx.Request) -> None:
        host.enclave = FakeEnclave()

    client = client_of(host)
    client.infer([X])
    host.tell("infer", *[lambda _: problem(400, NOT_TAKEN)] * 99)
    host.tell("evidence", *[other] * 99)
    with pytest.raises(OutsideError) as caught:
        client.infer([X])
    assert caught.value.code == "not-taken"
    assert len(host.posted()) == 3


def test_a_collision_at_the_last_attempt_is_told_as_what_it_is(host: FakeHost) -> None:
    def other(_: httpx.Request) -> httpx.Response:
        host.enclave = FakeEnclave()
        return problem(400, NOT_TAKEN)

    host.tell("infer", *[lambda _: busy(503, "0")] * (ATTEMPTS - 1), other)
    with pytest.raises(OutsideError) as caught:
        client_of(host).infer([X])
    assert caught.value.code == "not-taken"
    assert len(host.posted()) == ATTEMPTS


def test_a_new_key_of_the_same_id_that_fails_a_check_gets_nothing(host: FakeHost) -> None:
    client = client_of(host)
    client.infer([X])
    host.enclave = FakeEnclave()
    host.claims = {"level": "nonet"}
    with pytest.raises(Refused):
        client.infer([X])
    assert len(host.posted()) == 2


def test_a_clock_that_the_service_takes_for_wrong_is_told_with_both_times(host: FakeHost) -> None:
    there = "Sat, 21 Nov 2026 10:00:00 GMT"
    host.tell("infer", lambda _: problem(400, DATE_PROBLEM, Date=there))
    with pytest.raises(OutsideError, match=there) as caught:
        client_of(host).infer([X])
    assert caught.value.code == "clock"
    assert len(host.posted()) == 1


def test_with_padding_lengths_on_the_wire_are_size_classes(host: FakeHost) -> None:
    def padded(request: httpx.Request) -> httpx.Response:
        n = 55 + message_bytes([(1, 3, 8, 8)])
        assert len(request.content) == padded_bytes(n) > n
        assert not any(request.content[n:])
        answer = host.enclave.infer(request.content[:n])
        body = answer.ljust(padded_bytes(len(answer)), b"\0")
        return host.answer(request.content[:n], answer, body)

    host.tell("infer", padded)
    answer = client_of(host, pad=True).infer([X])
    assert answer.outputs[0][0, 0] == X.sum()


@pytest.mark.parametrize("wrong", ["longer", "shorter", "not zero"])
def test_refuses_padding_of_another_form(host: FakeHost, wrong: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        question = request.content[: 55 + message_bytes([(1, 3, 8, 8)])]
        good = host.enclave.infer(question)
        padded = good.ljust(padded_bytes(len(good)), b"\0" if wrong != "not zero" else b"\1")
        body = {"longer": padded + b"\0", "shorter": padded[:-1]}.get(wrong, padded)
        return host.answer(question, good, body)

    host.tell("infer", answer)
    with pytest.raises(Refused) as caught:
        client_of(host, pad=True).infer([X])
    assert caught.value.code in ("wrong-length", "too-long")


def test_no_log_of_the_client_holds_its_nonce(
    host: FakeHost, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client_of(host).infer([X])
    nonce = host.requests[0].content
    assert len(nonce) == 32
    assert "HTTP Request: POST" in caplog.text  # the library logs URLs
    for form in (nonce.hex(), encode_base64url(nonce), repr(nonce)[2:-1]):
        assert form not in caplog.text


def test_a_model_that_is_not_there_is_the_callers_mistake(host: FakeHost) -> None:
    host.tell("infer", lambda _: problem(404))
    with pytest.raises(UserError) as caught:
        client_of(host).infer([X])
    assert caught.value.code == "not-found" and caught.value.exit_code == 2
    assert len(host.posted()) == 1


def test_a_function_of_the_verified_manifest_gives_the_input(host: FakeHost) -> None:
    seen = []
    answer = client_of(host).infer(lambda manifest: seen.append(manifest) or [X])
    assert seen == [answer.manifest]
    assert answer.timings_ms["verify"] > 0


@pytest.mark.parametrize(
    "answer",
    [
        problem(503),
        problem(500, Retry_After="1"),
        problem(400),
        problem(503, Retry_After="soon"),
        httpx.Response(503, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
        httpx.Response(302, headers={"Location": "http://elsewhere/infer"}),
        httpx.Response(200, content=b"\x00" * 240, headers={"Content-Type": "text/html"}),
    ],
    ids=lambda answer: str(answer.status_code),
)
def test_without_a_positive_sign_that_it_was_not_answered_a_request_is_sent_once(
    host: FakeHost, answer: httpx.Response
) -> None:
    host.tell("infer", lambda _: answer)
    with pytest.raises((OutsideError, Refused)):
        client_of(host).infer([X])
    assert len(host.posted()) == 1
    assert {request.url.host for request in host.requests} == {"host"}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (httpx.ReadTimeout("slow"), "timeout"),
        (httpx.ConnectError("refused"), "unreachable"),
        (httpx.RemoteProtocolError("closed"), "unreachable"),
    ],
)
def test_a_broken_connection_is_no_sign_to_send_again(
    host: FakeHost, error: Exception, code: str
) -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        raise error

    host.tell("infer", broken)
    with pytest.raises(OutsideError) as caught:
        client_of(host).infer([X])
    assert caught.value.code == code
    assert len(host.posted()) == 1


def test_what_the_host_says_is_shown_without_control_characters(host: FakeHost) -> None:
    content = b'{"title": "\\u001b[2Jgone", "detail": "' + b"x" * 1000 + b'"}'
    reply = httpx.Response(
        500, content=content, headers={"Content-Type": "application/problem+json"}
    )
    host.tell("infer", lambda _: reply)
    with pytest.raises(OutsideError) as caught:
        client_of(host).infer([X])
    assert "\x1b" not in caught.value.message
    assert len(caught.value.message) < 400


# ------------------------------------------------------------------------- answers that are none
def _instead(host: FakeHost, change: Callable[[bytes], bytes], **headers: str) -> None:
    """Another answer than the enclave's, with a good receipt for it."""

    def lie(request: httpx.Request) -> httpx.Response:
        return host.answer(request.content, change(host.enclave.infer(request.content)), **headers)

    host.tell("infer", lie)


def test_refuses_an_answer_with_any_byte_flipped(host: FakeHost) -> None:
    client = client_of(host)
    for at in range(240):

        def flipped(answer: bytes, at: int = at) -> bytes:
            return answer[:at] + bytes([answer[at] ^ 1]) + answer[at + 1 :]

        _instead(host, flipped)
        with pytest.raises(Refused) as caught:
            client.infer([X])
        assert caught.value.code == "not-opened"
    assert len(host.posted()) == 240


def test_refuses_the_answer_to_another_request(host: FakeHost) -> None:
    client = client_of(host)
    kept: list[bytes] = []
    _instead(host, lambda answer: (kept.append(answer), answer)[1])
    client.infer([X])
    _instead(host, lambda _: kept[0])
    with pytest.raises(Refused) as caught:
        client.infer([X])
    assert caught.value.code == "not-opened"


def test_refuses_an_answer_in_the_clear(host: FakeHost) -> None:
    _instead(host, lambda _: bytes(240))
    with pytest.raises(Refused) as caught:
        client_of(host).infer([X])
    assert caught.value.code == "not-opened"


@pytest.mark.parametrize("length", [0, 1, 239])
def test_refuses_an_answer_that_was_cut(host: FakeHost, length: int) -> None:
    _instead(host, lambda answer: answer[:length])
    with pytest.raises(Refused) as caught:
        client_of(host).infer([X])
    assert caught.value.code == "wrong-length"


def _endless() -> Iterator[bytes]:
    while True:
        yield bytes(100)


@pytest.mark.parametrize("what", ["evidence", "manifest", "infer"])
def test_refuses_an_answer_without_an_end(host: FakeHost, what: str) -> None:
    types = {
        "evidence": "application/cmw+json",
        "manifest": "application/json",
        "infer": "application/vnd.cloister.sealed-response",
    }
    reply = httpx.Response(200, content=_endless(), headers={"Content-Type": types[what]})
    host.tell(what, lambda _: reply)
    with pytest.raises(Refused) as caught:
        client_of(host).infer([X])
    assert caught.value.code == "too-long"


def test_an_answer_that_comes_in_drops_is_given_up(host: FakeHost) -> None:
    def drops() -> Iterator[bytes]:
        for _ in range(240):
            time.sleep(0.02)
            yield b"x"

    kind = {"Content-Type": "application/vnd.cloister.sealed-response"}
    host.tell("infer", lambda _: httpx.Response(200, content=drops(), headers=kind))
    began = time.monotonic()
    with pytest.raises(OutsideError) as caught:
        client_of(host, timeout_s=0.1).infer([X])
    assert caught.value.code == "timeout"
    assert time.monotonic() - began < 2


def test_refuses_a_problem_without_an_end(host: FakeHost) -> None:
    host.tell("infer", lambda _: httpx.Response(500, content=_endless()))
    with pytest.raises(Refused) as caught:
        client_of(host).infer([X])
    assert caught.value.code == "too-long"


@pytest.mark.parametrize("what", ["evidence", "manifest", "infer"])
def test_refuses_an_answer_of_another_media_type(host: FakeHost, what: str) -> None:
    reply = httpx.Response(200, content=b"{}", headers={"Content-Type": "text/plain"})
    host.tell(what, lambda _: reply)
    with pytest.raises(Refused) as caught:
        client_of(host).infer([X])
    assert caught.value.code == "wrong-media-type"


def test_refuses_a_compressed_answer(host: FakeHost) -> None:
    _instead(host, gzip.compress, Content_Encoding="gzip")
    with pytest.raises(Refused) as caught:
        client_of(host).infer([X])
    assert caught.value.code == "compressed"
    assert host.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("shape", [(3, 1), (3,), (1, 1, 3)])
def test_refuses_an_answer_of_another_shape_than_the_manifests(
    host: FakeHost, shape: tuple[int, ...]
) -> None:
    host.enclave.answer = lambda _: [np.zeros(shape, np.float32)]
    with pytest.raises(Refused, match="shape"):
        client_of(host).infer([X])


@pytest.mark.parametrize(("mode", "flags"), [({}, 0), (WHOLE, HOST_CHOSEN), ({}, HAS_NAN)])
def test_refuses_an_answer_whose_mode_is_not_the_manifests(
    mode: dict[str, Any], flags: int
) -> None:
    host = FakeHost(FakeEnclave(manifest(**mode)))
    infer = host.enclave.infer
    host.tell(
        "infer", lambda request: host.answer(request.content, infer(request.content, flags=flags))
    )
    with pytest.raises(Refused) as caught:
        client_of(host).infer([X])
    assert caught.value.code == "wrong-mode"


def test_outputs_belong_to_the_caller(host: FakeHost) -> None:
    output: Array = client_of(host).infer([X]).outputs[0]
    output[:] = 0


@given(
    st.sampled_from(["v2", "evidence", "manifest", "infer"]),
    st.sampled_from([200, 204, 301, 400, 429, 500, 503]),
    st.sampled_from(
        [
            "application/json",
            "application/cmw+json",
            "application/problem+json",
            "application/vnd.cloister.sealed-response",
        ]
    ),
    st.binary(max_size=300) | st.just(b'{"type": 1, "title": {}, "models": [1]}'),
    st.sampled_from(["", "0", "1", "-1", "99999999999", "x"]),
)
def test_a_host_that_says_anything_gets_our_errors_only(
    what: str, status: int, kind: str, content: bytes, after: str
) -> None:
    host = FakeHost()
    headers = {"Content-Type": kind, "Retry-After": after}
    host.tell(what, *[lambda _: httpx.Response(status, content=content, headers=headers)] * 20)
    client = client_of(host, policy=policy_of(host.enclave.manifest, model_name=None))
    with pytest.raises(CloisterError):
        client.infer([X])


# ------------------------------------------------------------------------------------- the rest
def test_the_policy_may_be_a_file(host: FakeHost, tmp_path: Path) -> None:
    made = host.enclave.manifest
    path = tmp_path / "policy.toml"
    path.write_text(policy_text(made.digest, model_digest=made.model_digest, name=made.name))
    with client_of(host, policy=path) as client:
        assert client.infer([X]).evidence.passed
    with pytest.raises(UserError, match=r"none\.toml"):
        client_of(host, policy=tmp_path / "none.toml")


def test_a_client_needs_neither_torch_nor_onnx_nor_onnxruntime() -> None:
    heavy = ["torch", "onnx", "onnxruntime", "onnx_ir", "onnxscript", "starlette", "scipy"]
    code = f"import sys, cloister.client; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_policy_of_the_client_is_a_policy() -> None:
    assert isinstance(policy_of(manifest()), Policy)
