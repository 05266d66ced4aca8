"""All tools, as a run's settings say."""

from __future__ import annotations

from wg import processes
from wg.nex.tools.base import FULL
from wg.nex.tools.bash import bash_tool
from wg.nex.tools.files import file_tools
from wg.nex.tools.graph import graph_tools
from wg.nex.tools.search import search_tools
from wg.nex.tools.shed import Shed
from wg.nex.tools.toolbox import Toolbox
from wg.nex.tools.workspace import Workspace
from wg.records import NamedTuple


class ToolSettings(NamedTuple):
    """What the tools of one run may do."""

    root: str  # the working directory
    spill: str  # a directory for output that is too long to be told
    mode: str = FULL  # one of base.MODES
    deny: tuple[str, ...] = ()
    timeout: float = 120.0  # seconds of a command that does not ask for more
    most: int = 30_000  # characters of one result
    writable: tuple[str, ...] = ()  # directories outside of the root that files may be read and written in
    hidden: tuple[str, ...] = ()  # variables that no program gets
    keys: tuple[str, ...] = ()  # are cut out of every output
    graph: bool = True  # whether there is a task that the graph tools are about


def standard_toolbox(settings: ToolSettings) -> Toolbox:
    """The toolbox. This process becomes the parent of all that its tools leave behind, so that it can end that."""
    processes.adopt_orphans()
    shed = Shed(settings.spill, settings.most, settings.hidden, settings.keys)
    workspace = Workspace(settings.root, settings.writable, (settings.spill,))
    tools = [
        *file_tools(workspace),
        *search_tools(workspace, shed),
        bash_tool(shed, workspace.root, settings.timeout),
        *(graph_tools(shed, workspace.root) if settings.graph else []),
    ]
    return Toolbox(tools, settings.mode, settings.deny, shed)
