"""The programs: the agents' own, their sign-in, this `wg`, and the dispatcher."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

from wg import locations
from wg.config.endpoints import key_trouble
from wg.config.load import Config
from wg.config.resolver import resolve
from wg.config.schema import ROLES
from wg.dispatch import state
from wg.dispatch.environment import own_program
from wg.dispatch.plans import settings_for
from wg.doctor.finding import OK, PROBLEM, UNKNOWN, WARNING, Finding, Patient
from wg.errors import WgError
from wg.graph.store import Store

_VERSION_SECONDS = 20.0
# where each agent program keeps its sign-in, and the variables that stand in for it
_SIGN_IN = {
    "claude": ("CLAUDE_CONFIG_DIR", ".claude", ".credentials.json", ("ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN")),
    "codex": ("CODEX_HOME", ".codex", "auth.json", ("CODEX_API_KEY",)),
}
_HOW_TO_SIGN_IN = {"claude": "start claude and use /login", "codex": "codex login"}


def agents(patient: Patient) -> Iterator[Finding]:
    """Each agent program: whether it is there, its version, and whether it is signed in."""
    needed = _needed(patient.config)
    for executor in _SIGN_IN:
        program = executor
        if patient.config and not patient.config.errors:
            program = settings_for(patient.config, executor).program
        path = shutil.which(program)
        if path:
            yield _version(executor, path)
            yield _sign_in(executor)
        elif executor in needed:
            remedy = f"install it, set executors.{executor}.program, or: wg profile use OTHER"
            yield Finding(PROBLEM, executor, f"{program} is not on PATH, and the config in force needs it", remedy)
        else:
            yield Finding(OK, executor, f"{program} is not on PATH; nothing in force needs it")


def root(patient: Patient) -> Iterator[Finding]:
    """claude refuses to run unasked as root unless it is told that it is in a sandbox (REAL-CLIS.md, section 3)."""
    config = patient.config
    if config is None or config.errors or "claude" not in _needed(config):
        return
    settings = settings_for(config, "claude")
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if is_root and settings.permission_mode == "bypassPermissions" and not settings.assume_sandbox:
        yield Finding(
            PROBLEM,
            "claude",
            "claude refuses permission_mode bypassPermissions when run as root",
            "run as another user; or, in a container that is its own sandbox: "
            "wg config set executors.claude.assume_sandbox true",
        )


def sandbox(patient: Patient) -> Iterator[Finding]:
    """codex's workspace-write sandbox leaves the directories for temporary files writable (REAL-CLIS.md, section 2)."""
    config = patient.config
    if patient.project is None or config is None or config.errors or "codex" not in _needed(config):
        return
    if settings_for(config, "codex").sandbox != "workspace-write":
        return
    open_to_all = {"/tmp", os.environ.get("TMPDIR") or "/tmp"}
    for path in (patient.project.root, locations.home()):
        if any(os.path.realpath(path).startswith(os.path.join(os.path.realpath(top), "")) for top in open_to_all):
            message = f"{path} lies where codex's sandbox lets an agent write everything"
            yield Finding(WARNING, "codex", message, "keep projects and the home out of /tmp and TMPDIR")


def own(patient: Patient) -> Iterator[Finding]:
    """Whether this `wg` is the one that a shell finds: other programs are called wg, too."""
    try:
        mine = own_program()
    except WgError as error:
        yield Finding(PROBLEM, "wg", error.message, error.hint)
        return
    first = shutil.which("wg")
    if first and os.path.realpath(first) != os.path.realpath(mine):
        remedy = f"put {os.path.dirname(mine)} before {os.path.dirname(first)} on PATH (agents always get {mine})"
        yield Finding(WARNING, "wg", f"another wg is earlier on PATH: {first}", remedy)
    else:
        yield Finding(OK, "wg", mine)


def dispatcher(patient: Patient) -> Iterator[Finding]:
    """What the project's dispatcher has loaded, against the file in force."""
    if patient.project is None:
        return
    with Store.open(patient.project.database) as store:
        damage = store.integrity_check()
        running = state.read(store)
    if damage:
        yield Finding(PROBLEM, "store", f"{patient.project.database}: {damage[0]}", "restore it from a backup")
    if running is None:
        yield Finding(OK, "dispatcher", "not running")
    elif running.problem:
        yield Finding(PROBLEM, "dispatcher", f"starts nothing new: {running.problem}", "mend the file; it follows")
    elif patient.config is None:
        yield Finding(OK, "dispatcher", f"pid {running.identity.pid} runs on {running.config_path}")
    elif (running.config_path, running.config_digest) != (patient.config.path, patient.config.digest):
        message = f"pid {running.identity.pid} runs on {running.config_path}, this shell on {patient.config.path}"
        yield Finding(WARNING, "dispatcher", message, "a flag or variable holds for this shell only: wg config which")
    else:
        yield Finding(OK, "dispatcher", f"pid {running.identity.pid} has loaded {running.config_path} as it is now")


def endpoints(patient: Patient) -> Iterator[Finding]:
    """Whether the key that each endpoint names can be had, and is private. No key is ever shown."""
    for block in patient.config.endpoints() if patient.config and not patient.config.errors else []:
        name = f"endpoint {block.get('name', 'without a name')}"
        variable, file = block.get("api_key_env", ""), block.get("api_key_file", "")
        troubles = [key_trouble(variable, ""), key_trouble("", file)]
        for trouble in filter(None, troubles):
            yield Finding(WARNING, name, trouble.message, trouble.remedy)
        if file and not troubles[1]:
            yield Finding(OK, name, f"its key is in {os.path.expanduser(file)}")


def _needed(config: Config | None) -> set[str]:
    """The executors that some role runs on."""
    if config is None or config.errors:
        return set()
    return {resolve(config, role).executor for role in ROLES}


def _version(executor: str, path: str) -> Finding:
    try:
        done = subprocess.run(
            [path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=_VERSION_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(PROBLEM, executor, f"{path} --version does not answer: {error}", "install it anew")
    said = done.stdout.decode(errors="replace").strip().partition("\n")[0]
    if done.returncode:
        return Finding(PROBLEM, executor, f"{path} --version ended with {done.returncode}", "install it anew")
    return Finding(OK, executor, f"{path}: {said}")


def _sign_in(executor: str) -> Finding:
    """What can be known without asking a model. On macOS claude keeps its sign-in in the keychain: unknown."""
    variable, default, file, keys = _SIGN_IN[executor]
    directory = os.environ.get(variable) or os.path.join(os.path.expanduser("~"), default)
    for key in keys:
        if os.environ.get(key):
            return Finding(OK, executor, f"signed in by {key} (whether it is valid is not known without a call)")
    path = os.path.join(directory, file)
    if os.path.isfile(path):
        return Finding(OK, executor, f"signed in: {path} (whether it is still valid is not known without a call)")
    return Finding(UNKNOWN, executor, f"sign-in unknown: no {path}, no {' or '.join(keys)}", _HOW_TO_SIGN_IN[executor])
