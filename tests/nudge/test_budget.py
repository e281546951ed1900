"""Many people and few messages: chains, projection, the bound, its policy, and the per-person view."""

import gymnasium
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bizgyms
from bizgyms import case
from bizgyms.masks import possible
from bizgyms.nudge import PerPerson, solve
from bizgyms.nudge.budget.optimum import advantages, day_of, index_policy, moves, prices_of, reference
from bizgyms.nudge.budget.people import ByPerson
from bizgyms.nudge.budget.view import BudgetView, project
from bizgyms.reference import TooLargeError
from envs_data.nudge.budget import SCENARIOS, BudgetLuck, BudgetParameters, BudgetWorld, PersonType, chain_of, draw
from envs_data.nudge.budget.luck import thresholds
from envs_data.nudge.budget.scenarios import population
from envs_data.parameters import ParameterError
from envs_data.random_bits import RANGE

BUDGET = case("NudgeBudget")


def mean_return(parameters, agent, worlds=200, seed=1):
    twin = BUDGET.twin(num_envs=worlds, scenario=parameters, autoreset_mode="Disabled")
    rows, infos = twin.reset(seed=seed)
    total = np.zeros(worlds)
    while not twin.over.all():
        rows, rewards, *_, infos = twin.step(agent.act(rows, possible(infos)))
        total += rewards
    return total.mean(), total.std() / worlds**0.5


def test_the_burden_chain_is_the_one_written_down():
    kind = PersonType(stays=0.8, returns=0.1, lifts=0.6, wakes=0.5, hurts=0.3, recovers=0.4, tires=0.8)
    matrix, engaged = moves(chain_of(BudgetParameters(types=(kind,)), kind))
    lapsed_2, engaged_2 = 2, 7
    assert engaged[0, [lapsed_2, engaged_2]] == pytest.approx([0.1, 0.8])
    assert engaged[1, engaged_2] == pytest.approx(0.8 + 0.6 * 0.2 * 0.5 - 0.3 * 0.5)
    assert engaged[1, lapsed_2] == pytest.approx(0.1 + 0.5 * 0.5 - 0.1 * 0.5)
    assert matrix[0, engaged_2, [1, 6]].sum() == pytest.approx(0.4)
    assert matrix[1, engaged_2, [3, 8]].sum() == pytest.approx(0.8)


def test_a_dose_fades_in_the_mean_and_a_rest_counts_down():
    p = SCENARIOS["dosage"]
    chain = chain_of(p, p.types[0])
    load = np.arange(2 * chain.loads) % chain.loads
    matrix, _ = moves(chain)
    assert matrix[0] @ load == pytest.approx(0.95 * load)
    assert matrix[1] @ load == pytest.approx(np.minimum(0.95 * load + 1, p.levels))
    rest = SCENARIOS["rested-messages"]
    matrix, _ = moves(chain_of(rest, rest.types[0]))
    assert matrix[1] @ (np.arange(14) % 7) == pytest.approx(np.full(14, rest.levels))


def test_over_messaged_people_respond_by_a_share():
    p = BudgetParameters(numbs_from=0.5, numbed=0.5, levels=4, types=(PersonType(hurts=0.0),))
    _, engaged = moves(chain_of(p, p.types[0]))
    gain = (engaged[1] - engaged[0])[5:]
    assert gain[:2] == pytest.approx([0.6 * 0.18] * 2)
    assert gain[2:] == pytest.approx([0.3 * 0.18] * 3)


def test_memory_halves_after_its_half_life_and_grows_with_good_reviews():
    p = SCENARIOS["learn-a-subject"]
    chain = chain_of(p, p.types[0])
    level_2 = 2 * chain.loads
    assert chain.engaged[level_2 : level_2 + 9 : 4] == pytest.approx([1.0, 0.5, 0.25])
    matrix, _ = moves(chain)
    assert matrix[1, level_2 + 4, 3 * chain.loads] == pytest.approx(0.5)
    assert matrix[1, level_2 + 4, 0] == pytest.approx(0.5)


@pytest.mark.parametrize("name", SCENARIOS)
def test_chances_sum_to_one_and_nobody_leaves_the_states(name):
    p = SCENARIOS[name]
    for kind in p.types:
        chain = chain_of(p, kind)
        assert chain.chance.sum(axis=2) == pytest.approx(np.ones(chain.chance.shape[:2]))
        assert chain.chance.min() >= 0
        assert chain.after.min() >= 0
        assert chain.after.max() < len(chain.engaged) == chain.moods * chain.loads


