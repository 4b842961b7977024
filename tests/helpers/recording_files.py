"""The same night in every format of recordings, with a name of a person wherever one fits."""

from __future__ import annotations

import datetime
import struct
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path

import edfio
import mne
import numpy as np
from scipy.io import savemat

LABELS = ("C4", "M1", "O2", "EMG chin", "SpO2")
UNITS = ("uV", "uV", "uV", "uV", "%")
SFREQ_HZ = 128.0
SECONDS = 90
MARKS = ((0.0, 30.0, "Sleep stage W"), (30.0, 30.0, "Sleep stage N2"), (61.0, 0.0, "Lights on"))
CLOCK = datetime.time(22, 30)
CLOCK_S = 22.5 * 3600
BEGIN = datetime.datetime(2021, 3, 4, 22, 30, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Planted:
    """Names for every field that a format has."""

    name: str = "Ada Lovelace"

    def __bool__(self) -> bool:
        return bool(self.name)


def values() -> np.ndarray:
    """Return the signals in their units, shape (channels, samples)."""
    count = round(SECONDS * SFREQ_HZ)
    rng = np.random.default_rng(15)
    signals = rng.normal(0, 20, (len(LABELS), count))
    signals[4] = 96 + 2 * np.sin(np.arange(count) / 500)
    return signals


def marks(name: str = "") -> list[tuple[float, float, str]]:
    return [*MARKS, *([(45.0, 1.0, f"{name} coughs")] if name else [])]


def write_bdf(folder: Path, name: str = "") -> Path:
    return _write_edfio(folder / "night.bdf", edfio.Bdf, edfio.BdfSignal, name)


def write_edf(folder: Path, name: str = "") -> Path:
    return _write_edfio(folder / "night.edf", edfio.Edf, edfio.EdfSignal, name)


def _write_edfio(path: Path, kind: type, signal: type, name: str) -> Path:
    word = name.replace(" ", "_")
    kind(
        [
            signal(
                data,
                SFREQ_HZ,
                label=label,
                physical_dimension=unit,
                physical_range=(-400, 400),
                transducer_type=name,
                prefiltering=name,
            )
            for data, label, unit in zip(values(), LABELS, UNITS, strict=True)
        ],
        patient=edfio.Patient(
            code=word or "X", name=word or "X", additional=[word] if word else ()
        ),
        recording=edfio.Recording(
            hospital_administration_code=word or "X",
            investigator_technician_code=word or "X",
            equipment_code=word or "X",
        ),
        starttime=CLOCK,
        data_record_duration=1,
        annotations=[
            edfio.EdfAnnotation(onset, length, text) for onset, length, text in marks(name)
        ],
    ).write(path)
    return path


def write_brainvision(
    folder: Path,
    name: str = "",
    *,
    stem: str = "night",
    binary: str = "IEEE_FLOAT_32",
    orientation: str = "MULTIPLEXED",
    resolution: float = 0.5,
) -> Path:
    """Write the three files by hand, as Brain Products describe them."""
    dtype = {"INT_16": "<i2", "INT_32": "<i4", "IEEE_FLOAT_32": "<f4"}[binary]
    counts = values() / resolution
    if dtype != "<f4":
        counts = np.rint(counts)
    data = counts.astype(dtype)
    order = data.T if orientation == "MULTIPLEXED" else data
    (folder / f"{stem}.eeg").write_bytes(np.ascontiguousarray(order).tobytes())
    infos = "\n".join(
        f"Ch{i + 1}={label},,{resolution},{unit.replace('uV', 'µV')}"
        for i, (label, unit) in enumerate(zip(LABELS, UNITS, strict=True))
    )
    path = folder / f"{stem}.vhdr"
    path.write_text(
        f"""Brain Vision Data Exchange Header File Version 1.0
; Data created by {name}

[Common Infos]
Codepage=UTF-8
DataFile={stem}.eeg
MarkerFile={stem}.vmrk
DataFormat=BINARY
DataOrientation={orientation}
NumberOfChannels={len(LABELS)}
SamplingInterval={1e6 / SFREQ_HZ}

[Binary Infos]
BinaryFormat={binary}

[Channel Infos]
{infos}

[Comment]
{name}
Patient=={name}
""",
        encoding="utf-8",
    )
    lines = [
        f"Mk{i}=Comment,{text},{round(onset * SFREQ_HZ) + 1},{max(round(length * SFREQ_HZ), 1)},0"
        for i, (onset, length, text) in enumerate(marks(name), start=2)
    ]
    (folder / f"{stem}.vmrk").write_text(
        f"""Brain Vision Data Exchange Marker File, Version 1.0
; {name}
[Common Infos]
DataFile={stem}.eeg
[User Infos]
Prop1=string,{name}
[Marker Infos]
Mk1=New Segment,{name},1,1,0,20210304223000000000
"""
        + "\n".join(lines),
        encoding="utf-8",
    )
    return path


def write_eeglab(
    folder: Path,
    name: str = "",
    *,
    beside: bool = False,
    compressed: bool = False,
    flat: bool = False,
    dtype: str = "f4",
    **fields: object,
) -> Path:
    """Write a set with scipy: in one file or with an .fdt, with or without the structure EEG."""
    data = values().astype(dtype)
    if beside:
        (folder / "night.fdt").write_bytes(data.T.astype("<f4").tobytes())
    chanlocs = np.array(
        [
            (label, "EEG" if unit == "uV" else "SpO2", name)
            for label, unit in zip(LABELS, UNITS, strict=True)
        ],
        dtype=[("labels", object), ("type", object), ("urchan", object)],
    )
    events = np.array(
        [
            (text, onset * SFREQ_HZ + 1, length * SFREQ_HZ, name)
            for onset, length, text in marks(name)
        ],
        dtype=[("type", object), ("latency", object), ("duration", object), ("note", object)],
    )
    eeg = {
        "setname": name, "filename": f"{name}.set", "filepath": name, "subject": name,
        "group": name, "condition": name, "comments": name, "history": f"% {name}",
        "nbchan": float(len(LABELS)), "pnts": float(data.shape[1]), "trials": 1.0,
        "srate": SFREQ_HZ, "xmin": 0.0, "xmax": SECONDS - 1 / SFREQ_HZ,
        "data": "night.fdt" if beside else data, "chanlocs": chanlocs, "event": events,
        "ref": "common", "etc": {"operator": name}, **fields,
    }  # fmt: skip
    path = folder / "night.set"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        savemat(path, eeg if flat else {"EEG": eeg}, do_compression=compressed)
    return path


def write_eeglab_hdf5(folder: Path, name: str = "", **changed: object) -> Path:
    """Write a set as MATLAB 7.3 does: HDF5 behind 512 bytes of its own."""
    import h5py

    path = folder / "night.set"
    with h5py.File(path, "w", userblock_size=512) as file:
        eeg, refs = file.create_group("EEG"), file.create_group("#refs#")

        def text(group: h5py.Group, key: str, words: str) -> h5py.Dataset:
            codes = np.array([[ord(letter)] for letter in words] or [[0]], dtype="u2")
            made = group.create_dataset(key, data=codes)
            made.attrs["MATLAB_class"] = np.bytes_("char")
            if not words:
                made.attrs["MATLAB_empty"] = 1
            return made

        def number(group: h5py.Group, key: str, value: float) -> h5py.Dataset:
            return group.create_dataset(key, data=np.array([[value]]))

        fields = {"nbchan": len(LABELS), "pnts": values().shape[1], "trials": 1, "srate": SFREQ_HZ}
        for key, value in {**fields, **changed}.items():
            number(eeg, key, float(value))
        text(eeg, "subject", name)
        text(eeg, "comments", name)
        eeg.create_dataset("data", data=values().T.astype("f4"), chunks=(1000, len(LABELS)))
        tables = {
            "chanlocs": [
                {"labels": label, "type": "EEG" if unit == "uV" else "SpO2"}
                for label, unit in zip(LABELS, UNITS, strict=True)
            ],
            "event": [
                {"type": words, "latency": onset * SFREQ_HZ + 1, "duration": length * SFREQ_HZ}
                for onset, length, words in marks(name)
            ],
        }
        for table, rows in tables.items():
            group = eeg.create_group(table)
            for key in rows[0]:
                places = []
                for i, row in enumerate(rows):
                    make = text if isinstance(row[key], str) else number
                    places.append([make(refs, f"{table}{key}{i}", row[key]).ref])
                group.create_dataset(key, data=np.array(places, dtype=h5py.ref_dtype))
    with path.open("r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\0\2IM")
    return path


def write_fif(folder: Path, name: str = "") -> Path:
    kinds = ["eeg", "eeg", "eeg", "emg", "misc"]
    info = mne.create_info(list(LABELS), SFREQ_HZ, kinds)
    scale = np.array([1e-6 if unit == "uV" else 1.0 for unit in UNITS])
    raw = mne.io.RawArray(values() * scale[:, None], info, verbose="error")
    raw.set_meas_date(BEGIN)
    listed = marks(name)
    raw.set_annotations(
        mne.Annotations(
            [onset for onset, _, _ in listed],
            [length for _, length, _ in listed],
            [text for _, _, text in listed],
            orig_time=BEGIN,
        )
    )
    if name:
        with raw.info._unlock():
            raw.info["subject_info"] = {
                "his_id": name, "last_name": name, "first_name": name, "middle_name": name,
                "sex": 2, "birthday": datetime.date(1815, 12, 10),
            }  # fmt: skip
            raw.info["experimenter"] = name
            raw.info["description"] = name
            raw.info["proj_name"] = name
            raw.info["device_info"] = {"type": name, "model": name, "serial": name, "site": name}
            raw.info["helium_info"] = None
    path = folder / "night_raw.fif"
    raw.save(path, fmt="double", overwrite=True, verbose="error")
    return path


def write_gdf(folder: Path, name: str = "", *, version: str = "2.20", kind: int = 16) -> Path:
    """Write GDF by hand: records of 1 s, the saturation at 32 Hz."""
    dtype = {3: "<i2", 5: "<i4", 16: "<f4", 17: "<f8"}[kind]
    rates = [128, 128, 128, 128, 32]
    count, is_first = len(LABELS), version < "1.9"
    gain = 1.0 if dtype.startswith("<f") else 0.05
    text = name.encode()
    fixed = bytearray(256)
    fixed[:8] = f"GDF {version}".encode()
    fixed[8 : 8 + 66] = f"P1 {name}".encode().ljust(66)
    if is_first:
        fixed[88:168] = text.ljust(80)
        fixed[168:184] = b"2021030422300000"
        struct.pack_into("<q", fixed, 184, 256 * (1 + count))
        struct.pack_into("<qIII", fixed, 236, SECONDS, 1, 1, count)
    else:
        fixed[88:152] = text.ljust(64)
        struct.pack_into("<Q", fixed, 168, (738_000 << 32) + round(CLOCK_S / 86_400 * 2**32))
        struct.pack_into("<H", fixed, 184, 1 + count)
        struct.pack_into("<qIIH", fixed, 236, SECONDS, 1, 1, count)
    ends = np.tile([[-1000.0], [1000.0]], count)
    digital = ends / gain
    columns = [label.encode().ljust(16, b"\0") for label in LABELS] + [text.ljust(80)] * count
    if is_first:
        columns += [unit.encode().ljust(8, b"\0") for unit in UNITS]
        columns += [ends[0].tobytes(), ends[1].tobytes()]
        columns += [digital.astype("<i8")[0].tobytes(), digital.astype("<i8")[1].tobytes()]
        columns += [text.ljust(80)] * count
    else:
        columns += [b" " * 6 * count]
        columns += [struct.pack("<H", 4275 if unit == "uV" else 544) for unit in UNITS]
        columns += [
            ends[0].tobytes(),
            ends[1].tobytes(),
            digital[0].tobytes(),
            digital[1].tobytes(),
        ]
        columns += [text.ljust(68)] * count + [bytes(12)] * count
    columns += [struct.pack("<i", rate) for rate in rates]
    columns += [struct.pack("<i", kind)] * count
    head = bytes(fixed) + b"".join(columns)
    head = head.ljust(256 * (1 + count), b"\0")
    records = []
    for second in range(SECONDS):
        for signal, rate in zip(values(), rates, strict=True):
            part = signal[second * 128 : (second + 1) * 128][:: 128 // rate] / gain
            part = part if dtype.startswith("<f") else np.rint(part)
            records.append(part.astype(dtype).tobytes())
    places = np.array([1, 30 * 128 + 1], dtype="<u4").tobytes()
    codes = np.array([0x0300, 0x0301], dtype="<u2").tobytes()
    more = bytes(4) + np.array([128, 0], dtype="<u4").tobytes()
    table = (
        b"\3" + (128).to_bytes(3, "little") + struct.pack("<I", 2)
        if float(version) < 1.94
        else b"\3" + (2).to_bytes(3, "little") + struct.pack("<f", 128)
    )  # fmt: skip
    path = folder / "night.gdf"
    path.write_bytes(head + b"".join(records) + table + places + codes + more)
    return path


def zipped(folder: Path, files: list[Path], name: str = "night") -> Path:
    """Put files into a zip under `name`, as a person would."""
    path = folder / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, f"{name}/{name}{file.suffix}")
    return path


WRITERS = {
    "edf": write_edf,
    "bdf": write_bdf,
    "brainvision": write_brainvision,
    "eeglab": write_eeglab,
    "fif": write_fif,
    "gdf": write_gdf,
}
