import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { analyze } from '../../src/engine/analyze.ts';
import { render } from '../../src/report/formats.ts';
import { toReport } from '../../src/report/model.ts';
import { describeDevice } from '../../src/report/style.ts';
import { findTimeZone } from '../../src/report/time-zone.ts';
import { payload, pcap } from '../capture/build.ts';
import { netmon } from '../capture/netmon-file.ts';

const frames = [0n, 60_000_000n].map((delta) => ({ data: payload(60), delta }));
const local = { path: 'trace.cap', bytes: netmon(frames) };
const utc = { path: 'trace.pcap', bytes: pcap([{ seconds: 981_173_106, data: payload(60) }]) };

async function reportOf(inputs: Parameters<typeof analyze>[0], tz?: string) {
  const zone = tz === undefined ? null : findTimeZone(tz);
  const result = await analyze(inputs, { rules, ...(zone === null ? {} : { localZone: zone }) });
  return toReport(result, rules, tz === undefined ? {} : { choices: { tz } });
}

describe('times without a zone', () => {
  it('are shown without one, and every format says so', async () => {
    const report = await reportOf([local]);
    expect(report.captures).toMatchObject([
      {
        format: 'netmon2',
        timeZone: 'unknown',
        firstTime: '2001-02-03T04:05:06.411000',
        lastTime: '2001-02-03T04:06:06.411000',
        durationSeconds: 60,
        oddities: { 'local-time': 1 },
      },
    ]);
    expect(report.health.gaps).toMatchObject([{ from: '2001-02-03T04:05:06.411000' }]);
    for (const format of ['text', 'markdown', 'html', 'sarif'] as const) {
      const device = describeDevice(null, {});
      const text = await render(report, format, device, { rules, exitCode: 0 });
      expect(text.replace(/\s+/g, ' ')).toContain('whose zone the format does not keep');
    }
  });

  it('are UTC where the zone was named', async () => {
    const report = await reportOf([local], 'Europe/Berlin');
    expect(report.captures).toMatchObject([
      { timeZone: 'UTC', firstTime: '2001-02-03T03:05:06.411000Z', oddities: { 'local-time-in-zone': 1 } },
    ]);
  });

  it('leave those of other captures as they are', async () => {
    const report = await reportOf([local, utc]);
    expect(report.captures.map(({ timeZone, firstTime }) => [timeZone, firstTime])).toEqual([
      ['unknown', '2001-02-03T04:05:06.411000'],
      ['UTC', '2001-02-03T04:05:06.000000Z'],
    ]);
  });
});
