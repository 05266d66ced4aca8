"""What a dispatcher says of itself, for `wg service status` and `wg status`."""

from __future__ import annotations

from wg.graph.attempt import ProcessIdentity
from wg.graph.store import Store
from wg.records import NamedTuple


class RouteNote(NamedTuple):
    """A role's route, as the resolver gave it."""

    executor: str
    model: str  # provider:model
    source: str  # file, line and key


class DispatcherState(NamedTuple):
    """The dispatcher's process, and the config that it has loaded."""

    identity: ProcessIdentity
    started_at: float  # seconds since the epoch
    config_path: str  # the file that was read, links resolved; "" while there is none
    config_link: str  # the config.toml that led there
    config_digest: str
    profile: str  # or "-"
    problem: str  # why nothing new is started, or ""
    routes: dict[str, RouteNote]  # by role
    serial_reason: str  # why agents run one at a time in the project directory, or ""
    max_agents: int
    own_limits: dict[str, int] = {}  # by executor, where it has one


_FILE = "file"  # the number of the database's file, which a copy has not


def write(store: Store, state: DispatcherState) -> None:
    """Store it."""
    import json

    routes = {role: note._asdict() for role, note in state.routes.items()}
    values = {**state._asdict(), "identity": state.identity._asdict(), "routes": routes, _FILE: _file_of(store)}
    store.set_dispatcher(json.dumps(values))


def read(store: Store) -> DispatcherState | None:
    """What the dispatcher that lives says of itself; None if none does.

    A copy of a project has not its dispatcher: what that has said is of another file. A project that was moved has.
    Inside an agent's sandbox no process of the outside is to be seen, so there the last word counts.
    """
    text = store.dispatcher()
    if not text:
        return None
    import json
    import os

    from wg import processes  # POSIX only; where no dispatcher can run, nothing gets here

    values = json.loads(text)
    ours = _file_of(store)
    if values.pop(_FILE, ours) != ours:  # a dispatcher of an older wg does not say
        return None
    values["identity"] = ProcessIdentity(**values["identity"])
    values["routes"] = {role: RouteNote(**note) for role, note in values["routes"].items()}
    state = DispatcherState(**values)
    return state if "WG_ATTEMPT" in os.environ or processes.is_alive(state.identity) else None


def _file_of(store: Store) -> int:
    import os

    return os.stat(store.path).st_ino
