"""What a config leaves the agent in the box of its tools."""

from __future__ import annotations

from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    from wg.config.load import Config

_CHANGING = ("write_file", "edit_file", "bash")
_MODE, _DENIED = "executors.nex.exec_mode", "executors.nex.deny_tools"
CANNOT_CHANGE = "leaves nex no tool that changes files: only tasks that are read-only or need no work can succeed"


def keeps_from_changing(config: Config) -> str:
    """The key because of which nex can change no file, or ""."""
    if config.text_of(_MODE) != "full":
        return _MODE
    return _DENIED if set(_CHANGING) <= set(config.texts(_DENIED)) else ""
