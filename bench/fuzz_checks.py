"""What schemathesis cannot know of itself: our two kinds of 422."""

from typing import Any

import schemathesis

_UNPROCESSABLE = 422


@schemathesis.check
def what_is_refused_for_its_form_is_refused_by_the_document(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: Any
) -> None:
    """``errors`` names fields whose form is wrong. What the document allows has the right form."""
    del ctx
    if response.status_code != _UNPROCESSABLE or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    faults = response.json().get("errors")
    assert not faults, f"the document allows what is refused: {faults}"
