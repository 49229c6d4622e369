"""Statistics of repeated measurements: medians, spreads, and ratios between programs that took turns."""
import statistics


def median(values):
    return statistics.median(values) if values else float("nan")


def number(value):
    """Three significant digits, without an exponent."""
    if value != value:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    if abs(value) >= 1:
        return f"{value:.2f}"
    return f"{value:.3f}"


def spread(values):
    """The median, with the smallest and the largest value."""
    if not values:
        return "–"
    if len(values) == 1:
        return number(values[0])
    return f"{number(median(values))} ({number(min(values))}–{number(max(values))})"


def ratio(values, others):
    """The median of the ratios between values of the same turn, with the smallest and the largest."""
    pairs = [a / b for a, b in zip(values, others) if b]
    if not pairs:
        return "–"
    digits = 0 if median(pairs) >= 20 else 1 if median(pairs) >= 3 else 2
    low, middle, high = (f"{x:,.{digits}f}" for x in (min(pairs), median(pairs), max(pairs)))
    return f"{middle} ({low}–{high})" if len(pairs) > 1 else middle


def interleaved(rounds, programs, warm_up=True):
    """Lets the programs take turns: {label: [reading of each round]}.

    `programs` maps a label to a function that runs the program once and returns its reading. The warm-up
    round is not recorded.
    """
    readings = {label: [] for label in programs}
    for turn in range(-1 if warm_up else 0, rounds):
        for label, run in programs.items():
            reading = run()
            if turn >= 0:
                readings[label].append(reading)
    return readings


def column(readings, key):
    """The values of one key of a list of readings."""
    return [reading[key] for reading in readings]
