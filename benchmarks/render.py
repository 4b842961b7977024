"""Drawing of epoch images: the renderer, compared with a new matplotlib figure per epoch.

    python benchmarks/render.py [EDF] [--json]

Both draw the same arrays to the published specification, alternately in the same process on a
single core. The reference follows the published method: a new figure for each epoch, saved with a
tight box. (Also shown is the time of a plain save, which gives the same pixels in less time.) The
array ratio is measured from samples to pixels in memory, the PNG ratio from samples to a PNG. The
best round of each epoch counts, since other load only adds time. Real epochs are timed if a
recording is available, else simulated epochs; ``differing_pixels`` is the count over all of them.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "platform"))

mpl.use("agg")

from psg.edf import EdfFile
from psg.filters import preprocess
from psg.montage import DERIVATIONS, Derivation, find_derivations
from psg.render import (
    GRID_COLOUR,
    RENDERER_VERSION,
    TRACE_COLOURS,
    EpochRenderer,
    half_band_uv,
    png_bytes,
)

SAMPLE = Path(__file__).resolve().parent.parent.parent / "shared/data/psg-ipa/SN5_sample.edf"
Epoch = tuple[NDArray[np.float32], tuple[Derivation, ...]]


def fresh_figure(epoch: Epoch) -> Figure:
    """Draw a new figure as in the published method: a subplot without ticks and spines."""
    samples, derivations = epoch
    figure = plt.figure(figsize=(4.48, 2.24), dpi=100, facecolor="black")
    axes = figure.add_subplot(111, facecolor="black")
    count = len(derivations)
    times_s = np.linspace(0, 30, samples.shape[1])
    for row, derivation in enumerate(derivations):
        middle = (count - row - 0.5) / count
        heights = middle + samples[row].astype(float) / (2 * half_band_uv(derivation)) / count
        axes.plot(times_s, heights, color=TRACE_COLOURS[derivation], linewidth=0.6)
    for second in range(1, 30):
        alpha, width = (0.8, 0.8) if second % 5 == 0 else (0.6, 0.5)
        axes.axvline(second, color=GRID_COLOUR, alpha=alpha, linewidth=width)
    for band in range(1, count):
        axes.axhline(band / count, color=GRID_COLOUR, alpha=0.8, linewidth=0.8)
    axes.set_xlim(0, 30)
    axes.set_ylim(0, 1)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    figure.subplots_adjust(left=0, right=1, top=1, bottom=0)
    return figure


def reference_png(epoch: Epoch) -> bytes:
    """Save with a tight box, as in the published method."""
    return save(epoch, bbox_inches="tight", pad_inches=0)


def plainly_saved_png(epoch: Epoch) -> bytes:
    return save(epoch)


def save(epoch: Epoch, **options: Any) -> bytes:
    figure = fresh_figure(epoch)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", facecolor="black", dpi=100, **options)
    plt.close(figure)
    return buffer.getvalue()


def reference_array(epoch: Epoch) -> NDArray[np.uint8]:
    """Return the pixels of the saved image, as in the published method."""
    return np.asarray(Image.open(io.BytesIO(reference_png(epoch))))


def real_epochs(path: Path) -> list[Epoch]:
    edf = EdfFile.open(path)
    match = find_derivations([channel.label for channel in edf.channels])
    rows = []
    for derivation, source in match.sources.items():
        signal = edf.read_uv(source.positive)
        if source.negative is not None:
            signal = signal - edf.read_uv(source.negative)
        rows.append(preprocess(signal, edf.channels[source.positive].sfreq_hz, derivation))
    night = np.stack(rows).astype(np.float32)
    count = night.shape[1] // 3000
    return [(night[:, i * 3000 : i * 3000 + 3000], tuple(match.sources)) for i in range(count)]


def synthetic_epochs() -> list[Epoch]:
    """An epoch of low-amplitude noise, and an epoch with waves that cross three bands."""
    rng = np.random.default_rng(0)
    noise = 12 * rng.standard_normal((6, 3000))
    waves = 170 * np.sin(2 * np.pi * 0.9 * np.arange(3000) / 100) + noise
    return [(samples.astype(np.float32), DERIVATIONS) for samples in (noise, waves)]


def differing_pixels(epochs: Sequence[Epoch], renderer: EpochRenderer) -> int:
    return sum(
        int((renderer.render(*epoch) != reference_array(epoch)).any(axis=-1).sum())
        for epoch in epochs
    )


def spent_ms(draw: Callable[[Epoch], object], epoch: Epoch) -> float:
    started = time.process_time()
    draw(epoch)
    return (time.process_time() - started) * 1000


def measure(
    epochs: Sequence[Epoch], also_compared: Sequence[Epoch], rounds: int
) -> dict[str, float | int | str]:
    renderer = EpochRenderer()
    ways: dict[str, Callable[[Epoch], object]] = {
        "reference_array_ms": reference_array,
        "array_ms": lambda epoch: renderer.render(*epoch),
        "reference_png_ms": reference_png,
        "plainly_saved_png_ms": plainly_saved_png,
        "png_ms": lambda epoch: png_bytes(renderer.render(*epoch)),
    }
    differing = differing_pixels([*epochs, *also_compared], renderer)
    best = {name: [float("inf")] * len(epochs) for name in ways}
    for _ in range(rounds):
        for name, draw in ways.items():
            for index, epoch in enumerate(epochs):
                best[name][index] = min(best[name][index], spent_ms(draw, epoch))
    mean = {name: statistics.mean(times) for name, times in best.items()}
    return {
        "epochs": len(epochs),
        "differing_pixels": differing,
        **{name: round(value, 2) for name, value in mean.items()},
        "ratio_array": round(mean["reference_array_ms"] / mean["array_ms"], 2),
        "ratio_png": round(mean["reference_png_ms"] / mean["png_ms"], 2),
        "ratio_array_plain_save": round(mean["plainly_saved_png_ms"] / mean["array_ms"], 2),
        "ratio_png_plain_save": round(mean["plainly_saved_png_ms"] / mean["png_ms"], 2),
        "renderer": RENDERER_VERSION,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "edf", nargs="?", type=Path, help="an EDF file; default: the sample recording, if present"
    )
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    arguments = parser.parse_args()
    path = arguments.edf or (SAMPLE if SAMPLE.exists() else None)
    simulated = synthetic_epochs()
    timed = real_epochs(path) if path else simulated
    result = measure(timed, simulated, arguments.rounds)
    if arguments.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:24} {value}")


if __name__ == "__main__":
    main()
