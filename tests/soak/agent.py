"""The scripted agent of the soak: stands where codex or claude do, and does what its task's plan says for this run.

`agent.py NAME` with NAME codex or claude. It needs the standard library alone and starts quickly; everything that it
has surely done is noted below $SOAK, outside of its worktree, so that the soak can tell what must not be lost.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

SOAK = Path(os.environ["SOAK"])
TASK, FENCE = os.environ["WG_TASK_ID"], os.environ["WG_ATTEMPT"]
EVENTS = {
    "codex": ({"type": "turn.started"}, {"type": "turn.completed", "usage": {"input_tokens": 3}}),
    "claude": ({"type": "result", "is_error": False, "result": "ok", "permission_denials": []},),
}
MARKERS = ("<<<<<<<", "=======", ">>>>>>>")
FOREVER = 1000.0  # seconds; the time limit is far shorter


def append(path: Path, line: str) -> None:
    """One line, in one write."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.write(file, line.encode() + b"\n")
    os.close(file)


def complain(what: str) -> None:
    """Something that must never be: the soak fails with it."""
    append(SOAK / "violations", f"attempt {FENCE} of {TASK}: {what}")


def hold_alone() -> int:
    """A lock for as long as anything of this attempt lives; whoever holds it already is a second writer."""
    file = os.open(SOAK / "locks" / TASK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        complain("something of an earlier attempt still lives")
    return file


def work(shared: str) -> None:
    """A line into the task's file, a file of this attempt's own, and a line into a file that other tasks change too."""
    append(Path("work") / f"{TASK}.txt", FENCE)
    append(SOAK / "wrote" / TASK, FENCE)
    own = Path("work") / f"{TASK}.d" / FENCE
    own.parent.mkdir(exist_ok=True)
    own.write_text(FENCE)
    if shared:
        resolve_and_add(Path("shared") / shared)


def resolve_and_add(path: Path) -> None:
    """Both sides of each conflict, and this task's line once; put in place whole: any moment may be the last."""
    path.parent.mkdir(exist_ok=True)
    lines = path.read_text().splitlines() if path.exists() else []
    lines = [line for line in lines if not line.startswith(MARKERS)]
    if TASK not in lines:
        lines.append(TASK)
    whole = SOAK / f"{TASK}-{FENCE}.tmp"
    whole.write_text("".join(f"{line}\n" for line in lines))
    whole.replace(path)


def commit() -> None:
    """What some agents do themselves."""
    here = [path for path in ("work", "shared") if os.path.isdir(path)]
    subprocess.run(["git", "add", *here], check=False)
    subprocess.run(["git", "commit", "-qm", f"{TASK} by hand"], check=False)


def stray() -> None:
    """A grandchild in a session of its own, that ignores what can be ignored."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(FOREVER)
        os._exit(0)
    os.wait()


def write_junk() -> None:
    """What no one would want: on the output, and in the worktree."""
    out = sys.stdout.buffer
    out.write(os.urandom(100_000) + b"\n\x1b[2J\x1b[31m{" + b"x" * 1_000_000 + b"\n" + b'{"type":\n' * 1000)
    out.flush()
    top = os.fsencode(Path("junk") / TASK)
    os.makedirs(top + b"/empty/er", exist_ok=True)
    for number in range(100):
        Path(os.fsdecode(top), f"file {number}.bin").write_bytes(os.urandom(300))
    for odd in (b"new\nline", b"\xff\xfe not text", b"-rf", b"*", b"\x1b[31mred"):
        Path(os.fsdecode(top + b"/" + odd)).write_text("odd")
    for name, target in (("loop", "loop"), ("away", "/nonexistent"), ("up", "..")):
        link = Path(os.fsdecode(top), name)
        if not link.is_symlink():
            link.symlink_to(target)
    if not os.path.exists(top + b"/fifo"):
        os.mkfifo(top + b"/fifo")


def overrun() -> None:
    """Print until the time limit."""
    while True:
        print("overrun " * 20_000, flush=True)
        time.sleep(0.05)


def hang(*ignored: signal.Signals) -> None:
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)
    time.sleep(FOREVER)


def wg(*arguments: str) -> None:
    """Exits where that was killed: what it was to say is not said."""
    if subprocess.run([os.environ["WG_BIN"], *arguments], check=False, stdout=subprocess.DEVNULL).returncode:
        sys.exit(4)


def finish(name: str, *, finally_say: bool = True) -> None:
    """The program's last words, and exit code 0."""
    for event in EVENTS[name] if finally_say else EVENTS[name][:-1]:
        print(json.dumps(event), flush=True)
    sys.exit(0)


def boast() -> None:
    wg("done")
    sys.exit(1)


def give_up(name: str) -> None:
    wg("fail", "--reason", "this cannot be done")
    finish(name)


def hang_on() -> None:
    stray()
    hang(signal.SIGINT, signal.SIGTERM)


def behave(behaviour: str, name: str, shared: str) -> None:
    """This run."""
    if behaviour == "lie":
        finish(name)
    work(shared)
    acts: dict[str, Callable[[], object]] = {
        "ok": lambda: None,
        "commit": commit,
        "claim": lambda: wg("done"),
        "stray": stray,
        "junk": write_junk,
        "secret": lambda: Path(".env.soak").write_text("KEY=1\n"),
        "large": lambda: Path("large.bin").write_bytes(bytes(11 * 1024 * 1024)),
        "crash": lambda: os.kill(os.getpid(), signal.SIGKILL),
        "exit": lambda: sys.exit(3),
        "mute": lambda: finish(name, finally_say=False),
        "boast": boast,
        "give-up": lambda: give_up(name),
        "hang": hang,
        "hang-on": hang_on,
        "overrun": overrun,
    }
    acts[behaviour]()
    finish(name)


def main(name: str) -> None:
    lock = hold_alone()
    plan = json.loads((SOAK / "plans" / TASK).read_text())
    append(SOAK / "runs" / TASK, FENCE)
    run = len((SOAK / "runs" / TASK).read_text().splitlines()) - 1
    for needed in plan["needs"]:
        if not os.path.exists(f"work/{needed}.txt"):
            complain(f"the work of {needed} is not there")
    time.sleep(plan["seconds"])
    behaviours = plan["runs"]
    try:
        behave(behaviours[min(run, len(behaviours) - 1)], name, plan["shared"])
    finally:
        os.close(lock)


if __name__ == "__main__":
    sys.stdin.buffer.read()
    main(sys.argv[1])
