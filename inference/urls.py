"""Addresses of pre-scoring."""

app_name = "inference"
urlpatterns = []
