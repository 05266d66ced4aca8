"""The one place where a prompt is put together: for the agent's stdin, `wg explain` and `wg prompt`."""

from __future__ import annotations

import shlex

from wg.dispatch.environment import own_program
from wg.dispatch.prompt import sections
from wg.dispatch.prompt.facts import PromptFacts, gather, reaches
from wg.dispatch.prompt.guide import GUIDE
from wg.graph.store import Store

_GO_ON = (
    "This is the same task, in the same directory: go on where you were. What is described above was done already: "
    "look at what is there, and do not repeat it."
)


def build(
    store: Store, task_id: str, scope: str, has_worktree: bool, on_branch: str = "", *, resumed: bool = False
) -> str:
    """What an agent of that task is told; `scope` is one of CONTEXTS. WgError if `wg` itself is not installed.

    One that is `resumed` has the conversation of the attempt before: it is told what came of that, and what is new.

    The prompt names the program by its absolute path: another `wg` may come first on an agent's PATH.
    """
    facts, program = gather(store, task_id, scope, on_branch), shlex.quote(own_program())
    return continued(facts, program) if resumed else written(facts, scope, program, has_worktree)


def continued(facts: PromptFacts, program: str) -> str:
    """What is new for who knows the rest."""
    parts = [*(part(facts, program) for part in (sections.loops, sections.earlier, sections.messages)), _GO_ON]
    return "\n\n".join(part for part in parts if part) + "\n"


def written(facts: PromptFacts, scope: str, program: str, has_worktree: bool) -> str:
    """The facts as a prompt. `program` is how a shell calls wg.

    Whatever the scope, it has what concerns this task alone. `task` adds what it builds on, `graph` what is around
    it, `full` how wg works.
    """
    parts = [
        sections.task(facts, program),
        sections.loops(facts, program),
        sections.earlier(facts, program),
        sections.messages(facts, program),
        sections.dependencies(facts, program) if reaches(scope, "task") else "",
        sections.around(facts) if reaches(scope, "graph") else "",
        f"How wg works (call it as {program}):\n\n{GUIDE.rstrip()}" if reaches(scope, "full") else "",
        sections.how_to_work(facts, program, has_worktree),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
