/* SPDX-License-Identifier: Apache-2.0 */
/* Tables, whose comments belong beside the fields: */
/* clang-format off */
/*
 * clo.h: the contract of the enclave core.
 *
 * The core runs the head of a neural network inside a trusted execution environment (TEE) and speaks to clients over
 * sealed messages. It is the same in every TEE. It allocates nothing, calls no libm and no stdio, keeps no hidden
 * state, and never waits for the outside: the host pushes one frame in (clo_step), one frame comes out.
 *
 * Trust. Every byte that comes through clo_step is hostile and may change while it is read (shared memory): it is
 * copied in once and only the copy is used. The caller of this header (the port) is trusted.
 *
 * Byte order. Containers, frames and messages are little-endian; the core runs on little-endian machines only.
 *
 * The bytes are specified in docs/formats/{container,frames,message,claims,receipt}.md; this header and those pages change
 * together.
 */
#ifndef CLO_H
#define CLO_H

#include <stddef.h>
#include <stdint.h>

#define CLO_ENGINE_VERSION "0.1.0"
#define CLO_CONTAINER_VERSION 1u
#define CLO_PANEL 32u               /* output channels in one weight panel */
#define CLO_ALIGN 64u               /* bytes; alignment of pages, messages and the arena */
#define CLO_PAGE_MAX (1u << 20)     /* bytes of one plain page, at most */
#define CLO_HEADER_MAX (16u << 20)  /* bytes of a container's header, at most */
#define CLO_TAG 16u                 /* bytes of an AES-GCM tag */
#define CLO_DIGEST 32u              /* bytes of a SHA-256 */
#define CLO_NONCE_MAX 64u           /* bytes of a client's nonce; at least CLO_NONCE_MIN, or none */
#define CLO_NONCE_MIN 8u
#define CLO_IO_MAX 16u              /* inputs, crossing tensors, outputs: each at most this many */
#define CLO_TAPS_MAX 1024u          /* kernel positions kh * kw of one convolution or pool, at most */
#define CLO_WINO_C 64u              /* input channels that a Winograd convolution transforms at a time */
#define CLO_ROWS_MAX 16u            /* rows of the tallest micro-kernel: sizes the smallest scratch */

typedef enum clo_err {
    CLO_OK = 0,
    CLO_E_FORMAT = 1,   /* not a container, frame or message: magic, version, reserved bytes, order */
    CLO_E_BOUNDS = 2,   /* a field of the plan is out of range, or reaches outside its span or the arena */
    CLO_E_DIGEST = 3,   /* a page does not have the digest of the page table, or does not open with the page key */
    CLO_E_MEMORY = 4,   /* the caller's memory is smaller than the plan needs */
    CLO_E_STATE = 5,    /* this frame is not allowed now: second load, request before load, foreign tail */
    CLO_E_SIZE = 6,     /* a frame or message is longer or shorter than the plan says */
    CLO_E_KEY = 7,      /* the message names a key or an algorithm that this instance does not have */
    CLO_E_CRYPTO = 8,   /* the message does not open; deliberately no more is said */
    CLO_E_REPLAY = 9,   /* this message was answered before */
    CLO_E_FULL = 10,    /* the replay table is full: this instance answers no more, start another */
    CLO_E_SHAPE = 11,   /* the message opened, but its tensors are not those of the plan */
    CLO_E_PORT = 12     /* the platform failed: random, evidence */
} clo_err;

/* ------------------------------------------------------------------------------------------------ container
 * header  = clo_header, n_ops x clo_op, (n_inputs + n_crossing + n_outputs) x clo_io, n_pages x clo_page, zeros to
 *           a multiple of CLO_ALIGN.  Model digest = SHA-256(header).
 * pages   follow the header in order, each zero-padded to CLO_ALIGN.
 * All structs are read in place from the trusted copy of the header, so every field is 32 or 64 bits, naturally
 * aligned, without padding. "Floats" are 4-byte units.                                                            */

