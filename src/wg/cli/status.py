"""`wg status`: which config is in force, what it makes run, and what is going on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from wg.cli.arguments import Parser, command
from wg.cli.inforce import print_json, project_here
from wg.cli.profile import print_problems, problem_object
from wg.config.load import Config, load
from wg.errors import WgError
from wg.locations import Project
from wg.profiles import overview
from wg.profiles.selection import Selection, select
from wg.text import duration, printable

if TYPE_CHECKING:
    import argparse

    from wg.dispatch.report import Report
    from wg.dispatch.state import DispatcherState


def parser() -> Parser:
    """The command line of `wg status`."""
    return command("status", "Show the config in force, what it makes run, the dispatcher and the tasks.", run)


def run(arguments: argparse.Namespace) -> int:
    """Print the status; the exit code is that of the config (3 if there is none, 5 if nothing can be run on it)."""
    project = project_here(arguments)
    report, trouble = _report(project)
    try:
        selected = select(project, arguments.profile or "")
    except WgError as error:
        if not arguments.json:
            print("\n".join(_project_lines(project) + _report_lines(report, [], None, None)))
        raise error
    config = load(selected.path)
    go_on = _profiles_that_go_on(project, report, selected)
    if arguments.json:
        print_json(_as_object(project, selected, config, report, go_on))
        return 5 if config.errors else 0
    lines = _project_lines(project) + _config_lines(selected, config) + _report_lines(report, go_on, selected, config)
    print("\n".join(lines))
    if config.errors:
        print_problems(config)
    if trouble:
        raise trouble
    return 5 if config.errors else 0


def _report(project: Project | None) -> tuple[Report | None, WgError | None]:
    """What is going on, or why that cannot be told: a damaged store must not hide which config is in force."""
    if project is None:
        return None, None
    from wg.dispatch.report import report
    from wg.graph.store import Store

    try:
        with Store.open(project.database) as store:
            return report(store, time.time()), None
    except WgError as error:
        return None, error


def _profiles_that_go_on(project: Project | None, report: Report | None, selected: Selection) -> list[str]:
    if project is None or report is None or not report.pauses:
        return []
    from wg.dispatch.alternatives import profiles_that_go_on

    return profiles_that_go_on(project, report.pauses, selected.name)


def _project_lines(project: Project | None) -> list[str]:
    return [f"Project:    {printable(project.root) if project else 'none here (wg init makes one)'}"]


def _config_lines(selected: Selection, config: Config) -> list[str]:
    lines = [f"Config:     {printable(selected.entry.describe())}"]
    lines.append(f"Profile:    {selected.name}, because {printable(selected.reason)}")
    lines += [f"            hides {printable(hidden)}" for hidden in selected.hides]
    if advice := overview.advice(selected):
        lines.append(f"            {printable(advice)}")
    if config.errors:
        return [*lines, "Runs:       nothing: the config is invalid"]
    routes = overview.routes(config)
    wide = max(len(route.role) for route in routes)
    for index, route in enumerate(routes):
        head = "Runs:       " if index == 0 else "            "
        lines.append(f"{head}{route.role:<{wide}}  {route.executor}  {route.spec}  ({printable(_short(route.source))})")
    return lines


def _short(source: str) -> str:
    """`config.toml.codex:28 [models.task_agent].model` of a source with its whole path."""
    return source.rpartition("/")[2]


def _report_lines(
    report: Report | None, go_on: list[str], selected: Selection | None, config: Config | None
) -> list[str]:
    if report is None:
        return []
    from wg.cli.servicestatus import pause_text
    from wg.dispatch.standing import standing
    from wg.views.pauses import pause_lines

    lines = _dispatcher_lines(report.dispatcher, selected, config)
    if report.paused:
        lines.append(f"  {pause_text(report.paused)}")
    now = time.time()
    for attempt in report.running:
        model = attempt.route.model or attempt.route.executor
        how, since = printable(standing(attempt)), duration(max(0.0, now - attempt.claimed_at))
        lines.append(f"  agent-{attempt.fence}  {attempt.task_id}  {printable(model)}  {how}  {since}")
    lines += pause_lines(report.pauses, go_on, now)
    counts = [f"{number} {status}" for status, number in report.counts.items() if number and status != "open"]
    lines.append(f"Tasks:      {', '.join(counts) or 'none'}")
    lines += [f"  {task} waits: {printable(reason)}" for task, reason in report.waiting]
    return lines


def _dispatcher_lines(
    dispatcher: DispatcherState | None, selected: Selection | None, config: Config | None
) -> list[str]:
    if dispatcher is None:
        return ["Dispatcher: not running (start it with: wg service start)"]
    up = duration(max(0.0, time.time() - dispatcher.started_at))
    lines = [f"Dispatcher: pid {dispatcher.identity.pid}, up {up}, at most {dispatcher.max_agents} agents"]
    if dispatcher.problem:
        lines.append(f"  starts nothing new: {printable(dispatcher.problem, multiline=True)}")
    if dispatcher.serial_reason:
        lines.append(f"  one agent at a time, in the project directory: {printable(dispatcher.serial_reason)}")
    loaded = dispatcher.config_path, dispatcher.config_digest
    if config is None or selected is None or loaded != (config.path, config.digest):
        lines += _other_config(dispatcher, selected)
    return lines


def _other_config(dispatcher: DispatcherState, selected: Selection | None) -> list[str]:
    """The dispatcher's own routes, where they are not this shell's, and why."""
    loaded = printable(dispatcher.config_path) or "no config"
    lines = [f"  runs on {loaded} (profile {dispatcher.profile}); {printable(_why_other(dispatcher, selected))}"]
    return lines + [
        f"  {role}  {route.executor}  {printable(route.model)}  ({printable(_short(route.source))})"
        for role, route in dispatcher.routes.items()
    ]


def _why_other(dispatcher: DispatcherState, selected: Selection | None) -> str:
    if selected and selected.by in ("flag", "variable"):
        return f"here it is {selected.reason}"
    if dispatcher.problem:
        return "that is what it last read"
    if selected and dispatcher.config_link != selected.entry.path:
        return f"it follows {dispatcher.config_link}, this shell {selected.entry.path}"
    return "a change is under way"


def _as_object(
    project: Project | None, selected: Selection, config: Config, report: Report | None, go_on: list[str]
) -> dict[str, object]:
    from wg.cli.servicestatus import attempt_object, dispatcher_object
    from wg.views.pauses import pause_object

    found: dict[str, object] = {
        "project": project.root if project else None,
        "config": config.path,
        "entry": selected.entry.path,
        "target": selected.entry.target or None,
        "profile": selected.name,
        "why": selected.reason,
        "hides": selected.hides,
        "digest": config.digest,
        "roles": [route.as_object() for route in overview.routes(config)],
        "problems": [problem_object(problem, config) for problem in config.problems],
    }
    if report:
        found["dispatcher"] = dispatcher_object(report.dispatcher) if report.dispatcher else None
        found["paused"] = report.paused._asdict() if report.paused else None
        found["running"] = [attempt_object(attempt) for attempt in report.running]
        found["paused_routes"] = [pause_object(pause, time.time()) for pause in report.pauses]
        found["go_on"] = go_on
        found["tasks"] = report.counts
        found["waiting"] = [{"task": task, "reason": reason} for task, reason in report.waiting]
    return found
