"""Sealed weights from end to end: the real enclave, the real service, the real broker over HTTP;
and brokers that are down, slow or lie.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import tiny_bundle
from pack.test_bundle import disk_of
from serve.http_kit import serving, until

from cloister.attest.evidence import encode_base64url
from cloister.attest.policy import Policy, policy_text
from cloister.broker.app import Broker, app
from cloister.broker.direct import UnsafeKeys
from cloister.broker.keyring import Keyring
from cloister.broker.seal import Sealed, seal
from cloister.client import Client
from cloister.errors import OutsideError, UserError
from cloister.pack.bundle import load_bundle
from cloister.pack.policy_beside import accepted_manifests, require_own_policy
from cloister.serve import keeper as keepers
from cloister.serve.http import Server, configuration, listen, url_of
from cloister.serve.keys import BrokerKeys, KeyWithheld
from cloister.serve.service import Service, Settings

X = np.random.default_rng(6).normal(size=(1, tiny_bundle.FEATURES)).astype(np.float32)


@dataclass
class World:
    """A plain bundle, its sealed one, keys/, and the policy of broker and clients."""

    plain: Path
    sealed: Sealed
    keyring: Keyring

    @property
    def policy(self) -> Path:
        return self.sealed.policy


@pytest.fixture
def world(keyring: Keyring, tmp_path: Path) -> World:
    plain = tiny_bundle.write(tmp_path / "bundle").path
    return World(plain, seal(plain, keyring, tmp_path / "sealed"), keyring)


@pytest.fixture
def broker(world: World) -> Iterator[str]:
    """The real broker, over HTTP."""
    with serving(app(Broker(world.policy, world.keyring))) as url:
        yield url


def service_of(world: World, keys: Any) -> Service:  # noqa: ANN401
    return Service(world.sealed.bundle.path, settings=Settings(replay=64, keys=keys)).start()


# ------------------------------------------------------------------------------------ sealing
def test_a_sealed_bundle_holds_no_weights_and_is_signed(world: World) -> None:
    head = world.sealed.bundle.head.read_bytes()
    weights = tiny_bundle.weights_of().tobytes()
    assert weights[:64] in (world.plain / "head.clo").read_bytes()
    assert not any(weights[at : at + 16] in head for at in range(0, len(weights), 16))
    manifest = load_bundle(world.sealed.bundle.path).manifest
    assert manifest.key_id == world.sealed.key_id.hex()
    assert manifest.owner == world.keyring.owner
    assert (world.sealed.bundle.path / "manifest.sig").exists()
    assert Policy.load(world.policy).manifest_digests == {bytes.fromhex(manifest.digest)}


def test_sealing_again_rotates_the_key_and_counts_the_version_up(
    world: World, tmp_path: Path
) -> None:
    again = seal(world.plain, world.keyring, tmp_path / "again")
    first, second = world.sealed.bundle.manifest, again.bundle.manifest
    assert (first.version, second.version) == (1, 2)
    assert first.key_id != second.key_id and first.model_digest != second.model_digest
    assert [one.version for one in world.keyring.list()] == [1, 2]
    digests = [bytes.fromhex(one.digest) for one in (first, second)]
    assert Policy.load(again.policy).manifest_digests == set(digests)
    assert f"model {second.model_digest} or {first.model_digest}" in again.policy.read_text()


def test_a_rotation_keeps_what_the_owner_wrote_and_each_earlier_policy(
    world: World, tmp_path: Path
) -> None:
    mine = "# mine\n" + world.policy.read_text().replace('"24h"', '"7h"')
    world.policy.write_text(mine)
    again = seal(world.plain, world.keyring, tmp_path / "again")
    text = world.policy.read_text()
    assert text.startswith("# mine\n") and '"7h"' in text
    third = seal(world.plain, world.keyring, tmp_path / "third")
    assert Policy.load(third.policy).manifest_digests == {
        bytes.fromhex(one.bundle.manifest.digest) for one in (world.sealed, again, third)
    }
    kept = {path.name: path.read_text() for path in tmp_path.glob("policy.toml.bak*")}
    assert kept["policy.toml.bak"] == mine and kept["policy.toml.bak2"] == text


def test_what_is_sealed_already_or_there_is_refused(world: World, tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        seal(world.sealed.bundle.path, world.keyring, tmp_path / "twice")
    assert caught.value.code == "sealed-already"
    with pytest.raises(UserError) as caught:
        seal(world.plain, world.keyring, world.sealed.bundle.path)
    assert caught.value.code == "output-exists"
    with pytest.raises(UserError):
        seal(tmp_path / "none", world.keyring, tmp_path / "other")
    assert len(world.keyring.list()) == 1


@pytest.mark.parametrize("part", ["manifest.json", "manifest.sig", "head.clo", "tail.onnx"])
def test_a_bundle_of_two_builds_is_named(world: World, tmp_path: Path, part: str) -> None:
    other = seal(tiny_bundle.write(tmp_path / "b2", n=2048).path, world.keyring, tmp_path / "s2")
    mixed = world.sealed.bundle.path
    (mixed / part).write_bytes((other.bundle.path / part).read_bytes())
    with pytest.raises(UserError) as caught:
        Service(mixed, settings=Settings(keys=UnsafeKeys(world.keyring)))
    assert caught.value.code == "bundle-changed"


def test_two_who_seal_at_once_get_two_versions(world: World, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        outs = [tmp_path / f"at once {number}" for number in range(4)]
        made = list(pool.map(lambda out: seal(world.plain, world.keyring, out), outs))
    assert sorted(one.bundle.manifest.version for one in made) == [2, 3, 4, 5]
    assert len({one.key_id for one in made}) == 4


@pytest.mark.parametrize("room_bytes", [16, 4096, 262_144])
def test_a_full_disk_keeps_neither_bundle_nor_key(
    world: World, tmp_path: Path, room_bytes: int
) -> None:
    """With room for nothing, or for some of the head."""
    big = tiny_bundle.write(tmp_path / "big", n=65_536).path
    before = sorted(path.name for path in tmp_path.rglob("*"))
    with disk_of(room_bytes), pytest.raises(OutsideError) as caught:
        seal(big, world.keyring, tmp_path / "full")
    assert caught.value.code == "disk-full"
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_keys_that_cannot_be_written_leave_no_bundle(world: World, tmp_path: Path) -> None:
    """The key is kept before the bundle appears; where it cannot be, nothing appears."""
    lost = Keyring(tmp_path / "gone", world.keyring._kek, world.keyring._signer)
    with pytest.raises(UserError) as caught:
        seal(world.plain, lost, tmp_path / "other" / "full")
    assert caught.value.code == "not-writable"
    assert not (tmp_path / "other" / "full").exists() and not (tmp_path / "gone").exists()


def test_a_policy_of_the_owners_own_keeps_its_words(keyring: Keyring, tmp_path: Path) -> None:
    bundle = tiny_bundle.write(tmp_path / "bundle")
    text = (
        'format = "cloister-policy/1"\nfreshness = "nonce"\nmax_key_lifetime = "1h"\n'
        'max_clock_skew = "1m"\nengine_at_least = "0.1.0"\n# mine\n[model]\n'
        f'manifest_sha256 = ["{bundle.manifest.digest}"]\n'
        "[tee.sandbox]\nunsafe_development = true\n"
    )
    (tmp_path / "policy.toml").write_text(text)
    sealed = seal(bundle.path, keyring, tmp_path / "sealed")
    renewed = sealed.policy.read_text()
    assert renewed == text.replace(bundle.manifest.digest, sealed.bundle.manifest.digest)


def test_a_policy_of_something_else_is_left_and_no_key_made(
    keyring: Keyring, tmp_path: Path
) -> None:
    bundle = tiny_bundle.write(tmp_path / "bundle")
    text = policy_text("ab" * 32, model_digest="cd" * 32)
    (tmp_path / "policy.toml").write_text(text)
    with pytest.raises(UserError) as caught:
        seal(bundle.path, keyring, tmp_path / "sealed")
    assert caught.value.code == "policy-in-use" and "ab" * 32 in caught.value.message
    assert (tmp_path / "policy.toml").read_text() == text
    assert not keyring.list() and not (tmp_path / "sealed").exists()


def test_a_pack_between_two_sealings_leaves_the_policy_of_the_sealed_bundle(
    keyring: Keyring, tmp_path: Path
) -> None:
    bundle = tiny_bundle.write(tmp_path / "bundle")
    sealed = seal(bundle.path, keyring, tmp_path / "sealed")
    with pytest.raises(UserError) as caught:
        require_own_policy(sealed.policy, bundle.path, "")
    assert caught.value.code == "policy-in-use"
    again = tiny_bundle.write(tmp_path / "new" / "bundle")
    newer = seal(again.path, keyring, tmp_path / "sealed2")
    assert accepted_manifests(newer.policy) == {
        sealed.bundle.manifest.digest, newer.bundle.manifest.digest
    }  # fmt: skip


# -------------------------------------------------------------------------------- the whole way
def test_an_appraised_enclave_gets_the_key_and_answers(world: World, broker: str) -> None:
    with service_of(world, BrokerKeys(broker)) as service:
        with Client(service.url, world.policy) as client:
            answer = client.infer(X)
        assert np.allclose(answer.outputs[0], tiny_bundle.answer(X), rtol=1e-5)
        assert answer.manifest.key_id == world.sealed.key_id.hex()


def test_without_a_source_of_keys_a_sealed_bundle_is_not_served(world: World) -> None:
    with pytest.raises(UserError) as caught:
        service_of(world, None)
    assert caught.value.code == "sealed-bundle" and "--broker" in caught.value.hint


def test_the_unsafe_way_opens_keys_on_the_host(world: World, tmp_path: Path) -> None:
    with (
        service_of(world, UnsafeKeys(world.keyring)) as service,
        Client(service.url, world.policy) as client,
    ):
        assert client.infer(X).evidence.passed
    empty = Keyring(tmp_path / "none", world.keyring._kek, world.keyring._signer)
    with pytest.raises(UserError) as caught:
        service_of(world, UnsafeKeys(empty))
    assert caught.value.code == "unknown-key"


# ------------------------------------------------------------------- brokers that do not release
def ready(service: Service) -> dict[str, Any]:
    return dict(httpx.get(f"{service.url}/v2/health/ready").json())


def test_a_service_lives_without_its_broker_and_heals_when_it_comes(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(keepers, "BACKOFF_S", 0.05)
    with listen("127.0.0.1", 0) as nobody:
        url = url_of(nobody)
    caplog.set_level(logging.INFO, "cloister.serve")
    with service_of(world, BrokerKeys(url, timeout_s=1)) as service:
        body = ready(service)
        assert (body["status"], body["code"], body["retry"]) == (503, "locked", "later")
        assert "broker-unreachable" in body["detail"]
        assert httpx.get(f"{service.url}/v2/health/live").status_code == 200
        for path in ("evidence", "ready"):
            got = httpx.get(f"{service.url}/v2/models/tiny/{path}")
            assert (got.status_code, got.json()["code"]) == (503, "locked")
        host, port = url.removeprefix("http://").split(":")
        server = Server(configuration(app(Broker(world.policy, world.keyring)), 1), lambda: None)
        with listen(host, int(port)) as taken:
            thread = threading.Thread(target=server.run, args=([taken],))
            thread.start()
            try:
                until(lambda: "ready" in ready(service))
            finally:
                server.should_exit = True
                thread.join()
        with Client(service.url, world.policy) as client:
            assert client.infer(X).evidence.passed
    waits = [
        record.cloister_fields["next_try_s"]  # type: ignore[attr-defined]
        for record in caplog.records
        if record.getMessage() == "enclave-not-started"
    ]
    assert waits == sorted(waits) and waits[0] < 0.1, "the pauses grow"


def test_a_revoked_key_locks_the_next_enclave(world: World, broker: str) -> None:
    world.keyring.remove(world.sealed.key_id)
    with service_of(world, BrokerKeys(broker)) as service:
        assert "broker-unknown-key" in ready(service)["detail"]


def test_a_policy_of_something_else_locks(world: World, broker: str) -> None:
    text = world.policy.read_text()
    world.policy.write_text(text.replace(world.sealed.bundle.manifest.digest, "ab" * 32))
    with service_of(world, BrokerKeys(broker)) as service:
        assert "broker-refused-manifest" in ready(service)["detail"]


Lie = Callable[[httpx.Request], httpx.Response]


def lying(release: Lie, challenge: Lie | None = None) -> BrokerKeys:
    def handle(request: httpx.Request) -> httpx.Response:
        request.read()
        if request.url.path == "/v1/challenge":
            if challenge is not None:
                return challenge(request)
            return httpx.Response(200, json={"nonce": encode_base64url(bytes(32))})
        return release(request)

    return BrokerKeys("http://broker", timeout_s=2, transport=httpx.MockTransport(handle))


def locked_by(world: World, source: BrokerKeys) -> str:
    """The code with which a service is locked; nothing was loaded."""
    with service_of(world, source) as service:
        body = ready(service)
        assert body["code"] == "locked"
        assert httpx.get(f"{service.url}/v2/models/tiny/evidence").status_code == 503
        return str(body["detail"].rsplit(": ", 1)[-1])


def released(world: World, **changes: Any) -> Lie:  # noqa: ANN401
    """A release for this evidence, as the real broker seals it, but of other things."""
    from cloister.attest.claims import Claims
    from cloister.attest.evidence import Evidence
    from cloister.channel.ohttp import KeyConfig
    from cloister.channel.page_key import seal_page_key

    real = world.keyring.get(world.sealed.key_id)
    assert real is not None

    def release(request: httpx.Request) -> httpx.Response:
        document = Evidence.from_bytes(json.dumps(json.loads(request.content)["evidence"]).encode())
        options = {
            "page_key": real.key,
            "claims": document.claims,
            "key_id": world.sealed.key_id,
        } | changes
        config = KeyConfig.from_bytes(Claims.from_bytes(document.claims).key_config)
        sealed = seal_page_key(options.pop("page_key"), config=config, **options)
        parts = {"enc": encode_base64url(sealed[:32]), "ct": encode_base64url(sealed[32:])}
        return httpx.Response(200, json=parts)

    return release


def test_the_control_of_the_liar_opens(world: World) -> None:
    with service_of(world, lying(released(world))) as service:
        assert "ready" in ready(service)


@pytest.mark.parametrize(
    "changes", [{"page_key": bytes(32)}, {"key_id": bytes(range(16))}, {"claims": b"others"}]
)
def test_a_wrong_key_a_key_for_another_id_or_other_claims_loads_nothing(
    world: World, changes: dict[str, Any]
) -> None:
    assert locked_by(world, lying(released(world, **changes))) == "wrong-key"


def test_a_replayed_release_loads_nothing(world: World) -> None:
    kept: list[httpx.Response] = []

    def keep(request: httpx.Request) -> httpx.Response:
        kept.append(released(world)(request))
        return httpx.Response(200, content=kept[0].content, headers=kept[0].headers)

    with service_of(world, lying(keep)) as service:
        assert "ready" in ready(service)
    replay = lying(lambda _: httpx.Response(200, json=json.loads(kept[0].content)))
    assert locked_by(world, replay) == "wrong-key"


@pytest.mark.parametrize(
    "answer",
    [
        {"enc": encode_base64url(bytes(31)), "ct": encode_base64url(bytes(48))},
        {"enc": encode_base64url(bytes(32)), "ct": encode_base64url(bytes(47))},
        {"enc": encode_base64url(bytes(32)), "ct": encode_base64url(bytes(49))},
        {"enc": "=", "ct": "="},
        {"enc": 1, "ct": None},
        {"enc": encode_base64url(bytes(32))},
        {"enc": encode_base64url(bytes(32)), "ct": encode_base64url(bytes(48)), "key": "x"},
        [],
    ],
)
def test_answers_of_another_form_or_length_load_nothing(world: World, answer: Any) -> None:  # noqa: ANN401
    lie = lying(lambda _: httpx.Response(200, json=answer))
    assert locked_by(world, lie) == "broker-answer"


def fetch(source: BrokerKeys) -> KeyWithheld:
    with pytest.raises(KeyWithheld) as caught:
        source.fetch(bytes(16), lambda _: b"{}")
    return caught.value


def test_other_answers_are_named(world: World) -> None:
    def never(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("too slow")

    cases: list[tuple[Lie, str]] = [
        (lambda _: httpx.Response(200, content=b"no json"), "broker-answer"),
        (lambda _: httpx.Response(200, content=b"x" * 70_000), "broker-answer"),
        (lambda _: httpx.Response(500, content=b"\xff"), "broker-no"),
        (lambda _: httpx.Response(302, headers={"Location": "http://x"}), "broker-no"),
        (lambda _: httpx.Response(403, json={"code": "<b>\n", "detail": "\x1b[1m"}), "broker-no"),
        (lambda _: httpx.Response(403, json={"code": "unknown-nonce"}), "broker-unknown-nonce"),
        (never, "broker-timeout"),
    ]
    for lie, code in cases:
        error = fetch(lying(lie))
        assert error.code == code and "\x1b" not in error.message
        assert fetch(lying(lie, challenge=lie)).code == code
    short = lying(
        lambda _: httpx.Response(200), lambda _: httpx.Response(200, json={"nonce": "AA"})
    )
    assert fetch(short).code == "broker-answer"


def test_a_slow_broker_is_given_up(world: World) -> None:
    class Slow:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401
            start = {"type": "http.response.start", "status": 200, "headers": []}
            await send(start)
            import asyncio

            for _ in range(100):
                await send({"type": "http.response.body", "body": b" ", "more_body": True})
                await asyncio.sleep(0.05)

    with serving(Slow()) as url:
        began = time.monotonic()
        error = fetch(BrokerKeys(url, timeout_s=0.5))
    assert error.code == "broker-timeout" and time.monotonic() - began < 4


@pytest.mark.parametrize("url", ["", "host:8500", "ftp://host", "http://u:p@host", "http://h?x=1"])
def test_addresses_that_are_none_are_refused(url: str) -> None:
    with pytest.raises(UserError) as caught:
        BrokerKeys(url)
    assert caught.value.code == "bad-url"
