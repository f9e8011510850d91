"""Telephone numbers: who can be rung, who called, and what may be shown of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.numbers import Refusal, caller_number, fingerprint, is_fictional, mask, subscriber_number

KEY = b"0123456789abcdef"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+46701740605", "+46701740605"),
        ("+46 70 174 06 05", "+46701740605"),
        ("0046 70-174 06 05", "+46701740605"),
        ("033-448 11 86", "+31334481186"),
        ("+31 33 448 11 86", "+31334481186"),
        ("+442079460000", "+442079460000"),
        ("+31 343 57 8844", "+31343578844"),
        ("088-6628844", "+31886628844"),
        (" +46701740605 ", "+46701740605"),
    ],
)
def test_an_ordinary_number_is_understood_however_it_is_written(written: str, number: str) -> None:
    assert subscriber_number(written) == number


def test_a_number_without_a_country_is_read_in_the_region_given() -> None:
    assert subscriber_number("070 174 06 05", "SE") == "+46701740605"


@pytest.mark.parametrize(
    ("written", "refusal"),
    [
        ("112", Refusal.SHORT),
        ("+31112", Refusal.SHORT),
        ("911", Refusal.SHORT),
        ("116006", Refusal.SHORT),
        ("116 000", Refusal.SHORT),
        ("14020", Refusal.SHORT),
        ("+3114020", Refusal.SERVICE),
        ("0800-7000", Refusal.SERVICE),
        ("0800 2000", Refusal.SERVICE),
        ("+318007000", Refusal.SERVICE),
        ("0900-8844", Refusal.SERVICE),
        ("+319008844", Refusal.SERVICE),
        ("+18005551234", Refusal.SERVICE),
        ("+447012345678", Refusal.SERVICE),
        ("+883510000000000", Refusal.SERVICE),
        ("+266696687", Refusal.INVALID),
        ("+31334481", Refusal.INVALID),
        ("+9991234567", Refusal.UNREADABLE),
        ("", Refusal.UNREADABLE),
        ("+", Refusal.UNREADABLE),
        ("anonymous", Refusal.UNREADABLE),
        ("0900FLOWERS", Refusal.UNREADABLE),
        ("+46701740605;ext=1", Refusal.UNREADABLE),
        ("tel:+46701740605", Refusal.UNREADABLE),
        ("+46701740605\n", Refusal.UNREADABLE),
        ("+٤٦٧٠١٧٤٠٦٠٥", Refusal.UNREADABLE),
        ("4" * 300, Refusal.UNREADABLE),
    ],
)
def test_emergency_free_paid_and_short_numbers_cannot_be_rung(written: str, refusal: Refusal) -> None:
    assert subscriber_number(written) is refusal


@given(st.text(max_size=40) | st.from_regex(r"\+?[0-9 ]{0,20}", fullmatch=True))
def test_any_text_is_a_number_or_a_refusal(text: str) -> None:
    number = subscriber_number(text)
    assert isinstance(number, Refusal) or subscriber_number(number) == number


@pytest.mark.parametrize(
    "raw",
    ["+46701740605", "+442079460000", "+31334481186", "+1234567", "+123456789012345"],
)
def test_a_caller_with_a_number_is_known_by_it(raw: str) -> None:
    assert caller_number(raw) == raw


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "anonymous",
        "Anonymous",
        "ANONYMOUS",
        "unknown",
        "Restricted",
        "unavailable",
        "Blocked",
        *(
            plus + word
            for word in ("266696687", "7378742833", "2562533", "8656696", "86282452253")
            for plus in ("", "+", "+1", "1")
        ),
        "+31 33 448 11 86",
        " 31334481186",
        "31334481186",
        "+31334481186\n",
        "+0334481186",
        "+123456",
        "+1234567890123456",
        "+" + "4" * 300,
        "a" * 300,
        "</Say><Dial>+19005551234</Dial>",
        "<script>alert(1)</script>",
        "\x00\x01+31334481186",
        "client:ada",
        "sip:ada@example.org",
        "+٣١٣٣٤٤٨١١٨٦",
    ],
)
def test_everything_else_is_a_withheld_number(raw: str | None) -> None:
    assert caller_number(raw) is None


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+46701740605", "+46 ... 05"),
        ("+442079460012", "+44 ... 12"),
        ("+31334481186", "+31 ... 86"),
        ("+9991234567", "... 67"),
        ("0701740605", "..."),
        ("nonsense", "..."),
        ("", "..."),
        (None, ""),
    ],
)
def test_a_masked_number_shows_its_country_and_two_digits(number: str | None, shown: str) -> None:
    assert mask(number) == shown


def test_fingerprints_are_equal_for_equal_numbers_and_keys_only() -> None:
    one = fingerprint("+46701740605", KEY)
    assert one == fingerprint("+46701740605", KEY)
    assert len({one, fingerprint("+46701740606", KEY), fingerprint("+46701740605", KEY[::-1])}) == 3
    assert len(one) == 64
    assert "46701740605" not in one


def test_a_fingerprint_needs_a_key_worth_the_name() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        fingerprint("+46701740605", b"short")


@pytest.mark.parametrize(
    ("number", "fictional"),
    [
        ("+46701740604", False),
        ("+46701740605", True),
        ("+46701740699", True),
        ("+46701740700", False),
        ("+442079459999", False),
        ("+442079460000", True),
        ("+442079460999", True),
        ("+442079461000", False),
        ("+31334481186", False),
        ("anonymous", False),
    ],
)
def test_numbers_kept_for_fiction_are_recognised(number: str, fictional: bool) -> None:
    assert is_fictional(number) is fictional
