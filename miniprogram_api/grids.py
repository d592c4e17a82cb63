"""The public notice board of a grid."""

from domain.errors import NotFound
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import Board, BoardGrid, BoardPerson, Nothing
from services import boards


async def show(call: Call[Nothing, Nothing]) -> Board:
    found = await call.desk.boards.of_grid(call.code)
    return Board(
        grid=BoardGrid(code=found.code, name=found.grid, kind=found.kind, village=found.village, town=found.town),
        chief=_person(found.chief) if found.chief is not None else None,
        workers=[_person(worker) for worker in found.workers],
        duties=[*found.duties],
        supervision_phone=found.supervision_phone,
        accept_hours=found.accept_hours,
        resolve_days=found.resolve_days,
    )


def _person(shown: boards.BoardPerson) -> BoardPerson:
    return BoardPerson(name=shown.name, duty=str(shown.duty), phone=shown.phone)


SHOW = Route(
    name="show_grid",
    method="GET",
    path="/grids/{code}",
    tag="Grids",
    summary="The public notice board of a grid",
    body=Nothing,
    query=Nothing,
    answer=Board,
    handle=show,
    signed_in=False,
    refusals=(NotFound,),
    more="Open to everybody, like the board on the wall.",
)
