"""Who there is, what there is, and what each is to each: the tables of ``docs/access.py``, typed by hand."""
# ruff: noqa: INP001 - beside the script that reads it

from collections.abc import Mapping

# Two towns of one county: A with the village 1 (grids 1 and 2) and the village 2 (grid 3), and B with grid 4.
WHO: Mapping[str, str] = {
    "stranger": "nobody: without a sign-in",
    "filer": "the resident of grid 1 who filed them all",
    "neighbour": "another resident of grid 1",
    "volunteer": "volunteer of grid 1",
    "part_time": "part-time worker of grid 1",
    "worker": "grid worker of grid 1",
    "beside": "grid worker of grid 2, who covers grid 1",
    "grid_chief": "grid chief of grid 1",
    "chief": "grid chief of village 1",
    "village_liaison": "liaison of village 1",
    "secretary": "village secretary of village 1",
    "village_agent": "village agent of village 1",
    "liaison": "liaison of town A",
    "commander": "commander of town A",
    "agent": "town agent of town A",
    "officer": "department officer of town A as a whole",
    "department": "department officer of a department of town A",
    "inspector": "inspector of town A",
    "admin": "administrator of town A",
    "county": "commander of the county",
    "county_inspector": "inspector of the county",
    "city": "town agent of the city",
    "commander_b": "commander of town B",
    "inspector_b": "inspector of town B",
    "left": "was grid worker of grid 1 until yesterday",
}

CASE_ROWS: Mapping[str, str] = {
    "own": "filed by themselves, in grid 4",
    "grid": "of grid 1",
    "next_grid": "of grid 2",
    "village_2": "of grid 3",
    "town_b": "of grid 4",
    "raised": "of grid 1, reported up to village 1",
    "given": "of grid 1, dispatched to the department",
    "helped": "of grid 3, co-handled by grid 1 and the department",
    "complaint": "a complaint about the case of grid 1",
    "follower": "of grid 3, merged into the one of grid 1",
    "held": "of grid 1, held for the town to look at first",
}

# o filed it · w works it or its queue · v oversees it · h was asked to co-handle it · m works what it was merged into
# q holds it in person
CASES = """
who              own grid next_grid village_2 town_b raised given helped complaint follower held
filer            o   o    o         o         o      o      o     o      o         o        o
neighbour        o   .    .         .         .      .      .     .      .         .        .
volunteer        o   .    .         .         .      .      .     .      .         .        .
part_time        o   .    .         .         .      .      .     .      .         .        .
worker           o   w    .         .         .      v      v     h      .         m        .
beside           o   .    w         .         .      .      .     .      .         .        .
grid_chief       o   w    .         .         .      v      v     .      .         m        .
chief            o   v    v         .         .      w      v     .      .         m        .
village_liaison  o   v    v         .         .      v      v     .      .         m        .
secretary        o   v    v         .         .      w      v     .      .         m        .
village_agent    o   v    v         .         .      w      v     .      .         m        .
liaison          o   v    v         v         .      v      v     v      .         v        v
commander        o   v    v         v         .      v      v     v      .         v        w
agent            o   v    v         v         .      v      v     v      .         v        wq
officer          o   v    v         v         .      v      v     v      .         v        w
department       o   .    .         .         .      .      w     h      .         .        .
inspector        o   .    .         .         .      .      .     .      w         .        .
admin            o   .    .         .         .      .      .     .      .         .        .
county           ov  v    v         v         v      v      v     v      .         v        v
county_inspector o   .    .         .         .      .      .     .      v         .        .
city             ov  v    v         v         v      v      v     v      .         v        v
commander_b      ov  .    .         .         v      .      .     .      .         .        .
inspector_b      o   .    .         .         .      .      .     .      .         .        .
left             o   .    .         .         .      .      .     .      .         .        .
"""

LEAVE_ROWS: Mapping[str, str] = {
    "own": "their own",
    "grid": "of the worker of grid 1",
    "next_grid": "of the worker of grid 2",
    "village_2": "of the worker of grid 3",
    "town_b": "of the worker of grid 4",
    "secretary": "of the secretary of village 1",
}

