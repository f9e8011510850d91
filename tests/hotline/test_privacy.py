from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hotline.privacy import DataKey, Unreadable, Vault

OLD = DataKey("2025", bytes(range(32)))
NEW = DataKey("2026", bytes(range(1, 33)))
NUMBER = "+46701740605"
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXT, TEXT)
def test_what_is_sealed_opens_in_its_own_place(text: str, place: str) -> None:
    vault = Vault([NEW])
    assert vault.unseal(vault.seal(text, place), place) == text


@given(TEXT, TEXT, TEXT)
def test_a_token_moved_to_another_place_does_not_open(text: str, place: str, other: str) -> None:
    assume(place != other)
    vault = Vault([NEW])
    with pytest.raises(Unreadable):
        vault.unseal(vault.seal(text, place), other)


@given(st.data())
def test_a_token_with_one_changed_character_does_not_open(data: st.DataObject) -> None:
    vault = Vault([NEW, OLD])
    token = vault.seal(NUMBER, "calls.caller.CA1")
    at = data.draw(st.integers(0, len(token) - 1))
    char = data.draw(st.sampled_from("Aa0.-_é "))
    # The token is another one each time, and what is drawn may not depend on it.
    changed = token[:at] + (char if char != token[at] else "B") + token[at + 1 :]
    try:
        # The last character of a base64 text has bits that stand for nothing.
        assert vault.unseal(changed, "calls.caller.CA1") == NUMBER
        assert at in (len(token) - 1, token.rindex(".") - 1)
    except Unreadable:
        pass


@given(st.text())
def test_any_text_that_is_no_token_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        Vault([NEW]).unseal(text, "calls.caller.CA1")


def test_the_newest_key_seals_and_every_key_opens() -> None:
    sealed_before = Vault([OLD]).seal(NUMBER, "here")
    rotated = Vault([NEW, OLD])
    assert rotated.unseal(sealed_before, "here") == NUMBER
    assert rotated.seal(NUMBER, "here").startswith("v1.2026.")


def test_a_lost_key_is_named_and_the_other_fields_stay_readable() -> None:
    lost = Vault([OLD]).seal(NUMBER, "here")
    vault = Vault([NEW])
    with pytest.raises(Unreadable, match="2025"):
        vault.unseal(lost, "here")
    assert vault.unseal(vault.seal(NUMBER, "here"), "here") == NUMBER


def test_the_same_number_is_never_sealed_the_same_way_twice() -> None:
    vault = Vault([NEW])
    tokens = {vault.seal(NUMBER, "here") for _ in range(100)}
    assert len(tokens) == 100
    assert not any(NUMBER[1:] in token for token in tokens)


def test_a_repeat_caller_is_found_under_every_key() -> None:
    before, after = Vault([OLD]), Vault([NEW, OLD])
    assert after.fingerprint(NUMBER).startswith("2026:")
    assert after.fingerprints(NUMBER) == (after.fingerprint(NUMBER), before.fingerprint(NUMBER))
    assert after.fingerprint(NUMBER) != after.fingerprint("+46701740606")


def test_nothing_shown_of_a_key_or_a_failure_holds_what_is_secret() -> None:
    assert "\\x01" not in repr(NEW)
    with pytest.raises(Unreadable) as failure:
        Vault([NEW]).unseal(Vault([NEW]).seal(NUMBER, "calls.caller.secret"), "elsewhere")
    assert NUMBER not in str(failure.value)
    assert "secret" not in str(failure.value)


def test_a_vault_without_keys_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one key"):
        Vault([])
