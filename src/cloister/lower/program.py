"""What the enclave will do, before it is known where in the arena anything lies.

A Program is a list of operators on buffers. Its parameter classes have the fields of the C
structs in enclave/include/clo.h, in their order: the container writes them word by word. A buffer
is placed by `memory`; until then a piece of it is named by a Span (buffer, first float, floats).
Weights stay arrays of the graph, seen through strides; `pack` cuts them into pages.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from cloister.channel.message import ALIGN
from cloister.graph.graph import TensorInfo

FloatArray = npt.NDArray[np.float32]
ByteArray = npt.NDArray[np.int8]

PANEL = 32  # CLO_PANEL: output channels in one weight panel
ALIGN_BYTES = ALIGN
PAGE_MAX_BYTES = 1 << 20  # CLO_PAGE_MAX
TAPS_MAX = 1024  # CLO_TAPS_MAX
IO_MAX = 16  # CLO_IO_MAX
FLOAT_BYTES = 4
INF = math.inf
Clip = tuple[float, float]
NO_CLIP: Clip = (-INF, INF)


class Kind(enum.IntEnum):
    """enum clo_kind."""

    CONST = 0
    CONV = 1
    DWCONV = 2
    MATMUL = 3
    POOL = 4
    UNARY = 5
    BINARY = 6
    SOFTMAX = 7
    REDUCE = 8
    NORM = 9
    COPY = 10
    FILL = 11


class Conv(enum.IntEnum):
    """enum clo_conv_fn."""

    DIRECT = 0
    WINOGRAD = 1


class Unary(enum.IntEnum):
    """enum clo_unary_fn."""

    RELU = 0
    LEAKY_RELU = 1
    CLIP = 2
    ELU = 3
    SIGMOID = 4
    TANH = 5
    SILU = 6
    HARD_SIGMOID = 7
    HARD_SWISH = 8
    GELU = 9
    GELU_TANH = 10
    ERF = 11
    EXP = 12
    LOG = 13
    SQRT = 14
    RECIPROCAL = 15
    ABS = 16
    NEG = 17
    SOFTPLUS = 18
    AFFINE = 19
    QUANTISE = 20
    CODES = 21
    NUMBERS = 22


class Binary(enum.IntEnum):
    """enum clo_binary_fn."""

    ADD = 0
    SUB = 1
    MUL = 2
    DIV = 3
    MIN = 4
    MAX = 5
    PRELU = 6


class Pool(enum.IntEnum):
    """enum clo_pool_fn."""

    MAX = 0
    AVERAGE = 1


class Softmax(enum.IntEnum):
    """enum clo_softmax_fn."""

    SOFTMAX = 0
    LOG_SOFTMAX = 1


class Reduce(enum.IntEnum):
    """enum clo_reduce_fn."""

    MEAN = 0
    SUM = 1
    MAX = 2
    MIN = 3


@dataclass(frozen=True)
class ConvParams:
    """clo_conv."""

    h: int
    w: int
    c: int
    n: int
    groups: int
    kh: int
    kw: int
    sh: int
    sw: int
    dh: int
    dw: int
    pt: int
    pl: int
    oh: int
    ow: int
    x_ld: int
    y_ld: int
    z_ld: int
    panels: int
    slice: int
    pad: int = 0
    y_step: float = 0.0
    y_low: float = 0.0
    z_step: float = 0.0
    z_low: float = 0.0
    r_step: float = 0.0
    r_low: float = 0.0


@dataclass(frozen=True)
class DwconvParams:
    """clo_dwconv."""

    h: int
    w: int
    c: int
    kh: int
    kw: int
    sh: int
    sw: int
    dh: int
    dw: int
    pt: int
    pl: int
    oh: int
    ow: int
    x_ld: int
    y_ld: int
    panels: int


@dataclass(frozen=True)
class MatmulParams:
    """clo_matmul."""

    b0: int
    b1: int
    m: int
    k: int
    n: int
    x_b0: int
    x_b1: int
    x_m: int
    z_b0: int
    z_b1: int
    z_k: int
    z_n: int
    y_b0: int
    y_b1: int
    y_m: int
    alpha: float


@dataclass(frozen=True)
class PoolParams:
    """clo_pool."""

    h: int
    w: int
    c: int
    kh: int
    kw: int
    sh: int
    sw: int
    dh: int
    dw: int
    pt: int
    pl: int
    pb: int
    pr: int
    oh: int
    ow: int
    x_ld: int
    y_ld: int
    count_pad: int


@dataclass(frozen=True)
class UnaryParams:
    """clo_unary."""

    rows: int
    cols: int
    x_ld: int
    y_ld: int
    p0: float
    p1: float


Five = tuple[int, int, int, int, int]
Six = tuple[int, int, int, int, int, int]


@dataclass(frozen=True)
class BinaryParams:
    """clo_binary."""

    d: Five
    xs: Five
    zs: Five
    ys: Five


@dataclass(frozen=True)
class SoftmaxParams:
    """clo_softmax."""

    outer: int
    n: int
    inner: int


@dataclass(frozen=True)
class ReduceParams:
    """clo_reduce."""

    outer: int
    n: int
    inner: int
    x_o: int
    x_n: int


@dataclass(frozen=True)
class NormParams:
    """clo_norm."""

    rows: int
    cols: int
    x_ld: int
    y_ld: int
    eps: float


@dataclass(frozen=True)
class CopyParams:
    """clo_copy."""

    d: Six
    xs: Six
    ys: Six
    x_first: int


@dataclass(frozen=True)
class FillParams:
    """clo_fill."""

    value: float


@dataclass(frozen=True)
class ConstParams:
    """CLO_CONST has no parameters."""


Params = (
    ConvParams
    | DwconvParams
    | MatmulParams
    | PoolParams
    | UnaryParams
    | BinaryParams
    | SoftmaxParams
    | ReduceParams
    | NormParams
    | CopyParams
    | FillParams
    | ConstParams
)

PARAMS: dict[Kind, type[Params]] = {
    Kind.CONST: ConstParams,
    Kind.CONV: ConvParams,
    Kind.DWCONV: DwconvParams,
    Kind.MATMUL: MatmulParams,
    Kind.POOL: PoolParams,
    Kind.UNARY: UnaryParams,
    Kind.BINARY: BinaryParams,
    Kind.SOFTMAX: SoftmaxParams,
    Kind.REDUCE: ReduceParams,
    Kind.NORM: NormParams,
    Kind.COPY: CopyParams,
    Kind.FILL: FillParams,
}
FUNCTIONS: dict[Kind, type[enum.IntEnum]] = {
    Kind.CONV: Conv,
    Kind.POOL: Pool,
    Kind.UNARY: Unary,
    Kind.BINARY: Binary,
    Kind.SOFTMAX: Softmax,
    Kind.REDUCE: Reduce,
}


class Role(enum.Enum):
    """What a buffer is for; decides how long it lives."""

    VALUE = "value"
    REQUEST = "request"  # the request message: written before the first operator
    RESPONSE = "response"  # the response message
    SCRATCH = "scratch"


@dataclass(eq=False)
class Buffer:
    """A piece of the arena that is placed as a whole.

    Args:
        name: For people: the value that it was made for.
        n: Floats.
        role: What it is for.
    """

    name: str
    n: int
    role: Role = Role.VALUE

    @property
    def size_bytes(self) -> int:
        """Bytes."""
        return self.n * FLOAT_BYTES


@dataclass(frozen=True)
class Span:
    """Floats [at, at + n) of a buffer: every access of an operand lies inside."""

    buffer: Buffer
    at: int
    n: int

    def __post_init__(self) -> None:
        assert self.at >= 0 and self.n > 0 and self.at + self.n <= self.buffer.n, self


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights of one or several operators; cut into pages by `pack`.

    Args:
        kind: CONV, DWCONV or CONST: how pages are laid out.
        array: CONV: [groups, n, taps, c] (taps and c need not be the operator's, their product
            is); DWCONV: [c, taps];
            CONST: the floats in the order in which they lie in the arena, any shape.
        bias: One float per output channel; None is zero. None for CONST.
        scale: The array is multiplied by this when it is packed.
        steps: What one is worth in each output channel, where the array is bytes: CONV, DWCONV.
        zero: CONV by codes: the code of 0 in x; None: x is floats.
    """

    kind: Kind
    array: FloatArray | ByteArray
    bias: FloatArray | None = None
    scale: float = 1.0
    steps: FloatArray | None = None
    zero: int | None = None
    ALLOWED: ClassVar[frozenset[Kind]] = frozenset({Kind.CONV, Kind.DWCONV, Kind.CONST})

    def __post_init__(self) -> None:
        assert self.kind in self.ALLOWED
        assert self.array.dtype == (np.float32 if self.steps is None else np.int8)
        assert self.steps is None or (self.kind is not Kind.CONST and self.scale == 1.0)
        assert self.zero is None or (self.kind is Kind.CONV and self.steps is not None)

    @property
    def int8(self) -> int:
        """1 where the array is bytes, 2 where x is codes too, else 0."""
        return 0 if self.steps is None else 1 if self.zero is None else 2


