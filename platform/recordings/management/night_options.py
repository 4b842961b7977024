"""Options of commands that say what a recording leaves open: channels, units, mains, clock."""

from argparse import ArgumentParser, Namespace
from dataclasses import replace

from psg.ingest.decisions import (
    NightDecisions,
    parse_channel_map,
    parse_start_clock,
    parse_units,
)
from psg.stagefiles import StageOptions


def add_night_options(parser: ArgumentParser) -> None:
    add_signal_options(parser)
    parser.add_argument(
        "--epoch-start", type=float, metavar="S", help="where epoch 0 starts, in seconds"
    )


def add_signal_options(parser: ArgumentParser) -> None:
    """Add the options that can still be given after the import."""
    parser.add_argument(
        "--channel",
        action="append",
        default=[],
        metavar="MAP",
        help="what a derivation is made of, as “C4-M1=EEG C4-REF - EEG A2-REF”; “Chin=none” if the"
        " recording has none; repeat it for each derivation",
    )
    parser.add_argument(
        "--unit",
        action="append",
        default=[],
        metavar="UNIT",
        help="the unit of a channel, as “EEG C4=uV”; repeat it for each channel",
    )
    parser.add_argument(
        "--mains", type=int, choices=(50, 60), help="frequency of the mains in Hz; default: 50"
    )
    parser.add_argument(
        "--start-clock", metavar="TIME", help="time of day at which the recording starts, 22:41:30"
    )


def signal_decisions(options: Namespace) -> NightDecisions:
    """Read the options of `add_signal_options`.

    Raises
    ------
    PsgError
        When an option cannot be understood.
    """
    return NightDecisions(
        channels=parse_channel_map(options.channel),
        units=parse_units(options.unit),
        mains_hz=options.mains,
        start_clock_s=parse_start_clock(options.start_clock) if options.start_clock else None,
    )


def night_decisions(options: Namespace, stages: StageOptions) -> NightDecisions:
    """Read the options of `add_night_options`, beside what is said of stage files.

    Raises
    ------
    PsgError
        When an option cannot be understood.
    """
    return replace(signal_decisions(options), epoch_start_s=options.epoch_start, stages=stages)
