"""Every spoken word: one file per language in `hotline/prompts`, and recordings beside it.

Decides which text or recording is spoken in which language; when it is spoken, `script` decides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

from ruamel.yaml import YAML

from hotline import metrics
from hotline.telephony.twiml import Play, Say
from routing.roster import Line

PROMPTS = Path(__file__).parents[1] / "prompts"

#: A text with no other gap than the line's name may be replaced by a recording.
_RECORDABLE = frozenset({"line"})


#: What a call cannot do without: one of the files has to have each of these.
REQUIRED = frozenset(
    {
        "greeting",
        "language",
        "need",
        "connecting",
        "still_trying",
        "again",
        "reconnect",
        "unsure",
        "unreached",
        "hours",
        "callback",
        "callback_withheld",
        "number",
        "number_again",
        "check",
        "promised",
        "promised_advice",
        "unanswered",
        "advised",
        "tip",
        "goodbye",
        "no_line",
        "no_roster",
        "fallback",
        "advisor.crisis",
        "advisor.desk",
        "advisor.ring",
        "advisor.keys",
        "advisor.accepted",
        "advisor.passed_on",
        "advisor.not_accepted",
    }
)


class BadPrompts(Exception):
    """Prompts that cannot be used at all; says which and why."""


class _Gaps(dict[str, str]):
    """What fills the gaps of a text. A gap nobody fills stays silent: a typing error ends no call."""

    def __missing__(self, gap: str) -> str:
        return ""


@dataclass(frozen=True)
class Tongue:
    """One language: how it is spoken, its texts, and its recordings (name to file)."""

    code: str
    language: str
    voice: str
    texts: Mapping[str, str]
    words: Mapping[str, Any]
    recordings: Mapping[str, Path]


@dataclass(frozen=True)
class Prompts:
    """The texts of every language that has a file. `audio_url` is where recordings are served.

    `faults` are sentences about texts that are spoken in another language, or with a gap left out.
    """

    tongues: Mapping[str, Tongue]
    faults: tuple[str, ...] = ()
    audio_url: str = "/voice/audio"

    def speak(self, name: str, languages: tuple[str, ...], **gaps: str) -> Say | Play:
        """The prompt in the first of `languages` that has it; each one that has not is counted.

        With none of them, any language that has it: something is always said.
        """
        tongue = self._tongue_with(name, languages)
        text = tongue.texts[name]
        if name in tongue.recordings:
            return Play(
                f"{self.audio_url}/{tongue.code}/{name}.mp3?v={self._versions[tongue.recordings[name]]}"
            )
        return Say(text.format_map(_Gaps(gaps)), tongue.language, tongue.voice)

    def write(self, name: str, languages: tuple[str, ...], **gaps: str) -> str:
        """The text of a message, such as `text.unanswered`, chosen like a prompt."""
        # Not like a prompt: a message that lacks something is not sent, and is seen in the outbox.
        return self._tongue_with(name, languages).texts[name].format_map(gaps)

    def writes_in(self, name: str, languages: tuple[str, ...]) -> str:
        """The language `write` would choose for the message."""
        return self._tongue_with(name, languages).code

    def word(self, name: str, language: str) -> Any:
        """A word or list of words for filling gaps; of the first language where this one has not got it."""
        words = self.tongue(language).words
        return words[name] if name in words else next(iter(self.tongues.values())).words[name]

    def opening_hours(self, line: Line, language: str) -> str:
        """The line's weekly hours in words, such as "maandag tot en met vrijdag van 9 uur tot 17 uur"."""
        words = self.tongue(language).words
        runs: list[tuple[int, int, tuple[tuple[int, int], ...]]] = []
        for day in range(7):
            spans = line.hours.get(day, ())
            if not spans:
                continue
            if runs and runs[-1][1] == day - 1 and runs[-1][2] == spans:
                runs[-1] = (runs[-1][0], day, spans)
            else:
                runs.append((day, day, spans))
        return _listed([_run_in_words(run, words) for run in runs], words) or str(words["never"])

    def language_name(self, spoken: str, language: str) -> str:
        """What `spoken` is called in `language`; its code where nobody wrote that down."""
        return str(self.tongue(language).words["languages"].get(spoken, spoken))

    def tongue(self, language: str) -> Tongue:
        """The language's own file, or any other: somebody must be told something."""
        return self.tongues.get(language) or next(iter(self.tongues.values()))

    def _tongue_with(self, name: str, languages: tuple[str, ...]) -> Tongue:
        for language in languages:
            tongue = self.tongues.get(language)
            if tongue is not None and name in tongue.texts:
                return tongue
            metrics.prompts_missing.labels(language=language, prompt=name).inc()
        return next(tongue for tongue in self.tongues.values() if name in tongue.texts)

    @cached_property
    def _versions(self) -> Mapping[Path, str]:
        files = (file for tongue in self.tongues.values() for file in tongue.recordings.values())
        return {file: hashlib.sha256(file.read_bytes()).hexdigest()[:12] for file in files}


