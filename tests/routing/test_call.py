"""The next move of a call, and the proof that every way through one ends."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from routing.call import (
    MOST_RINGS,
    Arrived,
    Ask,
    Close,
    Happened,
    Move,
    NotReached,
    Position,
    Pressed,
    Ring,
    Talked,
    line_for_number,
    next_move,
)
from routing.ladder import Place
from routing.roster import Roster, Span, Step
from tests.routing.rosters import CHRISTMAS_NIGHT, TUESDAY_MORNING, roster

ARRIVAL = Position("arrival", "helpdesk")


def play(found: Roster | None, *happenings: Happened, at: int = CHRISTMAS_NIGHT, known: bool = True) -> Move:
    """The move behind these happenings, from a call that just arrived."""
    move = next_move(found, ARRIVAL, Arrived(), at, known)
    for happened in happenings:
        move = next_move(found, move.position, happened, at, known)
    return move


def stage(move: Move) -> str:
    assert isinstance(move, Ask)
    return move.position.stage


def rung(move: Move) -> str:
    assert isinstance(move, Ring)
    return move.rung.person


def closing(move: Move) -> str:
    assert isinstance(move, Close)
    return move.closing


def test_a_line_with_several_languages_asks_which_one() -> None:
    assert stage(play(roster())) == "language"


def test_a_line_with_one_language_does_not_ask() -> None:
    assert stage(play(roster(languages=("nl",)))) == "need"


def test_the_language_keys_follow_the_order_of_the_line() -> None:
    assert play(roster(), Pressed("1")).position.language == "nl"
    assert play(roster(), Pressed("2")).position.language == "en"


def test_silence_at_the_language_menu_is_the_first_language_at_once() -> None:
    move = play(roster(), Pressed(""))
    assert (stage(move), move.position.language) == ("need", "nl")


def test_a_key_that_is_no_language_is_asked_again_once() -> None:
    assert stage(play(roster(), Pressed("7"))) == "language"
    assert play(roster(), Pressed("7"), Pressed("*")).position.language == "nl"


def test_an_open_line_rings_the_desk() -> None:
    move = play(roster(), Pressed("1"), at=TUESDAY_MORNING)
    assert (rung(move), move.position.kind) == ("ada", "desk")
    assert "open" in move.why


def test_a_closed_line_asks_what_is_needed_and_1_is_a_crisis() -> None:
    move = play(roster(), Pressed("1"), Pressed("1"))
    assert (rung(move), move.position.kind) == ("ada", "crisis")


def test_silence_twice_on_the_closed_menu_is_a_crisis() -> None:
    assert stage(play(roster(), Pressed("1"), Pressed(""))) == "need"
    assert play(roster(), Pressed("1"), Pressed(""), Pressed("")).position.kind == "crisis"


def test_a_wrong_key_twice_on_the_closed_menu_is_a_crisis() -> None:
    assert play(roster(), Pressed("1"), Pressed("9"), Pressed("#")).position.kind == "crisis"


def test_2_offers_a_call_back_in_office_hours_and_rings_nobody() -> None:
    move = play(roster(), Pressed("1"), Pressed("2"))
    assert (stage(move), move.position.kind) == ("callback", "advice")
    assert closing(next_move(roster(), move.position, Pressed("1"), CHRISTMAS_NIGHT, True)) == "promised"


def test_3_gives_the_numbers_for_tips() -> None:
    move = play(roster(), Pressed("1"), Pressed("3"))
    assert (closing(move), move.position.kind) == ("tipped", "tip")


def test_when_the_first_does_not_answer_the_second_is_rung() -> None:
    assert rung(play(roster(), Pressed("1"), Pressed("1"), NotReached())) == "bo"


def test_at_the_end_of_the_ladder_the_call_back_is_offered() -> None:
    move = play(roster(rounds=1), Pressed("1"), Pressed("1"), *[NotReached()] * 4)
    assert stage(move) == "callback"
    assert "nobody answered" in move.why


def test_with_nobody_on_call_the_call_back_is_offered_at_once() -> None:
    away = {name: (Span(0, CHRISTMAS_NIGHT + 1),) for name in ("ada", "bo", "chi", "dee")}
    move = play(roster(away=away), Pressed("1"), Pressed("1"))
    assert stage(move) == "callback"
    assert "nobody on call" in move.why
    assert isinstance(move, Ask) and len(move.passed_over) == 8


def test_a_withheld_number_is_never_taken_as_the_one_to_call_back() -> None:
    to_the_offer = (Pressed("1"), Pressed("2"))
    again = play(roster(), *to_the_offer, Pressed("1"), known=False)
    assert (stage(again), again.position.tries) == ("callback", 2)
    assert closing(play(roster(), *to_the_offer, Pressed("1"), Pressed("1"), known=False)) == "advised"


def test_a_number_typed_in_is_read_back_and_promised_only_when_confirmed() -> None:
    typed = play(roster(), Pressed("1"), Pressed("2"), Pressed("2"), Pressed("0201234567"))
    assert isinstance(typed, Ask)
    assert (typed.position.stage, typed.number) == ("check", "+31201234567")
    assert closing(next_move(roster(), typed.position, Pressed("1"), CHRISTMAS_NIGHT, True)) == "promised"
    for keys in ("2", "", "9"):
        assert stage(next_move(roster(), typed.position, Pressed(keys), CHRISTMAS_NIGHT, True)) == "number"


def test_a_number_nobody_can_be_called_on_is_asked_again_three_times_at_most() -> None:
    to_the_number = (Pressed("1"), Pressed("2"), Pressed("2"))
    for keys in ("112", "0900123456", "08002000", "12", "", "*1*"):
        assert stage(play(roster(), *to_the_number, Pressed(keys))) == "number"
        assert closing(play(roster(), *to_the_number, *[Pressed(keys)] * 3)) == "advised"


def test_silence_at_the_call_back_offer_ends_with_advice() -> None:
    ladder_over: list[Happened] = [Pressed("1"), Pressed("1"), *[NotReached()] * 4]
    assert closing(play(roster(rounds=1), *ladder_over, Pressed(""), Pressed(""))) == "unanswered"


def test_after_a_talk_the_same_advisor_is_rung_first_and_then_the_ladder_from_its_foot() -> None:
    talked = (Pressed("1"), Pressed("1"), NotReached(), Talked())
    assert stage(play(roster(), *talked)) == "reconnect"
    again = play(roster(), *talked, Pressed("1"))
    assert isinstance(again, Ring)
    assert (again.rung.person, again.rung.why) == ("bo", "again")
    assert rung(play(roster(), *talked, Pressed("1"), NotReached())) == "ada"


def test_after_a_talk_silence_ends_the_call() -> None:
    assert closing(play(roster(), Pressed("1"), Pressed("1"), Talked(), Pressed(""))) == "goodbye"


def test_when_nobody_pressed_1_silence_after_the_talk_goes_on_up_the_ladder() -> None:
    unsure = (Pressed("1"), Pressed("1"), Talked(sure=False))
    assert stage(play(roster(), *unsure)) == "unsure"
    assert rung(play(roster(), *unsure, Pressed(""))) == "bo"


def test_an_advisor_who_left_the_roster_is_not_rung_again() -> None:
    talked = play(roster(), Pressed("1"), Pressed("1"), Talked())
    gone = replace(talked.position, person="")
    assert rung(next_move(roster(), gone, Pressed("1"), CHRISTMAS_NIGHT, True)) == "ada"


def test_a_number_no_line_has_gets_spoken_advice() -> None:
    assert (
        closing(next_move(roster(), Position("arrival", ""), Arrived(), CHRISTMAS_NIGHT, True)) == "no line"
    )


def test_without_a_roster_there_is_spoken_advice() -> None:
    assert closing(play(None)) == "no roster"


def test_a_line_that_vanished_in_mid_call_does_not_send_the_caller_away() -> None:
    lost = Position("ring", "gone", "nl", "crisis", Place("crisis", 1, 1, 1), 1, "ada")
    assert rung(next_move(roster(), lost, NotReached(), CHRISTMAS_NIGHT, True)) == "bo"


def test_a_policy_that_vanished_in_mid_call_is_replaced_by_todays() -> None:
    lost = Position("ring", "helpdesk", "nl", "crisis", Place("gone", 2, 3, 1), 4, "ada")
    move = next_move(roster(), lost, NotReached(), CHRISTMAS_NIGHT, True)
    assert rung(move) == "ada" and "gone" in move.why


def test_a_call_never_rings_without_end_even_if_the_roster_keeps_changing() -> None:
    tired = Position("ring", "helpdesk", "nl", "crisis", Place("gone"), MOST_RINGS, "ada")
    assert stage(next_move(roster(), tired, NotReached(), CHRISTMAS_NIGHT, True)) == "callback"


def test_the_line_is_found_by_the_number_dialled() -> None:
    found = line_for_number(roster(), "+442079460001")
    assert found is not None and found.id == "helpdesk"
    assert line_for_number(roster(), "+442079460002") is None
    assert line_for_number(roster(), None) is None


# Everything that can happen at each stage. Keys stand for their kind: a choice, a wrong key, silence.
KEYS = tuple(Pressed(keys) for keys in ("", "1", "2", "3", "9"))
NUMBERS = tuple(Pressed(keys) for keys in ("", "112", "0201234567"))


def happenings(move: Ask | Ring) -> tuple[Happened, ...]:
    if isinstance(move, Ring):
        return (NotReached(), Talked(sure=True), Talked(sure=False))
    return NUMBERS if move.position.stage == "number" else KEYS


def one_rung() -> Roster:
    return roster(crisis=(Step(("first",), 20), Step(("second",), 20)), rounds=1)


def test_every_way_through_a_closed_line_ends_in_a_talk_a_promise_or_spoken_advice() -> None:
    ends = walk_bounded(one_rung(), CHRISTMAS_NIGHT, True)
    assert set(ends) == {"talked", "promised", "unanswered", "advised", "tipped", "goodbye"}


def test_every_way_through_an_open_line_ends() -> None:
    assert set(walk_bounded(one_rung(), TUESDAY_MORNING, True)) == {
        "talked",
        "promised",
        "unanswered",
        "goodbye",
    }


def test_every_way_of_a_withheld_caller_ends() -> None:
    assert "promised" in walk_bounded(one_rung(), CHRISTMAS_NIGHT, False)


def test_every_way_ends_when_nobody_is_on_call() -> None:
    away = {name: (Span(0, CHRISTMAS_NIGHT + 1),) for name in ("ada", "bo", "chi", "dee")}
    ends = walk_bounded(roster(away=away, rounds=1), CHRISTMAS_NIGHT, True)
    assert "talked" not in ends and {"promised", "unanswered", "advised", "tipped"} <= set(ends)


def walk_bounded(found: Roster, at: int, known: bool) -> Counter[str]:
    """Follows every sequence of outcomes and counts how they end.

    Between two conversations no position may come back, so every way is finite, and none is long.
    """
    ends: Counter[str] = Counter()
    longest: dict[Position, int] = {}
    behind_talks: list[Move] = [next_move(found, ARRIVAL, Arrived(), at, known)]
    open_: set[Position] = set()

    def steps(move: Move) -> int:
        if isinstance(move, Close):
            ends[move.closing] += 1
            return 1
        position = move.position
        assert position not in open_, f"a way through the call comes back to {position}"
        if position not in longest:
            open_.add(position)
            ways = []
            for happened in happenings(move):
                behind = next_move(found, position, happened, at, known)
                if isinstance(happened, Talked) and happened.sure:
                    ends["talked"] += 1
                    behind_talks.append(behind)
                else:
                    ways.append(steps(behind))
            longest[position] = 1 + max(ways)
            open_.discard(position)
        return longest[position]

    conversations = 0
    while behind_talks and conversations < 500:
        assert steps(behind_talks.pop()) <= 25
        conversations += 1
    return ends


@given(
    happenings=st.lists(
        st.one_of(
            st.builds(Pressed, st.text("0123456789*#", max_size=12)),
            st.just(NotReached()),
            st.builds(Talked, st.booleans()),
            st.just(Arrived()),
        ),
        max_size=60,
    ),
    known=st.booleans(),
    at=st.sampled_from([CHRISTMAS_NIGHT, TUESDAY_MORNING]),
)
def test_whatever_comes_in_whatever_order_there_is_always_a_move_and_it_says_why(
    happenings: list[Happened], known: bool, at: int
) -> None:
    found = roster()
    move = next_move(found, ARRIVAL, Arrived(), at, known)
    for happened in happenings:
        assert move.why
        if isinstance(move, Ring):
            assert move.rung.person in found.people
        move = next_move(found, move.position, happened, at, known)
