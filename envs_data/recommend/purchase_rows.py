"""What single rows of purchases say: what was spent, and what was sent back."""

from __future__ import annotations

from typing import Any

import pandas as pd

from envs_data.tables import TableError

AN = {"amount": "an amount", "quantity": "a quantity"}


def rows(count: int) -> str:
    """So many rows, in words."""
    return f"{count:,} row{'' if count == 1 else 's'}"


def spent(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with what each spent: as it is written, or the price of one times the quantity."""
    if "price" in frame and "amount" not in frame:
        frame = frame.assign(amount=frame["price"] * frame.get("quantity", 1))
    return frame


def without_returns(frame: pd.DataFrame, where: str) -> tuple[Any, ...]:
    """Purchases, less what was sent back of the customer's last one, and notes on it."""
    sign = next((name for name in ("amount", "quantity") if name in frame), "")
    if not sign or (frame[sign] > 0).all():
        return (frame,)
    nothing, returned = int((frame[sign] == 0).sum()), frame[sign] < 0
    notes = [f"{rows(nothing)} with {AN[sign]} of 0: purchases all the same."] if nothing else []
    if not returned.any():
        return (frame, *notes)
    if returned.all():
        raise TableError(where, ["all amounts are below 0, as returns are; the purchases are missing"])
    if sign == "quantity":
        return (frame[~returned], *notes, f"{rows(int(returned.sum()))} with a quantity below 0: returns, left out.")
    bought = frame[~returned].sort_values("date", kind="stable")
    back = frame[returned].sort_values("date", kind="stable")
    keys = bought[["customer", "date"]].assign(row=bought.index)
    matched = pd.merge_asof(back, keys, on="date", by="customer").dropna(subset="row")
    sent_back = matched.groupby("row")["amount"].sum()
    amount = bought["amount"].add(sent_back, fill_value=0.0).clip(lower=0.0)
    lost = len(back) - len(matched)
    note = f"{rows(len(back))} with an amount below 0: returns, subtracted from the customer's last purchase"
    notes.append(f"{note}{f' ({lost:,} without one)' if lost else ''}.")
    return (bought.assign(amount=amount).sort_index(), *notes)
