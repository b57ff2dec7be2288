"""Numbers as they are shown: signs, decimals, sums that add up on the screen, lengths of time."""

from collections.abc import Mapping, Sequence

MINUS = "\N{MINUS SIGN}"

_SIZES = ((0.05, "small"), (0.3, "moderate"), (0.8, "large"), (1.0, "very large"))


def standing(percentile: float) -> str:
    """A place among the reference: `higher than 83 %`."""
    if percentile >= 100:
        return "higher than all"
    if percentile <= 0:
        return "lower than all"
    if percentile >= 50:
        return f"higher than {_percent(percentile)} %"
    return f"lower than {_percent(100 - percentile)} %"


def signed(number: float, decimals: int = 1) -> str:
    """`+1.2`, `−0.4` or ` 0.0`: never a sign before a rounded zero."""
    text = f"{abs(number):.{decimals}f}"
    if float(text) == 0:
        return f" {text}"
    return f"{'+' if number > 0 else MINUS}{text}"


def decimal(number: float, decimals: int = 1) -> str:
    """`6.1`, `−0.4`, never `−0.0`."""
    return signed(number, decimals).lstrip("+ ")


def tick(number: float) -> str:
    """`9`, `−1`, `2.5`: a number at an axis."""
    return f"{number:g}".replace("-", MINUS)


def spaced(number: float, decimals: int = 1) -> str:
    """`+ 1.2`, `− 0.4`, `+ 0.0`: a rounded number as the next term of a sum."""
    return f"{MINUS if number < 0 else '+'} {decimal(abs(number), decimals)}"


def shown_difference(value: float, base: float, decimals: int = 1) -> float:
    """The difference of two numbers as they are shown, so that it adds up on the screen."""
    return round(round(value, decimals) - round(base, decimals), decimals)


def rounded_to_sum(numbers: Sequence[float], total: float, decimals: int = 1) -> list[float]:
    """Numbers rounded such that what is shown adds up to `total`, itself a rounded number.

    Where plain rounding misses the total, the numbers that lie nearest to the next step take it.
    """
    steps = 10**decimals
    rounded = [round(number * steps) for number in numbers]
    missing = round(total * steps) - sum(rounded)
    step = 1 if missing > 0 else -1
    by_error = sorted(
        range(len(numbers)), key=lambda index: (numbers[index] * steps - rounded[index]) * step, reverse=True
    )
    for index in by_error[: abs(missing)]:
        rounded[index] += step
    return [number / steps for number in rounded]


def shown_effects(effects: Mapping[str, float], value: float, base: float) -> dict[str, float]:
    """Effects rounded such that with `base`, as both are shown, they add up to `value`."""
    return dict(
        zip(effects, rounded_to_sum(list(effects.values()), shown_difference(value, base)), strict=True)
    )


def change_size(closer: float) -> str:
    """A distance by the share of pairs of pieces that are closer: `a large change: 6 of 10 pairs of ...`."""
    tenths = round(10 * closer)
    size = next(word for limit, word in _SIZES if closer <= limit)
    if tenths == 0:
        return f"a {size} change: nearly all pairs of pieces are farther apart"
    if tenths == 10:
        return f"a {size} change: hardly any two pieces are that far apart"
    return f"a {size} change: {tenths} of 10 pairs of pieces are closer"


def percent(share: float) -> str:
    """`33`, or `0.4` where little is not nothing."""
    return f"{100 * share:.{0 if share >= 0.01 else 1}f}"


def seconds(number: float) -> str:
    """`12 s`, or `0.5 s` of less than one."""
    return f"{number:.{0 if number >= 1 else 1}f} s"


def pieces(count: int) -> str:
    """`1 piece`, `20 pieces`"""
    return "1 piece" if count == 1 else f"{count} pieces"


def duration(seconds: float) -> str:
    """`0:15`, `3:07`, `1:02:03`."""
    minutes, second = divmod(round(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def _percent(percentile: float) -> int:
    return max(1, min(99, round(percentile)))
