"""The language that the rehearsed model is told in: what it answers, one after the other, and what goes wrong.

    run COMMAND           call the shell tool with COMMAND
    write PATH TEXT       write a file of one line with the client's tool for that, else with its shell
    call TOOL ARGUMENTS   call TOOL, by the client's own name, with exactly this text as its arguments
    and DIRECTIVE         a run, write or call in the same answer as the one before
    say TEXT              text in front of the call that follows
    final TEXT            an answer of text alone, which ends an agent's turn; what follows is for when it asks again
    babble CHARACTERS     the same with so long a text
    usage IN OUT [CACHED] the tokens that the answers after it say they have used
    wait FILE             hold every answer until FILE exists (at most 5 minutes)
    status CODE [TYPE]    answer with this HTTP error
    saying TEXT           what the error says
    reset SECONDS         in how long the limit of a 429 ends, in all headers that say so
    cut                   break the connection in the middle of the answer
    once CODE FILE        that HTTP error, or with `cut` for CODE a broken connection, unless FILE exists; then it does:
                          so it is met with once. Several lines are met with one after the other
    slow SECONDS          take that long over the body of each answer

A prompt has them on lines that begin with `REHEARSE:`, a script file as they are. Who says nothing of what to answer
gets one file made, so that there is work to commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from wg.records import NamedTuple

DIRECTIVE = "REHEARSE:"
RUN, WRITE, CALL = "run", "write", "call"
DEFAULT_COMMAND = 'echo "made by the rehearsal" > "rehearsal${WG_TASK_ID:+-$WG_TASK_ID}.txt"'
FINAL_TEXT = "The rehearsal has done what the task asked for."
_BABBLE = "and so on "
_ONCE_CUT = "cut"


class ScriptError(ValueError):
    """A directive that cannot be followed; says which and why."""


class Call(NamedTuple):
    """One tool call, not yet in the words of any client."""

    verb: str  # RUN, WRITE or CALL
    subject: str  # the command, the path, or the tool's name
    text: str = ""  # what to write, or the arguments as they are


class Usage(NamedTuple):
    """The tokens that an answer says it has used. Fixed, so that tests can add them up."""

    input: int = 100  # the cached ones included
    output: int = 10
    cached: int = 20


class Step(NamedTuple):
    """One answer: text, calls, or both."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    usage: Usage = Usage()


class Trouble(NamedTuple):
    """What goes wrong with the answers to a prompt."""

    wait: str = ""  # the file that is awaited
    status: int = 0  # an HTTP status; 0 is none
    error_type: str = ""
    saying: str = ""
    reset: float | None = None  # seconds from the answer on
    cut: bool = False
    once: tuple[tuple[str, str], ...] = ()  # (an HTTP status or "cut", the file that shows that it has been)
    slow: float = 0.0  # seconds


DEFAULT_CALL = Call(RUN, DEFAULT_COMMAND)


class Script(NamedTuple):
    """All that one prompt gets."""

    steps: tuple[Step, ...] = (Step(calls=(DEFAULT_CALL,)),)
    trouble: Trouble = Trouble()
    usage: Usage = Usage()  # of the end, if the steps do not have one

    def step(self, done: int) -> Step:
        """The answer that is due after `done` tool results and answers of text alone."""
        before = 0
        for step in self.steps:
            if before >= done:
                return step
            before += max(1, len(step.calls))
        return Step(FINAL_TEXT, usage=self.usage) if self.steps[-1].calls else self.steps[-1]


def in_prompt(prompt: str) -> Script | None:
    """The script in the lines of a prompt; None if there is none. ScriptError if it is wrong."""
    lines = (line.strip() for line in prompt.splitlines())
    directives = [line.removeprefix(DIRECTIVE).strip() for line in lines if line.startswith(DIRECTIVE)]
    return read(directives) if directives else None


