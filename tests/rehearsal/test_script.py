"""The language of scripts, and what is said of a script that is wrong."""

from __future__ import annotations

import pytest

from wg.rehearsal.script import (
    CALL,
    DEFAULT_COMMAND,
    FINAL_TEXT,
    RUN,
    WRITE,
    Call,
    ScriptError,
    Step,
    Trouble,
    Usage,
    in_prompt,
    read,
)


def test_the_lines_of_a_prompt() -> None:
    prompt = "Do this.\n  REHEARSE: run a b\nREHEARSE: wait /x y\nREHEARSE: run c\nREHEARSE: status 429 quota\n"
    script = in_prompt(prompt)
    assert script is not None
    assert script.steps == (Step(calls=(Call(RUN, "a b"),)), Step(calls=(Call(RUN, "c"),)))
    assert script.trouble == Trouble(wait="/x y", status=429, error_type="quota")
    assert in_prompt("Do this. REHEARSE: run a") is None


def test_who_says_nothing_of_answers_gets_a_file() -> None:
    script = read(["slow 0.5", "reset 1", "cut", "once 500 /a", "once cut /b c"])
    assert script.steps == (Step(calls=(Call(RUN, DEFAULT_COMMAND),)),)
    assert script.trouble == Trouble(slow=0.5, reset=1.0, cut=True, once=(("500", "/a"), ("cut", "/b c")))
    assert read(["usage 1 2 1"]).step(0).usage == Usage(1, 2, 1)


def test_answers_come_one_after_the_other() -> None:
    script = read(
        ["say I go", "say on", "run a", "and write b/c two words", "and call t {1", "final so?", "usage 5 6", "run d"]
    )
    first = Step("I go\non\n", (Call(RUN, "a"), Call(WRITE, "b/c", "two words"), Call(CALL, "t", "{1")))
    second, third = Step("so?"), Step(calls=(Call(RUN, "d"),), usage=Usage(5, 6, 0))
    end = Step(FINAL_TEXT, usage=Usage(5, 6, 0))
    assert script.steps == (first, second, third)
    # three results make up the first answer; a client that brings fewer of them gets on with what is next
    assert [script.step(done) for done in range(6)] == [first, second, second, second, third, end]


def test_what_is_said_last_is_said_for_ever() -> None:
    assert read(["run a", "say one", "final two"]).step(9) == Step("one\ntwo")
    assert read(["say only this"]).step(0) == Step("only this")
    assert read(["final"]).step(0) == Step("")
    assert len(read(["babble 25"]).step(0).text) == 25


@pytest.mark.parametrize(
    ("directive", "says"),
    [
        ("jump", "unknown directive: jump"),
        ("", "unknown directive"),
        ("run", "run: it lacks a word"),
        ("write", "write: it lacks a word"),
        ("and say x", "only run, write or call"),
        ("and run x", "there is no call before it"),
        ("status 200", "'200' is not the status of an HTTP error"),
        ("status", "'' is not the status"),
        ("once 700 /x", "'700' is not the status"),
        ("once 500", "it lacks a word"),
        ("slow -1", "'-1' is not a number of seconds"),
        ("slow nan", "'nan' is not a number of seconds"),
        ("slow soon", "slow soon: 'soon' is not a number of seconds"),
        ("babble much", "'much' is not a whole number"),
        ("usage 1", "say how many tokens"),
        ("wait", "it lacks a word"),
    ],
)
def test_what_is_wrong_is_named(directive: str, says: str) -> None:
    with pytest.raises(ScriptError) as caught:
        read([directive])
    assert says in str(caught.value)
