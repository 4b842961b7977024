"""HDF5 files of the Dreem Open Datasets: a hypnogram of integers beside the signals."""

from __future__ import annotations

import h5py

from psg.errors import StageFileError, fault_words
from psg.stagefiles.bounds import check_count
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows
from psg.stages import EPOCH_S

_MARK = b"\x89HDF\r\n\x1a\n"
_DATASET = "hypnogram"


def _recognises(content: Content) -> bool:
    if not content.head.startswith(_MARK):
        return False
    try:
        with h5py.File(content.path, "r") as file:
            return _DATASET in file
    except (OSError, RuntimeError, ValueError, KeyError):
        return False


def _read(content: Content, options: StageOptions) -> StageFile:
    epoch_s = options.epoch_s or EPOCH_S
    try:
        codes = _codes(content)
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise StageFileError(
            "The HDF5 file is damaged", where=fault_words(error), advice="Copy the file again."
        ) from None
    rows = [
        Row(epoch_s * index, epoch_s, str(code), where=f"item {index + 1}", is_stage=True)
        for index, code in enumerate(codes)
    ]
    return stage_file(FORMAT.id, [read_rows(rows, options, by_epoch=True)], options)


def _codes(content: Content) -> list[int]:
    with h5py.File(content.path, "r") as file:
        # Links and external storage would let a file show the content of others on this machine.
        is_own = isinstance(file.get(_DATASET, getlink=True), h5py.HardLink)
        hypnogram = file[_DATASET] if is_own else None
        if (
            not isinstance(hypnogram, h5py.Dataset)
            or hypnogram.is_virtual
            or hypnogram.external
            or hypnogram.ndim != 1
            or hypnogram.dtype.kind not in "iu"
        ):
            raise StageFileError(
                "The hypnogram of the HDF5 file is not a list of integers",
                where=_DATASET,
                advice="It should have one integer for each epoch.",
            )
        check_count(hypnogram.size)
        return [int(code) for code in hypnogram[()]]


FORMAT = StageFormat(
    id="dod_h5",
    title="Dreem Open Datasets (HDF5)",
    suffixes=(".h5", ".hdf5"),
    recognises=_recognises,
    read=_read,
    reads="The integers of the hypnogram, one for each epoch of 30 s, with a declared meaning.",
    refuses="A hypnogram that is no list of integers, or lies outside of the file.",
    description="https://github.com/Dreem-Organization/dreem-learning-open",
)
