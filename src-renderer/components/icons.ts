/** Strokes of the icons on a grid of 20 × 20, drawn 1.5 wide with round caps (`Icon.svelte`). */
export const icons = {
  // The frame of a picture, its lower half grainy.
  denoise:
    'M3.5 5.5a2 2 0 0 1 2-2h9a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2z M10 3.5v13 M6.2 6.6h.01 M7.6 9h.01 M5.9 11h.01 M7.4 13.4h.01',
  // A loss that falls.
  train: 'M3.5 3.5v13h13 M6.25 5.5c.9 5.2 3 7.6 9.75 8',
  // Points of a map, a few of them together.
  latent:
    'M3.5 3.5v13h13 M7 12.5h.01 M9 10.75h.01 M9.5 13.25h.01 M11.5 11.5h.01 M13.25 5h.01 M15.5 6.25h.01 M13.5 7.75h.01 M7.5 6h.01',
  // Bars of a histogram, and the threshold above which little is left.
  analyse: 'M3.5 16.5h13 M5.25 16.5v-4 M7.75 16.5V7.5 M10.25 16.5v-5.5 M15.5 16.5v-2 M13 3.5v10',
  // A rope around some points.
  lasso:
    'M10 4c3.9 0 7 1.8 7 4.25s-3.1 4.25-7 4.25-7-1.8-7-4.25S6.1 4 10 4z M6 12c-1.1.9-1.1 2.2 0 2.6 1.3.4 2.3-.7 1.7-1.7 M6.75 14.75 6 17',
  // A pointer, and what is where it points.
  walk: 'm3.5 3.5 3 8 1.6-3.4L11.5 6.5z M11 11h5.5v5.5H11z',
  // Layers of a network.
  models: 'm10 3 6.5 3.5L10 10 3.5 6.5z M3.5 10 10 13.5l6.5-3.5 M3.5 13.5 10 17l6.5-3.5',
  settings:
    'M3.5 6h6 M14 6h2.5 M9.5 6a2.25 2.25 0 1 0 4.5 0a2.25 2.25 0 1 0-4.5 0 M3.5 14H6 M10.5 14h6 M6 14a2.25 2.25 0 1 0 4.5 0a2.25 2.25 0 1 0-4.5 0',
  keyboard:
    'M2.5 7a1.5 1.5 0 0 1 1.5-1.5h12A1.5 1.5 0 0 1 17.5 7v6a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 13z M7 11.75h6 M5.5 8.5h.01 M8.5 8.5h.01 M11.5 8.5h.01 M14.5 8.5h.01',
  info: 'M10 17a7 7 0 1 0 0-14a7 7 0 0 0 0 14z M10 9.25v4 M10 6.75h.01',
  warning: 'M10 3.5 17.25 16H2.75z M10 8.25v3.5 M10 13.75h.01',
  error: 'M7 3h6l4 4v6l-4 4H7l-4-4V7z M10 6.75v3.75 M10 13.25h.01',
  circle: 'M10 14.5a4.5 4.5 0 1 0 0-9a4.5 4.5 0 0 0 0 9z',
  clock: 'M10 17a7 7 0 1 0 0-14a7 7 0 0 0 0 14z M10 6v4.25l2.75 1.75',
  check: 'm4.5 10.5 3.75 3.75 7.25-8',
  close: 'm5.5 5.5 9 9 M14.5 5.5l-9 9',
  add: 'M10 4.5v11 M4.5 10h11',
  minus: 'M4.5 10h11',
  more: 'M5 10h.01 M10 10h.01 M15 10h.01',
  down: 'm6 8 4 4 4-4',
  up: 'm6 12 4-4 4 4',
  left: 'm12 6-4 4 4 4',
  right: 'm8 6 4 4-4 4',
  folder:
    'M3 6a1.5 1.5 0 0 1 1.5-1.5h3l1.75 2h6.25A1.5 1.5 0 0 1 17 8v6a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 14z',
  file: 'M5.5 3.5h5.75l3.25 3.25v9.75h-9z M11 3.75V7h3.25',
  picture: 'M3.5 5h13v10h-13z m0 8 3.5-3 2.5 2 3-3.5 4 4 M7.25 8h.01',
  trash: 'M4 6h12 M8 6V4h4v2 M5.5 6l.75 10.5h7.5L14.5 6 M8.5 9v4.5 M11.5 9v4.5',
  pencil: 'm4 16 .75-3.25 8.5-8.5 2.5 2.5-8.5 8.5z M11.5 6l2.5 2.5',
  export: 'M10 12.5V3.5 M6.5 6.75 10 3.25l3.5 3.5 M4 11.5v4.75h12V11.5',
  download: 'M10 3.5v9 M6.5 9.25l3.5 3.5 3.5-3.5 M4 12.5v3.75h12V12.5',
  save: 'M4 4h9.5L16 6.5V16H4z M7 4v4h5.5V4 M7 16v-4.5h6V16',
  copy: 'M7.5 7.5h9v9h-9z M12.5 7.25V3.5h-9v9h3.75',
  reveal: 'M11 4h5v5 M16 4l-6.5 6.5 M8.5 4.5H4V16h11.5v-4.5',
  undo: 'M7 5 3.75 8.25 7 11.5 M4 8.25h7.5a4 4 0 0 1 0 8H8',
  redo: 'm13 5 3.25 3.25L13 11.5 M16 8.25H8.5a4 4 0 0 0 0 8H12',
  retry: 'M15.75 8.25A6 6 0 1 0 16 11 M16 4.5v4h-4',
  paste: 'M7 4.5H5v12h10v-12h-2 M7.5 3.25h5v2.5h-5z M7.75 9.5h4.5 M7.75 12.5h4.5',
  dice: 'M5.5 3.5h9a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2z M7 7h.01 M13 7h.01 M10 10h.01 M7 13h.01 M13 13h.01',
  target: 'M10 15.5a5.5 5.5 0 1 0 0-11a5.5 5.5 0 0 0 0 11z M10 2.5v4 M10 13.5v4 M2.5 10h4 M13.5 10h4',
  pause: 'M7 5v10 M13 5v10',
  play: 'M6.5 4.5v11l8.5-5.5z',
  stop: 'M5.5 5.5h9v9h-9z',
  star: 'm10 3.25 2.05 4.3 4.7.6-3.45 3.25.87 4.65L10 13.8l-4.17 2.25.87-4.65L3.25 8.15l4.7-.6z',
  eye: 'M2.5 10S5 4.75 10 4.75 17.5 10 17.5 10 15 15.25 10 15.25 2.5 10 2.5 10z M10 12.25a2.25 2.25 0 1 0 0-4.5a2.25 2.25 0 0 0 0 4.5z',
  split: 'M3.5 4.5h13v11h-13z M10 3v14',
  'side-by-side': 'M3 5h6v10H3z M11 5h6v10h-6z',
  // From one to the other and back.
  blink: 'M4 7h11 M12.25 4.25 15 7l-2.75 2.75 M16 13H5 M7.75 10.25 5 13l2.75 2.75',
  residual: 'M2.5 10h2l1.75-4.5 2.5 9 2.5-7.5 1.75 5 1-2h3.5',
  'zoom-in':
    'M8.75 14a5.25 5.25 0 1 0 0-10.5a5.25 5.25 0 0 0 0 10.5z m3.75-1.5 4.25 4.25 M8.75 6.5V11 M6.5 8.75H11',
  'zoom-out': 'M8.75 14a5.25 5.25 0 1 0 0-10.5a5.25 5.25 0 0 0 0 10.5z m3.75-1.5 4.25 4.25 M6.5 8.75H11',
  'one-to-one': 'M4.5 6.25 6.75 5v10 M13.25 6.25 15.5 5v10 M10.25 8.25h.01 M10.25 12.25h.01',
  'panel-left': 'M3.5 4.5h13v11h-13z M8 4.5v11',
  'panel-right': 'M3.5 4.5h13v11h-13z M12 4.5v11',
  fit: 'M4 7.5V4h3.5 M12.5 4H16v3.5 M16 12.5V16h-3.5 M7.5 16H4v-3.5',
} as const

export type IconName = keyof typeof icons
