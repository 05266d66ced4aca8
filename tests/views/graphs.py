"""Graphs for tests of drawings: made by hand, and random ones."""

from __future__ import annotations

from hypothesis import strategies as st

from wg.graph.relations import Edge, Graph
from wg.graph.task import SATISFYING, STATUSES, Summary


def graph(after: dict[str, str], statuses: dict[str, str] | None = None, paused: str = "") -> Graph:
    """Tasks by id, each with the ids it depends on; open and not paused unless said otherwise."""
    known = statuses or {}
    tasks = [
        Summary(
            id=name,
            title=f"Do {name}",
            status=known.get(name, "open"),
            paused=name in paused.split(),
            unmet=sum(known.get(each, "open") not in SATISFYING for each in dependencies.split()),
            reason="",
            note="",
            created_at=1.0,
        )
        for name, dependencies in after.items()
    ]
    return Graph(tasks, [Edge(name, each) for name, dependencies in after.items() for each in dependencies.split()])


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """A graph without cycles, of any statuses, with at least one task."""
    names = [f"t{number}" for number in range(draw(st.integers(1, 12)))]
    after = {
        name: " ".join(draw(st.lists(st.sampled_from(names[:index]), unique=True)) if index else ())
        for index, name in enumerate(names)
    }
    statuses = {name: draw(st.sampled_from(("open", *STATUSES))) for name in names}
    return graph(after, statuses, " ".join(draw(st.lists(st.sampled_from(names), unique=True, max_size=2))))
