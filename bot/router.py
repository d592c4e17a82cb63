"""Which handler answers what: a small table of filters, tried from the top; the catch-all comes last."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from bot.incoming import Incoming
from bot.questions import Questions
from services.access import Actor
from services.desk import Desk
from services.people import Heard

_EDGES = " \t\r\n。.，,、；;!！~～…“”\"'‘’「」『』"
"""What people put around a word without meaning anything by it; the chat's own messages show words in quotes."""

_DIGIT = re.compile("[0-9]")


@dataclass(slots=True)
class Talk:
    """One turn of the conversation. ``word``, ``number`` and ``rest`` are what the filter that fits has found."""

    incoming: Incoming
    heard: Heard
    desk: Desk
    text: str
    word: str = ""
    number: int = 0
    rest: str = ""
    bare: str = field(init=False)
    """The text without quotes and full stops around it."""
    numbered: bool = field(init=False)
    """Whether there is a digit anywhere: most texts hold none, and need not be searched for orders."""
    questions: Questions = field(init=False)
    _before: Questions = field(init=False)

    def __post_init__(self) -> None:
        self.retell(self.text)
        pending = self.heard.pending
        self.questions = Questions.read(pending, self.desk.clock.now()) if pending else Questions()
        self._before = self.questions

    def retell(self, text: str) -> None:
        """Go on as if the person had written *text*."""
        self.text, self.bare = text, text.strip(_EDGES)
        self.numbered = _DIGIT.search(text) is not None

    async def actor(self) -> Actor:
        return await self.desk.people.actor(self.heard.person_id)

    async def ask(self, ask: str, life: timedelta, **facts: object) -> None:
        """Remember that the chat has asked this, now the newest of all questions.

        With ``once`` it is asked of the very next message only.
        """
        self.questions = self.questions.after_asking(ask, self.desk.clock.now() + life, facts)
        await self._note()

    async def settle(self, *asks: str) -> None:
        """These are answered, or have become pointless."""
        left = self.questions.without(*asks)
        if left != self.questions:
            self.questions = left
            await self._note()

    async def close(self) -> None:
        """The turn is over: what was asked of this message only is not asked of the next."""
        if not self._before.asked:
            return
        over = [one for one in self._before.asked if one.get("once") and one in self.questions.asked]
        await self.settle(*(str(one["ask"]) for one in over))

    async def _note(self) -> None:
        await self.desk.people.ask(self.heard.identity_id, self.questions.as_json())


Handler = Callable[[Talk], Awaitable[str | None]]
"""Answers in words; an empty answer is silence, ``None`` means: not mine after all, ask the next rule."""
Filter = Callable[[Talk], bool]


class Router:
    def __init__(self) -> None:
        self._rules: list[tuple[Filter, Handler]] = []

    def on(self, fits: Filter) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            self._rules.append((fits, handler))
            return handler

        return add

    def include(self, other: "Router") -> None:
        self._rules += other.rules

    @property
    def rules(self) -> list[tuple[Filter, Handler]]:
        return list(self._rules)

    def first(self, talk: Talk) -> Handler | None:
        """The handler that would be asked first."""
        return next((handler for fits, handler in self._rules if fits(talk)), None)

    async def answer(self, talk: Talk) -> str:
        """The answer of the first rule that has one; empty means that nothing is said."""
        for fits, handler in self._rules:
            if fits(talk):
                said = await handler(talk)
                if said is not None:
                    await talk.close()
                    return said
        return ""
