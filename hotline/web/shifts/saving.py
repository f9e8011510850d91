"""Saving what an advisor changes in the roster, and the sentence for whatever comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from hotline.roster.edits import Edit
from hotline.roster.refusals import EditRefused, refusal_sentence
from hotline.roster.results import (
    Author,
    Conflict,
    NeedsReason,
    NotSaved,
    Preview,
    Refused,
    Result,
    Saved,
    not_saved_sentence,
)
from hotline.web.shifts.effects import Told, tell
from hotline.web.shifts.here import Here
from routing.wording import sentence

#: How often a small change is put on top of what somebody else saved in the same moment.
_TRIES = 3


def save(here: Here, edits: Sequence[Edit], why: str, base: str | None = None) -> Result:
    """Saves the edits. Without a `base` they go on top of whatever is in force. Raises EditRefused."""
    store = here.hotline.rosters
    author = Author(here.account.name, here.account.id)
    for _attempt in range(_TRIES):
        version = base or _version(here)
        result = store.edit(edits, base_version=version, author=author, why=why, now=here.now)
        if base is not None or not isinstance(result, Conflict) or result.problems:
            return result
        here.hotline.roster_file.look()
    return result


def told_before(here: Here, edits: Sequence[Edit]) -> list[Told]:
    """What the edits would do, in sentences. Raises EditRefused."""
    preview = here.hotline.rosters.preview(edits, base_version=here.roster.version, now=here.now)
    return tell(preview.effects, here.words, here.language) if isinstance(preview, Preview) else []


def _version(here: Here) -> str:
    roster = here.hotline.rosters.roster()
    return roster.version if roster is not None else ""


def faults_of(refused: EditRefused, here: Here, fields: Mapping[str, str]) -> dict[str, str]:
    """The sentences of a refused edit by field of the form, "" for the whole. `fields` maps the edit's."""
    found: dict[str, str] = {}
    for refusal in refused.refusals:
        name = fields.get(refusal.field, "")
        text = refusal_sentence(refusal, here.language)
        found[name] = f"{found[name]} {text}" if name in found else text
    return found


def sentence_for(result: Result, here: Here) -> tuple[str, int]:
    """Why it was not saved and what to do, with the status of the answer; "" and 200 when it was."""
    match result:
        case Saved():
            return "", 200
        case Conflict(problems=problems) if problems:
            return _(
                "The roster's file has errors that a coordinator must mend first. Call the coordinator."
            ), 409
        case Conflict():
            return _("The roster was changed at the same moment. Look again and press once more."), 409
        case NeedsReason():
            return _(
                "This leaves a line without anybody within 72 hours. Say why, so that others can act."
            ), 422
        case Refused(problems=problems):
            return " ".join(sentence(problem, here.language) for problem in problems[:3]), 422
        case NotSaved(why=why):
            return not_saved_sentence(why, here.language), 503
