"""Quantise the weights of a bundle to 4 bits for a server, calibrated on a release.

    python -m inference.training.quantize --bundle sleepvlm-ours --release release \\
        --recordings nights --out sleepvlm-ours-w4a16

AutoRound rounds the weights of the language half (W4A16, groups of 128); vision tower and lm_head
stay at 16 bits. The new bundle has the same prompt and is served by vLLM: register it with
``python manage.py add_bundle`` and start it with ``make gpu``. Needs ``auto-round``.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.bundles import FILE_NAME, BundleSpec, read_bundle
from inference.bundles.reading import Grid
from inference.prompts import Prompt, Track
from inference.training.bundle import CARD, toml, write_sums
from inference.training.data.loading import joined_data
from inference.training.data.nights import LabelledNight
from inference.training.data.recordings import Recordings
from inference.training.data.tables import read_release
from inference.training.errors import TrainingError
from inference.training.images import TrainingImages
from inference.training.samples import PromptMaker, Sample, sft_samples
from inference.training.settings import DataSettings, SftSettings
from psg.errors import PsgError
from psg.stages import STAGES

SCHEME = "W4A16"
GROUP_SIZE = 128
ITERATIONS = 200
SEQUENCE_LENGTH = 3140
MOST_SAMPLES = 5000
INSTALL = "pip install -e '.[quantize]' -c constraints.txt"


@dataclass(frozen=True)
class QuantizeOptions:
    """How the weights are quantised; the defaults are those of the published project."""

    iterations: int = ITERATIONS
    samples: int = MOST_SAMPLES
    sequence_length: int = SEQUENCE_LENGTH
    batch_size: int = 8
    seed: int = 1
    part: str = "train"


def quantize_bundle(
    bundle: Path, out: Path, *, release: Path, recordings: Path, options: QuantizeOptions
) -> Path:
    """Write the quantised bundle, and read it back as a worker would.

    Raises
    ------
    TrainingError
        When AutoRound is not installed, the folder exists, or the bundle or the release does not
        fit.
    """
    if find_spec("auto_round") is None:
        raise TrainingError("AutoRound is not installed", advice=f"Install it: {INSTALL}")
    if out.exists():
        raise TrainingError("The folder is there already", where=str(out), advice="Name another.")
    spec = read_bundle(bundle)
    if spec.checkpoint is None:
        raise TrainingError("The bundle has no checkpoint", where=spec.name)
    nights = _nights(release, recordings, options.part, spec.grid)
    samples = calibration_samples(nights, spec, options)
    half = out.with_name(f".{out.name}.partial")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    try:
        inputs = CalibrationInputs(
            WindowProcessor(spec.checkpoint), nights, samples, options.sequence_length
        )
        _write_checkpoint(spec.checkpoint, half / "checkpoint", inputs, options)
        (half / "prompt.md").write_text(spec.prompt_template, "utf-8")
        (half / FILE_NAME).write_text(_declaration(spec, half / "checkpoint"), "utf-8")
        (half / CARD).write_text(_card(spec, release, len(samples), options), "utf-8")
        read_bundle(half)
        write_sums(half)
        half.rename(out)
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return out


def _nights(release: Path, recordings: Path, part: str, grid: Grid) -> list[LabelledNight]:
    data = read_release(DataSettings(folder=release, recordings=recordings))
    if grid is Grid.PUBLISHED:
        data = joined_data(data, Recordings(recordings))
    parts = {night.part for night in data.nights}
    wanted = part if part in parts else "all" if parts == {"all"} else ""
    nights = [night for night in data.nights if night.part == wanted]
    if not nights:
        raise TrainingError(
            f"The release has no part {part}",
            where=release.name,
            advice=f"It has {', '.join(sorted(parts))}: name one with --part.",
        )
    return nights


# Calibration: windows of a release with the replies that the model was taught.


def calibration_samples(
    nights: Sequence[LabelledNight], spec: BundleSpec, options: QuantizeOptions
) -> list[Sample]:
    """Draw windows in equal numbers by stage, as far as a stage has so many."""
    like = Prompt("", spec.prompt.labels, spec.prompt.keys, spec.prompt.fence)
    prompt = PromptMaker(spec.prompt_template, spec.edition.id, like)
    settings = SftSettings(
        tracks=(spec.track,), coarse_share=1.0 if spec.track is Track.COARSE else 0.0
    )
    samples = sft_samples(nights, {spec.track: prompt}, settings, seed=options.seed)
    return stratified(nights, samples, options.samples, seed=options.seed)


def stratified(
    nights: Sequence[LabelledNight], samples: Sequence[Sample], count: int, *, seed: int
) -> list[Sample]:
    """Return at most ``count`` samples, in turn of each stage, in an order drawn from the seed."""
    stages = [{label.epoch: label.stage for label in night.labels} for night in nights]
    by_stage: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_stage[stages[sample.night][sample.images[1]]].append(sample)
    rng = random.Random(seed)
    for its in by_stage.values():
        rng.shuffle(its)
    drawn: list[Sample] = []
    while len(drawn) < count and any(by_stage.values()):
        for stage in STAGES:
            if by_stage[stage] and len(drawn) < count:
                drawn.append(by_stage[stage].pop())
    rng.shuffle(drawn)
    return drawn


class CalibrationInputs:
    """The inputs of the model for each window, made when AutoRound reads them."""

    def __init__(
        self,
        processor: WindowProcessor,
        nights: Sequence[LabelledNight],
        samples: Sequence[Sample],
        sequence_length: int,
    ) -> None:
        self.processor = processor
        self._images = TrainingImages(nights)
        self._samples = samples
        self._sequence_length = sequence_length

    def __len__(self) -> int:
        return len(self._samples)

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        return map(self._inputs, self._samples)

    def _inputs(self, sample: Sample) -> dict[str, torch.Tensor]:
        processor = self.processor
        patches = [
            processor.patches(self._images.get(sample.night, epoch)) for epoch in sample.images
        ]
        prompt = processor.window_ids(sample.prompt, [its.grid for its in patches])
        reply = processor.tokenizer.encode(sample.reply, add_special_tokens=False)
        ids = torch.tensor([[*prompt, *reply, processor.turn_end_id]])
        if ids.shape[1] > self._sequence_length:
            raise TrainingError(
                f"A window has {ids.shape[1]} tokens, more than {self._sequence_length}",
                where=f"epoch {sample.images[1]}",
                advice="Set a greater --sequence-length.",
            )
        return {
            "input_ids": ids,
            "attention_mask": torch.ones_like(ids),
            "mm_token_type_ids": (ids == processor.image_pad_id).int(),
            "pixel_values": torch.cat([its.pixels for its in patches]),
            "image_grid_thw": torch.cat([its.grid for its in patches]),
        }


# The quantised checkpoint, and the bundle around it.


def _write_checkpoint(
    checkpoint: Path, out: Path, inputs: CalibrationInputs, options: QuantizeOptions
) -> None:
    from auto_round import AutoRound
    from transformers import Qwen2_5_VLForConditionalGeneration

    dtype = torch.float16 if torch.cuda.is_available() else torch.float32
    model: Any = Qwen2_5_VLForConditionalGeneration.from_pretrained(
        checkpoint,
        dtype=dtype,
        local_files_only=True,
        use_safetensors=True,
        trust_remote_code=False,
    )
    rounding = AutoRound(
        model,
        tokenizer=inputs.processor.tokenizer,
        # It asks for a processor, and with samples of its own never uses it.
        processor=inputs.processor.tokenizer,
        scheme=SCHEME,
        group_size=GROUP_SIZE,
        iters=options.iterations,
        seqlen=options.sequence_length,
        nsamples=len(inputs),
        batch_size=min(options.batch_size, len(inputs)),
        dataset=inputs,
        quant_nontext_module=False,
        quant_lm_head=False,
        seed=options.seed,
        device_map=0 if torch.cuda.is_available() else "cpu",
    )
    made = out.with_name("made")
    rounding.quantize_and_save(str(made), format="auto_round")
    written = next(path.parent for path in made.rglob("config.json"))
    written.rename(out)
    shutil.rmtree(made, ignore_errors=True)
    inputs.processor.save_images(out)
    for path in out.iterdir():
        path.chmod(0o644)  # readable by workers that run as another user


def _declaration(spec: BundleSpec, checkpoint: Path) -> str:
    config = json.loads((checkpoint / "config.json").read_text("utf-8"))
    prompt, decoding = spec.prompt, spec.decoding
    name = f"{spec.name[:56]}-w4a16"
    lines = [
        f"name = {toml(name)}",
        f"title = {toml(f'{spec.title}, W4A16')}",
        'adapter = "openai"',
        f"version = {toml(spec.version)}",
        f"description = {toml(f'{spec.description} Weights quantised to 4 bits.'.strip())}",
        f"licence = {toml(spec.licence)}",
        'checkpoint = "checkpoint"',
        f"track = {toml(spec.track)}",
        f"rule_edition = {toml(spec.edition.id)}",
        f"renderer_version = {toml(spec.renderer_version)}",
        *([f"grid = {toml(spec.grid)}"] if spec.grid is not Grid.NIGHT else []),
        f"channels = {toml(spec.channels)}",
        "",
        "[prompt]",
        'file = "prompt.md"',
        f"labels = {toml(prompt.labels)}",
        f"keys = {toml(prompt.keys)}",
        f"fence = {toml(prompt.fence)}",
        "",
        "[decoding]",
        f"max_new_tokens = {decoding.max_new_tokens}",
        f"repetition_penalty = {decoding.repetition_penalty}",
        "",
        "[server]",
        f"model = {toml(name)}",
        'addresses_in = "MODEL_SERVERS_W4A16"',
        "",
        "[serving]",
        'dtype = "float16"',
        f"quantisation = {toml(config['quantization_config']['quant_method'])}",
    ]
    return "\n".join(lines) + "\n"


def _card(spec: BundleSpec, release: Path, count: int, options: QuantizeOptions) -> str:
    manifest = json.loads((release / "manifest.json").read_text("utf-8"))
    return (
        f"# {spec.title}, W4A16\n\n"
        f"The weights of {spec.name}, version {spec.version}, quantised by AutoRound: {SCHEME},"
        f" groups of {GROUP_SIZE}, {options.iterations} iterations, sequences of at most"
        f" {options.sequence_length} tokens. Vision tower and lm_head are not quantised.\n\n"
        f"Calibrated on {count} windows, stratified by stage, of {manifest['title']}"
        f" {manifest['version']}. Figures of the original weights do not hold for these: evaluate"
        " this bundle by itself.\n"
    )


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="inference.training.quantize",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--release", type=Path, required=True, help="unpacked")
    parser.add_argument("--recordings", type=Path, help="of the release (default: --release)")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--part", default="train", help="of the release")
    parser.add_argument("--iterations", type=int, default=ITERATIONS)
    parser.add_argument("--samples", type=int, default=MOST_SAMPLES, help="at most")
    parser.add_argument("--sequence-length", type=int, default=SEQUENCE_LENGTH)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    given = vars(parser.parse_args(argv))
    bundle, release, recordings, out = (
        given.pop(name) for name in ("bundle", "release", "recordings", "out")
    )
    try:
        quantize_bundle(
            bundle,
            out,
            release=release,
            recordings=recordings or release,
            options=QuantizeOptions(**given),
        )
    except PsgError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"bundle: {out}\nnext:   make gpu BUNDLE={out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
