"""Memory of the started demo, summed over all its processes.

    python benchmarks/memory.py [--empty] [--torch] [--json]
    python benchmarks/memory.py --minutes 60 [--people 50] [--json]

A complete site runs as with `manage.py up --demo`. When its processes rest, the sign-in page is
asked for as often as brings it to each web process, and the memory of each program is read: its
share of pages that several processes have in common (PSS), and what is its own alone (USS). With
`--empty` the site has no demo. As after `make run`, torch is not there; with `--torch` it is, and
so is a third worker.

With `--minutes`, fifty annotators score a night for so long, as in `annotators.py`, and the memory
is read ten times on the way: it should not grow after the first readings.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.annotators import EPOCHS_A_MINUTE, load
from benchmarks.simulated_site import site_with_night
from tests.helpers.running_site import RunningSite, fresh_site

REQUESTS = 60
NO_TORCH = """
import importlib.util as util
found = util.find_spec
util.find_spec = lambda name, package=None: None if name == "torch" else found(name, package)
"""
CALM_S = 20
WORK_WITHIN_S = 900
READINGS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--empty", action="store_true", help="without the demo")
    parser.add_argument("--torch", action="store_true", help="with the worker for models")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.add_argument("--minutes", type=float, help="how long annotators work meanwhile")
    parser.add_argument("--people", type=int, default=50, help="annotators who work")
    options = parser.parse_args()
    if options.minutes:
        while_people_work(options.people, options.minutes, as_json=options.json)
        return
    with fresh_site() as site, tempfile.TemporaryDirectory() as folder:
        if not options.torch:
            Path(folder, "sitecustomize.py").write_text(NO_TORCH)
            site.more_env["PYTHONPATH"] = folder
        site.start(*([] if options.empty else ["--demo"]))
        wait_until_idle(site)
        for _ in range(REQUESTS):
            urllib.request.urlopen(f"{site.url}/", timeout=60).read()
        time.sleep(CALM_S)
        programs = measured(site)
    if options.json:
        print(json.dumps(programs))
        return
    print("| program | processes | PSS in MiB | own in MiB |\n|---|---|---|---|")
    for name, row in sorted(programs.items()):
        print(f"| {name} | {row['processes']} | {row['pss']:.0f} | {row['uss']:.0f} |")
    print(f"| all | | {sum(row['pss'] for row in programs.values()):.0f} | |")


def while_people_work(people: int, minutes: float, *, as_json: bool) -> None:
    """Print the memory of all processes, ten times while the annotators work."""
    # A faster annotator than the average needs more epochs.
    epochs = range(max(60, round(1.3 * EPOCHS_A_MINUTE * minutes)))
    with site_with_night(people=people, epochs=len(epochs)) as (site, prepared):
        rows: list[dict[str, float]] = []
        work = threading.Thread(target=load, args=(site, prepared, minutes * 60, epochs))
        work.start()
        for number in range(READINGS + 1):
            if number:
                time.sleep(minutes * 60 / READINGS)
            parts = {name: round(row["pss"]) for name, row in measured(site).items()}
            rows.append({"minute": round(number * minutes / READINGS, 1), **parts})
            if not as_json:
                print(*(f"{name} {value}" for name, value in rows[-1].items()), sep=" | ")
                print(f"    all {sum(parts.values())} MiB", flush=True)
        work.join()
    if as_json:
        print(json.dumps(rows))


def wait_until_idle(site: RunningSite) -> None:
    """Wait until the demo is there and its processes have used little processor time."""
    deadline, calm_since, before = time.monotonic() + WORK_WITHIN_S, time.monotonic(), 0.0
    while time.monotonic() - calm_since < CALM_S:
        assert time.monotonic() < deadline, "the site still works"
        time.sleep(2)
        now = sum(_cpu_s(process) for process in processes_of(site))
        if now - before > 0.6:
            calm_since = time.monotonic()
        before = now


def _cpu_s(process: psutil.Process) -> float:
    try:
        used = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(used.user + used.system)


def processes_of(site: RunningSite) -> list[psutil.Process]:
    started = psutil.Process(site.processes[0].pid)
    return [started, *started.children(recursive=True)]


def measured(site: RunningSite) -> dict[str, Counter[str]]:
    """Return processes, PSS and USS in MiB by program."""
    programs: dict[str, Counter[str]] = {}
    for process in processes_of(site):
        try:
            memory, words = process.memory_full_info(), process.cmdline()
        except psutil.NoSuchProcess:
            continue
        row = programs.setdefault(_program(words), Counter())
        row.update(processes=1, pss=memory.pss / 2**20, uss=memory.uss / 2**20)
    return programs


def _program(words: list[str]) -> str:
    line = " ".join(words)
    known = {
        "gunicorn: ": "web",
        "worker@": "worker",
        "ingest@": "ingest",
        "gpu@": "gpu",
        "celery beat": "beat",
        "redis": "redis",
        "postgres": "postgres",
        "manage.py up": "manage.py up",
    }
    return next((name for part, name in known.items() if part in line), line[:40] or "other")


if __name__ == "__main__":
    main()
