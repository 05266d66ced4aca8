"""`wg rehearse` as a command: what it runs, what it prints, and that nothing is left when it has ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.clis import Clis
from tests.harness import WG, Box, obeying, wait_for
from wg.rehearsal.pointing import LEFT_OUT

ASK = """
import json, os, urllib.request
body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "REHEARSE: final hello"}]}).encode()
print(urllib.request.urlopen(os.environ["OPENAI_BASE_URL"] + "/chat/completions", body).read().decode())
"""

INTERRUPTED = """
import os, signal, time
received = []
signal.signal(signal.SIGINT, lambda number, frame: received.append(os.write(1, b"got")))
print("ready", flush=True)
while not received:
    time.sleep(0.01)
time.sleep(0.5)
print("end")
"""


def environment(box: Box, *options: str, env: dict[str, str] | None = None) -> dict[str, str]:
    """What a command gets."""
    printed = box.wg("rehearse", *options, "--", "env", "-0", env=env).out
    return dict(pair.split("=", 1) for pair in printed.removesuffix("\0").split("\0"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(box: Box, *argv: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [WG, *argv], env={**box.env, **(env or {})}, cwd=box.project, stdout=subprocess.PIPE, text=True
    )


def refuses(url: str) -> bool:
    try:
        httpx.get(f"{url}/models", timeout=60)
    except httpx.ConnectError:
        return True
    return False


def test_the_command_is_pointed_at_it_and_nowhere_else(box: Box) -> None:
    own = dict.fromkeys((*LEFT_OUT, "OPENAI_API_KEY", "ANTHROPIC_API_KEY"), "real")
    env = environment(box, env=own | {"HTTP_PROXY": "http://proxy.invalid:1", "NO_PROXY": "intern", "KEPT": "1"})
    assert "real" not in env.values()
    assert env["REHEARSAL_URL"] == env["OPENAI_BASE_URL"] == f"http://127.0.0.1:{env['REHEARSAL_PORT']}/v1"
    assert env["ANTHROPIC_BASE_URL"] == f"http://127.0.0.1:{env['REHEARSAL_PORT']}"
    assert (env["NO_PROXY"], env["KEPT"], env["HOME"]) == ("intern,127.0.0.1", "1", str(box.home))
    state = Path(env["CODEX_HOME"]).parent
    assert state == Path(env["CLAUDE_CONFIG_DIR"]).parent
    assert not state.exists(), "it was for this one run"
    assert refuses(env["REHEARSAL_URL"])


def test_the_port_may_be_chosen(box: Box) -> None:
    def is_chosen() -> bool:
        port = str(free_port())  # until somebody else takes it
        done = box.wg("rehearse", "--port", port, "--", "sh", "-c", "echo $REHEARSAL_PORT", code=None)
        return done.out == f"{port}\n"

    wait_for(is_chosen, "it listens on the port that is named")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = box.wg("rehearse", "--port", str(taken.getsockname()[1]), "--", "touch", "ran", code=4)
    assert "cannot listen on 127.0.0.1:" in refused.err
    assert not (box.project / "ran").exists()
    assert "a port is at most 65535" in box.wg("rehearse", "--port", "65536", "true", code=2).err


def test_what_the_command_prints_and_its_exit_code_are_its_own(box: Box) -> None:
    done = box.wg("rehearse", "--record", "asked", "sh", "-c", f"python3 -c '{ASK}'; exit 7", code=7)
    assert json.loads(done.out)["choices"][0]["message"]["content"] == "hello"
    assert done.err.startswith("wg rehearse: the model is a script, at http://127.0.0.1:")
    assert json.loads((box.project / "asked").read_text())["prompt"] == "REHEARSE: final hello"
    assert box.wg("rehearse", "sh", "-c", "kill -9 $$", code=137).out == ""
    assert box.wg("rehearse", "--", "echo", "--json", "--port", "--", "x").out == "--json --port -- x\n"
    assert box.wg("rehearse", "echo", "--json").out == "--json\n"
    assert box.wg("rehearse", "cat", stdin="from stdin").out == "from stdin"


def test_a_program_that_is_not_there(box: Box) -> None:
    assert "there is no program 'no-such'" in box.wg("rehearse", "no-such", code=3).err
    (box.project / "plain").touch()
    assert "./plain: it may not be executed" in box.wg("rehearse", "./plain", code=1).err
    (box.project / "closed").mkdir(0o000)  # such a one on PATH has the system say the same as of the file above
    env = {"PATH": f"{box.project / 'closed'}:{box.env['PATH']}"}
    refused = box.run(*obeying(), WG, "rehearse", "no-such", env=env, code=3)
    assert "there is no program 'no-such'" in refused.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_go_on_to_the_command(box: Box, number: signal.Signals) -> None:
    name = number.name.removeprefix("SIG")
    script = f"trap 'echo got; exit 5' {name}; echo $CODEX_HOME; while :; do sleep 0.05; done"
    process = start(box, "rehearse", "--", "sh", "-c", script)
    assert process.stdout
    state = Path(process.stdout.readline().strip())
    assert (state / "config.toml").exists()
    process.send_signal(number)
    assert process.communicate(timeout=150)[0] == "got\n"
    assert process.returncode == 5
    assert not state.parent.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_without_a_command_it_serves_until_it_is_ended(box: Box, number: signal.Signals) -> None:
    process = start(box, "--json", "rehearse")
    assert process.stdout
    said = json.loads(process.stdout.readline())
    assert httpx.get(f"{said['url']}/models", timeout=60).status_code == 200
    state = Path(said["env"]["CODEX_HOME"]).parent
    assert state.exists()
    process.send_signal(number)
    process.communicate(timeout=150)
    assert process.returncode == 0
    assert not state.exists()
    assert refuses(said["url"])


def test_a_client_that_is_gone_is_nothing_to_tell_of(box: Box) -> None:
    argv = [WG, "--json", "rehearse"]
    with subprocess.Popen(argv, env=box.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stderr
        said = json.loads(process.stdout.readline())
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", said["port"])) as client:
                client.sendall(b"POST /v1/chat/comple")
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # its close is a reset
        assert httpx.get(f"{said['url']}/models", timeout=60).status_code == 200
        process.terminate()
        assert process.stderr.read() == ""


def test_it_says_how_to_point_each_program_at_it(box: Box) -> None:
    process = start(box, "rehearse")
    assert process.stdout
    lines = [process.stdout.readline()]
    while "nex goes" not in lines[-1]:
        lines.append(process.stdout.readline())
    process.terminate()
    process.communicate(timeout=150)
    exports = "".join(line for line in lines if line.startswith("export "))
    env = box.run("sh", "-c", f"{exports} env").out
    for name in ("ANTHROPIC_BASE_URL", "CODEX_HOME", "REHEARSAL_KEY", "OPENAI_BASE_URL"):
        assert f"\n{name}=" in f"\n{env}"
    url = next(line for line in env.splitlines() if line.startswith("REHEARSAL_URL=")).partition("=")[2]
    assert lines[-1] == f"nex goes where the config says: give its endpoint the url {url}\n"


def test_a_key_on_the_terminal_is_not_told_twice(box: Box) -> None:
    """Ctrl-C reaches the command from the terminal: it is in the foreground, as we are."""
    import pty

    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(box.project)
        os.execve(WG, [WG, "rehearse", "--", sys.executable, "-c", INTERRUPTED], box.env)
    seen = b""
    sent = False
    while True:
        try:
            seen += os.read(terminal, 4096)
        except OSError:  # the terminal's other side is closed
            break
        if b"ready" in seen and not sent:
            sent = True
            os.write(terminal, b"\x03")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(terminal)
    assert seen.count(b"got") == 1
    assert b"end" in seen


@pytest.mark.clis
@pytest.mark.parametrize(
    ("name", "argv"),
    [
        ("codex", ["exec", "--json", "--skip-git-repo-check", "-m", "gpt-5.5", "-s", "workspace-write", "-"]),
        ("claude", ["-p", "--output-format", "json", "--model", "opus", "--permission-mode", "bypassPermissions"]),
    ],
)
def test_the_real_programs_work_by_a_script_file(box: Box, clis: Clis, name: str, argv: list[str]) -> None:
    script, record = box.root / "script.toml", box.root / "asked"
    script.write_text(
        '[[answer]]\nmatch = "^Make a haiku"\n'
        'directives = ["say I write", "write poems/haiku.txt five seven five", "and run echo 2 > two", "final Yes."]\n'
    )
    program = str(clis.directory / name)
    done = box.wg(
        *("rehearse", "--script", str(script), "--record", str(record), "--", program, *argv), stdin="Make a haiku."
    )
    assert "Yes." in done.out
    assert (box.project / "poems" / "haiku.txt").read_text() == "five seven five\n"
    assert (box.project / "two").read_text() == "2\n"
    # codex warns where its state is in a directory for temporary files
    assert "WARNING" not in done.err
    asked = [json.loads(line) for line in record.read_text().splitlines()]
    assert [entry["turn"] for entry in asked if entry["method"] == "POST"] == [0, 2]
