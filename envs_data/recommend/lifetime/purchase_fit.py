"""From a table of customers who buy to a shop that recommends: fitted, known and assumed fields."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from envs_data.fits import DRAWS, BackTest
from envs_data.fitting import Fields, Fitting, public
from envs_data.parameters import Origin
from envs_data.recommend.bg_nbd import returns_of
from envs_data.recommend.customers import TOTALS, Customers, read_customers, with_one_time
from envs_data.recommend.estimation import (
    VISITS,
    Estimate,
    estimate_spend,
    estimate_visits,
    visits_notes,
    visits_origins,
    visits_text,
)
from envs_data.recommend.lifetime import SCENARIOS, LifetimeParameters, checks
from envs_data.recommend.lifetime.purchase_back_test import back_test
from envs_data.recommend.spend import GammaSpend
from envs_data.tables import Table, TableError

LEAST_CUSTOMERS, LEAST_SPENDERS = 30, 30
# Known besides the fields: days in a summary's unit of time, the share of what is spent that is margin, and how many
# customers who bought once are missing in the table.
UNIT, SHARE, ONE_TIME = "unit_days", "margin_share", "one_time"
MOST_ONE_TIME = 1_000_000
ASSUMED_SHARE = 0.3
# The shop around the visits.
BASE = "cdnow"
REPEATERS = (
    "Nobody in it bought once only: one-time buyers were probably left out, which makes repeat rates up to three times "
    "too high; add them, or say how many there are (--known one_time=120, or 0). Until then customers are fitted given "
    "that they came back.  "
)
OPEN = "How visits and drop-out depend on what is shown is not identified: purchases do not say what that was"


class PurchaseFit(Fitting[LifetimeParameters]):
    """Fits when customers come back, when they stop, and what they spend.

    Visits follow the BG/NBD law, fitted by maximum likelihood, a purchase being a visit; what is spent at a purchase is
    gamma with a mean of each customer's own. The table says nothing of what customers are shown: catalogue and tastes
    are those of the scenario ``cdnow``, assumed, with margins that fit what is spent. That what is shown changes visits
    and drop-out is not identified, and taken not to, unless ``pull`` and ``hold`` are known.

    The table has purchases (customer, date, amount), or is a summary with a row a customer (frequency, recency, age):
    see `envs_data.recommend.customers`. Customers who first bought before ``since`` are left out. Known are fields of
    `LifetimeParameters`; ``unit_days``, days in a summary's unit of time; ``margin_share``, the share of what is
    spent that is margin; and ``one_time``, how many customers who bought once a table without any leaves out. Until
    that is known the likelihood is that of customers given that they came back.
    """

    kind = LifetimeParameters
    fitted_to = "purchases"
    more = (UNIT, SHARE, ONE_TIME)

    def check_values(self) -> None:
        """Values must be possible in the shop around the visits."""
        SCENARIOS[BASE].replace(**self.known)

    def problems(self) -> Iterator[str]:
        """Impossible values of what is no field."""
        for name, most in ((UNIT, 366.0), (SHARE, 1.0)):
            value = self.given.get(name, most)
            if not isinstance(value, (int, float)) or not 0 < value <= most:
                yield f"{name} is {value!r}; it must be above 0 and at most {most:g}"
        count = self.given.get(ONE_TIME, 0)
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= MOST_ONE_TIME:
            yield f"{ONE_TIME} is {count!r}; it must be a whole number of customers up to {MOST_ONE_TIME:,}"

    def read_table(self) -> Table:
        """What the table says of customers, of whom there must be enough."""
        table, self.customers = read_customers(self.source, self.given.get(UNIT), **self.asked)
        _check_enough(table, self.customers)
        everybody = bool(self.customers.cohort.frequency.all())
        if ONE_TIME in self.given and not everybody:
            problem = f"{ONE_TIME} is known, but the table has customers who bought once: leave it out"
            raise TableError(table.where, [problem])
        self.customers = with_one_time(self.customers, self.given.get(ONE_TIME, 0))
        self.repeaters = everybody and ONE_TIME not in self.given
        return table

    def estimate(self) -> None:
        """Estimates when customers come back, and what they spend."""
        self.visits = estimate_visits(self.customers.cohort, self.repeaters)
        self.spend = _spend_of(self.customers)
        self.share = self.given.get(SHARE, ASSUMED_SHARE)

    def fields(self) -> Fields:
        """The fitted visits in the assumed shop."""
        base, spend = SCENARIOS[BASE], self.spend
        values = {**base.to_dict(), **{name: getattr(self.visits.law, name) for name in VISITS}}
        origins = visits_origins(self.visits)
        shop = "The table says nothing of what customers are shown."
        assumed = ("items", "segments", "slate", "topics", "boredom", "days")
        origins |= {name: Origin("assumed", note=shop) for name in assumed}
        origins |= {name: Origin("assumed", note=f"{OPEN}.") for name in ("pull", "hold")}
        if spend is not None:
            note = f"{shop} Margins are {self.share:.0%} of what is spent in the mean."
            origins["items"] = Origin("assumed", note=note)
        if spend is not None and np.isfinite(spend.law.mean):
            factor = self.share * spend.law.mean / float(np.mean([item.margin for item in base.items]))
            values["items"] = [{**item.to_dict(), "margin": item.margin * factor} for item in base.items]
        return values, origins

    def draws(self) -> list[dict[str, float]]:
        """The law of visits."""
        return self.visits.draws(DRAWS, self.rng())

    def back_test(self) -> BackTest:
        """Purchases of the last weeks, or of a fifth of the customers."""
        if self.repeaters:
            return BackTest("the last weeks", problems=("without customers who bought once it cannot be checked",))
        return back_test(self.customers)

    def checks(self) -> list[str]:
        """When customers return."""
        if self.repeaters:
            return []
        cohort, bought = self.customers.cohort, self.customers.purchases
        if bought is None:
            return checks.of_visits(self.visits.law, cohort, None)
        returns = returns_of(bought["customer"].to_numpy(), bought["day"].to_numpy())
        return checks.of_visits(self.visits.law, cohort, returns)

    def describe_table(self) -> tuple[str, ...]:
        """How many customers, and how often they came back."""
        cohort, purchases = self.customers.cohort, self.customers.purchases
        kind = "summaries" if purchases is None else f"{len(purchases):,} purchases"
        read = f"{kind} of {len(cohort.age):,} customers with {int(cohort.frequency.sum()):,} repeats"
        return read, f"{REPEATERS if self.repeaters else ''}Their visits: RecommendLifetime."

    def describe_estimates(self) -> Iterator[str]:
        """The laws of visits and of spend."""
        mean = float(self.visits.law.expected(np.array(365.0)))
        yearly = f"; a year brings {mean:.2f} repeats a customer" if np.isfinite(mean) else ""
        yield f"{visits_text(self.visits)}{yearly}"
        if self.spend is not None and not np.isfinite(self.spend.law.mean):
            yield "spend differs so much between customers that its mean is not identified"
        elif self.spend is not None:
            yield f"spend {self.spend.law.mean:.4g} a purchase, gamma around a mean of each customer's own"

    def closing_lines(self) -> Iterator[tuple[str, str]]:
        """The margin is asked for where there is spend to take it from."""
        guessed = self.spend is not None and SHARE not in self.given
        money = f"margin {self.share:.0%} of spend; " if guessed else ""
        yield "assumed", f"{money}catalogue and tastes of scenario {BASE}"
        if not {"pull", "hold"} & {*self.given}:
            yield "open", f"{OPEN}. Until then they are assumed not to depend on it (--known pull=.5 hold=1)."
        if guessed:
            yield self.type_line({SHARE: ASSUMED_SHARE})

    def notes(self) -> Iterator[str]:
        """What a purchase stands for, and who has stopped."""
        yield "A purchase counts as a visit: the table has no visits without one."
        yield from visits_notes(self.visits)
        if not {"a", "b"} & {name for name, origin in self.origins.items() if origin.kind == "assumed"}:
            left = 1 - float(self.visits.law.alive(self.customers.cohort).mean())
            yield f"By the fit {left:.0%} of the customers have stopped for good."

    def would_help(self) -> Iterator[str]:
        """Columns and tables that would replace a guess by knowledge."""
        columns = "customer, time, item, position, clicked"
        yield f"a log of what was shown and clicked ({columns}), which tells appeal and taste"
        if self.spend is None:
            yield "a column for the amount of each purchase, without which margins are assumed"
        if self.customers.purchases is None:
            yield "the purchases themselves (customer, date, amount), with which the fit can be checked over time"


def _check_enough(table: Table, customers: Customers) -> None:
    count, repeats = len(customers.cohort.age), int(customers.cohort.frequency.sum())
    if count >= LEAST_CUSTOMERS and repeats:
        return
    seen = f"{count} customer{'' if count == 1 else 's'} and {repeats} repeat purchases"
    problem = f"{seen}; at least {LEAST_CUSTOMERS} customers are needed"
    # Many rows of few customers are often no customers at all.
    many = "customer" in table.mapping and len(table.frame) >= LEAST_CUSTOMERS
    hint = [f"column {table.mapping['customer']!r}: {TOTALS}"] if many else []
    raise TableError(table.where, [f"{problem}, and some of them must come back", *hint])


def _spend_of(customers: Customers) -> Estimate[GammaSpend] | None:
    """The law of amounts; None if too few are known."""
    usable = (customers.cohort.frequency > 0) & (customers.amount > 0)
    if usable.sum() < LEAST_SPENDERS:
        return None
    return estimate_spend(customers.amount[usable], customers.cohort.frequency[usable])


fit = public(PurchaseFit.fit)
