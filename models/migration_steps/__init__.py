"""A step for migrations that tortoise lacks: several at once.

For each of its own steps tortoise builds all models twice. From an empty database that was most of the time it took.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from tortoise.migrations.operations import TortoiseOperation


class Together(TortoiseOperation):
    """What the *steps* do one after the other, with the models built once.

    Each of them sees the models as they are after the last one: none may touch what another of them makes.
    """

    def __init__(self, *steps: TortoiseOperation) -> None:
        self._steps: Sequence[TortoiseOperation] = steps

    def describe(self) -> str:
        return "; ".join(one.describe() for one in self._steps)

    def state_forward(self, app_label: str, state: Any) -> None:
        noted = _Noted(state)
        for one in self._steps:
            one.state_forward(app_label, noted)  # type: ignore[arg-type]
        state.reload_models(noted.changed)

    async def database_forward(
        self, app_label: str, old_state: Any, new_state: Any, state_editor: Any | None = None
    ) -> None:
        for one in self._steps:
            await one.database_forward(app_label, old_state, new_state, state_editor)

    async def database_backward(
        self, app_label: str, old_state: Any, new_state: Any, state_editor: Any | None = None
    ) -> None:
        for one in reversed(self._steps):
            await one.database_backward(app_label, old_state, new_state, state_editor)


class _Noted:
    """A state in which models are changed now and built later."""

    def __init__(self, state: Any) -> None:
        self.models = state.models
        self.apps = state.apps
        self.changed: set[tuple[str, str]] = set()

    def reload_models(self, changed: Iterable[tuple[str, str]]) -> None:
        self.changed |= set(changed)

    def reload_model(self, app_label: str, model_name: str) -> None:
        self.changed.add((app_label, model_name))
