/** Holds the messages of every rule to what src/report can say. */
import { describe, expect, it } from 'vitest';
import { placeholders } from '../../src/report/message.ts';
import { rules } from '../../rules/index.ts';

const VERDICTS = ['clear', 'found', 'inconclusive', 'notApplicable', 'suspected'];

describe.each(rules.map(({ meta }) => [meta.article.id, meta] as const))(
  '%s',
  (_article, { messages, ...meta }) => {
    it('has a reason for every verdict', () => {
      for (const verdict of VERDICTS) expect(messages[verdict]).toMatch(/\S\.$/);
    });

    it('uses units that exist, and closes its braces', () => {
      for (const [id, template] of Object.entries(messages)) {
        const unknown = placeholders(template).filter(({ isKnownUnit }) => !isKnownUnit);
        expect({ id, unknown }).toEqual({ id, unknown: [] });
        expect(template.replace(/\{[A-Za-z]\w*(?::[^{}]+)?\}/g, '')).not.toMatch(/[{}]/);
      }
    });

    it('describes every option, look-alike and refutation in a sentence', () => {
      const sentences = [
        ...Object.values(meta.options).map(({ description }) => description),
        ...meta.lookAlikes,
        ...meta.refutations,
      ];
      for (const sentence of sentences) expect(sentence).toMatch(/^\S.*\.$/);
      expect(meta.lookAlikes).not.toEqual([]);
      expect(meta.refutations).not.toEqual([]);
    });
  },
);
