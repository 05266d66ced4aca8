"""The fault matrix: what users of systems like this one have really met, and what must hold here.

Every row has tests named after it (`test_F02_...`) beside this module, or says in `unbuilt` why it has none.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One fault."""

    fault: str
    must_hold: str
    unbuilt: str = ""  # what the row asks for and is not there yet; without any test, all of it
    note: str = ""  # what a reader has to know beside the result


_NO_SUBREAPER = (
    "Linux adopts all that an agent starts (subreaper); macOS has none: there the process group and a scan for "
    "the attempt's mark in environments do it"
)

MATRIX: dict[str, Row] = {
    "F01": Row(
        "dispatcher killed between claim and spawn",
        "the claim has a launch deadline; the task is ready again within one tick of restart; one attempt recorded as "
        "never started, not charged to the task",
    ),
    "F02": Row(
        "dispatcher killed while agents run",
        "the agents go on; their outcome is recorded by their supervisor; a restarted dispatcher re-adopts them; no "
        "second writer in a worktree",
    ),
    "F03": Row(
        "pid reused by another program",
        "identity is pid + start time + boot id; the stranger is never signalled and never counted as alive",
    ),
    "F04": Row(
        "the old process will not die",
        "the claim waits; no twin is started; `wg status` says so",
        note="shown with a supervisor that is stopped; a process in uninterruptible sleep cannot be made by a test",
    ),
    "F05": Row(
        "slow but healthy agent, silent for an hour",
        "not killed: its supervisor lives. Silence is shown, and acts only if `silence_timeout` is set",
    ),
    "F06": Row(
        "laptop sleep, SIGSTOP, wall clock jumps",
        "nothing is freed by time alone on the attempt's own host",
        note="the clock is not set by tests: what it would be compared with is moved instead",
    ),
    "F07": Row(
        "late or stale `wg done` from an old attempt",
        "recorded as an event of that attempt; the task's state does not change",
    ),
    "F08": Row(
        "re-dispatch of finished or merged work",
        "readiness is checked again inside the claim's transaction",
    ),
    "F09": Row(
        "unlimited restarts",
        "a limit per task and per time window, then `failed` with the reason; `wg retry` resets it",
    ),
    "F10": Row(
        "quota, rate limit, auth error repeated every few seconds",
        "the route pauses until its reset time, visible in `wg status`; the task keeps its attempts; other routes go "
        "on",
    ),
    "F11": Row(
        "agent says done and did nothing, or left work uncommitted or untracked",
        "evidence check first; leftovers are committed to the branch, secrets and dumps held back for a person; "
        "nothing is lost",
    ),
    "F12": Row(
        "evaluator hangs or crashes",
        "evaluations are attempts with limits of their own; the gate stays closed; other tasks go on",
        unbuilt="evaluations",
    ),
    "F13": Row(
        "review ping-pong without end",
        "a round limit, then it waits for a person",
        note="rounds of conflicts end with a person who looks; a person who says no for the third time fails the task",
    ),
    "F14": Row("a waiting parent holds the slot its child needs", "waiting frees the slot"),
    "F15": Row(
        "a ready task, nobody woken",
        "the tick derives work from state: the lost wake-up costs one interval, not for ever",
    ),
    "F16": Row(
        "removing a worktree deletes the repository or a sibling",
        "only what our own record names is removed, links are never followed, the main worktree is refused",
    ),
    "F17": Row(
        "merge against the wrong base deletes code",
        "the base commit is in the attempt; the target ref moves only from the expected value",
    ),
    "F18": Row(
        "many writers at once",
        '32 processes, no lost update, no "database is locked" shown to anyone',
    ),
    "F19": Row(
        "slow commands on a large graph",
        "`ready`, `show`, `log`, `done` at 100,000 tasks within the benchmark's ratios",
        note="the ratios are checked by `benchmarks.graph`; the tests here count steps of the database, not seconds",
    ),
    "F20": Row(
        "watchers starve writers",
        "views read with short read transactions and poll a change counter",
    ),
    "F21": Row(
        "power loss, torn writes",
        "kill -9 at random points, and a file cut at any byte in interchange: what is committed is readable, what is "
        "torn is reported, never guessed",
        note="the power is not cut: processes are killed",
    ),
    "F22": Row(
        "disk full",
        "old state stays readable; the command says so and exits 1; no half-written file replaces a whole one",
    ),
    "F23": Row(
        "dispatcher keeps an old config after a switch",
        "the next spawn's environment and command line prove the new file; the running attempt keeps its own",
    ),
    "F24": Row(
        "config file broken by hand, or seen half-written",
        "nothing new is started on it, what runs goes on, file:line and reason are shown; no command silently runs on "
        "defaults",
    ),
    "F25": Row(
        "link replaced by a file (`sed -i`, editors)",
        "reported, adopted without loss, never overwritten",
    ),
    "F26": Row(
        "user has uncommitted, staged, untracked or ignored work, or a rebase in progress, in the main checkout while "
        "a merge happens",
        "untouched, byte for byte; the task waits with the paths where they overlap",
    ),
    "F27": Row(
        "time limit reached, or the supervisor killed",
        "the whole process tree is ended (INT, TERM, KILL), grandchildren in sessions of their own too, and the task "
        "is told why",
        note=_NO_SUBREAPER,
    ),
    "F28": Row("a person claims a task by hand", "the dispatcher never takes it away"),
    "F29": Row(
        "key or token in argv, logs, store, HTML",
        "none: tests search all of them for a planted secret",
        unbuilt="HTML",
    ),
    "F30": Row(
        "hostile text: task titles, ids, logs with ANSI codes, HTML, path separators, 10 MB descriptions, NUL, invalid "
        "UTF-8",
        "stored or refused with a clear error; never executed, never escapes its directory, never breaks a terminal "
        "or a page",
        unbuilt="HTML pages",
    ),
}
