"""Writes docs/commands.md from the commands' own parsers and docs/config.md from the config schema.

`--check` writes nothing: it prints what differs and exits 1. Run as `scripts/docs`.
"""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from wg.cli import main
from wg.cli.argparser import full_parser
from wg.config.check import format_value
from wg.config.load import Config
from wg.config.resolver import resolve
from wg.config.schema import ENDPOINT_KEYS, ENDPOINTS, KEYS, PROVIDERS, ROLES, SECTIONS, TIERS, Key, section_of
from wg.config.starters import starter_text

DOCS = Path(__file__).parents[1] / "docs"
WIDTH = "100"
WRITTEN_BY = "<!-- Written by scripts/docs; CI fails where it differs. Edit {source} instead. -->"
KINDS = {
    "string": "text",
    "model": "`provider:model`",
    "tier": "a name of `[tiers]`",
    "integer": "whole number",
    "boolean": "`true` or `false`",
    "duration": "duration",
    "strings": "list of texts",
    "choice": "one of",
}


def commands() -> str:
    """docs/commands.md."""
    parts = ["# Commands", WRITTEN_BY.format(source="the parsers in src/wg/cli"), _fenced(main._help())]
    for name in main.COMMANDS:
        parser = full_parser(main.load(name).parser())
        parts += _help_of(parser, "##")
    return "\n\n".join(parts) + "\n"


def _help_of(parser: argparse.ArgumentParser, heading: str) -> Iterator[str]:
    """The parser's --help under a heading, then that of each of its subcommands."""
    yield f"{heading} {parser.prog.split(' [')[0]}"
    yield _fenced(parser.format_help().rstrip())
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            distinct = {id(subparser): subparser for subparser in action.choices.values()}
            for subparser in distinct.values():
                yield from _help_of(subparser, heading + "#")


def config() -> str:
    """docs/config.md."""
    parts = [
        "# Config",
        WRITTEN_BY.format(source="src/wg/config/schema.py"),
        "One file is read, whole, and what is in it is exactly what runs: nothing is merged into it, and no model or "
        "provider steps in that it does not name. `wg config which` prints the file in force and why, "
        "`wg config lint` all that is wrong with it. A key without a value below has no default: it may be absent.",
        "## Providers",
        "A model is written `provider:model`. The provider decides what runs it.",
        _table(("provider", "runs on"), [(f"`{provider}`", executor) for provider, executor in PROVIDERS.items()]),
        "## Roles",
        "What a role runs on is the first of these that has a value. A tier stands for the model that `[tiers]` gives "
        "it. `--model` and `--tier` are the task's own. `wg explain` prints this chain with its values.",
        _table(("role", "what it does", "asked, in order"), [_role_row(role) for role in ROLES]),
        f"The tiers are {', '.join(f'`{tier}`' for tier in TIERS)}.",
        "## Keys",
    ]
    for section, comment in SECTIONS.items():
        keys = [key for key in KEYS.values() if section_of(key.name) == section]
        if keys:
            parts += _section(f"[{section}]" if section else "Before the first section", comment, keys)
    parts += _section(f"[[{ENDPOINTS}]]", SECTIONS[ENDPOINTS], list(ENDPOINT_KEYS.values()))
    return "\n\n".join(parts) + "\n"


def _role_row(role: str) -> tuple[str, str, str]:
    """The chain as the resolver itself builds it."""
    starter = Config("config.toml", starter_text("codex").encode())
    return f"`{role}`", ROLES[role], ", ".join(f"`{step.key}`" for step in resolve(starter, role).chain)


def _section(title: str, comment: str, keys: list[Key]) -> Iterator[str]:
    yield f"### {title if not title.startswith('[') else f'`{title}`'}"
    if comment:
        yield comment
    rows = [(f"`{key.name.rpartition('.')[2]}`", _kind(key), _default(key), key.comment) for key in keys]
    yield _table(("key", "value", "default", "what it is"), rows)


def _kind(key: Key) -> str:
    kind = KINDS[key.kind]
    if key.choices:
        kind += " " + ", ".join(f"`{choice}`" for choice in key.choices)
    if key.unit:
        kind += f", in {key.unit}"
    if key.minimum:
        kind += f", at least {key.minimum}"
    return kind


def _default(key: Key) -> str:
    return "" if key.default is None else f"`{format_value(key.default)}`"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _fenced(text: str) -> str:
    return f"```text\n{text}\n```"


def _differences(path: Path, wanted: str) -> list[str]:
    name = str(path.relative_to(DOCS.parent))
    present = path.read_text() if path.exists() else ""
    return list(difflib.unified_diff(present.splitlines(), wanted.splitlines(), name, "generated", lineterm=""))


def run() -> int:
    """Write the documents, or check them."""
    parser = argparse.ArgumentParser(prog="scripts/docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a document is out of date")
    check = parser.parse_args().check
    os.environ["COLUMNS"] = WIDTH
    different: list[str] = []
    for path, wanted in ((DOCS / "commands.md", commands()), (DOCS / "config.md", config())):
        if check:
            different += _differences(path, wanted)
        else:
            path.write_text(wanted)
    if different:
        print("\n".join(different))
        print("docs: out of date; write them anew with: scripts/docs", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(run())
