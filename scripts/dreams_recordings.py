"""Turn the excerpts of the DREAMS sleep spindles database into recordings with stage files.

    python scripts/dreams_recordings.py FOLDER TARGET

FOLDER holds ``excerptN.txt`` (a label in brackets, then a value in uV on each line) and
``Hypnogram_excerptN.txt`` (a line in brackets, then an R&K code for every 5 s). Each becomes an EDF
and a csv of its 20-s epochs in TARGET. docs/recipes/dreams.md says how to import them.
"""

import argparse
import re
from pathlib import Path

import edfio
import numpy as np

DURATION_S = 1800
CODE_S = 5
EPOCH_S = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    options.target.mkdir(parents=True, exist_ok=True)
    for source in sorted(options.folder.glob("excerpt*.txt")):
        label, sfreq_hz = write_recording(source, options.target / f"{source.stem}.edf")
        codes = read_codes(options.folder / f"Hypnogram_{source.name}")
        count = write_stages(codes, options.target / f"{source.stem}_stages.csv")
        print(f"{source.stem}: {label} at {sfreq_hz:g} Hz, {count} epochs of {EPOCH_S} s")


def write_recording(source: Path, path: Path) -> tuple[str, float]:
    """Write the signal as EDF; its rate follows from the 30 minutes that every excerpt lasts."""
    with source.open() as file:
        label = file.readline()
    values_uv = np.loadtxt(source, skiprows=1, ndmin=1)
    sfreq_hz = len(values_uv) / DURATION_S
    if sfreq_hz not in (50, 100, 200):
        raise SystemExit(f"{source.name} has {len(values_uv):,} values, which are not 30 minutes")
    label = label.strip().strip("[]")
    signal = edfio.EdfSignal(values_uv, sfreq_hz, label=f"EEG {label}", physical_dimension="uV")
    edfio.Edf([signal]).write(path)
    return label, sfreq_hz


def read_codes(path: Path) -> list[int]:
    _, *lines = path.read_text().splitlines()
    texts = [line.strip() for line in lines if line.strip()]
    if not all(re.fullmatch(r"-?\d+", text) for text in texts):
        raise SystemExit(f"{path.name} has a line that is no integer")
    return [int(text) for text in texts]


def write_stages(codes: list[int], path: Path) -> int:
    """Write the epochs in which the experts scored; return how many there are."""
    each = EPOCH_S // CODE_S
    rows = ["onset_s,duration_s,stage"]
    for first in range(0, len(codes) - each + 1, each):
        found = set(codes[first : first + each])
        if len(found) > 1:
            raise SystemExit(f"The codes change inside the {EPOCH_S} s from {first * CODE_S} s on")
        rows.append(f"{first * CODE_S},{EPOCH_S},{found.pop()}")
    path.write_text("\n".join(rows) + "\n")
    return len(rows) - 1


if __name__ == "__main__":
    main()
