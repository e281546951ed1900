"""A saved policy is arrays and JSON: nothing in it is executed, and whatever is not that is refused in a sentence."""

import io
import json
import pickle
import zipfile

import numpy as np
import pytest

from baselines.agents import problem_of
from baselines.ladder.specs import ladder_of
from baselines.learners.deep import DeepLearner
from baselines.learners.saved_learner import load_arrays, save_arrays
from baselines.play.training import environments, one_thread
from bizgyms import case
from bizgyms.masks import possible
from envs_data.restock.item import ItemParameters

pytest.importorskip("stable_baselines3")

ITEM = case("RestockItem")
SHOP = ItemParameters(mean=3.0, days=8, max_packs=6)
PROBLEM = problem_of(ITEM, SHOP)


def trained(algorithm, problem=PROBLEM, steps=600):
    one_thread()
    learner = DeepLearner(problem, algorithm)
    learner.learn(environments(problem.case, problem.parameters), steps, 3)
    return learner


@pytest.fixture(scope="module")
def ppo():
    return trained("ppo")


@pytest.fixture(scope="module")
def saved(ppo):
    file = io.BytesIO()
    ppo.save(file)
    return file.getvalue()


def changed(saved, arrays=(), **header):
    """A saved policy with another header, or other arrays."""
    about, weights = load_arrays(io.BytesIO(saved))
    file = io.BytesIO()
    save_arrays(file, {**about, **header}, {**weights, **dict(arrays)})
    return file.getvalue()


