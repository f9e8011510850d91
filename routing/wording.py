"""Every sentence about a roster, in Dutch and English: what is wrong and what to do about it.

Sentences are for a coordinator. A code of `problems` has one here; details stand in braces.
"""

from __future__ import annotations

from typing import Literal

from routing.problems import Problem
from routing.wording_warnings import WARNINGS

Language = Literal["nl", "en"]


def sentence(problem: Problem, language: Language) -> str:
    """The sentence for a problem, without its line and path. KeyError for a code without a sentence."""
    text = _text(problem.code, language).format_map(problem.details)
    if problem.details.get("more", "0") != "0":
        text += " " + _text("and more", language).format_map(problem.details)
    return text


def _text(code: str, language: Language) -> str:
    dutch, english = (REFUSALS if code in REFUSALS else WARNINGS)[code]
    return dutch if language == "nl" else english


REFUSALS: dict[str, tuple[str, str]] = {
    # The file as a whole
    "file.empty": (
        "Er staat niets in het bestand. Zet het vorige rooster terug.",
        "There is nothing in the file. Put the previous roster back.",
    ),
    "file.large": (
        "Het bestand is groter dan {most} KiB. Haal oude invallers en afwezigheid eruit.",
        "The file is larger than {most} KiB. Remove overrides and absences that are over.",
    ),
    "file.encoding": (
        "Het bestand is niet als UTF-8 bewaard. Bewaar het opnieuw en kies daarbij de codering UTF-8.",
        "The file was not saved as UTF-8. Save it again and choose the encoding UTF-8.",
    ),
    "file.control": (
        "Hier staat een onzichtbaar teken ({code}) dat niet in tekst hoort. Typ deze regel opnieuw.",
        "There is an invisible character here ({code}) that does not belong in text. Type this line again.",
    ),
    "more": (
        "En nog meer fouten: {count}. Verbeter eerst die hierboven.",
        "And more problems: {count}. Correct those above first.",
    ),
    # YAML
    "yaml.broken": (
        (
            "Vanaf hier is het bestand niet te lezen. Kijk in deze regel en die erboven of er een "
            "aanhalingsteken, haakje, dubbele punt of spatie ontbreekt, en of de regel goed inspringt."
        ),
        (
            "From here on the file cannot be read. Look in this line and the one above for a missing quote,"
            " bracket, colon or space, and at how far the line is indented."
        ),
    ),
    "yaml.unfinished": (
        (
            "Wat op regel {began} begint, is hier niet goed afgemaakt. Kijk of er een haakje of "
            "aanhalingsteken ontbreekt, of de regels even ver inspringen, en of het bestand volledig is."
        ),
        (
            "What begins on line {began} is not finished properly here. Look for a missing bracket or "
            "quote, for lines that are not indented equally, and whether the file is complete."
        ),
    ),
    "yaml.tab": (
        "Hier staat een tab. Laat regels inspringen met spaties.",
        "There is a tab here. Indent lines with spaces.",
    ),
    "yaml.documents": (
        "Hier begint een tweede document (---). Een rooster is één document: haal deze regel weg.",
        "A second document begins here (---). A roster is one document: remove this line.",
    ),
    "yaml.anchor": (
        "Een anker (&{name}) mag niet in een rooster. Schrijf de waarde voluit waar zij nodig is.",
        "An anchor (&{name}) is not allowed in a roster. Write the value out wherever it is needed.",
    ),
    "yaml.alias": (
        "Een verwijzing (*{name}) mag niet in een rooster. Schrijf de waarde hier voluit.",
        "An alias (*{name}) is not allowed in a roster. Write the value out here.",
    ),
    "yaml.tag": (
        "Een type ({tag}) mag niet in een rooster. Haal het weg.",
        "A tag ({tag}) is not allowed in a roster. Remove it.",
    ),
    "yaml.merge": (
        "Samenvoegen met << mag niet in een rooster. Schrijf de waarden hier voluit.",
        "Merging with << is not allowed in a roster. Write the values out here.",
    ),
    "yaml.duplicate": (
        "{key} staat hier voor de tweede keer; de eerste keer is op regel {first}. Haal er een weg.",
        "{key} stands here a second time; the first is on line {first}. Remove one of them.",
    ),
    "yaml.key": (
        "Voor de dubbele punt hoort hier een gewone naam te staan. Kijk of er een haakje te veel staat.",
        "A plain name belongs before the colon here. Look for a bracket too many.",
    ),
    "yaml.deep": (
        "Hier zit te veel in elkaar. Kijk of er haakjes of streepjes te veel staan.",
        "Too much is nested here. Look for brackets or dashes too many.",
    ),
    "yaml.many": (
        "Er staan te veel gegevens in het bestand. Haal oude invallers en afwezigheid eruit.",
        "There are too many entries in the file. Remove overrides and absences that are over.",
    ),
    # Shapes and keys
    "shape.table": (
        "Hier horen regels van de vorm «naam: waarde» te staan.",
        "Lines of the form “name: value” belong here.",
    ),
    "shape.list": (
        "Hier hoort een lijst te staan: tussen [ ] met komma's, of een regel met een streepje voor elk.",
        "A list belongs here: between [ ] with commas, or a line with a dash for each.",
    ),
    "shape.text": (
        "Hier hoort één waarde te staan, geen lijst of blok.",
        "A single value belongs here, not a list or a block.",
    ),
    "shape.empty": (
        "Hier is niets ingevuld. Vul een waarde in of haal de regel weg.",
        "Nothing is filled in here. Fill in a value or remove the line.",
    ),
    "list.empty": (
        "Hier moet er minstens één staan. Vul er een in.",
        "There must be at least one here. Add one.",
    ),
    "key.unknown": (
        "{key} is hier niet bekend. Wat hier kan staan: {allowed}. Kijk of het goed gespeld is.",
        "{key} is not known here. What can stand here: {allowed}. Check the spelling.",
    ),
    "key.missing": ("Hier ontbreekt {key}. Vul het aan.", "{key} is missing here. Add it."),
    "choice": (
        "{text} kan hier niet. Kies uit: {choices}.",
        "{text} is not possible here. Choose from: {choices}.",
    ),
    "number": (
        "{text} kan hier niet. Vul een heel getal van {low} tot en met {high} in, zonder aanhalingstekens.",
        "{text} is not possible here. Write a whole number from {low} to {high}, without quotes.",
    ),
    "text.long": (
        "Deze tekst is te lang. Gebruik hoogstens {most} tekens.",
        "This text is too long. Use at most {most} characters.",
    ),
    "version": (
        "Deze versie van het rooster is niet bekend. Vul in: version: 1",
        "This version of the roster is not known. Write: version: 1",
    ),
    "zone": (
        "De tijdzone {name} bestaat niet. Vul bijvoorbeeld Europe/Amsterdam in.",
        "There is no time zone {name}. Write for example Europe/Amsterdam.",
    ),
    # Names
    "id.shape": (
        "{key} kan geen sleutel zijn. Gebruik letters zonder accenten, cijfers en streepjes, geen spaties.",
        "{key} cannot be a key. Use letters without accents, digits and dashes, no spaces.",
    ),
    "id.twice": (
        (
            "{name} is ook een persoon. Geef deze rota een andere naam, anders is niet duidelijk wie gebeld"
            " wordt."
        ),
        "{name} is also a person. Give this rotation another name, or it is not clear who is rung.",
    ),
    "person.unknown": (
        "{name} staat niet bij people. Kijk of de naam goed gespeld is, of voeg de persoon toe.",
        "{name} is not among people. Check the spelling, or add the person.",
    ),
    "rotation.unknown": (
        "{name} staat niet bij rotations. Kijk of de naam goed gespeld is.",
        "{name} is not among rotations. Check the spelling.",
    ),
    "ring.unknown": (
        "{name} staat niet bij people en niet bij rotations. Kijk of de naam goed gespeld is.",
        "{name} is neither among people nor among rotations. Check the spelling.",
    ),
    "policy.unknown": (
        "{name} staat niet bij policies. Kijk of de naam goed gespeld is.",
        "{name} is not among policies. Check the spelling.",
    ),
    "policy.loop": (
        (
            "{name} komt zo weer bij zichzelf uit: een beller zou nooit verder komen. Vul hier callback in,"
            " of een policy die niet terugverwijst."
        ),
        (
            "{name} leads back to itself this way: a caller would never get further. Write callback here, "
            "or a policy that does not lead back."
        ),
    ),
    "policy.callback": (
        "callback is al het aanbod om terug te bellen. Geef deze policy een andere naam.",
        "callback already means the offer to call back. Give this policy another name.",
    ),
    "email": (
        "{text} is geen e-mailadres. Vul iets in als ada@example.org, of haal de regel weg.",
        "{text} is not an e-mail address. Write something like ada@example.org, or remove the line.",
    ),
    "language.shape": (
        "{text} is geen taalcode. Gebruik nl, en, pl, pt-BR en dergelijke.",
        "{text} is not a language code. Use nl, en, pl, pt-BR and the like.",
    ),
    "language.twice": (
        "{text} staat er twee keer. Haal er een weg.",
        "{text} stands here twice. Remove one.",
    ),
    "language.many": (
        "Een keuzemenu heeft hoogstens {most} talen. Haal er een paar weg.",
        "A menu has at most {most} languages. Remove some.",
    ),
    # Telephone numbers
    "phone.unquoted": (
        "Zet het telefoonnummer tussen aanhalingstekens, anders gaan de + of een 0 verloren.",
        "Put the telephone number in quotes, or the + or a 0 is lost.",
    ),
    "phone.e164": (
        (
            "Schrijf het telefoonnummer met landnummer en zonder spaties, zoals +31 en dan het nummer "
            "zonder 0."
        ),
        (
            "Write the telephone number with its country and without spaces, as in +31 and the number "
            "without 0."
        ),
    ),
    "phone.invalid": (
        "Dit telefoonnummer bestaat niet. Kijk of er een cijfer te veel of te weinig staat.",
        "There is no such telephone number. Check for a digit too many or too few.",
    ),
    "phone.short": (
        "Een alarmnummer of kort nummer kan niet gebeld worden. Vul een gewoon telefoonnummer in.",
        "An emergency or short number cannot be rung. Write an ordinary telephone number.",
    ),
    "phone.service": (
        (
            "Een gratis, betaald of bijzonder nummer (0800, 0900, 14-0xx) kan niet gebeld worden. Vul een "
            "gewoon telefoonnummer in."
        ),
        (
            "A free, paid or special number (0800, 0900, 14-0xx) cannot be rung. Write an ordinary "
            "telephone number."
        ),
    ),
    "line.number": (
        "De lijn {other} heeft dit nummer al. Geef elke lijn een eigen nummer.",
        "The line {other} already has this number. Give each line a number of its own.",
    ),
    # Time
    "moment.shape": (
        "{text} is geen tijdstip. Schrijf datum en tijd als 2026-12-24T17:00.",
        "{text} is not a point in time. Write date and time as 2026-12-24T17:00.",
    ),
    "moment.wall": (
        "{text} is geen tijd op de klok. Schrijf datum en tijd als 2026-12-24T17:00, zonder tijdzone.",
        "{text} is not a time on the clock. Write date and time as 2026-12-24T17:00, without a zone.",
    ),
    "moment.range": (
        "Dit jaar kan niet. Kies een datum van {first} tot en met {last}.",
        "This year is not possible. Choose a date from {first} to {last}.",
    ),
    "span.order": (
        "Dit einde ligt niet na het begin. Kijk of from en until verwisseld zijn.",
        "This end does not come after the beginning. Check whether from and until are swapped.",
    ),
    "date": (
        "{text} is geen datum. Schrijf een datum als 2026-12-24.",
        "{text} is not a date. Write a date as 2026-12-24.",
    ),
    "turn": (
        "{text} is geen duur van een beurt. Schrijf bijvoorbeeld 7 days, 1 week of 12 hours.",
        "{text} is not the length of a turn. Write for example 7 days, 1 week or 12 hours.",
    ),
    "turn.zero": (
        "Een beurt van nul wisselt nooit. Schrijf bijvoorbeeld 7 days.",
        "A turn of zero never passes. Write for example 7 days.",
    ),
    "turn.long": (
        "Een beurt duurt hoogstens tien jaar. Schrijf bijvoorbeeld 7 days.",
        "A turn lasts ten years at most. Write for example 7 days.",
    ),
    "clock": (
        '{text} is hier geen tijd van de dag. Schrijf bijvoorbeeld "09:00"; "24:00" kan alleen als einde.',
        '{text} is not a time of day here. Write for example "09:00"; "24:00" is possible as an end only.',
    ),
    "opening": (
        '{text} is geen openingstijd. Schrijf bijvoorbeeld "09:00-17:00".',
        '{text} is not an opening time. Write for example "09:00-17:00".',
    ),
    "opening.order": (
        "{text} eindigt niet na het begin. Gaat het door na middernacht, verdeel het dan over twee dagen.",
        "{text} does not end after it begins. If it goes on after midnight, divide it over two days.",
    ),
    "days": (
        "{text} noemt geen dagen. Gebruik mon tue wed thu fri sat sun, een reeks als mon-fri, of daily.",
        "{text} does not name days. Use mon tue wed thu fri sat sun, a range such as mon-fri, or daily.",
    ),
    "days.twice": (
        "{day} heeft hierboven al tijden. Zet alle tijden van een dag in één lijst.",
        "{day} has times above already. Put all times of a day in one list.",
    ),
    "country": (
        "De feestdagen van {name} zijn niet bekend. Vul een land in met twee hoofdletters, zoals NL.",
        "The holidays of {name} are not known. Write a country in two capitals, such as NL.",
    ),
    "and more": ("Zo zijn er in 60 dagen nog meer: {more}.", "More stretches like this in 60 days: {more}."),
}