def test_messages_go_round_until_the_cap_is_used_up():
    sent = np.zeros(5, dtype=np.int8)
    asked, reached = np.array([1, 1, 0, 1, 1], dtype=np.int8), np.array([True, True, True, False, True])
    assert project(asked, reached, 2, 4, sent) == (4, 2)
    assert sent.tolist() == [1, 0, 0, 0, 1]
    assert project(asked, reached, 9, 1, sent) == (4, 3)
    assert sent.tolist() == [1, 1, 0, 0, 1]
    assert project(np.zeros(5, dtype=np.int8), reached, 2, 0, sent) == (0, 0)


def test_the_first_outcome_of_a_word_is_by_its_threshold():
    kind = PersonType(count=1, stays=0.5)
    p = BudgetParameters(steps=2, types=(kind,))
    first = thresholds(chain_of(p, kind).chance)[5, 0, 0]
    for word, state in ((first - 1, 5), (RANGE - 1, 0)):
        luck = BudgetLuck(np.array([[[word], [0]]], dtype=np.uint32), np.ones((1, 3, 1), dtype=np.bool_))
        world = BudgetWorld(p, luck, record=True)
        world.start()
        world.play((0,))
        assert world.state == [state]
        assert world.engaged == (state == 5)


def test_the_cap_is_of_a_day_and_quiet_steps_reach_nobody():
    p = SCENARIOS["rested-messages"]
    env = BUDGET.env(scenario=p)
    row, info = env.reset(seed=0)
    everybody = np.ones(p.people, dtype=np.int8)
    for step in range(8):
        mask = possible(info).reshape(-1, 2)
        assert mask[:, 0].all()
        assert mask[:, 1].all() == (step % 2 == 0)
        row, _, _, _, info = env.step(everybody)
        assert sum(info["decision"]) == (p.cap if step % 2 == 0 else 0)
        assert row[-2] == (0 if step % 2 == 0 else p.cap)


@given(
    st.sampled_from(["burden", "dosage", "rest", "memory"]), st.integers(0, 6), st.integers(1, 3),
    st.floats(0, 1), st.sampled_from([0.0, 0.4]), st.integers(0, 2**31),
)  # fmt: skip
def test_the_cap_is_never_overdrawn_and_rewards_add_up(mechanism, cap, a_day, availability, numbs, seed):
    rng = np.random.default_rng(seed)
    p = BudgetParameters(
        steps=7, cap=cap, decisions_a_day=a_day, availability=availability, mechanism=mechanism, levels=3,
        numbs_from=numbs, cost=0.1, quiet=(0,) if a_day > 1 else (), types=(PersonType(count=2), PersonType(count=3)),
    )  # fmt: skip
    env = BUDGET.env(scenario=p)
    env.reset(options={"luck": draw(p, rng, 1)})
    sent_today, over, step = 0, False, 0
    while not over:
        mask = env.action_masks().reshape(-1, 2)[:, 1]
        row, reward, over, _, info = env.step(rng.integers(0, 2, p.people).astype(np.int8))
        assert not np.any(np.array(info["decision"])[~mask])
        sent_today = (0 if step % a_day == 0 else sent_today) + sum(info["decision"])
        assert sent_today <= cap
        assert reward == pytest.approx(info["engaged"] - 0.1 * info["sent"])
        assert np.isfinite(row).all()
        step += 1


def brute_force(p):
    """Exact optimum of two people with a cap of one, over their joint states."""
    kind = p.types[0]
    chain = chain_of(p, kind)
    matrix, engaged = moves(chain)
    count = len(chain.engaged)
    values = np.zeros((count, count))
    for _ in range(p.steps):
        options = [
            p.worth * (engaged[a][:, None] + engaged[b][None, :]) + matrix[a] @ values @ matrix[b].T
            for a, b in ((0, 0), (1, 0), (0, 1))
        ]
        values = np.max(options, axis=0)
    return values[chain.start, chain.start]


@pytest.mark.parametrize("start", ["engaged", "lapsed"])
def test_the_bound_lies_above_the_exact_optimum_of_two_people_and_any_prices_bound(start):
    p = BudgetParameters(steps=20, cap=1, start=start, types=(PersonType(count=2),))
    exact, bound = brute_force(p), reference(p).value
    assert exact <= bound <= exact * 1.08
    for price in (0.0, 0.1, 0.5):
        assert index_policy(p, np.full(20, price))[0] >= bound - 1e-7
    earned, error = mean_return(p, reference(p).policy, 2000)
    assert exact * 0.97 <= earned <= exact + 4 * error


