"""What may be asked of a plan: the hall and where each stand stands, as a whole. Lengths are metres, to half a one."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from events.domain.inputs import Asked, StandNumber, Title
from events.domain.plan import (
    LARGEST_HALL,
    LARGEST_STAND,
    MOST_STANDS,
    SMALLEST_HALL,
    SMALLEST_STAND,
    STEP,
    Ground,
    Hall,
    Spot,
)
from services.pages.languages import Refused, msgid


def _in_steps(value: float) -> float:
    if value % STEP:
        raise Refused(msgid("Write whole or half metres, such as 4.5."))
    return value + 0.0  # a minus before a nought goes


Step = AfterValidator(_in_steps)
Distance = Annotated[float, Field(ge=0, le=LARGEST_HALL, allow_inf_nan=False), Step]
StandLength = Annotated[float, Field(ge=SMALLEST_STAND, le=LARGEST_STAND, allow_inf_nan=False), Step]
HallLength = Annotated[float, Field(ge=SMALLEST_HALL, le=LARGEST_HALL, allow_inf_nan=False), Step]


class SpotInput(BaseModel):
    """A stand on the plan, or with its size only where it is not on it."""

    model_config = ConfigDict(extra="forbid")

    stand_id: UUID
    x: Distance | None = None
    """From the left; absent, with `y`: not on the plan."""
    y: Distance | None = Field(None, validate_default=True)
    """From the top."""
    width: StandLength = Ground().width
    depth: StandLength = Ground().depth
    turned: bool = False
    """By a quarter."""

    @field_validator("y")
    @classmethod
    def _both_or_none(cls, value: float | None, info: ValidationInfo) -> float | None:
        if "x" in info.data and (value is None) != (info.data["x"] is None):
            raise Refused(msgid("Give both how far from the left and how far from the top, or neither."))
        return value

    @property
    def ground(self) -> Ground:
        return Ground(width=self.width, depth=self.depth, turned=self.turned)

    @property
    def spot(self) -> Spot | None:
        """None where it is not on the plan."""
        if self.x is None or self.y is None:
            return None
        return Spot(x=self.x, y=self.y, width=self.width, depth=self.depth, turned=self.turned)


class PlanInput(Asked):
    """The plan of an event's hall. `version` is the plan's own. A stand that is not named is not on it."""

    hall_width: HallLength = Hall().width
    hall_depth: HallLength = Hall().depth
    stands: Annotated[tuple[SpotInput, ...], Field(max_length=MOST_STANDS)] = ()

    @field_validator("stands")
    @classmethod
    def _each_once(cls, value: tuple[SpotInput, ...]) -> tuple[SpotInput, ...]:
        if len({one.stand_id for one in value}) < len(value):
            raise Refused(msgid("A stand stands at one place only."))
        return value

    @property
    def hall(self) -> Hall:
        return Hall(self.hall_width, self.hall_depth)


class NamedSpotInput(SpotInput):
    """The same as a line of the plan's form, where stands are numbered and named too."""

    stand_version: int | None = None
    """Of the stand as its writer saw it: heard only where its number or name is another."""
    number: StandNumber | None = None
    name: Title = ""
    """In the programme's own language."""


class PlanForm(PlanInput):
    stands: Annotated[tuple[NamedSpotInput, ...], Field(max_length=MOST_STANDS)] = ()
