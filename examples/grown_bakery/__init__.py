"""A bakery that grew: world, luck, twin, optimum. docs/tutorial.md tells the steps."""

import bizgyms

CASE = bizgyms.Case(
    "examples/GrownBakery-v0",
    scenarios="grown_bakery.parameters:SCENARIOS",
    env="grown_bakery.env:GrownBakery",
    draw="grown_bakery.world:draw",
    redraw="grown_bakery.world:redraw",
    twin="grown_bakery.twin:GrownBakeryTwin",
    reference="grown_bakery.optimum:reference",
    rules="grown_bakery.rules:RULES",
)
bizgyms.add(CASE)
