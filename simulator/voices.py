"""Which voice speaks which language. A pair that does not fit fails the whole document."""

from __future__ import annotations

import re

_POLLY = {
    "nl-NL": "Lotte Ruben Laura",
    "nl-BE": "Lisa",
    "en-GB": "Amy Emma Brian Arthur",
    "en-US": "Joanna Joey Matthew Kendra Kimberly Salli Ivy Justin Kevin Ruth Stephen Danielle Gregory",
    "en-AU": "Nicole Russell Olivia",
    "de-DE": "Marlene Hans Vicki Daniel",
    "fr-FR": "Celine Mathieu Lea Remi",
    "es-ES": "Conchita Enrique Lucia Sergio",
    "pl-PL": "Ewa Maja Jacek Jan Ola",
    "ro-RO": "Carmen",
    "pt-PT": "Ines Cristiano",
    "it-IT": "Carla Giorgio Bianca Adriano",
    "tr-TR": "Filiz Burcu",
    "arb": "Zeina",
}
_LANGUAGE_OF = {name: language for language, names in _POLLY.items() for name in names.split()}
_BASIC = ("man", "woman", "alice")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?(-[A-Z]{2})?")
_GOOGLE = re.compile(r"Google\.([a-z]{2,3}-[A-Z]{2})-(Standard|Wavenet|Neural2|Chirp3-HD)-\w+")
_POLLY_NAME = re.compile(r"Polly\.(\w+?)(-Neural|-Generative)?")


def voice_problem(voice: str, language: str) -> str | None:
    """Why `voice` cannot speak `language`; None where it can. Empty: not given."""
    if language and not _LANGUAGE.fullmatch(language):
        return f"Say: no language {language!r}"
    if not voice or voice in _BASIC:
        return None
    spoken = _language_of(voice)
    if spoken is None:
        return f"Say: no voice {voice!r}"
    if language and language != spoken:
        return f"Say: voice {voice!r} speaks {spoken}, not {language}"
    return None


def _language_of(voice: str) -> str | None:
    if google := _GOOGLE.fullmatch(voice):
        return google[1]
    polly = _POLLY_NAME.fullmatch(voice)
    return _LANGUAGE_OF.get(polly[1]) if polly else None