@dataclass(frozen=True, eq=False)
class Op:
    """One enclave operator.

    Args:
        kind: enum clo_kind.
        name: Name of the ONNX node that it comes from (the last one, where several were fused).
        op_type: That node's ONNX operator.
        params: The parameters of the kind.
        x, y, z: Operands; y is written.
        fn: Of the kind's enum; 0 where the kind has none.
        lo, hi: Fused clip.
        weights: CONST, CONV, DWCONV: the weights.
        scratch_bytes: Working memory that the operator needs.
        act: CONV, DWCONV: function that is applied last, one without parameters.
    """

    kind: Kind
    name: str
    op_type: str
    params: Params
    y: Span
    x: Span | None = None
    z: Span | None = None
    fn: int = 0
    lo: float = -INF
    hi: float = INF
    weights: Weights | None = None
    scratch_bytes: int = 0
    act: Unary | None = None

    @property
    def int8(self) -> int:
        """1 where the weights are bytes, 2 where x is codes too, else 0."""
        return 0 if self.weights is None else self.weights.int8

    @property
    def function(self) -> str:
        """The function's name in lower case; empty where the kind has none."""
        functions = FUNCTIONS.get(self.kind)
        return "" if functions is None else functions(self.fn).name.lower()


@dataclass(frozen=True)
class Io:
    """An input, crossing tensor or output, and where it lies."""

    info: TensorInfo
    span: Span


@dataclass(frozen=True)
class Program:
    """Everything that the enclave does for one request.

    Args:
        mode: ``"split"`` or ``"whole"``.
        ops: In the order in which they run.
        inputs, crossing, outputs: In ONNX order; crossing is empty in ``whole``.
        request, response: The message buffers.
    """

    mode: str
    ops: tuple[Op, ...]
    inputs: tuple[Io, ...]
    crossing: tuple[Io, ...]
    outputs: tuple[Io, ...]
    request: Buffer
    response: Buffer

    @property
    def scratch_bytes(self) -> int:
        """The largest scratch of any operator."""
        return max((op.scratch_bytes for op in self.ops), default=0)


def align(size: int, to: int = ALIGN_BYTES) -> int:
    """``size`` rounded up to a multiple of ``to``."""
    return -(-size // to) * to
