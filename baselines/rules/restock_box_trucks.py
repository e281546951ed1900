"""Orders of a box rounded to whole trucks."""

from __future__ import annotations

import numpy as np

from bizgyms.compiled import jit
from envs_data.arrays import Floats, Ints


@jit
def round_to_trucks(
    packs: Ints,
    position: Floats,
    mean: Floats,
    pack: Ints,
    max_packs: Ints,
    fill: Floats,
    truck: int,
) -> None:
    """Adds packs of the items with the least cover, or takes away those with most, until trucks are full.

    Adding stops before a truck overflows; taking away goes on until nothing is left over.

    Args:
        packs: [worlds, items] orders, changed.
        position: [worlds, items] inventory position before them, in units.
        mean: [items] mean demand a day.
        pack: [items] units in a pack.
        max_packs: [items] largest orders.
        fill: [worlds] a last truck less full than this share does not set out.
        truck: units a truck carries.
    """
    for world in range(len(packs)):
        total = (packs[world] * pack).sum()
        full = max(fill[world] * truck, 1.0)
        short = (total // truck + (1 if total % truck >= full else 0)) * truck - total
        sign = 1 if short > 0 else -1
        while short != 0:
            chosen, least = -1, np.inf
            for k in range(len(pack)):
                possible = packs[world, k] < max_packs[k] and pack[k] <= short if sign > 0 else packs[world, k] > 0
                cover = sign * (position[world, k] + packs[world, k] * pack[k]) / mean[k]
                if possible and cover < least:
                    chosen, least = k, cover
            if chosen < 0:
                break
            packs[world, chosen] += sign
            short -= sign * pack[chosen]
            if sign * short < 0:
                break
