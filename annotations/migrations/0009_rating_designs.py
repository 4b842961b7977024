"""Rating studies get arms, a panel, calibration, and a record of what was done to them.

Studies made before get one arm a scorer, in the words that their raters were shown.
"""

import secrets

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

STAGE_CHOICES = [("W", "W"), ("N1", "N1"), ("N2", "N2"), ("N3", "N3"), ("R", "R")]
DIMENSIONS = ("factual_accuracy", "evidence_comprehensiveness", "logical_coherence")


def give_arms(apps, schema_editor):
    # Checked at once, so that none is pending when the table is altered next.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for rating_study in apps.get_model("annotations", "RatingStudy").objects.all():
        arms = _arms(apps, rating_study)
        _items(apps, rating_study, arms)
        _panel(apps, rating_study)
        _events(apps, rating_study)


def _arms(apps, rating_study):
    arms = {}
    scorings = rating_study.scorings.select_related("scorer").order_by("scorer__kind", "pk")
    for scoring in scorings:
        if scoring.scorer_id not in arms:
            place = len(arms)
            label = scoring.scorer.label
            if any(arm.label == label for arm in arms.values()):
                label = f"{label[:100]} ({place + 1})"
            arms[scoring.scorer_id] = apps.get_model("annotations", "RatingArm").objects.create(
                rating_study=rating_study, label=label, place=place
            )
        arms[scoring.scorer_id].scorings.add(scoring)
    return arms


def _items(apps, rating_study, arms):
    score_model = apps.get_model("annotations", "EpochScore")
    for item in rating_study.items.select_related("source__scoring"):
        scoring = item.source.scoring
        beside = score_model.objects.filter(
            scoring=scoring, epoch__in=[item.epoch - 1, item.epoch + 1], stage__isnull=False
        )
        item.arm = arms[scoring.scorer_id]
        item.code = secrets.token_hex(4)
        item.words = " ".join(item.rationale.split())
        item.is_transition = beside.exclude(stage=item.stage).exists()
        item.save(update_fields=["arm", "code", "words", "is_transition"])


def _panel(apps, rating_study):
    slots = apps.get_model("annotations", "RatingSlot").objects
    raters = slots.filter(item__rating_study=rating_study).values_list("rater_id", flat=True)
    for rater_id in sorted(set(raters)):
        apps.get_model("annotations", "RatingRater").objects.create(
            rating_study=rating_study, rater_id=rater_id
        )


def _events(apps, rating_study):
    event_model = apps.get_model("annotations", "RatingStudyEvent")
    made = rating_study.created_at
    event_model.objects.create(
        rating_study=rating_study, kind="launched", user_id=rating_study.created_by_id, at=made
    )
    rating_study.launched_at = made
    rating_study.save(update_fields=["launched_at"])
    if rating_study.unblinded_at:
        event_model.objects.create(
            rating_study=rating_study,
            kind="unblinded",
            user_id=rating_study.unblinded_by_id,
            at=rating_study.unblinded_at,
        )


def _id():
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


def _of_study(related_name):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to="annotations.ratingstudy",
    )


def _score():
    return models.PositiveSmallIntegerField(blank=True, help_text="1 to 5", null=True)


def _person(on_delete):
    return models.ForeignKey(
        null=True, on_delete=on_delete, related_name="+", to=settings.AUTH_USER_MODEL
    )


