/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernels.h: the names that the kernel files of one vector width share.
 */
#ifndef CLO_KERNELS_H
#define CLO_KERNELS_H

#include "vector.h"

#define CLO_PASTE_(a, b) a##b
#define CLO_PASTE(a, b) CLO_PASTE_(a, b)
#define CLO_QUOTE_(a) #a
#define CLO_QUOTE(a) CLO_QUOTE_(a)
#define CLO_WIDE(name) CLO_PASTE(CLO_PASTE(clo_, name), CLO_PASTE(_, CLO_NAME))

CLO_INLINE size_t min_size(size_t a, size_t b) {
    return a < b ? a : b;
}

clo_kernel CLO_WIDE(conv);
clo_kernel CLO_WIDE(dwconv);
clo_kernel CLO_WIDE(matmul);
clo_kernel CLO_WIDE(pool);
clo_kernel CLO_WIDE(unary);
clo_kernel CLO_WIDE(binary);
clo_kernel CLO_WIDE(softmax);
clo_kernel CLO_WIDE(reduce);
clo_kernel CLO_WIDE(norm);
clo_kernel CLO_WIDE(copy);

#endif
