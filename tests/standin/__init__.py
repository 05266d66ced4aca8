"""The stand-in for the model as a context manager, and what makes the real CLIs use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SERVER = Path(__file__).with_name("server.py")
CODEX_CONFIG = """\
model_provider = "standin"
check_for_update_on_startup = false
web_search = "disabled"

[analytics]
enabled = false

[features]
plugins = false

[model_providers.standin]
name = "the stand-in"
base_url = "http://127.0.0.1:{port}/v1"
wire_api = "responses"
env_key = "STANDIN_KEY"
request_max_retries = 0
stream_max_retries = 0
"""


class Standin:
    """A running stand-in. `env` is the whole environment of its process (a test's box.env)."""

    def __init__(self, record: Path, env: Mapping[str, str]) -> None:
        self.record = record
        self._env = env
        self.port = 0

    def __enter__(self) -> Self:
        argv = [sys.executable, str(SERVER), "--port", "0", "--record", str(self.record)]
        self._process = subprocess.Popen(argv, env=self._env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def requests(self, protocol: str = "") -> list[dict[str, Any]]:
        """The requests for the model so far, in order; of both protocols ("responses", "messages") or of one."""
        entries = [json.loads(line) for line in self.record.read_text().splitlines()]
        return [e for e in entries if e["method"] == "POST" and protocol in ("", e["protocol"])]

    def claude_env(self, config_dir: Path) -> dict[str, str]:
        """What points claude at this stand-in, with a sign-in and state of its own in `config_dir`."""
        config_dir.mkdir(parents=True, exist_ok=True)
        env = {
            "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{self.port}",
            "ANTHROPIC_API_KEY": "standin",
            "CLAUDE_CONFIG_DIR": str(config_dir),
            "CLAUDE_CODE_TMPDIR": str(config_dir),
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_TELEMETRY": "1",
            "DISABLE_ERROR_REPORTING": "1",
            "DISABLE_AUTOUPDATER": "1",
        }
        if os.geteuid() == 0:
            env["IS_SANDBOX"] = "1"
        return env

    def codex_env(self, home: Path) -> dict[str, str]:
        """What points codex at this stand-in, with its config and state in `home` (written here)."""
        home.mkdir(parents=True, exist_ok=True)
        (home / "config.toml").write_text(CODEX_CONFIG.format(port=self.port))
        return {"CODEX_HOME": str(home), "STANDIN_KEY": "standin"}
