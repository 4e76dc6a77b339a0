/** Reports that try a renderer: very many findings, very many captures, and strings made to do harm. */
import type { Report } from '../../src/index.ts';
import { toReport } from '../../src/report/model.ts';
import { analysis, at, exampleRules, finding, frame } from './example.ts';

/** What an attacker would like to be called. */
export const HOSTILE_STRINGS: readonly string[] = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</style></title></textarea><svg/onload=alert(1)>',
  '<!-- --><![CDATA[x]]>&lt;&#60;',
  '<%= process.exit() %> <%~ it %> ${7*7} {{7*7}}',
  '\u001b[31mred\u001b]0;title\u0007\u009b2J',
  'abc\u202egnp.exe\u2066\u2069\u200b\ufeff',
  'half \ud800 and \udfff',
  'line\nbreak\r\nand\ttab\u2028\u2029\u0085',
  '| a | b |\n|---|---|',
  '[click](javascript:alert(1)) ![x](http://evil.example/x.png) <http://evil.example>',
  '@everyone @octocat #1 !2 GH-3 owner/repo#4 ~bug %"1.0" $x^2$ :ab: :tada:',
  '**bold** __bold__ *it* _it_ ~~gone~~ `code` ``` fence',
  '# heading',
  '1. one',
  '- [ ] task',
  '> quote',
  '---',
  '+ plus',
  '    indented',
  '\\',
  'trailing backslash \\',
  '`',
  '``` `` `',
  'a|b|`c|d`',
  'http://evil.example www.evil.example user@evil.example',
  '&amp; &#x202e; &copy;',
  "=cmd|'/C calc'!A0",
  '{code}x{code} {noformat} h1. x ||head|| [~admin] {color:red}',
  '[ref]: http://evil.example',
  '',
  ' ',
  'x'.repeat(65_536),
  '<'.repeat(65_536),
  '\u{e0041}'.repeat(40_000),
];

/** `count` findings, most of them with all 24 frames. */
export function hugeReport(count: number): Report {
  const frames = Array.from({ length: 24 }, (_, index) => frame(1_000_000 + index));
  const findings = Array.from({ length: count }, (_, index) =>
    finding({
      key: `Q151387|interface 0|${index}`,
      subject: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255} on 00:11:22:33:44:55`,
      frames,
      related: [`Q151387|interface 0|${index + 1}`],
      firstSeen: at(index),
      lastSeen: at(index + 60),
    }),
  );
  return toReport(analysis({ findings }), exampleRules);
}

/** Hostile strings wherever a report has a string that is not the product's own. */
export function hostileReport(count: number = HOSTILE_STRINGS.length): Report {
  const [capture] = analysis().captures;
  const evil = (index: number): string => HOSTILE_STRINGS[index % HOSTILE_STRINGS.length] ?? '';
  const captures = HOSTILE_STRINGS.map((path, index) => ({
    ...capture!,
    path: path === '' ? `${index}` : path,
    linkTypes: [evil(index + 1)],
    oddities: { [`${evil(index)}${index}`]: 1 },
    damage: index === 3 ? { code: 'cut-short' as const, offset: 9, message: evil(index) } : null,
  }));
  const findings = Array.from({ length: count }, (_, index) =>
    finding({
      key: `${index}`,
      kind: index % 7 === 6 ? 'notice' : 'fault',
      subject: evil(index),
      domain: evil(index + 1),
      frames: [frame(7, { file: index % captures.length, role: evil(index + 2), summary: evil(index + 3) })],
      data: { address: evil(index), server: evil(index + 4), overrun: 1, packets: 2 },
      facts: { server: evil(index + 5), [`key${evil(index).slice(0, 40)}`]: evil(index + 6) },
    }),
  );
  const report = toReport(
    analysis({ captures, findings, options: { 'Q151387.graceMinSeconds': 3 } }),
    exampleRules,
    {
      choices: { rules: '<b>`|' },
    },
  );
  const failures = HOSTILE_STRINGS.map((path) => ({
    path,
    code: 'x',
    message: path,
    hint: path,
    offset: null,
  }));
  return { ...report, failures };
}

/** A ring of captures, each of them with something to tell. */
export function manyCaptures(count: number): Report {
  const [capture] = analysis().captures;
  const captures = Array.from({ length: count }, (_, index) => ({
    ...capture!,
    path: `${'long/'.repeat(40)}ring_${String(index).padStart(5, '0')}.pcapng`,
    oddities: { 'minor-version': 3 },
    damage: { code: 'cut-short' as const, offset: index, message: 'the record is cut short' },
  }));
  return toReport(analysis({ captures }), exampleRules);
}
