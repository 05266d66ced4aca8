"""Which executors there are."""

from __future__ import annotations

from wg.executors.base import Executor
from wg.executors.claude import Claude
from wg.executors.codex import Codex
from wg.executors.shell import Shell

EXECUTORS: dict[str, Executor] = {executor.name: executor for executor in (Claude(), Codex(), Shell())}
# known to the resolver, so that its profiles can be used, and not there yet
NOT_YET = {"nex": "the in-process executor nex is not there yet: route the task to claude or codex"}
