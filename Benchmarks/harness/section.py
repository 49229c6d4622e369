"""The contents of a section of the report, and the extent of its measurements."""
import time
from dataclasses import asdict, dataclass, field

from . import machine


@dataclass
class Settings:
    rounds: int = 5
    spark_rounds: int = 3
    spark: bool = True


@dataclass
class Section:
    title: str
    text: str
    columns: list
    rows: list
    commands: list
    readings: dict = field(default_factory=dict)
    revision: str = field(default_factory=machine.revision)
    date: str = field(default_factory=lambda: time.strftime("%Y-%m-%d %H:%M", time.gmtime()))
    load: float = field(default_factory=machine.load)

    def as_json(self):
        return asdict(self)
