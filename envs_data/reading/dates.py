"""Dates and times in anybody's notation.

A column has one notation: the one that reads every cell. Where two read every cell and disagree (03/04/2024 is in March
or in April), the column is refused and both readings are named; where none does, the cells that differ are named.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

CLOCK = (
    r"(?:[T ,]+(?P<h>\d{1,2}):(?P<i>\d{2})(?::(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
    r"\s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?"
)
# First letters of the months in English, German, French, Spanish and Italian, without accents.
MONTHS: Mapping[int, str] = {
    1: "jan janv januar january januario enero ene gennaio gen janvier",
    2: "feb febr februar february febrero febbraio fevrier fev",
    3: "mar marz march maerz mrz marzo mars",
    4: "apr april abril abr aprile avril avr",
    5: "may mai mayo maggio mag",
    6: "jun juni june junio giugno giu juin",
    7: "jul juli july julio luglio lug juillet juil",
    8: "aug august agosto ago aout",
    9: "sep sept september septiembre settembre set septembre",
    10: "oct october okt oktober octubre ottobre ott octobre",
    11: "nov november noviembre novembre",
    12: "dec december dez dezember diciembre dic dicembre decembre",
}
MONTH_OF = {word: month for month, words in MONTHS.items() for word in words.split()}
PLAIN = str.maketrans("äáàâéèêëíìîóòôöúùûüç", "aaaaeeeeiiioooouuuuc")
# Days a log can hold.
EARLIEST, LATEST = 1900, 2999
SAMPLE = 200
"""Distinct texts by which notations are chosen."""
OFFSETS_APART = 60
"""Minutes by which summer time moves a clock."""


@dataclasses.dataclass(frozen=True)
class Style:
    """A notation of dates.

    Attributes:
        name: what ``--read dates=`` calls it.
        words: what a message calls it.
        pattern: what a cell looks like.
        covers: what a cell stands for: ``moment``, ``day``, ``week`` or ``month``.
    """

    name: str
    words: str
    pattern: re.Pattern[str]
    covers: str = "day"


def _style(name: str, words: str, pattern: str, covers: str = "day") -> Style:
    return Style(name, words, re.compile(pattern, re.IGNORECASE), covers)


DAY, MONTH, YEAR, SHORT = r"(?P<d>\d{1,2})", r"(?P<m>\d{1,2})", r"(?P<y>\d{4})", r"(?P<y>\d{4}|\d{2})"
NAMED = r"(?P<b>[^\W\d_]{3,10})\.?"
STYLES: tuple[Style, ...] = (
    _style("ymd", "year-month-day", rf"{YEAR}[-./ ]{MONTH}[-./ ]{DAY}{CLOCK}"),
    _style("yyyymmdd", "year, month and day without marks", rf"{YEAR}(?P<m>\d{{2}})(?P<d>\d{{2}}){CLOCK}"),
    _style("dmy", "day-month-year", rf"{DAY}(?P<mark>[-./ ]){MONTH}(?P=mark){SHORT}{CLOCK}"),
    _style("mdy", "month-day-year", rf"{MONTH}(?P<mark>[-/ ]){DAY}(?P=mark){SHORT}{CLOCK}"),
    _style("dby", "day, name of the month and year", rf"{DAY}[-./ ]*{NAMED}[-.,/ ]*{SHORT}{CLOCK}"),
    _style(
        "bdy", "name of the month, day and year", rf"{NAMED}[-./ ]*{DAY}(?:st|nd|rd|th)?(?:,\s*|[-/ ]+){YEAR}{CLOCK}"
    ),
    _style(
        "yyyymmddhhmmss",
        "year to seconds, or to milliseconds, without marks",
        rf"{YEAR}(?P<m>\d{{2}})(?P<d>\d{{2}})(?P<h>\d{{2}})(?P<i>\d{{2}})(?:(?P<s>\d{{2}})(?P<f>\d{{3}})?)?",
    ),
    _style("unix", "seconds since 1970", r"(?P<unix>\d{9,10})(?:\.\d+)?"),
    _style("unix_ms", "milliseconds since 1970", r"(?P<unix_ms>\d{12,13})(?:\.0+)?"),
    _style("ym", "year-month", rf"{YEAR}[-./]{MONTH}", "month"),
    _style("my", "month-year", rf"{MONTH}[-./]{YEAR}", "month"),
    _style("yyyymm", "year and month without a mark", r"(?P<y>(?:19|20|21)\d{2})(?P<m>0[1-9]|1[0-2])", "month"),
    _style("by", "name of the month and year", rf"{NAMED}[-./' ]*{SHORT}", "month"),
    _style("week", "year and week", rf"{YEAR}-?W(?P<w>\d{{2}})(?:-?(?P<wd>[1-7]))?", "week"),
)
BY_NAME = {style.name: style for style in STYLES}


@dataclasses.dataclass(frozen=True)
class Dates:
    """A column of dates as it was read.

    Attributes:
        times: moments without a zone; NaT where a cell could not be read.
        style: its notation; None where no cell could be read.
        sample: a cell of it, for messages.
        rival: another notation that reads the same cells, to other days; None where there is none.
        others: notations of cells that ``style`` cannot read, each with such a cell.
        zones: distinct offsets that cells end with, an empty text for cells without; empty where no cell has one.
    """

    times: pd.Series
    style: Style | None
    sample: str = ""
    rival: Style | None = None
    others: tuple[tuple[Style, str], ...] = ()
    zones: tuple[str, ...] = ()

    @property
    def fact(self) -> str:
        """What was understood; empty for the plain notation."""
        return "" if self.style is None or self.style.name == "ymd" else f"{self.sample} as {self.style.words}"


def read_dates(raw: pd.Series, wanted: str | None = None) -> Dates:
    """Reads a column.

    Args:
        raw: texts; empty cells missing.
        wanted: name of the style, where the user says it.
    """
    codes, distinct = pd.factorize(raw)
    texts = pd.Series([str(text).strip() for text in distinct], dtype=object)
    styles = [BY_NAME[wanted]] if wanted else _candidates(texts)
    tried = [(style, _read(texts, style)) for style in styles]
    best, times = max(tried, key=lambda pair: int(pair[1].notna().sum()), default=(None, texts))
    if best is None or times.isna().all():
        return Dates(pd.Series(pd.NaT, index=raw.index, dtype="datetime64[ms]"), None)
    read = times.notna()
    rivals = ((s, t) for s, t in tried if s is not best and t[read].notna().all() and not t.equals(times))
    rival, other = next(rivals, (None, times))
    if rival is not None and _first_days(times) != _first_days(other):
        best, times, rival = (best, times, None) if _first_days(times) else (rival, other, None)
    unread = texts[~read].head(SAMPLE)
    others = [] if wanted else [(s, str(unread[t].iloc[0])) for s in STYLES if (t := _read(unread, s).notna()).any()]
    zones = dict.fromkeys(_zone(match) for text in texts if (match := best.pattern.fullmatch(text)))
    taken = times.take(np.where(codes < 0, 0, codes)).where(codes >= 0)
    taken.index = raw.index
    return Dates(taken, best, str(texts[read].iloc[0]), rival, tuple(others), tuple(zones) if any(zones) else ())


def _first_days(times: pd.Series) -> bool:
    """Whether dates are the first days of the months of several years, which else are twelve days of each January."""
    known = times.dropna()
    return bool((known.dt.day == 1).all() and known.dt.year.nunique() > 1 and known.dt.month.nunique() > 1)


def _candidates(texts: pd.Series) -> list[Style]:
    """Notations that read one of some texts at least: reading all texts in all notations would take seconds."""
    some = texts.iloc[:: max(1, len(texts) // SAMPLE)]
    return [style for style in STYLES if _read(some, style).notna().any()]


def _zone(match: re.Match[str]) -> str:
    return match.groupdict().get("zone") or ""


def _read(texts: pd.Series, style: Style) -> pd.Series:
    """Texts in one notation; NaT where they are not of it."""
    matches = [style.pattern.fullmatch(text) for text in texts]
    parts = pd.DataFrame([match.groupdict() if match else {} for match in matches], index=texts.index)
    for name, thousand in (("unix", 1_000), ("unix_ms", 1)):
        if name in parts:
            since = pd.to_numeric(parts[name]) * thousand
            return _sane(pd.to_datetime(since, unit="ms").astype("datetime64[ms]"))
    if parts.empty or "y" not in parts:
        return pd.Series(pd.NaT, index=texts.index, dtype="datetime64[ms]")
    return _sane(_weeks(parts) if "w" in parts else _moments(parts))


def _moments(parts: pd.DataFrame) -> pd.Series:
    year = _years(parts["y"])
    month = _named_months(parts["b"]) if "b" in parts else _whole(parts, "m", 0)
    day = _whole(parts, "d", 1)
    hour = _hours(parts)
    fields = {"year": year, "month": month, "day": day, "hour": hour}
    fields |= {"minute": _whole(parts, "i", 0), "second": _whole(parts, "s", 0), "ms": _milliseconds(parts)}
    return _assembled(fields, year.between(EARLIEST, LATEST))


def _assembled(fields: Mapping[str, pd.Series | float], inside: pd.Series) -> pd.Series:
    """Moments of their fields; NaT where there is no such moment."""
    frame: pd.DataFrame = pd.DataFrame(fields).where(inside)
    moments: pd.Series = pd.to_datetime(frame, errors="coerce").astype("datetime64[ms]")
    return moments


def _whole(parts: pd.DataFrame, name: str, default: int) -> pd.Series:
    if name not in parts:
        return pd.Series(float(default), index=parts.index).where(parts["y"].notna())
    return pd.to_numeric(parts[name]).fillna(default).where(parts["y"].notna())


def _years(texts: pd.Series) -> pd.Series:
    """Years of two digits lie between 1970 and 2069."""
    years = pd.to_numeric(texts)
    return years.where(texts.str.len() > 2, years + np.where(years < 70, 2000, 1900))


def _named_months(words: pd.Series) -> pd.Series:
    return words.map(lambda word: MONTH_OF.get(word.lower().translate(PLAIN), np.nan), na_action="ignore").astype(float)


def _hours(parts: pd.DataFrame) -> pd.Series:
    hours = _whole(parts, "h", 0)
    if "half" not in parts or parts["half"].isna().all():
        return hours
    after_noon = parts["half"].str.lower().str.startswith("p")
    twelve = parts["half"].notna() & (hours == 12)
    return hours.mask(twelve, 0) + 12 * after_noon.fillna(False).astype(float)


def _milliseconds(parts: pd.DataFrame) -> pd.Series:
    if "f" not in parts or parts["f"].isna().all():
        return pd.Series(0.0, index=parts.index)
    return pd.to_numeric("0." + parts["f"].fillna("0")).mul(1000).floordiv(1)


def _weeks(parts: pd.DataFrame) -> pd.Series:
    """Monday of a week as ISO 8601 counts them, or the day of it that a cell names."""
    year, week = _whole(parts, "y", 0), _whole(parts, "w", 1)
    inside = year.between(EARLIEST, LATEST) & week.between(1, 53)
    fourth = _assembled({"year": year, "month": 1.0, "day": 4.0}, inside)
    monday = fourth - pd.to_timedelta(fourth.dt.day_of_week, unit="D")
    days = (week - 1) * 7 + _whole(parts, "wd", 1) - 1
    named: pd.Series = (monday + pd.to_timedelta(days.where(inside), unit="D")).astype("datetime64[ms]")
    return named


def _sane(times: pd.Series) -> pd.Series:
    return times.where(times.dt.year.between(EARLIEST, LATEST))


def one_clock(zones: Sequence[str]) -> bool:
    """Whether offsets are those of one place: one, or two that summer time sets an hour apart."""
    minutes = sorted({_minutes(zone) for zone in zones})
    return len(minutes) < 2 or (len(minutes) == 2 and minutes[1] - minutes[0] == OFFSETS_APART)


def _minutes(zone: str) -> int:
    if zone.upper() in ("Z", "UTC"):
        return 0
    digits = zone[1:].replace(":", "")
    return (-1 if zone[0] == "-" else 1) * (60 * int(digits[:2]) + int(digits[2:]))