enum { CLO_MODE_SPLIT = 0, CLO_MODE_WHOLE = 1 };
enum { CLO_F32 = 1 };

typedef struct clo_header { /* 128 bytes */
    uint8_t magic[8];         /* "CLOISTER" */
    uint32_t version;         /* CLO_CONTAINER_VERSION */
    uint32_t header_bytes;    /* the whole header, a multiple of CLO_ALIGN, <= CLO_HEADER_MAX */
    uint32_t mode;            /* CLO_MODE_SPLIT: outputs come from the host's tail; CLO_MODE_WHOLE: from the plan */
    uint32_t sealed;          /* 0: pages are plain; 1: pages are AES-256-GCM, of which there is at least one */
    uint32_t n_ops;
    uint32_t n_inputs;
    uint32_t n_crossing;      /* 0 in CLO_MODE_WHOLE */
    uint32_t n_outputs;
    uint32_t n_pages;
    uint32_t page_slot;       /* bytes of the longest streamed page as stored, rounded up to CLO_ALIGN; 0 if none */
    uint64_t resident_bytes;  /* sum over resident pages of plain bytes, each rounded up to CLO_ALIGN */
    uint64_t arena_bytes;     /* one past the highest byte that may be written, messages and scratch included */
    uint32_t request_at;      /* floats into the arena, multiple of 16: the request message */
    uint32_t response_at;     /* floats into the arena, multiple of 16: the response message */
    uint32_t scratch_at;      /* floats into the arena, multiple of 16 */
    uint32_t scratch_bytes;   /* the largest scratch of any operator */
    uint8_t key_id[16];       /* names the page key when sealed, not zero; zero otherwise */
    uint8_t key_digest[32];   /* SHA-256 of the page key when sealed; zero otherwise */
} clo_header;

typedef struct clo_io { /* 64 bytes: an input, crossing tensor or output; contiguous, in ONNX order */
    uint32_t dtype;         /* CLO_F32 */
    uint32_t rank;          /* 0..8 */
    uint32_t dims[8];       /* 1..2^31-1 up to rank, then 0 */
    uint32_t at;            /* floats into the arena; inputs and outputs: where the message layout puts them */
    uint32_t n;             /* floats: product of dims */
    uint32_t reserved[4];   /* zero */
} clo_io;

typedef struct clo_page { /* 64 bytes */
    uint64_t offset;        /* bytes from the start of the file, multiple of CLO_ALIGN */
    uint32_t plain;         /* bytes, <= CLO_PAGE_MAX, multiple of 4 */
    uint32_t stored;        /* plain, or plain + CLO_TAG when sealed */
    uint32_t resident;      /* 1: kept in trusted memory from load on; 0: asked for each time (NEED_PAGE) */
    uint32_t reserved[3];   /* zero */
    uint8_t digest[32];     /* SHA-256 of the page as stored */
} clo_page;

/* Operators. One row each in the operator table (src/plan.c), one kernel, one validation rule. */
enum clo_kind {
    CLO_CONST = 0,    /* y = pages, as they are */
    CLO_CONV = 1,     /* y = act(clip(conv(x, pages) + bias + z)): also Gemm and MatMul by a constant; fn: the algorithm */
    CLO_DWCONV = 2,   /* y = act(clip(depthwise conv(x, pages) + bias)): also per-channel scale and shift (1 x 1) */
    CLO_MATMUL = 3,   /* y = clip(alpha * x . z), both computed at run time, batched */
    CLO_POOL = 4,     /* max or average over a window */
    CLO_UNARY = 5,    /* y = f(x) */
    CLO_BINARY = 6,   /* y = clip(f(x, z)) with broadcasting by stride 0 */
    CLO_SOFTMAX = 7,  /* over the middle of [outer, n, inner] */
    CLO_REDUCE = 8,   /* mean, sum, max, min over the middle of [outer, n, inner] */
    CLO_NORM = 9,     /* layer normalisation of each row: (x - mean) / sqrt(var + eps) * gamma + beta */
    CLO_COPY = 10,    /* y[strides] = x[strides]: transpose, slice, concat, expand, padding's inside */
    CLO_FILL = 11,    /* y = value */
    CLO_KINDS = 12
};

