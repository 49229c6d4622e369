"""BENCHMARKS.md: what was measured, on what, and how to measure it again."""

HEAD = """# Benchmarks

Measured by `Benchmarks/run`, which also wrote this page. Within a section the programs took turns, so that all of them
saw the same machine; figures of different sections may have been taken at different loads. A figure is the median of
the rounds, with the smallest and the largest in parentheses; a ratio is that of figures of the same turn. MB are 10^6
bytes. *C* is a word count written by hand (`Benchmarks/peers/limit/word_count.c`), with AVX2 where the processor has it;
*C, SSE2* is the same without, in vectors as wide as Martlet's; *C, prefetching* is tuned further, until its cache
misses overlap. *Spark* is the same program in Spark Streaming's DStreams (`Benchmarks/peers/spark`). A *goal* is what the project
has set itself, on a quiet machine with two cores.
"""


def table(columns, rows):
    lines = [columns, ["---"] * len(columns)] + rows
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def stolen(section):
    """What the host gave to other guests, where that was recorded."""
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
