"""Why an edit is refused: a code, the field of the form it belongs to, a sentence that says what to do."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from routing.problems import Problem
from routing.wording import Language, sentence


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """`field` is that of the edit, such as "end" or "phone"; "" when it is about the whole."""

    code: str
    field: str
    details: Mapping[str, str] = dataclasses.field(default_factory=dict)


class EditRefused(Exception):
    """`refusals` has all there is to say against an edit, at least one."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(", ".join(f"{refusal.field}: {refusal.code}" for refusal in self.refusals))


def refuse(code: str, field_name: str = "", **details: str) -> EditRefused:
    """An edit refused for one reason."""
    return EditRefused([Refusal(code, field_name, details)])


def refusal_sentence(refusal: Refusal, language: Language) -> str:
    """The sentence to stand at the field. KeyError for a code without one."""
    if refusal.code not in _SENTENCES:
        return sentence(Problem(0, "", refusal.code, refusal.details), language)
    dutch, english = _SENTENCES[refusal.code]
    return (dutch if language == "nl" else english).format_map(refusal.details)


_FIELDS = {"from": "start", "until": "end"}


def refusals_of(problems: Iterable[Problem]) -> tuple[Refusal, ...]:
    """What the reader of the file has against an edit, at the field it came from."""
    found: dict[tuple[str, str], Refusal] = {}
    for problem in problems:
        name = next((part for part in reversed(problem.path.split(".")) if part), "").partition("[")[0]
        refusal = Refusal(problem.code, _FIELDS.get(name, name), problem.details)
        found.setdefault((refusal.field, refusal.code), refusal)
    return tuple(found.values())


_SENTENCES: dict[str, tuple[str, str]] = {
    # Who and what
    "rotation.unknown": (
        "Deze rotatie is er niet (meer). Kies een rotatie uit de lijst.",
        "There is no such rotation (any more). Choose a rotation from the list.",
    ),
    "person.unknown": (
        "Deze persoon staat niet (meer) in het rooster. Kies iemand uit de lijst.",
        "This person is not in the roster (any more). Choose somebody from the list.",
    ),
    "person.away": (
        "{person} is afwezig van {start} tot {end}. Kies een ander, of haal die afwezigheid eerst weg.",
        "{person} is away from {start} to {end}. Choose somebody else, or remove that absence first.",
    ),
    "override.gone": (
        "Deze inval is er niet meer: iemand heeft hem gewijzigd of weggehaald. Kijk opnieuw in het rooster.",
        "This override is not there any more: somebody changed or removed it. Look at the roster again.",
    ),
    "away.gone": (
        "Deze afwezigheid is er niet meer: iemand heeft haar gewijzigd of weggehaald. Kijk opnieuw.",
        "This absence is not there any more: somebody changed or removed it. Look again.",
    ),
    "away.twice": (
        "Deze afwezigheid staat er al. Kies een andere tijd.",
        "This absence is already there. Choose another time.",
    ),
    # When
    "span.order": (
        "Dit einde ligt niet na het begin. Kies een later einde.",
        "This end does not come after the beginning. Choose a later end.",
    ),
    "span.past": (
        "Dit is al voorbij, en wat voorbij is blijft zoals het was. Kies een einde na nu.",
        "This is over already, and what is over stays as it was. Choose an end after now.",
    ),
    "override.over": (
        "Deze inval is voorbij, en wat voorbij is blijft zoals het was.",
        "This override is over, and what is over stays as it was.",
    ),
    "away.over": (
        "Deze afwezigheid is voorbij, en wat voorbij is blijft zoals het was.",
        "This absence is over, and what is over stays as it was.",
    ),
    "override.running": (
        "Deze inval is al begonnen. Kies alleen een ander einde, of laat hem nu eindigen en maak een nieuwe.",
        "This override has begun. Choose another end only, or let it end now and make a new one.",
    ),
    "away.running": (
        "Deze afwezigheid is al begonnen: het begin staat vast. Kies alleen een ander einde.",
        "This absence has begun: its beginning is settled. Choose another end only.",
    ),
    "moment.empty": (
        "Vul een datum en een tijd in.",
        "Fill in a date and a time.",
    ),
    # Shifts that changed hands
    "override.changed_hands": (
        "{person} heeft deze dienst niet (meer), of maar een deel ervan. Kijk wie er nu staat.",
        "{person} does not have this shift (any more), or only a part. Look who has it now.",
    ),
    "shift.changed_hands": (
        "{person} heeft deze dienst niet meer: hij is intussen van een ander. Spreek de ruil opnieuw af.",
        "{person} does not have this shift any more: it has passed to another. Agree on the swap again.",
    ),
    "swap.same": (
        "Ruilen kan alleen met een ander. Kies een dienst van iemand anders.",
        "A swap takes two people. Choose a shift of somebody else.",
    ),
    # People
    "phone.taken": (
        "{other} heeft dit nummer al. Vul het eigen nummer van deze persoon in.",
        "{other} has this number already. Fill in a number of this person's own.",
    ),
    "phone.is_line": (
        "Dit is het nummer van de lijn {line}: die zou zichzelf bellen. Vul het nummer van een persoon in.",
        "This is the number of the line {line}: it would ring itself. Fill in a person's number.",
    ),
    "phone.e164": (
        "Dit is geen telefoonnummer. Schrijf het met landnummer: +31 en dan de rest zonder 0.",
        "This is no telephone number. Write it with its country: +31 and then the rest without 0.",
    ),
    "email": (
        "{text} is geen e-mailadres. Vul iets in als ada@example.org, of laat het leeg.",
        "{text} is not an e-mail address. Fill in something like ada@example.org, or leave it empty.",
    ),
    "text.control": (
        "Hier staat een onzichtbaar teken ({code}) dat niet in tekst hoort. Typ dit opnieuw.",
        "There is an invisible character here ({code}) that does not belong in text. Type this again.",
    ),
    "id.taken": (
        "Deze korte naam is al in gebruik. Kies een andere.",
        "This short name is in use already. Choose another.",
    ),
    "person.needed": (
        "{person} staat nog in: {places}. Haal die plaatsen eerst weg of zet er een ander.",
        "{person} is still named in: {places}. Remove those places first, or put somebody else there.",
    ),
    "person.last": (
        "Dit is de laatste persoon van het rooster. Voeg eerst een ander toe.",
        "This is the last person of the roster. Add somebody else first.",
    ),
    # The file
    "file.layout": (
        "Het bestand is hier zo geschreven dat de pagina het niet kan wijzigen. Wijzig het met de hand.",
        "The file is written here in a way the page cannot change. Change it by hand.",
    ),
}
