"""What is said where a dispatcher does not come up."""

from __future__ import annotations

import pytest

from tests.harness import Box
from wg.dispatch import service
from wg.dispatch.daemon import log_path
from wg.locations import Project


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("wg: error: the first time\nwg: error: no space\nhint: make some\n", ": no space"),
        ("Killed\n", ": Killed"),
    ],
)
def test_the_error_is_told_and_not_its_hint(box: Box, log: str, said: str) -> None:
    project = Project(str(box.project), str(box.project / ".wg"))
    (box.project / ".wg" / "service").mkdir(parents=True)
    (box.project / ".wg" / "service" / "dispatcher.log").write_text(log)
    assert log_path(project).endswith("dispatcher.log")
    assert service._no_start(project).message.endswith(said)
