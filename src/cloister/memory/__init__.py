"""The arena: what is needed when, and where it lies; the peak is known to the byte before
anything runs.
"""

from cloister.memory.placement import Placement, check_placement, place

__all__ = ["Placement", "check_placement", "place"]
