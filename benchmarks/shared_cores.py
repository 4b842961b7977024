"""Pre-scoring beside busy processes: one thread a process, as in workers, or torch's default.

    python -m benchmarks.shared_cores [--busy 2] [--epochs 16] [--rounds 3] [--json]

Each measurement is a process that reads noise with SleepVLM-nano, and runs beside
`--busy` processes that only compute. Ways alternate; the best round of each counts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from inference import bundles
from inference.bundles import read_bundle
from psg.threads import THREADS, limit_threads

WAYS = {"torch's default": False, "one thread": True}
BUSY = "import os; owner = os.getppid()\nwhile os.getppid() == owner: pass"


@contextmanager
def busy_processes(count: int) -> Iterator[None]:
    processes = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def read_epochs(count: int) -> dict[str, float]:
    """Read epochs in this process; return the speed and what it cost."""
    import torch

    from inference.adapters import NightToScore, load_adapter
    from psg.montage import DERIVATIONS
    from psg.night import ArrayNight

    noise_uv = np.random.default_rng(0).normal(0, 20, (count + 2, len(DERIVATIONS), 3000))
    signals = ArrayNight(DERIVATIONS, noise_uv.astype(np.float32))
    adapter = load_adapter(read_bundle(Path(bundles.__file__).parent / bundles.BUILT_IN_SLEEPVLM))
    list(adapter.replies(NightToScore("first", signals), [0]))
    started, used = time.perf_counter(), time.process_time()
    list(adapter.replies(NightToScore("night", signals), range(1, count + 1)))
    return {
        "epochs_per_s": round(count / (time.perf_counter() - started), 2),
        "processor_s": round(time.process_time() - used, 1),
        "threads": torch.get_num_threads(),
    }


def measured(epochs: int, *, limited: bool) -> dict[str, float]:
    env = {name: value for name, value in os.environ.items() if name != THREADS}
    command = [sys.executable, "-m", "benchmarks.shared_cores", "--here", "--epochs", str(epochs)]
    command += ["--limited"] if limited else []
    done = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--busy", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--limited", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        if options.limited:
            limit_threads()
        print(json.dumps(read_epochs(options.epochs)))
        return
    best: dict[str, dict[str, float]] = {}
    with busy_processes(options.busy):
        for _ in range(options.rounds):
            for way, limited in WAYS.items():
                result = measured(options.epochs, limited=limited)
                if way not in best or result["epochs_per_s"] > best[way]["epochs_per_s"]:
                    best[way] = result
    if options.json:
        print(json.dumps(best))
        return
    for way, result in best.items():
        print(
            f"{way:16} {result['threads']:2.0f} threads {result['epochs_per_s']:7.2f} epochs/s "
            f"{result['processor_s']:7.1f} s of processor time"
        )


if __name__ == "__main__":
    main()
