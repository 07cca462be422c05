/** The one table of icons: what each means here, drawn by Lucide. One meaning each. */
import type { Component } from 'svelte';
import type { IconProps } from '@lucide/svelte';
import Files from '@lucide/svelte/icons/files';
import Cable from '@lucide/svelte/icons/cable';
import Activity from '@lucide/svelte/icons/activity';
import FlaskConical from '@lucide/svelte/icons/flask-conical';
import Layers from '@lucide/svelte/icons/layers';
import Target from '@lucide/svelte/icons/target';
import Package from '@lucide/svelte/icons/package';
import FolderOutput from '@lucide/svelte/icons/folder-output';
import ListChecks from '@lucide/svelte/icons/list-checks';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import Settings from '@lucide/svelte/icons/settings';
import CircleQuestionMark from '@lucide/svelte/icons/circle-question-mark';
import Search from '@lucide/svelte/icons/search';
import Undo2 from '@lucide/svelte/icons/undo-2';
import Redo2 from '@lucide/svelte/icons/redo-2';
import Sun from '@lucide/svelte/icons/sun';
import Moon from '@lucide/svelte/icons/moon';
import Keyboard from '@lucide/svelte/icons/keyboard';
import WifiOff from '@lucide/svelte/icons/wifi-off';
import Microchip from '@lucide/svelte/icons/microchip';
import Check from '@lucide/svelte/icons/check';
import ChevronDown from '@lucide/svelte/icons/chevron-down';
import ChevronUp from '@lucide/svelte/icons/chevron-up';
import ChevronLeft from '@lucide/svelte/icons/chevron-left';
import ChevronRight from '@lucide/svelte/icons/chevron-right';
import CircleAlert from '@lucide/svelte/icons/circle-alert';
import OctagonAlert from '@lucide/svelte/icons/octagon-alert';
import TriangleAlert from '@lucide/svelte/icons/triangle-alert';
import Info from '@lucide/svelte/icons/info';
import X from '@lucide/svelte/icons/x';
import Lock from '@lucide/svelte/icons/lock';
import Pin from '@lucide/svelte/icons/pin';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import BookOpen from '@lucide/svelte/icons/book-open';
import Folder from '@lucide/svelte/icons/folder';
import FolderOpen from '@lucide/svelte/icons/folder-open';
import PackageOpen from '@lucide/svelte/icons/package-open';
import Plus from '@lucide/svelte/icons/plus';
import Wrench from '@lucide/svelte/icons/wrench';
import Pause from '@lucide/svelte/icons/pause';
import CircleStop from '@lucide/svelte/icons/circle-stop';
import Play from '@lucide/svelte/icons/play';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import Circle from '@lucide/svelte/icons/circle';
import Ellipsis from '@lucide/svelte/icons/ellipsis';
import Copy from '@lucide/svelte/icons/copy';
import Table from '@lucide/svelte/icons/table';
import Download from '@lucide/svelte/icons/download';
import Clock from '@lucide/svelte/icons/clock';
import Printer from '@lucide/svelte/icons/printer';
import File from '@lucide/svelte/icons/file';
import Trash from '@lucide/svelte/icons/trash';
import Monitor from '@lucide/svelte/icons/monitor';
import Hourglass from '@lucide/svelte/icons/hourglass';
import Image from '@lucide/svelte/icons/image';
import PanelRight from '@lucide/svelte/icons/panel-right';
import Flag from '@lucide/svelte/icons/flag';
import SkipBack from '@lucide/svelte/icons/skip-back';
import SkipForward from '@lucide/svelte/icons/skip-forward';
import GitCompare from '@lucide/svelte/icons/git-compare';

export const icons = {
  recordings: Files,
  channels: Cable,
  viewer: Activity,
  distil: FlaskConical,
  pretrain: Layers,
  calibrate: Target,
  models: Package,
  export: FolderOutput,
  runs: ListChecks,
  history: ScrollText,
  settings: Settings,
  help: CircleQuestionMark,
  search: Search,
  undo: Undo2,
  redo: Redo2,
  sun: Sun,
  moon: Moon,
  keyboard: Keyboard,
  offline: WifiOff,
  engine: Microchip,
  check: Check,
  down: ChevronDown,
  up: ChevronUp,
  left: ChevronLeft,
  right: ChevronRight,
  finding: CircleAlert,
  lost: OctagonAlert,
  look: TriangleAlert,
  info: Info,
  close: X,
  lock: Lock,
  pin: Pin,
  checked: ShieldCheck,
  reason: BookOpen,
  folder: Folder,
  'folder-open': FolderOpen,
  study: PackageOpen,
  add: Plus,
  repair: Wrench,
  pause: Pause,
  stop: CircleStop,
  play: Play,
  done: CircleCheck,
  todo: Circle,
  more: Ellipsis,
  copy: Copy,
  table: Table,
  download: Download,
  recent: Clock,
  print: Printer,
  file: File,
  discard: Trash,
  screen: Monitor,
  queue: Hourglass,
  image: Image,
  panel: PanelRight,
  compare: GitCompare,
  previous: SkipBack,
  next: SkipForward,
  mark: Flag,
} satisfies Record<string, Component<IconProps>>;

export type IconName = keyof typeof icons;
