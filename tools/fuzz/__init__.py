"""Fuzzing of everything that reads files from outside: `python -m tools.fuzz --cases 20000 --seed 1`."""