enum clo_conv_fn {
    CLO_FN_DIRECT = 0,
    CLO_FN_WINOGRAD = 1, /* F(4 x 4, 3 x 3): 3 x 3, no stride, dilation, groups or slices; more scratch */
    CLO_CONV_FNS = 2
};
enum clo_unary_fn {
    CLO_FN_RELU = 0, CLO_FN_LEAKY_RELU = 1, CLO_FN_CLIP = 2, CLO_FN_ELU = 3,
    CLO_FN_SIGMOID = 4, CLO_FN_TANH = 5, CLO_FN_SILU = 6, CLO_FN_HARD_SIGMOID = 7,
    CLO_FN_HARD_SWISH = 8, CLO_FN_GELU = 9, CLO_FN_GELU_TANH = 10, CLO_FN_ERF = 11, CLO_FN_EXP = 12,
    CLO_FN_LOG = 13, CLO_FN_SQRT = 14, CLO_FN_RECIPROCAL = 15, CLO_FN_ABS = 16,
    CLO_FN_NEG = 17, CLO_FN_SOFTPLUS = 18, CLO_FN_AFFINE = 19, CLO_FN_QUANTISE = 20,
    CLO_FN_CODES = 21, CLO_FN_NUMBERS = 22,
    CLO_UNARY_FNS = 23
    /* p0, p1: LEAKY_RELU slope; CLIP min, max; ELU alpha; HARD_SIGMOID alpha, beta; AFFINE p0 * x + p1;
     * QUANTISE p0 * clip(round(x / p0), p1, p1 + 255), half to even, NaN to p1; CODES the same as a byte from 0 to
     * 255, NUMBERS back: four bytes lie where a float would, in y or in x */
};
enum clo_binary_fn {
    CLO_FN_ADD = 0, CLO_FN_SUB = 1, CLO_FN_MUL = 2, CLO_FN_DIV = 3, CLO_FN_MIN = 4, CLO_FN_MAX = 5,
    CLO_FN_PRELU = 6, /* x > 0 ? x : z * x */
    CLO_BINARY_FNS = 7
};
enum clo_pool_fn { CLO_FN_POOL_MAX = 0, CLO_FN_POOL_AVERAGE = 1, CLO_POOL_FNS = 2 };
enum clo_softmax_fn { CLO_FN_SOFTMAX = 0, CLO_FN_LOG_SOFTMAX = 1, CLO_SOFTMAX_FNS = 2 };
enum clo_reduce_fn {
    CLO_FN_MEAN = 0, CLO_FN_SUM = 1, CLO_FN_REDUCE_MAX = 2, CLO_FN_REDUCE_MIN = 3,
    CLO_REDUCE_FNS = 4
};

typedef struct clo_span { /* a piece of the arena; all accesses of an operator are proven to stay inside */
    uint32_t at;            /* floats from the start of the arena */
    uint32_t n;             /* floats; 0: operand absent */
} clo_span;

/* Maps are NHWC with batch 1: pixel (i, j), channel k of x is x.at + (i * w + j) * x_ld + k. A leading dimension
 * (x_ld, y_ld, z_ld) larger than the channel count is how concat and split cost nothing. A convolution with 1 x 1
 * kernel, h = M, w = 1 is Gemm. */
