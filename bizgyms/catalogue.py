"""The cases this package brings, as data: every part is named here and imported on first use."""

from bizgyms.registry import Case

CASES = (
    Case(
        "bizgyms/RestockItem-v0",
        parameters="envs_data.restock.item:ItemParameters",
        scenarios="envs_data.restock.item:SCENARIOS",
        env="bizgyms.restock.item.env:RestockItem",
        twin="bizgyms.restock.item.twin:ItemTwin",
        draw="envs_data.restock.item:draw",
        reference="bizgyms.restock.item.optimum:reference",
        fit="envs_data.restock.fit:fit",
        generate="envs_data.restock.table:generate",
    ),
    Case(
        "bizgyms/RestockBox-v0",
        parameters="envs_data.restock.box:BoxParameters",
        scenarios="envs_data.restock.box:SCENARIOS",
        env="bizgyms.restock.box.env:RestockBox",
        twin="bizgyms.restock.box.twin:BoxTwin",
        draw="envs_data.restock.box:draw",
        reference="bizgyms.restock.box.optimum:reference",
        fit="envs_data.restock.box.fit:fit",
        generate="envs_data.restock.box.table:generate",
    ),
    Case(
        "bizgyms/NudgeHabit-v0",
        parameters="envs_data.nudge.habit:HabitParameters",
        scenarios="envs_data.nudge.habit:SCENARIOS",
        env="bizgyms.nudge.habit.env:NudgeHabit",
        twin="bizgyms.nudge.habit.twin:HabitTwin",
        draw="envs_data.nudge.habit:draw",
        reference="bizgyms.nudge.habit.optimum:reference",
        fit="envs_data.nudge.fit:fit",
        generate="envs_data.nudge.table:generate",
    ),
    Case(
        "bizgyms/NudgeActivity-v0",
        parameters="envs_data.nudge.activity:ActivityParameters",
        scenarios="envs_data.nudge.activity:SCENARIOS",
        env="bizgyms.nudge.activity.env:NudgeActivity",
        twin="bizgyms.nudge.activity.twin:ActivityTwin",
        draw="envs_data.nudge.activity:draw",
        reference="bizgyms.nudge.activity.optimum:reference",
    ),
    Case(
        "bizgyms/NudgeBudget-v0",
        parameters="envs_data.nudge.budget:BudgetParameters",
        scenarios="envs_data.nudge.budget:SCENARIOS",
        env="bizgyms.nudge.budget.env:NudgeBudget",
        twin="bizgyms.nudge.budget.twin:BudgetTwin",
        draw="envs_data.nudge.budget:draw",
        reference="bizgyms.nudge.budget.bound:reference",
    ),
)
