/**
 * Strings that somebody else chose: what a host, a user, an interface, a comment or a file can be called by one who wants a
 * report to show what is not there, or to do what it must not. `EVIL` marks what is theirs; a line that begins with `FORGED`
 * would be one of the report.
 */

const ESC = '\u001b';

export const HOSTILE_STRINGS = {
  terminal: [
    `${ESC}[31;1mEVIL${ESC}[0m`,
    `${ESC}[2J${ESC}[1;1HEVIL`,
    `${ESC}]0;EVIL\u0007`,
    `${ESC}]8;;http://evil.example${ESC}\\EVIL${ESC}]8;;${ESC}\\`,
    `${ESC}]52;c;RVZJTA==\u0007`,
    `${ESC}PEVIL${ESC}\\${ESC}_EVIL${ESC}\\`,
    '\u009b31mEVIL\u009d0;EVIL\u009c\u0085\u0090EVIL',
    'EVIL\b\b\b\bGOOD\u007f',
    `EV\u0000IL`,
  ],
  lines: [
    'EVIL\nFORGED verdict: no known fault found',
    'EVIL\r\nFORGED\r\n',
    '\rFORGED',
    '\u2028FORGED\u2029FORGED',
    'EVIL\u000bFORGED\u000cFORGED\u001cFORGED\u001dFORGED\u001eFORGED\u0085FORGED',
    'EVIL\n\n# FORGED\n\n| FORGED | FORGED |\n| --- | --- |\n',
    'EVIL\tEVIL',
  ],
  unicode: [
    'LIVE\u202eEVIL\u202c',
    '\u2066EVIL\u2067EVIL\u2068EVIL\u2069\u200e\u200f\u061c',
    'E\u200bV\u200cI\u200dL\u2060\ufeff\u00ad\u180e',
    '\u3164\u115f\u1160\uffa0\u034f\u17b4EVIL\ufe0f\u{e0100}\u{e0041}\u{e007f}',
    `EVIL${'\u0301'.repeat(64)}`,
    'EVIL\ud800',
    '\udc00EVIL\ud800\ud800',
    '\ufffe\uffff\ufdd0\u{1fffe}EVIL',
    '\u2800\u3000\u00a0EVIL 名前 Größe 🙂 ПРИВЕТ',
  ],
  html: [
    '<script>alert("EVIL")</script>',
    '</title></style></textarea></script><img src=x onerror=alert("EVIL")>',
    '<svg/onload=alert("EVIL")>',
    '<!-- EVIL --!><marquee>EVIL',
    ']]>EVIL<![CDATA[<marquee>',
    '" onmouseover="alert(EVIL)" x="',
    "' onfocus='alert(EVIL)' autofocus='",
    '`onclick=alert(EVIL)`',
    '&lt;marquee&gt;EVIL&#x202e;&amp;&quot;&nbsp',
    'javascript:alert("EVIL")',
    '<%= EVIL %><%~ EVIL %>{{EVIL}}${EVIL}',
    '<iframe src="http://evil.example"></iframe><base href="http://evil.example">',
  ],
  markdown: [
    '[EVIL](http://evil.example)',
    '![EVIL](http://evil.example/evil.png)',
    '[EVIL]: http://evil.example',
    '<http://evil.example>',
    'http://evil.example/EVIL www.evil.example evil@evil.example',
    '@evil-team evil/evil#1',
    'EVIL | EVIL | EVIL',
    '| EVIL |',
    'EVIL\\| EVIL\\',
    '```\nEVIL\n```',
    '```` EVIL',
    '`EVIL',
    '``EVIL`EVIL',
    '~~~\nEVIL',
    '**EVIL** __EVIL__ _EVIL_ ~~EVIL~~',
    '\\`EVIL\\`',
    '# EVIL',
    '> EVIL',
    '- [ ] EVIL',
    '1. EVIL',
    '---',
    '$EVIL$ $$EVIL$$',
    '[^EVIL]: EVIL',
    ':EVIL: :+1:',
  ],
  jira: [
    '{code}EVIL{code}',
    '{html}EVIL{html}{noformat}',
    '{color:red}EVIL{color}',
    '!http://evil.example/evil.png!',
    '[EVIL|http://evil.example]',
    '[~evil] h1. EVIL',
    '||EVIL||EVIL||',
    '-EVIL- +EVIL+ ^EVIL^ ??EVIL??',
  ],
  spreadsheet: [
    '=HYPERLINK("http://evil.example","EVIL")',
    '+EVIL',
    `-2+3+cmd|' /C calc'!A0`,
    '@SUM(EVIL)',
    '\t=EVIL',
    '\r=EVIL',
    '\n=EVIL',
    ' =EVIL',
    '"=EVIL',
    "'=EVIL",
    "''+EVIL",
    'EVIL",=EVIL,"',
    'EVIL;=EVIL;"=EVIL";\t-EVIL; @EVIL',
    '\uff1dEVIL',
    '\uff0bEVIL',
  ],
  names: [
    '',
    '.',
    '..',
    '-',
    '-rf',
    '--output=EVIL',
    '../../EVIL',
    '%00%2e%2e%2fEVIL?x=1#y',
    'a:b\\EVIL',
    '$(touch EVIL)`touch EVIL`;\'"\\!EVIL',
    '{0} {1:EVIL} %s%n {{0}}',
    '[EVIL](1)',
    '__proto__',
    'constructor',
    'toString',
    'null',
    '$&$1$`EVIL',
  ],
  long: ['E'.repeat(65_536), '<'.repeat(65_536), '`|"\u202e'.repeat(16_384), `${ESC}[`.repeat(32_768)],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type HostileKind = keyof typeof HOSTILE_STRINGS;

/** What files can be called: everything but slashes and NUL, up to 255 bytes. */
export const HOSTILE_FILE_NAMES: readonly string[] = Object.values(HOSTILE_STRINGS)
  .flat()
  .filter(
    (name) =>
      !/[/\0\p{Cs}]/u.test(name) && !['', '.', '..', '-'].includes(name) && Buffer.byteLength(name) <= 240,
  );