typedef struct clo_conv { /* CLO_CONV: group g reads channels [g*c, (g+1)*c) and writes channels [g*n, (g+1)*n) */
    uint32_t h, w, c, n, groups; /* c, n: channels in and out of ONE group */
    uint32_t kh, kw, sh, sw, dh, dw;
    uint32_t pt, pl;             /* zero padding above and to the left; what is needed below and right follows */
    uint32_t oh, ow;
    uint32_t x_ld, y_ld, z_ld;   /* z_ld: 0 without z */
    uint32_t panels;             /* whole panels in each page (the last page may hold fewer); 1 when slice != 0 */
    uint32_t slice;              /* 0, or rows k of one K-slice: each page is then one slice of one panel */
    uint32_t pad;                /* int8 == 2: the code of 0, which is around x */
    float y_step, y_low;         /* y is codes, as CODES gives them; 0, 0: floats */
    float z_step, z_low;         /* z is codes; 0, 0: floats */
    float r_step, r_low;         /* the sum is rounded, as by QUANTISE, before z is added; 0, 0: it is not */
} clo_conv;
typedef struct clo_dwconv { /* CLO_DWCONV */
    uint32_t h, w, c;
    uint32_t kh, kw, sh, sw, dh, dw;
    uint32_t pt, pl;
    uint32_t oh, ow;
    uint32_t x_ld, y_ld;
    uint32_t panels;             /* whole panels of CLO_PANEL channels in each page */
} clo_dwconv;
typedef struct clo_matmul { /* CLO_MATMUL: for each (b0, b1): y[m, n] = alpha * sum_k x[m, k] z[k, n] */
    uint32_t b0, b1, m, k, n;
    uint32_t x_b0, x_b1, x_m;        /* strides in floats; x's k is contiguous */
    uint32_t z_b0, z_b1, z_k, z_n;   /* scratch: k * CLO_PANEL floats, for one packed panel, plus row pointers */
    uint32_t y_b0, y_b1, y_m;        /* y's n is contiguous */
    float alpha;
} clo_matmul;
typedef struct clo_pool { /* CLO_POOL: fn = clo_pool_fn */
    uint32_t h, w, c;
    uint32_t kh, kw, sh, sw, dh, dw;
    uint32_t pt, pl, pb, pr;
    uint32_t oh, ow;
    uint32_t x_ld, y_ld;
    uint32_t count_pad;              /* average: 1 counts padding inside [-pt, h+pb) x [-pl, w+pr), 0 does not */
} clo_pool;
typedef struct clo_unary { /* CLO_UNARY: fn = clo_unary_fn; y may be x */
    uint32_t rows, cols, x_ld, y_ld;
    float p0, p1;
} clo_unary;
typedef struct clo_binary { /* CLO_BINARY: fn = clo_binary_fn; y may be x or z where its strides are the same */
    uint32_t d[5];                   /* outermost first; 1 where unused */
    uint32_t xs[5], zs[5], ys[5];    /* strides in floats; innermost: xs, zs 0 or 1; ys 1 */
} clo_binary;
typedef struct clo_softmax { /* CLO_SOFTMAX: x and y contiguous [outer, n, inner]; y may be x */
    uint32_t outer, n, inner;
} clo_softmax;
typedef struct clo_reduce { /* CLO_REDUCE: y contiguous [outer, inner]; x[o, i, j] at o * x_o + i * x_n + j */
    uint32_t outer, n, inner;
    uint32_t x_o, x_n;
} clo_reduce;
typedef struct clo_norm { /* CLO_NORM: z = gamma[cols] then beta[cols]; y may be x */
    uint32_t rows, cols, x_ld, y_ld;
    float eps;
} clo_norm;
typedef struct clo_copy { /* CLO_COPY: strides in floats, may be negative in x */
    uint32_t d[6];                   /* outermost first; 1 where unused */
    int32_t xs[6];
    uint32_t ys[6];
    uint32_t x_first;                /* floats into x of element (0, ..., 0) */
} clo_copy;
typedef struct clo_fill { /* CLO_FILL: all y.n floats */
    float value;
} clo_fill;

