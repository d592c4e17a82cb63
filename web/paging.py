"""The two parameters of every list: where to go on, and how many."""

from typing import Annotated

from pydantic import Field

from web.bodies import Given

LIMIT = 20
HIGHEST_LIMIT = 100
LONGEST_CURSOR = 200

Cursor = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=LONGEST_CURSOR)]


class Paging(Given):
    """``?cursor=&limit=``. The cursor is the ``next`` of the page before; what is in it is ours alone."""

    cursor: Cursor | None = Field(None, description="`next` of the page before; left out for the first page")
    limit: int = Field(LIMIT, ge=1, le=HIGHEST_LIMIT, description="at most so many items")
