"""The best slate of one visit when the worth of each click is known.

With worths v, weights w, place factors b and worth v0 of no click, a slate S earns (v0 + sum b w v) / (1 + sum b w).
The best ratio is found by Dinkelbach's iteration: against a ratio rho a slate gains sum b w (v - rho), which is largest
for the items with the largest w (v - rho) above 0, the larger the higher (the rearrangement inequality). Where all
worths are equal this is sorting by weight; without place factors it is the top-k assortment of the logit.
"""

from __future__ import annotations

from bizgyms.compiled import jit
from envs_data.arrays import Floats, Ints

# A ratio that grows by less than this share of itself has been found.
DONE = 1e-13


@jit
def best_slate(worth: Floats, weights: Floats, nothing: float, places: Floats, slate: Ints, gains: Floats) -> float:
    """The largest expected worth of a visit.

    Args:
        worth: [items] worth of a click.
        weights: [items] weight of each item beside 1 for no click; 0 where it cannot be shown.
        nothing: worth of no click.
        places: [slate] factor of each place, falling.
        slate: [slate] receives the items, -1 for a place that is better left empty.
        gains: [slate] room to work in.
    """
    ratio = nothing
    while True:
        slate[:] = -1
        gains[:] = 0.0
        for item in range(len(worth)):
            gain = weights[item] * (worth[item] - ratio)
            if gain > gains[-1]:
                place = len(slate) - 1
                while place > 0 and gain > gains[place - 1]:
                    gains[place], slate[place] = gains[place - 1], slate[place - 1]
                    place -= 1
                gains[place], slate[place] = gain, item
        above, below = nothing, 1.0
        for place in range(len(slate)):
            item = slate[place]
            if item >= 0:
                weight = places[place] * weights[item]
                above += weight * worth[item]
                below += weight
        better = above / below
        if better <= ratio + DONE * abs(ratio):
            return ratio
        ratio = better
