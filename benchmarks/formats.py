"""Intake of a night in every format of recordings: time and peak memory, and two extreme files.

    python benchmarks/formats.py [--hours 8] [--channels 16] [--only FORMAT ...] [--json]

Each file is made first and read in a process of its own, which opens it, inspects it, and writes
both stores and the spectrogram. The limit of memory is 600 MiB for all of them. The extreme files
are 30 h long: 512 channels that can be streamed, and 512 channels that must be refused.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "platform"))

LIMIT_MIB = 600
SFREQ = 256
MIB = 2**20


@dataclass(frozen=True)
class Night:
    hours: float
    channels: int
    sfreq: int = SFREQ

    @property
    def seconds(self) -> int:
        return round(self.hours * 3600)

    @property
    def labels(self) -> list[str]:
        names = ["F4", "C4", "O2", "A1", "E1", "E2", "EMG chin"]
        return [*names, *(f"X{number}" for number in range(self.channels))][: self.channels]

    def minutes(self) -> Iterator[NDArray[np.float32]]:
        """Yield the signals in uV, a minute at a time, (channels, samples)."""
        rng = np.random.default_rng(15)
        block = rng.normal(0, 20, (self.channels, 60 * self.sfreq)).astype(np.float32)
        for minute in range(self.seconds // 60):
            yield np.roll(block, 97 * minute, axis=1)


def main() -> None:
    options = _options()
    if options.read:
        print(json.dumps(_read(options.read)))
        return
    night = Night(options.hours, options.channels)
    results = {}
    for name, make in MAKERS.items():
        if options.only and name not in options.only:
            continue
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            path = make(Path(folder), night)
            command = [sys.executable, __file__, "--read", str(path)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            results[name] = json.loads(done.stdout.splitlines()[-1])
            if not options.json:
                _show(name, results[name])
    if options.json:
        print(json.dumps(results))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--channels", type=int, default=16)
    parser.add_argument("--only", nargs="*", choices=list(MAKERS), metavar="FORMAT")
    parser.add_argument("--folder", type=Path, help="where the files are made, up to 4 GB each")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.add_argument("--read", type=Path, help="internal")
    return parser.parse_args()


def _show(name: str, result: dict[str, Any]) -> None:
    told = result["refused"] or f"{result['time_s']:.1f} s"
    over = "" if result["peak_mib"] <= LIMIT_MIB else f"  OVER {LIMIT_MIB} MiB"
    print(f"{name:<22}{result['peak_mib']:>6.0f} MiB{over}  {told}")


def _read(path: Path) -> dict[str, Any]:
    from psg.errors import PsgError
    from psg.ingest import inspect_night, store_night
    from psg.readers import open_recording

    refused, started = "", time.perf_counter()
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        out = Path(folder)
        try:
            file = open_recording(path, spool=out)
            facts = inspect_night(file)
            store_night(file, facts, signals_path=out / "signals.epw", raw_path=out / "raw.epw")
        except PsgError as error:
            refused = str(error)
    time_s = time.perf_counter() - started
    return {"time_s": time_s, "peak_mib": _peak_mib(), "refused": refused}


def _peak_mib() -> float:
    """Read the largest resident memory; that of getrusage counts what was before exec, too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


# The files.


def _edf_header(night: Night, *, is_bdf: bool = False) -> bytes:
    count = night.channels
    low, high = ("-8388608", "8388607") if is_bdf else ("-32768", "32767")
    fixed = [
        ("" if is_bdf else "0", 7 if is_bdf else 8), ("X X X X", 80), ("Startdate X X X X", 80),
        ("01.01.85", 8), ("22.00.00", 8), (256 * (count + 1), 8), ("24BIT" if is_bdf else "", 44),
        (night.seconds, 8), (1, 8), (count, 4),
    ]  # fmt: skip
    columns: list[tuple[list[object], int]] = [
        (list(night.labels), 16), ([""] * count, 80), (["uV"] * count, 8), (["-500"] * count, 8),
        (["500"] * count, 8), ([low] * count, 8), ([high] * count, 8), ([""] * count, 80),
        ([night.sfreq] * count, 8), ([""] * count, 32),
    ]  # fmt: skip
    fields = [*fixed, *((value, width) for values, width in columns for value in values)]
    text = b"".join(str(value).encode().ljust(width) for value, width in fields)
    return b"\xffBIOSEMI" + text[7:] if is_bdf else text


def _records(minute: NDArray[np.float32], sfreq: int) -> NDArray[np.float32]:
    """Order a minute as records of a second: (seconds, channels, samples)."""
    return minute.reshape(len(minute), -1, sfreq).transpose(1, 0, 2)


def make_edf(folder: Path, night: Night) -> Path:
    path = folder / "night.edf"
    with path.open("wb") as file:
        file.write(_edf_header(night))
        for minute in night.minutes():
            file.write(np.rint(_records(minute, night.sfreq) * 65.5).astype("<i2").tobytes())
    return path


def make_bdf(folder: Path, night: Night) -> Path:
    path = folder / "night.bdf"
    with path.open("wb") as file:
        file.write(_edf_header(night, is_bdf=True))
        for minute in night.minutes():
            counts = np.rint(_records(minute, night.sfreq) * 16_777).astype("<i4")
            file.write(np.ascontiguousarray(counts).view(np.uint8).reshape(-1, 4)[:, :3].tobytes())
    return path


