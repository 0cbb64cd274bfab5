"""Published vectors, copied from the RFCs' text.

* RFC 9180 appendix A.1.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode.
* RFC 9458 appendix A: one request and its response.
"""


def _hex(*parts: str) -> bytes:
    return bytes.fromhex("".join(parts))


class Rfc9180:
    info = _hex("4f6465206f6e2061204772656369616e2055726e")
    pkEm = _hex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431")
    skEm = _hex("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736")
    pkRm = _hex("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d")
    skRm = _hex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8")
    pt = _hex("4265617574792069732074727574682c20747275746820626561757479")
    # sequence number, ciphertext; aad is "Count-" and the number
    encryptions = (
        (
            0,
            _hex(
                "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a9",
                "6d8770ac83d07bea87e13c512a",
            ),
        ),
        (
            1,
            _hex(
                "af2d7e9ac9ae7e270f46ba1f975be53c09f8d875bdc8535458c2494e8a6eab25",
                "1c03d0c22a56b8ca42c2063b84",
            ),
        ),
        (
            2,
            _hex(
                "498dfcabd92e8acedc281e85af1cb4e3e31c7dc394a1ca20e173cb7251649158",
                "8d96a19ad4a683518973dcc180",
            ),
        ),
        (
            4,
            _hex(
                "583bd32bc67a5994bb8ceaca813d369bca7b2a42408cddef5e22f880b631215a",
                "09fc0012bc69fccaa251c0246d",
            ),
        ),
        (
            255,
            _hex(
                "7175db9717964058640a3a11fb9007941a5d1757fda1a6935c805c21af32505b",
                "f106deefec4a49ac38d71c9e0a",
            ),
        ),
        (
            256,
            _hex(
                "957f9800542b0b8891badb026d79cc54597cb2d225b54c00c5238c25d05c30e3",
                "fbeda97d2e0e1aba483a2df9f2",
            ),
        ),
    )
    exports = (
        (b"", _hex("3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee")),
        (b"\x00", _hex("2e8f0b54673c7029649d4eb9d5e33bf1872cf76d623ff164ac185da9e88c21a5")),
        (
            b"TestContext",
            _hex("e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931"),
        ),
    )


class Rfc9458:
    secret_key = _hex("3c168975674b2fa8e465970b79c8dcf09f1c741626480bd4c6162fc5b6a98e1a")
    key_config = _hex(
        "01002031e1f05a740102115220e9af918f738674aec95f54db6e04eb705aae8e",
        "79815500080001000100010003",
    )
    request = _hex("00034745540568747470730b6578616d706c652e636f6d012f")
    ephemeral = _hex("bc51d5e930bda26589890ac7032f70ad12e4ecb37abb1b65b1256c9c48999c73")
    sealed_request = _hex(
        "010020000100014b28f881333e7c164ffc499ad9796f877f4e1051ee6d31bad1",
        "9dec96c208b4726374e469135906992e1268c594d2a10c695d858c40a026e796",
        "5e7d86b83dd440b2c0185204b4d63525",
    )
    response = _hex("0140c8")
    response_nonce = _hex("c789e7151fcba46158ca84b04464910d")
    sealed_response = _hex(
        "c789e7151fcba46158ca84b04464910d86f9013e404feea014e7be4a441f234f", "857fbd"
    )
