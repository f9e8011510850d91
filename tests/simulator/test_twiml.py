"""Documents are read strictly, and the tables agree with the provider's grammar."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.grammar import ATTRIBUTES, CHILDREN, NOT_EXECUTED, SPEECH_MARKUP
from simulator.twiml import BadDocument, Dial, Gather, Hangup, Play, Say, read_document

GRAMMAR = Path(__file__).parents[3] / "shared" / "data" / "twiml_grammar.json"


def document(verbs: str, **options: Any) -> Any:
    return read_document(f"<Response>{verbs}</Response>".encode(), **options)


@pytest.fixture
def grammar() -> Any:
    if not GRAMMAR.exists():
        pytest.skip("the provider's grammar is not here")
    return json.loads(GRAMMAR.read_text())


def test_every_verb_has_the_attributes_the_provider_knows_and_no_other(grammar: Any) -> None:
    for verb, attributes in ATTRIBUTES.items():
        assert attributes | NOT_EXECUTED.get(verb, frozenset()) == frozenset(grammar[verb]["attrs"]), verb


def test_every_nesting_we_execute_is_one_of_the_providers(grammar: Any) -> None:
    for verb, children in CHILDREN.items():
        assert children <= frozenset(grammar[verb]["children"]), verb
    assert CHILDREN["Gather"] == frozenset(grammar["Gather"]["children"])
    assert CHILDREN["Say"] == frozenset(grammar["Say"]["children"])


def test_speech_markup_has_the_attributes_the_provider_knows(grammar: Any) -> None:
    spelled = {"interpret-as": "interpretAs", "xml:lang": "xmlLang"}
    for tag, attributes in SPEECH_MARKUP.items():
        # The grammar's "words" is the text, not an attribute.
        known = frozenset(grammar[tag]["attrs"]) - {"words"}
        assert frozenset(spelled.get(name, name) for name in attributes) == known, tag


def test_a_whole_document_is_read_with_its_defaults() -> None:
    gather, dial, hangup = document(
        '<Gather action="/next"><Say language="nl-NL">Dag <break time="500ms"/> daar.</Say>'
        "<Play>/a.mp3</Play><Pause/></Gather>"
        '<Dial><Number statusCallbackEvent="ringing answered">+46701740605</Number></Dial><Hangup/>'
    )
    assert isinstance(gather, Gather)
    assert (gather.num_digits, gather.finish_on_key, gather.timeout, gather.method) == (None, "#", 5, "POST")
    say, play, _ = gather.prompts
    assert isinstance(say, Say)
    assert (say.text, say.language, round(say.seconds, 2)) == ("Dag daar.", "nl-NL", 1.14)
    assert isinstance(play, Play)
    assert isinstance(dial, Dial)
    assert (dial.timeout, dial.time_limit, dial.action, dial.answer_on_bridge) == (30, 14400, None, False)
    assert dial.number.status_callback_events == {"ringing", "answered"}
    assert hangup == Hangup()


@pytest.mark.parametrize(
    ("verbs", "code", "complaint"),
    [
        ("<Shout>Hello</Shout>", 12200, "Shout in Response"),
        ("<say>Hello</say>", 12200, "say in Response"),
        ("<Number>+46701740605</Number>", 12200, "Number in Response"),
        ("<Gather><Dial/></Gather>", 12200, "Dial in Gather"),
        ("<Say><Play>/a</Play></Say>", 12200, "Play in Say"),
        ('<Say><break times="1s"/>a</Say>', 12200, "attribute times of break"),
        ('<Say><p><Say>a</Say></p></Say>', 12200, "Say in p"),
        ('<Say speed="2">Hello</Say>', 12200, "attribute speed of Say"),
        ('<Dial record="record-from-answer"><Number>+1</Number></Dial>', 12200, "not executed here"),
        ("<Dial>+46701740605</Dial>", 12200, "text in Dial"),
        ("<Dial/>", 12200, "0 Numbers"),
        ("<Dial><Number>+46701740605</Number><Number>+46701740606</Number></Dial>", 12200, "2 Numbers"),
        ('<Dial timeout="700"><Number>+46701740605</Number></Dial>', 12200, "timeout='700'"),
        ('<Dial timeLimit="0"><Number>+46701740605</Number></Dial>', 12200, "timeLimit='0'"),
        ('<Dial answerOnBridge="True"><Number>+46701740605</Number></Dial>', 12200, "answerOnBridge='True'"),
        ('<Dial method="PUT"><Number>+46701740605</Number></Dial>', 12200, "method='PUT'"),
        ('<Dial ringTone="Dutch"><Number>+46701740605</Number></Dial>', 12200, "ringTone='Dutch'"),
        ('<Dial><Number statusCallbackEvent="done">+46701740605</Number></Dial>', 12200, "'done'"),
        ('<Gather finishOnKey="12"/>', 12200, "finishOnKey='12'"),
        ('<Gather input="speech"/>', 12200, "input='speech'"),
        ('<Gather numDigits="one"/>', 12200, "numDigits='one'"),
        ('<Reject reason="tired"/>', 12200, "reason='tired'"),
        ('<Play/>', 12200, "Play without a URL"),
        ('<Play digits="1x"/>', 12200, "digits='1x'"),
        ("Hello", 12200, "text in Response"),
        ("<Say> </Say>", 13520, "Say without text"),
        (f"<Say>{'a' * 4097}</Say>", 13520, "4097 characters"),
        ('<Say voice="Polly.Lotte" language="en-GB">Hello</Say>', 13511, "speaks nl-NL, not en-GB"),
        ('<Say voice="Google.nl-NL-Wavenet-A" language="nl-BE">Dag</Say>', 13511, "speaks nl-NL, not nl-BE"),
        ('<Say voice="Polly.Nobody">Hello</Say>', 13511, "no voice"),
        ('<Say language="Dutch">Dag</Say>', 13511, "no language"),
        ("<Say>Hello", 12100, "not XML"),
        ("<Say>\x07</Say>", 12100, "not XML"),
        ("<Say>a & b</Say>", 12100, "not XML"),
    ],
)  # fmt: skip
def test_wrong_use_is_refused(verbs: str, code: int, complaint: str) -> None:
    with pytest.raises(BadDocument) as refused:
        document(verbs)
    assert refused.value.code == code
    assert complaint in str(refused.value)


@pytest.mark.parametrize(
    "body", [b"", b"Hello", b"<Reply/>", b'<!DOCTYPE a [<!ENTITY b "c">]><Response/>', b"\xff"]
)
def test_what_is_no_document_is_refused(body: bytes) -> None:
    with pytest.raises(BadDocument):
        read_document(body)


@pytest.mark.parametrize(
    ("verbs", "code"),
    [
        ("<Dial><Number>+46701740605</Number></Dial>", 13201),
        ("<Redirect>/a</Redirect>", 12200),
        ("<Pause/>", 12200),
    ],
)
def test_a_dialled_leg_is_screened_with_few_verbs(verbs: str, code: int) -> None:
    with pytest.raises(BadDocument) as refused:
        document(verbs, screening=True)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "verbs",
    [
        '<Say voice="Polly.Laura-Neural" language="nl-NL">Dag</Say>',
        '<Say voice="Google.nl-NL-Chirp3-HD-Aoede" language="nl-NL">Dag</Say>',
        '<Say voice="Polly.Amy">Hello</Say>',
        '<Say voice="alice"><prosody rate="slow">Dag</prosody><lang xml:lang="en-GB">a</lang></Say>',
    ],
)
def test_voices_that_speak_the_language_are_taken(verbs: str) -> None:
    assert isinstance(document(verbs)[0], Say)
