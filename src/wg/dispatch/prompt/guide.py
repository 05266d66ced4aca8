"""The guide for agents: `wg guide` prints it, and a prompt of scope full ends with it."""

from __future__ import annotations

GUIDE = """\
wg is a work graph. A task runs once all that it depends on is done. A dispatcher starts an agent on each task that is
ready, in a git worktree of its own; when the agent has ended, it checks what was left there, and merges it.

If you are the agent of a task
  Inside a task, WG_TASK_ID names it and WG_BIN is this program: call "$WG_BIN" where you read wg here.
  The ID may then be left out: it is your own task's. Your prompt says what to do; wg prompt ID shows it again.

  wg log "MESSAGE"               tell what you found, decided and did; whoever comes after you reads that
  wg done                        you are done
  wg fail --reason "WHY"         it cannot be done; say what is in the way
  wg msg read                    what was written to you meanwhile; look before you end
  wg msg send ID "TEXT"          write to the agent of another task
  wg wait --until CONDITION      end now, and go on later: message, human, timer:30m or task:ID=done
  wg edit ID --add-artifact PATH name what you made, for those who build on it

  done and fail are what you say of yourself. The task itself changes when you have ended and your work was checked.
  What you leave in your worktree is committed and merged for you. Do not merge, push, or change branches.
  Do not touch .wg, other worktrees, or tasks that are in progress.

To add work
  Do what your task says. What is beyond it, or can be done by others beside it, becomes a task of its own:

  wg add "TITLE" -d "ALL THAT IS NEEDED TO KNOW"       it can start at once
  wg add "TITLE" -d "..." --after ID                   it starts when ID is done; repeat --after for more
  wg add "TITLE" -d "..." --check "COMMAND"            done only if the command succeeds on what was left

  Whoever does it sees the description, not your conversation: name files, decisions, and what done means.
  Let tasks that change the same files come after each other. A task that brings results together comes after all
  of them. Claim nothing and start nothing yourself: the dispatcher does.

To look
  wg show ID     one task: description, dependencies, attempts, log
  wg list        all tasks; --status open, --tag TAG
  wg ready       what can start, and what waits for something else than a task
  wg why ID      why a task is not running, to the last cause
  wg tree        how the tasks depend on each other
  wg status      which config is in force, and what is going on

  Every command takes --json, and --help. Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 not found,
  4 busy (try again), 5 the config is invalid.
"""
