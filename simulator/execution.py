"""Executes TwiML on one channel: asks for a document, plays its verbs, asks for the next."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, assert_never
from urllib.parse import urljoin

from simulator.channels import Callbacks, Channel
from simulator.clock import Fetch, Flow, Listen, Sleep
from simulator.dialling import Screening, follow_leg, place_leg, run_leg
from simulator.exchange import Exchange
from simulator.moments import FellBack, GatherBegan, GatherEnded, GatherWaits, Played, Pressed, Said
from simulator.twiml import (
    BadDocument,
    Dial,
    Gather,
    Hangup,
    Pause,
    Play,
    Prompt,
    Redirect,
    Reject,
    Say,
    Verb,
    read_document,
)
from simulator.webhooks import failure

MOST_PAGES = 200
_AUDIO_BYTES_A_SECOND = 4000


@dataclass(frozen=True, slots=True)
class Ask:
    """The next document: fetched from `url`, or given as `twiml`."""

    kind: str
    url: str
    method: str = "POST"
    extra: dict[str, str] = field(default_factory=dict)
    twiml: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    url: str
    verbs: tuple[Verb, ...]


End = Literal["ran out", "hung up", "failed"]


class Failed(Exception):
    """A document could not be had or not be executed."""

    def __init__(self, code: int, message: str, url: str) -> None:
        super().__init__(message)
        self.code, self.url = code, url


@dataclass(slots=True, eq=False)
class Execution:
    """The program of one channel. `screening`: the channel is a dialled leg, not yet joined."""

    exchange: Exchange
    channel: Channel
    screening: bool = False

    def run(self, first: Ask) -> Flow[End]:
        """Plays documents until one runs out of verbs or hangs up; "failed" where nothing could be played."""
        following: Ask | End = first
        while isinstance(following, Ask):
            ask = following
            try:
                document = yield from self._fetch(ask)
                following = yield from self._play_document(document)
            except Failed as error:
                self.exchange.wrong(self.channel, error.code, str(error), error.url)
                following = self._after_failure(ask, error)
        return following

    def _after_failure(self, ask: Ask, error: Failed) -> Ask | End:
        fallback = self.channel.call.fallback
        if self.screening or not fallback or ask.kind == "fallback":
            return "failed"
        self.exchange.notice(self.channel, FellBack())
        extra = {"ErrorCode": str(error.code), "ErrorUrl": error.url}
        if fallback.lstrip().startswith("<"):
            return Ask("fallback", "", twiml=fallback)
        return Ask("fallback", fallback, extra=extra)

    def _fetch(self, ask: Ask) -> Flow[Document]:
        call = self.channel.call
        call.pages += 1
        if call.pages > MOST_PAGES:
            raise Failed(0, f"more than {MOST_PAGES} documents in one call", ask.url)
        if ask.twiml:
            return self._read(ask.twiml.encode(), "")
        webhook = self.exchange.webhook(self.channel, ask.kind, ask.method, ask.url, ask.extra)
        answer = yield from self.exchange.ask(self.channel, webhook)
        fault = failure(answer)
        if fault:
            self.exchange.log_webhook(self.channel, webhook, answer, "")
            raise Failed(*fault, webhook.address)
        document = self._read(answer.body, webhook.address)
        content = ", ".join(type(verb).__name__ for verb in document.verbs) or "an empty Response"
        self.exchange.log_webhook(self.channel, webhook, answer, content)
        return document

    def _read(self, body: bytes, url: str) -> Document:
        try:
            return Document(url, read_document(body, screening=self.screening))
        except BadDocument as error:
            raise Failed(error.code, str(error), url) from None

    def _play_document(self, document: Document) -> Flow[Ask | End]:
        for verb in document.verbs:
            following = yield from self._execute(verb, document)
            if following is not None:
                return following
        return "ran out"

    def _execute(self, verb: Verb, document: Document) -> Flow[Ask | End | None]:
        """What follows, or None: the next verb."""
        exchange, channel = self.exchange, self.channel
        match verb:
            case Say() | Play():
                exchange.answer(channel)
                yield Sleep((yield from self._begin(verb, document)))
            case Pause(seconds):
                yield Sleep(seconds)
            case Gather():
                return (yield from self._gather(verb, document))
            case Dial():
                return (yield from self._dial(verb, document))
            case Redirect(url, method):
                return Ask("redirect", self._url(document, url), method)
            case Hangup():
                exchange.answer(channel)
                return "hung up"
            case Reject(busy):
                if channel.answered_at is None:
                    channel.sounded = True
                    exchange.end(channel, "busy" if busy else "no-answer")
                return "hung up"
            case _:
                assert_never(verb)
        return None

    def _begin(self, verb: Prompt, document: Document) -> Flow[float]:
        """Starts a prompt; how many seconds it takes."""
        match verb:
            case Say():
                said = Said(verb.text, verb.language, verb.voice, verb.seconds)
                self.exchange.notice(self.channel, said)
                return verb.seconds
            case Play(url="", digits=digits):
                return 0.3 * len(digits)
            case Play():
                return (yield from self._play(verb, document))
            case Pause(seconds):
                return seconds
            case _:
                assert_never(verb)

    def _play(self, verb: Play, document: Document) -> Flow[float]:
        url = self._url(document, verb.url)
        exchange = self.exchange
        if url not in exchange.audio:
            exchange.audio[url] = yield Fetch(lambda: exchange.sender.fetch_audio(url))
        sound = exchange.audio[url]
        if isinstance(sound, int):
            raise Failed(sound, "audio that cannot be played", url)
        seconds = audio_seconds(sound) * verb.loop
        exchange.notice(self.channel, Played(url, seconds))
        return seconds

    def _gather(self, verb: Gather, document: Document) -> Flow[Ask | None]:
        self.exchange.answer(self.channel)
        self._forget_keys()
        spoken = [prompt.text for prompt in verb.prompts if isinstance(prompt, Say)]
        self.exchange.notice(self.channel, GatherBegan(" ".join(spoken)))
        key = yield from self._prompts(verb, document)
        digits, finished = "", False
        while True:
            key = key or (yield from self._key(verb.timeout))
            finished = key is not None and key == verb.finish_on_key
            if key is None or finished:
                break
            digits, key = digits + key, None
            if len(digits) == verb.num_digits:
                break
        self.exchange.notice(self.channel, GatherEnded(digits))
        if not digits and not verb.action_on_empty_result:
            return None
        kind = "screen-gather" if self.screening else "gather"
        return Ask(kind, self._url(document, verb.action), verb.method, {"Digits": digits})

    def _prompts(self, verb: Gather, document: Document) -> Flow[str | None]:
        """Speaks the prompts until they end (None) or a key stops them."""
        for prompt in verb.prompts:
            seconds = yield from self._begin(prompt, document)
            key = yield from self._key(seconds)
            if key is not None:
                return key
        self.exchange.notice(self.channel, GatherWaits(verb.timeout))
        return None

    def _key(self, seconds: float) -> Flow[str | None]:
        deadline = self.exchange.loop.now + timedelta(seconds=seconds)
        while True:
            left = (deadline - self.exchange.loop.now).total_seconds()
            message = yield Listen(max(0.0, left))
            if message is None:
                return None
            if isinstance(message, Pressed):
                return message.key

    def _forget_keys(self) -> None:
        # What was pressed before the Gather began is not input to it.
        if self.channel.process is not None:
            self.channel.process.mailbox.clear()

    def _dial(self, verb: Dial, document: Document) -> Flow[Ask | None]:
        exchange, channel = self.exchange, self.channel
        if not verb.answer_on_bridge:
            exchange.answer(channel)
        number = verb.number
        callback = self._url(document, number.status_callback) if number.status_callback else ""
        told = number.status_callback_events
        callbacks = Callbacks(callback, "leg-status", number.status_callback_method, told)
        action = None if verb.action is None else self._url(document, verb.action)
        leg = place_leg(exchange, channel, verb, callbacks)
        if leg is not None:
            channel.dial_action = None if action is None else (verb.method, action)
            screen = Ask("screen", self._url(document, number.url), number.method) if number.url else None
            leg.process = exchange.loop.spawn(run_leg(exchange, leg, verb, self._screening(screen)))
            yield from follow_leg(exchange, leg, verb)
            channel.dial_action = None
        if action is None:
            return None
        return Ask("dial", action, verb.method, exchange.dial_result(leg))

    def _screening(self, first: Ask | None) -> Screening | None:
        if first is None:
            return None

        def screen(leg: Channel) -> Flow[bool]:
            end = yield from Execution(self.exchange, leg, screening=True).run(first)
            return end == "ran out" or (end == "failed" and self.exchange.habits.failed_screening == "bridge")

        return screen

    def _url(self, document: Document, reference: str) -> str:
        """Resolved against the document; empty is the document itself."""
        if not reference and document.url:
            return document.url
        return urljoin(document.url, reference)


def audio_seconds(sound: bytes) -> float:
    """Exact for WAV, estimated for anything compressed."""
    if sound[:4] == b"RIFF":
        with wave.open(io.BytesIO(sound)) as recording:
            return float(recording.getnframes() / recording.getframerate())
    return max(0.5, len(sound) / _AUDIO_BYTES_A_SECOND)
