"""The parts of a prompt, each a pure function of the facts: some lines, or "" where there is nothing to say."""

from __future__ import annotations

from wg.dispatch.prompt.excerpt import block, listed, one_line
from wg.dispatch.prompt.facts import NEIGHBOURS, Dependency, PromptFacts
from wg.graph.attempt import Attempt
from wg.graph.events import agent
from wg.graph.task import STATUSES, Neighbour

# in characters
_DESCRIPTION = 40_000
_MESSAGE = 4_000
_ON_BRANCH = 4_000
_LAST_WORDS = 2_000
_SUMMARY = 600  # the last words of a dependency
_LINE = 300
_TITLE = 120
_MESSAGES = 20
_LABELS = 20

_DIRECTORY = "- Work in the current directory, which is the project's own."
_WORKTREE = """\
- Work in the current directory. It is a git worktree of its own, made for this task.
- What you leave in it is committed and merged by wg after you have ended: you need not commit. Do not merge or push."""
_NEEDED = "\n- If you leave no change there, the task fails."
_READ_ONLY = """\
- Work in the current directory, a copy of the project. Change nothing: what you leave in it is thrown away."""


def task(facts: PromptFacts, program: str) -> str:
    """What is to be done."""
    it = facts.task
    text = f"Task {it.id}: {one_line(it.title, 2 * _LINE)}"
    if it.description:
        text += f"\n\n{block(it.description, _DESCRIPTION, f'{program} show {it.id}', indent='')}"
    lines = [
        (f"{heading}: {listed([one_line(value, _LINE) for value in facts.labels[kind]], _LABELS)}")
        for kind, heading in (("deliverable", "To deliver"), ("skill", "Skills"))
        if facts.labels[kind]
    ]
    if it.check:
        lines.append(f"Done only if this succeeds on what you leave: {one_line(it.check, 2 * _LINE)}")
    return "\n\n".join([text, "\n".join(lines)] if lines else [text])


def loops(facts: PromptFacts, program: str) -> str:
    """Which rounds of which loops it is."""
    if not facts.loops:
        return ""
    lines = []
    for each in facts.loops:
        most = f" of at most {each.max_iterations}" if each.max_iterations is not None else ""
        tasks = f"{each.head} to {each.tail}" if each.head != each.tail else each.tail
        lines.append(f"This is iteration {each.iteration}{most} of a loop ({tasks}).")
    return "\n".join([*lines, f"If no further one is needed, end with: {program} done {facts.task.id} --converged"])


def earlier(facts: PromptFacts, program: str) -> str:
    """What came of the attempts before this one."""
    last = facts.last
    if last is None:
        return ""
    more = f"{program} show {facts.task.id} --json"
    ran = f"{facts.ran} attempts were made before" if facts.ran > 1 else "An attempt was made before"
    who = " on ".join(name for name in (agent(last.fence), last.route.model) if name)
    verdict = one_line(last.verdict, 2 * _LINE) or "not judged yet"
    lines = [f"{ran}{', the last one' if facts.ran > 1 else ''} by {who}: {verdict}"]
    words = _last_words(last)
    if words:
        lines += ["Its last words:", block(words, _LAST_WORDS, more)]
    if facts.on_branch and last.workplace:
        place = last.workplace
        lines += [
            f"On its branch {place.branch}, and not on {place.base_branch}:",
            block(facts.on_branch, _ON_BRANCH, f"git log {place.base_branch}..{place.branch}"),
        ]
    return "\n".join(lines)


def messages(facts: PromptFacts, program: str) -> str:
    """What was written on the task: of very many messages, the newest."""
    found = facts.messages
    if not found:
        return ""
    more = f"{program} msg list {facts.task.id}"
    lines = ["Messages on this task:"]
    if len(found) > _MESSAGES:
        lines.append(f"  ({len(found) - _MESSAGES} older ones: {more})")
    for each in found[-_MESSAGES:]:
        lines += [f"- from {one_line(each.sender, _TITLE)}:", block(each.body, _MESSAGE, more)]
    return "\n".join(lines)


def dependencies(facts: PromptFacts, program: str) -> str:
    """What the task builds on."""
    if not facts.dependencies:
        return ""
    lines = ["It builds on:"]
    for each in facts.dependencies:
        lines += _dependency(each, program)
    if facts.more_dependencies:
        lines.append(f"- and {facts.more_dependencies} more: {program} show {facts.task.id}")
    return "\n".join(lines)


def around(facts: PromptFacts) -> str:
    """What else is going on."""
    found = facts.around
    if found is None:
        return ""
    running = [f"{task_id} ({one_line(title, _TITLE)})" for task_id, title in found.running]
    counts = [f"{found.counts[status]} {status}" for status in STATUSES if found.counts.get(status)]
    kinds = (
        ("wait for it", _named(found.dependents)),
        ("beside it, after the same tasks", _named(found.siblings)),
        ("running now", running),
        ("all other tasks", counts),
    )
    told = [f"- {heading}: {listed(texts, NEIGHBOURS)}" for heading, texts in kinds if texts]
    return "\n".join(["Around it:", *told]) if told else ""


def how_to_work(facts: PromptFacts, program: str, has_worktree: bool) -> str:
    """Where the agent is, and how it reports."""
    it = facts.task
    where = _DIRECTORY
    if it.workplace == "read-only":
        where = _READ_ONLY
    elif has_worktree:
        where = f"{_WORKTREE}{_NEEDED}" if it.needs_work else _WORKTREE
    return f"""\
How to work:
{where}
- Tell what you find and do: {program} log {it.id} "MESSAGE"
- Read what was written to you meanwhile: {program} msg read {it.id}
- To end now and go on later: {program} wait {it.id} --until CONDITION (message, human, timer:30m, task:ID=done)
- When the task is done: {program} done {it.id}
- If it cannot be done: {program} fail {it.id} --reason "WHY"
Then end."""


def _dependency(it: Dependency, program: str) -> list[str]:
    more = f"{program} show {it.id}"
    lines = [f"- {it.id} ({it.status}): {one_line(it.title, _TITLE)}"]
    if it.reason:
        lines.append(f"  reason: {one_line(it.reason, _LINE)}")
    if it.artifacts:
        lines.append(f"  artifacts: {listed([one_line(value, _LINE) for value in it.artifacts], _LABELS)}")
    if it.attempt:
        branch = it.attempt.workplace.branch if it.attempt.workplace else ""
        known = [one_line(it.attempt.verdict, _LINE), f"branch {branch}" if branch else ""]
        lines.append(f"  outcome: {', '.join(text for text in known if text)}")
        words = _last_words(it.attempt)
        if words:
            lines += ["  last words:", block(words, _SUMMARY, f"{more} --json", indent="    ")]
    if it.log:
        lines += ["  log:", *(f"    {one_line(entry.message, _LINE)}" for entry in it.log)]
    return lines


def _last_words(attempt: Attempt) -> str:
    """What its agent said at its end, unless that is what it was judged by."""
    words = attempt.outcome.message.strip() if attempt.outcome else ""
    return "" if words in attempt.verdict else words


def _named(tasks: list[Neighbour]) -> list[str]:
    return [f"{each.id} ({each.status}: {one_line(each.title, _TITLE)})" for each in tasks]
