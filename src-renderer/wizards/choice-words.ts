/** The choices of a schema in a clinician's words; what is not listed is shown as it is. */

const words: Record<string, Record<string, string>> = {
  preset: { demo: 'Small', balanced: 'Larger', paper: 'As published' },
  method: {
    'k-center': 'Most different first',
    random: 'By chance',
    pca: 'By PCA',
    raw: 'By the raw signal',
  },
  outlierMode: { exact: 'Exactly this share', percentile: 'Percentile, ties stay' },
  idc: { intra: 'Within a segment', inter: 'Between segments' },
  recipe: { 'one-model-for-all': 'One model for all channels' },
  reference: { average: 'Average of good sites', 'as-recorded': 'As recorded' },
  notchHz: { 0: 'None', 50: '50 Hz', 60: '60 Hz' },
  architecture: {
    'art-gat': 'All-channel network',
    eegnet: 'EEGNet',
    'band-power-lda': 'Band power with LDA',
  },
  train: { head: 'Last layer only', 'head-and-norm': 'Last layer and normalising', everything: 'Everything' },
};

export function choiceWords(field: string, choice: string | number): string {
  return words[field]?.[String(choice)] ?? String(choice);
}
