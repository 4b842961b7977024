"""The authors of scorings."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from studies.models import Study


class Scorer(models.Model):
    """The author of scorings: a person, a model, an imported file or a consensus.

    The provenance is a frozen copy, so that this module does not depend on `inference`.
    """

    class Kind(models.TextChoices):
        HUMAN = "human", "Expert"
        MODEL = "model", "Model"
        IMPORT = "import", "Imported"
        CONSENSUS = "consensus", "Consensus"

    kind = models.CharField(max_length=10, choices=Kind)
    label = models.CharField(max_length=120)
    study = models.ForeignKey(
        Study,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="scorers",
        help_text="Of imported scorers and consensus; people and models serve every study",
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="scorer",
    )
    provenance = models.JSONField(
        default=dict, help_text="Model, weights, prompt, renderer; or file and importer"
    )

    class Meta:
        ordering = ["kind", "label"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="human", user__isnull=False)
                | (~Q(kind="human") & Q(user__isnull=True)),
                name="people_and_only_people_have_a_user",
            ),
            models.UniqueConstraint(
                fields=["study", "kind", "label"],
                condition=Q(study__isnull=False),
                name="one_scorer_a_label_in_a_study",
            ),
            models.UniqueConstraint(
                fields=["label"], condition=Q(kind="model"), name="one_model_scorer_a_label"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def kind_word(self) -> str:
        """The kind as it follows the label; empty if the label is the same word."""
        word = str(self.get_kind_display()).lower()
        return "" if self.label.lower() == word else word

    @property
    def label_and_kind(self) -> str:
        return f"{self.label}, {self.kind_word}" if self.kind_word else self.label
