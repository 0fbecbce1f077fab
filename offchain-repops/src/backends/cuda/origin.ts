/**
 * What cuda/kernels.ptx was made from: npm run build:cuda writes this. A sha256 of the flags, and of the names and
 * contents of the kernels, which the second line of the text says too.
 */
export const PTX_SOURCES = '53ac761729ac9889923eb361b622370cb3230fc26b2cab81fef135356acc6ca9'
