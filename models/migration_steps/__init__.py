"""Steps for migrations that tortoise lacks: several fields at once.

For each of its own steps tortoise builds all models twice. From an empty database that was most of the time it took.
"""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from tortoise.fields.base import Field
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.migrations.operations import AddField, TortoiseOperation


class AddFields(TortoiseOperation):
    """What the :class:`AddField` given do one after the other, with the models built once."""

    def __init__(self, *added: AddField) -> None:
        self._added: Sequence[AddField] = added

    def describe(self) -> str:
        return "; ".join(one.describe() for one in self._added)

    def state_forward(self, app_label: str, state: Any) -> None:
        changed = set()
        for one in self._added:
            model = self.get_model_state(state, app_label, one.model_name)
            if one.name in model.fields:
                raise ValueError(f"{one.model_name} has the field {one.name} already")
            given = deepcopy(one.field)
            assert isinstance(given, Field)  # noqa: S101 - tortoise's own type says less than it takes
            model.fields[one.name] = given
            changed.add((app_label, one.model_name))
            if isinstance(given, ForeignKeyFieldInstance):
                changed.add(state.apps.split_reference(given.model_name))
        state.reload_models(changed)

    async def database_forward(
        self, app_label: str, old_state: Any, new_state: Any, state_editor: Any | None = None
    ) -> None:
        for one in self._added:
            await one.database_forward(app_label, old_state, new_state, state_editor)

    async def database_backward(
        self, app_label: str, old_state: Any, new_state: Any, state_editor: Any | None = None
    ) -> None:
        for one in reversed(self._added):
            await one.database_backward(app_label, old_state, new_state, state_editor)
