"""`wg explain`: how a task or role comes to its model, and the exact command line, without running it."""

from __future__ import annotations

import argparse
import shlex

from wg.cli.arguments import Parser, command
from wg.cli.inforce import file_in_force, print_json
from wg.config.load import require_valid
from wg.config.route import Step
from wg.dispatch.explain import Explanation, explain_role, explain_task
from wg.errors import NotFoundError, UsageError
from wg.graph.store import Store
from wg.profiles.selection import Selection
from wg.text import printable


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
    if arguments.role:
        explained = explain_role(config, arguments.role)
        subject = f"role {arguments.role}"
    else:
        if project is None:
            raise NotFoundError("there is no project here, and so no task", "make one with: wg init")
        with Store.open(project.database) as store:
            task = store.task(store.resolve(arguments.task))
        explained = explain_task(config, selected.name, project, task)
        subject = f"task {task.id}"
    if arguments.json:
        print_json(_as_object(explained, selected))
    else:
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
        "argv": plan.argv if plan else None,
        "env": plan.env if plan else None,
        "cwd": plan.cwd if plan else None,
        "stdin": plan.stdin if plan else None,
    }


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
    if plan:
        environment = " ".join(f"{name}={shlex.quote(value)}" for name, value in sorted(plan.env.items()))
        print(f"Directory: {printable(plan.cwd)}")
        print(f"Environment: {printable(environment)}")
        print(f"Command: {printable(shlex.join(plan.argv))}")
        if plan.stdin:
            print(f"Standard input:\n{_indented(plan.stdin)}")


def _step_line(step: Step, wide: int) -> str:
    where = f"line {step.line}" if step.line else ""
    mark = "<- decides" if step.decides else ""
    if step.asked_by:
        mark = f"{mark} (asked for by {step.asked_by})".lstrip()
    return f"  {step.key:<{wide}}  {where:<8}  {printable(step.value) or '-'}  {mark}".rstrip()


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in printable(text, multiline=True).rstrip().split("\n"))
