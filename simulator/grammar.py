"""TwiML as the provider knows it: which attributes and children each verb has.

`ATTRIBUTES` is what this network executes; `NOT_EXECUTED` is right at the provider but unknown here, so
that a document which starts to use it fails loudly instead of being half executed.
"""

from __future__ import annotations

from collections.abc import Mapping

Table = Mapping[str, frozenset[str]]


def _table(**rows: str) -> Table:
    return {verb: frozenset(names.split()) for verb, names in rows.items()}


ATTRIBUTES: Table = _table(
    Response="",
    Say="voice language loop",
    Play="loop digits",
    Pause="length",
    Gather="input numDigits finishOnKey timeout action method actionOnEmptyResult",
    Dial="action method timeout timeLimit callerId answerOnBridge hangupOnStar ringTone",
    Number="url method statusCallback statusCallbackEvent statusCallbackMethod",
    Redirect="method",
    Hangup="",
    Reject="reason",
)

NOT_EXECUTED: Table = _table(
    Gather="bargeIn debug enhanced hints language maxSpeechTime partialResultCallback "
    "partialResultCallbackMethod profanityFilter speechModel speechTimeout",
    Dial="callReason events passports record recordingConfigurationId recordingStatusCallback "
    "recordingStatusCallbackEvent recordingStatusCallbackMethod recordingTrack referMethod referUrl "
    "sequential trim",
    Number="amdStatusCallback amdStatusCallbackMethod byoc machineDetection machineDetectionSilenceTimeout "
    "machineDetectionSpeechEndThreshold machineDetectionSpeechThreshold machineDetectionTimeout sendDigits",
)

SPEECH_MARKUP: Table = {
    "break": frozenset({"strength", "time"}),
    "emphasis": frozenset({"level"}),
    "lang": frozenset({"xml:lang"}),
    "p": frozenset(),
    "phoneme": frozenset({"alphabet", "ph"}),
    "prosody": frozenset({"pitch", "rate", "volume"}),
    "s": frozenset(),
    "say-as": frozenset({"interpret-as", "format"}),
    "sub": frozenset({"alias"}),
    "w": frozenset({"role"}),
}

CHILDREN: Table = {
    "Response": frozenset({"Say", "Play", "Pause", "Gather", "Dial", "Redirect", "Hangup", "Reject"}),
    "Gather": frozenset({"Say", "Play", "Pause"}),
    "Dial": frozenset({"Number"}),
    "Say": frozenset(SPEECH_MARKUP),
}

# What a document on a dialled leg may hold: it decides whether the two are joined, nothing else.
SCREENING = frozenset({"Say", "Play", "Gather", "Hangup", "Reject"})
