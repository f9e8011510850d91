"""Where a call is, to and from the URL of its next webhook.

The provider signs the URL, so it comes back as we wrote it; it holds no number, no name and no id
of a person. A part that cannot be read (an older release wrote it) becomes its default: the call goes on.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import get_args
from urllib.parse import urlencode

from routing.call import Kind, Position, Stage
from routing.ladder import Place
from routing.roster import Roster

#: How the provider should ask: give up before the silence gets long (and behind our slowest answer), then try
#: again. Without it a restart of ours in mid-call sends the caller to the fallback. Neither sent nor signed.
RETRIES = "#ct=2000&rt=2500&rc=2&rp=ct,rt,5xx"

_KINDS = {kind: kind for kind in get_args(Kind)}
STAGES: Mapping[str, Stage] = {stage: stage for stage in get_args(Stage)}


class PeopleTokens:
    """Names a person in a URL without naming them: a keyed hash of the roster's id."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._known: tuple[str, dict[str, str]] = ("", {})

    def token(self, person: str) -> str:
        return hmac.new(self._secret, b"person in a url\x00" + person.encode(), hashlib.sha256).hexdigest()[
            :12
        ]

    def person(self, token: str, roster: Roster | None) -> str:
        """The id behind the token; empty when the roster has no such person (any more)."""
        if roster is None or not token:
            return ""
        version, known = self._known
        if version != roster.version:
            known = {self.token(person): person for person in roster.people}
            self._known = (roster.version, known)
        return known.get(token, "")


def webhook_url(path: str, call: str, position: Position, people: PeopleTokens) -> str:
    """The path and query of a webhook about this call.

    The call's id is in it for the advisor's leg, whose requests carry another one, and so that a load
    balancer can send everything about one call to one replica.
    """
    return f"/voice/{path}?{urlencode({'call': call, **_query(position, people)})}{RETRIES}"


def position_of(
    stage: Stage, query: Mapping[str, str], people: PeopleTokens, roster: Roster | None
) -> Position:
    """The position that `webhook_url` wrote."""
    return Position(
        stage=stage,
        line=query.get("line", ""),
        language=query.get("lang", ""),
        kind=_KINDS.get(query.get("kind", "")),
        place=_place(query.get("policy", ""), query.get("at", "")),
        rings=_count(query.get("rings", "")),
        person=people.person(query.get("with", ""), roster),
        tries=max(1, _count(query.get("try", ""))),
    )


def _query(position: Position, people: PeopleTokens) -> dict[str, str]:
    query = {
        "line": position.line,
        "lang": position.language,
        "rings": str(position.rings),
        "try": str(position.tries),
    }
    if position.kind:
        query["kind"] = position.kind
    if position.place:
        place = position.place
        query |= {"policy": place.policy, "at": f"{place.round}.{place.step}.{place.entry}"}
    if position.person:
        query["with"] = people.token(position.person)
    return query


def _place(policy: str, at: str) -> Place | None:
    parts = [_count(part) for part in at.split(".")]
    if not policy or len(parts) != 3 or not parts[0] or not parts[1]:
        return None
    return Place(policy, *parts)


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
