"""`wg worktree`: the worktrees of agents, and removing those that are not needed any more."""

from __future__ import annotations

from wg.cli.arguments import Parser, command, subcommand, subcommands
from wg.cli.caller import require_person
from wg.dispatch.disk import disk_use, size
from wg.dispatch.holdings import Holding, collect, discard, holdings
from wg.graph.store import Store
from wg.locations import require_project
from wg.records import TYPE_CHECKING
from wg.text import printable

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg worktree`."""
    made = command("worktree", "The worktrees and branches of agents.")
    group = subcommands(made)
    subcommand(group, "list", "list them: what is in them, the room they take, and why they are kept", _list)
    collecting = subcommand(
        group, "gc", "remove those whose work is merged or saved; nothing that is in use, or that is only there", _gc
    )
    collecting.add_argument("--dry-run", action="store_true", help="only say which")
    removing = subcommand(group, "rm", "remove one", _rm)
    removing.add_argument("agent", metavar="AGENT", help="agent-N, as `wg worktree list` shows it")
    removing.add_argument(
        "--discard", action="store_true", help="with its branch and all its work, merged or not: that is lost then"
    )
    return made


def _list(arguments: argparse.Namespace) -> int:
    project = require_project(arguments.dir)
    with Store.open(project.database) as store:
        found = holdings(project, store)
    rooms = [disk_use(each.directory) if each.directory else (0, True) for each in found]
    if arguments.json:
        _print_json([_as_object(each, room) for each, room in zip(found, rooms, strict=True)])
        return 0
    if not found:
        print("no worktrees, and no branches of agents")
    for each, room in zip(found, rooms, strict=True):
        print(_line(each, room))
    kept = next((each for each in found if each.task and not each.can_go and each.state.startswith("kept")), None)
    if any(each.can_go for each in found):
        print("wg worktree gc removes what is not needed")
    if kept:
        print(f"wg worktree rm {kept.agent} --discard removes one with all its work")
    return 0


def _gc(arguments: argparse.Namespace) -> int:
    require_person("remove worktrees")
    project = require_project(arguments.dir)
    with Store.open(project.database) as store:
        if arguments.dry_run:
            done = [(each, "") for each in holdings(project, store) if each.can_go]
        else:
            done = collect(project, store)
        kept = [each for each in holdings(project, store) if not each.can_go]
    failed = [why for _, why in done if why]
    if arguments.json:
        removed = [each.agent for each, why in done if not why]
        _print_json({"removed": removed, "kept": [each.agent for each in kept], "problems": failed})
        return 1 if failed else 0
    verb = "would remove" if arguments.dry_run else "removed"
    for each, why in done:
        print(f"{each.agent}: {printable(why)}" if why else f"{verb} {each.agent} ({printable(each.branch)})")
    for each in kept:
        print(f"{printable(each.agent)}: {printable(each.state)}")
    if not done and not kept:
        print("nothing to remove")
    return 1 if failed else 0


def _rm(arguments: argparse.Namespace) -> int:
    require_person("remove a worktree")
    project = require_project(arguments.dir)
    with Store.open(project.database) as store:
        tip = discard(project, store, arguments.agent, force=arguments.discard)
    if arguments.json:
        _print_json({"removed": arguments.agent, "commit": tip or None})
    else:
        print(f"removed {arguments.agent}" + (f" (its branch was at {tip[:12]})" if tip else ""))
    return 0


def _line(each: Holding, room: tuple[int, bool]) -> str:
    amount, whole = room
    facts = [f"{each.ahead} commit{'s' if each.ahead > 1 else ''} ahead"] if each.ahead else []
    facts += ["uncommitted changes"] if each.dirty else []
    facts += [f"{'' if whole else 'over '}{size(amount)}"] if each.directory else ["only a branch"]
    return f"{printable(each.agent)}  {each.task or '-'}  {', '.join(facts)}  {printable(each.state)}"


def _as_object(each: Holding, room: tuple[int, bool]) -> dict[str, object]:
    return {
        "agent": each.agent,
        "task": each.task or None,
        "branch": each.branch or None,
        "directory": each.directory or None,
        "ahead": each.ahead,
        "dirty": each.dirty,
        "bytes": room[0] if each.directory else None,
        "bytes_complete": room[1],
        "state": each.state,
        "can_go": each.can_go,
    }


def _print_json(value: object) -> None:
    import json  # only where it is asked for

    print(json.dumps(value))
