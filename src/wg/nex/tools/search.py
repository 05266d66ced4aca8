"""Finding files by their names, and lines by what is in them. Git does it where it can: it knows what is ignored."""

from __future__ import annotations

import os
from functools import partial

from wg.nex.tools.base import READS, Arguments, Tool, ToolError
from wg.nex.tools.patterns import at_any_depth, expanded
from wg.nex.tools.runner import OUTPUT, TIMEOUT, Program
from wg.nex.tools.shed import Shed
from wg.nex.tools.workspace import Workspace
from wg.worktrees.git import nearest_dot_git

_SECONDS = 30.0
_FILES = 500  # that glob lists
_LINES = 200  # that grep shows
_LINE = 400  # characters of each
_QUIET = ("-c", "core.fsmonitor=false", "-c", "core.quotePath=false")


def search_tools(workspace: Workspace, shed: Shed) -> list[Tool]:
    """glob and grep."""
    where = {"type": "string", "description": "a directory or file to look in (default: the working directory)"}
    return [
        Tool(
            "glob",
            "List files by a pattern such as **/*.py, src/* or **/*.{ts,tsx}; files that git ignores are left out.",
            {
                "type": "object",
                "properties": {"pattern": {"type": "string"}, "path": where},
                "required": ["pattern"],
            },
            READS,
            partial(_glob, workspace, shed),
        ),
        Tool(
            "grep",
            "Find lines by a regular expression (Perl's), as FILE:LINE:TEXT; files that git ignores are left out.",
            {
                "type": "object",
                "properties": {
                    "pattern": {"type": "string"},
                    "path": where,
                    "glob": {
                        "type": "string",
                        "description": "only files of this pattern: *.py (in any directory), src/**/*.{ts,tsx}",
                    },
                    "literal": {"type": "boolean", "description": "the pattern is a plain text (default: false)"},
                    "ignore_case": {"type": "boolean"},
                    "context": {"type": "integer", "minimum": 0, "description": "lines around each (default: 0)"},
                },
                "required": ["pattern"],
            },
            READS,
            partial(_grep, workspace, shed),
        ),
    ]


def _glob(workspace: Workspace, shed: Shed, arguments: Arguments) -> str:
    directory = workspace.locate(arguments.get("path", "."))
    if not os.path.isdir(directory.path):
        raise ToolError(f"{directory.shown} is not a directory")
    pattern = arguments["pattern"]
    patterns = expanded(pattern)
    if not nearest_dot_git(directory.path):
        found = {name for each in patterns for name in _glob_without_git(workspace, directory.path, each)}
        return _list(list(found), pattern)
    argv = ["git", *_QUIET, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]
    argv += [f":(glob){each}" for each in patterns]
    text = _git(shed, argv, directory.path, (0,))
    paths = {os.path.join(directory.path, name) for name in text.split("\0") if name}
    return _list([workspace.shown(path) for path in paths if os.path.lexists(path)], pattern)


def _glob_without_git(workspace: Workspace, directory: str, pattern: str) -> list[str]:
    import glob

    names: list[str] = []
    for name in glob.iglob(pattern, root_dir=directory, recursive=True):
        path = os.path.join(directory, name)
        if os.path.isfile(path) and _is_inside(workspace, path):  # it follows links
            names.append(workspace.shown(path))
        if len(names) > 10 * _FILES:
            break
    return names


def _is_inside(workspace: Workspace, path: str) -> bool:
    try:
        workspace.locate(path)
    except ToolError:
        return False
    return True


def _list(names: list[str], pattern: str) -> str:
    if not names:
        return f"no file is like {pattern}"
    names = sorted(names)
    more = f"\n[{len(names) - _FILES} more: use a narrower pattern]" if len(names) > _FILES else ""
    return "\n".join(names[:_FILES]) + more


def _grep(workspace: Workspace, shed: Shed, arguments: Arguments) -> str:
    place = workspace.locate(arguments.get("path", "."))
    if not os.path.lexists(place.path):
        raise ToolError(f"{place.shown} does not exist")
    argv = ["git", *_QUIET, "grep", "-n", "-I", "--no-color", "-F" if arguments.get("literal") else "-P"]
    argv += ["-i"] if arguments.get("ignore_case") else []
    argv += [f"-C{arguments['context']}"] if arguments.get("context") else []
    is_file = os.path.isfile(place.path)
    directory = os.path.dirname(place.path) if is_file else place.path
    if is_file:
        argv.append("--no-index")  # what is named is searched, also where git ignores it
    else:
        argv += ["--untracked"] if nearest_dot_git(directory) else ["--no-index", "--exclude-standard"]
    argv += ["-e", arguments["pattern"], "--"]
    if is_file:
        argv.append(f":(literal){os.path.basename(place.path)}")
    elif "glob" in arguments:
        argv += [f":(glob){at_any_depth(each)}" for each in expanded(arguments["glob"])]
    lines = _git(shed, argv, directory, (0, 1)).splitlines()
    if not lines:
        return "no line is like that"
    below = workspace.shown(os.path.join(directory, ""))
    below = "" if directory == workspace.root else os.path.join(below, "")
    named = [line if line == "--" else below + line for line in lines[:_LINES]]
    shown = [line if len(line) <= _LINE else f"{line[:_LINE]} [cut]" for line in named]
    more = f"\n[{len(lines) - _LINES} more lines: use a narrower pattern]" if len(lines) > _LINES else ""
    return "\n".join(shown) + more


def _git(shed: Shed, argv: list[str], directory: str, codes: tuple[int, ...]) -> str:
    """All that it prints. ToolError where it fails, takes too long (some expressions do), or prints too much."""
    ran, text = shed.run_whole(Program(tuple(argv), directory, _environment(shed), _SECONDS))
    if ran.stopped == TIMEOUT:
        raise ToolError(f"this takes longer than {_SECONDS:g} s: use a simpler pattern, or look in fewer files")
    if ran.stopped == OUTPUT:
        raise ToolError("there is too much of it: use a narrower pattern")
    if ran.code not in codes:
        raise ToolError(text.strip()[:_LINE] or f"git ended with {ran.code}")
    return text


def _environment(shed: Shed) -> dict[str, str]:
    own = {name: value for name, value in shed.environment().items() if not name.startswith("GIT_")}
    return {**own, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C.UTF-8"}
