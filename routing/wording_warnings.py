"""What a coordinator is warned of: a sentence in Dutch and in English for each code."""

from __future__ import annotations

WARNINGS: dict[str, tuple[str, str]] = {
    "cover.gap": (
        "Van {start} tot {end} is er op {name} niemand te bereiken. Zet iemand op een van de stappen.",
        "From {start} to {end} nobody can be reached on {name}. Put somebody on one of the steps.",
    ),
    "cover.thin": (
        "Van {start} tot {end} is op {name} alleen {person} te bereiken. Zet er iemand achter.",
        "From {start} to {end} only {person} can be reached on {name}. Put somebody behind them.",
    ),
    "cover.double": (
        (
            "Van {start} tot {end} staat {person} op deze stap en al op een eerdere: er staat dan niemand "
            "achter. Zet hier een ander."
        ),
        (
            "From {start} to {end} {person} is on this step and already on an earlier one: nobody is behind"
            " them. Put somebody else here."
        ),
    ),
    "override.overlap": (
        (
            "Deze inval en die op regel {other} gelden voor een deel tegelijk voor {rotation}; de onderste "
            "in het bestand geldt. Maak er een korter."
        ),
        (
            "This override and the one on line {other} partly hold at the same time for {rotation}; the "
            "later in the file counts. Shorten one of them."
        ),
    ),
    "override.hidden": (
        "Deze inval geldt nooit: latere in het bestand bedekken hem helemaal. Haal hem weg.",
        "This override never holds: later ones in the file cover all of it. Remove it.",
    ),
    "override.same": (
        (
            "Deze inval verandert niets: {person} heeft dan al dienst, of is afwezig. Haal hem weg of kies "
            "een ander."
        ),
        (
            "This override changes nothing: {person} is on call then anyway, or away. Remove it or choose "
            "another."
        ),
    ),
    "override.past": (
        "Voorbij, te beginnen met deze inval: {count}. Wat voorbij is kan weg.",
        "Overrides that are over, beginning with this one: {count}. They can be removed.",
    ),
    "rest.days": (
        (
            "{name} heeft vanaf {since} op meer dan 14 van de 28 dagen als eerste dienst. Verdeel de "
            "beurten over meer mensen."
        ),
        (
            "From {since} {name} is first on call on more than 14 of 28 days. Share the turns among more "
            "people."
        ),
    ),
    "rest.spans": (
        (
            "{name} heeft in de 28 dagen vanaf {since} geen twee keer 48 uur vrij van dienst, zoals art. "
            "5:9 van de Arbeidstijdenwet eist. Verdeel de beurten over meer mensen."
        ),
        (
            "In the 28 days from {since} {name} is not off duty for 48 hours twice, as art. 5:9 of the "
            "Arbeidstijdenwet (Working Hours Act) demands. Share the turns among more people."
        ),
    ),
    "ladder.long": (
        (
            "Wie bij {policy} binnenkomt, wacht tot {seconds} seconden tot iedereen gebeld is; dat is meer "
            "dan {most}. Kies minder rondes, stappen of seconden."
        ),
        (
            "Whoever enters at {policy} waits up to {seconds} seconds until everybody has been rung; that "
            "is over {most}. Choose fewer rounds, steps or seconds."
        ),
    ),
    "person.phone": (
        "{name} en {other} hebben hetzelfde telefoonnummer. Kijk welk nummer niet klopt.",
        "{name} and {other} have the same telephone number. Check which one is wrong.",
    ),
    "person.name": (
        "Er zijn twee mensen die {name} heten (zie ook {other}). Voeg een achternaam of letter toe.",
        "Two people are called {name} (see also {other}). Add a surname or a letter.",
    ),
    "phone.line": (
        (
            "{name} heeft het nummer van {line} zelf: een oproep zou weer hier uitkomen. Vul het eigen "
            "nummer in."
        ),
        "{name} has the number of {line} itself: a ring would come back here. Write their own number.",
    ),
    "language.unspoken": (
        (
            "Er zijn geen teksten in de taal {language}: {name} biedt die niet aan. Voeg "
            "hotline/prompts/{language}.yaml toe, of haal de taal weg."
        ),
        (
            "There are no prompts in the language {language}: {name} does not offer it. Add "
            "hotline/prompts/{language}.yaml, or remove the language."
        ),
    ),
    "number.fictional": (
        "Het nummer van {name} is een voorbeeldnummer: geen telefoon heeft het. Vul het echte nummer in.",
        "The number of {name} is an example: no telephone has it. Write the real number.",
    ),
}
