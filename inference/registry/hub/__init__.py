"""Released weights: listed, fetched and checked from a hub of models, and made a bundle."""
