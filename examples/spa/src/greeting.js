export const greeting = (path) => `spa at ${path}`