typedef struct clo_op { /* 192 bytes */
    uint32_t kind;          /* enum clo_kind */
    uint32_t fn;            /* of the kind's enum; 0 where the kind has none */
    float lo, hi;           /* fused clip of CONV, DWCONV, MATMUL, BINARY: -inf, +inf for none; NaN passes */
    clo_span x, y, z;
    uint32_t first_page;
    uint32_t n_pages;       /* CONST, CONV, DWCONV: what the geometry asks for, exactly; else 0 */
    uint32_t scratch;       /* bytes, <= clo_header.scratch_bytes */
    uint32_t act;           /* CONV, DWCONV: 1 + a clo_unary_fn without parameters, applied last; 0: none */
    uint32_t int8;          /* CONV, DWCONV: 1: weights are bytes with a scale for each channel; 0: floats; CONV: 2: and x is
                               codes: c and x_ld count fours of channels, sums are integers */
    uint32_t reserved;      /* zero */
    union {
        clo_conv conv;
        clo_dwconv dwconv;
        clo_matmul matmul;
        clo_pool pool;
        clo_unary unary;
        clo_binary binary;
        clo_softmax softmax;
        clo_reduce reduce;
        clo_norm norm;
        clo_copy copy;
        clo_fill fill;
        uint32_t words[32]; /* unused words are zero */
    } u;
} clo_op;

/* A validated plan: pointers into the trusted copy of the header. */
typedef struct clo_plan {
    const clo_header *header;
    const clo_op *ops;
    const clo_io *inputs, *crossing, *outputs;
    const clo_page *pages;
    size_t request_bytes;   /* plain request message (docs/formats/message.md) */
    size_t response_bytes;  /* plain response message */
    size_t crossing_bytes;  /* crossing message; 0 in CLO_MODE_WHOLE */
} clo_plan;

/* ------------------------------------------------------------------------------------------------ kernels
 * One table per vector width, from the same sources; the port chooses one that the machine can run. A kernel runs one
 * operator, or for operators with pages one page of it, on a validated plan: it makes no checks.
 *   arena: CLO_ALIGN-aligned, header.arena_bytes long; scratch: inside it, left alone between the pages of one operator,
 *   which come in order; page: plain bytes of page `index` (counted from the operator's first), CLO_ALIGN-aligned, or
 *   NULL.
 * Same bits for every width: each output is one fused multiply-add chain in K order. */
typedef struct clo_share { /* part `part` of `parts`, of one operator or page: y is divided, bits do not change */
    uint32_t part, parts;
} clo_share;
typedef void clo_kernel(const clo_op *op, float *arena, float *scratch, const float *page,
                        uint32_t index, clo_share share);
typedef struct clo_kernels {
    const char *name;       /* "avx512", "avx2", "neon", "portable" */
    uint32_t width;         /* floats in one vector */
    uint32_t shared;        /* bit k: kernels of kind k can run in parts, at one time; others only as {0, 1} */
    clo_kernel *run[CLO_KINDS];
} clo_kernels;

extern const clo_kernels clo_kernels_portable; /* any machine; without FMA its last bits may differ */
extern const clo_kernels clo_kernels_avx2;     /* x86-64 with AVX2 and FMA */
extern const clo_kernels clo_kernels_avx512;   /* x86-64 with AVX-512 F, BW, DQ, VL */
extern const clo_kernels clo_kernels_avx512vnni; /* and AVX-512 VNNI */
extern const clo_kernels clo_kernels_neon;     /* aarch64 */

/* Validates `header` (trusted memory that stays unchanged while the plan is used; CLO_ALIGN-aligned).
 * On CLO_OK every operator is proven to stay inside its spans, the spans inside the arena, and every page to have
 * exactly the length that its operator reads. plan is untouched on error. */
clo_err clo_plan_open(clo_plan *plan, const void *header, size_t bytes);

/* Bytes of trusted memory that an instance needs for this plan with a replay table of `replay` entries (each 16
 * bytes): header copy, replay table, resident pages, page slot, arena, in this order, each CLO_ALIGN-aligned; then
 * CLO_ALIGN bytes, so that a sealed message, which is longer than its plain one, can lie over the arena in one piece. */
size_t clo_plan_memory(const clo_plan *plan, uint32_t replay);

/* ------------------------------------------------------------------------------------------------ port
 * What a platform brings. Functions return 0 on success. No callback may keep a pointer. AES-GCM is in place:
 * buf[n] is replaced; open leaves buf in an unspecified state when the tag does not match. */
