"""`wg profile`: switch between complete config snapshots, and manage them (SPEC-profiles.md, section 4)."""

from __future__ import annotations

import os

from wg.cli.arguments import Parser, command, subcommand, subcommands
from wg.cli.inforce import file_in_force, print_json, project_here, say, what_hides
from wg.config.load import Config, Problem, load
from wg.config.schema import section_of
from wg.errors import UsageError, WgError
from wg.locations import Project
from wg.profiles import overview, snapshots
from wg.profiles.overview import Row
from wg.profiles.selection import select
from wg.profiles.switch import AUTO, GLOBAL, PROJECT, Switched, use
from wg.records import TYPE_CHECKING
from wg.text import printable

if TYPE_CHECKING:
    import argparse

_DESCRIPTION = """A profile is a complete config file, ~/.wg/config.toml.NAME, and ~/.wg/config.toml is a link to the
active one. Nothing is merged: what is in that one file is exactly what runs."""

Facts = dict[str, str | list[str]]  # what `wg profile show` says first


def parser() -> Parser:
    """The command line of `wg profile`."""
    made = command("profile", _DESCRIPTION)
    group = subcommands(made)
    use_parser = subcommand(
        group,
        "use",
        "put a profile in force, after installing a missing starter; lifts this project's pin (- is the one before)",
        _use,
    )
    use_parser.add_argument("name", metavar="NAME")
    scope = use_parser.add_mutually_exclusive_group()
    scope.add_argument("--global", dest="globally", action="store_true", help="leave this project's pin alone")
    scope.add_argument("--project", action="store_true", help="pin this project to it, and leave the home's link alone")
    show = subcommand(group, "show", "the active profile, its model lines, and what each role runs on", _show)
    show.add_argument("name", metavar="NAME", nargs="?", help="another profile")
    subcommand(group, "list", "all profiles, and starters not yet installed", _list)
    create = subcommand(group, "create", "make a new profile, from another or for one model", _create)
    create.add_argument("name", metavar="NEW")
    create.add_argument("--from", dest="source", metavar="NAME", help="copy this profile, then apply the options")
    create.add_argument("-m", "--model", metavar="MODEL", help="what works on tasks, as provider:model")
    create.add_argument(
        "-e", "--endpoint", metavar="URL", help="the address of the default endpoint of the task model's provider"
    )
    create.add_argument("--description", metavar="TEXT")
    edit = subcommand(group, "edit", "edit a profile in $VISUAL or $EDITOR; only a valid result is taken", _edit)
    edit.add_argument("name", metavar="NAME")
    diff = subcommand(group, "diff", "compare two profiles", _diff)
    diff.add_argument("one", metavar="A")
    diff.add_argument("other", metavar="B", nargs="?", help="the file in force if left out")
    save = subcommand(group, "save", "adopt a config.toml that has become a plain file, as a profile", _save)
    save.add_argument("name", metavar="NEW")
    delete = subcommand(group, "delete", "delete a profile that is not in use", _delete)
    delete.add_argument("name", metavar="NAME")
    rename = subcommand(group, "rename", "rename a profile that is not in use", _rename)
    rename.add_argument("old", metavar="OLD")
    rename.add_argument("new", metavar="NEW")
    for scoped in (save, delete, rename):
        scoped.add_argument("--project", action="store_true", help="this project's own, not the home's")
    install = subcommand(group, "install", "write the starters that are missing", _install, ("init-starters",))
    install.add_argument("--force", action="store_true", help="write all of them anew; old ones are kept")
    return made


def _use(arguments: argparse.Namespace) -> int:
    scope = PROJECT if arguments.project else GLOBAL if arguments.globally else AUTO
    project = project_here(arguments)
    switched = use(project, arguments.name, scope)
    changed = os.path.dirname(switched.config)
    hidden = what_hides(project, arguments, changed)
    if arguments.json:
        print_json(switched_object(switched, hidden))
        return 0
    where = " of this project" if arguments.project else ""
    print(f"Active profile{where}: {switched.name or '-'} (was: {switched.was})")
    print(f"{switched.config} -> {switched.target}")
    report_switch(switched, hidden)
    return 0


def report_switch(switched: Switched, hidden: str) -> None:
    """Everything beside the result, on stderr: warnings, what was kept, and what hides the change."""
    for text in switched.warnings:
        say("warning", text)
    for text in switched.notes:
        say("note", text)
    if hidden:
        say("warning", f"not in force here: {hidden}")


def switched_object(switched: Switched, hidden: str) -> dict[str, object]:
    return {
        "active": switched.name or None,
        "config": switched.config,
        "target": switched.target,
        "was": switched.was,
        "warnings": switched.warnings,
        "notes": switched.notes,
        "hidden_by": hidden or None,
    }


def _show(arguments: argparse.Namespace) -> int:
    if arguments.name:
        project = project_here(arguments)
        path, text = snapshots.read_snapshot(project, arguments.name)
        config = Config(path, text.encode())
        facts: Facts = {"profile": arguments.name, "config": path}
    else:
        _, selected, config = file_in_force(arguments)
        facts = {
            "active": selected.name,
            "link": selected.entry.leads_to(),
            "config": config.path,
            "why": selected.reason,
            "hides": list(selected.hides),
            "note": overview.advice(selected),
        }
    if arguments.json:
        print_json(_shown_object(facts, config))
    else:
        _print_shown(facts, config)
    return 5 if config.errors else 0


