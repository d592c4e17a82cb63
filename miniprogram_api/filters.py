"""Searches that I have given a name."""

from domain.errors import NotFound
from miniprogram_api.cases import searched
from miniprogram_api.routes import Call, Route
from miniprogram_api.schemas import NewFilter, Nothing, SavedFilter, SavedFilters
from services.searches import Saved

TAG = "Me"


async def every(call: Call[Nothing, Nothing]) -> SavedFilters:
    return SavedFilters(items=[shown(saved) for saved in await call.desk.searches.all(call.by)])


async def save(call: Call[NewFilter, Nothing]) -> SavedFilter:
    return shown(await call.desk.searches.save(call.by, call.name, searched(call.body)))


async def delete(call: Call[Nothing, Nothing]) -> None:
    await call.desk.searches.delete(call.by, call.name)


_NAMES = {"statuses": "status", "words": "q"}


def shown(saved: Saved) -> SavedFilter:
    return SavedFilter(
        name=saved.name, wanted={_NAMES.get(name, name): value for name, value in saved.wanted.as_json().items()}
    )


LIST = Route(
    name="list_filters",
    method="GET",
    path="/me/filters",
    tag=TAG,
    summary="My saved filters, by name",
    body=Nothing,
    query=Nothing,
    answer=SavedFilters,
    handle=every,
)
SAVE = Route(
    name="save_filter",
    method="PUT",
    path="/me/filters/{name}",
    tag=TAG,
    summary="Keep a filter under a name, in place of what had this name",
    body=NewFilter,
    query=Nothing,
    answer=SavedFilter,
    handle=save,
    more="Use it as `GET /cases?filter=NAME`. At most 20 a person.",
)
DELETE = Route(
    name="delete_filter",
    method="DELETE",
    path="/me/filters/{name}",
    tag=TAG,
    summary="Forget a saved filter",
    body=Nothing,
    query=Nothing,
    answer=None,
    handle=delete,
    status=204,
    refusals=(NotFound,),
)
