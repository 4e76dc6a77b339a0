/** What an analysis comes to, with runs of ordinary packets and without. */
import { rules } from '../../rules/index.ts';
import { END, FEED } from '../../src/capture/capture.ts';
import { InterfaceRegistry } from '../../src/capture/interfaces.ts';
import { openTimeline } from '../../src/capture/timeline.ts';
import { Analysis } from '../../src/engine/analysis.ts';
import type { Rule } from '../../src/engine/rule.ts';

export interface Outcome {
  /** Packets that runs took. */
  readonly inRuns: number;
  readonly report: string;
}

/** Throws `CaptureError` where the bytes are no capture. */
export async function outcomeOf(
  bytes: Uint8Array,
  takesRuns: boolean,
  withRules: readonly Rule[] = rules,
  pieceBytes = 4096,
): Promise<Outcome> {
  const interfaces = new InterfaceRegistry();
  const timeline = await openTimeline([{ bytes, path: 'memory.pcap', pieceBytes }], { interfaces });
  const analysis = new Analysis(withRules, {}, interfaces);
  const { row } = timeline;
  let inRuns = 0;
  for (let status = timeline.next(analysis.packet); status !== END; status = timeline.next(analysis.packet)) {
    if (status === FEED) {
      await timeline.feed();
      continue;
    }
    const mayFollow = analysis.accept();
    if (takesRuns && mayFollow && row !== null) inRuns += analysis.acceptRun(row);
  }
  const [capture] = timeline.captures;
  const { watches, copies, connections, sources } = analysis.trackers;
  const domains = analysis.trackers.domains.list.map(({ name, liveness }) => {
    const { packets, lastTime, longest } = liveness;
    return { name, packets, lastTime, longest };
  });
  const { packets, damage, oversized } = capture ?? {};
  const asked = { shown: watches.shown, examined: copies.examined, shed: connections?.flood.shed };
  const kinds = [...analysis.kinds];
  const { counters } = analysis;
  const result = analysis.finish(0);
  timeline.close();
  const seen = { packets, damage, oversized, kinds, counters, domains, asked, sources: [...sources.all()] };
  return { inRuns, report: JSON.stringify({ ...seen, result }) };
}