def _print_shown(facts: Facts, config: Config) -> None:
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        for text in [value] if isinstance(value, str) else value:
            if text:
                print(f"{name.capitalize() + ':':<{width + 1}} {printable(text)}")
    print()
    for line in overview.model_lines(config):
        print(f"{line.number}:{printable(line.text, multiline=True)}")
    routes = overview.routes(config)
    if routes:
        print()
        wide = max(len(route.role) for route in routes)
        deep = max(len(route.spec) for route in routes)
        for route in routes:
            step = next(step for step in route.chain if step.decides)
            where = f"line {step.line}, [{section_of(step.key)}]"
            print(f"{route.role:<{wide}}  {route.executor:<6}  {route.spec:<{deep}}  {where}")
    print_problems(config)


def print_problems(config: Config) -> None:
    """Every problem of a file, on stderr, with file and line."""
    for problem in config.problems:
        say(problem.severity, problem.at(config.path))


def _shown_object(facts: Facts, config: Config) -> dict[str, object]:
    return {
        **facts,
        "digest": config.digest,
        "model_lines": [line._asdict() for line in overview.model_lines(config)],
        "roles": [route.as_object() for route in overview.routes(config)],
        "problems": [problem_object(problem, config) for problem in config.problems],
    }


def problem_object(problem: Problem, config: Config) -> dict[str, object]:
    """A problem as --json prints it."""
    return {**problem._asdict(), "path": config.path}


def _list(arguments: argparse.Namespace) -> int:
    project = project_here(arguments)
    rows = overview.rows(project)
    if arguments.json:
        print_json([row._asdict() for row in rows])
        return 0
    wide = max(len(row.name) for row in rows)
    deep = max(len(row.model or "invalid") for row in rows)
    for title, scope in (
        ("This project's own profiles:", "project"),
        ("Profiles:", "global"),
        ("Starters, not yet installed (wg profile use NAME installs one):", "starter"),
    ):
        chosen = [row for row in rows if row.scope == scope]
        if chosen:
            print(title)
        for row in chosen:
            print(_row_line(row, wide, deep))
    return 0


def _row_line(row: Row, wide: int, deep: int) -> str:
    mark = "*" if row.active else " "
    text = f"{mark} {row.name:<{wide}}  {row.model or 'invalid':<{deep}}  {printable(row.description)}"
    return text.rstrip()


def _create(arguments: argparse.Namespace) -> int:
    from wg.profiles.authoring import new_text  # tomlkit: only where a file is edited

    project = project_here(arguments)
    text = new_text(project, arguments.source, arguments.model, arguments.endpoint, arguments.description)
    path = snapshots.create(arguments.name, text)
    return _done(arguments, {"created": arguments.name, "path": path}, f"Created {path}")


def _edit(arguments: argparse.Namespace) -> int:
    import shlex
    import subprocess

    project_here(arguments)
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ("vi" if os.isatty(0) else "")
    if not editor:
        raise UsageError("there is no terminal to edit in, and no editor is named", "set VISUAL or EDITOR")
    path, copy = snapshots.edited_copy(arguments.name)
    before = load(copy).text
    try:
        failed = subprocess.run([*shlex.split(editor), copy], check=False).returncode
    except (OSError, ValueError) as error:  # ValueError: a quote without its other half
        os.unlink(copy)
        raise WgError(f"the editor {editor!r} cannot be started: {error}", "set EDITOR") from None
    if failed:
        raise WgError(f"the editor ended with exit code {failed}{snapshots.leave_edit(copy, before)}", "edit again")
    config = snapshots.take_edit(path, copy, before)
    if config:
        print_problems(config)
    return _done(
        arguments, {"edited": arguments.name, "changed": bool(config)}, f"Edited {path}" if config else "No change"
    )


def _diff(arguments: argparse.Namespace) -> int:
    from difflib import unified_diff

    project = project_here(arguments)
    path, text = snapshots.read_snapshot(project, arguments.one)
    other_path, other = _other_side(arguments, project)
    lines = list(unified_diff(text.splitlines(True), other.splitlines(True), path, other_path))
    if arguments.json:
        print_json({"a": path, "b": other_path, "diff": "".join(lines)})
    else:
        print(printable("".join(lines), multiline=True), end="")
    return 0


def _other_side(arguments: argparse.Namespace, project: Project | None) -> tuple[str, str]:
    if arguments.other:
        return snapshots.read_snapshot(project, arguments.other)
    selected = select(project, arguments.profile or "")
    return selected.path, load(selected.path).text


def _save(arguments: argparse.Namespace) -> int:
    project = project_here(arguments)
    path = snapshots.save(project, arguments.name, arguments.project)
    if hidden := what_hides(project, arguments, os.path.dirname(path)):
        say("warning", f"not in force here: {hidden}")
    return _done(arguments, {"saved": arguments.name, "path": path}, f"Saved as {path}, and linked")


def _delete(arguments: argparse.Namespace) -> int:
    path = snapshots.delete(project_here(arguments), arguments.name, arguments.project)
    return _done(arguments, {"deleted": arguments.name, "path": path}, f"Deleted {path}")


def _rename(arguments: argparse.Namespace) -> int:
    path = snapshots.rename(project_here(arguments), arguments.old, arguments.new, arguments.project)
    return _done(arguments, {"renamed": arguments.new, "path": path}, f"Renamed to {path}")


def _install(arguments: argparse.Namespace) -> int:
    project_here(arguments)
    written, notes = snapshots.install(arguments.force)
    for note in notes:
        say("note", note)
    text = f"Installed: {', '.join(written)}" if written else "All starters are there"
    return _done(arguments, {"installed": written, "notes": notes}, text)


def _done(arguments: argparse.Namespace, result: dict[str, object], text: str) -> int:
    if arguments.json:
        print_json(result)
    else:
        print(text)
    return 0
