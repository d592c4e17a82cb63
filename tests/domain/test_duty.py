"""Who takes a case when somebody is away."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.case import Level
from domain.duty import HANDLES, HOLDS, MAY_BE_AT, SEES_SUBTREE, SENDS_NOTICES, Duty, Post, may_appoint, pick_holder

W, CHIEF = Duty.GRID_WORKER, Duty.GRID_CHIEF


def post(person: int, duty: Duty = W, *, cover: int | None = None, ended: bool = False, away: bool = False) -> Post:
    return Post(person, duty, Level.GRID, cover_id=cover, ended=ended, away=away)


def test_the_worker_of_the_grid_comes_first() -> None:
    assert pick_holder([post(7, CHIEF), post(3)], Level.GRID) == 3


@pytest.mark.parametrize("how", ["ended", "away"])
def test_the_cover_stands_in_for_a_worker_who_is_away_or_has_left(how: str) -> None:
    assert pick_holder([post(3, cover=5, **{how: True}), post(7, CHIEF)], Level.GRID) == 5


def test_a_cover_who_is_away_too_leaves_it_to_the_chief() -> None:
    assert pick_holder([post(3, cover=5, away=True), post(7, CHIEF)], Level.GRID, unfit=frozenset({5})) == 7


def test_without_a_cover_it_goes_to_the_chief() -> None:
    assert pick_holder([post(3, away=True), post(7, CHIEF)], Level.GRID) == 7


def test_a_second_worker_goes_before_the_cover_of_the_first() -> None:
    assert pick_holder([post(3, cover=5, away=True), post(4)], Level.GRID) == 4


def test_of_several_at_one_post_it_is_always_the_same_one() -> None:
    posts = [post(9), post(4), post(6)]
    assert {pick_holder(order, Level.GRID) for order in itertools.permutations(posts)} == {4}


def test_a_chief_of_the_place_itself_goes_before_one_further_up() -> None:
    near, far = Post(9, CHIEF, Level.GRID), Post(4, CHIEF, Level.VILLAGE)
    assert pick_holder([far, near], Level.GRID) == 9


def test_volunteers_part_time_workers_and_inspectors_hold_no_queue() -> None:
    others = [duty for duty in Duty if duty not in HANDLES]
    assert {str(duty) for duty in others} == {"part_time_worker", "volunteer", "liaison", "inspector", "admin"}
    for level in Level:
        assert pick_holder([post(1, duty) for duty in others], level) is None


def test_nobody_there_is_said_plainly() -> None:
    assert pick_holder([], Level.TOWN) is None
    assert pick_holder([post(3, ended=True), post(4, away=True)], Level.GRID) is None


@pytest.mark.parametrize(
    ("level", "order"),
    [
        (Level.GRID, ["grid_worker", "grid_chief"]),
        (Level.VILLAGE, ["grid_chief", "village_secretary", "village_agent"]),
        (Level.TOWN, ["town_agent", "commander", "department_officer"]),
        (Level.COUNTY, ["town_agent", "commander", "department_officer"]),
        (Level.CITY, ["town_agent", "commander", "department_officer"]),
    ],
)
def test_the_line_at_each_level(level: Level, order: list[str]) -> None:
    posts = [post(number, duty) for number, duty in enumerate(Duty, 1)]
    taken = []
    while (found := pick_holder(posts, level)) is not None:
        taken.append(next(str(one.duty) for one in posts if one.person_id == found))
        posts = [one for one in posts if one.person_id != found]
    assert taken == order


def test_whoever_holds_a_level_may_be_appointed_there() -> None:
    for level, duties in HOLDS.items():
        for duty in duties:
            assert level in MAY_BE_AT[duty], (duty, level)
    assert set(MAY_BE_AT) == set(Duty)


def test_whoever_has_a_queue_sees_what_lies_below_it() -> None:
    assert HANDLES <= SEES_SUBTREE
    assert {str(duty) for duty in SENDS_NOTICES} == {
        "grid_chief",
        "village_secretary",
        "village_agent",
        "commander",
        "town_agent",
        "admin",
    }


people = st.integers(1, 6)
posts = st.lists(
    st.builds(
        Post,
        person_id=people,
        duty=st.sampled_from([W, CHIEF, Duty.VILLAGE_SECRETARY, Duty.VOLUNTEER]),
        level=st.just(Level.GRID),
        cover_id=st.none() | people,
        ended=st.booleans(),
        away=st.booleans(),
    ),
    max_size=6,
)


chains = st.dictionaries(people, st.lists(people, max_size=3), max_size=6)


@given(posts, st.frozensets(people), chains, st.sampled_from(Level))
def test_the_holder_is_always_somebody_fit_and_never_nobody_while_anybody_is(
    given_posts: list[Post], unfit: frozenset[int], covers: dict[int, list[int]], level: Level
) -> None:
    """Whatever the covers: oneself, each other, in a ring."""
    found = pick_holder(given_posts, level, unfit=unfit, covers=covers)
    in_line = [one for one in given_posts if one.duty in HOLDS[level]]
    present = {one.person_id for one in in_line if not one.ended and not one.away} - unfit
    first = {(one.person_id, one.cover_id) for one in in_line if one.cover_id not in {None, one.person_id}}
    second = {(who, further) for who, cover in first for further in covers.get(cover, [])}
    standing_in = {cover for who, cover in first | second if cover != who} - unfit
    if found is None:
        assert not present
        assert not standing_in
    else:
        assert found in present | standing_in
        assert found not in unfit


def test_covers_of_covers_are_asked_up_to_the_second_and_a_ring_comes_to_an_end() -> None:
    away = [post(1, cover=2, away=True)]
    cases: list[tuple[dict[int, list[int]], set[int], int | None]] = [
        ({2: [3]}, set(), 2),
        ({2: [3]}, {2}, 3),
        ({2: [4, 3]}, {2, 4}, 3),
        ({2: [1]}, {2}, None),  # A for B, B for A
        ({2: [2]}, {2}, None),
        ({2: [3], 3: [4]}, {2, 3}, None),  # too far off
    ]
    for covers, unfit, expected in cases:
        assert pick_holder(away, Level.GRID, unfit=unfit, covers=covers) == expected, (covers, unfit)
    assert pick_holder([post(1, cover=1, away=True), post(7, CHIEF)], Level.GRID) == 7


def test_posts_are_filled_from_above_and_administrators_by_administrators_only() -> None:
    fill = {own for own in Duty if may_appoint(own, Duty.GRID_WORKER, below=True)}
    assert fill == {Duty.VILLAGE_SECRETARY, Duty.COMMANDER, Duty.ADMIN}
    assert {own for own in Duty for duty in Duty if may_appoint(own, duty, below=False)} == {Duty.ADMIN}
    assert {own for own in Duty if may_appoint(own, Duty.ADMIN, below=True)} == {Duty.ADMIN}
