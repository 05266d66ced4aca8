"""What the parts of a dispatcher share."""

from __future__ import annotations

import time
from collections.abc import Callable

from wg.dispatch.follow import Follower
from wg.dispatch.jobs import Jobs
from wg.dispatch.log import Log
from wg.graph.store import Store
from wg.locations import Project
from wg.records import NamedTuple

REST_SECONDS = 5.0  # until what is blocked, or has gone wrong, is tried again


class Context(NamedTuple):
    """One dispatcher's project, tools and clocks."""

    project: Project
    store: Store  # only for the main thread
    follower: Follower
    jobs: Jobs
    log: Log
    now: Callable[[], float]  # seconds since the epoch, for what is stored
    clock: Callable[[], float]  # monotonic seconds, for waiting


def context_of(project: Project, store: Store, log: Log) -> Context:
    """A dispatcher's tools, on this machine's clocks."""
    clock = time.monotonic
    return Context(project, store, Follower(project, log, clock), Jobs(log, clock, REST_SECONDS), log, time.time, clock)
