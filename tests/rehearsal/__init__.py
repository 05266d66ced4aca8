"""A running `wg rehearse` as a context manager, and what makes the real CLIs use it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.harness import WG
from wg.rehearsal import pointing


class Rehearsal:
    """A running rehearsal. `env` is the whole environment of its process (a test's box.env)."""

    def __init__(self, record: Path, env: Mapping[str, str], *, script: Path | None = None, port: int = 0) -> None:
        self.record = record
        self.port = port
        self._env = env
        self._argv = [WG, "--json", "rehearse", "--record", str(record)]
        self._argv += ["--script", str(script)] if script else []

    def __enter__(self) -> Self:
        argv = [*self._argv, "--port", str(self.port)]
        self._process = subprocess.Popen(argv, env=self._env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        assert self._process.stdout
        self.port = json.loads(self._process.stdout.readline())["port"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate()

    @property
    def url(self) -> str:
        """What an endpoint of OpenAI's interfaces is configured with."""
        return pointing.url(self.port)

    def requests(self, protocol: str = "") -> list[dict[str, Any]]:
        """The requests for the model so far, in order; of all protocols or of one ("chat", "responses", "messages")."""
        entries = [json.loads(line) for line in self.record.read_text().splitlines()]
        return [e for e in entries if e["method"] == "POST" and protocol in ("", e["protocol"])]

    def claude_env(self, config_dir: Path) -> dict[str, str]:
        """What points claude at it, with a sign-in and state of its own in `config_dir`."""
        return pointing.claude_env(self.port, str(config_dir))

    def codex_env(self, home: Path) -> dict[str, str]:
        """What points codex at it, with its config and state in `home`."""
        return pointing.codex_env(self.port, str(home))