# o is on leave · a may answer
LEAVES = """
who              own grid next_grid village_2 town_b secretary
worker           o   o    .         .         .      .
beside           o   .    o         .         .      .
secretary        o   a    a         .         .      o
chief            o   a    a         .         .      .
village_agent    o   a    a         .         .      .
commander        o   a    a         a         .      a
agent            o   a    a         a         .      a
officer          o   a    a         a         .      a
county           o   a    a         a         a      a
city             o   a    a         a         a      a
commander_b      o   .    .         .         a      .
"""
OFF_DUTY = frozenset({"filer", "neighbour", "left"})
"""Holds no duty, so has no leave either."""

VACANCY_ROWS: Mapping[str, str] = {"village_1": "a grid of village 1", "town_b": "a grid of town B"}
VACANCIES = """
who              village_1 town_b
chief            s         .
secretary        s         .
village_agent    s         .
commander        s         .
agent            s         .
officer          s         .
county           s         s
city             s         s
commander_b      .         s
"""

HELD_ROWS: Mapping[str, str] = {"held": "of grid 1, held", "held_b": "of grid 4, held", "grid": "of grid 1, not held"}

# o filed it · t looks at it first · s sees it
HELD = """
who              held held_b grid
filer            o    o      o
worker           .    .      s
grid_chief       .    .      s
chief            .    .      s
village_liaison  .    .      s
secretary        .    .      s
village_agent    .    .      s
liaison          t    .      s
commander        t    .      s
agent            t    .      s
officer          t    .      s
county           t    t      s
city             t    t      s
commander_b      .    t      .
"""

MEDIA_ROWS: Mapping[str, str] = {"media": "of the case of grid 1, held", "media_b": "of the case of grid 4, held"}

# t looks at it first; whoever works the case below goes on without it
MEDIA = """
who              media media_b
liaison          t     .
commander        t     .
agent            t     .
officer          t     .
county           t     t
city             t     t
commander_b      .     t
"""

NOTICE_ROWS: Mapping[str, str] = {
    "own": "their own preview, of where they serve (of grid 1)",
    "own_asked": "their own, to be agreed to",
    "preview": "somebody else's preview, of village 1",
    "awaiting": "of village 1, to be agreed to",
    "grid": "of grid 1, going out",
    "next_grid": "of grid 2, going out",
    "village": "of village 1, going out",
    "village_2": "of village 2, going out",
    "town": "of town A, going out",
    "town_b": "of town B, going out",
    "workers": "of village 1, for its grid workers only, going out",
}
NOTICE_REGIONS: Mapping[str, str] = {
    row: NOTICE_ROWS[row].removesuffix(", going out")
    for row in ("grid", "next_grid", "village", "village_2", "town", "town_b")
}
NOTICE_STEPS: Mapping[str, str] = {
    row: NOTICE_ROWS[row] for row in ("own", "own_asked", "preview", "awaiting", "village", "town", "town_b")
}
NOTICE_OVER: Mapping[str, str] = {
    "own_over": "their own, recalled",
    "preview": NOTICE_ROWS["preview"],
    "village_over": "of village 1, sent",
    "town_over": "of town A, sent",
    "town_b_over": "of town B, sent",
}

