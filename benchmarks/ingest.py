"""Ingest of a night, compared with reading and filtering the same six channels in mne.

Both sides read the same simulated EDF file, alternately and in separate processes, after the file
has been read once. Epochwise verifies, filters, writes both stores and draws the spectrogram. mne
reads the channels into memory, computes the chin difference and filters, with the published
Butterworth filters (``iir``) and with its default filters (``fir``). ``ratio`` is the median time
of Epochwise divided by that of the faster of the two.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "platform"))

MIB = 2**20


def main() -> None:
    options = _options()
    if options.side:
        print(json.dumps(_measure(SIDES[options.side], options.file)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = options.file or _simulated(Path(folder), options.hours, options.seed)
        result = _compare(path, options.repeats)
    result["hours"] = options.hours
    _show(result, as_json=options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--file", type=Path, help="an EDF file in MASS layout instead")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.add_argument("--side", choices=("epochwise", "mne_iir", "mne_fir"), help="internal")
    return parser.parse_args()


def _simulated(folder: Path, hours: float, seed: int) -> Path:
    # In a separate process, so that its memory is not counted here.
    code = (
        "import sys; from pathlib import Path; from psg.simulate import *;"
        "night = simulate_night(hours=float(sys.argv[2]), seed=int(sys.argv[3]),"
        " subject='01-09-0001');"
        "print(write_mass_files(night, Path(sys.argv[1])).psg)"
    )
    command = [sys.executable, "-c", code, str(folder), str(hours), str(seed)]
    environment = {"PYTHONPATH": sys.path[0]}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return Path(done.stdout.strip())


def _compare(path: Path, repeats: int) -> dict[str, float]:
    path.read_bytes()
    runs: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
    for _ in range(repeats):
        for side, results in runs.items():
            command = [sys.executable, __file__, "--side", side, "--file", str(path)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            results.append(json.loads(done.stdout))
    times = {side: statistics.median(run["time_s"] for run in runs[side]) for side in SIDES}
    return {
        "ratio": times["epochwise"] / min(times["mne_iir"], times["mne_fir"]),
        "peak_memory_mib": max(run["peak_mib"] for run in runs["epochwise"]),
        "ratio_same_filters": times["epochwise"] / times["mne_iir"],
        "ratio_default_filters": times["epochwise"] / times["mne_fir"],
        **{f"{side}_s": seconds for side, seconds in times.items()},
        "mne_peak_memory_mib": max(run["peak_mib"] for run in runs["mne_iir"]),
    }


def _measure(work: Callable[[Path], Callable[[], None]], path: Path) -> dict[str, float]:
    run = work(path)
    started = time.perf_counter()
    run()
    time_s = time.perf_counter() - started
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"time_s": time_s, "peak_mib": peak_kib * 1024 / MIB}


def _epochwise(path: Path) -> Callable[[], None]:
    from psg.edf import EdfFile
    from psg.ingest import inspect_night, store_night

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            edf = EdfFile.open(path)
            facts = inspect_night(edf)
            out = Path(folder)
            png, _ = store_night(
                edf, facts, signals_path=out / "signals.epw", raw_path=out / "raw.epw"
            )
            (out / "spectrogram.png").write_bytes(png)

    return run


def _mne(path: Path, *, method: str) -> Callable[[], None]:
    import mne
    import scipy.signal  # noqa: F401  mne imports it when needed; the import is not measured

    from psg.edf import EdfFile
    from psg.ingest import inspect_night

    facts = inspect_night(EdfFile.open(path))
    sources = list(facts.sources.values())
    labels = [channel.label for channel in EdfFile.open(path).channels]
    used = [labels[i] for s in sources for i in (s.positive, s.negative) if i is not None]
    chin = [labels[i] for i in (sources[-1].positive, sources[-1].negative) if i is not None]

    def run() -> None:
        raw = mne.io.read_raw_edf(path, include=used, preload=True, verbose="error")
        if len(chin) == 2:
            raw = mne.set_bipolar_reference(raw, *chin, ch_name="Chin", verbose="error")
            chin_name = "Chin"
        else:
            chin_name = chin[0]
        others = [name for name in raw.ch_names if name != chin_name]
        shape = {"order": 4, "ftype": "butter"} if method == "iir" else None
        high_hz = min(100.0, 0.999 * raw.info["sfreq"] / 2)
        for picks, low_hz, top_hz in ((others, 0.3, 35.0), ([chin_name], 10.0, high_hz)):
            raw.filter(
                low_hz, top_hz, picks=picks, method=method, iir_params=shape, verbose="error"
            )
        raw.notch_filter(50.0, picks=raw.ch_names, method=method, iir_params=shape, verbose="error")

    return run


SIDES: dict[str, Callable[[Path], Callable[[], None]]] = {
    "epochwise": _epochwise,
    "mne_iir": lambda path: _mne(path, method="iir"),
    "mne_fir": lambda path: _mne(path, method="fir"),
}


def _show(result: dict[str, float], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({name: round(value, 4) for name, value in result.items()}))
        return
    rows = (
        ("Epochwise: filter, two stores, spectrogram", "epochwise_s"),
        ("mne: read and filter, the same filters", "mne_iir_s"),
        ("mne: read and filter, its default filters", "mne_fir_s"),
    )
    print(f"Night of {result['hours']:g} h, median seconds")
    for title, name in rows:
        print(f"  {title:<46}{result[name]:8.2f}")
    print(f"  {'ratio to the faster of mne (budget 0.5)':<46}{result['ratio']:8.2f}")
    print(f"  {'peak memory, MiB (budget 600)':<46}{result['peak_memory_mib']:8.0f}")
    print(f"  {'peak memory of mne, MiB':<46}{result['mne_peak_memory_mib']:8.0f}")


if __name__ == "__main__":
    main()
