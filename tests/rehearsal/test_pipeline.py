"""What docs/rehearsal.md tells its reader to try: a whole project, inside one `wg rehearse`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clis import Clis
from tests.harness import WG, Box
from wg.rehearsal.script import ScriptError, read

DOCUMENT = Path(__file__).parents[2] / "docs" / "rehearsal.md"
SESSION = """
set -e
wg init
wg add "Make a file" -d "REHEARSE: write hello.txt hello"
wg add "Its own" --id other
wg service start
for i in $(seq 300); do
    if [ "$(wg list --status done | wc -l)" = 2 ]; then break; fi
    sleep 0.1
done
wg list
wg service stop
"""


@pytest.mark.clis
@pytest.mark.parametrize("profile", ["codex", "claude"])
def test_a_whole_project(box: Box, clis: Clis, profile: str) -> None:
    box.repository()
    box.env["PATH"] = f"{clis.directory}:{Path(WG).parent}:{box.env['PATH']}"
    box.wg("profile", "use", profile)
    script = box.root / "script.toml"
    script.write_text('[[answer]]\nmatch = "^Task other:"\ndirectives = ["write other.txt by the file"]\n')
    session = box.wg("rehearse", "--script", str(script), "--", "bash", "-c", SESSION)
    assert session.out.count("[x]") == 2, session.out
    assert (box.project / "hello.txt").read_text() == "hello\n"
    assert (box.project / "other.txt").read_text() == "by the file\n"
    assert box.git("log", "--format=%s", "--no-merges", "-2").splitlines()
    assert not (box.home / ".codex").exists() and not (box.home / ".claude").exists()


def test_the_document_names_every_directive() -> None:
    with pytest.raises(ScriptError) as caught:
        read(["?"])
    known = str(caught.value).partition("there are: ")[2].rstrip(")").split(", ")
    assert len(known) > 10
    text = DOCUMENT.read_text()
    assert [verb for verb in known if f"`{verb}" not in text] == []
