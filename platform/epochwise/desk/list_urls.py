"""Addresses of the data manager."""

from django.urls import path

from epochwise.desk import list_pages as pages
from epochwise.desk.lists import KINDS

_STUDY = "studies/<slug:slug>"

lists = [
    *[
        path(f"{_STUDY}/{name}{end}", view, {"kind": name}, name=f"{name}{suffix}")
        for name in KINDS
        for end, view, suffix in (
            ("/", pages.show, ""),
            (".csv", pages.csv, "-csv"),
            ("/views/", pages.save, "-view"),
        )
    ],
    *[
        path(
            f"{_STUDY}/{name}/{what}/",
            pages.act,
            {"kind": name, "what": what},
            name=f"{name}-{what}",
        )
        for name, kind in KINDS.items()
        for what in kind.acts
    ],
    path(f"{_STUDY}/views/<int:view_id>/remove/", pages.remove, name="view-remove"),
]
