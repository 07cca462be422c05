/** Parts by others that Limbeck is built on, with their licences. */
export const licences = [
  { name: 'IBM Plex Sans, IBM Plex Mono', purpose: 'typefaces', licence: 'OFL-1.1' },
  { name: 'Lucide', purpose: 'icons', licence: 'ISC' },
  { name: 'Svelte', purpose: 'this page', licence: 'MIT' },
  { name: 'uPlot', purpose: 'plots and EEG pages', licence: 'MIT' },
  { name: 'oRPC', purpose: 'calls between page and back end', licence: 'MIT' },
  { name: 'Zod', purpose: 'checking of settings', licence: 'MIT' },
  { name: 'TensorFlow.js', purpose: 'learning', licence: 'Apache-2.0' },
  { name: 'better-sqlite3, SQLite', purpose: 'catalog', licence: 'MIT, public domain' },
  { name: 'hyparquet, hyparquet-writer', purpose: 'Parquet files', licence: 'MIT' },
  { name: 'fflate', purpose: 'ZIP and NPZ files', licence: 'MIT' },
  { name: 'edfdecoder', purpose: 'EDF records', licence: 'MIT' },
  { name: 'Electron', purpose: 'desktop window', licence: 'MIT' },
] as const;
