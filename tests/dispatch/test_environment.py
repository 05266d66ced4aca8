"""The environment of dispatchers and agents, and the program they call."""

from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st

from tests.harness import WG
from wg.dispatch.environment import own_program, scrubbed

NAMES = st.sampled_from(["PATH", "HOME", "CODEX_HOME", "OPENAI_API_KEY", "WG_HOME", "WG_PROFILE", "WG_ATTEMPT", "WG_X"])
REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")


@given(st.dictionaries(NAMES, st.text()))
def test_only_wgs_own_variables_go_and_the_home_stays(environment: dict[str, str]) -> None:
    left = scrubbed(environment)
    assert left.keys() == {n for n in environment if n == "WG_HOME" or not n.startswith("WG_")}
    assert all(left[n] == environment[n] for n in left if n != "WG_HOME")


def test_the_home_stays_the_same_one_in_other_directories() -> None:
    assert scrubbed({"WG_HOME": "some/home"}) == {"WG_HOME": os.path.join(os.getcwd(), "some", "home")}
    assert scrubbed({"WG_HOME": ""}) == {"WG_HOME": ""}


def test_no_repository_is_passed_on_but_who_commits_is() -> None:
    environment = {"GIT_AUTHOR_NAME": "Ann", **dict.fromkeys(REPOSITORY, "/elsewhere")}
    assert scrubbed(environment) == {"GIT_AUTHOR_NAME": "Ann"}


def test_the_program_is_this_installations() -> None:
    assert own_program() == WG
    assert os.path.isabs(own_program())
