"""The machine and the versions of the measurements."""
import os
import platform
import subprocess
from pathlib import Path

from . import programs


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=programs.REPOSITORY)
    except (OSError, subprocess.CalledProcessError):
        return "not found"
    return ((done.stdout + done.stderr).strip().splitlines() or [""])[0]


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def facts(spark):
    """Pairs of name and value, for the head of the report."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    avx2 = "with AVX2" if "avx2" in Path("/proc/cpuinfo").read_text() else "without AVX2"
    versions = [
        ("processor", f"{processor()}, {os.cpu_count()} logical, {avx2}"),
        ("memory", f"{memory:.0f} GiB"),
        ("system", f"{platform.system()} {platform.release()}"),
        ("Swift", first_line("swift", "--version")),
        ("C", first_line(os.environ.get("CC", "cc"), "--version")),
    ]
    if spark:
        requirement = (programs.PEERS / "spark" / "requirements.txt").read_text().strip()
        versions += [("Spark", requirement.replace("==", " ")), ("Java", first_line("java", "-version"))]
    return versions


def revision():
    sources = ("--", ".", ":!BENCHMARKS.md")  # the report itself is not a change of the sources
    changed = " with changes" if first_line("git", "status", "--porcelain", "--untracked-files=no", *sources) else ""
    return first_line("git", "rev-parse", "--short", "HEAD") + changed


def load():
    return os.getloadavg()[0]


def processor_times():
    """The ticks of the processors: those of programs and of the system, and those that the host gave to other guests.
    None if the system does not report them."""
    try:
        ticks = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    except OSError:
        return None
    return {"stolen": ticks[7], "worked": ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]}


def stolen_share(before):
    """The share of the requested processor time that the host has given to others since `before`."""
    now = processor_times()
    if before is None or now is None:
        return None
    stolen, worked = (now[key] - before[key] for key in ("stolen", "worked"))
    return stolen / max(1, stolen + worked)
