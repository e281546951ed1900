"""Every case of the registry against the contract, in every scenario."""

import pytest

import bizgyms
from bizgyms.testing.checks import REFERENCE, Check, applicable
from bizgyms.testing.play import Subject

# References that are computed and simulated within a second. Those of cases not named here are all slow tests.
QUICK_REFERENCES = {
    "BiddingAuction": {"first-price", "second-price", "tiny-first-price", "tiny-second-price"},
    "BiddingCampaign": {"small-first-price", "small-second-price", "small-target"},
    "RestockItem": {
        "rule-enough",
        "spare-part",
        "backorders",
        *(f"zipkin-poisson-p{shortage}-l{lead_time}" for shortage in (4, 9, 39) for lead_time in (1, 2, 3)),
        *(f"zipkin-geometric-p{shortage}-l{lead_time}" for shortage in (4, 19) for lead_time in (1, 2)),
    },
    "NudgeActivity": {"clear-context"},
    "NudgeBudget": {"clinic", "rule-fails", "rule-enough", "dosage", "rested-messages", "lose-weight", "come-back"},
    "NudgeHabit": set(bizgyms.case("NudgeHabit").scenarios),
    "PricingSeason": set(bizgyms.case("PricingSeason").scenarios),
    "RecommendLifetime": {"tiny", "tiny-boredom", "tiny-honest"},
    "PricingShelf": set(bizgyms.case("PricingShelf").scenarios) - {"juice-shelf"},
    "RecommendSatisfaction": {"crossover"},
    "RecommendVisit": set(bizgyms.case("RecommendVisit").scenarios),
}


def _rows():
    for case in bizgyms.cases():
        checks, _ = applicable(case)
        for check in checks:
            names = list(case.scenarios)[:1] if check.once else list(case.scenarios)
            for name in names:
                yield _row(check, case, name)


def _row(check, case, name):
    slow = check is REFERENCE and name not in QUICK_REFERENCES.get(case.name, ())
    marks = [pytest.mark.slow] if slow else []
    return pytest.param(check, case, name, id=f"{case.name}-{name}-{check.run.__name__}", marks=marks)


@pytest.mark.parametrize(("check", "case", "name"), list(_rows()))
def test_contract(check: Check, case, name):
    assert check.run(Subject(case, name, case.scenarios[name], {})) is None, "a check raises what it finds"


@pytest.mark.parametrize("case", bizgyms.cases(), ids=lambda case: case.name)
def test_quick_references_are_scenarios(case):
    assert QUICK_REFERENCES.get(case.name, set()) <= set(case.scenarios)
