/** The keyboard of the viewer as one table: what each key does, under the name that the palette and the key sheet show. */

export const viewerKeys = [
  { id: 'back', title: 'One second back', keys: ['ArrowLeft'] },
  { id: 'on', title: 'One second on', keys: ['ArrowRight'] },
  { id: 'page-back', title: 'Previous page', keys: ['PageUp', 'Shift+ArrowLeft', 'Shift+Space'] },
  { id: 'page-on', title: 'Next page', keys: ['PageDown', 'Space', 'Shift+ArrowRight'] },
  { id: 'start', title: 'Start of the recording', keys: ['Home'] },
  { id: 'end', title: 'End of the recording', keys: ['End'] },
  { id: 'go-to', title: 'Go to a time', keys: ['G'] },
  { id: 'mark-before', title: 'Previous mark', keys: ['['] },
  { id: 'mark-after', title: 'Next mark', keys: [']'] },
  { id: 'larger', title: 'Larger traces', keys: ['+', '='] },
  { id: 'smaller', title: 'Smaller traces', keys: ['-', '−'] },
  { id: 'own-larger', title: 'Focused trace larger', keys: ['Alt++', 'Alt+='] },
  { id: 'own-smaller', title: 'Focused trace smaller', keys: ['Alt+-', 'Alt+−'] },
  { id: 'lane-up', title: 'Focus the trace above', keys: ['ArrowUp'] },
  { id: 'lane-down', title: 'Focus the trace below', keys: ['ArrowDown'] },
  { id: 'cursor-back', title: 'Cursor one sample back', keys: ['Alt+ArrowUp', ','] },
  { id: 'cursor-on', title: 'Cursor one sample on', keys: ['Alt+ArrowDown', '.'] },
  { id: 'page-length', title: 'Next page length', keys: ['D'] },
  { id: 'high', title: 'Next high filter', keys: ['H'] },
  { id: 'high-back', title: 'Previous high filter', keys: ['Shift+H'] },
  { id: 'low', title: 'Next low filter', keys: ['L'] },
  { id: 'low-back', title: 'Previous low filter', keys: ['Shift+L'] },
  { id: 'notch', title: 'Next notch filter', keys: ['N'] },
  { id: 'polarity', title: 'Negative up or down', keys: ['U'] },
  { id: 'overlap', title: 'Let traces overlap or cut them at their lanes', keys: ['K'] },
  { id: 'mark', title: 'Mark at the cursor or over the span', keys: ['A'] },
  { id: 'accept', title: 'Accept the automatic mark', keys: ['Enter'] },
  { id: 'reject', title: 'Take the mark away', keys: ['Delete', 'Backspace'] },
  { id: 'bad', title: 'Channel bad or good', keys: ['B'] },
  { id: 'automatic', title: 'Channel back to automatic', keys: ['R'] },
  { id: 'all-automatic', title: 'Whole recording back to automatic', keys: ['Shift+R'] },
  { id: 'cursor', title: 'Second cursor', keys: ['C'] },
  { id: 'similar', title: 'Find similar', keys: ['F'] },
  { id: 'why', title: 'Why kept or left out', keys: ['W'] },
  { id: 'panel', title: 'Side panel', keys: ['I'] },
  { id: 'minimap', title: 'Minimap', keys: ['M'] },
  { id: 'table', title: 'Page as a table', keys: ['T'] },
  { id: 'play', title: 'Play or pause', keys: ['Ctrl+Space'] },
  { id: 'faster', title: 'Play at the next speed, 1× to 16×', keys: ['P'] },
  { id: 'paper', title: 'White paper or paper of the theme', keys: [] },
  { id: 'picture', title: 'Save the page as a picture', keys: [] },
  { id: 'copy', title: 'Copy the page as a picture', keys: [] },
  { id: 'close', title: 'Leave the cursor, the span or the question', keys: ['Escape'] },
] as const;

export type ViewerAction = (typeof viewerKeys)[number]['id'];

/** After A: what the mark says. */
export const markKinds = [
  { key: 'O', text: 'Eyes open' },
  { key: 'C', text: 'Eyes closed' },
  { key: 'V', text: 'Hyperventilation' },
  { key: 'P', text: 'Photic' },
  { key: 'S', text: 'Sharp wave' },
  { key: 'Z', text: 'Seizure' },
  { key: 'X', text: 'Artefact' },
] as const;

/** After A X: what kind of artefact; X once more leaves it open. */
export const artefactKinds = [
  { key: 'M', text: 'Muscle' },
  { key: 'V', text: 'Movement' },
  { key: 'E', text: 'Eye' },
  { key: 'P', text: 'Electrode pop' },
  { key: 'L', text: 'Line noise' },
  { key: 'W', text: 'Sweat' },
  { key: 'X', text: 'Other' },
] as const;
