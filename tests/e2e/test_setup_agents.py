"""`wg setup-agents`, as people and agents call it."""

from __future__ import annotations

import pytest

from tests.e2e.machine import started
from tests.harness import WG, Box, obeying
from wg.graph.store import Store


@pytest.fixture
def project(box: Box) -> Box:
    """A box whose project directory is a project."""
    Store.create(str(box.project / ".wg" / "db" / "graph.db")).close()
    return box


def test_it_is_written_checked_and_removed(project: Box) -> None:
    agents, claude = project.project / "AGENTS.md", project.project / "CLAUDE.md"
    agents.write_text("# Us\n")
    claude.symlink_to("AGENTS.md")
    assert project.wg("setup-agents", "--check", code=1).out == f"{agents}: out of date\n"
    assert agents.read_text() == "# Us\n"
    assert project.wg("setup-agents").out == f"{agents}: written\n"
    written = agents.read_text()
    assert written.startswith("# Us\n<!-- wg:begin") and "`wg guide`" in written
    below = project.project / "below"
    below.mkdir()
    assert project.wg("setup-agents", cwd=below).out == f"{agents}: unchanged\n"
    assert project.wg("setup-agents", "--check").out == f"{agents}: unchanged\n"
    assert project.wg("setup-agents", "--json").json == {"files": [{"path": str(agents), "state": "unchanged"}]}
    agents.write_text(written.replace("Look:", "Do not look:") + "More of us.")
    assert project.wg("setup-agents", "--check", "--json", code=1).json["files"][0]["state"] == "out of date"
    project.wg("setup-agents")
    assert agents.read_text() == written + "More of us."
    assert project.wg("setup-agents", "--remove").out == f"{agents}: removed\n"
    assert agents.read_text() == "# Us\nMore of us."
    assert claude.is_symlink()
    assert "not allowed with" in project.wg("setup-agents", "--check", "--remove", code=2).err


def test_one_file_that_cannot_be_changed_keeps_the_other_as_it_is(project: Box) -> None:
    (project.project / "CLAUDE.md").write_text("# Us\n<!-- wg:begin -->\n")
    for options in ([], ["--remove"], ["--check"]):
        refused = project.wg("setup-agents", *options, code=1).err
        assert f"{project.project}/CLAUDE.md:2: the section of wg begins and does not end" in refused
    assert not (project.project / "AGENTS.md").exists()


def test_a_directory_that_cannot_be_written_is_an_error(project: Box) -> None:
    agents = project.project / "AGENTS.md"
    agents.write_text("# Us\n")
    project.project.chmod(0o555)
    try:
        refused = project.run(*obeying(), WG, "setup-agents", code=1).err
    finally:
        project.project.chmod(0o755)
    assert f"{agents} cannot be written: Permission denied" in refused
    assert sorted(path.name for path in project.project.iterdir()) == [".wg", "AGENTS.md"]
    assert agents.read_text() == "# Us\n"


def test_an_agent_changes_its_own_worktree(box: Box) -> None:
    machine = started(box)
    machine.add("t", run=f'"$WG_BIN" setup-agents; cp {machine.project}/AGENTS.md {machine.records}/there; true')
    machine.await_status("t", "done")
    assert not (machine.records / "there").exists(), "it was written into the user's own checkout"
    assert box.git("show", "main:AGENTS.md").startswith("<!-- wg:begin")
