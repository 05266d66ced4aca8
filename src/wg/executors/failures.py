"""The classes of failure: the closed set of names that an attempt's outcome may carry, and what follows from each."""

from __future__ import annotations

# Trouble with what a route needs, and no fault of the task: it pauses the route (DESIGN.md, decision 9).
QUOTA = "quota"  # the account's allowance is used up, often until a known time
RATE_LIMIT = "rate-limit"  # too many requests for now
OVERLOAD = "overload"  # the provider's servers fail or are overloaded
AUTH = "auth"  # not signed in, or the key is refused
MODEL_NOT_FOUND = "model-not-found"
PROGRAM_MISSING = "program-missing"  # the agent's program, or its interpreter, is gone
NETWORK = "network"  # refused, cut off, or no answer

# The task's own: they use up its attempts.
CONTEXT_TOO_LONG = "context-too-long"
TIMEOUT = "timeout"
CRASH = "crash"  # it died by a signal, or ended without its final event
EXIT = "exit"  # its exit code, or its final event, says that it failed
NO_EVIDENCE = "no-evidence"  # it says that it is done, and there is nothing to see
CHECK_FAILED = "check-failed"  # the task's own check did not pass

# Nobody's fault: what was ended on request, or did not run to an end that anybody saw.
KILLED = "killed"
INTERRUPTED = "interrupted"
NOT_STARTED = "not-started"
LOST = "lost"

ALL = (
    *(QUOTA, RATE_LIMIT, OVERLOAD, AUTH, MODEL_NOT_FOUND, PROGRAM_MISSING, NETWORK),
    *(CONTEXT_TOO_LONG, TIMEOUT, CRASH, EXIT, NO_EVIDENCE, CHECK_FAILED),
    *(KILLED, INTERRUPTED, NOT_STARTED, LOST),
)
PAUSING = (QUOTA, RATE_LIMIT, OVERLOAD, AUTH, MODEL_NOT_FOUND, PROGRAM_MISSING, NETWORK)
OF_ONE_MODEL = (MODEL_NOT_FOUND,)  # these pause only that model, and not all of its provider
MENDED_BY_CONFIG = (AUTH, MODEL_NOT_FOUND, PROGRAM_MISSING)  # another config is tried at once
HOPELESS = (CONTEXT_TOO_LONG,)  # the same again would come to the same
REQUESTED = (KILLED, INTERRUPTED)  # repeated however often, and counted nowhere
UNCHARGED = (*PAUSING, *REQUESTED, NOT_STARTED, LOST)  # they do not use up a task's attempts


def of_status(status: int) -> str:
    """The class of an HTTP status that a provider refuses a request with, "" for one that says nothing of it."""
    if status in (401, 403):
        return AUTH
    if status == 402:
        return QUOTA
    if status == 404:
        return MODEL_NOT_FOUND
    if status == 429:
        return RATE_LIMIT
    return OVERLOAD if 500 <= status < 600 else ""
