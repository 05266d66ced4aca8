"""The directory of one attempt: what its supervisor is to run, what the agent printed, and how it ended."""

from __future__ import annotations

import json
import os
import shutil

from wg.errors import WgError
from wg.executors.base import LaunchPlan
from wg.files import write_atomically
from wg.graph.attempt import Outcome, Usage
from wg.locations import Project
from wg.records import NamedTuple


class Launch(NamedTuple):
    """What a supervisor runs. The environment is not in it: the supervisor's own is the agent's."""

    executor: str
    argv: tuple[str, ...]
    cwd: str
    timeout: float  # seconds
    silence: float = 0.0  # seconds that it may print nothing; 0: as long as it likes


class AttemptFiles:
    """`.wg/attempts/<fence>/`, private to the user."""

    def __init__(self, project: Project, fence: int) -> None:
        self.directory = os.path.join(project.dir, "attempts", str(fence))
        self.launch = os.path.join(self.directory, "plan.json")
        self.prompt = os.path.join(self.directory, "prompt")
        self.journal = os.path.join(self.directory, "journal.jsonl")
        self.stdout = os.path.join(self.directory, "stdout.log")
        self.stderr = os.path.join(self.directory, "stderr.log")
        self.setup = os.path.join(self.directory, "setup.log")
        self.check = os.path.join(self.directory, "check.log")
        self.supervisor = os.path.join(self.directory, "supervisor.log")
        self.outcome = os.path.join(self.directory, "outcome.json")

    def create(self) -> None:
        """Make the directory, empty. Raises OSError.

        What is there already is of an older database, where that number was another attempt's.
        """
        if os.path.isdir(self.directory):
            shutil.rmtree(self.directory)
        os.makedirs(os.path.dirname(self.directory), mode=0o700, exist_ok=True)
        os.mkdir(self.directory, mode=0o700)

    def write_launch(self, executor: str, plan: LaunchPlan, timeout: float, silence: float = 0.0) -> None:
        """Write what the supervisor will read into the directory that `create` has made. Raises OSError."""
        launch = Launch(executor, plan.argv, plan.cwd, timeout, silence)
        write_atomically(self.prompt, plan.stdin.encode("utf-8", "replace"), 0o600)
        write_atomically(self.launch, json.dumps(launch._asdict()).encode(), 0o600)

    def read_launch(self) -> Launch:
        """Raises OSError where there is none."""
        with open(self.launch, encoding="utf-8") as file:
            values = json.load(file)
        return Launch(values["executor"], tuple(values["argv"]), values["cwd"], values["timeout"], values["silence"])

    def write_outcome(self, outcome: Outcome) -> None:
        """In one step, and on the disk when this returns. Raises OSError."""
        values = {**outcome._asdict(), "usage": outcome.usage._asdict()}
        write_atomically(self.outcome, json.dumps(values).encode(), 0o600)

    def read_outcome(self) -> Outcome | None:
        """How the attempt ended, or None if nothing says so. WgError for a damaged file."""
        try:
            with open(self.outcome, encoding="utf-8") as file:
                values = json.load(file)
            return Outcome(**{**values, "usage": Usage(**values["usage"])})
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError) as error:
            raise WgError(f"{self.outcome} is damaged: {error}", "remove it: the attempt then counts as lost") from None
