/** The address that seems lost was given again, or given from elsewhere, in a way that the pool's own offers do not show. */
import type { Scenario, Script } from '../../../../samples/craft/index.ts';
import { SILENT, lookAlike } from './expectations.ts';
import { leak } from './positives.ts';
import type { TransportKind } from './links.ts';

/** P1, but a caller who had .11 in a call of before asks for it, and the server acknowledges that. */
function askedFor(transport: TransportKind, user: string): Script {
  const ras = leak({ transport, refusals: ['ipcpTerminate', 'ipcpTerminate'] });
  return ras.gets(110, user, '.11', { ownAddress: true, line: 0 }).end(140);
}

export const givenOtherwise: readonly Scenario[] = [
  ...(['pptp', 'pppoe'] as const).flatMap((transport) =>
    ['u1', 'u7'].map((user) =>
      lookAlike(
        `given-asked-${transport}-${user}`,
        'the address was given again to a caller who asked for it by itself',
        SILENT,
        () => askedFor(transport, user),
      ),
    ),
  ),
];