class Migration(migrations.Migration):
    dependencies = [
        ("annotations", "0008_order_by_key"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RatingArm",
            fields=[
                ("id", _id()),
                ("label", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[("source", "As written"), ("control", "Known wrong")],
                        default="source",
                        max_length=10,
                    ),
                ),
                ("place", models.PositiveSmallIntegerField()),
                ("rating_study", _of_study("arms")),
                (
                    "scorings",
                    models.ManyToManyField(related_name="rated_in", to="annotations.scoring"),
                ),
            ],
            options={"ordering": ["rating_study", "place"]},
        ),
        migrations.CreateModel(
            name="RatingRater",
            fields=[
                ("id", _id()),
                (
                    "calibrated_at",
                    models.DateTimeField(
                        help_text="When the calibration round was passed; null until then",
                        null=True,
                    ),
                ),
                ("rating_study", _of_study("panel")),
                (
                    "rater",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rates_in",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["rating_study", "pk"]},
        ),
        migrations.CreateModel(
            name="RatingStudyEvent",
            fields=[
                ("id", _id()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("drawn", "Drew the items"),
                            ("launched", "Froze it and gave it to the raters"),
                            ("closed", "Closed it"),
                            ("unblinded", "Showed the sources"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("rating_study", _of_study("events")),
                ("user", _person(django.db.models.deletion.PROTECT)),
            ],
            options={"ordering": ["rating_study", "pk"]},
        ),
        migrations.CreateModel(
            name="RatingGold",
            fields=[
                ("id", _id()),
                *((name, _score()) for name in DIMENSIONS),
                (
                    "feedback",
                    models.TextField(help_text="Shown to a rater after they rated the item"),
                ),
                ("set_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "item",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gold",
                        to="annotations.ratingitem",
                    ),
                ),
                ("set_by", _person(django.db.models.deletion.SET_NULL)),
            ],
        ),
        migrations.AddField(
            model_name="ratingstudy",
            name="own_stage_first",
            field=models.BooleanField(
                default=False, help_text="Raters stage the epoch before they see the rationale"
            ),
        ),
        migrations.AddField(
            model_name="ratingstudy",
            name="calibration_pass_percent",
            field=models.PositiveSmallIntegerField(
                default=70,
                help_text="Gold scores to be met within one point before the main round",
            ),
        ),
        migrations.AddField(
            model_name="ratingstudy",
            name="launched_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="ratingstudy",
            name="unblind_reason",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="ratingstudy",
            name="state",
            field=models.CharField(
                choices=[("draft", "Draft"), ("open", "Open"), ("closed", "Closed")],
                default="draft",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="ratingstudy",
            name="seed",
            field=models.PositiveIntegerField(help_text="Of sample, assignment and orders"),
        ),
        migrations.AlterField(
            model_name="ratingstudy",
            name="design",
            field=models.JSONField(default=dict, help_text="As asked for; see RatingDesign"),
        ),
        migrations.AddField(
            model_name="ratingitem",
            name="arm",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="annotations.ratingarm",
            ),
        ),
        migrations.AddField(
            model_name="ratingitem",
            name="phase",
            field=models.CharField(
                choices=[("calibration", "Calibration round"), ("main", "Main round")],
                default="main",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="ratingitem",
            name="code",
            field=models.CharField(
                default="", help_text="Random; names the item while it is blind", max_length=8
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="ratingitem",
            name="words",
            field=models.TextField(
                default="", help_text="As shown: the rationale without its layout"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="ratingitem",
            name="reference_stage",
            field=models.CharField(choices=STAGE_CHOICES, max_length=2, null=True),
        ),
        migrations.AddField(
            model_name="ratingitem",
            name="is_transition",
            field=models.BooleanField(
                default=False, help_text="Whether the stage changes beside the epoch"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="ratingitem",
            name="signal_sha256",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Of the stored records that are shown; set at launch",
                max_length=64,
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="ratingitem",
            name="pixel_sha256",
            field=models.CharField(
                blank=True, help_text="Of the target epoch's image; set at launch", max_length=64
            ),
        ),
        migrations.AlterField(
            model_name="ratingitem",
            name="epoch",
            field=models.PositiveIntegerField(help_text="That is shown"),
        ),
        migrations.AlterField(
            model_name="ratingitem",
            name="rationale",
            field=models.TextField(help_text="As written"),
        ),
        migrations.AlterField(
            model_name="ratingitem",
            name="source",
            field=models.ForeignKey(
                help_text="Where the words are from; of another epoch in a known-wrong control",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="annotations.epochscore",
            ),
        ),
        migrations.AlterField(
            model_name="ratingitem",
            name="stage",
            field=models.CharField(
                choices=STAGE_CHOICES, help_text="That is argued for", max_length=2
            ),
        ),
        migrations.AlterModelOptions(
            name="ratingitem", options={"ordering": ["rating_study", "code"]}
        ),
        migrations.RunPython(give_arms, migrations.RunPython.noop),
        migrations.RemoveField(model_name="ratingstudy", name="scorings"),
        migrations.AlterField(
            model_name="ratingitem",
            name="arm",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="annotations.ratingarm",
            ),
        ),
        migrations.AddConstraint(
            model_name="ratingitem",
            constraint=models.UniqueConstraint(
                fields=("rating_study", "code"), name="one_item_a_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="ratingstudy",
            constraint=models.CheckConstraint(
                condition=models.Q(("unblinded_at__isnull", True), ("state", "closed"), _connector="OR"),
                name="only_closed_rating_studies_are_unblinded",
            ),
        ),
        migrations.AddConstraint(
            model_name="ratingarm",
            constraint=models.UniqueConstraint(
                fields=("rating_study", "label"), name="one_arm_a_label"
            ),
        ),
        migrations.AddConstraint(
            model_name="ratingrater",
            constraint=models.UniqueConstraint(
                fields=("rating_study", "rater"), name="one_seat_a_rater"
            ),
        ),
        *(
            migrations.AddConstraint(
                model_name="ratinggold",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        (f"{name}__isnull", True), (f"{name}__range", (1, 5)), _connector="OR"
                    ),
                    name=f"gold_{name}_from_1_to_5",
                ),
            )
            for name in DIMENSIONS
        ),
    ]
