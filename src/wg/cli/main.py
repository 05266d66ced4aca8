"""The entry point: find the command's module, run it, and print what went wrong, once.

Nothing heavy is imported here: every command pays for it (DESIGN.md, decision 11).
"""

from __future__ import annotations

import gc
import os
import sys

from wg.cli import streams
from wg.errors import UsageError, WgError
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

# command -> what `wg --help` says of it; its module is wg.cli.<command>, with _ for -
COMMANDS: dict[str, str] = {
    "init": "make a project here",
    "add": "add a task",
    "list": "list tasks",
    "ready": "list the tasks that can be started",
    "blocked": "list the tasks that wait for others, and for which",
    "why": "why a task is not running, to the last cause",
    "impact": "what depends on a task",
    "tree": "draw the dependency graph",
    "watch": "print what happens, as JSON lines",
    "check": "check that tasks, dependencies and attempts fit together",
    "show": "show one task in full",
    "log": "read a task's log, or write a line into it",
    "done": "finish a task (inside an agent: claim that it is finished)",
    "fail": "fail a task (inside an agent: claim that it failed)",
    "wait": "let a task wait for a time, a person, a message, a file or another task",
    "approve": "say yes to a task that waits for a person",
    "reject": "say no to a task that waits for a person",
    "msg": "write to whoever works on a task, and read what was written",
    "retry": "try a failed task again",
    "abandon": "give a task up; what depends on it goes on",
    "reset": "open a task again that is over",
    "edit": "change a task",
    "dep": "let a task depend on another, or no longer",
    "publish": "let a draft run, with all drafts that depend on it",
    "pause": "keep an open task from being started",
    "resume": "let a paused task run",
    "claim": "work on a task yourself: no agent is started on it",
    "unclaim": "give a task back that was claimed",
    "export": "write all tasks as lines of JSON",
    "import": "read tasks from such a file, or from the original's graph.jsonl",
    "service": "start, stop, pause or look at the dispatcher",
    "agents": "who is at work, on what, and what they last said",
    "attach": "follow what an agent prints",
    "kill": "end an agent and all that it has started",
    "attempts": "how often a task was tried, by whom, and what came of it",
    "worktree": "list the worktrees of agents, and remove those that are not needed any more",
    "status": "which config is in force, what it makes run, and what is going on",
    "explain": "how a task or role comes to its model, and the command line it would run",
    "prompt": "what an agent would be told",
    "guide": "how agents use wg",
    "setup-agents": "tell the agents of this project of wg, in AGENTS.md and CLAUDE.md",
    "nex": "talk to the agent in the box, or let it do something here",
    "profile": "switch between complete config snapshots, and manage them",
    "config": "read and edit the config file in force",
    "rehearse": "run a command with a scripted model in place of a real one",
    "endpoints": "where models for the agent in the box are served, and whether they can do tasks",
    "doctor": "check this installation, and say how to mend what is wrong",
    "completion": "print what makes your shell complete wg's command lines on TAB",
}
# another name of a command -> the command
ALIASES = {"viz": "tree"}
# commands that programs call and people do not: not in the help
INTERNAL: dict[str, str] = {
    "dispatcher": "the dispatcher's process, as `wg service start` starts it",
    "supervisor": "the process that owns one agent, as the dispatcher starts it",
}
_GLOBAL_WITH_VALUE = ("--dir", "--profile")
_GLOBAL_FLAGS = ("--json",)


def entry() -> None:
    """The console script. It ends without the interpreter's own clean-up, which costs half a bare start."""
    if not INTERNAL.keys() & set(sys.argv):
        gc.disable()  # a command ends before there is garbage worth its search, a third of a bare start
    streams.prepare()
    if "_ARGCOMPLETE" in os.environ:  # the shell asks what could stand where the cursor is
        from wg.cli.candidates import answer

        answer()
    code = main(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # what could not be written was reported, or its reader has gone
        code = code or 1
    os._exit(code)


def main(argv: list[str]) -> int:
    """Run one command line; returns the exit code. No exception leaves this function but SystemExit."""
    try:
        code = _run(argv)
        sys.stdout.flush()
        return code
    except WgError as error:
        return _report(error, argv)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # the reader of our output has gone; keep the interpreter from failing on the flush at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _report(_from_os(error), argv)
    except Exception as error:
        if os.environ.get("WG_DEBUG"):
            raise
        name = type(error).__name__
        return _report(WgError(f"internal error: {name}: {error}", "WG_DEBUG=1 shows where; please report it"), argv)


def _run(argv: list[str]) -> int:
    options, rest = _split_global(argv)
    if not rest or rest[0] in ("-h", "--help", "help"):
        print(_help())
        return 0 if rest else 2
    if rest[0] in ("-V", "--version"):
        from wg import __version__

        print(f"wg {__version__}")
        return 0
    name = ALIASES.get(rest[0], rest[0])
    if name not in COMMANDS and name not in INTERNAL:
        raise UsageError(f"there is no command {name!r}", _suggest(name))
    from wg.cli.plain import parse

    arguments = parse(load(name).parser(), options + rest[1:])
    code: int = arguments.run(arguments)
    return code


def load(name: str) -> ModuleType:
    """The module of a command."""
    import importlib

    return importlib.import_module(f"wg.cli.{name.replace('-', '_')}")


def _split_global(argv: list[str]) -> tuple[list[str], list[str]]:
    """Global options may stand before the command; they are moved behind it."""
    position = 0
    while position < len(argv):
        word = argv[position]
        if word in _GLOBAL_WITH_VALUE:
            position += 2
        elif word in _GLOBAL_FLAGS or word.startswith(tuple(f"{option}=" for option in _GLOBAL_WITH_VALUE)):
            position += 1
        else:
            break
    return argv[:position], argv[position:]


def _help() -> str:
    called = {name: ", ".join([name, *(alias for alias, of in ALIASES.items() if of == name)]) for name in COMMANDS}
    width = max(len(names) for names in called.values())
    lines = ["usage: wg [--dir DIR] [--profile NAME] [--json] COMMAND …", "", "commands:"]
    lines += [f"  {called[name]:<{width}}  {summary}" for name, summary in COMMANDS.items()]
    lines += [
        "",
        "wg COMMAND --help says more. Start with: wg profile list, wg init, wg add, wg service start",
    ]
    return "\n".join(lines)


def _suggest(name: str) -> str:
    from wg.text import closest

    near = closest(name, [*COMMANDS, *ALIASES])
    return f"did you mean: wg {near}" if near else "wg --help lists the commands"


def _from_os(error: OSError) -> WgError:
    place = f"{error.filename}: " if error.filename else ""
    return WgError(f"{place}{error.strerror or error}")


def _report(error: WgError, argv: list[str]) -> int:
    if "--json" in argv:
        import json

        print(json.dumps(error.as_object()), file=sys.stderr)
    else:
        from wg.text import printable

        print(f"wg: error: {printable(error.message, multiline=True)}", file=sys.stderr)
        if error.hint:
            print(f"hint: {printable(error.hint, multiline=True)}", file=sys.stderr)
    return error.exit_code
