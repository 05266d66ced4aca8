"""Homes as the original `wg` leaves them (its files are described in docs of the original, not made by our code)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

# what an install grew over a year: legacy keys, endpoints without url, sections that we do not read
BASE = """\
# base-marker: my own notes on this machine
[agent]
executor = "claude"
model = "claude:opus"
interval = 10
heartbeat_timeout = 5

[dispatcher]
max_agents = 6 # base-marker: this laptop is small
poll_interval = 7
agent_timeout = "45m"
executor = "claude"
verify_mode = "inline"
verify_autospawn_enabled = false

[agency]
auto_evaluate = true
auto_assign = true
flip_verification_threshold = 0.7

[tiers]
fast = "claude:haiku"
standard = "claude:sonnet"
premium = "claude:opus"

[models.default]
model = "claude:opus"

[models.task_agent]
model = "claude:opus"

[models.evaluator]
model = "claude:haiku"

[[model_registry]]
id = "opus"
provider = "claude"
model = "claude-opus-4-7"
tier = "premium"
context_window = 200000
cost_per_input_mtok = 15.0
descriptors = ["best"]

[llm_endpoints]
inherit_global = false

[[llm_endpoints.endpoints]]
name = "openrouter"
provider = "openrouter"
api_key_ref = "keystore:openrouter"

[[llm_endpoints.endpoints]]
name = "lab"
provider = "oai-compat"
url = "http://10.0.0.5:8088/v1"
is_default = true # base-marker: the box under the desk

[tui]
color_theme = "light"
panel_ratio = 50

[native_executor.web]
search_api_key = ""
fetch_max_chars = 16000
"""


def complete_copy(provider: str, worker: str, judge: str, tiers: tuple[str, str, str], marker: str) -> str:
    """A profile as `wg profile init-starters` of May 2026 wrote it."""
    fast, standard, premium = (f"{provider}:{tier}" for tier in tiers)
    text = f'# {marker}\ndescription = "{marker}: {worker} worker"\n\n'
    for section in ("agent", "dispatcher", "models.default", "models.task_agent"):
        text += f'[{section}]\nmodel = "{provider}:{worker}"\n'
        text += "max_agents = 8\n\n" if section == "dispatcher" else "\n"
    for role in ("evaluator", "assigner", "flip_inference", "flip_comparison"):
        text += f'[models.{role}]\nmodel = "{provider}:{judge}"\n\n'
    return text + f'[tiers]\nfast = "{fast}"\nstandard = "{standard}"\npremium = "{premium}"\n'


CLAUDE = complete_copy("claude", "opus", "haiku", ("haiku", "sonnet", "opus"), "claude-marker")
CODEX = complete_copy("codex", "gpt-5.5", "gpt-5.4-mini", ("gpt-5.4-mini", "gpt-5.4", "gpt-5.5"), "codex-marker")
_QWEN = "qwen3-coder-30b"
NEX = (
    complete_copy("nex", _QWEN, _QWEN, (_QWEN, _QWEN, _QWEN), "nex-marker")
    + """
[llm_endpoints]

[[llm_endpoints.endpoints]]
name = "default"
provider = "oai-compat"
url = "http://127.0.0.1:8088" # nex-marker: edit per machine
is_default = true
"""
)
WGNEXT = """\
# wgnext-marker
[agent]
model = "local:qwen3-coder-30b"

[tiers]
fast = "oai-compat:qwen3-4b"
standard = "local:qwen3-coder-30b"
premium = "local:qwen3-coder-30b"

[[llm_endpoints.endpoints]]
name = "default"
provider = "local"
api_key = "none"
is_default = true
"""
# the overlay of SPEC-profiles.md, section 1: the tiers are codex, and no [agent].model
CODEX_OVERLAY = """\
# codex-overlay-marker
description = "OpenAI Codex CLI: gpt-5.5 worker"

[dispatcher]
max_agents = 3

[tiers]
fast = "codex:gpt-5.4-mini"
standard = "codex:gpt-5.4"
premium = "codex:gpt-5.5"
"""
MINE_OVERLAY = """\
# mine-overlay-marker
[agent]
model = "codex:gpt-5.4"

[models.evaluator]
tier = "premium"
"""


def _write(home: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _keys(home: Path) -> None:
    """What lies in every such home beside, and is none of ours."""
    _write(
        home,
        {
            "config.toml.bak-20250511T101112Z": "# bak-marker\n" + CLAUDE,
            "config.toml.2025-04-01T00-00-00Z": "# stamp-marker\n" + CLAUDE,
            "secrets/openrouter": "secret-marker",
            "keys/anthropic.key": "key-marker",
            "keystore": "keystore-marker",
        },
    )


def both(home: Path) -> None:
    """The usual case: a base config, and the active profile laid over it."""
    _keys(home)
    profiles = {"codex": CODEX_OVERLAY, "My Profile": MINE_OVERLAY}
    _write(home, {f"profiles/{name}.toml": text for name, text in profiles.items()})
    _write(home, {"config.toml": BASE, "active-profile": "codex\n"})


def five(home: Path) -> None:
    """The same with every kind of profile there is."""
    both(home)
    profiles = {"claude": CLAUDE, "nex": NEX, "wgnext": WGNEXT}
    _write(home, {f"profiles/{name}.toml": text for name, text in profiles.items()})


def newer_copy(home: Path) -> None:
    """An install that copied the profile over config.toml, edited since."""
    _keys(home)
    _write(home, {"profiles/codex.toml": CODEX, "profiles/claude.toml": CLAUDE, "active-profile": "codex"})
    _write(home, {"config.toml": CODEX.replace("max_agents = 8", "max_agents = 2 # edited-marker")})


def same_copy(home: Path) -> None:
    """The same, not edited."""
    _write(home, {"profiles/nex.toml": NEX, "config.toml": NEX, "active-profile": "nex\n"})


def no_file(home: Path) -> None:
    """An active profile without a file of its own."""
    _keys(home)
    _write(home, {"config.toml": BASE, "active-profile": "claude\n", "profiles/codex.toml": CODEX})


def no_active(home: Path) -> None:
    """A plain config and no active profile."""
    _write(home, {"config.toml": BASE, "profiles/codex.toml": CODEX_OVERLAY})


def names(home: Path) -> None:
    """Names that are not valid here, or clash, or are reserved."""
    texts = {"My Profile": "a", "my-profile": "b", "default": "c", "2 fast": "d"}
    overlay = '[agent]\nmodel = "claude:opus"\n'
    _write(home, {f"profiles/{name}.toml": f"# {text}-marker\n{overlay}" for name, text in texts.items()})
    _write(home, {"config.toml": BASE, "active-profile": "default\n"})


def foreign(home: Path) -> None:
    """config.toml leads into a dotfiles repository."""
    _write(home, {"../dotfiles/wg.toml": BASE, "profiles/codex.toml": CODEX_OVERLAY, "active-profile": "codex\n"})
    (home / "config.toml").symlink_to("../dotfiles/wg.toml")


def nothing_named(home: Path) -> None:
    """The pointer names a profile that is not there, and there is no config."""
    _write(home, {"profiles/claude.toml": CLAUDE, "active-profile": "gone\n"})


def legacy(home: Path) -> None:
    """Only old spellings, in the config of the active profile that has no file."""
    _write(home, {"config.toml": WGNEXT, "active-profile": "wgnext\n"})


CASES: dict[str, Callable[[Path], None]] = {
    made.__name__: made
    for made in (both, five, newer_copy, same_copy, no_file, no_active, names, foreign, nothing_named, legacy)
}
