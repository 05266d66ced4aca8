"""The key of an endpoint: from a variable, or from a file that is private."""

from __future__ import annotations

from pathlib import Path

import pytest

from wg.config.route import Endpoint
from wg.errors import ConfigError
from wg.nex.endpoint import key_of

KEY = "sk-planted-0123456789"


def test_no_key_is_no_error() -> None:
    assert key_of(Endpoint("e", "http://x/v1", "", "")) == ""


def test_from_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = Endpoint("e", "http://x/v1", "THE_KEY", "")
    monkeypatch.setenv("THE_KEY", f" {KEY}\n")
    assert key_of(endpoint) == KEY
    monkeypatch.setenv("THE_KEY", "")
    with pytest.raises(ConfigError, match="THE_KEY, which is not set"):
        key_of(endpoint)


def test_from_a_private_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    endpoint = Endpoint("e", "http://x/v1", "", str(path))
    with pytest.raises(ConfigError, match="cannot be read"):
        key_of(endpoint)
    path.write_text(f"{KEY}\n")
    path.chmod(0o600)
    assert key_of(endpoint) == KEY
    for mode in (0o640, 0o604, 0o666):
        path.chmod(mode)
        with pytest.raises(ConfigError, match="others may read") as caught:
            key_of(endpoint)
        assert KEY not in caught.value.message
        assert caught.value.hint == f"chmod 600 {path}"


@pytest.mark.parametrize("content", ["", "\n", "two words", "a\nb", "\x1b[31m"])
def test_what_is_not_one_key_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="does not hold one key"):
        key_of(Endpoint("e", "http://x/v1", "", str(path)))
