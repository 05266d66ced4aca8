"""What a tool is, and what it can say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wg.errors import WgError
from wg.records import NamedTuple

# what a tool may do at most; the mode of a run says which of them it gets
READS, WRITES, RUNS, GRAPH = "reads", "writes", "runs", "graph"
FULL, LIGHT, BARE = "full", "light", "bare"
MODES: dict[str, tuple[str, ...]] = {FULL: (READS, WRITES, RUNS, GRAPH), LIGHT: (READS, GRAPH), BARE: (GRAPH,)}

# by name, the arguments of one call; they have been checked against the tool's `parameters`
Arguments = dict[str, Any]


class ToolError(WgError):
    """Why a call did not do what it asks for, in words from which the model can do better."""


class Tool(NamedTuple):
    """One tool. `run` returns what the model is told; it raises ToolError, and nothing else, for what goes wrong."""

    name: str
    description: str  # for the model
    parameters: dict[str, Any]  # a JSON schema: an object with "properties" and "required"
    kind: str  # READS, WRITES, RUNS or GRAPH
    run: Callable[[Arguments], str]


class Result(NamedTuple):
    """What came of one call."""

    text: str  # for the model; shortened to what fits
    failed: bool
    malformed: bool = False  # the call could not be understood: no such tool, or not its arguments
