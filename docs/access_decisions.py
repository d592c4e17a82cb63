"""What a town decides on: the tables of ``docs/access.py`` for departments' work, applications and exits."""
# ruff: noqa: INP001 - beside the script that reads it

from collections.abc import Mapping

ADMISSION_ROWS: Mapping[str, str] = {
    "asked": "of village 1, asked for by the department of town A",
    "admitted": "of village 1, admitted",
}
ASKED_ROWS: Mapping[str, str] = {"asked": ADMISSION_ROWS["asked"]}
ADMITTED_ROWS: Mapping[str, str] = {"admitted": ADMISSION_ROWS["admitted"]}

# d decides on it · o asked for it in the department's name · s serves where it is admitted
ADMISSIONS = """
who              asked admitted
volunteer        .     s
part_time        .     s
worker           .     s
beside           .     s
grid_chief       .     s
chief            .     s
village_liaison  .     s
secretary        .     s
village_agent    .     s
commander        d     d
department       o     o
admin            d     d
county           d     d
"""

APPLICATION_ROWS: Mapping[str, str] = {"applied": "of the worker of grid 1"}
APPLY_ROWS: Mapping[str, str] = {"grid": "for the worker of grid 1"}

# o their own · b the village speaks for them · d the town decides
APPLICATIONS = """
who              applied grid
worker           o       o
grid_chief       b       b
chief            b       b
secretary        b       b
commander        d       .
county           d       .
"""

EXIT_ROWS: Mapping[str, str] = {"exit": "of the worker of grid 1, proposed: only they find it"}

EXITS = """
who              exit
worker           o
"""
