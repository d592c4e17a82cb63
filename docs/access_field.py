"""The tables of ``docs/access.py`` for patrols and visits, typed by hand."""
# ruff: noqa: INP001 - beside the script that reads it

from collections.abc import Mapping

PATROL_ROWS: Mapping[str, str] = {
    "grid": "of the worker of grid 1",
    "volunteers": "of the volunteer of grid 1",
    "next_grid": "of the worker of grid 2",
    "village_2": "of the worker of grid 3",
    "town_b": "of the worker of grid 4",
}

# o walks it · s sees it
PATROLS = """
who              grid volunteers next_grid village_2 town_b
volunteer        .    o          .         .         .
worker           o    s          .         .         .
beside           .    .          o         .         .
grid_chief       s    s          .         .         .
chief            s    s          s         .         .
village_liaison  s    s          s         .         .
secretary        s    s          s         .         .
village_agent    s    s          s         .         .
liaison          s    s          s         s         .
commander        s    s          s         s         .
agent            s    s          s         s         .
inspector        s    s          s         s         .
county           s    s          s         s         s
county_inspector s    s          s         s         s
city             s    s          s         s         s
commander_b      .    .          .         .         s
inspector_b      .    .          .         .         s
"""

START_ROWS: Mapping[str, str] = {"here": "where their duty is"}

# p may go on patrol · - may not
STARTS = """
who              here
filer            -
neighbour        -
volunteer        p
part_time        p
worker           p
beside           p
grid_chief       p
chief            p
village_liaison  p
secretary        p
village_agent    p
liaison          p
commander        -
agent            -
officer          -
department       -
inspector        -
admin            -
county           -
county_inspector -
city             -
commander_b      -
inspector_b      -
left             -
"""

SUBJECT_ROWS: Mapping[str, str] = {
    "grid": "on the list of grid 1",
    "next_grid": "of grid 2",
    "village_2": "of grid 3",
    "town_b": "of grid 4",
}

# v visits there · s sees it
SUBJECTS = """
who              grid next_grid village_2 town_b
worker           v    .         .         .
beside           .    v         .         .
grid_chief       v    .         .         .
chief            v    v         .         .
village_liaison  v    v         .         .
secretary        v    v         .         .
village_agent    v    v         .         .
liaison          v    v         v         .
commander        s    s         s         .
agent            s    s         s         .
inspector        s    s         s         .
county           s    s         s         s
county_inspector s    s         s         s
city             s    s         s         s
commander_b      .    .         .         s
inspector_b      .    .         .         s
"""

EXEMPT_ROWS: Mapping[str, str] = {
    "grid": "for grid 1",
    "next_grid": "for grid 2",
    "village_2": "for grid 3",
    "town_b": "for grid 4",
}

# e says so for the town
EXEMPTS = """
who              grid next_grid village_2 town_b
commander        e    e         e         .
agent            e    e         e         .
county           e    e         e         e
city             e    e         e         e
commander_b      .    .         .         e
"""

TRAINING_ROWS: Mapping[str, str] = {
    "workers": "a course of village 1 for its grid workers",
    "volunteers": "a course of town A for its volunteers",
    "workers_b": "a course of town B for its grid workers",
    "induction": "town A's, before one becomes a grid worker",
}
# t is to take it: serves there, or, of an induction, lives there
TRAININGS = """
who        workers volunteers workers_b induction
filer      .       .          .         t
neighbour  .       .          .         t
volunteer  .       t          .         .
worker     t       .          .         t
beside     t       .          .         t
"""

RECORD_ROWS: Mapping[str, str] = {
    "grid": "of grid 1",
    "next_grid": "of grid 2",
    "village_2": "of grid 3",
    "town_b": "of grid 4",
}

# k keeps it
RECORDS = """
who              grid next_grid village_2 town_b
worker           k    .         .         .
beside           .    k         .         .
"""

OWN_RECORD_ROWS: Mapping[str, str] = {"household": "of the filer's household in grid 1"}

# o lives there
OWN_RECORDS = """
who              household
filer            o
"""

PROPOSED_ROWS: Mapping[str, str] = {"proposed": "what the filer says of their household in grid 1"}

# k keeps it
PROPOSED = """
who              proposed
worker           k
"""
