"""Starts the supervisor of a claimed attempt."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

from wg.dispatch.attempt_files import AttemptFiles
from wg.dispatch.decision import Decision
from wg.dispatch.environment import own_program, scrubbed
from wg.dispatch.plans import Place, plan_launch
from wg.executors.base import LaunchPlan
from wg.files import open_private
from wg.graph.attempt import Attempt, Workplace
from wg.graph.task import Task
from wg.locations import Project
from wg.worktrees.workplace import working_directory


def start_supervisor(
    project: Project,
    attempt: Attempt,
    task: Task,
    workplace: Workplace,
    decision: Decision,
    prompt: str,
    resume: str,
) -> subprocess.Popen[bytes]:
    """Write the attempt's files and start its supervisor. Raises OSError or WgError, having started nothing.

    `resume` is the journal of the earlier attempt that it goes on with, or "".
    """
    files = AttemptFiles(project, attempt.fence)
    directory = working_directory(project.root, workplace)
    place = Place(str(attempt.fence), directory, bool(workplace.branch), files.journal, resume)
    plan = plan_launch(decision.route, task, place, project, decision.profile, decision.settings, prompt)
    files.write_launch(decision.route.executor, plan, attempt.timeout, decision.silence)
    with open_private(files.supervisor, "ab") as log:
        return subprocess.Popen(
            (own_program(), "--dir", project.root, "supervisor", str(attempt.fence)),
            cwd=project.root,
            env=agent_environment(os.environ, plan),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def agent_environment(environment: Mapping[str, str], plan: LaunchPlan) -> dict[str, str]:
    """The agent's whole environment. Its supervisor gets it too: so keys are in no file, and both are marked."""
    return {**scrubbed(environment), **plan.env}
