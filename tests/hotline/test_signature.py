"""Which webhooks count as the provider's: judged by its own library, which is not what we check them with."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from hotline.telephony.signature import SignatureCheck

ORIGINS = (
    "https://hotline.example.org",
    "https://Hotline.example.org:8443",
    "http://127.0.0.1:8000",
    "http://hotline.example.org",
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
FORM = st.lists(st.tuples(TEXT, TEXT), max_size=12)
TARGETS = st.sampled_from(
    ["/voice/incoming", "/voice/ring?call=CA1&line=helpdesk", "/voice/ring?a=%C3%A9&b=a+b"]
)


@given(st.sampled_from(ORIGINS), TARGETS, FORM)
def test_what_the_provider_signed_is_accepted(origin: str, target: str, form: list[tuple[str, str]]) -> None:
    fields = MultiDict(form)
    signature = RequestValidator("token").compute_signature(origin + target, fields)
    assert SignatureCheck(origin + "/", ["token"]).accepts(target, fields, signature)


@given(st.sampled_from(ORIGINS), TARGETS, FORM, st.text(max_size=40))
def test_what_the_provider_did_not_sign_is_refused(
    origin: str, target: str, form: list[tuple[str, str]], signature: str
) -> None:
    fields = MultiDict(form)
    known = SignatureCheck(origin, ["token"])
    assert not known.accepts(target, fields, signature)
    for wrong in (
        RequestValidator("another").compute_signature(origin + target, fields),
        RequestValidator("token").compute_signature(origin + target + "x", fields),
        RequestValidator("token").compute_signature(origin + target, MultiDict([*form, ("more", "1")])),
        RequestValidator("token").compute_signature("https://elsewhere.example.org" + target, fields),
    ):
        assert not known.accepts(target, fields, wrong)


@pytest.mark.parametrize("signature", [None, "", "é", "AAAA"])
def test_a_webhook_without_a_signature_is_refused(signature: str | None) -> None:
    assert not SignatureCheck(ORIGINS[0], ["token"]).accepts("/voice/incoming", MultiDict(), signature)


@pytest.mark.parametrize("origin", ORIGINS)
def test_the_provider_may_leave_the_port_out_or_write_it(origin: str) -> None:
    parts = urlsplit(origin)
    host = parts.netloc.partition(":")[0]
    port = parts.port or {"https": 443, "http": 80}[parts.scheme]
    for spelling in (f"{parts.scheme}://{host}", f"{parts.scheme}://{host}:{port}"):
        signature = RequestValidator("token").compute_signature(spelling + "/voice/incoming", {})
        assert SignatureCheck(origin, ["token"]).accepts("/voice/incoming", MultiDict(), signature)


def test_while_a_token_is_replaced_both_are_accepted() -> None:
    known = SignatureCheck(ORIGINS[0], ["old", "new"])
    for token in ("old", "new"):
        signature = RequestValidator(token).compute_signature(f"{ORIGINS[0]}/voice/incoming", {"From": "+1"})
        assert known.accepts("/voice/incoming", MultiDict({"From": "+1"}), signature)
