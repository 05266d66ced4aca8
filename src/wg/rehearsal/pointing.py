"""What points claude, codex and others at a rehearsal, and keeps them from anything else.

nex is not among them: it goes where the config in force says, and nowhere else. The endpoint of the `nex` starter is
http://127.0.0.1:8088/v1, so `wg rehearse --port 8088` is what that profile asks.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from wg.rehearsal.server import HOST

KEY = "rehearsal"  # what stands for a key; it opens nothing
NEX_PORT = 8088  # of the endpoint in the starter `nex`
# With one of these a program would go to a real provider, or take a real key with it.
LEFT_OUT = (
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_CUSTOM_HEADERS",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_FOUNDRY",
    "CLAUDE_CODE_USE_VERTEX",
    "CODEX_API_KEY",
)
_CODEX_CONFIG = """\
model_provider = "rehearsal"
check_for_update_on_startup = false
web_search = "disabled"

[analytics]
enabled = false

[features]
plugins = false

[model_providers.rehearsal]
name = "the rehearsal"
base_url = "{url}"
wire_api = "responses"
env_key = "REHEARSAL_KEY"
request_max_retries = 0
stream_max_retries = 0
"""


def url(port: int) -> str:
    """The base URL, as OpenAI's clients and `[[llm_endpoints.endpoints]]` want it."""
    return f"http://{HOST}:{port}/v1"


def claude_env(port: int, directory: str) -> dict[str, str]:
    """The variables that point claude at the rehearsal, with its state in `directory` (made here)."""
    os.makedirs(directory, mode=0o700, exist_ok=True)
    env = {
        "ANTHROPIC_BASE_URL": f"http://{HOST}:{port}",
        "ANTHROPIC_API_KEY": KEY,
        "CLAUDE_CONFIG_DIR": directory,
        "CLAUDE_CODE_TMPDIR": directory,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_TELEMETRY": "1",
        "DISABLE_ERROR_REPORTING": "1",
        "DISABLE_AUTOUPDATER": "1",
    }
    if os.geteuid() == 0:
        env["IS_SANDBOX"] = "1"  # claude refuses to work without asking as root; here it only does what the script says
    return env


def codex_env(port: int, directory: str) -> dict[str, str]:
    """The variables that point codex at the rehearsal, with its state and config in `directory` (written here)."""
    os.makedirs(directory, mode=0o700, exist_ok=True)
    with open(os.path.join(directory, "config.toml"), "w", encoding="utf-8") as file:
        file.write(_CODEX_CONFIG.format(url=url(port)))
    return {"CODEX_HOME": directory, "REHEARSAL_KEY": KEY}


def openai_env(port: int) -> dict[str, str]:
    """The variables by which most clients of OpenAI's interfaces find a server, and our own for scripts."""
    return {
        "OPENAI_BASE_URL": url(port),
        "OPENAI_API_KEY": KEY,
        "REHEARSAL_URL": url(port),
        "REHEARSAL_PORT": str(port),
    }


def pointed(environment: Mapping[str, str], port: int, directory: str) -> dict[str, str]:
    """`environment` with all programs pointed at the rehearsal; their state is in `directory`."""
    env = {name: value for name, value in environment.items() if name not in LEFT_OUT}
    for name in ("NO_PROXY", "no_proxy"):  # a proxy would be asked for loopback, too
        env[name] = ",".join(filter(None, (env.get(name), HOST)))
    env |= claude_env(port, os.path.join(directory, "claude"))
    env |= codex_env(port, os.path.join(directory, "codex"))
    return env | openai_env(port)
