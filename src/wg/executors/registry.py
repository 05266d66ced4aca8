"""Which executors there are."""

from __future__ import annotations

from wg.executors.base import Executor
from wg.executors.claude import Claude
from wg.executors.codex import Codex
from wg.executors.nex import Nex
from wg.executors.shell import Shell

EXECUTORS: dict[str, Executor] = {executor.name: executor for executor in (Claude(), Codex(), Nex(), Shell())}
