from baselines.agents import problem_of
from baselines.play import checkpoints
from baselines.play.rollout import play
from bizgyms import case
from envs_data.restock.item import ItemParameters

ITEM = case("RestockItem")
TOY = ItemParameters(mean=3.0, demand_law="constant", lead_time=0, days=8, max_packs=6, holding=1.0, shortage=2.0)


class Forgetful:
    """Knows what to order at one checkpoint of its learning, and forgets it."""

    def __init__(self, knows_at):
        self.knows_at, self.packs, self.watch = knows_at, 0, None

    def act(self, observations, mask=None):
        return (self.packs - observations[:, 0]).clip(0).astype(int)

    def learn(self, envs, steps, seed):
        for taken in range(100, steps + 1, 100):
            self.packs = 3 if taken == self.knows_at else 0
            self.watch(taken)

    def save(self, file):
        file.write(str(self.packs).encode())

    def restore(self, file):
        self.packs = int(file.read())


def learned(knows_at, look=None):
    agent = Forgetful(knows_at)
    checkpoints.learn(problem_of(ITEM, TOY), agent, None, 1_000, 7, look)
    return agent


def test_the_best_checkpoint_of_the_second_half_is_kept():
    assert learned(700).packs == 3
    assert (
        play(problem_of(ITEM, TOY), learned(700), 5, 0, "agent").mean
        == play(problem_of(ITEM, TOY), learned(1_000), 5, 0, "agent").mean
    )


def test_a_checkpoint_of_the_first_half_is_not():
    assert learned(400).packs == 0


def test_every_checkpoint_is_looked_at():
    seen = []
    learned(700, seen.append)
    assert seen == list(range(100, 1_001, 100))
