"""A project on the profile nex, whose model is a rehearsal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.service_box import ServiceBox
from tests.harness import Box
from tests.rehearsal import Rehearsal
from tests.trees import files_holding
from wg.config.starters import starter_text
from wg.graph.task import NewTask

KEY = "sk-planted-0123456789abcdef"
KEY_VARIABLE = "THE_KEY"


class NexBox:
    """What a test of nex in a project works with. Every request carries the planted key."""

    def __init__(self, box: Box, rehearsal: Rehearsal) -> None:
        self.service = ServiceBox(box)
        self.box = box
        self.rehearsal = rehearsal
        box.env[KEY_VARIABLE] = KEY
        path = box.wg_home / "config.toml.nex"
        path.write_text(starter_text("nex"))
        self.set("url", rehearsal.url)
        self.set("api_key_env", KEY_VARIABLE)
        self.set("max_attempts", 1)
        self.set("max_retries", 0)
        self.service.use("nex")

    def set(self, key: str, value: object) -> None:
        """Give a key of the snapshot another value; [executors.nex]'s where several sections have it."""
        path = self.box.wg_home / "config.toml.nex"
        head, section, rest = path.read_text().partition("[executors.nex]")
        where = rest if re.search(rf"^{key} = ", rest, re.MULTILINE) else head
        made, count = re.subn(rf"^{key} = .*$", f"{key} = {json.dumps(value)}", where, count=1, flags=re.MULTILINE)
        assert count == 1, key
        path.write_text(head + section + made if where is rest else made + section + rest)

    def add(self, task_id: str, *directives: str, **more: Any) -> None:
        """A task whose model does these."""
        script = "\n".join(f"REHEARSE: {line}" for line in directives)
        self.service.add(NewTask(task_id, id=task_id, description=script, **more))

    def journal(self, fence: int) -> Path:
        return self.service.dir / "attempts" / str(fence) / "journal.jsonl"

    def stdout(self, fence: int) -> str:
        return (self.service.dir / "attempts" / str(fence) / "stdout.log").read_text()

    def where_the_key_is(self) -> list[Path]:
        """Every file of this machine that has the planted key in it."""
        return files_holding([KEY], self.box.root)


@contextmanager
def rehearsing(box: Box) -> Iterator[NexBox]:
    """The project, while the model is there."""
    with Rehearsal(box.root / "requests.jsonl", box.env) as rehearsal:
        yield NexBox(box, rehearsal)
