"""Memory and time of many people who sign in at the same moment.

    python benchmarks/logins.py [--people 16] [--json]

Two processes each check `people` passwords in as many threads: one with Django's parameters of
Argon2 (100 MiB, eight lanes) and no limit, the other as this site does (19 MiB, one lane, one
password at a time). Results: the peak of memory over that of the idle process, the time until the
last person is in, and both ratios.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "a long enough secret"


def measured(way: str, people: int) -> dict[str, float]:
    """Check passwords in this process; return MiB above idle, and seconds."""
    sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
    from django.conf import settings

    settings.configure()
    from django.contrib.auth.hashers import Argon2PasswordHasher

    from studies.accounts.passwords import BoundedArgon2

    hasher = Argon2PasswordHasher() if way == "django" else BoundedArgon2()
    encoded = hasher.encode(PASSWORD, "saltsaltsalt")
    idle = _resident_mib()
    begun = time.monotonic()
    with ThreadPoolExecutor(people) as threads:
        assert all(threads.map(lambda _: hasher.verify(PASSWORD, encoded), range(people)))
    seconds = time.monotonic() - begun
    return {"mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - idle, "s": seconds}


def _resident_mib() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def _in_process(way: str, people: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--way", way, "--people", str(people)]
    return dict(json.loads(subprocess.check_output(command, text=True)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=16)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--way", choices=["django", "here"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(measured(options.way, options.people)))
        return
    both = {way: _in_process(way, options.people) for way in ("django", "here")}
    ratios = {unit: both["django"][unit] / both["here"][unit] for unit in ("mib", "s")}
    if options.json:
        print(json.dumps({**both, "ratio": ratios}))
        return
    print(f"{options.people} people at once in one process")
    for way, name in [("django", "Django's parameters"), ("here", "this site")]:
        print(f"  {name:20} {both[way]['mib']:7.0f} MiB   {both[way]['s']:5.2f} s")
    print(f"  ratio                {ratios['mib']:7.1f}       {ratios['s']:5.1f}")


if __name__ == "__main__":
    main()