# a its author, and still in charge there · c in charge there · r lives or serves there
NOTICES = """
who              own own_asked preview awaiting grid next_grid village village_2 town town_b workers
filer            .   .         .       .        r    .         r       .         r    .      .
neighbour        .   .         .       .        r    .         r       .         r    .      .
volunteer        .   .         .       .        r    .         r       .         r    .      .
part_time        .   .         .       .        r    .         r       .         r    .      .
worker           .   .         .       .        r    .         r       .         r    .      .
beside           .   .         .       .        .    r         r       .         r    .      .
grid_chief       a   a         .       .        cr   .         r       .         r    .      .
chief            a   a         .       c        c    c         cr      .         r    .      c
village_liaison  .   .         .       .        .    .         r       .         r    .      .
secretary        a   a         .       c        c    c         cr      .         r    .      c
village_agent    a   a         .       c        c    c         cr      .         r    .      c
liaison          .   .         .       .        .    .         .       .         r    .      .
commander        a   a         .       c        c    c         c       c         cr   .      c
agent            a   a         .       c        c    c         c       c         cr   .      c
officer          .   .         .       .        .    .         .       .         r    .      .
department       .   .         .       .        .    .         .       .         r    .      .
inspector        .   .         .       .        .    .         .       .         r    .      .
admin            a   a         .       c        c    c         c       c         cr   .      c
county           a   a         .       c        c    c         c       c         c    c      c
county_inspector .   .         .       .        .    .         .       .         .    .      .
city             a   a         .       c        c    c         c       c         c    c      c
commander_b      a   a         .       .        .    .         .       .         .    cr     .
inspector_b      .   .         .       .        .    .         .       .         .    r      .
left             .   .         .       .        .    .         .       .         .    .      .
"""

VISIT_ROWS: Mapping[str, str] = {
    "grid": "somebody of grid 1 whom a notice of the county has not reached",
    "next_grid": "of grid 2",
    "village_2": "of grid 3",
    "town_b": "of grid 4",
}

# t tells them in person
VISITS = """
who              grid next_grid village_2 town_b
volunteer        t    .         .         .
part_time        t    .         .         .
worker           t    .         .         .
beside           .    t         .         .
grid_chief       t    .         .         .
chief            t    t         .         .
village_liaison  t    t         .         .
secretary        t    t         .         .
village_agent    t    t         .         .
liaison          t    t         t         .
commander        t    t         t         .
agent            t    t         t         .
officer          t    t         t         .
county           t    t         t         t
city             t    t         t         t
commander_b      .    .         .         t
"""

TOLD_ROWS: Mapping[str, str] = {
    "grid_told": "somebody of grid 1 who was told in person of a notice of the county",
    "next_grid_told": "of grid 2",
    "village_2_told": "of grid 3",
    "town_b_told": "of grid 4",
}

ATTACHMENT_ROWS: Mapping[str, str] = {
    "own": "their own, not used yet",
    "other": "somebody else's, not used yet",
    "inside": "of words among staff, in the case of grid 1",
}
OWN_ROWS: Mapping[str, str] = {"own": "their own", "other": "somebody else's"}
TYPE_ROWS: Mapping[str, str] = {"own": "their own proposal", "other": "somebody else's proposal"}

POLL_ROWS: Mapping[str, str] = {
    row: NOTICE_ROWS[row].replace("going out", "open")
    for row in ("grid", "next_grid", "village", "village_2", "town", "town_b")
}
"""Who is in charge, and who lives or serves there, is as with notices."""
LIVE_THERE = frozenset({"filer", "neighbour"})
"""Of those who find a poll; all others only serve there."""
SCORE_ROWS: Mapping[str, str] = {"grid": "of the worker of grid 1", "town_b": "of the worker of grid 4"}

# s sees it · x assesses, but not there
SCORES = """
who              grid town_b
commander        s    x
inspector        s    x
admin            s    x
county           s    s
county_inspector s    s
commander_b      x    s
inspector_b      x    s
"""

CHECK_ROWS: Mapping[str, str] = {
    "raised": "of a case that the worker of grid 1 reported up",
    "given": "of another one, to which they have objected",
}

CHECKED_ROWS: Mapping[str, str] = {"raised": CHECK_ROWS["raised"]}
OBJECTED_ROWS: Mapping[str, str] = {"given": CHECK_ROWS["given"]}

# o their record · b made the check · d may decide · c may check, but not decide · x checks, but not there
CHECKS = """
who              raised given
worker           o      o
inspector        b      b
commander        d      d
county           d      d
county_inspector dc     dc
inspector_b      x      x
"""
