/** Requests for the same long work share its turns. */
import { expect, it } from 'vitest';
import { SharedTurn } from '../../src/scan/shared-turn.ts';

/** Work whose turns end when they are told to. */
function controlled() {
  const turns: Array<{ end: () => void; fail: () => void }> = [];
  const turn = new SharedTurn(
    () =>
      new Promise((resolve, reject) => {
        turns.push({ end: resolve, fail: () => reject(new Error('no room')) });
      }),
  );
  return { turn, turns };
}

it('shares the next turn among all that come during one', async () => {
  const { turn, turns } = controlled();
  const first = turn.request();
  const second = turn.request();
  const third = turn.request();
  expect(turns).toHaveLength(1);
  turns[0]?.end();
  await first;
  await new Promise(setImmediate);
  expect(turns).toHaveLength(2);
  turns[1]?.end();
  await Promise.all([second, third]);
  const later = turn.request();
  expect(turns).toHaveLength(3);
  turns[2]?.end();
  await later;
});

it('fails for those whose turn failed alone', async () => {
  const { turn, turns } = controlled();
  const first = turn.request();
  const second = turn.request();
  turns[0]?.fail();
  await expect(first).rejects.toThrow('no room');
  await new Promise(setImmediate);
  turns[1]?.end();
  await expect(second).resolves.toBeUndefined();
});
