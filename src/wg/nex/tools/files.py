"""Reading, writing and editing files."""

from __future__ import annotations

import difflib
import os
import stat
from collections.abc import Iterator
from functools import partial

from wg.nex.tools.base import READS, WRITES, Arguments, Tool, ToolError
from wg.nex.tools.workspace import Located, Workspace, explained

_LINES = 2000  # that are read unless more are asked for
_LINE = 2000  # characters of one line that are shown
_CHARACTERS = 24_000  # of all that one call reads
_CHUNK = 64 * 1024
_LARGE = 4 * 1024 * 1024  # bytes up to which a file is edited
_NEAR = 3  # places that a refusal shows


def file_tools(workspace: Workspace) -> list[Tool]:
    """read_file, write_file and edit_file."""
    path = {"type": "string", "description": "relative to the working directory"}
    return [
        Tool(
            "read_file",
            "Read a text file; each line comes with its number. Read a long file in parts.",
            {
                "type": "object",
                "properties": {
                    "path": path,
                    "offset": {"type": "integer", "minimum": 1, "description": "the first line, from 1"},
                    "limit": {"type": "integer", "minimum": 1, "description": f"how many lines (default: {_LINES})"},
                },
                "required": ["path"],
            },
            READS,
            partial(_read_file, workspace),
        ),
        Tool(
            "write_file",
            "Write a whole file, in the place of what it holds; missing directories are made. To change a part of a "
            "file use edit_file.",
            {
                "type": "object",
                "properties": {"path": path, "content": {"type": "string"}},
                "required": ["path", "content"],
            },
            WRITES,
            partial(_write_file, workspace),
        ),
        Tool(
            "edit_file",
            "Replace an exact text in a file by another one. The text must stand in the file exactly so, with its "
            "spaces and line ends and without line numbers, and only once, unless replace_all is true.",
            {
                "type": "object",
                "properties": {
                    "path": path,
                    "old": {"type": "string", "description": "the text that is there"},
                    "new": {"type": "string", "description": "the text that is to be there"},
                    "replace_all": {"type": "boolean", "description": "replace each occurrence (default: false)"},
                },
                "required": ["path", "old", "new"],
            },
            WRITES,
            partial(_edit_file, workspace),
        ),
    ]


def _read_file(workspace: Workspace, arguments: Arguments) -> str:
    located = workspace.locate(arguments["path"])
    first, limit = arguments.get("offset", 1), arguments.get("limit", _LINES)
    shown: list[str] = []
    number = size = 0
    with _reading(located) as file:
        for number, line in enumerate(_lines(file), 1):
            if number < first:
                continue
            size += len(line)
            if len(shown) == limit or (shown and size > _CHARACTERS):
                shown.append(f"[there is more: go on with offset {number}]")
                break
            shown.append(f"{number}\t{line}")
    if shown:
        return "\n".join(shown)
    return f"{located.shown} is empty" if number == 0 else f"{located.shown} has only {number} lines"


class _reading:
    """The file at a place, open; what goes wrong is a ToolError."""

    def __init__(self, located: Located) -> None:
        self._located = located
        self._fd = -1

    def __enter__(self) -> int:
        try:
            self._fd = self._located.open(os.O_RDONLY)
        except OSError as error:
            raise explained(error, self._located.shown) from None
        if stat.S_ISDIR(os.fstat(self._fd).st_mode):
            os.close(self._fd)
            raise ToolError(f"{self._located.shown} is a directory: glob lists what is in it")
        return self._fd

    def __exit__(self, *exc: object) -> None:
        os.close(self._fd)


def _lines(fd: int) -> Iterator[str]:
    """The lines of a text of any size, each cut to what is shown. ToolError for what is no text."""
    begun = b""  # of the line that is being read; what is more than is shown is not kept
    length = 0
    while chunk := os.read(fd, _CHUNK):
        if b"\0" in chunk:
            raise ToolError("this is not a text file")
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            yield _shown(begun + part, length + len(part))
            begun, length = b"", 0
        length += len(rest)
        begun += rest[: max(0, 4 * _LINE + 4 - len(begun))]
    if length:
        yield _shown(begun, length)


def _shown(line: bytes, length: int) -> str:
    text = line[: 4 * _LINE + 4].decode("utf-8", "replace").removesuffix("\r")
    return text if len(text) <= _LINE else f"{text[:_LINE]} [cut: the line has {length} bytes]"


