"""Memory of the started demo, summed over all its processes.

    python benchmarks/memory.py [--empty] [--torch] [--json]

A complete site runs as with `manage.py up --demo`. When its processes rest, the sign-in page is
asked for as often as brings it to each web process, and the memory of each program is read: its
share of pages that several processes have in common (PSS), and what is its own alone (USS). With
`--empty` the site has no demo. As after `make run`, torch is not there; with `--torch` it is, and
so is a third worker.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.helpers.running_site import RunningSite, fresh_site

REQUESTS = 60
NO_TORCH = """
import importlib.util as util
found = util.find_spec
util.find_spec = lambda name, package=None: None if name == "torch" else found(name, package)
"""
CALM_S = 20
WORK_WITHIN_S = 900


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--empty", action="store_true", help="without the demo")
    parser.add_argument("--torch", action="store_true", help="with the worker for models")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    options = parser.parse_args()
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
