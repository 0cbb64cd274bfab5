"""OHTTP against RFC 9458's example, and what must not open."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from rfc_vectors import Rfc9458

from cloister.channel import hpke, ohttp
from cloister.errors import Refused

SECRET = X25519PrivateKey.from_private_bytes(bytes(range(32)))
CONFIG = ohttp.KeyConfig(7, SECRET.public_key().public_bytes_raw())
KEYS = {7: SECRET}
RFC_ALGORITHMS = ((1, 1), (1, 3))


def test_rfc_9458_example_byte_for_byte() -> None:
    v = Rfc9458
    secret = X25519PrivateKey.from_private_bytes(v.secret_key)
    config = ohttp.KeyConfig(1, secret.public_key().public_bytes_raw(), RFC_ALGORITHMS)
    assert config.to_bytes() == v.key_config
    assert ohttp.KeyConfig.from_bytes(v.key_config, algorithms=RFC_ALGORITHMS) == config

    sealed, client = ohttp.seal_request(
        config,
        v.request,
        aead=hpke.AES_128_GCM,
        labels=ohttp.RFC_LABELS,
        ephemeral=X25519PrivateKey.from_private_bytes(v.ephemeral),
    )
    assert sealed == v.sealed_request

    request, gateway = ohttp.open_request(
        {1: secret}, sealed, aead=hpke.AES_128_GCM, labels=ohttp.RFC_LABELS
    )
    assert request == v.request
    assert gateway.seal_response(v.response, nonce=v.response_nonce) == v.sealed_response
    assert client.open_response(v.sealed_response) == v.response


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_what_is_sealed_opens(request: bytes, response: bytes) -> None:
    sealed, client = ohttp.seal_request(CONFIG, request)
    assert len(sealed) == len(request) + ohttp.REQUEST_OVERHEAD == len(request) + 55
    opened, enclave = ohttp.open_request(KEYS, sealed)
    assert opened == request
    answer = enclave.seal_response(response)
    assert len(answer) == len(response) + ohttp.RESPONSE_OVERHEAD == len(response) + 48
    assert client.open_response(answer) == response


def test_two_requests_of_the_same_input_share_no_bytes_after_the_head() -> None:
    one, _ = ohttp.seal_request(CONFIG, bytes(64))
    two, _ = ohttp.seal_request(CONFIG, bytes(64))
    assert one[:7] == two[:7]
    assert one[7:39] != two[7:39]
    assert one[39:] != two[39:]


def test_refuses_a_request_with_any_byte_flipped() -> None:
    sealed, _ = ohttp.seal_request(CONFIG, b"some input")
    for at in range(len(sealed)):
        flipped = bytearray(sealed)
        flipped[at] ^= 1 << (at % 8)
        if at == 38 and flipped[38] == sealed[38] ^ 0x80:
            continue
        with pytest.raises((hpke.NotOpened, ohttp.UnknownKey)):
            ohttp.open_request(KEYS, bytes(flipped))


def test_the_unused_bit_of_enc_is_bound_although_x25519_ignores_it() -> None:
    sealed, _ = ohttp.seal_request(CONFIG, b"some input")
    flipped = bytearray(sealed)
    flipped[38] ^= 0x80
    with pytest.raises(hpke.NotOpened):
        ohttp.open_request(KEYS, bytes(flipped))


def test_refuses_a_request_cut_at_any_length() -> None:
    sealed, _ = ohttp.seal_request(CONFIG, b"some input")
    for length in range(len(sealed)):
        with pytest.raises((hpke.NotOpened, ohttp.UnknownKey)):
            ohttp.open_request(KEYS, sealed[:length])


def test_refuses_a_request_with_bytes_added() -> None:
    sealed, _ = ohttp.seal_request(CONFIG, b"some input")
    with pytest.raises(hpke.NotOpened):
        ohttp.open_request(KEYS, sealed + b"\x00")


def test_refuses_a_request_for_another_key() -> None:
    sealed, _ = ohttp.seal_request(CONFIG, b"some input")
    with pytest.raises(hpke.NotOpened):
        ohttp.open_request({7: X25519PrivateKey.generate()}, sealed)
    with pytest.raises(ohttp.UnknownKey):
        ohttp.open_request({8: SECRET}, sealed)


def test_refuses_another_cipher_than_that_of_the_wire() -> None:
    sealed, _ = ohttp.seal_request(CONFIG, b"some input", aead=hpke.AES_128_GCM)
    with pytest.raises(ohttp.UnknownKey):
        ohttp.open_request(KEYS, sealed)


def test_refuses_a_request_with_other_labels() -> None:
    sealed, _ = ohttp.seal_request(CONFIG, b"some input", labels=ohttp.RFC_LABELS)
    with pytest.raises(hpke.NotOpened):
        ohttp.open_request(KEYS, sealed)


def _exchange() -> tuple[ohttp.Exchange, bytes]:
    sealed, client = ohttp.seal_request(CONFIG, b"some input")
    _, enclave = ohttp.open_request(KEYS, sealed)
    return client, enclave.seal_response(b"some answer")


def test_refuses_a_response_with_any_byte_flipped() -> None:
    client, answer = _exchange()
    for at in range(len(answer)):
        flipped = bytearray(answer)
        flipped[at] ^= 1 << (at % 8)
        with pytest.raises(hpke.NotOpened):
            client.open_response(bytes(flipped))


def test_refuses_a_response_cut_at_any_length() -> None:
    client, answer = _exchange()
    for length in range(len(answer)):
        with pytest.raises(hpke.NotOpened):
            client.open_response(answer[:length])


def test_refuses_the_response_to_another_request() -> None:
    client, _ = _exchange()
    _, other = _exchange()
    with pytest.raises(hpke.NotOpened):
        client.open_response(other)


def test_refuses_the_request_itself_as_its_response() -> None:
    sealed, client = ohttp.seal_request(CONFIG, b"some input")
    with pytest.raises(hpke.NotOpened):
        client.open_response(sealed)


def test_all_failures_to_open_say_the_same() -> None:
    client, answer = _exchange()
    sealed, _ = ohttp.seal_request(CONFIG, b"some input")
    said = set()
    for attempt in (
        lambda: client.open_response(b""),
        lambda: client.open_response(answer[:-1]),
        lambda: ohttp.open_request(KEYS, b""),
        lambda: ohttp.open_request(KEYS, sealed[:-1]),
        lambda: ohttp.open_request(KEYS, sealed[:7] + bytes(32) + sealed[39:]),
    ):
        with pytest.raises(Refused) as caught:
            attempt()
        said.add((caught.value.message, caught.value.code, caught.value.hint))
    assert len(said) == 1


def test_a_key_config_has_41_bytes_and_one_form() -> None:
    data = CONFIG.to_bytes()
    assert len(data) == ohttp.KEY_CONFIG_BYTES == 41
    assert ohttp.KeyConfig.from_bytes(data) == CONFIG


@pytest.mark.parametrize("length", [0, 40, 42, 45])
def test_refuses_a_key_config_of_another_length(length: int) -> None:
    with pytest.raises(ohttp.BadKeyConfig):
        ohttp.KeyConfig.from_bytes((CONFIG.to_bytes() + bytes(8))[:length])


@pytest.mark.parametrize("at", [1, 2, 35, 36, 37, 38, 39, 40])
def test_refuses_a_key_config_with_another_kem_or_algorithm(at: int) -> None:
    data = bytearray(CONFIG.to_bytes())
    data[at] ^= 1
    with pytest.raises(ohttp.BadKeyConfig):
        ohttp.KeyConfig.from_bytes(bytes(data))


def test_refuses_a_key_config_that_offers_a_choice() -> None:
    two = ohttp.KeyConfig(7, CONFIG.public_key, ((1, 2), (1, 1)))
    with pytest.raises(ohttp.BadKeyConfig):
        ohttp.KeyConfig.from_bytes(two.to_bytes())


def test_refuses_to_seal_to_a_key_of_low_order() -> None:
    with pytest.raises(hpke.BadPublicKey):
        ohttp.seal_request(ohttp.KeyConfig(7, bytes(32)), b"some input")


def test_shows_no_secret_in_its_repr() -> None:
    client, _ = _exchange()
    assert repr(client) == "<Exchange AEAD 2>"
