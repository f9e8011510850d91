"""What every page has: headers, a language, files with a hash in their address. Webhooks have none of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from werkzeug.test import Client

from hotline.web.app import create_app
from tests.hotline.console import console
from tests.practising import practice_desk

ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = ROOT / "hotline" / "web" / "translations"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with practice_desk(tmp_path_factory.mktemp("shell")) as desk:
        yield desk.client


@pytest.mark.parametrize("path", ["/practice", "/nowhere", "/language/xx", "/practice/calls/CA0"])
def test_every_page_forbids_what_it_does_not_need(client: Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy and "http" not in policy and "*" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_the_other_language_is_that_of_the_same_page(tmp_path: Path) -> None:
    with console(tmp_path) as desk:
        browser = desk.client_as("coordinator", person="ada")
        for path in ("/account", "/now", "/roster", "/roster/history", "/shifts", "/shifts/calendar"):
            page = browser.get(path)
            assert (page.status_code, f'href="/language/nl?next={path}"' in page.text) == (200, True), path


@pytest.mark.parametrize("path", ["/voice/incoming", "/voice/nowhere"])
def test_a_webhook_is_answered_without_the_frame_of_a_page(client: Client, path: str) -> None:
    answer = client.post(path)
    assert answer.status_code in (403, 404)
    assert "Content-Security-Policy" not in answer.headers
    assert "<nav" not in answer.text


def test_no_page_holds_a_style_or_a_script_of_its_own(client: Client) -> None:
    for template in ROOT.glob("hotline/**/templates/**/*.html"):
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*src=)", text), template


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "nl"),
        ("en;q=0, fr", "nl"),
        ("fr, de;q=0.5", "nl"),
        ("en-GB, nl;q=0.5", "en"),
        ("nl-BE, en;q=0.9", "nl"),
        ("*", "nl"),
        ("x" * 900, "nl"),
    ],
)
def test_a_page_speaks_what_the_browser_asks_for_and_else_dutch(
    client: Client, asked: str, language: str
) -> None:
    assert f'<html lang="{language}">' in client.get("/practice", headers={"Accept-Language": asked}).text


def test_a_language_once_chosen_stays(client: Client) -> None:
    answer = client.get("/language/en?next=/practice")
    assert (answer.status_code, answer.location) == (303, "/practice")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert '<html lang="en">' in client.get("/practice", headers={"Accept-Language": "nl"}).text
    client.delete_cookie("language")


@pytest.mark.parametrize(
    "next_",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "javascript:alert(1)",
        "/\x00",
        "",
    ],
)
def test_choosing_a_language_leads_nowhere_else(client: Client, next_: str) -> None:
    assert client.get("/language/nl", query_string={"next": next_}).location == "/"
    client.delete_cookie("language")


def test_a_file_is_kept_for_a_year_under_the_hash_of_its_content(client: Client) -> None:
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/practice").text)
    assert len(addresses) >= 4
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
    other = re.sub(r"/static/[0-9a-f]+/", "/static/000000000000/", addresses[0])
    assert client.get(other).headers["Cache-Control"] == "no-cache"
    for wrong in ("/static/0/nothing.css", "/static/0/..%2fshell.py", "/static/shell.css"):
        assert client.get(wrong).status_code == 404


def test_everything_a_first_visit_loads_is_small(client: Client) -> None:
    page = client.get("/practice")
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert len(page.data) + sum(len(client.get(file).data) for file in files) < 100_000


def test_an_error_is_a_page_in_the_language_of_the_reader(client: Client) -> None:
    answer = client.get("/nowhere", headers={"Accept-Language": "nl"})
    assert answer.status_code == 404
    assert "Deze pagina bestaat niet" in answer.text
    assert "Er gaat geen echte telefoon over." in answer.text


def test_a_live_page_has_no_practice_banner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "0" * 32,
        "PUBLIC_URL": "https://hotline.example.org",
        "SECRET_KEY": "k" * 32,
        "DATA_KEYS": "a:" + "A" * 43 + "=",
        "INSTANCE_DIR": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    answer = create_app().test_client().get("/nowhere", base_url="https://hotline.example.org")
    assert answer.status_code == 404
    assert "banner" not in answer.text
    assert answer.headers["Strict-Transport-Security"]


def catalogue(language: str) -> Catalog:
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def test_every_sentence_of_the_pages_is_there_in_dutch() -> None:
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    keywords = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
    found = extract_from_dir(ROOT / "hotline", methods, keywords=keywords)
    wanted = {tuple(_strings(message)) for _file, _line, message, _comments, _context in found if message}
    dutch = catalogue("nl")
    told = {texts for texts, translation in _told(dutch).items() if all(translation)}
    assert wanted - told == set(), "not translated: make translations, then fill them in"
    assert told - wanted == set(), "nowhere used any more: make translations"
    assert not [message.id for message in dutch if message.fuzzy and message.id]


def test_a_translation_fills_in_the_same_words_as_the_sentence() -> None:
    for message in catalogue("nl"):
        for text in _strings(message.string):
            wanted = set(re.findall(r"%\(\w+\)s", " ".join(_strings(message.id))))
            assert not message.id or set(re.findall(r"%\(\w+\)s", text)) <= wanted, message.id


def test_what_is_compiled_is_what_was_translated() -> None:
    with (TRANSLATIONS / "nl" / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        compiled = _told(read_mo(file))
    assert compiled == _told(catalogue("nl"))


def _told(messages: Catalog) -> dict[tuple[str, ...], list[str]]:
    return {tuple(_strings(message.id)): _strings(message.string) for message in messages if message.id}


def _strings(text: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())
