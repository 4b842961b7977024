"""The parts of a split: which file holds each, and what programs call it."""

from annotations.releases.composition import PARTS
from annotations.releases.splitting import UNSPLIT

# "all" is a word of its own to `datasets`; what is not split is called as it calls such data.
SPLITS = {part: part for part in PARTS} | {UNSPLIT: "train"}


def parquet_name(part: str) -> str:
    return f"data/{part}.parquet"
