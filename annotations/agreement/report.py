"""Agreement of a recording or a study in one answer: the page shows it, the command prints it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from annotations.agreement.caching import key_of, remembered
from annotations.agreement.measures import (
    Codes,
    about_intervals,
    bootstrap_of,
    codes_of,
    known,
    pair_measures,
    place_measures,
    stage_measures,
)
from annotations.agreement.rules import rule_measures
from annotations.agreement.sheet import Column, Sheet, SheetRow
from annotations.agreement.sleep import sleep_differences
from psg.agreement import (
    AgreementSums,
    ceiling,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    mean_pair_kappa,
    observed_agreement,
)
from psg.stages import STAGES


def agreement_report(sheet: Sheet, compared: Sequence[Column]) -> dict[str, Any]:
    """Everything about how far the scorings of a sheet agree, as plain values.

    `compared` are those whose joint agreement is counted; pairs are told of all but a consensus.
    Worked out once for each content: a change of any epoch or mark gives another key.
    """
    able = sheet.only([column for column in sheet.columns if not column.is_consensus])
    chosen = sheet.only(compared)
    key = key_of("report", [able.content, chosen.content])
    return remembered(key, lambda: _report(able, chosen))


def _report(able: Sheet, chosen: Sheet) -> dict[str, Any]:
    nights = codes_of(chosen)
    bootstrap = bootstrap_of(chosen.subjects)
    return {
        "scorers": [_scorer(able, column, chosen.columns) for column in able.columns],
        "recordings": len(nights),
        "intervals": about_intervals(chosen.subjects),
        "measures": place_measures(nights, bootstrap) if nights else {},
        "stages": stage_measures(nights, bootstrap) if nights else [],
        "pairs": pair_measures(able),
        "rules": rule_measures(chosen),
        "sleep_statistics": sleep_differences(chosen),
        "by_recording": [
            _by_recording(night, one) for night, one in zip(chosen.nights, nights, strict=True)
        ],
        "human_ceiling": human_ceiling(),
    }


def human_ceiling() -> dict[str, Any]:
    """What experts reach among themselves, each with its source."""
    return {
        "kappa": vars(ceiling.KAPPA),
        "kappa_two_centres": vars(ceiling.KAPPA_TWO_CENTRES),
        "agreement": vars(ceiling.AGREEMENT),
        "stages": {str(stage): vars(one) for stage, one in ceiling.STAGE_AGREEMENT.items()},
        "all_agree": {str(count): vars(one) for count, one in ceiling.UNANIMITY.items()},
    }


def _scorer(sheet: Sheet, column: Column, compared: Sequence[Column]) -> dict[str, Any]:
    scorings = [n.scorings[column.key] for n in sheet.nights if column.key in n.scorings]
    return {
        "key": column.key,
        "label": column.label,
        "kind": column.kind,
        "helped": column.helped,
        "recordings": len(scorings),
        "epochs": sum(sheet.coded[scoring.pk].scored_count for scoring in scorings),
        "compared": column in compared,
    }


def _by_recording(night: SheetRow, codes: Codes) -> dict[str, Any]:
    sums = AgreementSums.of([codes], len(STAGES))
    categories = sums.categories.drawn(np.ones(1))
    return {
        "id": night.recording.pk,
        "recording": night.recording.name,
        "epochs_of_night": night.recording.epoch_count,
        "scorers": len(night.scorings),
        "epochs": int(categories.paired),
        "agreement": known(float(observed_agreement(categories))),
        "mean_pairwise_kappa": known(float(mean_pair_kappa(sums.pairs_drawn(np.ones(1))))),
        "fleiss_kappa": known(float(fleiss_kappa(categories))),
        "krippendorff_alpha": known(float(krippendorff_alpha(categories))),
        "ac1": known(float(gwet_ac(categories))),
    }
