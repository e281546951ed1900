"""Branches of a twin and moments of an environment: what they are for, and the law of what is drawn anew."""

import gymnasium
import numpy as np
import pytest

import bizgyms
from bizgyms.testing.play import Decisions, batch
from envs_data.restock.item import ItemParameters, draw, redraw

CASES = [pytest.param(case, next(iter(case.scenarios)), id=case.name) for case in bizgyms.cases()]
SCENARIOS = [pytest.param(case, name, id=f"{case.name}-{name}") for case in bizgyms.cases() for name in case.scenarios]
# Random decisions are compared after so many steps; long enough that what is hidden has shown itself.
STEPS, WORLDS = 6, 1500


def rewards_to_the_end(twin, total, over, decisions, first):
    """[worlds] rewards with those of the steps from ``first`` on."""
    step = first
    while not over.all():
        actions = batch(twin.single_action_space, [own.at(step) for own in decisions])
        _, rewards, ended, *_ = twin.step(actions)
        total += np.where(over, 0.0, rewards)
        over |= ended
        step += 1
    return total


def returns(case, scenario, worlds, branch):
    """[worlds] returns of random decisions, of whole episodes or of branches drawn anew after some steps."""
    twin = case.twin(worlds, scenario=scenario, autoreset_mode="Disabled")
    twin.reset(seed=int(branch) + 1)
    decisions = [Decisions(twin.single_action_space, world=world) for world in range(worlds)]
    total, over = np.zeros(worlds), np.zeros(worlds, dtype=bool)
    for step in range(STEPS if branch else 0):
        _, rewards, ended, *_ = twin.step(batch(twin.single_action_space, [own.at(step) for own in decisions]))
        total += np.where(over, 0.0, rewards)
        over |= ended
    twin = twin.branch(np.arange(worlds), rng=5) if branch else twin
    return rewards_to_the_end(twin, total, over, decisions, STEPS if branch else 0)


def same_law(case, scenario, worlds):
    plain, branched = (returns(case, scenario, worlds, branch) for branch in (False, True))
    error = np.hypot(plain.std(ddof=1), branched.std(ddof=1)) / worlds**0.5
    assert abs(plain.mean() - branched.mean()) <= 4 * error + 1e-9
    # The spread too: shocks of a whole episode must not be drawn a second time.
    spread = [np.log(sample.var(ddof=1) + 1e-9) for sample in (plain, branched)]
    fourth = [((sample - sample.mean()) ** 4).mean() / (sample.var() ** 2 + 1e-9) for sample in (plain, branched)]
    assert abs(spread[0] - spread[1]) <= 4 * np.sqrt(sum(k for k in fourth) / worlds) + 1e-6


@pytest.mark.parametrize(("case", "scenario"), CASES)
def test_what_is_drawn_anew_follows_the_law_of_the_case(case, scenario):
    same_law(case, scenario, WORLDS)


def test_a_hidden_level_goes_on_from_where_it_is():
    wandering = ItemParameters(days=60, demand_law="poisson", level_spread=0.6, level_persistence=0.9)
    same_law(bizgyms.case("RestockItem"), wandering, WORLDS)
    luck = draw(wandering, np.random.default_rng(1), 20_000)
    anew = redraw(wandering, luck, np.arange(20_000) % 40, np.random.default_rng(2)).demand.astype(float)
    plain = luck.demand.astype(float)
    for first, later in ((19, 20), (15, 25), (38, 59)):
        ours, theirs = (np.corrcoef(days[:, first], days[:, later])[0, 1] for days in (anew, plain))
        assert ours == pytest.approx(theirs, abs=4 * 2**0.5 / 20_000**0.5)


@pytest.mark.slow
@pytest.mark.parametrize(("case", "scenario"), SCENARIOS)
def test_what_is_drawn_anew_follows_the_law_of_every_scenario(case, scenario):
    same_law(case, scenario, 2500)


def rolled_out(twin, policy, observations, total, over):
    """[worlds] rewards of a policy that plays to the end."""
    while not over.all():
        observations, rewards, ended, *_ = twin.step(policy.act(observations))
        total += np.where(over, 0.0, rewards)
        over |= ended
    return total


@pytest.mark.parametrize("name", ["NudgeHabit", "BiddingAuction", "RecommendVisit", "PricingSeason"])
def test_branches_of_the_optimum_earn_its_value(name):
    """Played to some step, then on fresh luck: the past and the future add up to the exact value."""
    case, worlds = bizgyms.case(name), 4000
    best = case.reference(next(iter(case.scenarios.values())))
    twin = case.twin(worlds, autoreset_mode="Disabled")
    observations, _ = twin.reset(seed=2)
    total, over = np.zeros(worlds), np.zeros(worlds, dtype=bool)
    for _ in range(4):
        observations, rewards, ended, *_ = twin.step(best.policy.act(observations))
        total += np.where(over, 0.0, rewards)
        over |= ended
    branches = twin.branch(np.arange(worlds), rng=np.random.default_rng(3))
    total = rolled_out(branches, best.policy, branches.observations(), total, over)
    assert total.mean() == pytest.approx(best.value, abs=4 * total.std() / worlds**0.5)


def test_branches_of_one_world_meet_different_futures_and_leave_it_alone():
    twin = bizgyms.case("RestockItem").twin(2, autoreset_mode="Disabled")
    twin.reset(seed=1)
    twin.step(np.array([3, 4]))
    before = twin.observations()
    branches = twin.branch([1] * 50, rng=7)
    again = twin.branch([1] * 50, rng=7)
    rows = branches.observations()
    assert (rows == before[1]).all()
    played, repeated = (env.step(np.full(50, 5))[0] for env in (branches, again))
    assert len(np.unique(played, axis=0)) > 5
    assert (played == repeated).all()
    assert (twin.observations() == before).all()


def test_branches_know_weights_limits_and_scales():
    twin = bizgyms.case("RestockItem").twin(3, weights={"holding": 2.0}, normalize=True, max_episode_steps=4)
    twin.reset(seed=1)
    for _ in range(3):
        twin.step(np.array([1, 2, 3]))
    branch = twin.branch([2, 2])
    ours, theirs = twin.step(np.array([5, 5, 5])), branch.step(np.array([5, 5]))
    assert (ours[0][2] == theirs[0][0]).all()
    assert ours[1][2] == theirs[1][1]
    assert ours[3].all()
    assert theirs[3].all()
    assert bizgyms.case("RecommendLifetime").twin(2, objective="clicks")._sibling(3).objective == "clicks"


def test_what_is_wrong_with_a_branch_is_said():
    twin = bizgyms.case("RestockItem").twin(3)
    with pytest.raises(gymnasium.error.ResetNeeded, match=r"call reset\(\) before branch\(\)"):
        twin.branch([0])
    with pytest.raises(gymnasium.error.ResetNeeded, match=r"call reset\(\) before state\(\)"):
        gymnasium.make("bizgyms/RestockItem-v0").unwrapped.state()
    twin.reset(seed=0)
    with pytest.raises(IndexError, match="3"):
        twin.branch([3])


def test_a_search_goes_back_to_the_same_moment_again_and_again():
    """What a tree search of other people does: try a decision, look, go back."""
    for engine in ("simpy", "compiled"):
        env = gymnasium.make("bizgyms/BiddingAuction-v0", engine=engine)
        env.reset(seed=4)
        for _ in range(3):
            env.step(1)
        here = env.unwrapped.state()
        found = {}
        for bid in (0, 2, 5, 2):
            env.unwrapped.restore(here)
            found.setdefault(bid, []).append(env.step(bid)[1:3])
        assert found[2][0] == found[2][1]
