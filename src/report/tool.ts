/** What reports and `--version` call this program; a test keeps the version equal to package.json. */
export const TOOL = { name: 'kbdiag', version: '0.1.0' } as const;
