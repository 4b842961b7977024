"""A simulated night through the queue: a site of its own, its worker for models, and a bundle.

    python -m benchmarks.queue_night BUNDLE [--epochs 960]

The time is from the start of the run to its last stored reply. It includes loading the model.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from benchmarks.simulated_site import SLUG, in_site, site_with_night

TIMES = """
from inference.models import PreScoreRun
run = PreScoreRun.objects.get()
print((run.finished_at - run.created_at).total_seconds(), run.replies.count(), run.about)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--epochs", type=int, default=960)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # and the site with it
    started = time.perf_counter()
    with site_with_night(people=0, epochs=options.epochs) as (site, _):
        print(f"site with night ready after {time.perf_counter() - started:.0f} s", flush=True)
        added = site.manage_json("add_bundle", str(options.bundle.resolve()))
        done = site.manage_json("prescore", "--study", SLUG, "--bundle", added["name"], "--wait")
        (run,) = done["runs"]
        seconds, _, about = in_site(site, TIMES).splitlines()[-1].partition(" ")
    print(f"{run['done']} of {run['epochs']} epochs in {float(seconds):.1f} s: ", end="")
    print(f"{run['done'] / float(seconds):.2f} epochs/s; replies, {about}")


if __name__ == "__main__":
    main()
