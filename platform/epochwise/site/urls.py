"""Addresses of the page of the site and of the audit trail."""

from django.urls import path

from epochwise.site import audit, pages

urlpatterns = [
    path("site/", pages.site, name="site"),
    path("site/audit/", audit.site_audit, name="site-audit"),
    path("site/audit.csv", audit.site_audit_csv, name="site-audit-csv"),
    path("studies/<slug:slug>/audit/", audit.study_audit, name="audit"),
    path("studies/<slug:slug>/audit.csv", audit.study_audit_csv, name="audit-csv"),
]