def test_without_a_binding_cap_people_are_solved_alone():
    p = BudgetParameters(steps=12, cap=2, types=(PersonType(count=2),))
    assert prices_of(p).tolist() == [0.0] * 12
    assert reference(p).kind == "exact"
    assert solve(p).value == pytest.approx(2 * advantages(p, chain_of(p, p.types[0]), np.zeros(12))[0])
    with pytest.raises(TooLargeError, match="cap=2"):
        solve(p.replace(cap=1))
    with pytest.raises(TypeError, match="NudgeHabit or NudgeActivity"):
        solve(bizgyms.case("RestockItem").scenarios["corner-shop"])


@pytest.mark.parametrize(("people", "share"), [(20, 0.95), (100, 0.98), pytest.param(400, 0.995)])
def test_the_index_policy_nears_the_bound_as_people_grow(people, share):
    p = population(people)
    bound = reference(p)
    earned, error = mean_return(p, bound.policy, max(20, 8000 // people))
    assert share * bound.value < earned < bound.value + 4 * error


def test_yes_and_no_may_come_as_floats_and_nothing_in_between():
    twin = BUDGET.twin(num_envs=2, scenario="clinic")
    twin.reset(seed=0)
    wanted = np.ones((2, 12), dtype=np.float32)
    assert twin.step(wanted)[4]["decision"].sum() > 0
    wanted[1, 3] = 0.5
    with pytest.raises(ValueError, match="float32"):
        twin.step(wanted)


def test_one_policy_serves_any_number_of_people():
    def lapsed_first(persons):
        return 1.0 + (1.0 - persons[:, 0]) - persons[:, 1]

    for name in ("clinic", "twenty-people"):
        p = SCENARIOS[name]
        env = PerPerson(gymnasium.make(BUDGET.id, scenario=name))
        agent, view = ByPerson(BudgetView(p), lapsed_first), BudgetView(p)
        persons, _ = env.reset(seed=3)
        plain = BUDGET.env(scenario=name)
        row, _ = plain.reset(seed=3)
        for _ in range(10):
            assert env.observation_space.contains(persons)
            scores = (lapsed_first(persons) - 1.0).astype(np.float32)
            chosen = agent.act(row[None])[0]
            expected = view.choose(scores[None], row[None])[0]
            row, reward, *_ = plain.step(expected)
            persons, mine, *_ = env.step(scores)
            assert mine == reward
            assert chosen.sum() <= p.cap


def test_the_per_person_view_says_what_it_cannot_wrap():
    with pytest.raises(TypeError, match="not NudgeBudget"):
        PerPerson(gymnasium.make("bizgyms/RestockItem-v0"))
    with pytest.raises(TypeError, match="normalize=False"):
        PerPerson(gymnasium.make(BUDGET.id, normalize=True))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"types": []}, "there must be 1 to"),
        ({"quiet": [1]}, "below decisions_a_day"),
        ({"types": [{"stays": 1.2}]}, "between 0 and 1"),
        ({"mechanism": "memory", "half_lives": []}, "at least one half-life"),
    ],
)
def test_impossible_people_are_refused_with_the_reason(changes, said):
    with pytest.raises(ParameterError, match=said):
        BudgetParameters.from_dict(changes)


def test_a_message_s_cost_is_a_price_of_every_day():
    p = SCENARIOS["clinic"]
    chain, days = chain_of(p, p.types[0]), int(day_of(p)[-1]) + 1
    paid = advantages(p.replace(cost=0.05), chain, np.zeros(days))[0]
    assert paid == pytest.approx(advantages(p.replace(cost=0.0), chain, np.full(days, 0.05))[0], rel=1e-12)
    assert paid < advantages(p.replace(cost=0.0), chain, np.zeros(days))[0]


def test_who_cannot_be_reached_is_masked():
    p = SCENARIOS["clinic"]
    luck = draw(p, np.random.default_rng(0), 1)
    env = bizgyms.make(p)
    env.reset(options={"luck": luck})
    reached = luck.reached[0, 0].astype(bool)
    assert 0 < reached.sum() < p.people
    masks = env.unwrapped.action_masks().reshape(p.people, 2)
    assert masks[:, 0].all()
    assert (masks[:, 1] == reached).all()
