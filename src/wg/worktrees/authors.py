"""Which of the secrets and large files on an attempt's branch an agent has committed, and which a person has.

A person who commits one has decided on it; what an agent has committed must be seen first. A commit does not tell the
two apart, but the time does: while an agent works only it commits in its worktree, and once it has ended only people.
The first look after its end notes what is on the branch by then, in the worktree's git directory; without that note,
or with one that cannot be read, all of it counts as the agents'.
"""

from __future__ import annotations

import json
import os

from wg.files import write_atomically
from wg.worktrees import git
from wg.worktrees.changes import Committed

_NOTE = "wg-committed"
_AGENTS, _PERSONS = "agents", "persons"

_Known = set[tuple[str, str]]  # path and object name


def of_agents(worktree: str, found: list[Committed]) -> list[Committed]:
    """Those of `found`, which is all on the branch by now, that agents have committed. Call it when none works there.

    What has gone from the branch since the last look is forgotten: whoever commits it again is a person.
    """
    whose, known = _read(worktree)
    there = {(each.path, each.name) for each in found}
    agents = there & known if whose == _AGENTS else there - known
    if whose != _AGENTS or agents != known:
        _write(worktree, _AGENTS, agents)
    return [each for each in found if (each.path, each.name) in agents]


def hand_over(worktree: str, found: list[Committed]) -> None:
    """The next agent begins to work there: note what people have committed until now."""
    whose, known = _read(worktree)
    if whose == _AGENTS:
        _write(worktree, _PERSONS, {(each.path, each.name) for each in found} - known)


def _read(worktree: str) -> tuple[str, _Known]:
    try:
        with open(_note(worktree), encoding="ascii") as file:
            values = json.load(file)
        whose = _AGENTS if _AGENTS in values else _PERSONS
        return whose, {(path, name) for path, name in values[whose]}
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return _PERSONS, set()


def _write(worktree: str, whose: str, known: _Known) -> None:
    write_atomically(_note(worktree), json.dumps({whose: sorted(known)}).encode("ascii"), 0o600)


def _note(worktree: str) -> str:
    return os.path.join(git.run(worktree, "rev-parse", "--absolute-git-dir").text, _NOTE)
