"""The figure of the cart and its pole moves as gymnasium's CartPole does."""

import gymnasium
import numpy as np
import pytest
from course import live
from course.nodejs import run_in_node

rng = np.random.default_rng(0)


def in_node(script: str, **data):
    assets = live.INTERPRETER.parent
    head = "require(data.interpreter); live.kinds = {}; require(data.kind);"
    paths = {"interpreter": str(live.INTERPRETER), "kind": str(assets / "live-cart-pole.js")}
    return run_in_node(head + script, {**paths, **data})


def test_one_step_from_anywhere_is_that_of_gymnasium():
    env = gymnasium.make("CartPole-v1").unwrapped
    states = rng.uniform(-1, 1, (200, 4)) * [3, 4, 0.3, 4]
    pushes = rng.integers(2, size=200).tolist()
    script = """return data.states.map((state, i) => {
        const next = live.cartPole.step(state, Boolean(data.pushes[i]));
        return [...next, ["pole", "cart"].includes(live.cartPole.end(next, 1))];
    });"""
    found = np.array(in_node(script, states=states.tolist(), pushes=pushes), dtype=float)
    falls = []
    for state, push, got in zip(states, pushes, found, strict=True):
        env.reset()
        env.state = state
        fell = env.step(push)[2]
        assert np.allclose(got[:4], env.state, rtol=0, atol=1e-12)
        assert got[4] == fell
        falls.append(fell)
    assert 20 < sum(falls) < 180


@pytest.mark.parametrize("seed", range(3))
def test_a_whole_game_is_that_of_gymnasium(seed: int):
    env = gymnasium.make("CartPole-v1")
    env.reset(seed=seed)
    start, states, pushes, done = env.unwrapped.state.tolist(), [], [], False
    while not done:
        pushes.append(bool(rng.integers(2)))
        _, _, done, _, _ = env.step(int(pushes[-1]))
        states.append(env.unwrapped.state)
    script = """let state = data.start;
    return data.pushes.map((right, i) => {
        state = live.cartPole.step(state, right);
        return [...state, live.cartPole.end(state, i + 1)];
    });"""
    found = in_node(script, start=start, pushes=pushes)
    assert np.allclose([row[:4] for row in found], states, rtol=0, atol=1e-9)
    assert [row[4] for row in found] == [None] * (len(found) - 1) + ["pole"]


def test_a_game_has_five_hundred_steps():
    assert gymnasium.spec("CartPole-v1").max_episode_steps == 500
    ends = in_node("return [499, 500].map((n) => live.cartPole.end([0, 0, 0, 0], n));")
    assert ends == [None, "time"]
