"""Settling the disagreements of twelve scorings by a rule."""

import json
import threading
import uuid
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.adjudication import majority as rules
from annotations.adjudication.comments import comment
from annotations.adjudication.decisions import Resolution, decide, fullest_place
from annotations.adjudication.errors import AdjudicationRefusedError
from annotations.adjudication.lifecycle import (
    discard_adjudication,
    finish_adjudication,
    start_adjudication,
)
from annotations.adjudication.models import Adjudication, AdjudicationComment, MajoritySettlement
from annotations.adjudication.reading import provenances, scores_by_epoch, sides_of
from annotations.adjudication.settling import settle_by_rule
from annotations.downloads import FolderSink
from annotations.exchange.archive import write_export
from annotations.releases.card import dataset_card
from annotations.releases.composition import Composition
from annotations.releases.manifest import Manifest, settled_nights
from annotations.releases.planning import plan_release
from annotations.saving import Save
from annotations.scoring.models import EpochScore, Scorer, Scoring
from studies.errors import ArchivedError
from studies.models import Role
from tests.helpers.adjudications import finished_scoring
from tests.helpers.releases import made_up_manifest

pytestmark = pytest.mark.django_db
SIDES = 12
# An epoch a row: how many of the twelve give which stage.
NIGHT = [
    {"N2": 12},
    {"N2": 10, "N1": 2},
    {"N2": 9, "N3": 3},
    {"N2": 8, "N3": 4},
    {"N2": 11, "W": 1},
    {"N2": 6, "R": 6},
    {"R": 10, "N2": 2},
    {"R": 12},
    {"R": 11, None: 1},
    {"R": 3, None: 9},
]
BY_RULE = [1, 2, 4, 6, 8]
LEFT = [3, 5, 9]
RULE = {"percent": 75, "least_sides": 6, "beside_transitions": True}


def stages_of_side(side: int) -> list[str | None]:
    spread = [[stage for stage, count in epoch.items() for _ in range(count)] for epoch in NIGHT]
    return [stages[side] for stages in spread]


@pytest.fixture
def adjudicator(study, member):
    return member(study, Role.ADJUDICATOR)


@pytest.fixture
def adjudication(labels_only, adjudicator) -> Adjudication:
    originals = [
        finished_scoring(labels_only, f"scorer {side}", stages_of_side(side))
        for side in range(SIDES)
    ]
    return start_adjudication(scorings=originals, user=adjudicator, seed=3)


@pytest.fixture
def client(client_of, adjudicator):
    return client_of(adjudicator)


def url_of(adjudication: Adjudication, end: str = "") -> str:
    return f"/api/v1/adjudications/{adjudication.pk}/{end}"


def preview(client, adjudication, **rule):
    return client.get(url_of(adjudication, "majority/"), {**RULE, **rule})


def apply(client, adjudication, token: str, **more):
    body = {"client_uuid": str(uuid.uuid4()), **RULE, "preview": token, **more}
    return client.post(url_of(adjudication, "majority/"), body, "application/json")


def settle(client, adjudication, **rule):
    token = preview(client, adjudication, **rule).json()["preview"]
    return apply(client, adjudication, token, **rule)


def put(client, adjudication, epoch: int, **body):
    body = {"client_uuid": str(uuid.uuid4()), "version": 0, "reason": "rule", **body}
    return client.put(url_of(adjudication, f"epochs/{epoch}/"), body, "application/json")


def undecided(client, adjudication) -> list[int]:
    decisions = client.get(url_of(adjudication)).json()["decisions"]
    settled = {epoch for epoch, _, choice, *_ in decisions if choice != "withdraw"}
    return sorted(set(range(len(NIGHT))) - settled)


def test_a_preview_says_what_is_settled_and_what_stays_and_writes_nothing(client, adjudication):
    before = adjudication.decisions.count()
    shown = preview(client, adjudication).json()
    assert {row["stage"]: row["count"] for row in shown["settles"]} == {
        "W": 0,
        "N1": 0,
        "N2": 3,
        "N3": 0,
        "R": 2,
    }
    assert next(row["examples"] for row in shown["settles"] if row["stage"] == "N2") == [1, 2, 4]
    assert {row["says"]: row["count"] for row in shown["stays"] if row["count"]} == {
        "too few scorings have a stage": 1,
        "the majority is smaller or missing": 2,
    }
    assert (shown["settled"], shown["left"]) == (len(BY_RULE), len(LEFT))
    assert adjudication.decisions.count() == before


