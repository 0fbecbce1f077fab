export { buildPage, PageError } from './buildPage.ts'
export { type PageConfig, startPage, type StartPageOptions } from './startPage.ts'
