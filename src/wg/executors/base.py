"""How one agent is run: what every executor can say, and the plain data it says it with."""

from __future__ import annotations

from typing import Protocol

from wg.config.route import Endpoint
from wg.graph.attempt import Usage
from wg.records import NamedTuple


class AgentSettings(NamedTuple):
    """What the config says about running one kind of agent (sections [executors.*])."""

    program: str  # name on PATH, or a path
    permission_mode: str = ""  # claude: --permission-mode
    assume_sandbox: bool = False  # claude: set IS_SANDBOX=1
    sandbox: str = ""  # codex: -s
    network_access: bool = False  # codex: network inside its sandbox
    max_retries: int = 2  # how often the CLI itself repeats a failing request
    mode: str = ""  # nex: what its tools may do
    extra_args: tuple[str, ...] = ()


class AgentTask(NamedTuple):
    """What an executor is asked to run."""

    model: str  # the model's own name, without the provider; "" for shell
    prompt: str  # for the agent's stdin; "" for shell
    command: str  # the shell command of a shell task; else ""
    directory: str  # the working directory, absolute
    writable: tuple[str, ...]  # directories outside it that the agent must be able to write (.wg/db)
    read_only: bool = False  # it is to change nothing
    endpoint: Endpoint | None = None  # nex: where its model is served
    journal: str = ""  # nex: the file for its conversation
    resume: str = ""  # nex: the journal of an earlier attempt, with whose conversation it begins; "" for none


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
    failure: str = ""  # one of `failures.ALL`, or "" where the output does not tell
    resets_at: float | None = None  # when the limit that it ran into ends, in seconds since the epoch


class Executor(Protocol):
    """One kind of agent. Implementations are stateless and pure: they start nothing and read no config file."""

    name: str

    def plan(self, task: AgentTask, settings: AgentSettings) -> LaunchPlan:
        """The command line, environment, directory and stdin for `task`."""

    def readable(self, line: str) -> str:
        """One line of the output as people read it, "" for what tells them nothing. Never raises.

        It may have several lines, is shortened, and still holds whatever an agent may print: see `text.printable`.
        """

    def used(self, stdout: str) -> Usage | None:
        """What a run that goes on has used at least, None where its output does not tell. Never raises."""

    def read(self, stdout: str, stderr: str, now: float) -> Reading:
        """What the output of a finished run says, `now` being when it ended (seconds since the epoch).

        Never raises: half a line at the end is ignored. A failure is classified from what the program itself says,
        and never from the words of the model.
        """
