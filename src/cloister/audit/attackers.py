"""Who attacks: one row an attacker, one interface.

An attacker is a function of what it knows (`Pairs`) and of its means (`Means`) to what it rebuilt
(`Guess`), or None where it does not fit the cut. Modules are imported when they are first asked,
so that an audit without trained attackers needs no torch.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from cloister.audit.pairs import Guess, Pairs
from cloister.graph.cuts import Cut
from cloister.graph.graph import Graph

Access = Literal["whitebox", "blackbox"]
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Budget:
    """What a trained attacker may spend at one cut.

    Args:
        pairs: Pictures that it learns from, at most.
        epochs: How often it sees each.
        batch: Pictures a step.
        width_max: Channels of PSDec, at most.
        steps: Of an optimisation of one picture.
        tried: Validation pictures on which an optimisation shows that it is worth more.
    """

    pairs: int = 5000
    epochs: int = 10
    batch: int = 64
    width_max: int = 512
    steps: int = 400
    tried: int = 48

    def to_json(self) -> dict[str, int]:
        """For the run's question."""
        return asdict(self)


@dataclass(frozen=True)
class Means:
    """What an attacker has besides its pairs.

    Args:
        seed: Of all that it draws.
        budget: What it may spend.
        device: Of torch.
        options: Of its row.
        network: The network, the cut and the way into it (white box).
        start: Weights of the attacker that it starts from.
        later: Pairs of a later cut and the weights of the attacker there.
        rival: Validation errors of the best attacker so far, one a picture.
        remark: Told how far it is.
    """

    seed: int = 0
    budget: Budget = Budget()
    device: str = "cpu"
    options: Mapping[str, Any] = field(default_factory=dict)
    network: tuple[Graph, Cut, Any] | None = None
    start: Arrays | None = None
    later: tuple[Pairs, Arrays] | None = None
    rival: NDArray[np.float64] | None = None
    remark: Callable[[str], None] = lambda _: None


Attack = Callable[[Pairs, Means], Guess | None]


@dataclass(frozen=True)
class Row:
    """One attacker.

    Args:
        module: Where its `attack` is, below this package.
        access: What it must know: pairs (black box), or the head's weights too.
        options: What makes it differ from other rows of its module.
        starts_from: The attacker whose weights it begins with; it waits for it.
        control: The form of leak that its competence is tried on; None: it has no pairs to learn
            a planted tensor from.
        family: Attackers that differ by budget alone: the points of one budget curve.
        trained: It needs torch.
        pictures: It rebuilds pictures only, no records.
    """

    module: str
    access: Access = "blackbox"
    options: Mapping[str, Any] = field(default_factory=dict)
    starts_from: str = ""
    control: Literal["numbers", "maps"] | None = None
    family: str = ""
    trained: bool = True
    pictures: bool = False

    @property
    def attack(self) -> Attack:
        """Its function."""
        module = importlib.import_module(f"cloister.audit.{self.module}")
        return module.attack  # type: ignore[no-any-return]


PSDEC: Final = "psdec"
THROUGH: Final = "psdec through a later cut"

ATTACKERS: Final[dict[str, Row]] = {
    "ridge": Row("ridge", control="numbers", trained=False),
    "local ridge": Row("local_ridge", trained=False),
    PSDEC: Row("psdec", control="maps", family=PSDEC),
    "psdec, budget x 2": Row("psdec", options={"longer": 2}, family=PSDEC),
    "psdec, budget x 4": Row("psdec", options={"longer": 4}, family=PSDEC),
    "psdec MS-SSIM": Row("psdec", options={"loss": "ms-ssim"}, pictures=True),
    THROUGH: Row("psdec", starts_from=PSDEC),
    "conditional GAN": Row("cgan", pictures=True),
    "white box": Row("white_box", "whitebox"),
    "white box from psdec": Row("white_box", "whitebox", starts_from=PSDEC),
    "deep image prior": Row("deep_image_prior", "whitebox", pictures=True),
}
