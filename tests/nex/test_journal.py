"""The journal: what a run that is killed at any moment leaves to go on with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from wg.nex.journal import NOT_BEGUN, UNKNOWN_OUTCOME, Journal, read

SYSTEM, TASK = {"role": "system", "content": "you"}, {"role": "user", "content": "do it"}


def calling(*ids: str) -> dict[str, Any]:
    function = {"name": "bash", "arguments": "{}"}
    return {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"id": each, "type": "function", "function": function} for each in ids],
    }


def result(id: str, text: str = "ok") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": id, "content": text}


def written(path: Path) -> Journal:
    journal = Journal(str(path))
    journal.start("s-1", "m", "http://x/v1")
    for message in (SYSTEM, TASK, calling("a", "b", "c")):
        journal.message(message)
    journal.begun("a")
    journal.message(result("a"))
    journal.begun("b")
    return journal


def test_a_finished_call_keeps_its_result_and_the_others_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    written(path)
    past = read(str(path))
    assert past is not None
    assert past.session == "s-1"
    assert past.messages == [
        SYSTEM,
        TASK,
        calling("a", "b", "c"),
        result("a"),
        result("b", UNKNOWN_OUTCOME),
        result("c", NOT_BEGUN),
    ]
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_cut_at_any_byte_it_can_be_gone_on_with(tmp_path: Path) -> None:
    """F21: what is whole counts, and each call has exactly one result."""
    path = tmp_path / "journal"
    written(path)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        past = read(str(path))
        if past is None:
            assert b'"message"' not in whole[:length].rsplit(b"\n", 1)[0]
            continue
        ids = [call["id"] for message in past.messages for call in message.get("tool_calls", [])]
        assert [message["tool_call_id"] for message in past.messages if message["role"] == "tool"] == ids


def test_ids_that_come_again_are_those_of_the_last_answer(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = written(path)
    journal.compacted([SYSTEM, TASK])
    journal.message(calling("b"))
    past = read(str(path))
    assert past is not None
    assert past.messages == [SYSTEM, TASK, calling("b"), result("b", NOT_BEGUN)]


def test_a_second_conversation_in_the_same_file_begins_anew(tmp_path: Path) -> None:
    """Also behind half a line; one that has only begun hides nothing of the first."""
    path = tmp_path / "journal"
    written(path)
    with path.open("ab") as file:
        file.write(b'{"type": "mess')
    path.chmod(0o644)
    second = Journal(str(path))
    assert os.stat(path).st_mode & 0o777 == 0o600
    second.start("s-2", "m", "http://x/v1")
    past = read(str(path))
    assert past is not None
    assert [message["role"] for message in past.messages] == ["system", "user", "assistant", "tool", "tool", "tool"]
    other = {"role": "user", "content": "something else"}
    second.message(SYSTEM)
    second.message(other)
    past = read(str(path))
    assert past == ("s-2", [SYSTEM, other])
    third = Journal(str(path))
    third.start("s-2", "m", "http://x/v1")
    third.compacted([SYSTEM, other])
    third.message(TASK)
    assert read(str(path)) == ("s-2", [SYSTEM, other, TASK])


def test_a_journal_that_is_no_file_is_left_as_it_is(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o644)
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    Journal(str(tmp_path / "pipe"))
    assert os.stat(tmp_path / "pipe").st_mode & 0o777 == 0o644
    os.close(reader)


def test_where_there_is_nothing_there_is_nothing(tmp_path: Path) -> None:
    assert read(str(tmp_path / "none")) is None
    (tmp_path / "junk").write_bytes(b"\xff\x00{]\n{}\n")
    assert read(str(tmp_path / "junk")) is None
