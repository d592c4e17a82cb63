"""Which rule holds where: of the nearest region above that has one of its own, else the installation's."""

from collections.abc import Mapping
from typing import Generic, TypeVar

from services.transaction import row

T = TypeVar("T")

_PATH = "SELECT path FROM region WHERE id = $1"


class ByPlace(Generic[T]):
    """A rule in memory, as it holds in each place.

    The whole is put in place of the one before, so that nobody sees half of it. While no town has changed anything,
    asking costs no statement.
    """

    def __init__(self, standard: T, known: Mapping[str, T] | None = None) -> None:
        """*standard* is what the settings say; *known* what holds below the regions of these paths."""
        self.standard = standard
        self.known: Mapping[str, T] = known or {}

    def at(self, path: str) -> T:
        """What holds at the region of this *path* (``/1/5/20/``)."""
        known = self.known
        if not known:
            return self.standard
        end = len(path)
        while end > 0:
            found = known.get(path[:end])
            if found is not None:
                return found
            end = path.rfind("/", 0, end - 1) + 1
        return self.standard

    async def of_region(self, region_id: int | None) -> T:
        """The same for a region by its id; without one, what the settings say."""
        if not self.known or region_id is None:
            return self.standard
        found = await row(_PATH, region_id)
        return self.at(found["path"]) if found is not None else self.standard

    def everywhere(self) -> list[tuple[str, T]]:
        """Each path with what holds below it, the settings' as ``""``, in a settled order."""
        return [("", self.standard), *sorted(self.known.items(), key=lambda one: one[0])]
