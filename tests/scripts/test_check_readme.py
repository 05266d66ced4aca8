"""The checker of the README's tour, on small documents and the installed `wg`."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.check_readme import check, matches, normal, steps_of

TOUR = """\
Text, and `$ not a command`.

```sh
$ also none
```

```console
$ mkdir work && cd work
$ pwd
/home/you/project/work
$ wg --version
wg ...
$ echo a; echo b; \\
  echo c
a
...
```
"""


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return tmp_path / "tour.md"


def test_a_true_document_has_no_faults(document: Path) -> None:
    from wg import __version__

    document.write_text(TOUR.replace("wg ...", f"wg {__version__}"))
    assert check(document) == 0


def test_each_false_output_is_reported_with_its_line(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document.write_text(TOUR.replace("/home/you/project/work\n", "/home/you/elsewhere\n"))
    assert check(document) == 2
    printed = capsys.readouterr().out
    assert f"{document}:9: $ pwd" in printed
    assert "-/home/you/elsewhere\n+/home/you/project/work" in printed
    assert f"{document}:11: $ wg --version" in printed


def test_a_failing_command_is_a_fault_unless_the_document_shows_the_error(document: Path) -> None:
    document.write_text("```console\n$ false\n```\n")
    assert check(document) == 1
    document.write_text("```console\n$ wg nonsense\nwg: error: there is no command 'nonsense'\n...\n```\n")
    assert check(document) == 0


def test_a_document_without_commands_is_a_fault(document: Path) -> None:
    document.write_text("nothing\n")
    assert check(document) == 1


def test_commands_and_their_output_are_told_apart() -> None:
    steps = steps_of(TOUR)
    assert [(step.line, step.command) for step in steps] == [
        (8, "mkdir work && cd work"),
        (9, "pwd"),
        (11, "wg --version"),
        (13, "echo a; echo b; \\\n  echo c"),
    ]
    assert steps[3].expected == ["a", "..."]


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        (["a", "...", "b"], ["a", "b"], True),
        (["a", "...", "b"], ["a", "x", "y", "b"], True),
        (["a", "...", "b"], ["a", "x"], False),
        (["a.c"], ["abc"], False),
        ([], ["a"], False),
    ],
)
def test_three_dots_stand_for_any_lines(expected: list[str], printed: list[str], same: bool) -> None:
    assert matches(expected, printed) is same


def test_what_differs_from_run_to_run_is_made_equal() -> None:
    one = normal("2026-11-22T08:48:30Z /tmp/x/.wg pid 12 dispatcher 13 took 1.2 s at 0123abcd\n\n", "/tmp/x")
    other = normal("2027-01-01 00:00:00 /tmp/y/.wg pid 4711 dispatcher 4712 took 17 s at ffff0000  \n", "/tmp/y")
    assert one == other
    assert normal("effaced decade 8 agents", "/tmp/x") == ["effaced decade 8 agents"]
