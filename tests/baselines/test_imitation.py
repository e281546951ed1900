import json

import numpy as np
import pandas as pd
import pytest

import baselines
from baselines.agents import AgentError
from baselines.cli.entry import main
from baselines.rules.imitation import with_today
from bizgyms import case
from envs_data.reading.source import ReadAs
from envs_data.restock.item import ItemParameters
from envs_data.restock.item.table import generate, soft_base_stock

ITEM = case("RestockItem")
SHOP = ItemParameters(
    days=300, mean=5.0, demand_law="poisson", lead_time=2, max_packs=20, start_on_hand=12, price=4.0, shortage=2.0,
    holding=0.1,
)  # fmt: skip


def lived(order, parameters=SHOP, seed=0, days=300):
    """A shop's table under a rule: order(position, forecast) -> units, now and then something else."""
    rng = np.random.default_rng(seed)
    view = ITEM.env.view_type(parameters.replace(days=days))
    day = iter(range(days))

    def policy(world):
        position = world.on_hand + sum(world.on_order.values())
        usual = order(position, view.forecast[next(day)])
        return (int(rng.integers(10)) if rng.random() < 0.1 else usual), 1.0

    return generate(parameters, policy, seed=seed, days=days)


def imitated(table, **known):
    given = {"lead_time": 2, "pack": 1, "max_packs": 20, **known}
    fit = ITEM.fit(table, known=given)
    return with_today(ITEM, fit).scenario().notes.get("today")


def test_a_base_stock_level_is_found():
    today = imitated(lived(lambda position, _: max(0, 17 - position)))
    assert today["rule"] == "base-stock"
    assert today["setting"] == {"S": 17.0}
    assert today["decisions"] == 298  # the first two have orders under way that nobody wrote down
    assert 0.85 < today["reproduced"] / today["decisions"] < 1
    assert today["sentence"].startswith("imitated from the table: base-stock S=17 reproduces")


def test_a_reorder_point_is_found():
    today = imitated(lived(lambda position, _: 24 - position if 24 - position >= 9 else 0))
    assert (today["rule"], today["setting"]["S"]) == ("(s,S)", 24.0)
    assert 7 <= today["setting"]["gap"] <= 10
    assert today["reproduced"] > 0.8 * today["decisions"]


def test_a_constant_order_is_found():
    today = imitated(lived(lambda *_: 5))
    assert (today["rule"], today["setting"]) == ("periodic fixed order", {"every": 1, "order": 5.0})


def test_a_level_that_follows_the_forecast_is_found():
    weekly = SHOP.replace(weekday=(0.4, 0.4, 0.6, 0.8, 1.2, 1.8, 1.8), max_packs=30)
    table = lived(lambda position, forecast: max(0, int(np.ceil(forecast * 1.3 - position))), weekly, days=700)
    today = imitated(table, max_packs=30)
    assert "safety" in today["setting"]
    assert today["reproduced"] > 0.5 * today["decisions"]


def test_what_no_rule_reproduces_is_not_called_today_s():
    rng = np.random.default_rng(3)
    table = lived(lambda *_: int(rng.integers(12)))
    fit = with_today(ITEM, ITEM.fit(table, known={"lead_time": 2}))
    assert "today" not in fit.scenario().notes
    assert "no known rule: " in fit.summary()


@pytest.mark.parametrize("missing", ["ordered", "on_hand"])
def test_without_orders_or_stock_nothing_is_imitated(missing):
    table = generate(SHOP, soft_base_stock(SHOP, np.random.default_rng(0)), days=120).drop(columns=missing)
    assert with_today(ITEM, ITEM.fit(table)).scenario().notes.get("today") is None


def test_the_command_line_keeps_it_and_score_plays_it(tmp_path, capsys):
    table = lived(lambda position, _: max(0, 17 - position))
    table.to_csv(tmp_path / "sales.csv", index=False)
    mine = str(tmp_path / "mine.json")
    assert main(["fit", "restock", str(tmp_path / "sales.csv"), "--known", "lead_time=2", "days=30", "-o", mine]) == 0
    assert "imitated from the table: base-stock S=17 reproduces" in " ".join(capsys.readouterr().out.split())
    board = baselines.score("RestockItem", ["base_stock"], mine, episodes=50, say=lambda _: None)
    assert next(row for row in board.rows if row.role == "today").label == "base-stock S=17"
    assert "today: imitated from the table" in str(board)
    named = baselines.score("RestockItem", ["base_stock"], mine, "base_stock:S=9", episodes=50, say=lambda _: None)
    assert next(row for row in named.rows if row.role == "today").label == "base-stock S=9"
    values = json.loads((tmp_path / "mine.json").read_text())
    values["notes"]["today"]["rule"] = "base-stokc"
    with pytest.raises(AgentError, match="unknown rule 'base-stokc'; did you mean"):
        baselines.score("RestockItem", ["base_stock"], values, episodes=50, say=lambda _: None)
    values["notes"]["today"] = "17"
    with pytest.raises(AgentError, match="is no rule with its setting"):
        baselines.score("RestockItem", ["base_stock"], values, episodes=50, say=lambda _: None)


def test_days_that_were_not_observed_are_left_out():
    table = lived(lambda position, _: max(0, 17 - position))
    gaps = pd.concat([table.iloc[:100], table.iloc[110:]])
    today = imitated(ReadAs(gaps, {"missing": "closed"}))
    assert today["setting"] == {"S": 17.0}
    assert today["decisions"] == 298 - 10 - 2  # whose orders under way are not all known
