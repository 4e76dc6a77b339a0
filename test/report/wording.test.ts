import { describe, expect, it } from 'vitest';
import { KIND_NAMES } from '../../src/wire/packet.ts';
import { renderInfo, toCaptureInfo } from '../../src/report/info.ts';
import {
  evidenceSentence,
  healthSentences,
  notExaminedSentence,
  oddityWords,
  undecidedSentence,
} from '../../src/report/wording.ts';
import { analysis } from './example.ts';

const sound = { ...analysis().health, notExamined: { ...analysis().health.notExamined, ipv6: 0 }, gaps: [] };

describe('reasons', () => {
  it('name every reason that rules share', () => {
    const shared = [
      'cut',
      'clockStep',
      'captureGap',
      'oneDirection',
      'drops',
      'multiPoint',
      'evicted',
      'endOfCapture',
      'notVisible',
      'tooFew',
    ];
    for (const reason of [...shared, 'expiryNotReached', 'renewalsNotVisible']) {
      expect(undecidedSentence({ [reason]: 2 })).toMatch(/^Not judged: 2 (because|whose|used|not) .+\.$/);
    }
  });

  it('are readable without words of their own', () => {
    expect(undecidedSentence({ someNewReason: 1 })).toBe('Not judged: 1 some new reason.');
    expect(undecidedSentence({ constructor: 1 })).toBe('Not judged: 1 constructor.');
    expect(oddityWords('toString')).toBe('toString');
  });

  it('are silent about nothing', () => {
    expect(undecidedSentence({ cut: 0 })).toBe('');
    expect(notExaminedSentence({})).toBe('');
  });
});

describe('health', () => {
  it('is silent for a sound capture', () => {
    expect(healthSentences(sound)).toEqual([]);
  });

  it.each([
    [
      { drops: { packets: 5, fraction: 0.02, located: 2, ackedUnseen: 0 } },
      'The capture lost 5 packets (2 %), 2 of them at a known place.',
    ],
    [
      { drops: { packets: 0, fraction: 0, located: 0, ackedUnseen: 7 } },
      '7 acknowledgements of data that was never recorded',
    ],
    [{ clockEpochs: 2 }, 'The recording clock steps 2 times'],
    [{ duplicates: 1 }, '1 duplicate record counts once.'],
    [
      { multiPoint: { copies: 30, offsetMillis: 400 } },
      '30 packets were recorded by a second tap as well, 400 ms apart',
    ],
    [{ oneSidedConnections: 3 }, '3 connections show only one direction.'],
    [{ truncatedPackets: 9 }, '9 packets are cut by the snap length.'],
    [{ malformedPackets: 1 }, '1 packet is malformed.'],
    [{ withoutTime: 2 }, '2 packets carry no time.'],
    [{ evictions: { leases: 4 } }, 'State dropped to bound memory: 4 leases.'],
    [{ notExamined: { ...sound.notExamined, oversized: 1 } }, 'Packets not examined: 1 longer than 256 KiB.'],
    [{ gaps: [{ domain: 'eth0', from: null, seconds: 90 }] }, 'No packet for 1 min 30 s on eth0.'],
  ])('%j', (changes, sentence) => {
    const sentences = healthSentences({ ...sound, ...changes });
    expect(sentences).toHaveLength(1);
    expect(sentences[0]).toContain(sentence);
  });

  it('shows the longest gaps and counts the others; short ones are part of a living capture', () => {
    const gaps = [90, 80, 70, 60, 30].map((seconds) => ({ domain: 'eth0', from: null, seconds }));
    const sentences = healthSentences({ ...sound, gaps });
    expect(sentences).toHaveLength(4);
    expect(sentences[3]).toBe('1 more gap of that kind.');
  });
});

it('info has words for every kind of packet', async () => {
  const counts = Object.fromEntries([...KIND_NAMES, 'tcpSyn'].map((kind) => [kind, 1]));
  const page = await renderInfo(toCaptureInfo(analysis({ counts })), { width: 100, hasColour: false });
  for (const name of ['tcpControl', 'ipv4Other', 'linkTunnel', 'unknownLink', 'rarp', 'tcpSyn'])
    expect(page).not.toContain(name);
});

it.each([
  [{ frames: 0, citedFrames: 0, missingFrames: 0 }, 'There is no frame in it, as no finding cites one.'],
  [
    { frames: 1, citedFrames: 1, missingFrames: 0 },
    '1 cited frame; the comment of each says what it proves and its original number.',
  ],
  [
    { frames: 1200, citedFrames: 1, missingFrames: 2 },
    '1 cited frame and 1,199 around it; the comment of each says what it proves and its original number. 2 cited frames are missing, as the capture was changed after it was read.',
  ],
])('the evidence in words: %j', (counts, sentence) => {
  expect(evidenceSentence({ path: 'e.pcapng', context: 0, ...counts })).toBe(sentence);
});
