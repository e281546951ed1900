"""Named scenarios of `ActivityParameters`: the published model at several sigma, and what it leaves out."""

from __future__ import annotations

from envs_data.nudge.activity.parameters import ActivityParameters

SCENARIOS: dict[str, ActivityParameters] = {
    # Step counts at the usual noise: the two contexts are distinguished in nine cases of ten.
    "daily-steps": ActivityParameters(sigma=0.4),
    # The dial: a context seen as it is, through as much noise as there is between the two, and through twice that.
    "clear-context": ActivityParameters(sigma=0.0),
    "blurred-context": ActivityParameters(sigma=1.0),
    "hidden-context": ActivityParameters(sigma=2.0),
    # The raw signal instead of a probability: the agent has to learn what it means.
    "raw-context": ActivityParameters(sigma=1.0, observed="signal"),
    # Days differ: habituation, disengagement and steps spread around their means.
    "moody-days": ActivityParameters(sigma=0.4, dispersion=0.5),
    # A person who hardly gets used to messages, in a context that is nearly always seen: always tailored is enough.
    "rule-enough": ActivityParameters(sigma=0.2, rises=0.004),
}
