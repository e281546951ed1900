"""The cases this package brings, one line each: where a part lies follows from the case's family and name.

Nothing is imported here: every part is named, and imported on first use.
"""

from bizgyms.case import Case


def _case(family: str, case: str, version: int = 0, **exceptions: str | None) -> Case:
    """A case whose parts lie where the convention says, with exceptions: a part elsewhere, or None for no such part."""
    data, decision, name = f"envs_data.{family}.{case}", f"bizgyms.{family}.{case}", case.title()
    parts: dict[str, str | None] = {
        "parameters": f"{data}:{name}Parameters",
        "scenarios": f"{data}:SCENARIOS",
        "env": f"{decision}.env:{family.title()}{name}",
        "twin": f"{decision}.twin:{name}Twin",
        "draw": f"{data}:draw",
        "redraw": f"{data}:redraw",
        "reference": f"{decision}.optimum:reference",
        "solve": f"{decision}.optimum:solve",
        "fit": f"{data}.fit:fit",
        "generate": f"{data}.table:generate",
    }
    known = f"bizgyms/{family.title()}{name}-v"
    former = tuple(f"{known}{earlier}" for earlier in range(version))
    return Case(f"{known}{version}", former=former, **(parts | exceptions))


CASES = (
    _case("restock", "item", quick_reference="bizgyms.restock.item.optimum:quick_reference"),
    _case("restock", "box"),
    _case("nudge", "habit", draw_steps="envs_data.nudge.habit:draw_steps"),
    _case("nudge", "activity", draw_steps="envs_data.nudge.activity:draw_steps"),
    _case("nudge", "budget"),
    _case("pricing", "season"),
    _case("pricing", "shelf", version=1, solve="bizgyms.pricing.shelf.exact:solve"),
    _case("bidding", "auction", solve=None, fit=None, generate=None),
    _case("bidding", "campaign", solve=None),
    _case("recommend", "visit", fit=None, generate=None),
    _case("recommend", "satisfaction", fit=None, generate=None),
    _case("recommend", "lifetime", solve=None),
)