typedef struct clo_port {
    void *ctx;
    int (*random)(void *ctx, uint8_t *out, size_t n);
    int (*x25519)(void *ctx, uint8_t out[32], const uint8_t scalar[32], const uint8_t *point); /* NULL: base point;
                                                                            fails when the result is all zero */
    int (*sha256)(void *ctx, uint8_t out[32], const void *data, size_t n);
    int (*sha512)(void *ctx, uint8_t out[64], const void *data, size_t n);
    int (*hmac_sha256)(void *ctx, uint8_t out[32], const uint8_t *key, size_t key_n,
                       const void *data, size_t n);
    int (*aes_gcm_seal)(void *ctx, const uint8_t *key, size_t key_n, const uint8_t nonce[12],
                        const uint8_t *aad, size_t aad_n, uint8_t *buf, size_t n, uint8_t tag[16]); /* key_n: 16 or 32 */
    int (*aes_gcm_open)(void *ctx, const uint8_t *key, size_t key_n, const uint8_t nonce[12],
                        const uint8_t *aad, size_t aad_n, uint8_t *buf, size_t n,
                        const uint8_t tag[16]);
    int (*ed25519_pair)(void *ctx, uint8_t public_key[32], uint8_t seed[32]); /* makes a pair of keys */
    int (*ed25519_sign)(void *ctx, uint8_t sig[64], const uint8_t seed[32],
                        const uint8_t public_key[32], const void *data, size_t n);
    int (*evidence)(void *ctx, const uint8_t report_data[64], uint8_t *out, size_t cap, size_t *n);
    int (*key_get)(void *ctx, const uint8_t id[16], uint8_t key[32]); /* a page key kept by the platform where only this
                                                        program can read it; fails when there is none; NULL: keeps none */
    int (*key_put)(void *ctx, const uint8_t id[16], const uint8_t key[32]); /* keeps a page key; NULL: keeps none */
    void (*wipe)(void *ctx, void *p, size_t n);      /* never optimised away */
    uint64_t (*now_ns)(void *ctx);                   /* a monotonic clock for the timings in frames; may return 0 */
    uint32_t (*fp_mode)(void *ctx, uint32_t mode);   /* sets the FP control word, returns the old one;
                                                        mode CLO_FP_DEFAULT: round to nearest, no flush to zero */
    void (*parallel)(void *ctx, void (*job)(void *arg, clo_share share), void *arg); /* NULL: one thread. Runs the job
                                                                  for each part at once; returns when all are done */
    uint32_t threads;                                /* the parts that `parallel` makes; each but the first takes
                                                        clo_header.scratch_bytes more, rounded up to CLO_ALIGN */
} clo_port;
#define CLO_FP_DEFAULT 0xFFFFFFFFu

