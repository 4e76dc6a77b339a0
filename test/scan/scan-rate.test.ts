/** The line that says how far a scan is. */
import { describe, expect, it } from 'vitest';
import { fitParts, ScanRate } from '../../src/cli/scan-rate.ts';

const MIB = 1024 * 1024;

describe('a scan of one large and a thousand small captures', () => {
  it('says what is done, found, left, and how fast it goes', () => {
    const tally = { allFiles: 1001, allBytes: 4000 * MIB, files: 0, bytes: 0, findings: 0 };
    const rate = new ScanRate(tally);
    expect(rate.state(0, 0)).toEqual({ share: 0, text: '0 of 1,001 files, 0 findings, 0 bytes of 3.9 GiB' });
    const { share, text } = rate.state(1000 * MIB, 10);
    expect(text).toBe('0 of 1,001 files, 0 findings, 51 s left, 1000 MiB of 3.9 GiB, 100 MiB/s');
    expect(share).toBeCloseTo(1000 / 6002);
  });

  it('is not at its end when the bytes are', () => {
    const tally = { allFiles: 1001, allBytes: 4000 * MIB, files: 1, bytes: 3990 * MIB, findings: 1 };
    const rate = new ScanRate({ ...tally, files: 0, bytes: 0 });
    const late = new ScanRate(tally);
    tally.files = 501;
    tally.bytes = 3999 * MIB;
    expect(late.state(0, 10).text).toMatch(/^501 of 1,001 files, 1 finding, 10 s left, 3\.9 of 3\.9 GiB, /);
    expect(late.state(0, 10).share).toBeLessThan(0.9);
    expect(rate.state(0, 10).text).toContain('0 of 1,001 files');
  });

  it('never says that less than a second is left, nor goes above the whole', () => {
    const tally = { allFiles: 1, allBytes: 10 * MIB, files: 0, bytes: 0, findings: 0 };
    const rate = new ScanRate(tally);
    expect(rate.state(10 * MIB, 10).text).toBe('0 of 1 file, 0 findings, 2 s left, 10 of 10 MiB, 1 MiB/s');
    tally.files = 1;
    tally.bytes = 10 * MIB;
    expect(rate.state(5 * MIB, 10)).toMatchObject({ share: 1 });
    expect(rate.state(0, 10).text).toContain(' 1 s left, ');
  });

  it('has no rate of what was done before', () => {
    const tally = { allFiles: 4, allBytes: 4 * MIB, files: 2, bytes: 2 * MIB, findings: 7 };
    const rate = new ScanRate(tally);
    expect(rate.state(0, 5).text).toBe('2 of 4 files, 7 findings, 2 of 4 MiB');
    expect(rate.state(MIB, 1).text).toBe('2 of 4 files, 7 findings, 5 s left, 3 of 4 MiB, 1 MiB/s');
  });

  it('of nothing is done', () => {
    const rate = new ScanRate({ allFiles: 0, allBytes: 0, files: 0, bytes: 0, findings: 0 });
    expect(rate.state(0, 3)).toEqual({ share: 1, text: '0 of 0 files, 0 findings, 0 of 0 bytes' });
  });
});

it('a narrow terminal shows the first parts of a line, whole', () => {
  const text = '1,120 of 2,520 files, 12 findings, 1 min 5 s left';
  expect(fitParts(text, 49)).toBe(text);
  expect(fitParts(text, 48)).toBe('1,120 of 2,520 files, 12 findings');
  expect(fitParts(text, 3)).toBe('1,120 of 2,520 files');
});
