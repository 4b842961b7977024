"""Pre-scoring with SleepVLM: the writer of the adapter, compared with ``generate``, in steps.

    python benchmarks/prescore.py [--bundle B | --config 3b] [--device D] [--json]

The default is the tiny checkpoint of the tests; ``--config 3b`` uses random weights of the released
size. All steps get the same images, prompt and device, alternately in the same process, and write
replies of fixed length without a grammar. The best round of each step counts, since other load only
adds time. On a CPU, processor time on a single core is measured. Drawing is not included. Each step
but the last includes the steps before it:

plain        ``generate`` for each window
images once  each image is encoded once, not in each of its three windows
prompt once  the part of the prompt before the first image is read once, not for each window
batch        windows are written in parallel, as in the adapter
stage first  the stage is asked for before any word
best of 4    four replies to each window, three of them drawn; the most probable one is compared
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "platform"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch
import transformers

from inference.adapters import load_adapter
from inference.adapters.protocol import window_epochs
from inference.adapters.sleepvlm.adapter import (
    DEVICE,
    chosen_batch_size,
    chosen_device,
    chosen_dtype,
)
from inference.adapters.sleepvlm.processor import ImagePatches, WindowProcessor, encode_images
from inference.adapters.sleepvlm.random_weights import make_released_size, make_tiny_checkpoint
from inference.adapters.sleepvlm.sampling import Draws
from inference.adapters.sleepvlm.writer import PlainWriter, Writer
from inference.bundles import read_bundle
from inference.prompts import Prompt, Track, shipped_prompt
from inference.prompts.stage_first import stage_question
from psg.montage import DERIVATIONS
from psg.render import EpochRenderer
from psg.rules.editions import get_edition

Replies = list[list[int]]


@dataclass(frozen=True)
class Step:
    """Speed of a step, and its share of replies identical to those of ``plain``."""

    step: str
    epochs_per_s: float
    ratio: float | None
    identical_share: float | None
    peak_memory_mib: int


@dataclass(frozen=True)
class Report:
    """All steps, the figures of "batch", and the conditions of the measurement."""

    ratio: float | None
    identical_share: float | None
    epochs_per_s: float
    peak_memory_mib: int
    steps: list[Step]
    device: str
    dtype: str
    parameters: int
    epochs: int
    prompt_tokens: int
    image_tokens: int
    reply_tokens: int
    batch_size: int
    torch: str
    transformers: str


@dataclass(frozen=True)
class Subject:
    """A model and a night to measure."""

    model: Any
    processor: WindowProcessor
    prompt: Prompt
    images: list[ImagePatches]
    reply_tokens: int

    @property
    def windows(self) -> list[tuple[int, int, int]]:
        return [window_epochs(epoch, len(self.images)) for epoch in range(len(self.images))]

    def writer(self, kind: Any, **options: Any) -> Any:
        return kind(
            self.model, self.processor, max_new_tokens=self.reply_tokens, end_id=None, **options
        )


def plain(subject: Subject) -> Callable[[], Replies]:
    writer = subject.writer(PlainWriter)
    return lambda: [
        writer.write(subject.prompt, [subject.images[index] for index in window])
        for window in subject.windows
    ]


def images_once(subject: Subject) -> Callable[[], Replies]:
    writer = subject.writer(PlainWriter)

    def write() -> Replies:
        encoded = encode_images(subject.model, subject.images)
        return [
            writer.write_encoded(subject.prompt, [encoded[index] for index in window])
            for window in subject.windows
        ]

    return write


def in_batches(
    subject: Subject, size: int, *, stage_first: bool = False, best_of: int = 1
) -> Callable[[], Replies]:
    """Write in batches of so many replies, as the adapter does."""
    question = stage_question(subject.prompt, get_edition()) if stage_first else None
    # A new writer each time, so that reading the prompt is measured too.
    writer = subject.writer(Writer, question=question)

    def write() -> Replies:
        encoded = encode_images(subject.model, subject.images)
        windows = [[encoded[index] for index in window] for window in subject.windows]
        at_once = max(size // best_of, 1)
        written: Replies = []
        for start in range(0, len(windows), at_once):
            some = windows[start : start + at_once]
            draws = Draws(range(len(some)), best_of - 1, 0.6) if best_of > 1 else None
            replies = writer.write(subject.prompt, some, draws=draws)
            written += [reply.ids for reply in replies[::best_of]]
        return written

    return write


def long_prompt(processor: WindowProcessor, tokens: int) -> Prompt:
    """The default prompt, repeated or cut to about ``tokens`` before the first image."""
    text = shipped_prompt(Track.FINE)
    ids = processor.tokenizer.encode(text * (tokens // 100 + 1), add_special_tokens=False)
    return Prompt(str(processor.tokenizer.decode(ids[:tokens])))


def noise_images(processor: WindowProcessor, count: int) -> list[ImagePatches]:
    rng = np.random.default_rng(0)
    renderer = EpochRenderer()
    epochs_uv = rng.normal(0, 20, (count, len(DERIVATIONS), 3000)).astype(np.float32)
    drawn = [renderer.render(epoch_uv, DERIVATIONS) for epoch_uv in epochs_uv]
    return [processor.patches(np.ascontiguousarray(pixels[:, :, :3])) for pixels in drawn]


def load_model(arguments: argparse.Namespace, folder: Path) -> tuple[Any, WindowProcessor]:
    device = chosen_device()
    if arguments.config == "3b":
        model = make_released_size(
            folder, text=shipped_prompt(Track.FINE), device=device, dtype=chosen_dtype(device)
        )
        return model, WindowProcessor(folder)
    adapter: Any = load_adapter(read_bundle(arguments.bundle or tiny_bundle(folder)))
    return adapter.model, adapter.processor


def tiny_bundle(folder: Path) -> Path:
    make_tiny_checkpoint(folder / "checkpoint", seed=1, text=shipped_prompt(Track.FINE))
    (folder / "bundle.toml").write_text(
        'name = "tiny"\nadapter = "sleepvlm"\nlicence = "CC0-1.0"\ncheckpoint = "checkpoint"\n'
    )
    return folder


def measure(
    subject: Subject, batch_size: int, rounds: int, *, batch_only: bool = False
) -> list[Step]:
    ways: dict[str, Callable[[], Callable[[], Replies]]] = {
        "plain": lambda: plain(subject),
        "images once": lambda: images_once(subject),
        "prompt once": lambda: in_batches(subject, 1),
        "batch": lambda: in_batches(subject, batch_size),
        "stage first": lambda: in_batches(subject, batch_size, stage_first=True),
        "best of 4": lambda: in_batches(subject, batch_size, best_of=4),
    }
    if batch_only:
        ways = {"batch": ways["batch"]}
    clock = time.perf_counter if subject.model.device.type == "cuda" else time.process_time
    best = dict.fromkeys(ways, float("inf"))
    memory_mib: dict[str, int] = {}
    replies: dict[str, Replies] = {}
    for _ in range(rounds):
        for name, make in ways.items():
            write = make()
            reset_memory()
            started = clock()
            replies[name] = write()
            best[name] = min(best[name], clock() - started)
            memory_mib[name] = peak_memory_mib()
    count = len(subject.images)
    return [
        Step(
            step=name,
            epochs_per_s=round(count / best[name], 3),
            ratio=round(best["plain"] / best[name], 2) if "plain" in best else None,
            identical_share=share_of_same(replies[name], replies["plain"])
            if "plain" in replies
            else None,
            peak_memory_mib=memory_mib[name],
        )
        for name in ways
    ]


def share_of_same(replies: Replies, others: Replies) -> float:
    same = sum(reply == other for reply, other in zip(replies, others, strict=True))
    return round(same / len(others), 4)


def reset_memory() -> None:
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def peak_memory_mib() -> int:
    """Peak memory of the GPU since the last reset, or without GPU of this process."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_reserved() >> 20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def report(arguments: argparse.Namespace, folder: Path) -> Report:
    model, processor = load_model(arguments, folder)
    prompt = long_prompt(processor, arguments.prompt_tokens)
    images = noise_images(processor, arguments.epochs)
    subject = Subject(model, processor, prompt, images, arguments.reply_tokens)
    ids = processor.window_ids(prompt, [image.grid for image in images[:1] * 3])
    batch_size = arguments.batch_size or chosen_batch_size(model.device, 0)
    steps = measure(subject, batch_size, arguments.rounds, batch_only=arguments.batch_only)
    batch = next(step for step in steps if step.step == "batch")
    device = model.device
    on_card = device.type == "cuda"
    return Report(
        ratio=batch.ratio,
        identical_share=batch.identical_share,
        epochs_per_s=batch.epochs_per_s,
        peak_memory_mib=batch.peak_memory_mib,
        steps=steps,
        device=torch.cuda.get_device_name(device) if on_card else "cpu, single core",
        dtype=str(model.dtype).split(".")[-1],
        parameters=sum(weights.numel() for weights in model.parameters()),
        epochs=len(images),
        prompt_tokens=ids.index(processor.image_pad_id),
        image_tokens=ids.count(processor.image_pad_id),
        reply_tokens=arguments.reply_tokens,
        batch_size=batch_size,
        torch=str(torch.__version__),
        transformers=str(transformers.__version__),
    )