/* ------------------------------------------------------------------------------------------------ session */
enum clo_frame_type { /* host to enclave */
    CLO_LOAD = 1,      /* payload: manifest digest (32), container header */
    CLO_PAGES = 2,     /* a = first, b = count; payload: bytes [pages[a].offset, end of pages[a+b-1]) of the file,
                          with the padding between them, without the last one's */
    CLO_ATTEST = 3,    /* payload: clo_attest (16 bytes), then the client's nonce (0 or 8..64 bytes) */
    CLO_REQUEST = 4,   /* id; a, b = low, high half of the seconds since 1970, the host's word; payload: sealed request */
    CLO_TAIL = 5,      /* id; payload: message with the plan's outputs, as the tail computed them */
    CLO_CANCEL = 6,    /* id; drops the request in flight, wipes it */
    CLO_KEY = 7,       /* payload: enc (32), sealed page key (48): HPKE to this instance's key, bound to its last claims */
                       /* enclave to host */
    CLO_NEED_PAGE = 16, /* a = first, b = count */
    CLO_READY = 17,     /* a = used, b = size of the replay table; payload: OHTTP key config (application/ohttp-keys,
                           without the length prefix) */
    CLO_CLAIMS = 18,    /* a = bytes of the claims; payload: claims (CBOR), then evidence from the port */
    CLO_CROSSING = 19,  /* id; payload: message with the crossing tensors */
    CLO_RESPONSE = 20,  /* id; a, b as in CLO_READY; payload: sealed response, then its receipt (COSE_Sign1) */
    CLO_IDLE = 21,      /* id; answer to CLO_CANCEL */
    CLO_ERROR = 22,     /* id; a = clo_err */
    CLO_NEED_KEY = 23   /* the container is sealed: attest, then CLO_KEY; payload as in CLO_READY */
};
typedef struct clo_frame { /* 64 bytes, then `length` bytes of payload */
    uint32_t magic;         /* CLO_FRAME_MAGIC */
    uint32_t type;
    uint64_t id;            /* the host's name for a request; 0 where it has no meaning */
    uint64_t length;
    uint32_t a, b;
    uint64_t open_ns, run_ns, seal_ns; /* from the enclave: time spent; from the host: zero */
    uint64_t reserved;      /* zero */
} clo_frame;
#define CLO_FRAME_MAGIC 0x314f4c43u /* "CLO1" */

typedef struct clo_attest {
    uint64_t iat, exp;      /* seconds since 1970, the host's word; exp > iat */
} clo_attest;

typedef struct clo_config {
    const clo_port *port;
    const clo_kernels *kernels;
    void *memory;           /* CLO_ALIGN-aligned; whole instance: clo_plan_memory() bytes */
    size_t bytes;
    uint32_t replay;        /* entries of the replay table: power of two */
    uint32_t window;        /* bytes of pages that the host may send in one CLO_PAGES frame, >= CLO_PAGE_MAX + CLO_TAG */
    const char *tee;        /* "sandbox", "optee", ...: a claim */
    const char *level;      /* what the port did to confine itself: a claim; docs/formats/claims.md */
    uint32_t debug;         /* 1: evidence is marked as debug (claim dbgstat enabled) */
} clo_config;

/* One instance. Opaque to ports but for its size; kept in trusted memory; never copied. */
typedef struct clo_session {
    clo_config config;
    clo_plan plan;
    uint32_t state;
    uint32_t op, page;              /* where the run stands; page alone: where the load stands */
    uint32_t replay_used;
    uint32_t resident_page;         /* resident pages before this one take resident_at bytes */
    uint64_t resident_at;
    uint64_t request_id, host_time;
    uint64_t open_ns, run_ns;
    uint8_t *header, *replay, *resident, *slot;
    float *arena;
    uint8_t manifest_digest[32], model_digest[32];
    uint8_t kem_secret[32], kem_public[32], receipt_seed[32], receipt_public[32];
    uint8_t response_key[32], response_nonce[32], response_salt[32], request_digest[32];
    uint8_t page_key[32], page_aad[40], claims_digest[32]; /* claims: those that were answered last */
    uint8_t key_id;
    uint8_t reserved[7];
} clo_session;

/* Starts an instance in state "empty". Makes no keys: they are made once a container's header is checked. */
clo_err clo_session_init(clo_session *s, const clo_config *config);

/* Takes one frame, gives one frame. `in` may be shared with the host; each of its bytes is read once. `out` gets
 * header and payload; out_cap must be at least clo_out_bytes(s) (CLO_E_SIZE otherwise). Returns CLO_OK, or the code
 * that the CLO_ERROR frame in `out` carries. A failed load is final; a failed request leaves the instance ready. */
clo_err clo_step(clo_session *s, const uint8_t *in, size_t in_bytes, uint8_t *out, size_t out_cap,
                 size_t *out_bytes);

/* Bytes of the largest frame that this instance may write (before a load: CLO_OUT_MIN). */
size_t clo_out_bytes(const clo_session *s);
#define CLO_OUT_MIN 32768u

/* Wipes all secrets; the instance is "dead" afterwards. */
void clo_session_end(clo_session *s);

#endif
