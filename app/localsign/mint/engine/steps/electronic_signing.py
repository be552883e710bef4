"""x"""

from localsign.mint.engine.catalog import StepType

TYPES: tuple[StepType, ...] = ()
