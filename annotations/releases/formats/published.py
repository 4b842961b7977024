"""Samples in the layout of the published SleepVLM project, so that its scripts read them.

Each scorer has a folder of data, to which the names of images are relative. Those names, and the
ids of samples, contain the stage: they are for training alone. Rows of a night are numbered as in
MASS-EX; neighbours are the rows before and after, and the first and the last row have no sample.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from annotations.downloads import Checksummed, Spool
from annotations.exchange.massex_tables import ExportRow, FileStems
from annotations.releases.formats.format import Format
from annotations.releases.formats.signals import IMAGES_A_BEAT, OpenStore
from annotations.releases.manifest import Manifest
from annotations.releases.nights import ReleaseNight
from psg.features import second_features
from psg.manifest import WPT_PROMPT
from psg.massex import custom_id
from psg.montage import Derivation
from psg.render import png_bytes
from psg.signalstore import SignalStore
from psg.typed_json import JsonObject
from recordings.images import epoch_pixels
from studies.models import Track

FOLDER = "published"
KEYS = {
    Derivation.F4: "F4\u2011M1",
    Derivation.C4: "C4\u2011M1",
    Derivation.O2: "O2\u2011M1",
    Derivation.E1: "LOC",
    Derivation.E2: "ROC",
    Derivation.CHIN: "Chin",
}
_MASS_CODE = re.compile(r"01-0([1-5])-\d{4}")
_JSON = json.JSONEncoder(ensure_ascii=False)


class PublishedFormat(Format):
    """published/<scorer>/: samples of both phases, and the images of nights that have them."""

    def __init__(
        self,
        files: Checksummed,
        manifest: Manifest,
        *,
        open_store: OpenStore,
        beat: Callable[[], None],
    ) -> None:
        super().__init__(files, manifest)
        self._open_store = open_store
        self._beat = beat
        self._stems = FileStems()
        self._spools: dict[str, Spool] = {}

    def add(self, night: ReleaseNight) -> None:
        entry = night.entry
        rows = [row for row in night.laid if row.number is not None]
        folder = f"{FOLDER}/{entry.scorer}"
        names = [self._image(night, row) for row in rows]
        for row, sample in _sft_samples(night, rows, names, self.manifest):
            if row.rules and (row.rationale or entry.track != Track.FINE):
                self._write(f"{folder}/sft/{entry.part}.{entry.track}.jsonl", sample)
        if entry.has_images and self.manifest.carries.images:
            with self._open_store(entry.recording) as store:
                self._draw(store, night, rows, names)

    def finish(self) -> None:
        for name, spool in sorted(self._spools.items()):
            spool.copy_into(self.files, name)

    def close(self) -> None:
        for spool in self._spools.values():
            spool.close()

    def _write(self, name: str, sample: JsonObject) -> None:
        if name not in self._spools:
            self._spools[name] = Spool()
        self._spools[name].file.write(_JSON.encode(sample) + "\n")

    def _image(self, night: ReleaseNight, row: ExportRow) -> str:
        """Return the name of an image in the folder of data."""
        name = night.entry.name
        mass = _MASS_CODE.fullmatch(name)
        collection = f"MASS/SS{mass[1]}" if mass else self.manifest.study
        return f"{collection}/images/{self._stems.of(name)}/{row.number}_{row.stage}.png"

    def _draw(
        self,
        store: SignalStore,
        night: ReleaseNight,
        rows: Sequence[ExportRow],
        names: Sequence[str],
    ) -> None:
        entry = night.entry
        folder = f"{FOLDER}/{entry.scorer}"
        prompt = self.manifest.prompts[WPT_PROMPT]
        for done, (row, name) in enumerate(zip(rows, names, strict=True)):
            if done % IMAGES_A_BEAT == 0:
                self._beat()
            with self.files.binary(f"{folder}/{name}") as file:
                file.write(png_bytes(epoch_pixels(store, row.epoch)))
            reply = bands_reply(store.read_uv(row.epoch, 1)[0], store.derivations)
            content = [_text(prompt.labels[0]), _shown(name)]
            sample = _sample(_custom_id(night, row), prompt.system, content, reply)
            self._write(f"{folder}/wpt/{entry.part}.jsonl", sample)


def _sft_samples(
    night: ReleaseNight, rows: Sequence[ExportRow], names: Sequence[str], manifest: Manifest
) -> Iterator[tuple[ExportRow, JsonObject]]:
    """Yield every row with a row before and one after, and its sample."""
    prompt = manifest.prompts[night.entry.track]
    windows = zip(pairwise(names), names[2:], strict=False)
    for row, ((before, target), after) in zip(rows[1:-1], windows, strict=True):
        content = [
            part
            for label, name in zip(prompt.labels, (before, target, after), strict=True)
            for part in (_text(label), _shown(name))
        ]
        reply = stages_reply(row, has_words=night.entry.track == Track.FINE)
        yield row, _sample(_custom_id(night, row), prompt.system, content, reply)


def _custom_id(night: ReleaseNight, row: ExportRow) -> str:
    assert row.number is not None
    assert row.stage is not None
    return custom_id(night.entry.name, row.number, row.stage)


def _sample(sample_id: str, system: str, content: Sequence[JsonObject], reply: str) -> JsonObject:
    return {
        "id": sample_id,
        "messages": [
            {"role": "system", "content": system},
            {"role": "user", "content": list(content)},
            {"role": "assistant", "content": reply},
        ],
    }


def _text(text: str) -> JsonObject:
    return {"type": "text", "text": text}


def _shown(name: str) -> JsonObject:
    return {"type": "image", "image": name}


def stages_reply(row: ExportRow, *, has_words: bool) -> str:
    """Return the reply of phase 2: one key a line, line ends of the rationale as spaces."""
    words = re.sub(r"\r\n|\r|\n", " ", row.rationale)
    values: dict[str, object] = {"reasoning_text": words} if has_words else {}
    values |= {"applicable_rules": list(row.rules), "sleep_stage": row.stage}
    return _fenced({key: _JSON.encode(value) for key, value in values.items()})


def bands_reply(epoch_uv: NDArray[np.floating], derivations: Sequence[Derivation]) -> str:
    """Return the reply of phase 1: a line for each derivation, a list for each second.

    Parameters
    ----------
    epoch_uv
        (n_derivations, 3000) in uV at 100 Hz.
    """
    features = second_features(epoch_uv[None], derivations)
    lines = {}
    for place, derivation in enumerate(derivations):
        power_db = features.band_power_db[0, place]
        seconds = np.column_stack([power_db, features.mav_uv[0, place]])
        values = seconds[:, -1:] if derivation is Derivation.CHIN else seconds
        lists = (f"[{','.join(map(_one_decimal, second))}]" for second in values)
        lines[KEYS[derivation]] = f"[{', '.join(lists)}]"
    return _fenced(lines)


def _one_decimal(value: float) -> str:
    # + 0.0 so that a small negative number is not written as -0.0
    return f"{round(float(value), 1) + 0.0:.1f}"


def _fenced(lines: dict[str, str]) -> str:
    body = ",\n".join(f"  {_JSON.encode(key)}: {value}" for key, value in lines.items())
    return f"```json\n{{\n{body}\n}}\n```"
