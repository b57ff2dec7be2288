"""Measurements of the default recipe that go into the notes of the bundled model."""
