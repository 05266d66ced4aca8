"""What the parts of a dispatcher share."""

from __future__ import annotations

from collections.abc import Callable

from wg.dispatch.follow import Follower
from wg.dispatch.jobs import Jobs
from wg.dispatch.log import Log
from wg.graph.store import Store
from wg.locations import Project
from wg.records import NamedTuple


class Context(NamedTuple):
    """One dispatcher's project, tools and clocks."""

    project: Project
    store: Store  # only for the main thread
    follower: Follower
    jobs: Jobs
    log: Log
    now: Callable[[], float]  # seconds since the epoch, for what is stored
    clock: Callable[[], float]  # monotonic seconds, for waiting