def test_a_rule_settles_its_epochs_and_every_decision_names_it(client, adjudication, adjudicator):
    answer = settle(client, adjudication)
    assert answer.status_code == 201
    assert answer.json()["epoch_count"] == len(BY_RULE)
    settlement = MajoritySettlement.objects.get()
    assert (settlement.user, settlement.rule["percent"]) == (adjudicator, 75)
    decisions = list(adjudication.decisions.filter(choice="majority"))
    assert [d.epoch for d in decisions] == BY_RULE
    for decision in decisions:
        assert (decision.settlement, decision.user) == (settlement, adjudicator)
        taken = decision.side.scoring.scores.get(epoch=decision.epoch)
        assert (decision.stage, decision.rationale) == (taken.stage, taken.rationale)
    assert undecided(client, adjudication) == LEFT


def test_the_words_are_those_of_the_fullest_score_of_the_majority(client, adjudication):
    sides = sides_of(adjudication)
    for place, side in enumerate(sides):
        rules = ["N2.1"] if place % 3 else []
        rationale = "A spindle." if place % 4 else ""
        side.scoring.scores.update(rules=rules, rationale=rationale)
    settle(client, adjudication)
    complete = scores_by_epoch([side.scoring for side in sides], len(NIGHT))
    for decision in adjudication.decisions.filter(choice="majority").select_related("side"):
        scores = complete[decision.epoch]
        majority = [n for n, score in enumerate(scores) if score and score.stage == decision.stage]
        chosen = fullest_place(scores, majority, seed=adjudication.seed, epoch=decision.epoch)
        assert decision.side == sides[chosen]
        assert (decision.rules, decision.rationale) == (["N2.1"], "A spindle.")


def test_transitions_and_flags_stay_where_the_rule_says_so(client, adjudication):
    score = EpochScore.objects.filter(epoch=4).first()
    score.flags = ["unsure"]
    score.save()
    settle(client, adjudication, beside_transitions=False)
    settled = adjudication.decisions.filter(choice="majority").values_list("epoch", flat=True)
    assert list(settled) == [1, 2, 8]


def test_models_do_not_vote_unless_wanted_and_their_words_are_not_taken(client, adjudication):
    sides = adjudication.sides.filter(scoring__scores__epoch=3, scoring__scores__stage="N3")
    Scorer.objects.filter(scorings__in=sides.values("scoring")).update(kind=Scorer.Kind.MODEL)
    assert preview(client, adjudication, with_models=True).json()["settled"] == len(BY_RULE)
    settle(client, adjudication)
    settled = adjudication.decisions.filter(choice="majority").values_list("epoch", flat=True)
    assert list(settled) == [1, 2, 3, 4, 5, 6, 8]
    takers = adjudication.decisions.filter(choice="majority").values_list(
        "side__scoring__scorer__kind", flat=True
    )
    assert set(takers) == {"import"}


def test_what_a_rule_took_does_not_show_which_side_never_votes(client, adjudication):
    settle(client, adjudication)
    loaded = client.get(url_of(adjudication)).json()
    brief = {row[0]: row for row in loaded["decisions"]}
    assert brief[1] == [1, 1, "majority", None, "N2", ""]
    page = client.get(url_of(adjudication, "epochs/"), {"epochs": "1"}).json()
    assert page["1"]["decision"] == {
        "epoch": 1,
        "version": 1,
        "choice": "majority",
        "side": None,
        "stage": "N2",
        "rules": [],
        "rationale": "",
        "reason": "",
    }


def test_a_preview_that_is_outdated_settles_nothing(client, adjudication):
    token = preview(client, adjudication).json()["preview"]
    put(client, adjudication, 1, choice="write", stage="W")
    refused = apply(client, adjudication, token)
    assert (refused.status_code, refused.json()["code"]) == (409, "outdated")
    assert not MajoritySettlement.objects.exists()
    other = apply(client, adjudication, preview(client, adjudication).json()["preview"], percent=80)
    assert other.json()["code"] == "outdated"  # another rule than was previewed
    settle(client, adjudication)
    assert adjudication.decisions.filter(epoch=1).get().stage == "W"


