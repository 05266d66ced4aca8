"""Records for tests that need some attempt, whichever."""

from __future__ import annotations

from wg.graph.attempt import Attempt, Outcome, ProcessIdentity, RouteRecord, Settlement, Usage, Workplace
from wg.graph.protocol import TaskStore

ROUTE = RouteRecord("codex", "codex:gpt-5.5", "c.toml:3 [agent].model", "/home/u/.wg/c.toml", "ab" * 32, "codex")
PLACE = Workplace("/p/.wg/worktrees/agent-1", "wg/agent-1/a", "main", "f" * 40)
PROCESS = ProcessIdentity("host", "boot", 4711, "123456")
OUTCOME = Outcome(0, True, "", "finished", "session-1", Usage(10, 4, 2, 0.25), 130.0)
SUCCEEDED = Settlement("succeeded", "", "merged")
FAILED = Settlement("failed", "exit 1", "it failed")
REQUEUED = Settlement("requeued", "lost", "its supervisor was lost")


def claim(store: TaskStore, task_id: str, now: float = 100.0) -> Attempt:
    """Claim a task that must be ready."""
    attempt = store.claim(task_id, ROUTE, 1800.0, now, now + 60)
    assert attempt is not None
    return attempt


def run_to_end(store: TaskStore, task_id: str, now: float = 100.0) -> int:
    """Claim, start and end an attempt; returns its fence."""
    fence = claim(store, task_id, now).fence
    assert store.start(fence, PROCESS, now + 1)
    assert store.end(fence, OUTCOME, now + 2)
    return fence