def read(directives: Iterable[str]) -> Script:
    """The script that these directives make. ScriptError names the first that is wrong."""
    reader = _Reader()
    for directive in directives:
        reader.take(directive)
    return reader.script()


class _Reader:
    def __init__(self) -> None:
        self._steps: list[Step] = []
        self._said = ""
        self._trouble = Trouble()
        self._usage = Usage()
        self._verbs: dict[str, Callable[[str], None]] = {
            **{verb: partial(self._call, verb) for verb in (RUN, WRITE, CALL)},
            "and": self._and,
            "say": self._say,
            "final": self._final,
            "babble": self._babble,
            "usage": self._take_usage,
            "wait": lambda rest: self._set(wait=_needed(rest)),
            "status": self._status,
            "saying": lambda rest: self._set(saying=rest),
            "reset": lambda rest: self._set(reset=_seconds(rest)),
            "cut": lambda rest: self._set(cut=True),
            "once": self._once,
            "slow": lambda rest: self._set(slow=_seconds(rest)),
        }

    def take(self, directive: str) -> None:
        verb, _, rest = directive.partition(" ")
        if verb not in self._verbs:
            raise ScriptError(f"unknown directive: {directive} (there are: {', '.join(self._verbs)})")
        try:
            self._verbs[verb](rest)
        except ScriptError:
            raise
        except ValueError as error:
            raise ScriptError(f"{directive}: {error}") from None

    def script(self) -> Script:
        if self._said:
            self._final("")
        steps = self._steps or [Step(calls=(DEFAULT_CALL,), usage=self._usage)]
        return Script(tuple(steps), self._trouble, self._usage)

    def _set(self, **changed: Any) -> None:
        self._trouble = self._trouble._replace(**changed)

    def _call(self, verb: str, rest: str) -> None:
        self._steps.append(Step(self._said, (_read_call(verb, rest),), self._usage))
        self._said = ""

    def _and(self, rest: str) -> None:
        verb, _, rest = rest.partition(" ")
        if verb not in (RUN, WRITE, CALL):
            raise ValueError(f"only {RUN}, {WRITE} or {CALL} can follow `and`")
        if not (self._steps and self._steps[-1].calls):
            raise ValueError("there is no call before it")
        last = self._steps[-1]
        self._steps[-1] = last._replace(calls=(*last.calls, _read_call(verb, rest)))

    def _say(self, text: str) -> None:
        self._said += f"{text}\n"

    def _final(self, text: str) -> None:
        self._steps.append(Step(f"{self._said}{text}".rstrip("\n"), usage=self._usage))
        self._said = ""

    def _babble(self, rest: str) -> None:
        count = _count(rest)
        self._final((_BABBLE * (count // len(_BABBLE) + 1))[:count])

    def _take_usage(self, rest: str) -> None:
        counts = [_count(word) for word in rest.split()]
        if len(counts) not in (2, 3):
            raise ValueError("say how many tokens came in, went out and, if you like, were cached")
        self._usage = Usage(counts[0], counts[1], counts[2] if len(counts) == 3 else 0)

    def _status(self, rest: str) -> None:
        code, _, error_type = rest.partition(" ")
        self._set(status=_status(code), error_type=error_type)

    def _once(self, rest: str) -> None:
        what, _, file = rest.partition(" ")
        if what != _ONCE_CUT:
            _status(what)
        self._set(once=(*self._trouble.once, (what, _needed(file))))


def _read_call(verb: str, rest: str) -> Call:
    if verb == RUN:
        return Call(RUN, _needed(rest))
    subject, _, text = rest.partition(" ")
    return Call(verb, _needed(subject), text)


def _needed(text: str) -> str:
    if not text:
        raise ValueError("it lacks a word")
    return text


def _status(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 400 <= int(text) <= 599):
        raise ValueError(f"{text!r} is not the status of an HTTP error")
    return int(text)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 1e9:
        raise ValueError(f"{text!r} is not a number of seconds")
    return seconds
