"""Every case of the registry against the contract, in every scenario."""

import pytest

import bizgyms
from baselines.agents import Kind, problem_of
from baselines.rules import rules
from bizgyms.testing import branches, conventions, engines, files, vectors
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
    "NudgeBudget": {"clinic", "no-cap", "rule-enough", "dosage", "rested-messages", "lose-weight", "come-back"},
    "NudgeHabit": set(bizgyms.case("NudgeHabit").scenarios),
    "PricingSeason": set(bizgyms.case("PricingSeason").scenarios),
    "RecommendLifetime": {"tiny", "tiny-boredom", "tiny-honest"},
    "PricingShelf": set(bizgyms.case("PricingShelf").scenarios) - {"juice-shelf"},
    "RecommendSatisfaction": {"crossover"},
    "RecommendVisit": set(bizgyms.case("RecommendVisit").scenarios),
}
# How an engine keeps its books has to do with what is seen and decided, not with the numbers of a scenario: these
# checks are slow tests but for the first scenario with given features. World and twin are compared in all of them.
BOOKKEEPING = {
    conventions.normalised_is_scaled,
    conventions.observations_inside,
    conventions.outside_is_refused,
    conventions.outside_is_refused_by_twin,
    branches.branches_go_on_alike,
    branches.copies_go_on_alike,
    branches.moments_are_restored,
    engines.determinism,
    engines.luck_is_respected,
    engines.one_seed_two_engines,
    engines.reward_is_its_terms,
    files.spec_round_trip,
    vectors.autoreset,
    vectors.early_end,
    vectors.masked_luck,
    vectors.twin_spaces,
}
# Gymnasium's checker renders too; the picture of a wide observation takes seconds.
PICTURED = {"RestockItem", "PricingShelf"}


def _rows():
    for case in bizgyms.cases():
        checks, _ = applicable(case)
        first_of_kind, smallest = set(_first_of_each_kind(case)), _smallest(case)
        for check in checks:
            names = dict.fromkeys([next(iter(case.scenarios)), smallest]) if check.once else case.scenarios
            for name in names:
                yield _row(check, case, name, name == smallest if check.once else name in first_of_kind)


def _first_of_each_kind(case):
    """The first scenario with each tuple of features."""
    firsts = {}
    for name, parameters in case.scenarios.items():
        features = case.env.view_type(parameters).features
        firsts.setdefault(tuple(feature.name for feature in features), name)
    return firsts.values()


def _smallest(case):
    """The scenario that sees least, in which what is checked once a case is checked; in the first one it is slow."""
    return min(case.scenarios, key=lambda name: len(case.env.view_type(case.scenarios[name]).features))


def _row(check, case, name, chosen):
    slow = (
        (check.once and not chosen)
        or (check is REFERENCE and name not in QUICK_REFERENCES.get(case.name, ()))
        or (check.run in BOOKKEEPING and not chosen)
        or (check.run is conventions.pictures and case.name not in PICTURED)
    )
    marks = [pytest.mark.slow] if slow else []
    return pytest.param(check, case, name, id=f"{case.name}-{name}-{check.run.__name__}", marks=marks)


@pytest.mark.parametrize(("check", "case", "name"), list(_rows()))
def test_contract(check: Check, case, name):
    agents = _untuned_rules(case, name) if check is REFERENCE else {}
    assert check.run(Subject(case, name, case.scenarios[name], agents)) is None, "a check raises what it finds"


def _untuned_rules(case, name):
    """What must not beat the reference: a bound has no policy of its own that would test it."""
    problem = problem_of(case, case.scenarios[name])
    found = [spec for spec in rules(problem) if spec.kind in (Kind.RULE, Kind.PLANNER)]
    return {spec.name: spec.build(problem, **spec.settings(problem)[0]) for spec in found}


@pytest.mark.parametrize("case", bizgyms.cases(), ids=lambda case: case.name)
def test_quick_references_are_scenarios(case):
    assert QUICK_REFERENCES.get(case.name, set()) <= set(case.scenarios)
