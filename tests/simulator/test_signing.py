"""Requests are signed as the provider signs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.signing import sign, signed_url

VECTORS = Path(__file__).parents[3] / "shared" / "data" / "signature_vectors.json"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
PLAIN = URL.replace("https", "http")
CALL = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}
OTHER = CALL | {"Caller": "+14158675310", "From": "+14158675310"}
JSON_HASH = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"


@pytest.mark.parametrize(
    ("url", "fields", "signature"),
    [
        (URL, CALL.items(), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (URL.replace(".com", ".com:443"), CALL.items(), "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (PLAIN.replace(".com", ".com:80"), CALL.items(), "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        (PLAIN.replace(".com", ".com:1234"), CALL.items(), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        (URL.replace("mycompany", "example"), OTHER.items(), "L/OH5YylLD5NRKLltdqwSvS0BnU="),
        (
            URL,
            [("Sid", "CA123"), ("SidAccount", "AC123"), *[("Digits", "1234")] * 2, ("Digits", "5678")],
            "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
        ),
        (f"{URL}&bodySHA256={JSON_HASH}", (), "a9nBmqA0ju/hNViExpshrM61xv4="),
    ],
)  # fmt: skip
def test_the_published_vectors_are_met(url: str, fields: list[tuple[str, str]], signature: str) -> None:
    assert sign("12345", url, fields) == signature


def test_the_vectors_kept_beside_the_repository_are_met() -> None:
    if not VECTORS.exists():
        pytest.skip("the vectors are not here")
    document = json.loads(VECTORS.read_text())
    for vector in document["vectors"]:
        fields = [(name, value) for name, value in vector.get("params", [])]
        assert sign(document["auth_token"], signed_url(vector["url"]), fields) == vector["signature"]


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        ("https://h.example.org:8443/voice?a=%C3%A9#rc=2&rt=4000", "https://h.example.org/voice?a=%C3%A9"),
        ("http://h.example.org:8080/voice", "http://h.example.org:8080/voice"),
        ("https://user:secret@h.example.org/voice?", "https://h.example.org/voice?"),
    ],
)
def test_the_url_is_signed_without_fragment_credentials_and_port_of_https(url: str, signed: str) -> None:
    assert signed_url(url) == signed


def test_what_is_no_web_address_cannot_be_signed() -> None:
    with pytest.raises(ValueError, match="not an http URL"):
        signed_url("/voice/incoming")