def read_prompts(folder: Path = PROMPTS) -> Prompts:
    """The prompts of every `<language>.yaml` in the folder, the Dutch ones first.

    Raises BadPrompts when a file cannot be read, or when none has a text that calls need.
    """
    files = sorted(folder.glob("*.yaml"), key=lambda file: (file.stem != "nl", file.stem))
    if not files:
        raise BadPrompts(f"{folder} holds no prompts")
    faults: list[str] = []
    tongues = {file.stem: _read_tongue(file, faults) for file in files}
    missing = REQUIRED - {name for tongue in tongues.values() for name in tongue.texts}
    if missing:
        raise BadPrompts(f"no file in {folder} has the text {', '.join(sorted(missing))}")
    return Prompts(tongues, (*faults, *_differences(tongues)))


def _differences(tongues: Mapping[str, Tongue]) -> Iterator[str]:
    """The texts a language lacks, and those whose gaps are not the gaps of the same text elsewhere."""
    names = {name for tongue in tongues.values() for name in tongue.texts}
    for name in sorted(names):
        having = {code: _gaps(tongue.texts[name]) for code, tongue in tongues.items() if name in tongue.texts}
        for code in tongues.keys() - having.keys():
            yield f"{code}.yaml has no text {name}"
        if len({frozenset(gaps) for gaps in having.values()}) > 1:
            yield f"{name} does not have the same {{ }} in {', '.join(f'{code}.yaml' for code in having)}"


def spoken_digits(number: str, plus: str) -> str:
    """A number as it is read out, digit by digit; a Dutch one the way people write it at home."""
    national = "0" + number[3:] if number.startswith("+31") else number
    return ", ".join(plus if sign == "+" else sign for sign in national)


def _read_tongue(file: Path, faults: list[str]) -> Tongue:
    try:
        document = _document(file.read_text(encoding="utf-8"))
        texts = dict(document["caller"])
        for part in ("advisor", "text", "mail"):
            texts |= {f"{part}.{name}": text for name, text in document.get(part, {}).items()}
        for name in [name for name, text in texts.items() if not _is_plain(text)]:
            faults.append(f"{file.name}: {name} cannot be read: only plain {{ }} with a word between them")
            del texts[name]
        tongue = Tongue(
            file.stem,
            document["speech"]["language"],
            document["speech"]["voice"],
            texts,
            document["words"],
            {
                name: path
                for name, path in _recordings(file).items()
                if _gaps(texts.get(name, "{}")) <= _RECORDABLE
            },
        )
    except Exception as fault:
        raise BadPrompts(f"{file.name}: {type(fault).__name__}: {fault}") from fault
    return tongue


@lru_cache(maxsize=8)
def _document(text: str) -> Any:
    """Nobody changes what it returns."""
    return YAML(typ="safe").load(text)


def _recordings(file: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(file.with_suffix("").glob("*.mp3"))}


def _is_plain(text: Any) -> bool:
    """A text whose gaps are words and nothing cleverer."""
    try:
        parts = list(Formatter().parse(text))
    except (TypeError, ValueError):
        return False
    return all(gap is None or (gap.isidentifier() and not spec and not how) for _, gap, spec, how in parts)


def _gaps(text: str) -> set[str]:
    return {gap for _, gap, _, _ in Formatter().parse(text) if gap is not None}


def _run_in_words(run: tuple[int, int, tuple[tuple[int, int], ...]], words: Mapping[str, Any]) -> str:
    first, last, spans = run
    days = words["days"][first]
    if last > first:
        days = words["to"].format(first=days, last=words["days"][last])
    times = [words["span"].format(start=_clock(start, words), end=_clock(end, words)) for start, end in spans]
    return str(words["open"].format(days=days, times=_listed(times, words)))


def _clock(seconds: int, words: Mapping[str, Any]) -> str:
    hour, minute = seconds // 3600, seconds % 3600 // 60
    return str(words["past" if minute else "oclock"].format(hour=hour, minute=minute))


def _listed(parts: list[str], words: Mapping[str, Any]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {words['and']} {parts[-1]}"
