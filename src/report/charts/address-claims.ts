/** An address over time, a row for each station: who claimed it when, whose frames came from it, what went there in vain. */
import type { ReportFinding } from '../schema.ts';
import { type Bars, drawRows, type Row } from './rows.ts';
import { eventsOf, isEvent, isState, type ReportSeries, spansOf, subjectsOf } from './series.ts';
import { type EventStyle, marksOf } from './styles.ts';
import type { Canvas, Chart } from './svg.ts';
import type { Tone } from './theme.ts';

interface Claim extends Omit<EventStyle, 'tone'> {
  /** The station's own tone where none is given. */
  readonly tone?: Tone;
  /** By this the station says that the address is its own. */
  readonly isClaim: boolean;
}

const CLAIMS: readonly Claim[] = [
  { name: 'announcement', legend: 'announcement', shape: 'up', lane: 'upper', isClaim: true },
  { name: 'ARP request', legend: 'ARP request', shape: 'dot', lane: 'upper', isClaim: true },
  { name: 'ARP reply', legend: 'ARP reply', shape: 'diamond', lane: 'upper', isClaim: true },
  { name: 'correction', legend: 'correction for the owner', shape: 'down', lane: 'upper', isClaim: false },
  { name: 'ARP probe', legend: 'probe before use', shape: 'ring', lane: 'upper', isClaim: false },
  { name: 'contested claim', legend: 'claim contested', shape: 'diamond', lane: 'upper', isClaim: false },
  { name: 'DHCP lease', legend: 'DHCP lease', shape: 'square', lane: 'upper', isClaim: false },
  { name: 'DHCP decline', legend: 'DHCP decline', shape: 'cross', lane: 'upper', isClaim: false },
  {
    name: 'ARP names it',
    legend: 'ARP names this MAC address',
    shape: 'diamond',
    lane: 'upper',
    isClaim: false,
  },
  {
    name: 'ARP request repeated',
    legend: 'ARP request repeated',
    shape: 'up',
    lane: 'upper',
    isClaim: false,
  },
  {
    name: 'answer to a broadcast',
    legend: 'answer to a broadcast',
    shape: 'square',
    lane: 'upper',
    isClaim: false,
  },
  {
    name: 'frame to it unanswered',
    legend: 'frame to it unanswered',
    shape: 'cross',
    lane: 'lower',
    tone: 'bad',
    isClaim: false,
  },
  { name: 'IPv4 traffic', legend: 'IPv4 from the address', shape: 'tick', lane: 'lower', isClaim: false },
  { name: 'frame from it', legend: 'frame from it', shape: 'tick', isClaim: false },
];

const FRAMES = 'frames come from';
const CLAIM_NAMES = new Set(CLAIMS.map(({ name }) => name));
/** The first station, the second, and all further ones. */
const STATION_TONES: readonly Tone[] = ['good', 'bad', 'other', 'warn', 'calm'];
const MAX_STATIONS = 10;
/** Turns shown as a line; more of them would only blacken the picture. */
const MAX_TURNS = 200;

interface Turn {
  readonly time: number;
  readonly row: number;
}

export function isClaimed(series: readonly ReportSeries[]): boolean {
  return series.some(
    (each) => (isEvent(each) && CLAIM_NAMES.has(each.name)) || (isState(each) && each.name === FRAMES),
  );
}

export function drawClaims(canvas: Canvas, finding: ReportFinding): Chart {
  const isMoved = finding.series.some(({ name }) => name === FRAMES);
  const title = isMoved ? 'Where frames come from, and what ARP says' : 'Who claimed the address when';
  return draw(canvas, finding, subjectsOf(finding.series).slice(0, MAX_STATIONS), title);
}

