"""The package as users install it: by pip, uv and pipx, from this checkout, into places of the test's own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.harness import Box, wait_for
from wg import __version__

CHECKOUT = Path(__file__).parents[1]
PROGRAMS = Path(sys.executable).parent
# how this machine reaches the package index; nothing else of the caller's environment is taken over
NETWORK = ("PIP_", "UV_", "SSL_CERT_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")


@pytest.fixture
def user(box: Box) -> Box:
    """A user who reaches the package index."""
    box.env |= {name: value for name, value in os.environ.items() if name.startswith(NETWORK)}
    # uv has settings of its own; those made for pip shall do
    for pip, uv in (("PIP_CERT", "SSL_CERT_FILE"), ("PIP_INDEX_URL", "UV_DEFAULT_INDEX")):
        if pip in os.environ:
            box.env.setdefault(uv, os.environ[pip])
    return box


def check(user: Box, program: Path) -> None:
    """The installed program works, on its own: nothing of this checkout is on its path."""
    assert user.run(str(program), "--version").out == f"wg {__version__}\n"
    user.run(str(program), "profile", "use", "codex")
    assert os.readlink(user.wg_home / "config.toml") == "config.toml.codex"
    user.run(str(program), "init")
    user.run(str(program), "add", "A task", "--exec", "true")
    user.run(str(program), "config", "set", "dispatcher.max_agents", "3")  # by tomlkit
    user.run(str(program), "service", "start")  # with psutil
    wait_for(lambda: '"done"' in user.run(str(program), "list", "--json").out, "the task is done")
    user.run(str(program), "service", "stop")
    script = program.resolve().read_text()
    assert str(CHECKOUT) not in script


def test_pip(user: Box) -> None:
    venv = user.root / "venv"
    user.run(sys.executable, "-m", "venv", "--without-pip", str(venv))
    pip = [sys.executable, "-m", "pip", "--python", str(venv / "bin" / "python"), "install", "--quiet"]
    user.run(*pip, str(CHECKOUT), timeout=300)
    check(user, venv / "bin" / "wg")


def test_uv_tool(user: Box) -> None:
    user.env |= {
        "UV_TOOL_DIR": str(user.root / "tools"),
        "UV_TOOL_BIN_DIR": str(user.root / "bin"),
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
    }
    user.run(str(PROGRAMS / "uv"), "tool", "install", "--quiet", ".", cwd=CHECKOUT, timeout=300)
    check(user, user.root / "bin" / "wg")


def test_pipx(user: Box) -> None:
    user.env |= {
        "PIPX_HOME": str(user.root / "pipx"),
        "PIPX_BIN_DIR": str(user.root / "bin"),
        "PIPX_DEFAULT_PYTHON": sys.executable,
    }
    user.run(str(PROGRAMS / "pipx"), "install", "--quiet", ".", cwd=CHECKOUT, timeout=300)
    check(user, user.root / "bin" / "wg")
