"""What texts may be stored (fault F30)."""

from __future__ import annotations

from wg.errors import WgError
from wg.graph.task import Condition, Edit, NewTask

TITLE_LENGTH = 500


def require_new_task(new: NewTask) -> None:
    """WgError if a text of `new` cannot be stored."""
    require_title(new.title)
    for what, text in (
        ("the description", new.description),
        ("the model", new.model),
        ("the tier", new.tier),
        ("the command", new.exec),
        ("the check", new.check),
    ):
        require_text(text, what)
    for kind, value in new.labels:
        require_label(kind, value)


def require_edit(edit: Edit) -> None:
    """WgError if a text of `edit` cannot be stored."""
    for name, value in edit.fields.items():
        if isinstance(value, str):
            require_text(value, f"the {name}")
            if name == "title":
                require_title(value)
    for kind, value in edit.added:
        require_label(kind, value)


def require_message(body: str) -> None:
    """WgError if a message is empty, or a text that cannot be stored."""
    require_text(body, "the message")
    if not body.strip():
        raise WgError("the message is empty", "say something")


def require_conditions(conditions: tuple[Condition, ...], reason: str) -> None:
    """WgError if nothing is waited for, or a text cannot be stored."""
    if not conditions:
        raise WgError("there is nothing to wait for", "name it with --until")
    require_text(reason, "the reason")
    for condition in conditions:
        require_text(condition.subject, f"what is waited for ({condition.kind})")


def require_label(kind: str, value: str) -> None:
    """WgError unless `value` is one line of printable text."""
    require_text(value, f"the {kind}")
    if not value.strip() or not value.isprintable() or len(value) > TITLE_LENGTH:
        raise WgError(
            f"{value!r} cannot be a {kind}", f"it is one line of 1 to {TITLE_LENGTH} characters that can be printed"
        )


def require_title(title: str) -> None:
    """WgError unless `title` is one line of printable text."""
    if not title.strip():
        raise WgError("a task needs a title", 'wg add "what is to be done"')
    require_text(title, "the title")
    if not title.isprintable():
        raise WgError("the title contains a control character or a newline", "put longer text into -d")
    if len(title) > TITLE_LENGTH:
        raise WgError(f"the title has {len(title)} characters, more than {TITLE_LENGTH}", "put longer text into -d")


def require_text(text: str, what: str) -> None:
    """WgError if `text` holds a NUL, or bytes that were no UTF-8. `what` names it: "the title"."""
    if "\0" in text:
        raise WgError(f"{what} contains a NUL character", "remove it")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise WgError(f"{what} is not valid UTF-8", "convert it to UTF-8") from None


def storable(text: str) -> str:
    """`text` with "?" for what cannot be stored: for what agents print, which must never be refused."""
    return text.replace("\0", "?").encode("utf-8", "replace").decode()