class Canary:
    """Creates a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.mark.parametrize("member", ["data", "policy.pth", "about.npy", "action_net.free.weight.npy"])
def test_a_pickle_in_the_file_is_not_executed(tmp_path, saved, member):
    canary = tmp_path / "canary"
    stored = {name: content for name, content in _members(saved).items() if name != member}
    header = b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (), }"
    content = pickle.dumps(Canary(canary))
    stored[member] = header.ljust(127) + b"\n" + content if member.endswith(".npy") else content
    with pytest.raises(ValueError, match="not an agent that bizgyms saved"):
        DeepLearner(PROBLEM, "ppo").restore(io.BytesIO(_zipped(stored)))
    with pytest.raises(ValueError, match="not an agent that bizgyms saved"):
        DeepLearner(PROBLEM, "ppo").restore(io.BytesIO(content))
    assert not canary.exists()


def test_a_model_zip_is_loaded_only_on_request(tmp_path, ppo):
    rows = _rows()
    ppo.export_sb3(tmp_path / "model.zip")
    other = DeepLearner(PROBLEM, "ppo")
    with pytest.raises(ValueError, match=r"can run code; DeepLearner\.restore_sb3 loads it"):
        other.restore(tmp_path / "model.zip")
    other.restore_sb3(tmp_path / "model.zip")
    np.testing.assert_array_equal(other.act(rows), ppo.act(rows))


@pytest.mark.parametrize("algorithm", ["ppo", "a2c", "dqn"])
def test_a_restored_agent_can_be_exported(tmp_path, algorithm):
    import stable_baselines3

    learner, again = trained(algorithm), DeepLearner(PROBLEM, algorithm)
    learner.save(tmp_path / "agent.npz")
    again.restore(tmp_path / "agent.npz")
    again.export_sb3(tmp_path / "model.zip")
    model = getattr(stable_baselines3, algorithm.upper()).load(tmp_path / "model.zip", device="cpu")
    rows = _rows()
    np.testing.assert_array_equal(
        model.predict(PROBLEM.view.normalized(rows), deterministic=True)[0], learner.act(rows)
    )
    for name, weight in learner.model.policy.state_dict().items():
        np.testing.assert_array_equal(model.policy.state_dict()[name].numpy(), weight.numpy())


@pytest.mark.parametrize(
    ("name", "scenario", "algorithm"),
    [
        ("BiddingCampaign", "small-first-price", "sac"),
        ("RestockBox", "grocery-box", "maskable_ppo"),
        ("PricingSeason", "rule-fails", "recurrent_ppo"),
    ],
)
def test_other_algorithms_come_back_and_can_be_exported(tmp_path, name, scenario, algorithm):
    known = case(name)
    learner = trained(algorithm, problem_of(known, known.scenarios[scenario]), steps=10)
    again, loaded = (DeepLearner(learner.problem, algorithm) for _ in range(2))
    learner.save(tmp_path / "agent.npz")
    again.restore(tmp_path / "agent.npz")
    again.export_sb3(tmp_path / "model.zip")
    loaded.restore_sb3(tmp_path / "model.zip")
    twin = known.twin(num_envs=6, scenario=learner.problem.parameters)
    rows, infos = twin.reset(seed=0)
    for _ in range(3):  # a recurrent policy remembers
        wanted = learner.act(rows, possible(infos))
        np.testing.assert_array_equal(again.act(rows, possible(infos)), wanted)
        np.testing.assert_array_equal(loaded.act(rows, possible(infos)), wanted)
        rows, *_, infos = twin.step(wanted)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": 2}, "format 2; this version of bizgyms reads format 1"),
        ({"algorithm": "dqn"}, "an agent of dqn, not of ppo"),
        ({"actions": {"kind": "Discrete"}}, "trained on another scenario"),
        ({"policy": "os.system"}, "cannot be built"),
        ({"policy_kwargs": {"net_arch": [10**9, 10**9]}}, "larger than the weights"),
        ({"policy_kwargs": {"net_arch": {"pi": [10**9], "vf": [10**9]}}}, "larger than the weights"),
        ({"policy_kwargs": {"net_arch": "64"}}, "cannot be built"),
        ({"policy_kwargs": {"net_arch": [8]}}, "not those of its network"),
        ({"policy_kwargs": {"activation_fn": "system"}}, "cannot be built"),
        ({"policy_kwargs": 3}, "cannot be built"),
        ({"arrays": {"action_net.free.bias": np.full(7, np.nan, np.float32)}}, "NaN"),
        ({"arrays": {"action_net.free.bias": np.zeros(3, np.float32)}}, "not those of its network"),
        ({"arrays": {"action_net.free.bias": np.zeros(7)}}, "not those of its network"),
        ({"arrays": {"another": np.zeros(7, np.float32)}}, "not those of its network"),
    ],
)
def test_what_does_not_fit_is_refused(saved, change, told):
    with pytest.raises(ValueError, match=told):
        DeepLearner(PROBLEM, "ppo").restore(io.BytesIO(changed(saved, **change)))


def test_damaged_files_are_refused(saved):
    members = _members(saved)
    weight = members["action_net.free.weight.npy"]
    huge = weight.replace(b"'shape': (7, ", b"'shape': (999999999999, ")
    deep = np.lib.format.magic(1, 0) + (60_000).to_bytes(2, "little") + b" " * 60_000
    damaged = [
        b"",
        saved[: len(saved) // 2],
        _zipped({}),
        _zipped({**members, "action_net.free.weight.npy": huge}),
        _zipped({**members, "about.npy": deep}),
        _zipped({**members, "about.npy": _npy(np.array("[" * 100_000))}),
        _zipped({**members, "about.npy": _npy(np.array(json.dumps([1])))}),
    ]
    for content in damaged:
        with pytest.raises(ValueError, match="not an agent that bizgyms saved"):
            DeepLearner(PROBLEM, "ppo").restore(io.BytesIO(content))


def test_no_learner_reads_what_another_saved(saved):
    learners = [spec.build(PROBLEM) for spec in ladder_of(ITEM, SHOP) if spec.kind in ("bandit", "tabular", "search")]
    assert len(learners) > 10
    for learner in learners:
        for content in (saved, b"{}", b"[]", b"no agent"):
            with pytest.raises(ValueError, match=r"^[^\n]+$"):
                learner.restore(io.BytesIO(content))


def _rows():
    return np.random.default_rng(0).uniform(0, 8, size=(50, len(PROBLEM.view.features))).astype(np.float32)


def _members(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _zipped(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def _npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()
