"""Published numbers to compare with: Pearson's r in the order of midcli.labels.

Chowdhury, Vall, Haunschmid & Widmer, "Towards Explainable Music Emotion Recognition: The Route via
Mid-level Features", ISMIR 2019; and, for the fixed test set, a 2025 study of the same laboratory.
"""

Numbers = dict[str, tuple[float, ...]]

EMOTION_SCORES: Numbers = {
    "mid2e": (0.88, 0.80, 0.84, 0.65, 0.82, 0.81, 0.74, 0.73, 0.79),
    "a2e": (0.81, 0.79, 0.84, 0.82, 0.81, 0.66, 0.60, 0.75, 0.76),
    "a2mid2e": (0.79, 0.74, 0.78, 0.72, 0.77, 0.64, 0.58, 0.67, 0.71),
    "joint": (0.82, 0.78, 0.82, 0.76, 0.79, 0.65, 0.64, 0.72, 0.75),
}
"""Table 2: mean over ten random 80:20 splits; the ninth number is the printed average."""

COSTS: Numbers = {
    "a2mid2e": (0.02, 0.05, 0.06, 0.10, 0.03, 0.02, 0.02, 0.08, 0.05),
    "joint": (-0.02, 0.01, 0.02, 0.06, 0.02, 0.01, -0.04, 0.03, 0.01),
}
"""Table 2, the cost of explainability as printed (from unrounded scores), likewise."""

QUALITY_SCORES: Numbers = {
    "a2mid+": (0.70, 0.83, 0.66, 0.39, 0.74, 0.56, 0.55),
    "a2mid": (0.69, 0.84, 0.45, 0.39, 0.73, 0.61, 0.51),
    "joint": (0.72, 0.79, 0.46, 0.34, 0.74, 0.63, 0.57),
}
"""Table 3, which lists rhythmic stability before complexity."""

FIXED36_EMOTION_SCORES: Numbers = {
    "a2e": (0.82, 0.76, 0.83, 0.88, 0.78, 0.52, 0.45, 0.82, 0.73),
    "joint": (0.73, 0.72, 0.75, 0.78, 0.66, 0.65, 0.47, 0.68, 0.68),
}
"""The 2025 study: mean over ten starts on the published 36 test excerpts; the ninth number is the average."""


PAIR_PREDICTIONS: Numbers = {
    "153": (0.28, 0.37, 0.40, 0.28, 0.41, 0.17, 0.20, 0.18),
    "322": (0.39, 0.50, 0.46, 0.23, 0.27, 0.21, 0.23, 0.23),
}
"""Table 4: predicted emotions, x 0.1 scale, of two songs with similar emotions but different qualities."""
PAIR = ("153", "322")
"""They maximise the paper's d_comb."""