def show(result: Report) -> None:
    print(f"{'step':14}{'epochs/s':>10}{'ratio':>8}{'identical':>11}{'peak MiB':>10}")
    for step in result.steps:
        print(
            f"{step.step:14}{step.epochs_per_s:10.3f}"
            f"{'-' if step.ratio is None else format(step.ratio, '.2f'):>8}"
            f"{'-' if step.identical_share is None else format(step.identical_share, '.2%'):>11}"
            f"{step.peak_memory_mib:10}"
        )
    print()
    for name, value in asdict(result).items():
        if name != "steps":
            print(f"{name:16} {value}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--bundle", type=Path, help="folder of a bundle")
    parser.add_argument("--config", choices=["3b"], help="random weights of the released size")
    parser.add_argument(
        "--device", default="", help="cpu, cuda, cuda:1; default: chosen by the adapter"
    )
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--prompt-tokens", type=int, default=2500)
    parser.add_argument("--reply-tokens", type=int, default=160)
    parser.add_argument("--batch-size", type=int, default=0, help="default: that of the adapter")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument(
        "--batch-only", action="store_true", help="measure the last step alone, without ratios"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    arguments = parser.parse_args()
    if arguments.device:
        os.environ[DEVICE] = arguments.device
    torch.set_num_threads(1)
    transformers.utils.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as folder:
        result = report(arguments, Path(folder))
    if arguments.json:
        print(json.dumps(asdict(result)))
    else:
        show(result)


if __name__ == "__main__":
    main()
