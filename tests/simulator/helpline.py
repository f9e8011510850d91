"""A small helpdesk for the network's own tests: documents by path, every request checked and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from twilio.request_validator import RequestValidator
from werkzeug.wrappers import Request, Response

from simulator.network import Network

ACCOUNT = "AC" + "5" * 32
TOKEN = "a token of nobody"
LINE = "+31334481186"
CALLER = "+46701740699"
ANNA, BEN, CARLA = "+46701740605", "+46701740606", "+46701740607"
NIGHT = datetime(2026, 12, 25, 3, tzinfo=UTC)

Form = Mapping[str, str]
Page = str | Response | Callable[[Form], "str | Response"]

DIAL = (
    '<Dial answerOnBridge="true" timeout="20" callerId="+31334481186" action="/dialled">'
    '<Number url="/screen" statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed">'
    "+46701740605</Number></Dial>"
)
SCREEN = (
    '<Gather numDigits="1" timeout="8" finishOnKey="" action="/accept"><Say>A call. Press 1.</Say></Gather>'
    "<Hangup/>"
)
ASK = (
    '<Gather numDigits="1" action="/menu"><Say>In danger call 112. Press 1.</Say></Gather><Say>Goodbye.</Say>'
)


def accept(form: Form) -> str:
    return "" if form["Digits"] == "1" else "<Hangup/>"


@dataclass
class Helpline:
    """`pages`: the verbs of the document at each path, or a whole answer, or a function of the form."""

    pages: dict[str, Page] = field(default_factory=dict)
    received: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    forged: list[str] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        self.headers.append(dict(request.headers))
        form = request.form if request.method == "POST" else request.args
        url = f"http://{request.host}{environ['REQUEST_URI']}"
        signature = request.headers.get("X-Twilio-Signature", "")
        signed = request.form if request.method == "POST" else {}
        if not RequestValidator(TOKEN).validate(url, signed, signature):
            self.forged.append(url)
        path = request.path + (f"?{request.query_string.decode()}" if request.method == "POST" else "")
        self.received.append((path.rstrip("?"), form.to_dict()))
        response = self.answer(request.path, form.to_dict())
        return response(environ, start_response)

    def answer(self, path: str, form: Form) -> Response:
        page = self.pages[path]
        content = page(form) if callable(page) and not isinstance(page, Response) else page
        if isinstance(content, Response):
            return content
        assert isinstance(content, str)
        return Response(f"<Response>{content}</Response>", content_type="text/xml")

    def forms(self, path: str) -> list[dict[str, str]]:
        return [form for asked, form in self.received if asked == path]


@dataclass
class World:
    """The helpline served on loopback, and a network with its number and three phones that do not answer."""

    line: Helpline
    net: Network
    origin: str

    def call(self, verbs: Page | None = None, **more: Any) -> Any:
        """A call at night that runs to its end, `verbs` being the first document."""
        if verbs is not None:
            self.line.pages["/incoming"] = verbs
        call = self.net.dial(from_=more.pop("from_", CALLER), to=LINE, at=more.pop("at", None), **more)
        self.net.run()
        return call
