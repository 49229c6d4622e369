"""The most frequent hashtags of a window, counted independently of the measured programs."""
import re
from collections import Counter
from functools import cache

from .programs import TWEETS, Failed


@cache
def tags_of(file):
    return Counter(re.findall(rb"#\w+", file.read_bytes()))


def top(last, window):
    """The expected output for the window that ends with slide `last`, counted from 0."""
    files, total = sorted(TWEETS.iterdir()), Counter()
    for slide in range(max(0, last + 1 - window), last + 1):
        total.update(tags_of(files[slide % len(files)]))
    best = sorted(total.items(), key=lambda tag: (-tag[1], tag[0]))[:10]
    return ",".join(f"{tag.decode()}:{count}" for tag, count in best)


def check(line, last, window):
    if line["top"] != top(last, window):
        raise Failed(f"the hashtags of a window of {window} slides are {line['top']}, not {top(last, window)}")
