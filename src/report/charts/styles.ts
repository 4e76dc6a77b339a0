/** How the events and states of a name are drawn, and what series come to when drawn so. */
import type { Bars, Marks } from './row-layout.ts';
import { eventsOf, isEvent, isState, type ReportSeries, type Span, spansOf } from './series.ts';

export type EventStyle = Omit<Marks, 'times'>;

export type StateStyle = Omit<Bars, 'spans' | 'label'>;

/** In the order of the styles; events that did not happen have no marks. */
export function marksOf(styles: readonly EventStyle[], series: readonly ReportSeries[]): Marks[] {
  return styles.flatMap((style) => {
    const times = series.filter((each) => isEvent(each) && each.name === style.name).flatMap(eventsOf);
    return times.length === 0 ? [] : [{ ...style, times }];
  });
}

/** In the order of the styles; `label` is what is written over a bar where there is room. */
export function barsOf<Style extends StateStyle>(
  styles: readonly Style[],
  series: readonly ReportSeries[],
  label: (style: Style, span: Span) => string,
): Bars[] {
  return styles.flatMap((style) => {
    const spans = series.filter((each) => isState(each) && each.name === style.name).flatMap(spansOf);
    return spans.length === 0 ? [] : [{ ...style, spans, label: (span) => label(style, span) }];
  });
}

/** Whether one of the series is drawn by one of the styles. */
export function isStyled(
  series: readonly ReportSeries[],
  {
    states = [],
    events = [],
  }: { readonly states?: readonly StateStyle[]; readonly events?: readonly EventStyle[] },
): boolean {
  return series.some(
    (each) =>
      (isState(each) && states.some(({ name }) => name === each.name)) ||
      (isEvent(each) && events.some(({ name }) => name === each.name)),
  );
}
