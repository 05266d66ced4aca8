"""Script files: which answer a prompt gets, and what is said of a file that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness import Box
from tests.rehearsal import Rehearsal
from tests.rehearsal.test_chat import ask, body, calls, message
from wg.errors import WgError
from wg.rehearsal.answers import load

SCRIPT = """\
# two tasks, and all others
[[answer]]
match = "^Task parser:"
directives = ["say I begin", "write parser.py pass", "final Parsed."]

[[answer]]
match = '(?i)LEXER'
directives = ["status 500"]

[[answer]]
directives = ["final Nothing to do."]
"""


def test_a_prompt_gets_the_first_answer_that_fits(box: Box) -> None:
    path = box.root / "script.toml"
    path.write_text(SCRIPT)
    with Rehearsal(box.root / "requests.jsonl", box.env, script=path) as rehearsal:
        prompt = "You are an agent.\nTask parser: Write the parser, not the lexer"
        first = message(rehearsal, prompt)
        assert first["content"] == "I begin\n"
        assert calls(first) == [("write_file", '{"path": "parser.py", "content": "pass\\n"}')]
        assert message(rehearsal, prompt, "written")["content"] == "Parsed."
        assert ask(rehearsal, body("Write the lexer")).status_code == 500
        assert message(rehearsal, "Anything else")["content"] == "Nothing to do."
        assert message(rehearsal, "The lexer\nREHEARSE: final As the prompt says.")["content"] == "As the prompt says."
        between = body(prompt, "written")
        between["messages"].append({"role": "user", "content": "Go on."})
        assert ask(rehearsal, between).json()["choices"][0]["message"]["content"] == "Parsed."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[answer]]\ndirectives = [\n", ":2: Invalid value (at end of document)"),
        ("[[answer]]\ndirectives = x\nmore", ":2: Invalid value (at line 2, column 14)"),
        ('[[answer]]\ndirectives = [\n  "run a",\n  "jump b",\n]\n', ":4: unknown directive: jump b"),
        ('[[answer]]\ndirectives = ["run a", "slow down"]\n', ":2: slow down: 'down' is not a number of seconds"),
        ('\n[[answer]]\nmatch = "("\ndirectives = []\n', ":3: match is no regular expression: "),
        ("[[answer]]\nmatch = 3\ndirectives = []\n", ":2: match is a text"),
        ("[[answer]]\ndirectives = 'run a'\n", ":2: directives is a list of texts"),
        ("[[answer]]\ndirectives = [1]\n", ":2: directives is a list of texts"),
        ("\n[[answer]]\nmatch = 'a'\n", ":2: directives is a list of texts"),
        ("[[answer]]\ndirectives = []\nmach = 'a'\n", ":3: unknown key 'mach'; there are match and directives"),
        ("[[turn]]\ndirectives = []\n", ":1: unknown key 'turn'"),
        ("answer = 3\n", ":1: write [[answer]] for each answer"),
        ("answer = [1]\n", ":1: write [[answer]] for each answer"),
        ("# \udcff\n", ":1: not UTF-8"),
    ],
)
def test_mistakes_are_named_with_their_place(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "script.toml"
    path.write_text(text, errors="surrogateescape")
    with pytest.raises(WgError) as caught:
        load(str(path))
    assert f"{path}{says}" in caught.value.message


def test_all_mistakes_at_once_before_anything_runs(box: Box) -> None:
    path = box.root / "script.toml"
    path.write_text('[[answer]]\nmatch = "["\ndirectives = ["jump"]\n\n[[answer]]\ndirectives = ["cut", "status"]\n')
    refused = box.wg("rehearse", "--script", str(path), "--", "touch", "ran", code=1)
    lines = refused.err.splitlines()
    assert [line.split(": ")[2 if number == 0 else 0] for number, line in enumerate(lines[:3])] == [
        f"{path}:{place}" for place in (2, 3, 6)
    ]
    assert lines[3] == "hint: docs/rehearsal.md says what a script is"
    assert not (box.project / "ran").exists()
    missing = box.wg("rehearse", "--script", "no-such.toml", "true", code=1)
    assert missing.err == "wg: error: no-such.toml: No such file or directory\n"
