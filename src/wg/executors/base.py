"""How one agent is run: what every executor can say, and the plain data it says it with."""

from __future__ import annotations

from typing import Protocol

from wg.records import NamedTuple


class AgentSettings(NamedTuple):
    """What the config says about running one kind of agent (sections [executors.claude] and [executors.codex])."""

    program: str  # name on PATH, or a path
    permission_mode: str = ""  # claude: --permission-mode
    assume_sandbox: bool = False  # claude: set IS_SANDBOX=1
    sandbox: str = ""  # codex: -s
    network_access: bool = False  # codex: network inside its sandbox
    max_retries: int = 2  # how often the CLI itself repeats a failing request
    extra_args: tuple[str, ...] = ()


class AgentTask(NamedTuple):
    """What an executor is asked to run."""

    model: str  # the model's own name, without the provider; "" for shell
    prompt: str  # for the agent's stdin; "" for shell
    command: str  # the shell command of a shell task; else ""
    directory: str  # the working directory, absolute
    writable: tuple[str, ...]  # directories outside it that the agent must be able to write (.wg/db)


class LaunchPlan(NamedTuple):
    """Exactly what is executed. `env` are the additions to the scrubbed environment; secrets only ever go there."""

    argv: tuple[str, ...]
    env: dict[str, str]
    cwd: str
    stdin: str


class Reading(NamedTuple):
    """What an agent's output says about its run."""

    finished: bool  # there is a final event, and it says no error
    error: str  # the final event's (or stderr's) error, or ""
    message: str  # the agent's last words, or ""
    session_id: str
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost: float | None  # US dollars, None where the CLI gives none


class Executor(Protocol):
    """One kind of agent. Implementations are stateless and pure: they start nothing and read no config file."""

    name: str

    def plan(self, task: AgentTask, settings: AgentSettings) -> LaunchPlan:
        """The command line, environment, directory and stdin for `task`."""

    def read(self, stdout: str, stderr: str) -> Reading:
        """What the output of a finished run says. Never raises: half a line at the end is ignored."""
