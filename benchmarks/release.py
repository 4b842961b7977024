"""Freezing of a release with 59,193 epochs, 5,006 of them with rationales, in all formats.

    python benchmarks/release.py [--nights 62] [--json]

A new site holds 62 nights with a consensus each, five of them with rationales. ``seconds`` is the
time of the freeze in the worker, with database and zip. ``memory_growth_mib`` is the increase of
the peak memory of that process, with the preview.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "platform"))

from benchmarks.simulated_site import in_site
from tests.helpers.running_site import RunningSite

EPOCHS, EPOCHS_WITH_WORDS, NIGHTS, NIGHTS_WITH_WORDS = 59_193, 5_006, 62, 5

FILL = """
from annotations.models import EpochScore, Scoring
from annotations.scoring.scorings import consensus_scorer
from annotations.scoring.scorings import create_scoring
from recordings.models import Recording, Subject
from studies.models import Study
study = Study.objects.get(slug="bench")
study.licence, study.may_release_words = "CC BY-NC 4.0", True
study.save()
scorer = consensus_scorer(study=study)
stages = ["W", "N1", "N2", "N3", "R"]
words = "Sleep spindle in C4-M1 at 12.3 s, 1.1 s long; K complex at 20.4 s; chin tone is moderate."
for number, (count, is_fine) in enumerate(SIZES):
    subject = Subject.objects.create(study=study, code=f"01-03-{number:04}")
    night = Recording.objects.create(study=study, subject=subject, name=subject.code,
        state="labels_only", epoch_count=count, epoch0_s=12.5, duration_s=30 * count + 20)
    scoring = create_scoring(recording=night, scorer=scorer)
    EpochScore.objects.bulk_create([
        EpochScore(scoring=scoring, epoch=n, stage=(stage := stages[n // 40 % 5]),
                   rules=[f"{stage}.1"], rationale=words if is_fine else "")
        for n in range(count)
    ])
    Scoring.objects.filter(pk=scoring.pk).update(state="submitted")
"""

FREEZE = """
import json, resource, time
from annotations.models import Release
from annotations.releases.composition import Composition
from annotations.releases.work import RELEASES, freeze_release
from annotations.releases.lifecycle import ask_to_freeze, create_release
from studies.models import Study
study = Study.objects.get(slug="bench")
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before = peak()
shares = {"train": 80, "validation": 10, "test": 10}
composition = Composition(shares=shares)
release = create_release(study=study, title="Bench", composition=composition, user=None)
print(release.preview["problems"])
seen = release.preview["sha256"]
ask_to_freeze(release=release, version="1.0.0", seen_sha256=seen, user=None)
claimed = RELEASES.claim(release.pk)
start, cpu = time.perf_counter(), time.process_time()
freeze_release(claimed)
release.refresh_from_db()
print(json.dumps({
    "seconds": time.perf_counter() - start,
    "cpu_s": time.process_time() - cpu,
    "memory_growth_mib": peak() - before,
    "epochs": release.preview["epochs"],
    "mib": release.size / 2**20,
}))
"""


def sizes(nights: int) -> list[tuple[int, bool]]:
    """Return for each night its epochs and whether it has rationales (published counts at 62)."""
    fine, fine_rest = divmod(EPOCHS_WITH_WORDS, NIGHTS_WITH_WORDS)
    coarse_nights = NIGHTS - NIGHTS_WITH_WORDS
    coarse, coarse_rest = divmod(EPOCHS - EPOCHS_WITH_WORDS, coarse_nights)
    once = [(fine + (n < fine_rest), True) for n in range(NIGHTS_WITH_WORDS)]
    once += [(coarse + (n < coarse_rest), False) for n in range(coarse_nights)]
    return [once[n % NIGHTS] for n in range(nights)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--nights", type=int, default=NIGHTS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="epochwise-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        site = RunningSite(folder / "site")
        try:
            site.start()
            site.manage_json("create_study", "bench")
            in_site(site, FILL.replace("SIZES", repr(sizes(options.nights))))
            measured = json.loads(in_site(site, FREEZE).splitlines()[-1])
        finally:
            site.stop()
    if options.json:
        print(json.dumps(measured, indent=2))
    else:
        print("\n".join(f"{key}: {value:.1f}" for key, value in measured.items()))


if __name__ == "__main__":
    main()
