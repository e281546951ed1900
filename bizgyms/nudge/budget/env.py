"""The Gymnasium environment of many people who share a few messages."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from bizgyms.env import BusinessEnv
from bizgyms.nudge.budget.view import BudgetView, project, reward_terms
from envs_data.nudge.budget import BudgetParameters, BudgetWorld


class NudgeBudget(BusinessEnv[BudgetParameters, BudgetWorld]):
    """Whom of many people to message today, at most ``cap``.

    ## Description
    People are engaged or lapsed. A message keeps some engaged and wakes some who lapsed, the less the more messages
    weigh on them already; a burdened person may even be driven away. Types of people differ. Messages are few, so
    that what helps one today is taken from another, and from the same person tomorrow.

    ## Action Space
    ``MultiBinary(people)``: 1 for a message. ``info["decision"]`` is who was messaged after projection: people who
    cannot be reached are passed over; of the others asked for, messages go out in the order of their numbers,
    beginning at person ``step * cap`` (modulo the number of people) and going around, until the day's cap is used up.
    ``info["action_mask"]`` and ``action_masks()`` have two entries a person: no message (always possible), message
    (reached, and any left today). `random` asks for each possible message with probability 1/2.
    `bizgyms.nudge.PerPerson` is a wrapper through which one policy serves any number of people.

    ## Observation Space
    ``Box`` of float32 in natural units; ``env.unwrapped.features`` names every entry:

    | entry | unit | when |
    |---|---|---|
    | engaged_i, load_i | 0 or 1; levels | burden, dosage, rest |
    | reviews_i, since_i | good reviews in a row; steps since the last | memory |
    | reached_i | 1 where a message may be sent now | always |
    | type_i | number of the person's type | several types |
    | step_of_day, messages_left | 0 first; messages that may go out today | several decisions a day |
    | steps_left | steps, this one included | always |

    ## Rewards
    The scenario's ``money``: ``engaged`` (``worth`` of every person engaged after the step; with memory, of what is
    recalled) and ``messages`` (minus their cost), added in this order. ``info`` has ``term_...``, and the step's
    ``engaged``, ``asked`` and ``sent``.

    ## Starting State
    Everybody engaged (or lapsed, with ``start``) and without load.

    ## Episode End
    Terminated after ``steps`` steps.

    ## Order of Events
    1. Reachable people are seen; nobody is in ``quiet`` steps of the day. 2. Messages are sent. 3. Everybody moves on:
    to engaged or lapsed, and to a load, by their mood and load before the step and whether they were messaged.
    4. Everybody engaged now pays ``worth``.

    ## Arguments
    ``scenario, engine, normalize, weights, render_mode`` as in every case.

    ## Scenarios
    ``clinic`` (default), ``twenty-people``, ``hundred-people``, ``no-cap`` (but burden), ``rule-enough``
    (no burden), ``dosage``, ``brushing``, ``rested-messages``, ``learn-a-subject``, ``lose-weight``, ``come-back``
    (money). Burden is the dial: without it the largest gain today is the right choice. ``bizgyms list`` prints the
    ceiling of each.

    ## Reference
    Without a binding cap exact, by dynamic programming for each type. With one a bound: the cap holds in expectation
    only, which is a linear programme over occupancies; its prices are put into the dynamic programme of each type, and
    what that gives is a bound at any prices.

    ## References
    Hawkins (2003), A Lagrangian decomposition approach to weakly coupled dynamic optimization problems, MIT.
    Brown and Smith (2020), Index policies and performance bounds for dynamic selection problems, Management Science
    66(7).

    ## Version History
    v0: first version.
    """

    case_id: ClassVar = "bizgyms/NudgeBudget-v0"
    view_type: ClassVar = BudgetView
    world_type: ClassVar = BudgetWorld
    view: BudgetView

    def _decision(self, action: Any) -> tuple[int, ...]:
        world, p = self._world_now, self.parameters
        assert world is not None
        asked, sent = np.asarray(action, dtype=np.int8), np.zeros(p.people, dtype=np.int8)
        first = world.step * p.cap % p.people
        self._asked, _ = project(asked, np.array(world.reached), p.cap - world.sent_today, first, sent)
        return tuple(sent.tolist())

    def _observe(self, world: BudgetWorld) -> list[float]:
        view, p = self.view, self.parameters
        moods, loads = zip(*(divmod(state, view.loads) for state in world.state), strict=True)
        row: list[float] = [*moods, *loads, *world.reached]
        if view.blocks > 3:
            row += world.type_of
        if len(view.shared) > 1:
            row += [world.step % p.decisions_a_day, p.cap - world.sent_today]
        return [*row, p.steps - world.step]

    def _terms(self, world: BudgetWorld) -> tuple[float, ...]:
        p = self.parameters
        return reward_terms(world.engaged, sum(world.sent), p.worth, p.cost)

    def _figures(self, world: BudgetWorld) -> tuple[float, ...]:
        return world.engaged, float(self._asked), float(sum(world.sent))
