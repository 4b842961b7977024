"""What help did to answers: how often suggestions were followed, right ones and wrong ones."""

from annotations.queries.assistance.report import assistance_report, reference_of

__all__ = ["assistance_report", "reference_of"]