def make_brainvision(folder: Path, night: Night) -> Path:
    infos = "\n".join(f"Ch{i}={label},,1,uV" for i, label in enumerate(night.labels, start=1))
    inside = folder / "night"
    inside.mkdir()
    (inside / "night.vhdr").write_text(
        "Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\n"
        "DataFile=night.eeg\nDataFormat=BINARY\nDataOrientation=MULTIPLEXED\n"
        f"NumberOfChannels={night.channels}\nSamplingInterval={1e6 / night.sfreq}\n"
        f"[Binary Infos]\nBinaryFormat=IEEE_FLOAT_32\n[Channel Infos]\n{infos}\n"
    )
    with (inside / "night.eeg").open("wb") as file:
        for minute in night.minutes():
            file.write(np.ascontiguousarray(minute.T).tobytes())
    return inside


def _whole(night: Night) -> NDArray[np.float32]:
    return np.concatenate(list(night.minutes()), axis=1)


def make_eeglab(folder: Path, night: Night, *, compressed: bool = False) -> Path:
    from scipy.io import savemat

    data = _whole(night)
    places = np.array([(label,) for label in night.labels], dtype=[("labels", object)])
    fields = {"nbchan": night.channels, "pnts": data.shape[1], "trials": 1, "srate": night.sfreq}
    savemat(
        folder / "night.set",
        {"EEG": {**fields, "chanlocs": places, "data": data}},
        do_compression=compressed,
    )
    return folder / "night.set"


def make_eeglab_compressed(folder: Path, night: Night) -> Path:
    return make_eeglab(folder, night, compressed=True)


def make_eeglab_hdf5(folder: Path, night: Night) -> Path:
    import h5py

    path = folder / "night.set"
    with h5py.File(path, "w", userblock_size=512) as file:
        eeg = file.create_group("EEG")
        count = night.seconds * night.sfreq
        for name, value in (("nbchan", night.channels), ("pnts", count), ("srate", night.sfreq)):
            eeg[name] = np.array([[float(value)]])
        data = eeg.create_dataset(
            "data", (count, night.channels), "f4", chunks=(4096, night.channels), compression=1
        )
        size = 60 * night.sfreq
        for place, minute in enumerate(night.minutes()):
            data[place * size : (place + 1) * size] = minute.T
        eeg.create_group("chanlocs")
        refs = []
        for number, label in enumerate(night.labels):
            text = file.create_dataset(f"#refs#/{number}", data=[[ord(c)] for c in label])
            text.attrs["MATLAB_class"] = np.bytes_("char")
            refs.append([text.ref])
        eeg["chanlocs"]["labels"] = np.array(refs, dtype=h5py.ref_dtype)
    with path.open("r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2IM")
    return path


def make_fif(folder: Path, night: Night) -> Path:
    import mne

    kinds = ["emg" if label.startswith("EMG") else "eeg" for label in night.labels]
    info = mne.create_info(night.labels, night.sfreq, kinds)
    raw = mne.io.RawArray(_whole(night) * 1e-6, info, verbose="error")
    raw.save(folder / "night_raw.fif", verbose="error")
    return folder / "night_raw.fif"


def make_gdf(folder: Path, night: Night) -> Path:
    count = night.channels
    fixed = bytearray(256)
    fixed[:8] = b"GDF 1.25"
    fixed[184:192] = (256 * (count + 1)).to_bytes(8, "little")
    fixed[236:244] = night.seconds.to_bytes(8, "little")
    for at, value in ((244, 1), (248, 1), (252, count)):
        fixed[at : at + 4] = value.to_bytes(4, "little")
    head = b"".join(label.encode().ljust(16, b"\0") for label in night.labels)
    head += bytes(80 * count) + b"uV".ljust(8, b"\0") * count
    head += np.repeat([-500.0, 500.0], count).tobytes()
    head += np.repeat(np.array([-32768, 32767], dtype="<i8"), count).tobytes() + bytes(80 * count)
    head += np.repeat(np.array([night.sfreq, 3], dtype="<i4"), count).tobytes() + bytes(32 * count)
    with (folder / "night.gdf").open("wb") as file:
        file.write(bytes(fixed) + head)
        for minute in night.minutes():
            file.write(np.rint(_records(minute, night.sfreq) * 65.5).astype("<i2").tobytes())
    return folder / "night.gdf"


def make_gz(folder: Path, night: Night) -> Path:
    path = folder / "night.edf.gz"
    with make_edf(folder, night).open("rb") as file, gzip.open(path, "wb", compresslevel=1) as out:
        shutil.copyfileobj(file, out, MIB)
    return path


def make_wide(folder: Path, night: Night) -> Path:
    return make_edf(folder, Night(30, 512, 32))


def make_too_wide(folder: Path, night: Night) -> Path:
    """Make a file of 30 h, 512 channels and 256 Hz; it is sparse on the disk."""
    wide = Night(30, 512, 256)
    path = folder / "night.edf"
    header = _edf_header(wide)
    with path.open("wb") as file:
        file.write(header)
        file.truncate(len(header) + wide.seconds * wide.channels * wide.sfreq * 2)
    return path


def make_long(folder: Path, night: Night) -> Path:
    return make_edf(folder, Night(30, 8, 512))


MAKERS: dict[str, Callable[[Path, Night], Path]] = {
    "edf": make_edf,
    "edf.gz": make_gz,
    "bdf": make_bdf,
    "brainvision": make_brainvision,
    "eeglab": make_eeglab,
    "eeglab compressed": make_eeglab_compressed,
    "eeglab 7.3": make_eeglab_hdf5,
    "fif": make_fif,
    "gdf": make_gdf,
    "30 h, 8 x 512 Hz": make_long,
    "30 h, 512 x 32 Hz": make_wide,
    "30 h, 512 x 256 Hz": make_too_wide,
}


if __name__ == "__main__":
    main()
