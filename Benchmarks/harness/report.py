"""BENCHMARKS.md: the measurements, the machine, and the commands to repeat them."""

HEAD = """# Benchmarks

`Benchmarks/run` makes the measurements and writes this page. Within a section the programs took turns, so that all of
them saw the same machine; different sections may have been measured at different loads. A figure is the median of the
rounds, with the smallest and the largest in parentheses; a ratio compares figures of the same turn. MB are 10^6 bytes.
*C* is a hand-written word count (`Benchmarks/peers/limit/word_count.c`), with AVX2 where the processor has it; *C,
SSE2* is the same without AVX2, in vectors as wide as Martlet's; *C, prefetching* is tuned further, so that its cache
misses overlap. *Spark* is the same program with the DStreams of Spark Streaming (`Benchmarks/peers/spark`). A *goal* is
a target of the project, on a quiet machine with two cores.
"""


def table(columns, rows):
    lines = [columns, ["---"] * len(columns)] + rows
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def stolen(section):
    """The share that the host gave to other guests, if it was recorded."""
    share = section.get("stolen")
    return "" if share is None else f"; the host gave {share:.0%} of the processor time asked for to others"


def render(results):
    parts = [HEAD.strip(), table(["", ""], results["machine"])]
    for section in results["sections"].values():
        commands = "\n".join(f"    {command}" for command in section["commands"])
        parts.append(
            f"## {section['title']}\n\n{section['text']}\n\n{table(section['columns'], section['rows'])}\n\n{commands}\n\n"
            f"Martlet at {section['revision']}, {section['date']} UTC; the machine's load was "
            f"{section['load_before']:.1f} before and {section['load']:.1f} at the end{stolen(section)}.")
    return "\n\n".join(parts) + "\n"
