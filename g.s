	.arch armv8-a
	.file	"kernels_gemm.c"
	.text
	.align	2
	.p2align 4,,11
	.type	wide_1, %function
wide_1:
.LFB15:
	.cfi_startproc
	ldp	x4, x3, [x0]
	ldr	x1, [x0, 32]
	ldp	x6, x5, [x0, 16]
	ldp	q2, q1, [x1]
	ldr	x10, [x0, 48]
	ldr	x9, [x0, 64]
	ldp	s7, s6, [x0, 88]
	ldr	s5, [x0, 96]
	cbz	x3, .L2
	lsl	x7, x6, 2
	lsl	x8, x6, 7
	.p2align 3,,7
.L3:
	ldr	x1, [x4]
	mov	x0, x5
	add	x2, x1, x7
	cbz	x6, .L6
	.p2align 3,,7
.L4:
	ldp	q4, q3, [x0]
	add	x0, x0, 128
	ld1r	{v0.4s}, [x1], 4
	fmla	v2.4s, v4.4s, v0.4s
	fmla	v1.4s, v3.4s, v0.4s
	cmp	x2, x1
	bne	.L4
	add	x5, x5, x8
.L6:
	add	x4, x4, 128
	subs	x3, x3, #1
	bne	.L3
.L2:
	fmul	v2.4s, v2.4s, v7.s[0]
	dup	v0.4s, v5.s[0]
	fmul	v1.4s, v1.4s, v7.s[0]
	dup	v3.4s, v6.s[0]
	cbz	x10, .L18
	ldr	q4, [x10]
	fadd	v4.4s, v4.4s, v2.4s
	fcmgt	v2.4s, v3.4s, v4.4s
	bsl	v2.16b, v3.16b, v4.16b
	fcmgt	v4.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v4.16b
	str	q2, [x9]
	ldr	q2, [x10, 16]
	fadd	v1.4s, v1.4s, v2.4s
	fcmgt	v2.4s, v3.4s, v1.4s
	bit	v1.16b, v3.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x9, 16]
	ret
.L18:
	fcmgt	v4.4s, v3.4s, v2.4s
	bit	v2.16b, v3.16b, v4.16b
	fcmgt	v4.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v4.16b
	str	q2, [x9]
	fcmgt	v2.4s, v3.4s, v1.4s
	bit	v1.16b, v3.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x9, 16]
	ret
	.cfi_endproc
.LFE15:
	.size	wide_1, .-wide_1
	.align	2
	.p2align 4,,11
	.type	fetching_1, %function
fetching_1:
.LFB16:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE16:
	.size	fetching_1, .-fetching_1
	.align	2
	.p2align 4,,11
	.type	by_lane_1, %function
by_lane_1:
.LFB17:
	.cfi_startproc
	ldp	x5, x4, [x0]
	ldr	x1, [x0, 32]
	ldp	x7, x6, [x0, 16]
	ldp	q2, q1, [x1]
	ldr	x9, [x0, 48]
	ldr	x8, [x0, 64]
	ldp	s17, s16, [x0, 88]
	ldr	s7, [x0, 96]
	cbz	x4, .L21
	sub	x3, x7, #1
	lsr	x3, x3, 2
	add	x3, x3, 1
	lsl	x10, x3, 9
	lsl	x3, x3, 4
.L22:
	ldr	x1, [x5]
	mov	x0, x6
	add	x2, x1, x3
	cbz	x7, .L25
	.p2align 3,,7
.L23:
	ldr	q0, [x1], 16
	ldp	q6, q5, [x0]
	ldp	q4, q3, [x0, 128]
	fmla	v2.4s, v6.4s, v0.s[0]
	fmla	v1.4s, v5.4s, v0.s[0]
	ldp	q6, q5, [x0, 256]
	fmla	v2.4s, v4.4s, v0.s[1]
	fmla	v1.4s, v3.4s, v0.s[1]
	ldp	q4, q3, [x0, 384]
	add	x0, x0, 512
	fmla	v2.4s, v6.4s, v0.s[2]
	fmla	v1.4s, v5.4s, v0.s[2]
	fmla	v2.4s, v4.4s, v0.s[3]
	fmla	v1.4s, v3.4s, v0.s[3]
	cmp	x2, x1
	bne	.L23
	add	x6, x6, x10
.L25:
	add	x5, x5, 128
	subs	x4, x4, #1
	bne	.L22
.L21:
	fmul	v2.4s, v2.4s, v17.s[0]
	fmul	v1.4s, v1.4s, v17.s[0]
	dup	v0.4s, v7.s[0]
	dup	v3.4s, v16.s[0]
	cbz	x9, .L35
	ldr	q4, [x9]
	fadd	v4.4s, v4.4s, v2.4s
	fcmgt	v2.4s, v3.4s, v4.4s
	bsl	v2.16b, v3.16b, v4.16b
	fcmgt	v4.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v4.16b
	str	q2, [x8]
	ldr	q2, [x9, 16]
	fadd	v1.4s, v1.4s, v2.4s
	fcmgt	v2.4s, v3.4s, v1.4s
	bit	v1.16b, v3.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x8, 16]
	ret
.L35:
	fcmgt	v4.4s, v3.4s, v2.4s
	bit	v2.16b, v3.16b, v4.16b
	fcmgt	v4.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v4.16b
	str	q2, [x8]
	fcmgt	v2.4s, v3.4s, v1.4s
	bit	v1.16b, v3.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x8, 16]
	ret
	.cfi_endproc
.LFE17:
	.size	by_lane_1, .-by_lane_1
	.align	2
	.p2align 4,,11
	.type	narrow_1, %function
narrow_1:
.LFB18:
	.cfi_startproc
	ldp	x6, x5, [x0]
	ldr	x1, [x0, 32]
	ldp	x3, x2, [x0, 16]
	ldr	q0, [x1]
	ldr	x8, [x0, 48]
	ldr	x9, [x0, 64]
	ldp	s5, s3, [x0, 88]
	ldr	s4, [x0, 96]
	cbz	x5, .L37
	lsl	x7, x3, 7
	.p2align 3,,7
.L38:
	ldr	x4, [x6]
	mov	x0, 0
	cbz	x3, .L40
	.p2align 3,,7
.L39:
	lsl	x1, x0, 7
	ldr	s2, [x4, x0, lsl 2]
	add	x0, x0, 1
	ldr	q1, [x2, x1]
	fmla	v0.4s, v1.4s, v2.s[0]
	cmp	x3, x0
	bne	.L39
	add	x2, x2, x7
.L40:
	add	x6, x6, 128
	subs	x5, x5, #1
	bne	.L38
.L37:
	fmul	v0.4s, v0.4s, v5.s[0]
	cbz	x8, .L42
	ldr	q1, [x8]
	fadd	v0.4s, v0.4s, v1.4s
.L42:
	dup	v2.4s, v3.s[0]
	dup	v3.4s, v4.s[0]
	fcmgt	v1.4s, v2.4s, v0.4s
	bit	v0.16b, v2.16b, v1.16b
	fcmgt	v1.4s, v0.4s, v3.4s
	bit	v0.16b, v3.16b, v1.16b
	str	q0, [x9]
	ret
	.cfi_endproc
.LFE18:
	.size	narrow_1, .-narrow_1
	.align	2
	.p2align 4,,11
	.type	wide_2, %function
wide_2:
.LFB19:
	.cfi_startproc
	ldp	x2, x7, [x0, 40]
	ldp	x11, x1, [x0, 24]
	ldp	x10, x9, [x0]
	lsl	x2, x2, 2
	ldr	s18, [x0, 96]
	ldp	x8, x5, [x0, 56]
	add	x3, x1, x2
	ldr	q4, [x1, x2]
	ldp	q6, q5, [x1]
	ldr	x2, [x0, 16]
	ldr	q7, [x3, 16]
	ldr	x6, [x0, 72]
	ldp	s16, s17, [x0, 88]
	cbz	x9, .L54
	lsl	x12, x2, 7
.L55:
	ldp	x4, x3, [x10]
	mov	x1, x11
	mov	x0, 0
	cbz	x2, .L57
	.p2align 3,,7
.L56:
	ldp	q3, q0, [x1]
	add	x1, x1, 128
	ldr	s2, [x4, x0, lsl 2]
	ldr	s1, [x3, x0, lsl 2]
	add	x0, x0, 1
	fmla	v6.4s, v3.4s, v2.s[0]
	fmla	v4.4s, v3.4s, v1.s[0]
	fmla	v5.4s, v0.4s, v2.s[0]
	fmla	v7.4s, v0.4s, v1.s[0]
	cmp	x2, x0
	bne	.L56
	add	x11, x11, x12
.L57:
	add	x10, x10, 128
	subs	x9, x9, #1
	bne	.L55
.L54:
	fmul	v6.4s, v6.4s, v16.s[0]
	lsl	x0, x6, 2
	fmul	v7.4s, v7.4s, v16.s[0]
	fmul	v4.4s, v4.4s, v16.s[0]
	dup	v0.4s, v18.s[0]
	fmul	v5.4s, v5.4s, v16.s[0]
	dup	v1.4s, v17.s[0]
	cbz	x7, .L69
	ldr	q3, [x7]
	lsl	x1, x8, 2
	add	x2, x7, x1
	fadd	v3.4s, v3.4s, v6.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x5]
	ldr	q3, [x7, 16]
	fadd	v3.4s, v3.4s, v5.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x5, 16]
	ldr	q3, [x7, x1]
	fadd	v3.4s, v3.4s, v4.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x5, x0]
	add	x5, x5, x0
	ldr	q2, [x2, 16]
	fadd	v7.4s, v7.4s, v2.4s
	fcmgt	v2.4s, v1.4s, v7.4s
	bif	v1.16b, v7.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x5, 16]
	ret
.L69:
	fcmgt	v16.4s, v1.4s, v6.4s
	fcmgt	v3.4s, v1.4s, v5.4s
	fcmgt	v2.4s, v1.4s, v4.4s
	bit	v6.16b, v1.16b, v16.16b
	bsl	v3.16b, v1.16b, v5.16b
	bsl	v2.16b, v1.16b, v4.16b
	fcmgt	v16.4s, v6.4s, v0.4s
	fcmgt	v5.4s, v3.4s, v0.4s
	fcmgt	v4.4s, v2.4s, v0.4s
	bit	v6.16b, v0.16b, v16.16b
	bit	v3.16b, v0.16b, v5.16b
	bit	v2.16b, v0.16b, v4.16b
	stp	q6, q3, [x5]
	str	q2, [x5, x0]
	add	x5, x5, x0
	fcmgt	v2.4s, v1.4s, v7.4s
	bif	v1.16b, v7.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x5, 16]
	ret
	.cfi_endproc
.LFE19:
	.size	wide_2, .-wide_2
	.align	2
	.p2align 4,,11
	.type	by_lane_2, %function
by_lane_2:
.LFB21:
	.cfi_startproc
	ldp	x1, x2, [x0, 32]
	ldp	x8, x7, [x0]
	ldp	x13, x10, [x0, 16]
	lsl	x2, x2, 2
	ldr	s6, [x0, 96]
	add	x3, x1, x2
	ldp	q2, q1, [x1]
	ldr	q0, [x1, x2]
	ldr	q5, [x3, 16]
	ldp	x5, x6, [x0, 48]
	ldr	x2, [x0, 64]
	ldr	x4, [x0, 72]
	ldp	s20, s7, [x0, 88]
	cbz	x7, .L71
	sub	x0, x13, #1
	lsr	x0, x0, 2
	add	x0, x0, 1
	lsl	x9, x0, 4
	lsl	x3, x0, 9
.L72:
	ldp	x12, x11, [x8]
	mov	x0, x10
	mov	x1, 0
	cbz	x13, .L74
.L73:
	ldr	q4, [x12, x1]
	ldr	q3, [x11, x1]
	add	x1, x1, 16
	ldp	q19, q18, [x0]
	ldp	q17, q16, [x0, 128]
	fmla	v2.4s, v19.4s, v4.s[0]
	fmla	v0.4s, v19.4s, v3.s[0]
	fmla	v1.4s, v18.4s, v4.s[0]
	fmla	v5.4s, v18.4s, v3.s[0]
	ldp	q19, q18, [x0, 256]
	fmla	v2.4s, v17.4s, v4.s[1]
	fmla	v0.4s, v17.4s, v3.s[1]
	fmla	v1.4s, v16.4s, v4.s[1]
	fmla	v5.4s, v16.4s, v3.s[1]
	ldp	q17, q16, [x0, 384]
	add	x0, x0, 512
	fmla	v2.4s, v19.4s, v4.s[2]
	fmla	v0.4s, v19.4s, v3.s[2]
	fmla	v1.4s, v18.4s, v4.s[2]
	fmla	v5.4s, v18.4s, v3.s[2]
	fmla	v2.4s, v17.4s, v4.s[3]
	fmla	v0.4s, v17.4s, v3.s[3]
	fmla	v1.4s, v16.4s, v4.s[3]
	fmla	v5.4s, v16.4s, v3.s[3]
	cmp	x9, x1
	bne	.L73
	add	x10, x10, x3
.L74:
	add	x8, x8, 128
	subs	x7, x7, #1
	bne	.L72
.L71:
	fmul	v2.4s, v2.4s, v20.s[0]
	lsl	x0, x4, 2
	fmul	v5.4s, v5.4s, v20.s[0]
	fmul	v0.4s, v0.4s, v20.s[0]
	fmul	v1.4s, v1.4s, v20.s[0]
	dup	v3.4s, v6.s[0]
	dup	v4.4s, v7.s[0]
	cbz	x5, .L86
	ldr	q6, [x5]
	lsl	x1, x6, 2
	add	x3, x5, x1
	fadd	v6.4s, v6.4s, v2.4s
	fcmgt	v2.4s, v4.4s, v6.4s
	bsl	v2.16b, v4.16b, v6.16b
	fcmgt	v6.4s, v2.4s, v3.4s
	bit	v2.16b, v3.16b, v6.16b
	str	q2, [x2]
	ldr	q2, [x5, 16]
	fadd	v2.4s, v2.4s, v1.4s
	fcmgt	v1.4s, v4.4s, v2.4s
	bsl	v1.16b, v4.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v3.4s
	bit	v1.16b, v3.16b, v2.16b
	str	q1, [x2, 16]
	ldr	q1, [x5, x1]
	fadd	v1.4s, v1.4s, v0.4s
	fcmgt	v0.4s, v4.4s, v1.4s
	bsl	v0.16b, v4.16b, v1.16b
	fcmgt	v1.4s, v0.4s, v3.4s
	bit	v0.16b, v3.16b, v1.16b
	str	q0, [x2, x0]
	add	x2, x2, x0
	ldr	q0, [x3, 16]
	fadd	v5.4s, v5.4s, v0.4s
	fcmgt	v0.4s, v4.4s, v5.4s
	bsl	v0.16b, v4.16b, v5.16b
	fcmgt	v1.4s, v0.4s, v3.4s
	bit	v0.16b, v3.16b, v1.16b
	str	q0, [x2, 16]
	ret
.L86:
	fcmgt	v16.4s, v4.4s, v2.4s
	fcmgt	v7.4s, v4.4s, v1.4s
	fcmgt	v6.4s, v4.4s, v0.4s
	bit	v2.16b, v4.16b, v16.16b
	bit	v1.16b, v4.16b, v7.16b
	bit	v0.16b, v4.16b, v6.16b
	fcmgt	v16.4s, v2.4s, v3.4s
	fcmgt	v7.4s, v1.4s, v3.4s
	fcmgt	v6.4s, v0.4s, v3.4s
	bit	v2.16b, v3.16b, v16.16b
	bit	v1.16b, v3.16b, v7.16b
	bit	v0.16b, v3.16b, v6.16b
	stp	q2, q1, [x2]
	str	q0, [x2, x0]
	add	x2, x2, x0
	fcmgt	v0.4s, v4.4s, v5.4s
	bsl	v0.16b, v4.16b, v5.16b
	fcmgt	v1.4s, v0.4s, v3.4s
	bit	v0.16b, v3.16b, v1.16b
	str	q0, [x2, 16]
	ret
	.cfi_endproc
.LFE21:
	.size	by_lane_2, .-by_lane_2
	.align	2
	.p2align 4,,11
	.type	narrow_2, %function
narrow_2:
.LFB22:
	.cfi_startproc
	ldp	x2, x1, [x0, 32]
	ldp	x6, x7, [x0]
	ldr	x3, [x0, 16]
	lsl	x1, x1, 2
	ldr	s5, [x0, 96]
	ldr	q2, [x2]
	ldr	q1, [x2, x1]
	ldr	x2, [x0, 24]
	ldp	x12, x11, [x0, 48]
	ldp	x10, x9, [x0, 64]
	ldp	s7, s6, [x0, 88]
	cbz	x7, .L88
	lsl	x8, x3, 7
	.p2align 3,,7
.L89:
	ldp	x5, x4, [x6]
	mov	x0, 0
	cbz	x3, .L91
	.p2align 3,,7
.L90:
	lsl	x1, x0, 7
	ldr	s4, [x5, x0, lsl 2]
	ldr	s3, [x4, x0, lsl 2]
	add	x0, x0, 1
	ldr	q0, [x2, x1]
	fmla	v2.4s, v0.4s, v4.s[0]
	fmla	v1.4s, v0.4s, v3.s[0]
	cmp	x3, x0
	bne	.L90
	add	x2, x2, x8
.L91:
	add	x6, x6, 128
	subs	x7, x7, #1
	bne	.L89
.L88:
	fmul	v2.4s, v2.4s, v7.s[0]
	fmul	v1.4s, v1.4s, v7.s[0]
	dup	v0.4s, v5.s[0]
	dup	v3.4s, v6.s[0]
	cbz	x12, .L103
	ldr	q4, [x12]
	lsl	x0, x11, 2
	fadd	v4.4s, v4.4s, v2.4s
	fcmgt	v2.4s, v3.4s, v4.4s
	bsl	v2.16b, v3.16b, v4.16b
	fcmgt	v4.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v4.16b
	str	q2, [x10]
	ldr	q2, [x12, x0]
	lsl	x0, x9, 2
	fadd	v1.4s, v1.4s, v2.4s
	fcmgt	v2.4s, v3.4s, v1.4s
	bit	v1.16b, v3.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x10, x0]
	ret
.L103:
	fcmgt	v4.4s, v3.4s, v2.4s
	lsl	x0, x9, 2
	bit	v2.16b, v3.16b, v4.16b
	fcmgt	v4.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v4.16b
	str	q2, [x10]
	fcmgt	v2.4s, v3.4s, v1.4s
	bit	v1.16b, v3.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x10, x0]
	ret
	.cfi_endproc
.LFE22:
	.size	narrow_2, .-narrow_2
	.align	2
	.p2align 4,,11
	.type	wide_3, %function
wide_3:
.LFB23:
	.cfi_startproc
	ldp	x2, x7, [x0, 40]
	ldp	x12, x1, [x0, 24]
	ldp	x8, x11, [x0]
	lsl	x3, x2, 2
	ldr	s20, [x0, 96]
	ldp	x10, x6, [x0, 56]
	add	x2, x1, x2, lsl 3
	add	x4, x1, x3
	ldr	q16, [x1, x3]
	ldr	q7, [x4, x3]
	ldp	q6, q5, [x1]
	ldr	q18, [x2, 16]
	ldr	q17, [x4, 16]
	ldr	x2, [x0, 16]
	ldr	x9, [x0, 72]
	ldp	s19, s21, [x0, 88]
	cbz	x11, .L105
	lsl	x13, x2, 7
.L106:
	ldp	x5, x4, [x8]
	mov	x1, x12
	ldr	x3, [x8, 16]
	mov	x0, 0
	cbz	x2, .L108
	.p2align 3,,7
.L107:
	ldp	q1, q0, [x1]
	add	x1, x1, 128
	ldr	s4, [x5, x0, lsl 2]
	ldr	s3, [x4, x0, lsl 2]
	ldr	s2, [x3, x0, lsl 2]
	add	x0, x0, 1
	fmla	v6.4s, v1.4s, v4.s[0]
	fmla	v5.4s, v0.4s, v4.s[0]
	fmla	v16.4s, v1.4s, v3.s[0]
	fmla	v17.4s, v0.4s, v3.s[0]
	fmla	v7.4s, v1.4s, v2.s[0]
	fmla	v18.4s, v0.4s, v2.s[0]
	cmp	x2, x0
	bne	.L107
	add	x12, x12, x13
.L108:
	add	x8, x8, 128
	subs	x11, x11, #1
	bne	.L106
.L105:
	fmul	v6.4s, v6.4s, v19.s[0]
	lsl	x0, x9, 2
	fmul	v18.4s, v18.4s, v19.s[0]
	lsl	x9, x9, 3
	fmul	v17.4s, v17.4s, v19.s[0]
	add	x2, x6, x0
	fmul	v16.4s, v16.4s, v19.s[0]
	add	x4, x0, 16
	fmul	v7.4s, v7.4s, v19.s[0]
	fmul	v5.4s, v5.4s, v19.s[0]
	dup	v1.4s, v21.s[0]
	dup	v0.4s, v20.s[0]
	cbz	x7, .L120
	ldr	q3, [x7]
	lsl	x1, x10, 2
	add	x3, x7, x1
	add	x10, x7, x10, lsl 3
	fadd	v3.4s, v3.4s, v6.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x6]
	ldr	q3, [x7, 16]
	fadd	v3.4s, v3.4s, v5.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x6, 16]
	ldr	q3, [x7, x1]
	fadd	v3.4s, v3.4s, v16.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x6, x0]
	ldr	q3, [x3, 16]
	fadd	v3.4s, v3.4s, v17.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x6, x4]
	add	x6, x6, x9
	ldr	q3, [x3, x1]
	fadd	v3.4s, v3.4s, v7.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x0]
	ldr	q2, [x10, 16]
	fadd	v18.4s, v18.4s, v2.4s
	fcmgt	v2.4s, v1.4s, v18.4s
	bif	v1.16b, v18.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x6, 16]
	ret
.L120:
	fcmgt	v20.4s, v1.4s, v6.4s
	fcmgt	v19.4s, v1.4s, v5.4s
	fcmgt	v4.4s, v1.4s, v16.4s
	fcmgt	v3.4s, v1.4s, v17.4s
	fcmgt	v2.4s, v1.4s, v7.4s
	bit	v6.16b, v1.16b, v20.16b
	bit	v5.16b, v1.16b, v19.16b
	bsl	v4.16b, v1.16b, v16.16b
	bsl	v3.16b, v1.16b, v17.16b
	bsl	v2.16b, v1.16b, v7.16b
	fcmgt	v20.4s, v6.4s, v0.4s
	fcmgt	v19.4s, v5.4s, v0.4s
	fcmgt	v17.4s, v4.4s, v0.4s
	fcmgt	v16.4s, v3.4s, v0.4s
	fcmgt	v7.4s, v2.4s, v0.4s
	bit	v6.16b, v0.16b, v20.16b
	bit	v5.16b, v0.16b, v19.16b
	bit	v4.16b, v0.16b, v17.16b
	bit	v3.16b, v0.16b, v16.16b
	bit	v2.16b, v0.16b, v7.16b
	stp	q6, q5, [x6]
	str	q4, [x6, x0]
	str	q3, [x6, x4]
	add	x6, x6, x9
	str	q2, [x2, x0]
	fcmgt	v2.4s, v1.4s, v18.4s
	bif	v1.16b, v18.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x6, 16]
	ret
	.cfi_endproc
.LFE23:
	.size	wide_3, .-wide_3
	.align	2
	.p2align 4,,11
	.type	by_lane_3, %function
by_lane_3:
.LFB25:
	.cfi_startproc
	ldp	x1, x2, [x0, 32]
	ldp	x6, x8, [x0]
	ldp	x14, x10, [x0, 16]
	lsl	x3, x2, 2
	add	x2, x1, x2, lsl 3
	add	x4, x1, x3
	ldr	s19, [x0, 96]
	ldp	q2, q1, [x1]
	ldr	q5, [x4, x3]
	ldr	q0, [x1, x3]
	ldr	q3, [x2, 16]
	ldr	q4, [x4, 16]
	ldp	x5, x7, [x0, 48]
	ldr	x2, [x0, 64]
	ldr	x4, [x0, 72]
	ldp	s16, s17, [x0, 88]
	cbz	x8, .L122
	sub	x0, x14, #1
	lsr	x0, x0, 2
	add	x0, x0, 1
	lsl	x9, x0, 4
	lsl	x3, x0, 9
.L123:
	ldp	x13, x12, [x6]
	mov	x0, x10
	ldr	x11, [x6, 16]
	mov	x1, 0
	cbz	x14, .L125
.L124:
	ldr	q18, [x13, x1]
	ldr	q7, [x12, x1]
	ldr	q6, [x11, x1]
	add	x1, x1, 16
	ldp	q23, q22, [x0]
	ldp	q21, q20, [x0, 128]
	fmla	v2.4s, v23.4s, v18.s[0]
	fmla	v0.4s, v23.4s, v7.s[0]
	fmla	v5.4s, v23.4s, v6.s[0]
	fmla	v1.4s, v22.4s, v18.s[0]
	fmla	v4.4s, v22.4s, v7.s[0]
	fmla	v3.4s, v22.4s, v6.s[0]
	ldp	q23, q22, [x0, 256]
	fmla	v2.4s, v21.4s, v18.s[1]
	fmla	v0.4s, v21.4s, v7.s[1]
	fmla	v5.4s, v21.4s, v6.s[1]
	fmla	v1.4s, v20.4s, v18.s[1]
	fmla	v4.4s, v20.4s, v7.s[1]
	fmla	v3.4s, v20.4s, v6.s[1]
	ldp	q21, q20, [x0, 384]
	add	x0, x0, 512
	fmla	v2.4s, v23.4s, v18.s[2]
	fmla	v0.4s, v23.4s, v7.s[2]
	fmla	v5.4s, v23.4s, v6.s[2]
	fmla	v1.4s, v22.4s, v18.s[2]
	fmla	v4.4s, v22.4s, v7.s[2]
	fmla	v3.4s, v22.4s, v6.s[2]
	fmla	v2.4s, v21.4s, v18.s[3]
	fmla	v0.4s, v21.4s, v7.s[3]
	fmla	v5.4s, v21.4s, v6.s[3]
	fmla	v1.4s, v20.4s, v18.s[3]
	fmla	v4.4s, v20.4s, v7.s[3]
	fmla	v3.4s, v20.4s, v6.s[3]
	cmp	x9, x1
	bne	.L124
	add	x10, x10, x3
.L125:
	add	x6, x6, 128
	subs	x8, x8, #1
	bne	.L123
.L122:
	add	x1, x4, 4
	lsl	x0, x4, 3
	fmul	v2.4s, v2.4s, v16.s[0]
	fmul	v3.4s, v3.4s, v16.s[0]
	lsl	x1, x1, 2
	dup	v6.4s, v19.s[0]
	sub	x6, x1, #16
	fmul	v4.4s, v4.4s, v16.s[0]
	fmul	v5.4s, v5.4s, v16.s[0]
	dup	v17.4s, v17.s[0]
	fmul	v0.4s, v0.4s, v16.s[0]
	fmul	v1.4s, v1.4s, v16.s[0]
	cbz	x5, .L137
	ldr	q7, [x5]
	lsl	x3, x7, 2
	add	x4, x5, x3
	add	x7, x5, x7, lsl 3
	fadd	v7.4s, v7.4s, v2.4s
	fcmgt	v2.4s, v17.4s, v7.4s
	bsl	v2.16b, v17.16b, v7.16b
	fcmgt	v7.4s, v2.4s, v6.4s
	bit	v2.16b, v6.16b, v7.16b
	str	q2, [x2]
	ldr	q2, [x5, 16]
	fadd	v2.4s, v2.4s, v1.4s
	fcmgt	v1.4s, v17.4s, v2.4s
	bsl	v1.16b, v17.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v6.4s
	bit	v1.16b, v6.16b, v2.16b
	str	q1, [x2, 16]
	ldr	q1, [x5, x3]
	fadd	v1.4s, v1.4s, v0.4s
	fcmgt	v0.4s, v17.4s, v1.4s
	bsl	v0.16b, v17.16b, v1.16b
	fcmgt	v1.4s, v0.4s, v6.4s
	bit	v0.16b, v6.16b, v1.16b
	str	q0, [x2, x6]
	ldr	q1, [x4, 16]
	fadd	v1.4s, v1.4s, v4.4s
	fcmgt	v0.4s, v17.4s, v1.4s
	bsl	v0.16b, v17.16b, v1.16b
	fcmgt	v1.4s, v0.4s, v6.4s
	bit	v0.16b, v6.16b, v1.16b
	str	q0, [x2, x1]
	ldr	q1, [x4, x3]
	fadd	v1.4s, v1.4s, v5.4s
	fcmgt	v0.4s, v17.4s, v1.4s
	bsl	v0.16b, v17.16b, v1.16b
	fcmgt	v1.4s, v0.4s, v6.4s
	bit	v0.16b, v6.16b, v1.16b
	str	q0, [x2, x0]
	add	x2, x2, x0
	ldr	q0, [x7, 16]
	fadd	v3.4s, v3.4s, v0.4s
	fcmgt	v0.4s, v17.4s, v3.4s
	bsl	v0.16b, v17.16b, v3.16b
	fcmgt	v1.4s, v0.4s, v6.4s
	bit	v0.16b, v6.16b, v1.16b
	str	q0, [x2, 16]
	ret
.L137:
	fcmgt	v18.4s, v17.4s, v0.4s
	fcmgt	v20.4s, v17.4s, v2.4s
	fcmgt	v16.4s, v17.4s, v4.4s
	fcmgt	v19.4s, v17.4s, v1.4s
	fcmgt	v7.4s, v17.4s, v5.4s
	bsl	v20.16b, v17.16b, v2.16b
	mov	v2.16b, v18.16b
	bsl	v19.16b, v17.16b, v1.16b
	mov	v1.16b, v16.16b
	fcmgt	v18.4s, v20.4s, v6.4s
	bsl	v2.16b, v17.16b, v0.16b
	mov	v0.16b, v7.16b
	bsl	v1.16b, v17.16b, v4.16b
	fcmgt	v16.4s, v19.4s, v6.4s
	fcmgt	v7.4s, v2.4s, v6.4s
	bsl	v0.16b, v17.16b, v5.16b
	fcmgt	v5.4s, v1.4s, v6.4s
	bsl	v18.16b, v6.16b, v20.16b
	bsl	v16.16b, v6.16b, v19.16b
	fcmgt	v4.4s, v0.4s, v6.4s
	bit	v2.16b, v6.16b, v7.16b
	bit	v1.16b, v6.16b, v5.16b
	stp	q18, q16, [x2]
	bit	v0.16b, v6.16b, v4.16b
	str	q2, [x2, x6]
	str	q1, [x2, x1]
	str	q0, [x2, x0]
	add	x2, x2, x0
	fcmgt	v0.4s, v17.4s, v3.4s
	bsl	v0.16b, v17.16b, v3.16b
	fcmgt	v1.4s, v0.4s, v6.4s
	bit	v0.16b, v6.16b, v1.16b
	str	q0, [x2, 16]
	ret
	.cfi_endproc
.LFE25:
	.size	by_lane_3, .-by_lane_3
	.align	2
	.p2align 4,,11
	.type	narrow_3, %function
narrow_3:
.LFB26:
	.cfi_startproc
	ldp	x2, x1, [x0, 32]
	ldp	x7, x8, [x0]
	ldp	x13, x11, [x0, 48]
	lsl	x1, x1, 2
	ldr	s7, [x0, 96]
	add	x3, x2, x1
	ldr	q3, [x2]
	ldr	q1, [x3, x1]
	ldr	q2, [x2, x1]
	ldr	x3, [x0, 16]
	ldr	x2, [x0, 24]
	ldp	x12, x10, [x0, 64]
	ldp	s17, s16, [x0, 88]
	cbz	x8, .L139
	lsl	x9, x3, 7
	.p2align 3,,7
.L140:
	ldp	x6, x5, [x7]
	mov	x0, 0
	ldr	x4, [x7, 16]
	cbz	x3, .L142
	.p2align 3,,7
.L141:
	lsl	x1, x0, 7
	ldr	s6, [x6, x0, lsl 2]
	ldr	s5, [x5, x0, lsl 2]
	ldr	s4, [x4, x0, lsl 2]
	add	x0, x0, 1
	ldr	q0, [x2, x1]
	fmla	v3.4s, v0.4s, v6.s[0]
	fmla	v2.4s, v0.4s, v5.s[0]
	fmla	v1.4s, v0.4s, v4.s[0]
	cmp	x3, x0
	bne	.L141
	add	x2, x2, x9
.L142:
	add	x7, x7, 128
	subs	x8, x8, #1
	bne	.L140
.L139:
	fmul	v3.4s, v3.4s, v17.s[0]
	lsl	x0, x10, 2
	dup	v4.4s, v16.s[0]
	add	x2, x12, x0
	dup	v0.4s, v7.s[0]
	fmul	v2.4s, v2.4s, v17.s[0]
	fmul	v1.4s, v1.4s, v17.s[0]
	cbz	x13, .L154
	ldr	q5, [x13]
	lsl	x1, x11, 2
	add	x3, x13, x1
	fadd	v5.4s, v5.4s, v3.4s
	fcmgt	v3.4s, v4.4s, v5.4s
	bsl	v3.16b, v4.16b, v5.16b
	fcmgt	v5.4s, v3.4s, v0.4s
	bit	v3.16b, v0.16b, v5.16b
	str	q3, [x12]
	ldr	q3, [x13, x1]
	fadd	v3.4s, v3.4s, v2.4s
	fcmgt	v2.4s, v4.4s, v3.4s
	bsl	v2.16b, v4.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x12, x0]
	ldr	q2, [x3, x1]
	fadd	v1.4s, v1.4s, v2.4s
	fcmgt	v2.4s, v4.4s, v1.4s
	bit	v1.16b, v4.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x2, x0]
	ret
.L154:
	fcmgt	v6.4s, v4.4s, v3.4s
	fcmgt	v5.4s, v4.4s, v2.4s
	bit	v3.16b, v4.16b, v6.16b
	bit	v2.16b, v4.16b, v5.16b
	fcmgt	v6.4s, v3.4s, v0.4s
	fcmgt	v5.4s, v2.4s, v0.4s
	bit	v3.16b, v0.16b, v6.16b
	bit	v2.16b, v0.16b, v5.16b
	str	q3, [x12]
	str	q2, [x12, x0]
	fcmgt	v2.4s, v4.4s, v1.4s
	bit	v1.16b, v4.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x2, x0]
	ret
	.cfi_endproc
.LFE26:
	.size	narrow_3, .-narrow_3
	.align	2
	.p2align 4,,11
	.type	wide_4, %function
wide_4:
.LFB27:
	.cfi_startproc
	ldp	x2, x10, [x0, 40]
	ldp	x13, x1, [x0, 24]
	ldp	x11, x12, [x0]
	lsl	x3, x2, 2
	add	x4, x2, x2, lsl 1
	ldp	x9, x7, [x0, 56]
	add	x5, x1, x3
	add	x2, x1, x2, lsl 3
	add	x6, x5, x3
	add	x4, x1, x4, lsl 2
	ldr	s24, [x0, 96]
	ldr	q21, [x5, x3]
	ldr	q17, [x6, x3]
	ldr	q16, [x1, x3]
	ldp	q7, q6, [x1]
	ldr	q19, [x2, 16]
	ldr	q18, [x4, 16]
	ldr	x2, [x0, 16]
	ldr	q20, [x5, 16]
	ldr	x8, [x0, 72]
	ldp	s22, s23, [x0, 88]
	cbz	x12, .L156
	lsl	x14, x2, 7
.L157:
	ldp	x6, x5, [x11]
	mov	x1, x13
	ldp	x4, x3, [x11, 16]
	mov	x0, 0
	cbz	x2, .L159
	.p2align 3,,7
.L158:
	ldp	q1, q0, [x1]
	add	x1, x1, 128
	ldr	s5, [x6, x0, lsl 2]
	ldr	s4, [x5, x0, lsl 2]
	ldr	s3, [x4, x0, lsl 2]
	fmla	v7.4s, v1.4s, v5.s[0]
	ldr	s2, [x3, x0, lsl 2]
	fmla	v6.4s, v0.4s, v5.s[0]
	add	x0, x0, 1
	fmla	v16.4s, v1.4s, v4.s[0]
	fmla	v20.4s, v0.4s, v4.s[0]
	fmla	v21.4s, v1.4s, v3.s[0]
	fmla	v19.4s, v0.4s, v3.s[0]
	fmla	v17.4s, v1.4s, v2.s[0]
	fmla	v18.4s, v0.4s, v2.s[0]
	cmp	x2, x0
	bne	.L158
	add	x13, x13, x14
.L159:
	add	x11, x11, 128
	subs	x12, x12, #1
	bne	.L157
.L156:
	add	x3, x8, 4
	lsl	x4, x8, 3
	fmul	v7.4s, v7.4s, v22.s[0]
	add	x4, x4, 16
	lsl	x3, x3, 2
	add	x8, x8, x8, lsl 1
	fmul	v21.4s, v21.4s, v22.s[0]
	sub	x1, x3, #16
	fmul	v20.4s, v20.4s, v22.s[0]
	add	x5, x7, x1
	fmul	v19.4s, v19.4s, v22.s[0]
	add	x11, x5, x1
	fmul	v18.4s, v18.4s, v22.s[0]
	fmul	v17.4s, v17.4s, v22.s[0]
	dup	v0.4s, v24.s[0]
	fmul	v16.4s, v16.4s, v22.s[0]
	dup	v1.4s, v23.s[0]
	fmul	v6.4s, v6.4s, v22.s[0]
	cbz	x10, .L171
	ldr	q3, [x10]
	lsl	x2, x9, 2
	add	x6, x10, x2
	add	x13, x10, x9, lsl 3
	add	x12, x6, x2
	add	x9, x9, x9, lsl 1
	fadd	v3.4s, v3.4s, v7.4s
	add	x0, x10, x9, lsl 2
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x7]
	ldr	q3, [x10, 16]
	fadd	v3.4s, v3.4s, v6.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x7, 16]
	ldr	q3, [x10, x2]
	fadd	v3.4s, v3.4s, v16.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x7, x1]
	ldr	q3, [x6, 16]
	fadd	v3.4s, v3.4s, v20.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x7, x3]
	ldr	q3, [x6, x2]
	fadd	v3.4s, v3.4s, v21.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x5, x1]
	ldr	q3, [x13, 16]
	fadd	v3.4s, v3.4s, v19.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x7, x4]
	ldr	q3, [x12, x2]
	fadd	v3.4s, v3.4s, v17.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x11, x1]
	ldr	q2, [x0, 16]
	add	x0, x7, x8, lsl 2
	fadd	v18.4s, v18.4s, v2.4s
	fcmgt	v2.4s, v1.4s, v18.4s
	bif	v1.16b, v18.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x0, 16]
	ret
.L171:
	fcmgt	v3.4s, v1.4s, v6.4s
	add	x0, x7, x8, lsl 2
	fcmgt	v2.4s, v1.4s, v16.4s
	fcmgt	v22.4s, v1.4s, v7.4s
	fcmgt	v5.4s, v1.4s, v20.4s
	bsl	v3.16b, v1.16b, v6.16b
	bsl	v2.16b, v1.16b, v16.16b
	fcmgt	v4.4s, v1.4s, v21.4s
	bsl	v22.16b, v1.16b, v7.16b
	mov	v7.16b, v3.16b
	fcmgt	v3.4s, v1.4s, v19.4s
	mov	v6.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v17.4s
	bsl	v5.16b, v1.16b, v20.16b
	bsl	v4.16b, v1.16b, v21.16b
	bsl	v3.16b, v1.16b, v19.16b
	fcmgt	v21.4s, v22.4s, v0.4s
	fcmgt	v20.4s, v7.4s, v0.4s
	bsl	v2.16b, v1.16b, v17.16b
	fcmgt	v19.4s, v6.4s, v0.4s
	fcmgt	v17.4s, v5.4s, v0.4s
	fcmgt	v16.4s, v4.4s, v0.4s
	bsl	v20.16b, v0.16b, v7.16b
	bsl	v21.16b, v0.16b, v22.16b
	fcmgt	v7.4s, v3.4s, v0.4s
	bsl	v19.16b, v0.16b, v6.16b
	fcmgt	v6.4s, v2.4s, v0.4s
	bit	v5.16b, v0.16b, v17.16b
	stp	q21, q20, [x7]
	bit	v4.16b, v0.16b, v16.16b
	str	q19, [x7, x1]
	bit	v3.16b, v0.16b, v7.16b
	str	q5, [x7, x3]
	bit	v2.16b, v0.16b, v6.16b
	str	q4, [x5, x1]
	str	q3, [x7, x4]
	str	q2, [x11, x1]
	fcmgt	v2.4s, v1.4s, v18.4s
	bif	v1.16b, v18.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x0, 16]
	ret
	.cfi_endproc
.LFE27:
	.size	wide_4, .-wide_4
	.align	2
	.p2align 4,,11
	.type	by_lane_4, %function
by_lane_4:
.LFB29:
	.cfi_startproc
	ldp	x1, x2, [x0, 32]
	ldp	x7, x8, [x0]
	ldp	x15, x10, [x0, 16]
	lsl	x3, x2, 2
	add	x4, x2, x2, lsl 1
	add	x5, x1, x3
	add	x2, x1, x2, lsl 3
	add	x6, x5, x3
	add	x4, x1, x4, lsl 2
	ldr	q22, [x1, x3]
	ldr	q5, [x6, x3]
	ldr	q7, [x5, x3]
	ldp	q3, q2, [x1]
	ldr	q6, [x2, 16]
	ldr	q4, [x4, 16]
	ldr	q17, [x5, 16]
	ldr	x6, [x0, 48]
	ldr	x4, [x0, 56]
	ldr	x2, [x0, 64]
	ldr	x3, [x0, 72]
	ldp	s16, s1, [x0, 88]
	ldr	s0, [x0, 96]
	cbz	x8, .L173
	sub	x0, x15, #1
	lsr	x0, x0, 2
	add	x0, x0, 1
	lsl	x9, x0, 4
	lsl	x5, x0, 9
.L174:
	ldp	x14, x13, [x7]
	mov	x0, x10
	ldp	x12, x11, [x7, 16]
	mov	x1, 0
	cbz	x15, .L176
.L175:
	ldp	q26, q24, [x0]
	ldr	q21, [x14, x1]
	ldr	q20, [x13, x1]
	ldr	q19, [x12, x1]
	ldr	q18, [x11, x1]
	add	x1, x1, 16
	ldp	q25, q23, [x0, 128]
	fmla	v3.4s, v26.4s, v21.s[0]
	fmla	v22.4s, v26.4s, v20.s[0]
	fmla	v7.4s, v26.4s, v19.s[0]
	fmla	v5.4s, v26.4s, v18.s[0]
	fmla	v2.4s, v24.4s, v21.s[0]
	fmla	v17.4s, v24.4s, v20.s[0]
	fmla	v6.4s, v24.4s, v19.s[0]
	fmla	v4.4s, v24.4s, v18.s[0]
	ldp	q26, q24, [x0, 256]
	fmla	v3.4s, v25.4s, v21.s[1]
	fmla	v22.4s, v25.4s, v20.s[1]
	fmla	v7.4s, v25.4s, v19.s[1]
	fmla	v5.4s, v25.4s, v18.s[1]
	fmla	v2.4s, v23.4s, v21.s[1]
	fmla	v17.4s, v23.4s, v20.s[1]
	fmla	v6.4s, v23.4s, v19.s[1]
	fmla	v4.4s, v23.4s, v18.s[1]
	ldp	q25, q23, [x0, 384]
	add	x0, x0, 512
	fmla	v3.4s, v26.4s, v21.s[2]
	fmla	v22.4s, v26.4s, v20.s[2]
	fmla	v7.4s, v26.4s, v19.s[2]
	fmla	v5.4s, v26.4s, v18.s[2]
	fmla	v2.4s, v24.4s, v21.s[2]
	fmla	v17.4s, v24.4s, v20.s[2]
	fmla	v6.4s, v24.4s, v19.s[2]
	fmla	v4.4s, v24.4s, v18.s[2]
	fmla	v3.4s, v25.4s, v21.s[3]
	fmla	v22.4s, v25.4s, v20.s[3]
	fmla	v7.4s, v25.4s, v19.s[3]
	fmla	v5.4s, v25.4s, v18.s[3]
	fmla	v2.4s, v23.4s, v21.s[3]
	fmla	v17.4s, v23.4s, v20.s[3]
	fmla	v6.4s, v23.4s, v19.s[3]
	fmla	v4.4s, v23.4s, v18.s[3]
	cmp	x9, x1
	bne	.L175
	add	x10, x10, x5
.L176:
	add	x7, x7, 128
	subs	x8, x8, #1
	bne	.L174
.L173:
	add	x7, x3, x3, lsl 1
	lsl	x1, x3, 2
	lsl	x0, x3, 3
	add	x12, x1, 16
	lsl	x9, x7, 2
	add	x0, x0, 16
	add	x10, x2, x9
	neg	x8, x1
	fmul	v3.4s, v3.4s, v16.s[0]
	sub	x3, x10, x1
	fmul	v4.4s, v4.4s, v16.s[0]
	fmul	v5.4s, v5.4s, v16.s[0]
	fmul	v7.4s, v7.4s, v16.s[0]
	fmul	v2.4s, v2.4s, v16.s[0]
	dup	v0.4s, v0.s[0]
	fmul	v22.4s, v22.4s, v16.s[0]
	fmul	v6.4s, v6.4s, v16.s[0]
	dup	v1.4s, v1.s[0]
	fmul	v21.4s, v17.4s, v16.s[0]
	cbz	x6, .L188
	ldr	q16, [x6]
	lsl	x5, x4, 2
	add	x11, x6, x5
	add	x14, x6, x4, lsl 3
	add	x13, x11, x5
	add	x4, x4, x4, lsl 1
	fadd	v16.4s, v16.4s, v3.4s
	add	x7, x2, x7, lsl 2
	add	x1, x6, x4, lsl 2
	fcmgt	v3.4s, v1.4s, v16.4s
	bsl	v3.16b, v1.16b, v16.16b
	fcmgt	v16.4s, v3.4s, v0.4s
	bit	v3.16b, v0.16b, v16.16b
	str	q3, [x2]
	ldr	q3, [x6, 16]
	fadd	v3.4s, v3.4s, v2.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, 16]
	ldr	q3, [x6, x5]
	fadd	v3.4s, v3.4s, v22.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x3, x8]
	ldr	q3, [x11, 16]
	fadd	v3.4s, v3.4s, v21.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x12]
	ldr	q3, [x11, x5]
	fadd	v3.4s, v3.4s, v7.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x10, x8]
	ldr	q3, [x14, 16]
	fadd	v3.4s, v3.4s, v6.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x0]
	ldr	q3, [x13, x5]
	fadd	v3.4s, v3.4s, v5.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x9]
	ldr	q2, [x1, 16]
	fadd	v4.4s, v4.4s, v2.4s
	fcmgt	v2.4s, v1.4s, v4.4s
	bif	v1.16b, v4.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x7, 16]
	ret
.L188:
	fcmgt	v20.4s, v1.4s, v3.4s
	add	x7, x2, x7, lsl 2
	fcmgt	v19.4s, v1.4s, v2.4s
	fcmgt	v18.4s, v1.4s, v22.4s
	fcmgt	v17.4s, v1.4s, v21.4s
	fcmgt	v16.4s, v1.4s, v7.4s
	bsl	v20.16b, v1.16b, v3.16b
	bsl	v19.16b, v1.16b, v2.16b
	fcmgt	v3.4s, v1.4s, v6.4s
	bsl	v18.16b, v1.16b, v22.16b
	fcmgt	v2.4s, v1.4s, v5.4s
	bsl	v17.16b, v1.16b, v21.16b
	bit	v7.16b, v1.16b, v16.16b
	fcmgt	v24.4s, v20.4s, v0.4s
	fcmgt	v23.4s, v19.4s, v0.4s
	bsl	v3.16b, v1.16b, v6.16b
	fcmgt	v22.4s, v18.4s, v0.4s
	bsl	v2.16b, v1.16b, v5.16b
	fcmgt	v21.4s, v17.4s, v0.4s
	fcmgt	v16.4s, v7.4s, v0.4s
	bit	v20.16b, v0.16b, v24.16b
	bit	v19.16b, v0.16b, v23.16b
	fcmgt	v6.4s, v3.4s, v0.4s
	bit	v18.16b, v0.16b, v22.16b
	fcmgt	v5.4s, v2.4s, v0.4s
	bit	v17.16b, v0.16b, v21.16b
	stp	q20, q19, [x2]
	bit	v7.16b, v0.16b, v16.16b
	str	q18, [x3, x8]
	bit	v3.16b, v0.16b, v6.16b
	str	q17, [x2, x12]
	bit	v2.16b, v0.16b, v5.16b
	str	q7, [x10, x8]
	str	q3, [x2, x0]
	str	q2, [x2, x9]
	fcmgt	v2.4s, v1.4s, v4.4s
	bif	v1.16b, v4.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x7, 16]
	ret
	.cfi_endproc
.LFE29:
	.size	by_lane_4, .-by_lane_4
	.align	2
	.p2align 4,,11
	.type	narrow_4, %function
narrow_4:
.LFB30:
	.cfi_startproc
	ldp	x2, x1, [x0, 32]
	ldp	x8, x9, [x0]
	ldp	x14, x11, [x0, 48]
	lsl	x1, x1, 2
	ldr	s19, [x0, 96]
	add	x3, x2, x1
	add	x4, x3, x1
	ldr	q2, [x2, x1]
	ldr	q1, [x3, x1]
	ldr	q3, [x2]
	ldr	q4, [x4, x1]
	ldr	x3, [x0, 16]
	ldr	x2, [x0, 24]
	ldp	x13, x12, [x0, 64]
	ldp	s17, s18, [x0, 88]
	cbz	x9, .L190
	lsl	x10, x3, 7
	.p2align 3,,7
.L191:
	ldp	x7, x6, [x8]
	mov	x0, 0
	ldp	x5, x4, [x8, 16]
	cbz	x3, .L193
	.p2align 3,,7
.L192:
	lsl	x1, x0, 7
	ldr	s16, [x7, x0, lsl 2]
	ldr	s7, [x6, x0, lsl 2]
	ldr	s6, [x5, x0, lsl 2]
	ldr	q0, [x2, x1]
	ldr	s5, [x4, x0, lsl 2]
	add	x0, x0, 1
	fmla	v3.4s, v0.4s, v16.s[0]
	fmla	v2.4s, v0.4s, v7.s[0]
	fmla	v1.4s, v0.4s, v6.s[0]
	fmla	v4.4s, v0.4s, v5.s[0]
	cmp	x3, x0
	bne	.L192
	add	x2, x2, x10
.L193:
	add	x8, x8, 128
	subs	x9, x9, #1
	bne	.L191
.L190:
	fmul	v3.4s, v3.4s, v17.s[0]
	lsl	x2, x12, 3
	fmul	v2.4s, v2.4s, v17.s[0]
	add	x1, x13, x12, lsl 2
	fmul	v1.4s, v1.4s, v17.s[0]
	fmul	v4.4s, v4.4s, v17.s[0]
	dup	v0.4s, v19.s[0]
	dup	v5.4s, v18.s[0]
	cbz	x14, .L205
	ldr	q6, [x14]
	lsl	x0, x11, 2
	add	x3, x14, x0
	add	x4, x3, x0
	fadd	v6.4s, v6.4s, v3.4s
	fcmgt	v3.4s, v5.4s, v6.4s
	bsl	v3.16b, v5.16b, v6.16b
	fcmgt	v6.4s, v3.4s, v0.4s
	bit	v3.16b, v0.16b, v6.16b
	str	q3, [x13]
	ldr	q3, [x14, x0]
	fadd	v3.4s, v3.4s, v2.4s
	fcmgt	v2.4s, v5.4s, v3.4s
	bsl	v2.16b, v5.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x1]
	ldr	q2, [x3, x0]
	fadd	v2.4s, v2.4s, v1.4s
	fcmgt	v1.4s, v5.4s, v2.4s
	bsl	v1.16b, v5.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x13, x2]
	ldr	q1, [x4, x0]
	fadd	v4.4s, v4.4s, v1.4s
	fcmgt	v1.4s, v5.4s, v4.4s
	bsl	v1.16b, v5.16b, v4.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x1, x2]
	ret
.L205:
	fcmgt	v16.4s, v5.4s, v3.4s
	fcmgt	v7.4s, v5.4s, v2.4s
	fcmgt	v6.4s, v5.4s, v1.4s
	bit	v3.16b, v5.16b, v16.16b
	bit	v2.16b, v5.16b, v7.16b
	bit	v1.16b, v5.16b, v6.16b
	fcmgt	v16.4s, v3.4s, v0.4s
	fcmgt	v7.4s, v2.4s, v0.4s
	fcmgt	v6.4s, v1.4s, v0.4s
	bit	v3.16b, v0.16b, v16.16b
	bit	v2.16b, v0.16b, v7.16b
	bit	v1.16b, v0.16b, v6.16b
	str	q3, [x13]
	str	q2, [x1]
	str	q1, [x13, x2]
	fcmgt	v1.4s, v5.4s, v4.4s
	bsl	v1.16b, v5.16b, v4.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x1, x2]
	ret
	.cfi_endproc
.LFE30:
	.size	narrow_4, .-narrow_4
	.align	2
	.p2align 4,,11
	.type	wide_5, %function
wide_5:
.LFB31:
	.cfi_startproc
	ldp	x2, x9, [x0, 40]
	ldp	x14, x1, [x0, 24]
	ldp	x12, x13, [x0]
	lsl	x3, x2, 2
	add	x4, x2, x2, lsl 1
	ldr	x11, [x0, 56]
	add	x5, x1, x3
	add	x6, x5, x3
	add	x7, x1, x2, lsl 3
	add	x8, x6, x3
	add	x2, x1, x2, lsl 4
	add	x4, x1, x4, lsl 2
	ldr	s27, [x0, 96]
	ldr	q21, [x6, x3]
	ldr	q17, [x8, x3]
	ldr	q24, [x5, x3]
	ldr	q23, [x1, x3]
	ldp	q7, q16, [x1]
	ldr	q19, [x2, 16]
	ldr	q18, [x4, 16]
	ldr	x2, [x0, 16]
	ldr	q20, [x5, 16]
	ldr	q22, [x7, 16]
	ldr	x3, [x0, 64]
	ldr	x10, [x0, 72]
	ldp	s25, s26, [x0, 88]
	cbz	x13, .L207
	lsl	x15, x2, 7
.L208:
	ldp	x8, x7, [x12]
	mov	x1, x14
	ldp	x6, x5, [x12, 16]
	mov	x0, 0
	ldr	x4, [x12, 32]
	cbz	x2, .L210
	.p2align 3,,7
.L209:
	ldp	q1, q0, [x1]
	add	x1, x1, 128
	ldr	s6, [x8, x0, lsl 2]
	ldr	s5, [x7, x0, lsl 2]
	ldr	s4, [x6, x0, lsl 2]
	ldr	s3, [x5, x0, lsl 2]
	fmla	v7.4s, v1.4s, v6.s[0]
	ldr	s2, [x4, x0, lsl 2]
	fmla	v16.4s, v0.4s, v6.s[0]
	add	x0, x0, 1
	fmla	v23.4s, v1.4s, v5.s[0]
	fmla	v20.4s, v0.4s, v5.s[0]
	fmla	v24.4s, v1.4s, v4.s[0]
	fmla	v22.4s, v0.4s, v4.s[0]
	fmla	v21.4s, v1.4s, v3.s[0]
	fmla	v18.4s, v0.4s, v3.s[0]
	fmla	v17.4s, v1.4s, v2.s[0]
	fmla	v19.4s, v0.4s, v2.s[0]
	cmp	x2, x0
	bne	.L209
	add	x14, x14, x15
.L210:
	add	x12, x12, 128
	subs	x13, x13, #1
	bne	.L208
.L207:
	add	x0, x10, x10, lsl 1
	neg	x6, x10, lsl 3
	add	x2, x0, 4
	lsl	x5, x10, 2
	lsl	x0, x0, 2
	mov	x4, 16
	add	x7, x3, x0
	lsl	x2, x2, 2
	fmul	v7.4s, v7.4s, v25.s[0]
	add	x15, x7, x6
	fmul	v24.4s, v24.4s, v25.s[0]
	add	x13, x7, x5
	fmul	v23.4s, v23.4s, v25.s[0]
	sub	x4, x4, x6
	fmul	v22.4s, v22.4s, v25.s[0]
	add	x16, x5, 16
	fmul	v21.4s, v21.4s, v25.s[0]
	fmul	v20.4s, v20.4s, v25.s[0]
	fmul	v19.4s, v19.4s, v25.s[0]
	fmul	v18.4s, v18.4s, v25.s[0]
	dup	v0.4s, v27.s[0]
	dup	v1.4s, v26.s[0]
	fmul	v16.4s, v16.4s, v25.s[0]
	fmul	v17.4s, v17.4s, v25.s[0]
	cbz	x9, .L222
	ldr	q3, [x9]
	lsl	x1, x11, 2
	add	x12, x9, x1
	add	x18, x9, x11, lsl 3
	add	x14, x12, x1
	add	x8, x11, x11, lsl 1
	fadd	v3.4s, v3.4s, v7.4s
	add	x17, x14, x1
	add	x8, x9, x8, lsl 2
	add	x11, x9, x11, lsl 4
	add	x10, x3, x10, lsl 4
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x3]
	ldr	q3, [x9, 16]
	fadd	v3.4s, v3.4s, v16.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x3, 16]
	ldr	q3, [x9, x1]
	fadd	v3.4s, v3.4s, v23.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x7, x6]
	ldr	q3, [x12, 16]
	fadd	v3.4s, v3.4s, v20.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x3, x16]
	ldr	q3, [x12, x1]
	fadd	v3.4s, v3.4s, v24.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x15, x5]
	ldr	q3, [x18, 16]
	fadd	v3.4s, v3.4s, v22.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x3, x4]
	ldr	q3, [x14, x1]
	fadd	v3.4s, v3.4s, v21.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x3, x0]
	ldr	q3, [x8, 16]
	fadd	v3.4s, v3.4s, v18.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x3, x2]
	ldr	q3, [x17, x1]
	fadd	v3.4s, v3.4s, v17.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x13]
	ldr	q2, [x11, 16]
	fadd	v19.4s, v19.4s, v2.4s
	fcmgt	v2.4s, v1.4s, v19.4s
	bif	v1.16b, v19.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x10, 16]
	ret
.L222:
	fcmgt	v4.4s, v1.4s, v7.4s
	add	x10, x3, x10, lsl 4
	fcmgt	v25.4s, v1.4s, v16.4s
	fcmgt	v2.4s, v1.4s, v20.4s
	fcmgt	v6.4s, v1.4s, v24.4s
	bit	v7.16b, v1.16b, v4.16b
	bsl	v25.16b, v1.16b, v16.16b
	bsl	v2.16b, v1.16b, v20.16b
	fcmgt	v3.4s, v1.4s, v23.4s
	bsl	v6.16b, v1.16b, v24.16b
	fcmgt	v26.4s, v7.4s, v0.4s
	fcmgt	v24.4s, v25.4s, v0.4s
	mov	v16.16b, v2.16b
	fcmgt	v4.4s, v1.4s, v21.4s
	fcmgt	v5.4s, v1.4s, v22.4s
	bit	v23.16b, v1.16b, v3.16b
	bsl	v26.16b, v0.16b, v7.16b
	fcmgt	v3.4s, v1.4s, v18.4s
	mov	v7.16b, v24.16b
	bsl	v4.16b, v1.16b, v21.16b
	fcmgt	v20.4s, v6.4s, v0.4s
	fcmgt	v2.4s, v1.4s, v17.4s
	fcmgt	v21.4s, v16.4s, v0.4s
	bsl	v5.16b, v1.16b, v22.16b
	fcmgt	v22.4s, v23.4s, v0.4s
	bsl	v3.16b, v1.16b, v18.16b
	bsl	v7.16b, v0.16b, v25.16b
	bsl	v2.16b, v1.16b, v17.16b
	bsl	v21.16b, v0.16b, v16.16b
	mov	v16.16b, v20.16b
	fcmgt	v18.4s, v5.4s, v0.4s
	stp	q26, q7, [x3]
	bsl	v22.16b, v0.16b, v23.16b
	fcmgt	v17.4s, v4.4s, v0.4s
	fcmgt	v7.4s, v3.4s, v0.4s
	bsl	v16.16b, v0.16b, v6.16b
	fcmgt	v6.4s, v2.4s, v0.4s
	str	q22, [x7, x6]
	bit	v5.16b, v0.16b, v18.16b
	str	q21, [x3, x16]
	bit	v4.16b, v0.16b, v17.16b
	str	q16, [x15, x5]
	bit	v3.16b, v0.16b, v7.16b
	str	q5, [x3, x4]
	bit	v2.16b, v0.16b, v6.16b
	str	q4, [x3, x0]
	str	q3, [x3, x2]
	str	q2, [x13]
	fcmgt	v2.4s, v1.4s, v19.4s
	bif	v1.16b, v19.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x10, 16]
	ret
	.cfi_endproc
.LFE31:
	.size	wide_5, .-wide_5
	.align	2
	.p2align 4,,11
	.type	by_lane_5, %function
by_lane_5:
.LFB33:
	.cfi_startproc
	ldp	x10, x1, [x0, 24]
	ldr	x2, [x0, 40]
	ldp	x8, x16, [x0, 8]
	lsl	x3, x2, 2
	add	x4, x2, x2, lsl 1
	add	x5, x1, x3
	add	x9, x1, x2, lsl 3
	add	x6, x5, x3
	add	x4, x1, x4, lsl 2
	add	x7, x6, x3
	add	x2, x1, x2, lsl 4
	ldr	q27, [x5, x3]
	ldr	q25, [x6, x3]
	ldr	q6, [x7, x3]
	ldr	q28, [x1, x3]
	ldr	x7, [x0]
	ldp	q2, q5, [x1]
	ldr	q3, [x2, 16]
	ldr	q7, [x4, 16]
	ldr	q16, [x5, 16]
	ldr	q4, [x9, 16]
	ldr	x4, [x0, 48]
	ldr	x6, [x0, 56]
	ldr	x2, [x0, 64]
	ldr	x3, [x0, 72]
	ldp	s20, s1, [x0, 88]
	ldr	s0, [x0, 96]
	cbz	x8, .L224
	sub	x0, x16, #1
	lsr	x0, x0, 2
	add	x0, x0, 1
	lsl	x9, x0, 4
	lsl	x5, x0, 9
.L225:
	ldp	x15, x14, [x7]
	mov	x0, x10
	ldp	x13, x12, [x7, 16]
	mov	x1, 0
	ldr	x11, [x7, 32]
	cbz	x16, .L227
.L226:
	ldp	q18, q17, [x0]
	ldr	q24, [x15, x1]
	ldr	q23, [x14, x1]
	ldr	q22, [x13, x1]
	ldr	q21, [x12, x1]
	ldr	q19, [x11, x1]
	add	x1, x1, 16
	ldp	q29, q26, [x0, 128]
	fmla	v2.4s, v18.4s, v24.s[0]
	fmla	v28.4s, v18.4s, v23.s[0]
	fmla	v27.4s, v18.4s, v22.s[0]
	fmla	v25.4s, v18.4s, v21.s[0]
	fmla	v6.4s, v18.4s, v19.s[0]
	fmla	v5.4s, v17.4s, v24.s[0]
	fmla	v16.4s, v17.4s, v23.s[0]
	fmla	v4.4s, v17.4s, v22.s[0]
	fmla	v7.4s, v17.4s, v21.s[0]
	fmla	v3.4s, v17.4s, v19.s[0]
	ldr	q30, [x0, 256]
	ldr	q18, [x0, 272]
	fmla	v5.4s, v26.4s, v24.s[1]
	fmla	v16.4s, v26.4s, v23.s[1]
	fmla	v4.4s, v26.4s, v22.s[1]
	fmla	v7.4s, v26.4s, v21.s[1]
	fmla	v3.4s, v26.4s, v19.s[1]
	fmla	v2.4s, v29.4s, v24.s[1]
	fmla	v28.4s, v29.4s, v23.s[1]
	fmla	v27.4s, v29.4s, v22.s[1]
	fmla	v25.4s, v29.4s, v21.s[1]
	fmla	v6.4s, v29.4s, v19.s[1]
	ldp	q26, q17, [x0, 384]
	add	x0, x0, 512
	fmla	v2.4s, v30.4s, v24.s[2]
	fmla	v28.4s, v30.4s, v23.s[2]
	fmla	v27.4s, v30.4s, v22.s[2]
	fmla	v25.4s, v30.4s, v21.s[2]
	fmla	v6.4s, v30.4s, v19.s[2]
	fmla	v5.4s, v18.4s, v24.s[2]
	fmla	v16.4s, v18.4s, v23.s[2]
	fmla	v4.4s, v18.4s, v22.s[2]
	fmla	v7.4s, v18.4s, v21.s[2]
	fmla	v3.4s, v18.4s, v19.s[2]
	fmla	v2.4s, v26.4s, v24.s[3]
	fmla	v28.4s, v26.4s, v23.s[3]
	fmla	v27.4s, v26.4s, v22.s[3]
	fmla	v25.4s, v26.4s, v21.s[3]
	fmla	v6.4s, v26.4s, v19.s[3]
	fmla	v5.4s, v17.4s, v24.s[3]
	fmla	v16.4s, v17.4s, v23.s[3]
	fmla	v4.4s, v17.4s, v22.s[3]
	fmla	v7.4s, v17.4s, v21.s[3]
	fmla	v3.4s, v17.4s, v19.s[3]
	cmp	x9, x1
	bne	.L226
	add	x10, x10, x5
.L227:
	add	x7, x7, 128
	subs	x8, x8, #1
	bne	.L225
.L224:
	lsl	x9, x3, 3
	lsl	x5, x3, 2
	add	x1, x3, x3, lsl 1
	add	x12, x2, x9
	add	x8, x1, 4
	add	x10, x12, x5
	add	x7, x3, 4
	add	x0, x10, x5
	fmul	v2.4s, v2.4s, v20.s[0]
	sub	x1, x0, x1, lsl 2
	fmul	v25.4s, v25.4s, v20.s[0]
	lsl	x8, x8, 2
	fmul	v6.4s, v6.4s, v20.s[0]
	add	x15, x9, 16
	fmul	v7.4s, v7.4s, v20.s[0]
	lsl	x7, x7, 2
	fmul	v3.4s, v3.4s, v20.s[0]
	fmul	v4.4s, v4.4s, v20.s[0]
	fmul	v5.4s, v5.4s, v20.s[0]
	fmul	v16.4s, v16.4s, v20.s[0]
	fmul	v28.4s, v28.4s, v20.s[0]
	dup	v0.4s, v0.s[0]
	dup	v1.4s, v1.s[0]
	fmul	v27.4s, v27.4s, v20.s[0]
	cbz	x4, .L239
	ldr	q17, [x4]
	lsl	x0, x6, 2
	add	x13, x4, x0
	add	x17, x4, x6, lsl 3
	add	x14, x13, x0
	add	x11, x6, x6, lsl 1
	fadd	v17.4s, v17.4s, v2.4s
	add	x16, x14, x0
	add	x11, x4, x11, lsl 2
	add	x6, x4, x6, lsl 4
	add	x3, x2, x3, lsl 4
	fcmgt	v2.4s, v1.4s, v17.4s
	bsl	v2.16b, v1.16b, v17.16b
	fcmgt	v17.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v17.16b
	str	q2, [x2]
	ldr	q2, [x4, 16]
	fadd	v5.4s, v2.4s, v5.4s
	fcmgt	v2.4s, v1.4s, v5.4s
	bsl	v2.16b, v1.16b, v5.16b
	fcmgt	v5.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v5.16b
	str	q2, [x2, 16]
	ldr	q5, [x4, x0]
	fadd	v5.4s, v5.4s, v28.4s
	fcmgt	v2.4s, v1.4s, v5.4s
	bsl	v2.16b, v1.16b, v5.16b
	fcmgt	v5.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v5.16b
	str	q2, [x1]
	ldr	q5, [x13, 16]
	fadd	v5.4s, v5.4s, v16.4s
	fcmgt	v2.4s, v1.4s, v5.4s
	bsl	v2.16b, v1.16b, v5.16b
	fcmgt	v5.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v5.16b
	str	q2, [x2, x7]
	ldr	q5, [x13, x0]
	fadd	v5.4s, v5.4s, v27.4s
	fcmgt	v2.4s, v1.4s, v5.4s
	bsl	v2.16b, v1.16b, v5.16b
	fcmgt	v5.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v5.16b
	str	q2, [x2, x9]
	ldr	q2, [x17, 16]
	fadd	v4.4s, v2.4s, v4.4s
	fcmgt	v2.4s, v1.4s, v4.4s
	bsl	v2.16b, v1.16b, v4.16b
	fcmgt	v4.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v4.16b
	str	q2, [x2, x15]
	ldr	q4, [x14, x0]
	fadd	v4.4s, v4.4s, v25.4s
	fcmgt	v2.4s, v1.4s, v4.4s
	bsl	v2.16b, v1.16b, v4.16b
	fcmgt	v4.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v4.16b
	str	q2, [x12, x5]
	ldr	q4, [x11, 16]
	fadd	v4.4s, v4.4s, v7.4s
	fcmgt	v2.4s, v1.4s, v4.4s
	bsl	v2.16b, v1.16b, v4.16b
	fcmgt	v4.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v4.16b
	str	q2, [x2, x8]
	ldr	q4, [x16, x0]
	fadd	v4.4s, v4.4s, v6.4s
	fcmgt	v2.4s, v1.4s, v4.4s
	bsl	v2.16b, v1.16b, v4.16b
	fcmgt	v4.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v4.16b
	str	q2, [x10, x5]
	ldr	q2, [x6, 16]
	fadd	v3.4s, v3.4s, v2.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bif	v1.16b, v3.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x3, 16]
	ret
.L239:
	fcmgt	v22.4s, v1.4s, v5.4s
	add	x3, x2, x3, lsl 4
	fcmgt	v17.4s, v1.4s, v2.4s
	fcmgt	v19.4s, v1.4s, v27.4s
	fcmgt	v21.4s, v1.4s, v28.4s
	bsl	v22.16b, v1.16b, v5.16b
	bit	v2.16b, v1.16b, v17.16b
	bsl	v19.16b, v1.16b, v27.16b
	fcmgt	v5.4s, v1.4s, v6.4s
	fcmgt	v20.4s, v1.4s, v16.4s
	fcmgt	v18.4s, v1.4s, v4.4s
	fcmgt	v27.4s, v22.4s, v0.4s
	bsl	v21.16b, v1.16b, v28.16b
	bsl	v20.16b, v1.16b, v16.16b
	bsl	v18.16b, v1.16b, v4.16b
	fcmgt	v28.4s, v2.4s, v0.4s
	mov	v4.16b, v5.16b
	mov	v5.16b, v27.16b
	fcmgt	v24.4s, v20.4s, v0.4s
	bit	v2.16b, v0.16b, v28.16b
	fcmgt	v17.4s, v1.4s, v25.4s
	bsl	v5.16b, v0.16b, v22.16b
	fcmgt	v16.4s, v1.4s, v7.4s
	fcmgt	v26.4s, v21.4s, v0.4s
	bsl	v17.16b, v1.16b, v25.16b
	bsl	v4.16b, v1.16b, v6.16b
	stp	q2, q5, [x2]
	mov	v2.16b, v24.16b
	bit	v7.16b, v1.16b, v16.16b
	bit	v21.16b, v0.16b, v26.16b
	fcmgt	v23.4s, v19.4s, v0.4s
	bsl	v2.16b, v0.16b, v20.16b
	fcmgt	v16.4s, v18.4s, v0.4s
	fcmgt	v6.4s, v17.4s, v0.4s
	str	q21, [x1]
	fcmgt	v5.4s, v7.4s, v0.4s
	str	q2, [x2, x7]
	bit	v19.16b, v0.16b, v23.16b
	fcmgt	v2.4s, v4.4s, v0.4s
	bsl	v16.16b, v0.16b, v18.16b
	bsl	v6.16b, v0.16b, v17.16b
	bsl	v5.16b, v0.16b, v7.16b
	str	q19, [x2, x9]
	bsl	v2.16b, v0.16b, v4.16b
	str	q16, [x2, x15]
	str	q6, [x12, x5]
	str	q5, [x2, x8]
	str	q2, [x10, x5]
	fcmgt	v2.4s, v1.4s, v3.4s
	bif	v1.16b, v3.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x3, 16]
	ret
	.cfi_endproc
.LFE33:
	.size	by_lane_5, .-by_lane_5
	.align	2
	.p2align 4,,11
	.type	narrow_5, %function
narrow_5:
.LFB34:
	.cfi_startproc
	ldp	x2, x1, [x0, 32]
	ldp	x9, x10, [x0]
	ldp	x15, x13, [x0, 48]
	lsl	x1, x1, 2
	ldr	s20, [x0, 96]
	add	x4, x2, x1
	add	x3, x4, x1
	add	x5, x3, x1
	ldr	q2, [x2, x1]
	ldr	q4, [x3, x1]
	ldr	q3, [x2]
	ldr	q1, [x4, x1]
	ldr	q5, [x5, x1]
	ldr	x3, [x0, 16]
	ldr	x2, [x0, 24]
	ldp	x14, x12, [x0, 64]
	ldp	s19, s21, [x0, 88]
	cbz	x10, .L241
	lsl	x11, x3, 7
	.p2align 3,,7
.L242:
	ldp	x8, x7, [x9]
	mov	x0, 0
	ldp	x6, x5, [x9, 16]
	ldr	x4, [x9, 32]
	cbz	x3, .L244
	.p2align 3,,7
.L243:
	lsl	x1, x0, 7
	ldr	s18, [x8, x0, lsl 2]
	ldr	s17, [x7, x0, lsl 2]
	ldr	s16, [x6, x0, lsl 2]
	ldr	q0, [x2, x1]
	ldr	s7, [x5, x0, lsl 2]
	ldr	s6, [x4, x0, lsl 2]
	add	x0, x0, 1
	fmla	v3.4s, v0.4s, v18.s[0]
	fmla	v2.4s, v0.4s, v17.s[0]
	fmla	v1.4s, v0.4s, v16.s[0]
	fmla	v4.4s, v0.4s, v7.s[0]
	fmla	v5.4s, v0.4s, v6.s[0]
	cmp	x3, x0
	bne	.L243
	add	x2, x2, x11
.L244:
	add	x9, x9, 128
	subs	x10, x10, #1
	bne	.L242
.L241:
	add	x2, x12, x12, lsl 1
	neg	x0, x12, lsl 2
	fmul	v3.4s, v3.4s, v19.s[0]
	fmul	v5.4s, v5.4s, v19.s[0]
	lsl	x2, x2, 2
	fmul	v2.4s, v2.4s, v19.s[0]
	add	x3, x14, x2
	fmul	v4.4s, v4.4s, v19.s[0]
	add	x4, x3, x0
	dup	v6.4s, v21.s[0]
	add	x7, x4, x0
	dup	v0.4s, v20.s[0]
	fmul	v1.4s, v1.4s, v19.s[0]
	cbz	x15, .L256
	ldr	q7, [x15]
	lsl	x1, x13, 2
	add	x6, x15, x1
	add	x5, x6, x1
	fadd	v7.4s, v7.4s, v3.4s
	add	x8, x5, x1
	fcmgt	v3.4s, v6.4s, v7.4s
	bsl	v3.16b, v6.16b, v7.16b
	fcmgt	v7.4s, v3.4s, v0.4s
	bit	v3.16b, v0.16b, v7.16b
	str	q3, [x14]
	ldr	q3, [x15, x1]
	fadd	v3.4s, v3.4s, v2.4s
	fcmgt	v2.4s, v6.4s, v3.4s
	bsl	v2.16b, v6.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x4, x0]
	ldr	q2, [x6, x1]
	fadd	v2.4s, v2.4s, v1.4s
	fcmgt	v1.4s, v6.4s, v2.4s
	bsl	v1.16b, v6.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x3, x0]
	ldr	q2, [x5, x1]
	fadd	v2.4s, v2.4s, v4.4s
	fcmgt	v1.4s, v6.4s, v2.4s
	bsl	v1.16b, v6.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x14, x2]
	ldr	q1, [x8, x1]
	fadd	v5.4s, v5.4s, v1.4s
	fcmgt	v1.4s, v6.4s, v5.4s
	bsl	v1.16b, v6.16b, v5.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x7, x2]
	ret
.L256:
	fcmgt	v17.4s, v6.4s, v2.4s
	fcmgt	v18.4s, v6.4s, v3.4s
	fcmgt	v16.4s, v6.4s, v1.4s
	fcmgt	v7.4s, v6.4s, v4.4s
	bsl	v18.16b, v6.16b, v3.16b
	mov	v3.16b, v17.16b
	fcmgt	v17.4s, v18.4s, v0.4s
	bsl	v3.16b, v6.16b, v2.16b
	mov	v2.16b, v16.16b
	bsl	v17.16b, v0.16b, v18.16b
	fcmgt	v16.4s, v3.4s, v0.4s
	bsl	v2.16b, v6.16b, v1.16b
	mov	v1.16b, v7.16b
	str	q17, [x14]
	fcmgt	v7.4s, v2.4s, v0.4s
	bsl	v1.16b, v6.16b, v4.16b
	bit	v3.16b, v0.16b, v16.16b
	bit	v2.16b, v0.16b, v7.16b
	fcmgt	v4.4s, v1.4s, v0.4s
	str	q3, [x4, x0]
	str	q2, [x3, x0]
	bit	v1.16b, v0.16b, v4.16b
	str	q1, [x14, x2]
	fcmgt	v1.4s, v6.4s, v5.4s
	bsl	v1.16b, v6.16b, v5.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x7, x2]
	ret
	.cfi_endproc
.LFE34:
	.size	narrow_5, .-narrow_5
	.align	2
	.p2align 4,,11
	.type	wide_6, %function
wide_6:
.LFB35:
	.cfi_startproc
	stp	x29, x30, [sp, -48]!
	.cfi_def_cfa_offset 48
	.cfi_offset 29, -48
	.cfi_offset 30, -40
	mov	x29, sp
	ldp	x3, x12, [x0, 40]
	stp	x19, x20, [sp, 16]
	ldr	s2, [x0, 96]
	ldp	x15, x2, [x0, 24]
	ldp	x13, x14, [x0]
	lsl	x1, x3, 2
	add	x4, x3, x3, lsl 1
	add	x6, x1, x3
	ldr	x11, [x0, 56]
	add	x5, x2, x1
	add	x7, x5, x1
	add	x9, x2, x3, lsl 3
	add	x8, x7, x1
	add	x3, x2, x3, lsl 4
	add	x4, x2, x4, lsl 2
	add	x10, x8, x1
	add	x6, x2, x6, lsl 2
	ldr	q28, [x2, x1]
	ldr	q19, [x10, x1]
	ldp	q30, q18, [x2]
	ldr	q24, [x8, x1]
	ldr	q26, [x7, x1]
	ldr	q23, [x5, x1]
	ldr	q21, [x3, 16]
	ldr	q25, [x4, 16]
	ldr	x3, [x0, 16]
	ldr	q27, [x5, 16]
	ldr	q20, [x6, 16]
	ldr	q22, [x9, 16]
	ldr	x2, [x0, 64]
	ldr	x10, [x0, 72]
	ldp	s29, s3, [x0, 88]
	.cfi_offset 19, -32
	.cfi_offset 20, -24
	cbz	x14, .L258
	lsl	x16, x3, 7
.L259:
	ldp	x9, x8, [x13]
	mov	x1, x15
	ldp	x7, x6, [x13, 16]
	mov	x0, 0
	ldp	x5, x4, [x13, 32]
	cbz	x3, .L261
	.p2align 3,,7
.L260:
	ldp	q1, q0, [x1]
	add	x1, x1, 128
	ldr	s17, [x9, x0, lsl 2]
	ldr	s16, [x8, x0, lsl 2]
	ldr	s7, [x7, x0, lsl 2]
	ldr	s6, [x6, x0, lsl 2]
	ldr	s5, [x5, x0, lsl 2]
	fmla	v30.4s, v1.4s, v17.s[0]
	ldr	s4, [x4, x0, lsl 2]
	fmla	v18.4s, v0.4s, v17.s[0]
	add	x0, x0, 1
	fmla	v28.4s, v1.4s, v16.s[0]
	fmla	v27.4s, v0.4s, v16.s[0]
	fmla	v23.4s, v1.4s, v7.s[0]
	fmla	v22.4s, v0.4s, v7.s[0]
	fmla	v26.4s, v1.4s, v6.s[0]
	fmla	v25.4s, v0.4s, v6.s[0]
	fmla	v24.4s, v1.4s, v5.s[0]
	fmla	v21.4s, v0.4s, v5.s[0]
	fmla	v19.4s, v1.4s, v4.s[0]
	fmla	v20.4s, v0.4s, v4.s[0]
	cmp	x3, x0
	bne	.L260
	add	x15, x15, x16
.L261:
	add	x13, x13, 128
	subs	x14, x14, #1
	bne	.L259
.L258:
	lsl	x5, x10, 2
	lsl	x0, x10, 1
	add	x6, x0, x10
	add	x19, x2, x5
	lsl	x30, x10, 3
	add	x0, x0, 4
	add	x9, x6, 4
	add	x20, x19, x30
	add	x7, x10, 1
	sub	x18, x20, x5
	lsl	x6, x6, 2
	lsl	x4, x0, 2
	fmul	v30.4s, v30.4s, v29.s[0]
	lsl	x9, x9, 2
	fmul	v28.4s, v28.4s, v29.s[0]
	add	x14, x18, x6
	fmul	v27.4s, v27.4s, v29.s[0]
	add	x17, x5, 16
	fmul	v26.4s, v26.4s, v29.s[0]
	neg	x8, x5
	fmul	v25.4s, v25.4s, v29.s[0]
	add	x0, x5, x10
	fmul	v24.4s, v24.4s, v29.s[0]
	lsl	x7, x7, 4
	fmul	v23.4s, v23.4s, v29.s[0]
	fmul	v22.4s, v22.4s, v29.s[0]
	fmul	v20.4s, v20.4s, v29.s[0]
	fmul	v19.4s, v19.4s, v29.s[0]
	dup	v0.4s, v2.s[0]
	dup	v1.4s, v3.s[0]
	fmul	v21.4s, v21.4s, v29.s[0]
	fmul	v18.4s, v18.4s, v29.s[0]
	cbz	x12, .L274
	stp	x21, x22, [sp, 32]
	.cfi_offset 22, -8
	.cfi_offset 21, -16
	lsl	x3, x11, 2
	add	x13, x12, x3
	ldr	q3, [x12]
	add	x22, x12, x11, lsl 3
	add	x16, x13, x3
	add	x10, x11, x11, lsl 1
	add	x15, x16, x3
	add	x21, x12, x11, lsl 4
	fadd	v3.4s, v3.4s, v30.4s
	add	x10, x12, x10, lsl 2
	add	x1, x3, x11
	add	x11, x15, x3
	add	x1, x12, x1, lsl 2
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2]
	ldr	q3, [x12, 16]
	fadd	v3.4s, v3.4s, v18.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, 16]
	ldr	q3, [x12, x3]
	fadd	v3.4s, v3.4s, v28.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x5]
	ldr	q3, [x13, 16]
	fadd	v3.4s, v3.4s, v27.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x17]
	ldr	q3, [x13, x3]
	fadd	v3.4s, v3.4s, v23.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x20, x8]
	ldr	q3, [x22, 16]
	fadd	v3.4s, v3.4s, v22.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x4]
	ldr	q3, [x16, x3]
	fadd	v3.4s, v3.4s, v26.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x19, x30]
	ldr	q3, [x10, 16]
	fadd	v3.4s, v3.4s, v25.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x9]
	ldr	q3, [x15, x3]
	fadd	v3.4s, v3.4s, v24.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x14, x8]
	ldr	q3, [x21, 16]
	fadd	v3.4s, v3.4s, v21.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x7]
	ldr	q3, [x11, x3]
	fadd	v3.4s, v3.4s, v19.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x18, x6]
	ldr	q2, [x1, 16]
	ldp	x21, x22, [sp, 32]
	.cfi_restore 22
	.cfi_restore 21
	fadd	v20.4s, v20.4s, v2.4s
.L263:
	fcmgt	v2.4s, v1.4s, v20.4s
	add	x0, x2, x0, lsl 2
	bif	v1.16b, v20.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x0, 16]
	ldp	x19, x20, [sp, 16]
	ldp	x29, x30, [sp], 48
	.cfi_remember_state
	.cfi_restore 30
	.cfi_restore 29
	.cfi_restore 19
	.cfi_restore 20
	.cfi_def_cfa_offset 0
	ret
.L274:
	.cfi_restore_state
	fcmgt	v29.4s, v1.4s, v30.4s
	fcmgt	v3.4s, v1.4s, v18.4s
	fcmgt	v2.4s, v1.4s, v28.4s
	fcmgt	v17.4s, v1.4s, v27.4s
	bsl	v29.16b, v1.16b, v30.16b
	bit	v18.16b, v1.16b, v3.16b
	bit	v28.16b, v1.16b, v2.16b
	fcmgt	v5.4s, v1.4s, v25.4s
	fcmgt	v4.4s, v1.4s, v24.4s
	fcmgt	v30.4s, v18.4s, v0.4s
	fcmgt	v31.4s, v29.4s, v0.4s
	bsl	v17.16b, v1.16b, v27.16b
	fcmgt	v16.4s, v1.4s, v23.4s
	fcmgt	v3.4s, v1.4s, v21.4s
	fcmgt	v27.4s, v28.4s, v0.4s
	fcmgt	v7.4s, v1.4s, v22.4s
	bsl	v5.16b, v1.16b, v25.16b
	bsl	v4.16b, v1.16b, v24.16b
	fcmgt	v6.4s, v1.4s, v26.4s
	mov	v25.16b, v31.16b
	mov	v24.16b, v30.16b
	bsl	v16.16b, v1.16b, v23.16b
	bsl	v3.16b, v1.16b, v21.16b
	mov	v21.16b, v27.16b
	bsl	v7.16b, v1.16b, v22.16b
	bsl	v6.16b, v1.16b, v26.16b
	bsl	v24.16b, v0.16b, v18.16b
	fcmgt	v26.4s, v17.4s, v0.4s
	bsl	v25.16b, v0.16b, v29.16b
	fcmgt	v23.4s, v16.4s, v0.4s
	bsl	v21.16b, v0.16b, v28.16b
	fcmgt	v2.4s, v1.4s, v19.4s
	fcmgt	v22.4s, v7.4s, v0.4s
	stp	q25, q24, [x2]
	mov	v24.16b, v26.16b
	str	q21, [x2, x5]
	mov	v21.16b, v23.16b
	bsl	v2.16b, v1.16b, v19.16b
	mov	v19.16b, v22.16b
	fcmgt	v18.4s, v6.4s, v0.4s
	bsl	v24.16b, v0.16b, v17.16b
	fcmgt	v17.4s, v5.4s, v0.4s
	bsl	v21.16b, v0.16b, v16.16b
	fcmgt	v16.4s, v4.4s, v0.4s
	bsl	v19.16b, v0.16b, v7.16b
	str	q24, [x2, x17]
	fcmgt	v7.4s, v3.4s, v0.4s
	str	q21, [x20, x8]
	bsl	v18.16b, v0.16b, v6.16b
	str	q19, [x2, x4]
	fcmgt	v6.4s, v2.4s, v0.4s
	bit	v5.16b, v0.16b, v17.16b
	bit	v4.16b, v0.16b, v16.16b
	str	q18, [x19, x30]
	bit	v3.16b, v0.16b, v7.16b
	bit	v2.16b, v0.16b, v6.16b
	str	q5, [x2, x9]
	str	q4, [x14, x8]
	str	q3, [x2, x7]
	str	q2, [x18, x6]
	b	.L263
	.cfi_endproc
.LFE35:
	.size	wide_6, .-wide_6
	.align	2
	.p2align 4,,11
	.type	by_lane_6, %function
by_lane_6:
.LFB37:
	.cfi_startproc
	stp	x29, x30, [sp, -64]!
	.cfi_def_cfa_offset 64
	.cfi_offset 29, -64
	.cfi_offset 30, -56
	mov	x29, sp
	ldp	x2, x3, [x0, 32]
	stp	d8, d9, [sp, 48]
	.cfi_offset 72, -16
	.cfi_offset 73, -8
	ldr	s8, [x0, 96]
	ldp	x6, x17, [x0, 8]
	ldp	s24, s9, [x0, 88]
	lsl	x1, x3, 2
	add	x7, x2, x1
	add	x4, x3, x3, lsl 1
	add	x5, x7, x1
	add	x8, x1, x3
	add	x9, x5, x1
	add	x10, x2, x3, lsl 3
	add	x8, x2, x8, lsl 2
	add	x3, x2, x3, lsl 4
	add	x4, x2, x4, lsl 2
	add	x11, x9, x1
	ldr	q25, [x9, x1]
	ldr	q27, [x5, x1]
	ldr	q4, [x2, x1]
	ldp	q6, q5, [x2]
	ldr	q0, [x11, x1]
	ldr	q3, [x7, x1]
	ldr	x5, [x0]
	ldr	q7, [x3, 16]
	ldr	q28, [x8, 16]
	ldr	q16, [x10, 16]
	ldr	q1, [x4, 16]
	ldr	q2, [x7, 16]
	ldr	x10, [x0, 24]
	ldr	x9, [x0, 48]
	ldr	x8, [x0, 56]
	ldr	x2, [x0, 64]
	ldr	x3, [x0, 72]
	cbz	x6, .L276
	sub	x0, x17, #1
	lsr	x0, x0, 2
	add	x0, x0, 1
	lsl	x7, x0, 4
	lsl	x4, x0, 9
.L277:
	ldp	x16, x15, [x5]
	mov	x0, x10
	ldp	x14, x13, [x5, 16]
	mov	x1, 0
	ldp	x12, x11, [x5, 32]
	cbz	x17, .L279
.L278:
	ldp	q30, q17, [x0]
	ldr	q18, [x11, x1]
	ldr	q23, [x16, x1]
	fmla	v28.4s, v17.4s, v18.s[0]
	ldr	q22, [x15, x1]
	ldr	q21, [x14, x1]
	ldr	q20, [x13, x1]
	ldr	q19, [x12, x1]
	add	x1, x1, 16
	ldp	q29, q26, [x0, 128]
	fmla	v5.4s, v17.4s, v23.s[0]
	mov	v31.16b, v28.16b
	fmla	v6.4s, v30.4s, v23.s[0]
	fmla	v4.4s, v30.4s, v22.s[0]
	fmla	v3.4s, v30.4s, v21.s[0]
	fmla	v27.4s, v30.4s, v20.s[0]
	fmla	v25.4s, v30.4s, v19.s[0]
	fmla	v0.4s, v30.4s, v18.s[0]
	fmla	v5.4s, v26.4s, v23.s[1]
	fmla	v31.4s, v26.4s, v18.s[1]
	ldp	q30, q28, [x0, 256]
	fmla	v2.4s, v17.4s, v22.s[0]
	fmla	v16.4s, v17.4s, v21.s[0]
	fmla	v1.4s, v17.4s, v20.s[0]
	fmla	v7.4s, v17.4s, v19.s[0]
	fmla	v6.4s, v29.4s, v23.s[1]
	fmla	v4.4s, v29.4s, v22.s[1]
	fmla	v3.4s, v29.4s, v21.s[1]
	fmla	v27.4s, v29.4s, v20.s[1]
	fmla	v25.4s, v29.4s, v19.s[1]
	fmla	v0.4s, v29.4s, v18.s[1]
	mov	v17.16b, v5.16b
	mov	v29.16b, v31.16b
	fmla	v2.4s, v26.4s, v22.s[1]
	fmla	v16.4s, v26.4s, v21.s[1]
	fmla	v1.4s, v26.4s, v20.s[1]
	fmla	v7.4s, v26.4s, v19.s[1]
	ldp	q5, q26, [x0, 384]
	add	x0, x0, 512
	fmla	v17.4s, v28.4s, v23.s[2]
	fmla	v6.4s, v30.4s, v23.s[2]
	fmla	v4.4s, v30.4s, v22.s[2]
	fmla	v3.4s, v30.4s, v21.s[2]
	fmla	v27.4s, v30.4s, v20.s[2]
	fmla	v25.4s, v30.4s, v19.s[2]
	fmla	v0.4s, v30.4s, v18.s[2]
	fmla	v29.4s, v28.4s, v18.s[2]
	fmla	v2.4s, v28.4s, v22.s[2]
	fmla	v16.4s, v28.4s, v21.s[2]
	fmla	v1.4s, v28.4s, v20.s[2]
	fmla	v7.4s, v28.4s, v19.s[2]
	fmla	v6.4s, v5.4s, v23.s[3]
	fmla	v4.4s, v5.4s, v22.s[3]
	fmla	v3.4s, v5.4s, v21.s[3]
	fmla	v27.4s, v5.4s, v20.s[3]
	fmla	v25.4s, v5.4s, v19.s[3]
	fmla	v0.4s, v5.4s, v18.s[3]
	mov	v28.16b, v29.16b
	mov	v5.16b, v17.16b
	fmla	v2.4s, v26.4s, v22.s[3]
	fmla	v16.4s, v26.4s, v21.s[3]
	fmla	v1.4s, v26.4s, v20.s[3]
	fmla	v5.4s, v26.4s, v23.s[3]
	fmla	v7.4s, v26.4s, v19.s[3]
	fmla	v28.4s, v26.4s, v18.s[3]
	cmp	x7, x1
	bne	.L278
	add	x10, x10, x4
.L279:
	add	x5, x5, 128
	subs	x6, x6, #1
	bne	.L277
.L276:
	lsl	x1, x3, 2
	lsl	x0, x3, 1
	add	x11, x1, x3
	sub	x1, x3, x1
	add	x6, x0, x3
	add	x5, x0, 4
	lsl	x12, x11, 2
	lsl	x1, x1, 2
	add	x15, x2, x12
	lsl	x10, x3, 3
	add	x6, x6, 4
	add	x13, x15, x1
	add	x7, x3, 1
	add	x0, x3, 4
	add	x17, x13, x10
	lsl	x6, x6, 2
	fmul	v6.4s, v6.4s, v24.s[0]
	add	x30, x17, x1
	fmul	v7.4s, v7.4s, v24.s[0]
	lsl	x5, x5, 2
	fmul	v28.4s, v28.4s, v24.s[0]
	lsl	x7, x7, 4
	fmul	v27.4s, v27.4s, v24.s[0]
	lsl	x0, x0, 2
	fmul	v16.4s, v16.4s, v24.s[0]
	fmul	v0.4s, v0.4s, v24.s[0]
	fmul	v5.4s, v5.4s, v24.s[0]
	fmul	v3.4s, v3.4s, v24.s[0]
	fmul	v25.4s, v25.4s, v24.s[0]
	fmul	v1.4s, v1.4s, v24.s[0]
	fmul	v2.4s, v2.4s, v24.s[0]
	fmul	v4.4s, v4.4s, v24.s[0]
	dup	v8.4s, v8.s[0]
	dup	v9.4s, v9.s[0]
	cbz	x9, .L292
	stp	x19, x20, [sp, 16]
	.cfi_offset 20, -40
	.cfi_offset 19, -48
	lsl	x4, x8, 2
	add	x16, x9, x4
	str	x21, [sp, 32]
	.cfi_offset 21, -32
	add	x21, x9, x8, lsl 3
	add	x19, x16, x4
	add	x14, x8, x8, lsl 1
	ldr	q17, [x9]
	add	x14, x9, x14, lsl 2
	add	x18, x19, x4
	add	x20, x9, x8, lsl 4
	add	x3, x4, x8
	add	x8, x18, x4
	fadd	v17.4s, v17.4s, v6.4s
	add	x3, x9, x3, lsl 2
	fcmgt	v6.4s, v9.4s, v17.4s
	bsl	v6.16b, v9.16b, v17.16b
	fcmgt	v17.4s, v6.4s, v8.4s
	bit	v6.16b, v8.16b, v17.16b
	str	q6, [x2]
	ldr	q6, [x9, 16]
	fadd	v6.4s, v6.4s, v5.4s
	fcmgt	v5.4s, v9.4s, v6.4s
	bsl	v5.16b, v9.16b, v6.16b
	fcmgt	v6.4s, v5.4s, v8.4s
	bit	v5.16b, v8.16b, v6.16b
	str	q5, [x2, 16]
	ldr	q5, [x9, x4]
	fadd	v5.4s, v5.4s, v4.4s
	fcmgt	v4.4s, v9.4s, v5.4s
	bsl	v4.16b, v9.16b, v5.16b
	fcmgt	v5.4s, v4.4s, v8.4s
	bit	v4.16b, v8.16b, v5.16b
	str	q4, [x17, x1]
	ldr	q4, [x16, 16]
	fadd	v4.4s, v4.4s, v2.4s
	fcmgt	v2.4s, v9.4s, v4.4s
	bsl	v2.16b, v9.16b, v4.16b
	fcmgt	v4.4s, v2.4s, v8.4s
	bit	v2.16b, v8.16b, v4.16b
	str	q2, [x2, x0]
	ldr	q2, [x16, x4]
	fadd	v3.4s, v2.4s, v3.4s
	fcmgt	v2.4s, v9.4s, v3.4s
	bsl	v2.16b, v9.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v8.4s
	bit	v2.16b, v8.16b, v3.16b
	str	q2, [x15, x1]
	ldr	q3, [x21, 16]
	fadd	v3.4s, v3.4s, v16.4s
	fcmgt	v2.4s, v9.4s, v3.4s
	bsl	v2.16b, v9.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v8.4s
	bit	v2.16b, v8.16b, v3.16b
	str	q2, [x2, x5]
	ldr	q3, [x19, x4]
	fadd	v3.4s, v3.4s, v27.4s
	fcmgt	v2.4s, v9.4s, v3.4s
	bsl	v2.16b, v9.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v8.4s
	bit	v2.16b, v8.16b, v3.16b
	str	q2, [x30, x10]
	ldr	q2, [x14, 16]
	fadd	v2.4s, v2.4s, v1.4s
	fcmgt	v1.4s, v9.4s, v2.4s
	bsl	v1.16b, v9.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v8.4s
	bit	v1.16b, v8.16b, v2.16b
	str	q1, [x2, x6]
	ldr	q2, [x18, x4]
	fadd	v2.4s, v2.4s, v25.4s
	fcmgt	v1.4s, v9.4s, v2.4s
	bsl	v1.16b, v9.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v8.4s
	bit	v1.16b, v8.16b, v2.16b
	str	q1, [x13, x10]
	ldr	q2, [x20, 16]
	fadd	v2.4s, v2.4s, v7.4s
	fcmgt	v1.4s, v9.4s, v2.4s
	bsl	v1.16b, v9.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v8.4s
	bit	v1.16b, v8.16b, v2.16b
	str	q1, [x2, x7]
	ldr	q1, [x8, x4]
	fadd	v1.4s, v1.4s, v0.4s
	fcmgt	v0.4s, v9.4s, v1.4s
	bsl	v0.16b, v9.16b, v1.16b
	fcmgt	v1.4s, v0.4s, v8.4s
	bit	v0.16b, v8.16b, v1.16b
	str	q0, [x2, x12]
	ldr	q0, [x3, 16]
	ldp	x19, x20, [sp, 16]
	.cfi_restore 20
	.cfi_restore 19
	ldr	x21, [sp, 32]
	.cfi_restore 21
	fadd	v28.4s, v28.4s, v0.4s
.L281:
	fcmgt	v0.4s, v9.4s, v28.4s
	add	x0, x2, x11, lsl 2
	bsl	v0.16b, v9.16b, v28.16b
	fcmgt	v1.4s, v0.4s, v8.4s
	bit	v0.16b, v8.16b, v1.16b
	str	q0, [x0, 16]
	ldp	d8, d9, [sp, 48]
	ldp	x29, x30, [sp], 64
	.cfi_remember_state
	.cfi_restore 30
	.cfi_restore 29
	.cfi_restore 72
	.cfi_restore 73
	.cfi_def_cfa_offset 0
	ret
.L292:
	.cfi_restore_state
	fcmgt	v17.4s, v9.4s, v4.4s
	fcmgt	v19.4s, v9.4s, v6.4s
	fcmgt	v18.4s, v9.4s, v5.4s
	fcmgt	v20.4s, v9.4s, v3.4s
	bit	v4.16b, v9.16b, v17.16b
	bit	v6.16b, v9.16b, v19.16b
	bit	v5.16b, v9.16b, v18.16b
	bsl	v20.16b, v9.16b, v3.16b
	fcmgt	v21.4s, v9.4s, v2.4s
	fcmgt	v3.4s, v9.4s, v7.4s
	fcmgt	v17.4s, v9.4s, v1.4s
	fcmgt	v26.4s, v4.4s, v8.4s
	fcmgt	v19.4s, v9.4s, v16.4s
	fcmgt	v22.4s, v5.4s, v8.4s
	fcmgt	v29.4s, v6.4s, v8.4s
	bsl	v21.16b, v9.16b, v2.16b
	bsl	v17.16b, v9.16b, v1.16b
	mov	v1.16b, v3.16b
	mov	v3.16b, v26.16b
	bsl	v19.16b, v9.16b, v16.16b
	bit	v5.16b, v8.16b, v22.16b
	bit	v6.16b, v8.16b, v29.16b
	bsl	v3.16b, v8.16b, v4.16b
	fcmgt	v30.4s, v9.4s, v25.4s
	fcmgt	v24.4s, v21.4s, v8.4s
	fcmgt	v23.4s, v20.4s, v8.4s
	stp	q6, q5, [x2]
	fcmgt	v2.4s, v9.4s, v0.4s
	str	q3, [x17, x1]
	fcmgt	v18.4s, v9.4s, v27.4s
	fcmgt	v22.4s, v19.4s, v8.4s
	mov	v16.16b, v30.16b
	mov	v3.16b, v24.16b
	bsl	v1.16b, v9.16b, v7.16b
	mov	v7.16b, v23.16b
	bit	v0.16b, v9.16b, v2.16b
	bsl	v18.16b, v9.16b, v27.16b
	mov	v2.16b, v22.16b
	bsl	v16.16b, v9.16b, v25.16b
	bsl	v3.16b, v8.16b, v21.16b
	bsl	v7.16b, v8.16b, v20.16b
	bsl	v2.16b, v8.16b, v19.16b
	fcmgt	v6.4s, v18.4s, v8.4s
	fcmgt	v5.4s, v17.4s, v8.4s
	str	q3, [x2, x0]
	fcmgt	v4.4s, v16.4s, v8.4s
	str	q7, [x15, x1]
	fcmgt	v3.4s, v1.4s, v8.4s
	str	q2, [x2, x5]
	bsl	v6.16b, v8.16b, v18.16b
	fcmgt	v2.4s, v0.4s, v8.4s
	bsl	v5.16b, v8.16b, v17.16b
	bsl	v4.16b, v8.16b, v16.16b
	bit	v1.16b, v8.16b, v3.16b
	str	q6, [x30, x10]
	bit	v0.16b, v8.16b, v2.16b
	str	q5, [x2, x6]
	str	q4, [x13, x10]
	str	q1, [x2, x7]
	str	q0, [x2, x12]
	b	.L281
	.cfi_endproc
.LFE37:
	.size	by_lane_6, .-by_lane_6
	.align	2
	.p2align 4,,11
	.type	narrow_6, %function
narrow_6:
.LFB38:
	.cfi_startproc
	ldp	x2, x1, [x0, 32]
	ldp	x10, x11, [x0]
	ldp	x16, x13, [x0, 48]
	lsl	x1, x1, 2
	ldr	s22, [x0, 96]
	add	x3, x2, x1
	add	x5, x3, x1
	add	x4, x5, x1
	add	x6, x4, x1
	ldr	q5, [x3, x1]
	ldr	q1, [x2, x1]
	ldr	q2, [x2]
	ldr	q3, [x5, x1]
	ldr	q4, [x6, x1]
	ldr	q6, [x4, x1]
	ldr	x3, [x0, 16]
	ldr	x2, [x0, 24]
	ldp	x15, x14, [x0, 64]
	ldp	s21, s23, [x0, 88]
	cbz	x11, .L294
	lsl	x12, x3, 7
	.p2align 3,,7
.L295:
	ldp	x9, x8, [x10]
	mov	x0, 0
	ldp	x7, x6, [x10, 16]
	ldp	x5, x4, [x10, 32]
	cbz	x3, .L297
	.p2align 3,,7
.L296:
	lsl	x1, x0, 7
	ldr	s20, [x9, x0, lsl 2]
	ldr	s19, [x8, x0, lsl 2]
	ldr	s18, [x7, x0, lsl 2]
	ldr	q0, [x2, x1]
	ldr	s17, [x6, x0, lsl 2]
	ldr	s16, [x5, x0, lsl 2]
	fmla	v2.4s, v0.4s, v20.s[0]
	ldr	s7, [x4, x0, lsl 2]
	fmla	v1.4s, v0.4s, v19.s[0]
	add	x0, x0, 1
	fmla	v5.4s, v0.4s, v18.s[0]
	fmla	v3.4s, v0.4s, v17.s[0]
	fmla	v6.4s, v0.4s, v16.s[0]
	fmla	v4.4s, v0.4s, v7.s[0]
	cmp	x3, x0
	bne	.L296
	add	x2, x2, x12
.L297:
	add	x10, x10, 128
	subs	x11, x11, #1
	bne	.L295
.L294:
	lsl	x2, x14, 3
	lsl	x1, x14, 2
	add	x3, x15, x2
	add	x5, x15, x1
	fmul	v2.4s, v2.4s, v21.s[0]
	add	x8, x3, x2
	fmul	v6.4s, v6.4s, v21.s[0]
	fmul	v5.4s, v5.4s, v21.s[0]
	fmul	v4.4s, v4.4s, v21.s[0]
	fmul	v1.4s, v1.4s, v21.s[0]
	dup	v7.4s, v23.s[0]
	fmul	v3.4s, v3.4s, v21.s[0]
	dup	v0.4s, v22.s[0]
	cbz	x16, .L309
	ldr	q16, [x16]
	lsl	x0, x13, 2
	add	x7, x16, x0
	add	x6, x7, x0
	fadd	v16.4s, v16.4s, v2.4s
	add	x4, x6, x0
	add	x9, x4, x0
	fcmgt	v2.4s, v7.4s, v16.4s
	bsl	v2.16b, v7.16b, v16.16b
	fcmgt	v16.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v16.16b
	str	q2, [x15]
	ldr	q2, [x16, x0]
	fadd	v2.4s, v2.4s, v1.4s
	fcmgt	v1.4s, v7.4s, v2.4s
	bsl	v1.16b, v7.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x15, x1]
	ldr	q2, [x7, x0]
	fadd	v2.4s, v2.4s, v5.4s
	fcmgt	v1.4s, v7.4s, v2.4s
	bsl	v1.16b, v7.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x3]
	ldr	q2, [x6, x0]
	fadd	v2.4s, v2.4s, v3.4s
	fcmgt	v1.4s, v7.4s, v2.4s
	bsl	v1.16b, v7.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x5, x2]
	ldr	q2, [x4, x0]
	fadd	v2.4s, v2.4s, v6.4s
	fcmgt	v1.4s, v7.4s, v2.4s
	bsl	v1.16b, v7.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x3, x2]
	ldr	q1, [x9, x0]
	fadd	v4.4s, v4.4s, v1.4s
	fcmgt	v1.4s, v7.4s, v4.4s
	bsl	v1.16b, v7.16b, v4.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x8, x1]
	ret
.L309:
	fcmgt	v19.4s, v7.4s, v2.4s
	fcmgt	v18.4s, v7.4s, v1.4s
	fcmgt	v17.4s, v7.4s, v5.4s
	fcmgt	v16.4s, v7.4s, v3.4s
	bsl	v19.16b, v7.16b, v2.16b
	fcmgt	v2.4s, v7.4s, v6.4s
	bsl	v18.16b, v7.16b, v1.16b
	bit	v5.16b, v7.16b, v17.16b
	bit	v3.16b, v7.16b, v16.16b
	mov	v1.16b, v2.16b
	fcmgt	v20.4s, v19.4s, v0.4s
	fcmgt	v17.4s, v18.4s, v0.4s
	fcmgt	v16.4s, v5.4s, v0.4s
	bsl	v1.16b, v7.16b, v6.16b
	fcmgt	v6.4s, v3.4s, v0.4s
	bit	v19.16b, v0.16b, v20.16b
	bsl	v17.16b, v0.16b, v18.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v5.16b, v0.16b, v16.16b
	bit	v3.16b, v0.16b, v6.16b
	str	q19, [x15]
	bit	v1.16b, v0.16b, v2.16b
	str	q17, [x15, x1]
	str	q5, [x3]
	str	q3, [x5, x2]
	str	q1, [x3, x2]
	fcmgt	v1.4s, v7.4s, v4.4s
	bsl	v1.16b, v7.16b, v4.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x8, x1]
	ret
	.cfi_endproc
.LFE38:
	.size	narrow_6, .-narrow_6
	.align	2
	.p2align 4,,11
	.type	wide_7, %function
wide_7:
.LFB39:
	.cfi_startproc
	stp	x29, x30, [sp, -80]!
	.cfi_def_cfa_offset 80
	.cfi_offset 29, -80
	.cfi_offset 30, -72
	mov	x29, sp
	ldp	x3, x15, [x0, 40]
	stp	x19, x20, [sp, 16]
	ldr	s31, [x0, 88]
	ldp	x16, x2, [x0, 24]
	stp	d8, d9, [sp, 64]
	lsl	x1, x3, 2
	add	x4, x3, x3, lsl 1
	add	x6, x1, x3
	ldr	x13, [x0, 8]
	add	x5, x2, x1
	add	x7, x5, x1
	add	x12, x2, x4, lsl 2
	add	x8, x7, x1
	add	x10, x2, x3, lsl 3
	add	x9, x8, x1
	add	x3, x2, x3, lsl 4
	add	x6, x2, x6, lsl 2
	add	x11, x9, x1
	add	x4, x2, x4, lsl 3
	.cfi_offset 19, -64
	.cfi_offset 20, -56
	.cfi_offset 72, -16
	.cfi_offset 73, -8
	ldr	q8, [x2, x1]
	ldr	q21, [x11, x1]
	ldp	q9, q19, [x2]
	ldr	q23, [x9, x1]
	ldr	q26, [x8, x1]
	ldr	q27, [x7, x1]
	ldr	q29, [x5, x1]
	ldr	x11, [x0]
	ldr	q25, [x3, 16]
	ldr	q24, [x12, 16]
	ldr	x3, [x0, 16]
	ldr	q20, [x4, 16]
	ldr	q30, [x5, 16]
	ldr	q22, [x6, 16]
	ldr	q28, [x10, 16]
	ldr	x14, [x0, 56]
	ldr	x2, [x0, 64]
	ldr	x12, [x0, 72]
	ldp	s3, s2, [x0, 92]
	cbz	x13, .L311
	lsl	x17, x3, 7
.L312:
	ldp	x10, x9, [x11]
	mov	x1, x16
	ldp	x8, x7, [x11, 16]
	mov	x0, 0
	ldp	x6, x5, [x11, 32]
	ldr	x4, [x11, 48]
	cbz	x3, .L314
	.p2align 3,,7
.L313:
	ldp	q1, q0, [x1]
	add	x1, x1, 128
	ldr	s18, [x10, x0, lsl 2]
	ldr	s17, [x9, x0, lsl 2]
	ldr	s16, [x8, x0, lsl 2]
	ldr	s7, [x7, x0, lsl 2]
	ldr	s6, [x6, x0, lsl 2]
	ldr	s5, [x5, x0, lsl 2]
	fmla	v9.4s, v1.4s, v18.s[0]
	ldr	s4, [x4, x0, lsl 2]
	fmla	v19.4s, v0.4s, v18.s[0]
	add	x0, x0, 1
	fmla	v8.4s, v1.4s, v17.s[0]
	fmla	v30.4s, v0.4s, v17.s[0]
	fmla	v29.4s, v1.4s, v16.s[0]
	fmla	v28.4s, v0.4s, v16.s[0]
	fmla	v27.4s, v1.4s, v7.s[0]
	fmla	v24.4s, v0.4s, v7.s[0]
	fmla	v26.4s, v1.4s, v6.s[0]
	fmla	v25.4s, v0.4s, v6.s[0]
	fmla	v23.4s, v1.4s, v5.s[0]
	fmla	v22.4s, v0.4s, v5.s[0]
	fmla	v21.4s, v1.4s, v4.s[0]
	fmla	v20.4s, v0.4s, v4.s[0]
	cmp	x3, x0
	bne	.L313
	add	x16, x16, x17
.L314:
	add	x11, x11, 128
	subs	x13, x13, #1
	bne	.L312
.L311:
	lsl	x0, x12, 1
	lsl	x1, x12, 2
	add	x10, x0, 4
	add	x0, x0, x12
	add	x5, x1, x12
	add	x4, x12, 1
	lsl	x10, x10, 2
	lsl	x8, x0, 2
	sub	x17, x10, #16
	add	x11, x0, 4
	add	x3, x2, x17
	add	x5, x5, 4
	sub	x13, x3, x1
	add	x20, x1, 16
	add	x16, x13, x8
	lsl	x11, x11, 2
	sub	x12, x16, x1
	lsl	x7, x0, 1
	fmul	v9.4s, v9.4s, v31.s[0]
	lsl	x5, x5, 2
	fmul	v30.4s, v30.4s, v31.s[0]
	add	x18, x12, x8
	fmul	v29.4s, v29.4s, v31.s[0]
	lsl	x4, x4, 4
	fmul	v28.4s, v28.4s, v31.s[0]
	neg	x1, x1
	fmul	v26.4s, v26.4s, v31.s[0]
	fmul	v25.4s, v25.4s, v31.s[0]
	fmul	v24.4s, v24.4s, v31.s[0]
	fmul	v8.4s, v8.4s, v31.s[0]
	fmul	v21.4s, v21.4s, v31.s[0]
	fmul	v20.4s, v20.4s, v31.s[0]
	fmul	v23.4s, v23.4s, v31.s[0]
	fmul	v27.4s, v27.4s, v31.s[0]
	dup	v0.4s, v2.s[0]
	dup	v1.4s, v3.s[0]
	fmul	v22.4s, v22.4s, v31.s[0]
	fmul	v19.4s, v19.4s, v31.s[0]
	cbz	x15, .L327
	stp	x21, x22, [sp, 32]
	.cfi_offset 22, -40
	.cfi_offset 21, -48
	lsl	x0, x14, 2
	add	x9, x15, x0
	str	x23, [sp, 48]
	.cfi_offset 23, -32
	add	x23, x15, x14, lsl 3
	add	x19, x9, x0
	add	x6, x14, x14, lsl 1
	ldr	q3, [x15]
	add	x22, x15, x6, lsl 2
	add	x30, x19, x0
	add	x21, x15, x14, lsl 4
	add	x6, x15, x6, lsl 3
	fadd	v3.4s, v3.4s, v9.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2]
	ldr	q3, [x15, 16]
	fadd	v3.4s, v3.4s, v19.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, 16]
	ldr	q3, [x15, x0]
	fadd	v3.4s, v3.4s, v8.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x3, x1]
	add	x3, x0, x14
	add	x14, x30, x0
	ldr	q3, [x9, 16]
	add	x3, x15, x3, lsl 2
	fadd	v3.4s, v3.4s, v30.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x20]
	ldr	q3, [x9, x0]
	add	x9, x14, x0
	fadd	v3.4s, v3.4s, v29.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x17]
	ldr	q3, [x23, 16]
	fadd	v3.4s, v3.4s, v28.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x10]
	ldr	q3, [x19, x0]
	fadd	v3.4s, v3.4s, v27.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x16, x1]
	ldr	q3, [x22, 16]
	fadd	v3.4s, v3.4s, v24.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x11]
	ldr	q3, [x30, x0]
	fadd	v3.4s, v3.4s, v26.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x13, x8]
	ldr	q3, [x21, 16]
	fadd	v3.4s, v3.4s, v25.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x4]
	ldr	q3, [x14, x0]
	fadd	v3.4s, v3.4s, v23.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x18, x1]
	ldr	q3, [x3, 16]
	fadd	v3.4s, v3.4s, v22.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x5]
	ldr	q3, [x9, x0]
	fadd	v3.4s, v3.4s, v21.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x12, x8]
	ldr	q2, [x6, 16]
	ldp	x21, x22, [sp, 32]
	.cfi_restore 22
	.cfi_restore 21
	ldr	x23, [sp, 48]
	.cfi_restore 23
	fadd	v20.4s, v20.4s, v2.4s
.L316:
	fcmgt	v2.4s, v1.4s, v20.4s
	add	x0, x2, x7, lsl 2
	bif	v1.16b, v20.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x0, 16]
	ldp	x19, x20, [sp, 16]
	ldp	d8, d9, [sp, 64]
	ldp	x29, x30, [sp], 80
	.cfi_remember_state
	.cfi_restore 30
	.cfi_restore 29
	.cfi_restore 19
	.cfi_restore 20
	.cfi_restore 72
	.cfi_restore 73
	.cfi_def_cfa_offset 0
	ret
.L327:
	.cfi_restore_state
	fcmgt	v4.4s, v1.4s, v9.4s
	fcmgt	v2.4s, v1.4s, v19.4s
	fcmgt	v18.4s, v1.4s, v8.4s
	fcmgt	v17.4s, v1.4s, v30.4s
	bsl	v4.16b, v1.16b, v9.16b
	fcmgt	v16.4s, v1.4s, v29.4s
	bit	v19.16b, v1.16b, v2.16b
	bsl	v18.16b, v1.16b, v8.16b
	fcmgt	v9.4s, v1.4s, v28.4s
	bsl	v17.16b, v1.16b, v30.16b
	fcmgt	v8.4s, v1.4s, v27.4s
	fcmgt	v30.4s, v4.4s, v0.4s
	fcmgt	v31.4s, v1.4s, v23.4s
	bsl	v16.16b, v1.16b, v29.16b
	fcmgt	v7.4s, v1.4s, v24.4s
	fcmgt	v6.4s, v1.4s, v26.4s
	fcmgt	v29.4s, v19.4s, v0.4s
	bsl	v9.16b, v1.16b, v28.16b
	fcmgt	v5.4s, v1.4s, v25.4s
	fcmgt	v28.4s, v18.4s, v0.4s
	bsl	v8.16b, v1.16b, v27.16b
	bsl	v30.16b, v0.16b, v4.16b
	fcmgt	v27.4s, v17.4s, v0.4s
	mov	v4.16b, v31.16b
	bsl	v7.16b, v1.16b, v24.16b
	fcmgt	v3.4s, v1.4s, v22.4s
	fcmgt	v24.4s, v16.4s, v0.4s
	bsl	v6.16b, v1.16b, v26.16b
	mov	v26.16b, v29.16b
	bsl	v5.16b, v1.16b, v25.16b
	mov	v25.16b, v28.16b
	bsl	v4.16b, v1.16b, v23.16b
	mov	v23.16b, v27.16b
	bsl	v3.16b, v1.16b, v22.16b
	fcmgt	v2.4s, v1.4s, v21.4s
	mov	v22.16b, v24.16b
	bsl	v26.16b, v0.16b, v19.16b
	fcmgt	v19.4s, v9.4s, v0.4s
	bsl	v25.16b, v0.16b, v18.16b
	fcmgt	v18.4s, v8.4s, v0.4s
	bsl	v23.16b, v0.16b, v17.16b
	stp	q30, q26, [x2]
	fcmgt	v17.4s, v7.4s, v0.4s
	str	q25, [x3, x1]
	bsl	v22.16b, v0.16b, v16.16b
	str	q23, [x2, x20]
	fcmgt	v16.4s, v6.4s, v0.4s
	bsl	v2.16b, v1.16b, v21.16b
	bsl	v19.16b, v0.16b, v9.16b
	str	q22, [x2, x17]
	fcmgt	v9.4s, v5.4s, v0.4s
	bsl	v18.16b, v0.16b, v8.16b
	fcmgt	v8.4s, v4.4s, v0.4s
	str	q19, [x2, x10]
	bsl	v17.16b, v0.16b, v7.16b
	fcmgt	v7.4s, v3.4s, v0.4s
	str	q18, [x16, x1]
	bsl	v16.16b, v0.16b, v6.16b
	fcmgt	v6.4s, v2.4s, v0.4s
	str	q17, [x2, x11]
	bit	v5.16b, v0.16b, v9.16b
	bit	v4.16b, v0.16b, v8.16b
	str	q16, [x13, x8]
	bit	v3.16b, v0.16b, v7.16b
	bit	v2.16b, v0.16b, v6.16b
	str	q5, [x2, x4]
	str	q4, [x18, x1]
	str	q3, [x2, x5]
	str	q2, [x12, x8]
	b	.L316
	.cfi_endproc
.LFE39:
	.size	wide_7, .-wide_7
	.align	2
	.p2align 4,,11
	.type	by_lane_7, %function
by_lane_7:
.LFB41:
	.cfi_startproc
	stp	x29, x30, [sp, -112]!
	.cfi_def_cfa_offset 112
	.cfi_offset 29, -112
	.cfi_offset 30, -104
	mov	x29, sp
	ldp	x2, x3, [x0, 32]
	stp	x19, x20, [sp, 16]
	ldp	x17, x18, [x0, 8]
	stp	d8, d9, [sp, 64]
	lsl	x1, x3, 2
	add	x4, x3, x3, lsl 1
	add	x5, x2, x1
	add	x7, x1, x3
	add	x6, x5, x1
	add	x11, x2, x4, lsl 2
	add	x8, x6, x1
	add	x10, x2, x3, lsl 3
	add	x9, x8, x1
	add	x3, x2, x3, lsl 4
	add	x7, x2, x7, lsl 2
	add	x12, x9, x1
	add	x4, x2, x4, lsl 3
	stp	d10, d11, [sp, 80]
	stp	d12, d13, [sp, 96]
	ldr	q5, [x9, x1]
	.cfi_offset 19, -96
	.cfi_offset 20, -88
	.cfi_offset 72, -48
	.cfi_offset 73, -40
	.cfi_offset 74, -32
	.cfi_offset 75, -24
	.cfi_offset 76, -16
	.cfi_offset 77, -8
	ldr	q8, [x6, x1]
	ldr	q9, [x5, x1]
	ldr	q0, [x12, x1]
	ldr	q6, [x8, x1]
	ldr	q2, [x2, x1]
	ldr	x6, [x0]
	ldp	q4, q1, [x2]
	ldr	q25, [x3, 16]
	ldr	q27, [x5, 16]
	ldr	q23, [x4, 16]
	ldr	q24, [x7, 16]
	ldr	q10, [x10, 16]
	ldr	q26, [x11, 16]
	ldr	x9, [x0, 24]
	ldr	x5, [x0, 48]
	ldp	x4, x2, [x0, 56]
	ldr	x3, [x0, 72]
	ldp	s28, s13, [x0, 88]
	ldr	s12, [x0, 96]
	cbz	x17, .L329
	sub	x0, x18, #1
	lsr	x0, x0, 2
	add	x0, x0, 1
	lsl	x8, x0, 4
	lsl	x7, x0, 9
.L330:
	ldp	x16, x15, [x6]
	mov	x1, x9
	ldp	x14, x13, [x6, 16]
	mov	x0, 0
	ldp	x12, x11, [x6, 32]
	ldr	x10, [x6, 48]
	cbz	x18, .L332
.L331:
	ldp	q3, q29, [x1]
	ldr	q18, [x12, x0]
	ldr	q21, [x15, x0]
	ldr	q17, [x11, x0]
	fmla	v6.4s, v3.4s, v18.s[0]
	ldp	q31, q30, [x1, 128]
	fmla	v5.4s, v3.4s, v17.s[0]
	mov	v11.16b, v6.16b
	fmla	v27.4s, v29.4s, v21.s[0]
	ldr	q22, [x16, x0]
	ldr	q20, [x14, x0]
	ldr	q19, [x13, x0]
	ldr	q16, [x10, x0]
	add	x0, x0, 16
	fmla	v27.4s, v30.4s, v21.s[1]
	mov	v7.16b, v5.16b
	fmla	v11.4s, v31.4s, v18.s[1]
	ldp	q6, q5, [x1, 256]
	fmla	v4.4s, v3.4s, v22.s[0]
	fmla	v2.4s, v3.4s, v21.s[0]
	fmla	v9.4s, v3.4s, v20.s[0]
	fmla	v8.4s, v3.4s, v19.s[0]
	fmla	v0.4s, v3.4s, v16.s[0]
	fmla	v1.4s, v29.4s, v22.s[0]
	fmla	v10.4s, v29.4s, v20.s[0]
	fmla	v26.4s, v29.4s, v19.s[0]
	fmla	v25.4s, v29.4s, v18.s[0]
	fmla	v24.4s, v29.4s, v17.s[0]
	fmla	v23.4s, v29.4s, v16.s[0]
	fmla	v7.4s, v31.4s, v17.s[1]
	mov	v29.16b, v11.16b
	mov	v11.16b, v27.16b
	fmla	v1.4s, v30.4s, v22.s[1]
	fmla	v10.4s, v30.4s, v20.s[1]
	fmla	v26.4s, v30.4s, v19.s[1]
	fmla	v25.4s, v30.4s, v18.s[1]
	fmla	v24.4s, v30.4s, v17.s[1]
	fmla	v23.4s, v30.4s, v16.s[1]
	ldp	q3, q30, [x1, 384]
	add	x1, x1, 512
	fmla	v7.4s, v6.4s, v17.s[2]
	fmla	v11.4s, v5.4s, v21.s[2]
	fmla	v4.4s, v31.4s, v22.s[1]
	fmla	v2.4s, v31.4s, v21.s[1]
	fmla	v9.4s, v31.4s, v20.s[1]
	fmla	v8.4s, v31.4s, v19.s[1]
	fmla	v0.4s, v31.4s, v16.s[1]
	fmla	v29.4s, v6.4s, v18.s[2]
	fmla	v4.4s, v6.4s, v22.s[2]
	fmla	v2.4s, v6.4s, v21.s[2]
	fmla	v9.4s, v6.4s, v20.s[2]
	fmla	v8.4s, v6.4s, v19.s[2]
	fmla	v0.4s, v6.4s, v16.s[2]
	fmla	v1.4s, v5.4s, v22.s[2]
	fmla	v10.4s, v5.4s, v20.s[2]
	fmla	v26.4s, v5.4s, v19.s[2]
	fmla	v25.4s, v5.4s, v18.s[2]
	fmla	v24.4s, v5.4s, v17.s[2]
	fmla	v23.4s, v5.4s, v16.s[2]
	mov	v6.16b, v29.16b
	mov	v5.16b, v7.16b
	fmla	v11.4s, v30.4s, v21.s[3]
	fmla	v4.4s, v3.4s, v22.s[3]
	fmla	v2.4s, v3.4s, v21.s[3]
	fmla	v9.4s, v3.4s, v20.s[3]
	fmla	v8.4s, v3.4s, v19.s[3]
	fmla	v6.4s, v3.4s, v18.s[3]
	fmla	v5.4s, v3.4s, v17.s[3]
	fmla	v0.4s, v3.4s, v16.s[3]
	fmla	v1.4s, v30.4s, v22.s[3]
	mov	v27.16b, v11.16b
	fmla	v10.4s, v30.4s, v20.s[3]
	fmla	v26.4s, v30.4s, v19.s[3]
	fmla	v25.4s, v30.4s, v18.s[3]
	fmla	v24.4s, v30.4s, v17.s[3]
	fmla	v23.4s, v30.4s, v16.s[3]
	cmp	x8, x0
	bne	.L331
	add	x9, x9, x7
.L332:
	add	x6, x6, 128
	subs	x17, x17, #1
	bne	.L330
.L329:
	lsl	x13, x3, 2
	lsl	x0, x3, 1
	add	x14, x13, x3
	add	x7, x0, x3
	add	x18, x14, 4
	neg	x15, x3, lsl 3
	lsl	x14, x14, 2
	add	x0, x0, 4
	add	x17, x2, x14
	add	x30, x7, 4
	add	x8, x3, 1
	add	x1, x3, 4
	add	x16, x17, x15
	lsl	x18, x18, 2
	fmul	v4.4s, v4.4s, v28.s[0]
	add	x20, x16, x15
	fmul	v10.4s, v10.4s, v28.s[0]
	add	x19, x17, x13
	fmul	v6.4s, v6.4s, v28.s[0]
	lsl	x6, x0, 2
	fmul	v24.4s, v24.4s, v28.s[0]
	lsl	x30, x30, 2
	fmul	v5.4s, v5.4s, v28.s[0]
	lsl	x12, x7, 1
	fmul	v23.4s, v23.4s, v28.s[0]
	lsl	x8, x8, 4
	fmul	v26.4s, v26.4s, v28.s[0]
	lsl	x1, x1, 2
	fmul	v8.4s, v8.4s, v28.s[0]
	fmul	v0.4s, v0.4s, v28.s[0]
	fmul	v1.4s, v1.4s, v28.s[0]
	fmul	v25.4s, v25.4s, v28.s[0]
	fmul	v9.4s, v9.4s, v28.s[0]
	fmul	v27.4s, v27.4s, v28.s[0]
	fmul	v2.4s, v2.4s, v28.s[0]
	dup	v3.4s, v12.s[0]
	dup	v7.4s, v13.s[0]
	cbz	x5, .L345
	stp	x21, x22, [sp, 32]
	.cfi_offset 22, -72
	.cfi_offset 21, -80
	lsl	x0, x4, 2
	add	x9, x5, x0
	str	x23, [sp, 48]
	.cfi_offset 23, -64
	add	x23, x5, x4, lsl 3
	add	x11, x9, x0
	add	x3, x4, x4, lsl 1
	ldr	q11, [x5]
	add	x22, x5, x3, lsl 2
	add	x10, x11, x0
	add	x21, x5, x4, lsl 4
	add	x7, x5, x3, lsl 3
	add	x3, x0, x4
	fadd	v11.4s, v11.4s, v4.4s
	add	x4, x10, x0
	add	x3, x5, x3, lsl 2
	fcmgt	v4.4s, v7.4s, v11.4s
	bsl	v4.16b, v7.16b, v11.16b
	fcmgt	v11.4s, v4.4s, v3.4s
	bit	v4.16b, v3.16b, v11.16b
	str	q4, [x2]
	ldr	q4, [x5, 16]
	fadd	v4.4s, v4.4s, v1.4s
	fcmgt	v1.4s, v7.4s, v4.4s
	bsl	v1.16b, v7.16b, v4.16b
	fcmgt	v4.4s, v1.4s, v3.4s
	bit	v1.16b, v3.16b, v4.16b
	str	q1, [x2, 16]
	ldr	q1, [x5, x0]
	fadd	v2.4s, v1.4s, v2.4s
	fcmgt	v1.4s, v7.4s, v2.4s
	bsl	v1.16b, v7.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v3.4s
	bit	v1.16b, v3.16b, v2.16b
	str	q1, [x16, x15]
	ldr	q2, [x9, 16]
	fadd	v2.4s, v2.4s, v27.4s
	fcmgt	v1.4s, v7.4s, v2.4s
	bsl	v1.16b, v7.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v3.4s
	bit	v1.16b, v3.16b, v2.16b
	str	q1, [x2, x1]
	add	x1, x4, x0
	ldr	q2, [x9, x0]
	fadd	v2.4s, v2.4s, v9.4s
	fcmgt	v1.4s, v7.4s, v2.4s
	bsl	v1.16b, v7.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v3.4s
	bit	v1.16b, v3.16b, v2.16b
	str	q1, [x20, x13]
	ldr	q2, [x23, 16]
	fadd	v2.4s, v2.4s, v10.4s
	fcmgt	v1.4s, v7.4s, v2.4s
	bsl	v1.16b, v7.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v3.4s
	bit	v1.16b, v3.16b, v2.16b
	str	q1, [x2, x6]
	ldr	q2, [x11, x0]
	fadd	v2.4s, v2.4s, v8.4s
	fcmgt	v1.4s, v7.4s, v2.4s
	bsl	v1.16b, v7.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v3.4s
	bit	v1.16b, v3.16b, v2.16b
	str	q1, [x16]
	ldr	q2, [x22, 16]
	fadd	v2.4s, v2.4s, v26.4s
	fcmgt	v1.4s, v7.4s, v2.4s
	bsl	v1.16b, v7.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v3.4s
	bit	v1.16b, v3.16b, v2.16b
	str	q1, [x2, x30]
	ldr	q2, [x10, x0]
	fadd	v2.4s, v2.4s, v6.4s
	fcmgt	v1.4s, v7.4s, v2.4s
	bsl	v1.16b, v7.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v3.4s
	bit	v1.16b, v3.16b, v2.16b
	str	q1, [x19, x15]
	ldr	q2, [x21, 16]
	fadd	v2.4s, v2.4s, v25.4s
	fcmgt	v1.4s, v7.4s, v2.4s
	bsl	v1.16b, v7.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v3.4s
	bit	v1.16b, v3.16b, v2.16b
	str	q1, [x2, x8]
	ldr	q2, [x4, x0]
	fadd	v2.4s, v2.4s, v5.4s
	fcmgt	v1.4s, v7.4s, v2.4s
	bsl	v1.16b, v7.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v3.4s
	bit	v1.16b, v3.16b, v2.16b
	str	q1, [x2, x14]
	ldr	q2, [x3, 16]
	fadd	v2.4s, v2.4s, v24.4s
	fcmgt	v1.4s, v7.4s, v2.4s
	bsl	v1.16b, v7.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v3.4s
	bit	v1.16b, v3.16b, v2.16b
	str	q1, [x2, x18]
	ldr	q1, [x1, x0]
	fadd	v1.4s, v1.4s, v0.4s
	fcmgt	v0.4s, v7.4s, v1.4s
	bsl	v0.16b, v7.16b, v1.16b
	fcmgt	v1.4s, v0.4s, v3.4s
	bit	v0.16b, v3.16b, v1.16b
	str	q0, [x17, x13]
	ldr	q0, [x7, 16]
	ldp	x21, x22, [sp, 32]
	.cfi_restore 22
	.cfi_restore 21
	ldr	x23, [sp, 48]
	.cfi_restore 23
	fadd	v23.4s, v23.4s, v0.4s
.L334:
	fcmgt	v0.4s, v7.4s, v23.4s
	add	x0, x2, x12, lsl 2
	bsl	v0.16b, v7.16b, v23.16b
	fcmgt	v1.4s, v0.4s, v3.4s
	bit	v0.16b, v3.16b, v1.16b
	str	q0, [x0, 16]
	ldp	x19, x20, [sp, 16]
	ldp	d8, d9, [sp, 64]
	ldp	d10, d11, [sp, 80]
	ldp	d12, d13, [sp, 96]
	ldp	x29, x30, [sp], 112
	.cfi_remember_state
	.cfi_restore 30
	.cfi_restore 29
	.cfi_restore 19
	.cfi_restore 20
	.cfi_restore 76
	.cfi_restore 77
	.cfi_restore 74
	.cfi_restore 75
	.cfi_restore 72
	.cfi_restore 73
	.cfi_def_cfa_offset 0
	ret
.L345:
	.cfi_restore_state
	fcmgt	v12.4s, v7.4s, v1.4s
	fcmgt	v11.4s, v7.4s, v4.4s
	fcmgt	v18.4s, v7.4s, v8.4s
	fcmgt	v17.4s, v7.4s, v2.4s
	fcmgt	v16.4s, v7.4s, v27.4s
	bsl	v11.16b, v7.16b, v4.16b
	mov	v4.16b, v12.16b
	fcmgt	v12.4s, v7.4s, v10.4s
	fcmgt	v13.4s, v7.4s, v9.4s
	bsl	v17.16b, v7.16b, v2.16b
	fcmgt	v2.4s, v7.4s, v6.4s
	bsl	v12.16b, v7.16b, v10.16b
	mov	v10.16b, v18.16b
	bsl	v4.16b, v7.16b, v1.16b
	bsl	v16.16b, v7.16b, v27.16b
	bsl	v13.16b, v7.16b, v9.16b
	fcmgt	v1.4s, v7.4s, v26.4s
	bsl	v10.16b, v7.16b, v8.16b
	bsl	v2.16b, v7.16b, v6.16b
	fcmgt	v20.4s, v17.4s, v3.4s
	fcmgt	v28.4s, v7.4s, v25.4s
	fcmgt	v21.4s, v4.4s, v3.4s
	fcmgt	v27.4s, v7.4s, v5.4s
	fcmgt	v19.4s, v16.4s, v3.4s
	fcmgt	v18.4s, v13.4s, v3.4s
	fcmgt	v22.4s, v11.4s, v3.4s
	bsl	v1.16b, v7.16b, v26.16b
	mov	v8.16b, v2.16b
	bsl	v20.16b, v3.16b, v17.16b
	fcmgt	v2.4s, v7.4s, v0.4s
	fcmgt	v17.4s, v10.4s, v3.4s
	mov	v6.16b, v28.16b
	bsl	v21.16b, v3.16b, v4.16b
	bsl	v19.16b, v3.16b, v16.16b
	mov	v4.16b, v27.16b
	mov	v16.16b, v18.16b
	mov	v9.16b, v1.16b
	bsl	v22.16b, v3.16b, v11.16b
	fcmgt	v1.4s, v7.4s, v24.4s
	fcmgt	v11.4s, v12.4s, v3.4s
	bit	v0.16b, v7.16b, v2.16b
	mov	v2.16b, v17.16b
	stp	q22, q21, [x2]
	bsl	v6.16b, v7.16b, v25.16b
	str	q20, [x16, x15]
	bsl	v4.16b, v7.16b, v5.16b
	str	q19, [x2, x1]
	bsl	v16.16b, v3.16b, v13.16b
	fcmgt	v5.4s, v9.4s, v3.4s
	bsl	v1.16b, v7.16b, v24.16b
	bit	v12.16b, v3.16b, v11.16b
	bsl	v2.16b, v3.16b, v10.16b
	str	q16, [x20, x13]
	fcmgt	v13.4s, v8.4s, v3.4s
	fcmgt	v11.4s, v6.4s, v3.4s
	str	q12, [x2, x6]
	fcmgt	v10.4s, v4.4s, v3.4s
	str	q2, [x16]
	bit	v9.16b, v3.16b, v5.16b
	fcmgt	v5.4s, v1.4s, v3.4s
	bit	v8.16b, v3.16b, v13.16b
	fcmgt	v2.4s, v0.4s, v3.4s
	bit	v6.16b, v3.16b, v11.16b
	str	q9, [x2, x30]
	bit	v4.16b, v3.16b, v10.16b
	str	q8, [x19, x15]
	bit	v1.16b, v3.16b, v5.16b
	str	q6, [x2, x8]
	bit	v0.16b, v3.16b, v2.16b
	str	q4, [x2, x14]
	str	q1, [x2, x18]
	str	q0, [x17, x13]
	b	.L334
	.cfi_endproc
.LFE41:
	.size	by_lane_7, .-by_lane_7
	.align	2
	.p2align 4,,11
	.type	narrow_7, %function
narrow_7:
.LFB42:
	.cfi_startproc
	ldp	x2, x1, [x0, 32]
	ldp	x11, x12, [x0]
	ldp	x17, x13, [x0, 48]
	lsl	x1, x1, 2
	ldr	s24, [x0, 96]
	add	x3, x2, x1
	add	x4, x3, x1
	add	x6, x4, x1
	add	x5, x6, x1
	add	x7, x5, x1
	ldr	q4, [x3, x1]
	ldr	q1, [x2, x1]
	ldr	q2, [x2]
	ldr	q5, [x6, x1]
	ldr	q3, [x7, x1]
	ldr	q7, [x5, x1]
	ldr	q6, [x4, x1]
	ldr	x3, [x0, 16]
	ldr	x2, [x0, 24]
	ldp	x16, x15, [x0, 64]
	ldp	s23, s25, [x0, 88]
	cbz	x12, .L347
	lsl	x14, x3, 7
	.p2align 3,,7
.L348:
	ldp	x10, x9, [x11]
	mov	x0, 0
	ldp	x8, x7, [x11, 16]
	ldp	x6, x5, [x11, 32]
	ldr	x4, [x11, 48]
	cbz	x3, .L350
	.p2align 3,,7
.L349:
	lsl	x1, x0, 7
	ldr	s22, [x10, x0, lsl 2]
	ldr	s21, [x9, x0, lsl 2]
	ldr	s20, [x8, x0, lsl 2]
	ldr	q0, [x2, x1]
	ldr	s19, [x7, x0, lsl 2]
	ldr	s18, [x6, x0, lsl 2]
	ldr	s17, [x5, x0, lsl 2]
	fmla	v2.4s, v0.4s, v22.s[0]
	ldr	s16, [x4, x0, lsl 2]
	fmla	v1.4s, v0.4s, v21.s[0]
	add	x0, x0, 1
	fmla	v4.4s, v0.4s, v20.s[0]
	fmla	v6.4s, v0.4s, v19.s[0]
	fmla	v5.4s, v0.4s, v18.s[0]
	fmla	v7.4s, v0.4s, v17.s[0]
	fmla	v3.4s, v0.4s, v16.s[0]
	cmp	x3, x0
	bne	.L349
	add	x2, x2, x14
.L350:
	add	x11, x11, 128
	subs	x12, x12, #1
	bne	.L348
.L347:
	add	x4, x15, x15, lsl 1
	lsl	x2, x15, 2
	add	x6, x16, x2
	lsl	x1, x15, 3
	fmul	v2.4s, v2.4s, v23.s[0]
	lsl	x4, x4, 2
	fmul	v1.4s, v1.4s, v23.s[0]
	add	x3, x6, x4
	fmul	v7.4s, v7.4s, v23.s[0]
	sub	x3, x3, x1
	dup	v16.4s, v25.s[0]
	add	x5, x3, x2
	fmul	v6.4s, v6.4s, v23.s[0]
	add	x11, x5, x1
	fmul	v5.4s, v5.4s, v23.s[0]
	fmul	v4.4s, v4.4s, v23.s[0]
	fmul	v3.4s, v3.4s, v23.s[0]
	dup	v0.4s, v24.s[0]
	cbz	x17, .L362
	ldr	q17, [x17]
	lsl	x0, x13, 2
	add	x10, x17, x0
	add	x9, x10, x0
	fadd	v17.4s, v17.4s, v2.4s
	add	x8, x9, x0
	add	x7, x8, x0
	add	x12, x7, x0
	fcmgt	v2.4s, v16.4s, v17.4s
	bsl	v2.16b, v16.16b, v17.16b
	fcmgt	v17.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v17.16b
	str	q2, [x16]
	ldr	q2, [x17, x0]
	fadd	v2.4s, v2.4s, v1.4s
	fcmgt	v1.4s, v16.4s, v2.4s
	bsl	v1.16b, v16.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x16, x2]
	ldr	q2, [x10, x0]
	fadd	v2.4s, v2.4s, v4.4s
	fcmgt	v1.4s, v16.4s, v2.4s
	bsl	v1.16b, v16.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x3]
	ldr	q2, [x9, x0]
	fadd	v2.4s, v2.4s, v6.4s
	fcmgt	v1.4s, v16.4s, v2.4s
	bsl	v1.16b, v16.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x3, x2]
	ldr	q2, [x8, x0]
	fadd	v2.4s, v2.4s, v5.4s
	fcmgt	v1.4s, v16.4s, v2.4s
	bsl	v1.16b, v16.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x6, x4]
	ldr	q2, [x7, x0]
	fadd	v2.4s, v2.4s, v7.4s
	fcmgt	v1.4s, v16.4s, v2.4s
	bsl	v1.16b, v16.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x5, x1]
	ldr	q1, [x12, x0]
	fadd	v3.4s, v3.4s, v1.4s
	fcmgt	v1.4s, v16.4s, v3.4s
	bsl	v1.16b, v16.16b, v3.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x11, x2]
	ret
.L362:
	fcmgt	v17.4s, v16.4s, v6.4s
	fcmgt	v18.4s, v16.4s, v4.4s
	fcmgt	v20.4s, v16.4s, v2.4s
	fcmgt	v19.4s, v16.4s, v1.4s
	bsl	v18.16b, v16.16b, v4.16b
	mov	v4.16b, v17.16b
	bsl	v20.16b, v16.16b, v2.16b
	fcmgt	v2.4s, v16.4s, v5.4s
	bsl	v19.16b, v16.16b, v1.16b
	fcmgt	v1.4s, v16.4s, v7.4s
	bsl	v4.16b, v16.16b, v6.16b
	bsl	v2.16b, v16.16b, v5.16b
	fcmgt	v6.4s, v20.4s, v0.4s
	bsl	v1.16b, v16.16b, v7.16b
	fcmgt	v5.4s, v19.4s, v0.4s
	fcmgt	v17.4s, v18.4s, v0.4s
	fcmgt	v7.4s, v4.4s, v0.4s
	bit	v20.16b, v0.16b, v6.16b
	fcmgt	v6.4s, v2.4s, v0.4s
	bit	v19.16b, v0.16b, v5.16b
	fcmgt	v5.4s, v1.4s, v0.4s
	bsl	v17.16b, v0.16b, v18.16b
	str	q20, [x16]
	bit	v4.16b, v0.16b, v7.16b
	str	q19, [x16, x2]
	bit	v2.16b, v0.16b, v6.16b
	str	q17, [x3]
	bit	v1.16b, v0.16b, v5.16b
	str	q4, [x3, x2]
	str	q2, [x6, x4]
	str	q1, [x5, x1]
	fcmgt	v1.4s, v16.4s, v3.4s
	bsl	v1.16b, v16.16b, v3.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x11, x2]
	ret
	.cfi_endproc
.LFE42:
	.size	narrow_7, .-narrow_7
	.align	2
	.p2align 4,,11
	.type	wide_8, %function
wide_8:
.LFB43:
	.cfi_startproc
	stp	x29, x30, [sp, -128]!
	.cfi_def_cfa_offset 128
	.cfi_offset 29, -128
	.cfi_offset 30, -120
	mov	x29, sp
	ldp	x2, x3, [x0, 32]
	stp	x19, x20, [sp, 16]
	ldp	x15, x16, [x0]
	stp	x21, x22, [sp, 32]
	lsl	x1, x3, 2
	lsl	x5, x3, 3
	add	x6, x2, x1
	sub	x7, x5, x3
	add	x9, x6, x1
	add	x4, x3, x3, lsl 1
	add	x10, x9, x1
	add	x8, x1, x3
	add	x11, x10, x1
	add	x13, x2, x4, lsl 2
	add	x12, x11, x1
	add	x3, x2, x3, lsl 4
	add	x4, x2, x4, lsl 3
	add	x8, x2, x8, lsl 2
	add	x14, x12, x1
	add	x7, x2, x7, lsl 2
	add	x5, x2, x5
	stp	x23, x24, [sp, 48]
	str	d12, [sp, 88]
	stp	d8, d9, [sp, 96]
	stp	d10, d11, [sp, 112]
	ldr	q21, [x14, x1]
	.cfi_offset 19, -112
	.cfi_offset 20, -104
	.cfi_offset 21, -96
	.cfi_offset 22, -88
	.cfi_offset 23, -80
	.cfi_offset 24, -72
	.cfi_offset 76, -40
	.cfi_offset 72, -32
	.cfi_offset 73, -24
	.cfi_offset 74, -16
	.cfi_offset 75, -8
	ldr	q9, [x2, x1]
	ldr	q11, [x2]
	ldr	q23, [x12, x1]
	ldr	q25, [x11, x1]
	ldr	q28, [x10, x1]
	ldr	q30, [x9, x1]
	ldr	q31, [x6, x1]
	ldr	q22, [x4, 16]
	ldr	q29, [x13, 16]
	ldr	q27, [x5, 16]
	ldr	q8, [x6, 16]
	ldr	q20, [x7, 16]
	ldr	q24, [x8, 16]
	ldr	q26, [x3, 16]
	ldr	q10, [x2, 16]
	ldp	x3, x17, [x0, 16]
	ldp	x14, x13, [x0, 48]
	ldr	x2, [x0, 64]
	ldr	x4, [x0, 72]
	ldp	s12, s3, [x0, 88]
	ldr	s2, [x0, 96]
	cbz	x16, .L364
	lsl	x18, x3, 7
.L365:
	ldp	x12, x11, [x15]
	mov	x1, x17
	ldp	x10, x9, [x15, 16]
	mov	x0, 0
	ldp	x8, x7, [x15, 32]
	ldp	x6, x5, [x15, 48]
	cbz	x3, .L367
	.p2align 3,,7
.L366:
	ldp	q1, q0, [x1]
	add	x1, x1, 128
	ldr	s19, [x12, x0, lsl 2]
	ldr	s18, [x11, x0, lsl 2]
	ldr	s17, [x10, x0, lsl 2]
	ldr	s16, [x9, x0, lsl 2]
	ldr	s7, [x8, x0, lsl 2]
	ldr	s6, [x7, x0, lsl 2]
	ldr	s5, [x6, x0, lsl 2]
	fmla	v11.4s, v1.4s, v19.s[0]
	ldr	s4, [x5, x0, lsl 2]
	fmla	v10.4s, v0.4s, v19.s[0]
	add	x0, x0, 1
	fmla	v9.4s, v1.4s, v18.s[0]
	fmla	v8.4s, v0.4s, v18.s[0]
	fmla	v31.4s, v1.4s, v17.s[0]
	fmla	v27.4s, v0.4s, v17.s[0]
	fmla	v30.4s, v1.4s, v16.s[0]
	fmla	v29.4s, v0.4s, v16.s[0]
	fmla	v28.4s, v1.4s, v7.s[0]
	fmla	v26.4s, v0.4s, v7.s[0]
	fmla	v25.4s, v1.4s, v6.s[0]
	fmla	v24.4s, v0.4s, v6.s[0]
	fmla	v23.4s, v1.4s, v5.s[0]
	fmla	v22.4s, v0.4s, v5.s[0]
	fmla	v21.4s, v1.4s, v4.s[0]
	fmla	v20.4s, v0.4s, v4.s[0]
	cmp	x3, x0
	bne	.L366
	add	x17, x17, x18
.L367:
	add	x15, x15, 128
	subs	x16, x16, #1
	bne	.L365
.L364:
	lsl	x0, x4, 2
	lsl	x1, x4, 3
	sub	x9, x4, x0
	add	x19, x2, x1
	add	x0, x0, x4
	add	x20, x19, x1
	lsl	x9, x9, 2
	add	x5, x4, x4, lsl 1
	lsl	x16, x0, 2
	add	x17, x20, x9
	add	x11, x5, 4
	add	x0, x0, 4
	add	x30, x17, x16
	neg	x18, x4, lsl 2
	add	x3, x4, 4
	add	x10, x4, 1
	lsl	x6, x5, 3
	add	x15, x30, x18
	fmul	v11.4s, v11.4s, v12.s[0]
	lsl	x5, x0, 2
	fmul	v31.4s, v31.4s, v12.s[0]
	add	x21, x15, x1
	fmul	v28.4s, v28.4s, v12.s[0]
	lsl	x11, x11, 2
	fmul	v27.4s, v27.4s, v12.s[0]
	add	x6, x6, 16
	fmul	v29.4s, v29.4s, v12.s[0]
	add	x22, x1, 16
	fmul	v25.4s, v25.4s, v12.s[0]
	sub	x12, x1, x4
	fmul	v30.4s, v30.4s, v12.s[0]
	lsl	x3, x3, 2
	fmul	v26.4s, v26.4s, v12.s[0]
	lsl	x10, x10, 4
	fmul	v9.4s, v9.4s, v12.s[0]
	neg	x23, x4, lsl 4
	fmul	v8.4s, v8.4s, v12.s[0]
	fmul	v24.4s, v24.4s, v12.s[0]
	fmul	v20.4s, v20.4s, v12.s[0]
	fmul	v23.4s, v23.4s, v12.s[0]
	fmul	v21.4s, v21.4s, v12.s[0]
	fmul	v22.4s, v22.4s, v12.s[0]
	fmul	v10.4s, v10.4s, v12.s[0]
	dup	v0.4s, v2.s[0]
	dup	v1.4s, v3.s[0]
	cbz	x14, .L380
	stp	x25, x26, [sp, 64]
	.cfi_offset 26, -56
	.cfi_offset 25, -64
	lsl	x0, x13, 2
	add	x4, x14, x0
	str	x27, [sp, 80]
	.cfi_offset 27, -48
	lsl	x7, x13, 3
	add	x24, x14, x7
	add	x25, x4, x0
	ldr	q3, [x14]
	sub	x7, x7, x13
	add	x26, x25, x0
	add	x27, x14, x13, lsl 4
	add	x8, x14, x7, lsl 2
	add	x7, x13, x13, lsl 1
	fadd	v3.4s, v3.4s, v11.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2]
	ldr	q3, [x14, 16]
	fadd	v3.4s, v3.4s, v10.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, 16]
	ldr	q3, [x14, x0]
	fadd	v3.4s, v3.4s, v9.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x20, x9]
	add	x20, x14, x7, lsl 2
	add	x7, x14, x7, lsl 3
	ldr	q3, [x4, 16]
	fadd	v3.4s, v3.4s, v8.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x3]
	add	x3, x0, x13
	ldr	q3, [x4, x0]
	add	x4, x26, x0
	add	x3, x14, x3, lsl 2
	add	x9, x4, x0
	add	x13, x9, x0
	fadd	v3.4s, v3.4s, v31.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x1]
	ldr	q3, [x24, 16]
	fadd	v3.4s, v3.4s, v27.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x22]
	ldr	q3, [x25, x0]
	fadd	v3.4s, v3.4s, v30.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x21, x23]
	ldr	q3, [x20, 16]
	fadd	v3.4s, v3.4s, v29.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x11]
	ldr	q3, [x26, x0]
	fadd	v3.4s, v3.4s, v28.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x19, x1]
	ldr	q3, [x27, 16]
	fadd	v3.4s, v3.4s, v26.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x10]
	ldr	q3, [x4, x0]
	fadd	v3.4s, v3.4s, v25.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x30, x18]
	ldr	q3, [x3, 16]
	fadd	v3.4s, v3.4s, v24.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x5]
	ldr	q3, [x9, x0]
	fadd	v3.4s, v3.4s, v23.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x17, x16]
	ldr	q3, [x7, 16]
	fadd	v3.4s, v3.4s, v22.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x6]
	ldr	q3, [x13, x0]
	fadd	v3.4s, v3.4s, v21.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x15, x1]
	ldr	q2, [x8, 16]
	ldp	x25, x26, [sp, 64]
	.cfi_restore 26
	.cfi_restore 25
	ldr	x27, [sp, 80]
	.cfi_restore 27
	fadd	v20.4s, v20.4s, v2.4s
.L369:
	fcmgt	v2.4s, v1.4s, v20.4s
	add	x0, x2, x12, lsl 2
	bif	v1.16b, v20.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x0, 16]
	ldr	d12, [sp, 88]
	ldp	x19, x20, [sp, 16]
	ldp	x21, x22, [sp, 32]
	ldp	x23, x24, [sp, 48]
	ldp	d8, d9, [sp, 96]
	ldp	d10, d11, [sp, 112]
	ldp	x29, x30, [sp], 128
	.cfi_remember_state
	.cfi_restore 30
	.cfi_restore 29
	.cfi_restore 23
	.cfi_restore 24
	.cfi_restore 21
	.cfi_restore 22
	.cfi_restore 19
	.cfi_restore 20
	.cfi_restore 76
	.cfi_restore 74
	.cfi_restore 75
	.cfi_restore 72
	.cfi_restore 73
	.cfi_def_cfa_offset 0
	ret
.L380:
	.cfi_restore_state
	fcmgt	v2.4s, v1.4s, v11.4s
	fcmgt	v3.4s, v1.4s, v10.4s
	fcmgt	v17.4s, v1.4s, v9.4s
	fcmgt	v16.4s, v1.4s, v8.4s
	bsl	v2.16b, v1.16b, v11.16b
	bsl	v3.16b, v1.16b, v10.16b
	bsl	v17.16b, v1.16b, v9.16b
	fcmgt	v10.4s, v1.4s, v30.4s
	fcmgt	v18.4s, v2.4s, v0.4s
	fcmgt	v4.4s, v3.4s, v0.4s
	bsl	v16.16b, v1.16b, v8.16b
	fcmgt	v11.4s, v1.4s, v27.4s
	fcmgt	v12.4s, v1.4s, v31.4s
	bsl	v18.16b, v0.16b, v2.16b
	mov	v2.16b, v4.16b
	bsl	v10.16b, v1.16b, v30.16b
	fcmgt	v7.4s, v1.4s, v26.4s
	fcmgt	v30.4s, v17.4s, v0.4s
	bsl	v11.16b, v1.16b, v27.16b
	fcmgt	v6.4s, v1.4s, v25.4s
	fcmgt	v27.4s, v16.4s, v0.4s
	fcmgt	v9.4s, v1.4s, v29.4s
	bsl	v12.16b, v1.16b, v31.16b
	fcmgt	v8.4s, v1.4s, v28.4s
	bsl	v2.16b, v0.16b, v3.16b
	bsl	v7.16b, v1.16b, v26.16b
	mov	v26.16b, v30.16b
	bsl	v6.16b, v1.16b, v25.16b
	bsl	v9.16b, v1.16b, v29.16b
	stp	q18, q2, [x2]
	fcmgt	v5.4s, v1.4s, v24.4s
	mov	v25.16b, v27.16b
	bsl	v8.16b, v1.16b, v28.16b
	fcmgt	v19.4s, v12.4s, v0.4s
	fcmgt	v4.4s, v1.4s, v23.4s
	fcmgt	v18.4s, v11.4s, v0.4s
	fcmgt	v3.4s, v1.4s, v22.4s
	bsl	v26.16b, v0.16b, v17.16b
	fcmgt	v2.4s, v1.4s, v21.4s
	fcmgt	v17.4s, v10.4s, v0.4s
	bsl	v25.16b, v0.16b, v16.16b
	bsl	v5.16b, v1.16b, v24.16b
	str	q26, [x20, x9]
	fcmgt	v16.4s, v9.4s, v0.4s
	bsl	v19.16b, v0.16b, v12.16b
	str	q25, [x2, x3]
	fcmgt	v12.4s, v8.4s, v0.4s
	bsl	v4.16b, v1.16b, v23.16b
	bsl	v3.16b, v1.16b, v22.16b
	str	q19, [x2, x1]
	bsl	v18.16b, v0.16b, v11.16b
	fcmgt	v11.4s, v7.4s, v0.4s
	bsl	v17.16b, v0.16b, v10.16b
	bsl	v2.16b, v1.16b, v21.16b
	fcmgt	v10.4s, v6.4s, v0.4s
	str	q18, [x2, x22]
	bsl	v16.16b, v0.16b, v9.16b
	str	q17, [x21, x23]
	fcmgt	v9.4s, v5.4s, v0.4s
	bsl	v12.16b, v0.16b, v8.16b
	fcmgt	v8.4s, v4.4s, v0.4s
	str	q16, [x2, x11]
	bsl	v11.16b, v0.16b, v7.16b
	fcmgt	v7.4s, v3.4s, v0.4s
	str	q12, [x19, x1]
	bsl	v10.16b, v0.16b, v6.16b
	fcmgt	v6.4s, v2.4s, v0.4s
	str	q11, [x2, x10]
	bit	v5.16b, v0.16b, v9.16b
	bit	v4.16b, v0.16b, v8.16b
	str	q10, [x30, x18]
	bit	v3.16b, v0.16b, v7.16b
	bit	v2.16b, v0.16b, v6.16b
	str	q5, [x2, x5]
	str	q4, [x17, x16]
	str	q3, [x2, x6]
	str	q2, [x15, x1]
	b	.L369
	.cfi_endproc
.LFE43:
	.size	wide_8, .-wide_8
	.align	2
	.p2align 4,,11
	.type	by_lane_8, %function
by_lane_8:
.LFB45:
	.cfi_startproc
	stp	x29, x30, [sp, -144]!
	.cfi_def_cfa_offset 144
	.cfi_offset 29, -144
	.cfi_offset 30, -136
	mov	x29, sp
	ldp	x2, x3, [x0, 32]
	stp	x19, x20, [sp, 16]
	ldr	x6, [x0, 8]
	stp	x21, x22, [sp, 32]
	lsl	x1, x3, 2
	lsl	x5, x3, 3
	add	x8, x2, x1
	add	x4, x3, x3, lsl 1
	add	x11, x8, x1
	sub	x9, x5, x3
	add	x12, x11, x1
	add	x10, x1, x3
	add	x13, x12, x1
	add	x15, x2, x4, lsl 2
	add	x14, x13, x1
	add	x7, x2, x5
	add	x3, x2, x3, lsl 4
	add	x5, x2, x4, lsl 3
	add	x10, x2, x10, lsl 2
	add	x16, x14, x1
	add	x9, x2, x9, lsl 2
	stp	d8, d9, [sp, 80]
	ldr	x4, [x0]
	stp	d10, d11, [sp, 96]
	stp	d12, d13, [sp, 112]
	stp	d14, d15, [sp, 128]
	ldr	q26, [x16, x1]
	ldr	q3, [x8, x1]
	ldr	q4, [x2, x1]
	ldr	q6, [x2]
	ldr	q28, [x14, x1]
	ldr	q30, [x13, x1]
	.cfi_offset 19, -128
	.cfi_offset 20, -120
	.cfi_offset 21, -112
	.cfi_offset 22, -104
	.cfi_offset 72, -64
	.cfi_offset 73, -56
	.cfi_offset 74, -48
	.cfi_offset 75, -40
	.cfi_offset 76, -32
	.cfi_offset 77, -24
	.cfi_offset 78, -16
	.cfi_offset 79, -8
	ldr	q8, [x12, x1]
	ldr	q0, [x11, x1]
	ldr	q12, [x8, 16]
	ldr	q10, [x15, 16]
	ldr	q11, [x7, 16]
	ldr	q25, [x9, 16]
	ldr	q29, [x10, 16]
	ldr	q27, [x5, 16]
	ldr	q13, [x2, 16]
	ldr	q31, [x3, 16]
	ldp	x19, x8, [x0, 16]
	ldp	x16, x15, [x0, 48]
	ldr	x2, [x0, 64]
	ldr	x3, [x0, 72]
	ldp	s9, s15, [x0, 88]
	ldr	s14, [x0, 96]
	cbz	x6, .L382
	sub	x0, x19, #1
	lsr	x0, x0, 2
	add	x0, x0, 1
	lsl	x7, x0, 4
	lsl	x5, x0, 9
.L383:
	ldp	x18, x17, [x4]
	mov	x1, x8
	ldp	x14, x13, [x4, 16]
	mov	x0, 0
	ldp	x12, x11, [x4, 32]
	ldp	x10, x9, [x4, 48]
	cbz	x19, .L385
.L384:
	ldp	q1, q24, [x1]
	ldr	q21, [x17, x0]
	ldr	q20, [x14, x0]
	ldr	q17, [x11, x0]
	mov	v2.16b, v3.16b
	ldr	q22, [x18, x0]
	ldr	q19, [x13, x0]
	ldr	q18, [x12, x0]
	ldr	q16, [x10, x0]
	ldr	q7, [x9, x0]
	add	x0, x0, 16
	ldr	q23, [x1, 128]
	fmla	v4.4s, v1.4s, v21.s[0]
	fmla	v2.4s, v1.4s, v20.s[0]
	fmla	v30.4s, v1.4s, v17.s[0]
	fmla	v6.4s, v1.4s, v22.s[0]
	mov	v5.16b, v4.16b
	fmla	v2.4s, v23.4s, v20.s[1]
	fmla	v0.4s, v1.4s, v19.s[0]
	fmla	v8.4s, v1.4s, v18.s[0]
	fmla	v28.4s, v1.4s, v16.s[0]
	fmla	v26.4s, v1.4s, v7.s[0]
	fmla	v30.4s, v23.4s, v17.s[1]
	ldr	q1, [x1, 144]
	add	x1, x1, 512
	ldr	q4, [x1, -256]
	fmla	v13.4s, v24.4s, v22.s[0]
	fmla	v12.4s, v24.4s, v21.s[0]
	fmla	v11.4s, v24.4s, v20.s[0]
	fmla	v10.4s, v24.4s, v19.s[0]
	fmla	v31.4s, v24.4s, v18.s[0]
	fmla	v29.4s, v24.4s, v17.s[0]
	fmla	v27.4s, v24.4s, v16.s[0]
	fmla	v25.4s, v24.4s, v7.s[0]
	fmla	v6.4s, v23.4s, v22.s[1]
	fmla	v5.4s, v23.4s, v21.s[1]
	mov	v24.16b, v2.16b
	fmla	v0.4s, v23.4s, v19.s[1]
	fmla	v8.4s, v23.4s, v18.s[1]
	fmla	v28.4s, v23.4s, v16.s[1]
	fmla	v26.4s, v23.4s, v7.s[1]
	mov	v23.16b, v30.16b
	ldr	q3, [x1, -240]
	ldr	q2, [x1, -128]
	fmla	v13.4s, v1.4s, v22.s[1]
	fmla	v12.4s, v1.4s, v21.s[1]
	fmla	v11.4s, v1.4s, v20.s[1]
	fmla	v10.4s, v1.4s, v19.s[1]
	fmla	v31.4s, v1.4s, v18.s[1]
	fmla	v29.4s, v1.4s, v17.s[1]
	fmla	v27.4s, v1.4s, v16.s[1]
	fmla	v25.4s, v1.4s, v7.s[1]
	fmla	v24.4s, v4.4s, v20.s[2]
	fmla	v23.4s, v4.4s, v17.s[2]
	fmla	v5.4s, v4.4s, v21.s[2]
	ldr	q1, [x1, -112]
	fmla	v6.4s, v4.4s, v22.s[2]
	fmla	v0.4s, v4.4s, v19.s[2]
	fmla	v8.4s, v4.4s, v18.s[2]
	fmla	v28.4s, v4.4s, v16.s[2]
	fmla	v26.4s, v4.4s, v7.s[2]
	fmla	v13.4s, v3.4s, v22.s[2]
	fmla	v12.4s, v3.4s, v21.s[2]
	fmla	v11.4s, v3.4s, v20.s[2]
	fmla	v10.4s, v3.4s, v19.s[2]
	fmla	v31.4s, v3.4s, v18.s[2]
	fmla	v29.4s, v3.4s, v17.s[2]
	fmla	v27.4s, v3.4s, v16.s[2]
	fmla	v25.4s, v3.4s, v7.s[2]
	mov	v4.16b, v5.16b
	mov	v3.16b, v24.16b
	fmla	v23.4s, v2.4s, v17.s[3]
	fmla	v6.4s, v2.4s, v22.s[3]
	fmla	v4.4s, v2.4s, v21.s[3]
	fmla	v3.4s, v2.4s, v20.s[3]
	fmla	v0.4s, v2.4s, v19.s[3]
	fmla	v8.4s, v2.4s, v18.s[3]
	mov	v30.16b, v23.16b
	fmla	v28.4s, v2.4s, v16.s[3]
	fmla	v26.4s, v2.4s, v7.s[3]
	fmla	v13.4s, v1.4s, v22.s[3]
	fmla	v12.4s, v1.4s, v21.s[3]
	fmla	v11.4s, v1.4s, v20.s[3]
	fmla	v10.4s, v1.4s, v19.s[3]
	fmla	v31.4s, v1.4s, v18.s[3]
	fmla	v29.4s, v1.4s, v17.s[3]
	fmla	v27.4s, v1.4s, v16.s[3]
	fmla	v25.4s, v1.4s, v7.s[3]
	cmp	x7, x0
	bne	.L384
	add	x8, x8, x5
.L385:
	add	x4, x4, 128
	subs	x6, x6, #1
	bne	.L383
.L382:
	add	x10, x3, x3, lsl 2
	add	x0, x3, x3, lsl 1
	add	x13, x10, 4
	neg	x4, x3, lsl 2
	lsl	x10, x10, 2
	lsl	x17, x0, 2
	add	x30, x2, x10
	lsl	x11, x3, 4
	add	x19, x30, x4
	add	x14, x0, 4
	add	x18, x19, x4
	add	x6, x3, 4
	add	x5, x18, x17
	lsl	x8, x3, 3
	sub	x5, x5, x11
	lsl	x12, x0, 3
	sub	x21, x8, x3
	lsl	x13, x13, 2
	fmul	v6.4s, v6.4s, v9.s[0]
	add	x11, x11, 16
	fmul	v28.4s, v28.4s, v9.s[0]
	add	x20, x5, x4
	fmul	v26.4s, v26.4s, v9.s[0]
	lsl	x14, x14, 2
	fmul	v29.4s, v29.4s, v9.s[0]
	add	x12, x12, 16
	fmul	v25.4s, v25.4s, v9.s[0]
	lsl	x9, x0, 3
	fmul	v31.4s, v31.4s, v9.s[0]
	lsl	x6, x6, 2
	fmul	v8.4s, v8.4s, v9.s[0]
	add	x8, x8, 16
	fmul	v10.4s, v10.4s, v9.s[0]
	fmul	v27.4s, v27.4s, v9.s[0]
	fmul	v11.4s, v11.4s, v9.s[0]
	fmul	v30.4s, v30.4s, v9.s[0]
	fmul	v3.4s, v3.4s, v9.s[0]
	fmul	v12.4s, v12.4s, v9.s[0]
	fmul	v13.4s, v13.4s, v9.s[0]
	dup	v1.4s, v14.s[0]
	dup	v2.4s, v15.s[0]
	fmul	v4.4s, v4.4s, v9.s[0]
	fmul	v0.4s, v0.4s, v9.s[0]
	cbz	x16, .L398
	stp	x23, x24, [sp, 48]
	.cfi_offset 24, -88
	.cfi_offset 23, -96
	lsl	x0, x15, 2
	add	x1, x16, x0
	str	x25, [sp, 64]
	.cfi_offset 25, -80
	lsl	x7, x15, 3
	add	x25, x16, x7
	add	x23, x1, x0
	ldr	q5, [x16]
	add	x3, x15, x15, lsl 1
	add	x22, x23, x0
	sub	x7, x7, x15
	add	x24, x16, x3, lsl 2
	add	x3, x16, x3, lsl 3
	fadd	v6.4s, v5.4s, v6.4s
	add	x7, x16, x7, lsl 2
	fcmgt	v5.4s, v2.4s, v6.4s
	bsl	v5.16b, v2.16b, v6.16b
	fcmgt	v6.4s, v5.4s, v1.4s
	bit	v5.16b, v1.16b, v6.16b
	str	q5, [x2]
	ldr	q6, [x16, 16]
	fadd	v6.4s, v6.4s, v13.4s
	fcmgt	v5.4s, v2.4s, v6.4s
	bsl	v5.16b, v2.16b, v6.16b
	fcmgt	v6.4s, v5.4s, v1.4s
	bit	v5.16b, v1.16b, v6.16b
	str	q5, [x2, 16]
	ldr	q5, [x16, x0]
	fadd	v5.4s, v5.4s, v4.4s
	fcmgt	v4.4s, v2.4s, v5.4s
	bsl	v4.16b, v2.16b, v5.16b
	fcmgt	v5.4s, v4.4s, v1.4s
	bit	v4.16b, v1.16b, v5.16b
	str	q4, [x5, x4]
	ldr	q5, [x1, 16]
	fadd	v5.4s, v5.4s, v12.4s
	fcmgt	v4.4s, v2.4s, v5.4s
	bsl	v4.16b, v2.16b, v5.16b
	fcmgt	v5.4s, v4.4s, v1.4s
	bit	v4.16b, v1.16b, v5.16b
	str	q4, [x2, x6]
	add	x6, x22, x0
	ldr	q4, [x1, x0]
	add	x1, x0, x15
	add	x1, x16, x1, lsl 2
	fadd	v4.4s, v4.4s, v3.4s
	fcmgt	v3.4s, v2.4s, v4.4s
	bsl	v3.16b, v2.16b, v4.16b
	fcmgt	v4.4s, v3.4s, v1.4s
	bit	v3.16b, v1.16b, v4.16b
	str	q3, [x5]
	add	x5, x6, x0
	ldr	q4, [x25, 16]
	add	x25, x16, x15, lsl 4
	fadd	v4.4s, v4.4s, v11.4s
	fcmgt	v3.4s, v2.4s, v4.4s
	bsl	v3.16b, v2.16b, v4.16b
	fcmgt	v4.4s, v3.4s, v1.4s
	bit	v3.16b, v1.16b, v4.16b
	str	q3, [x2, x8]
	add	x8, x5, x0
	ldr	q3, [x23, x0]
	fadd	v3.4s, v3.4s, v0.4s
	fcmgt	v0.4s, v2.4s, v3.4s
	bsl	v0.16b, v2.16b, v3.16b
	fcmgt	v3.4s, v0.4s, v1.4s
	bit	v0.16b, v1.16b, v3.16b
	str	q0, [x19, x4]
	ldr	q3, [x24, 16]
	fadd	v3.4s, v3.4s, v10.4s
	fcmgt	v0.4s, v2.4s, v3.4s
	bsl	v0.16b, v2.16b, v3.16b
	fcmgt	v3.4s, v0.4s, v1.4s
	bit	v0.16b, v1.16b, v3.16b
	str	q0, [x2, x14]
	ldr	q3, [x22, x0]
	fadd	v3.4s, v3.4s, v8.4s
	fcmgt	v0.4s, v2.4s, v3.4s
	bsl	v0.16b, v2.16b, v3.16b
	fcmgt	v3.4s, v0.4s, v1.4s
	bit	v0.16b, v1.16b, v3.16b
	str	q0, [x30, x4]
	ldr	q3, [x25, 16]
	fadd	v3.4s, v3.4s, v31.4s
	fcmgt	v0.4s, v2.4s, v3.4s
	bsl	v0.16b, v2.16b, v3.16b
	fcmgt	v3.4s, v0.4s, v1.4s
	bit	v0.16b, v1.16b, v3.16b
	str	q0, [x2, x11]
	ldr	q3, [x6, x0]
	fadd	v3.4s, v3.4s, v30.4s
	fcmgt	v0.4s, v2.4s, v3.4s
	bsl	v0.16b, v2.16b, v3.16b
	fcmgt	v3.4s, v0.4s, v1.4s
	bit	v0.16b, v1.16b, v3.16b
	str	q0, [x2, x10]
	ldr	q3, [x1, 16]
	fadd	v3.4s, v3.4s, v29.4s
	fcmgt	v0.4s, v2.4s, v3.4s
	bsl	v0.16b, v2.16b, v3.16b
	fcmgt	v3.4s, v0.4s, v1.4s
	bit	v0.16b, v1.16b, v3.16b
	str	q0, [x2, x13]
	ldr	q3, [x5, x0]
	fadd	v3.4s, v3.4s, v28.4s
	fcmgt	v0.4s, v2.4s, v3.4s
	bsl	v0.16b, v2.16b, v3.16b
	fcmgt	v3.4s, v0.4s, v1.4s
	bit	v0.16b, v1.16b, v3.16b
	str	q0, [x18, x17]
	ldr	q3, [x3, 16]
	fadd	v3.4s, v3.4s, v27.4s
	fcmgt	v0.4s, v2.4s, v3.4s
	bsl	v0.16b, v2.16b, v3.16b
	fcmgt	v3.4s, v0.4s, v1.4s
	bit	v0.16b, v1.16b, v3.16b
	str	q0, [x2, x12]
	ldr	q3, [x8, x0]
	fadd	v3.4s, v3.4s, v26.4s
	fcmgt	v0.4s, v2.4s, v3.4s
	bsl	v0.16b, v2.16b, v3.16b
	fcmgt	v3.4s, v0.4s, v1.4s
	bit	v0.16b, v1.16b, v3.16b
	str	q0, [x20, x9]
	ldr	q0, [x7, 16]
	ldp	x23, x24, [sp, 48]
	.cfi_restore 24
	.cfi_restore 23
	ldr	x25, [sp, 64]
	.cfi_restore 25
	fadd	v25.4s, v25.4s, v0.4s
.L387:
	fcmgt	v0.4s, v2.4s, v25.4s
	add	x0, x2, x21, lsl 2
	bsl	v0.16b, v2.16b, v25.16b
	fcmgt	v2.4s, v0.4s, v1.4s
	bit	v0.16b, v1.16b, v2.16b
	str	q0, [x0, 16]
	ldp	x19, x20, [sp, 16]
	ldp	x21, x22, [sp, 32]
	ldp	d8, d9, [sp, 80]
	ldp	d10, d11, [sp, 96]
	ldp	d12, d13, [sp, 112]
	ldp	d14, d15, [sp, 128]
	ldp	x29, x30, [sp], 144
	.cfi_remember_state
	.cfi_restore 30
	.cfi_restore 29
	.cfi_restore 21
	.cfi_restore 22
	.cfi_restore 19
	.cfi_restore 20
	.cfi_restore 78
	.cfi_restore 79
	.cfi_restore 76
	.cfi_restore 77
	.cfi_restore 74
	.cfi_restore 75
	.cfi_restore 72
	.cfi_restore 73
	.cfi_def_cfa_offset 0
	ret
.L398:
	.cfi_restore_state
	fcmgt	v5.4s, v2.4s, v6.4s
	fcmgt	v15.4s, v2.4s, v4.4s
	fcmgt	v17.4s, v2.4s, v3.4s
	fcmgt	v16.4s, v2.4s, v13.4s
	bsl	v5.16b, v2.16b, v6.16b
	bsl	v15.16b, v2.16b, v4.16b
	fcmgt	v6.4s, v2.4s, v0.4s
	bsl	v16.16b, v2.16b, v13.16b
	fcmgt	v14.4s, v2.4s, v12.4s
	mov	v13.16b, v17.16b
	bsl	v6.16b, v2.16b, v0.16b
	fcmgt	v0.4s, v15.4s, v1.4s
	fcmgt	v7.4s, v2.4s, v11.4s
	bsl	v14.16b, v2.16b, v12.16b
	bsl	v13.16b, v2.16b, v3.16b
	fcmgt	v9.4s, v2.4s, v10.4s
	fcmgt	v4.4s, v5.4s, v1.4s
	fcmgt	v3.4s, v16.4s, v1.4s
	bsl	v0.16b, v1.16b, v15.16b
	fcmgt	v17.4s, v2.4s, v8.4s
	bsl	v7.16b, v2.16b, v11.16b
	bsl	v9.16b, v2.16b, v10.16b
	mov	v11.16b, v6.16b
	bit	v5.16b, v1.16b, v4.16b
	bsl	v3.16b, v1.16b, v16.16b
	fcmgt	v18.4s, v14.4s, v1.4s
	bit	v8.16b, v2.16b, v17.16b
	mov	v16.16b, v0.16b
	fcmgt	v17.4s, v13.4s, v1.4s
	stp	q5, q3, [x2]
	mov	v12.16b, v7.16b
	fcmgt	v15.4s, v11.4s, v1.4s
	str	q16, [x5, x4]
	bsl	v18.16b, v1.16b, v14.16b
	fcmgt	v7.4s, v2.4s, v31.4s
	fcmgt	v14.4s, v9.4s, v1.4s
	mov	v16.16b, v17.16b
	fcmgt	v10.4s, v12.4s, v1.4s
	str	q18, [x2, x6]
	fcmgt	v19.4s, v2.4s, v29.4s
	bsl	v7.16b, v2.16b, v31.16b
	bsl	v15.16b, v1.16b, v11.16b
	mov	v11.16b, v14.16b
	bsl	v16.16b, v1.16b, v13.16b
	fcmgt	v6.4s, v2.4s, v30.4s
	bsl	v10.16b, v1.16b, v12.16b
	mov	v5.16b, v19.16b
	fcmgt	v4.4s, v2.4s, v28.4s
	str	q16, [x5]
	bsl	v11.16b, v1.16b, v9.16b
	str	q10, [x2, x8]
	fcmgt	v12.4s, v7.4s, v1.4s
	str	q15, [x19, x4]
	fcmgt	v3.4s, v2.4s, v27.4s
	str	q11, [x2, x14]
	bsl	v6.16b, v2.16b, v30.16b
	fcmgt	v0.4s, v2.4s, v26.4s
	bsl	v5.16b, v2.16b, v29.16b
	bsl	v4.16b, v2.16b, v28.16b
	fcmgt	v13.4s, v8.4s, v1.4s
	bsl	v3.16b, v2.16b, v27.16b
	mov	v11.16b, v12.16b
	bsl	v0.16b, v2.16b, v26.16b
	fcmgt	v10.4s, v6.4s, v1.4s
	fcmgt	v9.4s, v5.4s, v1.4s
	bsl	v13.16b, v1.16b, v8.16b
	fcmgt	v8.4s, v4.4s, v1.4s
	bsl	v11.16b, v1.16b, v7.16b
	fcmgt	v7.4s, v3.4s, v1.4s
	bsl	v10.16b, v1.16b, v6.16b
	str	q13, [x30, x4]
	fcmgt	v6.4s, v0.4s, v1.4s
	str	q11, [x2, x11]
	bit	v5.16b, v1.16b, v9.16b
	str	q10, [x2, x10]
	bit	v4.16b, v1.16b, v8.16b
	bit	v3.16b, v1.16b, v7.16b
	bit	v0.16b, v1.16b, v6.16b
	str	q5, [x2, x13]
	str	q4, [x18, x17]
	str	q3, [x2, x12]
	str	q0, [x20, x9]
	b	.L387
	.cfi_endproc
.LFE45:
	.size	by_lane_8, .-by_lane_8
	.align	2
	.p2align 4,,11
	.type	narrow_8, %function
narrow_8:
.LFB46:
	.cfi_startproc
	ldp	x2, x1, [x0, 32]
	ldr	x13, [x0, 8]
	ldp	x18, x14, [x0, 48]
	lsl	x1, x1, 2
	ldr	s27, [x0, 96]
	add	x3, x2, x1
	add	x4, x3, x1
	add	x5, x4, x1
	add	x7, x5, x1
	add	x6, x7, x1
	add	x8, x6, x1
	ldr	q4, [x4, x1]
	ldr	q16, [x3, x1]
	ldr	q1, [x2, x1]
	ldr	q2, [x2]
	ldr	q5, [x7, x1]
	ldr	q7, [x8, x1]
	ldr	q6, [x6, x1]
	ldr	q3, [x5, x1]
	ldr	x3, [x0]
	ldr	x4, [x0, 16]
	ldr	x2, [x0, 24]
	ldp	x17, x16, [x0, 64]
	ldp	s25, s26, [x0, 88]
	cbz	x13, .L400
	lsl	x15, x4, 7
	.p2align 3,,7
.L401:
	ldp	x12, x11, [x3]
	mov	x0, 0
	ldp	x10, x9, [x3, 16]
	ldp	x8, x7, [x3, 32]
	ldp	x6, x5, [x3, 48]
	cbz	x4, .L403
	.p2align 3,,7
.L402:
	lsl	x1, x0, 7
	ldr	s24, [x12, x0, lsl 2]
	ldr	s23, [x11, x0, lsl 2]
	ldr	s22, [x10, x0, lsl 2]
	ldr	q0, [x2, x1]
	ldr	s21, [x9, x0, lsl 2]
	ldr	s20, [x8, x0, lsl 2]
	ldr	s19, [x7, x0, lsl 2]
	ldr	s18, [x6, x0, lsl 2]
	fmla	v2.4s, v0.4s, v24.s[0]
	ldr	s17, [x5, x0, lsl 2]
	fmla	v1.4s, v0.4s, v23.s[0]
	add	x0, x0, 1
	fmla	v16.4s, v0.4s, v22.s[0]
	fmla	v4.4s, v0.4s, v21.s[0]
	fmla	v3.4s, v0.4s, v20.s[0]
	fmla	v5.4s, v0.4s, v19.s[0]
	fmla	v6.4s, v0.4s, v18.s[0]
	fmla	v7.4s, v0.4s, v17.s[0]
	cmp	x4, x0
	bne	.L402
	add	x2, x2, x15
.L403:
	add	x3, x3, 128
	subs	x13, x13, #1
	bne	.L401
.L400:
	lsl	x2, x16, 2
	add	x4, x16, x16, lsl 1
	lsl	x6, x16, 3
	add	x10, x17, x2
	add	x7, x10, x6
	lsl	x4, x4, 2
	add	x8, x7, x4
	add	x1, x2, x16
	sub	x9, x8, x2
	neg	x5, x2
	sub	x3, x9, x2
	lsl	x1, x1, 2
	fmul	v2.4s, v2.4s, v25.s[0]
	sub	x3, x3, x6
	fmul	v16.4s, v16.4s, v25.s[0]
	fmul	v7.4s, v7.4s, v25.s[0]
	fmul	v6.4s, v6.4s, v25.s[0]
	fmul	v5.4s, v5.4s, v25.s[0]
	fmul	v4.4s, v4.4s, v25.s[0]
	dup	v0.4s, v27.s[0]
	dup	v17.4s, v26.s[0]
	fmul	v3.4s, v3.4s, v25.s[0]
	fmul	v1.4s, v1.4s, v25.s[0]
	cbz	x18, .L415
	ldr	q18, [x18]
	lsl	x0, x14, 2
	add	x15, x18, x0
	add	x14, x15, x0
	fadd	v18.4s, v18.4s, v2.4s
	add	x13, x14, x0
	add	x12, x13, x0
	add	x11, x12, x0
	add	x16, x11, x0
	fcmgt	v2.4s, v17.4s, v18.4s
	bsl	v2.16b, v17.16b, v18.16b
	fcmgt	v18.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v18.16b
	str	q2, [x17]
	ldr	q2, [x18, x0]
	fadd	v2.4s, v2.4s, v1.4s
	fcmgt	v1.4s, v17.4s, v2.4s
	bsl	v1.16b, v17.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x17, x2]
	ldr	q2, [x15, x0]
	fadd	v2.4s, v2.4s, v16.4s
	fcmgt	v1.4s, v17.4s, v2.4s
	bsl	v1.16b, v17.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x3]
	ldr	q2, [x14, x0]
	fadd	v2.4s, v2.4s, v4.4s
	fcmgt	v1.4s, v17.4s, v2.4s
	bsl	v1.16b, v17.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x10, x6]
	ldr	q2, [x13, x0]
	fadd	v2.4s, v2.4s, v3.4s
	fcmgt	v1.4s, v17.4s, v2.4s
	bsl	v1.16b, v17.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x9, x5]
	ldr	q2, [x12, x0]
	fadd	v2.4s, v2.4s, v5.4s
	fcmgt	v1.4s, v17.4s, v2.4s
	bsl	v1.16b, v17.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x8, x5]
	ldr	q2, [x11, x0]
	fadd	v2.4s, v2.4s, v6.4s
	fcmgt	v1.4s, v17.4s, v2.4s
	bsl	v1.16b, v17.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x7, x4]
	ldr	q1, [x16, x0]
	fadd	v7.4s, v7.4s, v1.4s
	fcmgt	v1.4s, v17.4s, v7.4s
	bsl	v1.16b, v17.16b, v7.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x3, x1]
	ret
.L415:
	fcmgt	v22.4s, v17.4s, v2.4s
	fcmgt	v21.4s, v17.4s, v1.4s
	fcmgt	v20.4s, v17.4s, v16.4s
	fcmgt	v19.4s, v17.4s, v4.4s
	bsl	v22.16b, v17.16b, v2.16b
	fcmgt	v18.4s, v17.4s, v3.4s
	bsl	v21.16b, v17.16b, v1.16b
	fcmgt	v2.4s, v17.4s, v5.4s
	bit	v16.16b, v17.16b, v20.16b
	fcmgt	v1.4s, v17.4s, v6.4s
	bit	v4.16b, v17.16b, v19.16b
	fcmgt	v23.4s, v22.4s, v0.4s
	bit	v3.16b, v17.16b, v18.16b
	bsl	v2.16b, v17.16b, v5.16b
	fcmgt	v20.4s, v21.4s, v0.4s
	bsl	v1.16b, v17.16b, v6.16b
	fcmgt	v5.4s, v16.4s, v0.4s
	fcmgt	v19.4s, v4.4s, v0.4s
	bit	v22.16b, v0.16b, v23.16b
	fcmgt	v18.4s, v3.4s, v0.4s
	bsl	v20.16b, v0.16b, v21.16b
	fcmgt	v6.4s, v2.4s, v0.4s
	bit	v16.16b, v0.16b, v5.16b
	str	q22, [x17]
	fcmgt	v5.4s, v1.4s, v0.4s
	str	q20, [x17, x2]
	bit	v4.16b, v0.16b, v19.16b
	str	q16, [x3]
	bit	v3.16b, v0.16b, v18.16b
	bit	v2.16b, v0.16b, v6.16b
	bit	v1.16b, v0.16b, v5.16b
	str	q4, [x10, x6]
	str	q3, [x9, x5]
	str	q2, [x8, x5]
	str	q1, [x7, x4]
	fcmgt	v1.4s, v17.4s, v7.4s
	bsl	v1.16b, v17.16b, v7.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x3, x1]
	ret
	.cfi_endproc
.LFE46:
	.size	narrow_8, .-narrow_8
	.align	2
	.p2align 4,,11
	.type	wide_9, %function
wide_9:
.LFB47:
	.cfi_startproc
	stp	x29, x30, [sp, -144]!
	.cfi_def_cfa_offset 144
	.cfi_offset 29, -144
	.cfi_offset 30, -136
	mov	x1, x0
	mov	x29, sp
	ldp	x2, x3, [x0, 32]
	stp	x19, x20, [sp, 16]
	stp	x21, x22, [sp, 32]
	stp	d8, d9, [sp, 80]
	lsl	x0, x3, 2
	add	x6, x2, x0
	lsl	x4, x3, 3
	add	x9, x6, x0
	stp	d10, d11, [sp, 96]
	add	x10, x9, x0
	add	x11, x10, x0
	stp	d12, d13, [sp, 112]
	add	x12, x11, x0
	add	x13, x12, x0
	stp	d14, d15, [sp, 128]
	add	x14, x13, x0
	sub	x7, x4, x3
	add	x5, x3, x3, lsl 1
	add	x8, x0, x3
	add	x16, x2, x4
	ldr	q22, [x14, x0]
	add	x15, x2, x5, lsl 2
	ldp	x14, x17, [x1]
	add	x4, x2, x4, lsl 2
	add	x3, x2, x3, lsl 4
	add	x8, x2, x8, lsl 2
	add	x7, x2, x7, lsl 2
	add	x5, x2, x5, lsl 3
	.cfi_offset 19, -128
	.cfi_offset 20, -120
	.cfi_offset 21, -112
	.cfi_offset 22, -104
	.cfi_offset 72, -64
	.cfi_offset 73, -56
	.cfi_offset 74, -48
	.cfi_offset 75, -40
	.cfi_offset 76, -32
	.cfi_offset 77, -24
	.cfi_offset 78, -16
	.cfi_offset 79, -8
	ldr	q12, [x2, x0]
	ldr	q15, [x2]
	ldr	q24, [x13, x0]
	ldr	q26, [x12, x0]
	ldr	q28, [x11, x0]
	ldr	q30, [x10, x0]
	ldr	q8, [x9, x0]
	ldr	q10, [x6, x0]
	ldr	q9, [x16, 16]
	ldr	q11, [x6, 16]
	ldr	q23, [x7, 16]
	ldr	q27, [x8, 16]
	ldr	q21, [x4, 16]
	ldr	q14, [x2, 16]
	ldr	q29, [x3, 16]
	ldr	q31, [x15, 16]
	ldr	x3, [x1, 16]
	ldr	q25, [x5, 16]
	ldr	x18, [x1, 24]
	ldr	x15, [x1, 48]
	ldr	x16, [x1, 56]
	ldr	x2, [x1, 64]
	ldr	x4, [x1, 72]
	ldp	s13, s3, [x1, 88]
	ldr	s2, [x1, 96]
	cbz	x17, .L417
	lsl	x19, x3, 7
.L418:
	ldp	x13, x12, [x14]
	mov	x1, x18
	ldp	x11, x10, [x14, 16]
	mov	x0, 0
	ldp	x9, x8, [x14, 32]
	ldp	x7, x6, [x14, 48]
	ldr	x5, [x14, 64]
	cbz	x3, .L420
	.p2align 3,,7
.L419:
	ldp	q1, q0, [x1]
	add	x1, x1, 128
	ldr	s20, [x13, x0, lsl 2]
	ldr	s19, [x12, x0, lsl 2]
	ldr	s18, [x11, x0, lsl 2]
	ldr	s17, [x10, x0, lsl 2]
	ldr	s16, [x9, x0, lsl 2]
	ldr	s7, [x8, x0, lsl 2]
	ldr	s6, [x7, x0, lsl 2]
	ldr	s5, [x6, x0, lsl 2]
	fmla	v15.4s, v1.4s, v20.s[0]
	ldr	s4, [x5, x0, lsl 2]
	fmla	v14.4s, v0.4s, v20.s[0]
	add	x0, x0, 1
	fmla	v12.4s, v1.4s, v19.s[0]
	fmla	v11.4s, v0.4s, v19.s[0]
	fmla	v10.4s, v1.4s, v18.s[0]
	fmla	v9.4s, v0.4s, v18.s[0]
	fmla	v8.4s, v1.4s, v17.s[0]
	fmla	v31.4s, v0.4s, v17.s[0]
	fmla	v30.4s, v1.4s, v16.s[0]
	fmla	v29.4s, v0.4s, v16.s[0]
	fmla	v28.4s, v1.4s, v7.s[0]
	fmla	v27.4s, v0.4s, v7.s[0]
	fmla	v26.4s, v1.4s, v6.s[0]
	fmla	v25.4s, v0.4s, v6.s[0]
	fmla	v24.4s, v1.4s, v5.s[0]
	fmla	v23.4s, v0.4s, v5.s[0]
	fmla	v22.4s, v1.4s, v4.s[0]
	fmla	v21.4s, v0.4s, v4.s[0]
	cmp	x3, x0
	bne	.L419
	add	x18, x18, x19
.L420:
	add	x14, x14, 128
	subs	x17, x17, #1
	bne	.L418
.L417:
	lsl	x12, x4, 2
	neg	x11, x4, lsl 3
	add	x3, x12, x4
	lsl	x1, x4, 1
	add	x0, x1, x4
	lsl	x5, x4, 3
	lsl	x30, x3, 2
	sub	x5, x5, x4
	add	x19, x2, x30
	lsl	x14, x0, 3
	add	x8, x19, x11
	add	x13, x3, 4
	add	x21, x8, x11
	add	x3, x1, 4
	add	x17, x21, x12
	add	x1, x4, 1
	add	x20, x17, x14
	add	x10, x0, 4
	add	x5, x5, 4
	add	x18, x20, x11
	add	x6, x18, x12
	lsl	x13, x13, 2
	fmul	v15.4s, v15.4s, v13.s[0]
	lsl	x4, x3, 2
	fmul	v8.4s, v8.4s, v13.s[0]
	sub	x9, x6, x0, lsl 2
	fmul	v31.4s, v31.4s, v13.s[0]
	lsl	x10, x10, 2
	fmul	v27.4s, v27.4s, v13.s[0]
	add	x7, x14, 16
	fmul	v26.4s, v26.4s, v13.s[0]
	lsl	x5, x5, 2
	fmul	v28.4s, v28.4s, v13.s[0]
	lsl	x1, x1, 4
	fmul	v12.4s, v12.4s, v13.s[0]
	add	x22, x12, 16
	fmul	v11.4s, v11.4s, v13.s[0]
	fmul	v30.4s, v30.4s, v13.s[0]
	fmul	v10.4s, v10.4s, v13.s[0]
	fmul	v9.4s, v9.4s, v13.s[0]
	fmul	v21.4s, v21.4s, v13.s[0]
	fmul	v25.4s, v25.4s, v13.s[0]
	fmul	v22.4s, v22.4s, v13.s[0]
	fmul	v23.4s, v23.4s, v13.s[0]
	fmul	v6.4s, v14.4s, v13.s[0]
	dup	v0.4s, v2.s[0]
	fmul	v29.4s, v29.4s, v13.s[0]
	dup	v1.4s, v3.s[0]
	fmul	v24.4s, v24.4s, v13.s[0]
	cbz	x15, .L433
	stp	x23, x24, [sp, 48]
	.cfi_offset 24, -88
	.cfi_offset 23, -96
	lsl	x0, x16, 2
	add	x3, x15, x0
	stp	x25, x26, [sp, 64]
	.cfi_offset 26, -72
	.cfi_offset 25, -80
	lsl	x6, x16, 3
	add	x24, x15, x6
	ldr	q3, [x15]
	add	x26, x3, x0
	add	x23, x26, x0
	fadd	v3.4s, v3.4s, v15.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2]
	ldr	q3, [x15, 16]
	fadd	v3.4s, v3.4s, v6.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, 16]
	ldr	q3, [x15, x0]
	fadd	v3.4s, v3.4s, v12.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x8, x11]
	add	x8, x16, x16, lsl 1
	ldr	q3, [x3, 16]
	add	x25, x15, x8, lsl 2
	add	x8, x15, x8, lsl 3
	fadd	v3.4s, v3.4s, v11.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x22]
	add	x22, x23, x0
	ldr	q3, [x3, x0]
	sub	x3, x6, x16
	add	x6, x15, x6, lsl 2
	add	x3, x15, x3, lsl 2
	fadd	v3.4s, v3.4s, v10.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x21, x12]
	add	x21, x0, x16
	ldr	q3, [x24, 16]
	add	x24, x15, x16, lsl 4
	add	x16, x15, x21, lsl 2
	add	x21, x22, x0
	add	x15, x21, x0
	fadd	v3.4s, v3.4s, v9.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x4]
	ldr	q3, [x26, x0]
	fadd	v3.4s, v3.4s, v8.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x19, x11]
	add	x19, x15, x0
	ldr	q3, [x25, 16]
	fadd	v3.4s, v3.4s, v31.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x10]
	ldr	q3, [x23, x0]
	fadd	v3.4s, v3.4s, v30.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x9]
	ldr	q3, [x24, 16]
	fadd	v3.4s, v3.4s, v29.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x1]
	ldr	q3, [x22, x0]
	fadd	v3.4s, v3.4s, v28.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x30]
	ldr	q3, [x16, 16]
	fadd	v3.4s, v3.4s, v27.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x13]
	ldr	q3, [x21, x0]
	fadd	v3.4s, v3.4s, v26.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x20, x11]
	ldr	q3, [x8, 16]
	fadd	v3.4s, v3.4s, v25.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x7]
	ldr	q3, [x15, x0]
	fadd	v3.4s, v3.4s, v24.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x18, x12]
	ldr	q3, [x3, 16]
	fadd	v3.4s, v3.4s, v23.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x2, x5]
	ldr	q3, [x19, x0]
	fadd	v3.4s, v3.4s, v22.4s
	fcmgt	v2.4s, v1.4s, v3.4s
	bsl	v2.16b, v1.16b, v3.16b
	fcmgt	v3.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v3.16b
	str	q2, [x17, x14]
	ldr	q2, [x6, 16]
	ldp	x23, x24, [sp, 48]
	.cfi_restore 24
	.cfi_restore 23
	ldp	x25, x26, [sp, 64]
	.cfi_restore 26
	.cfi_restore 25
	fadd	v21.4s, v21.4s, v2.4s
.L422:
	fcmgt	v2.4s, v1.4s, v21.4s
	add	x4, x2, x4, lsl 2
	bif	v1.16b, v21.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x4, -48]
	ldp	x19, x20, [sp, 16]
	ldp	x21, x22, [sp, 32]
	ldp	d8, d9, [sp, 80]
	ldp	d10, d11, [sp, 96]
	ldp	d12, d13, [sp, 112]
	ldp	d14, d15, [sp, 128]
	ldp	x29, x30, [sp], 144
	.cfi_remember_state
	.cfi_restore 30
	.cfi_restore 29
	.cfi_restore 21
	.cfi_restore 22
	.cfi_restore 19
	.cfi_restore 20
	.cfi_restore 78
	.cfi_restore 79
	.cfi_restore 76
	.cfi_restore 77
	.cfi_restore 74
	.cfi_restore 75
	.cfi_restore 72
	.cfi_restore 73
	.cfi_def_cfa_offset 0
	ret
.L433:
	.cfi_restore_state
	fcmgt	v2.4s, v1.4s, v15.4s
	fcmgt	v5.4s, v1.4s, v6.4s
	fcmgt	v4.4s, v1.4s, v12.4s
	fcmgt	v3.4s, v1.4s, v11.4s
	bsl	v2.16b, v1.16b, v15.16b
	bsl	v5.16b, v1.16b, v6.16b
	bsl	v4.16b, v1.16b, v12.16b
	bsl	v3.16b, v1.16b, v11.16b
	fcmgt	v14.4s, v1.4s, v10.4s
	fcmgt	v16.4s, v2.4s, v0.4s
	fcmgt	v13.4s, v1.4s, v9.4s
	fcmgt	v6.4s, v5.4s, v0.4s
	fcmgt	v12.4s, v1.4s, v8.4s
	fcmgt	v15.4s, v4.4s, v0.4s
	fcmgt	v11.4s, v1.4s, v31.4s
	bsl	v14.16b, v1.16b, v10.16b
	bsl	v16.16b, v0.16b, v2.16b
	fcmgt	v10.4s, v1.4s, v30.4s
	fcmgt	v2.4s, v3.4s, v0.4s
	bsl	v13.16b, v1.16b, v9.16b
	bit	v5.16b, v0.16b, v6.16b
	fcmgt	v9.4s, v1.4s, v29.4s
	bsl	v12.16b, v1.16b, v8.16b
	bit	v4.16b, v0.16b, v15.16b
	fcmgt	v8.4s, v1.4s, v28.4s
	stp	q16, q5, [x2]
	bsl	v11.16b, v1.16b, v31.16b
	fcmgt	v7.4s, v1.4s, v27.4s
	str	q4, [x8, x11]
	bsl	v10.16b, v1.16b, v30.16b
	bsl	v2.16b, v0.16b, v3.16b
	fcmgt	v18.4s, v14.4s, v0.4s
	fcmgt	v6.4s, v1.4s, v26.4s
	bsl	v9.16b, v1.16b, v29.16b
	fcmgt	v17.4s, v13.4s, v0.4s
	str	q2, [x2, x22]
	fcmgt	v5.4s, v1.4s, v25.4s
	bsl	v8.16b, v1.16b, v28.16b
	fcmgt	v16.4s, v12.4s, v0.4s
	fcmgt	v4.4s, v1.4s, v24.4s
	bsl	v7.16b, v1.16b, v27.16b
	fcmgt	v15.4s, v11.4s, v0.4s
	fcmgt	v3.4s, v1.4s, v23.4s
	bsl	v6.16b, v1.16b, v26.16b
	bsl	v18.16b, v0.16b, v14.16b
	fcmgt	v2.4s, v1.4s, v22.4s
	fcmgt	v14.4s, v10.4s, v0.4s
	bsl	v17.16b, v0.16b, v13.16b
	bsl	v5.16b, v1.16b, v25.16b
	str	q18, [x21, x12]
	fcmgt	v13.4s, v9.4s, v0.4s
	bsl	v16.16b, v0.16b, v12.16b
	str	q17, [x2, x4]
	fcmgt	v12.4s, v8.4s, v0.4s
	bsl	v4.16b, v1.16b, v24.16b
	bsl	v15.16b, v0.16b, v11.16b
	str	q16, [x19, x11]
	fcmgt	v11.4s, v7.4s, v0.4s
	bsl	v3.16b, v1.16b, v23.16b
	bsl	v14.16b, v0.16b, v10.16b
	str	q15, [x2, x10]
	fcmgt	v10.4s, v6.4s, v0.4s
	bsl	v2.16b, v1.16b, v22.16b
	bsl	v13.16b, v0.16b, v9.16b
	str	q14, [x9]
	fcmgt	v9.4s, v5.4s, v0.4s
	bsl	v12.16b, v0.16b, v8.16b
	fcmgt	v8.4s, v4.4s, v0.4s
	str	q13, [x2, x1]
	bsl	v11.16b, v0.16b, v7.16b
	fcmgt	v7.4s, v3.4s, v0.4s
	str	q12, [x2, x30]
	bsl	v10.16b, v0.16b, v6.16b
	fcmgt	v6.4s, v2.4s, v0.4s
	str	q11, [x2, x13]
	bit	v5.16b, v0.16b, v9.16b
	bit	v4.16b, v0.16b, v8.16b
	str	q10, [x20, x11]
	bit	v3.16b, v0.16b, v7.16b
	bit	v2.16b, v0.16b, v6.16b
	str	q5, [x2, x7]
	str	q4, [x18, x12]
	str	q3, [x2, x5]
	str	q2, [x17, x14]
	b	.L422
	.cfi_endproc
.LFE47:
	.size	wide_9, .-wide_9
	.align	2
	.p2align 4,,11
	.type	by_lane_9, %function
by_lane_9:
.LFB49:
	.cfi_startproc
	stp	x29, x30, [sp, -176]!
	.cfi_def_cfa_offset 176
	.cfi_offset 29, -176
	.cfi_offset 30, -168
	mov	x3, x0
	mov	x29, sp
	ldp	x1, x2, [x0, 32]
	stp	x19, x20, [sp, 16]
	stp	x21, x22, [sp, 32]
	stp	x25, x26, [sp, 64]
	lsl	x0, x2, 2
	add	x8, x1, x0
	lsl	x4, x2, 3
	add	x6, x8, x0
	stp	d8, d9, [sp, 96]
	add	x11, x6, x0
	add	x12, x11, x0
	stp	d10, d11, [sp, 112]
	sub	x9, x4, x2
	stp	d12, d13, [sp, 128]
	add	x5, x2, x2, lsl 1
	add	x10, x0, x2
	stp	d14, d15, [sp, 144]
	add	x13, x12, x0
	add	x14, x13, x0
	ldr	q2, [x6, x0]
	add	x9, x1, x9, lsl 2
	ldp	x6, x7, [x3]
	add	x16, x1, x4
	add	x15, x1, x5, lsl 2
	add	x4, x1, x4, lsl 2
	add	x5, x1, x5, lsl 3
	add	x10, x1, x10, lsl 2
	add	x2, x1, x2, lsl 4
	add	x17, x14, x0
	ldr	q5, [x1, x0]
	ldr	q6, [x1]
	.cfi_offset 19, -160
	.cfi_offset 20, -152
	.cfi_offset 21, -144
	.cfi_offset 22, -136
	.cfi_offset 25, -112
	.cfi_offset 26, -104
	.cfi_offset 72, -80
	.cfi_offset 73, -72
	.cfi_offset 74, -64
	.cfi_offset 75, -56
	.cfi_offset 76, -48
	.cfi_offset 77, -40
	.cfi_offset 78, -32
	.cfi_offset 79, -24
	ldr	q8, [x17, x0]
	ldr	q9, [x14, x0]
	ldr	q10, [x13, x0]
	ldr	q4, [x12, x0]
	ldr	q12, [x11, x0]
	ldr	q3, [x8, x0]
	ldr	q25, [x9, 16]
	ldr	q27, [x10, 16]
	ldr	q31, [x8, 16]
	ldr	q15, [x1, 16]
	ldr	q28, [x2, 16]
	ldr	q24, [x4, 16]
	ldr	q26, [x5, 16]
	ldp	x19, x9, [x3, 16]
	ldr	q29, [x15, 16]
	ldr	q30, [x16, 16]
	ldr	x4, [x3, 48]
	ldr	x5, [x3, 56]
	ldp	x1, x2, [x3, 64]
	ldp	s1, s11, [x3, 88]
	ldr	s7, [x3, 96]
	cbz	x7, .L435
	mov	v23.16b, v31.16b
	sub	x0, x19, #1
	mov	v21.16b, v29.16b
	mov	v22.16b, v30.16b
	lsr	x0, x0, 2
	mov	v29.16b, v2.16b
	add	x0, x0, 1
	mov	v2.16b, v5.16b
	mov	v30.16b, v15.16b
	lsl	x8, x0, 4
	mov	v5.16b, v3.16b
	lsl	x3, x0, 9
	mov	v31.16b, v26.16b
	mov	v17.16b, v25.16b
	mov	v16.16b, v24.16b
	mov	v19.16b, v27.16b
	mov	v15.16b, v6.16b
	mov	v26.16b, v10.16b
	mov	v25.16b, v9.16b
	mov	v24.16b, v8.16b
	mov	v3.16b, v12.16b
	mov	v20.16b, v28.16b
	mov	v27.16b, v4.16b
.L436:
	ldp	x18, x17, [x6]
	mov	x20, x9
	ldp	x16, x15, [x6, 16]
	mov	x0, 0
	ldp	x14, x13, [x6, 32]
	ldp	x12, x11, [x6, 48]
	ldr	x10, [x6, 64]
	cbz	x19, .L438
	mov	v0.16b, v27.16b
	stp	s1, s11, [sp, 168]
	mov	v28.16b, v2.16b
	mov	v18.16b, v31.16b
	mov	v2.16b, v23.16b
	mov	v27.16b, v5.16b
	mov	v23.16b, v26.16b
	mov	v5.16b, v21.16b
	mov	v26.16b, v29.16b
	mov	v21.16b, v24.16b
	mov	v29.16b, v15.16b
	fmov	s31, s7
	mov	v15.16b, v22.16b
	mov	v24.16b, v0.16b
	mov	v22.16b, v25.16b
	mov	v25.16b, v3.16b
.L437:
	ldp	q4, q0, [x20]
	ldr	q14, [x18, x0]
	ldr	q13, [x17, x0]
	ldr	q12, [x16, x0]
	ldr	q11, [x15, x0]
	ldr	q10, [x14, x0]
	ldr	q9, [x13, x0]
	ldr	q8, [x12, x0]
	ldr	q7, [x11, x0]
	ldr	q6, [x10, x0]
	add	x0, x0, 16
	ldr	q1, [x20, 128]
	fmla	v2.4s, v0.4s, v13.s[0]
	fmla	v29.4s, v4.4s, v14.s[0]
	fmla	v28.4s, v4.4s, v13.s[0]
	fmla	v27.4s, v4.4s, v12.s[0]
	fmla	v26.4s, v4.4s, v11.s[0]
	fmla	v25.4s, v4.4s, v10.s[0]
	fmla	v24.4s, v4.4s, v9.s[0]
	fmla	v23.4s, v4.4s, v8.s[0]
	fmla	v22.4s, v4.4s, v7.s[0]
	fmla	v21.4s, v4.4s, v6.s[0]
	fmla	v30.4s, v0.4s, v14.s[0]
	fmla	v15.4s, v0.4s, v12.s[0]
	fmla	v5.4s, v0.4s, v11.s[0]
	fmla	v20.4s, v0.4s, v10.s[0]
	fmla	v19.4s, v0.4s, v9.s[0]
	fmla	v18.4s, v0.4s, v8.s[0]
	fmla	v17.4s, v0.4s, v7.s[0]
	fmla	v16.4s, v0.4s, v6.s[0]
	ldr	q0, [x20, 144]
	add	x20, x20, 512
	ldr	q3, [x20, -256]
	fmla	v30.4s, v0.4s, v14.s[1]
	mov	v4.16b, v2.16b
	fmla	v29.4s, v1.4s, v14.s[1]
	fmla	v28.4s, v1.4s, v13.s[1]
	fmla	v27.4s, v1.4s, v12.s[1]
	fmla	v26.4s, v1.4s, v11.s[1]
	fmla	v25.4s, v1.4s, v10.s[1]
	fmla	v24.4s, v1.4s, v9.s[1]
	fmla	v23.4s, v1.4s, v8.s[1]
	fmla	v22.4s, v1.4s, v7.s[1]
	fmla	v21.4s, v1.4s, v6.s[1]
	ldr	q2, [x20, -240]
	fmla	v29.4s, v3.4s, v14.s[2]
	fmla	v28.4s, v3.4s, v13.s[2]
	fmla	v27.4s, v3.4s, v12.s[2]
	fmla	v26.4s, v3.4s, v11.s[2]
	fmla	v25.4s, v3.4s, v10.s[2]
	fmla	v24.4s, v3.4s, v9.s[2]
	fmla	v23.4s, v3.4s, v8.s[2]
	fmla	v22.4s, v3.4s, v7.s[2]
	fmla	v21.4s, v3.4s, v6.s[2]
	fmla	v4.4s, v0.4s, v13.s[1]
	mov	v3.16b, v30.16b
	fmla	v15.4s, v0.4s, v12.s[1]
	fmla	v5.4s, v0.4s, v11.s[1]
	fmla	v20.4s, v0.4s, v10.s[1]
	fmla	v19.4s, v0.4s, v9.s[1]
	fmla	v18.4s, v0.4s, v8.s[1]
	fmla	v17.4s, v0.4s, v7.s[1]
	fmla	v16.4s, v0.4s, v6.s[1]
	ldr	q0, [x20, -112]
	fmla	v3.4s, v2.4s, v14.s[2]
	fmla	v4.4s, v2.4s, v13.s[2]
	ldr	q1, [x20, -128]
	fmla	v15.4s, v2.4s, v12.s[2]
	fmla	v5.4s, v2.4s, v11.s[2]
	fmla	v20.4s, v2.4s, v10.s[2]
	fmla	v19.4s, v2.4s, v9.s[2]
	fmla	v18.4s, v2.4s, v8.s[2]
	fmla	v17.4s, v2.4s, v7.s[2]
	fmla	v16.4s, v2.4s, v6.s[2]
	fmla	v3.4s, v0.4s, v14.s[3]
	mov	v2.16b, v4.16b
	fmla	v29.4s, v1.4s, v14.s[3]
	fmla	v28.4s, v1.4s, v13.s[3]
	fmla	v27.4s, v1.4s, v12.s[3]
	fmla	v26.4s, v1.4s, v11.s[3]
	fmla	v25.4s, v1.4s, v10.s[3]
	fmla	v24.4s, v1.4s, v9.s[3]
	fmla	v23.4s, v1.4s, v8.s[3]
	fmla	v22.4s, v1.4s, v7.s[3]
	fmla	v21.4s, v1.4s, v6.s[3]
	mov	v30.16b, v3.16b
	fmla	v2.4s, v0.4s, v13.s[3]
	fmla	v15.4s, v0.4s, v12.s[3]
	fmla	v5.4s, v0.4s, v11.s[3]
	fmla	v20.4s, v0.4s, v10.s[3]
	fmla	v19.4s, v0.4s, v9.s[3]
	fmla	v18.4s, v0.4s, v8.s[3]
	fmla	v17.4s, v0.4s, v7.s[3]
	fmla	v16.4s, v0.4s, v6.s[3]
	cmp	x8, x0
	bne	.L437
	mov	v0.16b, v24.16b
	add	x9, x9, x3
	ldp	s1, s11, [sp, 168]
	fmov	s7, s31
	mov	v3.16b, v25.16b
	mov	v24.16b, v21.16b
	mov	v25.16b, v22.16b
	mov	v21.16b, v5.16b
	mov	v22.16b, v15.16b
	mov	v5.16b, v27.16b
	mov	v15.16b, v29.16b
	mov	v31.16b, v18.16b
	mov	v29.16b, v26.16b
	mov	v27.16b, v0.16b
	mov	v26.16b, v23.16b
	mov	v23.16b, v2.16b
	mov	v2.16b, v28.16b
.L438:
	add	x6, x6, 128
	subs	x7, x7, #1
	bne	.L436
	mov	v6.16b, v15.16b
	mov	v10.16b, v26.16b
	mov	v15.16b, v30.16b
	mov	v26.16b, v31.16b
	mov	v9.16b, v25.16b
	mov	v8.16b, v24.16b
	mov	v12.16b, v3.16b
	mov	v4.16b, v27.16b
	mov	v3.16b, v5.16b
	mov	v30.16b, v22.16b
	mov	v5.16b, v2.16b
	mov	v31.16b, v23.16b
	mov	v2.16b, v29.16b
	mov	v25.16b, v17.16b
	mov	v24.16b, v16.16b
	mov	v29.16b, v21.16b
	mov	v28.16b, v20.16b
	mov	v27.16b, v19.16b
.L435:
	add	x3, x2, x2, lsl 1
	lsl	x13, x2, 2
	sub	x14, x2, x13
	lsl	x8, x2, 3
	lsl	x17, x3, 3
	add	x20, x13, x2
	add	x16, x1, x17
	lsl	x14, x14, 2
	add	x30, x16, x13
	lsl	x18, x2, 4
	add	x6, x30, x14
	sub	x9, x8, x2
	sub	x6, x6, x8
	add	x21, x20, 4
	sub	x15, x6, x13
	add	x11, x2, 1
	add	x9, x9, 4
	add	x19, x15, x18
	add	x22, x3, 4
	add	x2, x2, 4
	sub	x19, x19, x14
	lsl	x21, x21, 2
	fmul	v16.4s, v4.4s, v1.s[0]
	sub	x20, x19, x20, lsl 2
	fmul	v18.4s, v12.4s, v1.s[0]
	lsl	x9, x9, 2
	fmul	v20.4s, v3.4s, v1.s[0]
	lsl	x22, x22, 2
	dup	v0.4s, v7.s[0]
	add	x7, x17, 16
	fmul	v6.4s, v6.4s, v1.s[0]
	add	x26, x8, 16
	fmul	v14.4s, v26.4s, v1.s[0]
	lsl	x11, x11, 4
	fmul	v8.4s, v8.4s, v1.s[0]
	lsl	x2, x2, 2
	fmul	v13.4s, v25.4s, v1.s[0]
	fmul	v17.4s, v28.4s, v1.s[0]
	fmul	v5.4s, v5.4s, v1.s[0]
	fmul	v9.4s, v9.4s, v1.s[0]
	fmul	v2.4s, v2.4s, v1.s[0]
	fmul	v10.4s, v10.4s, v1.s[0]
	fmul	v19.4s, v30.4s, v1.s[0]
	fmul	v21.4s, v31.4s, v1.s[0]
	fmul	v15.4s, v15.4s, v1.s[0]
	fmul	v12.4s, v27.4s, v1.s[0]
	dup	v3.4s, v11.s[0]
	fmul	v7.4s, v29.4s, v1.s[0]
	fmul	v4.4s, v24.4s, v1.s[0]
	cbz	x4, .L453
	stp	x23, x24, [sp, 48]
	.cfi_offset 24, -120
	.cfi_offset 23, -128
	lsl	x0, x5, 2
	add	x12, x4, x0
	str	x27, [sp, 80]
	.cfi_offset 27, -96
	lsl	x3, x5, 3
	add	x25, x4, x3
	add	x27, x12, x0
	ldr	q1, [x4]
	add	x10, x5, x5, lsl 1
	add	x23, x27, x0
	add	x24, x4, x10, lsl 2
	add	x10, x4, x10, lsl 3
	fadd	v6.4s, v1.4s, v6.4s
	fcmgt	v1.4s, v3.4s, v6.4s
	bsl	v1.16b, v3.16b, v6.16b
	fcmgt	v6.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v6.16b
	str	q1, [x1]
	ldr	q6, [x4, 16]
	fadd	v6.4s, v6.4s, v15.4s
	fcmgt	v1.4s, v3.4s, v6.4s
	bsl	v1.16b, v3.16b, v6.16b
	fcmgt	v6.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v6.16b
	str	q1, [x1, 16]
	ldr	q1, [x4, x0]
	fadd	v5.4s, v1.4s, v5.4s
	fcmgt	v1.4s, v3.4s, v5.4s
	bsl	v1.16b, v3.16b, v5.16b
	fcmgt	v5.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v5.16b
	str	q1, [x15]
	ldr	q5, [x12, 16]
	fadd	v5.4s, v5.4s, v21.4s
	fcmgt	v1.4s, v3.4s, v5.4s
	bsl	v1.16b, v3.16b, v5.16b
	fcmgt	v5.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v5.16b
	str	q1, [x1, x2]
	sub	x2, x3, x5
	add	x3, x4, x3, lsl 2
	ldr	q5, [x12, x0]
	add	x12, x23, x0
	add	x2, x4, x2, lsl 2
	fadd	v5.4s, v5.4s, v20.4s
	fcmgt	v1.4s, v3.4s, v5.4s
	bsl	v1.16b, v3.16b, v5.16b
	fcmgt	v5.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v5.16b
	str	q1, [x6]
	add	x6, x0, x5
	ldr	q5, [x25, 16]
	add	x25, x4, x5, lsl 4
	add	x5, x4, x6, lsl 2
	add	x6, x12, x0
	add	x4, x6, x0
	fadd	v5.4s, v5.4s, v19.4s
	fcmgt	v1.4s, v3.4s, v5.4s
	bsl	v1.16b, v3.16b, v5.16b
	fcmgt	v5.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v5.16b
	str	q1, [x1, x26]
	ldr	q1, [x27, x0]
	fadd	v2.4s, v1.4s, v2.4s
	fcmgt	v1.4s, v3.4s, v2.4s
	bsl	v1.16b, v3.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x20]
	add	x20, x4, x0
	ldr	q2, [x24, 16]
	fadd	v2.4s, v2.4s, v7.4s
	fcmgt	v1.4s, v3.4s, v2.4s
	bsl	v1.16b, v3.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x1, x22]
	ldr	q2, [x23, x0]
	fadd	v2.4s, v2.4s, v18.4s
	fcmgt	v1.4s, v3.4s, v2.4s
	bsl	v1.16b, v3.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x30, x14]
	ldr	q2, [x25, 16]
	fadd	v2.4s, v2.4s, v17.4s
	fcmgt	v1.4s, v3.4s, v2.4s
	bsl	v1.16b, v3.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x1, x11]
	ldr	q2, [x12, x0]
	fadd	v2.4s, v2.4s, v16.4s
	fcmgt	v1.4s, v3.4s, v2.4s
	bsl	v1.16b, v3.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x15, x18]
	ldr	q2, [x5, 16]
	fadd	v2.4s, v2.4s, v12.4s
	fcmgt	v1.4s, v3.4s, v2.4s
	bsl	v1.16b, v3.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x1, x21]
	ldr	q2, [x6, x0]
	fadd	v2.4s, v2.4s, v10.4s
	fcmgt	v1.4s, v3.4s, v2.4s
	bsl	v1.16b, v3.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x1, x17]
	ldr	q2, [x10, 16]
	fadd	v2.4s, v2.4s, v14.4s
	fcmgt	v1.4s, v3.4s, v2.4s
	bsl	v1.16b, v3.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x1, x7]
	ldr	q2, [x4, x0]
	fadd	v2.4s, v2.4s, v9.4s
	fcmgt	v1.4s, v3.4s, v2.4s
	bsl	v1.16b, v3.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x16, x13]
	ldr	q2, [x2, 16]
	fadd	v2.4s, v2.4s, v13.4s
	fcmgt	v1.4s, v3.4s, v2.4s
	bsl	v1.16b, v3.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x1, x9]
	ldr	q2, [x20, x0]
	fadd	v2.4s, v2.4s, v8.4s
	fcmgt	v1.4s, v3.4s, v2.4s
	bsl	v1.16b, v3.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x19]
	ldr	q1, [x3, 16]
	ldp	x23, x24, [sp, 48]
	.cfi_restore 24
	.cfi_restore 23
	ldr	x27, [sp, 80]
	.cfi_restore 27
	fadd	v4.4s, v4.4s, v1.4s
.L440:
	fcmgt	v1.4s, v3.4s, v4.4s
	add	x0, x1, x8, lsl 2
	bsl	v1.16b, v3.16b, v4.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x0, 16]
	ldp	x19, x20, [sp, 16]
	ldp	x21, x22, [sp, 32]
	ldp	x25, x26, [sp, 64]
	ldp	d8, d9, [sp, 96]
	ldp	d10, d11, [sp, 112]
	ldp	d12, d13, [sp, 128]
	ldp	d14, d15, [sp, 144]
	ldp	x29, x30, [sp], 176
	.cfi_remember_state
	.cfi_restore 30
	.cfi_restore 29
	.cfi_restore 25
	.cfi_restore 26
	.cfi_restore 21
	.cfi_restore 22
	.cfi_restore 19
	.cfi_restore 20
	.cfi_restore 78
	.cfi_restore 79
	.cfi_restore 76
	.cfi_restore 77
	.cfi_restore 74
	.cfi_restore 75
	.cfi_restore 72
	.cfi_restore 73
	.cfi_def_cfa_offset 0
	ret
.L453:
	.cfi_restore_state
	fcmgt	v25.4s, v3.4s, v5.4s
	fcmgt	v1.4s, v3.4s, v6.4s
	fcmgt	v23.4s, v3.4s, v21.4s
	fcmgt	v24.4s, v3.4s, v19.4s
	fcmgt	v11.4s, v3.4s, v15.4s
	bsl	v1.16b, v3.16b, v6.16b
	mov	v6.16b, v25.16b
	fcmgt	v26.4s, v3.4s, v2.4s
	bsl	v11.16b, v3.16b, v15.16b
	fcmgt	v22.4s, v3.4s, v20.4s
	bsl	v6.16b, v3.16b, v5.16b
	mov	v5.16b, v23.16b
	fcmgt	v23.4s, v3.4s, v7.4s
	bsl	v22.16b, v3.16b, v20.16b
	fcmgt	v15.4s, v3.4s, v18.4s
	bsl	v5.16b, v3.16b, v21.16b
	mov	v21.16b, v24.16b
	fcmgt	v24.4s, v11.4s, v0.4s
	mov	v20.16b, v26.16b
	fcmgt	v25.4s, v1.4s, v0.4s
	bsl	v21.16b, v3.16b, v19.16b
	mov	v19.16b, v23.16b
	bsl	v20.16b, v3.16b, v2.16b
	bit	v18.16b, v3.16b, v15.16b
	fcmgt	v23.4s, v6.4s, v0.4s
	bsl	v19.16b, v3.16b, v7.16b
	mov	v7.16b, v24.16b
	fcmgt	v15.4s, v3.4s, v16.4s
	bit	v1.16b, v0.16b, v25.16b
	bsl	v23.16b, v0.16b, v6.16b
	bsl	v7.16b, v0.16b, v11.16b
	bsl	v15.16b, v3.16b, v16.16b
	fcmgt	v6.4s, v3.4s, v14.4s
	fcmgt	v16.4s, v20.4s, v0.4s
	fcmgt	v2.4s, v5.4s, v0.4s
	stp	q1, q7, [x1]
	fcmgt	v1.4s, v22.4s, v0.4s
	str	q23, [x15]
	fcmgt	v26.4s, v3.4s, v17.4s
	fcmgt	v24.4s, v21.4s, v0.4s
	bsl	v6.16b, v3.16b, v14.16b
	fcmgt	v11.4s, v3.4s, v12.4s
	mov	v14.16b, v16.16b
	bsl	v2.16b, v0.16b, v5.16b
	bit	v22.16b, v0.16b, v1.16b
	bit	v17.16b, v3.16b, v26.16b
	fcmgt	v7.4s, v3.4s, v10.4s
	bit	v21.16b, v0.16b, v24.16b
	str	q2, [x1, x2]
	bsl	v11.16b, v3.16b, v12.16b
	str	q22, [x6]
	bsl	v14.16b, v0.16b, v20.16b
	str	q21, [x1, x26]
	fcmgt	v5.4s, v3.4s, v9.4s
	fcmgt	v12.4s, v18.4s, v0.4s
	bsl	v7.16b, v3.16b, v10.16b
	str	q14, [x20]
	fcmgt	v1.4s, v3.4s, v8.4s
	fcmgt	v10.4s, v17.4s, v0.4s
	fcmgt	v2.4s, v3.4s, v13.4s
	fcmgt	v14.4s, v11.4s, v0.4s
	fcmgt	v23.4s, v19.4s, v0.4s
	bsl	v5.16b, v3.16b, v9.16b
	mov	v9.16b, v12.16b
	bsl	v1.16b, v3.16b, v8.16b
	mov	v8.16b, v10.16b
	bsl	v2.16b, v3.16b, v13.16b
	fcmgt	v12.4s, v7.4s, v0.4s
	mov	v13.16b, v14.16b
	bit	v19.16b, v0.16b, v23.16b
	bsl	v9.16b, v0.16b, v18.16b
	fcmgt	v16.4s, v15.4s, v0.4s
	bsl	v8.16b, v0.16b, v17.16b
	bsl	v13.16b, v0.16b, v11.16b
	str	q19, [x1, x22]
	mov	v11.16b, v12.16b
	str	q9, [x30, x14]
	fcmgt	v10.4s, v6.4s, v0.4s
	str	q8, [x1, x11]
	bit	v15.16b, v0.16b, v16.16b
	fcmgt	v9.4s, v5.4s, v0.4s
	fcmgt	v8.4s, v2.4s, v0.4s
	bsl	v11.16b, v0.16b, v7.16b
	fcmgt	v7.4s, v1.4s, v0.4s
	str	q15, [x15, x18]
	bit	v6.16b, v0.16b, v10.16b
	str	q13, [x1, x21]
	bit	v5.16b, v0.16b, v9.16b
	str	q11, [x1, x17]
	bit	v2.16b, v0.16b, v8.16b
	str	q6, [x1, x7]
	bit	v1.16b, v0.16b, v7.16b
	str	q5, [x16, x13]
	str	q2, [x1, x9]
	str	q1, [x19]
	b	.L440
	.cfi_endproc
.LFE49:
	.size	by_lane_9, .-by_lane_9
	.align	2
	.p2align 4,,11
	.type	narrow_9, %function
narrow_9:
.LFB50:
	.cfi_startproc
	stp	x29, x30, [sp, -16]!
	.cfi_def_cfa_offset 16
	.cfi_offset 29, -16
	.cfi_offset 30, -8
	mov	x1, x0
	mov	x29, sp
	ldr	x0, [x0, 40]
	ldr	x2, [x1, 32]
	lsl	x0, x0, 2
	ldr	s29, [x1, 96]
	add	x3, x2, x0
	add	x4, x3, x0
	add	x5, x4, x0
	add	x6, x5, x0
	add	x8, x6, x0
	ldr	x14, [x1, 8]
	add	x7, x8, x0
	add	x9, x7, x0
	ldr	q17, [x4, x0]
	ldr	q16, [x3, x0]
	ldr	q1, [x2, x0]
	ldr	q2, [x2]
	ldr	q7, [x8, x0]
	ldr	q6, [x9, x0]
	ldr	q3, [x7, x0]
	ldr	q4, [x6, x0]
	ldr	q5, [x5, x0]
	ldr	x2, [x1]
	ldp	x4, x3, [x1, 16]
	ldp	x30, x15, [x1, 48]
	ldp	x18, x17, [x1, 64]
	ldp	s27, s28, [x1, 88]
	cbz	x14, .L455
	lsl	x16, x4, 7
	.p2align 3,,7
.L456:
	ldp	x13, x12, [x2]
	mov	x0, 0
	ldp	x11, x10, [x2, 16]
	ldp	x9, x8, [x2, 32]
	ldp	x7, x6, [x2, 48]
	ldr	x5, [x2, 64]
	cbz	x4, .L458
	.p2align 3,,7
.L457:
	lsl	x1, x0, 7
	ldr	s26, [x13, x0, lsl 2]
	ldr	s25, [x12, x0, lsl 2]
	ldr	s24, [x11, x0, lsl 2]
	ldr	q0, [x3, x1]
	ldr	s23, [x10, x0, lsl 2]
	ldr	s22, [x9, x0, lsl 2]
	ldr	s21, [x8, x0, lsl 2]
	ldr	s20, [x7, x0, lsl 2]
	ldr	s19, [x6, x0, lsl 2]
	fmla	v2.4s, v0.4s, v26.s[0]
	ldr	s18, [x5, x0, lsl 2]
	fmla	v1.4s, v0.4s, v25.s[0]
	add	x0, x0, 1
	fmla	v16.4s, v0.4s, v24.s[0]
	fmla	v17.4s, v0.4s, v23.s[0]
	fmla	v5.4s, v0.4s, v22.s[0]
	fmla	v4.4s, v0.4s, v21.s[0]
	fmla	v7.4s, v0.4s, v20.s[0]
	fmla	v3.4s, v0.4s, v19.s[0]
	fmla	v6.4s, v0.4s, v18.s[0]
	cmp	x4, x0
	bne	.L457
	add	x3, x3, x16
.L458:
	add	x2, x2, 128
	subs	x14, x14, #1
	bne	.L456
.L455:
	lsl	x3, x17, 2
	lsl	x2, x17, 4
	add	x5, x18, x3
	lsl	x1, x17, 3
	add	x4, x5, x3
	add	x7, x5, x2
	fmul	v2.4s, v2.4s, v27.s[0]
	add	x14, x4, x2
	fmul	v17.4s, v17.4s, v27.s[0]
	add	x6, x5, x1
	fmul	v16.4s, v16.4s, v27.s[0]
	fmul	v7.4s, v7.4s, v27.s[0]
	fmul	v6.4s, v6.4s, v27.s[0]
	dup	v0.4s, v29.s[0]
	dup	v18.4s, v28.s[0]
	fmul	v5.4s, v5.4s, v27.s[0]
	fmul	v4.4s, v4.4s, v27.s[0]
	fmul	v1.4s, v1.4s, v27.s[0]
	fmul	v3.4s, v3.4s, v27.s[0]
	cbz	x30, .L471
	ldr	q19, [x30]
	lsl	x0, x15, 2
	add	x13, x30, x0
	add	x12, x13, x0
	fadd	v19.4s, v19.4s, v2.4s
	add	x11, x12, x0
	add	x10, x11, x0
	add	x9, x10, x0
	add	x8, x9, x0
	fcmgt	v2.4s, v18.4s, v19.4s
	add	x15, x8, x0
	bsl	v2.16b, v18.16b, v19.16b
	fcmgt	v19.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v19.16b
	str	q2, [x18]
	ldr	q2, [x30, x0]
	fadd	v2.4s, v2.4s, v1.4s
	fcmgt	v1.4s, v18.4s, v2.4s
	bsl	v1.16b, v18.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x18, x3]
	ldr	q2, [x13, x0]
	fadd	v2.4s, v2.4s, v16.4s
	fcmgt	v1.4s, v18.4s, v2.4s
	bsl	v1.16b, v18.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x4]
	ldr	q2, [x12, x0]
	fadd	v2.4s, v2.4s, v17.4s
	fcmgt	v1.4s, v18.4s, v2.4s
	bsl	v1.16b, v18.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x6]
	ldr	q2, [x11, x0]
	fadd	v2.4s, v2.4s, v5.4s
	fcmgt	v1.4s, v18.4s, v2.4s
	bsl	v1.16b, v18.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x6, x3]
	ldr	q2, [x10, x0]
	fadd	v2.4s, v2.4s, v4.4s
	fcmgt	v1.4s, v18.4s, v2.4s
	bsl	v1.16b, v18.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x5, x2]
	ldr	q2, [x9, x0]
	fadd	v2.4s, v2.4s, v7.4s
	fcmgt	v1.4s, v18.4s, v2.4s
	bsl	v1.16b, v18.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x4, x2]
	ldr	q2, [x8, x0]
	fadd	v2.4s, v2.4s, v3.4s
	fcmgt	v1.4s, v18.4s, v2.4s
	bsl	v1.16b, v18.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x7, x1]
	ldr	q1, [x15, x0]
	fadd	v6.4s, v6.4s, v1.4s
	fcmgt	v1.4s, v18.4s, v6.4s
	bsl	v1.16b, v18.16b, v6.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x14, x1]
	ldp	x29, x30, [sp], 16
	.cfi_remember_state
	.cfi_restore 30
	.cfi_restore 29
	.cfi_def_cfa_offset 0
	ret
.L471:
	.cfi_restore_state
	fcmgt	v24.4s, v18.4s, v2.4s
	fcmgt	v22.4s, v18.4s, v16.4s
	fcmgt	v21.4s, v18.4s, v17.4s
	fcmgt	v23.4s, v18.4s, v1.4s
	bsl	v24.16b, v18.16b, v2.16b
	bsl	v22.16b, v18.16b, v16.16b
	fcmgt	v2.4s, v18.4s, v7.4s
	bsl	v23.16b, v18.16b, v1.16b
	fcmgt	v25.4s, v24.4s, v0.4s
	mov	v16.16b, v21.16b
	fcmgt	v1.4s, v18.4s, v3.4s
	fcmgt	v21.4s, v22.4s, v0.4s
	fcmgt	v20.4s, v18.4s, v5.4s
	bsl	v2.16b, v18.16b, v7.16b
	fcmgt	v19.4s, v18.4s, v4.4s
	mov	v7.16b, v25.16b
	bsl	v16.16b, v18.16b, v17.16b
	fcmgt	v17.4s, v23.4s, v0.4s
	bsl	v1.16b, v18.16b, v3.16b
	mov	v3.16b, v21.16b
	bit	v5.16b, v18.16b, v20.16b
	bit	v4.16b, v18.16b, v19.16b
	bsl	v7.16b, v0.16b, v24.16b
	bit	v23.16b, v0.16b, v17.16b
	bsl	v3.16b, v0.16b, v22.16b
	fcmgt	v20.4s, v16.4s, v0.4s
	fcmgt	v19.4s, v5.4s, v0.4s
	str	q7, [x18]
	fcmgt	v17.4s, v4.4s, v0.4s
	str	q23, [x18, x3]
	fcmgt	v7.4s, v2.4s, v0.4s
	str	q3, [x4]
	bit	v16.16b, v0.16b, v20.16b
	fcmgt	v3.4s, v1.4s, v0.4s
	bit	v5.16b, v0.16b, v19.16b
	bit	v4.16b, v0.16b, v17.16b
	bit	v2.16b, v0.16b, v7.16b
	str	q16, [x6]
	bit	v1.16b, v0.16b, v3.16b
	str	q5, [x6, x3]
	str	q4, [x5, x2]
	str	q2, [x4, x2]
	str	q1, [x7, x1]
	fcmgt	v1.4s, v18.4s, v6.4s
	bsl	v1.16b, v18.16b, v6.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x14, x1]
	ldp	x29, x30, [sp], 16
	.cfi_restore 30
	.cfi_restore 29
	.cfi_def_cfa_offset 0
	ret
	.cfi_endproc
.LFE50:
	.size	narrow_9, .-narrow_9
	.align	2
	.p2align 4,,11
	.type	vector_panel, %function
vector_panel:
.LFB71:
	.cfi_startproc
	ldp	x6, x5, [x0]
	ldr	x1, [x0, 32]
	ldp	x3, x8, [x0, 16]
	ldp	q2, q1, [x1]
	ldp	q16, q5, [x1, 32]
	ldr	x12, [x0, 48]
	ldr	x9, [x0, 64]
	ldp	q7, q3, [x1, 64]
	ldr	x7, [x0, 80]
	ldp	s25, s26, [x0, 88]
	ldp	q4, q6, [x1, 96]
	ldr	s27, [x0, 96]
	cbz	x5, .L473
	lsl	x11, x3, 6
	lsl	x10, x3, 7
	.p2align 3,,7
.L474:
	ldr	x4, [x6]
	mov	x0, x8
	mov	x2, x7
	mov	x1, 0
	cbz	x3, .L476
	.p2align 3,,7
.L475:
	ldp	q24, q23, [x0]
	ldp	q22, q21, [x0, 32]
	ldp	q20, q19, [x0, 64]
	ldp	q18, q17, [x0, 96]
	add	x0, x0, 128
	ldr	s0, [x4, x1, lsl 2]
	add	x1, x1, 1
	prfm	PLDL2KEEP, [x2]
	add	x2, x2, 64
	fmla	v2.4s, v24.4s, v0.s[0]
	fmla	v1.4s, v23.4s, v0.s[0]
	fmla	v16.4s, v22.4s, v0.s[0]
	fmla	v5.4s, v21.4s, v0.s[0]
	fmla	v7.4s, v20.4s, v0.s[0]
	fmla	v3.4s, v19.4s, v0.s[0]
	fmla	v4.4s, v18.4s, v0.s[0]
	fmla	v6.4s, v17.4s, v0.s[0]
	cmp	x3, x1
	bne	.L475
	add	x7, x7, x11
	add	x8, x8, x10
.L476:
	add	x6, x6, 128
	subs	x5, x5, #1
	bne	.L474
.L473:
	fmul	v2.4s, v2.4s, v25.s[0]
	fmul	v16.4s, v16.4s, v25.s[0]
	fmul	v7.4s, v7.4s, v25.s[0]
	fmul	v6.4s, v6.4s, v25.s[0]
	fmul	v5.4s, v5.4s, v25.s[0]
	fmul	v4.4s, v4.4s, v25.s[0]
	dup	v0.4s, v27.s[0]
	dup	v17.4s, v26.s[0]
	fmul	v1.4s, v1.4s, v25.s[0]
	fmul	v3.4s, v3.4s, v25.s[0]
	cbz	x12, .L488
	ldr	q18, [x12]
	fadd	v18.4s, v18.4s, v2.4s
	fcmgt	v2.4s, v17.4s, v18.4s
	bsl	v2.16b, v17.16b, v18.16b
	fcmgt	v18.4s, v2.4s, v0.4s
	bit	v2.16b, v0.16b, v18.16b
	str	q2, [x9]
	ldr	q2, [x12, 16]
	fadd	v2.4s, v2.4s, v1.4s
	fcmgt	v1.4s, v17.4s, v2.4s
	bsl	v1.16b, v17.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x9, 16]
	ldr	q2, [x12, 32]
	fadd	v2.4s, v2.4s, v16.4s
	fcmgt	v1.4s, v17.4s, v2.4s
	bsl	v1.16b, v17.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x9, 32]
	ldr	q2, [x12, 48]
	fadd	v2.4s, v2.4s, v5.4s
	fcmgt	v1.4s, v17.4s, v2.4s
	bsl	v1.16b, v17.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x9, 48]
	ldr	q2, [x12, 64]
	fadd	v2.4s, v2.4s, v7.4s
	fcmgt	v1.4s, v17.4s, v2.4s
	bsl	v1.16b, v17.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x9, 64]
	ldr	q2, [x12, 80]
	fadd	v2.4s, v2.4s, v3.4s
	fcmgt	v1.4s, v17.4s, v2.4s
	bsl	v1.16b, v17.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x9, 80]
	ldr	q2, [x12, 96]
	fadd	v2.4s, v2.4s, v4.4s
	fcmgt	v1.4s, v17.4s, v2.4s
	bsl	v1.16b, v17.16b, v2.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bit	v1.16b, v0.16b, v2.16b
	str	q1, [x9, 96]
	ldr	q1, [x12, 112]
	fadd	v6.4s, v6.4s, v1.4s
	fcmgt	v1.4s, v17.4s, v6.4s
	bsl	v1.16b, v17.16b, v6.16b
	fcmgt	v2.4s, v1.4s, v0.4s
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x9, 112]
	ret
.L488:
	fcmgt	v18.4s, v17.4s, v4.4s
	fcmgt	v23.4s, v17.4s, v1.4s
	fcmgt	v21.4s, v17.4s, v5.4s
	fcmgt	v19.4s, v17.4s, v3.4s
	fcmgt	v24.4s, v17.4s, v2.4s
	bsl	v23.16b, v17.16b, v1.16b
	fcmgt	v22.4s, v17.4s, v16.4s
	mov	v1.16b, v18.16b
	fcmgt	v20.4s, v17.4s, v7.4s
	bsl	v24.16b, v17.16b, v2.16b
	bsl	v22.16b, v17.16b, v16.16b
	bsl	v1.16b, v17.16b, v4.16b
	mov	v16.16b, v21.16b
	mov	v2.16b, v19.16b
	fcmgt	v21.4s, v24.4s, v0.4s
	fcmgt	v19.4s, v22.4s, v0.4s
	bsl	v16.16b, v17.16b, v5.16b
	bsl	v2.16b, v17.16b, v3.16b
	mov	v5.16b, v20.16b
	fcmgt	v3.4s, v1.4s, v0.4s
	fcmgt	v20.4s, v23.4s, v0.4s
	fcmgt	v4.4s, v2.4s, v0.4s
	bsl	v5.16b, v17.16b, v7.16b
	bit	v1.16b, v0.16b, v3.16b
	fcmgt	v18.4s, v16.4s, v0.4s
	bit	v2.16b, v0.16b, v4.16b
	fcmgt	v7.4s, v5.4s, v0.4s
	bsl	v21.16b, v0.16b, v24.16b
	str	q1, [x9, 96]
	fcmgt	v1.4s, v17.4s, v6.4s
	bit	v5.16b, v0.16b, v7.16b
	bsl	v20.16b, v0.16b, v23.16b
	bsl	v19.16b, v0.16b, v22.16b
	bsl	v1.16b, v17.16b, v6.16b
	bit	v16.16b, v0.16b, v18.16b
	stp	q5, q2, [x9, 64]
	stp	q21, q20, [x9]
	fcmgt	v2.4s, v1.4s, v0.4s
	stp	q19, q16, [x9, 32]
	bif	v0.16b, v1.16b, v2.16b
	str	q0, [x9, 112]
	ret
	.cfi_endproc
.LFE71:
	.size	vector_panel, .-vector_panel
	.align	2
	.p2align 4,,11
	.type	by_lane_14, %function
by_lane_14:
.LFB151:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE151:
	.size	by_lane_14, .-by_lane_14
	.align	2
	.p2align 4,,11
	.type	panel_tile.isra.0, %function
panel_tile.isra.0:
.LFB155:
	.cfi_startproc
	ldp	x14, x11, [sp, 16]
	sub	x4, x5, x4
	ldr	w9, [sp]
	sub	x6, x7, x6
	ldr	w10, [x0, 76]
	add	x17, x0, 64
	cmp	w9, 0
	lsl	x9, x4, 5
	cset	x13, ne
	ldr	w15, [x0, 36]
	udiv	x12, x14, x11
	sub	x3, x14, x3
	add	x9, x9, x13, lsl 5
	ldr	w7, [x0, 128]
	movi	v0.4s, 0
	str	xzr, [x8, 96]
	ldr	w16, [sp, 8]
	mov	x5, 0
	msub	x14, x12, x11, x14
	ldr	w11, [x0, 24]
	udiv	x4, x4, x6
	mul	x9, x9, x3
	stp	q0, q0, [x8]
	lsl	x14, x14, 5
	add	x2, x2, x9, lsl 2
	stp	q0, q0, [x8, 32]
	add	x13, x2, x13, lsl 7
	madd	x12, x12, x10, x14
	stp	q0, q0, [x8, 64]
	csel	x9, x7, xzr, eq
	add	x3, x11, x12
	ldr	x11, [sp, 32]
	add	x3, x1, x3, lsl 2
	csel	x2, x3, x2, eq
	cbz	w15, .L492
	ldr	w5, [x0, 32]
	add	x5, x5, x12
	add	x5, x1, x5, lsl 2
.L492:
	ldr	w1, [x17, 68]
	cbz	w16, .L496
	ldp	s1, s0, [x0, 8]
.L493:
	sub	x10, x10, x14
	fmov	s2, 1.0e+0
	mov	x0, 32
	cmp	x10, x0
	stp	x6, x4, [x8, 8]
	csel	x10, x10, x0, ls
	str	x10, [x11]
	stp	x13, x2, [x8, 24]
	stp	x9, x5, [x8, 40]
	stp	x1, x3, [x8, 56]
	str	x7, [x8, 72]
	stp	s2, s1, [x8, 88]
	str	s0, [x8, 96]
	ret
	.p2align 2,,3
.L496:
	mov	w0, 2139095040
	mvni	v1.2s, 0x7f, msl 16
	fmov	s0, w0
	b	.L493
	.cfi_endproc
.LFE155:
	.size	panel_tile.isra.0, .-panel_tile.isra.0
	.align	2
	.p2align 4,,11
	.type	line_rows.isra.0, %function
line_rows.isra.0:
.LFB156:
	.cfi_startproc
	stp	x29, x30, [sp, -352]!
	.cfi_def_cfa_offset 352
	.cfi_offset 29, -352
	.cfi_offset 30, -344
	mov	x12, x0
	mov	x8, x1
	mov	x29, sp
	ldp	w0, w10, [x0, 28]
	stp	x19, x20, [sp, 16]
	ldr	w13, [x12, 60]
	uxtw	x11, w10
	stp	x25, x26, [sp, 64]
	mul	x1, x0, x5
	ldp	w15, w14, [x12, 44]
	mul	x0, x11, x6
	stp	x27, x28, [sp, 80]
	mov	x9, x4
	.cfi_offset 19, -336
	.cfi_offset 20, -328
	.cfi_offset 25, -288
	.cfi_offset 26, -280
	.cfi_offset 27, -272
	.cfi_offset 28, -264
	mov	x27, x7
	str	x3, [sp, 264]
	sub	x6, x1, x15
	ldr	x7, [sp, 384]
	subs	x0, x0, x14
	ldr	x3, [sp, 392]
	uxtw	x25, w13
	ldr	w18, [x12, 4]
	mov	w1, 0
	bmi	.L499
	sub	x1, x27, #1
	ldr	w5, [x12, 24]
	madd	x1, x1, x11, x0
	add	x1, x1, x5
	cmp	x1, x18
	cset	w1, le
.L499:
	ldp	x4, x5, [sp, 352]
	udiv	x26, x4, x9
	msub	x20, x26, x9, x4
	cmp	x4, x5
	bcs	.L498
	lsl	x28, x2, 2
	umull	x30, w10, w13
	eor	w1, w1, 1
	ldr	w2, [x12, 36]
	stp	x21, x22, [sp, 32]
	.cfi_offset 22, -312
	.cfi_offset 21, -320
	lsl	x21, x25, 2
	madd	x4, x4, x28, x3
	lsl	x19, x30, 2
	stp	x30, x2, [sp, 240]
	mov	x30, x4
	ldr	x4, [sp, 352]
	str	w1, [sp, 276]
	ldr	w1, [x12, 40]
	add	x17, x7, x27, lsl 3
	mov	x22, x21
	mov	x13, x26
	mov	x16, x12
	mov	x21, x7
	str	x1, [sp, 256]
	mul	x1, x8, x28
	mov	x8, x27
	mov	x27, x25
	mov	x25, x0
	mov	x0, x6
	mov	x6, x9
	stp	x23, x24, [sp, 48]
	.cfi_offset 24, -296
	.cfi_offset 23, -304
	str	x1, [sp, 232]
.L524:
	ldp	x1, x2, [sp, 248]
	mov	x9, 0
	madd	x1, x1, x13, x0
	madd	x14, x2, x20, x25
	tbnz	x1, #63, .L501
	ldr	w2, [x16]
	cmp	x1, x2
	csel	x9, x18, xzr, lt
.L501:
	mul	x10, x1, x18
	ldr	x1, [sp, 368]
	mul	x10, x10, x27
	add	x24, x1, x10, lsl 2
	cbz	x8, .L509
	mul	x12, x14, x27
	mov	x1, x14
	mov	x2, x21
	mov	x5, x21
	mov	x3, x14
	add	x7, x24, x12, lsl 2
	.p2align 3,,7
.L508:
	cmp	x9, x3
	bls	.L505
	str	x7, [x5], 8
	add	x3, x3, x11
	add	x7, x7, x19
	cmp	x5, x17
	bne	.L508
.L507:
	ldr	x3, [sp, 264]
	cbz	x3, .L509
	cmp	x9, 0
	ldr	w5, [sp, 276]
	cset	w3, ne
	tst	w3, w5
	beq	.L509
	ldr	w26, [x16, 24]
	sub	x15, x18, x14
	mov	x23, x24
	neg	x14, x14
	stp	x0, x25, [sp, 280]
	mov	x25, x22
	mov	x22, x27
	stp	x28, x6, [sp, 328]
	mov	x28, x26
	str	x21, [sp, 384]
	mov	x21, x30
	str	x17, [sp, 160]
	stp	x13, x20, [sp, 296]
	stp	x19, x30, [sp, 312]
	stp	x8, x4, [sp, 344]
	.p2align 3,,7
.L523:
	add	x0, x28, x1
	tbnz	x1, #63, .L510
	cmp	x18, x0
	bge	.L512
	mov	x7, 0
	str	x21, [x2]
.L526:
	mov	x10, x15
.L527:
	cbz	x28, .L512
	ldr	w0, [x16, 8]
	add	x24, x23, x12, lsl 2
	mov	x26, 0
	mov	x20, 0
	uxtw	x19, w0
	and	w0, w0, 3
	and	x17, x19, -4
	str	w0, [sp, 272]
	lsr	x5, x19, 2
	sub	x0, x19, #1
	str	x0, [sp, 128]
	add	x0, x17, 1
	lsl	x5, x5, 4
	str	x0, [sp, 136]
	add	x0, x17, 2
	mov	x13, x22
	mov	x27, x24
	mov	x22, x7
	mov	x24, x26
	mov	x26, x12
	str	x0, [sp, 152]
	lsl	x0, x19, 2
	stp	x11, x14, [sp, 168]
	mov	x14, x28
	mov	x28, x25
	mov	x25, x20
	mov	x20, x19
	mov	x19, x5
	stp	x12, x15, [sp, 184]
	mov	x15, x23
	mov	x23, x10
	str	x0, [sp, 120]
	str	x17, [sp, 144]
	stp	x1, x2, [sp, 200]
	stp	x16, x18, [sp, 216]
	.p2align 3,,7
.L513:
	cbz	x20, .L522
	cmp	x25, x22
	ccmp	x23, x25, 4, ge
	bgt	.L514
	ldr	x2, [sp, 120]
	add	x0, x21, x24, lsl 2
	mov	w1, 0
	stp	x15, x13, [sp, 96]
	str	x14, [sp, 112]
	bl	memset
	ldp	x15, x13, [sp, 96]
	ldr	x14, [sp, 112]
.L522:
	add	x25, x25, 1
	add	x26, x26, x13
	add	x24, x24, x20
	add	x27, x27, x28
	cmp	x25, x14
	bne	.L513
	ldp	x1, x2, [sp, 200]
	mov	x25, x28
	ldp	x16, x18, [sp, 216]
	mov	x23, x15
	ldp	x12, x15, [sp, 184]
	mov	x28, x14
	ldp	x11, x14, [sp, 168]
	mov	x22, x13
.L512:
	ldr	x0, [sp, 240]
	add	x2, x2, 8
	add	x1, x1, x11
	sub	x15, x15, x11
	add	x12, x12, x0
	sub	x14, x14, x11
	ldr	x0, [sp, 232]
	add	x21, x21, x0
	ldr	x0, [sp, 160]
	cmp	x2, x0
	bne	.L523
	ldp	x13, x20, [sp, 296]
	mov	x17, x0
	ldp	x19, x30, [sp, 312]
	mov	x27, x22
	ldp	x28, x6, [sp, 328]
	mov	x22, x25
	ldp	x0, x25, [sp, 280]
	ldp	x8, x4, [sp, 344]
	ldr	x21, [sp, 384]
.L509:
	add	x20, x20, 1
	cmp	x20, x6
	bne	.L504
	add	x13, x13, 1
	mov	x20, 0
.L504:
	ldr	x1, [sp, 360]
	add	x4, x4, 1
	add	x21, x21, 128
	add	x17, x17, 128
	add	x30, x30, x28
	cmp	x4, x1
	bne	.L524
	ldp	x21, x22, [sp, 32]
	.cfi_restore 22
	.cfi_restore 21
	ldp	x23, x24, [sp, 48]
	.cfi_restore 24
	.cfi_restore 23
.L498:
	ldp	x19, x20, [sp, 16]
	ldp	x25, x26, [sp, 64]
	ldp	x27, x28, [sp, 80]
	ldp	x29, x30, [sp], 352
	.cfi_restore 30
	.cfi_restore 29
	.cfi_restore 27
	.cfi_restore 28
	.cfi_restore 25
	.cfi_restore 26
	.cfi_restore 19
	.cfi_restore 20
	.cfi_def_cfa_offset 0
	ret
	.p2align 2,,3
.L514:
	.cfi_def_cfa_offset 352
	.cfi_offset 19, -336
	.cfi_offset 20, -328
	.cfi_offset 21, -320
	.cfi_offset 22, -312
	.cfi_offset 23, -304
	.cfi_offset 24, -296
	.cfi_offset 25, -288
	.cfi_offset 26, -280
	.cfi_offset 27, -272
	.cfi_offset 28, -264
	.cfi_offset 29, -352
	.cfi_offset 30, -344
	ldr	x0, [sp, 128]
	lsl	x1, x24, 2
	cmp	x0, 5
	bls	.L516
	add	x0, x27, 4
	add	x2, x1, x21
	sub	x0, x2, x0
	cmp	x0, 8
	bhi	.L552
.L516:
	add	x1, x1, x21
	add	x2, x15, x26, lsl 2
	mov	x0, 0
	.p2align 3,,7
.L519:
	ldr	s0, [x2, x0, lsl 2]
	str	s0, [x1, x0, lsl 2]
	add	x0, x0, 1
	cmp	x20, x0
	bne	.L519
	b	.L522
	.p2align 2,,3
.L552:
	mov	x0, 0
	.p2align 3,,7
.L517:
	ldr	q0, [x27, x0]
	str	q0, [x2, x0]
	add	x0, x0, 16
	cmp	x19, x0
	bne	.L517
	ldr	w0, [sp, 272]
	cbz	w0, .L522
	ldr	x1, [sp, 144]
	add	x0, x1, x26
	add	x1, x1, x24
	ldr	s0, [x15, x0, lsl 2]
	str	s0, [x21, x1, lsl 2]
	ldr	x1, [sp, 136]
	cmp	x20, x1
	bls	.L522
	add	x0, x1, x26
	add	x1, x1, x24
	ldr	s0, [x15, x0, lsl 2]
	str	s0, [x21, x1, lsl 2]
	ldr	x1, [sp, 152]
	cmp	x20, x1
	bls	.L522
	add	x0, x1, x26
	add	x1, x1, x24
	ldr	s0, [x15, x0, lsl 2]
	str	s0, [x21, x1, lsl 2]
	b	.L522
	.p2align 2,,3
.L505:
	ldr	x10, [sp, 376]
	str	x10, [x5], 8
	add	x3, x3, x11
	add	x7, x7, x19
	cmp	x5, x17
	bne	.L508
	b	.L507
.L510:
	str	x21, [x2]
	mov	x7, x14
	cmp	x18, x0
	blt	.L526
	mov	x10, x28
	b	.L527
	.cfi_endproc
.LFE156:
	.size	line_rows.isra.0, .-line_rows.isra.0
	.align	2
	.p2align 4,,11
	.type	narrow_14, %function
narrow_14:
.LFB153:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE153:
	.size	narrow_14, .-narrow_14
	.align	2
	.p2align 4,,11
	.type	fetching_2, %function
fetching_2:
.LFB99:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE99:
	.size	fetching_2, .-fetching_2
	.align	2
	.p2align 4,,11
	.type	fetching_3, %function
fetching_3:
.LFB101:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE101:
	.size	fetching_3, .-fetching_3
	.align	2
	.p2align 4,,11
	.type	fetching_4, %function
fetching_4:
.LFB103:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE103:
	.size	fetching_4, .-fetching_4
	.align	2
	.p2align 4,,11
	.type	fetching_5, %function
fetching_5:
.LFB105:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE105:
	.size	fetching_5, .-fetching_5
	.align	2
	.p2align 4,,11
	.type	fetching_6, %function
fetching_6:
.LFB107:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE107:
	.size	fetching_6, .-fetching_6
	.align	2
	.p2align 4,,11
	.type	fetching_7, %function
fetching_7:
.LFB109:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE109:
	.size	fetching_7, .-fetching_7
	.align	2
	.p2align 4,,11
	.type	fetching_8, %function
fetching_8:
.LFB111:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE111:
	.size	fetching_8, .-fetching_8
	.align	2
	.p2align 4,,11
	.type	fetching_9, %function
fetching_9:
.LFB113:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE113:
	.size	fetching_9, .-fetching_9
	.align	2
	.p2align 4,,11
	.type	wide_10, %function
wide_10:
.LFB115:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE115:
	.size	wide_10, .-wide_10
	.align	2
	.p2align 4,,11
	.type	fetching_10, %function
fetching_10:
.LFB117:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE117:
	.size	fetching_10, .-fetching_10
	.align	2
	.p2align 4,,11
	.type	by_lane_10, %function
by_lane_10:
.LFB119:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE119:
	.size	by_lane_10, .-by_lane_10
	.align	2
	.p2align 4,,11
	.type	narrow_10, %function
narrow_10:
.LFB121:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE121:
	.size	narrow_10, .-narrow_10
	.align	2
	.p2align 4,,11
	.type	wide_11, %function
wide_11:
.LFB123:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE123:
	.size	wide_11, .-wide_11
	.align	2
	.p2align 4,,11
	.type	fetching_11, %function
fetching_11:
.LFB125:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE125:
	.size	fetching_11, .-fetching_11
	.align	2
	.p2align 4,,11
	.type	by_lane_11, %function
by_lane_11:
.LFB127:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE127:
	.size	by_lane_11, .-by_lane_11
	.align	2
	.p2align 4,,11
	.type	narrow_11, %function
narrow_11:
.LFB129:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE129:
	.size	narrow_11, .-narrow_11
	.align	2
	.p2align 4,,11
	.type	wide_12, %function
wide_12:
.LFB131:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE131:
	.size	wide_12, .-wide_12
	.align	2
	.p2align 4,,11
	.type	fetching_12, %function
fetching_12:
.LFB133:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE133:
	.size	fetching_12, .-fetching_12
	.align	2
	.p2align 4,,11
	.type	by_lane_12, %function
by_lane_12:
.LFB135:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE135:
	.size	by_lane_12, .-by_lane_12
	.align	2
	.p2align 4,,11
	.type	narrow_12, %function
narrow_12:
.LFB137:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE137:
	.size	narrow_12, .-narrow_12
	.align	2
	.p2align 4,,11
	.type	wide_13, %function
wide_13:
.LFB139:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE139:
	.size	wide_13, .-wide_13
	.align	2
	.p2align 4,,11
	.type	fetching_13, %function
fetching_13:
.LFB141:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE141:
	.size	fetching_13, .-fetching_13
	.align	2
	.p2align 4,,11
	.type	by_lane_13, %function
by_lane_13:
.LFB143:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE143:
	.size	by_lane_13, .-by_lane_13
	.align	2
	.p2align 4,,11
	.type	narrow_13, %function
narrow_13:
.LFB145:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE145:
	.size	narrow_13, .-narrow_13
	.align	2
	.p2align 4,,11
	.type	wide_14, %function
wide_14:
.LFB147:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE147:
	.size	wide_14, .-wide_14
	.align	2
	.p2align 4,,11
	.type	fetching_14, %function
fetching_14:
.LFB149:
	.cfi_startproc
	ret
	.cfi_endproc
.LFE149:
	.size	fetching_14, .-fetching_14
	.align	2
	.p2align 4,,11
	.type	tile_part, %function
tile_part:
.LFB76:
	.cfi_startproc
	mov	x12, 6272
	sub	sp, sp, x12
	.cfi_def_cfa_offset 6272
	stp	x29, x30, [sp]
	.cfi_offset 29, -6272
	.cfi_offset 30, -6264
	mov	x29, sp
	stp	x23, x24, [sp, 48]
	.cfi_offset 23, -6224
	.cfi_offset 24, -6216
	ldr	x24, [x0, 40]
	stp	x19, x20, [sp, 16]
	.cfi_offset 19, -6256
	.cfi_offset 20, -6248
	add	x20, sp, 143
	stp	x21, x22, [sp, 32]
	mov	x19, x3
	.cfi_offset 21, -6240
	.cfi_offset 22, -6232
	mov	x21, x2
	stp	x25, x26, [sp, 64]
	.cfi_offset 25, -6208
	.cfi_offset 26, -6200
	and	x20, x20, -64
	mov	x25, x0
	ldp	x22, x23, [x0, 64]
	mov	x26, x1
	cbnz	x24, .L659
.L581:
	ldr	x24, [x25, 48]
	cbz	x24, .L590
	add	x11, x20, 2048
	mov	x2, 2048
	mov	x0, x11
	mov	w1, 0
	bl	memset
	mov	x11, x0
	ldr	x9, [x25, 56]
	cbz	x21, .L591
	and	x17, x19, 16
	ands	x15, x19, 8
	add	x8, x17, 8
	mov	x7, x0
	csel	x8, x17, x8, eq
	ands	x14, x19, 4
	add	x1, x8, 4
	mov	x13, x17
	csel	x1, x8, x1, eq
	ands	x12, x19, 2
	add	x16, x1, 2
	and	x10, x19, 1
	csel	x16, x1, x16, eq
	mov	x5, 0
	mov	x4, 0
	.p2align 3,,7
.L592:
	lsl	x6, x4, 5
	cbnz	x13, .L660
	cbnz	x15, .L661
.L594:
	cbnz	x14, .L662
.L595:
	cbnz	x12, .L663
.L596:
	cbnz	x10, .L664
.L598:
	add	x4, x4, 1
	add	x5, x5, x9
	add	x7, x7, 128
	cmp	x21, x4
	bne	.L592
.L591:
	mov	x0, 32
	stp	x11, x0, [x25, 48]
.L590:
	mov	x1, 32
	add	x24, x20, 4096
	mov	x0, x25
	stp	x24, x1, [x25, 64]
	blr	x26
	cbz	x21, .L580
	and	x12, x19, 16
	ands	x11, x19, 8
	add	x3, x12, 8
	mov	x5, x24
	csel	x3, x12, x3, eq
	ands	x10, x19, 4
	add	x2, x3, 4
	mov	x9, x12
	csel	x2, x3, x2, eq
	ands	x8, x19, 2
	add	x13, x2, 2
	and	x19, x19, 1
	csel	x13, x2, x13, eq
	mov	x1, 0
	mov	x0, 0
	.p2align 3,,7
.L600:
	lsl	x4, x0, 5
	cbnz	x9, .L665
	cbnz	x11, .L666
.L602:
	cbnz	x10, .L667
.L603:
	cbnz	x8, .L668
.L604:
	cbnz	x19, .L669
.L606:
	add	x0, x0, 1
	add	x1, x1, x23
	add	x5, x5, 128
	cmp	x21, x0
	bne	.L600
.L580:
	ldp	x29, x30, [sp]
	mov	x12, 6272
	ldp	x19, x20, [sp, 16]
	ldp	x21, x22, [sp, 32]
	ldp	x23, x24, [sp, 48]
	ldp	x25, x26, [sp, 64]
	add	sp, sp, x12
	.cfi_remember_state
	.cfi_restore 29
	.cfi_restore 30
	.cfi_restore 25
	.cfi_restore 26
	.cfi_restore 23
	.cfi_restore 24
	.cfi_restore 21
	.cfi_restore 22
	.cfi_restore 19
	.cfi_restore 20
	.cfi_def_cfa_offset 0
	ret
	.p2align 2,,3
.L668:
	.cfi_restore_state
	add	x7, x2, x4
	add	x6, x2, x1
	add	x7, x20, x7, lsl 2
	lsl	x6, x6, 2
	ldr	x7, [x7, 4096]
	str	x7, [x22, x6]
	cbz	x19, .L606
.L669:
	add	x4, x13, x4
	add	x6, x13, x1
	add	x4, x20, x4, lsl 2
	ldr	w4, [x4, 4096]
	str	w4, [x22, x6, lsl 2]
	b	.L606
	.p2align 2,,3
.L667:
	add	x6, x3, x4
	add	x14, x3, x1
	add	x6, x20, x6, lsl 2
	add	x14, x22, x14, lsl 2
	add	x6, x6, 4096
	ldp	x6, x7, [x6]
	stp	x6, x7, [x14]
	cbz	x8, .L604
	b	.L668
	.p2align 2,,3
.L666:
	add	x7, x12, x4
	add	x6, x12, x1
	add	x7, x24, x7, lsl 2
	add	x6, x22, x6, lsl 2
	ldp	q0, q1, [x7]
	stp	q0, q1, [x6]
	cbz	x10, .L603
	b	.L667
	.p2align 2,,3
.L665:
	ldp	q0, q1, [x5]
	add	x6, x22, x1, lsl 2
	stp	q0, q1, [x6]
	ldp	q0, q1, [x5, 32]
	stp	q0, q1, [x6, 32]
	cbz	x11, .L602
	b	.L666
	.p2align 2,,3
.L663:
	add	x2, x1, x5
	add	x0, x1, x6
	lsl	x2, x2, 2
	add	x0, x20, x0, lsl 2
	ldr	x2, [x24, x2]
	str	x2, [x0, 2048]
	cbz	x10, .L598
.L664:
	add	x0, x16, x6
	add	x2, x16, x5
	add	x0, x20, x0, lsl 2
	ldr	w2, [x24, x2, lsl 2]
	str	w2, [x0, 2048]
	b	.L598
	.p2align 2,,3
.L662:
	add	x2, x8, x5
	add	x0, x8, x6
	add	x2, x24, x2, lsl 2
	add	x0, x20, x0, lsl 2
	add	x0, x0, 2048
	ldp	x2, x3, [x2]
	stp	x2, x3, [x0]
	cbz	x12, .L596
	b	.L663
	.p2align 2,,3
.L661:
	add	x2, x17, x5
	add	x0, x17, x6
	add	x2, x24, x2, lsl 2
	add	x0, x11, x0, lsl 2
	ldp	q0, q1, [x2]
	stp	q0, q1, [x0]
	cbz	x14, .L595
	b	.L662
	.p2align 2,,3
.L660:
	add	x0, x24, x5, lsl 2
	ldp	q0, q1, [x0]
	stp	q0, q1, [x7]
	ldp	q0, q1, [x0, 32]
	stp	q0, q1, [x7, 32]
	cbz	x15, .L594
	b	.L661
.L659:
	mov	x0, x20
	mov	x2, 2048
	mov	w1, 0
	bl	memset
	ldr	x6, [x25, 32]
	cbz	x21, .L582
	and	x15, x19, 16
	ands	x13, x19, 8
	add	x8, x15, 8
	mov	x4, x20
	csel	x8, x15, x8, eq
	ands	x12, x19, 4
	add	x7, x8, 4
	mov	x11, x15
	csel	x7, x8, x7, eq
	ands	x10, x19, 2
	add	x14, x7, 2
	and	x9, x19, 1
	csel	x14, x7, x14, eq
	mov	x3, 0
	mov	x2, 0
	.p2align 3,,7
.L583:
	lsl	x5, x2, 5
	cbnz	x11, .L670
	cbnz	x13, .L671
.L585:
	cbnz	x12, .L672
.L586:
	cbnz	x10, .L673
.L587:
	cbnz	x9, .L674
.L589:
	add	x2, x2, 1
	add	x3, x3, x24
	add	x4, x4, 128
	cmp	x21, x2
	bne	.L583
.L582:
	mov	x0, 32
	stp	x20, x0, [x25, 32]
	b	.L581
	.p2align 2,,3
.L673:
	add	x1, x3, x7
	add	x0, x5, x7
	lsl	x1, x1, 2
	lsl	x0, x0, 2
	ldr	x1, [x6, x1]
	str	x1, [x20, x0]
	cbz	x9, .L589
.L674:
	add	x0, x3, x14
	add	x5, x5, x14
	ldr	w0, [x6, x0, lsl 2]
	str	w0, [x20, x5, lsl 2]
	b	.L589
	.p2align 2,,3
.L672:
	add	x0, x3, x8
	add	x16, x5, x8
	add	x0, x6, x0, lsl 2
	add	x16, x20, x16, lsl 2
	ldp	x0, x1, [x0]
	stp	x0, x1, [x16]
	cbz	x10, .L587
	b	.L673
	.p2align 2,,3
.L671:
	add	x1, x3, x15
	add	x0, x5, x15
	add	x1, x6, x1, lsl 2
	add	x0, x20, x0, lsl 2
	ldp	q0, q1, [x1]
	stp	q0, q1, [x0]
	cbz	x12, .L586
	b	.L672
	.p2align 2,,3
.L670:
	add	x0, x6, x3, lsl 2
	ldp	q0, q1, [x0]
	stp	q0, q1, [x4]
	ldp	q0, q1, [x0, 32]
	stp	q0, q1, [x4, 32]
	cbz	x13, .L585
	b	.L671
	.cfi_endproc
.LFE76:
	.size	tile_part, .-tile_part
	.align	2
	.p2align 4,,11
	.global	clo_conv_neon
	.type	clo_conv_neon, %function
clo_conv_neon:
.LFB92:
	.cfi_startproc
	sub	sp, sp, #2000
	.cfi_def_cfa_offset 2000
	add	x18, x0, 64
	uxtw	x11, w4
	stp	x29, x30, [sp, 48]
	.cfi_offset 29, -1952
	.cfi_offset 30, -1944
	add	x29, sp, 48
	ldr	w6, [x0, 4]
	stp	x2, x0, [sp, 368]
	ldr	w2, [x0, 136]
	str	x1, [sp, 488]
	mov	x1, x0
	str	x3, [sp, 568]
	ldp	w3, w0, [x18, 8]
	ldr	w5, [x18, 76]
	add	w4, w0, 31
	ldr	w0, [x1, 48]
	uxtw	x1, w3
	lsr	w9, w4, 5
	lsr	w4, w4, 5
	str	x4, [sp, 504]
	cmp	w6, 1
	beq	.L1075
	ldp	w8, w7, [x18, 20]
	add	x4, x1, 15
	and	x4, x4, -16
	stp	x19, x20, [sp, 64]
	.cfi_offset 20, -1928
	.cfi_offset 19, -1936
	mov	x10, x1
	stp	x21, x22, [sp, 80]
	.cfi_offset 22, -1912
	.cfi_offset 21, -1920
	umull	x15, w7, w8
	uxtw	x0, w0
	stp	x27, x28, [sp, 128]
	.cfi_offset 28, -1864
	.cfi_offset 27, -1872
	uxtw	x14, w8
	str	x4, [sp, 480]
	uxtw	x4, w7
	str	x4, [sp, 464]
	cmp	w7, 1
	bls	.L779
	ldr	w4, [x18, 40]
	cmp	w4, 1
	beq	.L1076
.L779:
	ldr	x4, [sp, 376]
	mul	x1, x15, x1
	lsl	x6, x15, 5
	ldr	w13, [x4, 80]
	cbnz	w5, .L783
	mov	x14, x1
	mov	x12, 0
.L782:
	sub	x5, x14, #1
	umull	x13, w13, w9
	add	x5, x5, x1
	uxtw	x2, w2
	udiv	x5, x5, x1
	udiv	x9, x11, x5
	msub	x5, x9, x5, x11
	mul	x4, x9, x2
	str	x4, [sp, 496]
	add	x2, x2, x4
	mul	x4, x5, x1
	cmp	x2, x13
	csel	x22, x2, x13, ls
	str	x4, [sp, 552]
	add	x1, x1, x4
	mov	x2, x4
	cmp	x14, x1
	csel	x4, x14, x1, ls
	cmp	x2, 0
	cset	w5, eq
	cmp	x14, x1
	cset	w1, ls
	str	x4, [sp, 592]
	str	w5, [sp, 604]
	str	w1, [sp, 608]
	cmp	x15, 1
	bls	.L830
	udiv	x1, x2, x10
	mov	x20, 0
	str	x1, [sp, 400]
	udiv	x1, x4, x10
	str	x1, [sp, 416]
.L784:
	ldp	w1, w2, [x18, 52]
	mov	w9, 36
	mov	x5, 58255
	mul	w7, w7, w8
	umull	x3, w3, w9
	movk	x5, 0x8e38, lsl 16
	umull	x4, w1, w2
	movk	x5, 0x38e3, lsl 32
	movk	x5, 0xe38e, lsl 48
	mov	x8, 262144
	add	x19, x4, 8
	str	x4, [sp, 224]
	udiv	x8, x8, x3
	mov	w21, 0
	umulh	x3, x19, x5
	add	x9, x8, 1
	lsr	x3, x3, 3
	udiv	x27, x4, x3
	msub	x28, x27, x3, x4
	cmp	w7, 1
	beq	.L1077
.L785:
	ldr	x1, [sp, 480]
	lsl	x6, x6, 2
	str	x3, [sp, 256]
	ldr	x3, [sp, 368]
	lsl	x2, x1, 2
	sub	x0, x0, x2
	mov	w1, 0
	str	x15, [sp, 240]
	str	x14, [sp, 272]
	udiv	x0, x0, x6
	str	x12, [sp, 288]
	stp	x10, x18, [sp, 304]
	cmp	x9, x0
	csel	x9, x9, x0, ls
	str	x9, [sp, 208]
	mul	x0, x9, x15
	add	x0, x3, x0, lsl 7
	str	x0, [sp, 456]
	bl	memset
	ldp	x10, x18, [sp, 304]
	ldr	x9, [sp, 208]
	ldr	x15, [sp, 240]
	ldr	x3, [sp, 256]
	ldr	x14, [sp, 272]
	ldr	x12, [sp, 288]
.L786:
	ldr	x0, [sp, 496]
	cmp	x0, x22
	bcs	.L1074
	ldr	x0, [sp, 224]
	mov	x1, 32
	cmp	x0, 1
	mov	x0, 8
	csel	x0, x1, x0, eq
	str	x0, [sp, 616]
	ldr	x1, [sp, 400]
	ldr	x0, [sp, 416]
	sub	x0, x0, x1
	cmp	x19, 8
	beq	.L1074
	ldr	x8, [sp, 496]
	lsl	x0, x0, 7
	str	x0, [sp, 624]
	adrp	x0, vector_panel
	add	x0, x0, :lo12:vector_panel
	mul	x1, x27, x9
	mov	w19, w21
	mov	x4, x12
	mov	x30, x8
	stp	x23, x24, [sp, 96]
	.cfi_offset 24, -1896
	.cfi_offset 23, -1904
	mov	x23, x9
	stp	x25, x26, [sp, 112]
	.cfi_offset 26, -1880
	.cfi_offset 25, -1888
	mov	x26, x3
	str	x0, [sp, 320]
	eor	w0, w21, 1
	mov	x21, x22
	str	x27, [sp, 208]
	str	x18, [sp, 432]
	str	x10, [sp, 576]
	str	x1, [sp, 672]
.L789:
	ldr	x1, [sp, 376]
	str	x30, [sp, 584]
	ldr	x3, [sp, 504]
	str	x21, [sp, 656]
	ldr	w2, [x1, 16]
	mov	x5, 0
	ldr	x1, [sp, 432]
	add	x2, x2, x20
	udiv	x25, x30, x3
	mov	x27, x14
	str	w19, [sp, 688]
	mov	x8, 0
	ldr	w1, [x1, 8]
	str	xzr, [sp, 384]
	str	x15, [sp, 520]
	str	w0, [sp, 640]
	madd	x1, x1, x25, x2
	str	x20, [sp, 680]
	ldr	x2, [sp, 488]
	madd	x25, x25, x3, x3
	str	w0, [sp, 696]
	cmp	x25, x21
	add	x13, x2, x1, lsl 2
	csel	x30, x25, x21, ls
	cmp	w19, 0
	mov	x1, x26
	ldr	x21, [sp, 368]
	csel	x22, x13, xzr, ne
	mov	x19, x4
	mov	x24, x13
	mov	x26, x22
	mov	x4, x5
	str	x30, [sp, 512]
.L788:
	mov	x2, x4
	add	x4, x4, x23
	cmp	x4, x1
	ldr	w3, [sp, 640]
	csel	x0, x4, x1, ls
	str	x0, [sp, 240]
	str	x2, [sp, 448]
	cmp	w3, 0
	ccmp	x0, x2, 0, ne
	bls	.L795
	ldr	x0, [sp, 208]
	mov	x25, 0
	ldr	x2, [sp, 480]
	add	x3, x0, x8
	ldr	x0, [sp, 448]
	mov	x22, x27
	mov	x10, x21
	mov	x27, x3
	str	x26, [sp, 272]
	mov	x26, x25
	mov	x25, x2
	str	x23, [sp, 288]
	mov	x23, x0
	mov	x0, x19
	mov	x19, x24
	str	x4, [sp, 256]
.L794:
	ldr	x2, [sp, 208]
	mov	x5, x23
	add	x23, x23, 1
	cmp	x28, x23
	sub	x21, x27, x2
	csel	x24, x28, x23, ls
	cmp	x28, x5
	csel	x5, x28, x5, ls
	add	x24, x24, x27
	add	x21, x21, x5
	cmp	x24, x21
	bls	.L796
	stp	x1, x23, [sp, 304]
	mov	x23, x21
	mov	x20, x19
	mov	x21, x0
	mov	x19, x22
	mov	x22, x24
	mov	x24, x23
	str	x27, [sp, 352]
	mov	x27, x10
	str	x8, [sp, 336]
.L793:
	ldr	x8, [sp, 432]
	sub	x1, x24, x23
	ldr	x2, [sp, 400]
	sub	x16, x22, x24
	ldr	w0, [x8, 56]
	ldr	x3, [sp, 416]
	stp	x2, x3, [sp]
	add	x2, x26, x1, lsl 3
	udiv	x5, x24, x0
	madd	x1, x19, x1, x25
	ldr	x3, [sp, 456]
	add	x2, x27, x2
	ldr	x4, [sp, 464]
	msub	x6, x5, x0, x24
	add	x1, x3, x1, lsl 2
	stp	x3, x2, [sp, 24]
	sub	x7, x0, x6
	ldr	x2, [sp, 576]
	str	x1, [sp, 40]
	ldr	x1, [sp, 520]
	cmp	x16, x7
	str	x20, [sp, 16]
	csel	x7, x16, x7, ls
	add	x24, x24, x7
	mov	x0, x8
	mov	x3, x21
	bl	line_rows.isra.0
	cmp	x22, x24
	bhi	.L793
	ldp	x1, x23, [sp, 304]
	mov	x10, x27
	ldr	x8, [sp, 336]
	mov	x22, x19
	ldr	x27, [sp, 352]
	mov	x19, x20
	mov	x0, x21
.L796:
	ldr	x2, [sp, 208]
	add	x25, x25, x0
	add	x27, x27, x2
	ldr	x2, [sp, 624]
	add	x26, x26, x2
	ldr	x2, [sp, 240]
	cmp	x2, x23
	bhi	.L794
	ldr	x4, [sp, 256]
	mov	x24, x19
	ldr	x26, [sp, 272]
	mov	x27, x22
	ldr	x23, [sp, 288]
	mov	x19, x0
	mov	x21, x10
.L795:
	ldr	x2, [sp, 512]
	add	x25, sp, 1168
	ldr	x0, [sp, 584]
	add	x20, sp, 944
	mov	x18, x0
	cmp	x2, x0
	bls	.L792
	add	x2, sp, 704
	mov	x22, x26
	mov	x26, x25
	mov	x25, x21
	stp	d8, d9, [sp, 144]
	.cfi_offset 73, -1848
	.cfi_offset 72, -1856
	stp	x4, x24, [x2]
	stp	x23, x1, [x2, 16]
	str	x8, [sp, 528]
	str	x27, [sp, 736]
	str	x20, [sp, 744]
.L791:
	ldr	w0, [sp, 604]
	mov	x8, x26
	str	w0, [sp]
	ldr	w0, [sp, 608]
	ldp	x1, x3, [sp, 488]
	str	w0, [sp, 8]
	ldr	x0, [sp, 504]
	str	x0, [sp, 24]
	ldr	x0, [sp, 744]
	str	x0, [sp, 32]
	ldr	x0, [sp, 376]
	str	x18, [sp, 16]
	ldr	x6, [sp, 400]
	ldr	x7, [sp, 416]
	ldr	x4, [sp, 552]
	ldr	x2, [sp, 568]
	ldr	x5, [sp, 592]
	bl	panel_tile.isra.0
	ldr	x0, [sp, 432]
	ldr	x1, [sp, 944]
	ldr	w0, [x0, 60]
	str	w0, [sp, 336]
	cbz	x1, .L802
	ldr	x0, [sp, 224]
	mov	x21, 0
	ldr	x12, [sp, 616]
	cmp	x0, 1
	cset	w0, hi
	mov	x23, x21
	mov	x26, x22
	mov	x21, x1
	mov	x22, x8
	str	w0, [sp, 560]
	adrp	x0, .LANCHOR1
	add	x0, x0, :lo12:.LANCHOR1
	str	x0, [sp, 360]
	str	x18, [sp, 752]
	str	x19, [sp, 760]
.L801:
	ldr	w0, [sp, 560]
	cmp	w0, 0
	ccmp	x21, 4, 2, ne
	bls	.L839
	ldr	x0, [sp, 1184]
	mov	w2, 0
	tst	x0, 3
	cset	w0, eq
	lsl	w0, w0, 1
.L799:
	ldr	x3, [sp, 240]
	ldr	x4, [sp, 448]
	cmp	x3, x4
	bls	.L812
	cmp	w2, 0
	sxtw	x0, w0
	ldr	x2, [sp, 1192]
	mov	x20, 4
	ldr	x7, [sp, 528]
	fmov	d0, x23
	str	x2, [sp, 272]
	csel	x2, x12, x20, eq
	cmp	x26, 0
	str	x0, [sp, 352]
	ldr	x0, [sp, 1240]
	str	x0, [sp, 304]
	cset	w0, ne
	add	x24, sp, 1056
	ldr	x19, [sp, 1216]
	shl	d8, d0, 2
	str	w0, [sp, 312]
	mov	x6, x7
	ldr	x0, [sp, 448]
	str	x1, [sp, 536]
	mov	x1, x22
	mov	x20, x26
	mov	x22, x23
	mov	x23, x24
	mov	x24, x1
	str	x2, [sp, 256]
	ldr	x2, [sp, 1208]
	str	x2, [sp, 288]
	str	x12, [sp, 544]
	.p2align 3,,7
.L813:
	ldr	x1, [sp, 208]
	cmp	x28, x0
	add	x26, x0, 1
	csel	x3, x28, x0, ls
	ldr	x4, [sp, 224]
	cmp	x28, x26
	add	x3, x3, x6
	csel	x2, x28, x26, ls
	add	x27, x1, x6
	sub	x2, x2, x3
	ldr	x1, [sp, 320]
	add	x2, x2, x27
	cmp	x4, 1
	beq	.L803
	ldp	x1, x4, [sp, 352]
	add	x1, x1, x2, lsl 2
	ldr	x1, [x4, x1, lsl 3]
.L803:
	and	x0, x0, 1
	ldp	q1, q5, [x24, 32]
	add	x0, x0, 2
	ldp	q0, q2, [x24, 64]
	ldr	x14, [x24, 96]
	str	x25, [sp, 1168]
	ldr	x4, [sp, 288]
	stp	q1, q5, [x23, 32]
	ldp	q3, q4, [x24]
	madd	x7, x3, x4, x22
	ldr	x4, [sp, 304]
	fmov	d1, x7
	stp	q3, q4, [x23]
	shl	d1, d1, 2
	ldr	x7, [sp, 1064]
	madd	x12, x3, x4, x22
	ldr	x13, [sp, 1072]
	stp	q0, q2, [x23, 64]
	fmov	d0, d8
	add	x4, sp, 1104
	mul	x7, x7, x13
	ldr	x13, [sp, 1120]
	str	x14, [x23, 96]
	ins	v0.d[1], v1.d[0]
	ldr	q2, [x4, -24]
	mul	x0, x7, x0
	ldr	x4, [sp, 272]
	add	x7, x13, x12, lsl 2
	add	v0.2d, v0.2d, v2.2d
	str	x7, [sp, 1120]
	add	x0, x4, x0, lsl 6
	str	x0, [sp, 1136]
	add	x0, sp, 1104
	str	q0, [x0, -24]
	cbz	x19, .L804
	ldr	x0, [sp, 1224]
	madd	x0, x3, x0, x22
	add	x0, x19, x0, lsl 2
	str	x0, [sp, 1104]
.L804:
	ldr	w0, [sp, 312]
	cmp	x2, 0
	ccmp	w0, 0, 4, ne
	beq	.L1078
	ldr	x0, [sp, 336]
	ubfiz	x0, x0, 2, 32
	madd	x7, x0, x3, x20
	str	x7, [sp, 1424]
	cmp	x2, 1
	beq	.L815
	madd	x7, x3, x0, x0
	add	x7, x20, x7
	str	x7, [sp, 1432]
	cmp	x2, 2
	beq	.L815
	add	x7, x3, 2
	madd	x7, x7, x0, x20
	str	x7, [sp, 1440]
	cmp	x2, 3
	beq	.L815
	add	x7, x3, 3
	madd	x7, x7, x0, x20
	str	x7, [sp, 1448]
	cmp	x2, 4
	beq	.L815
	add	x7, x3, 4
	madd	x7, x7, x0, x20
	str	x7, [sp, 1456]
	cmp	x2, 5
	beq	.L815
	add	x7, x3, 5
	madd	x7, x7, x0, x20
	str	x7, [sp, 1464]
	cmp	x2, 6
	beq	.L815
	add	x7, x3, 6
	madd	x7, x7, x0, x20
	str	x7, [sp, 1472]
	cmp	x2, 7
	beq	.L815
	add	x7, x3, 7
	madd	x7, x7, x0, x20
	str	x7, [sp, 1480]
	cmp	x2, 8
	beq	.L815
	add	x7, x3, 8
	madd	x7, x7, x0, x20
	str	x7, [sp, 1488]
	cmp	x2, 9
	beq	.L815
	add	x7, x3, 9
	madd	x7, x7, x0, x20
	str	x7, [sp, 1496]
	cmp	x2, 10
	beq	.L815
	add	x7, x3, 10
	madd	x7, x7, x0, x20
	str	x7, [sp, 1504]
	cmp	x2, 11
	beq	.L815
	add	x7, x3, 11
	madd	x7, x7, x0, x20
	str	x7, [sp, 1512]
	cmp	x2, 12
	beq	.L815
	add	x7, x3, 12
	madd	x7, x7, x0, x20
	str	x7, [sp, 1520]
	cmp	x2, 13
	beq	.L815
	add	x7, x3, 13
	madd	x7, x7, x0, x20
	str	x7, [sp, 1528]
	cmp	x2, 14
	beq	.L815
	add	x7, x3, 14
	madd	x7, x7, x0, x20
	str	x7, [sp, 1536]
	cmp	x2, 15
	beq	.L815
	add	x3, x3, 15
	madd	x0, x3, x0, x20
	str	x0, [sp, 1544]
	.p2align 3,,7
.L815:
	add	x0, sp, 1424
	str	x0, [sp, 1056]
	ldr	x0, [sp, 256]
	cmp	x0, x21
	bhi	.L1079
.L810:
	mov	x0, x23
	blr	x1
	ldr	x0, [sp, 240]
	cmp	x0, x26
	beq	.L1065
.L811:
	mov	x6, x27
	mov	x0, x26
	b	.L813
.L1078:
	cbnz	x20, .L815
	ldr	x0, [sp, 384]
	ldr	x3, [sp, 1176]
	sub	x0, x0, #1
	add	x0, x0, x26
	mul	x0, x0, x3
	add	x0, x25, x0, lsl 7
	str	x0, [sp, 1056]
	ldr	x0, [sp, 256]
	cmp	x0, x21
	bls	.L810
.L1079:
	ldp	q0, q1, [x23]
	add	x0, sp, 800
	mov	x3, x21
	stp	q0, q1, [x0]
	ldp	q0, q1, [x23, 32]
	stp	q0, q1, [x0, 32]
	ldp	q0, q1, [x23, 64]
	stp	q0, q1, [x0, 64]
	ldr	x7, [x23, 96]
	str	x7, [x0, 96]
	bl	tile_part
	ldr	x0, [sp, 240]
	cmp	x0, x26
	bne	.L811
.L1065:
	ldr	x1, [sp, 536]
	mov	x23, x22
	ldr	x12, [sp, 544]
	mov	x26, x20
	mov	x22, x24
.L812:
	add	x23, x23, x12
	sub	x21, x21, x12
	cmp	x1, x23
	bhi	.L801
	ldr	x18, [sp, 752]
	mov	x0, x22
	ldr	x19, [sp, 760]
	mov	x22, x26
	mov	x26, x0
.L802:
	ldr	x0, [sp, 512]
	add	x18, x18, 1
	cmp	x0, x18
	bne	.L791
	add	x0, sp, 704
	mov	x26, x22
	ldp	d8, d9, [sp, 144]
	.cfi_restore 73
	.cfi_restore 72
	mov	x21, x25
	ldp	x4, x24, [x0]
	ldp	x23, x1, [x0, 16]
	ldr	x8, [sp, 528]
	ldr	x27, [sp, 736]
.L792:
	ldr	x0, [sp, 384]
	sub	x0, x0, x23
	str	x0, [sp, 384]
	ldr	x0, [sp, 672]
	add	x8, x8, x0
	cmp	x4, x1
	bcc	.L788
	ldr	x30, [sp, 512]
	mov	x4, x19
	ldr	x21, [sp, 656]
	mov	x26, x1
	ldr	x15, [sp, 520]
	mov	x14, x27
	ldr	x20, [sp, 680]
	ldr	w19, [sp, 688]
	ldr	w0, [sp, 696]
	cmp	x30, x21
	bcc	.L789
	ldp	x19, x20, [sp, 64]
	.cfi_restore 20
	.cfi_restore 19
	ldp	x21, x22, [sp, 80]
	.cfi_restore 22
	.cfi_restore 21
	ldp	x23, x24, [sp, 96]
	.cfi_restore 24
	.cfi_restore 23
	ldp	x25, x26, [sp, 112]
	.cfi_restore 26
	.cfi_restore 25
	ldp	x27, x28, [sp, 128]
	.cfi_restore 28
	.cfi_restore 27
.L675:
	ldp	x29, x30, [sp, 48]
	add	sp, sp, 2000
	.cfi_restore 29
	.cfi_restore 30
	.cfi_def_cfa_offset 0
	ret
.L839:
	.cfi_def_cfa_offset 2000
	.cfi_offset 19, -1936
	.cfi_offset 20, -1928
	.cfi_offset 21, -1920
	.cfi_offset 22, -1912
	.cfi_offset 23, -1904
	.cfi_offset 24, -1896
	.cfi_offset 25, -1888
	.cfi_offset 26, -1880
	.cfi_offset 27, -1872
	.cfi_offset 28, -1864
	.cfi_offset 29, -1952
	.cfi_offset 30, -1944
	.cfi_offset 72, -1856
	.cfi_offset 73, -1848
	mov	w2, 1
	mov	w0, 3
	b	.L799
.L1077:
	.cfi_restore 23
	.cfi_restore 24
	.cfi_restore 25
	.cfi_restore 26
	.cfi_restore 72
	.cfi_restore 73
	ldr	w5, [x18, 28]
	cmp	w5, 1
	bne	.L785
	ldr	w5, [x18, 32]
	cmp	w5, 1
	bne	.L785
	ldr	w5, [x18, 44]
	cbnz	w5, .L785
	ldr	w5, [x18, 48]
	cbnz	w5, .L785
	ldr	w5, [x18, 4]
	cmp	w2, w5
	bne	.L785
	ldr	x2, [sp, 376]
	ldr	w2, [x2, 64]
	cmp	w1, w2
	cset	w21, ls
	bhi	.L785
	ldr	x1, [sp, 368]
	mul	x0, x15, x9
	add	x0, x1, x0, lsl 7
	str	x0, [sp, 456]
	b	.L786
.L780:
	ldr	x1, [sp, 376]
	lsl	x6, x15, 5
	ldr	w13, [x1, 80]
	mul	x1, x15, x10
.L783:
	mov	x14, x1
	mov	x12, 0
	uxtw	x1, w5
	b	.L782
.L830:
	ldr	x20, [sp, 552]
	mov	x1, 1
	str	xzr, [sp, 400]
	str	x1, [sp, 416]
	b	.L784
.L1075:
	.cfi_restore 19
	.cfi_restore 20
	.cfi_restore 21
	.cfi_restore 22
	.cfi_restore 27
	.cfi_restore 28
	stp	x23, x24, [sp, 96]
	.cfi_offset 24, -1896
	.cfi_offset 23, -1904
	stp	x25, x26, [sp, 112]
	.cfi_offset 26, -1880
	.cfi_offset 25, -1888
	cmp	w2, 1
	bls	.L816
	add	w3, w3, 63
	mov	w7, 80
	mov	x6, 32
	lsr	w8, w3, 6
	lsr	w4, w3, 6
	umaddl	x8, w8, w7, x6
.L677:
	mov	w6, 36409
	cmp	w5, 0
	movk	w6, 0x38e3, lsl 16
	uxtw	x2, w2
	ldp	w7, w3, [x18, 52]
	umull	x0, w0, w6
	uxtw	x6, w5
	add	x5, x1, x1, lsl 3
	add	x3, x3, 3
	add	x7, x7, 3
	lsr	x0, x0, 37
	csel	x6, x6, x5, ne
	sub	w0, w0, #2080
	lsr	x10, x3, 2
	lsr	x7, x7, 2
	sub	x3, x5, #1
	add	x3, x3, x6
	str	x10, [sp, 520]
	udiv	x0, x0, x8
	ldr	x8, [sp, 376]
	mul	x23, x7, x10
	udiv	x3, x3, x6
	sub	x10, x23, #1
	ldr	w7, [x8, 80]
	ldr	w8, [x8, 16]
	udiv	x12, x11, x3
	str	x8, [sp, 560]
	ldr	x8, [sp, 368]
	umull	x7, w7, w9
	add	x8, x8, 294912
	msub	x3, x12, x3, x11
	add	x8, x8, 2304
	str	x8, [sp, 536]
	add	x8, x0, x10
	mul	x25, x12, x2
	udiv	x9, x8, x0
	mul	x8, x3, x6
	add	x0, x2, x25
	cmp	x0, x7
	csel	x7, x0, x7, ls
	add	x0, x6, x8
	add	x10, x9, x10
	cmp	x5, x0
	str	x7, [sp, 576]
	udiv	x30, x10, x9
	csel	x9, x5, x0, ls
	cmp	x8, 0
	str	x9, [sp, 584]
	cset	w2, eq
	str	w2, [sp, 592]
	cmp	x5, x0
	add	x6, x30, x30, lsl 1
	lsl	x3, x30, 5
	add	x3, x3, 16
	cset	w5, ls
	lsl	x2, x6, 4
	str	w5, [sp, 604]
	sub	x0, x2, x6
	add	x2, x3, x3, lsl 3
	cmp	x4, 1
	lsl	x2, x2, 4
	str	x2, [sp, 688]
	udiv	x2, x9, x1
	lsl	x0, x0, 6
	csel	x0, x0, xzr, hi
	udiv	x1, x8, x1
	str	x2, [sp, 616]
	str	x1, [sp, 608]
	cbz	x23, .L1072
	cmp	x25, x7
	bcs	.L1072
	lsl	x0, x0, 2
	add	x1, x30, x30, lsl 2
	str	x0, [sp, 672]
	lsl	x0, x3, 2
	str	x0, [sp, 528]
	lsl	x0, x1, 6
	stp	x19, x20, [sp, 64]
	.cfi_offset 20, -1928
	.cfi_offset 19, -1936
	mov	x19, x23
	mov	x20, x23
	str	x0, [sp, 696]
	add	x0, sp, 920
	stp	x27, x28, [sp, 128]
	.cfi_offset 28, -1864
	.cfi_offset 27, -1872
	str	xzr, [sp, 480]
	str	x30, [sp, 512]
	str	x0, [sp, 704]
	add	x0, sp, 1056
	str	x0, [sp, 712]
	str	x8, [sp, 728]
	str	x18, [sp, 736]
.L684:
	ldr	x0, [sp, 512]
	mov	x1, 32
	ldr	x11, [sp, 736]
	cmp	x0, x19
	csel	x2, x0, x19, ls
	mov	x0, 8
	cmp	x2, 1
	add	x3, x2, x0
	csel	x26, x1, x0, eq
	mov	x0, 58255
	movk	x0, 0x8e38, lsl 16
	mov	x12, x25
	movk	x0, 0x38e3, lsl 32
	mov	x23, x19
	movk	x0, 0xe38e, lsl 48
	str	x3, [sp, 312]
	str	x2, [sp, 352]
	umulh	x0, x3, x0
	str	x25, [sp, 544]
	str	x20, [sp, 744]
	lsr	x24, x0, 3
	udiv	x0, x2, x24
	str	x0, [sp, 456]
	msub	x0, x0, x24, x2
	str	x0, [sp, 448]
.L683:
	ldr	w0, [sp, 592]
	str	w0, [sp]
	ldr	w0, [sp, 604]
	str	w0, [sp, 8]
	ldr	x0, [sp, 504]
	str	x0, [sp, 24]
	ldr	x0, [sp, 704]
	str	x0, [sp, 32]
	ldr	x0, [sp, 376]
	str	x12, [sp, 16]
	ldr	x1, [sp, 488]
	str	x12, [sp, 208]
	ldr	x2, [sp, 568]
	str	x11, [sp, 224]
	ldr	x5, [sp, 584]
	ldr	x6, [sp, 608]
	ldr	x7, [sp, 616]
	ldr	x8, [sp, 712]
	ldr	x4, [sp, 728]
	ldr	x18, [sp, 544]
	mov	x3, x18
	bl	panel_tile.isra.0
	ldr	x11, [sp, 224]
	ldr	x12, [sp, 208]
	ldr	w0, [x11, 72]
	ldr	x28, [sp, 920]
	cmp	w0, 1
	cset	w2, eq
	cmp	x18, x12
	cset	w1, eq
	ldr	w3, [x11, 8]
	orr	w1, w2, w1
	str	w1, [sp, 552]
	add	x0, x28, 15
	uxtw	x10, w3
	and	x2, x0, -16
	cbz	x10, .L730
	ldr	x0, [sp, 1080]
	str	x0, [sp, 680]
	ldr	x0, [sp, 688]
	str	x23, [sp, 760]
	ldr	x1, [sp, 368]
	add	x0, x0, 294912
	add	x0, x0, 2304
	add	x25, sp, 1168
	ldr	x23, [sp, 696]
	add	x19, x1, x0
	adrp	x0, .LANCHOR0
	add	x30, x0, :lo12:.LANCHOR0
	ldr	x1, [sp, 560]
	mov	x7, x10
	stp	x21, x22, [sp, 80]
	.cfi_offset 22, -1912
	.cfi_offset 21, -1920
	mov	x21, x12
	mov	x22, x30
	str	x28, [sp, 752]
	mov	x28, x11
	mov	x0, 0
	str	x2, [sp, 304]
	str	x0, [sp, 360]
	str	x1, [sp, 496]
	stp	d8, d9, [sp, 144]
	.cfi_offset 73, -1848
	.cfi_offset 72, -1856
	stp	d10, d11, [sp, 160]
	.cfi_offset 75, -1832
	.cfi_offset 74, -1840
.L729:
	ldr	x0, [sp, 360]
	sub	x4, x10, x0
	mov	x0, 64
	cmp	x4, x0
	csel	x4, x4, x0, ls
	ldr	w0, [sp, 552]
	cbnz	w0, .L1080
.L688:
	ldr	x2, [sp, 360]
	cmp	x7, x2
	beq	.L705
	add	x16, x2, w3, uxtw 1
	mov	w14, 7
	add	x13, x10, x16
	lsl	x17, x10, 6
	add	x12, x10, x13
	sub	x1, x13, x2
	add	x11, x10, x12
	sub	x6, x12, x2
	add	x0, x10, x11
	lsl	x18, x1, 5
	add	x9, x10, x0
	mov	x1, x2
	add	x15, x10, x9
	lsl	x20, x6, 5
	mov	w6, 896
	sub	x7, x11, x2
	sub	x8, x0, x2
	sub	x10, x9, x2
	umsubl	x14, w3, w14, x15
	lsl	x7, x7, 5
	umull	x5, w3, w6
	lsl	x10, x10, 5
	sub	x1, x14, x1
	lsl	x8, x8, 5
	add	x2, x4, x2
	lsl	x16, x16, 7
	lsl	x3, x1, 5
	neg	x30, x1, lsl 7
	sub	x6, x18, x3
	sub	x1, x17, x3
	sub	x7, x7, x3
	sub	x17, x20, x3
	sub	x8, x8, x3
	sub	x3, x10, x3
	lsl	x6, x6, 2
	lsl	x10, x17, 2
	add	x6, x6, 1024
	lsl	x3, x3, 2
	str	x6, [sp, 384]
	add	x6, x10, 1024
	lsl	x10, x0, 7
	add	x0, x3, 1024
	lsl	x7, x7, 2
	str	x0, [sp, 320]
	add	x0, x5, 1024
	lsl	x8, x8, 2
	str	x6, [sp, 240]
	add	x6, x7, 1024
	str	x0, [sp, 336]
	mov	x0, x2
	str	x6, [sp, 272]
	add	x6, x8, 1024
	ldr	x2, [sp, 360]
	str	x6, [sp, 288]
	lsl	x6, x0, 5
	add	x0, sp, 1440
	str	x0, [sp, 224]
	lsl	x1, x1, 2
	ldr	x0, [sp, 368]
	add	x27, x1, 1024
	lsl	x20, x2, 7
	lsl	x1, x2, 5
	mov	x2, 8256
	add	x0, x0, x2
	str	x0, [sp, 256]
	add	x0, sp, 2000
	str	x0, [sp, 208]
	adrp	x0, .LC0
	fmov	v7.4s, 4.0e+0
	mov	x18, 128
	fmov	v0.4s, 2.0e+0
	lsl	x15, x15, 7
	ldr	q21, [x0, #:lo12:.LC0]
	neg	x14, x14, lsl 7
	add	x30, x30, 1024
	lsl	x13, x13, 7
	lsl	x12, x12, 7
	lsl	x11, x11, 7
	lsl	x9, x9, 7
	add	x17, x22, x18
	stp	d12, d13, [sp, 176]
	.cfi_offset 77, -1816
	.cfi_offset 76, -1824
	stp	d14, d15, [sp, 192]
	.cfi_offset 79, -1800
	.cfi_offset 78, -1808
.L706:
	sub	x3, x18, #128
	ldr	x0, [sp, 680]
	mov	x2, x24
	str	x21, [sp, 400]
	sub	x0, x0, x14
.L709:
	ldr	x5, [sp, 384]
	add	x24, x14, x0
	ldr	q17, [x0]
	add	x5, x5, x0
	ldr	q8, [x24, x20]
	prfm	PLDL1KEEP, [x5]
	ldr	x5, [sp, 240]
	ldr	q19, [x24, x10]
	add	x5, x5, x0
	ldr	q2, [x24, x16]
	prfm	PLDL1KEEP, [x5]
	ldr	x5, [sp, 272]
	ldr	q18, [x24, x15]
	add	x5, x5, x0
	ldr	q14, [x24, x9]
	prfm	PLDL1KEEP, [x5]
	ldr	x5, [sp, 288]
	ldr	q4, [x24, x13]
	add	x5, x5, x0
	ldr	q5, [x24, x11]
	fadd	v1.4s, v8.4s, v19.4s
	prfm	PLDL1KEEP, [x5]
	fadd	v16.4s, v2.4s, v18.4s
	prfm	PLDL1KEEP, [x30, x0]
	ldr	q3, [x24, x12]
	ldr	x5, [sp, 320]
	fadd	v6.4s, v16.4s, v5.4s
	prfm	PLDL1KEEP, [x0, 1024]
	fadd	v9.4s, v1.4s, v4.4s
	add	x5, x5, x0
	fadd	v12.4s, v17.4s, v14.4s
	prfm	PLDL1KEEP, [x27, x0]
	mov	v15.16b, v8.16b
	mov	v13.16b, v2.16b
	prfm	PLDL1KEEP, [x5]
	fadd	v10.4s, v9.4s, v6.4s
	fadd	v28.4s, v12.4s, v3.4s
	fmla	v15.4s, v19.4s, v7.4s
	mov	v26.16b, v8.16b
	ldr	x5, [sp, 336]
	fsub	v1.4s, v1.4s, v4.4s
	fadd	v30.4s, v10.4s, v28.4s
	add	x5, x5, x0
	fmla	v26.4s, v2.4s, v7.4s
	fsub	v10.4s, v10.4s, v28.4s
	fmla	v13.4s, v18.4s, v7.4s
	prfm	PLDL1KEEP, [x5]
	mov	v25.16b, v15.16b
	str	q8, [sp, 1424]
	mov	v11.16b, v17.16b
	str	q2, [sp, 1504]
	str	q9, [sp, 1520]
	str	q30, [sp, 1536]
	str	q6, [sp, 1600]
	str	q1, [sp, 1616]
	ldr	x21, [sp, 224]
	ldr	x7, [sp, 256]
	str	q10, [sp, 1552]
	fsub	v16.4s, v16.4s, v5.4s
	add	x8, x7, x3
	fmla	v25.4s, v4.4s, v0.4s
	mov	x7, 1
	mov	v22.16b, v13.16b
	str	q19, [sp, 1904]
	fmla	v11.4s, v14.4s, v7.4s
	str	q16, [sp, 1696]
	mov	v10.16b, v26.16b
	str	q25, [sp, 1712]
	fmla	v22.4s, v5.4s, v0.4s
	str	q18, [sp, 1984]
	fmls	v13.4s, v5.4s, v0.4s
	fmls	v15.4s, v4.4s, v0.4s
	fadd	v24.4s, v1.4s, v16.4s
	str	q22, [sp, 1792]
	fmla	v9.4s, v6.4s, v7.4s
	str	q13, [sp, 1888]
	mov	v23.16b, v11.16b
	str	q15, [sp, 1808]
	fmla	v1.4s, v16.4s, v7.4s
	fmla	v10.4s, v17.4s, v0.4s
	mov	v5.16b, v25.16b
	fsub	v12.4s, v12.4s, v3.4s
	fmla	v23.4s, v3.4s, v0.4s
	fmls	v11.4s, v3.4s, v0.4s
	str	q10, [sp, 1472]
	fmla	v5.4s, v22.4s, v7.4s
	fadd	v6.4s, v25.4s, v22.4s
	mov	v29.16b, v9.16b
	mov	v10.16b, v1.16b
	fmls	v9.4s, v28.4s, v0.4s
	mov	v20.16b, v19.16b
	mov	v3.16b, v15.16b
	fmla	v10.4s, v12.4s, v0.4s
	fmls	v1.4s, v12.4s, v0.4s
	str	q9, [sp, 1584]
	fmla	v20.4s, v18.4s, v7.4s
	fadd	v9.4s, v6.4s, v23.4s
	str	q10, [sp, 1664]
	fmla	v3.4s, v13.4s, v7.4s
	str	q1, [sp, 1680]
	fmla	v29.4s, v28.4s, v0.4s
	str	q9, [sp, 1728]
	fadd	v28.4s, v24.4s, v12.4s
	fsub	v24.4s, v24.4s, v12.4s
	mov	v12.16b, v5.16b
	str	q29, [sp, 1568]
	fmls	v5.4s, v23.4s, v0.4s
	str	q28, [sp, 1632]
	fadd	v27.4s, v8.4s, v2.4s
	str	q24, [sp, 1648]
	fadd	v4.4s, v15.4s, v13.4s
	str	q5, [sp, 1776]
	fadd	v2.4s, v19.4s, v18.4s
	fsub	v6.4s, v6.4s, v23.4s
	mov	v9.16b, v3.16b
	mov	v5.16b, v20.16b
	mov	v1.16b, v20.16b
	ldr	x5, [sp, 368]
	str	q6, [sp, 1744]
	fmul	v8.4s, v8.4s, v21.4s
	fadd	v30.4s, v27.4s, v17.4s
	fadd	v10.4s, v4.4s, v11.4s
	fadd	v6.4s, v2.4s, v14.4s
	fsub	v27.4s, v27.4s, v17.4s
	str	q8, [x5, x3]
	mov	x5, x10
	fmls	v26.4s, v17.4s, v0.4s
	str	q30, [sp, 1440]
	fmla	v12.4s, v23.4s, v0.4s
	str	q27, [sp, 1456]
	fsub	v4.4s, v4.4s, v11.4s
	str	q26, [sp, 1488]
	fmla	v9.4s, v11.4s, v0.4s
	str	q12, [sp, 1760]
	fmls	v3.4s, v11.4s, v0.4s
	str	q10, [sp, 1824]
	fsub	v2.4s, v2.4s, v14.4s
	str	q4, [sp, 1840]
	fmla	v5.4s, v14.4s, v0.4s
	str	q9, [sp, 1856]
	fmls	v1.4s, v14.4s, v0.4s
	str	q3, [sp, 1872]
	str	q6, [sp, 1920]
	str	q2, [sp, 1936]
	str	q5, [sp, 1952]
	str	q1, [sp, 1968]
	.p2align 3,,7
.L707:
	mov	x10, -6148914691236517206
	movk	x10, 0xaaab, lsl 0
	ldr	q1, [x21], 16
	umulh	x10, x7, x10
	lsr	x10, x10, 2
	add	x24, x10, x10, lsl 1
	ldr	s2, [x17, x10, lsl 2]
	sub	x24, x7, x24, lsl 1
	add	x7, x7, 1
	ldr	x10, [sp, 208]
	ldr	s3, [x17, x24, lsl 2]
	mov	x24, 8256
	fmul	s2, s2, s3
	fmul	v1.4s, v1.4s, v2.s[0]
	str	q1, [x8]
	add	x8, x8, x24
	cmp	x21, x10
	bne	.L707
	add	x3, x3, 16
	mov	x10, x5
	add	x0, x0, 16
	cmp	x18, x3
	bne	.L709
	add	x1, x1, 32
	mov	x24, x2
	ldr	x21, [sp, 400]
	add	x18, x18, 128
	sub	x14, x14, #128
	add	x20, x20, 128
	add	x16, x16, 128
	add	x13, x13, 128
	add	x12, x12, 128
	add	x11, x11, 128
	add	x10, x5, 128
	add	x9, x9, 128
	add	x15, x15, 128
	cmp	x6, x1
	bne	.L706
	ldp	d12, d13, [sp, 176]
	.cfi_restore 77
	.cfi_restore 76
	ldp	d14, d15, [sp, 192]
	.cfi_restore 79
	.cfi_restore 78
.L705:
	str	x23, [sp, 624]
	ldp	x0, x11, [sp, 360]
	mov	x23, x26
	ldr	x12, [sp, 536]
	mov	x26, x25
	mov	x25, x19
	mov	x19, x22
	str	x28, [sp, 640]
	mov	x28, x24
	cmp	x0, 0
	fmov	d9, xzr
	cset	x1, ne
	tst	x4, 3
	cset	w0, eq
	str	x4, [sp, 464]
	lsl	x1, x1, 5
	str	x1, [sp, 432]
	lsl	w20, w0, 1
	str	w20, [sp, 336]
.L712:
	ldr	x0, [sp, 360]
	str	xzr, [x26, 96]
	movi	v0.4s, 0
	cmp	x0, 0
	csel	x0, x19, x12, eq
	str	x0, [sp, 416]
	ldr	x0, [sp, 304]
	stp	q0, q0, [x26]
	stp	q0, q0, [x26, 32]
	stp	q0, q0, [x26, 64]
	cbz	x0, .L717
	mov	x1, x23
	mov	x23, x0
	ldr	x0, [sp, 352]
	mov	x24, 0
	dup	v7.2d, v9.d[0]
	mov	x27, x24
	cmp	x0, 1
	str	x12, [sp, 384]
	cset	w0, hi
	str	w0, [sp, 320]
	adrp	x0, .LC1
	str	x11, [sp, 400]
	str	x21, [sp, 656]
	ldr	q0, [x0, #:lo12:.LC1]
	adrp	x0, .LC2
	str	x19, [sp, 720]
	str	q7, [sp, 256]
	add	v0.2d, v7.2d, v0.2d
	str	q0, [sp, 208]
	ldr	q0, [x0, #:lo12:.LC2]
	add	v0.2d, v7.2d, v0.2d
	str	q0, [sp, 224]
	.p2align 3,,7
.L716:
	ldr	w0, [sp, 320]
	ldr	w2, [sp, 336]
	mov	w8, 3
	cmp	w0, 0
	ccmp	x23, 4, 2, ne
	cset	w0, ls
	cmp	w0, 0
	csel	w22, w2, w8, eq
	ldr	x2, [sp, 312]
	cmp	x2, 8
	bls	.L727
	cmp	w0, 0
	adrp	x0, .LC3
	ldr	q0, [sp, 256]
	mov	x20, 4
	ldr	q1, [x0, #:lo12:.LC3]
	csel	x0, x1, x20, eq
	add	x20, sp, 944
	add	x21, sp, 1424
	mov	x24, x20
	mov	x19, 0
	add	v0.2d, v0.2d, v1.2d
	str	x1, [sp, 272]
	str	x0, [sp, 288]
	mov	x0, 0
	str	q0, [sp, 240]
	fmov	d0, x27
	shl	d8, d0, 2
	.p2align 3,,7
.L728:
	ldr	x2, [sp, 448]
	add	x20, x0, 1
	cmp	x2, x0
	csel	x1, x2, x0, ls
	cmp	x2, x20
	add	x1, x1, x19
	fmov	d6, x1
	ldr	x1, [sp, 456]
	csel	x2, x2, x20, ls
	add	x19, x1, x19
	fmov	x1, d6
	sub	x2, x2, x1
	ldr	x1, [sp, 352]
	add	x2, x2, x19
	cmp	x1, 1
	beq	.L826
	lsl	x1, x2, 2
	adrp	x3, .LANCHOR1
	add	x1, x1, w22, sxtw
	add	x3, x3, :lo12:.LANCHOR1
	ldr	x1, [x3, x1, lsl 3]
.L718:
	mov	w3, 2139095040
	fmov	s0, w3
	mov	x3, 1
	str	x3, [sp, 1176]
	add	x3, sp, 1184
	ldr	x7, [sp, 384]
	mov	x6, 32
	ldr	x5, [sp, 400]
	stp	x7, x6, [x3, 48]
	fmov	x8, d6
	ldr	x4, [sp, 464]
	stp	x4, x5, [x3]
	and	x0, x0, 1
	ldr	x3, [sp, 416]
	str	x3, [sp, 1200]
	ldr	x3, [sp, 432]
	str	x3, [sp, 1208]
	str	s0, [sp, 1264]
	add	x0, x0, 2
	madd	x3, x3, x8, x27
	fmov	d1, x3
	mul	x0, x0, x4
	adrp	x3, .LC4
	add	x4, sp, 1104
	shl	d1, d1, 2
	ldr	d2, [x3, #:lo12:.LC4]
	add	x3, x27, x8, lsl 5
	add	x0, x5, x0, lsl 6
	add	x3, x7, x3, lsl 2
	str	d2, [sp, 1256]
	ldp	q0, q10, [x26]
	ldp	q4, q5, [x26, 32]
	ldp	q2, q3, [x26, 64]
	stp	q0, q10, [x24]
	fmov	d0, d8
	ldr	x6, [x26, 96]
	str	x6, [x24, 96]
	stp	q4, q5, [x24, 32]
	ins	v0.d[1], v1.d[0]
	stp	q2, q3, [x24, 64]
	ldr	q1, [x4, -136]
	str	x3, [sp, 1008]
	str	x0, [sp, 1024]
	add	v0.2d, v0.2d, v1.2d
	str	q0, [x4, -136]
	cbz	x2, .L724
	sub	x0, x2, #1
	cmp	x0, 2
	bls	.L827
	ldr	q0, [sp, 208]
	dup	v3.2d, x25
	dup	v2.2d, v6.d[0]
	lsr	x0, x2, 1
	add	v5.2d, v0.2d, v2.2d
	ldr	q0, [sp, 224]
	shl	v1.2d, v5.2d, 2
	add	v4.2d, v0.2d, v2.2d
	add	v1.2d, v1.2d, v5.2d
	shl	v0.2d, v4.2d, 2
	shl	v1.2d, v1.2d, 6
	add	v0.2d, v0.2d, v4.2d
	add	v1.2d, v1.2d, v3.2d
	shl	v0.2d, v0.2d, 6
	str	q1, [sp, 1424]
	add	v0.2d, v0.2d, v3.2d
	str	q0, [sp, 1440]
	cmp	x0, 2
	beq	.L723
	adrp	x3, .LC5
	ldr	q4, [sp, 256]
	ldr	q0, [x3, #:lo12:.LC5]
	add	v1.2d, v4.2d, v0.2d
	add	v1.2d, v1.2d, v2.2d
	shl	v0.2d, v1.2d, 2
	add	v0.2d, v0.2d, v1.2d
	shl	v0.2d, v0.2d, 6
	add	v0.2d, v0.2d, v3.2d
	str	q0, [sp, 1456]
	cmp	x0, 3
	beq	.L723
	adrp	x3, .LC6
	ldr	q1, [x3, #:lo12:.LC6]
	add	v1.2d, v4.2d, v1.2d
	add	v1.2d, v1.2d, v2.2d
	shl	v0.2d, v1.2d, 2
	add	v0.2d, v0.2d, v1.2d
	shl	v0.2d, v0.2d, 6
	add	v0.2d, v0.2d, v3.2d
	str	q0, [sp, 1472]
	cmp	x0, 4
	beq	.L723
	adrp	x3, .LC7
	ldr	q1, [x3, #:lo12:.LC7]
	add	v1.2d, v4.2d, v1.2d
	add	v1.2d, v1.2d, v2.2d
	shl	v0.2d, v1.2d, 2
	add	v0.2d, v0.2d, v1.2d
	shl	v0.2d, v0.2d, 6
	add	v0.2d, v0.2d, v3.2d
	str	q0, [sp, 1488]
	cmp	x0, 5
	beq	.L723
	adrp	x3, .LC8
	ldr	q1, [x3, #:lo12:.LC8]
	add	v1.2d, v4.2d, v1.2d
	add	v1.2d, v1.2d, v2.2d
	shl	v0.2d, v1.2d, 2
	add	v0.2d, v0.2d, v1.2d
	shl	v0.2d, v0.2d, 6
	add	v0.2d, v0.2d, v3.2d
	str	q0, [sp, 1504]
	cmp	x0, 6
	beq	.L723
	adrp	x3, .LC9
	ldr	q1, [x3, #:lo12:.LC9]
	add	v1.2d, v4.2d, v1.2d
	add	v1.2d, v1.2d, v2.2d
	shl	v0.2d, v1.2d, 2
	add	v0.2d, v0.2d, v1.2d
	shl	v0.2d, v0.2d, 6
	add	v0.2d, v0.2d, v3.2d
	str	q0, [sp, 1520]
	cmp	x0, 7
	beq	.L723
	ldr	q0, [sp, 240]
	add	v2.2d, v0.2d, v2.2d
	shl	v0.2d, v2.2d, 2
	add	v0.2d, v0.2d, v2.2d
	shl	v0.2d, v0.2d, 6
	add	v0.2d, v0.2d, v3.2d
	str	q0, [sp, 1536]
.L723:
	and	x6, x2, -2
	tbz	x2, 0, .L724
.L722:
	add	d0, d6, d9
	add	x7, x6, 1
	fmov	x0, d0
	add	x3, x6, x0
	add	x3, x3, x3, lsl 2
	add	x3, x25, x3, lsl 6
	str	x3, [x21, x6, lsl 3]
	cmp	x2, x7
	bls	.L724
	add	x3, x0, x7
	add	x6, x6, 2
	add	x3, x3, x3, lsl 2
	add	x3, x25, x3, lsl 6
	str	x3, [x21, x7, lsl 3]
	cmp	x2, x6
	bls	.L724
	add	x0, x0, x6
	add	x0, x0, x0, lsl 2
	add	x0, x25, x0, lsl 6
	str	x0, [x21, x6, lsl 3]
	.p2align 3,,7
.L724:
	ldr	x0, [sp, 288]
	str	x21, [sp, 944]
	cmp	x0, x23
	bhi	.L1081
	mov	x0, x24
	blr	x1
	cmp	x28, x20
	bls	.L1061
.L726:
	mov	x0, x20
	b	.L728
	.p2align 2,,3
.L1081:
	ldp	q0, q1, [x24]
	add	x0, sp, 800
	mov	x3, x23
	stp	q0, q1, [x0]
	ldp	q0, q1, [x24, 32]
	stp	q0, q1, [x0, 32]
	ldp	q0, q1, [x24, 64]
	stp	q0, q1, [x0, 64]
	ldr	x6, [x24, 96]
	str	x6, [x0, 96]
	bl	tile_part
	cmp	x28, x20
	bhi	.L726
.L1061:
	ldr	x1, [sp, 272]
.L727:
	add	x27, x27, x1
	ldr	x0, [sp, 304]
	sub	x23, x23, x1
	cmp	x0, x27
	bhi	.L716
	ldr	x12, [sp, 384]
	mov	x23, x1
	ldr	x11, [sp, 400]
	ldr	x21, [sp, 656]
	ldr	x19, [sp, 720]
.L717:
	mov	x4, 8256
	ldr	x0, [sp, 528]
	add	x11, x11, x4
	ldr	d0, [sp, 512]
	add	x12, x12, x0
	ldr	x0, [sp, 536]
	add	d9, d9, d0
	cmp	x11, x0
	bne	.L712
	ldr	x1, [sp, 672]
	mov	x24, x28
	ldr	x28, [sp, 640]
	mov	x22, x19
	mov	x19, x25
	mov	x25, x26
	ldr	x0, [sp, 360]
	add	x19, x19, x1
	ldr	x1, [sp, 496]
	add	x0, x0, 64
	ldr	w3, [x28, 8]
	mov	x26, x23
	add	x1, x1, 64
	str	x0, [sp, 360]
	uxtw	x10, w3
	str	x1, [sp, 496]
	ldr	x23, [sp, 624]
	mov	x7, x10
	cmp	x10, x0
	bhi	.L729
	mov	x12, x21
	mov	x11, x28
	ldp	x21, x22, [sp, 80]
	.cfi_restore 22
	.cfi_restore 21
	ldp	d8, d9, [sp, 144]
	.cfi_restore 73
	.cfi_restore 72
	ldp	d10, d11, [sp, 160]
	.cfi_restore 75
	.cfi_restore 74
	ldr	x28, [sp, 752]
	ldr	x23, [sp, 760]
.L730:
	ldr	x0, [sp, 352]
	cbz	x0, .L687
	cbz	x28, .L687
	ldr	x2, [sp, 480]
	sub	x1, x28, #1
	ldp	x8, x17, [sp, 368]
	lsr	x1, x1, 2
	ldr	x7, [sp, 528]
	add	x1, x1, 1
	ldr	x27, [sp, 1088]
	add	x9, x0, x2
	ldr	x0, [sp, 1104]
	add	x25, sp, 944
	ldr	x4, [sp, 1120]
	mov	x19, x2
	fmov	v6.4s, 2.0e+0
	add	x3, sp, 1424
	fmov	v5.4s, 4.0e+0
	mov	x30, 4
	fmov	v4.4s, 8.0e+0
	stp	x21, x22, [sp, 80]
	.cfi_offset 22, -1912
	.cfi_offset 21, -1920
	lsl	x22, x1, 4
	movi	v31.4s, 0
	add	x1, sp, 2000
	str	x1, [sp, 208]
	str	x12, [sp, 304]
	str	x24, [sp, 320]
	str	x3, [sp, 336]
	stp	d8, d9, [sp, 144]
	.cfi_offset 73, -1848
	.cfi_offset 72, -1856
	stp	d10, d11, [sp, 160]
	.cfi_offset 75, -1832
	.cfi_offset 74, -1840
	stp	d12, d13, [sp, 176]
	.cfi_offset 77, -1816
	.cfi_offset 76, -1824
	stp	d14, d15, [sp, 192]
	.cfi_offset 79, -1800
	.cfi_offset 78, -1808
.L733:
	add	x3, x8, 294912
	ldr	x2, [sp, 520]
	add	x3, x3, 2304
	ldp	w24, w18, [x11, 52]
	mov	x21, x26
	udiv	x12, x19, x2
	mov	x15, x23
	mov	x1, x28
	mov	x23, x9
	mov	x26, x19
	str	x3, [sp, 240]
	mov	x13, 0
	msub	x10, x12, x2, x19
	lsl	x12, x12, 2
	sub	x20, x24, x12
	cmp	x20, 4
	lsl	x10, x10, 2
	csel	x20, x20, x30, ls
	add	x2, x10, 1
	sub	x3, x18, x10
	str	x2, [sp, 256]
	add	x2, x10, 2
	str	x2, [sp, 272]
	add	x2, x10, 3
	str	x2, [sp, 288]
.L732:
	ldr	x2, [sp, 240]
	ldr	x5, [sp, 208]
	add	x6, x2, x13
	ldr	x2, [sp, 336]
	.p2align 3,,7
.L734:
	ldr	q0, [x6]
	add	x6, x6, x7
	str	q0, [x2], 16
	cmp	x5, x2
	bne	.L734
	ldr	q0, [sp, 1536]
	ldr	q11, [sp, 1568]
	ldr	q1, [sp, 1584]
	ldr	q17, [sp, 1632]
	ldr	q10, [sp, 1664]
	ldr	q14, [sp, 1680]
	ldr	q8, [sp, 1488]
	ldr	q7, [sp, 1776]
	ldr	q23, [sp, 1872]
	fadd	v3.4s, v0.4s, v17.4s
	fsub	v0.4s, v0.4s, v17.4s
	fadd	v17.4s, v11.4s, v10.4s
	fsub	v11.4s, v11.4s, v10.4s
	fadd	v10.4s, v1.4s, v14.4s
	ldr	q27, [sp, 1728]
	ldr	q29, [sp, 1824]
	fsub	v1.4s, v1.4s, v14.4s
	fadd	v8.4s, v10.4s, v8.4s
	fsub	v14.4s, v7.4s, v23.4s
	fadd	v7.4s, v7.4s, v23.4s
	ldr	q12, [sp, 1552]
	ldr	q15, [sp, 1648]
	fsub	v24.4s, v27.4s, v29.4s
	fadd	v8.4s, v8.4s, v7.4s
	fmla	v10.4s, v7.4s, v5.4s
	mov	v7.16b, v0.16b
	ldr	q18, [sp, 1744]
	ldr	q9, [sp, 1760]
	ldr	q19, [sp, 1840]
	ldr	q13, [sp, 1856]
	ldr	q23, [sp, 1920]
	fadd	v26.4s, v12.4s, v15.4s
	fmla	v7.4s, v24.4s, v4.4s
	fsub	v12.4s, v12.4s, v15.4s
	ldr	q2, [sp, 1440]
	ldr	q20, [sp, 1456]
	ldr	q16, [sp, 1472]
	fsub	v22.4s, v18.4s, v19.4s
	fsub	v15.4s, v9.4s, v13.4s
	fmla	v0.4s, v24.4s, v6.4s
	fadd	v7.4s, v7.4s, v23.4s
	mov	v24.16b, v12.16b
	mov	v23.16b, v11.16b
	ldr	q21, [sp, 1520]
	ldr	q25, [sp, 1616]
	fadd	v27.4s, v27.4s, v29.4s
	fadd	v18.4s, v18.4s, v19.4s
	fadd	v9.4s, v9.4s, v13.4s
	fmla	v12.4s, v22.4s, v6.4s
	fmla	v11.4s, v15.4s, v6.4s
	fadd	v2.4s, v3.4s, v2.4s
	fadd	v20.4s, v26.4s, v20.4s
	fadd	v16.4s, v17.4s, v16.4s
	fmla	v24.4s, v22.4s, v4.4s
	ldr	q22, [sp, 1936]
	fmla	v23.4s, v15.4s, v4.4s
	mov	v15.16b, v1.16b
	ldr	q19, [sp, 1424]
	ldr	q13, [sp, 1600]
	ldr	q29, [sp, 1696]
	ldr	q28, [sp, 1712]
	ldr	q30, [sp, 1808]
	fadd	v20.4s, v20.4s, v18.4s
	fmla	v26.4s, v18.4s, v5.4s
	ldr	q18, [sp, 1792]
	fadd	v16.4s, v16.4s, v9.4s
	fmla	v17.4s, v9.4s, v5.4s
	fadd	v24.4s, v24.4s, v22.4s
	ldr	q22, [sp, 1952]
	fadd	v9.4s, v21.4s, v25.4s
	fadd	v2.4s, v2.4s, v27.4s
	fmla	v3.4s, v27.4s, v5.4s
	ldr	q27, [sp, 1888]
	fsub	v21.4s, v21.4s, v25.4s
	fmla	v1.4s, v14.4s, v6.4s
	fmla	v15.4s, v14.4s, v4.4s
	ldr	q14, [sp, 1968]
	fsub	v25.4s, v28.4s, v30.4s
	fadd	v23.4s, v23.4s, v22.4s
	fadd	v15.4s, v15.4s, v14.4s
	mov	v14.16b, v21.16b
	fadd	v22.4s, v2.4s, v20.4s
	fsub	v2.4s, v2.4s, v20.4s
	ldr	q20, [sp, 1904]
	fmla	v14.4s, v25.4s, v4.4s
	fadd	v28.4s, v28.4s, v30.4s
	fadd	v30.4s, v13.4s, v29.4s
	fsub	v13.4s, v13.4s, v29.4s
	fadd	v14.4s, v14.4s, v20.4s
	ldr	q20, [sp, 1504]
	fsub	v29.4s, v18.4s, v27.4s
	fmla	v21.4s, v25.4s, v6.4s
	fadd	v18.4s, v18.4s, v27.4s
	fadd	v25.4s, v30.4s, v20.4s
	fadd	v19.4s, v9.4s, v19.4s
	fadd	v20.4s, v7.4s, v24.4s
	str	q21, [sp, 224]
	fsub	v7.4s, v7.4s, v24.4s
	mov	v24.16b, v13.16b
	fsub	v21.4s, v3.4s, v26.4s
	fadd	v19.4s, v19.4s, v28.4s
	fmla	v9.4s, v28.4s, v5.4s
	fmla	v24.4s, v29.4s, v4.4s
	fsub	v28.4s, v16.4s, v8.4s
	fadd	v25.4s, v25.4s, v18.4s
	fadd	v8.4s, v16.4s, v8.4s
	fmla	v30.4s, v18.4s, v5.4s
	ldr	q18, [sp, 1984]
	fsub	v16.4s, v0.4s, v12.4s
	fsub	v27.4s, v17.4s, v10.4s
	fadd	v0.4s, v0.4s, v12.4s
	fadd	v10.4s, v17.4s, v10.4s
	fsub	v12.4s, v11.4s, v1.4s
	fadd	v3.4s, v3.4s, v26.4s
	fadd	v1.4s, v11.4s, v1.4s
	fsub	v26.4s, v23.4s, v15.4s
	mov	v17.16b, v2.16b
	fadd	v15.4s, v23.4s, v15.4s
	ldr	q23, [sp, 224]
	fmla	v13.4s, v29.4s, v6.4s
	mov	v11.16b, v7.16b
	mov	v29.16b, v16.16b
	fadd	v24.4s, v24.4s, v18.4s
	mov	v18.16b, v21.16b
	fadd	v19.4s, v22.4s, v19.4s
	fadd	v14.4s, v20.4s, v14.4s
	fadd	v9.4s, v3.4s, v9.4s
	fadd	v23.4s, v0.4s, v23.4s
	fmla	v17.4s, v28.4s, v4.4s
	fmla	v29.4s, v12.4s, v4.4s
	fmla	v18.4s, v27.4s, v4.4s
	fmla	v11.4s, v26.4s, v4.4s
	fadd	v19.4s, v19.4s, v8.4s
	fmla	v22.4s, v8.4s, v5.4s
	fmla	v2.4s, v28.4s, v6.4s
	fadd	v17.4s, v17.4s, v25.4s
	fadd	v29.4s, v29.4s, v13.4s
	str	q19, [sp, 1168]
	fmla	v16.4s, v12.4s, v6.4s
	str	q2, [sp, 1184]
	fadd	v9.4s, v9.4s, v10.4s
	str	q22, [sp, 1200]
	fmla	v3.4s, v10.4s, v5.4s
	str	q17, [sp, 1216]
	fadd	v18.4s, v18.4s, v30.4s
	str	q16, [sp, 1248]
	fmla	v21.4s, v27.4s, v6.4s
	str	q29, [sp, 1280]
	fadd	v14.4s, v14.4s, v15.4s
	str	q9, [sp, 1296]
	fmla	v20.4s, v15.4s, v5.4s
	str	q21, [sp, 1312]
	fmla	v7.4s, v26.4s, v6.4s
	str	q3, [sp, 1328]
	fadd	v11.4s, v11.4s, v24.4s
	str	q18, [sp, 1344]
	fadd	v23.4s, v23.4s, v1.4s
	str	q14, [sp, 1360]
	fmla	v0.4s, v1.4s, v5.4s
	str	q7, [sp, 1376]
	str	q23, [sp, 1232]
	str	q0, [sp, 1264]
	str	q20, [sp, 1392]
	str	q11, [sp, 1408]
	cmp	x12, x24
	beq	.L735
	cmp	x10, x18
	beq	.L735
	and	x9, x1, 2
	sub	x14, x28, x1
	add	x16, sp, 1168
	mov	x2, x9
	and	x6, x1, 1
	mov	x19, 0
	str	x28, [sp, 224]
	str	x21, [sp, 360]
	str	x7, [sp, 384]
.L736:
	ldr	q0, [x27, x13]
	add	x21, x12, x19
	ldr	q1, [x16]
	ldr	w5, [x11, 56]
	fadd	v0.4s, v0.4s, v1.4s
	madd	x7, x5, x21, x10
	cbz	x0, .L746
	ldr	w5, [x11, 68]
	madd	x5, x5, x7, x14
	lsl	x5, x5, 2
	add	x28, x0, x5
	cmp	x1, 3
	bls	.L1082
	ldr	q1, [x0, x5]
.L751:
	fadd	v0.4s, v0.4s, v1.4s
.L746:
	ldp	s3, s2, [x17, 8]
	ldr	w5, [x11, 64]
	dup	v3.4s, v3.s[0]
	dup	v2.4s, v2.s[0]
	madd	x5, x5, x7, x14
	fcmgt	v1.4s, v3.4s, v0.4s
	lsl	x5, x5, 2
	add	x28, x4, x5
	bsl	v1.16b, v3.16b, v0.16b
	fcmgt	v0.4s, v1.4s, v2.4s
	bsl	v0.16b, v2.16b, v1.16b
	cmp	x1, 3
	bhi	.L752
	str	q0, [sp, 944]
	cbnz	x9, .L1083
	cbnz	x6, .L1084
.L755:
	cmp	x3, 1
	bls	.L756
	ldr	q0, [x27, x13]
	ldr	q1, [x16, 16]
	ldr	x7, [sp, 256]
	fadd	v0.4s, v0.4s, v1.4s
	ldr	w5, [x11, 56]
	madd	x7, x5, x21, x7
	cbz	x0, .L757
	ldr	w5, [x11, 68]
	madd	x5, x5, x7, x14
	lsl	x5, x5, 2
	add	x28, x0, x5
	cmp	x1, 3
	bls	.L1085
	ldr	q1, [x0, x5]
.L762:
	fadd	v0.4s, v0.4s, v1.4s
.L757:
	ldp	s3, s2, [x17, 8]
	ldr	w5, [x11, 64]
	dup	v3.4s, v3.s[0]
	dup	v2.4s, v2.s[0]
	madd	x5, x5, x7, x14
	fcmgt	v1.4s, v3.4s, v0.4s
	lsl	x5, x5, 2
	add	x28, x4, x5
	bsl	v1.16b, v3.16b, v0.16b
	fcmgt	v0.4s, v1.4s, v2.4s
	bsl	v0.16b, v2.16b, v1.16b
	cmp	x1, 3
	bhi	.L763
	str	q0, [sp, 944]
	cbnz	x9, .L1086
	cbnz	x6, .L1087
.L766:
	cmp	x3, 2
	bls	.L756
	ldr	q0, [x27, x13]
	ldr	q1, [x16, 32]
	ldr	x7, [sp, 272]
	fadd	v0.4s, v0.4s, v1.4s
	ldr	w5, [x11, 56]
	madd	x7, x5, x21, x7
	cbz	x0, .L767
	ldr	w5, [x11, 68]
	madd	x5, x5, x7, x14
	lsl	x5, x5, 2
	add	x28, x0, x5
	cmp	x1, 3
	bls	.L1088
	ldr	q1, [x0, x5]
.L772:
	fadd	v0.4s, v0.4s, v1.4s
.L767:
	ldp	s3, s2, [x17, 8]
	ldr	w5, [x11, 64]
	dup	v3.4s, v3.s[0]
	dup	v2.4s, v2.s[0]
	madd	x5, x5, x7, x14
	fcmgt	v1.4s, v3.4s, v0.4s
	lsl	x5, x5, 2
	add	x28, x4, x5
	bsl	v1.16b, v3.16b, v0.16b
	fcmgt	v0.4s, v1.4s, v2.4s
	bsl	v0.16b, v2.16b, v1.16b
	cmp	x1, 3
	bhi	.L773
	str	q0, [sp, 944]
	cbnz	x9, .L1089
	cbnz	x6, .L1090
.L776:
	cmp	x3, 3
	bls	.L756
	ldr	q1, [x27, x13]
	ldr	q0, [x16, 48]
	ldr	x7, [sp, 288]
	fadd	v0.4s, v0.4s, v1.4s
	ldr	w5, [x11, 56]
	madd	x7, x5, x21, x7
	cbz	x0, .L737
	ldr	w5, [x11, 68]
	madd	x5, x5, x7, x14
	lsl	x5, x5, 2
	add	x28, x0, x5
	cmp	x1, 3
	bls	.L738
	ldr	q1, [x0, x5]
.L739:
	fadd	v0.4s, v0.4s, v1.4s
.L737:
	ldp	s3, s2, [x17, 8]
	ldr	w5, [x11, 64]
	dup	v3.4s, v3.s[0]
	dup	v2.4s, v2.s[0]
	madd	x5, x5, x7, x14
	fcmgt	v1.4s, v3.4s, v0.4s
	lsl	x5, x5, 2
	add	x21, x4, x5
	bsl	v1.16b, v3.16b, v0.16b
	fcmgt	v0.4s, v1.4s, v2.4s
	bsl	v0.16b, v2.16b, v1.16b
	cmp	x1, 3
	bls	.L742
	str	q0, [x4, x5]
.L756:
	add	x19, x19, 1
	add	x16, x16, 64
	cmp	x20, x19
	bhi	.L736
	ldr	x28, [sp, 224]
	ldr	x21, [sp, 360]
	ldr	x7, [sp, 384]
.L735:
	add	x13, x13, 16
	sub	x1, x1, #4
	cmp	x13, x22
	bne	.L732
	mov	x19, x26
	mov	x9, x23
	add	x19, x19, 1
	mov	x23, x15
	mov	x26, x21
	add	x8, x8, 128
	cmp	x9, x19
	bne	.L733
	ldp	x21, x22, [sp, 80]
	.cfi_restore 22
	.cfi_restore 21
	ldp	d8, d9, [sp, 144]
	.cfi_restore 73
	.cfi_restore 72
	ldp	d10, d11, [sp, 160]
	.cfi_restore 75
	.cfi_restore 74
	ldp	d12, d13, [sp, 176]
	.cfi_restore 77
	.cfi_restore 76
	ldp	d14, d15, [sp, 192]
	.cfi_restore 79
	.cfi_restore 78
	ldr	x12, [sp, 304]
	ldr	x24, [sp, 320]
.L687:
	add	x12, x12, 1
	ldr	x0, [sp, 576]
	cmp	x12, x0
	bne	.L683
	ldr	x0, [sp, 480]
	ldr	x1, [sp, 512]
	ldr	x20, [sp, 744]
	add	x0, x0, x1
	str	x0, [sp, 480]
	sub	x19, x23, x1
	ldr	x25, [sp, 544]
	cmp	x20, x0
	bhi	.L684
	ldp	x19, x20, [sp, 64]
	.cfi_restore 20
	.cfi_restore 19
	ldp	x23, x24, [sp, 96]
	.cfi_restore 24
	.cfi_restore 23
	ldp	x25, x26, [sp, 112]
	.cfi_restore 26
	.cfi_restore 25
	ldp	x27, x28, [sp, 128]
	.cfi_restore 28
	.cfi_restore 27
	b	.L675
	.p2align 2,,3
.L826:
	.cfi_offset 19, -1936
	.cfi_offset 20, -1928
	.cfi_offset 21, -1920
	.cfi_offset 22, -1912
	.cfi_offset 23, -1904
	.cfi_offset 24, -1896
	.cfi_offset 25, -1888
	.cfi_offset 26, -1880
	.cfi_offset 27, -1872
	.cfi_offset 28, -1864
	.cfi_offset 72, -1856
	.cfi_offset 73, -1848
	.cfi_offset 74, -1840
	.cfi_offset 75, -1832
	adrp	x1, vector_panel
	add	x1, x1, :lo12:vector_panel
	b	.L718
.L827:
	mov	x6, 0
	b	.L722
.L1086:
	.cfi_offset 76, -1824
	.cfi_offset 77, -1816
	.cfi_offset 78, -1808
	.cfi_offset 79, -1800
	str	d0, [x4, x5]
	cbz	x6, .L766
.L1087:
	ldr	w5, [x25, x2, lsl 2]
	str	w5, [x28, x2, lsl 2]
	b	.L766
.L1083:
	str	d0, [x4, x5]
	cbz	x6, .L755
.L1084:
	ldr	w5, [x25, x2, lsl 2]
	str	w5, [x28, x2, lsl 2]
	b	.L755
.L1089:
	str	d0, [x4, x5]
	cbz	x6, .L776
.L1090:
	ldr	w5, [x25, x2, lsl 2]
	str	w5, [x28, x2, lsl 2]
	b	.L776
.L752:
	str	q0, [x4, x5]
	b	.L755
.L763:
	str	q0, [x4, x5]
	b	.L766
.L773:
	str	q0, [x4, x5]
	b	.L776
.L1082:
	str	q31, [sp, 944]
	cbnz	x9, .L1091
	cbnz	x6, .L1092
.L750:
	ldr	q1, [sp, 944]
	b	.L751
.L1092:
	ldr	w5, [x28, x2, lsl 2]
	str	w5, [x25, x2, lsl 2]
	ldr	q1, [sp, 944]
	b	.L751
.L1091:
	ldr	x5, [x0, x5]
	str	x5, [sp, 944]
	cbz	x6, .L750
	b	.L1092
.L742:
	str	q0, [sp, 944]
	cbnz	x9, .L1093
.L744:
	cbz	x6, .L756
	ldr	w5, [x25, x2, lsl 2]
	str	w5, [x21, x2, lsl 2]
	b	.L756
.L1093:
	str	d0, [x4, x5]
	b	.L744
.L1085:
	str	q31, [sp, 944]
	cbnz	x9, .L1094
	cbnz	x6, .L1095
.L761:
	ldr	q1, [sp, 944]
	b	.L762
.L1095:
	ldr	w5, [x28, x2, lsl 2]
	str	w5, [x25, x2, lsl 2]
	ldr	q1, [sp, 944]
	b	.L762
.L1094:
	ldr	x5, [x0, x5]
	str	x5, [sp, 944]
	cbz	x6, .L761
	b	.L1095
.L1088:
	str	q31, [sp, 944]
	cbnz	x9, .L1096
	cbnz	x6, .L1097
.L771:
	ldr	q1, [sp, 944]
	b	.L772
.L1097:
	ldr	w5, [x28, x2, lsl 2]
	str	w5, [x25, x2, lsl 2]
	ldr	q1, [sp, 944]
	b	.L772
.L1096:
	ldr	x5, [x0, x5]
	str	x5, [sp, 944]
	cbz	x6, .L771
	b	.L1097
.L738:
	str	q31, [sp, 944]
	mov	x21, 0
	cbnz	x9, .L1098
	cbnz	x6, .L1099
.L741:
	ldr	q1, [sp, 944]
	b	.L739
.L1099:
	ldr	w5, [x28, x21, lsl 2]
	str	w5, [x25, x21, lsl 2]
	ldr	q1, [sp, 944]
	b	.L739
.L1098:
	ldr	x5, [x0, x5]
	str	x5, [sp, 944]
	mov	x21, 2
	cbz	x6, .L741
	b	.L1099
.L1080:
	.cfi_restore 76
	.cfi_restore 77
	.cfi_restore 78
	.cfi_restore 79
	ldr	x2, [sp, 352]
	cbz	x2, .L688
	ldr	x3, [sp, 480]
	sub	x0, x4, #1
	sub	x1, x4, #4
	and	x0, x0, -4
	sub	x30, x1, x0
	add	x1, sp, 928
	fmov	v19.4s, -4.0e+0
	mov	w8, 43691
	fmov	v29.4s, -5.0e+0
	mov	x11, x19
	fmov	v20.4s, 4.0e+0
	add	x0, sp, 1424
	fmov	v8.4s, 2.0e+0
	add	x15, x2, x3
	movi	v31.4s, 0
	str	x1, [sp, 720]
	add	x1, sp, 2000
	movk	w8, 0xaaaa, lsl 16
	stp	d12, d13, [sp, 176]
	.cfi_offset 77, -1816
	.cfi_offset 76, -1824
	stp	d14, d15, [sp, 192]
	.cfi_offset 79, -1800
	.cfi_offset 78, -1808
.L691:
	ldr	w2, [x28, 4]
	ldr	x9, [sp, 520]
	str	wzr, [sp, 224]
	ldp	w13, w6, [x28, 44]
	udiv	x5, x3, x9
	msub	x9, x5, x9, x3
	lsl	x5, x5, 2
	sub	x5, x5, x13
	lsl	x9, x9, 2
	sub	x9, x9, x6
	orr	x6, x5, x9
	tbnz	x6, #63, .L689
	ldr	w6, [x28]
	add	x13, x5, 5
	cmp	x13, x6
	bge	.L689
	add	x6, x9, 5
	cmp	x6, x2
	cset	w6, lt
	str	w6, [sp, 224]
.L689:
	ldr	x12, [sp, 496]
	madd	x16, x5, x2, x9
	ldr	w13, [x28, 60]
	mov	x2, x11
	mov	x6, x4
	madd	x16, x16, x13, x12
	ldr	x12, [sp, 488]
	add	x16, x12, x16, lsl 2
	ldr	x12, [sp, 360]
	cmp	x10, x12
	beq	.L704
	add	x12, sp, 768
	mov	x17, x26
	mov	x14, x19
	stp	x21, x24, [x12]
	stp	x7, x11, [x12, 16]
.L703:
	ldr	w7, [sp, 224]
	sub	x19, x4, x6
	cbz	w7, .L693
	cmp	x6, 3
	bls	.L693
	ldr	w20, [x28, 60]
	lsl	x12, x19, 2
	mov	x18, x0
	mov	x21, 3
	add	x13, x20, x19
	ldr	w26, [x28, 4]
	ldr	q0, [x16, x12]
	lsl	x12, x13, 2
	add	x13, x19, x20, lsl 1
	add	x27, x0, 64
	str	x4, [sp, 208]
	str	q0, [x18], 16
	ldr	q0, [x16, x12]
	lsl	x12, x13, 2
	madd	x13, x21, x20, x19
	str	x5, [sp, 240]
	str	x9, [sp, 256]
	str	q0, [x0, 16]
	ldr	q0, [x16, x12]
	lsl	x12, x13, 2
	mov	w13, 4
	str	q0, [x18, 16]
	ldr	q0, [x16, x12]
	str	q0, [x0, 48]
.L694:
	umull	x7, w13, w8
	add	w21, w13, 1
	mov	x24, x27
	lsr	x5, x7, 34
	mov	x18, x5
	umull	x7, w21, w8
	add	w5, w5, w5, lsl 1
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 1
	lsr	x5, x7, 34
	sxtw	x4, w4
	add	w5, w5, w5, lsl 1
	madd	x12, x18, x26, x4
	lsr	x18, x7, 34
	umull	x7, w13, w8
	sub	w4, w21, w5, lsl 1
	sxtw	x4, w4
	lsr	x5, x7, 34
	madd	x11, x12, x20, x19
	add	w5, w5, w5, lsl 1
	madd	x12, x18, x26, x4
	lsr	x18, x7, 34
	lsl	x9, x11, 2
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 2
	sxtw	x4, w4
	madd	x11, x12, x20, x19
	umull	x7, w13, w8
	ldr	q0, [x16, x9]
	madd	x12, x18, x26, x4
	lsr	x5, x7, 34
	lsl	x9, x11, 2
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	str	q0, [x24], 16
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 3
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x27, 16]
	lsr	x5, x7, 34
	mov	x18, x5
	add	x27, x24, 496
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 4
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 16]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 5
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 32]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 6
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 48]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 7
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 64]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 8
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 80]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 9
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 96]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 10
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 112]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 11
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 128]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 12
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 144]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 13
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 160]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 14
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 176]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 15
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 192]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 16
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 208]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 17
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 224]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 18
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 240]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 19
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 256]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 20
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 272]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 21
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 288]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 22
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 304]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 23
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 320]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 24
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 336]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 25
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 352]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 26
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 368]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 27
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 384]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 28
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 400]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 29
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 416]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 30
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	umull	x7, w13, w8
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 432]
	lsr	x5, x7, 34
	mov	x18, x5
	add	w5, w5, w5, lsl 1
	madd	x11, x12, x20, x19
	sub	w4, w13, w5, lsl 1
	add	w13, w21, 31
	ldr	q0, [x16, x9]
	sxtw	x4, w4
	lsl	x9, x11, 2
	madd	x12, x18, x26, x4
	str	q0, [x24, 448]
	ldr	q0, [x16, x9]
	madd	x11, x12, x20, x19
	str	q0, [x24, 464]
	lsl	x9, x11, 2
	ldr	q0, [x16, x9]
	str	q0, [x24, 480]
	cmp	w21, 5
	bne	.L694
	ldr	x4, [sp, 208]
	ldr	x5, [sp, 240]
	ldr	x9, [sp, 256]
	b	.L702
.L693:
	ldr	x7, [sp, 720]
	ubfx	x26, x6, 1, 1
	mov	x18, x0
	and	x24, x6, 1
	lsl	x26, x26, 3
	and	x21, x6, 2
	add	x27, x7, x26
	mov	w12, 0
	str	x4, [sp, 208]
	str	x17, [sp, 240]
	b	.L701
	.p2align 2,,3
.L1101:
	ldr	q0, [x11]
	add	w12, w12, 1
	str	q0, [x18], 16
	cmp	w12, 36
	beq	.L1100
.L701:
	umull	x7, w12, w8
	mov	x11, x22
	lsr	x4, x7, 34
	add	x13, x5, x4
	mov	x7, x4
	add	w4, w4, w4, lsl 1
	sub	w4, w12, w4, lsl 1
	sxtw	x4, w4
	add	x17, x9, x4
	orr	x20, x13, x17
	tbnz	x20, #63, .L696
	ldr	w20, [x28]
	cmp	x13, x20
	bge	.L696
	ldr	w13, [x28, 4]
	cmp	x17, x13
	bge	.L696
	madd	x4, x7, x13, x4
	ldr	w7, [x28, 60]
	madd	x4, x4, x7, x19
	add	x11, x16, x4, lsl 2
	.p2align 3,,7
.L696:
	cmp	x6, 3
	bhi	.L1101
	str	q31, [sp, 928]
	cbnz	x21, .L1102
	cbnz	x24, .L1103
.L700:
	ldr	q0, [sp, 928]
.L1104:
	add	w12, w12, 1
	str	q0, [x18], 16
	cmp	w12, 36
	bne	.L701
.L1100:
	ldr	x4, [sp, 208]
	ldr	x17, [sp, 240]
.L702:
	mov	x13, x0
	ldr	q21, [sp, 1792]
	mov	x12, x2
	ldr	q11, [sp, 1984]
	ldr	q22, [sp, 1808]
	fmla	v11.4s, v21.4s, v29.4s
	ldr	q16, [sp, 1728]
	ldr	q6, [sp, 1840]
	str	q11, [sp, 240]
	ldr	q11, [sp, 1616]
	ldr	q0, [sp, 1872]
	ldr	q17, [sp, 1904]
	ldr	q9, [sp, 1920]
	fmla	v22.4s, v11.4s, v29.4s
	ldr	q11, [sp, 1712]
	ldr	q7, [sp, 1536]
	str	q22, [sp, 208]
	ldr	q28, [sp, 1648]
	ldr	q27, [sp, 1680]
	ldr	q5, [sp, 1824]
	fmla	v17.4s, v11.4s, v29.4s
	fmla	v9.4s, v16.4s, v29.4s
	mov	v21.16b, v6.16b
	mov	v22.16b, v0.16b
	ldr	q18, [sp, 1456]
	str	q17, [sp, 272]
	ldr	q30, [sp, 1488]
	ldr	q25, [sp, 1632]
	ldr	q1, [sp, 1856]
	fmls	v9.4s, v7.4s, v19.4s
	fmla	v21.4s, v28.4s, v29.4s
	fmla	v22.4s, v27.4s, v29.4s
	mov	v17.16b, v5.16b
	ldr	q2, [sp, 1552]
	ldr	q12, [sp, 1568]
	ldr	q26, [sp, 1584]
	ldr	q23, [sp, 1664]
	ldr	q14, [sp, 1744]
	ldr	q15, [sp, 1760]
	ldr	q13, [sp, 1776]
	ldr	q24, [sp, 1888]
	ldr	q10, [sp, 1936]
	ldr	q4, [sp, 1952]
	ldr	q3, [sp, 1968]
	str	q9, [sp, 656]
	fmla	v21.4s, v18.4s, v20.4s
	fmla	v22.4s, v30.4s, v20.4s
	ldr	q30, [sp, 1440]
	mov	v18.16b, v1.16b
	fmla	v17.4s, v25.4s, v29.4s
	ldr	q9, [sp, 1696]
	fmla	v18.4s, v23.4s, v29.4s
	fmla	v17.4s, v30.4s, v20.4s
	ldr	q30, [sp, 1472]
	mov	v11.16b, v5.16b
	fsub	v5.4s, v5.4s, v25.4s
	fmla	v18.4s, v30.4s, v20.4s
	mov	v30.16b, v24.16b
	fmla	v11.4s, v25.4s, v19.4s
	ldr	q25, [sp, 1504]
	fmla	v30.4s, v9.4s, v29.4s
	fmla	v4.4s, v15.4s, v29.4s
	fmla	v10.4s, v14.4s, v29.4s
	fmla	v3.4s, v13.4s, v29.4s
	fmla	v30.4s, v25.4s, v20.4s
	mov	v25.16b, v16.16b
	fsub	v16.4s, v16.4s, v7.4s
	fmls	v4.4s, v12.4s, v19.4s
	fmls	v10.4s, v2.4s, v19.4s
	str	q30, [sp, 256]
	fmla	v25.4s, v7.4s, v19.4s
	mov	v7.16b, v1.16b
	fsub	v1.4s, v1.4s, v23.4s
	fmls	v3.4s, v26.4s, v19.4s
	fmla	v7.4s, v23.4s, v19.4s
	mov	v23.16b, v15.16b
	fsub	v15.4s, v15.4s, v12.4s
	fmla	v23.4s, v12.4s, v19.4s
	mov	v12.16b, v6.16b
	fsub	v6.4s, v6.4s, v28.4s
	fmla	v12.4s, v28.4s, v19.4s
	mov	v28.16b, v14.16b
	fsub	v14.4s, v14.4s, v2.4s
	fmla	v28.4s, v2.4s, v19.4s
	mov	v2.16b, v0.16b
	fsub	v0.4s, v0.4s, v27.4s
	mov	v30.16b, v28.16b
	fmla	v2.4s, v27.4s, v19.4s
	mov	v28.16b, v13.16b
	mov	v27.16b, v24.16b
	fsub	v24.4s, v24.4s, v9.4s
	fsub	v13.4s, v13.4s, v26.4s
	fmla	v28.4s, v26.4s, v19.4s
	ldr	q26, [sp, 1792]
	str	q24, [sp, 288]
	ldr	q24, [sp, 1600]
	fmla	v27.4s, v9.4s, v19.4s
	ldr	q9, [sp, 1600]
	fmla	v26.4s, v24.4s, v19.4s
	ldr	q24, [sp, 1792]
	fsub	v24.4s, v24.4s, v9.4s
	str	q24, [sp, 320]
	ldr	q24, [sp, 240]
	fmls	v24.4s, v9.4s, v19.4s
	ldr	q9, [sp, 208]
	str	q24, [sp, 336]
	ldr	q24, [sp, 1424]
	fmla	v9.4s, v24.4s, v20.4s
	fadd	v24.4s, v11.4s, v25.4s
	fsub	v11.4s, v11.4s, v25.4s
	fadd	v25.4s, v7.4s, v23.4s
	fsub	v7.4s, v7.4s, v23.4s
	fadd	v23.4s, v12.4s, v30.4s
	fsub	v12.4s, v12.4s, v30.4s
	str	q11, [sp, 640]
	ldr	q11, [sp, 1616]
	fadd	v30.4s, v2.4s, v28.4s
	fsub	v2.4s, v2.4s, v28.4s
	ldr	q28, [sp, 1808]
	fmla	v28.4s, v11.4s, v19.4s
	str	q28, [sp, 400]
	ldr	q28, [sp, 1808]
	fsub	v11.4s, v28.4s, v11.4s
	ldr	q28, [sp, 1520]
	str	q11, [sp, 432]
	ldr	q11, [sp, 1712]
	fmla	v11.4s, v28.4s, v19.4s
	ldr	q28, [sp, 1712]
	str	q11, [sp, 416]
	ldr	q11, [sp, 1520]
	fsub	v28.4s, v28.4s, v11.4s
	mov	v11.16b, v22.16b
	str	q28, [sp, 464]
	fmla	v11.4s, v21.4s, v29.4s
	ldr	q28, [sp, 1520]
	str	q11, [sp, 240]
	ldr	q11, [sp, 256]
	fmla	v11.4s, v18.4s, v29.4s
	str	q11, [sp, 256]
	ldr	q11, [sp, 272]
	fmls	v11.4s, v28.4s, v19.4s
	str	q11, [sp, 624]
	fadd	v11.4s, v27.4s, v26.4s
	fsub	v27.4s, v27.4s, v26.4s
	mov	v26.16b, v5.16b
	fmls	v5.4s, v16.4s, v8.4s
	ldr	q28, [sp, 320]
	str	q11, [sp, 272]
	fmla	v26.4s, v16.4s, v8.4s
	str	q5, [sp, 208]
	mov	v16.16b, v1.16b
	fmls	v1.4s, v15.4s, v8.4s
	ldr	q5, [sp, 288]
	fmla	v16.4s, v15.4s, v8.4s
	mov	v15.16b, v6.16b
	fmls	v6.4s, v14.4s, v8.4s
	mov	v11.16b, v5.16b
	fmla	v27.4s, v7.4s, v29.4s
	fmla	v15.4s, v14.4s, v8.4s
	mov	v14.16b, v0.16b
	fmls	v0.4s, v13.4s, v8.4s
	fmls	v11.4s, v28.4s, v8.4s
	fmla	v14.4s, v13.4s, v8.4s
	mov	v13.16b, v5.16b
	mov	v5.16b, v11.16b
	ldr	q11, [sp, 272]
	fmla	v13.4s, v28.4s, v8.4s
	fmla	v11.4s, v25.4s, v29.4s
	fmla	v13.4s, v16.4s, v29.4s
	mov	v28.16b, v11.16b
	mov	v11.16b, v5.16b
	stp	q27, q13, [sp, 272]
	ldr	q27, [sp, 336]
	fmla	v11.4s, v1.4s, v29.4s
	mov	v13.16b, v22.16b
	fmla	v27.4s, v4.4s, v29.4s
	fsub	v22.4s, v22.4s, v21.4s
	str	q11, [sp, 320]
	str	q27, [sp, 384]
	ldr	q27, [sp, 240]
	ldr	q11, [sp, 256]
	fmla	v13.4s, v21.4s, v19.4s
	fmla	v27.4s, v9.4s, v20.4s
	mov	v21.16b, v18.16b
	fmls	v11.4s, v17.4s, v19.4s
	fsub	v18.4s, v18.4s, v17.4s
	mov	v9.16b, v28.16b
	str	q27, [sp, 1424]
	fmla	v21.4s, v17.4s, v19.4s
	str	q11, [sp, 1504]
	mov	v17.16b, v30.16b
	mov	v27.16b, v25.16b
	fmls	v9.4s, v24.4s, v19.4s
	fsub	v25.4s, v25.4s, v24.4s
	fmla	v17.4s, v23.4s, v19.4s
	fmla	v27.4s, v24.4s, v19.4s
	fsub	v24.4s, v30.4s, v23.4s
	str	q9, [sp, 1600]
	fmla	v30.4s, v23.4s, v29.4s
	mov	v23.16b, v3.16b
	ldr	q9, [sp, 416]
	ldr	q5, [sp, 640]
	fmla	v23.4s, v10.4s, v29.4s
	str	q23, [sp, 336]
	ldr	q23, [sp, 400]
	fadd	v28.4s, v23.4s, v9.4s
	fsub	v23.4s, v23.4s, v9.4s
	mov	v9.16b, v2.16b
	fmla	v30.4s, v28.4s, v20.4s
	mov	v11.16b, v23.16b
	fmla	v9.4s, v12.4s, v29.4s
	mov	v28.16b, v16.16b
	mov	v23.16b, v2.16b
	str	q30, [sp, 1520]
	fmla	v9.4s, v11.4s, v20.4s
	fsub	v30.4s, v16.4s, v26.4s
	mov	v16.16b, v14.16b
	fmla	v23.4s, v12.4s, v19.4s
	fsub	v2.4s, v2.4s, v12.4s
	str	q9, [sp, 1616]
	fsub	v9.4s, v14.4s, v15.4s
	fmla	v14.4s, v15.4s, v29.4s
	fmla	v16.4s, v15.4s, v19.4s
	mov	v12.16b, v7.16b
	fsub	v7.4s, v7.4s, v5.4s
	fmla	v28.4s, v26.4s, v19.4s
	stp	q9, q14, [sp, 240]
	ldr	q14, [sp, 432]
	ldr	q9, [sp, 464]
	mov	v15.16b, v14.16b
	fmla	v12.4s, v5.4s, v19.4s
	fmls	v14.4s, v9.4s, v8.4s
	fmla	v15.4s, v9.4s, v8.4s
	ldr	q9, [sp, 208]
	str	q14, [sp, 400]
	mov	v11.16b, v15.16b
	mov	v14.16b, v0.16b
	mov	v15.16b, v0.16b
	fsub	v0.4s, v0.4s, v6.4s
	fmla	v14.4s, v6.4s, v19.4s
	fmla	v15.4s, v6.4s, v29.4s
	mov	v6.16b, v1.16b
	fsub	v1.4s, v1.4s, v9.4s
	fmla	v6.4s, v9.4s, v19.4s
	ldr	q9, [sp, 272]
	fmls	v9.4s, v5.4s, v19.4s
	str	q9, [sp, 1696]
	ldr	q9, [sp, 256]
	fmla	v9.4s, v11.4s, v20.4s
	str	q9, [sp, 1712]
	mov	v9.16b, v3.16b
	fsub	v3.4s, v3.4s, v10.4s
	fmla	v9.4s, v10.4s, v19.4s
	mov	v10.16b, v4.16b
	mov	v11.16b, v9.16b
	ldr	q9, [sp, 656]
	fmla	v10.4s, v9.4s, v19.4s
	mov	v5.16b, v9.16b
	fsub	v4.4s, v4.4s, v9.4s
	ldr	q9, [sp, 400]
	fmla	v15.4s, v9.4s, v20.4s
	fadd	v9.4s, v13.4s, v21.4s
	fsub	v13.4s, v13.4s, v21.4s
	mov	v21.16b, v22.16b
	fmls	v22.4s, v18.4s, v8.4s
	str	q15, [sp, 1808]
	fadd	v15.4s, v17.4s, v27.4s
	str	q13, [sp, 1456]
	fmla	v21.4s, v18.4s, v8.4s
	str	q9, [sp, 1440]
	mov	v18.16b, v24.16b
	str	q15, [sp, 1536]
	mov	v15.16b, v2.16b
	str	q21, [sp, 1472]
	fmls	v2.4s, v7.4s, v8.4s
	str	q22, [sp, 1488]
	fmla	v15.4s, v7.4s, v8.4s
	ldr	q7, [sp, 240]
	str	q2, [sp, 1680]
	fmla	v18.4s, v25.4s, v8.4s
	str	q15, [sp, 1664]
	fsub	v17.4s, v17.4s, v27.4s
	fadd	v15.4s, v14.4s, v6.4s
	mov	v13.16b, v18.16b
	fsub	v14.4s, v14.4s, v6.4s
	mov	v6.16b, v0.16b
	str	q17, [sp, 1552]
	mov	v17.16b, v7.16b
	str	q13, [sp, 1568]
	fmla	v6.4s, v1.4s, v8.4s
	str	q15, [sp, 1824]
	fadd	v13.4s, v16.4s, v28.4s
	str	q14, [sp, 1840]
	fadd	v18.4s, v23.4s, v12.4s
	fmla	v17.4s, v30.4s, v8.4s
	fsub	v12.4s, v23.4s, v12.4s
	str	q13, [sp, 1728]
	fmls	v7.4s, v30.4s, v8.4s
	str	q18, [sp, 1632]
	fmls	v0.4s, v1.4s, v8.4s
	str	q12, [sp, 1648]
	ldr	q12, [sp, 288]
	str	q17, [sp, 1760]
	ldr	q17, [sp, 624]
	str	q7, [sp, 1776]
	ldr	q7, [sp, 208]
	str	q0, [sp, 1872]
	mov	v13.16b, v6.16b
	ldp	q6, q2, [sp, 320]
	ldr	q1, [sp, 384]
	str	q13, [sp, 1856]
	mov	v9.16b, v5.16b
	mov	v0.16b, v3.16b
	fmls	v24.4s, v25.4s, v8.4s
	fsub	v16.4s, v16.4s, v28.4s
	fmls	v12.4s, v26.4s, v19.4s
	fmla	v2.4s, v17.4s, v20.4s
	fmls	v6.4s, v7.4s, v19.4s
	str	q24, [sp, 1584]
	fadd	v5.4s, v11.4s, v10.4s
	str	q16, [sp, 1744]
	fsub	v11.4s, v11.4s, v10.4s
	str	q12, [sp, 1792]
	fmls	v1.4s, v9.4s, v19.4s
	str	q6, [sp, 1888]
	fmla	v0.4s, v4.4s, v8.4s
	str	q2, [sp, 1904]
	fmls	v3.4s, v4.4s, v8.4s
	str	q5, [sp, 1920]
	str	q11, [sp, 1936]
	str	q0, [sp, 1952]
	str	q3, [sp, 1968]
	str	q1, [sp, 1984]
	.p2align 3,,7
.L695:
	ldr	q0, [x13], 16
	str	q0, [x12]
	add	x12, x12, x23
	cmp	x1, x13
	bne	.L695
	sub	x6, x6, #4
	add	x2, x2, 16
	cmp	x30, x6
	bne	.L703
	add	x5, sp, 768
	mov	x26, x17
	mov	x19, x14
	ldp	x21, x24, [x5]
	ldp	x7, x11, [x5, 16]
.L704:
	add	x3, x3, 1
	add	x11, x11, 320
	cmp	x15, x3
	bne	.L691
	ldr	w3, [x28, 8]
	ldp	d12, d13, [sp, 176]
	.cfi_remember_state
	.cfi_restore 77
	.cfi_restore 76
	uxtw	x10, w3
	ldp	d14, d15, [sp, 192]
	.cfi_restore 79
	.cfi_restore 78
	b	.L688
.L1103:
	.cfi_restore_state
	ldr	w4, [x11, x26]
	str	w4, [x27]
	ldr	q0, [sp, 928]
	b	.L1104
.L1102:
	ldr	x4, [x11]
	str	x4, [sp, 928]
	cbz	x24, .L700
	b	.L1103
.L1076:
	.cfi_restore 23
	.cfi_restore 24
	.cfi_restore 25
	.cfi_restore 26
	.cfi_restore 72
	.cfi_restore 73
	.cfi_restore 74
	.cfi_restore 75
	.cfi_restore 76
	.cfi_restore 77
	.cfi_restore 78
	.cfi_restore 79
	umull	x4, w7, w3
	ldr	w6, [x18, 60]
	cmp	x4, 64
	ccmp	w6, w3, 0, ls
	bne	.L779
	cbnz	w5, .L780
	add	w1, w8, w8, lsl 3
	add	x5, x4, 15
	and	x5, x5, -16
	mul	x12, x1, x4
	add	x6, x12, x14, lsl 5
	add	x1, x5, x6
	cmp	x0, x1, lsl 2
	bcs	.L781
	ldr	x4, [sp, 376]
	mul	x1, x15, x10
	lsl	x6, x15, 5
	mov	x12, 0
	mov	x14, x1
	ldr	w13, [x4, 80]
	b	.L782
	.p2align 2,,3
.L1074:
	ldp	x29, x30, [sp, 48]
	ldp	x19, x20, [sp, 64]
	.cfi_restore 20
	.cfi_restore 19
	ldp	x21, x22, [sp, 80]
	.cfi_restore 22
	.cfi_restore 21
	ldp	x27, x28, [sp, 128]
	.cfi_restore 28
	.cfi_restore 27
	add	sp, sp, 2000
	.cfi_restore 29
	.cfi_restore 30
	.cfi_def_cfa_offset 0
	ret
.L816:
	.cfi_def_cfa_offset 2000
	.cfi_offset 23, -1904
	.cfi_offset 24, -1896
	.cfi_offset 25, -1888
	.cfi_offset 26, -1880
	.cfi_offset 29, -1952
	.cfi_offset 30, -1944
	mov	x8, 112
	mov	x4, 1
	b	.L677
.L1072:
	ldp	x23, x24, [sp, 96]
	.cfi_restore 24
	.cfi_restore 23
	ldp	x25, x26, [sp, 112]
	.cfi_restore 26
	.cfi_restore 25
	b	.L675
.L781:
	.cfi_offset 19, -1936
	.cfi_offset 20, -1928
	.cfi_offset 21, -1920
	.cfi_offset 22, -1912
	.cfi_offset 27, -1872
	.cfi_offset 28, -1864
	ldr	x10, [sp, 376]
	mul	x1, x4, x14
	mov	x15, x14
	str	x5, [sp, 480]
	mov	x14, x1
	ldr	w13, [x10, 80]
	mov	x10, x4
	mov	x4, 1
	str	x4, [sp, 464]
	b	.L782
	.cfi_endproc
.LFE92:
	.size	clo_conv_neon, .-clo_conv_neon
	.align	2
	.p2align 4,,11
	.global	clo_matmul_neon
	.type	clo_matmul_neon, %function
clo_matmul_neon:
.LFB94:
	.cfi_startproc
	sub	sp, sp, #768
	.cfi_def_cfa_offset 768
	mov	x5, x0
	mov	x3, 58255
	mov	x11, x1
	movk	x3, 0x8e38, lsl 16
	stp	x29, x30, [sp]
	.cfi_offset 29, -768
	.cfi_offset 30, -760
	mov	x29, sp
	movk	x3, 0x38e3, lsl 32
	movk	x3, 0xe38e, lsl 48
	stp	x27, x28, [sp, 80]
	.cfi_offset 27, -688
	.cfi_offset 28, -680
	add	x28, x0, 64
	ldp	w0, w16, [x0, 68]
	stp	x23, x24, [sp, 48]
	.cfi_offset 23, -720
	.cfi_offset 24, -712
	mov	x24, x2
	add	x1, x16, 8
	ldr	w2, [x5, 64]
	str	x1, [sp, 248]
	stp	x21, x22, [sp, 32]
	umulh	x3, x1, x3
	uxtw	x1, w0
	umull	x0, w0, w2
	lsr	x2, x3, 3
	str	x2, [sp, 192]
	udiv	x3, x16, x2
	str	x3, [sp, 168]
	.cfi_offset 21, -736
	.cfi_offset 22, -728
	msub	x22, x3, x2, x16
	cbz	x0, .L1105
	cmp	x16, 1
	mov	x2, 32
	mov	x0, 8
	csel	x15, x2, x0, eq
	mov	x30, x28
	mov	x28, x22
	lsl	x18, x15, 2
	stp	x19, x20, [sp, 16]
	.cfi_offset 20, -744
	.cfi_offset 19, -752
	mov	x7, x18
	mov	x20, 0
	mov	x18, x5
	mov	x19, x20
	str	x16, [sp, 160]
	mov	x16, x11
	adrp	x2, vector_panel
	add	x2, x2, :lo12:vector_panel
	stp	x25, x26, [sp, 64]
	.cfi_offset 26, -696
	.cfi_offset 25, -704
	ldr	w0, [x5, 80]
	str	x2, [sp, 184]
	str	x15, [sp, 280]
	str	d8, [sp, 96]
	.cfi_offset 72, -672
.L1129:
	udiv	x2, x19, x1
	ldr	w12, [x18, 16]
	ldp	w6, w8, [x30, 20]
	ldp	w5, w3, [x30, 32]
	msub	x1, x2, x1, x19
	ldp	w4, w9, [x30, 48]
	mul	x6, x6, x2
	mul	x5, x5, x2
	ldr	w11, [x18, 32]
	madd	x8, x8, x1, x6
	ldr	w6, [x18, 24]
	mul	x4, x4, x2
	madd	x2, x3, x1, x5
	add	x8, x8, x12
	madd	x9, x9, x1, x4
	add	x1, x2, x11
	str	x1, [sp, 272]
	add	x26, x16, x8, lsl 2
	add	x9, x9, x6
	cbz	x0, .L1196
	ldr	x1, [sp, 160]
	add	x22, sp, 432
	ldr	x14, [sp, 280]
	cmp	x1, 1
	cset	w1, hi
	add	x27, x16, x9, lsl 2
	str	w1, [sp, 260]
	mov	x1, x22
	mov	x20, x28
	mov	x22, x24
	mov	x28, x26
	mov	x10, 0
	mov	x8, x7
	mov	x25, x10
	mov	x26, x27
	mov	x9, x16
	mov	x5, x30
	mov	x24, x1
	str	x18, [sp, 264]
	str	x19, [sp, 288]
.L1128:
	sub	x0, x0, x25
	mov	x1, 32
	cmp	x0, 32
	ldr	w27, [x5, 44]
	csel	x1, x0, x1, ls
	str	x1, [sp, 240]
	ldr	x1, [sp, 272]
	str	xzr, [x24, 96]
	movi	v0.4s, 0
	ldr	w19, [x5, 12]
	ldr	s8, [x5, 60]
	madd	x27, x27, x25, x1
	uxtw	x21, w19
	ldr	x1, [sp, 264]
	stp	q0, q0, [x24]
	ldr	w23, [x5, 56]
	stp	q0, q0, [x24, 32]
	mov	x6, x21
	ldr	x1, [x1, 8]
	stp	q0, q0, [x24, 64]
	str	x1, [sp, 176]
	cmp	x0, 31
	bls	.L1197
.L1108:
	cbz	x6, .L1111
	ldr	x0, [sp, 240]
	ldp	w4, w3, [x5, 40]
	lsl	x7, x0, 2
	cmp	w3, 1
	bne	.L1198
	lsl	x6, x6, 5
	add	x2, x22, x7
	mov	x3, 0
	.p2align 3,,7
.L1113:
	add	x1, x9, x27, lsl 2
	sub	x0, x2, x7
	.p2align 3,,7
.L1112:
	ldr	s0, [x1], 4
	str	s0, [x0], 4
	cmp	x0, x2
	bne	.L1112
	add	x3, x3, 32
	add	x27, x27, x4
	add	x2, x2, 128
	cmp	x6, x3
	bne	.L1113
.L1111:
	ldr	w0, [x5, 28]
	tst	x19, 3
	ldr	x10, [sp, 240]
	str	w0, [sp, 200]
	cset	w0, eq
	adrp	x1, .LANCHOR1
	add	x1, x1, :lo12:.LANCHOR1
	mov	x4, x22
	lsl	w0, w0, 1
	mov	x27, x26
	mov	x7, 0
	mov	x26, x28
	mov	x6, x10
	mov	x28, x21
	mov	x21, x22
	mov	x22, x24
	mov	x24, x20
	str	x1, [sp, 216]
	mov	x1, x8
	str	w0, [sp, 256]
	adrp	x0, .LANCHOR0
	add	x3, x0, :lo12:.LANCHOR0
	stp	x25, x9, [sp, 296]
	mov	x25, x23
	str	x5, [sp, 312]
	mov	x5, x7
	.p2align 3,,7
.L1117:
	ldr	w0, [sp, 260]
	mov	w2, 3
	ldr	w7, [sp, 256]
	cmp	w0, 0
	ccmp	x6, 4, 2, ne
	cset	w0, ls
	cmp	w0, 0
	csel	w2, w7, w2, eq
	ldr	x7, [sp, 248]
	cmp	x7, 8
	beq	.L1126
	cmp	w0, 0
	mov	x19, 4
	csel	x0, x14, x19, eq
	add	x19, sp, 536
	cmp	x26, 0
	str	x0, [sp, 144]
	sxtw	x0, w2
	mov	x2, x21
	stp	x14, x1, [sp, 224]
	mov	x1, x19
	mov	x21, x27
	mov	x19, x28
	mov	x27, x26
	mov	x28, x24
	mov	x8, 0
	mov	x23, x25
	mov	x24, x1
	mov	x26, x2
	stp	x6, x5, [sp, 112]
	mov	x6, x8
	str	x0, [sp, 208]
	cset	w0, ne
	stp	x3, x4, [sp, 128]
	str	w0, [sp, 156]
	mov	x0, 0
	.p2align 3,,7
.L1127:
	ldp	x4, x1, [sp, 160]
	cmp	x28, x0
	add	x25, x0, 1
	csel	x3, x28, x0, ls
	cmp	x28, x25
	add	x3, x3, x6
	csel	x2, x28, x25, ls
	sub	x2, x2, x3
	add	x20, x1, x6
	ldr	x1, [sp, 184]
	add	x2, x2, x20
	cmp	x4, 1
	beq	.L1119
	ldp	x1, x4, [sp, 208]
	add	x1, x1, x2, lsl 2
	ldr	x1, [x4, x1, lsl 3]
.L1119:
	mov	x8, 1
	adrp	x4, .LANCHOR0
	stp	x8, x19, [sp, 440]
	add	x8, x4, :lo12:.LANCHOR0
	ldr	w4, [sp, 156]
	cmp	x2, 0
	ldr	x5, [sp, 176]
	ccmp	w4, 0, 4, ne
	add	x4, sp, 720
	str	x26, [sp, 456]
	stp	x21, x23, [sp, 496]
	and	x0, x0, 1
	add	x0, x0, 2
	str	x5, [x4, -196]
	ldr	x4, [sp, 120]
	str	x8, [sp, 464]
	ldp	q4, q5, [x22]
	str	s8, [sp, 520]
	ldp	q0, q1, [x22, 64]
	madd	x8, x23, x3, x4
	ldp	q2, q3, [x22, 32]
	mul	x0, x0, x19
	ldr	x4, [sp, 136]
	add	x8, x21, x8, lsl 2
	stp	q4, q5, [x24]
	add	x0, x26, x0, lsl 6
	stp	q0, q1, [x24, 64]
	stp	q2, q3, [x24, 32]
	str	x4, [sp, 560]
	ldr	x4, [sp, 128]
	str	x8, [sp, 600]
	ldr	x8, [x22, 96]
	str	x8, [x24, 96]
	str	x4, [sp, 568]
	str	x0, [sp, 616]
	beq	.L1199
	ldr	x0, [sp, 200]
	ubfiz	x8, x0, 2, 32
	madd	x0, x3, x8, x27
	str	x0, [sp, 640]
	cmp	x2, 1
	beq	.L1130
	madd	x0, x3, x8, x8
	add	x0, x27, x0
	str	x0, [sp, 648]
	cmp	x2, 2
	beq	.L1130
	add	x0, x3, 2
	madd	x0, x0, x8, x27
	str	x0, [sp, 656]
	cmp	x2, 3
	beq	.L1130
	add	x0, x3, 3
	madd	x0, x0, x8, x27
	str	x0, [sp, 664]
	cmp	x2, 4
	beq	.L1130
	add	x0, x3, 4
	madd	x0, x0, x8, x27
	str	x0, [sp, 672]
	cmp	x2, 5
	beq	.L1130
	add	x0, x3, 5
	madd	x0, x0, x8, x27
	str	x0, [sp, 680]
	cmp	x2, 6
	beq	.L1130
	add	x0, x3, 6
	madd	x0, x0, x8, x27
	str	x0, [sp, 688]
	cmp	x2, 7
	beq	.L1130
	add	x0, x3, 7
	madd	x0, x0, x8, x27
	str	x0, [sp, 696]
	cmp	x2, 8
	beq	.L1130
	add	x0, x3, 8
	madd	x0, x0, x8, x27
	str	x0, [sp, 704]
	cmp	x2, 9
	beq	.L1130
	add	x0, x3, 9
	madd	x0, x0, x8, x27
	str	x0, [sp, 712]
	cmp	x2, 10
	beq	.L1130
	add	x0, x3, 10
	madd	x0, x0, x8, x27
	str	x0, [sp, 720]
	cmp	x2, 11
	beq	.L1130
	add	x0, x3, 11
	madd	x0, x0, x8, x27
	str	x0, [sp, 728]
	cmp	x2, 12
	beq	.L1130
	add	x0, x3, 12
	madd	x0, x0, x8, x27
	str	x0, [sp, 736]
	cmp	x2, 13
	beq	.L1130
	add	x0, x3, 13
	madd	x0, x0, x8, x27
	str	x0, [sp, 744]
	cmp	x2, 14
	beq	.L1130
	add	x0, x3, 14
	madd	x0, x0, x8, x27
	str	x0, [sp, 752]
	cmp	x2, 15
	beq	.L1130
	add	x0, x3, 15
	madd	x0, x0, x8, x27
	str	x0, [sp, 760]
	.p2align 3,,7
.L1130:
	add	x0, sp, 640
	str	x0, [sp, 536]
	ldr	x3, [sp, 112]
	ldr	x0, [sp, 144]
	cmp	x0, x3
	bhi	.L1200
.L1124:
	mov	x0, x24
	blr	x1
	ldr	x0, [sp, 192]
	cmp	x0, x25
	bls	.L1193
.L1125:
	mov	x6, x20
	mov	x0, x25
	b	.L1127
.L1197:
	lsl	x2, x21, 7
	mov	x0, x22
	mov	w1, 0
	stp	x14, x8, [sp, 112]
	stp	x9, x5, [sp, 128]
	bl	memset
	ldp	x9, x5, [sp, 128]
	ldp	x14, x8, [sp, 112]
	ldr	w6, [x5, 12]
	b	.L1108
	.p2align 2,,3
.L1199:
	cbnz	x27, .L1130
	lsl	x0, x25, 7
	sub	x0, x0, #128
	str	x0, [sp, 536]
	ldr	x3, [sp, 112]
	ldr	x0, [sp, 144]
	cmp	x0, x3
	bls	.L1124
.L1200:
	add	x0, sp, 320
	ldr	x3, [x24, 96]
	ldp	q4, q5, [x24]
	ldp	q2, q3, [x24, 32]
	ldp	q0, q1, [x24, 64]
	str	x3, [x0, 96]
	ldr	x3, [sp, 112]
	stp	q4, q5, [x0]
	stp	q2, q3, [x0, 32]
	stp	q0, q1, [x0, 64]
	bl	tile_part
	ldr	x0, [sp, 192]
	cmp	x0, x25
	bhi	.L1125
.L1193:
	ldp	x6, x5, [sp, 112]
	mov	x0, x26
	ldp	x3, x4, [sp, 128]
	mov	x24, x28
	ldp	x14, x1, [sp, 224]
	mov	x26, x27
	mov	x25, x23
	mov	x27, x21
	mov	x28, x19
	mov	x21, x0
.L1126:
	ldr	x0, [sp, 240]
	add	x5, x5, x14
	sub	x6, x6, x14
	add	x4, x4, x1
	add	x3, x3, x1
	cmp	x0, x5
	bhi	.L1117
	ldp	x25, x9, [sp, 296]
	mov	x28, x26
	ldr	x5, [sp, 312]
	mov	x20, x24
	mov	x8, x1
	mov	x24, x22
	add	x26, x27, 128
	mov	x22, x21
	ldr	w0, [x5, 16]
	add	x25, x25, 32
	cmp	x0, x25
	bhi	.L1128
	ldp	w3, w2, [x5]
	mov	x7, x1
	ldr	x19, [sp, 288]
	uxtw	x1, w2
	umull	x2, w2, w3
	mov	x28, x20
	add	x19, x19, 1
	mov	x16, x9
	ldr	x18, [sp, 264]
	mov	x24, x21
	mov	x30, x5
	cmp	x2, x19
	bhi	.L1129
.L1196:
	ldp	x19, x20, [sp, 16]
	.cfi_restore 20
	.cfi_restore 19
	ldp	x25, x26, [sp, 64]
	.cfi_restore 26
	.cfi_restore 25
	ldr	d8, [sp, 96]
	.cfi_restore 72
.L1105:
	ldp	x29, x30, [sp]
	ldp	x21, x22, [sp, 32]
	ldp	x23, x24, [sp, 48]
	ldp	x27, x28, [sp, 80]
	add	sp, sp, 768
	.cfi_restore 29
	.cfi_restore 30
	.cfi_restore 27
	.cfi_restore 28
	.cfi_restore 23
	.cfi_restore 24
	.cfi_restore 21
	.cfi_restore 22
	.cfi_def_cfa_offset 0
	ret
.L1198:
	.cfi_def_cfa_offset 768
	.cfi_offset 19, -752
	.cfi_offset 20, -744
	.cfi_offset 21, -736
	.cfi_offset 22, -728
	.cfi_offset 23, -720
	.cfi_offset 24, -712
	.cfi_offset 25, -704
	.cfi_offset 26, -696
	.cfi_offset 27, -688
	.cfi_offset 28, -680
	.cfi_offset 29, -768
	.cfi_offset 30, -760
	.cfi_offset 72, -672
	ubfiz	x3, x3, 2, 32
	add	x2, x22, x7
	lsl	x15, x6, 5
	mov	x6, 0
.L1110:
	add	x1, x9, x27, lsl 2
	sub	x0, x2, x7
	.p2align 3,,7
.L1109:
	ldr	s0, [x1]
	add	x1, x1, x3
	str	s0, [x0], 4
	cmp	x2, x0
	bne	.L1109
	add	x6, x6, 32
	add	x27, x27, x4
	add	x2, x2, 128
	cmp	x6, x15
	bne	.L1110
	b	.L1111
	.cfi_endproc
.LFE94:
	.size	clo_matmul_neon, .-clo_matmul_neon
	.align	2
	.p2align 4,,11
	.global	clo_dwconv_neon
	.type	clo_dwconv_neon, %function
clo_dwconv_neon:
.LFB97:
	.cfi_startproc
	sub	sp, sp, #592
	.cfi_def_cfa_offset 592
	mov	w5, 32
	mov	x7, x3
	stp	x29, x30, [sp]
	.cfi_offset 29, -592
	.cfi_offset 30, -584
	mov	x29, sp
	ldr	w2, [x0, 16]
	stp	x27, x28, [sp, 80]
	.cfi_offset 27, -512
	.cfi_offset 28, -504
	add	x27, x0, 64
	stp	x25, x26, [sp, 64]
	.cfi_offset 25, -528
	.cfi_offset 26, -520
	mov	x25, x0
	ldr	w0, [x27, 60]
	str	x1, [sp, 256]
	ldr	w3, [x27, 32]
	str	wzr, [sp, 164]
	umull	x4, w4, w0
	lsl	x4, x4, 5
	str	x4, [sp, 224]
	add	x2, x2, x4
	umaddl	x0, w0, w5, x4
	add	x2, x1, x2, lsl 2
	ldr	w1, [x27, 8]
	cmp	x1, x0
	csel	x1, x1, x0, ls
	sub	x30, x1, x4
	cmp	w3, 1
	beq	.L1866
.L1202:
	ldr	w0, [x27, 44]
	cbz	w0, .L1201
	sub	x0, x30, #4
	cmp	x30, 3
	and	x3, x0, -4
	ubfx	x1, x30, 1, 1
	add	x3, x3, 4
	and	x0, x0, -4
	csel	x4, x3, xzr, hi
	lsl	x8, x1, 3
	add	x0, x0, 4
	stp	x3, x0, [sp, 128]
	lsl	x6, x4, 2
	add	x0, x6, x8
	str	x0, [sp, 232]
	lsr	x0, x4, 5
	str	x0, [sp, 184]
	and	x0, x4, 31
	add	x3, sp, 560
	ldr	w5, [x27, 48]
	add	x1, sp, 576
	str	x0, [sp, 144]
	sub	x0, x30, x4
	movi	v3.4s, 0
	stp	x23, x24, [sp, 48]
	.cfi_offset 24, -536
	.cfi_offset 23, -544
	add	x24, x3, x8
	str	x0, [sp, 200]
	add	x0, x1, x8
	and	x14, x30, 2
	and	x28, x30, 1
	mov	x23, x7
	mov	x3, x8
	str	x0, [sp, 240]
	adrp	x0, .LANCHOR0
	add	x26, x0, :lo12:.LANCHOR0
	str	x4, [sp, 248]
	uxtw	x4, w5
	str	x30, [sp, 264]
	mov	x30, x24
	mov	x24, x2
	stp	x19, x20, [sp, 16]
	.cfi_offset 20, -568
	.cfi_offset 19, -576
	stp	x21, x22, [sp, 32]
	.cfi_offset 22, -552
	.cfi_offset 21, -560
	str	x14, [sp, 152]
	str	x6, [sp, 192]
	mov	x6, 0
	str	x6, [sp, 208]
.L1491:
	ldr	x0, [sp, 208]
	ldr	w2, [x27, 20]
	ldr	w6, [x27, 36]
	mul	x2, x2, x0
	sub	x21, x2, x6
	cbz	x4, .L1863
	ldr	x12, [sp, 248]
	str	xzr, [sp, 176]
	ldr	x11, [sp, 264]
.L1490:
	ldr	w1, [sp, 164]
	ldr	x0, [sp, 176]
	mov	x7, x0
	cbz	w1, .L1205
	sub	w5, w5, #4
	cmp	x5, x0
	csel	x7, x5, x0, ls
.L1205:
	ldr	x0, [sp, 208]
	ldr	x1, [sp, 224]
	ldr	w2, [x25, 24]
	madd	x8, x4, x0, x7
	ldr	w0, [x27, 24]
	ldr	w4, [x27, 56]
	add	x2, x2, x1
	uxtw	x5, w0
	ldr	x1, [sp, 256]
	madd	x8, x8, x4, x2
	ldr	w2, [x27, 40]
	mul	x5, x5, x7
	add	x8, x1, x8, lsl 2
	subs	x5, x5, x2
	bmi	.L1206
	ldr	w18, [x27, 16]
	mov	w1, 3
	ldr	w7, [x27, 4]
	add	x2, x5, w18, uxtw
	sub	x2, x2, #1
	umaddl	x0, w0, w1, x2
	ldr	w1, [sp, 164]
	cmp	w1, 32
	beq	.L1207
	bls	.L1867
	ldr	w1, [sp, 164]
	cmp	w1, 51
	beq	.L1211
	cmp	w1, 52
	bne	.L1628
	ldr	w4, [x27, 12]
	mov	x1, 1
	umaddl	x18, w4, w18, x1
	cmp	x0, x7
	bge	.L1396
	cmp	x11, 3
	bls	.L1586
	mov	x22, 0
.L1401:
	lsr	x2, x22, 5
	and	x0, x22, 31
	uxtw	x9, w4
	mul	x2, x2, x18
	add	x2, x0, x2, lsl 5
	lsl	x2, x2, 2
	add	x0, x23, x2
	add	x0, x0, 128
	ldr	q0, [x23, x2]
	cbz	w4, .L1587
	mov	v1.16b, v0.16b
	ldr	w7, [x27, 28]
	mov	v2.16b, v0.16b
	mov	x2, 0
	mov	v4.16b, v0.16b
	mov	x4, 0
	stp	x11, x28, [sp, 104]
	b	.L1400
.L1869:
	ldr	w6, [x27]
	cmp	x1, x6
	bge	.L1589
	ldr	w6, [x27, 4]
	ldr	w10, [x27, 52]
	madd	x6, x6, x1, x5
	lsl	x1, x10, 2
	madd	x6, x6, x10, x22
	lsl	x6, x6, 2
	add	x10, x24, x6
	add	x11, x10, x1
	add	x13, x11, x1
	add	x14, x13, x1
	add	x15, x14, x1
	add	x16, x15, x1
	add	x17, x16, x1
	add	x20, x17, x1
	add	x19, x20, x1
	add	x28, x19, x1
	ldr	q18, [x20, x1]
	ldr	q5, [x28, x1]
	ldr	q20, [x19, x1]
	ldr	q19, [x17, x1]
	ldr	q16, [x16, x1]
	ldr	q21, [x15, x1]
	ldr	q17, [x14, x1]
	ldr	q22, [x13, x1]
	ldr	q23, [x11, x1]
	ldr	q24, [x10, x1]
	ldr	q25, [x24, x6]
.L1399:
	add	x4, x4, 1
	ldr	q6, [x0]
	add	x2, x2, x7
	ldr	q7, [x0, 128]
	fmla	v0.4s, v6.4s, v25.4s
	fmla	v4.4s, v6.4s, v23.4s
	fmla	v2.4s, v6.4s, v17.4s
	fmla	v1.4s, v6.4s, v16.4s
	ldr	q6, [x0, 256]
	add	x0, x0, 640
	fmla	v0.4s, v7.4s, v24.4s
	fmla	v4.4s, v7.4s, v22.4s
	fmla	v2.4s, v7.4s, v21.4s
	fmla	v1.4s, v7.4s, v19.4s
	ldr	q7, [x0, -256]
	fmla	v0.4s, v6.4s, v23.4s
	fmla	v4.4s, v6.4s, v17.4s
	fmla	v2.4s, v6.4s, v16.4s
	fmla	v1.4s, v6.4s, v18.4s
	ldr	q6, [x0, -128]
	fmla	v0.4s, v7.4s, v22.4s
	fmla	v4.4s, v7.4s, v21.4s
	fmla	v2.4s, v7.4s, v19.4s
	fmla	v1.4s, v7.4s, v20.4s
	fmla	v0.4s, v6.4s, v17.4s
	fmla	v4.4s, v6.4s, v16.4s
	fmla	v2.4s, v6.4s, v18.4s
	fmla	v1.4s, v6.4s, v5.4s
	cmp	x4, x9
	beq	.L1868
.L1400:
	movi	v5.4s, 0
	adds	x1, x2, x21
	bpl	.L1869
.L1589:
	mov	v20.16b, v5.16b
	mov	v18.16b, v5.16b
	mov	v19.16b, v5.16b
	mov	v16.16b, v5.16b
	mov	v21.16b, v5.16b
	mov	v17.16b, v5.16b
	mov	v22.16b, v5.16b
	mov	v23.16b, v5.16b
	mov	v24.16b, v5.16b
	mov	v25.16b, v5.16b
	b	.L1399
.L1868:
	ldp	x11, x28, [sp, 104]
.L1398:
	lsl	x0, x22, 2
	ldp	s7, s6, [x25, 8]
	mov	w1, 3
	dup	v7.4s, v7.s[0]
	dup	v6.4s, v6.s[0]
	fcmgt	v5.4s, v7.4s, v0.4s
	bit	v0.16b, v7.16b, v5.16b
	fcmgt	v5.4s, v0.4s, v6.4s
	bit	v0.16b, v6.16b, v5.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s6, s5, [x25, 8]
	add	x0, x0, x22
	lsl	x0, x0, 2
	dup	v6.4s, v6.s[0]
	dup	v5.4s, v5.s[0]
	fcmgt	v0.4s, v6.4s, v4.4s
	bsl	v0.16b, v6.16b, v4.16b
	fcmgt	v4.4s, v0.4s, v5.4s
	bit	v0.16b, v5.16b, v4.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s5, s4, [x25, 8]
	add	x0, x22, w0, uxtw 1
	dup	v5.4s, v5.s[0]
	lsl	x0, x0, 2
	dup	v4.4s, v4.s[0]
	fcmgt	v0.4s, v5.4s, v2.4s
	bsl	v0.16b, v5.16b, v2.16b
	fcmgt	v2.4s, v0.4s, v4.4s
	bit	v0.16b, v4.16b, v2.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s4, s2, [x25, 8]
	umaddl	x0, w0, w1, x22
	add	x22, x22, 4
	dup	v4.4s, v4.s[0]
	dup	v2.4s, v2.s[0]
	lsl	x0, x0, 2
	fcmgt	v0.4s, v4.4s, v1.4s
	bsl	v0.16b, v4.16b, v1.16b
	fcmgt	v1.4s, v0.4s, v2.4s
	bit	v0.16b, v2.16b, v1.16b
	str	q0, [x8, x0]
	ldr	x0, [sp, 136]
	cmp	x22, x0
	beq	.L1590
	ldr	w4, [x27, 12]
	b	.L1401
.L1867:
	cmp	w1, 31
	bne	.L1628
	ldr	w2, [x27, 12]
	mov	x1, 1
	umaddl	x10, w2, w18, x1
	cmp	x0, x7
	bge	.L1213
	cmp	x11, 3
	bls	.L1500
	mov	x9, 0
	mov	w22, 3
	str	x11, [sp, 104]
.L1218:
	lsr	x4, x9, 5
	and	x0, x9, 31
	uxtw	x14, w2
	mul	x4, x4, x10
	add	x4, x0, x4, lsl 5
	lsl	x4, x4, 2
	add	x0, x23, x4
	add	x0, x0, 128
	ldr	q0, [x23, x4]
	cbz	w2, .L1501
	mov	v6.16b, v0.16b
	ldr	w13, [x27, 28]
	mov	v7.16b, v0.16b
	mov	x2, 0
	mov	v1.16b, v0.16b
	mov	x4, 0
	b	.L1217
.L1870:
	ldr	w11, [x27]
	cmp	x7, x11
	bge	.L1503
	ldr	w11, [x27, 4]
	ldr	w15, [x27, 52]
	madd	x11, x11, x7, x5
	lsl	x7, x15, 2
	madd	x11, x11, x15, x9
	lsl	x11, x11, 2
	add	x15, x24, x11
	add	x16, x15, x7
	add	x18, x16, x7
	add	x17, x18, x7
	add	x20, x17, x7
	ldr	q16, [x18, x7]
	ldr	q2, [x20, x7]
	ldr	q18, [x17, x7]
	ldr	q17, [x16, x7]
	ldr	q19, [x15, x7]
	ldr	q20, [x24, x11]
.L1216:
	add	x4, x4, 1
	ldr	q4, [x0]
	add	x2, x2, x13
	ldr	q5, [x0, 128]
	add	x0, x0, 384
	fmla	v0.4s, v4.4s, v20.4s
	fmla	v1.4s, v4.4s, v19.4s
	fmla	v7.4s, v4.4s, v17.4s
	fmla	v6.4s, v4.4s, v16.4s
	ldr	q4, [x0, -128]
	fmla	v0.4s, v5.4s, v19.4s
	fmla	v1.4s, v5.4s, v17.4s
	fmla	v7.4s, v5.4s, v16.4s
	fmla	v6.4s, v5.4s, v18.4s
	fmla	v0.4s, v4.4s, v17.4s
	fmla	v1.4s, v4.4s, v16.4s
	fmla	v7.4s, v4.4s, v18.4s
	fmla	v6.4s, v4.4s, v2.4s
	cmp	x4, x14
	beq	.L1215
.L1217:
	movi	v2.4s, 0
	adds	x7, x2, x21
	bpl	.L1870
.L1503:
	mov	v18.16b, v2.16b
	mov	v16.16b, v2.16b
	mov	v17.16b, v2.16b
	mov	v19.16b, v2.16b
	mov	v20.16b, v2.16b
	b	.L1216
.L1501:
	mov	v6.16b, v0.16b
	mov	v7.16b, v0.16b
	mov	v1.16b, v0.16b
.L1215:
	ldp	s5, s4, [x25, 8]
	lsl	x0, x9, 2
	dup	v5.4s, v5.s[0]
	dup	v4.4s, v4.s[0]
	fcmgt	v2.4s, v5.4s, v0.4s
	bit	v0.16b, v5.16b, v2.16b
	fcmgt	v2.4s, v0.4s, v4.4s
	bit	v0.16b, v4.16b, v2.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s4, s2, [x25, 8]
	add	x0, x0, x9
	lsl	x0, x0, 2
	dup	v4.4s, v4.s[0]
	dup	v2.4s, v2.s[0]
	fcmgt	v0.4s, v4.4s, v1.4s
	bsl	v0.16b, v4.16b, v1.16b
	fcmgt	v1.4s, v0.4s, v2.4s
	bit	v0.16b, v2.16b, v1.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s2, s1, [x25, 8]
	add	x0, x9, w0, uxtw 1
	dup	v2.4s, v2.s[0]
	lsl	x0, x0, 2
	dup	v1.4s, v1.s[0]
	fcmgt	v0.4s, v2.4s, v7.4s
	bsl	v0.16b, v2.16b, v7.16b
	fcmgt	v2.4s, v0.4s, v1.4s
	bit	v0.16b, v1.16b, v2.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s2, s1, [x25, 8]
	umaddl	x0, w0, w22, x9
	add	x9, x9, 4
	dup	v2.4s, v2.s[0]
	dup	v1.4s, v1.s[0]
	lsl	x0, x0, 2
	fcmgt	v0.4s, v2.4s, v6.4s
	bsl	v0.16b, v2.16b, v6.16b
	fcmgt	v2.4s, v0.4s, v1.4s
	bit	v0.16b, v1.16b, v2.16b
	str	q0, [x8, x0]
	ldr	x0, [sp, 136]
	cmp	x9, x0
	beq	.L1504
	ldr	w2, [x27, 12]
	b	.L1218
.L1206:
	ldr	w0, [sp, 164]
	cmp	w0, 51
	beq	.L1492
	bhi	.L1493
	cmp	w0, 31
	beq	.L1494
	cmp	w0, 32
	bne	.L1628
	ldp	w4, w0, [x27, 12]
	mov	x1, 1
	umaddl	x18, w4, w0, x1
.L1274:
	cmp	x11, 3
	bls	.L1537
	add	x0, x5, 7
	add	x1, x5, 1
	add	x13, x5, 2
	add	x10, x5, 3
	add	x9, x5, 4
	add	x7, x5, 5
	add	x15, x5, 6
	add	x6, x5, 8
	stp	x1, x11, [sp, 104]
	mov	w11, w4
	mov	x20, 0
	str	x3, [sp, 120]
	mov	x3, x0
.L1318:
	lsr	x0, x20, 5
	and	x1, x20, 31
	uxtw	x19, w11
	mul	x0, x0, x18
	add	x0, x1, x0, lsl 5
	lsl	x0, x0, 2
	add	x1, x23, x0
	add	x1, x1, 128
	ldr	q0, [x23, x0]
	cbz	w11, .L1538
	mov	v1.16b, v0.16b
	ldr	w17, [x27, 28]
	mov	v2.16b, v0.16b
	mov	x11, 0
	mov	v4.16b, v0.16b
	mov	x14, 0
	str	x18, [sp, 168]
	b	.L1317
.L1872:
	ldr	w2, [x27]
	cmp	x0, x2
	bge	.L1540
	ldr	w4, [x27, 4]
	ldr	w2, [x27, 52]
	ldr	x18, [sp, 104]
	madd	x4, x4, x0, x5
	madd	x4, x4, x2, x20
	add	x4, x24, x4, lsl 2
	tbnz	x5, #63, .L1300
.L1873:
	movi	v23.4s, 0
	ldr	w0, [x27, 4]
	cmp	x5, x0
	bge	.L1301
	ldr	q23, [x4]
.L1301:
	mov	x22, x13
	movi	v22.4s, 0
	cmp	x18, x0
	bge	.L1303
	lsl	x18, x2, 2
	ldr	q22, [x4, x18]
.L1303:
	mov	x18, x10
	movi	v16.4s, 0
	cmp	x22, x0
	bge	.L1305
	lsl	x22, x2, 3
	ldr	q16, [x4, x22]
.L1305:
	mov	x22, x9
	movi	v21.4s, 0
	cmp	x18, x0
	bge	.L1307
	add	x18, x2, x2, lsl 1
	lsl	x18, x18, 2
	ldr	q21, [x4, x18]
.L1307:
	mov	x18, x7
	movi	v7.4s, 0
	cmp	x22, x0
	bge	.L1309
	lsl	x22, x2, 4
	ldr	q7, [x4, x22]
.L1309:
	mov	x22, x15
	movi	v20.4s, 0
	cmp	x18, x0
	bge	.L1311
	add	x18, x2, x2, lsl 2
	lsl	x18, x18, 2
	ldr	q20, [x4, x18]
.L1311:
	mov	x18, x3
	movi	v6.4s, 0
	cmp	x22, x0
	bge	.L1313
	add	x22, x2, x2, lsl 1
	lsl	x22, x22, 3
	ldr	q6, [x4, x22]
.L1313:
	mov	x22, x6
	movi	v19.4s, 0
	cmp	x18, x0
	bge	.L1315
	lsl	x18, x2, 3
	sub	x18, x18, x2
	lsl	x18, x18, 2
	ldr	q19, [x4, x18]
.L1315:
	movi	v18.4s, 0
	cmp	x22, x0
	bge	.L1316
	lsl	x2, x2, 5
	ldr	q18, [x4, x2]
.L1316:
	add	x14, x14, 1
	ldr	q5, [x1]
	add	x11, x11, x17
	ldr	q17, [x1, 128]
	add	x1, x1, 384
	fmla	v0.4s, v23.4s, v5.4s
	fmla	v4.4s, v16.4s, v5.4s
	fmla	v2.4s, v7.4s, v5.4s
	fmla	v1.4s, v6.4s, v5.4s
	ldr	q5, [x1, -128]
	fmla	v0.4s, v22.4s, v17.4s
	fmla	v4.4s, v21.4s, v17.4s
	fmla	v2.4s, v20.4s, v17.4s
	fmla	v1.4s, v19.4s, v17.4s
	fmla	v0.4s, v16.4s, v5.4s
	fmla	v4.4s, v7.4s, v5.4s
	fmla	v2.4s, v6.4s, v5.4s
	fmla	v1.4s, v5.4s, v18.4s
	cmp	x14, x19
	beq	.L1871
.L1317:
	adds	x0, x11, x21
	bpl	.L1872
.L1540:
	ldr	x18, [sp, 104]
	mov	x4, x26
	mov	x2, 0
	tbz	x5, #63, .L1873
.L1300:
	cmn	x5, #1
	beq	.L1874
	tbz	x13, #63, .L1875
	tbz	x10, #63, .L1876
	tbz	x9, #63, .L1877
	tbz	x7, #63, .L1878
	tbz	x15, #63, .L1879
	tbz	x3, #63, .L1880
	tbz	x6, #63, .L1881
	movi	v18.4s, 0
	mov	v19.16b, v18.16b
	mov	v6.16b, v18.16b
	mov	v20.16b, v18.16b
	mov	v7.16b, v18.16b
	mov	v21.16b, v18.16b
	mov	v16.16b, v18.16b
	mov	v22.16b, v18.16b
	mov	v23.16b, v18.16b
	b	.L1316
.L1871:
	ldr	x18, [sp, 168]
.L1298:
	lsl	x0, x20, 2
	ldp	s7, s6, [x25, 8]
	mov	w1, 3
	dup	v7.4s, v7.s[0]
	dup	v6.4s, v6.s[0]
	fcmgt	v5.4s, v7.4s, v0.4s
	bit	v0.16b, v7.16b, v5.16b
	fcmgt	v5.4s, v0.4s, v6.4s
	bit	v0.16b, v6.16b, v5.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s6, s5, [x25, 8]
	add	x0, x0, x20
	lsl	x0, x0, 2
	dup	v6.4s, v6.s[0]
	dup	v5.4s, v5.s[0]
	fcmgt	v0.4s, v6.4s, v4.4s
	bsl	v0.16b, v6.16b, v4.16b
	fcmgt	v4.4s, v0.4s, v5.4s
	bit	v0.16b, v5.16b, v4.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s5, s4, [x25, 8]
	add	x0, x20, w0, uxtw 1
	dup	v5.4s, v5.s[0]
	lsl	x0, x0, 2
	dup	v4.4s, v4.s[0]
	fcmgt	v0.4s, v5.4s, v2.4s
	bsl	v0.16b, v5.16b, v2.16b
	fcmgt	v2.4s, v0.4s, v4.4s
	bit	v0.16b, v4.16b, v2.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s4, s2, [x25, 8]
	umaddl	x0, w0, w1, x20
	add	x20, x20, 4
	dup	v4.4s, v4.s[0]
	dup	v2.4s, v2.s[0]
	lsl	x0, x0, 2
	fcmgt	v0.4s, v4.4s, v1.4s
	bsl	v0.16b, v4.16b, v1.16b
	fcmgt	v1.4s, v0.4s, v2.4s
	bit	v0.16b, v2.16b, v1.16b
	str	q0, [x8, x0]
	ldr	x0, [sp, 136]
	cmp	x20, x0
	beq	.L1551
	ldr	w11, [x27, 12]
	b	.L1318
.L1493:
	ldr	w0, [sp, 164]
	cmp	w0, 52
	bne	.L1628
	ldp	w4, w0, [x27, 12]
	mov	x1, 1
	umaddl	x18, w4, w0, x1
.L1396:
	cmp	x11, 3
	bls	.L1596
	add	x0, x5, 7
	add	x1, x5, 9
	add	x2, x5, 10
	add	x14, x5, 1
	add	x13, x5, 2
	add	x10, x5, 3
	add	x9, x5, 4
	add	x7, x5, 5
	add	x15, x5, 6
	add	x6, x5, 8
	stp	x14, x11, [sp, 104]
	mov	w11, w4
	mov	x20, 0
	str	x28, [sp, 120]
	mov	x28, x2
	str	x3, [sp, 168]
	mov	x3, x0
	str	x12, [sp, 216]
	mov	x12, x1
.L1444:
	lsr	x0, x20, 5
	and	x1, x20, 31
	uxtw	x19, w11
	mul	x0, x0, x18
	add	x0, x1, x0, lsl 5
	lsl	x0, x0, 2
	add	x1, x23, x0
	add	x1, x1, 128
	ldr	q0, [x23, x0]
	cbz	w11, .L1597
	mov	v1.16b, v0.16b
	ldr	w17, [x27, 28]
	mov	v2.16b, v0.16b
	mov	x11, 0
	mov	v4.16b, v0.16b
	mov	x14, 0
	b	.L1443
.L1882:
	ldr	w2, [x27]
	cmp	x0, x2
	bge	.L1599
	ldr	w4, [x27, 4]
	ldr	w2, [x27, 52]
	ldr	x16, [sp, 104]
	madd	x4, x4, x0, x5
	madd	x4, x4, x2, x20
	add	x4, x24, x4, lsl 2
	tbnz	x5, #63, .L1422
.L1883:
	movi	v25.4s, 0
	ldr	w0, [x27, 4]
	cmp	x5, x0
	bge	.L1423
	ldr	q25, [x4]
.L1423:
	mov	x22, x13
	movi	v24.4s, 0
	cmp	x16, x0
	bge	.L1425
	lsl	x16, x2, 2
	ldr	q24, [x4, x16]
.L1425:
	mov	x16, x10
	movi	v19.4s, 0
	cmp	x22, x0
	bge	.L1427
	lsl	x22, x2, 3
	ldr	q19, [x4, x22]
.L1427:
	mov	x22, x9
	movi	v18.4s, 0
	cmp	x16, x0
	bge	.L1429
	add	x16, x2, x2, lsl 1
	lsl	x16, x16, 2
	ldr	q18, [x4, x16]
.L1429:
	mov	x16, x7
	movi	v6.4s, 0
	cmp	x22, x0
	bge	.L1431
	lsl	x22, x2, 4
	ldr	q6, [x4, x22]
.L1431:
	mov	x22, x15
	movi	v17.4s, 0
	cmp	x16, x0
	bge	.L1433
	add	x16, x2, x2, lsl 2
	lsl	x16, x16, 2
	ldr	q17, [x4, x16]
.L1433:
	mov	x16, x3
	movi	v5.4s, 0
	cmp	x22, x0
	bge	.L1435
	add	x22, x2, x2, lsl 1
	lsl	x22, x22, 3
	ldr	q5, [x4, x22]
.L1435:
	mov	x22, x6
	movi	v16.4s, 0
	cmp	x16, x0
	bge	.L1437
	lsl	x16, x2, 3
	sub	x16, x16, x2
	lsl	x16, x16, 2
	ldr	q16, [x4, x16]
.L1437:
	mov	x16, x12
	movi	v7.4s, 0
	cmp	x22, x0
	bge	.L1439
	lsl	x22, x2, 5
	ldr	q7, [x4, x22]
.L1439:
	mov	x22, x28
	movi	v22.4s, 0
	cmp	x16, x0
	bge	.L1441
	add	x16, x2, x2, lsl 3
	lsl	x16, x16, 2
	ldr	q22, [x4, x16]
.L1441:
	movi	v21.4s, 0
	cmp	x22, x0
	bge	.L1442
	add	x2, x2, x2, lsl 2
	lsl	x0, x2, 3
	ldr	q21, [x4, x0]
.L1442:
	add	x14, x14, 1
	ldr	q23, [x1]
	add	x11, x11, x17
	ldr	q20, [x1, 128]
	fmla	v4.4s, v23.4s, v19.4s
	fmla	v0.4s, v23.4s, v25.4s
	fmla	v2.4s, v6.4s, v23.4s
	fmla	v1.4s, v5.4s, v23.4s
	ldr	q23, [x1, 256]
	add	x1, x1, 640
	fmla	v0.4s, v20.4s, v24.4s
	fmla	v4.4s, v20.4s, v18.4s
	fmla	v2.4s, v17.4s, v20.4s
	fmla	v1.4s, v16.4s, v20.4s
	ldr	q20, [x1, -256]
	fmla	v0.4s, v23.4s, v19.4s
	fmla	v4.4s, v6.4s, v23.4s
	fmla	v2.4s, v5.4s, v23.4s
	fmla	v1.4s, v7.4s, v23.4s
	ldr	q19, [x1, -128]
	fmla	v0.4s, v20.4s, v18.4s
	fmla	v4.4s, v17.4s, v20.4s
	fmla	v2.4s, v16.4s, v20.4s
	fmla	v1.4s, v22.4s, v20.4s
	fmla	v0.4s, v6.4s, v19.4s
	fmla	v4.4s, v5.4s, v19.4s
	fmla	v2.4s, v7.4s, v19.4s
	fmla	v1.4s, v19.4s, v21.4s
	cmp	x14, x19
	beq	.L1420
.L1443:
	adds	x0, x11, x21
	bpl	.L1882
.L1599:
	ldr	x16, [sp, 104]
	mov	x4, x26
	mov	x2, 0
	tbz	x5, #63, .L1883
.L1422:
	cmn	x5, #1
	beq	.L1884
	tbz	x13, #63, .L1885
	tbz	x10, #63, .L1886
	tbz	x9, #63, .L1887
	tbz	x7, #63, .L1888
	tbz	x15, #63, .L1889
	tbz	x3, #63, .L1890
	tbz	x6, #63, .L1891
	tbz	x12, #63, .L1892
	tbz	x28, #63, .L1893
	movi	v21.4s, 0
	mov	v22.16b, v21.16b
	mov	v7.16b, v21.16b
	mov	v16.16b, v21.16b
	mov	v5.16b, v21.16b
	mov	v17.16b, v21.16b
	mov	v6.16b, v21.16b
	mov	v18.16b, v21.16b
	mov	v19.16b, v21.16b
	mov	v24.16b, v21.16b
	mov	v25.16b, v21.16b
	b	.L1442
.L1597:
	mov	v1.16b, v0.16b
	mov	v2.16b, v0.16b
	mov	v4.16b, v0.16b
.L1420:
	ldp	s7, s6, [x25, 8]
	lsl	x0, x20, 2
	mov	w1, 3
	dup	v7.4s, v7.s[0]
	dup	v6.4s, v6.s[0]
	fcmgt	v5.4s, v7.4s, v0.4s
	bit	v0.16b, v7.16b, v5.16b
	fcmgt	v5.4s, v0.4s, v6.4s
	bit	v0.16b, v6.16b, v5.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s6, s5, [x25, 8]
	add	x0, x0, x20
	lsl	x0, x0, 2
	dup	v6.4s, v6.s[0]
	dup	v5.4s, v5.s[0]
	fcmgt	v0.4s, v6.4s, v4.4s
	bsl	v0.16b, v6.16b, v4.16b
	fcmgt	v4.4s, v0.4s, v5.4s
	bit	v0.16b, v5.16b, v4.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s5, s4, [x25, 8]
	add	x0, x20, w0, uxtw 1
	dup	v5.4s, v5.s[0]
	lsl	x0, x0, 2
	dup	v4.4s, v4.s[0]
	fcmgt	v0.4s, v5.4s, v2.4s
	bsl	v0.16b, v5.16b, v2.16b
	fcmgt	v2.4s, v0.4s, v4.4s
	bit	v0.16b, v4.16b, v2.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s4, s2, [x25, 8]
	umaddl	x0, w0, w1, x20
	add	x20, x20, 4
	dup	v4.4s, v4.s[0]
	dup	v2.4s, v2.s[0]
	lsl	x0, x0, 2
	fcmgt	v0.4s, v4.4s, v1.4s
	bsl	v0.16b, v4.16b, v1.16b
	fcmgt	v1.4s, v0.4s, v2.4s
	bit	v0.16b, v2.16b, v1.16b
	str	q0, [x8, x0]
	ldr	x0, [sp, 136]
	cmp	x20, x0
	beq	.L1612
	ldr	w11, [x27, 12]
	b	.L1444
.L1628:
	ldp	x9, x14, [sp, 184]
	mov	x2, 0
	ldr	x6, [sp, 152]
	str	x2, [sp, 168]
	ldr	x2, [sp, 136]
	mov	x4, x8
	ldr	x1, [sp, 200]
	str	x11, [sp, 120]
	str	x5, [sp, 216]
.L1489:
	ldp	w16, w5, [x27, 12]
	mov	x0, 1
	ldr	x8, [sp, 216]
	umaddl	x5, w16, w5, x0
	ldr	w13, [x27, 24]
	ldr	x0, [sp, 168]
	ldr	w7, [x27, 56]
	lsl	x5, x5, 5
	madd	x13, x13, x0, x8
	mul	x7, x7, x0
	ldr	x0, [sp, 120]
	add	x7, x4, x7, lsl 2
	cmp	x0, 3
	bls	.L1462
	str	x6, [sp, 272]
	mov	x6, x9
	mov	x18, 0
	stp	x7, x5, [sp, 104]
.L1470:
	and	x0, x18, 31
	ldr	x5, [sp, 112]
	lsr	x9, x18, 5
	uxtw	x19, w16
	madd	x9, x9, x5, x0
	lsl	x9, x9, 2
	add	x0, x23, x9
	add	x0, x0, 128
	ldr	q1, [x23, x9]
	cbz	w16, .L1463
	ldr	w17, [x27, 16]
	mov	x15, 0
	ldr	w20, [x27, 28]
	mov	x16, 0
	ubfiz	x22, x17, 7, 32
	.p2align 3,,7
.L1469:
	adds	x7, x15, x21
	bmi	.L1619
	ldr	w5, [x27]
	cmp	x7, x5
	bge	.L1619
	ldr	w5, [x27, 4]
	ldr	w8, [x27, 52]
	madd	x7, x5, x7, x13
	madd	x7, x7, x8, x18
	add	x7, x24, x7, lsl 2
.L1464:
	cbz	w17, .L1465
	ldr	w9, [x27, 32]
	mov	x5, x13
	add	x11, x0, x22
	mul	x8, x8, x9
	lsl	x8, x8, 2
	.p2align 3,,7
.L1466:
	ldr	q2, [x0]
	movi	v0.4s, 0
	tbnz	x5, #63, .L1467
	ldr	w10, [x27, 4]
	cmp	x10, x5
	ble	.L1467
	ldr	q0, [x7]
.L1467:
	add	x0, x0, 128
	fmla	v1.4s, v0.4s, v2.4s
	add	x5, x5, x9
	add	x7, x7, x8
	cmp	x0, x11
	bne	.L1466
.L1465:
	add	x16, x16, 1
	add	x15, x15, x20
	cmp	x16, x19
	bne	.L1469
.L1463:
	ldp	s4, s2, [x25, 8]
	lsl	x0, x18, 2
	ldr	x5, [sp, 104]
	add	x18, x18, 4
	dup	v4.4s, v4.s[0]
	dup	v2.4s, v2.s[0]
	fcmgt	v0.4s, v4.4s, v1.4s
	bsl	v0.16b, v4.16b, v1.16b
	fcmgt	v1.4s, v0.4s, v2.4s
	bit	v0.16b, v2.16b, v1.16b
	str	q0, [x5, x0]
	cmp	x18, x2
	beq	.L1860
	ldr	w16, [x27, 12]
	b	.L1470
	.p2align 2,,3
.L1619:
	mov	x7, x26
	mov	x8, 0
	b	.L1464
.L1860:
	mov	x7, x5
	mov	x9, x6
	ldr	x5, [sp, 112]
	ldr	x6, [sp, 272]
.L1462:
	ldr	x0, [sp, 120]
	cmp	x0, x12
	bls	.L1482
	ldr	x0, [sp, 144]
	ldr	w10, [x27, 12]
	madd	x5, x5, x9, x0
	uxtw	x19, w10
	lsl	x5, x5, 2
	add	x0, x23, x5
	add	x0, x0, 128
	ldr	q0, [x23, x5]
	cbz	w10, .L1471
	ldr	w18, [x27, 16]
	mov	x16, 0
	ldr	w20, [x27, 28]
	mov	x17, 0
	str	x7, [sp, 112]
	ubfiz	x22, x18, 7, 32
	.p2align 3,,7
.L1481:
	adds	x7, x16, x21
	bmi	.L1624
	ldr	w5, [x27]
	cmp	x7, x5
	bge	.L1624
	ldr	w5, [x27, 4]
	ldr	w10, [x27, 52]
	madd	x7, x5, x7, x13
	madd	x7, x7, x10, x12
	add	x7, x24, x7, lsl 2
.L1472:
	cbz	w18, .L1473
	ldr	w11, [x27, 32]
	mov	x5, x13
	add	x15, x0, x22
	str	x2, [sp, 104]
	mul	x10, x10, x11
	lsl	x10, x10, 2
	b	.L1474
	.p2align 2,,3
.L1894:
	ldr	q2, [x8]
	add	x0, x0, 128
	add	x5, x5, x11
	add	x7, x7, x10
	fmla	v0.4s, v2.4s, v1.4s
	cmp	x0, x15
	beq	.L1861
.L1474:
	ldr	q1, [x0]
	mov	x8, x26
	tbnz	x5, #63, .L1475
	ldr	w8, [x27, 4]
	cmp	x8, x5
	csel	x8, x26, x7, le
.L1475:
	cmp	x1, 3
	bhi	.L1894
	str	q3, [sp, 560]
	cbnz	x6, .L1895
	cbnz	x28, .L1896
.L1479:
	ldr	q2, [sp, 560]
.L1899:
	add	x0, x0, 128
	fmla	v0.4s, v2.4s, v1.4s
	add	x5, x5, x11
	add	x7, x7, x10
	cmp	x0, x15
	bne	.L1474
.L1861:
	ldr	x2, [sp, 104]
.L1473:
	add	x17, x17, 1
	add	x16, x16, x20
	cmp	x17, x19
	bne	.L1481
	ldr	x7, [sp, 112]
.L1471:
	ldp	s4, s2, [x25, 8]
	dup	v4.4s, v4.s[0]
	dup	v2.4s, v2.s[0]
	fcmgt	v1.4s, v4.4s, v0.4s
	bit	v0.16b, v4.16b, v1.16b
	fcmgt	v1.4s, v0.4s, v2.4s
	bit	v0.16b, v2.16b, v1.16b
	cmp	x1, 3
	bls	.L1897
	str	q0, [x7, x14]
.L1482:
	ldr	w0, [sp, 164]
	cbnz	w0, .L1898
.L1687:
	ldr	x11, [sp, 120]
	mov	x0, 1
.L1237:
	ldr	x1, [sp, 176]
	ldr	w5, [x27, 48]
	add	x0, x1, x0
	str	x0, [sp, 176]
	uxtw	x4, w5
	cmp	x4, x0
	bhi	.L1490
	ldr	x0, [sp, 208]
	ldr	w2, [x27, 44]
	add	x0, x0, 1
	str	x0, [sp, 208]
	cmp	x2, x0
	bhi	.L1491
.L1863:
	ldp	x19, x20, [sp, 16]
	.cfi_restore 20
	.cfi_restore 19
	ldp	x21, x22, [sp, 32]
	.cfi_restore 22
	.cfi_restore 21
	ldp	x23, x24, [sp, 48]
	.cfi_restore 24
	.cfi_restore 23
.L1201:
	ldp	x29, x30, [sp]
	ldp	x25, x26, [sp, 64]
	ldp	x27, x28, [sp, 80]
	add	sp, sp, 592
	.cfi_restore 29
	.cfi_restore 30
	.cfi_restore 27
	.cfi_restore 28
	.cfi_restore 25
	.cfi_restore 26
	.cfi_def_cfa_offset 0
	ret
	.p2align 2,,3
.L1896:
	.cfi_def_cfa_offset 592
	.cfi_offset 19, -576
	.cfi_offset 20, -568
	.cfi_offset 21, -560
	.cfi_offset 22, -552
	.cfi_offset 23, -544
	.cfi_offset 24, -536
	.cfi_offset 25, -528
	.cfi_offset 26, -520
	.cfi_offset 27, -512
	.cfi_offset 28, -504
	.cfi_offset 29, -592
	.cfi_offset 30, -584
	ldr	w8, [x8, x3]
	str	w8, [x30]
	ldr	q2, [sp, 560]
	b	.L1899
	.p2align 2,,3
.L1895:
	ldr	x2, [x8]
	str	x2, [sp, 560]
	cbz	x28, .L1479
	b	.L1896
	.p2align 2,,3
.L1624:
	mov	x7, x26
	mov	x10, 0
	b	.L1472
.L1897:
	str	q0, [sp, 576]
	cbnz	x6, .L1900
	cbz	x28, .L1482
.L1901:
	ldp	x5, x0, [sp, 232]
	ldr	w0, [x0]
	str	w0, [x7, x5]
	ldr	w0, [sp, 164]
	cbz	w0, .L1687
.L1898:
	ldr	x0, [sp, 168]
	add	x0, x0, 1
	str	x0, [sp, 168]
	cmp	x0, 4
	bne	.L1489
	ldr	x11, [sp, 120]
.L1236:
	mov	x0, 4
	b	.L1237
	.p2align 2,,3
.L1900:
	str	d0, [x7, x14]
	cbz	x28, .L1482
	b	.L1901
.L1893:
	movi	v22.4s, 0
	ldr	w0, [x27, 4]
	mov	x22, x28
	mov	v7.16b, v22.16b
	mov	v16.16b, v22.16b
	mov	v5.16b, v22.16b
	mov	v17.16b, v22.16b
	mov	v6.16b, v22.16b
	mov	v18.16b, v22.16b
	mov	v19.16b, v22.16b
	mov	v24.16b, v22.16b
	mov	v25.16b, v22.16b
	b	.L1441
.L1892:
	movi	v7.4s, 0
	ldr	w0, [x27, 4]
	mov	x16, x12
	mov	v16.16b, v7.16b
	mov	v5.16b, v7.16b
	mov	v17.16b, v7.16b
	mov	v6.16b, v7.16b
	mov	v18.16b, v7.16b
	mov	v19.16b, v7.16b
	mov	v24.16b, v7.16b
	mov	v25.16b, v7.16b
	b	.L1439
.L1891:
	movi	v16.4s, 0
	ldr	w0, [x27, 4]
	mov	x22, x6
	mov	v5.16b, v16.16b
	mov	v17.16b, v16.16b
	mov	v6.16b, v16.16b
	mov	v18.16b, v16.16b
	mov	v19.16b, v16.16b
	mov	v24.16b, v16.16b
	mov	v25.16b, v16.16b
	b	.L1437
.L1890:
	movi	v5.4s, 0
	ldr	w0, [x27, 4]
	mov	x16, x3
	mov	v17.16b, v5.16b
	mov	v6.16b, v5.16b
	mov	v18.16b, v5.16b
	mov	v19.16b, v5.16b
	mov	v24.16b, v5.16b
	mov	v25.16b, v5.16b
	b	.L1435
.L1889:
	movi	v17.4s, 0
	ldr	w0, [x27, 4]
	mov	x22, x15
	mov	v6.16b, v17.16b
	mov	v18.16b, v17.16b
	mov	v19.16b, v17.16b
	mov	v24.16b, v17.16b
	mov	v25.16b, v17.16b
	b	.L1433
.L1888:
	movi	v6.4s, 0
	ldr	w0, [x27, 4]
	mov	x16, x7
	mov	v18.16b, v6.16b
	mov	v19.16b, v6.16b
	mov	v24.16b, v6.16b
	mov	v25.16b, v6.16b
	b	.L1431
.L1887:
	movi	v18.4s, 0
	ldr	w0, [x27, 4]
	mov	x22, x9
	mov	v19.16b, v18.16b
	mov	v24.16b, v18.16b
	mov	v25.16b, v18.16b
	b	.L1429
.L1886:
	movi	v19.4s, 0
	ldr	w0, [x27, 4]
	mov	x16, x10
	mov	v24.16b, v19.16b
	mov	v25.16b, v19.16b
	b	.L1427
.L1885:
	movi	v24.4s, 0
	ldr	w0, [x27, 4]
	mov	x22, x13
	mov	v25.16b, v24.16b
	b	.L1425
.L1884:
	movi	v25.4s, 0
	ldr	w0, [x27, 4]
	mov	x16, 0
	b	.L1423
.L1881:
	movi	v19.4s, 0
	ldr	w0, [x27, 4]
	mov	x22, x6
	mov	v6.16b, v19.16b
	mov	v20.16b, v19.16b
	mov	v7.16b, v19.16b
	mov	v21.16b, v19.16b
	mov	v16.16b, v19.16b
	mov	v22.16b, v19.16b
	mov	v23.16b, v19.16b
	b	.L1315
.L1880:
	movi	v6.4s, 0
	ldr	w0, [x27, 4]
	mov	x18, x3
	mov	v20.16b, v6.16b
	mov	v7.16b, v6.16b
	mov	v21.16b, v6.16b
	mov	v16.16b, v6.16b
	mov	v22.16b, v6.16b
	mov	v23.16b, v6.16b
	b	.L1313
.L1879:
	movi	v20.4s, 0
	ldr	w0, [x27, 4]
	mov	x22, x15
	mov	v7.16b, v20.16b
	mov	v21.16b, v20.16b
	mov	v16.16b, v20.16b
	mov	v22.16b, v20.16b
	mov	v23.16b, v20.16b
	b	.L1311
.L1878:
	movi	v7.4s, 0
	ldr	w0, [x27, 4]
	mov	x18, x7
	mov	v21.16b, v7.16b
	mov	v16.16b, v7.16b
	mov	v22.16b, v7.16b
	mov	v23.16b, v7.16b
	b	.L1309
.L1877:
	movi	v21.4s, 0
	ldr	w0, [x27, 4]
	mov	x22, x9
	mov	v16.16b, v21.16b
	mov	v22.16b, v21.16b
	mov	v23.16b, v21.16b
	b	.L1307
.L1876:
	movi	v16.4s, 0
	ldr	w0, [x27, 4]
	mov	x18, x10
	mov	v22.16b, v16.16b
	mov	v23.16b, v16.16b
	b	.L1305
.L1875:
	movi	v22.4s, 0
	ldr	w0, [x27, 4]
	mov	x22, x13
	mov	v23.16b, v22.16b
	b	.L1303
.L1874:
	movi	v23.4s, 0
	ldr	w0, [x27, 4]
	mov	x18, 0
	b	.L1301
.L1538:
	mov	v1.16b, v0.16b
	mov	v2.16b, v0.16b
	mov	v4.16b, v0.16b
	b	.L1298
.L1587:
	mov	v1.16b, v0.16b
	mov	v2.16b, v0.16b
	mov	v4.16b, v0.16b
	b	.L1398
.L1504:
	ldr	x11, [sp, 104]
	ldr	x17, [sp, 128]
.L1214:
	cmp	x11, x17
	bls	.L1236
	lsr	x2, x17, 5
	ubfx	x9, x11, 1, 1
	and	x0, x17, 31
	add	x7, sp, 304
	lsl	x18, x9, 3
	add	x4, sp, 320
	mul	x2, x2, x10
	add	x1, x7, x18
	sub	x13, x11, x17
	and	x22, x11, 1
	and	x20, x11, 2
	stp	x11, x5, [sp, 112]
	add	x0, x0, x2, lsl 5
	mov	x5, x1
	mov	x2, x3
	add	x10, x23, x0, lsl 2
	mov	x3, x23
	add	x9, x10, 128
	mov	x11, x30
	add	x7, x4, x18
	mov	x4, 0
	str	x28, [sp, 168]
.L1234:
	ldr	w0, [x27, 56]
	ldr	x1, [sp, 120]
	ldr	w14, [x27, 12]
	ldr	w16, [x27, 24]
	madd	x0, x0, x4, x17
	ldr	q0, [x10]
	uxtw	x28, w14
	madd	x16, x16, x4, x1
	lsl	x1, x0, 2
	cbz	w14, .L1220
	ldr	w19, [x27, 16]
	mov	x0, x9
	ldr	w23, [x27, 28]
	mov	x14, 0
	mov	x15, 0
	str	x10, [sp, 216]
	ubfiz	x30, x19, 7, 32
	stp	x1, x9, [sp, 272]
	stp	x7, x4, [sp, 288]
.L1230:
	adds	x4, x14, x21
	bmi	.L1506
	ldr	w1, [x27]
	cmp	x4, x1
	bge	.L1506
	ldr	w1, [x27, 4]
	ldr	w6, [x27, 52]
	madd	x4, x1, x4, x16
	madd	x4, x4, x6, x17
	add	x4, x24, x4, lsl 2
.L1221:
	cbz	w19, .L1222
	ldr	w9, [x27, 32]
	mov	x1, x16
	add	x10, x0, x30
	str	x2, [sp, 104]
	mul	x6, x6, x9
	lsl	x7, x6, 2
	b	.L1223
	.p2align 2,,3
.L1902:
	ldr	q2, [x6]
	add	x0, x0, 128
	add	x1, x1, x9
	add	x4, x4, x7
	fmla	v0.4s, v2.4s, v1.4s
	cmp	x0, x10
	beq	.L1851
.L1223:
	ldr	q1, [x0]
	mov	x6, x26
	tbnz	x1, #63, .L1224
	ldr	w6, [x27, 4]
	cmp	x6, x1
	csel	x6, x26, x4, le
.L1224:
	cmp	x13, 3
	bhi	.L1902
	str	q3, [sp, 304]
	cbnz	x20, .L1903
	cbnz	x22, .L1904
.L1228:
	ldr	q2, [sp, 304]
.L1906:
	add	x0, x0, 128
	fmla	v0.4s, v2.4s, v1.4s
	add	x1, x1, x9
	add	x4, x4, x7
	cmp	x0, x10
	bne	.L1223
.L1851:
	ldr	x2, [sp, 104]
.L1222:
	add	x15, x15, 1
	add	x14, x14, x23
	cmp	x15, x28
	bne	.L1230
	ldp	x1, x9, [sp, 272]
	ldp	x7, x4, [sp, 288]
	ldr	x10, [sp, 216]
.L1220:
	ldp	s4, s2, [x25, 8]
	dup	v4.4s, v4.s[0]
	dup	v2.4s, v2.s[0]
	fcmgt	v1.4s, v4.4s, v0.4s
	bsl	v1.16b, v4.16b, v0.16b
	fcmgt	v0.4s, v1.4s, v2.4s
	bsl	v0.16b, v2.16b, v1.16b
	cmp	x13, 3
	bls	.L1905
	str	q0, [x8, x1]
.L1231:
	add	x4, x4, 1
	cmp	x4, 4
	bne	.L1234
	ldr	x28, [sp, 168]
	mov	x30, x11
	ldr	x11, [sp, 112]
	mov	x23, x3
	mov	x3, x2
.L1925:
	mov	x0, 4
	b	.L1237
.L1904:
	ldr	w6, [x6, x18]
	str	w6, [x5]
	ldr	q2, [sp, 304]
	b	.L1906
.L1903:
	ldr	x2, [x6]
	str	x2, [sp, 304]
	cbz	x22, .L1228
	b	.L1904
.L1506:
	mov	x4, x26
	mov	x6, 0
	b	.L1221
.L1905:
	str	q0, [sp, 320]
	cbnz	x20, .L1907
	cbz	x22, .L1231
.L1908:
	add	x0, x8, x1
	ldr	w1, [x7]
	str	w1, [x0, x18]
	b	.L1231
.L1907:
	str	d0, [x8, x1]
	cbz	x22, .L1231
	b	.L1908
.L1207:
	ldr	w4, [x27, 12]
	mov	x1, 1
	umaddl	x18, w4, w18, x1
	cmp	x0, x7
	bge	.L1274
	cmp	x11, 3
	bls	.L1527
	mov	x22, 0
.L1279:
	lsr	x1, x22, 5
	and	x0, x22, 31
	uxtw	x10, w4
	mul	x1, x1, x18
	add	x1, x0, x1, lsl 5
	lsl	x1, x1, 2
	add	x0, x23, x1
	add	x0, x0, 128
	ldr	q1, [x23, x1]
	cbz	w4, .L1528
	mov	v6.16b, v1.16b
	ldr	w9, [x27, 28]
	mov	v7.16b, v1.16b
	mov	x1, 0
	mov	v2.16b, v1.16b
	mov	x4, 0
	stp	x11, x18, [sp, 104]
	b	.L1278
.L1910:
	ldr	w7, [x27]
	cmp	x2, x7
	bge	.L1530
	ldr	w7, [x27, 4]
	ldr	w11, [x27, 52]
	madd	x7, x7, x2, x5
	lsl	x2, x11, 2
	madd	x7, x7, x11, x22
	lsl	x7, x7, 2
	add	x11, x24, x7
	add	x13, x11, x2
	add	x14, x13, x2
	add	x15, x14, x2
	add	x16, x15, x2
	add	x18, x16, x2
	add	x17, x18, x2
	add	x20, x17, x2
	ldr	q16, [x18, x2]
	ldr	q0, [x20, x2]
	ldr	q19, [x17, x2]
	ldr	q20, [x16, x2]
	ldr	q17, [x15, x2]
	ldr	q21, [x14, x2]
	ldr	q18, [x13, x2]
	ldr	q22, [x11, x2]
	ldr	q23, [x24, x7]
.L1277:
	add	x4, x4, 1
	ldr	q4, [x0]
	add	x1, x1, x9
	ldr	q5, [x0, 128]
	add	x0, x0, 384
	fmla	v1.4s, v4.4s, v23.4s
	fmla	v2.4s, v4.4s, v18.4s
	fmla	v7.4s, v4.4s, v17.4s
	fmla	v6.4s, v4.4s, v16.4s
	ldr	q4, [x0, -128]
	fmla	v1.4s, v5.4s, v22.4s
	fmla	v2.4s, v5.4s, v21.4s
	fmla	v7.4s, v5.4s, v20.4s
	fmla	v6.4s, v5.4s, v19.4s
	fmla	v1.4s, v4.4s, v18.4s
	fmla	v2.4s, v4.4s, v17.4s
	fmla	v7.4s, v4.4s, v16.4s
	fmla	v6.4s, v4.4s, v0.4s
	cmp	x4, x10
	beq	.L1909
.L1278:
	movi	v0.4s, 0
	adds	x2, x1, x21
	bpl	.L1910
.L1530:
	mov	v19.16b, v0.16b
	mov	v16.16b, v0.16b
	mov	v20.16b, v0.16b
	mov	v17.16b, v0.16b
	mov	v21.16b, v0.16b
	mov	v18.16b, v0.16b
	mov	v22.16b, v0.16b
	mov	v23.16b, v0.16b
	b	.L1277
.L1909:
	ldp	x11, x18, [sp, 104]
.L1276:
	lsl	x0, x22, 2
	ldp	s5, s4, [x25, 8]
	mov	w1, 3
	dup	v5.4s, v5.s[0]
	dup	v4.4s, v4.s[0]
	fcmgt	v0.4s, v5.4s, v1.4s
	bsl	v0.16b, v5.16b, v1.16b
	fcmgt	v1.4s, v0.4s, v4.4s
	bit	v0.16b, v4.16b, v1.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s4, s1, [x25, 8]
	add	x0, x0, x22
	lsl	x0, x0, 2
	dup	v4.4s, v4.s[0]
	dup	v1.4s, v1.s[0]
	fcmgt	v0.4s, v4.4s, v2.4s
	bsl	v0.16b, v4.16b, v2.16b
	fcmgt	v2.4s, v0.4s, v1.4s
	bit	v0.16b, v1.16b, v2.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s2, s1, [x25, 8]
	add	x0, x22, w0, uxtw 1
	dup	v2.4s, v2.s[0]
	lsl	x0, x0, 2
	dup	v1.4s, v1.s[0]
	fcmgt	v0.4s, v2.4s, v7.4s
	bsl	v0.16b, v2.16b, v7.16b
	fcmgt	v2.4s, v0.4s, v1.4s
	bit	v0.16b, v1.16b, v2.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s2, s1, [x25, 8]
	umaddl	x0, w0, w1, x22
	add	x22, x22, 4
	dup	v2.4s, v2.s[0]
	dup	v1.4s, v1.s[0]
	lsl	x0, x0, 2
	fcmgt	v0.4s, v2.4s, v6.4s
	bsl	v0.16b, v2.16b, v6.16b
	fcmgt	v2.4s, v0.4s, v1.4s
	bit	v0.16b, v1.16b, v2.16b
	str	q0, [x8, x0]
	ldr	x0, [sp, 136]
	cmp	x22, x0
	beq	.L1531
	ldr	w4, [x27, 12]
	b	.L1279
.L1528:
	mov	v6.16b, v1.16b
	mov	v7.16b, v1.16b
	mov	v2.16b, v1.16b
	b	.L1276
.L1492:
	ldp	w2, w0, [x27, 12]
	mov	x1, 1
	umaddl	x16, w2, w0, x1
.L1336:
	cmp	x11, 3
	bls	.L1567
	add	x0, x5, 7
	add	x13, x5, 2
	add	x10, x5, 3
	add	x9, x5, 4
	add	x7, x5, 5
	add	x15, x5, 6
	mov	w4, w2
	str	x3, [sp, 120]
	mov	x3, x0
	add	x1, x5, 1
	mov	x20, 0
	stp	x1, x11, [sp, 104]
.L1378:
	lsr	x1, x20, 5
	and	x0, x20, 31
	uxtw	x19, w4
	mul	x1, x1, x16
	add	x1, x0, x1, lsl 5
	lsl	x1, x1, 2
	add	x0, x23, x1
	add	x0, x0, 128
	ldr	q0, [x23, x1]
	cbz	w4, .L1568
	mov	v1.16b, v0.16b
	ldr	w18, [x27, 28]
	mov	v2.16b, v0.16b
	mov	x4, 0
	mov	v4.16b, v0.16b
	mov	x14, 0
	str	x16, [sp, 168]
	b	.L1377
.L1912:
	ldr	w2, [x27]
	cmp	x1, x2
	bge	.L1570
	ldr	w2, [x27, 4]
	ldr	w16, [x27, 52]
	ldr	x17, [sp, 104]
	madd	x2, x2, x1, x5
	madd	x2, x2, x16, x20
	add	x2, x24, x2, lsl 2
	tbnz	x5, #63, .L1362
.L1913:
	movi	v22.4s, 0
	ldr	w1, [x27, 4]
	cmp	x5, x1
	bge	.L1363
	ldr	q22, [x2]
.L1363:
	mov	x22, x13
	movi	v21.4s, 0
	cmp	x17, x1
	bge	.L1365
	lsl	x17, x16, 2
	ldr	q21, [x2, x17]
.L1365:
	mov	x17, x10
	movi	v16.4s, 0
	cmp	x22, x1
	bge	.L1367
	lsl	x22, x16, 3
	ldr	q16, [x2, x22]
.L1367:
	mov	x22, x9
	movi	v6.4s, 0
	cmp	x17, x1
	bge	.L1369
	add	x17, x16, x16, lsl 1
	lsl	x17, x17, 2
	ldr	q6, [x2, x17]
.L1369:
	mov	x17, x7
	movi	v5.4s, 0
	cmp	x22, x1
	bge	.L1371
	lsl	x22, x16, 4
	ldr	q5, [x2, x22]
.L1371:
	mov	x22, x15
	movi	v7.4s, 0
	cmp	x17, x1
	bge	.L1373
	add	x17, x16, x16, lsl 2
	lsl	x17, x17, 2
	ldr	q7, [x2, x17]
.L1373:
	mov	x17, x3
	movi	v19.4s, 0
	cmp	x22, x1
	bge	.L1375
	add	x22, x16, x16, lsl 1
	lsl	x22, x22, 3
	ldr	q19, [x2, x22]
.L1375:
	movi	v20.4s, 0
	cmp	x17, x1
	bge	.L1376
	lsl	x1, x16, 3
	sub	x1, x1, x16
	lsl	x1, x1, 2
	ldr	q20, [x2, x1]
.L1376:
	add	x14, x14, 1
	ldr	q18, [x0]
	add	x4, x4, x18
	ldr	q17, [x0, 128]
	fmla	v2.4s, v16.4s, v18.4s
	fmla	v0.4s, v22.4s, v18.4s
	fmla	v4.4s, v21.4s, v18.4s
	fmla	v1.4s, v18.4s, v6.4s
	ldr	q18, [x0, 256]
	add	x0, x0, 640
	fmla	v4.4s, v16.4s, v17.4s
	fmla	v0.4s, v21.4s, v17.4s
	fmla	v2.4s, v17.4s, v6.4s
	fmla	v1.4s, v17.4s, v5.4s
	ldr	q17, [x0, -256]
	fmla	v0.4s, v16.4s, v18.4s
	fmla	v4.4s, v18.4s, v6.4s
	fmla	v2.4s, v18.4s, v5.4s
	fmla	v1.4s, v18.4s, v7.4s
	ldr	q16, [x0, -128]
	fmla	v0.4s, v17.4s, v6.4s
	fmla	v4.4s, v17.4s, v5.4s
	fmla	v2.4s, v17.4s, v7.4s
	fmla	v1.4s, v17.4s, v19.4s
	fmla	v0.4s, v16.4s, v5.4s
	fmla	v4.4s, v16.4s, v7.4s
	fmla	v2.4s, v16.4s, v19.4s
	fmla	v1.4s, v16.4s, v20.4s
	cmp	x14, x19
	beq	.L1911
.L1377:
	adds	x1, x4, x21
	bpl	.L1912
.L1570:
	ldr	x17, [sp, 104]
	mov	x2, x26
	mov	x16, 0
	tbz	x5, #63, .L1913
.L1362:
	cmn	x5, #1
	beq	.L1914
	tbz	x13, #63, .L1915
	tbz	x10, #63, .L1916
	tbz	x9, #63, .L1917
	tbz	x7, #63, .L1918
	tbz	x15, #63, .L1919
	tbz	x3, #63, .L1920
	movi	v20.4s, 0
	mov	v19.16b, v20.16b
	mov	v7.16b, v20.16b
	mov	v5.16b, v20.16b
	mov	v6.16b, v20.16b
	mov	v16.16b, v20.16b
	mov	v21.16b, v20.16b
	mov	v22.16b, v20.16b
	b	.L1376
.L1911:
	ldr	x16, [sp, 168]
.L1360:
	lsl	x0, x20, 2
	ldp	s7, s6, [x25, 8]
	mov	w1, 3
	dup	v7.4s, v7.s[0]
	dup	v6.4s, v6.s[0]
	fcmgt	v5.4s, v7.4s, v0.4s
	bit	v0.16b, v7.16b, v5.16b
	fcmgt	v5.4s, v0.4s, v6.4s
	bit	v0.16b, v6.16b, v5.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s6, s5, [x25, 8]
	add	x0, x0, x20
	lsl	x0, x0, 2
	dup	v6.4s, v6.s[0]
	dup	v5.4s, v5.s[0]
	fcmgt	v0.4s, v6.4s, v4.4s
	bsl	v0.16b, v6.16b, v4.16b
	fcmgt	v4.4s, v0.4s, v5.4s
	bit	v0.16b, v5.16b, v4.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s5, s4, [x25, 8]
	add	x0, x20, w0, uxtw 1
	dup	v5.4s, v5.s[0]
	lsl	x0, x0, 2
	dup	v4.4s, v4.s[0]
	fcmgt	v0.4s, v5.4s, v2.4s
	bsl	v0.16b, v5.16b, v2.16b
	fcmgt	v2.4s, v0.4s, v4.4s
	bit	v0.16b, v4.16b, v2.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s4, s2, [x25, 8]
	umaddl	x0, w0, w1, x20
	add	x20, x20, 4
	dup	v4.4s, v4.s[0]
	dup	v2.4s, v2.s[0]
	lsl	x0, x0, 2
	fcmgt	v0.4s, v4.4s, v1.4s
	bsl	v0.16b, v4.16b, v1.16b
	fcmgt	v1.4s, v0.4s, v2.4s
	bit	v0.16b, v2.16b, v1.16b
	str	q0, [x8, x0]
	ldr	x0, [sp, 136]
	cmp	x20, x0
	beq	.L1580
	ldr	w4, [x27, 12]
	b	.L1378
.L1920:
	movi	v19.4s, 0
	ldr	w1, [x27, 4]
	mov	x17, x3
	mov	v7.16b, v19.16b
	mov	v5.16b, v19.16b
	mov	v6.16b, v19.16b
	mov	v16.16b, v19.16b
	mov	v21.16b, v19.16b
	mov	v22.16b, v19.16b
	b	.L1375
.L1917:
	movi	v6.4s, 0
	ldr	w1, [x27, 4]
	mov	x22, x9
	mov	v16.16b, v6.16b
	mov	v21.16b, v6.16b
	mov	v22.16b, v6.16b
	b	.L1369
.L1916:
	movi	v16.4s, 0
	ldr	w1, [x27, 4]
	mov	x17, x10
	mov	v21.16b, v16.16b
	mov	v22.16b, v16.16b
	b	.L1367
.L1915:
	movi	v21.4s, 0
	ldr	w1, [x27, 4]
	mov	x22, x13
	mov	v22.16b, v21.16b
	b	.L1365
.L1914:
	movi	v22.4s, 0
	ldr	w1, [x27, 4]
	mov	x17, 0
	b	.L1363
.L1919:
	movi	v7.4s, 0
	ldr	w1, [x27, 4]
	mov	x22, x15
	mov	v5.16b, v7.16b
	mov	v6.16b, v7.16b
	mov	v16.16b, v7.16b
	mov	v21.16b, v7.16b
	mov	v22.16b, v7.16b
	b	.L1373
.L1918:
	movi	v5.4s, 0
	ldr	w1, [x27, 4]
	mov	x17, x7
	mov	v6.16b, v5.16b
	mov	v16.16b, v5.16b
	mov	v21.16b, v5.16b
	mov	v22.16b, v5.16b
	b	.L1371
.L1568:
	mov	v1.16b, v0.16b
	mov	v2.16b, v0.16b
	mov	v4.16b, v0.16b
	b	.L1360
.L1580:
	ldp	x11, x3, [sp, 112]
	ldr	x17, [sp, 128]
.L1359:
	cmp	x11, x17
	bls	.L1236
	lsr	x2, x17, 5
	ubfx	x9, x11, 1, 1
	and	x0, x17, 31
	add	x7, sp, 464
	lsl	x18, x9, 3
	add	x4, sp, 480
	mul	x2, x2, x16
	add	x1, x7, x18
	sub	x13, x11, x17
	and	x22, x11, 1
	and	x20, x11, 2
	stp	x11, x5, [sp, 112]
	add	x0, x0, x2, lsl 5
	mov	x5, x1
	mov	x2, x3
	add	x10, x23, x0, lsl 2
	mov	x3, x23
	add	x9, x10, 128
	mov	x11, x30
	add	x7, x4, x18
	mov	x4, 0
	str	x28, [sp, 168]
.L1393:
	ldr	w0, [x27, 56]
	ldr	x1, [sp, 120]
	ldr	w14, [x27, 12]
	ldr	w16, [x27, 24]
	madd	x0, x0, x4, x17
	ldr	q0, [x10]
	uxtw	x28, w14
	madd	x16, x16, x4, x1
	lsl	x1, x0, 2
	cbz	w14, .L1379
	ldr	w19, [x27, 16]
	mov	x0, x9
	ldr	w23, [x27, 28]
	mov	x14, 0
	mov	x15, 0
	str	x10, [sp, 216]
	ubfiz	x30, x19, 7, 32
	stp	x1, x9, [sp, 272]
	stp	x7, x4, [sp, 288]
.L1389:
	adds	x4, x14, x21
	bmi	.L1582
	ldr	w1, [x27]
	cmp	x4, x1
	bge	.L1582
	ldr	w1, [x27, 4]
	ldr	w6, [x27, 52]
	madd	x4, x1, x4, x16
	madd	x4, x4, x6, x17
	add	x4, x24, x4, lsl 2
.L1380:
	cbz	w19, .L1381
	ldr	w9, [x27, 32]
	mov	x1, x16
	add	x10, x0, x30
	str	x2, [sp, 104]
	mul	x6, x6, x9
	lsl	x7, x6, 2
	b	.L1382
	.p2align 2,,3
.L1921:
	ldr	q2, [x6]
	add	x0, x0, 128
	add	x1, x1, x9
	add	x4, x4, x7
	fmla	v0.4s, v2.4s, v1.4s
	cmp	x0, x10
	beq	.L1856
.L1382:
	ldr	q1, [x0]
	mov	x6, x26
	tbnz	x1, #63, .L1383
	ldr	w6, [x27, 4]
	cmp	x6, x1
	csel	x6, x26, x4, le
.L1383:
	cmp	x13, 3
	bhi	.L1921
	str	q3, [sp, 464]
	cbnz	x20, .L1922
	cbnz	x22, .L1923
.L1387:
	ldr	q2, [sp, 464]
.L1926:
	add	x0, x0, 128
	fmla	v0.4s, v2.4s, v1.4s
	add	x1, x1, x9
	add	x4, x4, x7
	cmp	x0, x10
	bne	.L1382
.L1856:
	ldr	x2, [sp, 104]
.L1381:
	add	x15, x15, 1
	add	x14, x14, x23
	cmp	x15, x28
	bne	.L1389
	ldp	x1, x9, [sp, 272]
	ldp	x7, x4, [sp, 288]
	ldr	x10, [sp, 216]
.L1379:
	ldp	s4, s2, [x25, 8]
	dup	v4.4s, v4.s[0]
	dup	v2.4s, v2.s[0]
	fcmgt	v1.4s, v4.4s, v0.4s
	bsl	v1.16b, v4.16b, v0.16b
	fcmgt	v0.4s, v1.4s, v2.4s
	bsl	v0.16b, v2.16b, v1.16b
	cmp	x13, 3
	bls	.L1924
	str	q0, [x8, x1]
.L1390:
	add	x4, x4, 1
	cmp	x4, 4
	bne	.L1393
	ldr	x28, [sp, 168]
	mov	x30, x11
	ldr	x11, [sp, 112]
	mov	x23, x3
	mov	x3, x2
	b	.L1925
.L1923:
	ldr	w6, [x6, x18]
	str	w6, [x5]
	ldr	q2, [sp, 464]
	b	.L1926
.L1922:
	ldr	x2, [x6]
	str	x2, [sp, 464]
	cbz	x22, .L1387
	b	.L1923
.L1582:
	mov	x4, x26
	mov	x6, 0
	b	.L1380
.L1924:
	str	q0, [sp, 480]
	cbnz	x20, .L1927
	cbz	x22, .L1390
.L1928:
	add	x0, x8, x1
	ldr	w1, [x7]
	str	w1, [x0, x18]
	b	.L1390
.L1927:
	str	d0, [x8, x1]
	cbz	x22, .L1390
	b	.L1928
.L1494:
	ldr	w18, [x27, 16]
.L1213:
	ldr	w4, [x27, 12]
	mov	x0, 1
	umaddl	x18, w4, w18, x0
	lsl	x15, x18, 5
	cmp	x11, 3
	bls	.L1510
	add	x13, x5, 2
	add	x10, x5, 3
	add	x9, x5, 4
	add	x7, x5, 5
	add	x0, x5, x0
	mov	x20, 0
	str	x0, [sp, 104]
.L1255:
	and	x0, x20, 31
	lsr	x1, x20, 5
	uxtw	x18, w4
	madd	x1, x1, x15, x0
	lsl	x1, x1, 2
	add	x0, x23, x1
	add	x0, x0, 128
	ldr	q0, [x23, x1]
	cbz	w4, .L1511
	mov	v17.16b, v0.16b
	ldr	w17, [x27, 28]
	mov	v18.16b, v0.16b
	mov	x2, 0
	mov	v1.16b, v0.16b
	mov	x14, 0
	str	x11, [sp, 112]
	b	.L1254
.L1930:
	ldr	w4, [x27]
	cmp	x1, x4
	bge	.L1513
	ldr	w11, [x27, 4]
	ldr	w4, [x27, 52]
	ldr	x16, [sp, 104]
	madd	x11, x11, x1, x5
	madd	x11, x11, x4, x20
	add	x11, x24, x11, lsl 2
	tbnz	x5, #63, .L1243
.L1931:
	movi	v20.4s, 0
	ldr	w1, [x27, 4]
	cmp	x5, x1
	bge	.L1244
	ldr	q20, [x11]
.L1244:
	mov	x22, x13
	movi	v16.4s, 0
	cmp	x16, x1
	bge	.L1246
	lsl	x16, x4, 2
	ldr	q16, [x11, x16]
.L1246:
	mov	x16, x10
	movi	v4.4s, 0
	cmp	x22, x1
	bge	.L1248
	lsl	x22, x4, 3
	ldr	q4, [x11, x22]
.L1248:
	mov	x22, x9
	movi	v2.4s, 0
	cmp	x16, x1
	bge	.L1250
	add	x16, x4, x4, lsl 1
	lsl	x16, x16, 2
	ldr	q2, [x11, x16]
.L1250:
	mov	x16, x7
	movi	v7.4s, 0
	cmp	x22, x1
	bge	.L1252
	lsl	x22, x4, 4
	ldr	q7, [x11, x22]
.L1252:
	movi	v19.4s, 0
	cmp	x16, x1
	bge	.L1253
	add	x4, x4, x4, lsl 2
	lsl	x1, x4, 2
	ldr	q19, [x11, x1]
.L1253:
	add	x14, x14, 1
	ldr	q5, [x0]
	add	x2, x2, x17
	ldr	q6, [x0, 128]
	add	x0, x0, 384
	fmla	v0.4s, v20.4s, v5.4s
	fmla	v1.4s, v16.4s, v5.4s
	fmla	v18.4s, v4.4s, v5.4s
	fmla	v17.4s, v2.4s, v5.4s
	ldr	q5, [x0, -128]
	fmla	v0.4s, v16.4s, v6.4s
	fmla	v1.4s, v4.4s, v6.4s
	fmla	v18.4s, v2.4s, v6.4s
	fmla	v17.4s, v7.4s, v6.4s
	fmla	v0.4s, v4.4s, v5.4s
	fmla	v1.4s, v2.4s, v5.4s
	fmla	v18.4s, v7.4s, v5.4s
	fmla	v17.4s, v5.4s, v19.4s
	cmp	x14, x18
	beq	.L1929
.L1254:
	adds	x1, x2, x21
	bpl	.L1930
.L1513:
	ldr	x16, [sp, 104]
	mov	x11, x26
	mov	x4, 0
	tbz	x5, #63, .L1931
.L1243:
	cmn	x5, #1
	beq	.L1932
	tbz	x13, #63, .L1933
	tbz	x10, #63, .L1934
	tbz	x9, #63, .L1935
	tbz	x7, #63, .L1936
	movi	v19.4s, 0
	mov	v7.16b, v19.16b
	mov	v2.16b, v19.16b
	mov	v4.16b, v19.16b
	mov	v16.16b, v19.16b
	mov	v20.16b, v19.16b
	b	.L1253
.L1929:
	ldr	x11, [sp, 112]
.L1241:
	lsl	x0, x20, 2
	ldp	s5, s4, [x25, 8]
	mov	w1, 3
	dup	v5.4s, v5.s[0]
	dup	v4.4s, v4.s[0]
	fcmgt	v2.4s, v5.4s, v0.4s
	bit	v0.16b, v5.16b, v2.16b
	fcmgt	v2.4s, v0.4s, v4.4s
	bit	v0.16b, v4.16b, v2.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s4, s2, [x25, 8]
	add	x0, x0, x20
	lsl	x0, x0, 2
	dup	v4.4s, v4.s[0]
	dup	v2.4s, v2.s[0]
	fcmgt	v0.4s, v4.4s, v1.4s
	bsl	v0.16b, v4.16b, v1.16b
	fcmgt	v1.4s, v0.4s, v2.4s
	bit	v0.16b, v2.16b, v1.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s2, s1, [x25, 8]
	add	x0, x20, w0, uxtw 1
	dup	v2.4s, v2.s[0]
	lsl	x0, x0, 2
	dup	v1.4s, v1.s[0]
	fcmgt	v0.4s, v2.4s, v18.4s
	bsl	v0.16b, v2.16b, v18.16b
	fcmgt	v2.4s, v0.4s, v1.4s
	bit	v0.16b, v1.16b, v2.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s2, s1, [x25, 8]
	umaddl	x0, w0, w1, x20
	add	x20, x20, 4
	dup	v2.4s, v2.s[0]
	dup	v1.4s, v1.s[0]
	lsl	x0, x0, 2
	fcmgt	v0.4s, v2.4s, v17.4s
	bsl	v0.16b, v2.16b, v17.16b
	fcmgt	v2.4s, v0.4s, v1.4s
	bit	v0.16b, v1.16b, v2.16b
	str	q0, [x8, x0]
	ldr	x0, [sp, 136]
	cmp	x20, x0
	beq	.L1521
	ldr	w4, [x27, 12]
	b	.L1255
.L1936:
	movi	v7.4s, 0
	ldr	w1, [x27, 4]
	mov	x16, x7
	mov	v2.16b, v7.16b
	mov	v4.16b, v7.16b
	mov	v16.16b, v7.16b
	mov	v20.16b, v7.16b
	b	.L1252
.L1935:
	movi	v2.4s, 0
	ldr	w1, [x27, 4]
	mov	x22, x9
	mov	v4.16b, v2.16b
	mov	v16.16b, v2.16b
	mov	v20.16b, v2.16b
	b	.L1250
.L1934:
	movi	v4.4s, 0
	ldr	w1, [x27, 4]
	mov	x16, x10
	mov	v16.16b, v4.16b
	mov	v20.16b, v4.16b
	b	.L1248
.L1933:
	movi	v16.4s, 0
	ldr	w1, [x27, 4]
	mov	x22, x13
	mov	v20.16b, v16.16b
	b	.L1246
.L1932:
	movi	v20.4s, 0
	ldr	w1, [x27, 4]
	mov	x16, 0
	b	.L1244
.L1511:
	mov	v17.16b, v0.16b
	mov	v18.16b, v0.16b
	mov	v1.16b, v0.16b
	b	.L1241
.L1521:
	ldr	x17, [sp, 128]
.L1240:
	cmp	x11, x17
	bls	.L1236
	and	x9, x17, 31
	lsr	x0, x17, 5
	ubfx	x7, x11, 1, 1
	add	x4, sp, 336
	add	x2, sp, 352
	sub	x13, x11, x17
	madd	x0, x0, x15, x9
	lsl	x18, x7, 3
	add	x1, x4, x18
	add	x7, x2, x18
	and	x22, x11, 1
	and	x20, x11, 2
	add	x10, x23, x0, lsl 2
	mov	x2, x3
	add	x9, x10, 128
	mov	x3, x23
	stp	x11, x5, [sp, 112]
	mov	x5, x1
	mov	x11, x30
	mov	x4, 0
	str	x28, [sp, 168]
.L1270:
	ldr	w0, [x27, 56]
	ldr	x1, [sp, 120]
	ldr	w14, [x27, 12]
	ldr	w16, [x27, 24]
	madd	x0, x0, x4, x17
	ldr	q0, [x10]
	uxtw	x28, w14
	madd	x16, x16, x4, x1
	lsl	x1, x0, 2
	cbz	w14, .L1256
	ldr	w19, [x27, 16]
	mov	x0, x9
	ldr	w23, [x27, 28]
	mov	x14, 0
	mov	x15, 0
	str	x10, [sp, 216]
	ubfiz	x30, x19, 7, 32
	stp	x1, x9, [sp, 272]
	stp	x7, x4, [sp, 288]
.L1266:
	adds	x4, x14, x21
	bmi	.L1523
	ldr	w1, [x27]
	cmp	x4, x1
	bge	.L1523
	ldr	w1, [x27, 4]
	ldr	w6, [x27, 52]
	madd	x4, x1, x4, x16
	madd	x4, x4, x6, x17
	add	x4, x24, x4, lsl 2
.L1257:
	cbz	w19, .L1258
	ldr	w9, [x27, 32]
	mov	x1, x16
	add	x10, x0, x30
	str	x2, [sp, 104]
	mul	x6, x6, x9
	lsl	x7, x6, 2
	b	.L1259
	.p2align 2,,3
.L1937:
	ldr	q2, [x6]
	add	x0, x0, 128
	add	x1, x1, x9
	add	x4, x4, x7
	fmla	v0.4s, v2.4s, v1.4s
	cmp	x0, x10
	beq	.L1852
.L1259:
	ldr	q1, [x0]
	mov	x6, x26
	tbnz	x1, #63, .L1260
	ldr	w6, [x27, 4]
	cmp	x6, x1
	csel	x6, x26, x4, le
.L1260:
	cmp	x13, 3
	bhi	.L1937
	str	q3, [sp, 336]
	cbnz	x20, .L1938
	cbnz	x22, .L1939
.L1264:
	ldr	q2, [sp, 336]
.L1941:
	add	x0, x0, 128
	fmla	v0.4s, v2.4s, v1.4s
	add	x1, x1, x9
	add	x4, x4, x7
	cmp	x0, x10
	bne	.L1259
.L1852:
	ldr	x2, [sp, 104]
.L1258:
	add	x15, x15, 1
	add	x14, x14, x23
	cmp	x15, x28
	bne	.L1266
	ldp	x1, x9, [sp, 272]
	ldp	x7, x4, [sp, 288]
	ldr	x10, [sp, 216]
.L1256:
	ldp	s4, s2, [x25, 8]
	dup	v4.4s, v4.s[0]
	dup	v2.4s, v2.s[0]
	fcmgt	v1.4s, v4.4s, v0.4s
	bsl	v1.16b, v4.16b, v0.16b
	fcmgt	v0.4s, v1.4s, v2.4s
	bsl	v0.16b, v2.16b, v1.16b
	cmp	x13, 3
	bls	.L1940
	str	q0, [x8, x1]
.L1267:
	add	x4, x4, 1
	cmp	x4, 4
	bne	.L1270
	ldr	x28, [sp, 168]
	mov	x30, x11
	ldr	x11, [sp, 112]
	mov	x23, x3
	mov	x3, x2
	b	.L1925
.L1939:
	ldr	w6, [x6, x18]
	str	w6, [x5]
	ldr	q2, [sp, 336]
	b	.L1941
.L1938:
	ldr	x2, [x6]
	str	x2, [sp, 336]
	cbz	x22, .L1264
	b	.L1939
.L1523:
	mov	x4, x26
	mov	x6, 0
	b	.L1257
.L1940:
	str	q0, [sp, 352]
	cbnz	x20, .L1942
	cbz	x22, .L1267
.L1943:
	add	x0, x8, x1
	ldr	w1, [x7]
	str	w1, [x0, x18]
	b	.L1267
.L1942:
	str	d0, [x8, x1]
	cbz	x22, .L1267
	b	.L1943
.L1551:
	ldp	x11, x3, [sp, 112]
	ldr	x17, [sp, 128]
.L1297:
	cmp	x11, x17
	bls	.L1236
	lsr	x2, x17, 5
	ubfx	x9, x11, 1, 1
	and	x0, x17, 31
	add	x7, sp, 400
	add	x4, sp, 416
	sub	x13, x11, x17
	mul	x2, x2, x18
	lsl	x18, x9, 3
	add	x1, x7, x18
	and	x22, x11, 1
	and	x20, x11, 2
	stp	x11, x5, [sp, 112]
	add	x0, x0, x2, lsl 5
	mov	x5, x1
	mov	x2, x3
	add	x10, x23, x0, lsl 2
	mov	x3, x23
	add	x9, x10, 128
	mov	x11, x30
	add	x7, x4, x18
	mov	x4, 0
	str	x28, [sp, 168]
.L1333:
	ldr	w0, [x27, 56]
	ldr	x1, [sp, 120]
	ldr	w14, [x27, 12]
	ldr	w16, [x27, 24]
	madd	x0, x0, x4, x17
	ldr	q0, [x10]
	uxtw	x28, w14
	madd	x16, x16, x4, x1
	lsl	x1, x0, 2
	cbz	w14, .L1319
	ldr	w19, [x27, 16]
	mov	x0, x9
	ldr	w23, [x27, 28]
	mov	x14, 0
	mov	x15, 0
	str	x10, [sp, 216]
	ubfiz	x30, x19, 7, 32
	stp	x1, x9, [sp, 272]
	stp	x7, x4, [sp, 288]
.L1329:
	adds	x4, x14, x21
	bmi	.L1553
	ldr	w1, [x27]
	cmp	x4, x1
	bge	.L1553
	ldr	w1, [x27, 4]
	ldr	w6, [x27, 52]
	madd	x4, x1, x4, x16
	madd	x4, x4, x6, x17
	add	x4, x24, x4, lsl 2
.L1320:
	cbz	w19, .L1321
	ldr	w9, [x27, 32]
	mov	x1, x16
	add	x10, x0, x30
	str	x2, [sp, 104]
	mul	x6, x6, x9
	lsl	x7, x6, 2
	b	.L1322
	.p2align 2,,3
.L1944:
	ldr	q2, [x6]
	add	x0, x0, 128
	add	x1, x1, x9
	add	x4, x4, x7
	fmla	v0.4s, v2.4s, v1.4s
	cmp	x0, x10
	beq	.L1854
.L1322:
	ldr	q1, [x0]
	mov	x6, x26
	tbnz	x1, #63, .L1323
	ldr	w6, [x27, 4]
	cmp	x6, x1
	csel	x6, x26, x4, le
.L1323:
	cmp	x13, 3
	bhi	.L1944
	str	q3, [sp, 400]
	cbnz	x20, .L1945
	cbnz	x22, .L1946
.L1327:
	ldr	q2, [sp, 400]
.L1948:
	add	x0, x0, 128
	fmla	v0.4s, v2.4s, v1.4s
	add	x1, x1, x9
	add	x4, x4, x7
	cmp	x0, x10
	bne	.L1322
.L1854:
	ldr	x2, [sp, 104]
.L1321:
	add	x15, x15, 1
	add	x14, x14, x23
	cmp	x15, x28
	bne	.L1329
	ldp	x1, x9, [sp, 272]
	ldp	x7, x4, [sp, 288]
	ldr	x10, [sp, 216]
.L1319:
	ldp	s4, s2, [x25, 8]
	dup	v4.4s, v4.s[0]
	dup	v2.4s, v2.s[0]
	fcmgt	v1.4s, v4.4s, v0.4s
	bsl	v1.16b, v4.16b, v0.16b
	fcmgt	v0.4s, v1.4s, v2.4s
	bsl	v0.16b, v2.16b, v1.16b
	cmp	x13, 3
	bls	.L1947
	str	q0, [x8, x1]
.L1330:
	add	x4, x4, 1
	cmp	x4, 4
	bne	.L1333
	ldr	x28, [sp, 168]
	mov	x30, x11
	ldr	x11, [sp, 112]
	mov	x23, x3
	mov	x3, x2
	b	.L1925
.L1946:
	ldr	w6, [x6, x18]
	str	w6, [x5]
	ldr	q2, [sp, 400]
	b	.L1948
.L1945:
	ldr	x2, [x6]
	str	x2, [sp, 400]
	cbz	x22, .L1327
	b	.L1946
.L1553:
	mov	x4, x26
	mov	x6, 0
	b	.L1320
.L1947:
	str	q0, [sp, 416]
	cbnz	x20, .L1949
	cbz	x22, .L1330
.L1950:
	add	x0, x8, x1
	ldr	w1, [x7]
	str	w1, [x0, x18]
	b	.L1330
.L1949:
	str	d0, [x8, x1]
	cbz	x22, .L1330
	b	.L1950
.L1590:
	ldr	x17, [sp, 128]
.L1397:
	cmp	x11, x17
	bls	.L1236
	lsr	x2, x17, 5
	ubfx	x9, x11, 1, 1
	and	x0, x17, 31
	add	x7, sp, 496
	add	x4, sp, 512
	sub	x13, x11, x17
	mul	x2, x2, x18
	lsl	x18, x9, 3
	add	x1, x7, x18
	and	x22, x11, 1
	and	x20, x11, 2
	stp	x11, x5, [sp, 112]
	add	x0, x0, x2, lsl 5
	mov	x5, x1
	mov	x2, x3
	add	x10, x23, x0, lsl 2
	mov	x3, x23
	add	x9, x10, 128
	mov	x11, x30
	add	x7, x4, x18
	mov	x4, 0
	str	x28, [sp, 168]
.L1416:
	ldr	w0, [x27, 56]
	ldr	x1, [sp, 120]
	ldr	w14, [x27, 12]
	ldr	w16, [x27, 24]
	madd	x0, x0, x4, x17
	ldr	q0, [x10]
	uxtw	x28, w14
	madd	x16, x16, x4, x1
	lsl	x1, x0, 2
	cbz	w14, .L1402
	ldr	w19, [x27, 16]
	mov	x0, x9
	ldr	w23, [x27, 28]
	mov	x14, 0
	mov	x15, 0
	str	x10, [sp, 216]
	ubfiz	x30, x19, 7, 32
	stp	x1, x9, [sp, 272]
	stp	x7, x4, [sp, 288]
.L1412:
	adds	x4, x14, x21
	bmi	.L1592
	ldr	w1, [x27]
	cmp	x4, x1
	bge	.L1592
	ldr	w1, [x27, 4]
	ldr	w6, [x27, 52]
	madd	x4, x1, x4, x16
	madd	x4, x4, x6, x17
	add	x4, x24, x4, lsl 2
.L1403:
	cbz	w19, .L1404
	ldr	w9, [x27, 32]
	mov	x1, x16
	add	x10, x0, x30
	str	x2, [sp, 104]
	mul	x6, x6, x9
	lsl	x7, x6, 2
	b	.L1405
	.p2align 2,,3
.L1951:
	ldr	q2, [x6]
	add	x0, x0, 128
	add	x1, x1, x9
	add	x4, x4, x7
	fmla	v0.4s, v2.4s, v1.4s
	cmp	x0, x10
	beq	.L1857
.L1405:
	ldr	q1, [x0]
	mov	x6, x26
	tbnz	x1, #63, .L1406
	ldr	w6, [x27, 4]
	cmp	x6, x1
	csel	x6, x26, x4, le
.L1406:
	cmp	x13, 3
	bhi	.L1951
	str	q3, [sp, 496]
	cbnz	x20, .L1952
	cbnz	x22, .L1953
.L1410:
	ldr	q2, [sp, 496]
.L1955:
	add	x0, x0, 128
	fmla	v0.4s, v2.4s, v1.4s
	add	x1, x1, x9
	add	x4, x4, x7
	cmp	x0, x10
	bne	.L1405
.L1857:
	ldr	x2, [sp, 104]
.L1404:
	add	x15, x15, 1
	add	x14, x14, x23
	cmp	x15, x28
	bne	.L1412
	ldp	x1, x9, [sp, 272]
	ldp	x7, x4, [sp, 288]
	ldr	x10, [sp, 216]
.L1402:
	ldp	s4, s2, [x25, 8]
	dup	v4.4s, v4.s[0]
	dup	v2.4s, v2.s[0]
	fcmgt	v1.4s, v4.4s, v0.4s
	bsl	v1.16b, v4.16b, v0.16b
	fcmgt	v0.4s, v1.4s, v2.4s
	bsl	v0.16b, v2.16b, v1.16b
	cmp	x13, 3
	bls	.L1954
	str	q0, [x8, x1]
.L1413:
	add	x4, x4, 1
	cmp	x4, 4
	bne	.L1416
	ldr	x28, [sp, 168]
	mov	x30, x11
	ldr	x11, [sp, 112]
	mov	x23, x3
	mov	x3, x2
	b	.L1925
.L1953:
	ldr	w6, [x6, x18]
	str	w6, [x5]
	ldr	q2, [sp, 496]
	b	.L1955
.L1952:
	ldr	x2, [x6]
	str	x2, [sp, 496]
	cbz	x22, .L1410
	b	.L1953
.L1592:
	mov	x4, x26
	mov	x6, 0
	b	.L1403
.L1954:
	str	q0, [sp, 512]
	cbnz	x20, .L1956
	cbz	x22, .L1413
.L1957:
	add	x0, x8, x1
	ldr	w1, [x7]
	str	w1, [x0, x18]
	b	.L1413
.L1956:
	str	d0, [x8, x1]
	cbz	x22, .L1413
	b	.L1957
.L1211:
	ldr	w2, [x27, 12]
	mov	x1, 1
	umaddl	x16, w2, w18, x1
	cmp	x0, x7
	bge	.L1336
	cmp	x11, 3
	bls	.L1557
	mov	x22, 0
	str	x11, [sp, 104]
.L1341:
	lsr	x1, x22, 5
	and	x0, x22, 31
	uxtw	x10, w2
	mul	x1, x1, x16
	add	x1, x0, x1, lsl 5
	lsl	x1, x1, 2
	add	x0, x23, x1
	add	x0, x0, 128
	ldr	q0, [x23, x1]
	cbz	w2, .L1558
	mov	v1.16b, v0.16b
	ldr	w9, [x27, 28]
	mov	v2.16b, v0.16b
	mov	x1, 0
	mov	v4.16b, v0.16b
	mov	x4, 0
	b	.L1340
.L1958:
	ldr	w7, [x27]
	cmp	x2, x7
	bge	.L1560
	ldr	w7, [x27, 4]
	ldr	w11, [x27, 52]
	madd	x7, x7, x2, x5
	lsl	x2, x11, 2
	madd	x7, x7, x11, x22
	lsl	x7, x7, 2
	add	x11, x24, x7
	add	x13, x11, x2
	add	x14, x13, x2
	add	x15, x14, x2
	add	x18, x15, x2
	add	x17, x18, x2
	add	x20, x17, x2
	ldr	q19, [x18, x2]
	ldr	q5, [x20, x2]
	ldr	q20, [x17, x2]
	ldr	q18, [x15, x2]
	ldr	q16, [x14, x2]
	ldr	q17, [x13, x2]
	ldr	q21, [x11, x2]
	ldr	q22, [x24, x7]
.L1339:
	add	x4, x4, 1
	ldr	q6, [x0]
	add	x1, x1, x9
	ldr	q7, [x0, 128]
	fmla	v0.4s, v6.4s, v22.4s
	fmla	v4.4s, v6.4s, v21.4s
	fmla	v2.4s, v6.4s, v17.4s
	fmla	v1.4s, v6.4s, v16.4s
	ldr	q6, [x0, 256]
	add	x0, x0, 640
	fmla	v0.4s, v7.4s, v21.4s
	fmla	v4.4s, v7.4s, v17.4s
	fmla	v2.4s, v7.4s, v16.4s
	fmla	v1.4s, v7.4s, v18.4s
	ldr	q7, [x0, -256]
	fmla	v0.4s, v6.4s, v17.4s
	fmla	v4.4s, v6.4s, v16.4s
	fmla	v2.4s, v6.4s, v18.4s
	fmla	v1.4s, v6.4s, v19.4s
	ldr	q6, [x0, -128]
	fmla	v0.4s, v7.4s, v16.4s
	fmla	v4.4s, v7.4s, v18.4s
	fmla	v2.4s, v7.4s, v19.4s
	fmla	v1.4s, v7.4s, v20.4s
	fmla	v0.4s, v6.4s, v18.4s
	fmla	v4.4s, v6.4s, v19.4s
	fmla	v2.4s, v6.4s, v20.4s
	fmla	v1.4s, v6.4s, v5.4s
	cmp	x10, x4
	beq	.L1338
.L1340:
	movi	v5.4s, 0
	adds	x2, x1, x21
	bpl	.L1958
.L1560:
	mov	v20.16b, v5.16b
	mov	v19.16b, v5.16b
	mov	v18.16b, v5.16b
	mov	v16.16b, v5.16b
	mov	v17.16b, v5.16b
	mov	v21.16b, v5.16b
	mov	v22.16b, v5.16b
	b	.L1339
.L1558:
	mov	v1.16b, v0.16b
	mov	v2.16b, v0.16b
	mov	v4.16b, v0.16b
.L1338:
	ldp	s7, s6, [x25, 8]
	lsl	x0, x22, 2
	mov	w1, 3
	dup	v7.4s, v7.s[0]
	dup	v6.4s, v6.s[0]
	fcmgt	v5.4s, v7.4s, v0.4s
	bit	v0.16b, v7.16b, v5.16b
	fcmgt	v5.4s, v0.4s, v6.4s
	bit	v0.16b, v6.16b, v5.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s6, s5, [x25, 8]
	add	x0, x0, x22
	lsl	x0, x0, 2
	dup	v6.4s, v6.s[0]
	dup	v5.4s, v5.s[0]
	fcmgt	v0.4s, v6.4s, v4.4s
	bsl	v0.16b, v6.16b, v4.16b
	fcmgt	v4.4s, v0.4s, v5.4s
	bit	v0.16b, v5.16b, v4.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s5, s4, [x25, 8]
	add	x0, x22, w0, uxtw 1
	dup	v5.4s, v5.s[0]
	lsl	x0, x0, 2
	dup	v4.4s, v4.s[0]
	fcmgt	v0.4s, v5.4s, v2.4s
	bsl	v0.16b, v5.16b, v2.16b
	fcmgt	v2.4s, v0.4s, v4.4s
	bit	v0.16b, v4.16b, v2.16b
	str	q0, [x8, x0]
	ldr	w0, [x27, 56]
	ldp	s4, s2, [x25, 8]
	umaddl	x0, w0, w1, x22
	add	x22, x22, 4
	dup	v4.4s, v4.s[0]
	dup	v2.4s, v2.s[0]
	lsl	x0, x0, 2
	fcmgt	v0.4s, v4.4s, v1.4s
	bsl	v0.16b, v4.16b, v1.16b
	fcmgt	v1.4s, v0.4s, v2.4s
	bit	v0.16b, v2.16b, v1.16b
	str	q0, [x8, x0]
	ldr	x0, [sp, 136]
	cmp	x22, x0
	beq	.L1561
	ldr	w2, [x27, 12]
	b	.L1341
.L1561:
	ldr	x11, [sp, 104]
	ldr	x17, [sp, 128]
.L1337:
	cmp	x11, x17
	bls	.L1236
	lsr	x2, x17, 5
	ubfx	x9, x11, 1, 1
	and	x0, x17, 31
	add	x7, sp, 432
	lsl	x18, x9, 3
	add	x4, sp, 448
	mul	x2, x2, x16
	add	x1, x7, x18
	sub	x13, x11, x17
	and	x22, x11, 1
	and	x20, x11, 2
	stp	x11, x5, [sp, 112]
	add	x0, x0, x2, lsl 5
	mov	x5, x1
	mov	x2, x3
	add	x10, x23, x0, lsl 2
	mov	x3, x23
	add	x9, x10, 128
	mov	x11, x30
	add	x7, x4, x18
	mov	x4, 0
	str	x28, [sp, 168]
.L1356:
	ldr	w0, [x27, 56]
	ldr	x1, [sp, 120]
	ldr	w14, [x27, 12]
	ldr	w16, [x27, 24]
	madd	x0, x0, x4, x17
	ldr	q0, [x10]
	uxtw	x28, w14
	madd	x16, x16, x4, x1
	lsl	x1, x0, 2
	cbz	w14, .L1342
	ldr	w19, [x27, 16]
	mov	x0, x9
	ldr	w23, [x27, 28]
	mov	x14, 0
	mov	x15, 0
	str	x10, [sp, 216]
	ubfiz	x30, x19, 7, 32
	stp	x1, x9, [sp, 272]
	stp	x7, x4, [sp, 288]
.L1352:
	adds	x4, x14, x21
	bmi	.L1563
	ldr	w1, [x27]
	cmp	x4, x1
	bge	.L1563
	ldr	w1, [x27, 4]
	ldr	w6, [x27, 52]
	madd	x4, x1, x4, x16
	madd	x4, x4, x6, x17
	add	x4, x24, x4, lsl 2
.L1343:
	cbz	w19, .L1344
	ldr	w9, [x27, 32]
	mov	x1, x16
	add	x10, x0, x30
	str	x2, [sp, 104]
	mul	x6, x6, x9
	lsl	x7, x6, 2
	b	.L1345
	.p2align 2,,3
.L1959:
	ldr	q2, [x6]
	add	x0, x0, 128
	add	x1, x1, x9
	add	x4, x4, x7
	fmla	v0.4s, v2.4s, v1.4s
	cmp	x0, x10
	beq	.L1855
.L1345:
	ldr	q1, [x0]
	mov	x6, x26
	tbnz	x1, #63, .L1346
	ldr	w6, [x27, 4]
	cmp	x6, x1
	csel	x6, x26, x4, le
.L1346:
	cmp	x13, 3
	bhi	.L1959
	str	q3, [sp, 432]
	cbnz	x20, .L1960
	cbnz	x22, .L1961
.L1350:
	ldr	q2, [sp, 432]
.L1963:
	add	x0, x0, 128
	fmla	v0.4s, v2.4s, v1.4s
	add	x1, x1, x9
	add	x4, x4, x7
	cmp	x0, x10
	bne	.L1345
.L1855:
	ldr	x2, [sp, 104]
.L1344:
	add	x15, x15, 1
	add	x14, x14, x23
	cmp	x15, x28
	bne	.L1352
	ldp	x1, x9, [sp, 272]
	ldp	x7, x4, [sp, 288]
	ldr	x10, [sp, 216]
.L1342:
	ldp	s4, s2, [x25, 8]
	dup	v4.4s, v4.s[0]
	dup	v2.4s, v2.s[0]
	fcmgt	v1.4s, v4.4s, v0.4s
	bsl	v1.16b, v4.16b, v0.16b
	fcmgt	v0.4s, v1.4s, v2.4s
	bsl	v0.16b, v2.16b, v1.16b
	cmp	x13, 3
	bls	.L1962
	str	q0, [x8, x1]
.L1353:
	add	x4, x4, 1
	cmp	x4, 4
	bne	.L1356
	ldr	x28, [sp, 168]
	mov	x30, x11
	ldr	x11, [sp, 112]
	mov	x23, x3
	mov	x3, x2
	b	.L1925
.L1961:
	ldr	w6, [x6, x18]
	str	w6, [x5]
	ldr	q2, [sp, 432]
	b	.L1963
.L1960:
	ldr	x2, [x6]
	str	x2, [sp, 432]
	cbz	x22, .L1350
	b	.L1961
.L1563:
	mov	x4, x26
	mov	x6, 0
	b	.L1343
.L1962:
	str	q0, [sp, 448]
	cbnz	x20, .L1964
	cbz	x22, .L1353
.L1965:
	add	x0, x8, x1
	ldr	w1, [x7]
	str	w1, [x0, x18]
	b	.L1353
.L1964:
	str	d0, [x8, x1]
	cbz	x22, .L1353
	b	.L1965
.L1612:
	ldr	x0, [sp, 128]
	ldr	x3, [sp, 168]
	mov	x1, x0
	ldr	x12, [sp, 216]
	ldp	x11, x28, [sp, 112]
	str	x0, [sp, 112]
.L1419:
	cmp	x11, x1
	bls	.L1236
	lsr	x2, x1, 5
	ubfx	x9, x11, 1, 1
	and	x0, x1, 31
	add	x7, sp, 528
	lsl	x17, x9, 3
	sub	x13, x11, x1
	mul	x2, x2, x18
	add	x1, x7, x17
	add	x4, sp, 544
	and	x22, x11, 1
	and	x18, x11, 2
	str	x11, [sp, 120]
	add	x0, x0, x2, lsl 5
	mov	x11, x3
	mov	x2, x28
	mov	x3, x23
	add	x10, x23, x0, lsl 2
	str	x30, [sp, 168]
	add	x9, x10, 128
	mov	x30, x1
	add	x7, x4, x17
	mov	x4, 0
.L1459:
	ldr	x6, [sp, 112]
	ldr	w1, [x27, 56]
	ldr	w0, [x27, 12]
	ldr	w16, [x27, 24]
	ldr	q0, [x10]
	madd	x1, x1, x4, x6
	uxtw	x23, w0
	madd	x16, x16, x4, x5
	lsl	x1, x1, 2
	cbz	w0, .L1445
	ldr	w19, [x27, 16]
	mov	x0, x9
	ldr	w20, [x27, 28]
	mov	x14, 0
	mov	x15, 0
	str	x5, [sp, 216]
	ubfiz	x28, x19, 7, 32
	stp	x10, x1, [sp, 272]
	stp	x9, x7, [sp, 288]
.L1455:
	adds	x5, x14, x21
	bmi	.L1614
	ldr	w1, [x27]
	cmp	x5, x1
	bge	.L1614
	ldr	w1, [x27, 4]
	ldr	w6, [x27, 52]
	madd	x5, x1, x5, x16
	ldr	x1, [sp, 112]
	madd	x5, x5, x6, x1
	add	x5, x24, x5, lsl 2
.L1446:
	cbz	w19, .L1447
	ldr	w9, [x27, 32]
	mov	x1, x16
	add	x10, x0, x28
	str	x2, [sp, 104]
	mul	x6, x6, x9
	lsl	x7, x6, 2
	b	.L1448
	.p2align 2,,3
.L1966:
	ldr	q2, [x6]
	add	x0, x0, 128
	add	x1, x1, x9
	add	x5, x5, x7
	fmla	v0.4s, v2.4s, v1.4s
	cmp	x0, x10
	beq	.L1858
.L1448:
	ldr	q1, [x0]
	mov	x6, x26
	tbnz	x1, #63, .L1449
	ldr	w6, [x27, 4]
	cmp	x6, x1
	csel	x6, x26, x5, le
.L1449:
	cmp	x13, 3
	bhi	.L1966
	str	q3, [sp, 528]
	cbnz	x18, .L1967
	cbnz	x22, .L1968
.L1453:
	ldr	q2, [sp, 528]
.L1970:
	add	x0, x0, 128
	fmla	v0.4s, v2.4s, v1.4s
	add	x1, x1, x9
	add	x5, x5, x7
	cmp	x0, x10
	bne	.L1448
.L1858:
	ldr	x2, [sp, 104]
.L1447:
	add	x15, x15, 1
	add	x14, x14, x20
	cmp	x15, x23
	bne	.L1455
	ldp	x10, x1, [sp, 272]
	ldp	x9, x7, [sp, 288]
	ldr	x5, [sp, 216]
.L1445:
	ldp	s4, s2, [x25, 8]
	dup	v4.4s, v4.s[0]
	dup	v2.4s, v2.s[0]
	fcmgt	v1.4s, v4.4s, v0.4s
	bsl	v1.16b, v4.16b, v0.16b
	fcmgt	v0.4s, v1.4s, v2.4s
	bsl	v0.16b, v2.16b, v1.16b
	cmp	x13, 3
	bls	.L1969
	str	q0, [x8, x1]
.L1456:
	add	x4, x4, 1
	cmp	x4, 4
	bne	.L1459
	ldr	x30, [sp, 168]
	mov	x23, x3
	mov	x28, x2
	mov	x3, x11
	ldr	x11, [sp, 120]
	mov	x0, 4
	b	.L1237
.L1968:
	ldr	w6, [x6, x17]
	str	w6, [x30]
	ldr	q2, [sp, 528]
	b	.L1970
.L1967:
	ldr	x2, [x6]
	str	x2, [sp, 528]
	cbz	x22, .L1453
	b	.L1968
.L1614:
	mov	x5, x26
	mov	x6, 0
	b	.L1446
.L1969:
	str	q0, [sp, 544]
	cbnz	x18, .L1971
	cbz	x22, .L1456
.L1972:
	add	x1, x8, x1
	ldr	w0, [x7]
	str	w0, [x1, x17]
	b	.L1456
.L1971:
	str	d0, [x8, x1]
	cbz	x22, .L1456
	b	.L1972
.L1531:
	ldr	x17, [sp, 128]
.L1275:
	cmp	x11, x17
	bls	.L1236
	lsr	x2, x17, 5
	ubfx	x9, x11, 1, 1
	and	x0, x17, 31
	add	x7, sp, 368
	add	x4, sp, 384
	sub	x13, x11, x17
	mul	x2, x2, x18
	lsl	x18, x9, 3
	add	x1, x7, x18
	and	x22, x11, 1
	and	x20, x11, 2
	stp	x11, x5, [sp, 112]
	add	x0, x0, x2, lsl 5
	mov	x5, x1
	mov	x2, x3
	add	x10, x23, x0, lsl 2
	mov	x3, x23
	add	x9, x10, 128
	mov	x11, x30
	add	x7, x4, x18
	mov	x4, 0
	str	x28, [sp, 168]
.L1294:
	ldr	w0, [x27, 56]
	ldr	x1, [sp, 120]
	ldr	w14, [x27, 12]
	ldr	w16, [x27, 24]
	madd	x0, x0, x4, x17
	ldr	q0, [x10]
	uxtw	x28, w14
	madd	x16, x16, x4, x1
	lsl	x1, x0, 2
	cbz	w14, .L1280
	ldr	w19, [x27, 16]
	mov	x0, x9
	ldr	w23, [x27, 28]
	mov	x14, 0
	mov	x15, 0
	str	x10, [sp, 216]
	ubfiz	x30, x19, 7, 32
	stp	x1, x9, [sp, 272]
	stp	x7, x4, [sp, 288]
.L1290:
	adds	x4, x14, x21
	bmi	.L1533
	ldr	w1, [x27]
	cmp	x4, x1
	bge	.L1533
	ldr	w1, [x27, 4]
	ldr	w6, [x27, 52]
	madd	x4, x1, x4, x16
	madd	x4, x4, x6, x17
	add	x4, x24, x4, lsl 2
.L1281:
	cbz	w19, .L1282
	ldr	w9, [x27, 32]
	mov	x1, x16
	add	x10, x0, x30
	str	x2, [sp, 104]
	mul	x6, x6, x9
	lsl	x7, x6, 2
	b	.L1283
	.p2align 2,,3
.L1973:
	ldr	q2, [x6]
	add	x0, x0, 128
	add	x1, x1, x9
	add	x4, x4, x7
	fmla	v0.4s, v2.4s, v1.4s
	cmp	x0, x10
	beq	.L1853
.L1283:
	ldr	q1, [x0]
	mov	x6, x26
	tbnz	x1, #63, .L1284
	ldr	w6, [x27, 4]
	cmp	x6, x1
	csel	x6, x26, x4, le
.L1284:
	cmp	x13, 3
	bhi	.L1973
	str	q3, [sp, 368]
	cbnz	x20, .L1974
	cbnz	x22, .L1975
.L1288:
	ldr	q2, [sp, 368]
.L1977:
	add	x0, x0, 128
	fmla	v0.4s, v2.4s, v1.4s
	add	x1, x1, x9
	add	x4, x4, x7
	cmp	x0, x10
	bne	.L1283
.L1853:
	ldr	x2, [sp, 104]
.L1282:
	add	x15, x15, 1
	add	x14, x14, x23
	cmp	x15, x28
	bne	.L1290
	ldp	x1, x9, [sp, 272]
	ldp	x7, x4, [sp, 288]
	ldr	x10, [sp, 216]
.L1280:
	ldp	s4, s2, [x25, 8]
	dup	v4.4s, v4.s[0]
	dup	v2.4s, v2.s[0]
	fcmgt	v1.4s, v4.4s, v0.4s
	bsl	v1.16b, v4.16b, v0.16b
	fcmgt	v0.4s, v1.4s, v2.4s
	bsl	v0.16b, v2.16b, v1.16b
	cmp	x13, 3
	bls	.L1976
	str	q0, [x8, x1]
.L1291:
	add	x4, x4, 1
	cmp	x4, 4
	bne	.L1294
	ldr	x28, [sp, 168]
	mov	x30, x11
	ldr	x11, [sp, 112]
	mov	x23, x3
	mov	x3, x2
	b	.L1925
.L1975:
	ldr	w6, [x6, x18]
	str	w6, [x5]
	ldr	q2, [sp, 368]
	b	.L1977
.L1974:
	ldr	x2, [x6]
	str	x2, [sp, 368]
	cbz	x22, .L1288
	b	.L1975
.L1533:
	mov	x4, x26
	mov	x6, 0
	b	.L1281
.L1976:
	str	q0, [sp, 384]
	cbnz	x20, .L1978
	cbz	x22, .L1291
.L1979:
	add	x0, x8, x1
	ldr	w1, [x7]
	str	w1, [x0, x18]
	b	.L1291
.L1978:
	str	d0, [x8, x1]
	cbz	x22, .L1291
	b	.L1979
.L1527:
	mov	x17, 0
	b	.L1275
.L1596:
	str	xzr, [sp, 112]
	ldr	x1, [sp, 112]
	b	.L1419
.L1586:
	mov	x17, 0
	b	.L1397
.L1500:
	mov	x17, 0
	b	.L1214
.L1557:
	mov	x17, 0
	b	.L1337
.L1537:
	mov	x17, 0
	b	.L1297
.L1510:
	mov	x17, 0
	b	.L1240
.L1567:
	mov	x17, 0
	b	.L1359
.L1866:
	.cfi_restore 19
	.cfi_restore 20
	.cfi_restore 21
	.cfi_restore 22
	.cfi_restore 23
	.cfi_restore 24
	ldr	w1, [x27, 24]
	cmp	w1, 9
	bhi	.L1202
	ldr	w0, [x27, 48]
	cmp	w0, 3
	bls	.L1202
	ldr	w0, [x27, 16]
	add	w0, w0, w0, lsl 2
	add	w0, w1, w0, lsl 1
	str	w0, [sp, 164]
	b	.L1202
	.cfi_endproc
.LFE97:
	.size	clo_dwconv_neon, .-clo_dwconv_neon
	.section	.rodata.cst16,"aM",@progbits,16
	.align	4
.LC0:
	.word	1031798784
	.word	1031798784
	.word	1031798784
	.word	1031798784
	.align	4
.LC1:
	.xword	0
	.xword	1
	.align	4
.LC2:
	.xword	2
	.xword	3
	.align	4
.LC3:
	.xword	14
	.xword	15
	.section	.rodata.cst8,"aM",@progbits,8
	.align	3
.LC4:
	.word	1065353216
	.word	-8388608
	.section	.rodata.cst16
	.align	4
.LC5:
	.xword	4
	.xword	5
	.align	4
.LC6:
	.xword	6
	.xword	7
	.align	4
.LC7:
	.xword	8
	.xword	9
	.align	4
.LC8:
	.xword	10
	.xword	11
	.align	4
.LC9:
	.xword	12
	.xword	13
	.section	.rodata
	.align	6
	.set	.LANCHOR0,. + 0
	.type	zeros, %object
	.size	zeros, 128
zeros:
	.zero	128
	.type	wino_scale, %object
	.size	wino_scale, 24
wino_scale:
	.word	1048576000
	.word	-1104500053
	.word	-1104500053
	.word	1026206379
	.word	1026206379
	.word	1065353216
	.section	.data.rel.ro.local,"aw"
	.align	4
	.set	.LANCHOR1,. + 0
	.type	tile_fns, %object
	.size	tile_fns, 480
tile_fns:
	.xword	0
	.zero	24
	.xword	wide_1
	.xword	fetching_1
	.xword	by_lane_1
	.xword	narrow_1
	.xword	wide_2
	.xword	fetching_2
	.xword	by_lane_2
	.xword	narrow_2
	.xword	wide_3
	.xword	fetching_3
	.xword	by_lane_3
	.xword	narrow_3
	.xword	wide_4
	.xword	fetching_4
	.xword	by_lane_4
	.xword	narrow_4
	.xword	wide_5
	.xword	fetching_5
	.xword	by_lane_5
	.xword	narrow_5
	.xword	wide_6
	.xword	fetching_6
	.xword	by_lane_6
	.xword	narrow_6
	.xword	wide_7
	.xword	fetching_7
	.xword	by_lane_7
	.xword	narrow_7
	.xword	wide_8
	.xword	fetching_8
	.xword	by_lane_8
	.xword	narrow_8
	.xword	wide_9
	.xword	fetching_9
	.xword	by_lane_9
	.xword	narrow_9
	.xword	wide_10
	.xword	fetching_10
	.xword	by_lane_10
	.xword	narrow_10
	.xword	wide_11
	.xword	fetching_11
	.xword	by_lane_11
	.xword	narrow_11
	.xword	wide_12
	.xword	fetching_12
	.xword	by_lane_12
	.xword	narrow_12
	.xword	wide_13
	.xword	fetching_13
	.xword	by_lane_13
	.xword	narrow_13
	.xword	wide_14
	.xword	fetching_14
	.xword	by_lane_14
	.xword	narrow_14
	.ident	"GCC: (Debian 12.2.0-14) 12.2.0"
	.section	.note.GNU-stack,"",@progbits
