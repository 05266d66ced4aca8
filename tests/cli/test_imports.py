"""What the commands that agents call all the time may import (DESIGN.md, decision 11)."""

from __future__ import annotations

import sys

import pytest

from tests.graph.records import run_to_end
from tests.harness import Box
from wg.graph.store import Store
from wg.graph.task import NewTask

HEAVY = {
    "argparse",
    "asyncio",
    "bz2",
    "concurrent",
    "dataclasses",
    "difflib",
    "enum",
    "gettext",
    "hashlib",
    "http",
    "importlib.metadata",
    "inspect",
    "json",
    "logging",
    "lzma",
    "pathlib",
    "psutil",
    "random",
    "re",
    "shutil",
    "signal",
    "socket",
    "subprocess",
    "tempfile",
    "threading",
    "tomlkit",
    "tomllib",
    "typing",
    "unicodedata",
    "urllib",
}
# of ours only these: the config in particular is neither read nor imported
OURS = {"cli", "errors", "graph", "locations", "locking", "patience", "records", "text", "views"}
PROGRAM = """
import sys
before = set(sys.modules)
from wg.cli.main import main
code = main(sys.argv[1:])
print("\\n".join(sorted(set(sys.modules) - before)), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize(
    "command",
    [
        ["show", "a"],
        ["list"],
        ["ready"],
        ["log", "a"],
        ["log", "a", "a line"],
        ["add", "A title", "-d", "text", "--after", "a", "--timeout", "30m", "--model", "codex:m"],
        ["done", "b"],
        ["fail", "b", "--reason", "why"],
        ["claim", "b"],
        ["dep", "add", "b", "a"],
        ["edit", "b", "--priority", "high", "--delay", "2h", "--add-tag", "ui"],
        ["edit", "b", "--executor", "codex", "--context", "graph", "--read-only", "--approval"],
        ["list", "--sort", "title", "--reverse", "--offset", "1", "--search", "b", "--skill", "go"],
    ],
    ids=" ".join,
)
def test_nothing_heavy_is_imported(box: Box, command: list[str]) -> None:
    with Store.create(str(box.project / ".wg" / "db" / "graph.db")) as store:
        store.add(NewTask("A", id="a"), 1.0, "ann")
        store.add(NewTask("B", id="b"), 1.0, "ann")
        run_to_end(store, "a")
    imported = set(box.run(sys.executable, "-c", PROGRAM, *command).err.split())
    assert "wg.graph.store" in imported
    assert imported & HEAVY == set()
    assert {name.split(".")[1] for name in imported if name.startswith("wg.")} <= OURS
