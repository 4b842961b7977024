"""Designing, drawing, launching and answering rating studies."""
