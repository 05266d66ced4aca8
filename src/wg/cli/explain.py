"""`wg explain`: how a task or role comes to its model, and the exact command line, without running it."""

from __future__ import annotations

import shlex
import time

from wg.cli.arguments import Parser, command
from wg.cli.inforce import file_in_force, print_json
from wg.config.load import require_valid
from wg.config.route import Step
from wg.dispatch.explain import Explanation, explain_role, explain_task
from wg.errors import NotFoundError, UsageError
from wg.graph.attempt import Attempt
from wg.graph.events import agent
from wg.graph.store import Store
from wg.profiles.selection import Selection
from wg.records import TYPE_CHECKING
from wg.text import printable

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg explain`."""
    made = command("explain", "Show how a task or a role comes to its model, and exactly what would be executed.", run)
    made.add_argument("task", metavar="TASK", nargs="?")
    made.add_argument("--role", metavar="ROLE", help="a role instead of a task, as in evaluator")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Print the explanation."""
    if bool(arguments.task) == bool(arguments.role):
        raise UsageError("name a task, or a role with --role", "wg explain --help")
    project, selected, config = file_in_force(arguments)
    require_valid(config)
    running: Attempt | None = None
    if arguments.role:
        explained = explain_role(config, arguments.role)
        subject = f"role {arguments.role}"
    else:
        if project is None:
            raise NotFoundError("there is no project here, and so no task", "make one with: wg init")
        with Store.open(project.database) as store:
            task = store.task(store.resolve(arguments.task))
            explained = explain_task(config, selected.name, project, store, task, time.time())
            running = next((one for one in store.attempts_of(task.id) if one.state in ("claimed", "running")), None)
        subject = f"task {task.id}"
    if arguments.json:
        print_json({**_as_object(explained, selected), "running": running and _running_object(running)})
    else:
        if running is not None:
            print("\n".join(_running_lines(running, explained)))
        _print(explained, selected, subject)
    return 0


def _as_object(explained: Explanation, selected: Selection) -> dict[str, object]:
    plan = explained.plan
    return {
        **explained.route.as_object(),
        "profile": selected.name,
        "why": selected.reason,
        "chain": [step._asdict() for step in explained.route.chain],
        "obstacle": explained.obstacle or None,
        "doubt": explained.doubt or None,
        "argv": plan.argv,
        "env": plan.env,
        "cwd": plan.cwd,
        "stdin": plan.stdin,
    }


def _running_object(attempt: Attempt) -> dict[str, object]:
    return {"agent": agent(attempt.fence), "state": attempt.state, **attempt.route._asdict()}


def _running_lines(attempt: Attempt, explained: Explanation) -> list[str]:
    """What the attempt that is under way was started with, which no switch changes any more, and what would be now."""
    was, now = attempt.route, explained.route
    if (was.executor, was.model) != (now.executor, now.spec):
        next_one = "the next attempt would run on another model, as follows"
    elif was.config_digest != now.config_digest:
        next_one = "the file in force is not the same any more; the model it leads to is"
    else:
        next_one = "the next attempt would run on the same, as follows"
    return [
        printable(f"Runs now: {agent(attempt.fence)} on {f'{was.executor} {was.model}'.rstrip()}, from {was.source}"),
        printable(f"  config {was.config_path} (sha256 {was.config_digest[:12]}, profile {was.profile})"),
        f"  {next_one}",
    ]


def _print(explained: Explanation, selected: Selection, subject: str) -> None:
    route, plan = explained.route, explained.plan
    print(f"{subject[0].upper()}{subject[1:]}: {route.executor} {route.spec}".rstrip())
    print(printable(f"Config: {selected.path} (profile {selected.name}), because {selected.reason}"))
    print("Asked, in this order:")
    wide = max(len(step.key) for step in route.chain)
    for step in route.chain:
        print(_step_line(step, wide))
    if route.endpoint:
        print(printable(f"Endpoint: {route.endpoint.name} at {route.endpoint.url}"))
    if explained.obstacle:
        print(f"Would not start now: {printable(explained.obstacle)}")
    if explained.doubt:
        print(f"Can hardly succeed: {printable(explained.doubt)}")
    environment = " ".join(f"{name}={shlex.quote(value)}" for name, value in sorted(plan.env.items()))
    print(f"Directory: {printable(plan.cwd)}")
    print(f"Environment: {printable(environment)}")
    print(f"Command: {printable(shlex.join(plan.argv))}")
    if plan.stdin:
        print(f"Standard input:\n{_indented(plan.stdin)}")


def _step_line(step: Step, wide: int) -> str:
    where = f"line {step.line}" if step.line else ""
    mark = "<- decides" if step.decides else f"passed over: {step.passed_over}" if step.passed_over else ""
    if step.asked_by:
        mark = f"{mark} (asked for by {step.asked_by})".lstrip()
    return f"  {step.key:<{wide}}  {where:<8}  {printable(step.value) or '-'}  {mark}".rstrip()


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in printable(text, multiline=True).rstrip().split("\n"))