def _write_file(workspace: Workspace, arguments: Arguments) -> str:
    located = workspace.locate(arguments["path"], write=True)
    content = _encoded(arguments["content"])
    _replace(located, content)
    lines = content.count(b"\n") + (0 if content.endswith(b"\n") or not content else 1)
    return f"wrote {located.shown}: {lines} lines, {len(content)} bytes"


def _edit_file(workspace: Workspace, arguments: Arguments) -> str:
    located = workspace.locate(arguments["path"], write=True)
    old, new = arguments["old"], arguments["new"]
    if not old:
        raise ToolError("old is empty: give the text that is to be replaced, or write the file with write_file")
    if old == new:
        raise ToolError("old and new are the same: nothing would change")
    text = _whole(located)
    if "\r" not in old + new and _wants_crlf(text, old):  # models write \n
        old, new = old.replace("\n", "\r\n"), new.replace("\n", "\r\n")
    count = text.count(old)
    if count == 0:
        raise ToolError(_not_found(located.shown, text, old))
    if count > 1 and not arguments.get("replace_all", False):
        raise ToolError(
            f"old stands {count} times in {located.shown}, at lines {_listed(text, old)}: "
            "take more of the text around it, or set replace_all"
        )
    _replace(located, _encoded(text.replace(old, new)))
    return f"edited {located.shown}: {count} place{'s' if count > 1 else ''}"


def _wants_crlf(text: str, old: str) -> bool:
    """Whether lines end in \\r\\n throughout the file, or at least where `old` stands."""
    ends = text.count("\r\n")
    return ends > 0 and (ends == text.count("\n") or old not in text)


def _whole(located: Located) -> str:
    with _reading(located) as fd:
        if os.fstat(fd).st_size > _LARGE:
            raise ToolError(f"{located.shown} is too large to edit: more than {_LARGE} bytes")
        parts = []
        while chunk := os.read(fd, _CHUNK):
            parts.append(chunk)
    try:
        return b"".join(parts).decode("utf-8")
    except UnicodeDecodeError:
        raise ToolError(f"{located.shown} is not a text in UTF-8") from None


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise ToolError("the text has half of a surrogate pair in it, which is no text") from None


def _replace(located: Located, content: bytes) -> None:
    """Put a whole new file into its place, with the mode that the old one has. ToolError; then the old one is there."""
    try:
        with located.place() as (directory, name):
            mode = _mode(name, directory, located.shown)
            new = f".{name[:100]}.wg-new-{os.getpid()}"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            fd = os.open(new, flags, 0o666, dir_fd=directory)
            try:
                if mode is not None:
                    os.fchmod(fd, mode)
                view = memoryview(content)
                while view:
                    view = view[os.write(fd, view) :]
                os.replace(new, name, src_dir_fd=directory, dst_dir_fd=directory)
            except BaseException:
                os.unlink(new, dir_fd=directory)
                raise
            finally:
                os.close(fd)
    except OSError as error:
        raise explained(error, located.shown) from None


def _mode(name: str, directory: int, shown: str) -> int | None:
    """The permissions of what is there, None where nothing is."""
    try:
        found = os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found):
        raise ToolError(f"{shown} is {'a directory' if stat.S_ISDIR(found) else 'no regular file'}")
    return stat.S_IMODE(found)


def _listed(text: str, old: str) -> str:
    numbers: list[str] = []
    position = text.find(old)
    while position >= 0 and len(numbers) < 10:
        numbers.append(str(text.count("\n", 0, position) + 1))
        position = text.find(old, position + len(old))
    return ", ".join(numbers)


def _not_found(shown: str, text: str, old: str) -> str:
    """With the lines that come nearest to its first line that says something."""
    wanted = next((line.strip() for line in old.splitlines() if line.strip()), old.strip())
    lines = text.splitlines()
    stripped = [line.strip()[:_LINE] for line in lines[:20_000]]
    near = difflib.get_close_matches(wanted[:_LINE], stripped, n=_NEAR, cutoff=0.6)
    told = [f"{stripped.index(each) + 1}\t{lines[stripped.index(each)][:_LINE]}" for each in dict.fromkeys(near)]
    nearest = "\nThe nearest lines are:\n" + "\n".join(told) if told else ""
    return f"old does not stand in {shown} exactly so: read the file again, and copy the text as it is.{nearest}"
