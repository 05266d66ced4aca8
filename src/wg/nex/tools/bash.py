"""bash: any command, in the working directory."""

from __future__ import annotations

import os
from functools import partial

from wg.nex.tools.base import RUNS, Arguments, Tool, ToolError
from wg.nex.tools.output import LARGEST
from wg.nex.tools.runner import BOMB, MOST_PROCESSES, OUTPUT, TIMEOUT, Program
from wg.nex.tools.shed import Shed

_LONGEST = 3600  # seconds that a call may ask for
_SHELLS = ("/bin/bash", "/bin/sh")


def bash_tool(shed: Shed, root: str, timeout: float) -> Tool:
    """The tool; `timeout` is how many seconds a command has that does not ask for more."""
    return Tool(
        "bash",
        "Run a command with bash, in the working directory; the answer is what it prints, and its exit code. There is "
        f"no input and no terminal. It has {timeout:g} s unless you ask for more, and what it has started is ended "
        "with it: nothing runs on in the background.",
        {
            "type": "object",
            "properties": {
                "command": {"type": "string"},
                "timeout": {"type": "integer", "minimum": 1, "description": f"seconds, at most {_LONGEST}"},
            },
            "required": ["command"],
        },
        RUNS,
        partial(_bash, shed, root, timeout),
    )


def _bash(shed: Shed, root: str, timeout: float, arguments: Arguments) -> str:
    if "\0" in arguments["command"]:
        raise ToolError("the command has a zero byte in it, which no shell takes: write it as \\0 for printf, say")
    seconds = min(float(arguments.get("timeout", timeout)), _LONGEST)
    shell = next((each for each in _SHELLS if os.access(each, os.X_OK)), _SHELLS[-1])
    ran, text = shed.run(Program((shell, "-c", arguments["command"]), root, shed.environment(), seconds))
    said = {
        TIMEOUT: f"it did not end within {seconds:g} s, and was ended",
        OUTPUT: f"it printed more than {LARGEST} bytes, and was ended",
        BOMB: f"it had more than {MOST_PROCESSES} processes, and was ended",
    }.get(ran.stopped, f"exit code {ran.code}" if ran.code >= 0 else f"killed by signal {-ran.code}")
    left = f"; {ran.left} processes that it left behind were ended" if ran.left else ""
    separator = "" if not text or text.endswith("\n") else "\n"
    return f"{text}{separator}[{said}{left}]"
