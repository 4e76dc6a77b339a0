/** Events and states whose names no other picture knows: a plain timeline, so that no rule's series stay without a picture. */
import type { ReportFinding } from '../schema.ts';
import { drawRows, type Row } from './rows.ts';
import { eventsOf, isEvent, isState, type ReportSeries, spansOf } from './series.ts';
import type { Canvas, Chart } from './svg.ts';
import type { Shape, Tone } from './theme.ts';

const TONES: readonly Tone[] = ['good', 'warn', 'other', 'calm'];
const SHAPES: readonly Shape[] = ['dot', 'diamond', 'up', 'square', 'ring', 'down'];
const MAX_ROWS = 12;

export function isTimeline(series: readonly ReportSeries[]): boolean {
  return series.some((each) => isEvent(each) || isState(each));
}

export function drawTimeline(canvas: Canvas, { series, subject, title }: ReportFinding): Chart {
  const shown = series.filter((each) => isEvent(each) || isState(each)).slice(0, MAX_ROWS);
  const rows = shown.map((each, at): Row => {
    const tone = TONES[at % TONES.length] as Tone;
    const { name } = each;
    return {
      label: each.of === undefined ? [name] : [name, each.of],
      bars: isState(each) ? [{ name, legend: '', tone, isHatched: false, spans: spansOf(each) }] : [],
      marks: isEvent(each)
        ? [{ name, legend: '', tone, shape: SHAPES[at % SHAPES.length] as Shape, times: eventsOf(each) }]
        : [],
    };
  });
  const counts = shown.map((each) => `${each.name}: ${each.points.length}`);
  return drawRows(canvas, {
    title: `${title}: what happened when`,
    description: `Timeline of ${subject}. ${counts.join(', ')}.`,
    rows,
  });
}
