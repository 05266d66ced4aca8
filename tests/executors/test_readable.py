"""What people are shown of an agent's output, from what the real programs printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.executors.test_any_output import JSON, TYPES
from wg.executors.base import Executor
from wg.executors.registry import EXECUTORS
from wg.graph.attempt import Usage

OUTPUT = Path(__file__).parent / "output"


def shown(case: str) -> str:
    """All that is readable of a recorded output."""
    executor = EXECUTORS[case.partition("-")[0]]
    lines = (OUTPUT / f"{case}.jsonl").read_text().splitlines()
    return "\n".join(filter(None, map(executor.readable, lines)))


def test_claude_at_work() -> None:
    assert shown("claude-command-failed").splitlines() == [
        "[claude begins with claude-opus-4-8]",
        "$ ls nowhere; exit 3",
        "  Exit code 3",
        "  ls: cannot access 'nowhere': No such file or directory",
        "The rehearsal has done what the task asked for.",
        "[finished: $0.0013]",
    ]


def test_codex_at_work() -> None:
    assert shown("codex-command-failed").splitlines() == [
        "$ /bin/bash -lc 'ls nowhere; exit 3'",
        "  ls: cannot access 'nowhere': No such file or directory",
        "  [exit code 3]",
        "The rehearsal has done what the task asked for.",
        "[finished]",
    ]


@pytest.mark.parametrize(
    ("case", "some"),
    [
        ("claude-429", "[429 rate_limit: tries again, 1 of 1]"),
        ("claude-usage-limit", "[failed: You've hit your session limit"),
        ("claude-permission-denied", "[failed: claude was denied tools: Bash]"),
        ("claude-interrupted", "[failed: error_during_execution]"),
        ("codex-401", "[Reconnecting... 1/1 (unexpected status 401"),
        ("codex-quota", "[failed: Quota exceeded."),
    ],
)
def test_trouble_is_told(case: str, some: str) -> None:
    assert some in shown(case)


@pytest.mark.parametrize("path", list(OUTPUT.iterdir()), ids=lambda path: path.stem)
def test_nothing_raw_is_shown_of_any_recorded_output(path: Path) -> None:
    text = shown(path.stem)
    assert text.strip()
    assert not [line for line in text.splitlines() if line.lstrip().startswith("{")]


def event(kind: str, **values: object) -> str:
    return json.dumps({"type": kind, **values})


def test_tools_of_claude_are_shown_with_what_they_work_on() -> None:
    used = {"type": "tool_use", "name": "Edit", "input": {"old_string": "a", "file_path": "/p/a.py"}}
    said = {"type": "text", "text": "Now I edit.\n"}
    line = event("assistant", message={"content": [said, used]})
    assert EXECUTORS["claude"].readable(line) == "Now I edit.\nEdit /p/a.py"
    answer = {"type": "tool_result", "content": [{"type": "text", "text": "done"}, {"type": "image"}]}
    assert EXECUTORS["claude"].readable(event("user", message={"content": [answer]})) == "  done"


def test_files_that_codex_changes() -> None:
    changes = [{"path": "/p/a.py", "kind": "add"}, {"path": "/p/b.py", "kind": "update"}]
    line = event("item.completed", item={"type": "file_change", "changes": changes})
    assert EXECUTORS["codex"].readable(line) == "add /p/a.py\nupdate /p/b.py"


def test_much_output_of_a_tool_is_cut() -> None:
    item = {"type": "command_execution", "aggregated_output": "x\n" * 100, "exit_code": 0}
    lines = EXECUTORS["codex"].readable(event("item.completed", item=item)).splitlines()
    assert (len(lines), lines[-1]) == (21, "  … 80 more lines")


@pytest.mark.parametrize("executor", EXECUTORS.values(), ids=list(EXECUTORS))
def test_words_between_the_events_are_shown(executor: Executor) -> None:
    assert executor.readable("a warning, not JSON") == "a warning, not JSON"


@pytest.mark.parametrize("name", ["claude", "codex"])
def test_half_an_event_is_not_shown(name: str) -> None:
    assert EXECUTORS[name].readable('{"type":"assistant","mess') == ""


def test_what_a_run_has_used_so_far() -> None:
    lines = (OUTPUT / "claude-ok.jsonl").read_text().splitlines()
    first, second = [line for line in lines if '"type":"assistant"' in line]
    claude = EXECUTORS["claude"]
    assert claude.used("") is None
    assert claude.used(first) == Usage(100, 20)
    assert claude.used(f"{first}\n{first}\n{second}\n") == Usage(200, 40), "each message counts once"
    codex = (OUTPUT / "codex-ok.jsonl").read_text()
    assert EXECUTORS["codex"].used(codex) == Usage(200, 40, 20)
    assert EXECUTORS["codex"].used(codex[: codex.index("turn.completed")]) is None
    assert EXECUTORS["shell"].used("anything") is None


KEYS = ("message", "content", "item", "error", "usage", "id", "text", "name", "input", "subtype")
INNER = st.dictionaries(st.sampled_from((*KEYS, "type")), JSON, max_size=4)
EVENTS = st.dictionaries(st.sampled_from(KEYS), JSON | INNER | st.lists(INNER, max_size=2), max_size=5)


@pytest.mark.parametrize("executor", EXECUTORS.values(), ids=list(EXECUTORS))
@given(values=EVENTS, kind=st.sampled_from((*TYPES, "assistant", "user", "turn.completed", "item.started")))
def test_any_event_is_read_without_an_error(executor: Executor, values: dict[str, object], kind: str) -> None:
    line = json.dumps({**values, "type": kind})
    assert isinstance(executor.readable(line), str)
    assert isinstance(executor.used(line), Usage | None)
