import io
import threading

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from psg.montage import DERIVATIONS, Derivation
from psg.render import RENDERER_VERSION, EpochRenderer, pixel_sha256, png_bytes

COLOURS = ["#FFFF00", "#00FF00", "#FF0000", "#00FFFF", "#FF00FF", "#0000FF"]


def fresh_figure(epoch_uv, half_bands_uv, colours):
    """The published specification drawn the plain way, with a new figure."""
    figure = Figure(figsize=(4.48, 2.24), dpi=100, facecolor="black")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1), facecolor="black")
    count = len(epoch_uv)
    for row, (trace, half, colour) in enumerate(zip(epoch_uv, half_bands_uv, colours, strict=True)):
        middle = (count - row - 0.5) / count
        times = np.linspace(0, 30, 3000)
        heights = middle + np.asarray(trace, dtype=float) / (2 * half) / count
        axes.plot(times, heights, color=colour, linewidth=0.6)
    for second in range(1, 30):
        strong = second % 5 == 0
        axes.axvline(
            second,
            color="#404040",
            alpha=0.8 if strong else 0.6,
            linewidth=0.8 if strong else 0.5,
        )
    for band in range(1, count):
        axes.axhline(band / count, color="#404040", alpha=0.8, linewidth=0.8)
    axes.set_xlim(0, 30)
    axes.set_ylim(0, 1)
    axes.set_axis_off()
    figure.patch.set_facecolor("black")
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


def reference(epoch_uv, derivations):
    half = [40.0 if name is Derivation.CHIN else 50.0 for name in derivations]
    colours = [COLOURS[DERIVATIONS.index(name)] for name in derivations]
    return fresh_figure(epoch_uv, half, colours)


def random_epoch(scale=15.0, rows=6, seed=0):
    steps = np.random.default_rng(seed).standard_normal((rows, 3000))
    return scale * (steps + np.sin(np.arange(3000) / 16))


def bad_epoch():
    epoch = random_epoch()
    epoch[0, 500:700] = np.nan
    epoch[1] = 0
    epoch[2] = 1e12
    epoch[3, ::2] = -1e20
    epoch[4, 10] = np.inf
    epoch[5] = np.nan
    return epoch


@pytest.mark.parametrize(
    "epoch",
    [random_epoch(), random_epoch(150.0), bad_epoch(), np.zeros((6, 3000))],
    ids=["usual", "big waves", "bad samples", "flat"],
)
def test_pixels_are_those_of_a_fresh_figure(epoch):
    pixels = EpochRenderer().render(epoch, DERIVATIONS)
    assert pixels.shape == (224, 448, 4)
    assert pixels.dtype == np.uint8
    np.testing.assert_array_equal(pixels, reference(epoch, DERIVATIONS))


@pytest.mark.parametrize(
    "derivations",
    [
        (Derivation.F4,),
        (Derivation.C4, Derivation.CHIN),
        (Derivation.F4, Derivation.O2, Derivation.E1, Derivation.E2),
    ],
)
def test_fewer_derivations_get_taller_bands(derivations):
    epoch = random_epoch(rows=len(derivations))
    pixels = EpochRenderer().render(epoch, derivations)
    np.testing.assert_array_equal(pixels, reference(epoch, derivations))


@pytest.mark.real_data
def test_real_epochs_have_the_pixels_of_a_fresh_figure(real_data):
    from psg.edf import EdfFile
    from psg.filters import preprocess
    from psg.montage import find_derivations

    edf = EdfFile.open(real_data / "psg-ipa" / "SN5_sample.edf")
    match = find_derivations([channel.label for channel in edf.channels])
    rows = [
        preprocess(
            edf.read_uv(source.positive), edf.channels[source.positive].sfreq_hz, derivation
        )[:6000]
        for derivation, source in match.sources.items()
    ]
    night = np.stack(rows).astype(np.float32)
    renderer = EpochRenderer()
    for start in (0, 3000):
        epoch = night[:, start : start + 3000]
        names = tuple(match.sources)
        np.testing.assert_array_equal(renderer.render(epoch, names), reference(epoch, names))


def test_nothing_is_left_over_from_the_epoch_before():
    renderer = EpochRenderer()
    first = renderer.render(random_epoch(), DERIVATIONS)
    renderer.render(random_epoch(200.0, seed=9), DERIVATIONS)
    np.testing.assert_array_equal(renderer.render(random_epoch(), DERIVATIONS), first)


def test_a_changed_matplotlib_configuration_changes_no_pixel():
    epoch = random_epoch()
    expected = EpochRenderer().render(epoch, DERIVATIONS)
    with mpl.rc_context({"path.simplify": False, "lines.antialiased": False}):
        np.testing.assert_array_equal(EpochRenderer().render(epoch, DERIVATIONS), expected)


def test_threads_that_share_a_renderer_get_their_own_pixels():
    renderer = EpochRenderer()
    epochs = [random_epoch(seed=seed) for seed in range(4)]
    expected = [renderer.render(epoch, DERIVATIONS) for epoch in epochs]
    results = {}

    def draw(index):
        results[index] = renderer.render(epochs[index], DERIVATIONS)

    threads = [threading.Thread(target=draw, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index in range(4):
        np.testing.assert_array_equal(results[index], expected[index])


def test_a_wrong_shape_is_refused():
    with pytest.raises(ValueError, match="expected 6 x 3000 samples"):
        EpochRenderer().render(np.zeros((5, 3000)), DERIVATIONS)


def test_png_holds_the_same_pixels_and_the_hash_is_of_the_pixels():
    pixels = EpochRenderer().render(random_epoch(), DERIVATIONS)
    decoded = np.asarray(Image.open(io.BytesIO(png_bytes(pixels))))
    np.testing.assert_array_equal(decoded, pixels)
    assert pixel_sha256(decoded) == pixel_sha256(pixels)
    other = pixels.copy()
    other[0, 0, 0] ^= 1
    assert pixel_sha256(other) != pixel_sha256(pixels)


def test_the_version_names_the_rasteriser():
    assert mpl.__version__ in RENDERER_VERSION
