"""`python -m tests.soak --minutes 60`: the soak for as long as you like. What it finds is printed, its box kept."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.harness import Box
from tests.soak.run import soak


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=0.5, help="how long things are killed (default: 0.5)")
    parser.add_argument("--tasks", type=int, help="how many in all (default: as time permits)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of graph, agents and kills")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    root = Path(tempfile.mkdtemp(prefix="wg-soak-"))
    box = Box(root)
    try:
        done = soak(box, seconds=options.minutes * 60, tasks=options.tasks, seed=options.seed)
    finally:
        box.close()
    print(done.figures)
    for problem in done.problems:
        print(f"- {problem}")
    if done.problems:
        print(f"look at it in {root}")
        return 1
    shutil.rmtree(root)
    return 0


if __name__ == "__main__":
    sys.exit(main())
