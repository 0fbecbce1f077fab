/** What `node --import` loads before a program so that it ends when the process at the other end of its stdin does. */
export const WITH_PARENT = new URL('../bin/with-parent.mjs', import.meta.url).href
