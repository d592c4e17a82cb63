"""What stands on a board, ready to be drawn; ``services/boards.py`` collects it."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Somebody:
    """A chief or worker. *duty* is the duty's code, *phone* an office phone or empty, *photo* a JPEG or empty."""

    name: str
    duty: str
    phone: str = ""
    photo: bytes = field(default=b"", repr=False)
    pixels: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Facts:
    """One grid's public facts. *url* is what the code holds, *address* the page for people without WeChat."""

    code: str
    grid: str
    kind: str
    village: str
    town: str
    area: str
    people: Sequence[Somebody]
    duties: Sequence[str]
    supervision_phone: str
    accept_hours: float
    resolve_days: float
    url: str
    address: str = ""
    version: str = ""

    @property
    def place(self) -> str:
        return " · ".join(part for part in (self.town, self.village) if part)

    @property
    def texts(self) -> Sequence[str]:
        """Everything of it that is set in type."""
        return [
            self.code,
            self.grid,
            self.village,
            self.town,
            self.area,
            *(part for one in self.people for part in (one.name, one.phone)),
            *self.duties,
            self.supervision_phone,
            self.address,
            self.version,
        ]