def test_a_decision_on_an_epoch_that_stays_does_not_outdate_a_preview(client, adjudication):
    token = preview(client, adjudication).json()["preview"]
    put(client, adjudication, 9, choice="write", stage="R")
    assert apply(client, adjudication, token).status_code == 201


def test_the_same_rule_sent_twice_settles_once(client, adjudication):
    token, same = preview(client, adjudication).json()["preview"], str(uuid.uuid4())
    first = apply(client, adjudication, token, client_uuid=same)
    again = apply(client, adjudication, token, client_uuid=same)
    assert first.json() == again.json()
    assert adjudication.decisions.filter(choice="majority").count() == len(BY_RULE)
    assert apply(client, adjudication, token).json()["code"] == "outdated"


def test_a_rule_that_settles_nothing_is_refused(client, adjudication):
    settle(client, adjudication)
    refused = settle(client, adjudication)
    assert refused.status_code == 400
    assert "settles no epoch" in refused.json()["detail"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"percent": 50},
        {"percent": 101},
        {"percent": "most"},
        {"percent": 10**30},
        {"least_sides": 1},
        {"least_sides": 27},
        {"with_models": "perhaps"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(client, adjudication, wrong):
    assert preview(client, adjudication, **wrong).status_code == 400
    assert apply(client, adjudication, "x", **wrong).status_code == 400


def test_an_epoch_taken_out_by_hand_stays_out_of_later_rules(client, adjudication):
    settle(client, adjudication)
    out = put(client, adjudication, 1, choice="withdraw", version=1)
    assert out.status_code == 200
    assert undecided(client, adjudication) == [1, *LEFT]
    assert preview(client, adjudication).json()["settled"] == 0
    again = put(client, adjudication, 1, choice="majority", version=2, why="redo")
    assert (again.status_code, again.json()["stage"]) == (200, "N2")
    assert adjudication.decisions.get(epoch=1, version=3).settlement is not None
    assert undecided(client, adjudication) == LEFT


def test_nobody_says_by_rule_where_no_rule_settled(client, adjudication):
    refused = put(client, adjudication, 3, choice="majority")
    assert refused.status_code == 400
    assert "No rule settles" in refused.json()["detail"]


def withdraw(client, adjudication, settlement):
    return client.post(url_of(adjudication, f"majority/{settlement.pk}/withdraw/"))


def test_a_withdrawn_rule_opens_its_epochs_but_not_those_decided_since(client, adjudication):
    settle(client, adjudication)
    put(client, adjudication, 2, choice="write", stage="N3", version=1)
    settlement = MajoritySettlement.objects.get()
    answer = withdraw(client, adjudication, settlement)
    assert answer.json()["is_withdrawn"] is True
    assert undecided(client, adjudication) == sorted({*BY_RULE, *LEFT} - {2})
    assert withdraw(client, adjudication, settlement).json() == answer.json()
    assert put(client, adjudication, 1, choice="majority", version=2).status_code == 400
    assert list(adjudication.decisions.filter(epoch=1).values_list("choice", flat=True)) == [
        "majority",
        "withdraw",
    ]
    assert settle(client, adjudication, percent=90).json()["epoch_count"] == 2  # 4 and 8 of 11


def test_a_rule_of_another_adjudication_is_not_there(client, adjudication, labels_only):
    settle(client, adjudication)
    sides = [side.scoring for side in adjudication.sides.all()]
    Adjudication.objects.filter(pk=adjudication.pk).update(state="discarded")
    other = start_adjudication(scorings=sides, user=None)
    assert withdraw(client, other, MajoritySettlement.objects.get()).status_code == 404


def test_after_the_end_no_rule_is_applied_or_withdrawn(client, adjudication):
    settle(client, adjudication)
    for epoch in LEFT:
        put(client, adjudication, epoch, choice="write", stage="N2")
    token = preview(client, adjudication).json()["preview"]
    done = client.post(url_of(adjudication, "finish/"))
    assert done.status_code == 200
    assert apply(client, adjudication, token).json()["code"] == "finished"
    refused = withdraw(client, adjudication, MajoritySettlement.objects.get())
    assert refused.json()["code"] == "finished"
    adjudication.refresh_from_db()
    made = provenances([adjudication])[adjudication.pk]
    assert (made.unanimous, made.by_rule, made.by_hand) == (2, len(BY_RULE), len(LEFT))
    assert made.words == "2 agreed by all scorings, 5 settled by rule, 3 settled by hand"
    assert made.rules == [rules.MajorityRule(**RULE).words]
    consensus = Scoring.objects.get(pk=done.json()["scoring"])
    assert consensus.scores.count() == len(NIGHT)
    how = dict(consensus.revisions.values_list("epoch", "shown__settled"))
    assert (how[0], how[3]) == ("agreed by all scorings", "settled by hand: rule misapplied")
    assert how[1] == f"settled by rule: {made.rules[0]}"
    history = client.get(f"/api/v1/scorings/{consensus.pk}/epochs/1/history/").json()
    assert history["revisions"][0]["settled"] == how[1]
    page = client.get(f"/recordings/{adjudication.recording_id}/adjudicate/").content.decode()
    assert f"{len(NIGHT)} epochs: {made.words}" in page
    assert made.rules[0] in page
    tab = client.get(f"/recordings/{adjudication.recording_id}/scorings/").content.decode()
    assert f"Consensus, in epochs: {made.words}." in tab


def test_an_export_and_a_release_tell_how_a_consensus_was_settled(
    client, adjudication, tmp_path, study
):
    settle(client, adjudication)
    for epoch in LEFT:
        put(client, adjudication, epoch, choice="write", stage="N2")
    client.post(url_of(adjudication, "finish/"))
    consensus = Scoring.objects.get(adjudication=adjudication)
    write_export(FolderSink(tmp_path), [consensus])
    readme = (tmp_path / "README.txt").read_text()
    sentence = "2 agreed by all scorings, 5 settled by rule, 3 settled by hand."
    assert sentence in readme
    assert f"Rule: {rules.MajorityRule(**RULE).words}" in readme

    plan = plan_release(study, Composition())
    settled = settled_nights(plan)
    assert [(n.unanimous, n.by_rule, n.by_hand) for n in settled] == [(2, 5, 3)]
    manifest = made_up_manifest(*plan.entries)
    assert "settled" not in manifest.as_json()
    manifest = replace(manifest, settled=settled)
    assert Manifest.from_json(json.loads(manifest.text())) == manifest
    card = dataset_card(manifest, names=[])
    assert "| 5 | by rule, from a majority of scorings |" in card
    assert rules.MajorityRule(**RULE).words in card


def test_of_an_archived_study_nothing_is_settled(client, adjudication, adjudicator, study):
    token = preview(client, adjudication).json()["preview"]
    study.archived_at = study.created_at
    study.save()
    assert apply(client, adjudication, token).json()["code"] == "archived"
    save = Save(user=adjudicator)
    rule = rules.MajorityRule(**RULE)
    sides = [side.scoring for side in adjudication.sides.all()]
    own = Resolution(choice="write", stage="N2", reason="slip")
    for act in (  # as they refuse where the study was archived since the request came
        lambda: settle_by_rule(adjudication=adjudication, rule=rule, token=token, save=save),
        lambda: decide(adjudication=adjudication, epoch=3, verdict=own, save=save),
        lambda: comment(adjudication=adjudication, epoch=3, text="Why?", save=save),
        lambda: finish_adjudication(adjudication=adjudication, user=adjudicator),
        lambda: discard_adjudication(adjudication=adjudication, user=adjudicator, reason="No."),
        lambda: start_adjudication(scorings=sides, user=adjudicator),
    ):
        with pytest.raises(ArchivedError):
            act()
    assert not MajoritySettlement.objects.exists()


def test_queries_do_not_grow_with_the_night(client, adjudication, labels_only):
    labels = ["scorer 0", "scorer 11"]
    sides = adjudication.sides.filter(scoring__scorer__label__in=labels).select_related("scoring")
    other = start_adjudication(scorings=[side.scoring for side in sides], user=None)
    client.get(url_of(other))
    with CaptureQueriesContext(connection) as of_two:
        client.get(url_of(other))
    with CaptureQueriesContext(connection) as of_twelve:
        client.get(url_of(adjudication))
    assert len(of_two) == len(of_twelve), "\n".join(query["sql"][:90] for query in of_twelve)


@pytest.mark.parametrize("words", ["x" * 4000, "ж" * 1400])
def test_epochs_come_in_pages_of_bounded_length(client, adjudication, words):
    EpochScore.objects.filter(epoch__in=[1, 2]).update(rationale=words)
    long = client.get(url_of(adjudication, "epochs/"), {"epochs": "1,2,3,99"}).json()
    assert list(long) == ["1"]  # the next is requested again
    rest = client.get(url_of(adjudication, "epochs/"), {"epochs": "3,4,99,3"}).json()
    assert list(rest) == ["3", "4"]
    assert len(rest["3"]["sides"]) == SIDES
    for wrong in ("", "a", "-1", "1;2", ",".join(["1"] * 500)):
        assert client.get(url_of(adjudication, "epochs/"), {"epochs": wrong}).status_code == 400


def test_comments_are_for_adjudicators(client, adjudication, adjudicator, annotator, client_of):
    body = {"client_uuid": str(uuid.uuid4()), "epoch": 3, "text": " Arousal first? "}
    url = url_of(adjudication, "comments/")
    first = client.post(url, body, "application/json")
    assert (first.status_code, first.json()["text"]) == (201, "Arousal first?")
    assert client.post(url, body, "application/json").json() == first.json()
    assert client.post(url, {**body, "epoch": 4}, "application/json").json()["code"] == "foreign"
    outside = {**body, "client_uuid": str(uuid.uuid4()), "epoch": 10}
    assert client.post(url, outside, "application/json").status_code == 404
    empty = {**body, "client_uuid": str(uuid.uuid4()), "text": "  "}
    assert client.post(url, empty, "application/json").status_code == 400
    loaded = client.get(url_of(adjudication)).json()
    assert loaded["commented"] == {"3": 1}
    assert loaded["disagreements"]["3"]["comments"] == [first.json()]
    assert client_of(annotator).post(url, body, "application/json").status_code == 404


def test_the_newest_comments_come_first_and_the_others_when_asked_for(
    client, adjudication, adjudicator
):
    AdjudicationComment.objects.bulk_create(
        AdjudicationComment(adjudication=adjudication, epoch=3, author=adjudicator, text=str(n))
        for n in range(120)
    )
    page = client.get(url_of(adjudication, "epochs/"), {"epochs": "3,4"}).json()
    known = page["3"]["comments"]
    assert ([int(c["text"]) for c in known], page["3"]["comment_count"]) == ([*range(70, 120)], 120)
    assert (page["4"]["comments"], page["4"]["comment_count"]) == ([], 0)
    url = url_of(adjudication, "comments/")
    for first, last in ((20, 70), (0, 20)):
        earlier = client.get(url, {"epoch": 3, "before": known[0]["id"]}).json()["comments"]
        assert [int(c["text"]) for c in earlier] == [*range(first, last)]
        known = earlier + known
    for wrong in ({}, {"epoch": 3}, {"epoch": -1, "before": 1}, {"epoch": 3, "before": "x"}):
        assert client.get(url, wrong).status_code == 400
    far = {"epoch": 10**30, "before": 10**30}
    assert client.get(url, far).json() == {"comments": []}


def test_more_sides_than_letters_are_refused(labels_only, study, adjudicator):
    many = [finished_scoring(labels_only, f"scorer {n}", ["W"]) for n in range(27)]
    with pytest.raises(AdjudicationRefusedError, match="27 scorings are too many"):
        start_adjudication(scorings=many, user=adjudicator)


@pytest.mark.django_db(transaction=True)
def test_two_adjudicators_who_settle_at_once_settle_once(
    study, member, client_of, adjudication, adjudicator
):
    second = member(study, Role.ADJUDICATOR, Role.VIEWER)
    clients = [client_of(adjudicator), client_of(second)]
    token = preview(clients[0], adjudication).json()["preview"]
    codes: list[int] = []

    def press(client) -> None:
        codes.append(apply(client, adjudication, token).status_code)
        connection.close()

    threads = [threading.Thread(target=press, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [201, 409]
    assert adjudication.decisions.filter(choice="majority").count() == len(BY_RULE)
