"""Ids are readable and safe as names (F30)."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wg.errors import WgError
from wg.graph.ids import ID_LENGTH, SLUG_LENGTH, require_id, slug, unused
from wg.graph.task import NewTask
from wg.graph.texts import require_new_task, storable


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Build the login page", "build-the-login-page"),
        ("Fix: don't crash (#42)!", "fix-dont-crash-42"),
        ("Café für Zoë", "cafe-fur-zoe"),
        ("日本語", "task"),
        ("../../etc/passwd", "etc-passwd"),
        ("a" * 200, "a" * SLUG_LENGTH),
        ("one two three four five six seven eight nine ten", "one-two-three-four-five-six-seven-eight"),
    ],
)
def test_the_slug_is_whole_words(title: str, expected: str) -> None:
    assert slug(title) == expected


@given(st.text())
def test_every_slug_is_an_id_and_fits(title: str) -> None:
    made = slug(title)
    require_id(made)
    assert len(made) <= SLUG_LENGTH


def test_a_collision_gets_a_short_suffix() -> None:
    taken: set[str] = set()
    for _ in range(30):
        made = unused("Same title", taken.__contains__)
        require_id(made)
        assert made not in taken
        taken.add(made)
    assert {"same-title", "same-title-2", "same-title-9"} <= taken
    assert all(len(made) <= len("same-title-") + 5 for made in taken)


@pytest.mark.parametrize("good", ["a", "0", "a.b", "a_b-c.d", "x" * ID_LENGTH, "con", "a.lock.b"])
def test_good_ids(good: str) -> None:
    require_id(good)


BAD = ["", ".", "..", "../x", "a..b", "a/b", "a\\b", "A", "-a", ".a", "_a", "a.", "a.lock", "a b", "a\n", "ä"]


@pytest.mark.parametrize("bad", [*BAD, "a\0", "a~1", "a:b", "a@{b", "x" * (ID_LENGTH + 1), "\udcff"])
def test_bad_ids(bad: str) -> None:
    with pytest.raises(WgError, match="cannot be a task's id"):
        require_id(bad)


@given(st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True))
def test_what_is_accepted_git_takes_as_a_branch(task_id: str) -> None:
    try:
        require_id(task_id)
    except WgError:
        return
    checked = subprocess.run(["git", "check-ref-format", "--branch", f"wg/agent-1/{task_id}"], capture_output=True)
    assert checked.returncode == 0


@pytest.mark.parametrize("title", ["", "   ", "a\nb", "a\x1b[31mb", "a\0b", "\udcff", "x" * 501, "a\u202eb"])
def test_hostile_titles_are_refused(title: str) -> None:
    with pytest.raises(WgError):
        require_new_task(NewTask(title))


WITH_TEXT: list[Callable[[str], NewTask]] = [
    lambda text: NewTask("t", description=text),
    lambda text: NewTask("t", model=text),
    lambda text: NewTask("t", tier=text),
    lambda text: NewTask("t", exec=text),
    lambda text: NewTask("t", check=text),
]


@pytest.mark.parametrize("task", WITH_TEXT)
@pytest.mark.parametrize(("text", "complaint"), [("a\0b", "NUL"), ("\udcff", "UTF-8")])
def test_texts_that_cannot_be_stored_are_refused(task: Callable[[str], NewTask], text: str, complaint: str) -> None:
    with pytest.raises(WgError, match=complaint):
        require_new_task(task(text))


def test_what_an_agent_prints_is_made_storable() -> None:
    assert storable("a\0b\udcffc\x1b") == "a?b?c\x1b"
