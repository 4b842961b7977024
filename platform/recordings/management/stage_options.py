"""Options of commands that say how a stage file is meant."""

from argparse import Namespace

from django.core.management.base import CommandParser

from psg.stagefiles import CODE_MAPS, StageOptions
from psg.stagefiles.facts import LASTS_EPOCH, LASTS_NEXT
from psg.stagefiles.formats import ALL

_RK_EPOCH_S = 20.0


def add_stage_options(parser: CommandParser) -> None:
    """Add the options that answer the doubts of a stage file."""
    parser.add_argument(
        "--codes", choices=sorted(CODE_MAPS), default="", help="what integers in the file mean"
    )
    parser.add_argument(
        "--first-epoch",
        type=int,
        metavar="N",
        help="the number with which the file counts the first epoch of the recording",
    )
    parser.add_argument(
        "--unscored",
        action="append",
        default=[],
        metavar="TEXT",
        help="a text of the file that means that the epoch has no stage; may be repeated",
    )
    parser.add_argument(
        "--stage",
        action="append",
        default=[],
        metavar="TEXT=STAGE",
        help="a text of the file that means a stage, such as “SP=R”; may be repeated",
    )
    parser.add_argument(
        "--from-20-s",
        action="store_true",
        help="turn 20-s R&K epochs into 30-s ones: each takes the stage that covers most of it",
    )
    parser.add_argument(
        "--place",
        default="",
        metavar="HOW",
        help="clock, index or elapsed: place stages by times of day; with the start of the "
        "recording; or by times that count from that start; “day 2” where a long recording has "
        "the time several times",
    )
    parser.add_argument(
        "--lasts",
        choices=[LASTS_EPOCH, LASTS_NEXT],
        default="",
        help="how long a stage without a duration lasts: one epoch, or until the next stage",
    )
    parser.add_argument(
        "--format",
        choices=[each.id for each in ALL],
        default="",
        help="the format of the stage file, where the content fits several",
    )


def stage_options(options: Namespace) -> StageOptions:
    """Return what the options say of a stage file."""
    return StageOptions(
        codes=options.codes,
        first_epoch=options.first_epoch,
        unscored=tuple(options.unscored),
        meanings=tuple(options.stage),
        epoch_s=_RK_EPOCH_S if options.from_20_s else None,
        place=options.place,
        lasts=options.lasts,
        format=options.format,
    )
