"""Stage files of 25 nights by 4 scorers, imported by one command beside a running site.

    python -m benchmarks.scoring_files [--nights 25] [--scorers 4] [--json]

``seconds_a_file`` is the time of the whole command, its start included, by the number of files;
the target is at most 1.5 s. The baseline is a start of the command for every file, as was needed
before, timed with the first files: ``single_seconds_a_file`` and its ``ratio``.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "platform"))

from tests.helpers.running_site import RunningSite

EPOCHS = 960
SINGLE = 3
STAGES = ("W", "N1", "N2", "N3", "R")


def write_files(folder: Path, *, nights: int, scorers: int) -> list[Path]:
    """Write hypnograms that no two scorers share."""
    chance = random.Random(1)
    files = []
    for night in range(nights):
        for scorer in range(scorers):
            path = folder / f"N{night:03}_scorer{scorer}.txt"
            names: list[str] = []
            while len(names) < EPOCHS:
                names += [chance.choice(STAGES)] * chance.randint(1, 30)
            path.write_text("".join(f"{name}\n" for name in names[:EPOCHS]))
            files.append(path)
    return files


def timed(site: RunningSite, *arguments: str) -> float:
    start = time.perf_counter()
    done = site.manage("import_scoring", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return time.perf_counter() - start


def measure(site: RunningSite, files: list[Path]) -> dict[str, float]:
    site.manage_json("create_study", "bench")
    site.manage_json("create_study", "single")
    pattern = "{recording}_{scorer}.txt"
    whole = timed(site, str(files[0].parent), "--study", "bench", "--pattern", pattern)
    single = sum(
        timed(
            site, str(path), "--study", "single", "--recording", path.stem, "--scorer", "Expert 1"
        )
        for path in files[:SINGLE]
    )
    return {
        "files": len(files),
        "seconds_a_file": whole / len(files),
        "single_seconds_a_file": single / SINGLE,
        "ratio": (single / SINGLE) / (whole / len(files)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--nights", type=int, default=25)
    parser.add_argument("--scorers", type=int, default=4)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="epochwise-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "set").mkdir()
        files = write_files(folder / "set", nights=options.nights, scorers=options.scorers)
        site = RunningSite(folder / "site")
        try:
            site.start()
            measured = measure(site, files)
        finally:
            site.stop()
    if options.json:
        print(json.dumps(measured, indent=2))
    else:
        print("\n".join(f"{key}: {value:.2f}" for key, value in measured.items()))


if __name__ == "__main__":
    main()