function draw(
  canvas: Canvas,
  { series, subject }: ReportFinding,
  stations: readonly string[],
  title: string,
): Chart {
  const isMoved = series.some(({ name }) => name === FRAMES);
  const rows = stations.map((station, at) => {
    const own = series.filter(({ of = '' }) => of === station);
    const tone = isMoved ? 'good' : (STATION_TONES[Math.min(at, STATION_TONES.length - 1)] as Tone);
    return rowOf(station, own, tone);
  });
  const turns = isMoved ? [] : turnsOf(stations, series);
  const changes = changesOf(turns);
  return drawRows(canvas, {
    title,
    description: [
      `Timeline of ${subject}, a row for each of ${stations.length} MAC addresses.`,
      ...rows.map(describeRow),
      ...(changes > 0 ? [`The address changes hands ${changes} times.`] : []),
    ].join(' '),
    rows,
    isToneOfRow: !isMoved,
    links: turns.length > MAX_TURNS ? [] : turns,
  });
}

/** Claims this close together, as a share of the picture, are one quarrel that its own picture must show. */
const QUARREL_GAP = 0.01;
const MOST_QUARREL = 0.04;

/** The quarrel with most turns, where the picture of the whole time shows it as one spot; null without one. */
export function drawQuarrel(canvas: Canvas, finding: ReportFinding): Chart | null {
  const { series } = finding;
  const stations = subjectsOf(series).slice(0, MAX_STATIONS);
  const turns = turnsOf(stations, series);
  const times = series.flatMap((each) => each.points.map(([time = 0]) => time));
  const whole =
    times.reduce((max, time) => Math.max(max, time), 0) - Math.min(...turns.map(({ time }) => time));
  let best: Turn[] = [];
  let run: Turn[] = [];
  for (const turn of turns) {
    const last = run.at(-1);
    if (last !== undefined && turn.time - last.time > QUARREL_GAP * whole) run = [];
    run.push(turn);
    if (changesOf(run) > changesOf(best)) best = [...run];
    else if (changesOf(run) === changesOf(best) && run[0] === best[0]) best = [...run];
  }
  const from = best[0]?.time ?? 0;
  const to = best.at(-1)?.time ?? 0;
  if (changesOf(best) === 0 || to <= from || to - from > MOST_QUARREL * whole) return null;
  const margin = (to - from) * 0.25;
  const near = series
    .map((each) => ({
      ...each,
      points: each.points.filter(([time = 0]) => time >= from - margin && time <= to + margin),
    }))
    .filter((each) => each.points.length > 0 && !isState(each));
  return draw(canvas, { ...finding, series: near }, stations, 'A clash of claims, close up');
}

function changesOf(turns: readonly Turn[]): number {
  return turns.filter(({ row }, at) => at > 0 && turns[at - 1]?.row !== row).length;
}

function rowOf(station: string, series: readonly ReportSeries[], tone: Tone): Row {
  const styles = CLAIMS.map((claim): EventStyle => ({ ...claim, tone: claim.tone ?? tone }));
  const marks = marksOf(styles, series);
  const bars = series
    .filter((each) => isState(each) && each.name === FRAMES)
    .map(
      (each): Bars => ({
        name: each.name,
        legend: 'the station sends from it',
        tone,
        isHatched: false,
        spans: spansOf(each),
      }),
    );
  const isNamed = marks.some(({ name }) => name === 'ARP names it');
  const said = bars.length === 0 ? [] : [isNamed ? 'named by ARP' : 'not named by ARP'];
  return { label: [station, ...said], bars, marks, isTall: bars.length > 0 };
}

/** The claims in order of time, each in its station's row. */
function turnsOf(stations: readonly string[], series: readonly ReportSeries[]): Turn[] {
  const names = new Set(CLAIMS.filter(({ isClaim }) => isClaim).map(({ name }) => name));
  return series
    .filter(({ name, of = '' }) => names.has(name) && stations.includes(of))
    .flatMap((each) => eventsOf(each).map((time) => ({ time, row: stations.indexOf(each.of ?? '') })))
    .toSorted((a, b) => a.time - b.time);
}

function describeRow({ label, marks, bars }: Row): string {
  const seen = marks.map(({ times, legend }) => `${times.length} × ${legend}`);
  const held = bars.flatMap(({ spans }) => spans).length;
  return `${label.join(' ')}: ${[...(held > 0 ? [`frames in ${held} stretches`] : []), ...seen].join(', ')}.`;
}
