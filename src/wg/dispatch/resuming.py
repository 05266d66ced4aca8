"""Whether an attempt goes on with the conversation of the one before it. Only nex keeps a journal of it."""

from __future__ import annotations

from wg.dispatch.attempt_files import AttemptFiles
from wg.executors import failures
from wg.graph.attempt import Attempt, Workplace
from wg.locations import Project
from wg.nex import journal as journals

# the same conversation would come to the same end
_AFRESH = (failures.CONTEXT_TOO_LONG, failures.EXIT)


def journal_to_resume(project: Project, last: Attempt | None, place: Workplace) -> str:
    """The journal of `last`, the last attempt that ran, for the next one, in `place`; "" where that starts anew.

    It goes on where the last one was interrupted, waited, was refused by its provider, or is to mend what it did: in
    the same worktree, since the conversation is about what is there.
    """
    if last is None or last.route.executor != "nex" or last.outcome is None or last.workplace is None:
        return ""
    if last.workplace.directory != place.directory or place.read_only or last.outcome.failure_class in _AFRESH:
        return ""
    journal = AttemptFiles(project, last.fence).journal
    return journal if journals.read(journal) is not None else ""
