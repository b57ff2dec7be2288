"""Explanations outside the terminal: a page, a picture, and what both are drawn with."""
